import re

from odoo.tests import tagged

from .phone_common import PhoneCase


@tagged("post_install", "-at_install")
class TestPhonePeer(PhoneCase):
    """Answering on the phone, and one's own data there; the dates reach into today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.peer_used = True
        cls.cycle._launch()
        cls.review = cls.cycle.review_ids.filtered(lambda r: r.employee_id == cls.anna)
        cls.poll = cls.review.poll_ids
        cls.poll.write(
            {"opens_on": "2026-01-01", "due_on": "2099-01-01", "closes_on": "2099-01-01"}
        )
        cls.ballot = cls.env["hr.performance.ballot"].search(
            [("poll_id", "=", cls.poll.id), ("user_id", "=", cls.manager.user_id.id)]
        )
        cls.path = f"/performance/answer/{cls.ballot.id}"

    def _post(self, page, **fields):
        data = {name: self._hidden(page, name) for name in ("csrf_token", "form_key")}
        return self.url_open(self.path, data={"do": "send"} | data | fields)

    def test_answer_once_and_leave_no_trace(self):
        self.assertIn(self.path, self._open("/performance", "perf_manager"))
        page = self._open(self.path, "perf_manager")
        ratings = set(re.findall(r'name="(question_\d+)" value="5"', page))
        texts = set(re.findall(r'<textarea name="(question_\d+)"', page))
        self.assertTrue(ratings and texts)
        answer = self._post(page, **{texts.copy().pop(): "  "})
        self.assertEqual(answer.status_code, 422)
        self.assertIn("Answer at least one question", answer.text)
        before = self.env["hr.performance.phone.form"].search_count([])
        answer = self._post(page, **dict.fromkeys(ratings, "4"), **dict.fromkeys(texts, "Fine"))
        self.assertIn("Thank you", answer.text)
        self.assertFalse(self.ballot.exists())
        self.assertEqual(self.env["hr.performance.phone.form"].search_count([]), before)
        answer = self._post(page, **dict.fromkeys(ratings, "1"))
        self.assertIn("You have answered already", answer.text)
        given = self.env["hr.performance.answer"].search([("poll_id", "=", self.poll.id)])
        self.assertEqual(set(given.filtered("rating").mapped("rating")), {4})

    def test_what_was_typed_stays_after_a_refusal(self):
        page = self._open(self.path, "perf_manager")
        rating = re.search(r'name="(question_\d+)" value="5"', page)[1]
        text = re.search(r'<textarea name="(question_\d+)"', page)[1]
        answer = self._post(page, **{rating: "9", text: "Long thoughts"})
        self.assertEqual(answer.status_code, 422)
        self.assertIn("Long thoughts", answer.text)

    def test_page_of_another_does_not_exist(self):
        for login in ("perf_anna", "perf_bo", "perf_admin"):
            self._open(self.path, login, status=404)

    def test_my_data(self):
        self.review.with_user(self.manager.user_id).read(["total"])
        page = self._open("/performance/my-data", "perf_anna")
        self.assertIn("/hr_performance/my_data.zip", page)
        self.assertIn(self.manager.user_id.name, page)

    def test_consent_is_taken_back(self):
        self.program.write({"consent_asked": True, "consent_text": "<p>Figures</p>"})
        Consent = self.env["hr.performance.consent"]
        Consent.with_user(self.anna.user_id).give(self.review.id, 1)
        consent = Consent.search([])
        page = self._open("/performance/my-data", "perf_anna")
        self.path = "/performance/my-data"
        self._post(page, do="withdraw", consent_id=consent.id)
        self.env.invalidate_all()
        self.assertTrue(consent.withdrawn_on)
