from odoo import fields, models


class HrPerformanceSalesPreviewMonth(models.TransientModel):
    """What a plan would have paid in one past period."""

    _name = "hr.performance.sales.preview.month"
    _description = "Period of a Preview"
    _order = "date_from"

    preview_id = fields.Many2one(
        "hr.performance.sales.preview", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="preview_id.currency_id")
    date_from = fields.Date("Period From", readonly=True)
    people_count = fields.Integer("People", readonly=True)
    rewarded_count = fields.Integer("Rewarded", readonly=True)
    small_count = fields.Integer("In Groups Too Small", readonly=True)
    total = fields.Monetary("Cost", readonly=True)
    against_count = fields.Integer("Rewarded Now", readonly=True)
    against_total = fields.Monetary("Cost Now", readonly=True)
