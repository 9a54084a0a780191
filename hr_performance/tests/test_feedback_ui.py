from odoo.tests import tagged

from .test_ui import UiCase


@tagged("post_install", "-at_install")
class TestFeedbackFlow(UiCase):
    """The loop in the browser: feedback, plan, check-in; asked and answered."""

    def setUp(self):
        super().setUp()
        self._add_facts(self.anna, self.visits, 8)
        self._launch()
        self._review_of(self.anna)._refresh()

    def test_feedback_becomes_a_plan(self):
        self.start_tour(
            "/odoo/performance-feedback-given", "hr_performance_feedback_give", login="perf_manager"
        )
        plan = self.env["hr.performance.plan"].search([])
        self.assertRecordValues(
            plan,
            [
                {
                    "employee_id": self.anna.id,
                    "metric_id": self.visits.id,
                    "target": 20,
                    "before": 8,
                    "state": "running",
                }
            ],
        )
        self.assertEqual(plan.feedback_id.rating, "2")
        self.start_tour(
            "/odoo/performance-feedback", "hr_performance_feedback_read", login="perf_anna"
        )
        self.assertEqual(plan.feedback_id.reply, "I will")
        self.assertEqual(plan.step_ids.checkin_ids.user_id, self.anna.user_id)
        self.assertEqual(plan.note_ids.text, "It helps")

    def test_given_from_the_chatter_of_a_record(self):
        """The person is the one responsible for the record; the record is linked."""
        self.env["hr.performance.feedback.model"].create(
            {"model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        partner = self.env["res.partner"].create(
            {"name": "Fair Ltd", "user_id": self.anna.user_id.id}
        )
        self.start_tour(
            f"/odoo/res.partner/{partner.id}",
            "hr_performance_feedback_chatter",
            login="perf_manager",
        )
        feedback = self.env["hr.performance.feedback"].search([])
        self.assertRecordValues(
            feedback,
            [{"employee_id": self.anna.id, "res_id": partner.id, "source_name": "Fair Ltd"}],
        )

    def test_asked_and_answered(self):
        self.start_tour(
            "/odoo/performance-feedback-requests", "hr_performance_feedback_ask", login="perf_anna"
        )
        self.start_tour(
            "/odoo/performance-feedback-requests",
            "hr_performance_feedback_answer",
            login="perf_bo",
        )
        feedback = self.env["hr.performance.feedback"].search([])
        self.assertRecordValues(
            feedback, [{"giver_id": self.bo.user_id.id, "employee_id": self.anna.id}]
        )
        self.assertEqual(feedback.request_id.state, "answered")
