from odoo import api, models

from .hr_performance_privacy import Personal


class HrPerformancePrivacy(models.AbstractModel):
    """What interviews hold about people."""

    _inherit = "hr.performance.privacy"

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
