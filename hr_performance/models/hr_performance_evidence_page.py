from odoo import models
from odoo.tools import format_date


class HrPerformanceEvidence(models.Model):
    """Evidence on the page of the employee who submitted it."""

    _inherit = "hr.performance.evidence"

    def _get_page_values(self):
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "id": self.id,
            "date": format_date(self.env, self.date),
            "description": self.description,
            "quantity": self.review_line_id._show_value(self.quantity),
            "state": self.state,
            "state_label": states[self.state],
            "reason": self.decision_reason or "",
        }
