from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, escape_psql, format_datetime
from odoo.tools.misc import get_lang

from odoo.addons.hr_performance.tools.decimals import to_decimal

from ..tools import board

PAGE_SIZE = 50
MAX_SIZE = 100
#: Periods to choose from, the newest first.
MAX_PERIODS = 200
#: Who reads the results of everybody by the record rules.
READERS = ("hr_performance.group_hr_performance_auditor", "sales_team.group_sale_manager")
NOBODY = 2**31 - 1
#: A group that nobody is in.
NO_GROUP = -1
PERIOD_FIELDS = ["name", "plan_id", "root_id", "company_id", "is_pilot", "state", "date_from"]
PERIOD_FIELDS += ["refreshed_on", "closed_on", "ranked_on"]


class View(NamedTuple):
    """One group of one period, as somebody may see it.

    ``rows`` is a condition on a result ``r``: whether it is shown at all; ``readable``: whether
    the record rules show it to him anyway, with all figures; ``own``: whether it is his own.
    """

    period: models.Model
    plan: models.Model
    group: int
    policy: str
    rows: SQL
    readable: SQL
    own: SQL


class Money(NamedTuple):
    """How amounts are written: the currency, and the language, which is looked up once."""

    symbol: str
    position: str
    digits: int
    lang: models.Model


class Scale(NamedTuple):
    """What bars are drawn against; ``in_bands``: in per cent of a line and not in money."""

    top: Decimal | None
    line: Decimal | None
    in_bands: bool


