from odoo import fields, models


class HrPerformanceSalesPlan(models.Model):
    """From when on HR has a look at how a result came about."""

    _inherit = "hr.performance.sales.plan"

    watch_near = fields.Float(
        "Just Above (%)",
        default=2,
        aggregator=None,
        digits=(16, 2),
        help="So little above a target is just above it.",
    )
    watch_people = fields.Integer(
        "People Just Above",
        default=3,
        aggregator=None,
        help="So many people of a group just above a target, and twice as many as just below it.",
    )
    watch_repeats = fields.Integer(
        "Periods Just Above",
        default=3,
        aggregator=None,
        help="One person just above the minimum in so many of six periods.",
    )
    watch_days = fields.Integer(
        "Days around the End",
        default=3,
        aggregator=None,
        help="A deal this near to the end of a period, on either side.",
    )
    watch_after = fields.Integer(
        "Cancelled Within (days)",
        default=30,
        aggregator=None,
        help="A deal of the last days without which a target was missed, taken back within this "
        "time after the period.",
    )
    watch_documents = fields.Integer(
        "Deals of One Day",
        default=3,
        aggregator=None,
        help="So many deals of one salesperson with one customer on one day.",
    )
    watch_passes = fields.Integer(
        "Passed Between Two",
        default=2,
        aggregator=None,
        help="A customer who came from one salesperson to another and back so often within half a "
        "year.",
    )

    _watch_ranges = models.Constraint(
        "CHECK (watch_near > 0 AND watch_people >= 2 AND watch_repeats >= 2 AND watch_days >= 1"
        " AND watch_after >= 1 AND watch_documents >= 2 AND watch_passes >= 2)",
        "The limits of the watch list are at least 1 day, 2 people, 2 deals, 2 periods.",
    )
