import csv
import io
from datetime import date, datetime
from decimal import Decimal
from unittest.mock import patch

import openpyxl

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools import workbook
from odoo.addons.hr_performance.tools.table_writer import CsvTable, XlsxTable
from odoo.addons.hr_performance.tools.workbook import Column, Workbook

COLUMNS = [
    Column("Name"),
    Column("Score", "score"),
    Column("Rank", "integer"),
    Column("Share", "percent"),
    Column("Day", "date"),
]


def load(stream):
    return openpyxl.load_workbook(io.BytesIO(stream.getvalue()))


class TestToolsWorkbook(BaseCase):
    def _write(self, *tables):
        stream = io.BytesIO()
        book = Workbook(stream, "Title")
        self.counts = [book.add_table(*table) for table in tables]
        book.close()
        return load(stream)

    def test_cells_have_their_kind(self):
        rows = [("Anna", 95.5, 1, 0.455, date(2026, 3, 2)), ("=1+1", None, None, None, None)]
        book = self._write(("Results", COLUMNS, rows))
        sheet = book["Results"]
        self.assertEqual([cell.value for cell in sheet[1]], [c.title for c in COLUMNS])
        name, score, rank, share, day = sheet[2]
        self.assertEqual((name.value, score.value, rank.value), ("Anna", 95.5, 1))
        self.assertEqual((share.value, share.number_format), (0.455, "0.0%"))
        self.assertEqual((day.value, day.is_date), (datetime(2026, 3, 2), True))
        self.assertEqual([cell.value for cell in sheet[3]], ["'=1+1", None, None, None, None])
        self.assertEqual(sheet.freeze_panes, "B2")
        self.assertEqual(book.properties.title, "Title")
        self.assertEqual(self.counts, [2])

    def test_empty_table_has_its_headers(self):
        sheet = self._write(("Results", COLUMNS, []))["Results"]
        self.assertEqual(sheet.max_row, 1)
        self.assertEqual(sheet["B1"].value, "Score")

    def test_long_table_goes_on_in_another_sheet(self):
        rows = [(f"Person {n}",) for n in range(7)]
        with patch.object(workbook, "LAST_ROW", 3):
            book = self._write(("Results", COLUMNS[:1], rows), ("Lines", COLUMNS[:1], rows[:3]))
        self.assertEqual(book.sheetnames, ["Results", "Results 2", "Results 3", "Lines"])
        names = [
            cell.value
            for title in book.sheetnames[:3]
            for (cell,) in book[title].iter_rows(min_row=2)
        ]
        self.assertEqual(names, [name for (name,) in rows])
        self.assertEqual(self.counts, [7, 3])

    def test_titles_that_no_sheet_may_have(self):
        book = self._write(("'A/B: [x]*?" + "y" * 40, COLUMNS[:1], []))
        self.assertLessEqual(len(book.sheetnames[0]), 31)

    def test_odd_values_do_not_break_the_file(self):
        rows = [("x" * 40_000, float("nan"), 1, float("inf"), None), ("\x00\x1b", 1, 1, 1, None)]
        sheet = self._write(("Results", COLUMNS, rows))["Results"]
        self.assertEqual(len(sheet["A2"].value), 32_767)
        self.assertEqual(sheet["B3"].value, 1)


class TestToolsTableWriter(BaseCase):
    ROW = ("=cmd|' /C calc'!A0", -5, Decimal("1.5"), date(2026, 3, 2), None, True, "-5", "\t=1")

    def test_csv_opens_in_the_right_encoding_and_runs_nothing(self):
        table = CsvTable(["姓名", "=H"])
        table.add(self.ROW)
        content = table.close()
        self.assertTrue(content.startswith(b"\xef\xbb\xbf"))
        headers, row = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        self.assertEqual(headers, ["姓名", "'=H"])
        expected = ["'=cmd|' /C calc'!A0", "-5", "1.5", "2026-03-02", "", "True", "-5", "'\t=1"]
        self.assertEqual(row, expected)

    def test_workbook_keeps_numbers_and_dates(self):
        table = XlsxTable(["姓名", "=H"])
        table.add(self.ROW)
        table.add([float("nan"), 10**400, datetime(2026, 3, 2, 9, 30)])
        sheet = openpyxl.load_workbook(io.BytesIO(table.close())).active
        self.assertEqual(sheet["B1"].value, "'=H")
        values = [cell.value for cell in sheet[2]]
        self.assertEqual(values[:3], ["'=cmd|' /C calc'!A0", -5, 1.5])
        self.assertEqual(values[3:6], [datetime(2026, 3, 2), None, True])
        self.assertEqual({cell.data_type for cell in sheet[2]} & {"f"}, set())
        self.assertEqual(sheet["A3"].value, "nan")
        self.assertEqual(sheet["C3"].value, datetime(2026, 3, 2, 9, 30))
