from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools import workflow
from .hr_performance_thread_mixin import MAIL_FIELDS

#: What each role may write directly. Everything else is written by the engine alone.
SUBJECT_FIELDS = {"self_comment"}
MANAGER_FIELDS = {"manager_comment", "priority"}
HR_FIELDS = {"manager_comment", "manager_id", "priority"}


class HrPerformanceReview(models.Model):
    """One employee in one cycle: his lines, his total and the way to it.

    Reviews are created by launching a cycle. Their state moves through :meth:`_transition` alone,
    whose rules (``tools.workflow``) also show and hide the buttons. Employees and managers write
    their own few fields; points, totals and snapshots belong to the engine, which runs as the
    superuser after the right was checked.
    """

    _name = "hr.performance.review"
    _description = "Performance Review"
    _inherit = [
        "hr.performance.thread.mixin",
        "hr.performance.access.mixin",
        "hr.performance.bulk.mixin",
        "hr.performance.number.mixin",
    ]
    _order = "date_from desc, total desc, id"

    cycle_id = fields.Many2one(
        "hr.performance.cycle", required=True, readonly=True, index=True, ondelete="restrict"
    )
    program_id = fields.Many2one(related="cycle_id.program_id")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("To", readonly=True)
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, index=True, ondelete="restrict"
    )
    employee_user_id = fields.Many2one(related="employee_id.user_id", string="User")
    department_id = fields.Many2one(
        "hr.department", readonly=True, index="btree_not_null", ondelete="set null"
    )
    job_id = fields.Many2one("hr.job", readonly=True, index="btree_not_null", ondelete="set null")
    manager_id = fields.Many2one(
        "hr.employee", "Manager", index="btree_not_null", ondelete="set null", tracking=True
    )
    manager_fixed = fields.Boolean(
        readonly=True, help="HR chose the manager; the hierarchy does not replace him."
    )
    template_id = fields.Many2one(
        "hr.performance.template", required=True, readonly=True, index=True, ondelete="restrict"
    )
    participation = fields.Float(
        readonly=True,
        default=1.0,
        digits=(7, 6),
        aggregator="avg",
        help="Part of the period on which the employee was employed, from 0 to 1.",
    )
    state = fields.Selection(
        [
            ("goal", "Goals to Confirm"),
            ("progress", "In Progress"),
            ("self", "Self-Assessment"),
            ("manager", "Manager Scoring"),
            ("calibration", "Calibration"),
            ("ready", "To Publish"),
            ("published", "Published"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        group_expand="_group_expand_state",
    )
    deadline = fields.Date(readonly=True, index="btree_not_null")
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    priority = fields.Selection([("0", "Normal"), ("1", "To discuss")], default="0")
    color = fields.Integer(compute="_compute_color", export_string_translation=False)
    line_ids = fields.One2many("hr.performance.review.line", "review_id")
    total = fields.Float("Score", digits=(8, 2), readonly=True, aggregator="avg")
    base_total = fields.Float("Score before Rules", digits=(8, 2), readonly=True, aggregator="avg")
    scored = fields.Boolean(
        readonly=True, help="Off while nothing is measured: an unknown score is not a score of 0."
    )
    coverage = fields.Float(
        "Data Coverage (%)",
        digits=(5, 2),
        readonly=True,
        aggregator="avg",
        help="Share of the weight that is backed by data.",
    )
    missing_count = fields.Integer("Unmeasured Lines", readonly=True)
    blocked = fields.Boolean("Held Back", readonly=True)
    blocked_reason = fields.Selection(
        [
            ("missing", "A metric that must be measured has no data"),
            ("coverage", "Too little of the weight is backed by data"),
            ("empty", "Nothing is measured"),
        ],
        readonly=True,
    )
    full_rank = fields.Integer(
        "Rank",
        readonly=True,
        aggregator=None,
        groups="hr_performance.group_hr_performance_auditor",
    )
    full_count = fields.Integer(
        "People Ranked",
        readonly=True,
        aggregator=None,
        groups="hr_performance.group_hr_performance_auditor",
    )
    full_grade_id = fields.Many2one(
        "hr.performance.grade",
        "Provisional Grade",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        groups="hr_performance.group_hr_performance_auditor",
    )
    rank = fields.Integer("Published Rank", readonly=True, aggregator=None, tracking=True)
    rank_count = fields.Integer("Published Rank of", readonly=True, aggregator=None)
    rank_band = fields.Selection(
        [("upper", "Upper third"), ("middle", "Middle third"), ("lower", "Lower third")],
        readonly=True,
    )
    rank_display = fields.Char("Place", compute="_compute_rank_display")
    grade_id = fields.Many2one(
        "hr.performance.grade",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
    )
    published_on = fields.Datetime(readonly=True)
    published_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    strength_ids = fields.Many2many(
        "hr.performance.review.line", string="Strengths", compute="_compute_profile"
    )
    weakness_ids = fields.Many2many(
        "hr.performance.review.line", string="To Improve", compute="_compute_profile"
    )
    self_comment = fields.Text("Employee's Comment")
    manager_comment = fields.Text("Manager's Comment")
    raw_return_reason = fields.Text(
        readonly=True, copy=False, groups=fields.NO_ACCESS, export_string_translation=False
    )
    return_reason = fields.Text(
        "Reason of the Return",
        compute="_compute_return_reason",
        help="Why the review came back to this step; gone when it moves on. What is written to the "
        "manager is not shown to the employee.",
    )
    returned_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="set null")
    raw_manager_returns = fields.Text(
        readonly=True, copy=False, groups=fields.NO_ACCESS, export_string_translation=False
    )
    manager_returns = fields.Text(
        "Returned to the Manager",
        compute="_compute_manager_returns",
        help="When and why HR gave the review back to the manager, the latest first. The employee "
        "does not read it.",
    )
    revision_ids = fields.One2many("hr.performance.review.revision", "review_id")
    revision_count = fields.Integer(readonly=True)
    is_imported = fields.Boolean("Imported Result", readonly=True)
    state_on = fields.Datetime("In this State since", readonly=True)
    start_sent = fields.Boolean(readonly=True)
    task_sent = fields.Boolean(readonly=True)
    reminded = fields.Boolean(readonly=True)
    escalated = fields.Boolean(readonly=True)
    touched_on = fields.Datetime(readonly=True)

    can_confirm_goals = fields.Boolean(compute="_compute_can")
    can_start_assessment = fields.Boolean(compute="_compute_can")
    can_submit_self = fields.Boolean(compute="_compute_can")
    can_skip_self = fields.Boolean(compute="_compute_can")
    can_submit_scores = fields.Boolean(compute="_compute_can")
    can_return_to_employee = fields.Boolean(compute="_compute_can")
    can_return_to_manager = fields.Boolean(compute="_compute_can")
    can_approve_calibration = fields.Boolean(compute="_compute_can")
    can_publish = fields.Boolean(compute="_compute_can")
    can_reopen = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")
    can_restore = fields.Boolean(compute="_compute_can")
    can_edit_self = fields.Boolean(compute="_compute_can")
    can_edit_scores = fields.Boolean(compute="_compute_can")
    can_edit_goals = fields.Boolean(compute="_compute_can")

    _employee_unique = models.UniqueIndex(
        "(cycle_id, employee_id)", "This employee has a review in this cycle already."
    )
    _cycle_state_idx = models.Index("(cycle_id, state, total DESC)")

    @api.model
    def _group_expand_state(self, states, domain):
        """The columns of the board: every state that is passed, in order."""
        return list(workflow.STATES)

    @api.depends("employee_id", "cycle_id")
    def _compute_display_name(self):
        for review in self:
            review.display_name = f"{review.employee_id.name} · {review.cycle_id.name}"

    @api.depends("company_id", "deadline", "state")
    def _compute_is_overdue(self):
        today = {company: company._get_performance_today() for company in self.company_id}
        for review in self:
            due = review.deadline if review.state in workflow.OPEN_STATES else None
            review.is_overdue = bool(due and due < today[review.company_id])

    @api.depends("raw_return_reason", "state", "employee_id")
    @api.depends_context("uid")
    def _compute_return_reason(self):
        """The employee reads why a review came back to him, not what HR wrote to his manager.

        As it is computed, no search, grouping or export goes around that.
        """
        for review in self:
            # sudo: shown as decided here
            reason = review.sudo().raw_return_reason
            hidden = review.is_own and review.state != "self" and not self.env.su
            review.return_reason = False if hidden else reason

    @api.depends("raw_manager_returns", "employee_id")
    @api.depends_context("uid")
    def _compute_manager_returns(self):
        for review in self:
            # sudo: shown as decided here
            returns = review.sudo().raw_manager_returns
            review.manager_returns = False if review.is_own and not self.env.su else returns

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("deadline", "<", "today") & Domain("state", "in", workflow.OPEN_STATES)

    @api.depends("state", "is_overdue", "blocked")
    def _compute_color(self):
        for review in self:
            done = review.state in workflow.FROZEN_STATES
            review.color = 1 if review.is_overdue else 3 if review.blocked else 10 if done else 0

    @api.depends("rank", "rank_count", "rank_band")
    def _compute_rank_display(self):
        bands = dict(self._fields["rank_band"]._description_selection(self.env))
        for review in self:
            review.rank_display = (
                self.env._("%(rank)s of %(count)s", rank=review.rank, count=review.rank_count)
                if review.rank
                else bands.get(review.rank_band, False)
            )

    @api.depends("state", "employee_id", "manager_id", "deadline")
    @api.depends_context("uid")
    def _compute_can(self):
        names = [name for name in workflow.TRANSITIONS if f"can_{name}" in self._fields]
        allowed = {name: self._filter_transition(name) for name in names}
        for review in self:
            for name in names:
                review[f"can_{name}"] = review in allowed[name]
            roles = review._get_roles()
            review.can_edit_self = "subject" in roles and review.state == "self"
            review.can_edit_scores = bool(roles & {"manager", "hr"}) and review.state == "manager"
            review.can_edit_goals = bool(roles & {"manager", "hr"}) and review.state == "goal"

    def write(self, vals):
        if not self.env.su:
            self._check_writable(vals)
            if "manager_id" in vals:
                vals = {**vals, "manager_fixed": True}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_cancelled(self):
        if any(review.state != "cancelled" for review in self):
            raise UserError(
                self.env._("Only cancelled reviews can be deleted. Cancel the review first.")
            )

    # Rights

    def _get_roles(self):
        """What the current user is towards this review: a set of ``tools.workflow`` roles."""
        self.ensure_one()
        if self.env.su:
            return {"system"}
        if self.is_own:
            # Whoever is reviewed decides nothing about himself, whatever else he is.
            is_officer = self.env.user.has_group("hr_performance.group_hr_performance_user")
            return {"subject", "hr_any"} if is_officer else {"subject"}
        roles = set()
        if self.has_manager_access:
            roles |= {"manager", "late_manager"} if self.is_overdue else {"manager"}
        if self.env.user.has_group("hr_performance.group_hr_performance_user"):
            roles |= {"hr", "hr_any"}
        if self.env.user.has_group("hr_performance.group_hr_performance_manager"):
            roles.add("admin")
        return roles

    def _check_writable(self, vals):
        """Refuse every field that the user's role does not write in this state."""
        for review in self:
            roles = review._get_roles()
            allowed = set(MAIL_FIELDS)
            if review.state in workflow.LIVE_STATES:
                allowed |= SUBJECT_FIELDS if "subject" in roles else set()
                allowed |= MANAGER_FIELDS if "manager" in roles else set()
            if review.state in workflow.OPEN_STATES and "hr" in roles:
                allowed |= HR_FIELDS
            refused = vals.keys() - allowed - {"line_ids"}
            if refused:
                raise AccessError(
                    self.env._(
                        "You cannot change %(fields)s of the review of %(employee)s in this state.",
                        fields=", ".join(sorted(self._fields[f].string for f in refused)),
                        employee=review.employee_id.name,
                    )
                )

    # The one way to move

    def _check_transition(self, name, raise_if_not_possible=True):
        """Whether this review may make the move; the rule behind buttons and errors alike."""
        self.ensure_one()
        transition = workflow.TRANSITIONS[name]
        if self.state not in transition.sources:
            if raise_if_not_possible:
                states = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "The review of %(employee)s is in the state “%(state)s”, where this is not "
                        "possible.",
                        employee=self.employee_id.name,
                        state=states[self.state],
                    )
                )
            return False
        if not self.env.su and not self._get_roles() & set(transition.roles):
            if raise_if_not_possible:
                raise AccessError(
                    self.env._(
                        "You are not entitled to do this with the review of %(employee)s.",
                        employee=self.employee_id.name,
                    )
                )
            return False
        return True

    def _filter_transition(self, name):
        return self.filtered(lambda review: review._check_transition(name, False))

    def _transition(self, name, reason=None):
        """Move the reviews; checks the rights and what the move asks for, then does its effects.

        :param name: key of ``tools.workflow.TRANSITIONS``
        :param reason: text, mandatory for the moves that need one
        :raises AccessError: for a role that may not make the move
        :raises UserError: for a state that it does not start from, or work left to do
        """
        transition = workflow.TRANSITIONS[name]
        if transition.needs_reason and not (reason or "").strip() and not self.env.su:
            raise UserError(self.env._("Give the reason; it stays with the review."))
        for review in self:
            review._check_transition(name)
        prepare = getattr(self, f"_prepare_{name}", None)
        if prepare:
            prepare(reason)
        # sudo: the right was checked above; the state is written by this method alone
        engine = self.sudo().filtered(lambda review: review.state in transition.sources)
        for (cycle, state), reviews in engine.grouped(lambda r: (r.cycle_id, r.state)).items():
            target = transition.target
            if target == workflow.NEXT:
                target = workflow.next_state(transition.passes or state, cycle._get_used_steps())
            reviews._set_state(target)
            if transition.is_return:
                reviews.write({"raw_return_reason": reason, "returned_by_id": self.env.uid})
                if target == "manager":
                    reviews._keep_return(reason)
        # The employee reads the notes, so what is written to his manager is none of them.
        if reason and transition.target != "manager":
            for review in engine:
                review.with_user(self.env.user).sudo().message_post(body=reason)
        return True

    def _keep_return(self, reason):
        """Keep what was written to the manager beyond the step that it was written for."""
        for review in self:
            said = f"{review.cycle_id._get_today()} · {self.env.user.name}: {reason}"
            before = review.raw_manager_returns
            review.raw_manager_returns = f"{said}\n{before}" if before else said

    def _set_state(self, state):
        """Enter a state: its deadline, a clean slate for its reminders, old tasks done."""
        for cycle, reviews in self.grouped("cycle_id").items():
            deadline = cycle._get_deadlines().get((cycle.id, state))
            vals = {"state": state, "deadline": deadline, "task_sent": False}
            vals |= {"reminded": False, "escalated": False, "state_on": fields.Datetime.now()}
            vals |= {"raw_return_reason": False, "returned_by_id": False}
            if state == "published":
                vals |= {"published_on": fields.Datetime.now(), "published_by_id": self.env.uid}
            reviews.write(vals)
            reviews._finish_tasks()
            if state == "published" and not self._is_batch():
                cycle._rank()
                cycle._follow_reviews()
        self._trigger_reminders()

    # Buttons

    def action_confirm_goals(self):
        return self._transition("confirm_goals")

    def action_start_assessment(self):
        return self._transition("start_assessment")

    def action_submit_self(self):
        return self._transition("submit_self")

    def action_skip_self(self):
        return self._transition("skip_self")

    def action_submit_scores(self):
        return self._transition("submit_scores")

    def action_approve_calibration(self):
        return self._transition("approve_calibration")

    def action_publish(self):
        for review in self:
            review._check_transition("publish")
        # sudo: the right was checked
        return self.sudo()._publish(by_user=self.env.user)

    def action_restore(self):
        return self._transition("restore")

    def action_return_to_employee(self):
        return self._ask_reason("return_to_employee", self.env._("Return to the Employee"))

    def action_return_to_manager(self):
        return self._ask_reason("return_to_manager", self.env._("Return to the Manager"))

    def action_reopen(self):
        return self._ask_reason("reopen", self.env._("Reopen the Result"))

    def action_cancel(self):
        return self._ask_reason("cancel", self.env._("Cancel the Review"))

    def _ask_reason(self, transition, title):
        for review in self:
            review._check_transition(transition)
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "hr.performance.review.reason",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_review_ids": self.ids, "default_transition": transition},
        }

    def action_refresh(self):
        """Measure now. Employees refresh their own progress as well."""
        self.check_access("read")
        live = self.filtered(lambda review: review.state in workflow.LIVE_STATES)
        # sudo: measuring reads records that the reader may not see; he sees the numbers only
        live.sudo()._refresh()
        return True

    # What a move asks for

    def _prepare_start_assessment(self, reason):
        """The period is over for these people: where they stand now, and their last numbers."""
        engine = self.sudo()  # sudo: the engine measures and scores, the right was checked
        engine._update_snapshots()
        engine._refresh()

    def _prepare_submit_self(self, reason):
        for review in self:
            missing = review.line_ids.filtered(lambda line: line._needs_self())
            if missing and not review.self_comment:
                raise UserError(
                    self.env._(
                        "Write a comment, or assess yourself on: %(metrics)s.",
                        metrics=", ".join(missing.mapped("name")),
                    )
                )

    def _prepare_submit_scores(self, reason):
        for review in self:
            missing = review.line_ids.filtered(lambda line: line._needs_manager())
            if missing:
                raise UserError(
                    self.env._(
                        "%(employee)s: give a value and the reason for %(metrics)s.",
                        employee=review.employee_id.name,
                        metrics=", ".join(missing.mapped("name")),
                    )
                )
            review._check_evidence_decided()
        self.sudo()._refresh()  # sudo: the engine measures and scores

    def _check_evidence_decided(self):
        waiting = self.line_ids.evidence_ids.filtered(lambda e: e.state == "submitted")
        if waiting:
            raise UserError(
                self.env._(
                    "%(employee)s: accept or refuse the evidence that waits (%(count)s).",
                    employee=self.employee_id.name,
                    count=len(waiting),
                )
            )

    def _prepare_publish(self, reason):
        held = self.filtered("blocked")
        if held:
            reasons = dict(self._fields["blocked_reason"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "Held back, not published:\n%(list)s\nGive the missing values, or leave the "
                    "line out with a reason.",
                    list="\n".join(
                        f"{review.employee_id.name}: {reasons[review.blocked_reason]}"
                        for review in held
                    ),
                )
            )

    def _prepare_reopen(self, reason):
        """Keep the result as it stood, before anything changes."""
        # sudo: versions are written by the engine only
        self.env["hr.performance.review.revision"].sudo().create(
            [review.sudo()._get_revision_vals(reason, self.env.user) for review in self]
        )
        self.sudo().write(
            {
                "grade_id": False,
                "rank": 0,
                "rank_count": 0,
                "rank_band": False,
                "published_on": False,
            }
        )
        for review in self.sudo():
            review.revision_count += 1
        closed = self.sudo().cycle_id.filtered(lambda cycle: cycle.state != "open")
        closed.write({"state": "open"})

    def _get_revision_vals(self, reason, user):
        self.ensure_one()
        return {
            "review_id": self.id,
            "number": self.revision_count + 1,
            "reason": reason,
            "user_id": user.id,
            "published_on": self.published_on,
            "total": self.total,
            "grade_id": self.grade_id.id,
            "rank": self.rank,
            "payload": {"lines": [line._get_frozen_values() for line in self.line_ids]},
        }
