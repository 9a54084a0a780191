from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .import_common import ImportCase

HEADERS = ["Work Email", "指标", "目标值"]


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestImportGoal(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cycle.with_user(cls.hr_user).action_launch()
        cls.review = cls.cycle.review_ids.filtered(lambda r: r.employee_id == cls.anna)

    def _upload(self, rows, target="goal", **options):
        return super()._upload(rows, target=target, **{"cycle_id": self.cycle.id, **options})

    def _visits(self, employee=None):
        return self._line(self._review_of(employee or self.anna), self.visits)

    def _assert_refused(self, row, message, **options):
        good = ["bo@bright.example", "t_visits", "31"]
        wizard = self._check([HEADERS, good, row], **options)
        self.assertEqual(wizard.bad_count, 1)
        self.assertEqual(wizard.changed_count, 1, "a bad row stops no other row")
        self.assertRegex(self._problems(wizard)[0][3], message)

    def test_columns_are_guessed(self):
        wizard = self._upload([HEADERS, ["a", "b", "1"]])
        self.assertEqual(wizard.column_ids.mapped("goal_role"), ["email", "metric", "target"])

    def test_targets_are_set_and_scored(self):
        self._add_facts(self.anna, self.visits, 15)
        self.review._refresh()
        self.assertEqual(self._visits().points, 45.0)
        wizard = self._import([HEADERS, ["anna@bright.example", "t_visits", "30"]])
        self.assertEqual(self._counts(wizard), (0, 1, 0, 0))
        expected = [{"target": 30.0, "base_target": 30.0, "points": 30.0}]
        self.assertRecordValues(self._visits(), expected)
        self.assertEqual(self._visits(self.bo).target, 20.0)

    def test_employee_reads_who_changed_his_target(self):
        self._import([HEADERS, ["anna@bright.example", "t_visits", "30"]], filename="goals.csv")
        message = self.review.with_user(self.anna.user_id).message_ids[0]
        self.assertRegex(message.body, r"goals.csv.*Visits: 30 \(was 20\)")
        self.assertEqual(message.author_id, self.hr_user.partner_id)

    def test_target_outlives_the_end_of_the_period(self):
        self._import([HEADERS, ["anna@bright.example", "t_visits", "30"]])
        self._move_to(self.review, "manager")
        self.assertEqual(self._visits().target, 30.0)

    def test_target_is_reduced_for_a_part_of_the_period(self):
        self.review.participation = 0.5
        self._import([HEADERS, ["anna@bright.example", "t_visits", "30"]])
        self.assertRecordValues(self._visits(), [{"target": 15.0, "base_target": 30.0}])

    def test_wide_file(self):
        rows = [["姓名", "T_VISITS", "Quality"], ["Anna", "30", ""], ["Bo", "", "4"]]
        wizard = self._import(rows)
        self.assertEqual(self._counts(wizard), (0, 2, 0, 0))
        self.assertEqual(self._visits().target, 30.0)
        self.assertEqual(self._line(self._review_of(self.bo), self.quality).target, 4.0)

    def test_same_file_twice_changes_nothing(self):
        rows = [HEADERS, ["anna@bright.example", "t_visits", "30"]]
        self._import(rows)
        messages = self.review.message_ids
        self.assertEqual(self._counts(self._import(rows)), (0, 0, 1, 0))
        self.assertEqual(self.review.message_ids, messages)

    def test_bad_rows(self):
        anna = "anna@bright.example"
        cases = [
            (["nobody", "t_visits", "1"], "no such employee"),
            ([anna, "nothing", "1"], "no such metric"),
            ([anna, "t_late", "1"], "no line for this metric"),
            (["carl@bright.example", "t_visits", "1"], "no review in this cycle"),
            ([anna, "t_visits", "x"], "no number"),
            ([anna, "t_visits", "50%"], "percent"),
            ([anna, "t_quality", "0"], "cannot work"),
            (["bo@bright.example", "t_visits", "9"], "Row 2"),
        ]
        for row, message in cases:
            with self.subTest(row=row):
                self._assert_refused(row, message)

    def test_targets_of_a_period_that_is_over_stand(self):
        self._move_to(self.review, "manager")
        self._assert_refused(["anna@bright.example", "t_visits", "1"], "past the running period")

    def test_own_target_is_refused(self):
        self.anna.user_id.group_ids += self.env.ref("hr_performance.group_hr_performance_user")
        row = ["anna@bright.example", "t_visits", "1"]
        self._assert_refused(row, "somebody else", user=self.anna.user_id)

    def test_mapping_is_checked(self):
        rows = [HEADERS, ["anna@bright.example", "t_visits", "30"]]
        cases = [
            ({"cycle_id": False}, {}, "Choose the cycle"),
            ({}, {"目标值": False}, "column with the target"),
            ({}, {"指标": False}, "names the metric"),
        ]
        for vals, changes, message in cases:
            with self.subTest(message=message):
                wizard = self._upload(rows, **vals)
                for header, role in changes.items():
                    self._column(wizard, header).goal_role = role
                with self.assertRaisesRegex(UserError, message):
                    wizard.action_check()

    def test_cycle_of_another_company(self):
        program = self.program.copy({"company_id": self.other_company.id, "department_ids": False})
        cycle = program._open_cycles([program._get_period(date(2026, 3, 1))])
        wizard = self._upload([HEADERS, ["anna@bright.example", "t_visits", "30"]])
        wizard.sudo().cycle_id = cycle
        wizard.env.invalidate_all()
        with self.assertRaises(UserError):
            wizard.action_check()

    def test_only_hr_imports(self):
        with self.assertRaises(AccessError):
            self._upload([HEADERS, ["a", "b", "1"]], user=self.manager.user_id)
