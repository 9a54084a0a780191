from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.hr_performance.tests.common import PERIOD

from .common import DONE, TaskCase


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 04:00:00")
class TestTaskAccess(TaskCase):
    """Anna may know about herself; of Bo she learns nothing by any of these routes."""

    def setUp(self):
        super().setUp()
        self.mine = self._task(self.anna, due=5)
        self.foreign = self._task(self.bo, due=5)
        self.shared = self._task(self.anna, self.bo, due=6, done=6)
        self.env.flush_all()
        self.env.invalidate_all()
        self.user = self.anna.user_id
        self.rows = self.env["hr.performance.task"]

    def test_rows_of_others(self):
        rows = self.rows.with_user(self.user)
        self.assertEqual(rows.search([]).user_id, self.user)
        self.assertEqual(rows.search([]).task_id, self.mine | self.shared)
        groups = rows._read_group([], ["user_id"], ["delay_days:sum"])
        self.assertEqual([user for user, _total in groups], [self.user])
        foreign = self.rows.search([("user_id", "=", self.bo.user_id.id)])
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            rows.browse(foreign.ids).read(["delay_days"])
        with self.assertRaises(AccessError):
            rows.browse(foreign.ids[0]).action_open_task()

    def test_rows_cannot_be_written(self):
        rows = self.rows.with_user(self.user)
        with self.assertRaises(AccessError):
            rows.search([]).write({"delay_days": 0})
        with self.assertRaises(AccessError):
            rows.search([]).unlink()

    def test_values_of_others(self):
        self.delay._refresh_values(self.anna | self.bo, *PERIOD)
        values = self.env["hr.performance.value"].with_user(self.user)
        self.assertEqual(values.search([]).employee_id, self.anna)

    def test_line_manager(self):
        rows = self.rows.with_user(self.manager.user_id)
        self.assertEqual(rows.search([]).user_id, (self.anna | self.bo).user_id)
        self.assertFalse(self.rows.with_user(self.carl.user_id).search([]))

    def test_manager_opens_only_tasks_that_he_may_see(self):
        secret = self._create_project("Secret", self.anna, privacy_visibility="followers")
        hidden = self._task(self.anna, due=5, project_id=secret.id)
        self.env.flush_all()
        for user in (self.manager.user_id, self.auditor):
            tasks = self.rows.with_user(user).search([]).task_id
            self.assertIn(self.mine, tasks)
            self.assertNotIn(hidden, tasks)
        self.assertIn(hidden, self.rows.with_user(self.user).search([]).task_id)

    def test_other_company(self):
        leader = new_test_user(
            self.env,
            login="task_leader",
            groups="project.group_project_manager",
            company_id=self.other_company.id,
            company_ids=[Command.set(self.other_company.ids)],
        )
        self.assertFalse(self.rows.with_user(leader).search([]))

    def test_records_behind_a_number(self):
        metric = self.delay.with_user(self.user)
        action = metric._get_metric_records_action(self.anna.with_user(self.user), *PERIOD)
        rows = self.rows.with_user(self.user).search(action["domain"])
        self.assertEqual(rows.task_id, self.mine | self.shared)
        action = metric._get_metric_records_action(self.bo.with_user(self.user), *PERIOD)
        self.assertFalse(self.rows.with_user(self.user).search(action["domain"]))

    def test_nobody_moves_the_day_of_his_own_work(self):
        worker = self.user
        worker.group_ids = [Command.link(self.env.ref("project.group_project_user").id)]
        task = self.mine.with_user(worker)
        with self.assertRaises(AccessError):
            task.write({"performance_done_on": self._utc(5)})
        with self.assertRaises(AccessError):
            task.write({"state": DONE, "performance_done_on": self._utc(5)})
        task.write({"state": DONE})
        task.flush_recordset()
        self.assertEqual(str(task.performance_done_on), "2026-04-02 04:00:00")

    def test_project_administrator_imports_old_tasks(self):
        leader = new_test_user(
            self.env,
            login="task_importer",
            groups="project.group_project_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        task = self.mine.with_user(leader)
        task.write({"state": DONE, "performance_done_on": self._utc(4)})
        self.assertEqual(task.performance_done_on, self._utc(4))

    def test_portal_does_not_read_it(self):
        portal = new_test_user(self.env, login="task_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.mine.with_user(portal).read(["performance_done_on"])
        with self.assertRaises(AccessError):
            self.rows.with_user(portal).search([])
