from datetime import timedelta

from odoo.tests import tagged

from .test_ui import UiCase


@tagged("post_install", "-at_install")
class TestAppealFlow(UiCase):
    """An employee disputes a line, the manager changes it, HR has the last word."""

    def test_employee_manager_and_hr(self):
        self._add_facts(self.anna, self.visits, 16)
        self._launch()
        review = self._review_of(self.anna)
        self._move_to(review, "published")
        step = self.cycle.step_ids.filtered(lambda step: step.code == "appeal")
        step.deadline = self.company._get_performance_today() + timedelta(days=3)

        self.start_tour("/odoo/my-performance", "hr_performance_appeal_write", login="perf_anna")
        appeal = review.appeal_ids
        self.assertRecordValues(
            appeal, [{"state": "submitted", "line_id": self._line(review, self.quality).id}]
        )
        self.start_tour(
            "/odoo/performance-team-appeals", "hr_performance_appeal_answer", login="perf_manager"
        )
        self.assertRecordValues(appeal, [{"state": "answered", "outcome": "changed"}])
        self.assertEqual(review.total, 88)
        self.start_tour("/odoo/my-performance", "hr_performance_appeal_second", login="perf_anna")
        self.start_tour("/odoo/performance-appeals", "hr_performance_appeal_close", login="perf_hr")
        self.assertRecordValues(
            appeal,
            [
                {
                    "state": "closed",
                    "outcome": "changed",
                    "second_by_id": self.hr_user.id,
                    "second_answer": "We looked at every visit.",
                }
            ],
        )
