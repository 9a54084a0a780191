from odoo import fields, models


class HrPerformanceProgram(models.Model):
    """What people say about the review itself, and what it costs HR."""

    _inherit = "hr.performance.program"

    pulse_used = fields.Boolean(
        "Pulse",
        tracking=True,
        help="After each cycle its participants answer a few questions about the review itself, "
        "anonymously.",
    )
    pulse_days = fields.Integer("Days to Answer the Pulse", default=7, aggregator=None)
    hr_days_before = fields.Float(
        "Days of HR before",
        digits=(6, 1),
        aggregator=None,
        help="What HR spent on a cycle before it was done with this system.",
    )

    _pulse_days_positive = models.Constraint(
        "CHECK (pulse_days >= 0 AND hr_days_before >= 0)", "Days are not negative."
    )
