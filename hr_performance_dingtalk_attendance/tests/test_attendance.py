from datetime import date, datetime

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.hr_performance_dingtalk.tests.common import Abroad, FakeCase, instant

WEEK = (date(2026, 3, 1), date(2026, 3, 7))


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 05:30:00")
class TestAttendancesFromDingtalk(FakeCase):
    """Punches become attendances once; what people made or changed is theirs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection.write(
            {"dingtalk_write_attendance": True, "dingtalk_attendance_since": WEEK[0]}
        )

    def setUp(self):
        super().setUp()
        for key in ("u1", "u2"):
            self.state.add_user(key)
        self._map(u1=self.anna, u2=self.bo)

    def _day(self, key, day, on="Normal", off="Normal", **values):
        day = date(2026, 3, day)
        return (
            self.state.add_punch(key, day, "OnDuty", on, **values),
            self.state.add_punch(key, day, "OffDuty", off),
        )

    def _pull(self, window=WEEK):
        run = self._read("attendance", *window)
        self.assertEqual(run.state, "done", run.error_ids.mapped("message"))
        return run

    def _rows(self, employee=None):
        domain = [("employee_id", "=", (employee or self.anna).id)]
        return self.env["hr.performance.dingtalk.attendance"].search(domain, order="work_date")

    def _attendances(self, employee=None):
        domain = [("employee_id", "=", (employee or self.anna).id)]
        return self.env["hr.attendance"].search(domain, order="check_in")

    def test_off_unless_wanted(self):
        self.connection.dingtalk_write_attendance = False
        self._day("u1", 2)
        self._pull()
        self.assertFalse(self._attendances())
        fresh = self.env["hr.performance.im.connection"].new({})
        self.assertFalse(fresh.dingtalk_write_attendance)

    def test_punches_become_attendances_once(self):
        self._day("u1", 2, "Late")
        self._day("u1", 3)
        self._day("u2", 3)
        for _time in range(2):
            self._pull()
            self.assertRecordValues(
                self._attendances(),
                [
                    {
                        "check_in": datetime(2026, 3, 2, 1, 10),
                        "check_out": datetime(2026, 3, 2, 10, 0),
                        "in_mode": "dingtalk",
                        "out_mode": "dingtalk",
                    },
                    {
                        "check_in": datetime(2026, 3, 3, 1, 0),
                        "check_out": datetime(2026, 3, 3, 10, 0),
                        "in_mode": "dingtalk",
                        "out_mode": "dingtalk",
                    },
                ],
            )
            self.assertEqual(len(self._attendances(self.bo)), 1)
        self.assertEqual(self._rows().mapped("state"), ["written", "written"])

    def test_corrections_follow(self):
        on, off = self._day("u1", 2, "Late")
        self._pull()
        attendance = self._attendances()
        on.result, on.actual = "Normal", on.base
        self._pull()
        self.assertEqual(self._attendances(), attendance)
        self.assertEqual(attendance.check_in, datetime(2026, 3, 2, 1, 0))
        off.result, off.record_id = "NotSigned", None
        self._pull()
        self.assertFalse(self._attendances(), "the leaving was taken back")
        self.assertEqual(self._rows().state, "no_end")

    def test_a_punch_that_vanished_takes_its_attendance_along(self):
        self._day("u1", 2)
        self._pull()
        self.env["hr.performance.dingtalk.punch"].search([]).unlink()
        self.state.punches.clear()
        self._pull()
        self.assertFalse(self._attendances() or self._rows())

    def test_missing_punches_are_shown_and_not_invented(self):
        self._day("u1", 2, off="NotSigned")
        self._day("u1", 3, "NotSigned")
        self._day("u1", 4, "NotSigned", "NotSigned")
        self._day("u1", 5)
        self._pull()
        self.assertEqual(self._rows().mapped("state"), ["no_end", "no_start", "written"])
        self.assertEqual(len(self._attendances()), 1)
        self.assertEqual(self.connection.dingtalk_attendance_trouble_count, 2)
        action = self.connection.with_user(self.hr_admin).action_open_dingtalk_attendances()
        self.assertEqual(action["res_model"], "hr.performance.dingtalk.attendance")

    def test_what_people_made_is_not_touched(self):
        own = self.env["hr.attendance"].create(
            {
                "employee_id": self.anna.id,
                "check_in": datetime(2026, 3, 2, 2),
                "check_out": datetime(2026, 3, 2, 9),
            }
        )
        self._day("u1", 2)
        self._pull()
        self.assertEqual(self._attendances(), own)
        self.assertEqual(own.check_in, datetime(2026, 3, 2, 2))
        self.assertEqual(self._rows().state, "overlap")
        own.unlink()
        self._pull()
        self.assertEqual((self._rows().state, len(self._attendances())), ("written", 1))

    def test_changed_and_removed_by_hand_stays_so(self):
        punches = [self._day("u1", day)[0] for day in (2, 3)]
        self._pull()
        changed, removed = self._attendances()
        changed.check_in = datetime(2026, 3, 2, 0, 30)
        removed.unlink()
        for punch in punches:
            punch.result, punch.actual = "Late", punch.base + 900
        self._pull()
        self.assertEqual(self._attendances(), changed)
        self.assertEqual(changed.check_in, datetime(2026, 3, 2, 0, 30))
        self.assertEqual(self._rows().mapped("state"), ["changed", "removed"])

    def test_night_shift_belongs_to_the_day_it_began(self):
        day = date(2026, 3, 2)
        base = instant("2026-03-02 22:00")
        self.state.add_punch("u1", day, "OnDuty", base=base)
        self.state.add_punch("u1", day, "OffDuty", base=base + 8 * 3600)
        self._pull()
        self.assertRecordValues(
            self._attendances(),
            [
                {
                    "check_in": datetime(2026, 3, 2, 14, 0),
                    "check_out": datetime(2026, 3, 2, 22, 0),
                }
            ],
        )
        self.assertEqual(self._rows().work_date, day)

    def test_days_that_may_still_change_wait(self):
        self._day("u1", 3)
        with freeze_time("2026-03-04 03:30:00"):  # half past eleven in China
            self._pull()
            self.assertFalse(self._rows())
        with freeze_time("2026-03-04 04:30:00"):
            self._pull()
            self.assertEqual(self._rows().state, "written")

    def test_nothing_before_the_first_day(self):
        self._day("u1", 2)
        self._day("u1", 5)
        self.connection.dingtalk_attendance_since = date(2026, 3, 5)
        self._pull()
        self.assertEqual(self._attendances().mapped("date"), [date(2026, 3, 5)])

    def test_somebody_else_gets_what_was_written_for_the_wrong_one(self):
        self._day("u1", 2)
        self._pull()
        self._identity("u2").employee_id = False
        self.env.flush_all()
        self._identity("u1").employee_id = self.bo
        self._pull()
        self.assertFalse(self._attendances() or self._rows())
        self.assertEqual(len(self._attendances(self.bo)), 1)
        self._pull()
        self.assertEqual(self._rows(self.bo).state, "written")

    def test_one_that_odoo_refuses_stops_no_other(self):
        self._day("u1", 2)
        self._day("u1", 3)
        model, text = type(self.env["hr.attendance"]), "Not on that day"
        create = model.create

        def refuse(attendances, vals_list):
            if any(vals["check_in"].day == 2 for vals in vals_list):
                raise ValidationError(text)
            return create(attendances, vals_list)

        self.patch(model, "create", refuse)
        self._pull()
        self.assertRecordValues(
            self._rows(),
            [{"state": "refused", "note": "Not on that day"}, {"state": "written", "note": False}],
        )

    def test_single_punches_are_needed(self):
        with self.assertRaises(ValidationError):
            self.connection.dingtalk_attendance = "columns"
        run = self.env["hr.performance.im.run"].create(
            {
                "connection_id": self.connection.id,
                "kind": "attendance",
                "state": "done",
                "date_from": WEEK[0],
                "date_to": date(2026, 3, 31),
            }
        )
        self.connection.dingtalk_has_report = True
        plan = self.connection._get_provider()._get_attendance_plan(run)
        self.assertEqual(plan.source, "results")

    def test_events_write_too(self):
        self._day("u1", 2)
        run = self.env["hr.performance.im.run"]._start_events(self.connection)
        provider = self.connection._get_provider()
        with self.enter_registry_test_mode():
            clients = run._get_clients()
            run._try(
                clients,
                lambda client: provider._read_days_again(
                    run, client, {("u1", WEEK[0].replace(day=2))}
                ),
            )
            clients.close()
        self.assertEqual(len(self._attendances()), 1)

    def test_queries_do_not_grow_with_people(self):
        """Where nothing changed, two people cost as many queries as one."""

        def count(employees):
            model = self.env["hr.performance.dingtalk.attendance"]
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            model._write_days(self.connection, employees, *WEEK)
            return self.cr.sql_log_count - before

        for day in range(2, 7):
            self._day("u1", day)
            self._day("u2", day)
        self._pull()
        count(self.anna)  # what is read once
        self.assertEqual(count(self.anna), count(self.anna | self.bo))

    def test_rights(self):
        self._day("u1", 2)
        self._pull()
        row = self._rows()
        for user in (self.anna.user_id, self.manager.user_id, self.auditor):
            mine = row.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
            self.assertEqual(mine.read(["state"])[0]["state"], "written")
            for call in (
                lambda mine=mine: mine.write({"state": "refused"}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.create({}),
            ):
                with self.assertRaises(AccessError):
                    call()
        for user in (self.bo.user_id, self.carl.user_id):
            theirs = row.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
            self.assertFalse(theirs.search([]))
            with self.assertRaises(AccessError):
                theirs.read(["state"])
        with self.assertRaises(AccessError):
            self.connection.with_user(self.hr_user).write({"dingtalk_write_attendance": False})


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 05:30:00")
class TestAttendancesAbroad(Abroad, TestAttendancesFromDingtalk):
    """The server and its users are in New York."""
