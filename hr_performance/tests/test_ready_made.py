from datetime import date

from odoo.tests import TransactionCase, tagged

METRICS = {
    "code_quality": ("rating", "higher", "result"),
    "project_results": ("percent", "higher", "result"),
    "project_progress": ("percent", "higher", "result"),
    "system_stability": ("percent", "higher", "result"),
    "work_quality": ("rating", "higher", "result"),
    "work_efficiency": ("rating", "higher", "process"),
    "production_efficiency": ("percent", "higher", "result"),
    "defect_rate": ("percent", "lower", "result"),
    "help_given": ("count", "higher", "process"),
    "training": ("percent", "higher", "process"),
    "suggestions": ("count", "higher", "process"),
    "innovations": ("count", "higher", "process"),
    "reported_visits": ("count", "higher", "process"),
    "market_information": ("count", "higher", "process"),
    "imported_response_time": ("minutes", "lower", "process"),
    "imported_satisfaction": ("rating", "higher", "result"),
}
#: Template: weights by metric, as the positions are usually measured.
WEIGHTS = {
    "technology_company": {
        "project_results": 40,
        "help_given": 20,
        "training": 20,
        "suggestions": 20,
    },
    "photo_studio_imported": {
        "imported_conversion": 30,
        "imported_satisfaction": 40,
        "imported_repurchase": 30,
    },
}
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
TEMPLATES = ("sales_imported", "technical", "support", "manufacturing", "service", *WEIGHTS)


@tagged("post_install", "-at_install")
class TestReadyMade(TransactionCase):
    """The metrics and templates that come with the app."""

    def _get(self, kind, name):
        return self.env.ref(f"hr_performance.{kind}_{name}")

    def test_metrics(self):
        for code, expected in METRICS.items():
            metric = self._get("metric", code)
            with self.subTest(metric=code):
                self.assertEqual((metric.unit, metric.direction, metric.kind), expected)
                self.assertEqual(metric.code, code)
                self.assertTrue(metric.dimension_id)
                self.assertTrue(metric.description, "a metric says what it measures")

    def test_templates_can_be_made_ready(self):
        for name in TEMPLATES:
            template = self._get("template", name)
            with self.subTest(template=name):
                self.assertEqual(template.state, "draft", "none is picked by accident")
                template.copy().action_set_ready()
                self.assertGreaterEqual(template.process_share, template.min_process_share)

    def test_weights_of_the_positions(self):
        for name, weights in WEIGHTS.items():
            lines = self._get("template", name).line_ids
            found = {line.metric_id.code: line.weight for line in lines}
            self.assertEqual(found, weights)

    def test_lower_is_better_where_it_is(self):
        lines = self._get("template", "manufacturing").line_ids
        defects = lines.filtered(lambda line: line.metric_id.code == "defect_rate")
        self.assertEqual(defects.rule["direction"], "lower")
        self.assertEqual(defects.target, 2)

    def test_training_has_two_parts(self):
        """Hours give half, tests the other half; who was never trained has 0, not unknown."""
        training = self._get("metric", "training")
        employees = self.env["hr.employee"].create([{"name": name} for name in "ABC"])
        full, half, none = employees
        self.env["hr.performance.fact"].create(
            [
                {"metric_id": metric.id, "employee_id": employee.id, "date": day, "value": value}
                for metric, employee, day, value in (
                    (self._get("metric", "training_hours"), full, "2026-03-05", 5),
                    (self._get("metric", "training_hours"), full, "2026-03-20", 5),
                    (self._get("metric", "training_result"), full, "2026-03-20", 90),
                    (self._get("metric", "training_hours"), half, "2026-03-31", 4),
                )
            ]
        )
        values = training._measure(employees, *MARCH)[training]
        self.assertEqual(values[full.id].value, 95)
        self.assertEqual(values[none.id].value, 0)
        self.assertFalse(values[half.id].measured, "a test that is still missing is not a 0")
        self.assertEqual(values[half.id].reason, "operand")
