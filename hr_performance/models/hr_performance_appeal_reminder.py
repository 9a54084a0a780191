from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import appeal as course

BATCH_SIZE = 500
#: Whoever has to answer is reminded so many days before.
REMIND_DAYS = 1
TASK = "hr_performance.mail_activity_type_appeal"
ESCALATION = "hr_performance.mail_activity_type_appeal_escalation"


class HrPerformanceAppeal(models.Model):
    """Tasks, messages, reminders and escalations of appeals."""

    _inherit = "hr.performance.appeal"

    # Who is concerned

    def _get_answerers(self):
        """The users who have to answer now: the manager, or HR."""
        self.ensure_one()
        manager = self._get_manager_user()
        return manager if self.state == "submitted" and manager else self._get_hr_users()

    def _get_hr_users(self):
        """Who of HR looks after this appeal: the responsible, else who may; never the employee."""
        self.ensure_one()
        responsible = self._get_responsible()
        for users in (responsible, self._get_group_users("manager"), self._get_group_users("user")):
            if fit := users.filtered(self._may_hr_answer):
                return fit
        return responsible.browse()

    def _get_group_users(self, level):
        group = self.env.ref(f"hr_performance.group_hr_performance_{level}")
        return self.env["res.users"].search(
            [
                ("all_group_ids", "in", group.id),
                ("company_ids", "in", self.company_id.id),
                ("share", "=", False),
            ],
            order="id",
        )

    def _may_hr_answer(self, user):
        """Whether this user may answer for HR on the present level."""
        if not user.active or not user.has_group("hr_performance.group_hr_performance_user"):
            return False
        view = self.with_user(user)
        return (
            not view.is_own
            and not view.is_same_person
            and not (self.state == "second" and view.had_part)
        )

    # Tasks

    def _finish_tasks(self):
        self.with_context(mail_activity_quick_update=True).activity_unlink([TASK, ESCALATION])

    def _create_tasks(self, activity_type=TASK):
        """An activity for each user who has to answer, in one batch."""
        kind = self.env.ref(activity_type)
        rows = []
        for appeal in self.filtered(lambda appeal: appeal.state in course.HELD_STATES):
            escalated = activity_type == ESCALATION
            users = appeal._get_hr_users() if escalated else appeal._get_answerers()
            rows += [appeal._get_activity_vals(kind, user, escalated) for user in users]
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(rows)

    def _get_activity_vals(self, kind, user, escalated):
        _ = self.with_context(lang=user.lang).env._
        name = self.employee_id.name
        text = _("Overdue: answer the appeal of %s", name)
        return {
            "activity_type_id": kind.id,
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "automated": True,
            "user_id": user.id,
            "date_deadline": self.deadline or fields.Date.context_today(self),
            "summary": text if escalated else _("Answer the appeal of %s", name),
        }

    # Messages

    def _notify_move(self, name):
        """Tell whoever is concerned by the move."""
        if name in ("submit", "take_to_hr"):
            self._queue_messages(f"appeal_{name}", self._get_answerers)
        elif course.TRANSITIONS[name].outcome:
            self._queue_messages("appeal_answered", lambda: self.employee_id.user_id)
        elif name == "withdraw":
            readers = self._get_hr_users if self.second_reason else self._get_manager_user
            self._queue_messages("appeal_withdrawn", readers)

    def _queue_messages(self, code, get_readers=None):
        """Tell of the present state of these appeals, each once; by default who has to answer."""
        self.env["hr.performance.message"]._queue(
            code,
            [
                appeal._get_message_item(user)
                for appeal in self
                for user in (get_readers or appeal._get_answerers)()
            ],
        )

    def _get_message_item(self, user):
        self.ensure_one()
        return {
            "user": user,
            "key": f"{self.id}:{self.state}",
            "record": self,
            "condition": [("state", "=", self.state)],
            "values": {
                "employee": self.employee_id.name,
                "subject": lambda env: self.with_env(env).subject_name or "",
                "deadline": self.deadline or self.second_until,
                "outcome": lambda env: dict(
                    self._fields["outcome"]._description_selection(env)
                ).get(self.outcome, ""),
            },
        }

    # Scheduled job

    @api.model
    def _cron_follow_up(self):
        """Close what was accepted by silence, remind of what is due, escalate what is overdue."""
        soon = fields.Date.today() + timedelta(days=REMIND_DAYS + 1)
        answered = Domain("state", "=", "answered") & Domain("second_until", "<", soon)
        held = Domain("state", "in", course.HELD_STATES) & Domain("deadline", "<=", soon)
        for domain, method in (
            (answered, self._expire),
            (held & Domain("reminded", "=", False), self._remind),
            (held & Domain("escalated", "=", False), self._escalate),
        ):
            if not self._follow_up(domain, method):
                return

    @api.model
    def _follow_up(self, domain, method):
        """Give the appeals to the method in batches; False when the time is up."""
        last = 0
        while appeals := self.search(
            domain & Domain("id", ">", last), limit=BATCH_SIZE, order="id"
        ):
            last = appeals[-1].id
            method(appeals)
            if not self.env["ir.cron"]._commit_progress(len(appeals)):
                self._trigger_follow_up()
                return False
        return True

    @api.model
    def _trigger_follow_up(self):
        # sudo: the scheduled job belongs to the system
        self.env.ref("hr_performance.ir_cron_appeal").sudo()._trigger()

    @api.model
    def _expire(self, appeals):
        """Who did not take the answer to HR in time has accepted it."""
        appeals.filtered(lambda appeal: not appeal._is_second_open())._transition("accept")

    @api.model
    def _remind(self, appeals):
        today = {company: company._get_performance_today() for company in appeals.company_id}
        due = appeals.filtered(
            lambda a: a.deadline - timedelta(days=REMIND_DAYS) <= today[a.company_id]
        )
        due._queue_messages("appeal_reminder")
        due.write({"reminded": True})

    @api.model
    def _escalate(self, appeals):
        overdue = appeals.filtered("is_overdue")
        overdue._create_tasks(ESCALATION)
        for appeal in overdue:
            appeal._queue_messages("appeal_overdue", appeal._get_hr_users)
        overdue.write({"escalated": True})
