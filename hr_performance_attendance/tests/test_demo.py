from odoo import fields
from odoo.tests import freeze_time, tagged
from odoo.tools import convert_file

from odoo.addons.hr_performance.tests.test_demo import TODAY, DemoCase


@tagged("post_install", "-at_install")
class TestAttendanceDemo(DemoCase):
    """The check-ins of the demo company and the deduction for late arrivals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        employees = cls.env["hr.employee"].search([("company_id", "=", cls.company.id)])
        # Installed with demo data: its check-ins belong to other months than those of the test.
        cls.env["hr.attendance"].search([("employee_id", "in", employees.ids)]).unlink()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.load("cycle")
        file = "demo/hr_performance_attendance_demo.xml"
        module = "hr_performance_attendance"
        convert_file(cls.env(su=True), module, file, {}, mode="init", noupdate=True)
        cls.env.flush_all()

    def get_rule_line(self, login):
        review = self.get_review(self.get_cycles()[2], login)
        return review, review.line_ids.filtered(lambda line: line.kind == "adjustment")

    def test_late_four_times(self):
        """More than three late arrivals take 10 % of the score, once."""
        review, line = self.get_rule_line("feng_lei")
        self.assertEqual((line.value, line.numerator), (4, 4))
        self.assertAlmostEqual(line.points, -review.base_total / 10, places=2)
        self.assertAlmostEqual(review.total, review.base_total * 0.9, places=1)

    def test_late_three_times(self):
        review, line = self.get_rule_line("he_ting")
        self.assertEqual((line.value, line.points), (3, 0))
        self.assertEqual(review.total, review.base_total)

    def test_nobody_else_loses_points(self):
        lines = self.get_cycles().review_ids.line_ids.filtered("points")
        rules = lines.filtered(lambda line: line.kind == "adjustment")
        self.assertEqual(rules.employee_id.name, "冯磊")
        self.assertEqual(len(rules), 1)

    def test_check_ins_end_now(self):
        employees = self.env["hr.employee"].search([("company_id", "=", self.company.id)])
        attendances = self.env["hr.attendance"].search([("employee_id", "in", employees.ids)])
        self.assertLessEqual(max(attendances.mapped("check_in")), fields.Datetime.now())
        self.assertEqual(attendances.employee_id, employees)
