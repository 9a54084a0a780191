from odoo import api, models

from .hr_performance_privacy import Personal


class HrPerformancePrivacy(models.AbstractModel):
    """What interviews hold about people."""

    _inherit = "hr.performance.privacy"

    @api.model
    def _anonymise(self, employees):
        """Appointments name the person in two calendars: they go before the name does."""
        interviews = self.env["hr.performance.interview"].search(
            [("employee_id", "in", employees.ids)]
        )
        quiet = {"dont_notify": True, "no_mail_to_attendees": True}
        interviews.event_id.with_context(**quiet).unlink()
        return super()._anonymise(employees)

    @api.model
    def _get_personal(self):
        path = "interview_id.employee_id"
        return super()._get_personal() | {
            "hr.performance.interview": Personal(
                texts=("agenda", "employee_topics", "notes", "employee_comment")
            ),
            "hr.performance.interview.agreement": Personal(path, texts=("name",)),
            "hr.performance.interview.note": Personal(
                path,
                texts=("text",),
                withheld="A note of its author for himself; what counts is in the shared notes.",
            ),
        }
