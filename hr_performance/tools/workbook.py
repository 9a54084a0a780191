"""Large typed tables as XLSX, written row by row: the memory does not grow with the rows."""

import functools
import re
from typing import NamedTuple

from .tabular import safe_cell

#: A sheet ends here; the rest of the table goes to another one.
LAST_ROW = 1_048_575
MAX_TEXT = 32_767
#: Texts such as names of departments come again and again.
_safe = functools.lru_cache(maxsize=4096)(safe_cell)


class Column(NamedTuple):
    """A column of a table.

    :ivar title: header
    :ivar kind: ``text``, ``number``, ``score`` (two decimals), ``integer``, ``date`` or ``percent``
        (the cell holds 0.45, the reader sees 45 %)
    :ivar width: in characters
    """

    title: str
    kind: str = "text"
    width: int = 12


_FORMATS = {
    "text": None,
    "number": {"num_format": "#,##0.##"},
    "score": {"num_format": "0.00"},
    "integer": {"num_format": "0"},
    "percent": {"num_format": "0.0%"},
    "date": {"num_format": "yyyy-mm-dd"},
}


class Workbook:
    """A workbook on the way into a stream.

    :param stream: a binary file that can be written and sought
    :param title: for the properties of the document
    """

    def __init__(self, stream, title=""):
        import xlsxwriter  # here, for only documents need it

        options = {"constant_memory": True, "nan_inf_to_errors": True}
        self._book = xlsxwriter.Workbook(stream, options)
        self._book.set_properties({"title": title})
        self._header = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self._styles = {
            kind: style and self._book.add_format(style) for kind, style in _FORMATS.items()
        }

    def add_table(self, title, columns, rows):
        """Write a table into a sheet of its own, or into several where one is too short.

        :param columns: list of :class:`Column`
        :param rows: iterable of tuples as wide as the columns; None leaves a cell empty
        :return: number of rows written
        """
        styles = [self._styles[column.kind] for column in columns]
        sheet, place, count = None, LAST_ROW, 0
        for row in rows:
            if place >= LAST_ROW:
                sheet, place = self._add_sheet(title, columns), 0
                writers = self._get_writers(sheet, columns)
            place += 1
            for index, value in enumerate(row):
                if value is not None:
                    writers[index](place, index, value, styles[index])
            count += 1
        if sheet is None:
            self._add_sheet(title, columns)
        return count

    def close(self):
        """Finish the document."""
        self._book.close()

    def _add_sheet(self, title, columns):
        plain = re.sub(r"[\[\]:*?/\\']", " ", title)[:25].strip()
        number = sum(sheet.name.startswith(plain) for sheet in self._book.worksheets())
        sheet = self._book.add_worksheet(f"{plain} {number + 1}" if number else plain)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, LAST_ROW, len(columns) - 1)
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
        for index, column in enumerate(columns):
            sheet.write_string(0, index, column.title, self._header)
        return sheet

    def _get_writers(self, sheet, columns):
        def write_text(row, index, value, style):
            sheet.write_string(row, index, _safe(value)[:MAX_TEXT], style)

        writers = {"text": write_text, "date": sheet.write_datetime}
        return [writers.get(column.kind, sheet.write_number) for column in columns]
