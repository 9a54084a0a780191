from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import TaskCase


@tagged("post_install", "-at_install")
class TestTaskFeedback(TaskCase):
    def test_feedback_from_the_menu_of_a_task(self):
        """Given on the task, for who did it; the giver himself is passed over."""
        entry = self.env.ref("hr_performance_project.feedback_model_task")
        self.assertEqual(entry.person_field_id.name, "user_ids")
        manager = self.manager.user_id
        manager.group_ids += self.env.ref("project.group_project_user")
        task = self.env["project.task"].create(
            {
                "name": "Album",
                "project_id": self.project.id,
                "user_ids": [Command.set((manager | self.anna.user_id).ids)],
            }
        )
        action = (
            self.env["ir.actions.server"]
            .with_user(manager)
            .browse(entry.action_id.id)
            .with_context(active_model="project.task", active_id=task.id)
            .run()
        )
        form = Form(
            self.env["hr.performance.feedback"].with_user(manager).with_context(**action["context"])
        )
        self.assertEqual(form.employee_id.id, self.anna.id)
        self.assertEqual(form.source_text, "Album")
        form.text = "One day late: plan your time"
        form.rating = "2"
        feedback = form.save()
        self.assertEqual((feedback.res_model, feedback.res_id), ("project.task", task.id))
        self.assertEqual(feedback.source_name, "Album")
        mine = feedback.with_user(self.anna.user_id)
        self.assertEqual(mine.text, "One day late: plan your time")
