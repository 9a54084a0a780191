from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.hr_performance.tests.common import PERIOD

from .common import APPROVED, CANCELLED, DONE, TaskCase


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 04:00:00")
class TestTaskMetric(TaskCase):
    def test_completion_by_hand_count(self):
        """Five due, three done, one of them late; two open since the 20th and the 30th."""
        self._task(self.anna, due=5, done=4)
        self._task(self.anna, due=6, done=6)
        self._task(self.anna, due=10, done=12)
        self._task(self.anna, due=20)
        self._task(self.anna, due=30)
        self.assertValue(self.completion, self.anna, 60, numerator=3, denominator=5)
        self.assertValue(self.punctuality, self.anna, 40, numerator=2, denominator=5)
        # 0, 0, 2, 13 and 3 days, up to 2 April
        self.assertValue(self.delay, self.anna, 18 / 5, numerator=18, denominator=5, sample=5)

    def test_each_assignee_counts(self):
        self._task(self.anna, self.bo, due=5, done=5)
        self._task(self.bo, due=5)
        self.assertValue(self.completion, self.anna, 100, denominator=1)
        self.assertValue(self.completion, self.bo, 50, denominator=2)
        self.assertValue(self.completion, self.carl, None, reason="empty_denominator")

    def test_without_tasks_nobody_is_perfect(self):
        for metric in (self.completion, self.punctuality):
            self.assertValue(metric, self.anna, None, reason="empty_denominator")
        self.assertValue(self.delay, self.anna, None, reason="no_rows")

    def test_what_does_not_count(self):
        self._task(self.anna, due=5, done=5)
        self._task(self.anna, due=5, state=CANCELLED)
        self._task(self.anna)
        self._task(self.anna, due=5, project_id=False)
        self._task(self.anna, due=5, active=False)
        self._task(self.anna, due=5, is_template=True)
        template = self._create_project("Template", self.manager, is_template=True)
        self._task(self.anna, due=5, project_id=template.id)
        self.assertValue(self.completion, self.anna, 100, denominator=1)

    def test_archived_with_its_project_stays_done(self):
        self._task(self.anna, due=5, done=5)
        self.project.action_archive()
        self.env.flush_all()
        self.assertValue(self.completion, self.anna, 100, denominator=1)

    def test_day_of_the_deadline_is_on_time(self):
        """Due at 9:00, done at 23:30 of the same day in Shanghai, which is 15:30 in UTC."""
        self._task(self.anna, due=(5, "9:00"), done=(5, "23:30"))
        self.assertValue(self.punctuality, self.anna, 100)
        self.assertValue(self.delay, self.anna, 0)

    def test_half_past_midnight_is_a_day_late(self):
        """In UTC both are on the 5th."""
        self._task(self.anna, due=(5, "18:00"), done=(6, "0:30"))
        self.assertValue(self.punctuality, self.anna, 0)
        self.assertValue(self.delay, self.anna, 1)

    def test_months_end_by_the_local_day(self):
        """1 March 0:30 in Shanghai is still February in UTC, 1 April 0:30 is still March."""
        self._task(self.anna, due=(1, "0:30"), done=1)
        self._task(self.anna, due=(32, "0:30"))
        self.assertValue(self.completion, self.anna, 100, denominator=1)
        april = (date(2026, 4, 1), date(2026, 4, 30))
        self.assertValue(self.completion, self.anna, 0, denominator=1, period=april)

    def test_open_task_counts_from_the_day_after_its_deadline(self):
        self._task(self.anna, due=(10, "9:00"))
        with freeze_time("2026-03-10 14:00:00"):
            self.assertValue(self.completion, self.anna, None, reason="empty_denominator")
        with freeze_time("2026-03-10 16:30:00"):
            self.assertValue(self.completion, self.anna, 0, denominator=1)
            self.assertValue(self.delay, self.anna, 1)
        with freeze_time("2026-03-13 04:00:00"):
            self.assertValue(self.delay, self.anna, 3)

    def test_task_done_ahead_counts_at_once(self):
        self._task(self.anna, due=30, done=3)
        with freeze_time("2026-03-04 04:00:00"):
            self.assertValue(self.completion, self.anna, 100, denominator=1)

    def test_stored_value_follows_the_tasks(self):
        task = self._task(self.anna, due=5, done=5)
        self.completion._refresh_values(self.anna, *PERIOD)
        value = self.completion.value_ids.filtered(lambda value: value.employee_id == self.anna)
        self.assertEqual((value.value, value.measured), (100, True))
        task.state = CANCELLED
        self.completion._refresh_values(self.anna, *PERIOD)
        self.assertEqual((value.measured, value.reason), (False, "empty_denominator"))

    def test_as_many_queries_for_a_hundred_as_for_ten(self):
        users = self.env["res.users"].create(
            [{"name": f"Person {n}", "login": f"task_person_{n}"} for n in range(100)]
        )
        people = self.env["hr.employee"].create(
            [{"name": u.name, "user_id": u.id, "company_id": self.company.id} for u in users]
        )
        self.env["project.task"].create(
            [
                {
                    "name": "Task",
                    "project_id": self.project.id,
                    "user_ids": [Command.set(user.ids)],
                    "date_deadline": self._utc(5),
                }
                for user in users
            ]
        )
        counts = {}
        metrics = self.completion | self.punctuality | self.delay | self.project_completion
        for batch in (people[:1], people[:10], people):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            measured = metrics._measure(batch, *PERIOD)
            counts[len(batch)] = self.env.cr.sql_log_count - before
            values = {measured[self.delay][person.id].value for person in batch}
            self.assertEqual(values, {28})
        self.assertEqual(counts[10], counts[100])


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 04:00:00")
class TestDoneOn(TaskCase):
    def test_date_of_being_done(self):
        task = self._task(self.anna, due=20)
        self.assertFalse(task.performance_done_on)
        task.state = DONE
        self.assertEqual(task.performance_done_on, datetime(2026, 3, 10, 4))
        task.state = "01_in_progress"
        self.assertFalse(task.performance_done_on)

    def test_cleaning_up_later_makes_nothing_late(self):
        """Moving a done task to a folded stage sets core's ending date, not this one."""
        task = self._task(self.anna, due=20)
        task.state = DONE
        task.flush_recordset()
        stage = self.env["project.task.type"].create(
            {"name": "Filed", "fold": True, "project_ids": [Command.set(self.project.ids)]}
        )
        with freeze_time("2026-04-10 04:00:00"):
            task.stage_id = stage
            task.flush_recordset()
            self.assertEqual(task.date_end, datetime(2026, 4, 10, 4))
            self.assertEqual(task.performance_done_on, datetime(2026, 3, 10, 4))
            self.assertValue(self.punctuality, self.anna, 100)

    def test_several_at_once_and_those_done_before(self):
        old = self._task(self.anna, due=20, done=3)
        new = self._task(self.anna, due=20)
        (old | new).write({"state": DONE})
        self.assertEqual(old.performance_done_on, self._utc(3))
        self.assertEqual(new.performance_done_on, datetime(2026, 3, 10, 4))

    def test_copy_is_not_done(self):
        self.assertFalse(self._task(self.anna, due=20, done=3).copy().performance_done_on)

    def test_tasks_from_before_the_installation(self):
        task = self._task(self.anna, due=20, done=3)
        task.date_end = datetime(2026, 3, 4)
        self.env.flush_all()
        self.env.cr.execute("UPDATE project_task SET performance_done_on = NULL")
        self.env["project.task"].init()
        task.invalidate_recordset()
        self.assertEqual(task.performance_done_on, datetime(2026, 3, 4))


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 04:00:00")
class TestProjectCompletion(TaskCase):
    def test_tasks_of_the_projects_that_one_leads(self):
        for state in (DONE, DONE, DONE, APPROVED):
            self._task(self.anna, state=state)
        self._task(self.bo, state="02_changes_requested")
        self._task(self.bo, state=CANCELLED)
        self.assertValue(self.project_completion, self.manager, 80, numerator=4, denominator=5)
        self.assertValue(self.project_completion, self.anna, None, reason="empty_denominator")

    def test_handed_in_is_not_approved(self):
        self._task(self.anna, state="01_in_progress")
        self.assertValue(self.project_completion, self.manager, 0)

    def test_projects_that_end_in_another_month(self):
        self._task(self.anna, state=DONE)
        later = self._create_project("Later", self.manager, date_end=date(2026, 4, 30))
        self._task(self.anna, project_id=later.id)
        self.assertValue(self.project_completion, self.manager, 100, denominator=1)

    def test_finished_project_is_archived(self):
        self._task(self.anna, state=DONE)
        self.project.action_archive()
        self.assertValue(self.project_completion, self.manager, 100, denominator=1)

    def _score(self, *states):
        """Points of a line with weight 20 for a manager whose project has tasks in these states."""
        for state in states:
            self._task(self.anna, state=state)
        template = self.env["hr.performance.template"].create(
            {
                "name": "Project leaders",
                "company_id": self.company.id,
                "department_ids": [Command.set(self.works.ids)],
                "coverage_threshold": 0,
                "line_ids": [
                    Command.create(
                        {"metric_id": self.project_completion.id, "weight": 20, "target": 100}
                    ),
                    Command.create({"metric_id": self.visits.id, "weight": 80, "target": 10}),
                ],
            }
        )
        template.action_set_ready()
        self.project.user_id = self.carl.user_id
        self._add_facts(self.carl, self.visits, 10)
        program = self.env["hr.performance.program"].create(
            {
                "name": "Project leaders",
                "company_id": self.company.id,
                "date_start": PERIOD[0],
                "department_ids": [Command.set(self.works.ids)],
            }
        )
        cycle = program._open_cycles([program._get_period(PERIOD[0])])
        self._launch(cycle)
        review = self._review_of(self.carl, cycle)
        review._refresh()
        return self._line(review, self.project_completion), review

    def test_completed_project_gives_20_points(self):
        line, review = self._score(DONE, DONE, APPROVED)
        self.assertEqual((line.points, review.total), (20, 100))

    def test_eighty_percent_give_16_points(self):
        line, review = self._score(DONE, DONE, DONE, DONE, "01_in_progress")
        self.assertEqual((line.value, line.points, review.total), (80, 16, 96))
