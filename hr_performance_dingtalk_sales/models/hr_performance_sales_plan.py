from odoo import fields, models
from odoo.exceptions import UserError


class HrPerformanceSalesPlan(models.Model):
    _inherit = "hr.performance.sales.plan"

    dingtalk_board = fields.Boolean(
        "Leaderboard in the DingTalk Group",
        help="Once a day the group of the robot gets what the people of this plan may see of each "
        "other. Everybody in that group reads it.",
    )
    dingtalk_board_size = fields.Integer("Places in the Group", default=10, aggregator=None)

    _dingtalk_board_size_range = models.Constraint(
        "CHECK (dingtalk_board_size BETWEEN 1 AND 50)", "The group gets 1 to 50 places."
    )

    def action_post_dingtalk_board(self):
        """Write the leaderboards of the company into the group now, those of today that are not
        there yet."""
        self.ensure_one()
        self.check_access("write")
        # sudo: whether there is a connection, for who may change the plan
        connection = (
            self.env["hr.performance.im.connection"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("provider", "=", "dingtalk"),
                    ("state", "=", "live"),
                ],
                limit=1,
            )
        )
        if not connection:
            raise UserError(self.env._("No connection to DingTalk is running in this company."))
        return connection._start_run("board")._open()
