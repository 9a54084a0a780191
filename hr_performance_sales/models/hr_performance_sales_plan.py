from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, ormcache

from odoo.addons.hr_performance.tools.decimals import to_decimal
from odoo.addons.hr_performance.tools.period import Period, due_periods, period_of, utc_bounds

from ..tools.dual_target import STATISTICS, Rule
from ..tools.reward import Reward
from .hr_performance_sales_credit import BASES

#: What decides who is paid how much: fixed from the moment that the plan runs.
RULE_FIELDS = {
    "accelerator",
    "accelerator_from",
    "amount_kind",
    "basis",
    "cadence",
    "cap",
    "categ_ids",
    "collaboration_max",
    "collaboration_step",
    "company_id",
    "count_zeros",
    "date_from",
    "department_ids",
    "employee_ids",
    "exclude_managers",
    "fixed_line",
    "group_by",
    "has_accelerator",
    "has_absence_limit",
    "inclusive",
    "is_pilot",
    "max_absence",
    "min_size",
    "minimum",
    "newcomer_days",
    "percentile",
    "pool_by",
    "pool_percent",
    "product_ids",
    "prorate_absence",
    "prorate_employment",
    "prorate_worktime",
    "reward_amount",
    "reward_kind",
    "reward_percent",
    "scale_amounts",
    "second",
    "settle_days",
    "small_group",
    "team_ids",
    "tier_ids",
}


