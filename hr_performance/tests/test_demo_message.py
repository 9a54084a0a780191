from odoo.tests import freeze_time, tagged

from .test_demo import TODAY, DemoCase


@tagged("post_install", "-at_install")
class TestDemoMessage(DemoCase):
    """What the people of the demo company were told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.load("cycle")

    def _told(self, login):
        """``{type: messages}`` of what somebody was or will be told."""
        user = self.env.ref(f"hr_performance.user_{login}")
        messages = self.env["hr.performance.message"].search(
            [("user_id", "=", user.id), ("create_date", ">=", self.env.cr.now())]
        )
        return messages.grouped(lambda message: message.type_id.code)

    def test_targets_manager_and_hr(self):
        running = self.get_cycles()[-1]
        (message,) = self._told("zhang_wei")["cycle_started"]
        self.assertEqual(message.state, "sent")
        self.assertEqual(message.res_id, self.get_review(running, "zhang_wei").id)
        digest = self._told("zhou_qiang")["digest"]
        self.assertEqual((len(digest), digest.state), (1, "sent"))
        self.assertGreater(len(digest.part_ids), 1)
        waiting = {m.state for messages in self._told("chen_jing").values() for m in messages}
        self.assertEqual(waiting, {"waiting"})
        self.assertEqual(self.company.performance_quiet_from, 20)

    def test_made_anew_nobody_is_told_twice(self):
        """An app that comes later makes the months anew, and nobody is asked again."""

        def get_counts():
            own = [("company_id", "=", self.company.id)]
            models = ("hr.performance.message", "hr.performance.poll")
            counts = [self.env[model].search_count(own) for model in models]
            people = self.env["res.users"].search(own).partner_id
            told = [("notified_partner_ids", "in", people.ids)]
            return [*counts, self.env["mail.message"].search_count(told)]

        before = get_counts()
        self.env["hr.performance.demo"]._load()
        self.assertEqual(get_counts(), before)
