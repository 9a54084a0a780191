import base64
import csv
import io
from datetime import date, datetime

import openpyxl
import xlsxwriter

from .common import PerformanceCase


def to_csv(rows, encoding="utf-8", delimiter=","):
    """Bytes of a CSV file with these rows."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue().encode(encoding)


def to_xlsx(rows, formats=None):
    """Bytes of a workbook; ``formats``: ``{column: number format}``."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    styles = {c: book.add_format({"num_format": f}) for c, f in (formats or {}).items()}
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                moment = datetime.combine(cell, datetime.min.time())
                sheet.write_datetime(number, column, moment, day)
            elif isinstance(cell, str):
                sheet.write_string(number, column, cell)
            elif cell is not None:
                sheet.write_number(number, column, cell, styles.get(column))
    book.close()
    return stream.getvalue()


def read_xlsx(content):
    """Rows of each sheet of a workbook, ``{title: rows}``."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)]
        for sheet in book.worksheets
    }


class ImportCase(PerformanceCase):
    """An HR officer with a file in his hands."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for employee in cls.anna + cls.bo + cls.carl:
            employee.work_email = f"{employee.name.lower()}@bright.example"
        cls.anna.barcode = "1007"
        cls.stranger = cls._create_employee("dora", False, company=cls.other_company)
        cls.stranger.work_email = "dora@other.example"

    def _upload(self, rows, target="fact", filename="rows.csv", user=None, **vals):
        """The assistant with a file, at the step of the columns."""
        content = rows if isinstance(rows, bytes) else to_csv(rows)
        wizard = self._new_wizard(target, filename, content, user, **vals)
        wizard.action_read()
        return wizard

    def _new_wizard(self, target, filename, content, user=None, **vals):
        return (
            self.env["hr.performance.import"]
            .with_user(user or self.hr_user)
            .with_company(self.company)
            .create(
                {
                    "target": target,
                    "filename": filename,
                    "file": base64.b64encode(content),
                    "company_id": self.company.id,
                    **vals,
                }
            )
        )

    def _check(self, rows, **options):
        wizard = self._upload(rows, **options)
        wizard.action_check()
        return wizard

    def _import(self, rows, **options):
        wizard = self._check(rows, **options)
        wizard.action_import()
        return wizard

    def _problems(self, wizard):
        """``[(row, column, cell, message)]``"""
        names = ("number", "header", "value", "message")
        return [tuple(line[name] or "" for name in names) for line in wizard.problem_ids]

    def _counts(self, wizard):
        """Rows that are new, changed, unchanged, to correct."""
        names = ("new_count", "changed_count", "same_count", "bad_count")
        return tuple(wizard[name] for name in names)

    def _column(self, wizard, header):
        return wizard.column_ids.filtered(lambda column: column.header == header)
