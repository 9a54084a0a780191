"""Writing tables for people: rows to correct, samples. No spreadsheet runs what is in them."""

import csv
import io
from datetime import date, datetime, time
from decimal import Decimal

from .tabular import safe_cell


class CsvTable:
    """Writes a CSV that spreadsheets open in the right encoding, and run nothing from."""

    extension = "csv"
    mimetype = "text/csv"

    def __init__(self, headers):
        self._stream = io.StringIO()
        self._writer = csv.writer(self._stream)
        self.add(headers)

    def add(self, cells):
        """Add a row."""
        self._writer.writerow([_as_text(cell) for cell in cells])

    def close(self):
        """Return the bytes of the file."""
        return self._stream.getvalue().encode("utf-8-sig")


class XlsxTable:
    """Writes a workbook row by row, holding one row in memory."""

    extension = "xlsx"
    mimetype = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, headers):
        import xlsxwriter  # here, for only documents need it

        self._stream = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._stream, {"constant_memory": True})
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, max(len(headers) - 1, 0), 18)
        self._date = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._bold = self._book.add_format({"bold": True})
        self._count = 0
        self.add(headers, self._bold)

    def add(self, cells, style=None):
        """Add a row; texts stay texts, whatever they begin with."""
        for column, cell in enumerate(cells):
            self._write(column, cell, style)
        self._count += 1

    def _write(self, column, cell, style):
        place = (self._count, column)
        if isinstance(cell, datetime):
            self._sheet.write_datetime(*place, cell, self._time)
        elif isinstance(cell, date):
            self._sheet.write_datetime(*place, datetime.combine(cell, time.min), self._date)
        elif isinstance(cell, bool):
            self._sheet.write_boolean(*place, cell)
        elif isinstance(cell, int | float | Decimal) and _is_storable(cell):
            self._sheet.write_number(*place, float(cell))
        elif cell is not None:
            self._sheet.write_string(*place, _as_text(cell)[:32767], style)

    def close(self):
        """Return the bytes of the file."""
        self._book.close()
        return self._stream.getvalue()


def _is_storable(number):
    """Whether a spreadsheet can hold the number."""
    try:
        return abs(float(number)) < 1e300
    except OverflowError:
        return False


def _as_text(cell):
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return safe_cell(cell if isinstance(cell, str) else str(cell))
