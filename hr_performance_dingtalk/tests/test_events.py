import json
import time
from datetime import date

from odoo.tests import HttpCase, tagged

from .common import FakeCase, control, form_field, instant


@tagged("post_install", "-at_install")
class TestEvents(FakeCase, HttpCase):
    """Pushes are checked, stored once and answered; what they are about is read again."""

    def setUp(self):
        super().setUp()
        self.state.add_user("u1", job_number="A001")
        self._map(u1=self.anna)
        self.path = f"/performance/dingtalk/{self.connection.key}/events"

    def _push(self, kind="user_modify_org", payload=None, event_id="e1", style="old", **changes):
        """Push an event as DingTalk does; ``changes`` say what is wrong with it."""
        app = self.state.app
        text = changes.get("text")
        if text is None:
            body = control.body_of(self.state, kind, payload or {"userId": ["u1"]}, event_id, style)
            body.update(changes.get("body", {}))
            text = json.dumps(body)
        query, body = control.seal(
            text,
            changes.get("token", app.callback_token),
            app.aes_key,
            changes.get("owner", app.client_id),
            str(int((time.time() - changes.get("age", 0)) * 1000)),
            changes.get("nonce", "n1"),
        )
        query["msg_signature"] = changes.get("signature", query["msg_signature"])
        query = "&".join(f"{key}={value}" for key, value in query.items())
        return self.url_open(
            f"{changes.get('path', self.path)}?{query}",
            data=json.dumps(changes.get("raw", body)),
            headers={"Content-Type": "application/json"},
        )

    def _answer(self, response):
        app = self.state.app
        return control.unseal(response.json(), app.callback_token, app.aes_key, app.client_id)

    def _events(self):
        self.env.invalidate_all()
        return self.env["hr.performance.im.event"].search(
            [("connection_id", "=", self.connection.id)]
        )

    def test_one_row_and_an_answer_in_dingtalks_seal(self):
        response = self._push()
        self.assertEqual((response.status_code, self._answer(response)), (200, "success"))
        self.assertRecordValues(
            self._events(), [{"external_id": "e1", "kind": "user_modify_org", "state": "pending"}]
        )

    def test_the_same_event_again_is_answered_and_stored_once(self):
        self._push()
        self._run_jobs("process_events")
        response = self._push(nonce="n2")
        self.assertEqual(self._answer(response), "success")
        self.assertEqual(self._events().mapped("state"), ["done"])

    def test_registration_of_the_address(self):
        response = self._push("check_url", {})
        self.assertEqual(self._answer(response), "success")
        self.assertFalse(self._events())

    def test_what_is_not_believed(self):
        cases = {
            "signature": ({"signature": "0" * 40}, 403),
            "other token": ({"token": "other"}, 403),
            "owner": ({"owner": "dingother"}, 403),
            "old": ({"age": 3600}, 403),
            "from the future": ({"age": -3600}, 403),
            "company": ({"body": {"CorpId": "dingother"}}, 403),
            "not JSON inside": ({"text": "hello"}, 400),
            "no event": ({"text": "{}"}, 400),
            "no object": ({"raw": ["x"]}, 400),
            "no seal": ({"raw": {}}, 403),
            "large": ({"raw": {"encrypt": "A" * 1_000_000}}, 400),
            "key": ({"path": "/performance/dingtalk/wrong/events"}, 404),
        }
        for name, (changes, status) in cases.items():
            with self.subTest(name):
                self.assertEqual(self._push(**changes).status_code, status)
        self.assertFalse(self._events())

    def test_person_is_read_again(self):
        for style, users in (("old", ["u1"]), ("new", "u1")):
            self.state.users["u1"]["title"] = f"Planner {style}"
            self._push(payload={"userId": users}, event_id=style, style=style)
            self._run_jobs("process_events")
            self.env.invalidate_all()
            self.assertEqual(self._identity("u1").title, f"Planner {style}")

    def test_leaver(self):
        self.connection.people_checked_on = "2026-01-01 00:00:00"
        self.state.remove_user("u1")
        self._push("user_leave_org", {"userId": ["u1"]})
        self._run_jobs("process_events", "process_runs")
        self.env.invalidate_all()
        self.assertTrue(self._identity("u1").left_on)
        self.assertFalse(self.anna.active)

    def test_leaver_who_is_still_there_stays(self):
        """An event is no data: DingTalk is asked."""
        self.connection.people_checked_on = "2026-01-01 00:00:00"
        self._push("user_leave_org", {"userId": ["u1"]})
        self._run_jobs("process_events", "process_runs")
        self.env.invalidate_all()
        self.assertTrue(self.anna.active)

    def test_day_is_read_again(self):
        punch = self.state.add_punch("u1", date(2026, 3, 2), "OnDuty", "Late")
        self._push("attend_user_daily_summary_refresh", {"workDate": "2026-03-02", "userId": "u1"})
        self._run_jobs("process_events")
        found = self.env["hr.performance.dingtalk.punch"].search(
            [("external_id", "=", str(punch.id))]
        )
        self.assertEqual((found.result, found.employee_id), ("late", self.anna))

    def test_approvals_in_disorder_end_the_same(self):
        self.env["hr.performance.dingtalk.process"].create(
            {
                "connection_id": self.connection.id,
                "name": "Project",
                "code": "PROC-1",
                "value_address": "rate",
            }
        )
        approval = self.state.add_approval(
            "PROC-1",
            "u1",
            instant("2026-03-10 10:00"),
            status="COMPLETED",
            result="agree",
            finished=instant("2026-03-11 10:00"),
            fields=[form_field("NumberField-1", "100", alias="rate")],
        )
        for number, kind in enumerate(("finish", "start", "finish")):
            payload = {
                "processInstanceId": approval.id,
                "processCode": "PROC-1",
                "type": kind,
            }
            self._push("bpms_instance_change", payload, event_id=f"b{number}")
            self._run_jobs("process_events")
        found = self.env["hr.performance.dingtalk.approval"].search(
            [("external_id", "=", approval.id)]
        )
        self.assertEqual((found.state, found.value), ("passed", 100))

    def test_of_no_use(self):
        self._push("some_other_event", {"x": 1})
        self._run_jobs("process_events")
        self.assertEqual(self._events().state, "ignored")

    def test_events_wait_while_dingtalk_is_away(self):
        self.state.fault("/topapi/v2/user/get", "permission", scopes=("contact",), times=1)
        self._push()
        self._run_jobs("process_events")
        event = self._events()
        self.assertEqual((event.state, event.attempts), ("pending", 1))
        self._run_jobs("process_events")
        self.assertEqual(self._events().state, "done")

    def test_failed_pushes_are_fetched(self):
        self.state.failed_events.append(
            {"type": "user_modify_org", "payload": {"userId": ["u1"]}, "at": self.state.clock()}
        )
        run = self.connection._start_run("failed_event")
        self._run_jobs("process_runs", "process_events")
        self.env.invalidate_all()
        self.assertEqual((run.state, run.created_count), ("done", 1))
        self.assertEqual(self._events().state, "done")
