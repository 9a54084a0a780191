from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from .phone_common import PhoneCase

HOME = "/performance/feedback"


@tagged("post_install", "-at_install")
class TestPhoneFeedback(PhoneCase):
    """Feedback and plans on the phone, by HTTP as a browser sends them."""

    def _last(self, model):
        return self.env[f"hr.performance.{model}"].search([], order="id desc", limit=1)

    def test_give_read_and_answer(self):
        page = self._open(HOME, "perf_manager")
        self.assertIn("No feedback yet", page)
        path = f"{HOME}/give"
        self.assertRefused(self._send(path, "give", text="Good"), "Choose whom")
        refused = self._send(path, "give", person=self.anna.id, text="  ", rating="4")
        self.assertRefused(refused, "Write what was good")
        self.assertIn("checked", refused.text, "what was chosen is kept")
        page = self.assertTaken(
            self._send(
                path,
                "give",
                person=self.anna.id,
                text="Calm with the child",
                rating="4",
                about=f"m{self.quality.id}",
            ),
            f"{HOME}/given",
        )
        self.assertIn("Calm with the child", page)
        given = self._last("feedback")
        self.assertRecordValues(
            given,
            [
                {
                    "employee_id": self.anna.id,
                    "giver_id": self.manager.user_id.id,
                    "rating": "4",
                    "metric_id": self.quality.id,
                }
            ],
        )
        page = self._open(HOME, "perf_anna")
        self.assertIn("★★★★☆", page)
        path = f"{HOME}/{given.id}"
        self.assertTaken(self._send(path, "reply", reply="Thank you"), path)
        self.assertEqual(given.reply, "Thank you")
        self._open(path, "perf_carl", status=404)

    def test_unreleased_feedback_is_not_there_for_the_subject(self):
        self.company.performance_feedback_release = "release"
        self.authenticate("perf_bo", "perf_bo")
        self.assertTaken(self._send(f"{HOME}/give", "give", person=self.anna.id, text="Held back"))
        path = f"{HOME}/{self._last('feedback').id}"
        self.assertNotIn("Held back", self._open(HOME, "perf_anna"))
        self._open(path, status=404)
        self.assertIn("Held back", self._open(f"{HOME}/team", "perf_manager"))
        self.assertTaken(self._send(path, "release"), path)
        self.assertIn("Held back", self._open(HOME, "perf_anna"))

    def test_person_by_name(self):
        self.authenticate("perf_bo", "perf_bo")
        path = f"{HOME}/give"
        self.assertRefused(self._send(path, "give", other="Nobody", text="x"), "Nobody is called")
        self.assertTaken(self._send(path, "give", other="carl", text="Found it at once"))
        self.assertEqual(self._last("feedback").employee_id, self.carl)

    def test_ask_and_answer(self):
        self.authenticate("perf_anna", "perf_anna")
        self.assertIn("Nobody is asked", self._open(f"{HOME}/requests"))
        self.assertRefused(self._send(f"{HOME}/ask", "ask", question="?"), "Choose whom to ask")
        page = self.assertTaken(
            self._send(
                f"{HOME}/ask",
                "ask",
                person=[self.bo.id, self.manager.id],
                question="How was the fair?",
            ),
            f"{HOME}/requests",
        )
        self.assertIn("How was the fair?", page)
        asked = self.env["hr.performance.feedback.request"].search(
            [("giver_id", "=", self.bo.user_id.id)]
        )
        self.assertEqual(len(self.env["hr.performance.feedback.request"].search([])), 2)
        page = self._open("/performance", "perf_bo")
        self.assertIn("Feedback on Anna", page)
        path = f"{HOME}/request/{asked.id}"
        self.assertTaken(self._send(path, "answer", text="Well prepared", rating="5"))
        self.assertEqual(asked.state, "answered")
        self.assertNotIn("Feedback on Anna", self._open("/performance"))
        other = self.env["hr.performance.feedback.request"].search([("state", "=", "asked")])
        self.authenticate("perf_manager", "perf_manager")
        self.assertTaken(
            self._send(f"{HOME}/request/{other.id}", "decline", decline_reason="I was away")
        )
        self.assertIn("I was away", self._open(f"{HOME}/request/{other.id}", "perf_anna"))
        self._open(path, "perf_carl", status=404)

    def test_a_plan_of_ones_own(self):
        self.authenticate("perf_anna", "perf_anna")
        self.assertIn("What do you want to get better at?", self._open("/performance/plans"))
        answer = self._send(
            "/performance/plans/new", "create", name="Learn lighting", steps="Course\n\nPractise"
        )
        plan = self._last("plan")
        path = f"/performance/plan/{plan.id}"
        self.assertTaken(answer, path)
        self.assertEqual(
            (plan.state, plan.step_ids.mapped("name")), ("running", ["Course", "Practise"])
        )
        self.assertIn("Course", self._open("/performance"), "due today")
        step = plan.step_ids[0]
        self.assertTaken(self._send(path, "check_in", step=step.id, note="Two hours"), path)
        self.assertEqual(step.checkin_ids.note, "Two hours")
        self.assertTaken(self._send(path, "note", text="It is fun"), path)
        self.assertRefused(self._send(path, "recover"), "decides")
        self._open(path, "perf_carl", status=404)
        page = self._open(path, "perf_manager")
        self.assertIn("It is fun", page)
        self.assertRefused(self._send(path, "end"), "conclusion")
        self.assertTaken(self._send(path, "recover", closing_note="Well done"), path)
        self.assertEqual((plan.state, plan.closing_note), ("recovered", "Well done"))

    def test_value_entered_and_step_of_somebody_else(self):
        with freeze_time("2026-05-02 02:00:00"):
            plan = (
                self.env["hr.performance.plan"]
                .with_user(self.manager.user_id)
                .create(
                    {
                        "name": "Quality",
                        "employee_id": self.anna.id,
                        "metric_id": self.quality.id,
                        "target": 4,
                        "date_start": "2026-04-02",
                        "date_end": "2026-12-31",
                        "step_ids": [
                            Command.create(
                                {
                                    "name": "Look over the pictures",
                                    "user_id": self.carl.user_id.id,
                                    "repeat": "daily",
                                    "date_start": "2026-04-02",
                                }
                            )
                        ],
                    }
                )
            )
            plan.action_start()
        path = f"/performance/plan/{plan.id}"
        point = plan.checkpoint_ids.filtered(lambda p: p.date_from.month == 4)
        self.authenticate("perf_manager", "perf_manager")
        self.assertRefused(
            self._send(path, "enter", checkpoint=point.id, value="x"), "not a number"
        )
        self.assertTaken(self._send(path, "enter", checkpoint=point.id, value="4,5"), path)
        self.assertEqual((point.value, point.measured), (4.5, True))
        self.assertNotIn('name="checkpoint"', self._open(path, "perf_anna"))
        self._open(path, "perf_carl", status=404)
        step = f"/performance/plan/step/{plan.step_ids.id}"
        self.assertIn(step, self._open("/performance"))
        self.assertTaken(self._send(step, "check_in"), step)
        self.assertEqual(plan.step_ids.checkin_ids.user_id, self.carl.user_id)
        self._open(step, "perf_bo", status=404)
