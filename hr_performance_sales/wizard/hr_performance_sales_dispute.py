from odoo import fields, models


class HrPerformanceSalesDispute(models.TransientModel):
    """Asks the person what is wrong with a line, or HR for the answer."""

    _name = "hr.performance.sales.dispute"
    _description = "Dispute of a Statement Line"

    line_id = fields.Many2one(
        "hr.performance.sales.statement.line", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="line_id.currency_id")
    kind = fields.Selection(
        [("dispute", "Dispute"), ("settle", "Settle")], required=True, readonly=True
    )
    reason = fields.Text("What is wrong?")
    answer = fields.Text()
    change = fields.Monetary(
        "Added to the Reward", help="0: the reward stays. Negative: the person is paid less."
    )

    def action_confirm(self):
        self.ensure_one()
        if self.kind == "dispute":
            self.line_id._hold(self.reason)
        else:
            self.line_id._release(self.answer, self.change)
        return {"type": "ir.actions.act_window_close"}
