from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.decimals import to_decimal

from ..tools import dual_target
from ..tools.dual_target import Member, get_bar, get_minimum, get_share
from ..tools.reward import NOTHING, share_pool

#: The plan as a whole, as the last group of everybody.
EVERYBODY = 0
#: A line has two decimals more than the currency: a whole percentile of whole units has no more.
LINE_FACTOR = 100
COLUMNS = {"untaxed": "amount_untaxed", "taxed": "amount_taxed", "margin": "margin"}


class Row(NamedTuple):
    """Somebody in one period, as the query of the plan takes him.

    ``groups`` is his group and those above it; ``full_minimum`` is before pro rata.
    """

    employee_id: int
    manager_id: int | None
    department_id: int | None
    team_id: int | None
    groups: tuple
    full_minimum: Decimal
    minimum: Decimal
    share: Decimal
    barred: str | None


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
    """Who takes part in a period of the plan, and where everybody stands: one query for all."""

    _inherit = "hr.performance.sales.plan"

    # ------------------------------------------------------------
    # Who takes part
    # ------------------------------------------------------------

    def _get_rows(self, period):
        """Everybody who takes part in a ``tools.period.Period``, as a list of :class:`Row`."""
        self.ensure_one()
        rule = self._get_rule()
        digits = self.currency_id.decimal_places
        # sudo: the engine reads employments and absences of people whom the user may not see; what
        # leaves it are the rows of the plan
        self = self.sudo()
        employees = self._get_candidates()
        today = self.company_id._get_performance_today()
        snapshots = [s for s in employees._get_performance_snapshots(period, today) if s.days]
        teams = self._get_teams()
        groups = {s.employee_id: self._get_groups(s, teams) for s in snapshots}
        snapshots = [s for s in snapshots if groups[s.employee_id]]
        people = employees.browse(s.employee_id for s in snapshots)
        terms = people._get_sales_terms(period)
        minimums = self._get_minimums(snapshots, period)
        rows = []
        for snapshot in snapshots:
            terms_of = terms[snapshot.employee_id]
            member = Member(
                snapshot.employee_id,
                # Whether who sold nothing counts is decided with the amounts.
                amount=Decimal(1),
                minimum=minimums[snapshot.employee_id],
                tenure=terms_of.tenure,
                employed=Decimal(snapshot.days) / period.days,
                present=max(1 - Decimal(terms_of.absent_days) / snapshot.days, Decimal(0)),
                worktime=terms_of.worktime,
                is_manager=terms_of.is_manager,
            )
            path = groups[snapshot.employee_id]
            rows.append(
                Row(
                    employee_id=snapshot.employee_id,
                    manager_id=snapshot.manager_id,
                    department_id=snapshot.department_id,
                    team_id=path[0] if self.group_by == "team" else None,
                    groups=path,
                    full_minimum=member.minimum,
                    minimum=get_minimum(member, rule, digits),
                    share=get_share(member, rule) if rule.scale_amounts else Decimal(1),
                    barred=get_bar(member, rule),
                )
            )
        return rows

    def _get_candidates(self):
        """Employees who may take part, those who left included."""
        self.ensure_one()
        Employee = self.env["hr.employee"].with_context(active_test=False)
        domain = Domain("company_id", "=", self.company_id.id)
        if self.group_by == "people":
            domain &= Domain("id", "in", self.employee_ids.ids)
        elif self.group_by == "team":
            users = self.with_context(active_test=True).team_ids.crm_team_member_ids.user_id
            domain &= Domain("user_id", "in", users.ids)
        return Employee.search(domain, order="id")

    def _get_teams(self):
        """``{user id: team id}`` of the teams of the plan; the first one of somebody in several."""
        self.ensure_one()
        if self.group_by != "team":
            return {}
        members = self.with_context(active_test=True).team_ids.crm_team_member_ids
        return {m.user_id.id: m.crm_team_id.id for m in members.sorted("id", reverse=True)}

    def _get_groups(self, snapshot, teams):
        """The group of somebody and those above it; empty when he does not take part.

        It is that of the last day of the period: who moved during it belongs to his new group with
        all that he sold.
        """
        if self.group_by == "people":
            return (EVERYBODY,)
        if self.group_by == "team":
            team = teams.get(snapshot.user_id)
            return (team, EVERYBODY) if team else ()
        scope = set(self.department_ids.ids)
        path = snapshot.department_path
        inside = [number for number, department in enumerate(path) if department in scope]
        return (*path[: inside[-1] + 1], EVERYBODY) if inside else ()

    def _get_minimums(self, snapshots, period):
        employees = self.env["hr.employee"].browse(s.employee_id for s in snapshots)
        categories = {employee.id: employee.category_ids.ids for employee in employees}
        people = [(s.employee_id, categories[s.employee_id], s.job_id) for s in snapshots]
        return self.target_ids._get_minimums(to_decimal(self.minimum), people, period.date_from)

    # ------------------------------------------------------------
    # Which credits count
    # ------------------------------------------------------------

    def _get_credit_condition(self, credit):
        """``SQL``: whether a credit counts in this plan, whenever it is."""
        self.ensure_one()
        conditions = [
            SQL("%s.company_id = %s", credit, self.company_id.id),
            SQL("%s.basis = %s", credit, self.basis),
        ]
        products = []
        if self.product_ids:
            products.append(SQL("%s.product_id = ANY(%s)", credit, self.product_ids.ids))
        if self.categ_ids:
            # sudo: ids of categories
            below = (
                self.env["product.category"].sudo().search([("id", "child_of", self.categ_ids.ids)])
            )
            products.append(SQL("%s.categ_id = ANY(%s)", credit, below.ids))
        if products:
            conditions.append(SQL("(%s)", SQL(" OR ").join(products)))
        return SQL(" AND ").join(conditions)

    def _get_credit_sql(self, period, late=None):
        """``SQL`` of the credits of a period: id, employee, amount, whether late and whether help.

        :param late: a pair of instants, from the first of the plan to the end of what is closed,
            and the instant of the last closing: credits of closed periods that came after it count
            in this one
        """
        credit = SQL("credit")
        start, end = self._get_bounds(period)
        columns = SQL(
            "credit.id, credit.employee_id, credit.%s AS amount, credit.is_support, credit.res_id",
            SQL.identifier(COLUMNS[self.amount_kind]),
        )
        condition = self._get_credit_condition(credit)
        current = SQL(
            """SELECT %s, FALSE AS is_late FROM hr_performance_sales_credit credit
                WHERE %s AND credit.date >= %s AND credit.date < %s""",
            columns,
            condition,
            start,
            end,
        )
        if not late:
            return current
        first, closed_to, closed_on = late
        return SQL(
            """%(current)s UNION ALL
               SELECT %(columns)s, TRUE FROM hr_performance_sales_credit credit
                WHERE %(condition)s AND credit.create_date >= %(since)s
                  AND credit.date >= %(first)s AND credit.date < %(closed_to)s
                  AND NOT EXISTS (SELECT FROM hr_performance_sales_statement_line counted
                                   WHERE counted.root_id = %(root)s
                                     AND counted.credit_id = credit.id)""",
            current=current,
            columns=columns,
            condition=condition,
            # A transaction that began before the closing may have ended after it.
            since=closed_on - timedelta(days=1),
            first=first,
            closed_to=closed_to,
            root=self.root_id.id,
        )

    # ------------------------------------------------------------
    # Where everybody stands
    # ------------------------------------------------------------

    def _assess(self, members, paths, credits):
        """Where everybody stands, as a list of :class:`Standing`.

        :param members: ``SQL`` of rows with id, employee_id, group_ref, minimum, share, barred
        :param paths: ``{group: its groups}`` as in ``Row.groups``
        :param credits: ``SQL`` as of ``_get_credit_sql``
        """
        self.ensure_one()
        rule = self._get_rule()
        factor = 10**self.currency_id.decimal_places
        found = self.env.execute_query_dict(
            self._get_standing_sql(rule, members, paths, credits, factor)
        )
        if rule.second == "leave_one_out":
            self._leave_one_out(rule, found, paths)
        standings = [self._get_standing(rule, row, factor) for row in found]
        return self._add_pools(standings) if self.pool_percent else standings

    def _get_standing_sql(self, rule, members, paths, credits, factor):
        """One query: amounts, the line of each group by ``percentile_cont``, places.

        Amounts leave it as whole units of the currency's smallest coin, so that nothing is compared
        in binary fractions.
        """
        nodes = [
            (group, level, node)
            for group, path in paths.items()
            for level, node in enumerate(path if rule.small_group == "parent" else path[:1])
        ]
        columns = list(zip(*nodes, strict=True)) or [(), (), ()]
        helped = SQL("0")
        if self.collaboration_step:
            helped = SQL("COUNT(DISTINCT res_id) FILTER (WHERE is_support AND amount > 0)")
        return SQL(
            """
            WITH path(group_ref, level, node) AS (
                     SELECT * FROM unnest(%(group_refs)s::int[], %(levels)s::int[],
                                          %(nodes)s::int[])),
                 amounts AS (
                     SELECT employee_id, SUM(amount) AS amount, %(helped)s AS helped
                       FROM (%(credits)s) AS credit GROUP BY employee_id),
                 member AS (
                     SELECT m.*, COALESCE(a.amount, 0) AS amount, COALESCE(a.helped, 0) AS helped
                       FROM (%(members)s) AS m
                  LEFT JOIN amounts a ON a.employee_id = m.employee_id),
                 compared AS (
                     SELECT m.*, CASE WHEN m.share IN (0, 1) THEN m.amount * %(factor)s
                                      ELSE round(m.amount * %(factor)s / m.share) END::bigint
                                 AS compared,
                            m.barred IS NULL AND (%(count_zeros)s OR m.amount <> 0) AS eligible
                       FROM member m),
                 node AS (
                     SELECT p.node, COUNT(*) AS size,
                            round((percentile_cont(%(fraction)s) WITHIN GROUP (
                                       ORDER BY c.compared) * %(precision)s)::numeric)::bigint
                                AS line
                       FROM compared c JOIN path p ON p.group_ref = c.group_ref
                      WHERE c.eligible GROUP BY p.node HAVING COUNT(*) >= %(min_size)s),
                 pick AS (
                     SELECT DISTINCT ON (p.group_ref) p.group_ref, p.level, n.*
                       FROM path p JOIN node n ON n.node = p.node
                   ORDER BY p.group_ref, p.level)
            SELECT c.id, c.employee_id, c.group_ref, (c.amount * %(factor)s)::bigint AS amount,
                   c.compared, (c.minimum * %(factor)s)::bigint AS minimum, c.share::text AS share,
                   c.barred, c.eligible, c.helped, pick.node, pick.line, pick.size, pick.level,
                   rank() OVER (PARTITION BY c.group_ref, c.eligible ORDER BY c.compared DESC)
                       AS rank,
                   COUNT(*) FILTER (WHERE c.eligible) OVER (PARTITION BY c.group_ref) AS count
              FROM compared c LEFT JOIN pick ON pick.group_ref = c.group_ref
            """,
            group_refs=list(columns[0]),
            levels=list(columns[1]),
            nodes=list(columns[2]),
            helped=helped,
            credits=credits,
            members=members,
            factor=factor,
            count_zeros=rule.count_zeros,
            fraction=float(rule.fraction),
            precision=LINE_FACTOR,
            min_size=rule.min_size,
        )

    @api.model
    def _leave_one_out(self, rule, found, paths):
        """Replace the line of each member of a group by that of the others."""
        values = defaultdict(list)
        for row in found:
            if row["eligible"]:
                for node in dict.fromkeys(paths[row["group_ref"]]):
                    values[node].append(row["compared"] * LINE_FACTOR)
        lines = {}
        for row in found:
            node = row["node"]
            if node is None or not row["eligible"]:
                continue
            if node not in lines:
                lines[node] = dual_target.get_lines_without(values[node], rule.fraction)
            row["line"] = lines[node][row["compared"] * LINE_FACTOR]
            if row["line"] is None:
                row["node"] = None

    def _get_standing(self, rule, row, factor):
        line, basis = self._get_line(rule, row, factor)
        # whole numbers of the smallest coin, and of its hundredth
        meets = row["amount"] >= row["minimum"]
        is_above = row["eligible"] and meets and basis != "small"
        if is_above and line is not None:
            is_above = dual_target.is_passed(row["compared"] * LINE_FACTOR, line, rule.inclusive)
        amounts = [Decimal(row[name]) / factor for name in ("amount", "compared", "minimum")]
        exact = None if line is None else Decimal(line) / (factor * LINE_FACTOR)
        barred = row["barred"] or (None if row["eligible"] else "zero")
        reward = NOTHING.total
        if is_above:
            share = Decimal(row["share"]) if rule.scale_amounts else Decimal(1)
            digits = self.currency_id.decimal_places
            numbers = (*amounts, exact, share, row["helped"], digits)
            reward = dual_target.get_reward(rule.reward, *numbers).total
        return Standing(
            result_id=row["id"],
            employee_id=row["employee_id"],
            group=row["group_ref"],
            amount=amounts[0],
            compared=amounts[1],
            minimum=amounts[2],
            barred=barred,
            line=exact,
            line_size=row["size"] or 0 if basis in ("own", "parent") else 0,
            basis=basis,
            meets_minimum=meets,
            is_above=is_above,
            rank=row["rank"] if row["eligible"] else None,
            count=row["count"],
            helped=row["helped"],
            reward=reward,
            pool=Decimal(0),
        )

    @api.model
    def _get_line(self, rule, row, factor):
        """The line of a row in hundredths of the smallest coin, and where it comes from."""
        if rule.second == "fixed":
            return int(rule.fixed * factor * LINE_FACTOR), "fixed"
        if rule.second == "none":
            return None, "minimum"
        if row["node"] is None:
            return None, "minimum" if rule.small_group == "minimum_only" else "small"
        return row["line"], "parent" if row["level"] else "own"

    def _add_pools(self, standings):
        """Share what each group brought above its minimums among those who met theirs."""
        percent = to_decimal(self.pool_percent)
        digits = self.currency_id.decimal_places
        pools = {}
        groups = defaultdict(list)
        for standing in standings:
            if not standing.barred:
                groups[standing.group].append(standing)
        for team in groups.values():
            people = [(s.amount, s.minimum, s.meets_minimum) for s in team]
            parts = share_pool(percent, people, self.pool_by, digits)
            pools |= {s.employee_id: part for s, part in zip(team, parts, strict=True)}
        return [s._replace(pool=pools.get(s.employee_id, Decimal(0))) for s in standings]

    def _get_group_paths(self, groups):
        """``{group: it and the groups above it}``, the nearest first, the plan as a whole last."""
        self.ensure_one()
        if self.group_by != "department":
            return {g: (g, EVERYBODY) if g else (EVERYBODY,) for g in groups}
        # sudo: ids of departments only
        paths = self.env["hr.department"].sudo().browse(groups)._get_performance_paths()
        scope = set(self.department_ids.ids)
        found = {}
        for group in groups:
            path = [department.id for department in paths[group]]
            inside = [number for number, department in enumerate(path) if department in scope]
            found[group] = (*path[: max(inside, default=0) + 1], EVERYBODY)
        return found
