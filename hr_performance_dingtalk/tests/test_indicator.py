from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import FakeCase

PUSH = "/v1.0/agoal/indicator/data/push"


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 05:30:00")
class TestIndicators(FakeCase):
    """Published results of a period as one number in DingTalk, once, and corrected."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dora = cls._create_employee("dora", cls.sales, cls.manager)
        for number, person in enumerate((cls.anna, cls.bo, cls.dora), 1):
            cls._add_facts(person, cls.visits, 5 * number)
        cls._launch(cls)
        above = (cls.director, cls.manager)
        for review in cls.cycle.review_ids.filtered(lambda review: review.employee_id in above):
            review.with_user(cls.hr_user)._transition("cancel", reason="Not reviewed")
        cls.reviews = cls.cycle.review_ids.filtered(lambda review: review.state != "cancelled")
        cls.indicator = cls.env["hr.performance.dingtalk.indicator"].create(
            {
                "connection_id": cls.connection.id,
                "name": "Score",
                "code": "code_1",
                "program_id": cls.program.id,
            }
        )
        cls.connection.dingtalk_push_indicators = True

    def _publish(self, reviews=None):
        for review in self.reviews if reviews is None else reviews:
            self._move_to(review, "published")

    def _push(self):
        run = self._read("indicator")
        self.assertEqual(run.state, "done", run.error_ids.mapped("message"))
        return run

    @property
    def _sent(self):
        return self.state.indicators.get(("code_1", "MONTH", "2026-03-01 00:00:00"))

    def test_off_unless_wanted(self):
        self._publish()
        self.connection.dingtalk_push_indicators = False
        run = self._read("indicator")
        self.assertEqual((run.state, run.calls_used), ("failed", 0))
        self.assertFalse(self.state.calls(PUSH))
        schedule = self.env["hr.performance.im.schedule"].with_context(active_test=False)
        rows = schedule.search([("kind", "=", "indicator")])
        self.assertFalse(any(rows.mapped("active")))

    def test_average_score_is_sent_once_and_overwritten(self):
        self._publish()
        run = self._push()
        scores = self.reviews.filtered("scored").mapped("total")
        self.assertGreaterEqual(len(scores), 3)
        expected = f"{sum(scores) / len(scores):.4f}".rstrip("0").rstrip(".")
        self.assertEqual((self._sent, run.calls_used), (expected, 1))
        self.assertEqual(self.indicator.value_ids.people, len(scores))
        self.assertEqual(self._push().calls_used, 0)
        self.reviews.filtered("scored")[0].total += 5
        self.env.flush_all()
        self.assertEqual(self._push().calls_used, 1)
        self.assertNotEqual(self._sent, expected)
        self.assertEqual(len(self.indicator.value_ids), 1)

    def test_nothing_before_all_are_published(self):
        self._publish(self.reviews[1:])
        self._push()
        self.assertIsNone(self._sent)
        self._publish(self.reviews[:1])
        self._push()
        self.assertIsNotNone(self._sent)

    def test_what_a_metric_reached_in_a_department(self):
        self.indicator.write(
            {
                "metric_id": self.visits.id,
                "aggregate": "sum",
                "department_id": self.sales.id,
            }
        )
        self._publish()
        self._push()
        lines = self.reviews.line_ids.filtered(lambda line: line.metric_id == self.visits)
        lines = lines.filtered(lambda line: line.is_known)
        self.assertEqual(float(self._sent), sum(lines.mapped("actual")))
        self.indicator.department_id = self.sales_east
        self.indicator.value_ids.unlink()
        self.state.indicators.clear()
        self._push()
        self.assertIsNone(self._sent, "two people would show what each reached")

    def test_a_lost_answer_is_repeated_without_harm(self):
        self._publish()
        self.state.fault(PUSH, "reset_after", times=1)
        self._push()
        self.assertEqual(len(self.state.indicators), 1)
        self.assertEqual(len(self.indicator.value_ids), 1)

    def test_one_that_is_refused_stops_no_other(self):
        self._publish()
        self.indicator.code = "unknown"
        self.env.flush_all()
        other = self.indicator.copy({"code": "code_1"})
        run = self._push()
        self.assertEqual((run.skipped_count, run.error_count), (1, 1))
        self.assertIsNotNone(self._sent)
        self.assertEqual((len(self.indicator.value_ids), len(other.value_ids)), (0, 1))

    def test_budget(self):
        self._publish()
        usage = self.env["hr.performance.im.usage"]._get_budget(self.connection)
        with self.enter_registry_test_mode():
            for _call in range(3):
                usage.take("test")
        self.connection.budget = 3
        self.env.invalidate_all()
        run = self._read("indicator")
        self.assertEqual((run.state, run.planned_calls), ("refused", 1))
        self.assertFalse(self.state.calls(PUSH))

    def test_periods_of_days_are_refused(self):
        with self.assertRaises(ValidationError):
            self.program.copy({"cadence": "custom"}).flush_recordset()
            self.indicator.program_id = self.program.copy({"cadence": "custom"})

    def test_rights(self):
        self.assertTrue(self.indicator.with_user(self.auditor).read(["code"]))
        with self.assertRaises(AccessError):
            self.indicator.with_user(self.auditor).write({"code": "x"})
        for user in (self.anna.user_id, self.manager.user_id):
            with self.assertRaises(AccessError):
                self.indicator.with_user(user).read(["code"])
        with self.assertRaises(AccessError):
            self.indicator.with_user(self.auditor).action_push()
        action = self.indicator.with_user(self.hr_admin).action_push()
        self.assertEqual(action["res_model"], "hr.performance.im.run")
