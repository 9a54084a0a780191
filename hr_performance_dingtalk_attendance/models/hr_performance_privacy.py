from odoo import api, models

from odoo.addons.hr_performance.models.hr_performance_privacy import Personal


class HrPerformancePrivacy(models.AbstractModel):
    _inherit = "hr.performance.privacy"

    @api.model
    def _get_personal(self):
        """Each person reads what became of his own punches; it goes with him."""
        return super()._get_personal() | {
            "hr.performance.dingtalk.attendance": Personal(texts=("note",), drop=True)
        }
