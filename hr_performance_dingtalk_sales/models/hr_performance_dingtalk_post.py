from odoo import api, fields, models
from odoo.tools import SQL


class HrPerformanceDingtalkPost(models.Model):
    """The leaderboard of a period in a DingTalk group on one day: it is written there once."""

    _name = "hr.performance.dingtalk.post"
    _description = "Leaderboard in a DingTalk Group"
    _order = "day desc, id desc"
    _log_access = False
    _rec_name = "day"

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    period_id = fields.Many2one(
        "hr.performance.sales.period", required=True, index=True, ondelete="cascade"
    )
    day = fields.Date(required=True)
    state = fields.Selection(
        [("sending", "Being Sent"), ("sent", "Sent"), ("unknown", "Unknown")], required=True
    )

    _day_unique = models.UniqueIndex("(connection_id, period_id, day)")

    @api.model
    def _claim(self, connection, period, day):
        """Note apart that the message of the day is being sent; False where it was already."""
        query = SQL(
            """INSERT INTO hr_performance_dingtalk_post
                      (connection_id, company_id, period_id, day, state)
               VALUES (%s, %s, %s, %s, 'sending')
          ON CONFLICT (connection_id, period_id, day) DO NOTHING RETURNING id""",
            connection.id,
            connection.company_id.id,
            period.id,
            day,
        )
        with self.env.registry.cursor() as cr:
            cr.execute(query)
            row = cr.fetchone()
        return row and row[0]

    @api.model
    def _note_apart(self, post_id, state):
        """Note what became of a message; without a state it was refused, and may be sent again."""
        query = SQL(
            "UPDATE hr_performance_dingtalk_post SET state = %s WHERE id = %s", state, post_id
        )
        if state is None:
            query = SQL("DELETE FROM hr_performance_dingtalk_post WHERE id = %s", post_id)
        with self.env.registry.cursor() as cr:
            cr.execute(query)
