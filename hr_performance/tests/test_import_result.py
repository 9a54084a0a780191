from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .import_common import ImportCase, to_xlsx

HEADERS = ["姓名", "考核月份", "得分", "等级", "排名", "评语"]


@tagged("post_install", "-at_install")
@freeze_time("2026-04-15")
class TestImportResult(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.excellent = cls.env.ref("hr_performance.grade_excellent")
        cls.cycle.unlink()

    def _upload(self, rows, target="result", **options):
        return super()._upload(rows, target=target, **{"program_id": self.program.id, **options})

    def _reviews(self):
        domain = [("program_id", "=", self.program.id)]
        return self.env["hr.performance.review"].search(domain, order="date_from, id")

    def _assert_refused(self, row, header, message, headers=HEADERS):
        good = ["Bo", "2026-01", "88", "", "", ""]
        wizard = self._check([headers, good, row])
        self.assertEqual(self._counts(wizard), (1, 0, 0, 1), "a bad row stops no other row")
        problem = self._problems(wizard)[0]
        self.assertEqual(problem[:2], (3, header))
        self.assertRegex(problem[3], message)

    # Good files

    def test_columns_are_guessed(self):
        wizard = self._upload([HEADERS, [""] * 5 + ["x"]])
        roles = ["name", "date", "total", "grade", "rank", "comment"]
        self.assertEqual(wizard.column_ids.mapped("result_role"), roles)

    def test_results_become_closed_reviews(self):
        self._import([HEADERS, ["Anna", "2026年1月", "95.5", "", "", "Well done"]])
        review = self._reviews()
        self.assertRecordValues(
            review,
            [
                {
                    "employee_id": self.anna.id,
                    "company_id": self.company.id,
                    "department_id": self.sales_east.id,
                    "manager_id": self.manager.id,
                    "template_id": self.template.id,
                    "state": "closed",
                    "is_imported": True,
                    "scored": True,
                    "total": 95.5,
                    "grade_id": self.excellent.id,
                    "date_from": date(2026, 1, 1),
                    "date_to": date(2026, 1, 31),
                    "rank": 1,
                    "rank_count": 1,
                    "manager_comment": "Well done",
                    "published_by_id": self.hr_user.id,
                }
            ],
        )
        self.assertFalse(review.line_ids)
        self.assertRecordValues(
            review.cycle_id, [{"state": "closed", "date_to": date(2026, 1, 31)}]
        )

    def test_employee_sees_his_history(self):
        rows = [["Anna", "2026-01", "80", "", "", ""], ["Anna", "2026-02", "90", "", "", ""]]
        self._import([HEADERS, *rows])
        as_anna = self.env["hr.performance.review"].with_user(self.anna.user_id)
        history = as_anna.get_my_performance()["history"]
        self.assertEqual([row["score"] for row in history], ["80", "90"])
        review = self._reviews()[0].with_user(self.anna.user_id)
        self.assertIn("elsewhere", review.total_explanation)
        self.assertFalse(self._reviews().with_user(self.carl.user_id)._filtered_access("read"))

    def test_ranks_are_worked_out_where_the_file_has_none(self):
        rows = [["Anna", "2026-01", "80"], ["Bo", "2026-01", "90"], ["Manager", "2026-01", "85"]]
        self._import([HEADERS[:3], *rows])
        ranks = {r.employee_id: (r.rank, r.rank_count) for r in self._reviews()}
        # Anna and Bo work in the same department, their manager in another
        self.assertEqual(ranks, {self.anna: (2, 2), self.bo: (1, 2), self.manager: (1, 1)})

    def test_ranks_of_the_file_go_before(self):
        headers = ["Name", "Month", "Score", "Rank", "People ranked"]
        rows = [["Anna", "2026-01", "80", "7", "40"], ["Bo", "2026-01", "90", "", ""]]
        self._import([headers, *rows])
        self._import([headers[:3], ["Manager", "2026-01", "70"]], filename="more.csv")
        ranks = {r.employee_id: (r.rank, r.rank_count) for r in self._reviews()}
        self.assertEqual(ranks[self.anna], (7, 40))
        self.assertEqual(ranks[self.bo], (1, 2))

    def test_ranks_are_shown_as_the_programme_says(self):
        self.program.rank_display = "none"
        self._import([HEADERS, ["Anna", "2026-01", "80", "", "1", ""]])
        review = self._reviews()
        self.assertRecordValues(review, [{"rank": 0, "full_rank": 1, "rank_display": False}])

    def test_grade_alone_is_a_result(self):
        rows = [HEADERS, ["Anna", "2026-01", "", self.excellent.name, "", ""]]
        self._import(rows)
        expected = [{"scored": False, "total": 0.0, "grade_id": self.excellent.id}]
        self.assertRecordValues(self._reviews(), expected)

    def test_columns_of_metrics_become_lines(self):
        rows = [[*HEADERS[:3], "T_VISITS", "Quality points"], ["Anna", "2026-01", "80", "18", "32"]]
        wizard = self._upload(rows)
        self.assertEqual(self._column(wizard, "T_VISITS").result_role, "metric_value")
        column = self._column(wizard, "Quality points")
        column.write({"result_role": "metric_points", "metric_id": self.quality.id})
        wizard.action_check()
        wizard.action_import()
        review = self._reviews()
        visits, quality = (self._line(review, m) for m in (self.visits, self.quality))
        self.assertRecordValues(
            visits + quality,
            [
                {"value": 18.0, "measured": True, "points": 0.0, "scored": False, "weight": 0.0},
                {"value": 0.0, "measured": False, "points": 32.0, "scored": True, "weight": 0.0},
            ],
        )
        self.assertEqual(visits._explain(), [("Imported", "18")])
        self.assertEqual(quality._explain(), [("Points", "32")])
        self.assertFalse(visits.target_display)
        self.assertFalse(review.strength_ids + review.weakness_ids)
        self.assertIn("18", visits.explanation)
        self.assertFalse(visits.has_difference)
        self.assertFalse(review.has_correction)

    def test_same_file_twice_changes_nothing(self):
        rows = [[*HEADERS, "T_VISITS"], ["Anna", "2026-01", "80", "", "2", "Good", "18"]]
        self._import(rows)
        names = ["total", "full_rank", "grade_id", "write_date", "message_ids"]
        before, lines = self._reviews().read(names), self._reviews().line_ids.ids
        again = self._import(rows)
        self.assertEqual(self._counts(again), (0, 0, 1, 0))
        self.assertEqual(self._reviews().read(names), before)
        self.assertEqual(self._reviews().line_ids.ids, lines)

    def test_correction_leaves_a_trace(self):
        rows = [[*HEADERS[:3], "T_VISITS"], ["Anna", "2026-01", "60", "18"]]
        self._import(rows)
        rows[1][2:] = ["95", "20"]
        wizard = self._import(rows, filename="corrected.csv")
        self.assertEqual(self._counts(wizard), (0, 1, 0, 0))
        review = self._reviews()
        self.assertRecordValues(review, [{"total": 95.0, "grade_id": self.excellent.id}])
        self.assertEqual(review.line_ids.value, 20.0)
        self.assertRegex(review.message_ids[0].body, "corrected.csv.*60.*became.*95")
        self.assertEqual(review.message_ids[0].author_id, self.hr_user.partner_id)

    def test_what_the_file_leaves_out_stays(self):
        self._import([HEADERS, ["Anna", "2026-01", "80", "", "3", "Good"]])
        self._import([["Name", "Month", "Score"], ["Anna", "2026-01", "81"]])
        expected = [{"total": 81.0, "imported_rank": 3, "manager_comment": "Good"}]
        self.assertRecordValues(self._reviews(), expected)

    def test_history_before_the_programme_launches_nothing(self):
        """Periods between the history and the first one of the programme are not made up for."""
        self.program.date_start = date(2026, 3, 1)
        self._import([HEADERS, ["Anna", "2025-06", "80", "", "", ""]])
        self.assertEqual(self.program._get_next_period().date_from, date(2026, 3, 1))
        due = self.program._get_due_periods(date(2026, 4, 15))
        self.assertEqual([p.date_from for p in due], [date(2026, 3, 1), date(2026, 4, 1)])

    def test_excel_month_and_template_of_all_rows(self):
        self.template.department_ids = [Command.set(self.works.ids)]
        rows = [["Email", "Period", "Score"], ["anna@bright.example", date(2026, 1, 1), 77]]
        wizard = self._check(to_xlsx(rows), filename="x.xlsx")
        self.assertEqual(self._counts(wizard), (0, 0, 0, 1))
        self.assertIn("No template", self._problems(wizard)[0][3])
        wizard = self._import(to_xlsx(rows), filename="x.xlsx", template_id=self.template.id)
        self.assertEqual(self._reviews().template_id, self.template)

    # Bad rows

    def test_bad_rows(self):
        self.program._open_cycles([self.program._get_period(date(2026, 2, 1))])
        cases = [
            (["Nobody", "2026-01", "80"], "姓名", "no such employee"),
            (["Anna", "2026-04", "80"], "考核月份", "not over"),
            (["Anna", "2026-05", "80"], "考核月份", "future"),
            (["Anna", "2026-Q1", "80"], "考核月份", "no period of Monthly"),
            (["Anna", "2026", "80"], "考核月份", "no period of Monthly"),
            (["Anna", "2026-02", "80"], "考核月份", "waiting to be launched"),
            (["Anna", "soon", "80"], "考核月份", "no day"),
            (["Anna", "2026-01", "x"], "得分", "no number"),
            (["Anna", "2026-01", "-1"], "得分", "not below 0"),
            (["Anna", "2026-01", "1000000"], "得分", "that large"),
            (["Anna", "2026-01", "nan"], "得分", "no number"),
            (["Anna", "2026-01", "", ""], "得分", "score or the grade"),
            (["Anna", "2026-01", "80", "ABC"], "等级", "It has: .*Excellent"),
            (["Anna", "2026-01", "80", "", "0"], "排名", "whole number"),
            (["Anna", "2026-01", "80", "", "1.5"], "排名", "whole number"),
            (["Bo", "2026-01", "80"], "", "Row 2"),
        ]
        for row, header, message in cases:
            with self.subTest(row=row):
                self._assert_refused([*row, *[""] * (6 - len(row))], header, message)

    def test_rank_beyond_the_people_ranked(self):
        headers = ["姓名", "考核月份", "得分", "排名", "参与人数", "评语"]
        self._assert_refused(["Anna", "2026-01", "80", "5", "4", ""], "排名", "beyond", headers)

    def test_periods_with_reviews_take_no_results(self):
        cycle = self.program._open_cycles([self.program._get_period(date(2026, 3, 1))])
        self._launch(cycle)
        self._assert_refused(["Anna", "2026-03", "80", "", "", ""], "考核月份", "were held")

    def test_own_result_is_refused(self):
        self._create_employee_for(self.hr_user)
        self._assert_refused(["Hr Person", "2026-01", "100", "", "", ""], "", "somebody else")

    def _create_employee_for(self, user):
        return self.env["hr.employee"].create(
            {
                "name": "Hr Person",
                "user_id": user.id,
                "company_id": self.company.id,
                "department_id": self.sales.id,
                "date_version": date(2020, 1, 1),
            }
        )

    # Mapping and rights

    def test_mapping_is_checked(self):
        rows = [HEADERS, ["Anna", "2026-01", "80", "", "", ""]]
        cases = [
            ({"program_id": False}, {}, "Choose the programme"),
            ({}, {"得分": False, "等级": False}, "score or with the grade"),
            ({}, {"考核月份": False}, "with the period"),
        ]
        for vals, changes, message in cases:
            with self.subTest(message=message):
                wizard = self._upload(rows, **vals)
                for header, role in changes.items():
                    self._column(wizard, header).result_role = role
                with self.assertRaisesRegex(UserError, message):
                    wizard.action_check()

    def test_programme_and_template_of_another_company(self):
        rows = [HEADERS, ["Anna", "2026-01", "80", "", "", ""]]
        program = self.program.copy({"company_id": self.other_company.id, "department_ids": False})
        template = self.template.copy(
            {"company_id": self.other_company.id, "department_ids": False}
        )
        for vals in ({"program_id": program.id}, {"template_id": template.id}):
            with self.subTest(vals=vals):
                wizard = self._upload(rows)
                wizard.sudo().write(vals)
                wizard.env.invalidate_all()
                with self.assertRaises(UserError):
                    wizard.action_check()

    def test_imported_result_cannot_be_reopened(self):
        self._import([HEADERS, ["Anna", "2026-01", "80", "", "", ""]])
        review = self._reviews().with_user(self.hr_admin)
        self.assertFalse(review.can_reopen)
        with self.assertRaisesRegex(UserError, "imported"):
            review._transition("reopen", "Because")

    def test_queries_do_not_grow_with_the_rows_of_a_batch(self):
        Employee = self.env["hr.employee"].with_company(self.company)
        people = Employee.create(
            [
                {
                    "name": f"Person {n}",
                    "company_id": self.company.id,
                    "department_id": self.sales.id,
                    "date_version": date(2020, 1, 1),
                }
                for n in range(200)
            ]
        )

        def count_queries(month, employees):
            rows = [[e.name, f"2025-{month:02}", 80, 18] for e in employees]
            wizard = self._upload([["Name", "Month", "Score", "T_VISITS"], *rows])
            wizard.action_check()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run = wizard._run(write=True)
            wizard._get_target()._finish(run)
            self.env.flush_all()
            self.assertEqual(run.counts["new"], len(employees))
            return self.env.cr.sql_log_count - before

        count_queries(1, people[:5])
        self.assertEqual(count_queries(2, people[:20]), count_queries(3, people))
        self.assertEqual(len(self._reviews()), 225)
        self.assertEqual(len(self._reviews().line_ids), 225)
