from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import plan as plan_tools
from ..tools.period import Period

#: Lines of other models, which check their writers themselves.
CHILD_FIELDS = {"step_ids", "note_ids", "checkpoint_ids"}
#: What the employee writes in a plan that is his own making, before it starts or without a metric.
SUBJECT_FIELDS = {"name", "goal", "date_start", "date_end", "dimension_id"}
MANAGER_FIELDS = SUBJECT_FIELDS | {
    "metric_id",
    "effect_metric_ids",
    "target",
    "cadence",
    "needed_checkpoints",
    "closing_note",
}
#: What says which plan it is; not changed once it runs.
START_FIELDS = {"metric_id", "date_start"}
#: Written by the engine alone.
ENGINE_FIELDS = {
    "state",
    "reached_on",
    "started_on",
    "closed_on",
    "closed_by_id",
    "review_line_id",
    "feedback_id",
    "manager_id",
    "department_id",
    "company_id",
}
OFFICER = "hr_performance.group_hr_performance_user"


class HrPerformancePlan(models.Model):
    """What an employee does to get better at something, and whether it works.

    With a metric it is an improvement plan: its checkpoints fill themselves from the metric's
    values, and it closes when the metric has recovered. Without one it is a plan of personal
    development. The state moves through :meth:`_transition` alone (``tools.plan``).
    """

    _name = "hr.performance.plan"
    _description = "Improvement Plan"
    _inherit = ["hr.performance.access.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    kind = fields.Selection(
        [("improvement", "Improvement"), ("development", "Personal development")],
        compute="_compute_kind",
        store=True,
        precompute=True,
    )
    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self._default_employee_id(),
    )
    employee_user_id = fields.Many2one(related="employee_id.user_id", string="User")
    manager_id = fields.Many2one(
        "hr.employee",
        "Manager",
        compute="_compute_manager_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
        help="His manager when the plan was made, who follows it to its end.",
    )
    department_id = fields.Many2one(
        "hr.department",
        compute="_compute_manager_id",
        store=True,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        related="employee_id.company_id", store=True, index=True, precompute=True
    )
    metric_id = fields.Many2one(
        "hr.performance.metric", index="btree_not_null", ondelete="restrict", check_company=True
    )
    metric_source = fields.Selection(related="metric_id.source", string="Source of the Metric")
    direction = fields.Selection(related="metric_id.direction")
    effect_metric_ids = fields.Many2many(
        "hr.performance.metric",
        string="Also Watch",
        check_company=True,
        help="Metrics that the plan should move as well. They are measured at every checkpoint and "
        "close nothing.",
    )
    dimension_id = fields.Many2one(
        "hr.performance.dimension",
        compute="_compute_dimension_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
    )
    review_line_id = fields.Many2one(
        "hr.performance.review.line",
        "From the Line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    goal = fields.Text(help="What should be different at the end.")
    target = fields.Float(
        digits=(16, 4), aggregator=None, help="Once the metric reaches it, the plan has worked."
    )
    cadence = fields.Selection(
        [("weekly", "Every week"), ("monthly", "Every month"), ("quarterly", "Every quarter")],
        "Checkpoints",
        default="monthly",
        required=True,
    )
    needed_checkpoints = fields.Integer(
        "Checkpoints at the Target",
        default=1,
        aggregator=None,
        help="How many finished checkpoints in a row reach the target before it counts.",
    )
    date_start = fields.Date(
        "Starts", required=True, default=lambda self: self._default_date_start()
    )
    date_end = fields.Date("Ends", required=True, default=lambda self: self._default_date_end())
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("recovered", "Goal Reached"),
            ("ended", "Ended without"),
        ],
        default="draft",
        required=True,
        copy=False,
        index=True,
        group_expand=True,
    )
    started_on = fields.Date(copy=False, readonly=True)
    reached_on = fields.Date(
        "Target Reached on",
        copy=False,
        readonly=True,
        help="The metric has recovered: the plan can be closed.",
    )
    closed_on = fields.Date(copy=False, readonly=True)
    closed_by_id = fields.Many2one("res.users", copy=False, readonly=True, ondelete="set null")
    closing_note = fields.Text(
        "Conclusion", copy=False, help="What worked and what did not. The employee reads it."
    )
    step_ids = fields.One2many("hr.performance.plan.step", "plan_id", copy=True)
    checkpoint_ids = fields.One2many("hr.performance.plan.checkpoint", "plan_id", copy=False)
    note_ids = fields.One2many("hr.performance.plan.note", "plan_id", "Follow-up", copy=False)
    before = fields.Float(compute="_compute_effect", digits=(16, 4), aggregator=None)
    now = fields.Float(compute="_compute_effect", digits=(16, 4), aggregator=None)
    is_measured = fields.Boolean(compute="_compute_effect")
    effect_text = fields.Char("Effect", compute="_compute_effect")
    target_text = fields.Char("Target Shown", compute="_compute_effect")
    chart = fields.Json(compute="_compute_chart", export_string_translation=False)
    is_late = fields.Boolean("Over Time", compute="_compute_is_late", search="_search_is_late")
    can_edit = fields.Boolean(compute="_compute_can")
    can_edit_steps = fields.Boolean(compute="_compute_can")
    can_start = fields.Boolean(compute="_compute_can")
    can_recover = fields.Boolean(compute="_compute_can")
    can_end = fields.Boolean(compute="_compute_can")
    can_reopen = fields.Boolean(compute="_compute_can")
    can_comment = fields.Boolean(compute="_compute_can")

    _dates = models.Constraint(
        "CHECK (date_end >= date_start)", "A plan ends on the day it starts, or later."
    )
    _needed_positive = models.Constraint(
        "CHECK (needed_checkpoints > 0)", "At least one checkpoint has to reach the target."
    )
    _running_idx = models.Index("(company_id, metric_id) WHERE state = 'running'")

    @api.model
    def _default_employee_id(self):
        return self.env.user.employee_id

    @api.model
    def _default_date_start(self):
        return self.env.company._get_performance_today()

    @api.model
    def _default_date_end(self):
        return fields.Date.add(self._default_date_start(), months=3)

    @api.depends("metric_id")
    def _compute_kind(self):
        for plan in self:
            plan.kind = "improvement" if plan.metric_id else "development"

    @api.depends("metric_id")
    def _compute_dimension_id(self):
        for plan in self:
            plan.dimension_id = plan.metric_id.dimension_id or plan.dimension_id

    @api.depends("employee_id")
    def _compute_manager_id(self):
        # sudo: department and manager of the day, for whoever makes the plan
        people = self.sudo().employee_id
        paths = people.department_id._get_performance_paths()
        for plan in self:
            person = plan.sudo().employee_id
            path = paths.get(person.department_id.id, ())
            plan.department_id = person.department_id
            plan.manager_id = person._get_performance_manager(path) if person else False

    @api.depends("checkpoint_ids.value", "checkpoint_ids.measured", "target", "metric_id")
    @api.depends_context("lang")
    def _compute_effect(self):
        for plan in self:
            known = plan._get_known_checkpoints(plan.metric_id)
            plan.before = known[:1].value
            plan.now = known[-1:].value
            plan.is_measured = bool(known)
            plan.effect_text = " → ".join(known.mapped("value_text")) or False
            sign = "≤" if plan.metric_id.direction == "lower" else "≥"
            currency = plan.company_id.currency_id
            target = plan.metric_id and plan.metric_id._format(plan.target, currency)
            plan.target_text = f"{sign} {target}" if target else False

    def _get_known_checkpoints(self, metric):
        """The measured checkpoints of a metric, oldest first."""
        self.ensure_one()
        return self.checkpoint_ids.filtered(
            lambda point: point.measured and point.metric_id == metric
        ).sorted("date_from")

    @api.depends("checkpoint_ids.value", "checkpoint_ids.measured", "target", "metric_id")
    @api.depends_context("lang")
    def _compute_chart(self):
        for plan in self:
            metrics = plan.metric_id | plan.effect_metric_ids
            plan.chart = {"series": [plan._get_series(metric) for metric in metrics]}

    def _get_series(self, metric):
        """What the chart draws of one metric; an unknown value leaves a gap."""
        self.ensure_one()
        points = self.checkpoint_ids.filtered(lambda point: point.metric_id == metric)
        main = metric == self.metric_id
        return {
            "name": metric.name,
            "target": self.target if main else None,
            "target_text": self.target_text if main else "",
            "points": [
                {
                    "label": point.period_text,
                    "value": point.value if point.measured else None,
                    "text": point.value_text,
                    "before": point.is_baseline,
                    "reached": main and point.reached,
                }
                for point in points.sorted("date_from")
            ],
        }

    @api.depends("date_end", "state")
    def _compute_is_late(self):
        for plan in self:
            today = plan.company_id._get_performance_today() if plan.company_id else None
            plan.is_late = bool(today and plan.state == "running" and plan.date_end < today)

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "running") & Domain("date_end", "<", "today")

    @api.depends("state", "employee_id", "manager_id", "metric_id")
    @api.depends_context("uid")
    def _compute_can(self):
        for plan in self:
            writable = plan._get_writable_fields()
            plan.can_edit = "target" in writable
            plan.can_edit_steps = "name" in writable
            plan.can_comment = bool(plan._get_roles())
            for name in plan_tools.TRANSITIONS:
                plan[f"can_{name}"] = bool(plan.id) and not plan._get_transition_problem(name)

    @api.constrains("employee_id", "metric_id")
    def _check_metric(self):
        for plan in self:
            if plan.metric_id in plan.effect_metric_ids:
                raise ValidationError(
                    self.env._("%s is watched as the metric of the plan.", plan.metric_id.name)
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.keys() & ENGINE_FIELDS for vals in vals_list):
            raise AccessError(self.env._("A plan begins as a draft of its own."))
        if not self.env.su:
            self = self._without_defaults(ENGINE_FIELDS)
        plans = super().create(vals_list)
        for plan in plans:
            roles = plan._get_roles()
            if not roles:
                raise AccessError(
                    self.env._("Plans are made by the employee, his manager or HR."),
                )
            if roles <= {"subject", "developer"} and plan.metric_id:
                # sudo: whoever is measured does not choose what counts as good; his review does
                plan.sudo().target = plan._get_usual_target()
        return plans

    def write(self, vals):
        if not self.env.su:
            self._check_writable(vals)
        result = super().write(vals)
        if vals.keys() & {"metric_id", "effect_metric_ids", "date_start", "date_end", "cadence"}:
            # sudo: checkpoints belong to the engine
            self.sudo().filtered(lambda plan: plan.state == "running")._sync_checkpoints()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(plan.state != "draft" for plan in self):
            raise UserError(self.env._("Only drafts can be deleted. End the plan instead."))

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for vals in vals_list:
            vals["name"] = self.env._("%(name)s (copy)", name=vals["name"])
        return vals_list

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def _get_roles(self):
        """What the current user is towards this plan: a set of ``tools.plan`` roles."""
        self.ensure_one()
        if self.env.su:
            return {"manager", "hr"}
        if self.is_own:
            # Whoever is measured decides nothing about himself, whatever else he is.
            return {"subject"} if self.metric_id else {"subject", "developer"}
        roles = {"manager"} if self.has_manager_access else set()
        return roles | ({"hr"} if self.env.user.has_group(OFFICER) else set())

    def _get_writable_fields(self):
        self.ensure_one()
        roles = self._get_roles()
        allowed = set()
        if self.state in plan_tools.OPEN_STATES:
            own_making = self.state == "draft" or "developer" in roles
            allowed |= SUBJECT_FIELDS if "subject" in roles and own_making else set()
            allowed |= MANAGER_FIELDS if roles & {"manager", "hr"} else set()
        if self.state == "running":
            allowed -= START_FIELDS
        return allowed

    def _check_writable(self, vals):
        for plan in self:
            refused = vals.keys() - plan._get_writable_fields() - CHILD_FIELDS
            if refused:
                raise AccessError(
                    self.env._(
                        "You cannot change %(fields)s of the plan “%(plan)s” in this state.",
                        fields=", ".join(sorted(self._fields[name].string for name in refused)),
                        plan=plan.name,
                    )
                )

    def _get_transition_problem(self, name):
        """Why the current user cannot make the move, in a sentence; False if he can."""
        self.ensure_one()
        transition = plan_tools.TRANSITIONS[name]
        if self.state not in transition.sources:
            return self.env._("This is not possible in the state in which the plan is.")
        if not self._get_roles() & set(transition.roles):
            return self.env._("The manager or HR decides about the plan.")
        return False

    # ------------------------------------------------------------
    # The one way to move
    # ------------------------------------------------------------

    def action_start(self):
        return self._transition("start")

    def action_recover(self):
        """Close the plan with its goal reached."""
        return self._transition("recover")

    def action_end(self):
        """Close the plan without its goal; its conclusion says why."""
        return self._transition("end")

    def action_reopen(self):
        return self._transition("reopen")

    def action_refresh(self):
        """Measure the checkpoints now; the employee may do so too."""
        self.check_access("read")
        self._refresh()
        return True

    def _transition(self, name):
        transition = plan_tools.TRANSITIONS[name]
        self.check_access("read")
        for plan in self:
            problem = plan._get_transition_problem(name)
            if problem:
                wrong_state = plan.state not in transition.sources
                raise (UserError if wrong_state else AccessError)(problem)
            if transition.needs_note and not (plan.closing_note or "").strip():
                raise UserError(
                    self.env._("Write the conclusion first. The employee reads it."),
                )
        # sudo: the right was checked; the state is written by this method alone
        engine = self.sudo()
        engine.write({"state": transition.target, **self._get_transition_vals(transition.target)})
        if name == "start":
            engine._open()
        return True

    def _get_transition_vals(self, target):
        today = self.company_id[:1]._get_performance_today()
        if target == "running":
            return {"closed_on": False, "closed_by_id": False, "started_on": today}
        return {"closed_on": today, "closed_by_id": self.env.uid}

    def _open(self):
        """Begin: what is measured when, the first numbers, and word to the employee."""
        self._sync_checkpoints()
        self._refresh()
        self._tell_started()

    # ------------------------------------------------------------
    # From a weak line
    # ------------------------------------------------------------

    @api.model
    def _create_from_line(self, line):
        """A draft for a line of a review: its metric and target, its value as the one before."""
        plan = self.create(
            {
                **self._prepare_from_line(line),
                "name": self.env._("Improve: %s", line.name),
            }
        )
        # sudo: the link and the number before belong to the engine
        plan.sudo()._take_line(line.sudo())
        return plan

    @api.model
    def _prepare_from_line(self, line):
        start = max(line.company_id._get_performance_today(), self._default_date_start())
        return {
            "employee_id": line.employee_id.id,
            "metric_id": line.metric_id.id,
            "target": line.target,
            "date_start": start,
            "date_end": fields.Date.add(start, months=3),
        }

    def _take_line(self, line):
        """Remember where the plan comes from, and what was measured there."""
        self.ensure_one()
        self.review_line_id = line
        self.manager_id = line.manager_id or self.manager_id
        if not line.is_known:
            return
        self.env["hr.performance.plan.checkpoint"].create(
            {
                "plan_id": self.id,
                "metric_id": self.metric_id.id,
                "date_from": line.review_id.date_from,
                "date_to": line.review_id.date_to,
                "is_baseline": True,
                "is_fixed": True,
                "value": line.actual,
                "measured": True,
                "sample": line.sample,
            }
        )

    def _get_usual_target(self):
        """The target that the employee's reviews set for the metric.

        :raises UserError: where none of them does
        """
        self.ensure_one()
        # sudo: his own line, whatever may be shown of it
        line = (
            self.env["hr.performance.review.line"]
            .sudo()
            .search(
                [
                    ("employee_id", "=", self.employee_id.id),
                    ("metric_id", "=", self.metric_id.id),
                    ("kind", "=", "metric"),
                ],
                order="id desc",
                limit=1,
            )
        )
        if not line:
            raise UserError(
                self.env._(
                    "None of your reviews has a target for %(metric)s. Ask your manager to make "
                    "the plan, or leave the metric out.",
                    metric=self.metric_id.name,
                )
            )
        return line.target

    # ------------------------------------------------------------
    # Checkpoints
    # ------------------------------------------------------------

    def _sync_checkpoints(self):
        """Have a checkpoint for each period and metric, and one of the time before.

        Checkpoints that are not needed any more are removed as long as nothing was measured.
        """
        Checkpoint = self.env["hr.performance.plan.checkpoint"]
        vals_list = []
        for plan in self:
            wanted = plan._get_wanted_checkpoints()
            existing = {point._get_key(): point for point in plan.checkpoint_ids}
            vals_list += [vals for key, vals in wanted.items() if key not in existing]
            gone = Checkpoint.union(*(p for key, p in existing.items() if key not in wanted))
            gone.filtered(lambda point: not point.measured and not point.is_fixed).unlink()
        Checkpoint.create(vals_list)

    def _get_wanted_checkpoints(self):
        """``{(metric id, first day, last day): values of the checkpoint}``"""
        self.ensure_one()
        first = self._get_baseline_period()
        periods = plan_tools.checkpoint_periods(
            self.cadence, self.date_start, self.date_end, after=first.date_to
        )
        return {
            (metric.id, period.date_from, period.date_to): {
                "plan_id": self.id,
                "metric_id": metric.id,
                "date_from": period.date_from,
                "date_to": period.date_to,
                "is_baseline": period == first,
            }
            for metric in self.metric_id | self.effect_metric_ids
            for period in [first, *periods]
        }

    def _get_baseline_period(self):
        """The time before the plan: that of the line it comes from, else the last whole period."""
        self.ensure_one()
        review = self.review_line_id.review_id
        if review:
            return Period(review.date_from, review.date_to)
        current = plan_tools.checkpoint_period(self.cadence, self.date_start)
        return plan_tools.checkpoint_period(self.cadence, current.date_from - timedelta(days=1))

    def _refresh(self):
        """Fill the checkpoints that have begun: one collection for all plans of a metric and
        period, whatever their number. Closed plans stay as they are."""
        # sudo: a number does not depend on who asks for it
        running = self.sudo().filtered(lambda plan: plan.state == "running")
        running.checkpoint_ids._fill()
        running._follow_effect()

    def _follow_effect(self):
        """Note which metrics have recovered; close the plan where the company wants that."""
        reached = self.filtered(lambda plan: plan._has_recovered())
        (self - reached).filtered("reached_on").write({"reached_on": False})
        new = reached.filtered(lambda plan: not plan.reached_on)
        for company, plans in new.grouped("company_id").items():
            plans.write({"reached_on": company._get_performance_today()})
        automatic = reached.filtered(lambda plan: plan.company_id.performance_plan_auto_close)
        if automatic:
            automatic._transition("recover")
        new._tell_reached()

    def _has_recovered(self):
        """Whether enough finished checkpoints in a row reach the target."""
        self.ensure_one()
        if not self.metric_id:
            return False
        today = self.company_id._get_performance_today()
        finished = self.checkpoint_ids.filtered(
            lambda point: (
                point.metric_id == self.metric_id
                and not point.is_baseline
                and point.date_to < today
            )
        ).sorted("date_from")
        values = [point.value if point.measured else None for point in finished]
        return plan_tools.has_recovered(
            values, self.target, self.direction, self.needed_checkpoints
        )

    # ------------------------------------------------------------
    # Showing
    # ------------------------------------------------------------

    def _format_period(self, date_from, date_to):
        """A month as a month, a quarter as its months, anything else by its first day."""
        self.ensure_one()
        first = format_date(self.env, date_from, date_format="LLL")
        if date_from.day == 1 and (date_to + timedelta(days=1)).day == 1:
            last = format_date(self.env, date_to, date_format="LLL")
            return first if first == last else f"{first}–{last}"
        return format_date(self.env, date_from, date_format="MMM d")

    def action_open(self):
        self.ensure_one()
        return self._get_records_action(name=self.env._("Plan"))
