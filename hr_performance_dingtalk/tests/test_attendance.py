from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.hr_performance.tests.common import PERIOD

from .common import Abroad, FakeCase

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 05:30:00")
class TestAttendance(FakeCase):
    """Punches come over HTTP, are corrected in place, and become metrics and a deduction."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.dingtalk_attendance = "results"
        cls.metrics = {
            name: cls.env.ref(f"hr_performance_dingtalk.metric_{name}")
            for name in (
                "late",
                "late_minutes",
                "serious_late",
                "early",
                "absent",
                "missing",
                "hours",
            )
        }

    def setUp(self):
        super().setUp()
        for key in ("u1", "u2", "u3"):
            self.state.add_user(key)
        self._map(u1=self.anna, u2=self.bo, u3=self.carl)

    def _day(self, key, day, on="Normal", off="Normal", **values):
        day = date(2026, 3, day)
        return (
            self.state.add_punch(key, day, "OnDuty", on, **values),
            self.state.add_punch(key, day, "OffDuty", off),
        )

    def _value(self, name, employee, period=PERIOD):
        metric = self.metrics[name]
        return metric._measure(employee, *period)[metric][employee.id]

    def test_punches_are_kept_as_they_are(self):
        self._day("u1", 2, "Late")
        self._day("u1", 3, "NotSigned")
        run = self._read("attendance", *MARCH)
        self.assertEqual((run.state, run.read_count, run.created_count), ("done", 4, 4))
        self.assertEqual(run.missing_employee_ids, self.bo | self.carl)
        punches = self.env["hr.performance.dingtalk.punch"].search(
            [("employee_id", "=", self.anna.id), ("check_type", "=", "on")], order="work_date"
        )
        self.assertRecordValues(
            punches,
            [
                {
                    "work_date": date(2026, 3, 2),
                    "result": "late",
                    "planned_at": datetime(2026, 3, 2, 1, 0),
                    "punched_at": datetime(2026, 3, 2, 1, 10),
                    "minutes": 10,
                },
                {
                    "work_date": date(2026, 3, 3),
                    "result": "missing",
                    "planned_at": datetime(2026, 3, 3, 1, 0),
                    "punched_at": False,
                    "minutes": 0,
                },
            ],
        )

    def test_reading_again_writes_nothing_and_corrects_what_changed(self):
        late, _off = self._day("u1", 2, "Late")
        self._day("u1", 3)
        self._read("attendance", *MARCH)
        run = self._read("attendance", *MARCH)
        self.assertEqual((run.created_count, run.changed_count, run.unchanged_count), (0, 0, 4))
        late.result, late.source = "Normal", "BOSS"
        run = self._read("attendance", *MARCH)
        self.assertEqual((run.created_count, run.changed_count, run.unchanged_count), (0, 1, 3))
        self.assertEqual(self._value("late", self.anna).value, 0)

    def test_measures(self):
        self._day("u1", 2, "Late")
        self._day("u1", 3, "SeriousLate", "Early")
        self._day("u1", 4, "NotSigned", "NotSigned")
        self._day("u1", 5, "NotSigned")
        self._day("u1", 6, "Absenteeism")
        self._read("attendance", *MARCH)
        found = {name: self._value(name, self.anna).value for name in self.metrics}
        self.assertEqual(
            found,
            {
                "late": 1,
                "late_minutes": 10,
                "serious_late": 1,
                "early": 1,
                "absent": 1,
                "missing": 3,
                # 8:50, 7:50, one punch, 7:00
                "hours": found["hours"],
            },
        )
        self.assertAlmostEqual(found["hours"], (530 + 470 + 420) / 60, places=4)
        self.metrics["late"].dingtalk_serious = True
        self.assertEqual(self._value("late", self.anna).value, 3)

    def test_nothing_known_is_neither_perfect_nor_late(self):
        self._read("attendance", *MARCH)
        for name in self.metrics:
            value = self._value(name, self.anna)
            self.assertEqual((value.value, value.reason), (None, "no_rows"), name)

    def test_an_approval_excuses(self):
        self._day("u1", 2, "Late", approve_id=77)
        self._day("u1", 3, "NotSigned", instance_id="inst-1")
        self._read("attendance", *MARCH)
        self.assertEqual(self._value("late", self.anna).value, 0)
        self.assertEqual(self._value("missing", self.anna).value, 0)

    def test_days_are_those_of_the_shift(self):
        """Late on the last day of March counts in March; 1 April begins at midnight in China."""
        self._day("u1", 31, "Late")
        self.state.add_punch("u1", date(2026, 4, 1), "OnDuty", "Late")
        self._read("attendance", date(2026, 3, 25), date(2026, 4, 1))
        self.assertEqual(self._value("late", self.anna).value, 1)
        april = (date(2026, 4, 1), date(2026, 4, 30))
        self.assertEqual(self._value("late", self.anna, april).value, 1)

    def test_days_that_may_still_change_are_left_out(self):
        """Until noon of the next day in China nothing of a day counts, and the line says so."""
        self._day("u1", 2, "Late")
        self._day("u1", 3, "Late", "NotSigned")
        self._day("u2", 3, "Late")
        self._read("attendance", *MARCH)
        with freeze_time("2026-03-04 03:30:00"):
            value = self._value("late", self.anna)
            self.assertEqual((value.value, value.detail["days"]), (1, ["2026-03-02"]))
            self.assertEqual(value.detail["waiting"], ["2026-03-03"])
            self.assertEqual(self._value("missing", self.anna).value, 0)
            self.assertAlmostEqual(self._value("hours", self.anna).value, 530 / 60, places=4)
            self.assertEqual(self._value("late", self.bo).reason, "no_rows")
        with freeze_time("2026-03-04 04:30:00"):
            value = self._value("late", self.anna)
            self.assertEqual((value.value, value.detail.get("waiting")), (2, None))

    def test_two_punches_without_a_record_are_two(self):
        self._day("u1", 2, "NotSigned", "NotSigned")
        self._day("u2", 2, "NotSigned", "NotSigned")
        run = self._read("attendance", *MARCH)
        self.assertEqual(run.created_count, 4)

    def test_leavers_keep_their_history(self):
        self._day("u1", 2, "Late")
        self._read("attendance", *MARCH)
        self._identity("u1").left_on = date(2026, 3, 20)
        self.state.remove_user("u1")
        self.state.punches.clear()
        self._read("attendance", *MARCH)
        self.assertEqual(self._value("late", self.anna).value, 1)

    def test_person_found_later_gets_his_punches(self):
        self._day("u1", 2, "Late")
        self._read("attendance", *MARCH)
        identity = self._identity("u1")
        identity.employee_id = self._identity("u3").employee_id = False
        self.env.flush_all()
        identity.employee_id = self.carl
        self._read("attendance", *MARCH)
        self.assertEqual(self._value("late", self.carl).value, 1)
        self.assertIsNone(self._value("late", self.anna).value)

    def test_the_deduction_rests_on_dingtalk_alone_and_says_so(self):
        """WC-4: more than 3 late arrivals, minus 10 % once; 90 becomes 81."""
        for day in (2, 3, 4, 5):
            self._day("u3", day, "Late")
        self._day("u3", 6)
        self._read("attendance", *MARCH)
        template = self.env["hr.performance.template"].create(
            {
                "name": "Works",
                "company_id": self.company.id,
                "department_ids": [Command.set(self.works.ids)],
                "coverage_threshold": 0,
                "line_ids": [
                    Command.create(
                        {
                            "metric_id": self.quality.id,
                            "weight": 100,
                            "target": 5,
                            "method": "rating",
                        }
                    )
                ],
            }
        )
        template.with_user(self.hr_admin).action_add_dingtalk_late_rule()
        template.action_add_dingtalk_late_rule()
        self.assertEqual(len(template.rule_ids), 1)
        template.action_set_ready()
        program = self.env["hr.performance.program"].create(
            {
                "name": "Works, monthly",
                "company_id": self.company.id,
                "date_start": PERIOD[0],
                "department_ids": [Command.set(self.works.ids)],
            }
        )
        cycle = program._open_cycles([program._get_period(PERIOD[0])])
        self._launch(cycle)
        review = self._review_of(self.carl, cycle)
        moves = {"goal": "confirm_goals", "progress": "start_assessment", "self": "skip_self"}
        while review.state in moves:
            review._transition(moves[review.state])
        self._rate(review, 4.5)
        review._refresh()
        self.assertEqual((review.base_total, review.total), (90, 81))
        line = self._line(review, self.metrics["late"])
        steps = dict(line._explain())
        self.assertIn("Punches in DingTalk", steps["Source"])
        self.assertIn("03/02/2026", steps["Days"])
        # three late arrivals after a correction: the deduction goes
        next(p for p in self.state.punches.values() if p.result == "Late").result = "Normal"
        self._read("attendance", *MARCH)
        review._refresh()
        self.assertEqual(review.total, 90)

    def test_the_records_behind_a_number(self):
        self._day("u1", 2, "Late")
        self._read("attendance", *MARCH)
        metric = self.metrics["late"].with_user(self.anna.user_id)
        anna, bo = (e.with_user(self.anna.user_id) for e in (self.anna, self.bo))
        action = metric._get_metric_records_action(anna, *PERIOD)
        self.assertEqual(action["res_model"], "hr.performance.dingtalk.punch")
        punches = self.env[action["res_model"]].with_user(self.anna.user_id)
        self.assertEqual(punches.search([]).employee_id, self.anna)
        self._day("u2", 2, "Late")
        self._read("attendance", *MARCH)
        self.assertFalse(metric._get_metric_records_action(bo, *PERIOD))
        self.assertEqual(punches.search([]).employee_id, self.anna)

    # The report

    def test_the_report_serves_as_well(self):
        self.connection.dingtalk_attendance = "columns"
        self._day("u1", 2, "Late")
        run = self._read("attendance", *MARCH)
        self.assertEqual(run.state, "done", run.error_ids.mapped("message"))
        cells = self.env["hr.performance.dingtalk.cell"].search(
            [("employee_id", "=", self.anna.id), ("alias", "=", "late_times")]
        )
        self.assertEqual(sum(cells.mapped("value")), 1)
        value = self._value("late", self.anna)
        self.assertEqual((value.value, value.detail["dingtalk"]), (1, "report"))
        self.assertGreaterEqual(run.planned_calls, run.calls_used)
        run = self._read("attendance", *MARCH)
        self.assertEqual((run.created_count, run.changed_count), (0, 0))

    def test_the_plan_takes_the_fewest_calls(self):
        self.connection.write({"dingtalk_attendance": "auto", "dingtalk_has_report": True})
        run = self.env["hr.performance.im.run"].create(
            {"connection_id": self.connection.id, "kind": "attendance", "state": "done"}
        )
        provider = self.connection._get_provider()
        run.date_from, run.date_to = date(2026, 3, 1), date(2026, 3, 1)
        self.assertEqual(provider._get_attendance_plan(run).source, "results")
        run.date_from, run.date_to = MARCH
        plan = provider._get_attendance_plan(run)
        self.assertEqual((plan.source, plan.calls), ("results", 5))
        for number in range(7):
            self._map(**{f"w{number}": self._create_employee(f"w{number}", self.works)})
        plan = provider._get_attendance_plan(run)
        self.assertEqual((plan.source, plan.calls), ("columns", 12))
        self.connection.dingtalk_has_report = False
        plan = provider._get_attendance_plan(run)
        self.assertEqual((plan.source, plan.calls), ("results", 14))

    # Budget

    def test_a_run_that_the_month_cannot_pay_for_is_refused(self):
        self.connection.budget = 3
        run = self._read("attendance", *MARCH)
        self.assertEqual(run.state, "refused")
        self.assertIn("3 are left", run.note)
        self.assertFalse(self.state.calls("/attendance/list"))

    def test_calls_are_counted_and_survive_a_failed_run(self):
        self._day("u1", 2)
        run = self._read("attendance", date(2026, 3, 1), date(2026, 3, 7))
        self.assertEqual(run.calls_used, len(self.state.calls("/attendance/list")))
        self.assertEqual(self.connection.calls_used, run.calls_used)
        self.state.fault("/attendance/list", "permission", scopes=("qyapi_attendance",))
        run = self._read("attendance", date(2026, 3, 1), date(2026, 3, 7))
        self.assertEqual(run.state, "failed")
        self.assertIn("qyapi_attendance", run.error_ids.advice)
        self.assertEqual(self.connection.calls_used, sum(self.state.used.values()))

    def test_quota_of_the_messenger_ends_the_run(self):
        self.state.fault("/attendance/list", "quota")
        run = self._read("attendance", *MARCH)
        self.assertEqual((run.state, run.error_ids.code), ("failed", "90020"))
        self.assertEqual(len(self.state.calls("/attendance/list")), 1)

    def test_queries_do_not_grow_with_people(self):
        def count(people):
            ids = [f"q{people}-{number}" for number in range(people)]
            for key in ids:
                self.state.add_user(key)
                self._day(key, 2, "Late")
            employees = self.env["hr.employee"].create(
                [{"name": key, "company_id": self.company.id} for key in ids]
            )
            self._map(**dict(zip(ids, employees, strict=True)))
            self._read("attendance", *MARCH)
            metric = self.metrics["late"]
            metric._measure(employees[:1], *PERIOD)
            self.env.flush_all()
            before = self.cr.sql_log_count
            metric._measure(employees, *PERIOD)
            return self.cr.sql_log_count - before

        self.assertEqual(count(10), count(60))


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 05:30:00")
class TestAttendanceAbroad(Abroad, TestAttendance):
    """The server and its users are in New York."""
