from datetime import date, datetime
from decimal import Decimal

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools.import_rows import (
    Mapping,
    as_text,
    batches,
    looks_like_fractions,
    show_cell,
)
from odoo.addons.hr_performance.tools.tabular import Row


class TestToolsImportRows(BaseCase):
    def test_batches_lose_nothing(self):
        self.assertEqual(list(batches(range(5), 2)), [[0, 1], [2, 3], [4]])
        self.assertEqual(list(batches([], 2)), [])
        self.assertEqual(list(batches(iter(range(4)), 2)), [[0, 1], [2, 3]])

    def test_batches_read_no_further_than_needed(self):
        rows = iter(range(10))
        next(batches(rows, 3))
        self.assertEqual(next(rows), 3)

    def test_cells_as_text(self):
        cases = [(None, ""), (1007.0, "1007"), (1007, "1007"), (1.5, "1.5"), (" A-1 ", "A-1")]
        cases += [
            (date(2026, 3, 2), "2026-03-02"),
            (datetime(2026, 3, 2, 9), "2026-03-02T09:00:00"),
        ]
        for cell, expected in cases:
            with self.subTest(cell=cell):
                self.assertEqual(as_text(cell), expected)
        self.assertEqual(as_text("x" * 500), "x" * 500)
        self.assertEqual(show_cell("x" * 500), "x" * 100)

    def test_mapping_reads_cells_by_role(self):
        mapping = Mapping(("E-mail", "Value"), {"email": 0})
        row = Row(2, ("a@b", 5))
        self.assertIn("email", mapping)
        self.assertNotIn("value", mapping)
        self.assertEqual((mapping.cell(row, "email"), mapping.header("email")), ("a@b", "E-mail"))
        self.assertEqual((mapping.cell(row, "value"), mapping.header("value")), (None, ""))

    def test_fractions_are_all_within_one(self):
        fractions = [Decimal("0.45"), Decimal(1), Decimal("-0.2")]
        self.assertTrue(looks_like_fractions(fractions))
        self.assertTrue(looks_like_fractions([*fractions, Decimal(0)]))
        self.assertFalse(looks_like_fractions([*fractions, Decimal("1.01")]))
        self.assertFalse(looks_like_fractions(fractions[:2]))
        self.assertFalse(looks_like_fractions([Decimal(0)] * 5))
