from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.period import Period

MAX_MONTHS = 24


class HrPerformanceSalesPreview(models.TransientModel):
    """Runs a plan on past periods: who is paid, at what cost, beside the plan in force.

    Nothing is stored of it but the rows of the ledger that it needs, which are facts.
    """

    _name = "hr.performance.sales.preview"
    _description = "Preview of a Sales Plan"

    plan_id = fields.Many2one(
        "hr.performance.sales.plan", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id")
    currency_id = fields.Many2one(related="plan_id.currency_id")
    against_id = fields.Many2one(
        "hr.performance.sales.plan",
        "Plan in Force",
        compute="_compute_against_id",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id), ('id', '!=', plan_id), ('is_pilot', '=', False)]",
    )
    count = fields.Integer("Past Periods", default=3)
    month_ids = fields.One2many("hr.performance.sales.preview.month", "preview_id")
    line_ids = fields.One2many("hr.performance.sales.preview.line", "preview_id")
    total = fields.Monetary("Cost", compute="_compute_totals")
    against_total = fields.Monetary("Cost of the Plan in Force", compute="_compute_totals")

    @api.depends("plan_id")
    def _compute_against_id(self):
        """The running version of the plan, else the running plan of the company."""
        for preview in self:
            plan = preview.plan_id
            running = self.env["hr.performance.sales.plan"].search(
                Domain("company_id", "=", plan.company_id.id)
                & Domain("state", "=", "running")
                & Domain("is_pilot", "=", False)
                & Domain("id", "!=", plan.id)
            )
            own = running.filtered_domain([("root_id", "=", plan.root_id.id)])
            preview.against_id = (own or running)[:1]

    @api.depends("month_ids.total", "month_ids.against_total")
    def _compute_totals(self):
        for preview in self:
            preview.total = sum(preview.month_ids.mapped("total"))
            preview.against_total = sum(preview.month_ids.mapped("against_total"))

    def action_compute(self):
        self.ensure_one()
        self._compute_months()
        return self._get_form_action()

    def _compute_months(self):
        """Compute the past periods anew."""
        self.ensure_one()
        self.plan_id.check_access("write")
        if not 1 <= self.count <= MAX_MONTHS:
            raise UserError(self.env._("Choose 1 to %s past periods.", MAX_MONTHS))
        months, lines = [], []
        for period in self._get_periods():
            own = self._assess(self.plan_id, period)
            other = self._assess(self.against_id, period) if self.against_id else {}
            months.append(self._get_month_vals(period, own, other))
            lines += self._get_line_vals(period, own, other)
        self.month_ids = [Command.clear(), *map(Command.create, months)]
        self.line_ids = [Command.clear(), *map(Command.create, lines)]

    def _get_periods(self):
        """The last periods that are over, oldest first."""
        day = self.company_id._get_performance_today()
        periods = []
        for _number in range(self.count):
            day = self.plan_id._get_period(day).date_from - timedelta(days=1)
            periods.append(self.plan_id._get_period(day))
        return periods[::-1]

    @api.model
    def _assess(self, plan, period):
        """``{employee id: Standing}`` of a plan in a past period."""
        # sudo: the engine computes for all people of the plan; the user may write the plan
        plan = plan.sudo()
        start, end = plan._get_bounds(period)
        self.env["hr.performance.sales.credit"].sudo()._backfill(
            plan.company_id, plan.basis, start, end
        )
        rows = plan._get_rows(Period(period.date_from, period.date_to))
        members = SQL(
            """SELECT NULL::int AS id, * FROM unnest(%s::int[], %s::int[], %s::numeric[],
                                                     %s::numeric[], %s::varchar[])
                   AS u(employee_id, group_ref, minimum, share, barred)""",
            [row.employee_id for row in rows],
            [row.groups[0] for row in rows],
            [row.minimum for row in rows],
            [row.share for row in rows],
            [row.barred for row in rows],
        )
        paths = {row.groups[0]: row.groups for row in rows}
        standings = plan._assess(members, paths, plan._get_credit_sql(period))
        return {standing.employee_id: standing for standing in standings}

    @api.model
    def _get_month_vals(self, period, own, other):
        return {
            "date_from": period.date_from,
            "people_count": len(own),
            "rewarded_count": sum(s.is_above for s in own.values()),
            "small_count": sum(s.basis == "small" for s in own.values()),
            "total": sum((s.reward + s.pool for s in own.values()), Decimal(0)),
            "against_count": sum(s.is_above for s in other.values()),
            "against_total": sum((s.reward + s.pool for s in other.values()), Decimal(0)),
        }

    @api.model
    def _get_line_vals(self, period, own, other):
        return [
            {
                "date_from": period.date_from,
                "employee_id": employee,
                "amount": s.amount,
                "minimum": s.minimum,
                "line": s.line,
                "rank": s.rank,
                "barred": s.barred,
                "total": s.reward + s.pool,
                "against_total": self._get_total(other.get(employee)),
            }
            for employee, s in own.items()
        ]

    @api.model
    def _get_total(self, standing):
        return standing.reward + standing.pool if standing else 0

    def _get_form_action(self):
        self.ensure_one()
        return self._get_records_action(name=self.env._("Preview on Past Periods"))
