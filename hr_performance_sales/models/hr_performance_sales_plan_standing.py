from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.decimals import GUARD_DIGITS, to_decimal

from ..tools.dual_target import STATISTICS

#: A line has two decimals more than the currency: a whole percentile of whole units has no more.
LINE_FACTOR = 100


class Standing(NamedTuple):
    """Where somebody stands, in the currency's unit; ``result_id`` is None in a preview."""

    result_id: int | None
    employee_id: int
    group: int
    amount: Decimal
    compared: Decimal
    minimum: Decimal
    barred: str | None
    line: Decimal | None
    line_size: int
    basis: str
    meets_minimum: bool
    is_above: bool
    rank: int | None
    count: int
    helped: int
    reward: Decimal
    pool: Decimal


class HrPerformanceSalesPlan(models.Model):
    """Where everybody stands, by one query: amounts, lines, places and rewards of all groups.

    It says what ``tools.dual_target`` and ``tools.reward`` say of one person; tests hold the one
    against the other. Amounts are whole numbers of the currency's smallest coin and lines of its
    hundredth, so that nothing is compared in binary fractions.
    """

    _inherit = "hr.performance.sales.plan"

    def _assess(self, members, paths, credits):
        """Where everybody stands, as a list of :class:`Standing`.

        :param members: ``SQL`` of rows with id, employee_id, group_ref, minimum, share, barred
        :param paths: ``{group: its groups}`` as in ``Row.groups``
        :param credits: ``SQL`` as of ``_get_credit_sql``
        """
        self.ensure_one()
        names = SQL(", ").join(SQL.identifier(name) for name in Standing._fields)
        query = SQL("SELECT %s FROM (%s) s", names, self._get_standing_sql(members, paths, credits))
        coin = Decimal(1).scaleb(-self.currency_id.decimal_places)
        return [self._get_standing(coin, row) for row in self.env.execute_query(query)]

    def _get_standing(self, coin, row):
        """A row of the query in the currency's unit."""
        *who, amount, compared, minimum, barred, line = row[:8]
        *more, reward, pool = row[8:]
        return Standing(
            *who,
            amount * coin,
            compared * coin,
            minimum * coin,
            barred,
            None if line is None else line * coin / LINE_FACTOR,
            *more,
            reward * coin,
            pool * coin,
        )

    def _get_standing_sql(self, members, paths, credits):
        """``SQL`` of rows with the names of :class:`Standing`; parameters as in ``_assess``."""
        self.ensure_one()
        rule = self._get_rule()
        factor = 10**self.currency_id.decimal_places
        helped = SQL("0")
        if self.collaboration_step:
            # deal by deal: with one that was taken back nobody has helped
            helped = SQL("COUNT(*) FILTER (WHERE supported > 0)")
            credits = SQL(
                """SELECT employee_id, SUM(amount) AS amount,
                          SUM(amount) FILTER (WHERE is_support) AS supported
                     FROM (%s) AS deal GROUP BY employee_id, res_id""",
                credits,
            )
        return SQL(
            """
            WITH amounts AS (
                     SELECT employee_id, SUM(amount) AS amount, %(helped)s AS helped
                       FROM (%(credits)s) AS credit GROUP BY employee_id),
                 member AS (
                     SELECT m.id, m.employee_id, m.group_ref, m.share, m.barred,
                            (m.minimum * %(factor)s)::bigint AS minimum,
                            (COALESCE(a.amount, 0) * %(factor)s)::bigint AS amount,
                            COALESCE(a.helped, 0) AS helped
                       FROM (%(members)s) AS m
                  LEFT JOIN amounts a ON a.employee_id = m.employee_id),
                 compared AS (
                     SELECT m.*, %(compared)s AS compared,
                            m.barred IS NULL AND (%(count_zeros)s OR m.amount <> 0) AS eligible
                       FROM member m),
                 size AS (
                     SELECT group_ref, COUNT(*) FILTER (WHERE eligible) AS count
                       FROM compared GROUP BY group_ref),
                 %(lines)s,
                 placed AS (
                     SELECT c.*, size.count, line.level, %(line)s AS line, line.size AS line_size,
                            rank() OVER (PARTITION BY c.group_ref, c.eligible
                                             ORDER BY c.compared DESC) AS rank
                       FROM compared c
                       JOIN size ON size.group_ref = c.group_ref
                  LEFT JOIN line ON line.group_ref = c.group_ref),
                 decided AS (
                     SELECT p.*, p.amount >= p.minimum AS meets_minimum, %(basis)s AS basis,
                            p.eligible AND p.amount >= p.minimum AND %(passed)s AS is_above
                       FROM placed p)
            SELECT d.id AS result_id, d.employee_id, d.group_ref AS "group", d.amount, d.compared,
                   d.minimum,
                   COALESCE(d.barred, CASE WHEN NOT d.eligible THEN 'zero' END) AS barred,
                   d.line, COALESCE(d.line_size, 0) AS line_size, d.basis, d.meets_minimum,
                   d.is_above, CASE WHEN d.eligible THEN d.rank END AS rank, d.count, d.helped,
                   CASE WHEN d.is_above THEN %(reward)s ELSE 0 END AS reward, %(pool)s AS pool
              FROM %(decided)s d
            """,
            helped=helped,
            credits=credits,
            members=members,
            factor=factor,
            compared=self._get_compared_sql(rule),
            count_zeros=rule.count_zeros,
            lines=self._get_lines_sql(rule, paths),
            line=self._get_line_sql(rule, factor),
            basis=self._get_basis_sql(rule),
            passed=self._get_passed_sql(rule),
            reward=self._get_reward_sql(rule, factor),
            pool=SQL("0") if not self.pool_percent else self._get_pool_sql(),
            decided=SQL("decided") if not self.pool_percent else self._get_weighed_sql(),
        )

    def _get_compared_sql(self, rule):
        """The amount of a member ``m``, or what full time would have brought."""
        if not rule.scale_amounts:
            return SQL("m.amount")
        return SQL(
            "CASE WHEN m.share IN (0, 1) THEN m.amount ELSE %s::bigint END",
            self._round_sql(SQL("m.amount / m.share")),
        )

    def _round_sql(self, number):
        """Coins, rounded as ``round_half_up`` does: what misses a half by a trace of 1/3 is it."""
        return SQL("round(round(%s, %s))", number, GUARD_DIGITS - self.currency_id.decimal_places)

    # The line

    def _get_lines_sql(self, rule, paths):
        """``SQL`` of common table expressions that end with ``line``: that of each group.

        Each group takes the line of itself, or of the nearest one above that is large enough; the
        percentile is computed of those only that anybody takes.
        """
        nodes = [
            (group, level, node)
            for group, path in paths.items()
            for level, node in enumerate(path if rule.small_group == "parent" else path[:1])
            if rule.second in STATISTICS
        ]
        columns = list(zip(*nodes, strict=True)) or [(), (), ()]
        return SQL(
            """path(group_ref, level, node) AS MATERIALIZED (
                     SELECT * FROM unnest(%(groups)s::int[], %(levels)s::int[], %(nodes)s::int[])),
                 large AS (
                     SELECT path.node, SUM(size.count)::int AS size
                       FROM path JOIN size ON size.group_ref = path.group_ref
                   GROUP BY path.node HAVING SUM(size.count) >= %(min_size)s),
                 pick AS (
                     SELECT DISTINCT ON (path.group_ref) path.group_ref, path.level, large.*
                       FROM path JOIN large ON large.node = path.node
                   ORDER BY path.group_ref, path.level),
                 node AS (
                     SELECT path.node, %(percentiles)s
                       FROM (SELECT DISTINCT node FROM pick) AS used
                       JOIN path ON path.node = used.node
                       JOIN compared c ON c.group_ref = path.group_ref
                      WHERE c.eligible GROUP BY path.node),
                 line AS (
                     SELECT pick.*, %(columns)s FROM pick JOIN node ON node.node = pick.node)""",
            groups=list(columns[0]),
            levels=list(columns[1]),
            nodes=list(columns[2]),
            min_size=rule.needed,
            percentiles=self._get_percentiles_sql(rule),
            columns=self._get_order_sql(rule),
        )

    def _get_percentiles_sql(self, rule):
        percentile = SQL(
            """round((percentile_cont(%s) WITHIN GROUP (ORDER BY c.compared) * %s)::numeric)::bigint
                   AS line""",
            float(rule.fraction),
            LINE_FACTOR,
        )
        if rule.second != "leave_one_out":
            return percentile
        return SQL("%s, array_agg(c.compared ORDER BY c.compared) AS amounts", percentile)

    def _get_order_sql(self, rule):
        """The columns of a line. Without oneself, it lies between two of three amounts: ``first``,
        ``second`` and ``third`` at its place among the members in the order of their amounts."""
        if rule.second != "leave_one_out":
            return SQL("node.line")
        # one member less, counted from 0
        place = SQL("%s * (pick.size - 2)", rule.fraction)
        return SQL(
            """node.line, node.amounts[floor(%(place)s)::int + 1] AS first,
               node.amounts[floor(%(place)s)::int + 2] AS second,
               node.amounts[LEAST(floor(%(place)s)::int + 3, pick.size)] AS third,
               %(place)s - floor(%(place)s) AS part""",
            place=place,
        )

    def _get_line_sql(self, rule, factor):
        """The line of a member ``c``, in hundredths of the smallest coin."""
        if rule.second == "fixed":
            return SQL("%s::bigint", int(rule.fixed * factor * LINE_FACTOR))
        if rule.second != "leave_one_out":
            return SQL("line.line")
        # Whoever is at or below a place makes the next one move up to it.
        low = SQL("CASE WHEN c.compared <= line.first THEN line.second ELSE line.first END")
        high = SQL("CASE WHEN c.compared <= line.second THEN line.third ELSE line.second END")
        return SQL(
            """CASE WHEN c.eligible
                    THEN ((%(low)s + (%(high)s - %(low)s) * line.part) * %(factor)s)::bigint
                    ELSE line.line END""",
            low=low,
            high=high,
            factor=LINE_FACTOR,
        )

    def _get_basis_sql(self, rule):
        """Where the line of a member ``p`` comes from."""
        if rule.second == "fixed":
            return SQL("'fixed'")
        if rule.second == "none":
            return SQL("'minimum'")
        return SQL(
            "CASE WHEN p.level IS NULL THEN %s WHEN p.level = 0 THEN 'own' ELSE 'parent' END",
            "minimum" if rule.small_group == "minimum_only" else "small",
        )

    def _get_passed_sql(self, rule):
        """Whether a member ``p`` is past his line, or needs none."""
        operator = SQL(">=") if rule.inclusive else SQL(">")
        without = rule.second == "none" or rule.small_group == "minimum_only"
        return SQL("COALESCE(p.compared * %s %s p.line, %s)", LINE_FACTOR, operator, without)

    # The reward

    def _get_reward_sql(self, rule, factor):
        """The reward of somebody ``d`` above the line, in the smallest coin."""
        reward = rule.reward
        # Multiplied, not divided: the product is exact.
        coin = Decimal(1) / factor
        excess = SQL(
            """COALESCE((d.compared * %(hundred)s - d.line) * %(part)s%(share)s,
                        (d.amount - d.minimum) * %(coin)s)""",
            hundred=LINE_FACTOR,
            part=coin / LINE_FACTOR,
            share=SQL(" * d.share") if rule.scale_amounts else SQL(),
            coin=coin,
        )
        total = self._get_base_sql(reward, excess)
        if reward.accelerator_from is not None:
            total = SQL(
                """(%s) * CASE WHEN d.minimum > 0 AND d.amount * 100 >= %s * d.minimum
                               THEN %s ELSE 1 END""",
                total,
                reward.accelerator_from,
                reward.accelerator,
            )
        if reward.collaboration_step:
            total = SQL(
                "(%s) * (100 + LEAST(%s * d.helped, %s)) * 0.01",
                total,
                reward.collaboration_step,
                reward.collaboration_max,
            )
        if reward.cap is not None:
            total = SQL("LEAST(%s, %s)", total, reward.cap)
        return SQL("%s::bigint", self._round_sql(SQL("(%s) * %s", total, factor)))

    def _get_base_sql(self, reward, excess):
        if reward.kind == "fixed":
            return SQL("%s::numeric", reward.fixed)
        if reward.kind == "percent":
            return SQL("%s * %s * 0.01", excess, reward.percent)
        return SQL(
            "(SELECT %s FROM (SELECT %s AS excess) AS x)",
            SQL(" + ").join(map(self._get_tier_sql, reward.tiers)),
            excess,
        )

    def _get_tier_sql(self, tier):
        """What a tier pays for an excess."""
        end, is_last = SQL("x.excess"), SQL("TRUE")
        if tier.upper is not None:
            end = SQL("LEAST(x.excess, %s)", tier.upper)
            is_last = SQL("x.excess < %s", tier.upper)
        return SQL(
            """CASE WHEN x.excess >= %(lower)s
                    THEN (%(end)s - %(lower)s) * %(percent)s * 0.01
                         + CASE WHEN %(is_last)s THEN %(bonus)s ELSE 0 END
                    ELSE 0 END""",
            lower=tier.lower,
            end=end,
            percent=tier.percent,
            is_last=is_last,
            bonus=tier.bonus,
        )

    # The team's pool

    def _get_weighed_sql(self):
        """``decided`` with what a group shares, and by which weights."""
        weight = SQL("GREATEST(amount, 0)") if self.pool_by == "amount" else SQL("1")
        return SQL(
            """(SELECT w.*, div(w.pool * w.weight, NULLIF(w.whole, 0)) AS part,
                       mod(w.pool * w.weight, NULLIF(w.whole, 0)) AS rest
                  FROM (SELECT *, SUM(weight) OVER grouped AS whole,
                               GREATEST(round(SUM(amount - minimum) FILTER (WHERE eligible)
                                              OVER grouped * %(percent)s * 0.01), 0) AS pool
                          FROM (SELECT *, CASE WHEN eligible AND meets_minimum
                                               THEN %(weight)s ELSE 0 END::numeric AS weight
                                  FROM decided) AS decided
                        WINDOW grouped AS (PARTITION BY group_ref)) AS w)""",
            percent=to_decimal(self.pool_percent),
            weight=weight,
        )

    def _get_pool_sql(self):
        """His part of the pool: rounded down, and a coin more for who lost most by that, until the
        pool is shared out; as ``tools.apportion`` does."""
        return SQL(
            """COALESCE(d.part + CASE
                   WHEN row_number() OVER (PARTITION BY d.group_ref
                                               ORDER BY d.rest DESC NULLS LAST, d.employee_id)
                        <= d.pool - SUM(d.part) OVER (PARTITION BY d.group_ref)
                   THEN 1 ELSE 0 END, 0)::bigint"""
        )
