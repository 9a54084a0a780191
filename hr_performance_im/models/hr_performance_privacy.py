from odoo import api, models

from odoo.addons.hr_performance.models.hr_performance_privacy import Personal


class HrPerformancePrivacy(models.AbstractModel):
    _inherit = "hr.performance.privacy"

    @api.model
    def _get_personal(self):
        """What the messengers say about people is a copy: it goes with them."""
        withheld = "A copy of what the messenger of the company holds, for administrators."
        return super()._get_personal() | {
            "hr.performance.im.identity": Personal(drop=True, withheld=withheld),
            "hr.performance.im.change": Personal(drop=True, withheld=withheld),
        }

    @api.model
    def _get_exempt(self):
        return super()._get_exempt() | {
            "hr.performance.im.run": "who pressed a button, and whose data is missing just now",
        }
