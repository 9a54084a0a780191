from odoo import api, models

BATCH_SIZE = 500


class HrPerformancePlan(models.Model):
    """What people are told about plans, and the scheduled jobs that follow them."""

    _inherit = "hr.performance.plan"

    @api.model
    def _cron_follow(self):
        """Fill the checkpoints of all running plans."""
        ids = self.search([("state", "=", "running")], order="id").ids
        for start in range(0, len(ids), BATCH_SIZE):
            plans = self.browse(ids[start : start + BATCH_SIZE]).exists()
            plans._refresh()
            left = max(len(ids) - start - BATCH_SIZE, 0)
            if not self.env["ir.cron"]._commit_progress(len(plans), remaining=left):
                return

    @api.model
    def _cron_remind(self):
        """Tell what is to do today and which plans are over time. Told once for each day."""
        ids = self.search([("state", "=", "running")], order="id").ids
        for start in range(0, len(ids), BATCH_SIZE):
            plans = self.browse(ids[start : start + BATCH_SIZE]).exists()
            plans._tell_due_steps()
            plans.filtered("is_late")._tell_late()
            if not self.env["ir.cron"]._commit_progress(len(plans)):
                return

    def _get_manager_user(self):
        """Who follows the plan: the manager of its beginning, else of today."""
        self.ensure_one()
        return (self.manager_id or self.employee_id.parent_id).user_id

    def _tell_started(self):
        self.env["hr.performance.message"]._queue(
            "plan_started",
            [
                {
                    "user": plan.employee_id.user_id,
                    "key": f"{plan.id}-{plan.started_on}",
                    "record": plan,
                    "values": {
                        "employee": plan.employee_id.name,
                        "plan": plan.name,
                        "until": plan.date_end,
                    },
                }
                for plan in self
                if plan.employee_id.user_id and plan.employee_id.user_id != self.env.user
            ],
        )

    def _tell_reached(self):
        """Word to both that the metric has recovered, once for each day it did."""
        self.env["hr.performance.message"]._queue(
            "plan_reached",
            [
                {
                    "user": user,
                    "key": f"{plan.id}-{plan.reached_on}",
                    "record": plan,
                    "values": {
                        "employee": plan.employee_id.name,
                        "plan": plan.name,
                        "effect": plan._get_effect_text,
                    },
                }
                for plan in self
                for user in plan.employee_id.user_id | plan._get_manager_user()
            ],
        )

    def _get_effect_text(self, env):
        """The way of the metric as the reader writes numbers."""
        return self.with_env(env).effect_text or ""

    def _tell_due_steps(self):
        """One message for each step and day to whoever does it."""
        self.env["hr.performance.message"]._queue(
            "plan_step",
            [
                {
                    "user": step.actor_id,
                    "key": f"{step.id}-{step._get_today()}",
                    # whoever only does the step reads no plan
                    "record": step.plan_id
                    if step.actor_id == step.plan_id.employee_id.user_id
                    else step,
                    "values": {"step": step.name, "plan": step.plan_id.name},
                    "about": step.plan_id.employee_id.user_id,
                }
                for step in self.step_ids
                if step.is_due_today and not step.is_done_today and step.actor_id
            ],
        )

    def _tell_late(self):
        self.env["hr.performance.message"]._queue(
            "plan_late",
            [
                {
                    "user": plan._get_manager_user(),
                    "key": f"{plan.id}-{plan.date_end}",
                    "record": plan,
                    "values": {
                        "employee": plan.employee_id.name,
                        "plan": plan.name,
                        "until": plan.date_end,
                    },
                    "condition": [("state", "=", "running")],
                }
                for plan in self
                if plan._get_manager_user()
            ],
        )


class HrPerformancePlanNote(models.Model):
    _inherit = "hr.performance.plan.note"

    def _tell(self):
        """The employee hears of a follow-up, the manager of a comment."""
        items = []
        for note in self:
            plan = note.plan_id.sudo()  # sudo: whom to tell
            employee_user = plan.employee_id.user_id
            reader = plan._get_manager_user() if note.user_id == employee_user else employee_user
            if not reader or reader == self.env.user or plan.state == "draft":
                continue
            items.append(
                {
                    "user": reader,
                    "key": str(note.id),
                    "record": plan,
                    "values": {
                        "author": note.user_id.name,
                        "employee": plan.employee_id.name,
                        "plan": plan.name,
                        "text": note.text,
                    },
                    "about": employee_user,
                }
            )
        self.env["hr.performance.message"]._queue("plan_note", items)
