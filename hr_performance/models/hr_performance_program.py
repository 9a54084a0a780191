from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ..tools import period as period_tools

#: Periods that the scheduler opens at once, after days off or for a programme that starts late.
MAX_CATCH_UP = 36


class HrPerformanceProgram(models.Model):
    """A recurring review: who takes part, by which templates, how often and in which steps."""

    _name = "hr.performance.program"
    _description = "Performance Programme"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        ondelete="set null",
        index="btree_not_null",
        tracking=True,
        help="Looks after calibration and publication, and is told of what is overdue.",
    )
    description = fields.Html(
        "Purpose", translate=True, help="Shown to the people who take part: what the review is for."
    )
    cadence = fields.Selection(
        [
            ("monthly", "Monthly"),
            ("quarterly", "Quarterly"),
            ("half_yearly", "Half-yearly"),
            ("yearly", "Yearly"),
            ("custom", "Custom number of days"),
        ],
        default="monthly",
        required=True,
        tracking=True,
    )
    custom_days = fields.Integer("Days per Period", default=28, aggregator=None)
    date_start = fields.Date(
        "First Period Starts",
        required=True,
        default=lambda self: self._default_date_start(),
        tracking=True,
        help="Cycles of programmes by month, quarter or year start on the first day of the period "
        "that this day lies in.",
    )
    date_end = fields.Date("Ends", tracking=True, help="No cycle is opened after this day.")
    lead_days = fields.Integer(
        "Open in Advance (days)",
        aggregator=None,
        help="The next cycle is opened this many days before its first day.",
    )
    auto_open = fields.Boolean(
        "Open Cycles by Themselves",
        default=True,
        tracking=True,
        help="The scheduler opens and launches each cycle on its day, and catches up after days "
        "off.",
    )
    department_ids = fields.Many2many(
        "hr.department", string="Departments", check_company=True, help="With those below them."
    )
    job_ids = fields.Many2many("hr.job", string="Job Positions", check_company=True)
    employee_ids = fields.Many2many(
        "hr.employee",
        string="Only these Employees",
        check_company=True,
        help="Empty: everybody of the departments, jobs and tags.",
    )
    category_ids = fields.Many2many("hr.employee.category", string="Employee Tags")
    template_ids = fields.Many2many(
        "hr.performance.template",
        string="Templates",
        check_company=True,
        help="Empty: any ready template, by job, then by department.",
    )
    scale_id = fields.Many2one(
        "hr.performance.scale",
        "Grading Scale",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: the scale of each template. Set it to grade all positions on one scale.",
    )
    step_ids = fields.One2many("hr.performance.program.step", "program_id", copy=True)
    min_days = fields.Integer(
        "Minimum Days Present",
        default=1,
        aggregator=None,
        help="People employed for fewer days of the period are not reviewed.",
    )
    prorate = fields.Boolean(
        "Pro Rata Targets",
        default=True,
        help="Targets that add up over the period are reduced for people who joined or left "
        "within it, by days.",
    )
    rank_group = fields.Selection(
        [
            ("department", "Department"),
            ("job", "Job position"),
            ("template", "Template"),
            ("cycle", "Everybody of the cycle"),
        ],
        default="department",
        required=True,
    )
    rank_display = fields.Selection(
        [
            ("exact", "Exact place"),
            ("band", "Band: upper, middle or lower part"),
            ("none", "No rank"),
        ],
        "Rank Shown to Employees",
        default="exact",
        required=True,
        tracking=True,
    )
    behind_tolerance = fields.Float(
        "Behind Plan below (%)",
        default=80.0,
        digits=(5, 2),
        help="During the period an employee is reminded of a metric below this share of what the "
        "plan expects on that day. 0: no reminder.",
    )
    cycle_ids = fields.One2many("hr.performance.cycle", "program_id")
    cycle_count = fields.Integer(compute="_compute_cycle_count")
    next_period_from = fields.Date(compute="_compute_next_period")
    next_period_to = fields.Date(compute="_compute_next_period")

    _custom_days_positive = models.Constraint(
        "CHECK (custom_days > 0)", "A custom period has at least one day."
    )
    _behind_range = models.Constraint(
        "CHECK (behind_tolerance BETWEEN 0 AND 100)", "The tolerance lies between 0 % and 100 %."
    )

    @api.model
    def _default_date_start(self):
        return fields.Date.context_today(self).replace(day=1)

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        if "step_ids" in fields and "step_ids" not in defaults:
            defaults["step_ids"] = [
                Command.create(vals)
                for vals in self.env["hr.performance.program.step"]._get_default_steps()
            ]
        return defaults

    def _compute_cycle_count(self):
        counts = dict(
            self.env["hr.performance.cycle"]._read_group(
                [("program_id", "in", self.ids)], ["program_id"], ["__count"]
            )
        )
        for program in self:
            program.cycle_count = counts.get(program, 0)

    @api.depends("cadence", "custom_days", "date_start", "cycle_ids.date_to")
    def _compute_next_period(self):
        for program in self:
            period = program._get_next_period()
            program.next_period_from = period and period.date_from
            program.next_period_to = period and period.date_to

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for program in self:
            if program.date_end and program.date_end < program.date_start:
                raise ValidationError(
                    self.env._("%(program)s ends before it starts.", program=program.name)
                )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if default and "name" in default:
            return vals_list
        for program, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%s (copy)", program.name)
        return vals_list

    def action_open_next_cycle(self):
        """Open the next cycle now, without waiting for its day."""
        self.ensure_one()
        period = self._get_next_period()
        if not period:
            raise UserError(self.env._("%(program)s has ended.", program=self.name))
        return self._open_cycles([period])._get_records_action()

    def action_view_cycles(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_cycle_action"
        )
        context = {"default_program_id": self.id}
        return dict(action, domain=[("program_id", "=", self.id)], context=context)

    def _get_period_options(self):
        self.ensure_one()
        return {"anchor": self.date_start, "custom_days": self.custom_days}

    def _get_period(self, day):
        """The period of this programme that ``day`` lies in, as ``tools.period.Period``."""
        self.ensure_one()
        return period_tools.period_of(self.cadence, day, **self._get_period_options())

    def _get_next_period(self):
        """The first period without a cycle, or False after the programme's end."""
        self.ensure_one()
        if not self.date_start:
            return False
        last, options = self._get_last_period(), self._get_period_options()
        if last:
            period = period_tools.next_period(self.cadence, last, **options)
        else:
            period = period_tools.period_of(self.cadence, self.date_start, **options)
        ended = self.date_end and period.date_from > self.date_end
        return False if ended else period

    def _get_last_period(self):
        """The last period with a cycle; history from before the programme's start aside."""
        self.ensure_one()
        cycles = self.cycle_ids.filtered(lambda cycle: cycle.date_to >= self.date_start)
        last = max(cycles, key=lambda cycle: cycle.date_to, default=None)
        return last and last._get_period()

    def _get_due_periods(self, today):
        """Periods without a cycle whose opening day has come, oldest first."""
        self.ensure_one()
        return period_tools.due_periods(
            self.cadence,
            today,
            self.date_start,
            last=self._get_last_period(),
            lead_days=self.lead_days,
            date_end=self.date_end or None,
            **self._get_period_options(),
        )

    def _open_cycles(self, periods):
        """Create a cycle with its deadlines for each period; a period opened already is kept."""
        self.ensure_one()
        Cycle = self.env["hr.performance.cycle"]
        existing = Cycle.search(
            Domain("program_id", "=", self.id)
            & Domain("date_from", "in", [period.date_from for period in periods])
        )
        done = set(existing.mapped("date_from"))
        created = Cycle.create(
            [
                {
                    "program_id": self.id,
                    "date_from": period.date_from,
                    "date_to": period.date_to,
                }
                for period in periods
                if period.date_from not in done
            ]
        )
        return existing + created

    def _open_due_cycles(self):
        """Open and launch what is due; a programme that cannot be launched says so and waits."""
        self.ensure_one()
        periods = self._get_due_periods(self.company_id._get_performance_today())
        if not periods:
            return
        try:
            with self.env.cr.savepoint():
                self._check_catch_up(periods)
                self._open_cycles(periods)._launch()
        except UserError as error:
            self.message_post(
                body=self.env._("The cycle could not be opened: %s", error),
                partner_ids=self.user_id.partner_id.ids,
            )

    def _check_catch_up(self, periods):
        """Refuse to launch years of reviews at once, which a slip in the first day would do."""
        if len(periods) > MAX_CATCH_UP:
            raise UserError(
                self.env._(
                    "%(count)s periods have passed since %(day)s. Correct the day on which the "
                    "first one starts, or open the next cycle yourself.",
                    count=len(periods),
                    day=format_date(self.env, periods[0].date_from),
                )
            )

    @api.model
    def _cron_open_cycles(self):
        """Open and launch what is due, whatever day the scheduler last ran."""
        for program in self.search([("auto_open", "=", True)]):
            program.with_company(program.company_id)._open_due_cycles()
            self.env["ir.cron"]._commit_progress(1)
