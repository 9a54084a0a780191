from odoo import api, fields, models

from ..models.hr_performance_sales_standing_mixin import BARS


class HrPerformanceSalesPreviewLine(models.TransientModel):
    """What a plan would have paid one person in one past period."""

    _name = "hr.performance.sales.preview.line"
    _description = "Person of a Preview"
    _order = "date_from, total desc, amount desc, id"

    preview_id = fields.Many2one(
        "hr.performance.sales.preview", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="preview_id.currency_id")
    date_from = fields.Date("Period From", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    amount = fields.Monetary(readonly=True)
    minimum = fields.Monetary(readonly=True)
    line = fields.Float("Second Target", digits=(16, 4), min_display_digits=2, readonly=True)
    rank = fields.Integer(readonly=True, aggregator=None)
    barred = fields.Selection(BARS, "Not Eligible", readonly=True)
    total = fields.Monetary("Reward", readonly=True)
    against_total = fields.Monetary("Reward Now", readonly=True)
    change = fields.Monetary(compute="_compute_change")

    @api.depends("total", "against_total")
    def _compute_change(self):
        for line in self:
            line.change = line.total - line.against_total
