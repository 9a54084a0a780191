from datetime import date

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PERIOD, PerformanceCase


@tagged("post_install", "-at_install")
class TestFact(PerformanceCase):
    def _measure(self, metric, employee=None):
        employee = employee or self.anna
        return metric._measure(employee, *PERIOD)[metric][employee.id]

    def test_days_at_both_ends_belong_to_the_period(self):
        for day in ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01"):
            self._add_facts(self.anna, self.visits, 1, day=date.fromisoformat(day))
        self.assertEqual(self._measure(self.visits).value, 2)

    def test_each_calculation(self):
        self._add_facts(self.anna, self.visits, 4, 1, 1)
        expected = {
            "sum": 6,
            "count": 3,
            "avg": 2,
            "min": 1,
            "max": 4,
            "count_distinct": 2,
        }
        for aggregate, value in expected.items():
            self.visits.aggregate = aggregate
            with self.subTest(aggregate):
                self.assertEqual(self._measure(self.visits).value, value)

    def test_weighted_average(self):
        """A mean of 10 answers weighs ten times a single one."""
        self.visits.aggregate = "avg"
        facts = self._add_facts(self.anna, self.visits, 5, 1)
        facts[0].weight = 10
        measured = self._measure(self.visits)
        self.assertAlmostEqual(measured.value, 51 / 11)
        self.assertEqual((measured.numerator, measured.denominator), (51, 11))
        self.assertEqual(measured.sample, 2)
        self.visits.unit = "percent"
        review = self._launch().filtered(lambda r: r.employee_id == self.anna)
        review._refresh()
        self.assertEqual(
            self._line(review, self.visits)._explain_value()[0][1],
            "4.64 % on average of 2 records, which weigh 11 together",
        )

    def test_values_stand_for_their_employee(self):
        """Trap 11: one metric, several people, a value for each."""
        self._add_facts(self.anna, self.visits, 4)
        self._add_facts(self.bo, self.visits, 9)
        measured = self.visits._measure(self.anna | self.bo | self.carl, *PERIOD)[self.visits]
        values = [measured[e.id].value for e in (self.anna, self.bo, self.carl)]
        self.assertEqual(values, [4, 9, None])

    def test_same_row_comes_in_once(self):
        Fact = self.env["hr.performance.fact"]
        row = {
            "metric_id": self.visits.id,
            "employee_id": self.anna.id,
            "date": date(2026, 3, 5),
            "value": 3,
            "external_id": "row-1",
        }
        other = {**row, "external_id": "row-2", "value": 4}
        first = Fact._upsert([row, other])
        self.assertEqual(len(first), 2)
        stamp = first.mapped("write_date")
        again = Fact._upsert([row, {**other, "value": 5}])
        self.assertEqual(set(again.ids), set(first.ids))
        self.assertEqual(self._measure(self.visits).value, 8)
        self.assertEqual(first.mapped("write_date"), stamp)
        self.assertEqual(len(Fact._upsert([{**row, "external_id": False}])), 1)
        self.assertEqual(self._measure(self.visits).value, 11)

    def test_index_refuses_the_double(self):
        facts = self._add_facts(self.anna, self.visits, 1, 2)
        facts[0].external_id = "row-1"
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError):
            facts[1].external_id = "row-1"
            self.env.flush_all()