class HrPerformanceSalesBoard(models.AbstractModel):
    """The leaderboard of a period: one page at a time, as the policy of the plan allows.

    What somebody may read by the record rules of the results (his own row, his people's, everything
    for HR) he sees here too. Of everybody else the plan decides: all figures, bands of amounts, or
    the upper half alone. Who has no place, because he is new or was away, is shown to nobody else.
    The screen, the phone and the wall all read :meth:`get_page`; nothing else opens these rows.
    """

    _name = "hr.performance.sales.board"
    _description = "Leaderboard of a Sales Plan"

    # ------------------------------------------------------------
    # What clients ask
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_choices(self):
        """Plans and their periods that the user sees, the newest first."""
        Period = self.env["hr.performance.sales.period"]
        plans = {}
        if Period.has_access("read"):
            periods = Period.search(Domain.TRUE, order="date_from desc, id desc", limit=MAX_PERIODS)
            ordered = periods.sorted(lambda p: (p.is_pilot, p.plan_id.sequence))
            for period in ordered:
                plan = plans.setdefault(
                    period.root_id.id,
                    {"id": period.root_id.id, "name": period.plan_id.name, "periods": []},
                )
                plan["periods"].append({"id": period.id, "name": period.name})
        return {
            "plans": list(plans.values()),
            "is_planner": self.env["hr.performance.sales.plan"].has_access("create"),
        }

    @api.model
    @api.readonly
    def get_page(
        self,
        period_id=False,
        group=None,
        page=1,
        name="",
        team=False,
        plan_id=False,
        size=PAGE_SIZE,
    ):
        """One page of the leaderboard, its figures as text.

        :param period_id: a period; else the newest one, of ``plan_id`` where that is given
        :param group: a department or team of the period; else the user's own, or the largest
        :param page: counts from 1; beyond the last one it is the last one
        :param name: part of the names to look for
        :param team: what every colleague in the group may see, whoever asks: for a screen on a wall
        :raises AccessError: for a period or a group of which the user may see nobody
        """
        period = self._find_period(period_id, plan_id, bool(team))
        if not period:
            return {"period": False}
        self.env["hr.employee"].flush_model(["name", "user_id"])
        groups, own_group = self._get_groups(period)
        group = self._choose_group(groups, own_group, group)
        head = self._get_head(period, group)
        view = self._make_view(period, group, head, bool(team))
        size = min(max(int(size or PAGE_SIZE), 1), MAX_SIZE)
        return {
            **self._get_period_values(view),
            "groups": self._get_group_values(period, groups),
            "group": group,
            "people": head["people"] or 0,
            **self._get_rows_values(view, head, str(name or ""), int(page or 1), size),
        }

    @api.model
    def _get_rows_values(self, view, head, name, page, size):
        """The rows of a page, the user's own row, and the line that they are held against."""
        total, found, before = self._count(view, name)
        pages = board.get_pages(found, size)
        page = min(max(page, 1), pages)
        rows, own = self._read_rows(view, name, size, (page - 1) * size)
        lang = self.env["res.lang"].browse(get_lang(self.env).id)
        money = Money(head["symbol"], head["position"], head["digits"], lang)
        scale = self._get_scale(view, head, own)
        values = [self._get_row_values(row, view, money, scale) for row in rows]
        return {
            **self._get_line_values(view, head, money, scale),
            "total": total,
            "found": found,
            "page": page,
            "pages": pages,
            "page_text": self.env._("Page %(page)s of %(pages)s", page=page, pages=pages),
            "size": size,
            "rows": values if name else self._mark_gaps(values),
            "own": self._get_own_values(own, before, size, view, money, scale) if own else False,
        }

    # ------------------------------------------------------------
    # Who may see what
    # ------------------------------------------------------------

    @api.model
    def _find_period(self, period_id, plan_id, team):
        Period = self.env["hr.performance.sales.period"]
        if not Period.has_access("read"):
            return Period
        domain = Domain("id", "=", int(period_id)) if period_id else Domain.TRUE
        if team:  # no team sees a pilot
            domain &= Domain("is_pilot", "=", False)
        if plan_id:
            domain &= Domain("root_id", "=", int(plan_id))
        order = "is_pilot, date_from desc, id desc"
        period = Period.search_fetch(domain, PERIOD_FIELDS, order=order, limit=1)
        if not period and (period_id or plan_id):
            raise AccessError(self.env._("This leaderboard is not for you."))
        return period

    @api.model
    def _sees_all(self):
        return self.env.su or any(self.env.user.has_group(name) for name in READERS)

    @api.model
    def _get_readable(self, period):
        """``SQL``: whether the record rules show a result ``r`` of the period to the user."""
        if self._sees_all():
            return SQL("TRUE")
        query = self.env["hr.performance.sales.result"]._search([("period_id", "=", period.id)])
        return SQL("r.id IN %s", query.subselect())

    @api.model
    def _get_own(self):
        own = self.env["hr.performance.access.mixin"]._get_own_query()
        return SQL("r.employee_id IN %s", own)

    @api.model
    def _get_groups(self, period):
        """``{group: people}`` in which the user may read somebody, and the one where he has a
        place."""
        rows = self.env.execute_query(
            SQL(
                """SELECT r.group_ref, COUNT(*), bool_or(r.rank IS NOT NULL AND %(own)s)
                     FROM hr_performance_sales_result r
                    WHERE r.period_id = %(period)s AND %(readable)s GROUP BY r.group_ref""",
                own=self._get_own(),
                period=period.id,
                readable=self._get_readable(period),
            )
        )
        own = next((group for group, _count, is_own in rows if is_own), None)
        return {group: count for group, count, _own in rows}, own

    @api.model
    def _choose_group(self, groups, own, wanted):
        if wanted is not None and wanted is not False:
            if int(wanted) not in groups:
                raise AccessError(self.env._("This leaderboard is not for you."))
            return int(wanted)
        return own if own is not None else max(groups, key=groups.get, default=NO_GROUP)

    @api.model
    def _make_view(self, period, group, head, team):
        # sudo: the rule of the plan, for whoever sees the period
        plan = period.sudo().plan_id
        sees_all = self._sees_all() and not team
        readable = SQL("FALSE") if team else self._get_readable(period)
        shown = SQL("r.rank IS NOT NULL")
        if plan.visibility == "upper" and head["upper"] is not None:
            shown = SQL("r.rank < %s", head["upper"])
        return View(
            period,
            plan,
            group,
            "all" if sees_all else plan.visibility,
            SQL("TRUE") if sees_all else SQL("(%s OR %s)", shown, readable),
            readable,
            SQL("FALSE") if team else self._get_own(),
        )

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    @api.model
    def _get_head(self, period, group):
        """What the first of the group and the company say; ``upper`` is the place from which on
        people are no longer in the upper half: with ties, only whoever is in it for certain."""
        (row,) = self.env.execute_query_dict(
            SQL(
                """SELECT c.symbol, c.position, c.decimal_places AS digits,
                          first.rank_count AS people, first.line, first.has_line,
                          first.basis, first.compared AS top,
                          (SELECT r.rank FROM hr_performance_sales_result r
                            WHERE r.period_id = %(period)s AND r.group_ref = %(group)s
                              AND r.rank IS NOT NULL
                         ORDER BY r.rank OFFSET COALESCE(first.rank_count, 0) / 2 LIMIT 1) AS upper
                     FROM res_company company JOIN res_currency c ON c.id = company.currency_id
                LEFT JOIN LATERAL (
                          SELECT * FROM hr_performance_sales_result r
                           WHERE r.period_id = %(period)s AND r.group_ref = %(group)s
                        ORDER BY r.rank LIMIT 1) first ON TRUE
                    WHERE company.id = %(company)s""",
                period=period.id,
                group=group,
                company=period.company_id.id,
            )
        )
        return row

    @api.model
    def _get_rows_sql(self, view, name=""):
        """``SQL``: FROM and WHERE of what is shown."""
        tables = SQL("hr_performance_sales_result r")
        found = SQL("TRUE")
        if name.strip():
            tables = SQL("%s JOIN hr_employee e ON e.id = r.employee_id", tables)
            found = SQL("e.name ILIKE %s", f"%{escape_psql(name.strip())}%")
        return SQL(
            "FROM %s WHERE r.period_id = %s AND r.group_ref = %s AND %s AND %s",
            tables,
            view.period.id,
            view.group,
            view.rows,
            found,
        )

    @api.model
    def _count(self, view, name):
        """How many people are shown, how many of them have the name, and how many of those stand
        before the user."""
        (counts,) = self.env.execute_query(
            SQL(
                """WITH own AS (
                       SELECT COALESCE(r.rank, %(nobody)s) AS rank, r.id
                         FROM hr_performance_sales_result r
                        WHERE r.period_id = %(period)s AND r.group_ref = %(group)s AND %(own)s
                        LIMIT 1)
                   SELECT COUNT(*),
                          COUNT(*) FILTER (WHERE (COALESCE(r.rank, %(nobody)s), r.id)
                                               < (SELECT rank, id FROM own))
                   %(shown)s""",
                nobody=NOBODY,
                period=view.period.id,
                group=view.group,
                own=view.own,
                shown=self._get_rows_sql(view),
            )
        )
        total, before = counts
        if not name.strip():
            return total, total, before
        ((found,),) = self.env.execute_query(
            SQL("SELECT COUNT(*) %s", self._get_rows_sql(view, name))
        )
        return total, found, before

    @api.model
    def _read_rows(self, view, name, limit, offset):
        """The rows of the page, and the user's own row or None."""
        rows = self.env.execute_query_dict(
            SQL(
                """WITH page AS (
                       SELECT r.id %(shown)s
                     ORDER BY r.rank, r.id LIMIT %(limit)s OFFSET %(offset)s)
                   SELECT r.employee_id, e.name, r.rank, r.rank_before, r.rank_count, r.amount,
                          r.compared, r.minimum, r.line, r.has_line, r.gap, r.meets_minimum,
                          r.barred, %(readable)s AS readable, %(own)s AS is_own, k.in_page
                     FROM (SELECT id, TRUE AS in_page FROM page
                           UNION ALL
                           SELECT r.id, FALSE FROM hr_performance_sales_result r
                            WHERE r.period_id = %(period)s AND r.group_ref = %(group)s AND %(own)s
                          ) k
                     JOIN hr_performance_sales_result r ON r.id = k.id
                     JOIN hr_employee e ON e.id = r.employee_id
                 ORDER BY r.rank, r.id""",
                shown=self._get_rows_sql(view, name),
                limit=limit,
                offset=offset,
                readable=view.readable,
                own=view.own,
                period=view.period.id,
                group=view.group,
            )
        )
        own = next((row for row in rows if not row["in_page"]), None)
        return [row for row in rows if row["in_page"]], own

    # ------------------------------------------------------------
    # Showing
    # ------------------------------------------------------------

    @api.model
    def _get_scale(self, view, head, own):
        """The line that the reader compares with is his own where the others have another."""
        source = own or head
        line = to_decimal(source["line"]) if source["has_line"] else None
        if view.plan.second == "leave_one_out" and not own:
            line = None
        if view.policy == "bands":
            has_line = line is not None and line > 0
            return Scale(2 * line if has_line else None, line, True)
        top = to_decimal(head["top"]) if head["top"] is not None else Decimal(0)
        return Scale(max(top, line or Decimal(0)), line, False)

    @api.model
    def _get_row_values(self, row, view, money, scale):
        """Somebody as the reader may see him."""
        values = {
            "id": row["employee_id"],
            "name": row["name"],
            "place": row["rank"] or False,
            "move": self._get_move(row, view),
            "is_own": row["is_own"],
            "is_met": bool(row["meets_minimum"]),
            "band": "",
            "amount": "",
            "compared": "",
            "gap": "",
            "percent": "",
            "is_ahead": False,
            "barred": "",
            "is_apart": False,
        }
        if view.policy == "bands" and not row["readable"]:
            return values | self._get_band_values(row, scale)
        return values | self._get_exact_values(row, view, money, scale)

    @api.model
    def _get_move(self, row, view):
        """Places won since the day before, negative when lost; False when there is no before."""
        if view.period.state != "open" or not row["rank"] or not row["rank_before"]:
            return False
        return {"by": abs(row["rank_before"] - row["rank"]), "up": row["rank"] < row["rank_before"]}

    @api.model
    def _get_band_values(self, row, scale):
        line = to_decimal(row["line"]) if row["has_line"] else None
        by_line = line is not None and line > 0
        reference = line if by_line else to_decimal(row["minimum"])
        band = board.get_band(to_decimal(row["compared"]), reference)
        return {
            "band": self._get_band_text(band, by_line),
            "is_ahead": bool(by_line and band and band.low is not None and band.low >= 100),
            "bar": board.get_band_bar(band),
        }

    @api.model
    def _get_band_text(self, band, by_line):
        if band is None:
            return self.env._("Not comparable")
        values = {"low": band.low, "high": band.high}
        if by_line:
            if band.low is None:
                return self.env._("Under %(high)s %% of the line", **values)
            if band.high is None:
                return self.env._("%(low)s %% of the line and more", **values)
            return self.env._("%(low)s–%(high)s %% of the line", **values)
        if band.low is None:
            return self.env._("Under %(high)s %% of the minimum", **values)
        if band.high is None:
            return self.env._("%(low)s %% of the minimum and more", **values)
        return self.env._("%(low)s–%(high)s %% of the minimum", **values)

    @api.model
    def _get_exact_values(self, row, view, money, scale):
        amount, compared = to_decimal(row["amount"]), to_decimal(row["compared"])
        line = to_decimal(row["line"]) if row["has_line"] else None
        gap = None if line is None else compared - line
        percent = board.get_percent(gap, line)
        top = scale.top
        if scale.in_bands and top is None:
            top = 2 * to_decimal(row["minimum"])
        values = {
            "amount": self._format(amount, money),
            "gap": "" if gap is None else self._format(gap, money, signed=True),
            "percent": "" if percent is None else self._format_percent(percent, money),
            "is_ahead": gap is not None and gap > 0,
            "bar": board.get_bar(compared, top),
        }
        if row["readable"]:
            values["barred"] = self._get_barred_text(row["barred"])
            if compared != amount:
                values["compared"] = self._format(compared, money)
        return values

    @api.model
    def _get_barred_text(self, barred):
        if not barred:
            return ""
        field = self.env["hr.performance.sales.result"]._fields["barred"]
        return dict(field._description_selection(self.env))[barred]

    @api.model
    def _mark_gaps(self, rows):
        """Tell where people between two rows are not shown."""
        before = None
        for row in rows:
            place = row["place"] or 0
            # people of equal rank share a place, so a step may be longer than one
            row["is_apart"] = bool(before and place and place > before["last"] + before["count"])
            if before and place == before["last"]:
                before["count"] += 1
            else:
                before = {"last": place, "count": 1}
        return rows

    @api.model
    def _get_own_values(self, own, before, size, view, money, scale):
        """The user's own row, where it is, and what is missing."""
        values = self._get_row_values(own, view, money, scale)
        amount, minimum = to_decimal(own["amount"]), to_decimal(own["minimum"])
        values["minimum"] = self._format(minimum, money)
        values["to_minimum"] = ""
        if amount < minimum:
            missing = self._format(minimum - amount, money)
            values["to_minimum"] = self.env._("%s to go", missing)
        values["count"] = self.env._("of %s", own["rank_count"] or 0)
        values["page"] = board.get_page_of(before, size)
        return values

    @api.model
    def _get_period_values(self, view):
        period, plan = view.period, view.plan
        is_final = period.state not in ("open", "closing")
        moment = period.closed_on if is_final else period.refreshed_on
        policies = dict(plan._fields["visibility"]._description_selection(self.env))
        return {
            "period": {
                "id": period.id,
                "name": period.name,
                "plan": plan.name,
                "plan_id": period.root_id.id,
                "is_final": is_final,
                "is_pilot": period.is_pilot,
                "as_of": self._format_moment(moment),
            },
            "hint": self._get_hint(view, is_final),
            "stamp": self._get_stamp(period),
            "policy": view.policy,
            "policy_text": policies[plan.visibility],
        }

    @api.model
    def _get_hint(self, view, is_final):
        if is_final:
            return self.env._("These places are final.")
        return self.env._(
            "Results follow the sales after %s min at the latest; this page follows by itself. "
            "▲ and ▼ compare with the end of yesterday.",
            view.plan.refresh_minutes,
        )

    @api.model
    def _format_moment(self, moment):
        # the zone of the page; asking the user for it costs queries
        zone = self.env.context.get("tz")
        return format_datetime(self.env, moment, tz=zone, dt_format="short") if moment else ""

    @api.model
    def _get_stamp(self, period):
        """Changes whenever the board of the period does."""
        moments = (period.refreshed_on, period.closed_on, period.ranked_on, period.state)
        return "-".join(str(moment or "").replace(" ", "T") for moment in moments)

    @api.model
    def _get_line_values(self, view, head, money, scale):
        labels = {"median": self.env._("Median")}
        note = ""
        if head["basis"] == "small":
            note = self.env._(
                "The group has fewer than %s eligible people, so it has no line.",
                view.plan.min_size,
            )
        line = scale.line
        return {
            "line": "" if line is None else self._format(line, money),
            "line_label": labels.get(view.plan.second, self.env._("Second target")),
            "mark": board.get_bar(line, scale.top) if line and line > 0 else False,
            "note": note,
        }

    @api.model
    def _get_group_values(self, period, groups):
        """The groups to choose from by name; where there is one, nothing is to choose."""
        if len(groups) < 2:
            return []
        # sudo: names of departments and teams in which the user may read somebody
        plan = period.sudo().plan_id
        model = "crm.team" if plan.group_by == "team" else "hr.department"
        named = self.env[model].sudo().browse(group for group in groups if group)
        names = {record.id: record.name for record in named}
        values = [
            {"id": group, "name": names.get(group) or self.env._("Everybody"), "count": count}
            for group, count in groups.items()
        ]
        return sorted(values, key=lambda value: value["name"])

    @api.model
    def _format(self, amount, money, signed=False):
        """An amount as it is read at a glance: without decimals where they say nothing."""
        digits = money.digits if amount != round(amount, 0) else 0
        text = money.lang.format(f"%.{digits}f", abs(amount), grouping=True)
        text = f"{money.symbol}{text}" if money.position == "before" else f"{text} {money.symbol}"
        sign = "−" if amount < 0 else "+" if signed and amount > 0 else ""
        return f"{sign}{text}"

    @api.model
    def _format_percent(self, percent, money):
        digits = 0 if percent == round(percent, 0) else 1
        text = money.lang.format(f"%.{digits}f", abs(percent), grouping=True)
        sign = "−" if percent < 0 else "+" if percent > 0 else ""
        return f"{sign}{text} %"
