from odoo import api, models

from odoo.addons.hr_performance.models.hr_performance_privacy import Personal


class HrPerformancePrivacy(models.AbstractModel):
    _inherit = "hr.performance.privacy"

    @api.model
    def _get_personal(self):
        """Each person reads his own punches and approvals; the copies go with him."""
        return super()._get_personal() | {
            "hr.performance.dingtalk.punch": Personal(drop=True),
            "hr.performance.dingtalk.cell": Personal(drop=True),
            "hr.performance.dingtalk.approval": Personal(drop=True),
        }
