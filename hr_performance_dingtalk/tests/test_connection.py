import logging

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import FakeCase


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 05:30:00")
class TestConnection(FakeCase):
    """The test names what is missing; tokens and calls survive; nothing is published unasked."""

    def setUp(self):
        super().setUp()
        self.state.add_user("u1")
        self.connection.state = "draft"

    def _test(self):
        with self.enter_registry_test_mode():
            self.connection.with_user(self.hr_admin).action_test()
        self.env.invalidate_all()
        return {check.name: check for check in self.connection.check_ids}

    def test_all_is_well(self):
        checks = self._test()
        self.assertTrue(all(check.passed for check in checks.values()))
        self.assertEqual(len(checks), 5)
        self.assertIn("whole company", self.connection.scope_text)
        self.assertTrue(self.connection.dingtalk_has_report)
        self.connection.with_user(self.hr_admin).action_start()
        self.assertEqual(self.connection.state, "live")

    def test_missing_permission_is_named(self):
        self.state.fault(
            "/v1.0/workflow/processes/managements/templates",
            "permission",
            scopes=("Workflow.Form.Read",),
            times=None,
        )
        checks = self._test()
        failed = [check for check in checks.values() if not check.passed]
        self.assertEqual(len(failed), 1)
        self.assertIn("Workflow.Form.Read", failed[0].advice)
        # what works may begin
        self.connection.with_user(self.hr_admin).action_start()

    def test_wrong_address_is_named(self):
        self.state.allowed_address = "10.9.8.7"
        checks = self._test()
        failed = [check for check in checks.values() if not check.passed]
        self.assertTrue(failed)
        self.assertIn("127.0.0.1", failed[0].advice)

    def test_wrong_secret_keeps_it_from_starting(self):
        self.connection.dingtalk_client_secret = "wrong-secret-0000"
        checks = self._test()
        (check,) = checks.values()
        self.assertIn("Key or secret", check.advice)
        with self.assertRaises(UserError):
            self.connection.with_user(self.hr_admin).action_start()

    def test_scope_of_few(self):
        self.state.add_department(2, "Sales")
        self.state.add_user("u2", departments=(2,))
        self.state.app.scope_departments = (2,)
        self.addCleanup(setattr, self.state.app, "scope_departments", (1,))
        self._test()
        self.assertIn("1 departments", self.connection.scope_text)

    def test_setting_missing(self):
        self.connection.dingtalk_client_secret = False
        (check,) = self._test().values()
        self.assertIn("Client Secret", check.advice)

    def test_addresses_have_to_be_safe(self):
        for url in ("http://evil.example", "ftp://x", "https://user:pass@x"):
            with self.assertRaises(ValidationError):
                self.connection.dingtalk_oapi_url = url

    def test_token_is_shared_and_survives_a_rollback(self):
        self._test()
        before = len(self.state.calls("/v1.0/oauth2/accessToken"))
        self._test()
        self.assertEqual(len(self.state.calls("/v1.0/oauth2/accessToken")), before)
        # another secret: what was got with the old one is dropped
        self.connection.dingtalk_client_secret = self.state.app.client_secret
        self.assertFalse(self.env["hr.performance.im.token"].search([]))

    def test_refused_token_is_fetched_once(self):
        self._test()
        self.state.revoke_tokens()
        checks = self._test()
        self.assertTrue(all(check.passed for check in checks.values()))

    def test_no_secret_in_logs_and_records(self):
        records = []
        handler = logging.Handler(level=logging.DEBUG)
        handler.emit = lambda record: records.append(record.getMessage())
        root = logging.getLogger()
        levels = {name: logging.getLogger(name).level for name in ("", "urllib3", "odoo.addons")}
        for name in levels:
            logging.getLogger(name).setLevel(logging.DEBUG)
        root.addHandler(handler)
        try:
            self._test()
            self.connection.state = "live"
            self.state.fault("/topapi/v2/user/list", "status", status=502, times=None)
            run = self._read("people")
        finally:
            root.removeHandler(handler)
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
        secrets = [self.state.app.client_secret, *self.state.tokens]
        self.assertTrue(self.state.tokens)
        text = "\n".join(line for line in records if "hr_performance_im_" not in line)
        text += str(run.read()) + str(run.error_ids.read()) + str(self.connection.check_ids.read())
        for secret in secrets:
            self.assertNotIn(secret, text)

    def test_form_of_the_system_administrator(self):
        with Form(self.connection.with_user(self.system)) as form:
            form.name = "Renamed"
        self.assertEqual(
            self.connection._get_secret("dingtalk_client_secret"), self.state.app.client_secret
        )

    def test_people_over_http(self):
        self.connection.state = "live"
        self.state.add_department(2, "Sales")
        self.state.add_user("u2", "李四", (1, 2), job_number="A002", manager_userid="u1")
        run = self._read("people")
        self.assertEqual((run.state, run.read_count), ("done", 2), run.error_ids.mapped("message"))
        self.assertEqual(self._identity("u2").department_keys, ["1", "2"])
        self.state.remove_user("u2")
        self._read("people")
        self.assertTrue(self._identity("u2").left_on)

    # Outward

    def _close_review(self):
        self._map(u1=self.anna)
        self._add_facts(self.anna, self.visits, 20)
        self._launch()
        review = self._review_of(self.anna)
        self._move_to(review, "closed")
        self.connection.state = "live"
        return review

    def test_nothing_is_published_unasked(self):
        self._close_review()
        run = self._read("outward")
        self.assertEqual(run.state, "failed")
        self.assertFalse(self.state.performance_records)

    def test_results_are_handed_over_once(self):
        review = self._close_review()
        self.connection.dingtalk_publish = True
        for _time in range(2):
            run = self._read("outward")
            self.assertEqual(run.state, "done", run.error_ids.mapped("message"))
        (record,) = self.state.performance_records
        self.assertEqual((record["workNo"], record["score"]), ("u1", f"{review.total:.2f}"))

    def test_lost_answer_is_unknown_and_not_repeated(self):
        self._close_review()
        self.connection.dingtalk_publish = True
        self.state.fault("/v1.0/hrbrain/datas/perfRecords/import", "reset_after")
        self._read("outward")
        self._read("outward")
        self.assertEqual(len(self.state.performance_records), 1)
        publication = self.env["hr.performance.dingtalk.publication"].search([])
        self.assertEqual(publication.state, "unknown")

    def test_group_robot(self):
        app = self.state.app
        connection = self.connection.with_user(self.hr_admin)
        with self.assertRaises(UserError):
            connection.action_test_group()
        self.connection.dingtalk_webhook_token = app.webhook_token
        with self.enter_registry_test_mode():
            connection.action_test_group()
        self.assertEqual(len(self.state.group_messages), 1)
        self.connection.dingtalk_webhook_token = "wrong-token-0000"
        with self.assertRaises(UserError), self.enter_registry_test_mode():
            connection.action_test_group()

    def test_test_notice(self):
        self.connection.state = "live"
        self._map(u1=self.anna)
        self.anna.user_id.group_ids += self.env.ref("hr_performance.group_hr_performance_manager")
        with self.enter_registry_test_mode():
            action = self.connection.with_user(self.anna.user_id).action_send_test()
        self.assertEqual(action["params"]["type"], "success")
        with self.enter_registry_test_mode():
            action = self.connection.with_user(self.hr_admin).action_send_test()
        self.assertEqual(action["params"]["type"], "warning")
