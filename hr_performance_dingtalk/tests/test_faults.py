from datetime import date
from unittest.mock import patch

from odoo import fields
from odoo.tests import freeze_time, tagged

from odoo.addons.hr_performance_im.tools import client as im_client

from .common import Abroad, FakeCase

#: One interface of each style of answers, and the check that uses it.
PERSON = ("/topapi/v2/user/get", "Read one person")
REPORT = ("/topapi/attendance/isopensmartreport", "Read the attendance report")
TEMPLATES = ("/v1.0/workflow/processes/managements/templates", "List the approval processes")

REFUSED, BUSY = "refuses a fresh token", "Too many calls"
GONE, LOCKED = "could not be reached", "locked this server out"
#: (fault, its options, what the administrator is advised)
FAULTS = [
    ("qps", {}, BUSY),
    ("quota", {}, "own quota of the month"),
    ("permission", {"scopes": ("Scope.Missing",)}, "Scope.Missing"),
    ("ip", {}, "list of allowed addresses"),
    ("ban_json", {}, LOCKED),
    ("ban_html", {}, GONE),
    ("busy", {}, GONE),
    ("status", {"status": 500}, GONE),
    ("status", {"status": 502}, GONE),
    ("status", {"status": 503}, GONE),
    ("status", {"status": 504}, GONE),
    ("redirect", {}, GONE),
    ("empty", {}, GONE),
    ("html", {}, GONE),
    ("reset", {}, GONE),
    ("silent", {"seconds": 0.4}, GONE),
    ("truncated", {}, GONE),
    ("reset_after", {}, GONE),
    ("silent_after", {"seconds": 0.4}, GONE),
]
OLD_FAULTS = [
    ("token", {"code": "40014"}, REFUSED),
    ("token", {"code": "42001"}, REFUSED),
    ("global_qps", {}, BUSY),
]
NEW_FAULTS = [("token", {}, REFUSED), ("qpm", {}, BUSY)]
#: What passes when it is asked for once more, or is no obstacle.
PASSING = [
    ("token", {}),
    ("qps", {}),
    ("busy", {}),
    ("status", {"status": 502}),
    ("empty", {}),
    ("reset", {}),
    ("truncated", {}),
    ("reset_after", {}),
    ("content_type", {}),
    ("slow", {"seconds": 0.01}),
]


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 05:30:00")
class TestFaults(FakeCase):
    """Every fault of the platform through Odoo, over HTTP: what the administrator is told."""

    def setUp(self):
        super().setUp()
        self.state.add_user("u1")
        self.state.qps = 10**9  # without pauses there are more calls than it takes
        quick = im_client.Policy(tries=2, backoff=0, read=0.2, total=1)
        self.startPatcher(patch.object(im_client, "Policy", lambda: quick))
        no_pause = {"sleep": lambda _seconds: None}
        self.startPatcher(patch.dict(im_client.ApiClient.__init__.__kwdefaults__, no_pause))

    def _test(self):
        with self.enter_registry_test_mode():
            self.connection.with_user(self.hr_admin).action_test()
        self.env.invalidate_all()
        return {check.name: check for check in self.connection.check_ids}

    def test_the_test_of_a_connection_names_each_fault(self):
        cases = [(place, fault) for place in (PERSON, TEMPLATES) for fault in FAULTS]
        cases += [(place, fault) for place in (PERSON, REPORT) for fault in OLD_FAULTS]
        cases += [(TEMPLATES, fault) for fault in NEW_FAULTS]
        for (path, name), (kind, options, advice) in cases:
            with self.subTest(f"{path} {kind} {options}"):
                self.state.faults.clear()
                self.state.fault(path, kind, times=None, **options)
                checks = self._test()
                failed = {check.name for check in checks.values() if not check.passed}
                self.assertEqual((failed, len(checks)), ({name}, 5))
                self.assertIn(advice, checks[name].advice)

    def test_what_passes_is_no_trouble(self):
        self._test()
        for kind, options in PASSING:
            with self.subTest(f"{kind} {options}"):
                self.state.faults.clear()
                self.state.fault(PERSON[0], kind, **options)
                self.assertTrue(all(check.passed for check in self._test().values()))

    def test_a_run_survives_what_passes(self):
        self.state.add_punch("u1", date(2026, 3, 2), "OnDuty", "Late")
        self._map(u1=self.anna)
        self.connection.dingtalk_attendance = "results"
        window = (date(2026, 3, 1), date(2026, 3, 7))
        for kind, options in PASSING:
            with self.subTest(f"{kind} {options}"):
                self.state.faults.clear()
                self.state.fault("/attendance/list", kind, **options)
                run = self._read("attendance", *window)
                self.assertEqual((run.state, run.read_count), ("done", 1), run.note)
        self.assertEqual(len(self.env["hr.performance.dingtalk.punch"].search([])), 1)

    def test_a_run_waits_for_what_does_not_pass(self):
        """It comes back later by itself, and goes on where it was."""
        self.state.fault("/topapi/v2/user/list", "ban_json", times=None)
        run = self._read("people")
        self.assertEqual((run.state, run.attempts), ("running", 1))
        self.assertGreater(run.next_try, fields.Datetime.now())
        self.assertIn(LOCKED, run.error_ids.advice)
        self.state.faults.clear()
        run.next_try = fields.Datetime.now()
        self._run_jobs()
        self.env.invalidate_all()
        self.assertEqual((run.state, run.read_count), ("done", 1))

    def test_pages_that_lie_archive_nobody(self):
        for number in range(2, 300):
            self.state.add_user(f"u{number}")
        run = self._read("people")
        self.assertEqual((run.state, run.read_count), ("done", 299))
        for kind in ("short_page", "empty_page", "repeat_cursor", "no_cursor"):
            with self.subTest(kind):
                self.state.faults.clear()
                self.state.fault("/topapi/v2/user/list", kind)
                self._read("people").action_cancel()
                self.assertFalse(
                    self.env["hr.performance.im.identity"].search([("left_on", "!=", False)])
                )


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 05:30:00")
class TestFaultsAbroad(Abroad, TestFaults):
    """The server and its users are in New York."""
