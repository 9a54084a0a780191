from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.hr_performance.tests.common import PERIOD

from .common import AttendanceCase


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 04:00:00")
class TestAttendanceRule(AttendanceCase):
    """More than 3 late arrivals in the month: minus 10 % of the score, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.works_template = cls.env["hr.performance.template"].create(
            {
                "name": "Works",
                "company_id": cls.company.id,
                "department_ids": [Command.set(cls.works.ids)],
                "coverage_threshold": 0,
                "line_ids": [
                    Command.create(
                        {
                            "metric_id": cls.quality.id,
                            "weight": 100,
                            "target": 5,
                            "method": "rating",
                        }
                    )
                ],
            }
        )
        cls.works_template.action_add_late_rule()
        cls.rule = cls.works_template.rule_ids
        cls.works_program = cls.env["hr.performance.program"].create(
            {
                "name": "Works, monthly",
                "company_id": cls.company.id,
                "date_start": PERIOD[0],
                "department_ids": [Command.set(cls.works.ids)],
            }
        )

    def _score(self, late_days, rating, **rule_vals):
        """Total of a review of March with that many late arrivals."""
        self.rule.write(rule_vals)
        self.works_template.action_set_ready()
        days = self._work_days()
        self._attend(self.carl, days[:late_days], "8:15")
        self._attend(self.carl, days[late_days:])
        cycle = self.works_program._open_cycles([self.works_program._get_period(PERIOD[0])])
        self._launch(cycle)
        review = self._review_of(self.carl, cycle)
        review._transition("confirm_goals") if review.state == "goal" else None
        self._move_to_manager(review)
        self._rate(review, rating)
        review._refresh()
        return review

    def _move_to_manager(self, review):
        moves = {"progress": "start_assessment", "self": "skip_self"}
        while review.state in moves:
            review._transition(moves[review.state])
        self.assertEqual(review.state, "manager")

    def test_three_late_arrivals_cost_nothing(self):
        review = self._score(3, 5)
        self.assertEqual(review.total, 100)
        line = self._line(review, self.late)
        self.assertEqual((line.value, line.points, line.kind), (3, 0, "adjustment"))

    def test_four_cost_ten_percent_of_100(self):
        review = self._score(4, 5)
        self.assertEqual((review.base_total, review.total), (100, 90))
        self.assertEqual(self._line(review, self.late).points, -10)

    def test_four_cost_ten_percent_of_90(self):
        self.assertEqual(self._score(4, 4.5).total, 81)

    def test_four_cost_ten_points(self):
        self.assertEqual(self._score(4, 4.5, effect="points").total, 80)

    def test_more_late_arrivals_cost_no_more(self):
        self.assertEqual(self._score(9, 5).total, 90)

    def test_each_further_one_where_hr_says_so(self):
        self.assertEqual(self._score(6, 5, repeat="each").total, 70)

    def test_without_attendance_the_rule_is_not_applied_and_says_so(self):
        self.works_template.action_set_ready()
        cycle = self.works_program._open_cycles([self.works_program._get_period(PERIOD[0])])
        self._launch(cycle)
        review = self._review_of(self.carl, cycle)
        review._refresh()
        line = self._line(review, self.late)
        self.assertFalse(line.measured)
        self.assertIn("The rule is not applied", str(line.explanation))

    def test_late_arrival_excused_after_the_fact(self):
        """The fourth late arrival turns out to be a morning off: the deduction goes."""
        review = self._score(4, 5)
        self._leave(
            self._utc(date(2026, 3, 2), "8:00"), self._utc(date(2026, 3, 2), "8:30"), self.carl
        )
        review._refresh()
        self.assertEqual((self._line(review, self.late).value, review.total), (3, 100))


@tagged("post_install", "-at_install")
class TestReadyMadeRule(AttendanceCase):
    def _create_template(self):
        return self.env["hr.performance.template"].create({"name": "Office"})

    def test_one_click_adds_a_copy(self):
        template = self._create_template().with_user(self.hr_admin)
        self.assertFalse(template.has_late_rule)
        template.action_add_late_rule()
        ready = self.env.ref("hr_performance_attendance.template_rule_late")
        self.assertNotEqual(template.rule_ids, ready)
        self.assertRecordValues(
            template.rule_ids,
            [
                {
                    "name": "More than 3 late arrivals",
                    "metric_id": self.late.id,
                    "comparison": ">",
                    "threshold": 3,
                    "amount": -10,
                    "effect": "percent",
                    "repeat": "once",
                }
            ],
        )
        self.assertTrue(template.has_late_rule)
        template.rule_ids.amount = -20
        self.assertEqual(ready.amount, -10)

    def test_a_second_click_adds_nothing(self):
        template = self._create_template()
        template.action_add_late_rule()
        template.action_add_late_rule()
        self.assertEqual(len(template.rule_ids), 1)

    def test_what_hr_set_as_the_companys_rule_is_copied(self):
        self.env.ref("hr_performance_attendance.template_rule_late").threshold = 5
        template = self._create_template()
        template.action_add_late_rule()
        self.assertEqual(template.rule_ids.threshold, 5)
