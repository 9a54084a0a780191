from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .phone_common import PhoneCase

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@tagged("post_install", "-at_install")
class TestPhoneAppeal(PhoneCase):
    """The appeal as employee, manager and HR on the phone; the interview acknowledged there."""

    def setUp(self):
        super().setUp()
        self._add_facts(self.anna, self.visits, 16)
        self._launch()
        self.review = self._review_of(self.anna)
        self._move_to(self.review, "published")
        self.line = self._line(self.review, self.quality)
        # the window is open today, whenever the test runs
        step = self.cycle.step_ids.filtered(lambda step: step.code == "appeal")
        step.deadline = self.company._get_performance_today() + timedelta(days=3)
        self.env.flush_all()

    def test_from_the_appeal_to_the_changed_result(self):
        page = self._open(f"/performance/review/{self.review.id}", "perf_anna")
        path = f"/performance/review/{self.review.id}/appeal"
        self.assertIn(f'href="{path}"', page)
        answer = self._send(path, "submit", line_id=str(self.line.id), reason=" ")
        self.assertRefused(answer, "Say what is wrong")
        answer = self._send(
            path,
            "submit",
            line_id=str(self.line.id),
            reason="The album was praised",
            files=[("files", ("letter.png", PNG, "image/png"))],
        )
        appeal = self.review.appeal_ids
        own = f"/performance/appeal/{appeal.id}"
        page = self.assertTaken(answer, own)
        self.assertIn("With the Manager", page)
        self.assertIn("letter.png", page)
        self.assertEqual(appeal.state, "submitted")

        page = self._open("/performance", "perf_manager")
        self.assertIn("Answer the appeal of Anna", page)
        page = self._open(own)
        self.assertIn("The album was praised", page)
        self.assertRefused(self._send(own, "changed", answer="It counts"), "new value")
        value = {f"value_{self.line.id}": "5"}
        self.assertRefused(self._send(own, "changed", **value), "Give the reason")
        self.assertTaken(self._send(own, "changed", answer="It counts", **value), own)
        self.assertEqual(self.review.total, 88)

        page = self._open("/performance", "perf_anna")
        self.assertIn("Your appeal is answered", page)
        self.assertIn("It counts", self._open(own))
        self.assertTaken(self._send(own, "take_to_hr", text="The visits as well"), own)
        page = self._open(own, "perf_hr")
        self.assertIn("The visits as well", page)
        self.assertTaken(self._send(own, "upheld", answer="We looked at it"), own)
        self.assertRecordValues(appeal, [{"state": "closed", "outcome": "changed"}])
        self.assertIn("We looked at it", self._open(own, "perf_anna"))

    def test_pages_of_others(self):
        appeal = (
            self.env["hr.performance.appeal"]
            .with_user(self.anna.user_id)
            .create({"review_id": self.review.id, "reason": "x"})
        )
        for login in ("perf_bo", "perf_carl", "perf_manager"):
            self._open(f"/performance/appeal/{appeal.id}", login, status=404)
        appeal.action_submit()
        self.env.flush_all()
        for login in ("perf_bo", "perf_carl"):
            self._open(f"/performance/appeal/{appeal.id}", login, status=404)
            self._open(f"/performance/review/{self.review.id}/appeal", login, status=404)
        # the manager reads it, and does not write one in her name
        page = self._open(f"/performance/appeal/{appeal.id}", "perf_manager")
        self._open(f"/performance/review/{self.review.id}/appeal", status=404)
        answer = self._send(f"/performance/appeal/{appeal.id}", "withdraw", page=page)
        self.assertRefused(answer, "not entitled")
        page = self._open(f"/performance/appeal/{appeal.id}", "perf_anna")
        answer = self._send(f"/performance/appeal/{appeal.id}", "upheld", page=page, answer="Yes")
        self.assertRefused(answer, "not entitled")

    def test_interview(self):
        interview = (
            self.env["hr.performance.interview"]
            .with_user(self.manager.user_id)
            .create(
                {
                    "review_id": self.review.id,
                    "start": fields.Datetime.now() - timedelta(hours=2),
                    "private_note": "I doubt that she stays",
                    "notes": "<p>Fewer dates</p>",
                }
            )
        )
        self.env.flush_all()
        path = f"/performance/interview/{interview.id}"
        page = self._open(path, "perf_anna")
        self.assertIn("Visits", page)
        self.assertNotIn("I doubt", page)
        self.assertTaken(self._send(path, "save_topics", topics="Retouching"), path)
        self.assertEqual(interview.employee_topics, "Retouching")
        interview.action_hold()
        self.env.flush_all()
        self.assertIn("Acknowledge your interview", self._open("/performance"))
        page = self.assertTaken(self._send(path, "acknowledge", comment="Fine"), path)
        self.assertNotIn("I doubt", page)
        self.assertRecordValues(interview, [{"state": "acknowledged", "employee_comment": "Fine"}])
        self._open(path, "perf_bo", status=404)
        self.assertNotIn("I doubt", self._open(path, "perf_hr"))
