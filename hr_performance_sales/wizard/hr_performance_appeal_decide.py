from odoo import fields, models


class HrPerformanceAppealDecide(models.TransientModel):
    _inherit = "hr.performance.appeal.decide"

    deal_id = fields.Many2one(related="appeal_id.deal_id")
    currency_id = fields.Many2one(related="deal_id.currency_id")
    reward_change = fields.Monetary(
        "Added to the Reward", help="Negative: the person is paid less. The statement stays."
    )

    def _get_values(self):
        if self.deal_id:
            return {"reward_change": self.reward_change}
        return super()._get_values()
