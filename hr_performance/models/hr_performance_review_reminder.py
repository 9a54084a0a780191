from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import workflow

BATCH_SIZE = 500
#: Who has to act in each state.
ACTORS = {
    "goal": "employee",
    "self": "employee",
    "manager": "manager",
    "calibration": "responsible",
    "ready": "responsible",
    "published": "employee",
}
#: Who is told when he does not.
SUPERIORS = {"employee": "manager", "manager": "superior", "responsible": "responsible"}
TASK = "hr_performance.mail_activity_type_task"
REMINDER = "hr_performance.mail_activity_type_reminder"
ESCALATION = "hr_performance.mail_activity_type_escalation"
BEHIND = "hr_performance.mail_activity_type_behind"


class HrPerformanceReview(models.Model):
    """Tasks, reminders and escalations, as activities created in batches by a scheduled job."""

    _inherit = "hr.performance.review"

    @api.model
    def _trigger_reminders(self):
        # sudo: the scheduled job belongs to the system
        self.env.ref("hr_performance.ir_cron_remind").sudo()._trigger()

    def _finish_tasks(self):
        """Close the activities of the step that is left."""
        self.with_context(mail_activity_quick_update=True).activity_unlink(
            [TASK, REMINDER, ESCALATION, BEHIND]
        )

    @api.model
    def _cron_remind(self):
        """Tell people what they have to do. Each review is told once for each step and kind."""
        Cron = self.env["ir.cron"]
        for flag, activity_type, domain in self._get_due_reminders():
            domain &= Domain(flag, "=", False)
            while reviews := self.search(domain, limit=BATCH_SIZE, order="id"):
                reviews._create_reminders(activity_type)
                reviews.write({flag: True})
                if not Cron._commit_progress(len(reviews)):
                    self._trigger_reminders()
                    return
        self._remind_behind()

    @api.model
    def _get_due_reminders(self):
        """``[(flag, activity type, domain)]`` of what is due today."""
        due = [("task_sent", TASK, Domain("state", "in", list(ACTORS)))]
        states = {code: state for state, code in workflow.STEP_OF_STATE.items()}
        cycles = self.env["hr.performance.cycle"].search([("state", "=", "open")])
        for step in cycles.step_ids:
            state = states[step.code]
            today = step.cycle_id._get_today()
            domain = Domain("cycle_id", "=", step.cycle_id.id) & Domain("state", "=", state)
            if state == "published":
                continue
            if step.remind_on and step.remind_on <= today:
                due.append(("reminded", REMINDER, domain))
            if step.escalate_on and step.escalate_on <= today:
                due.append(("escalated", ESCALATION, domain))
        return due

    def _create_reminders(self, activity_type):
        """One activity for each review, for whoever has to act, or stands above him."""
        kind = self.env.ref(activity_type)
        model_id = self.env["ir.model"]._get_id(self._name)
        rows = []
        for review in self:
            actor = ACTORS[review.state]
            actor = SUPERIORS[actor] if activity_type == ESCALATION else actor
            user = review._get_actor(actor)
            if user:
                rows.append(
                    {
                        "activity_type_id": kind.id,
                        "res_model_id": model_id,
                        "res_id": review.id,
                        "automated": True,
                        "user_id": user.id,
                        "date_deadline": review.deadline or fields.Date.context_today(review),
                        "summary": review.with_context(lang=user.lang)._get_task_text(kind),
                    }
                )
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(rows)

    def _get_actor(self, actor):
        """The user behind a part: employee, manager, the manager's manager, the responsible."""
        self.ensure_one()
        responsible = self.cycle_id.program_id.user_id
        users = {
            "employee": self.employee_id.user_id,
            "manager": self.manager_id.user_id or responsible,
            "superior": self.manager_id.parent_id.user_id or responsible,
            "responsible": responsible,
        }
        return users[actor].filtered("active")

    def _get_task_text(self, kind):
        self.ensure_one()
        texts = {
            "goal": self.env._("Confirm your goals"),
            "self": self.env._("Assess yourself"),
            "manager": self.env._("Score %s", self.employee_id.name),
            "calibration": self.env._("Calibrate %s", self.employee_id.name),
            "ready": self.env._("Publish %s", self.employee_id.name),
            "published": self.env._("Your result is out"),
        }
        text = texts[self.state]
        if kind == self.env.ref(ESCALATION):
            return self.env._(
                "Overdue: %(employee)s, %(task)s", employee=self.employee_id.name, task=text
            )
        return text

    # Behind the plan

    @api.model
    def _remind_behind(self):
        """Tell employees which metrics have fallen behind their plan, once until they recover."""
        cycles = self.env["hr.performance.cycle"].search([("state", "=", "open")])
        for cycle in cycles.filtered(lambda c: c.program_id.behind_tolerance):
            if not cycle.date_from <= cycle._get_today() <= cycle.date_to:
                continue
            domain = [("cycle_id", "=", cycle.id), ("state", "in", ("goal", "progress"))]
            ids = self.search(domain, order="id").ids
            for start in range(0, len(ids), BATCH_SIZE):
                self.browse(ids[start : start + BATCH_SIZE])._remind_behind_batch()
                if not self.env["ir.cron"]._commit_progress(1):
                    return

    def _remind_behind_batch(self):
        lines = self.line_ids
        behind = lines.filtered("behind")
        (lines - behind).filtered("behind_on").write({"behind_on": False})
        new = behind.filtered(lambda line: not line.behind_on)
        kind = self.env.ref(BEHIND)
        model_id = self.env["ir.model"]._get_id(self._name)
        rows = []
        for review, review_lines in new.grouped("review_id").items():
            user = review._get_actor("employee")
            if user:
                rows.append(
                    {
                        "activity_type_id": kind.id,
                        "res_model_id": model_id,
                        "res_id": review.id,
                        "automated": True,
                        "user_id": user.id,
                        "date_deadline": fields.Date.context_today(review),
                        "summary": review.with_context(lang=user.lang)._get_behind_text(
                            review_lines
                        ),
                    }
                )
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(rows)
        new.write({"behind_on": fields.Date.context_today(self)})

    def _get_behind_text(self, lines):
        lines = lines.with_env(self.env)
        return self.env._(
            "Behind plan: %s",
            "; ".join(
                f"{line.name} {line.actual_display} ({line.target_display})" for line in lines
            ),
        )
