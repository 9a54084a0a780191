from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.decimals import to_decimal

from ..tools.dual_target import Member, get_bar, get_minimum, get_share

#: Candidates whose employments are read in one go, in some 250 MB. Smaller batches take longer, for
#: each reads the departments anew.
BATCH_SIZE = 100_000
#: The plan as a whole, as the last group of everybody.
EVERYBODY = 0
COLUMNS = {"untaxed": "amount_untaxed", "taxed": "amount_taxed", "margin": "margin"}


class Row(NamedTuple):
    """Somebody in one period, as the query of the plan takes him.

    ``groups`` is his group and those above it; ``full_minimum`` is before pro rata; ``moved``:
    whether he changed his group during the period.
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
    moved: bool


class HrPerformanceSalesPlan(models.Model):
    """Who takes part in a period of the plan, and which credits count for it."""

    _inherit = "hr.performance.sales.plan"

    # ------------------------------------------------------------
    # Who takes part
    # ------------------------------------------------------------

    def _get_rows(self, period):
        """Everybody who takes part in a ``tools.period.Period``, as a list of :class:`Row`."""
        return [row for rows in self._get_row_batches(period) for row in rows]

    def _get_row_batches(self, period):
        """The same in batches, so that memory does not grow with the company."""
        self.ensure_one()
        # sudo: the engine reads employments and absences of people whom the user may not see; what
        # leaves it are the rows of the plan
        plan = self.sudo()
        employees = plan._get_candidates(period)
        for start in range(0, len(employees), BATCH_SIZE):
            yield plan._get_rows_of(employees.browse(employees.ids[start:][:BATCH_SIZE]), period)

    def _get_rows_of(self, employees, period):
        today = self.company_id._get_performance_today()
        snapshots = [s for s in employees._get_performance_snapshots(period, today) if s.days]
        teams = self._get_teams(period)
        scope = set(self.department_ids.ids)
        groups = {s.employee_id: self._get_groups(s, teams, scope) for s in snapshots}
        snapshots = [s for s in snapshots if groups[s.employee_id]]
        people = employees.browse(s.employee_id for s in snapshots)
        terms = people._get_sales_terms(period, today)
        minimums = self._get_minimums(snapshots, period)
        rule = self._get_rule()
        digits = self.currency_id.decimal_places
        return [
            self._get_row(
                snapshot,
                groups[snapshot.employee_id],
                terms[snapshot.employee_id],
                self._get_member(snapshot, terms[snapshot.employee_id], minimums, period),
                rule,
                digits,
            )
            for snapshot in snapshots
        ]

    def _get_member(self, snapshot, terms, minimums, period):
        return Member(
            snapshot.employee_id,
            # Whether who sold nothing counts is decided with the amounts.
            amount=Decimal(1),
            minimum=minimums[snapshot.employee_id],
            tenure=terms.tenure,
            employed=Decimal(snapshot.days) / period.days,
            present=max(1 - Decimal(terms.absent_days) / snapshot.days, Decimal(0)),
            worktime=terms.worktime,
            is_manager=terms.is_manager,
        )

    def _get_row(self, snapshot, path, terms, member, rule, digits):
        return Row(
            employee_id=snapshot.employee_id,
            manager_id=snapshot.manager_id,
            department_id=snapshot.department_id,
            team_id=path[0] if self.group_by == "team" else None,
            groups=path,
            full_minimum=member.minimum,
            minimum=get_minimum(member, rule, digits),
            share=get_share(member, rule) if rule.scale_amounts else Decimal(1),
            barred=get_bar(member, rule),
            moved=terms.moved and self.group_by == "department",
        )

    def _get_candidates(self, period):
        """Employees who may take part, those who left included."""
        self.ensure_one()
        Employee = self.env["hr.employee"].with_context(active_test=False)
        domain = Domain("company_id", "=", self.company_id.id)
        if self.group_by == "people":
            domain &= Domain("id", "in", self.employee_ids.ids)
        elif self.group_by == "team":
            domain &= Domain("user_id", "in", list(self._get_teams(period)))
        return Employee.search(domain, order="id")

    def _get_teams(self, period):
        """``{user id: team id}`` of the teams of the plan; the first one of somebody in several.

        It is the team at the end of the period, as far as memberships tell since when they are
        there; else that of today. Who is archived keeps the one that he had: his memberships are
        archived with him, and what he sold before counts.
        """
        self.ensure_one()
        if self.group_by != "team":
            return {}
        teams = self.with_context(active_test=True).team_ids
        members = self.env["crm.team.member"].with_context(active_test=False)
        members = members.search(
            Domain("user_id", "in", teams.crm_team_member_all_ids.user_id.ids), order="id"
        )
        _start, end = self._get_bounds(period)
        found = {}
        for user, own in members.grouped("user_id").items():
            held = own.filtered(
                lambda m: m.create_date < end and (m.active or m.write_date >= end)
            ) or own.filtered("active")
            if not held and not user.active:
                held = own.sorted(lambda m: (m.write_date, m.id))[-1:]
            inside = held.filtered(lambda m: m.crm_team_id in teams)
            if inside:
                found[user.id] = inside[0].crm_team_id.id
        return found

    def _get_groups(self, snapshot, teams, scope):
        """The group of somebody and those above it; empty when he does not take part.

        It is that of the last day of the period: who moved during it belongs to his new group with
        all that he sold.

        :param teams: as of ``_get_teams``
        :param scope: ids of the departments of the plan
        """
        if self.group_by == "people":
            return (EVERYBODY,)
        if self.group_by == "team":
            team = teams.get(snapshot.user_id)
            return (team, EVERYBODY) if team else ()
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
        if self.basis == "won":  # opportunities have no products
            return SQL(" AND ").join(conditions)
        if self.product_ids:
            products.append(SQL("%s.product_id = ANY(%s)", credit, self.product_ids.ids))
        if self.categ_ids:
            products.append(SQL("%s.categ_id = ANY(%s)", credit, self._get_categories().ids))
        if products:
            conditions.append(SQL("(%s)", SQL(" OR ").join(products)))
        return SQL(" AND ").join(conditions)

    def _get_categories(self):
        """The product categories of the plan and those below them."""
        self.ensure_one()
        # sudo: ids of categories
        return self.env["product.category"].sudo().search([("id", "child_of", self.categ_ids.ids)])

    def _filter_products(self, products):
        """The products whose sales count, as ``_get_credit_condition`` has it."""
        self.ensure_one()
        if not self.product_ids and not self.categ_ids:
            return products
        chosen = set(self.product_ids.ids)
        categories = set(self._get_categories().ids) if self.categ_ids else set()
        # sudo: the categories of products that the user may read
        return products.filtered(lambda p: p.id in chosen or p.sudo().categ_id.id in categories)

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
                  AND %(free)s""",
            current=current,
            columns=columns,
            condition=condition,
            # A transaction that began before the closing may have ended after it.
            since=closed_on - timedelta(days=1),
            first=first,
            closed_to=closed_to,
            free=self._get_free_sql(credit),
        )

    def _get_settlement_sql(self, period):
        """``SQL`` of what was recorded after the last ``period`` of the plan, with the day of each.

        It is what comes late for the periods of the plan, and what takes back a credit that the
        plan counted, or that was listed before. A version that follows finds most of it itself.
        """
        self.ensure_one()
        credit = SQL("credit")
        first, end, closed_on = period._get_span()
        # the day before, as in _get_credit_sql
        is_late = SQL(
            "credit.date >= %s AND credit.date < %s AND credit.create_date >= %s",
            first,
            end,
            closed_on - timedelta(days=1),
        )
        takes_back = SQL("credit.date >= %s AND %s", end, self._get_takes_back_sql(credit))
        follower = self._get_follower()
        if follower:
            start, _end = follower._get_bounds(follower._get_period(follower.date_from))
            is_late = SQL("FALSE")
            takes_back = SQL("credit.date < %s AND %s", start, takes_back)
        return SQL(
            """SELECT credit.id, credit.employee_id, credit.%(column)s AS amount,
                      credit.date < %(end)s AS is_late,
                      (credit.date AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS day
                 FROM hr_performance_sales_credit credit
                WHERE %(condition)s AND %(free)s AND credit.create_date < %(until)s
                  AND (%(is_late)s OR %(takes_back)s)""",
            column=SQL.identifier(COLUMNS[self.amount_kind]),
            end=end,
            zone=self.company_id._get_performance_tz(),
            condition=self._get_credit_condition(credit),
            free=self._get_free_sql(credit),
            until=end + timedelta(days=self.settle_days),
            is_late=is_late,
            takes_back=takes_back,
        )

    def _get_takes_back_sql(self, credit):
        """``SQL``: whether a credit corrects one that the plan counted, or that was listed."""
        self.ensure_one()
        return SQL(
            """(EXISTS (SELECT FROM hr_performance_sales_statement_line counted
                         WHERE counted.root_id = %(root)s
                           AND counted.credit_id = %(credit)s.cause_id)
                OR EXISTS (SELECT FROM hr_performance_sales_uncounted listed
                            WHERE listed.root_id = %(root)s
                              AND listed.credit_id = %(credit)s.cause_id))""",
            root=self.root_id.id,
            credit=credit,
        )

    def _get_free_sql(self, credit):
        """``SQL``: whether nobody was paid less or more for a credit yet, in any version."""
        self.ensure_one()
        return SQL(
            """NOT EXISTS (SELECT FROM hr_performance_sales_statement_line counted
                            WHERE counted.root_id = %(root)s AND counted.credit_id = %(credit)s.id)
               AND NOT EXISTS (SELECT FROM hr_performance_sales_uncounted deducted
                                WHERE deducted.root_id = %(root)s AND deducted.state = 'deducted'
                                  AND deducted.credit_id = %(credit)s.id)""",
            root=self.root_id.id,
            credit=credit,
        )

    def _get_scope_departments(self):
        """The departments of the plan and those below them."""
        self.ensure_one()
        # sudo: ids of departments only
        return (
            self.env["hr.department"]
            .sudo()
            .with_context(active_test=False)
            .search([("id", "child_of", self.department_ids.ids)])
        )

    def _get_scope_users(self):
        """Whoever was ever a member of the teams of the plan."""
        self.ensure_one()
        # sudo: ids of users only
        teams = self.sudo().with_context(active_test=False).team_ids
        return teams.crm_team_member_all_ids.user_id

    def _get_group_paths(self, groups):
        """``{group: it and the groups above it}``, the nearest first, the plan as a whole last.

        :param groups: ``{group: path of its department as in parent_path, or None}``
        """
        self.ensure_one()
        if self.group_by != "department":
            return {g: (g, EVERYBODY) if g else (EVERYBODY,) for g in groups}
        scope = set(self.department_ids.ids)
        found = {}
        for group, parent_path in groups.items():
            # a department that was deleted stands for itself
            path = [int(n) for n in parent_path.split("/")[-2::-1]] if parent_path else [group]
            inside = [number for number, above in enumerate(path) if above in scope]
            found[group] = (*path[: max(inside, default=0) + 1], EVERYBODY)
        return found
