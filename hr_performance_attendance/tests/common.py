from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo.addons.hr_performance.tests.common import PERIOD, PerformanceCase


class AttendanceCase(PerformanceCase):
    """The people of the studio in March 2026, 22 planned days of 8 to 12 and 13 to 17.

    Run it at a fixed moment: what is over by then is judged.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.company.resource_calendar_id
        cls.late = cls.env.ref("hr_performance_attendance.metric_late_arrivals")
        cls.minutes = cls.env.ref("hr_performance_attendance.metric_late_minutes")
        cls.absent = cls.env.ref("hr_performance_attendance.metric_absent_days")

    @classmethod
    def _utc(cls, day, clock, zone="Asia/Shanghai"):
        """Naive UTC of a local time such as ``8:05``; hours from 24 are on the next day."""
        hours, minutes = map(int, clock.split(":"))
        local = datetime.combine(day, datetime.min.time(), ZoneInfo(zone))
        local += timedelta(hours=hours, minutes=minutes)
        return local.astimezone(timezone.utc).replace(tzinfo=None)

    @classmethod
    def _attend(cls, employee, days, start="8:00", end="17:00", **options):
        """Attendances on days of March 2026, given by their numbers."""
        zone = options.pop("zone", "Asia/Shanghai")
        days = [days] if isinstance(days, int) else days
        return cls.env["hr.attendance"].create(
            [
                {
                    "employee_id": employee.id,
                    "check_in": cls._utc(date(2026, 3, day), start, zone),
                    "check_out": end and cls._utc(date(2026, 3, day), end, zone),
                    **options,
                }
                for day in days
            ]
        )

    @classmethod
    def _work_days(cls, *left_out, last=31):
        """Numbers of the working days of March 2026 up to the last one, but for some."""
        days = (date(2026, 3, day) for day in range(1, last + 1))
        return [day.day for day in days if day.weekday() < 5 and day.day not in left_out]

    @classmethod
    def _leave(cls, first, last, employee=None, **vals):
        """Time off from one local moment to another, of one employee or of all."""
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": "Off",
                "date_from": first,
                "date_to": last,
                "resource_id": employee.resource_id.id if employee else False,
                **vals,
            }
        )

    def _measure(self, metric, *employees, period=PERIOD):
        people = self.env["hr.employee"].union(*employees)
        measured = metric._measure(people, *period)[metric]
        return measured[people.id] if len(people) == 1 else measured

    def assertValue(self, metric, employee, value, **more):
        measurement = self._measure(metric, employee, period=more.pop("period", PERIOD))
        self.assertEqual(measurement.value, value, measurement)
        for name, expected in more.items():
            self.assertEqual(getattr(measurement, name), expected, measurement)