class HrPerformanceSalesPlan(models.Model):
    """Who is paid what for which sales: the minimum first, then the line of the group.

    A plan is prepared as a draft and tried on past months; once it runs, its rule stands. A change
    is a new version, which takes over with the first period after its effective date. A pilot runs
    beside the plan in force, is computed in the same way, and pays nothing.
    """

    _name = "hr.performance.sales.plan"
    _description = "Sales Plan"
    _inherit = ["mail.thread", "hr.mixin", "hr.performance.version.mixin"]
    _order = "sequence, name, version desc, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("ended", "Ended")],
        default="draft",
        required=True,
        copy=False,
        tracking=True,
    )
    is_pilot = fields.Boolean(
        "Pilot",
        tracking=True,
        help="Runs in shadow: computed like any plan, shown to HR and sales "
        "managers only, pays nothing.",
    )
    root_id = fields.Many2one(
        "hr.performance.sales.plan",
        "First Version",
        index="btree_not_null",
        copy=False,
        readonly=True,
        ondelete="restrict",
    )
    date_from = fields.Date(
        "Effective From",
        required=True,
        copy=False,
        tracking=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="First day of the first period that this version pays.",
    )
    date_to = fields.Date(
        "Effective To",
        copy=False,
        tracking=True,
        help="The last period begins on this day or before.",
    )
    cadence = fields.Selection(
        [
            ("monthly", "Month"),
            ("quarterly", "Quarter"),
            ("half_yearly", "Half-year"),
            ("yearly", "Year"),
        ],
        "Each",
        default="monthly",
        required=True,
        tracking=True,
    )

    settle_days = fields.Integer(
        "Settled For (days)",
        default=90,
        aggregator=None,
        help="After the last period of the plan: refunds, cancellations and corrections that are "
        "recorded within these days are listed for HR under Uncounted. 0: none.",
    )

    # Who
    group_by = fields.Selection(
        [
            ("department", "Department"),
            ("team", "Sales team"),
            ("people", "Chosen people, one group"),
        ],
        "Groups",
        default="department",
        required=True,
        tracking=True,
    )
    department_ids = fields.Many2many(
        "hr.department",
        string="Departments",
        check_company=True,
        help="People of these departments and of those below them take part.",
    )
    team_ids = fields.Many2many("crm.team", string="Sales Teams", check_company=True)
    employee_ids = fields.Many2many("hr.employee", string="People", check_company=True)

    # What counts
    basis = fields.Selection(BASES, default="ordered", required=True, tracking=True)
    amount_kind = fields.Selection(
        [("untaxed", "Without tax"), ("taxed", "With tax"), ("margin", "Margin")],
        "Amounts",
        default="untaxed",
        required=True,
        tracking=True,
        help="The margin is there where the app Margins in Sales Orders is installed.",
    )
    product_ids = fields.Many2many(
        "product.product", string="Products", help="Only these products count. Empty: all."
    )
    categ_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="Only products of these categories and of those below them count. Empty: all.",
    )

    # The minimum
    minimum = fields.Monetary(
        "Minimum Target", tracking=True, help="For everybody who has no target of his own below."
    )
    target_ids = fields.One2many("hr.performance.sales.target", "plan_id", "Targets", copy=True)
    prorate_employment = fields.Boolean(
        "Joiners and Leavers Pro Rata",
        default=True,
        help="The minimum of somebody employed for a part of the period is that part, by days.",
    )
    prorate_absence = fields.Boolean(
        "Absence Pro Rata", help="Days of time off reduce the minimum, by calendar days."
    )
    prorate_worktime = fields.Boolean(
        "Part-Time Pro Rata", default=True, help="The minimum follows the working hours."
    )

    # The line
    second = fields.Selection(
        [
            ("median", "Median of the group"),
            ("percentile", "Another percentile of the group"),
            ("leave_one_out", "Percentile of the others in the group"),
            ("fixed", "A fixed amount"),
            ("none", "None: the minimum decides"),
        ],
        "Second Target",
        default="median",
        required=True,
        tracking=True,
    )
    percentile = fields.Integer(
        default=50,
        aggregator=None,
        help="50: half of the group lies below. Whole numbers, 1 to 99.",
    )
    fixed_line = fields.Monetary("Second Target Amount")
    inclusive = fields.Boolean(
        "Equality Passes",
        tracking=True,
        help="Off: only who is above the line is rewarded, so whoever is the median is not.",
    )
    min_size = fields.Integer(
        "Smallest Group",
        default=5,
        aggregator=None,
        help="Eligible people that a group needs for a line of its own. In a group of two the line "
        "would show the colleague's amount.",
    )
    small_group = fields.Selection(
        [
            ("parent", "Use the line of the group above"),
            ("no_reward", "No second target, no reward"),
            ("minimum_only", "No second target, the minimum decides"),
        ],
        "Smaller Groups",
        default="parent",
        required=True,
    )
    scale_amounts = fields.Boolean(
        "Compare as Full Time",
        help="Part-time people are compared with what full time would have brought.",
    )
    count_zeros = fields.Boolean(
        "Count People Without Sales",
        default=True,
        help="They belong to the group whose median is the line.",
    )
    newcomer_days = fields.Integer(
        "Newcomers Under (days)",
        aggregator=None,
        help="Who is employed for fewer days at the end of the period neither counts for the line "
        "nor is rewarded. 0: nobody is a newcomer.",
    )
    exclude_managers = fields.Boolean(
        "Without Managers", help="Who leads people neither counts for the line nor is rewarded."
    )
    has_absence_limit = fields.Boolean("Limit Absence")
    max_absence = fields.Integer(
        "Longest Absence (%)",
        default=50,
        aggregator=None,
        help="Who was away for a larger part of the period neither counts nor is rewarded.",
    )

    # The reward
    reward_kind = fields.Selection(
        [
            ("fixed", "A fixed amount"),
            ("percent", "Per cent of the excess above the line"),
            ("tiers", "Tiers of the excess above the line"),
        ],
        "Reward",
        default="percent",
        required=True,
        tracking=True,
    )
    reward_amount = fields.Monetary(tracking=True)
    reward_percent = fields.Float("Rate (%)", aggregator=None, digits=(16, 4), tracking=True)
    tier_ids = fields.One2many("hr.performance.sales.tier", "plan_id", "Tiers", copy=True)
    has_accelerator = fields.Boolean("Accelerator")
    accelerator_from = fields.Float(
        "From (% of the minimum)", default=150, aggregator=None, digits=(16, 2)
    )
    accelerator = fields.Float("Multiply by", default=1.5, aggregator=None, digits=(16, 2))
    cap = fields.Monetary("Cap per Person", help="0: no cap.", tracking=True)
    pool_percent = fields.Float(
        "Team Pool (%)",
        aggregator=None,
        digits=(16, 4),
        help="Part of what the group brings above the sum of its minimums, shared among those who "
        "met theirs, so that a colleague's success is one's own.",
    )
    pool_by = fields.Selection(
        [("equal", "In equal parts"), ("amount", "In proportion to the amounts")],
        "Shared",
        default="equal",
        required=True,
    )
    collaboration_step = fields.Float(
        "Collaboration (% per deal)",
        aggregator=None,
        digits=(16, 2),
        help="The reward grows by this with each deal of a colleague that one helped with: those "
        "where one has a share marked as helped.",
    )
    collaboration_max = fields.Float("At Most (%)", default=10, aggregator=None, digits=(16, 2))

    # Who sees and decides what
    visibility = fields.Selection(
        [
            ("full", "Everybody's figures"),
            ("bands", "Everybody's place, amounts as bands"),
            ("upper", "One's own place, and the upper half"),
        ],
        "Colleagues See",
        default="upper",
        required=True,
        tracking=True,
        help="What the people of this plan see of each other. Their manager and HR see all.",
    )
    refresh_minutes = fields.Integer(
        "Refresh Every (minutes)",
        default=1,
        aggregator=None,
        help="Results follow the sales after this time at the latest.",
    )
    approver_id = fields.Many2one(
        "res.users",
        "Approved by",
        check_company=True,
        ondelete="restrict",
        help="The sales manager who approves the statements before HR. Empty: any sales "
        "administrator of the company.",
    )
    journal_id = fields.Many2one("account.journal", "Journal", check_company=True)
    expense_account_id = fields.Many2one("account.account", "Expense", check_company=True)
    payable_account_id = fields.Many2one("account.account", "Liability", check_company=True)

    is_mine = fields.Boolean(
        compute="_compute_is_mine", search="_search_is_mine", export_string_translation=False
    )
    rule_text = fields.Text(compute="_compute_rule_text")
    source_text = fields.Text("Data Source", compute="_compute_rule_text")
    period_ids = fields.One2many("hr.performance.sales.period", "plan_id", "Periods")
    period_count = fields.Integer(compute="_compute_period_count")

    _version_unique = models.UniqueIndex(
        "(root_id, version) WHERE root_id IS NOT NULL", "This version of the plan exists already."
    )
    _ranges = models.Constraint(
        "CHECK (percentile BETWEEN 1 AND 99 AND min_size >= 1 AND newcomer_days >= 0"
        " AND max_absence BETWEEN 0 AND 100 AND refresh_minutes BETWEEN 1 AND 1440"
        " AND settle_days >= 0)",
        "Percentiles lie between 1 and 99, absences between 0 and 100 %, a refresh between one "
        "minute and one day, days are not negative, and a group has at least one person.",
    )
    _not_negative = models.Constraint(
        "CHECK (minimum >= 0 AND reward_amount >= 0 AND reward_percent >= 0 AND cap >= 0"
        " AND pool_percent >= 0 AND collaboration_step >= 0 AND collaboration_max >= 0)",
        "Targets, rewards and rates are not negative.",
    )
    _accelerates = models.Constraint(
        "CHECK (accelerator >= 1)", "An accelerator multiplies by 1 or more."
    )

    @api.depends("name", "version", "is_pilot")
    def _compute_display_name(self):
        for plan in self:
            name = plan._get_version_name()
            plan.display_name = self.env._("%s (pilot)", name) if plan.is_pilot else name

    @api.depends_context("uid")
    def _compute_is_mine(self):
        # The domain is the one rule; sudo, because record rules are evaluated with this field.
        mine = self.sudo().search(Domain("id", "in", self.ids) & self._get_mine_domain())
        for plan in self:
            plan.is_mine = plan._origin in mine

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_mine_domain()

    @api.model
    def _get_mine_domain(self):
        """Plans that pay the current user, or anybody below him; pilots pay nobody."""
        access = self.env["hr.performance.access.mixin"]
        query = SQL(
            """(SELECT plan_id FROM hr_performance_sales_result
                 WHERE employee_id IN %s OR employee_id IN %s)""",
            access._get_own_query(),
            access._get_team_query(with_managers=False),
        )
        return Domain("is_pilot", "=", False) & Domain("id", "in", query)

    def _compute_period_count(self):
        counts = dict(
            self.env["hr.performance.sales.period"]._read_group(
                [("plan_id", "in", self.ids)], ["plan_id"], ["__count"]
            )
        )
        for plan in self:
            plan.period_count = counts.get(plan, 0)

    @api.constrains("amount_kind", "basis", "product_ids", "categ_ids")
    def _check_basis(self):
        for plan in self:
            if plan.amount_kind == "margin" and plan.basis != "ordered":
                raise ValidationError(self.env._("Margins are known of confirmed orders only."))
            if plan.amount_kind == "margin" and not self._has_margin():
                raise ValidationError(
                    self.env._("Install the app Margins in Sales Orders to pay by margin.")
                )
            if plan.basis == "won" and (plan.product_ids or plan.categ_ids):
                raise ValidationError(
                    self.env._(
                        "Opportunities have no products. Choose orders, invoices or payments."
                    )
                )

    @api.constrains("date_from", "date_to", "cadence")
    def _check_dates(self):
        for plan in self:
            if plan.date_to and plan.date_to < plan.date_from:
                raise ValidationError(self.env._("A plan ends on or after its first day."))
            if plan._get_period(plan.date_from).date_from != plan.date_from:
                raise ValidationError(
                    self.env._("A plan takes effect on the first day of a period.")
                )

    @api.model
    def _has_margin(self):
        return "margin" in self.env["sale.order.line"]._fields

    # Versions

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        for plan in plans.filtered(lambda plan: not plan.root_id):
            plan.root_id = plan
        self.env.registry.clear_cache()  # for _is_recording
        return plans

    def write(self, vals):
        self.check_access("write")
        if RULE_FIELDS & vals.keys():
            self._check_draft()
        if "state" in vals and not self.env.su:
            raise UserError(self.env._("A plan moves by its buttons: start and end."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(plan.period_ids for plan in self):
            raise UserError(
                self.env._("A plan that has paid or computed a period is kept. End it.")
            )

    def _check_draft(self):
        running = self.filtered(lambda plan: plan.state != "draft")
        if running:
            raise UserError(
                self.env._(
                    "%(plans)s runs, and people rely on its rule. Make a new version, which takes "
                    "over on its effective date.",
                    plans=", ".join(running.mapped("display_name")),
                )
            )

    def action_start(self):
        """Let the plan run: open its periods, and end the version before with the one before."""
        for plan in self:
            plan._check_may_start()
            plan._check_complete()
            plan._take_over()
            # sudo: the state moves by this button, the right was checked
            plan.sudo().state = "running"
            plan._open_periods()
        return True

    def action_end(self):
        """Stop the plan after the period that runs."""
        for plan in self:
            plan._check_may_start()
            plan._open_periods()
            today = plan.company_id._get_performance_today()
            plan.date_to = max(plan.date_from, today)
            plan.sudo().state = "ended"  # sudo: as in action_start
        return True

    def _get_next_start(self):
        """The first day of the next period."""
        today = self.company_id._get_performance_today()
        return fields.Date.add(self._get_period(today).date_to, days=1)

    def action_view_periods(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance_sales.hr_performance_sales_period_action"
        )
        return dict(action, domain=[("plan_id", "=", self.id)], context={})

    def action_preview(self):
        """Try the plan on past months."""
        self.ensure_one()
        self.check_access("write")
        preview = self.env["hr.performance.sales.preview"].create({"plan_id": self.id})
        preview._compute_months()
        return preview._get_records_action()

    def _check_may_start(self):
        """HR, who pays, lets plans run; sales managers prepare them."""
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(
            "hr_performance.group_hr_performance_user"
        ):
            raise UserError(self.env._("HR starts and ends plans."))

    def _check_complete(self):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("%s runs already.", self.display_name))
        scope = {
            "department": self.department_ids,
            "team": self.team_ids,
            "people": self.employee_ids,
        }[self.group_by]
        if not scope:
            raise UserError(self.env._("Say who takes part: departments, teams or people."))
        if self.reward_kind == "tiers":
            self.tier_ids._check_cover()
        if self.second == "none" and not self.minimum and not self.target_ids:
            raise UserError(self.env._("Without a second target the plan needs a minimum."))

    def _take_over(self):
        """End the version before on the eve of this one."""
        self.ensure_one()
        before = self.with_context(active_test=False).search(
            Domain("root_id", "=", self.root_id.id)
            & Domain("state", "!=", "draft")
            & Domain("id", "!=", self.id)
        )
        # No day belongs to two periods: a deal of it would count twice.
        begun = before.period_ids.filtered(lambda period: period.date_to >= self.date_from)
        if begun:
            raise UserError(
                self.env._(
                    "The version in force has begun %(period)s. The new one takes effect later.",
                    period=begun[:1].name,
                )
            )
        before = before.filtered(lambda plan: plan.state == "running")
        if self.is_pilot and not all(before.mapped("is_pilot")):
            raise UserError(
                self.env._(
                    "A pilot runs beside the plan in force and must not end it. Duplicate the plan "
                    "instead of making a version of it."
                )
            )
        # sudo: the earlier version ends because this one begins
        before.sudo().write(
            {"date_to": fields.Date.subtract(self.date_from, days=1), "state": "ended"}
        )

    # Periods

    def _get_period(self, day):
        self.ensure_one()
        return period_of(self.cadence, day)

    def _open_periods(self):
        """Open the periods that have begun and are not open yet."""
        self.ensure_one()
        # sudo: periods are made by the engine
        Period_ = self.env["hr.performance.sales.period"].sudo()
        last = Period_.search([("plan_id", "=", self.id)], order="date_from desc", limit=1)
        periods = due_periods(
            self.cadence,
            self.company_id._get_performance_today(),
            self.date_from,
            last=Period(last.date_from, last.date_to) if last else None,
            date_end=self.date_to or None,
        )
        opened = Period_.create(
            [
                {"plan_id": self.id, "date_from": period.date_from, "date_to": period.date_to}
                for period in periods
            ]
        )
        for period in opened:
            period._backfill()
            period._sync_results()
            period._refresh()
        return opened

    @api.model
    def _cron_open_periods(self):
        """Daily: open periods that have begun, renew who takes part, end plans that are over, and
        find what came after the end of those."""
        for plan in self.search([("state", "=", "running")]):
            plan._open_periods()
            plan._end_if_over()
            self.env["ir.cron"]._commit_progress(1)
        for plan in self.with_context(active_test=False).search([("state", "!=", "draft")]):
            for period in plan.period_ids.filtered(lambda period: period.state == "open"):
                period._sync_results()
                period._refresh()
                period._tell()
            plan._settle()
            self.env["ir.cron"]._commit_progress(1)

    def _end_if_over(self):
        """End a plan whose last period is over."""
        self.ensure_one()
        last = self.period_ids.sorted("date_from")[-1:]
        today = self.company_id._get_performance_today()
        if self.date_to and max(self.date_to, last.date_to or self.date_to) < today:
            self.sudo().state = "ended"  # sudo: the state is moved by the engine

    # After the end

    def _settle(self):
        """List what takes back or corrects sales of a plan that has ended, for HR to decide.

        While a plan runs, this counts in its next period; after the last one there is none.
        """
        self.ensure_one()
        last = self.period_ids.sorted("date_from")[-1:]
        if self.state == "ended" and last.closed_on and not self.is_pilot:
            # sudo: rows are noted by the engine
            self.env["hr.performance.sales.uncounted"].sudo()._note_after_end(last)

    def _get_follower(self):
        """The next version that counts the same sales, and with them what is taken back."""
        self.ensure_one()
        later = self.with_context(active_test=False).search(
            Domain("root_id", "=", self.root_id.id)
            & Domain("date_from", ">", self.date_from)
            & Domain("state", "!=", "draft"),
            order="date_from",
        )
        same = ("basis", "product_ids", "categ_ids", "is_pilot")
        return later.filtered(
            lambda plan: (plan.state == "running" or plan.period_ids)
            and all(plan[name] == self[name] for name in same)
        )[:1]

    @api.model
    @ormcache()
    def _is_recording(self):
        """Whether there is any plan; without one, nobody needs a ledger."""
        # sudo: a yes or no, kept for everybody
        return bool(self.sudo().with_context(active_test=False).search_count([], limit=1))

    def _get_bounds(self, period):
        """The instants between which a ``tools.period.Period`` lies in the company."""
        self.ensure_one()
        return utc_bounds(period, self.company_id._get_performance_tz())

    # The rule as the arithmetic takes it

    def _get_rule(self):
        """The rule of the plan for ``tools.dual_target``."""
        self.ensure_one()
        return Rule(
            second=self.second,
            percentile=Decimal(self.percentile) / 100,
            fixed=to_decimal(self.fixed_line),
            inclusive=self.inclusive,
            min_size=self.min_size if self.second in STATISTICS else 1,
            small_group=self.small_group,
            newcomer_days=self.newcomer_days,
            exclude_managers=self.exclude_managers,
            max_absence=Decimal(self.max_absence) / 100 if self.has_absence_limit else None,
            count_zeros=self.count_zeros,
            prorate_employment=self.prorate_employment,
            prorate_absence=self.prorate_absence,
            prorate_worktime=self.prorate_worktime,
            scale_amounts=self.scale_amounts,
            reward=self._get_reward(),
        )

    def _get_reward(self):
        self.ensure_one()
        return Reward(
            kind=self.reward_kind,
            fixed=to_decimal(self.reward_amount),
            percent=to_decimal(self.reward_percent),
            tiers=self.tier_ids._get_tiers() if self.reward_kind == "tiers" else (),
            accelerator_from=to_decimal(self.accelerator_from) if self.has_accelerator else None,
            accelerator=to_decimal(self.accelerator),
            collaboration_step=to_decimal(self.collaboration_step),
            collaboration_max=to_decimal(self.collaboration_max),
            cap=to_decimal(self.cap) if self.cap else None,
        )
