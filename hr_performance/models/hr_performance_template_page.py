from odoo import models
from odoo.fields import Domain


class HrPerformanceTemplate(models.Model):
    _inherit = "hr.performance.template"

    def action_view_versions(self):
        """All versions of the template, the archived ones as well."""
        self.ensure_one()
        root = self.root_id or self
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Versions of %(template)s", template=self.name),
            "res_model": self._name,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": list(Domain("root_id", "=", root.id) | Domain("id", "=", root.id)),
            "context": {"active_test": False},
        }
