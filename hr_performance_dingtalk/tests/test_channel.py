from odoo.tests import freeze_time, tagged

from .common import FakeCase

NOTICE = "/topapi/message/corpconversation/asyncsend_v2"


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 05:30:00")
class TestChannel(FakeCase):
    """Notices and to-dos, what became of them, and nothing twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.performance_channel = "dingtalk"
        cls.type = cls.env["hr.performance.message.type"].create(
            {
                "name": "Test",
                "code": "t_dingtalk",
                "placeholders": "text",
                "subject": "News",
                "body": "{text}",
                "urgent": True,
            }
        )

    def setUp(self):
        super().setUp()
        for key in ("u1", "u2"):
            self.state.add_user(key)
        self._map(u1=self.anna, u2=self.bo)
        self._launch()
        self.review = self._review_of(self.anna)
        self.env["hr.performance.message"].search([]).unlink()

    def _queue(self, *items):
        return (
            self.env["hr.performance.message"]
            ._queue(
                "t_dingtalk",
                [
                    {
                        "user": user,
                        "key": key,
                        "record": record,
                        "values": {"text": text},
                        "condition": condition,
                    }
                    for user, key, record, text, condition in items
                ],
            )
            .sudo()
        )

    def _send(self):
        with self.enter_registry_test_mode():
            self.env.ref("hr_performance.ir_cron_send_messages").method_direct_trigger()
        self.env.invalidate_all()

    def _notices(self):
        return list(self.state.notices.values())

    def test_card_opens_the_page_signed_in(self):
        message = self._queue((self.anna.user_id, "a", self.review, "Your goals", None))
        self._send()
        (notice,) = self._notices()
        card = notice.message["action_card"]
        self.assertIn("Your goals", card["markdown"])
        self.assertIn("dingtalk%2F" + self.connection.key, card["single_url"])
        self.assertIn(f"review%252F{self.review.id}", card["single_url"])
        self.assertEqual(notice.delivered, ["u1"])
        self.assertIn(message.state, ("accepted", "sent"))

    def test_outcome_is_fetched(self):
        message = self._queue((self.anna.user_id, "a", None, "Hello", None))
        self._send()
        self._send()
        self.assertEqual(message.state, "sent")

    def test_silent_refusal_is_shown(self):
        self.state.person_day_limit = 0
        message = self._queue((self.anna.user_id, "a", None, "Hello", None))
        self._send()
        self._send()
        self.assertEqual(message.state, "failed")
        self.assertIn("too many notices today", message.reason)

    def test_same_words_about_two_records_both_arrive(self):
        other = self._review_of(self.bo)
        messages = self._queue(
            (self.anna.user_id, "a", self.review, "Please look", None),
            (self.anna.user_id, "b", other, "Please look", None),
        )
        self._send()
        self._send()
        self.assertEqual(messages.mapped("state"), ["sent", "sent"])

    def test_same_text_to_many_is_one_call(self):
        self._queue(
            (self.anna.user_id, "a", None, "For all", None),
            (self.bo.user_id, "a", None, "For all", None),
        )
        self._send()
        self.assertEqual(len(self.state.calls(NOTICE)), 1)

    def test_who_is_not_mapped_is_told_otherwise(self):
        message = self._queue((self.carl.user_id, "a", None, "Hello", None))
        self._send()
        self.assertFalse(self._notices())
        self.assertNotEqual(message.channel, "dingtalk")

    def test_a_write_without_answer_is_unknown_and_not_repeated(self):
        self.state.fault(NOTICE, "reset_after")
        message = self._queue((self.anna.user_id, "a", None, "Hello", None))
        self._send()
        self.assertEqual(message.state, "unknown")
        self._send()
        self.assertEqual(len(self._notices()), 1)

    def test_quota_is_respected(self):
        self.connection.budget = 1
        self.env["hr.performance.im.usage"].create(
            {"connection_id": self.connection.id, "month": "2026-04-01", "calls": 1}
        )
        message = self._queue((self.anna.user_id, "a", None, "Hello", None))
        self._send()
        self.assertEqual(message.state, "failed")
        self.assertIn("used up", message.reason)
        self.assertFalse(self.state.calls(NOTICE))

    def test_text_of_any_length_fits(self):
        message = self._queue((self.anna.user_id, "a", None, "很长" * 3000, None))
        self._send()
        self._send()
        self.assertEqual(message.state, "sent")

    # To-dos

    def test_task_ends_when_the_step_is_done(self):
        self.type.dingtalk_todo = True
        condition = [["state", "=", self.review.state]]
        message = self._queue((self.anna.user_id, "a", self.review, "Confirm", condition))
        self._send()
        self.assertEqual(message.state, "sent")
        (todo,) = self.state.todos.values()
        self.assertFalse(todo["done"])
        self._read("todo")
        self.assertFalse(todo["done"])
        self._move_to(self.review, "progress")
        run = self._read("todo")
        self.assertEqual((run.state, run.changed_count), ("done", 1))
        (todo,) = self.state.todos.values()
        self.assertTrue(todo["done"])
        run = self._read("todo")
        self.assertEqual(run.changed_count, 0)

    def test_task_without_answer_is_not_made_twice(self):
        self.type.dingtalk_todo = True
        condition = [["state", "=", self.review.state]]
        self.state.fault("/v1.0/todo/users/{union}/tasks", "reset_after")
        self._queue((self.anna.user_id, "a", self.review, "Confirm", condition))
        self._send()
        self.assertEqual(len(self.state.todos), 1)
