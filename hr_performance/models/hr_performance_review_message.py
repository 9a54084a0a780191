from odoo import fields, models
from odoo.tools import format_date
from odoo.tools.i18n import format_list

from ..tools import workflow
from .hr_performance_review_reminder import STARTED_STATES


class HrPerformanceReview(models.Model):
    """What people are told about reviews, in their own language. The outbox tells it.

    Values are functions of the reader's environment where they are words. No message says a score:
    it may leave the house by any channel, and shows where to look.
    """

    _inherit = "hr.performance.review"

    def _queue_messages(self, code, items, states=None):
        """Queue messages about these reviews. What is entered or put off anew is told anew.

        :param items: list of ``(review, user, values)``; without a user nobody is told
        :param states: what the review still has to be in when it is told; its state of now
        """
        queued = []
        for review, user, values in items:
            if user:
                entered = int(review.state_on.timestamp()) if review.state_on else 0
                queued.append(
                    {
                        "user": user,
                        "key": f"{review.id}-{review.state}-{entered}-{review.deadline or ''}",
                        "record": review,
                        "condition": [("state", "in", states or [review.state])],
                        "values": review._get_message_values() | values,
                    }
                )
        return self.env["hr.performance.message"]._queue(code, queued)

    def _get_message_values(self):
        self.ensure_one()
        return {"employee": self.employee_id.name, "cycle": self.cycle_id.display_name}

    # The period begins

    def _tell_start(self):
        """The targets of the period: to the employee, and of all of his people to the manager."""
        mine, team = [], []
        for review in self:
            values = {"targets": review._word_targets, "period": review._word_period}
            todo = {"todo": review._word_confirmation}
            mine.append((review, review._get_actor("employee"), values | todo))
            team.append((review, review.manager_id.user_id.filtered("active"), values))
        self._queue_messages("cycle_started", mine, STARTED_STATES)
        self._queue_messages("cycle_team", team, STARTED_STATES)

    def _word_targets(self, env):
        """``conversion 40 %, satisfaction 4.2``"""
        lines = self.with_env(env).line_ids.filtered(lambda line: line.kind == "metric")
        if not lines:
            return env._("no targets are set")
        lines = lines.sorted(lambda line: (line.sequence, -line.weight, line.id))
        return format_list(env, [line._word_target() for line in lines])

    def _word_period(self, env):
        """``this month`` while it runs, else the name of the period."""
        cycle = self.with_env(env).cycle_id
        words = {
            "monthly": env._("this month"),
            "quarterly": env._("this quarter"),
            "half_yearly": env._("this half-year"),
            "yearly": env._("this year"),
        }
        is_running = cycle.date_from <= cycle._get_today() <= cycle.date_to
        return words.get(cycle.program_id.cadence, cycle.name) if is_running else cycle.name

    def _word_confirmation(self, env):
        if self.state != "goal":
            return ""
        if not self.deadline:
            return env._("Please confirm your goals.")
        return env._("Please confirm your goals by %s.", format_date(env, self.deadline))

    # Tasks

    def _tell_task(self):
        """What somebody has to do. That goals are to be confirmed is told with the goals."""
        tasks, results = [], []
        for review in self.filtered(lambda review: review.state != "goal"):
            if review.state == "published":
                values = {"appeal": review._word_appeal}
                results.append((review, review._get_actor("employee"), values))
            else:
                values = {"task": review._word_task, "deadline": review._word_deadline}
                tasks.append((review, review._get_addressee("task"), values))
        self._queue_messages("task", tasks)
        self._queue_messages("published", results, workflow.FROZEN_STATES)

    def _tell_due_soon(self):
        items = [
            (
                review,
                review._get_addressee("due_soon"),
                {"task": review._word_task, "deadline": review.deadline},
            )
            for review in self
        ]
        self._queue_messages("due_soon", items)

    def _tell_overdue(self):
        """Tell who stands above whoever has not acted."""
        items = [
            (
                review,
                review._get_addressee("overdue"),
                {
                    "step": review._word_step,
                    "actor": review._get_addressee("task").name or review.employee_id.name,
                    "deadline": review.deadline,
                },
            )
            for review in self
        ]
        self._queue_messages("overdue", items)

    def _word_task(self, env):
        return self.with_env(env)._get_task_text("task")

    def _word_step(self, env):
        steps = self.env["hr.performance.program.step"].with_env(env)
        labels = dict(steps._fields["code"]._description_selection(env))
        return labels[workflow.STEP_OF_STATE[self.state]]

    def _word_deadline(self, env):
        if not self.deadline:
            return ""
        return env._("Please do it by %s.", format_date(env, self.deadline))

    def _word_appeal(self, env):
        if not self.deadline:
            return ""
        return env._("You can appeal until %s.", format_date(env, self.deadline))

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
        if kind == "overdue":
            return self.env._(
                "Overdue: %(employee)s, %(task)s", employee=self.employee_id.name, task=text
            )
        return text

    # Behind the plan

    def _tell_behind(self, lines):
        """Tell employees of these lines, which have fallen behind."""
        items = []
        for review, behind in lines.grouped("review_id").items():
            user = review._get_actor("employee")
            if user:
                items.append(
                    {
                        "user": user,
                        "key": f"{'-'.join(map(str, behind.ids))} {fields.Date.today()}",
                        "record": review,
                        "condition": [("state", "in", STARTED_STATES)],
                        "values": review._get_message_values() | {"metrics": behind._word_progress},
                    }
                )
        self.env["hr.performance.message"]._queue("behind", items)
