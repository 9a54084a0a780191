from odoo import fields, models


class HrPerformanceSalesPlan(models.Model):
    """What a plan tells its people while a period runs."""

    _inherit = "hr.performance.sales.plan"

    tell_people = fields.Boolean(
        default=True,
        help="Who reaches his minimum or passes the line is told so, once in a period; who falls "
        "behind is encouraged, once a week at most. The texts are message types.",
    )
    behind_percent = fields.Integer(
        "Behind Under (%)",
        default=80,
        aggregator=None,
        help="Of what the minimum asks for by today, by days. 0: nobody is told that he falls "
        "behind.",
    )
    tell_team = fields.Boolean(
        "Tell the Team",
        help="When somebody passes the line, his group is told as much as its members may see of "
        "each other.",
    )

    _behind_range = models.Constraint(
        "CHECK (behind_percent BETWEEN 0 AND 100)", "Behind means under 0 to 100 % of the pace."
    )
