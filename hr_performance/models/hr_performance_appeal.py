from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..tools import appeal as course
from .hr_performance_thread_mixin import MAIL_FIELDS

#: What the employee writes himself, until he submits.
SUBJECT_FIELDS = {"review_id", "line_id", "reason", "attachment_ids"}
OFFICER = "hr_performance.group_hr_performance_user"


class HrPerformanceAppeal(models.Model):
    """An employee's objection to a published result or one line of it, and what became of it.

    The employee writes and submits; his manager answers within some working days, HR when he does
    not; the employee may take the answer to HR once more. What is disputed is held back until it
    is answered, the rest stands. Its state moves through :meth:`_transition` alone, whose rules
    (``tools.appeal``) also show and hide the buttons.

    Another subject of appeals is added by ``_inherit``: a field for the subject (named in
    :meth:`_get_subject_fields`), and its answers in :meth:`_get_subject`,
    :meth:`_get_subject_vals`, :meth:`_get_subject_problem`, :meth:`_get_terms`,
    :meth:`_get_responsible`, :meth:`_hold`, :meth:`_release` and :meth:`_apply_change`.
    """

    _name = "hr.performance.appeal"
    _description = "Appeal"
    _inherit = [
        "hr.performance.thread.mixin",
        "hr.performance.subject.mixin",
        "hr.performance.attachment.mixin",
    ]
    _order = "deadline, id desc"

    review_id = fields.Many2one(
        "hr.performance.review", string="Result", index="btree_not_null", ondelete="cascade"
    )
    line_id = fields.Many2one(
        "hr.performance.review.line",
        "Disputed Line",
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: the whole result is disputed.",
    )
    kind = fields.Selection(
        [("review", "Whole result"), ("line", "One line")],
        "Subject",
        compute="_compute_subject",
        store=True,
        precompute=True,
    )
    subject_name = fields.Char("About", compute="_compute_subject_name")
    cycle_id = fields.Many2one(
        "hr.performance.cycle",
        compute="_compute_subject",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    filed_by_id = fields.Many2one(
        "res.users",
        "Filed by",
        compute="_compute_filed_by_id",
        compute_sudo=False,
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Who of HR wrote it down in the name of an employee without an account.",
    )
    reason = fields.Text(
        "What is wrong, and why",
        required=True,
        help="Your manager and HR read it.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "With the Manager"),
            ("answered", "Answered"),
            ("second", "With HR"),
            ("closed", "Closed"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_group_expand_state",
    )
    outcome = fields.Selection(
        [("upheld", "Result stands"), ("changed", "Result changed"), ("withdrawn", "Withdrawn")],
        readonly=True,
        copy=False,
        tracking=True,
    )
    submitted_on = fields.Datetime(readonly=True, copy=False)
    deadline = fields.Date(
        "Due",
        readonly=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="By when the manager or HR answers, in working days of the company.",
    )
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    color = fields.Integer(compute="_compute_color", export_string_translation=False)
    answer = fields.Text(readonly=True, copy=False)
    answer_outcome = fields.Selection(
        [("upheld", "Result stands"), ("changed", "Result changed")],
        "First Outcome",
        readonly=True,
        copy=False,
    )
    answered_by_id = fields.Many2one(
        "res.users", "Answered by", readonly=True, copy=False, ondelete="restrict"
    )
    answered_on = fields.Datetime(readonly=True, copy=False)
    second_until = fields.Date(
        "To HR until",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Until this day the employee may take the answer to HR.",
    )
    second_reason = fields.Text("Why HR should look at it", readonly=True, copy=False)
    second_answer = fields.Text("HR's Answer", readonly=True, copy=False)
    second_by_id = fields.Many2one(
        "res.users", "Answered by (HR)", readonly=True, copy=False, ondelete="restrict"
    )
    second_on = fields.Datetime("Answered by HR on", readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False)
    revision_ids = fields.One2many("hr.performance.review.revision", "appeal_id")
    reminded = fields.Boolean(readonly=True, copy=False)
    escalated = fields.Boolean(readonly=True, copy=False)

    is_filer = fields.Boolean(compute="_compute_person", export_string_translation=False)
    is_same_person = fields.Boolean(compute="_compute_person", export_string_translation=False)
    had_part = fields.Boolean(compute="_compute_person", export_string_translation=False)
    has_answerer = fields.Boolean(compute="_compute_has_answerer", export_string_translation=False)
    can_edit = fields.Boolean(compute="_compute_can")
    can_submit = fields.Boolean(compute="_compute_can")
    can_withdraw = fields.Boolean(compute="_compute_can")
    can_accept = fields.Boolean(compute="_compute_can")
    can_take_to_hr = fields.Boolean(compute="_compute_can")
    can_decide = fields.Boolean(compute="_compute_can")

    _open_line_unique = models.UniqueIndex(
        "(line_id) WHERE line_id IS NOT NULL AND state IN ('submitted', 'answered', 'second')",
        "There is an open appeal about this line already.",
    )
    _open_review_unique = models.UniqueIndex(
        "(review_id) WHERE line_id IS NULL AND review_id IS NOT NULL "
        "AND state IN ('submitted', 'answered', 'second')",
        "There is an open appeal about this result already.",
    )
    _due_idx = models.Index("(deadline) WHERE state IN ('submitted', 'second')")

    @api.depends("review_id", "line_id")
    def _compute_subject(self):
        return super()._compute_subject()

    @api.depends("employee_id")
    def _compute_filed_by_id(self):
        """HR writes in the name of whoever cannot do so himself, and is known to have done so."""
        # With sudo or not: rules read this field with sudo, in the name of the writer.
        officer = self.env.uid != SUPERUSER_ID and self.env.user.has_group(OFFICER)
        for appeal in self:
            # sudo: whether the employee has an account
            employee = appeal.sudo().employee_id
            deputy = officer and employee and not employee.user_id.active
            appeal.filed_by_id = self.env.user if deputy else False

    @api.model
    def _group_expand_state(self, states, domain):
        """The columns of the board: drafts are seen by their writers alone."""
        return [state for state in course.STATES if state != "draft"]

    @api.depends("review_id", "line_id")
    def _compute_subject_name(self):
        for appeal in self:
            subject = appeal.sudo()._get_subject()  # sudo: its name only
            appeal.subject_name = subject.display_name if subject else False

    @api.depends("subject_name", "employee_id")
    def _compute_display_name(self):
        for appeal in self:
            names = [appeal.employee_id.name, appeal.subject_name]
            # A whole result has the name of the employee in its own.
            if all(names) and names[1].startswith(names[0]):
                names = names[1:]
            appeal.display_name = " · ".join(filter(None, names)) or self.env._("New Appeal")

    @api.depends("deadline", "state")
    def _compute_is_overdue(self):
        today = {company: company._get_performance_today() for company in self.company_id}
        for appeal in self:
            due = appeal.deadline if appeal.state in course.HELD_STATES else None
            appeal.is_overdue = bool(due and due < today[appeal.company_id])

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("deadline", "<", "today") & Domain("state", "in", course.HELD_STATES)

    @api.depends("is_overdue", "state", "outcome")
    def _compute_color(self):
        """Red what is overdue, yellow what waits for an answer, green what is changed."""
        for appeal in self:
            waits = appeal.state in course.HELD_STATES
            done = 10 if appeal.outcome == "changed" else 0
            appeal.color = 1 if appeal.is_overdue else 3 if waits else done

    @api.depends("employee_id", "manager_id", "answered_by_id", "filed_by_id")
    @api.depends_context("uid")
    def _compute_person(self):
        """Whether the reader filed it, is the employee by a second account, or had part in it.

        Part has who gave the first answer, and the manager whose result is disputed.
        """
        parts = self._get_parts(self.env.user)
        for appeal in self:
            part = parts[appeal, self.env.user]
            appeal.is_filer = "filer" in part
            appeal.is_same_person = "employee" in part
            appeal.had_part = bool(part & {"manager", "answerer"})

    def _get_parts(self, users):
        """``{(appeal, user): what the user, by whatever account, was in it}``.

        As ``employee``, ``manager``, ``answerer`` of the first answer or ``filer``. The number of
        queries does not depend on the number of appeals.
        """
        known = self.sudo()  # sudo: persons are compared, nothing of them is told
        marks = users._get_person_marks()
        people = (known.employee_id | known.manager_id)._get_person_marks()
        accounts = (known.answered_by_id | known.filed_by_id)._get_person_marks()
        parts = {}
        for appeal, record in zip(self, known, strict=True):
            roles = {
                "employee": people.get(record.employee_id.id),
                "manager": people.get(record.manager_id.id),
                "answerer": accounts.get(record.answered_by_id.id),
                "filer": accounts.get(record.filed_by_id.id),
            }
            for user in users:
                parts[appeal, user] = {
                    role
                    for role, other in roles.items()
                    if other and user._share_person(marks[user.id], other)
                }
        return parts

    @api.depends("employee_id", "manager_id", "manager_id.user_id", "filed_by_id")
    def _compute_has_answerer(self):
        """Whether the manager has an account to answer with, and neither is the employee nor
        writes in his name."""
        known = self.sudo()  # sudo: as above
        people = (known.employee_id | known.manager_id)._get_person_marks()
        writers = known.filed_by_id._get_person_marks()
        for appeal, record in zip(self, known, strict=True):
            manager = record.manager_id
            side = people.get(record.employee_id.id, set())
            side = side | writers.get(record.filed_by_id.id, set())
            appeal.has_answerer = manager.user_id.active and not self.env.user._share_person(
                people.get(manager.id, set()), side
            )

    @api.depends("state", "deadline", "employee_id", "manager_id", "answered_by_id", "filed_by_id")
    @api.depends_context("uid")
    def _compute_can(self):
        moves = ("submit", "withdraw", "accept", "take_to_hr")
        for appeal in self:
            for name in moves:
                appeal[f"can_{name}"] = appeal._check_transition(name, False)
            decisions = [move for (state, _), move in course.DECISIONS.items()]
            appeal.can_decide = any(appeal._check_transition(m, False) for m in decisions)
            writer = appeal._get_roles() & {"subject", "deputy"}
            appeal.can_edit = appeal.state == "draft" and bool(writer)

    @api.constrains("review_id", "line_id")
    def _check_line(self):
        for appeal in self:
            if appeal.line_id and appeal.line_id.review_id != appeal.review_id:
                raise ValidationError(self.env._("The disputed line belongs to another result."))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        appeals = super().create(vals_list)
        appeals._check_editable()
        appeals._check_subject()
        appeals._take_attachments()
        return appeals

    def write(self, vals):
        if not self.env.su and vals.keys() - MAIL_FIELDS:
            self._check_editable()
        result = super().write(vals)
        if not self.env.su and vals.keys() & self._get_subject_fields():
            self._check_subject()
        if "attachment_ids" in vals:
            self._take_attachments()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        if any(appeal.state != "draft" for appeal in self):
            raise UserError(
                self.env._("An appeal that was submitted stays on record. Withdraw it instead.")
            )
        self._check_editable()

    @api.model
    def _has_field_access(self, field, operation):
        """What the engine writes is written by the moves alone."""
        if operation == "write" and not self.env.su and field.store:
            allowed = SUBJECT_FIELDS | self._get_subject_fields() | MAIL_FIELDS
            if field.name not in allowed:
                return False
        return super()._has_field_access(field, operation)

    def _check_editable(self):
        for appeal in self:
            if not appeal.can_edit and not self.env.su:
                raise AccessError(
                    self.env._(
                        "Only the employee himself writes an appeal, or HR in the name of somebody "
                        "without an account, and only until it is submitted."
                    )
                )

    # ------------------------------------------------------------
    # The subject: hooks for other subjects
    # ------------------------------------------------------------

    @api.model
    def _get_subject_fields(self):
        """Names of the fields that say what is disputed; the employee fills them."""
        return {"review_id", "line_id"}

    def _get_subject(self):
        """The record that is disputed: a line, a review, or what another addon adds."""
        self.ensure_one()
        return self.line_id or self.review_id

    def _get_subject_vals(self):
        """What is kept of the subject: kind and cycle, and whom it is about."""
        self.ensure_one()
        return super()._get_subject_vals() | {
            "kind": "line" if self.line_id else "review" if self.review_id else False,
            "cycle_id": self.review_id.cycle_id.id,
        }

    def _get_subject_problem(self):
        """Why the subject cannot be disputed now, as a sentence; False when it can."""
        self.ensure_one()
        if not self.review_id:
            return self.env._("Say which result or line the appeal is about.")
        return self.review_id._get_appeal_problem(self.line_id, self)

    def _get_terms(self):
        """The :class:`tools.appeal.Terms` that apply."""
        self.ensure_one()
        # sudo: settings of the programme, for whoever appeals under them
        return self.cycle_id.program_id.sudo().step_ids._get_appeal_terms()

    def _get_responsible(self):
        """The user of HR who looks after the subject, if there is one."""
        self.ensure_one()
        return self.cycle_id.program_id.user_id

    def _hold(self):
        """Mark what is disputed as held back. Called for appeals that wait for an answer."""
        self.review_id._sync_appeal_holds()

    def _release(self):
        """Take the mark away again. Called when the appeal is answered or withdrawn."""
        self.review_id._sync_appeal_holds()

    def _apply_change(self, values, reason):
        """Change what is disputed.

        :param values: ``{line id: new value}``
        :param reason: the answer, which the employee reads
        """
        self.ensure_one()
        self.review_id._change_published(values, reason, self)

    def _check_subject(self):
        for appeal in self:
            if problem := appeal._get_subject_problem():
                raise UserError(problem)

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def _get_roles(self):
        """What the current user is towards this appeal: a set of ``tools.appeal`` roles."""
        self.ensure_one()
        if self.env.su:
            return {"system"}
        if self.is_own:
            # Nobody decides an appeal against himself, whatever else he is.
            return {"subject"}
        if self.is_same_person:
            return set()
        if self.is_filer:
            # Who speaks for the employee answers for nobody.
            return {"deputy"}
        roles = {"manager"} if self.has_manager_access else set()
        if self.env.user.has_group(OFFICER):
            if self.is_overdue or not self.has_answerer:
                roles.add("hr_first")
            if not self.had_part:
                roles.add("hr_second")
        return roles

    def _get_manager_user(self):
        """The account of the manager who has to answer, unless he is the employee himself."""
        self.ensure_one()
        # sudo: who answers, for whoever looks
        return self.sudo().manager_id.user_id if self.has_answerer else self.env["res.users"]

    # ------------------------------------------------------------
    # The one way to move
    # ------------------------------------------------------------

    def _check_transition(self, name, raise_if_not_possible=True):
        """Whether this appeal may make the move; the rule behind buttons and errors alike."""
        self.ensure_one()
        move = course.TRANSITIONS[name]
        problem = None
        if self.state not in move.sources:
            states = dict(self._fields["state"]._description_selection(self.env))
            problem = UserError(
                self.env._(
                    "This is not possible for an appeal in the state “%s”.", states[self.state]
                )
            )
        elif not self._get_roles() & {*move.roles, "system"}:
            problem = AccessError(
                self.env._(
                    "You are not entitled to do this with the appeal of %s.", self.employee_id.name
                )
            )
        elif name == "take_to_hr" and not self._is_second_open():
            problem = UserError(self.env._("The time to take the answer to HR is over."))
        if problem and raise_if_not_possible:
            raise problem
        return not problem

    def _is_second_open(self):
        today = self.company_id._get_performance_today()
        return bool(self.second_until and today <= self.second_until)

    def _transition(self, name, text=None, values=None):
        """Move the appeals; checks the rights and what the move asks for, then does its effects.

        :param name: key of ``tools.appeal.TRANSITIONS``
        :param text: answer or reason, mandatory for the moves that need one
        :param values: for changes, what becomes of the subject; see :meth:`_apply_change`
        :raises AccessError: for a role that may not make the move
        :raises UserError: for a state that it does not start from, or work left to do
        """
        move = course.TRANSITIONS[name]
        for appeal in self:
            appeal.check_access("read")
            appeal._check_transition(name)
            if move.needs_text and not (text or appeal._get_default_text(name) or "").strip():
                raise UserError(self.env._("Give the reason; both sides read it."))
        for appeal in self:
            # sudo: the right was checked above; these fields are written by the moves alone
            engine = appeal.sudo()
            vals = engine._prepare_move(name, (text or "").strip(), self.env.user)
            if move.outcome == "changed":
                engine._apply_change(values or {}, text)
            engine.write(vals)
            engine._after_move(name)
        return True

    def _get_default_text(self, name):
        return self.reason if name == "submit" else None

    def _prepare_move(self, name, text, user):
        """Values that the move writes."""
        self.ensure_one()
        move, now = course.TRANSITIONS[name], fields.Datetime.now()
        vals = {"state": move.target, "reminded": False, "escalated": False, "deadline": False}
        if move.outcome:
            vals["outcome"] = move.outcome
        prepare = getattr(self, f"_prepare_{name}", None)
        vals |= prepare(text, user, now) if prepare else {}
        if vals["state"] == "closed":
            vals["closed_on"] = now
        return vals

    def _prepare_submit(self, text, user, now):
        self._check_subject()
        deadline = self._plan_days(self._get_terms().answer_days)
        return {"submitted_on": now, "deadline": deadline}

    def _prepare_uphold(self, text, user, now):
        terms = self._get_terms()
        vals = {"answer": text, "answered_by_id": user.id, "answered_on": now}
        vals["answer_outcome"] = "upheld"
        if terms.has_second_level:
            vals["second_until"] = self._plan_days(terms.second_days)
        else:
            vals["state"] = "closed"
        return vals

    def _prepare_change(self, text, user, now):
        return {**self._prepare_uphold(text, user, now), "answer_outcome": "changed"}

    def _prepare_take_to_hr(self, text, user, now):
        deadline = self._plan_days(self._get_terms().second_answer_days)
        return {"second_reason": text, "deadline": deadline, "outcome": False}

    def _prepare_uphold_finally(self, text, user, now):
        vals = {"second_answer": text, "second_by_id": user.id, "second_on": now}
        if self.answer_outcome == "changed":
            # What the manager changed stays changed.
            vals["outcome"] = "changed"
        return vals

    def _prepare_change_finally(self, text, user, now):
        return {"second_answer": text, "second_by_id": user.id, "second_on": now}

    def _prepare_withdraw(self, text, user, now):
        """Withdrawn from HR, the manager's answer is what remains."""
        return {"outcome": self.answer_outcome or "withdrawn"}

    def _after_move(self, name):
        self.ensure_one()
        if self.state in course.HELD_STATES:
            self._hold()
        else:
            self._release()
        self._finish_tasks()
        self._create_tasks()
        self._notify_move(name)

    def _plan_days(self, days):
        """The day after this many working days of the company, counted from tomorrow."""
        self.ensure_one()
        company = self.company_id
        return company._plan_performance_days(company._get_performance_today(), days)

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    def action_submit(self):
        return self._transition("submit")

    def action_withdraw(self):
        return self._transition("withdraw")

    def action_accept(self):
        return self._transition("accept")

    def action_view_review(self):
        """The disputed result, under the reader's own rights."""
        self.ensure_one()
        self.review_id.check_access("read")
        return self.review_id._get_records_action()

    def action_take_to_hr(self):
        """Ask for the reason, then take the answer to HR."""
        self.ensure_one()
        self.check_access("read")
        self._check_transition("take_to_hr")
        return self._open_wizard("hr.performance.appeal.second", self.env._("Take it to HR"))

    def action_decide(self):
        """Open the answer: the result stands, or is changed."""
        self.ensure_one()
        self.check_access("read")
        if not self.can_decide:
            move = "uphold_finally" if self.state == "second" else "uphold"
            self._check_transition(move)
        return self._open_wizard("hr.performance.appeal.decide", self.env._("Answer the Appeal"))

    def _open_wizard(self, model, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_appeal_id": self.id},
        }

    def _decide(self, outcome, answer, values=None):
        """Answer with this outcome, on the level that the appeal has reached.

        :param outcome: ``upheld`` or ``changed``
        :param values: see :meth:`_apply_change`
        """
        self.ensure_one()
        move = course.DECISIONS.get((self.state, outcome))
        if not move:
            move = "uphold"  # which says in which state the appeal is
        return self._transition(move, answer, values)
