from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from odoo.addons.hr_performance.tests.common import PERIOD

from .common import AttendanceCase


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 04:00:00")
class TestAttendanceAccess(AttendanceCase):
    """Anna may know about herself; of Bo she learns nothing by any of these routes."""

    def setUp(self):
        super().setUp()
        self._attend(self.anna, self._work_days())
        self.foreign = self._attend(self.bo, self._work_days(), "8:30")
        for metric in (self.late, self.minutes, self.absent):
            metric._refresh_values(self.anna | self.bo, *PERIOD)
        self.env.invalidate_all()
        self.user = self.anna.user_id

    def test_stored_values(self):
        values = self.env["hr.performance.value"].with_user(self.user)
        mine = values.search([("metric_id", "in", (self.late | self.absent).ids)])
        self.assertEqual(mine.employee_id, self.anna)
        groups = values._read_group([], ["employee_id"], ["value:sum"])
        self.assertEqual([employee for employee, _total in groups], [self.anna])

    def test_measuring_with_her_own_rights(self):
        metric = self.late.with_user(self.user)
        measured = metric._measure((self.anna | self.bo).with_user(self.user), *PERIOD)[metric]
        self.assertEqual(measured[self.anna.id].value, 0)
        self.assertEqual(measured[self.bo.id].value, None)
        self.assertEqual(measured[self.bo.id].reason, "no_rows")

    def test_records_of_others(self):
        metric = self.late.with_user(self.user)
        self.assertTrue(metric._get_metric_records_action(self.anna.with_user(self.user), *PERIOD))
        self.assertFalse(metric._get_metric_records_action(self.bo.with_user(self.user), *PERIOD))

    def test_minutes_of_others_by_a_forged_context(self):
        delays = ",".join(f"{id_}:1" for id_ in self.foreign.ids)
        attendances = self.env["hr.attendance"].with_user(self.user)
        attendances = attendances.with_context(performance_delays=delays)
        self.assertEqual(attendances.search([]).employee_id, self.anna)
        with self.assertRaises(AccessError):
            attendances.browse(self.foreign.ids).read(["performance_delay"])
        for malformed in ("1:x,; DROP", {"1": 2}, [[1, 2]], "9" * 30 + ":1"):
            search = attendances.with_context(performance_delays=str(malformed)).search
            self.assertEqual(search([]).employee_id, self.anna)

    def test_line_manager_reads_the_number_and_not_the_check_ins(self):
        user = self.manager.user_id
        values = self.env["hr.performance.value"].with_user(user).search([])
        self.assertIn(self.bo, values.employee_id)
        metric = self.late.with_user(user)
        self.assertFalse(metric._get_metric_records_action(self.bo.with_user(user), *PERIOD))

    def test_rules_and_grace_are_not_hers_to_write(self):
        template = self.template.with_user(self.user)
        for refused in (
            lambda: template.action_add_late_rule(),
            lambda: self.late.with_user(self.user).write({"attendance_grace": 600}),
            lambda: self.env.ref("hr_performance_attendance.template_rule_late")
            .with_user(self.user)
            .write({"threshold": 30}),
        ):
            with self.assertRaises(AccessError):
                refused()

    def test_auditor_adds_no_rule(self):
        with self.assertRaises(AccessError):
            self.template.with_user(self.auditor).action_add_late_rule()

    def test_names_of_employees_stay_readable(self):
        self.assertEqual(self.bo.with_user(self.user).name, "Bo")
