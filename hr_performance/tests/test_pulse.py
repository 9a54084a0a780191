from odoo.exceptions import AccessError
from odoo.tests import BaseCase, freeze_time, tagged

from odoo.addons.hr_performance.tools.effort import saved_share

from .peer_common import PeerCase


class TestToolsEffort(BaseCase):
    def test_saved_share(self):
        """WC-16: five days before, one day now."""
        self.assertEqual(saved_share(5, 1), 80)
        self.assertIsNone(saved_share(0, 1), "unknown before is not nothing before")
        self.assertIsNone(saved_share(5, 0))
        self.assertEqual(saved_share(1, 2), -100)


@tagged("post_install", "-at_install")
class TestPulse(PeerCase):
    """Seven people of two departments, after their results are published."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.write({"pulse_used": True, "peer_used": False, "hr_days_before": 5})
        cls.questions = cls.env["hr.performance.question"].search([("usage", "=", "pulse")])
        cls.fair = cls.env.ref("hr_performance.hr_performance_question_pulse_fair")
        cls.text = cls.env.ref("hr_performance.hr_performance_question_pulse_text")

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time("2026-04-10 04:00:00"))
        self.reviews.sudo()._set_state("published")
        self._run()
        self.pulse = self.cycle.pulse_id

    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref("hr_performance.ir_cron_polls").method_direct_trigger()
        self.env.invalidate_all()

    def _say(self, person, rating, text=None):
        answers = {self.fair.id: rating} | ({self.text.id: text} if text else {})
        self._ballot(person, self.pulse).cast(answers)

    def test_opened_once_for_everybody_with_a_result(self):
        self.assertEqual(self.pulse.invited_count, len(self.reviews))
        self._run()
        pulses = self.cycle.poll_ids.filtered(lambda p: p.kind == "pulse")
        self.assertEqual(pulses, self.pulse)
        ballots = self.env["hr.performance.ballot"].with_user(self.anna.user_id).get_my_ballots()
        (ballot,) = [b for b in ballots if b["kind"] == "pulse"]
        self.assertEqual(len(ballot["questions"]), 5)
        self.assertFalse(ballot["is_named"])

    def test_departments_above_the_minimum_beside_the_dispute_rate(self):
        for person, rating in ((self.anna, 2), (self.bo, 3), (self.dora, 4)):
            self._say(person, rating, f"Said {rating}")
        self._say(self.director, 5, "Alone")
        self._close(self.pulse)
        results = self.pulse.result_ids
        groups = {r.department_id: r for r in results if r.kind == "group"}
        self.assertEqual((groups[self.sales_east].answers, groups[self.sales_east].average), (3, 3))
        self.assertEqual(groups[self.sales].status, "few")
        total = self._total(self.pulse)
        self.assertEqual((total.average, total.answers), (3, 3), "nothing to subtract")
        texts = results.filtered("text").mapped("text")
        self.assertEqual(set(texts), {"Said 2", "Said 3", "Said 4"})
        summary = self.pulse.with_user(self.hr_user).summary
        self.assertIn("Sales East", summary)
        self.assertIn("0.0 %", summary, "nobody disputed")

    def test_small_departments_are_counted_together(self):
        for person in (self.anna, self.bo):
            self._say(person, 2)
        for person in (self.director, self.manager):
            self._say(person, 4)
        self._close(self.pulse)
        pool = self.pulse.result_ids.filtered(lambda r: r.kind == "group" and r.status == "shown")
        self.assertEqual((pool.perspective, pool.answers, pool.average), ("other", 4, 3))
        self.assertIn("Other departments", self.pulse.with_user(self.hr_user).summary)

    def test_effort_and_actions(self):
        self.assertFalse(self.cycle.has_hr_saving)
        self.pulse.with_user(self.hr_user).write(
            {"hr_days": 1, "action_ids": [(0, 0, {"name": "Explain the targets earlier"})]}
        )
        self.assertEqual((self.cycle.hr_days, self.cycle.hr_saving), (1, 80))
        self.assertEqual(self.pulse.action_ids.name, "Explain the targets earlier")

    def test_who_reads_it(self):
        for person in (self.anna, self.bo, self.dora):
            self._say(person, 3)
        self._close(self.pulse)
        action = self.env["hr.performance.pulse.action"].create(
            {"name": "Something", "poll_id": self.pulse.id}
        )
        results = self.pulse.result_ids
        for user in (self.hr_user, self.auditor, self.hr_admin):
            self.assertTrue(results.with_user(user).mapped("average"))
        for user in (self.anna.user_id, self.manager.user_id, self.carl.user_id):
            for records in (self.pulse, results, action):
                self.env.invalidate_all()
                with self.assertRaises(AccessError):
                    records.with_user(user).read(["display_name"])
        with self.assertRaises(AccessError):
            action.with_user(self.auditor).write({"done": True})
        with self.assertRaises(AccessError):
            self.cycle.with_user(self.carl.user_id).action_view_pulse()

    def test_old_cycles_are_not_asked_again(self):
        self.env.cr.execute("DELETE FROM hr_performance_poll WHERE id = %s", [self.pulse.id])
        self.env.invalidate_all()
        with freeze_time("2026-08-01"):
            self._run()
        self.assertFalse(self.cycle.pulse_id)
