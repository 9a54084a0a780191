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
        """``{appeal: the users who have to answer now}``: the manager, or HR."""
        managers = {appeal: appeal._get_manager_user() for appeal in self}
        asks_hr = self.filtered(lambda a: a.state != "submitted" or not managers[a])
        return managers | asks_hr._get_hr_users()

    def _get_hr_users(self):
        """``{appeal: who of HR looks after it}``: the responsible, else who may.

        Never the employee, who filed it for him, or on the second level who had part in the first
        answer. The number of queries does not depend on the number of appeals.
        """
        responsible = {appeal: appeal._get_responsible() for appeal in self}
        officers = self._get_group_users("user")
        levels = {appeal: [responsible[appeal] & officers] for appeal in self}
        for users in (self._get_group_users("manager"), officers):
            # sudo: in which companies they work
            companies = {user: user.sudo().company_ids for user in users}
            for appeal in self:
                here = users.filtered(lambda user, a=appeal, c=companies: a.company_id in c[user])
                levels[appeal].append(here)
        parts = self._get_parts(officers)
        return {
            appeal: next(
                filter(None, (appeal._get_fit(users, parts) for users in levels[appeal])),
                officers.browse(),
            )
            for appeal in self
        }

    def _get_fit(self, users, parts):
        """Those who may answer for HR on the present level."""
        self.ensure_one()
        excluded = {"employee", "filer"}
        if self.state == "second":
            excluded |= {"manager", "answerer"}
        # sudo: whose appeal it is
        own = self.sudo().employee_id.user_id
        return users.filtered(lambda user: user != own and not parts[self, user] & excluded)

    def _get_group_users(self, level):
        """Active users of a level of HR who work in a company of these appeals."""
        group = self.env.ref(f"hr_performance.group_hr_performance_{level}")
        # sudo: who belongs to HR
        return (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    ("all_group_ids", "in", group.id),
                    ("company_ids", "in", self.company_id.ids),
                    ("share", "=", False),
                ],
                order="id",
            )
            .sudo(False)
        )

    def _get_employee_readers(self):
        """``{appeal: who is told in the employee's place, he himself where he has an account}``."""
        return {
            appeal: appeal.employee_id.user_id.filtered("active") or appeal.filed_by_id
            for appeal in self
        }

    # Tasks

    def _finish_tasks(self):
        self.with_context(mail_activity_quick_update=True).activity_unlink([TASK, ESCALATION])

    def _create_tasks(self, activity_type=TASK):
        """An activity for each user who has to answer, in one batch."""
        kind = self.env.ref(activity_type)
        waiting = self.filtered(lambda appeal: appeal.state in course.HELD_STATES)
        escalated = activity_type == ESCALATION
        readers = waiting._get_hr_users() if escalated else waiting._get_answerers()
        rows = [
            appeal._get_activity_vals(kind, user, escalated)
            for appeal, users in readers.items()
            for user in users
        ]
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
            self._queue_messages(f"appeal_{name}", self._get_answerers())
        elif course.TRANSITIONS[name].outcome:
            self._queue_messages("appeal_answered", self._get_employee_readers())
        elif name == "withdraw":
            asked_hr = self.filtered("second_reason")
            readers = {appeal: appeal._get_manager_user() for appeal in self - asked_hr}
            self._queue_messages("appeal_withdrawn", readers | asked_hr._get_hr_users())

    def _queue_messages(self, code, readers):
        """Tell of the present state of these appeals, each once.

        :param readers: ``{appeal: users}``
        """
        self.env["hr.performance.message"]._queue(
            code,
            [appeal._get_message_item(user) for appeal, users in readers.items() for user in users],
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
        due._queue_messages("appeal_reminder", due._get_answerers())
        due.write({"reminded": True})

    @api.model
    def _escalate(self, appeals):
        overdue = appeals.filtered("is_overdue")
        overdue._create_tasks(ESCALATION)
        overdue._queue_messages("appeal_overdue", overdue._get_hr_users())
        overdue.write({"escalated": True})
