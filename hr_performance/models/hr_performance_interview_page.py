from odoo import models
from odoo.tools import format_date, format_datetime


class HrPerformanceInterview(models.Model):
    """An interview as pages show it, in the language of the reader."""

    _inherit = "hr.performance.interview"

    def _get_page_values(self):
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        actors = {"employee": self.employee_id.name, "manager": self.holder_id.name}
        return {
            "id": self.id,
            "employee": self.employee_id.name,
            "holder": self.holder_id.name,
            "state": states[self.state],
            "is_held": self.state in ("held", "acknowledged"),
            "start": self._show_moment(self.start),
            "location": self.location or "",
            "agenda": self.agenda or "",
            "employee_topics": self.employee_topics or "",
            "notes": self.notes or "",
            "employee_comment": self.employee_comment or "",
            "agreements": [
                {
                    "name": agreement.name,
                    "actor": actors[agreement.actor],
                    "from": format_date(self.env, agreement.date_start),
                }
                for agreement in self.agreement_ids
            ],
            "can_edit_topics": self.can_edit_topics and self.is_own,
            "can_acknowledge": self.can_acknowledge,
        }

    def _show_moment(self, moment):
        return format_datetime(self.env, moment, dt_format="short") if moment else ""
