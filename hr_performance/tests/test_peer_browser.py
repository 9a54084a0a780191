from odoo.tests import tagged

from .peer_common import PeerCase
from .test_ui import UiCase


@tagged("post_install", "-at_install")
class TestPeerBrowser(UiCase, PeerCase):
    """The loop of a 360° review in a browser, as employee, manager, peer and HR."""

    def setUp(self):
        super(PeerCase, self).setUp()
        self.poll.write(
            {"opens_on": "2026-01-01", "due_on": "2099-01-01", "closes_on": "2099-01-01"}
        )
        other = self.cycle.poll_ids - self.poll
        other.write({"opens_on": "2098-01-01", "due_on": "2099-01-01", "closes_on": "2099-01-01"})

    def test_loop(self):
        self.start_tour("/odoo/my-360", "hr_performance_peer_propose", login="perf_anna")
        self.assertEqual(self.poll.invitation_ids.state, "proposed")
        self.start_tour(
            "/odoo/performance-360-people", "hr_performance_peer_approve", login="perf_manager"
        )
        self.assertEqual(self.poll.invitation_ids.state, "approved")
        self._answer_on_screen("perf_bo")
        self._invite(self.dora, self.emil)
        for person in (self.dora, self.emil):
            self._answer(person, 4)
        self.poll.sudo().write({"state": "closing"})
        self.poll._count()
        self.env.flush_all()
        form = f"/odoo/performance-team/{self.review.id}"
        self.start_tour(form, "hr_performance_peer_result", login="perf_manager")

    def _answer_on_screen(self, login):
        self.start_tour("/odoo/performance-answer", "hr_performance_peer_answer", login=login)


@tagged("post_install", "-at_install")
class TestPeerBrowserPhone(TestPeerBrowser):
    browser_size = "360x740"
    touch_enabled = True

    def test_loop(self):
        self._invite(self.bo)
        self._answer_on_screen("perf_bo")
