import json
from datetime import date, datetime, timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.hr_performance.tests.common import PERIOD

from .common import AttendanceCase


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 04:00:00")
class TestAttendanceMetric(AttendanceCase):
    def test_late_arrivals_and_minutes(self):
        self._attend(self.anna, self._work_days(3, 10, 12))
        self._attend(self.anna, 3, "8:10")
        self._attend(self.anna, 10, "8:01")
        self._attend(self.anna, 12, "10:00")
        self.assertValue(self.late, self.anna, 3, sample=22, coverage=1, reason=None)
        self.assertValue(self.minutes, self.anna, 131)
        self.assertValue(self.absent, self.anna, 0)

    def test_people_of_a_batch_do_not_mix(self):
        self._attend(self.anna, self._work_days(3))
        self._attend(self.anna, 3, "8:10")
        self._attend(self.bo, self._work_days(4, 5))
        late = self._measure(self.late, self.anna, self.bo, self.carl)
        absent = self._measure(self.absent, self.anna, self.bo, self.carl)
        ids = (self.anna.id, self.bo.id, self.carl.id)
        self.assertEqual([late[id_].value for id_ in ids], [1, 0, None])
        self.assertEqual([absent[id_].value for id_ in ids], [0, 2, None])

    def test_grace(self):
        self._attend(self.anna, self._work_days(3, 4))
        self._attend(self.anna, 3, "8:05")
        self._attend(self.anna, 4, "8:06")
        self.late.attendance_grace = 5
        self.assertValue(self.late, self.anna, 1)

    def test_return_from_lunch_is_no_arrival(self):
        for start, end in (("8:00", "12:00"), ("13:20", "17:00")):
            self._attend(self.anna, self._work_days(), start, end)
        self.assertValue(self.late, self.anna, 0, sample=22)

    def test_absence(self):
        self._attend(self.anna, self._work_days(3, 10))
        self.assertValue(self.absent, self.anna, 2, sample=22, coverage=20 / 22)
        detail = self._measure(self.absent, self.anna).detail
        self.assertEqual(detail["absent"], ["2026-03-03", "2026-03-10"])

    def test_day_marked_as_absent_by_core_is_no_attendance(self):
        self._attend(self.anna, self._work_days(3))
        self._attend(self.anna, 3, "0:00", "0:01", in_mode="technical", out_mode="technical")
        self.assertValue(self.absent, self.anna, 1)
        self._attend(self.bo, self._work_days(), "8:00", "8:01", in_mode="technical")
        self.assertValue(self.absent, self.bo, None, reason="no_rows")

    def test_without_attendance_nobody_is_perfect(self):
        for metric in (self.late, self.minutes, self.absent):
            self.assertValue(metric, self.anna, None, reason="no_rows", coverage=0)

    def test_attendance_of_another_month_is_none(self):
        self._attend(self.anna, 1, "8:00", "9:00")
        self.env["hr.attendance"].search([("employee_id", "=", self.anna.id)]).write(
            {
                "check_in": self._utc(date(2026, 2, 27), "8:00"),
                "check_out": self._utc(date(2026, 2, 27), "17:00"),
            }
        )
        self.assertValue(self.late, self.anna, None, reason="no_rows")

    def test_flexible_hours_are_unknown(self):
        self._attend(self.anna, self._work_days(), "11:00")
        self.calendar.flexible_hours = True
        for metric in (self.late, self.absent):
            self.assertValue(metric, self.anna, None, reason="no_schedule")

    def test_without_calendar_unknown(self):
        self._attend(self.anna, self._work_days(), "11:00")
        self.anna.resource_calendar_id = False
        self.assertValue(self.late, self.anna, None, reason="no_schedule")

    def test_hours_without_a_fixed_start(self):
        """A calendar of durations: nobody is late, but a day can be missed."""
        self.calendar.attendance_ids.filtered(lambda line: line.day_period == "lunch").unlink()
        self.calendar.duration_based = True
        self._attend(self.anna, self._work_days(3), "11:00", "19:00")
        self.assertValue(self.late, self.anna, None, reason="no_schedule")
        self.assertValue(self.absent, self.anna, 1)

    def test_own_time_off_excuses(self):
        self._attend(self.anna, self._work_days(3, 4))
        first, last = self._utc(date(2026, 3, 3), "0:00"), self._utc(date(2026, 3, 3), "23:59")
        self._leave(first, last, self.anna)
        self.assertValue(self.absent, self.anna, 1, coverage=21 / 22)
        self._attend(self.bo, self._work_days(3))
        self.assertValue(self.absent, self.bo, 1)

    def test_training_excuses_too(self):
        self._attend(self.anna, self._work_days(3))
        first, last = self._utc(date(2026, 3, 3), "8:00"), self._utc(date(2026, 3, 3), "17:00")
        self._leave(first, last, self.anna, time_type="other")
        self.assertValue(self.absent, self.anna, 0, coverage=1)

    def test_morning_off_moves_the_planned_start(self):
        self._attend(self.anna, self._work_days(3, 4))
        for day in (3, 4):
            first = self._utc(date(2026, 3, day), "8:00")
            self._leave(first, first + timedelta(hours=4), self.anna)
        self._attend(self.anna, 3, "13:00")
        self._attend(self.anna, 4, "13:15")
        self.assertValue(self.late, self.anna, 1)
        self.assertValue(self.minutes, self.anna, 15)

    def test_public_holidays_of_the_own_company_and_calendar(self):
        self._attend(self.anna, self._work_days(3, 4, 5, 6))
        days = {day: self._utc(date(2026, 3, day), "0:00") for day in (3, 4, 5, 6)}
        other = self.calendar.copy({"company_id": self.company.id})
        whole = timedelta(hours=24, seconds=-1)
        everywhere = self._leave(days[3], days[3] + whole, calendar_id=False)
        self._leave(days[4], days[4] + whole, calendar_id=self.calendar.id)
        self._leave(days[5], days[5] + whole, calendar_id=other.id)
        foreign = self._leave(days[6], days[6] + whole, calendar_id=False)
        # core finds the company of the user when it computes, which in a test is another one
        self.env.flush_all()
        everywhere.company_id, foreign.company_id = self.company, self.other_company
        self.assertValue(self.absent, self.anna, 2)
        self.assertEqual(
            self._measure(self.absent, self.anna).detail["absent"], ["2026-03-05", "2026-03-06"]
        )

    def test_public_holidays_of_two_companies_in_one_batch(self):
        stranger = self._create_employee("eva", False, company=self.other_company)
        self.other_company.resource_calendar_id.tz = "Asia/Shanghai"
        for employee in (self.anna, stranger):
            self._attend(employee, self._work_days(3, 4))
        for day, company in ((3, self.company), (4, self.other_company)):
            start = self._utc(date(2026, 3, day), "0:00")
            leave = self._leave(start, start + timedelta(hours=23), calendar_id=False)
            self.env.flush_all()
            leave.company_id = company
        absent = self._measure(self.absent, self.anna, stranger)
        self.assertEqual(absent[self.anna.id].detail["absent"], ["2026-03-04"])
        self.assertEqual(absent[stranger.id].detail["absent"], ["2026-03-03"])

    def test_calendar_of_the_day(self):
        """From 16 March work begins at 10: the version of the day decides."""
        late_hours = self.calendar.copy({"attendance_ids": [Command.clear()]})
        late_hours.attendance_ids = [
            Command.create({"name": "Day", "dayofweek": str(day), "hour_from": 10, "hour_to": 18})
            for day in range(5)
        ]
        self.anna.create_version(
            {"date_version": date(2026, 3, 16), "resource_calendar_id": late_hours.id}
        )
        self._attend(self.anna, self._work_days(last=13), "9:00")
        self._attend(self.anna, [day for day in self._work_days() if day > 13], "9:30", "18:00")
        self.assertValue(self.late, self.anna, 10, sample=22)

    def test_days_before_and_after_the_contract_are_not_planned(self):
        self.anna.version_id.write(
            {"contract_date_start": date(2026, 3, 9), "contract_date_end": date(2026, 3, 20)}
        )
        self._attend(self.anna, [9, 10])
        self.assertValue(self.absent, self.anna, 8, sample=10)

    def test_days_after_the_departure_are_not_planned(self):
        self._attend(self.anna, [2, 3])
        self.anna.version_id.departure_date = date(2026, 3, 6)
        self.assertValue(self.absent, self.anna, 3, sample=5)

    def test_a_version_made_later_stands_for_the_days_before(self):
        self.anna.version_id.date_version = date(2026, 4, 1)
        self._attend(self.anna, self._work_days())
        self.assertValue(self.absent, self.anna, 0, sample=22)

    def test_running_month_counts_what_is_over(self):
        """On Thursday 12 March at noon eight days are over and the ninth has begun."""
        self._attend(self.anna, self._work_days(4, last=11))
        with freeze_time("2026-03-12 04:00:00"):
            self.assertValue(self.absent, self.anna, 1, sample=8)
            self._attend(self.anna, 12, "8:30", None)
            self.assertValue(self.late, self.anna, 1, sample=8, coverage=8 / 9)

    def test_the_calendars_zone_not_the_users_preference(self):
        """Who changes his time zone in his preferences is not earlier for it."""
        self._attend(self.anna, self._work_days(), "8:30")
        self.anna.user_id.with_user(self.anna.user_id).write({"tz": "America/New_York"})
        self.assertEqual(self.anna.tz, "America/New_York")
        self.assertValue(self.late, self.anna, 22)

    def test_month_ends_by_the_local_day(self):
        """0:30 in Shanghai on the 1st is still the month before in UTC (trap of time zones)."""
        self.calendar.attendance_ids = [
            Command.clear(),
            *(
                Command.create(
                    {"name": "Early", "dayofweek": str(day), "hour_from": 1, "hour_to": 9}
                )
                for day in range(7)
            ),
        ]
        self._attend(self.anna, 1, "1:30", "9:00")
        self._attend(self.anna, range(2, 32), "0:50", "9:00")
        self.env["hr.attendance"].create(
            {
                "employee_id": self.anna.id,
                "check_in": self._utc(date(2026, 4, 1), "1:30"),
                "check_out": self._utc(date(2026, 4, 1), "9:00"),
            }
        )
        self.assertValue(self.late, self.anna, 1, sample=31)
        april = (date(2026, 4, 1), date(2026, 4, 30))
        self.assertValue(self.late, self.anna, 1, sample=1, period=april)

    def test_night_shift_over_the_clock_change(self):
        """In Berlin the night of 28 March loses an hour; 22:00 stays 22:00."""
        self.calendar.tz = "Europe/Berlin"
        self.calendar.attendance_ids = [
            Command.clear(),
            *(
                Command.create(
                    {"name": name, "dayofweek": str(day), "hour_from": start, "hour_to": end}
                )
                for day in range(7)
                for name, start, end in (("Morning", 0, 6), ("Evening", 22, 24))
            ),
        ]
        self._attend(self.anna, range(2, 32), "22:00", "30:00", zone="Europe/Berlin")
        self.assertValue(self.late, self.anna, 0, sample=30)
        self._attend(self.anna, 1, "22:05", "30:00", zone="Europe/Berlin")
        self.assertValue(self.late, self.anna, 1, sample=31)
        self.assertValue(self.minutes, self.anna, 5)
        self.assertValue(self.absent, self.anna, 0)

    def test_two_weeks_calendar(self):
        """Mondays of every other week only."""
        week = self.env["resource.calendar.attendance"].get_week_type(date(2026, 3, 2))
        self.calendar.two_weeks_calendar = True
        self.calendar.attendance_ids = [
            Command.clear(),
            Command.create(
                {
                    "name": "Day",
                    "dayofweek": "0",
                    "week_type": str(week),
                    "hour_from": 8,
                    "hour_to": 16,
                }
            ),
        ]
        self._attend(self.anna, [2, 16], "8:20", "16:00")
        self.assertValue(self.late, self.anna, 2, sample=2)
        self.assertValue(self.absent, self.anna, 1, sample=3)

    def test_no_day_counts_twice_or_never(self):
        """Weeks and halves of the month add up to the month."""
        self._attend(self.anna, self._work_days(6, 16, 31), "8:07")
        splits = [(1, 15), (16, 31)], [(1, 1), (2, 8), (9, 15), (16, 22), (23, 29), (30, 31)]
        for split in splits:
            for metric, total in ((self.late, 19), (self.minutes, 133), (self.absent, 3)):
                parts = [
                    self._measure(metric, self.anna, period=[date(2026, 3, day) for day in part])
                    for part in split
                ]
                self.assertEqual(sum(part.value or 0 for part in parts), total)

    def test_leaver_is_measured_for_the_days_he_was_there(self):
        self._attend(self.anna, [2, 3, 5], "8:10")
        self.anna.version_id.departure_date = date(2026, 3, 6)
        self.anna.action_archive()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertValue(self.late, self.anna, 3, sample=3)
        self.assertValue(self.absent, self.anna, 2, sample=5)

    def test_stored_value_follows_the_records(self):
        attendances = self._attend(self.anna, self._work_days(), "8:30")
        self.late._refresh_values(self.anna, *PERIOD)
        value = self.late.value_ids.filtered(lambda value: value.employee_id == self.anna)
        self.assertEqual((value.value, value.measured, value.sample), (22, True, 22))
        attendances.unlink()
        self.late._refresh_values(self.anna, *PERIOD)
        self.assertEqual((value.measured, value.reason), (False, "no_rows"))
        self.assertEqual(value.explanation, "No record in the period")

    def test_as_many_queries_for_a_hundred_as_for_ten(self):
        people = self.env["hr.employee"].create(
            [
                {"name": f"Person {n}", "company_id": self.company.id, "date_version": "2020-01-01"}
                for n in range(100)
            ]
        )
        for day in (3, 4):
            self.env["hr.attendance"].create(
                [
                    {
                        "employee_id": person.id,
                        "check_in": self._utc(date(2026, 3, day), "8:30"),
                        "check_out": self._utc(date(2026, 3, day), "17:00"),
                    }
                    for person in people
                ]
            )
        self._leave(datetime(2026, 3, 5), datetime(2026, 3, 6), people[0])
        counts = {}
        for batch in (people[:1], people[:10], people):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            measured = self.late._measure(batch, *PERIOD)[self.late]
            counts[len(batch)] = self.env.cr.sql_log_count - before
            self.assertEqual({measured[person.id].value for person in batch}, {2})
        self.assertEqual(counts[10], counts[100])
        self.assertLess(counts[100], 15)

    def test_metric_must_say_what_is_measured(self):
        with self.assertRaisesRegex(ValidationError, "choose what is measured"):
            self.env["hr.performance.metric"].create({"name": "Hours", "source": "attendance"})

    def test_what_is_measured_cannot_be_taken_away(self):
        with self.assertRaisesRegex(ValidationError, "choose what is measured"):
            self.late.attendance_measure = False

    def test_ready_made_metrics(self):
        metrics = self.late | self.minutes | self.absent
        self.assertEqual(set(metrics.mapped("direction")), {"lower"})
        self.assertEqual(metrics.mapped("cumulative"), [True] * 3)
        self.assertEqual(metrics.dimension_id.code, "discipline")

    def test_metric_test_shows_the_numbers_to_an_officer_who_may_read_attendances(self):
        self._attend(self.anna, self._work_days(), "8:30")
        reader = new_test_user(
            self.env,
            login="attendance_hr",
            groups="hr_performance.group_hr_performance_user,hr_attendance.group_hr_attendance_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        for user, value in ((reader, 22), (self.hr_user, None)):
            metric = self.late.with_user(user)
            measured = metric._measure(self.anna.with_user(user), *PERIOD)[metric]
            self.assertEqual(measured[self.anna.id].value, value)


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 04:00:00")
class TestAttendanceRecords(AttendanceCase):
    def setUp(self):
        super().setUp()
        self._attend(self.anna, self._work_days(5, 12, 20))
        self.late_ones = self._attend(self.anna, 5, "8:10") | self._attend(self.anna, 12, "9:00")
        self._attend(self.bo, self._work_days())

    def _open(self, metric, user):
        return metric.with_user(user)._get_metric_records_action(self.anna.with_user(user), *PERIOD)

    def test_late_ones_first(self):
        user = self.anna.user_id
        action = self._open(self.late, user)
        self.assertEqual(action["res_model"], "hr.attendance")
        records = (
            self.env["hr.attendance"]
            .with_user(user)
            .with_context(**action["context"])
            .search(action["domain"])
        )
        self.assertEqual(records.employee_id, self.anna)
        self.assertEqual(len(records), 21)
        self.assertEqual(records[:2], self.late_ones.sorted("check_in", reverse=True))
        self.assertEqual(records[:3].mapped("performance_delay"), [60, 10, 0])
        rest = records[2:].mapped("check_in")
        self.assertEqual(rest, sorted(rest, reverse=True))

    def test_the_reader_may_sort_by_something_else(self):
        action = self._open(self.late, self.anna.user_id)
        records = (
            self.env["hr.attendance"]
            .with_context(**action["context"])
            .search(action["domain"], order="check_in")
        )
        self.assertEqual(records.mapped("check_in"), sorted(records.mapped("check_in")))

    def test_list_shows_the_minutes(self):
        action = self._open(self.late, self.anna.user_id)
        self.assertIn("performance_delays", json.loads(json.dumps(action))["context"])
        view_id = action["views"][0][0]
        arch = self.env["hr.attendance"].get_view(view_id, "list")["arch"]
        self.assertIn("performance_delay", arch)

    def test_explanation_names_the_days(self):
        self.template.action_set_draft()
        self.template.rule_ids.unlink()
        self.template.action_add_late_rule()
        self.template.action_set_ready()
        self._launch()
        review = self._review_of(self.anna)
        review._refresh()
        line = self._line(review, self.late)
        steps = dict(line.with_user(self.anna.user_id)._explain())
        self.assertEqual(steps["Days"], "03/05/2026 (10 min), 03/12/2026 (60 min)")
        self.assertEqual(steps["Source"], "Attendances and working hours in Odoo")
