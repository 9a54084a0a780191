from odoo import api, models

from .hr_performance_privacy import Personal


class HrPerformancePrivacy(models.AbstractModel):
    _inherit = "hr.performance.privacy"

    @api.model
    def _get_personal(self):
        return super()._get_personal() | {
            "hr.performance.feedback": Personal(texts=("text", "reply")),
            "hr.performance.feedback.request": Personal(texts=("question", "decline_reason")),
        }
