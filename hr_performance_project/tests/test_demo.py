from odoo.tests import freeze_time, tagged
from odoo.tools import convert_file

from odoo.addons.hr_performance.tests.test_demo import TODAY, DemoCase


@tagged("post_install", "-at_install")
class TestTaskDemo(DemoCase):
    """The tasks of the demo company and the metric that takes the place of imported rows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        project = cls.env.ref("hr_performance_project.project_studio", raise_if_not_found=False)
        if project:
            # Installed with demo data: its tasks belong to other months than those of the test.
            project.with_context(active_test=False).task_ids.unlink()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.load("cycle")
        file = "demo/hr_performance_project_demo.xml"
        module = "hr_performance_project"
        convert_file(cls.env(su=True), module, file, {}, mode="init", noupdate=True)
        cls.env.flush_all()

    def get_line(self, cycle, login):
        lines = self.get_review(cycle, login).line_ids
        return lines.filtered(lambda line: line.metric_id.code == "task_punctuality")

    def test_tasks_on_time(self):
        """38 of 40 and 39 of 50 tasks were done by their day."""
        cycle = self.get_cycles()[2]
        line = self.get_line(cycle, "liu_yang")
        self.assertEqual((line.value, line.numerator, line.denominator), (95, 38, 40))
        line = self.get_line(cycle, "zhao_min")
        self.assertEqual((line.value, line.numerator, line.denominator), (78, 39, 50))

    def test_running_month(self):
        line = self.get_line(self.get_cycles()[-1], "zhao_min")
        self.assertTrue(line.measured)
        self.assertGreater(line.value, 70)
