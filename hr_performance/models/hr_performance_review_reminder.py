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
#: What is a to-do; everything else is told only.
TASK = "hr_performance.mail_activity_type_task"
ESCALATION = "hr_performance.mail_activity_type_escalation"
ACTIVITY_TYPES = {"task": TASK, "overdue": ESCALATION}
STARTED_STATES = ("goal", "progress")


class HrPerformanceReview(models.Model):
    """Tasks, reminders and escalations, in batches by a scheduled job.

    What somebody has to do is an activity, which stays until it is done. That he is told goes
    through the outbox.
    """

    _inherit = "hr.performance.review"

    @api.model
    def _trigger_reminders(self):
        # sudo: the scheduled job belongs to the system
        self.env.ref("hr_performance.ir_cron_remind").sudo()._trigger()

    def _finish_tasks(self):
        """Close the activities of the step that is left."""
        self.with_context(mail_activity_quick_update=True).activity_unlink([TASK, ESCALATION])

    @api.model
    def _cron_remind(self):
        """Tell people what they have to do. Each review is told once for each step and kind."""
        Cron = self.env["ir.cron"]
        for flag, kind, domain in self._get_due_reminders():
            domain &= Domain(flag, "=", False)
            while reviews := self.search(domain, limit=BATCH_SIZE, order="id"):
                reviews._remind(kind)
                reviews.write({flag: True})
                if not Cron._commit_progress(len(reviews)):
                    self._trigger_reminders()
                    return
        self._remind_behind()

    @api.model
    def _get_due_reminders(self):
        """``[(flag, kind, domain)]`` of what is due today."""
        cycles = self.env["hr.performance.cycle"].search([("state", "=", "open")])
        started = Domain("cycle_id", "in", cycles.ids) & Domain("state", "in", STARTED_STATES)
        due = [
            ("start_sent", "start", started),
            ("task_sent", "task", Domain("state", "in", list(ACTORS))),
        ]
        states = {code: state for state, code in workflow.STEP_OF_STATE.items()}
        for step in cycles.step_ids:
            state = states[step.code]
            today = step.cycle_id._get_today()
            domain = Domain("cycle_id", "=", step.cycle_id.id) & Domain("state", "=", state)
            if state == "published":
                continue
            if step.remind_on and step.remind_on <= today:
                due.append(("reminded", "due_soon", domain))
            if step.escalate_on and step.escalate_on <= today:
                due.append(("escalated", "overdue", domain))
        return due

    def _remind(self, kind):
        """Give the to-dos of a kind, and tell whom it concerns."""
        if kind in ACTIVITY_TYPES:
            self._create_activities(kind)
        getattr(self, f"_tell_{kind}")()

    def _create_activities(self, kind):
        """One activity for each review, for whoever has to act, or stands above him."""
        activity_type = self.env.ref(ACTIVITY_TYPES[kind])
        model_id = self.env["ir.model"]._get_id(self._name)
        rows = []
        for review in self:
            user = review._get_addressee(kind)
            if user:
                rows.append(
                    {
                        "activity_type_id": activity_type.id,
                        "res_model_id": model_id,
                        "res_id": review.id,
                        "automated": True,
                        "user_id": user.id,
                        "date_deadline": review.deadline or fields.Date.context_today(review),
                        "summary": review.with_context(lang=user.lang)._get_task_text(kind),
                    }
                )
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(rows)

    def _get_addressee(self, kind):
        """Who has to act in this state, or for what is overdue who stands above him."""
        actor = ACTORS[self.state]
        return self._get_actor(SUPERIORS[actor] if kind == "overdue" else actor)

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

    # Behind the plan

    @api.model
    def _remind_behind(self):
        """Tell employees which metrics have fallen behind their plan, once until they recover."""
        cycles = self.env["hr.performance.cycle"].search([("state", "=", "open")])
        for cycle in cycles.filtered(lambda c: c.program_id.behind_tolerance):
            if not cycle.date_from <= cycle._get_today() <= cycle.date_to:
                continue
            domain = [("cycle_id", "=", cycle.id), ("state", "in", STARTED_STATES)]
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
        self._tell_behind(new)
        new.write({"behind_on": fields.Date.context_today(self)})
