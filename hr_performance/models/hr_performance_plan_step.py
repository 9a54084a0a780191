from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..tools import plan as plan_tools

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class HrPerformancePlanStep(models.Model):
    """Something to do in a plan: when it starts, how often it is repeated, who does it."""

    _name = "hr.performance.plan.step"
    _description = "Plan Step"
    _order = "plan_id, sequence, date_start, id"

    plan_id = fields.Many2one("hr.performance.plan", required=True, index=True, ondelete="cascade")
    employee_id = fields.Many2one(related="plan_id.employee_id")
    plan_state = fields.Selection(
        related="plan_id.state", string="State of the Plan", store=True, precompute=True
    )
    sequence = fields.Integer(default=10, aggregator=None)
    name = fields.Char("What to Do", required=True)
    description = fields.Text("Details")
    is_training = fields.Boolean(
        "Training", help="A course or a lesson: the report tells which trainings worked."
    )
    date_start = fields.Date(
        "Starts", required=True, default=lambda self: self._default_date_start()
    )
    date_end = fields.Date("Until", help="Empty: as long as the plan runs.")
    repeat = fields.Selection(
        [
            ("once", "Once"),
            ("daily", "Every day"),
            ("workdays", "Monday to Friday"),
            ("weekly", "Every week on"),
            ("monthly", "Every month"),
        ],
        default="once",
        required=True,
    )
    mon = fields.Boolean("Monday")
    tue = fields.Boolean("Tuesday")
    wed = fields.Boolean("Wednesday")
    thu = fields.Boolean("Thursday")
    fri = fields.Boolean("Friday")
    sat = fields.Boolean("Saturday")
    sun = fields.Boolean("Sunday")
    user_id = fields.Many2one(
        "res.users",
        "Who",
        domain="[('share', '=', False)]",
        ondelete="set null",
        index="btree_not_null",
        help="Empty: the employee himself.",
    )
    actor_id = fields.Many2one("res.users", "Does It", compute="_compute_actor_id")
    checkin_ids = fields.One2many("hr.performance.plan.checkin", "step_id")
    done_count = fields.Integer("Done", compute="_compute_progress")
    due_count = fields.Integer("Due so Far", compute="_compute_progress")
    progress_text = fields.Char("Done of Due", compute="_compute_progress")
    is_due_today = fields.Boolean(compute="_compute_progress")
    is_done_today = fields.Boolean(compute="_compute_progress")
    can_check_in = fields.Boolean(compute="_compute_progress")

    _dates = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A step ends on the day it starts, or later.",
    )

    @api.model
    def _default_date_start(self):
        return self.env.company._get_performance_today()

    @api.depends("user_id", "plan_id.employee_id")
    def _compute_actor_id(self):
        for step in self:
            # sudo: whose user does it, for whoever reads the step
            step.actor_id = step.user_id or step.sudo().plan_id.employee_id.user_id

    @api.depends("checkin_ids", "date_start", "date_end", "repeat", "plan_id.state", *WEEKDAYS)
    @api.depends_context("uid")
    def _compute_progress(self):
        for step in self:
            today = step._get_today()
            due = step._get_due_days(today)
            # sudo: which days are done, for whoever reads the step
            done = {checkin.date for checkin in step.sudo().checkin_ids}
            step.is_due_today = bool(due) and due[-1] == today
            step.is_done_today = today in done or (step.repeat == "once" and bool(done))
            # today is missed only when it is over
            step.due_count = len([day for day in due if day < today or day in done])
            step.done_count = len(done)
            step.progress_text = self.env._(
                "%(done)s of %(due)s", done=step.done_count, due=max(step.due_count, len(done))
            )
            step.can_check_in = (
                not step.is_done_today
                and step.date_start <= today
                and not step._get_checkin_problem()
            )

    @api.constrains("date_start", "plan_id")
    def _check_dates(self):
        for step in self:
            # sudo: the plan's dates, which whoever writes the step may read
            if step.date_start > step.sudo().plan_id.date_end:
                raise ValidationError(
                    self.env._("“%s” starts after the end of the plan.", step.name)
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps._check_editable()
        return steps

    def write(self, vals):
        self._check_editable()
        result = super().write(vals)
        if "plan_id" in vals:
            self._check_editable()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_readonly(self):
        self._check_editable()

    def _check_editable(self):
        """Steps are written by whoever writes the plan's own words."""
        if self.env.su:
            return
        for plan in self.plan_id:
            if "name" not in plan._get_writable_fields():
                raise AccessError(
                    self.env._("You cannot change the steps of the plan “%s”.", plan.name)
                )

    # ------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------

    def action_check_in(self):
        """Tick the steps off for today."""
        self.check_access("read")
        self.env["hr.performance.plan.checkin"].create(
            [{"step_id": step.id, "date": step._get_today()} for step in self]
        )
        return True

    def action_check_in_note(self):
        """Tick the step off with a few words, or for another day."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "hr.performance.plan.checkin",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_step_id": self.id},
        }

    def _get_checkin_problem(self):
        """Why the current user cannot tick the step off, in a sentence; False if he can."""
        self.ensure_one()
        # sudo: the state and the employee of the plan only
        plan = self.sudo().plan_id
        if plan.state != "running":
            return self.env._("The plan does not run.")
        if self.env.su or self.env.user in (self.actor_id, plan.employee_id.user_id):
            return False
        return self.env._("A step is ticked off by whoever does it.")

    def _get_today(self):
        # sudo: the day in the company, for whoever does the step
        company = self.sudo().plan_id.company_id or self.env.company
        return company._get_performance_today()

    def _get_due_days(self, today):
        """The days up to today on which the step was due."""
        self.ensure_one()
        # sudo: the end of the plan only
        last = min(self.date_end or today, self.sudo().plan_id.date_end or today, today)
        if not self.date_start:
            return []
        weekdays = {number for number, name in enumerate(WEEKDAYS) if self[name]}
        return plan_tools.due_days(self.repeat, self.date_start, last, weekdays)
