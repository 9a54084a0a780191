from odoo import fields, models


class HrPerformanceSalesResult(models.Model):
    """The place that somebody had at the end of the day before, for the leaderboard."""

    _inherit = "hr.performance.sales.result"

    rank_before = fields.Integer("Place the Day Before", readonly=True, aggregator=None)
