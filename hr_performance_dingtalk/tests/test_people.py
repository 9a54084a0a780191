from datetime import date

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.hr_performance_im.tools import errors

from .common import DingtalkCase, Script


@tagged("post_install", "-at_install")
class TestPeople(DingtalkCase):
    """Outside people become known, matched, compared and applied; nothing happens unasked."""

    def setUp(self):
        super().setUp()
        self.script = Script()
        self.script.departments = {"10": ("Sales", "1"), "11": ("Sales East", "10")}
        self.anna.barcode = "A001"
        self.bo.mobile_phone = "138 0000 0002"
        self.carl.work_email = "carl@bright.cn"
        self.script.add_user("u1", ["11"], job_number="a001")
        self.script.add_user("u2", ["11", "10"], mobile="+86-13800000002")
        self.script.add_user("u3", ["1"], email="Carl@bright.cn")
        self.script.add_user("u4", ["10"], name="Manager")

    def _read(self, **vals):
        with self.script.play():
            run = self._read_people(**vals)
        self.env.invalidate_all()
        return run

    def _accept(self):
        self.connection.people_checked_on = fields.Datetime.now()

    def _changes(self, state="proposed"):
        changes = self.env["hr.performance.im.change"].search(
            [("connection_id", "=", self.connection.id), ("state", "=", state)], order="id"
        )
        return [
            (c.kind, c.identity_id.external_id or c.outside_department_id.name) for c in changes
        ]

    def test_first_run_only_shows_what_it_would_do(self):
        run = self._read()
        self.assertEqual((run.state, run.read_count, run.created_count), ("done", 4, 4))
        self.assertIn("3 differences wait", run.note)
        self.assertEqual(sorted(self._changes()), [("map", "u1"), ("map", "u2"), ("map", "u3")])
        identities = self.env["hr.performance.im.identity"].search(
            [("connection_id", "=", self.connection.id)]
        )
        self.assertFalse(identities.employee_id)
        self.assertTrue(self.anna.active)

    def test_accepted_differences_are_applied(self):
        self._read()
        with self.script.play():
            self.connection.with_user(self.hr_admin).action_accept_differences()
            self._run_jobs()
        self.env.invalidate_all()
        found = {key: self._identity(key).employee_id for key in ("u1", "u2", "u3", "u4")}
        self.assertEqual(
            found,
            {"u1": self.anna, "u2": self.bo, "u3": self.carl, "u4": self.env["hr.employee"]},
        )
        self.assertEqual(
            [self._identity(key).matched_by for key in found],
            ["job_number", "mobile", "email", False],
        )

    def test_same_name_is_nobody(self):
        self._accept()
        self._read()
        self.assertEqual(self._identity("u4").state, "unmapped")
        self.assertEqual(self.connection.unmapped_count, 1)

    def test_a_person_chosen_by_hand_stays(self):
        self._accept()
        self._read()
        identity = self._identity("u4").with_user(self.hr_user)
        identity.employee_id = self.manager
        self.assertEqual(identity.matched_by, "hand")
        self.manager.barcode = "ZZ9"
        self.script.users["u4"]["job_number"] = "other"
        self._read()
        self.assertEqual(self._identity("u4").employee_id, self.manager)

    def test_left_out_stays_left_out(self):
        self._read()
        change = self.env["hr.performance.im.change"].search(
            [("connection_id", "=", self.connection.id), ("identity_id.external_id", "=", "u3")]
        )
        change.with_user(self.hr_admin).action_skip()
        self._accept()
        self._read()
        self.assertFalse(self._identity("u3").employee_id)
        self.assertEqual(self._identity("u1").employee_id, self.anna)
        self.assertEqual(self._changes("skipped"), [("map", "u3")])

    def test_doubt_is_shown_and_nobody_is_given(self):
        self.script.add_user("u5", job_number="A001")
        self._accept()
        self._read()
        self.assertEqual(self._identity("u1").doubt, "ambiguous")
        self.assertFalse(self._identity("u1").employee_id | self._identity("u5").employee_id)

    def test_departments_managers_and_titles(self):
        self.connection.write({"people_mode": "update", "create_departments": True})
        self.script.departments["12"] = ("New Team", "10")
        self.script.users["u1"] |= {
            "department_keys": ["12"],
            "title": "Planner",
            "manager_external_id": "u3",
        }
        self._accept()
        run = self._read()
        self.assertEqual(run.state, "done", run.error_ids.mapped("message"))
        outside = self.env["hr.performance.im.department"].search(
            [("connection_id", "=", self.connection.id)]
        )
        linked = {d.name: d.department_id for d in outside}
        self.assertEqual(linked["Sales"], self.sales)
        self.assertEqual(linked["Sales East"], self.sales_east)
        self.assertEqual(linked["New Team"].parent_id, self.sales)
        self.assertEqual(self.anna.department_id.name, "New Team")
        self.assertEqual((self.anna.job_title, self.anna.parent_id), ("Planner", self.carl))
        # several departments: that of Odoo is among them and stays
        self.assertEqual(self.bo.department_id, self.sales_east)
        self.assertEqual(self._changes(), [])

    def test_nothing_in_odoo_is_touched_where_only_people_are_found(self):
        self.script.users["u1"] |= {"department_keys": ["10"], "title": "Planner"}
        self._accept()
        self._read()
        self._read()
        self.assertEqual(self.anna.department_id, self.sales_east)
        self.assertNotEqual(self.anna.job_title, "Planner")

    def test_new_employees_where_wanted(self):
        self.connection.create_employees = True
        self.script.users["u4"] |= {"joined_on": date(2025, 5, 6), "email": "m@bright.cn"}
        self._accept()
        self._read()
        employee = self._identity("u4").employee_id
        self.assertEqual((employee.name, employee.work_email), ("Manager", "m@bright.cn"))
        self.assertEqual(employee.company_id, self.company)
        count = self.env["hr.employee"].search_count([])
        self._read()
        self.assertEqual(self.env["hr.employee"].search_count([]), count)

    def test_who_is_missing_from_a_list_is_not_archived(self):
        self._accept()
        self._read()
        del self.script.users["u1"]
        self._read()
        self.assertTrue(self.anna.active)
        self.assertFalse(self._identity("u1").left_on)

    def test_leaver_by_his_record_confirmed(self):
        self._accept()
        self._read()
        self.script.leavers = {"u1": date(2026, 3, 5), "u2": date(2026, 3, 5)}
        del self.script.users["u1"]
        self._read()
        self.assertFalse(self.anna.active)
        self.assertEqual(self._identity("u1").left_on, date(2026, 3, 5))
        # a record of somebody who is there again is old
        self.assertTrue(self.bo.active)

    def test_leaver_is_only_shown_where_nobody_is_archived(self):
        self.connection.archive_leavers = False
        self._accept()
        self._read()
        self.script.leavers = {"u1": date(2026, 3, 5)}
        del self.script.users["u1"]
        self._read()
        self.assertTrue(self.anna.active)
        self.assertEqual(self._identity("u1").state, "left")

    def test_who_comes_back_is_there_again(self):
        self._accept()
        self._read()
        self._identity("u1").left_on = date(2026, 3, 5)
        self._read()
        self.assertFalse(self._identity("u1").left_on)

    def test_a_department_that_is_gone_stops_nothing(self):
        self.script.broken["10"] = errors.DepartmentUnknown("60003", "部门不存在")
        run = self._read()
        self.assertEqual((run.state, run.skipped_count), ("done", 1))
        self.assertEqual(run.error_ids.mapped("code"), ["60003"])
        self.assertTrue(self._identity("u1"))

    def test_a_missing_permission_stops_and_names_it(self):
        self.script.broken["10"] = errors.PermissionMissing(
            "60011", "no privilege", scopes=["qyapi_get_member"], link="https://open/apply"
        )
        run = self._read()
        self.assertEqual(run.state, "failed")
        self.assertIn("qyapi_get_member", run.error_ids.advice)
        self.assertIn("https://open/apply", run.error_ids.advice)
        self.script.broken = {}
        run.with_user(self.hr_admin).action_retry()
        with self.script.play():
            self._run_jobs()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")

    def test_a_passing_failure_is_tried_again(self):
        self.script.broken["10"] = errors.Unavailable("timeout")
        run = self._read()
        self.assertEqual((run.state, run.attempts), ("running", 1))
        self.assertGreater(run.next_try, fields.Datetime.now())
        self.script.broken = {}
        run.next_try = fields.Datetime.now()
        with self.script.play():
            self._run_jobs()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")

    def test_paused_connections_do_nothing(self):
        self.connection.with_user(self.hr_admin).action_pause()
        run = self._read()
        self.assertEqual(run.state, "waiting")

    def test_a_person_in_two_departments_is_one(self):
        self._read()
        run = self._read()
        self.assertEqual((run.read_count, run.unchanged_count), (4, 4))
        self.assertEqual((run.created_count, run.changed_count), (0, 0))

    def test_unchanged_people_write_nothing(self):
        self._accept()
        for number in range(2500):
            self.script.add_user(f"x{number}", ["10"])
        self._read()
        before = self._get_versions()
        provider = self.connection._get_provider()
        run = self.connection._start_run("people")
        self.env.flush_all()
        # one to find what is known, one for those who are back, one for the counts of the run
        with self.assertQueryCount(3):
            provider._bring_in_users(run, self.script.users)
            self.env.flush_all()
        self.assertEqual(run.unchanged_count, 2504)
        with self.script.play():
            self._run_jobs()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
        self.assertEqual(self._get_versions(), before)

    def _get_versions(self):
        """A fingerprint of the row versions: any write, also of the same values, changes it."""
        self.env.flush_all()
        result = []
        for model in ("im.identity", "im.department", "im.change"):
            table = SQL.identifier(f"hr_performance_{model.replace('.', '_')}")
            result += self.env.execute_query(
                SQL("SELECT count(*), md5(string_agg(id || ':' || ctid, ',')) FROM %s", table)
            )
        return result

    def test_queries_do_not_grow_with_people(self):
        def count(people):
            script = Script()
            for number in range(people):
                script.add_user(f"y{number}")
            self.script = script
            self._read()
            provider = self.connection._get_provider()
            run = self.connection._start_run("people")
            self.env.flush_all()
            before = self.cr.sql_log_count
            provider._bring_in_users(run, script.users)
            provider._people_matches(run, None, {})
            provider._people_differences(run, None, {"after": 0})
            self.env.flush_all()
            used = self.cr.sql_log_count - before
            run.with_user(self.hr_admin).action_cancel()
            return used

        count(3)
        self.assertEqual(count(10), count(100))
