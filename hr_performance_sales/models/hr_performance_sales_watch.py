from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.decimals import plain, to_decimal

from .hr_performance_sales_plan_compute import COLUMNS

#: Periods that a repetition is looked for in, this one included.
REPEAT_PERIODS = 6
#: How far back the way of a customer is followed.
LOOK_BACK = timedelta(days=183)
KINDS = [
    ("bunching", "Many just above a target"),
    ("repeat", "Often just above the minimum"),
    ("border", "Moved across the end of the period"),
    ("cancelled", "Taken back after the period"),
    ("split", "Several deals on one day"),
    ("passed", "Customer passed between two"),
]


class HrPerformanceSalesWatch(models.Model):
    """Something in a period that HR may want to look at, with the records behind it.

    A row says what was found and accuses nobody: most of it has a good reason, which whoever looked
    writes down when he dismisses it. One statement for each kind finds the rows of a period;
    looking again is looking once.
    """

    _name = "hr.performance.sales.watch"
    _description = "Sales Watch List"
    _order = "period_id, state desc, kind, id"
    _rec_name = "text"
    _rec_names_search = ["employee_id"]

    kind = fields.Selection(KINDS, required=True, readonly=True)
    period_id = fields.Many2one(
        "hr.performance.sales.period", required=True, readonly=True, ondelete="cascade"
    )
    plan_id = fields.Many2one(related="period_id.plan_id")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    key = fields.Char(required=True, readonly=True, export_string_translation=False)
    employee_id = fields.Many2one(
        "hr.employee", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    other_employee_id = fields.Many2one(
        "hr.employee", "And", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    amount = fields.Monetary(readonly=True, aggregator=None)
    count = fields.Integer(readonly=True, aggregator=None)
    count_other = fields.Integer(readonly=True, aggregator=None, export_string_translation=False)
    evidence = fields.Json(readonly=True, export_string_translation=False)
    text = fields.Char("What Was Found", compute="_compute_text")
    state = fields.Selection(
        [("open", "To Look At"), ("dismissed", "Dismissed")],
        default="open",
        required=True,
        readonly=True,
    )
    note = fields.Text(help="Why there is nothing to it, or what was done.")
    dismissed_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    dismissed_on = fields.Datetime(readonly=True)

    _key_unique = models.UniqueIndex("(period_id, kind, key)")

    @api.depends("kind", "count", "count_other", "amount")
    @api.depends_context("lang")
    def _compute_text(self):
        for watch in self:
            texts = watch._get_texts()
            kind = f"{watch.kind}_line" if (watch.key or "").startswith("line-") else watch.kind
            watch.text = texts[kind] % watch._get_text_values() if watch.kind else ""

    def _get_text_values(self):
        plan = self.sudo().plan_id  # sudo: limits and currency, for whoever may read the row
        return {
            "count": self.count,
            "other": self.count_other,
            "near": plain(to_decimal(plan.watch_near)),
            "amount": plan._format_amount(self.amount),
            "days": plan.watch_days,
            "after": plan.watch_after,
            "periods": REPEAT_PERIODS,
        }

    def _get_texts(self):
        _ = self.env._
        return {
            "bunching": _(
                "%(count)s people of one group ended within %(near)s %% above their minimum, "
                "%(other)s within as much below it."
            ),
            "bunching_line": _(
                "%(count)s people of one group ended within %(near)s %% above the line, %(other)s "
                "within as much below it."
            ),
            "repeat": _(
                "Ended within %(near)s %% above the minimum in %(count)s of the last %(periods)s "
                "periods."
            ),
            "border": _(
                "A deal of %(amount)s was credited on one side of the period's end and taken back, "
                "credited again or dated on the other, within %(days)s days of it."
            ),
            "cancelled": _(
                "%(amount)s from the last %(days)s days, without which a target was missed, were "
                "taken back within %(after)s days after the period."
            ),
            "split": _("%(count)s deals with one customer on one day, %(amount)s together."),
            "passed": _(
                "The customer went from one of the two to the other %(count)s times within half a "
                "year."
            ),
        }

    # Moving

    def write(self, vals):
        if not self.env.su and vals.keys() - {"note"}:
            raise AccessError(self.env._("Rows of the watch list are dismissed by their button."))
        return super().write(vals)

    def action_dismiss(self):
        """Note that somebody has looked, and why there is nothing to it."""
        self.check_access("write")
        for watch in self:
            if not (watch.note or "").strip():
                raise UserError(self.env._("Write down what you found before you dismiss it."))
        # sudo: the state moves by this button, the right was checked
        self.sudo().write(
            {
                "state": "dismissed",
                "dismissed_by_id": self.env.uid,
                "dismissed_on": fields.Datetime.now(),
            }
        )
        return True

    def action_open_evidence(self):
        """Open the results or the credits behind the row, and from there the documents."""
        self.ensure_one()
        self.check_access("read")
        is_result = self.kind in ("bunching", "repeat")
        name = "result" if is_result else "credit"
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"hr_performance_sales.hr_performance_sales_{name}_action"
        )
        return dict(action, domain=[("id", "in", self.evidence or [])], context={})

    # ------------------------------------------------------------
    # Looking
    # ------------------------------------------------------------

    @api.model
    def _cron_look(self):
        """Daily: look at the periods that ended lately; what is taken back later is found then."""
        for period in self.env["hr.performance.sales.period"].search(
            [("is_pilot", "=", False), ("state", "!=", "closing")]
        ):
            today = period.company_id._get_performance_today()
            last = period.date_to + timedelta(days=period.plan_id.watch_after + 1)
            if period.date_to < today <= last:
                self._look(period)
                self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _look(self, period):
        """Find what there is to look at in a period that is over; one statement for each kind."""
        # sudo: the engine looks at everybody; HR alone reads what it finds
        self, period = self.sudo(), period.sudo()
        self.env.flush_all()
        for kind, _label in KINDS:
            self._store(period, kind, getattr(self, f"_get_{kind}_sql")(period))
        self.env.invalidate_all()

    @api.model
    def _store(self, period, kind, rows):
        """Add what a query found. Rows that somebody has looked at stay as they are."""
        self.env.cr.execute(
            SQL(
                """INSERT INTO hr_performance_sales_watch AS w
                          (kind, period_id, company_id, state, create_uid, create_date,
                           key, employee_id, other_employee_id, partner_id, amount, count,
                           count_other, evidence)
                   SELECT %(kind)s, %(period)s, %(company)s, 'open', %(uid)s, %(now)s, found.*
                     FROM (%(rows)s) AS found
              ON CONFLICT (period_id, kind, key) DO UPDATE
                      SET (amount, count, count_other, evidence)
                        = ROW(excluded.amount, excluded.count, excluded.count_other,
                              excluded.evidence)
                    WHERE w.state = 'open' AND w.evidence IS DISTINCT FROM excluded.evidence""",
                kind=kind,
                period=period.id,
                company=period.company_id.id,
                uid=self.env.uid,
                now=self.env.cr.now(),
                rows=rows,
            )
        )

    @api.model
    def _get_amount_sql(self, period, alias):
        return SQL.identifier(alias, COLUMNS[period.plan_id.amount_kind])

    @api.model
    def _get_condition(self, period, alias):
        """``SQL``: whether a credit is one of those that the plan counts, whenever it is."""
        return period.plan_id._get_credit_condition(SQL.identifier(alias))

    @api.model
    def _get_bounds(self, period):
        start, end = period.plan_id._get_bounds(period._get_period())
        return {
            "start": start,
            "end": end,
            "days": timedelta(days=period.plan_id.watch_days),
            "after": timedelta(days=period.plan_id.watch_after),
        }

    @api.model
    def _get_bunching_sql(self, period):
        """Groups in which many ended just above a target, and few just below it."""
        plan = period.plan_id
        return SQL(
            """SELECT near.target || '-' || near.group_ref, NULL::int, NULL::int, NULL::int,
                      NULL::numeric, COUNT(*) FILTER (WHERE near.above),
                      COUNT(*) FILTER (WHERE NOT near.above),
                      to_jsonb(array_agg(near.id ORDER BY near.id) FILTER (WHERE near.above))
                 FROM (SELECT t.target, r.group_ref, r.id,
                              t.value > t.goal OR t.inclusive AND t.value = t.goal AS above
                         FROM hr_performance_sales_result r,
                      LATERAL (VALUES ('minimum', r.amount, r.minimum, TRUE),
                                      ('line', r.compared, r.line::numeric, %(inclusive)s))
                              AS t(target, value, goal, inclusive)
                        WHERE r.period_id = %(period)s AND r.barred IS NULL AND t.goal > 0
                          AND abs(t.value - t.goal) <= t.goal * %(near)s / 100) AS near
             GROUP BY near.target, near.group_ref
               HAVING COUNT(*) FILTER (WHERE near.above) >= %(people)s
                  AND COUNT(*) FILTER (WHERE near.above)
                      >= 2 * COUNT(*) FILTER (WHERE NOT near.above)""",
            period=period.id,
            inclusive=plan.inclusive,
            near=to_decimal(plan.watch_near),
            people=plan.watch_people,
        )

    @api.model
    def _get_repeat_sql(self, period):
        """Who ended just above his minimum again and again, this time included."""
        plan = period.plan_id
        family = self.env["hr.performance.sales.period"].search(
            Domain("root_id", "=", period.root_id.id) & Domain("date_from", "<=", period.date_from),
            order="date_from desc",
            limit=REPEAT_PERIODS,
        )
        return SQL(
            """SELECT r.employee_id::varchar, r.employee_id, NULL::int, NULL::int, MAX(r.amount),
                      COUNT(*), 0, to_jsonb(array_agg(r.id ORDER BY r.id))
                 FROM hr_performance_sales_result r
                WHERE r.period_id = ANY(%(family)s) AND r.barred IS NULL AND r.minimum > 0
                  AND r.amount >= r.minimum AND r.amount - r.minimum <= r.minimum * %(near)s / 100
             GROUP BY r.employee_id
               HAVING COUNT(*) >= %(repeats)s AND bool_or(r.period_id = %(period)s)""",
            family=family.ids,
            near=to_decimal(plan.watch_near),
            repeats=plan.watch_repeats,
            period=period.id,
        )

    @api.model
    def _get_border_sql(self, period):
        """Deals credited before the end and again after it, or recorded after it with an earlier
        date. The start of the period is the end of the one before."""
        return SQL(
            """SELECT c.res_model || '-' || c.res_id, MIN(c.employee_id), NULL::int,
                      MIN(c.partner_id), MAX(abs(%(amount)s)), COUNT(*), 0,
                      to_jsonb(array_agg(c.id ORDER BY c.id))
                 FROM hr_performance_sales_credit c
                WHERE %(condition)s AND c.employee_id IS NOT NULL
                  AND c.date >= %(end)s - %(days)s AND c.date < %(end)s + %(days)s
                  AND c.cause IN ('won', 'ordered', 'reversed', 'cancelled')
             GROUP BY c.res_model, c.res_id
               HAVING bool_or(%(amount)s > 0 AND c.date < %(end)s) AND (
                      bool_or(%(amount)s < 0) AND bool_or(%(amount)s > 0 AND c.date >= %(end)s)
                   OR bool_or(%(amount)s > 0 AND c.date < %(end)s
                              AND c.create_date > %(opened)s
                              AND c.create_date >= %(end)s
                              AND c.create_date < %(end)s + %(days)s))""",
            condition=self._get_condition(period, "c"),
            amount=self._get_amount_sql(period, "c"),
            # what was taken over when the period was opened was not dated back
            opened=period.create_date,
            **self._get_bounds(period),
        )

    @api.model
    def _get_cancelled_sql(self, period):
        """Deals of the last days, without which a target was missed, taken back afterwards."""
        return SQL(
            """WITH late AS (
                     SELECT c.res_model, c.res_id, c.employee_id, MIN(c.partner_id) AS partner_id,
                            SUM(%(late)s) AS amount, array_agg(c.id) AS ids
                       FROM hr_performance_sales_credit c
                      WHERE %(late_condition)s AND c.employee_id IS NOT NULL
                        AND c.date >= %(end)s - %(days)s AND c.date < %(end)s
                   GROUP BY c.res_model, c.res_id, c.employee_id HAVING SUM(%(late)s) > 0),
                    back AS (
                     SELECT b.res_model, b.res_id, b.employee_id, SUM(%(back)s) AS amount,
                            array_agg(b.id) AS ids
                       FROM hr_performance_sales_credit b
                      WHERE %(back_condition)s AND b.employee_id IS NOT NULL
                        AND b.date >= %(end)s AND b.date < %(end)s + %(after)s
                   GROUP BY b.res_model, b.res_id, b.employee_id)
               SELECT late.res_model || '-' || late.res_id || '-' || late.employee_id,
                      late.employee_id, NULL::int, late.partner_id, -back.amount, 1, 0,
                      to_jsonb(late.ids || back.ids)
                 FROM late JOIN back USING (res_model, res_id, employee_id)
                 JOIN hr_performance_sales_result r
                      ON r.period_id = %(period)s AND r.employee_id = late.employee_id
                WHERE -back.amount >= late.amount / 2
                  AND (r.meets_minimum AND r.amount - late.amount < r.minimum
                       OR r.is_above AND r.has_line AND r.compared - late.amount <= r.line)""",
            period=period.id,
            late=self._get_amount_sql(period, "c"),
            back=self._get_amount_sql(period, "b"),
            late_condition=self._get_condition(period, "c"),
            back_condition=self._get_condition(period, "b"),
            **self._get_bounds(period),
        )

    @api.model
    def _get_split_sql(self, period):
        """Several deals of one salesperson with one customer on one day of the company."""
        return SQL(
            """SELECT c.employee_id || '-' || c.partner || '-' || c.day, c.employee_id, NULL::int,
                      c.partner, SUM(c.amount), COUNT(DISTINCT (c.res_model, c.res_id)), 0,
                      to_jsonb(array_agg(c.id ORDER BY c.id))
                 FROM (SELECT c.id, c.employee_id, c.res_model, c.res_id, %(amount)s AS amount,
                              COALESCE(p.commercial_partner_id, p.id) AS partner,
                              (c.date AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS day
                         FROM hr_performance_sales_credit c
                         JOIN res_partner p ON p.id = c.partner_id
                        WHERE %(condition)s AND c.employee_id IS NOT NULL AND %(amount)s > 0
                          AND c.cause IN ('won', 'ordered', 'invoiced', 'paid')
                          AND c.date >= %(start)s AND c.date < %(end)s) AS c
             GROUP BY c.employee_id, c.partner, c.day
               HAVING COUNT(DISTINCT (c.res_model, c.res_id)) >= %(documents)s""",
            condition=self._get_condition(period, "c"),
            amount=self._get_amount_sql(period, "c"),
            zone=period.company_id._get_performance_tz() or "UTC",
            documents=period.plan_id.watch_documents,
            **self._get_bounds(period),
        )

    @api.model
    def _get_passed_sql(self, period):
        """Customers who went to and fro between two salespeople, in this period as well."""
        return SQL(
            """WITH deal AS (
                     SELECT c.res_model, c.res_id, MIN(c.employee_id) AS employee_id,
                            MIN(COALESCE(p.commercial_partner_id, p.id)) AS partner,
                            MIN(c.date) AS date, MIN(c.id) AS id, SUM(%(amount)s) AS amount
                       FROM hr_performance_sales_credit c
                       JOIN res_partner p ON p.id = c.partner_id
                      WHERE %(condition)s AND c.employee_id IS NOT NULL AND %(amount)s > 0
                        AND c.cause IN ('won', 'ordered', 'invoiced', 'paid')
                        AND c.date >= %(start)s - %(back)s AND c.date < %(end)s
                   GROUP BY c.res_model, c.res_id HAVING COUNT(DISTINCT c.employee_id) = 1),
                    way AS (
                     SELECT deal.*, employee_id <> lag(employee_id) OVER (
                                PARTITION BY partner ORDER BY date, id) AS is_pass
                       FROM deal)
               SELECT partner::varchar, MIN(employee_id), MAX(employee_id), partner, SUM(amount),
                      COUNT(*) FILTER (WHERE is_pass), 0, to_jsonb(array_agg(id ORDER BY id))
                 FROM way GROUP BY partner
               HAVING COUNT(DISTINCT employee_id) = 2
                  AND COUNT(*) FILTER (WHERE is_pass) >= %(passes)s
                  AND bool_or(is_pass AND date >= %(start)s)""",
            condition=self._get_condition(period, "c"),
            amount=self._get_amount_sql(period, "c"),
            back=LOOK_BACK,
            passes=period.plan_id.watch_passes,
            **self._get_bounds(period),
        )
