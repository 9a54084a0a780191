import io
import re
import subprocess
import tempfile
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.hr_performance.models import hr_performance_cycle_export

from .common import PerformanceCase
from .import_common import read_xlsx

REPORT = "hr_performance.report_review"


class DocumentCase(PerformanceCase):
    """A launched cycle; Anna's review is published, Bo's is with his manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cycle.with_user(cls.hr_user).action_launch()
        cls._add_facts(cls.anna, cls.visits, 15)
        cls._add_facts(cls.anna, cls.late, 4)
        cls.review = cls.cycle.review_ids.filtered(lambda r: r.employee_id == cls.anna)
        cls.open_review = cls.cycle.review_ids.filtered(lambda r: r.employee_id == cls.bo)

        both = cls.review + cls.open_review
        for move in ("confirm_goals", "start_assessment", "skip_self"):
            both._transition(move)
        cls.review.line_ids.filtered(lambda line: line.metric_id == cls.quality).write(
            {"manager_value": 4, "manager_reason": "Careful work"}
        )
        cls.review.with_user(cls.manager.user_id).action_submit_scores()
        cls.review.with_user(cls.hr_user).action_publish()


@tagged("post_install", "-at_install")
class TestCycleExport(DocumentCase):
    def _export(self, user, lang=None):
        cycle = self.cycle.with_user(user)
        cycle.env.invalidate_all()
        stream = io.BytesIO()
        with patch.object(hr_performance_cycle_export, "FETCH_SIZE", 2):
            counts = cycle.with_context(lang=lang)._export_xlsx(stream)
        sheets = list(read_xlsx(stream.getvalue()).values())
        self.assertEqual(counts, [len(sheet) - 1 for sheet in sheets])
        return [[dict(zip(s[0], row, strict=True)) for row in s[1:]] for s in sheets]

    def test_officer_gets_everything(self):
        results, lines = self._export(self.hr_user)
        names = sorted(self.cycle.review_ids.employee_id.mapped("name"))
        self.assertEqual([row["Employee"] for row in results], names)
        anna = next(row for row in results if row["Employee"] == "Anna")
        # 15 of 20 visits: 45 of 60; 4 of 5: 32 of 40; more than 3 times late: minus 10 %
        self.assertEqual(
            anna,
            {
                "Employee": "Anna",
                "Department": "Sales East",
                "Job Position": None,
                "Manager": "Manager",
                "Template": "Sales people",
                "State": "Published",
                "Score": 69.3,
                "Grade": self.review.full_grade_id.name,
                "Rank": 1,
                "People Ranked": self.review.full_count,
                "Data Coverage": 1,
                "Unmeasured Lines": 0,
                "Published on": anna["Published on"],
            },
        )
        today = self.env["hr.performance.review"].browse().env.cr.now().date()
        self.assertLessEqual(abs((anna["Published on"].date() - today).days), 1)
        self.assertEqual(len(lines), len(self.cycle.review_ids.line_ids))

    def test_unknown_is_an_empty_cell_and_not_zero(self):
        results, lines = self._export(self.hr_user)
        bo = next(row for row in results if row["Employee"] == "Bo")
        self.assertIsNone(bo["Score"])
        self.assertIsNone(bo["Rank"])
        visits = [row for row in lines if row["Metric or Rule"] == "Visits"]
        values = {row["Employee"]: (row["Value"], row["Points"]) for row in visits}
        self.assertEqual(values["Anna"], (15, 45))
        self.assertEqual(values["Bo"], (None, None))

    def test_lines_say_what_the_screen_says(self):
        lines = [row for row in self._export(self.hr_user)[1] if row["Employee"] == "Anna"]
        visits, quality, late = lines
        self.assertEqual(visits["Unit"], "Count")
        self.assertEqual((visits["Weight"], visits["Target"]), (60, 20))
        self.assertEqual(visits["Attainment"], 0.75)
        self.assertEqual(quality["Manager's Reason"], "Careful work")
        self.assertEqual((quality["Value"], quality["Points"]), (4, 32))
        self.assertEqual(late["Metric or Rule"], "More than 3 late arrivals")
        self.assertEqual(late["Kind"], "Deduction or bonus")
        self.assertEqual((late["Weight"], late["Value"]), (None, 4))
        self.assertAlmostEqual(late["Points"], -7.7)

    def test_line_left_out_has_no_value(self):
        line = self._line(self.open_review, self.quality)
        line.write({"excluded": True, "exclusion_reason": "On leave", "manager_reason": False})
        rows = self._export(self.hr_user)[1]
        row = next(r for r in rows if (r["Employee"], r["Metric or Rule"]) == ("Bo", "Quality"))
        self.assertEqual((row["Value"], row["Manager's Reason"]), (None, "On leave"))

    def test_texts_are_no_formulas(self):
        self.anna.name = "=cmd|'/C calc'!A0"
        self._line(self.review, self.quality).manager_reason = "+1"
        results, lines = self._export(self.hr_user)
        self.assertIn("'=cmd|'/C calc'!A0", [row["Employee"] for row in results])
        self.assertNotIn("=cmd|'/C calc'!A0", [row["Employee"] for row in lines])

    def test_manager_gets_his_people_and_himself(self):
        results, lines = self._export(self.manager.user_id)
        self.assertEqual({row["Employee"] for row in results}, {"Anna", "Bo", "Manager"})
        self.assertEqual({row["Employee"] for row in lines}, {"Anna", "Bo", "Manager"})

    def test_manager_reads_no_rank_before_publication(self):
        self._rate(self.open_review)
        self.open_review._score()
        self.cycle._rank()
        self.assertTrue(self.open_review.full_rank)
        for user, expected in ((self.hr_user, True), (self.manager.user_id, False)):
            results = self._export(user)[0]
            bo = next(row for row in results if row["Employee"] == "Bo")
            with self.subTest(user=user.login):
                self.assertEqual(bool(bo["Rank"]), expected)
                self.assertEqual(bool(bo["Grade"]), expected)

    def test_employee_gets_his_own(self):
        results, lines = self._export(self.bo.user_id)
        self.assertEqual({row["Employee"] for row in results}, {"Bo"})
        self.assertEqual({row["Employee"] for row in lines}, {"Bo"})

    def test_stranger_gets_nothing(self):
        cycle = self.cycle.with_user(self.carl.user_id)
        cycle.env.invalidate_all()
        with self.assertRaises(AccessError):
            cycle.action_export_xlsx()
        with self.assertRaises(AccessError):
            cycle._export_xlsx(io.BytesIO())

    def test_other_company_gets_nothing(self):
        other = self._create_user(
            "elsewhere", "hr_performance.group_hr_performance_manager", self.other_company
        )
        cycle = self.cycle.with_user(other)
        cycle.env.invalidate_all()
        with self.assertRaises(AccessError):
            cycle._export_xlsx(io.BytesIO())

    def test_queries_do_not_grow_with_the_reviews(self):
        self.env.invalidate_all()
        cycle = self.cycle.with_user(self.hr_user)
        cycle._export_xlsx(io.BytesIO())
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        cycle._export_xlsx(io.BytesIO())
        self.assertLessEqual(self.env.cr.sql_log_count - before, 10)


@tagged("post_install", "-at_install")
class TestReviewReport(DocumentCase):
    def _render(self, review, user):
        report = self.env["ir.actions.report"].with_user(user)
        report.env.invalidate_all()
        html = report._render_qweb_html(REPORT, review.ids)[0].decode()
        return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.S))

    def test_published_review(self):
        text = self._render(self.review, self.anna.user_id)
        expected = ["Bright Studio", "Anna", "Sales East", "Manager", "Monthly · 2026-03"]
        expected += ["69.3", self.review.grade_id.name, "1 of", "More than 3 late arrivals", "-7.7"]
        expected += ["Careful work", "Version 1.", "Published on", "Employee, date"]
        for part in expected:
            self.assertIn(part, text)
        self.assertNotIn("Provisional", text)

    def test_explanations_are_those_of_the_screen(self):
        text = self._render(self.review, self.anna.user_id)
        lines = self.review.line_ids.with_user(self.anna.user_id)
        self.assertGreater(len(lines), 2)
        for line in lines:
            for title, sentence in line._explain():
                self.assertIn(title, text)
                self.assertIn(re.sub(r"\s+", " ", sentence), text.replace("&#39;", "'"))
        for name in self.review.strength_ids.mapped("name"):
            self.assertIn(name, text)

    def test_unpublished_review_is_marked(self):
        text = self._render(self.open_review, self.bo.user_id)
        self.assertIn("Provisional", text)
        self.assertNotIn("Employee, date", text)

    def test_unpublished_grade_is_for_those_who_see_it_on_screen(self):
        self._rate(self.open_review, 5)
        self.open_review._score()
        grade = self.open_review.full_grade_id.name
        self.assertTrue(grade)
        self.assertIn(grade, self._render(self.open_review, self.hr_user))
        for user in (self.bo.user_id, self.manager.user_id):
            with self.subTest(user=user.login):
                self.assertNotIn(grade, self._render(self.open_review, user))

    def test_what_people_write_is_text(self):
        self.review.manager_comment = "<script>alert(1)</script>"
        html = self.env["ir.actions.report"]._render_qweb_html(REPORT, self.review.ids)[0]
        self.assertIn(b"&lt;script&gt;alert(1)", html)
        self.assertNotIn(b"<script>alert(1)", html)

    def test_version_counts_reopened_results(self):
        self.review.with_user(self.hr_admin)._transition("reopen", "Wrong visits")
        self._move_to(self.review, "published")
        self.assertIn("Version 2.", self._render(self.review, self.anna.user_id))

    def test_several_reviews_are_printed_together(self):
        """In one article, for a plain wkhtmltopdf refuses several; each begins a page."""
        both = self.review + self.open_review
        report = self.env["ir.actions.report"].with_user(self.hr_user)
        html = report._render_qweb_html(REPORT, both.ids)[0]
        self.assertEqual(html.count(b'class="article"'), 1)
        self.assertEqual(html.count(b'class="o_review page"'), 2)

    def test_strangers_print_nothing(self):
        other = self._create_user(
            "elsewhere", "hr_performance.group_hr_performance_manager", self.other_company
        )
        cases = [
            (self.review, self.carl.user_id),
            (self.review, self.bo.user_id),
            (self.open_review, self.anna.user_id),
            (self.review + self.open_review, self.anna.user_id),
            (self.review, other),
        ]
        for review, user in cases:
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._render(review, user)

    def test_those_who_read_the_review_print_it(self):
        users = (self.anna.user_id, self.manager.user_id, self.director.user_id, self.auditor)
        for user in users:
            with self.subTest(user=user.login):
                self.assertIn("69.3", self._render(self.review, user))

    def test_document_of_a_real_printer(self):
        """The PDF has the text, on pages that can be read."""
        report = self.env["ir.actions.report"].with_user(self.hr_user)
        report = report.with_context(force_report_rendering=True)
        if report.get_wkhtmltopdf_state() == "install":
            self.skipTest("wkhtmltopdf is not installed")
        # without a server there are no assets, and a plain build warns that it has no headers
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            pdf, kind = report._render_qweb_pdf(REPORT, (self.review + self.open_review).ids)
        self.assertEqual(kind, "pdf")
        self.assertTrue(pdf.startswith(b"%PDF"))
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(pdf)
            file.flush()
            try:
                text = subprocess.run(
                    ["pdftotext", "-layout", file.name, "-"], check=True, capture_output=True
                ).stdout.decode()
            except FileNotFoundError:
                self.skipTest("pdftotext is not installed")
        first, second = text.split("\f")[:2]
        self.assertIn("Anna", first)
        self.assertIn("69.3", first)
        self.assertIn("Bo", second)
        self.assertIn("Provisional", second)

    def test_print_is_offered_on_list_and_form(self):
        report = self.env.ref("hr_performance.action_report_review")
        self.assertEqual(report.binding_model_id.model, "hr.performance.review")
        self.assertEqual(report.binding_view_types, "list,form")
        name = self.review._get_report_filename()
        self.assertEqual(name, "Review - Anna - 2026-03")


@tagged("post_install", "-at_install")
class TestDocumentRoutes(HttpCase, DocumentCase):
    def _login(self, user):
        user.password = f"{user.login}-secret"
        self.authenticate(user.login, user.password)

    def test_workbook_comes_as_a_file(self):
        self._login(self.hr_user)
        answer = self.url_open(self.cycle.with_user(self.hr_user).action_export_xlsx()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertIn("spreadsheetml", answer.headers["Content-Type"])
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertIn("no-store", answer.headers["Cache-Control"])
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content))
        self.assertIn("Results", read_xlsx(answer.content))

    def test_workbook_is_refused_to_strangers(self):
        url = f"/hr_performance/cycle/{self.cycle.id}/results.xlsx"
        self._login(self.carl.user_id)
        self.assertEqual(self.url_open(url).status_code, 404)
        self.authenticate(None, None)
        answer = self.url_open(url, allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/login", answer.headers["Location"])

    def test_document_is_refused_to_strangers(self):
        self._login(self.bo.user_id)
        for kind in ("pdf", "html", "text"):
            with self.subTest(kind=kind), mute_logger("odoo.http"):
                answer = self.url_open(f"/report/{kind}/{REPORT}/{self.review.id}")
                self.assertGreaterEqual(answer.status_code, 400)
                self.assertNotIn(b"69.3", answer.content)

    def test_document_is_given_to_the_employee(self):
        self._login(self.anna.user_id)
        answer = self.url_open(f"/report/html/{REPORT}/{self.review.id}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn(b"69.3", answer.content)

    def test_samples_can_be_imported(self):
        self.anna.work_email = "anna@example.com"
        self.bo.work_email = "bo@example.com"
        self._login(self.hr_user)
        for target in ("fact", "result", "goal"):
            with self.subTest(target=target):
                answer = self.url_open(f"/hr_performance/import/sample/{target}.xlsx")
                self.assertEqual(answer.status_code, 200)
                headers, *rows = next(iter(read_xlsx(answer.content).values()))
                self.assertEqual(len(rows), 2)
                wizard = self.env["hr.performance.import"].create({"target": target})
                choices = wizard._guess_choices(headers)
                self.assertEqual(len(choices), len(headers), "every header is understood")

    def test_samples_are_refused_to_strangers(self):
        self._login(self.anna.user_id)
        with mute_logger("odoo.http"):
            answer = self.url_open("/hr_performance/import/sample/fact.xlsx")
        self.assertEqual(answer.status_code, 403)
        self._login(self.hr_user)
        answer = self.url_open("/hr_performance/import/sample/nothing.xlsx")
        self.assertEqual(answer.status_code, 404)
