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
        ranks = self._get_ranks_before(day)
        # sudo: results and periods are written by the engine
        Result = self.env["hr.performance.sales.result"].sudo()
        Result.flush_model(["rank_before"])
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_sales_result r SET rank_before = n.rank
                     FROM unnest(%(ids)s::int[], %(ranks)s::int[]) AS n(id, rank)
                    WHERE r.id = n.id AND r.period_id = %(period)s
                      AND r.rank_before IS DISTINCT FROM n.rank""",
                ids=list(ranks),
                ranks=list(ranks.values()),
                period=self.id,
            )
        )
        Result.invalidate_model(["rank_before"])
        self.sudo().ranked_on = day
        self._tell_boards()

    def _get_ranks_before(self, day):
        """``{result id: place}`` as of the end of the day before; nobody has one on day one."""
        # sudo: the engine computes for all people of the plan
        results = self.env["hr.performance.sales.result"].sudo()
        last = min(fields.Date.subtract(day, days=1), self.date_to)
        if last < self.date_from:
            return dict.fromkeys(results.search([("period_id", "=", self.id)]).ids)
        plan = self.sudo().plan_id
        members = SQL(
            """SELECT id, employee_id, group_ref, minimum, share, barred
                 FROM hr_performance_sales_result WHERE period_id = %s""",
            self.id,
        )
        credits = plan._get_credit_sql(Period(self.date_from, last), self._get_late())
        standings = plan._assess(members, self._get_paths(), credits)
        return {standing.result_id: standing.rank for standing in standings}
