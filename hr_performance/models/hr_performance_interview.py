from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools import interview as course
from .hr_performance_thread_mixin import MAIL_FIELDS

OFFICER = "hr_performance.group_hr_performance_user"
#: What the employee writes before and after the talk.
SUBJECT_FIELDS = {"planned": {"employee_topics"}, "held": {"employee_comment"}}
#: What whoever holds it writes.
HOLDER_FIELDS = {
    "planned": {"start", "duration", "location", "agenda", "notes", "agreement_ids"},
    "held": {"notes"},
    "cancelled": {"start", "duration", "location", "agenda"},
}
#: Lines of a model that checks its writers itself, and what is written through to such a model.
OPEN_FIELDS = {"private_note"}


class HrPerformanceInterview(models.Model):
    """A talk about a review: planned in both calendars, noted, agreed, acknowledged.

    The notes are shared: both read them. What the manager writes for himself is in
    :class:`hr.performance.interview.note`, which nobody but its author reaches.
    """

    _name = "hr.performance.interview"
    _description = "Performance Interview"
    _inherit = ["hr.performance.thread.mixin", "hr.performance.subject.mixin"]
    _order = "start desc, id desc"

    review_id = fields.Many2one(
        "hr.performance.review", required=True, index=True, ondelete="cascade"
    )
    cycle_id = fields.Many2one(related="review_id.cycle_id", store=True, index=True)
    holder_id = fields.Many2one(
        "res.users",
        "Held by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
        ondelete="restrict",
    )
    start = fields.Datetime(
        "When",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self._default_start(),
    )
    duration = fields.Float("Hours", required=True, default=1.0, aggregator=None)
    stop = fields.Datetime(compute="_compute_stop", store=True, precompute=True)
    location = fields.Char("Where")
    event_id = fields.Many2one(
        "calendar.event",
        "Appointment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("held", "Held"),
            ("acknowledged", "Acknowledged"),
            ("cancelled", "Cancelled"),
        ],
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    agenda = fields.Html(
        compute="_compute_agenda", store=True, readonly=False, precompute=True, sanitize=True
    )
    employee_topics = fields.Text("The Employee's Topics")
    notes = fields.Html("Shared Notes", help="Both read them.")
    private_note = fields.Text(
        compute="_compute_private_note",
        inverse="_inverse_private_note",
        help="Only you read this note: neither the employee, nor other managers, nor HR.",
    )
    agreement_ids = fields.One2many(
        "hr.performance.interview.agreement", "interview_id", "Agreed Actions"
    )
    employee_comment = fields.Text("The Employee's Comment")
    held_on = fields.Datetime(readonly=True, copy=False)
    acknowledged_on = fields.Datetime(readonly=True, copy=False)
    is_busy = fields.Boolean(compute="_compute_is_busy", export_string_translation=False)

    can_edit = fields.Boolean(compute="_compute_can")
    can_edit_topics = fields.Boolean(compute="_compute_can")
    can_hold = fields.Boolean(compute="_compute_can")
    can_acknowledge = fields.Boolean(compute="_compute_can")
    can_cancel = fields.Boolean(compute="_compute_can")
    can_plan_again = fields.Boolean(compute="_compute_can")
    can_note = fields.Boolean(compute="_compute_can")

    _duration_positive = models.Constraint(
        "CHECK (duration > 0 AND duration <= 24)", "An interview takes up to 24 hours."
    )

    @api.model
    def _default_start(self):
        """The next full hour, tomorrow."""
        now = fields.Datetime.now() + timedelta(days=1, hours=1)
        return now.replace(minute=0, second=0, microsecond=0)

    @api.depends("start", "duration")
    def _compute_stop(self):
        for interview in self:
            hours = timedelta(hours=interview.duration or 0)
            interview.stop = interview.start and interview.start + hours

    @api.depends("employee_id", "start")
    def _compute_display_name(self):
        for interview in self:
            day = interview.start and fields.Datetime.context_timestamp(interview, interview.start)
            name = interview.employee_id.name or self.env._("Interview")
            interview.display_name = f"{name} · {day.date()}" if day else name

    @api.depends("review_id")
    def _compute_agenda(self):
        """What to talk about, from what stands out in the review; whoever holds it edits it."""
        for interview in self:
            interview.agenda = interview._render_agenda() if interview.review_id else False

    def _render_agenda(self):
        self.ensure_one()
        review = self.review_id
        unknown = review.line_ids.filtered(lambda line: line.kind == "metric" and not line.scored)
        return self.env["ir.qweb"]._render(
            "hr_performance.interview_agenda",
            {
                "review": review,
                "strengths": review.strength_ids,
                "weaknesses": review.weakness_ids,
                "unknown": unknown,
            },
        )

    @api.depends("start", "stop", "employee_id", "holder_id", "state")
    def _compute_is_busy(self):
        """Whether one of the two has another appointment at that time; not which."""
        for interview in self:
            interview.is_busy = False
            if interview.state != "planned" or not interview.start or not interview.stop:
                continue
            domain = (
                Domain("partner_ids", "in", interview._get_partners().ids)
                & Domain("start", "<", interview.stop)
                & Domain("stop", ">", interview.start)
                & Domain("show_as", "=", "busy")
                & Domain("id", "!=", interview.event_id.id)
            )
            # sudo: whether there is one, of people whose calendars may be private
            events = self.env["calendar.event"].sudo()
            interview.is_busy = bool(events.search_count(domain, limit=1))

    @api.depends("state", "employee_id", "manager_id", "holder_id")
    @api.depends_context("uid")
    def _compute_can(self):
        for interview in self:
            for name in course.TRANSITIONS:
                interview[f"can_{name}"] = interview._check_transition(name, False)
            writable = interview._get_writable_fields()
            interview.can_edit = "notes" in writable
            interview.can_edit_topics = "employee_topics" in writable
            interview.can_note = bool(interview._get_roles() & {"manager", "hr"})

    # ------------------------------------------------------------
    # The private note
    # ------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_private_note(self):
        notes = self.env["hr.performance.interview.note"]._get_own(self)
        for interview in self:
            interview.private_note = notes.get(interview.id, False)

    def _inverse_private_note(self):
        for interview in self:
            self.env["hr.performance.interview.note"]._put(interview, interview.private_note)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        interviews = super().create(vals_list)
        for interview in interviews:
            if not interview._get_roles() & {"manager", "hr", "system"}:
                raise AccessError(
                    self.env._("Interviews are planned by the manager or HR, not by oneself.")
                )
        interviews._sync_event()
        interviews._tell_planned()
        return interviews

    def write(self, vals):
        if not self.env.su:
            self._check_writable(vals)
        result = super().write(vals)
        if vals.keys() & {"start", "duration", "location"}:
            self._sync_event()
            self._tell_planned()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        if any(interview.state in course.HELD_STATES for interview in self):
            raise UserError(self.env._("An interview that was held stays on record."))
        for interview in self:
            if not interview._get_roles() & {"manager", "hr", "system"}:
                raise AccessError(self.env._("You cannot delete this interview."))
        self.sudo().event_id.unlink()  # sudo: the appointment goes with the interview

    @api.model
    def _has_field_access(self, field, operation):
        """What the moves write is written by them alone."""
        if operation == "write" and not self.env.su and field.store:
            allowed = MAIL_FIELDS | OPEN_FIELDS | {"review_id"}
            for names in (*SUBJECT_FIELDS.values(), *HOLDER_FIELDS.values()):
                allowed |= names
            if field.name not in allowed:
                return False
        return super()._has_field_access(field, operation)

    def _check_writable(self, vals):
        for interview in self:
            refused = vals.keys() - interview._get_writable_fields() - MAIL_FIELDS - OPEN_FIELDS
            if refused:
                raise AccessError(
                    self.env._(
                        "You cannot change %(fields)s of this interview now.",
                        fields=", ".join(sorted(self._fields[name].string for name in refused)),
                    )
                )

    # ------------------------------------------------------------
    # Rights and moves
    # ------------------------------------------------------------

    def _get_roles(self):
        """What the current user is towards this interview: ``tools.interview`` roles."""
        self.ensure_one()
        if self.env.su:
            return {"system"}
        if self.is_own:
            return {"subject"}
        roles = {"manager"} if self.has_manager_access else set()
        return roles | ({"hr"} if self.env.user.has_group(OFFICER) else set())

    def _get_writable_fields(self):
        self.ensure_one()
        roles, allowed = self._get_roles(), set()
        if "subject" in roles:
            allowed |= SUBJECT_FIELDS.get(self.state, set())
        if roles & {"manager", "hr", "system"}:
            allowed |= HOLDER_FIELDS.get(self.state, set())
        return allowed

    def _check_transition(self, name, raise_if_not_possible=True):
        """Whether this interview may make the move; the rule behind buttons and errors alike."""
        self.ensure_one()
        move, problem = course.TRANSITIONS[name], None
        if self.state not in move.sources:
            states = dict(self._fields["state"]._description_selection(self.env))
            problem = UserError(
                self.env._(
                    "This is not possible for an interview in the state “%s”.", states[self.state]
                )
            )
        elif not self._get_roles() & {*move.roles, "system"}:
            problem = AccessError(
                self.env._(
                    "You are not entitled to do this with the interview of %s.",
                    self.employee_id.name,
                )
            )
        if problem and raise_if_not_possible:
            raise problem
        return not problem

    def _transition(self, name):
        """Move the interviews; checks the rights, then does the effects of the move."""
        for interview in self:
            interview.check_access("read")
            interview._check_transition(name)
        prepare = getattr(self, f"_prepare_{name}", None)
        vals = (prepare() if prepare else None) or {}
        # sudo: the right was checked; the state is written by the moves alone
        self.sudo().write({"state": course.TRANSITIONS[name].target, **vals})
        self._sync_event()
        self._tell_moved(name)
        return True

    def _prepare_hold(self):
        for interview in self:
            if interview.start > fields.Datetime.now():
                raise UserError(
                    self.env._("This interview is planned for later. Move it, or wait for it.")
                )
        self.agreement_ids._make_steps()
        return {"held_on": fields.Datetime.now()}

    def _prepare_acknowledge(self):
        return {"acknowledged_on": fields.Datetime.now()}

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    def action_hold(self):
        """The talk was held: what is agreed becomes steps of plans, the employee acknowledges."""
        return self._transition("hold")

    def action_acknowledge(self):
        return self._transition("acknowledge")

    def action_cancel(self):
        return self._transition("cancel")

    def action_plan_again(self):
        return self._transition("plan_again")

    def action_view_review(self):
        """The review, under the reader's own rights."""
        self.ensure_one()
        self.review_id.check_access("read")
        return self.review_id._get_records_action()

    def action_view_event(self):
        """The appointment in the calendar."""
        self.ensure_one()
        self.check_access("read")
        return self.event_id._get_records_action()

    # ------------------------------------------------------------
    # The calendar
    # ------------------------------------------------------------

    def _get_partners(self):
        """Whose calendars it stands in."""
        # sudo: contacts of the two, for whoever plans it
        known = self.sudo()
        return known.employee_id.user_id.partner_id | known.holder_id.partner_id

    def _sync_event(self):
        """Keep the appointment of both in step with the interview."""
        quiet = {"dont_notify": True, "no_mail_to_attendees": True, "interview_sync": True}
        # sudo: an appointment of two people is written by whichever of them moves the interview
        for interview in self.sudo().with_context(**quiet):
            if interview.state == "cancelled":
                interview.event_id.unlink()
            elif interview.event_id:
                interview.event_id.write(interview._get_event_vals())
            elif interview.state == "planned":
                interview.event_id = (
                    self.env["calendar.event"]
                    .sudo()
                    .with_context(**quiet)
                    .create({**interview._get_event_vals(), **interview._get_new_event_vals()})
                )

    def _follow_event(self):
        """The appointment was moved in the calendar."""
        self.ensure_one()
        event = self.event_id
        place = event.location or False
        told = (event.start, event.stop, place)
        if self.state != "planned" or (self.start, self.stop, self.location) == told:
            return
        hours = (event.stop - event.start).total_seconds() / 3600
        self.with_context(interview_sync=True).write(
            {"start": event.start, "duration": hours, "location": place}
        )

    def _get_event_vals(self):
        return {"start": self.start, "stop": self.stop, "location": self.location}

    def _get_new_event_vals(self):
        """Neither the agenda nor the notes: calendars are read by other programs and people."""
        lang = self.employee_id.user_id.lang or self.env.lang
        return {
            "name": self.with_context(lang=lang).env._("Performance interview"),
            "user_id": self.holder_id.id,
            "partner_ids": self._get_partners().ids,
            "privacy": "private",
            "show_as": "busy",
        }

    # ------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------

    def _tell_planned(self):
        """Tell both when it is, remind them a day before, and ask the manager how it went."""
        now, day = fields.Datetime.now(), timedelta(days=1)
        planned = self.filtered(lambda i: i.state == "planned" and i.start > now)
        planned._queue("interview_planned", lambda i: i._get_both())
        later = planned.filtered(lambda i: i.start - day > now)
        later._queue("interview_reminder", lambda i: i._get_both(), lambda i: i.start - day)
        planned._queue("interview_open", lambda i: i.holder_id, lambda i: i.stop + day)

    def _tell_moved(self, name):
        if name == "hold":
            day = timedelta(days=3)
            self._queue("interview_held", lambda i: i.employee_id.user_id)
            self._queue(
                "interview_held_reminder",
                lambda i: i.employee_id.user_id,
                lambda i: fields.Datetime.now() + day,
            )
        elif name == "acknowledge":
            self._queue("interview_acknowledged", lambda i: i.holder_id)
        elif name == "cancel":
            self._queue("interview_cancelled", lambda i: i._get_both())
        elif name == "plan_again":
            self._tell_planned()

    def _get_both(self):
        return self.employee_id.user_id | self.holder_id

    def _queue(self, code, get_readers, get_moment=None):
        """One message for each reader; it is not needed any more when the interview moved on."""
        self.env["hr.performance.message"]._queue(
            code,
            [
                interview._get_message_item(user, get_moment and get_moment(interview))
                for interview in self.sudo()  # sudo: who is told, and when
                for user in get_readers(interview)
                if user != self.env.user or get_moment
            ],
        )

    def _get_message_item(self, user, moment):
        self.ensure_one()
        condition = [("state", "=", self.state)]
        if self.state == "planned":
            condition.append(("start", "=", fields.Datetime.to_string(self.start)))
        return {
            "user": user,
            "key": f"{self.id}:{self.state}:{self.start}",
            "record": self,
            "send_after": moment or None,
            "condition": condition,
            "values": {
                "employee": self.employee_id.name,
                "holder": self.holder_id.name,
                "start": self.start,
                "location": self.location or "",
            },
        }
