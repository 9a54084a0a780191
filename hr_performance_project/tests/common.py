from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo.fields import Command

from odoo.addons.hr_performance.tests.common import PERIOD, PerformanceCase

DONE, CANCELLED, APPROVED = "1_done", "1_canceled", "03_approved"


class TaskCase(PerformanceCase):
    """The people of the studio in March 2026 with one open project, led by the manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.completion = cls.env.ref("hr_performance_project.metric_task_completion")
        cls.punctuality = cls.env.ref("hr_performance_project.metric_task_punctuality")
        cls.delay = cls.env.ref("hr_performance_project.metric_task_delay")
        cls.project_completion = cls.env.ref("hr_performance_project.metric_project_completion")
        cls.project = cls._create_project("Spring", cls.manager)

    @classmethod
    def _create_project(cls, name, leader, date_end=date(2026, 3, 31), **vals):
        return cls.env["project.project"].create(
            {
                "name": name,
                "user_id": leader.user_id.id,
                "company_id": cls.company.id,
                "date_start": date(2026, 1, 1),
                "date": date_end,
                "privacy_visibility": "employees",
                **vals,
            }
        )

    @classmethod
    def _utc(cls, day, clock="18:00"):
        """Naive UTC of a time in Shanghai; day 32 of March is the first of April."""
        hours, minutes = map(int, clock.split(":"))
        local = datetime(2026, 3, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
        local += timedelta(days=day - 1, hours=hours, minutes=minutes)
        return local.astimezone(timezone.utc).replace(tzinfo=None)

    @classmethod
    def _task(cls, *people, due=None, done=None, **vals):
        """A task of these employees: the day and the hour in March of its deadline and of being
        done, as ``(day, "hour:minute")`` or as a day alone for 18:00."""
        due, done = (
            moment and cls._utc(*(moment if isinstance(moment, tuple) else (moment,)))
            for moment in (due, done)
        )
        users = cls.env["hr.employee"].union(*people).user_id
        task = cls.env["project.task"].create(
            {
                "name": "Task",
                "project_id": cls.project.id,
                "user_ids": [Command.set(users.ids)],
                "date_deadline": due,
                **vals,
            }
        )
        if done:
            task.write({"state": DONE, "performance_done_on": done})
        return task

    def _measure(self, metric, employee, period=PERIOD):
        return metric._measure(employee, *period)[metric][employee.id]

    def assertValue(self, metric, employee, value, **more):
        measurement = self._measure(metric, employee, more.pop("period", PERIOD))
        if value is None:
            self.assertIsNone(measurement.value, measurement)
        else:
            self.assertAlmostEqual(measurement.value, value, 6, measurement)
        for name, expected in more.items():
            self.assertEqual(getattr(measurement, name), expected, measurement)
