from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.period import Period

#: The message that tells open leaderboards to read again.
CHANGED = "hr_performance_sales_board"


class HrPerformanceSalesPeriod(models.Model):
    """What leaderboards need of a period: yesterday's places, and word that something changed."""

    _inherit = "hr.performance.sales.period"

    ranked_on = fields.Date(
        "Places Compared Since",
        readonly=True,
        copy=False,
        help="The day whose beginning the places of the leaderboard are compared with.",
    )

    def write(self, vals):
        done = super().write(vals)
        if "state" in vals:
            self._tell_boards()
        return done

    def _refresh(self):
        done = super()._refresh()
        self._tell_boards()
        return done

    def _tell_boards(self):
        """Let whoever looks at the leaderboard read it again, with his own rights: the message
        holds no figure."""
        for period in self:
            # The channel is a record: a client cannot ask for it, ir.websocket gives it.
            self.env["bus.bus"]._sendone(period, CHANGED, {"period_id": period.id})

    @api.model
    def _cron_refresh(self):
        self.env["hr.performance.work.item"]._retry(self._note_places)
        return super()._cron_refresh()

    @api.model
    def _note_places(self):
        """Once a day: keep where everybody stood when the day before ended, in running periods.

        The places are computed from the ledger as it was at midnight, so it does not matter when
        the job runs, how often, or whether days were left out.
        """
        running = Domain("state", "=", "open") & Domain("plan_id.state", "!=", "draft")
        for period in self.search(running):
            today = period.company_id._get_performance_today()
            if not period.ranked_on or period.ranked_on < today:
                period._note_places_before(today)

    def _note_places_before(self, day):
        """Write the places at the beginning of a day; rows that keep theirs are not touched."""
        self.ensure_one()
        # sudo: results and periods are written by the engine
        period = self.sudo()
        self.env["hr.performance.sales.result"].flush_model(["rank_before"])
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_sales_result r SET rank_before = n.rank
                     FROM (%s) AS n
                    WHERE r.id = n.result_id AND r.rank_before IS DISTINCT FROM n.rank""",
                period._get_places_sql(fields.Date.subtract(day, days=1)),
            )
        )
        self.env["hr.performance.sales.result"].invalidate_model(["rank_before"])
        period.ranked_on = day
        self._tell_boards()

    def _get_places_sql(self, day):
        """``SQL``: result and place of everybody at the end of a day; nobody has one before."""
        last = min(day, self.date_to)
        if last < self.date_from:
            return SQL(
                """SELECT id AS result_id, NULL::int AS rank
                     FROM hr_performance_sales_result WHERE period_id = %s""",
                self.id,
            )
        credits = self.plan_id._get_credit_sql(Period(self.date_from, last), self._get_late())
        return self.plan_id._get_standing_sql(self._get_members(), self._get_paths(), credits)
