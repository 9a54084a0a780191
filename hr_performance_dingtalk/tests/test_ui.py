from datetime import date

from odoo.tests import HttpCase, tagged

from .common import FakeCase


@tagged("post_install", "-at_install")
class TestScreens(FakeCase, HttpCase):
    """Connection, mapping and log in a browser; errors of its scripts fail the test."""

    allow_end_on_form = True

    def setUp(self):
        super().setUp()
        self.env.ref("base.user_root").company_ids |= self.company
        self.hr_admin.tour_enabled = False
        self.anna.barcode = "A001"
        self.state.add_user("u1", "Anna Outside", job_number="A001")
        self.state.add_user("u9", "Nobody Known")
        self._read("people")
        self._map(u2=self.bo)
        run = self._read("attendance", date(2026, 3, 1), date(2026, 3, 7))
        self.assertEqual(run.missing_count, 1)
        self.state.fault("/auth/scopes", "permission", scopes=("qyapi_get_member",), times=None)
        self.connection._test()

    def test_connection(self):
        self.start_tour(
            "/odoo/performance-messengers", "hr_performance_dingtalk_connection", login="perf_admin"
        )

    def test_mapping(self):
        self.start_tour(
            "/odoo/performance-people", "hr_performance_dingtalk_mapping", login="perf_admin"
        )
        self.env.invalidate_all()
        identity = self._identity("u9")
        self.assertEqual((identity.employee_id, identity.matched_by), (self.carl, "hand"))

    def test_log(self):
        self.start_tour("/odoo/performance-runs", "hr_performance_dingtalk_log", login="perf_admin")
