from odoo import api, models
from odoo.fields import Domain


class HrPerformanceTemplate(models.Model):
    """What the form of a template does besides keeping it."""

    _inherit = "hr.performance.template"

    @api.onchange("job_ids", "department_ids")
    def _onchange_scope(self):
        """A template for positions of one company is a template of that company."""
        companies = self.job_ids.company_id | self.department_ids.company_id
        if not self.company_id and len(companies) == 1:
            self.company_id = companies

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
