from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.period import Period

#: Up to this many people a period is closed at once, while the user waits.
DIRECT_LIMIT = 300


class HrPerformanceSalesPeriod(models.Model):
    """One period of a sales plan: provisional while it runs, frozen from its closing on.

    Closing turns the results into statements, in one transaction: killed half-way, nothing has
    happened. What comes later for a closed period counts in the next one; reopening adds
    adjustments to statements and changes none.
    """

    _name = "hr.performance.sales.period"
    _description = "Period of a Sales Plan"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"

    name = fields.Char(compute="_compute_name", store=True, precompute=True)
    plan_id = fields.Many2one(
        "hr.performance.sales.plan", required=True, readonly=True, index=True, ondelete="restrict"
    )
    root_id = fields.Many2one(related="plan_id.root_id", store=True, precompute=True, index=True)
    company_id = fields.Many2one(
        related="plan_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_pilot = fields.Boolean(related="plan_id.is_pilot", store=True, precompute=True)
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)
    state = fields.Selection(
        [
            ("open", "Running"),
            ("closing", "Being Closed"),
            ("closed", "Closed"),
            ("checked", "Approved by Sales"),
            ("approved", "Approved"),
        ],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    refreshed_on = fields.Datetime("As of", readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False)
    revision = fields.Integer(
        readonly=True, copy=False, aggregator=None, help="How often it was reopened."
    )
    checked_by_id = fields.Many2one("res.users", "Approved by Sales", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", "Approved by HR", readonly=True, copy=False)
    #: The root of the seal over the statements; written by whoever seals them.
    seal = fields.Char(readonly=True, copy=False)
    result_ids = fields.One2many("hr.performance.sales.result", "period_id")
    statement_ids = fields.One2many("hr.performance.sales.statement", "period_id")
    people_count = fields.Integer("People", compute="_compute_figures")
    rewarded_count = fields.Integer("People Rewarded", compute="_compute_figures")
    amount = fields.Monetary("Sales", compute="_compute_figures")
    total = fields.Monetary("Rewards", compute="_compute_figures")
    small_count = fields.Integer("In Groups Too Small", compute="_compute_figures")
    disputed_count = fields.Integer("Disputed", compute="_compute_figures")
    uncounted_count = fields.Integer(
        "Uncounted",
        compute="_compute_uncounted_count",
        groups="hr_performance.group_hr_performance_auditor",
        help="Credits of people who take no part in the period, for HR to decide about.",
    )

    _period_unique = models.UniqueIndex(
        "(root_id, date_from)", "This plan has a row for this period already."
    )

    @api.depends("date_from", "date_to", "plan_id.cadence")
    def _compute_name(self):
        for period in self:
            year, month = period.date_from.year, period.date_from.month
            names = {
                "monthly": f"{year}-{month:02}",
                "quarterly": f"{year}-Q{(month + 2) // 3}",
                "half_yearly": f"{year}-H{(month + 5) // 6}",
                "yearly": f"{year}",
            }
            period.name = names[period.plan_id.cadence]

    @api.depends("name", "plan_id.name")
    def _compute_display_name(self):
        for period in self:
            # sudo: the name of the plan, for whoever sees the period
            period.display_name = f"{period.name} · {period.sudo().plan_id.display_name}"

    def _compute_figures(self):
        Result = self.env["hr.performance.sales.result"]
        groups = Result._read_group(
            [("period_id", "in", self.ids)],
            ["period_id", "is_above", "basis"],
            ["__count", "amount:sum", "total:sum"],
        )
        Line = self.env["hr.performance.sales.statement.line"]
        disputed = dict(
            Line._read_group(
                [("period_id", "in", self.ids), ("state", "=", "disputed")],
                ["period_id"],
                ["__count"],
            )
        )
        for period in self:
            own = [row for row in groups if row[0] == period]
            period.people_count = sum(row[3] for row in own)
            period.rewarded_count = sum(row[3] for row in own if row[1])
            period.small_count = sum(row[3] for row in own if row[2] == "small")
            period.amount = sum(row[4] for row in own)
            period.total = sum(row[5] for row in own)
            period.disputed_count = disputed.get(period, 0)

    def _compute_uncounted_count(self):
        counts = dict(
            self.env["hr.performance.sales.uncounted"]._read_group(
                [("period_id", "in", self.ids), ("state", "=", "open")], ["period_id"], ["__count"]
            )
        )
        for period in self:
            period.uncounted_count = counts.get(period, 0)

    def write(self, vals):
        if "state" in vals and not self.env.su:
            raise UserError(self.env._("A period moves by its buttons: close, approve, reopen."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        if any(period.state != "open" for period in self):
            raise UserError(self.env._("A closed period is kept."))

    def _get_period(self):
        self.ensure_one()
        return Period(self.date_from, self.date_to)

    # ------------------------------------------------------------
    # While it runs
    # ------------------------------------------------------------

    def action_refresh(self):
        """Renew who takes part and where everybody stands."""
        self.check_access("write")
        for period in self.filtered(lambda period: period.state == "open"):
            period._sync_results()
            period._refresh()
        return True

    def _backfill(self):
        """Take over what was sold before the ledger knew of this plan."""
        self.ensure_one()
        start, end = self.plan_id._get_bounds(self._get_period())
        # sudo: the ledger follows all documents
        credits = self.env["hr.performance.sales.credit"].sudo()
        credits._backfill(self.company_id, self.plan_id.basis, start, end)

    def _sync_results(self):
        """Let the results be those of who takes part today."""
        self.ensure_one()
        # sudo: results are written by the engine
        results = self.env["hr.performance.sales.result"].sudo()
        kept = []
        for rows in self.plan_id._get_row_batches(self._get_period()):
            results._sync(self, rows)
            kept += [row.employee_id for row in rows]
        results._drop_others(self, kept)

    def _refresh(self):
        """Bring the results in line with the ledger: one statement computes and writes."""
        self.ensure_one()
        now = fields.Datetime.now()
        # sudo: as in _sync_results
        period = self.sudo()
        standings = period.plan_id._get_standing_sql(*period._get_sources())
        period.env["hr.performance.sales.result"]._store(period, standings, now)
        period.refreshed_on = now

    def _get_standings(self):
        """Where everybody stands now, as a list of ``Standing`` of the plan."""
        self.ensure_one()
        # sudo: the engine computes for all people of the plan
        period = self.sudo()
        return period.plan_id._assess(*period._get_sources())

    def _get_sources(self):
        """What the plan computes the standings from: members, paths of their groups, credits."""
        self.ensure_one()
        credits = self.plan_id._get_credit_sql(self._get_period(), self._get_late())
        return self._get_members(), self._get_paths(), credits

    def _get_members(self):
        """``SQL`` of who takes part, as ``plan._assess`` takes it."""
        self.ensure_one()
        return SQL(
            """SELECT id, employee_id, group_ref, minimum, share, barred
                 FROM hr_performance_sales_result WHERE period_id = %s""",
            self.id,
        )

    def _get_paths(self):
        """``{group: its groups}`` of the results."""
        self.ensure_one()
        self.env["hr.department"].flush_model(["parent_path"])
        rows = self.env.execute_query(
            SQL(
                """SELECT own.group_ref, department.parent_path
                     FROM (SELECT DISTINCT group_ref FROM hr_performance_sales_result
                            WHERE period_id = %s) AS own
                LEFT JOIN hr_department department ON department.id = own.group_ref""",
                self.id,
            )
        )
        # sudo: ids of departments only
        return self.sudo().plan_id._get_group_paths(dict(rows))

    def _get_late(self):
        """What is closed, as ``_get_credit_sql`` takes it: late credits of it count in the first
        period that follows. None when this is not that one."""
        self.ensure_one()
        # sudo: periods of every version decide, also those of other people
        family = self.sudo().search(
            Domain("root_id", "=", self.root_id.id)
            # what was only a pilot is not paid for later
            & Domain("is_pilot", "=", self.is_pilot),
            order="date_from",
        )
        closed = family.filtered(
            lambda period: period.closed_on and period.date_from < self.date_from
        )
        waiting = family.filtered(lambda p: not p.closed_on and p.date_from < self.date_from)
        return None if waiting or not closed else closed[-1]._get_span(family[0])

    def _get_span(self, first=None):
        """From the first instant of the plan to the end of this period, and when it was closed.

        :param first: the first period of all versions, if it is known
        """
        self.ensure_one()
        # sudo: as in _get_late
        first = first or self.sudo().search(
            Domain("root_id", "=", self.root_id.id) & Domain("is_pilot", "=", self.is_pilot),
            order="date_from",
            limit=1,
        )
        start, _end = first.plan_id._get_bounds(first._get_period())
        _start, end = self.plan_id._get_bounds(self._get_period())
        return start, end, self.closed_on

    @api.model
    def _cron_refresh(self):
        """Every minute: bring the periods of which somebody's amount changed in line."""
        retry = self.env["hr.performance.work.item"]._retry
        retry(self._refresh_stale)
        while retry(self._close_next):
            pass

    @api.model
    def _refresh_stale(self):
        """Refresh the open periods that the marks concern, and delete the marks.

        Marks and credits are read in one snapshot: a mark that is deleted here stands for a credit
        that was counted here.
        """
        # pylint: disable-next=no-search-all
        marks = self.env["hr.performance.sales.mark"].search([], order="id")
        if not marks:
            return False
        changed = {(mark.company_id, mark.basis) for mark in marks}
        running = self.search([("state", "=", "open"), ("plan_id.state", "!=", "draft")])
        stale = running.filtered(lambda p: (p.company_id, p.plan_id.basis) in changed)
        waiting = stale.filtered(lambda period: not period._is_refresh_due())
        for period in stale - waiting:
            period._refresh()
            period._tell()
        if not waiting:
            marks.unlink()
        self.env["ir.cron"]._commit_progress(len(stale))
        return True

    def _is_refresh_due(self):
        self.ensure_one()
        if not self.refreshed_on:
            return True
        due = fields.Datetime.add(self.refreshed_on, minutes=self.plan_id.refresh_minutes)
        # the job comes once a minute, at not quite the same second
        return fields.Datetime.now() >= fields.Datetime.subtract(due, seconds=30)

    # ------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------

    def action_close(self):
        """Close the periods: at once for few people, in the background for many."""
        for period in self.sorted("date_from"):
            period._check_may_close()
            if period.people_count <= DIRECT_LIMIT:
                period._close()
                continue
            # sudo: the state moves by this button, the right was checked
            period.sudo().state = "closing"
            self.env.ref("hr_performance_sales.ir_cron_refresh_sales").sudo()._trigger()
        return True

    def _check_may_close(self):
        self.ensure_one()
        self.check_access("write")
        self._check_hr()
        if self.state != "open":
            raise UserError(self.env._("%s is closed already.", self.display_name))
        if self.date_to >= self.company_id._get_performance_today():
            raise UserError(
                self.env._(
                    "%(period)s runs until %(day)s. It is closed after its last day.",
                    period=self.display_name,
                    day=fields.Date.to_string(self.date_to),
                )
            )
        # sudo: earlier periods of the plan, whoever may see them
        earlier = self.sudo().search(
            Domain("root_id", "=", self.root_id.id)
            & Domain("date_from", "<", self.date_from)
            & Domain("closed_on", "=", False),
            limit=1,
        )
        if earlier:
            raise UserError(self.env._("Close %s first.", earlier.display_name))

    def _check_hr(self):
        if not self.env.su and not self.env.user.has_group(
            "hr_performance.group_hr_performance_user"
        ):
            raise UserError(self.env._("HR closes and pays periods."))

    @api.model
    def _close_next(self):
        """Close a period that waits for it and commit; False when there is none, or no time."""
        waiting = self.search([("state", "=", "closing")], order="date_from", limit=1)
        if not waiting:
            return False
        waiting._close()
        return bool(self.env["ir.cron"]._commit_progress(1))

    def _close(self):
        """Freeze the results into statements. Idempotent; all or nothing.

        The row of the period is written first: of two workers one waits, finds the work done when
        it tries again, and does nothing. A credit that comes meanwhile is not in this snapshot; it
        counts in the next period.
        """
        self.ensure_one()
        # sudo: the engine writes what nobody may write; the rights were checked by the caller
        self = self.sudo()
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """UPDATE hr_performance_sales_period SET state = 'closing'
                    WHERE id = %s AND state IN ('open', 'closing') RETURNING id""",
                self.id,
            )
        )
        self.invalidate_recordset()
        if not rows:
            return False
        self._sync_results()
        self._refresh()
        self.env["hr.performance.sales.statement"]._issue(self)
        self.write({"state": "closed", "closed_on": fields.Datetime.now()})
        return True

    # ------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------

    def action_check(self):
        """The sales manager approves."""
        for period in self:
            period._check_approver("closed")
            plan = period.plan_id
            if plan.approver_id and plan.approver_id != self.env.user:
                raise UserError(self.env._("%s approves this plan.", plan.approver_id.display_name))
            if not plan.approver_id and not self.env.user.has_group(
                "sales_team.group_sale_manager"
            ):
                raise UserError(self.env._("A sales administrator approves first."))
            # sudo: the state moves by this button, the right was checked
            period.sudo().write({"state": "checked", "checked_by_id": self.env.uid})
        return True

    def action_approve(self):
        """HR approves; what is not disputed can be paid."""
        for period in self:
            period._check_approver("checked")
            period._check_hr()
            if period.checked_by_id == self.env.user:
                raise UserError(self.env._("Two people approve. You approved for sales already."))
            # sudo: as above
            period.sudo().write({"state": "approved", "approved_by_id": self.env.uid})
        return True

    def _check_approver(self, state):
        self.ensure_one()
        self.check_access("read")
        if self.is_pilot:
            raise UserError(self.env._("A pilot pays nothing."))
        if self.state != state:
            label = dict(self._fields["state"]._description_selection(self.env))[state]
            raise UserError(
                self.env._(
                    "%(period)s is not in the state “%(state)s”.",
                    period=self.display_name,
                    state=label,
                )
            )
        # sudo: whether the user is paid by what he approves
        own = (
            self.env["hr.performance.sales.statement"]
            .sudo()
            .search(
                Domain("period_id", "=", self.id) & Domain("employee_id.user_id", "=", self.env.uid)
            )
        )
        if any(statement.total or statement.adjusted for statement in own):
            raise UserError(self.env._("You are paid by this plan; somebody else approves it."))

    def _ask_for_approval(self):
        """What is owed has changed: sales and HR approve anew."""
        # sudo: the state is moved by the engine
        periods = self.sudo().filtered(lambda period: period.state in ("checked", "approved"))
        periods.write({"state": "closed", "checked_by_id": False, "approved_by_id": False})

    # ------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------

    def action_view_results(self):
        self.ensure_one()
        return self._get_list_action("hr_performance_sales_result_action")

    def action_view_statements(self):
        self.ensure_one()
        return self._get_list_action("hr_performance_sales_statement_action")

    def action_view_uncounted(self):
        self.ensure_one()
        return self._get_list_action("hr_performance_sales_uncounted_action")

    def _get_list_action(self, name):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"hr_performance_sales.{name}")
        return dict(action, domain=[("period_id", "=", self.id)], context={})

    def action_pay(self):
        """Pay what the approved periods owe and is not disputed."""
        self._check_hr()
        payroll = self.env["hr.performance.sales.payroll"]._pay(self)
        return payroll._get_records_action()

    def action_reopen(self):
        """Ask for the reason and count anew what came since."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Count Anew"),
            "res_model": "hr.performance.sales.reopen",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_period_id": self.id},
        }
