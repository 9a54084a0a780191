from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.decimals import to_decimal
from odoo.addons.hr_performance.tools.period import elapsed_share

LINE, MINIMUM, BEHIND, TEAM = "sales_line", "sales_minimum", "sales_behind", "sales_team"
#: Days after its last one on which a period that is still open may congratulate.
GRACE_DAYS = 3
#: Nobody is behind within the first days of a period, nor told so twice within this many.
PATIENCE_DAYS = 7


class HrPerformanceSalesPeriod(models.Model):
    """Who reached his minimum, passed the line or fell behind is told so by the job that computes.

    Nothing is remembered but the messages themselves: their key is the period, so that a slip back
    and a second crossing tell nothing new, and of two workers at once one is not heard.
    """

    _inherit = "hr.performance.sales.period"

    def _tell(self, today=None):
        """Tell the people of the period what they have not been told yet; one query finds them.

        :param today: the day of which it is news; by default that of the company
        """
        self.ensure_one()
        # sudo: the engine tells people of figures that are their own
        period = self.sudo()
        plan = period.plan_id
        if period.state != "open" or period.is_pilot or not plan.tell_people:
            return
        today = today or period.company_id._get_performance_today()
        if not period.date_from <= today <= period.date_to + timedelta(days=GRACE_DAYS):
            return
        found = period._find_news(today)
        for code in (LINE, MINIMUM, BEHIND):
            if found.get(code):
                period._tell_results(code, found[code], today)

    def _find_news(self, today):
        """``{code of the message type: results}`` of whom there is something new to tell."""
        self.env["hr.performance.message"].flush_model()
        self.env["hr.employee"].flush_model(["user_id"])
        rows = self.env.execute_query(
            SQL(
                """WITH place AS (
                        SELECT r.id, e.user_id, r.amount, r.minimum, r.meets_minimum,
                               r.is_above AND r.has_line AS passes
                          FROM hr_performance_sales_result r
                          JOIN hr_employee e ON e.id = r.employee_id
                          JOIN res_users u ON u.id = e.user_id AND u.active
                         WHERE r.period_id = %(period)s AND r.barred IS NULL
                           AND r.basis IS NOT NULL)
                   SELECT %(line)s, id FROM place WHERE passes AND NOT %(line_told)s
                    UNION ALL
                   SELECT %(minimum)s, id FROM place
                    WHERE meets_minimum AND minimum > 0 AND NOT passes
                      AND NOT %(minimum_told)s AND NOT %(line_told)s
                    UNION ALL
                   SELECT %(behind)s, id FROM place
                    WHERE %(may_be_behind)s AND NOT %(behind_told)s
                      AND (amount < minimum * %(pace)s OR NOT passes AND %(line_told)s)
                 ORDER BY 1, 2""",
                period=self.id,
                line=LINE,
                minimum=MINIMUM,
                behind=BEHIND,
                line_told=self._get_told_sql(LINE),
                minimum_told=self._get_told_sql(MINIMUM),
                behind_told=self._get_lately_told_sql(BEHIND),
                may_be_behind=self._may_be_behind(today),
                pace=self._get_pace(today),
            )
        )
        found = {}
        for code, result_id in rows:
            found.setdefault(code, []).append(result_id)
        Result = self.env["hr.performance.sales.result"]
        return {code: Result.browse(ids) for code, ids in found.items()}

    def _get_told_sql(self, code):
        """``SQL``: whether the person of a row was told this in the period."""
        return SQL(
            """EXISTS (SELECT FROM hr_performance_message told WHERE told.type_id = %s
                          AND told.user_id = place.user_id AND told.key = %s)""",
            self._get_type(code).id,
            str(self.id),
        )

    @api.model
    def _get_lately_told_sql(self, code):
        """``SQL``: whether the person of a row was told this within the week, by any plan."""
        return SQL(
            """EXISTS (SELECT FROM hr_performance_message told WHERE told.type_id = %s
                          AND told.user_id = place.user_id AND told.send_after > %s)""",
            self._get_type(code).id,
            fields.Datetime.now() - timedelta(days=PATIENCE_DAYS),
        )

    @api.model
    def _get_type(self, code):
        return self.env["hr.performance.message.type"]._get(code)

    def _may_be_behind(self, today):
        if not self.plan_id.behind_percent or not self._get_type(BEHIND).active:
            return False
        return (today - self.date_from).days >= PATIENCE_DAYS and today <= self.date_to

    def _get_pace(self, today):
        """The part of the minimum under which somebody is behind today."""
        elapsed = to_decimal(elapsed_share(self._get_period(), today))
        return elapsed * self.plan_id.behind_percent / Decimal(100)

    # Words

    def _tell_results(self, code, results, today):
        key = str(self.id)
        if code == BEHIND:
            key += f"-{(today - self.date_from).days // PATIENCE_DAYS}"
        messages = self.env["hr.performance.message"]._queue(
            code,
            [
                {
                    "user": result.employee_id.user_id,
                    "key": key,
                    "record": result,
                    "values": self._get_news_values(result, today),
                    # closed meanwhile: the statement tells what is final
                    "condition": [("period_id.state", "=", "open")],
                }
                for result in results
            ],
        )
        if code == LINE and self.plan_id.tell_team:
            told = set(messages.sudo().mapped("res_id"))  # sudo: which of them are new
            self._tell_team(results.filtered(lambda result: result.id in told))

    def _get_news_values(self, result, today):
        """The person's own numbers, each worded in his language."""
        plan = self.plan_id

        def money(amount):
            return lambda env: plan.with_env(env)._format_amount(amount)

        return {
            "employee": result.employee_id.name,
            "plan": plan,
            "period": self.name,
            "amount": money(result.amount),
            "minimum": money(result.minimum),
            "missing": money(max(result.minimum - result.amount, 0)),
            "line": money(result.line) if result.has_line else "",
            "gap": money(abs(result.gap)) if result.has_line else "",
            "reward": money(result.total),
            "place": str(result.rank or ""),
            "people": str(result.rank_count),
            "days": str(max((self.date_to - today).days, 0)),
            "outlook": lambda env: result.with_env(env)._get_outlook(),
        }

    def _tell_team(self, results):
        """Tell the groups of these results who passed the line, as far as the plan lets them."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT news.id, e.user_id
                     FROM hr_performance_sales_result news
                     JOIN hr_performance_sales_result r ON r.period_id = news.period_id
                          AND r.group_ref = news.group_ref AND r.id <> news.id
                     JOIN hr_employee e ON e.id = r.employee_id
                    WHERE news.id = ANY(%s) AND e.user_id IS NOT NULL AND %s
                 ORDER BY 1, 2""",
                results.ids,
                self._get_known_sql(),
            )
        )
        by_id = {result.id: result for result in results}
        self.env["hr.performance.message"]._queue(
            TEAM,
            [
                {
                    "user": self.env["res.users"].browse(user_id),
                    "key": f"{self.id}-{result_id}",
                    "values": self._get_team_values(by_id[result_id]),
                    "about": by_id[result_id].employee_id.user_id,
                }
                for result_id, user_id in rows
            ],
        )

    def _get_known_sql(self):
        """``SQL``: whether colleagues may know of a result; of the upper half alone, if so."""
        if self.plan_id.visibility != "upper":
            return SQL("TRUE")
        return SQL(
            """news.rank < (SELECT h.rank FROM hr_performance_sales_result h
                             WHERE h.period_id = news.period_id AND h.group_ref = news.group_ref
                               AND h.rank IS NOT NULL
                          ORDER BY h.rank OFFSET news.rank_count / 2 LIMIT 1)"""
        )

    def _get_team_values(self, result):
        return {
            "colleague": result.employee_id.name,
            "plan": self.plan_id,
            "period": self.name,
            "figures": lambda env: result.with_env(env)._get_shown_figures(),
        }


class HrPerformanceSalesResult(models.Model):
    _inherit = "hr.performance.sales.result"

    def _get_outlook(self):
        """What comes next for the person, in a sentence."""
        self.ensure_one()
        words = self.sudo().plan_id  # sudo: the wording needs the plan's currency only
        money = words._format_amount
        if self.total:
            return self.env._(
                "As things stand your reward is %s; it is final when the period is closed.",
                money(self.total),
            )
        if not self.meets_minimum:
            missing = money(self.minimum - self.amount)
            return self.env._("To your minimum target it is %s more.", missing)
        if self.has_line and self.gap <= 0:
            return self.env._("To the second target it is %s more.", money(abs(self.gap)))
        return ""

    def _get_shown_figures(self):
        """What colleagues see of the figures, by the policy of the plan."""
        self.ensure_one()
        words = self.sudo().plan_id  # sudo: as above
        if words.visibility == "full":
            return self.env._(
                "%(amount)s, place %(rank)s of %(count)s.",
                amount=words._format_amount(self.amount),
                rank=self.rank,
                count=self.rank_count,
            )
        if words.visibility == "bands":
            return self.env._("Place %(rank)s of %(count)s.", rank=self.rank, count=self.rank_count)
        return ""
