import csv
import io
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools import tabular
from odoo.addons.hr_performance.tools.tabular import (
    Number,
    Row,
    TableError,
    parse_date,
    parse_number,
    read_table,
    safe_cell,
)

from .properties import properties


def workbook(*rows, **parts):
    """Bytes of a workbook with these rows; ``parts`` replaces files inside the archive."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    if not parts:
        return stream.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            target.writestr(name, parts.get(name, source.read(name)))
    return changed.getvalue()


class TestToolsTabularFiles(BaseCase):
    def read_content(self, content, **options):
        table = read_table("values.csv", content, **options)
        return table.headers, [(row.number, *row.cells) for row in table.rows]

    def assertRefused(self, code, content, **options):
        with self.assertRaises(TableError) as caught:
            self.read_content(content, **options)
        self.assertEqual(caught.exception.code, code)

    def test_encodings(self):
        text = "工号,姓名\n007,张三\n"
        expected = (("工号", "姓名"), [(2, "007", "张三")])
        for encoding in ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"):
            with self.subTest(encoding=encoding):
                self.assertEqual(self.read_content(text.encode(encoding)), expected)
        self.assertEqual(self.read_content("姓名\n𠮷野\n".encode("gb18030"))[1], [(2, "𠮷野")])

    def test_delimiters(self):
        for delimiter in ",;\t":
            content = f"a{delimiter}b\n1{delimiter}2\n".encode()
            self.assertEqual(self.read_content(content), (("a", "b"), [(2, "1", "2")]))
        decimal_comma = b"name;amount\nx;1,5\ny;2,5\n"
        self.assertEqual(self.read_content(decimal_comma)[1], [(2, "x", "1,5"), (3, "y", "2,5")])
        self.assertEqual(self.read_content(b"sep=;\na;b\n1;2\n"), (("a", "b"), [(3, "1", "2")]))
        self.assertEqual(self.read_content(b"name\nx\n"), (("name",), [(2, "x")]))
        tied = b"name,first;amount\nx;1,5\n"
        self.assertEqual(self.read_content(tied)[0], ("name,first", "amount"))

    def test_quotes_and_line_breaks(self):
        content = b'a,b\r\n"1\r\n2","say ""x"", y"\r\n3,4\r\n'
        self.assertEqual(
            self.read_content(content)[1], [(2, "1\r\n2", 'say "x", y'), (3, "3", "4")]
        )
        self.assertRefused("bad_quotes", b'a,b\n1,"2\n3,4\n')
        with self.assertRaises(TableError) as caught:
            self.read_content(b'a,b\n1,2\n1,"2"3\n')
        self.assertEqual(caught.exception.params["row"], 3)

    def test_rows_keep_their_numbers(self):
        content = b"\n ,\na, b ,\n\n1,\n,,\n,2\n"
        self.assertEqual(self.read_content(content), (("a", "b"), [(5, "1", None), (7, None, "2")]))

    def test_titles_above_the_headers_are_passed(self):
        content = workbook(["Visits of March"], [], ["As of 1 April"], ["a", "b"], [1], [2, 3])
        table = read_table("values.xlsx", content)
        self.assertEqual(table.headers, ("a", "b"))
        self.assertEqual(list(table.rows), [Row(5, (1, None)), Row(6, (2, 3))])

    def test_table_of_one_column_has_no_title(self):
        self.assertEqual(self.read_content(b"a\n1\n\n2\n"), (("a",), [(2, "1"), (4, "2")]))
        many = b"a\n" + b"1\n" * 30 + b"1,2\n"
        self.assertEqual(len(list(read_table("values.csv", many).rows)), 31)

    def test_a_shifted_row_is_marked(self):
        table = read_table("values.csv", b"name,amount\nx,1,200\ny,5\n")
        self.assertEqual(list(table.rows), [Row(2, ("x", "1"), surplus=True), Row(3, ("y", "5"))])

    def test_what_is_no_table_is_refused(self):
        self.assertRefused("empty", b"")
        self.assertRefused("empty", b" \n\n")
        self.assertRefused("empty", b"\xef\xbb\xbf,,\n")
        self.assertRefused("not_a_table", b"a,b\n1,\x00\n")
        self.assertRefused("not_a_table", "text")
        self.assertRefused("unknown_encoding", b"a,b\n\xff\xff,1\n")
        self.assertRefused("old_excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
        self.assertRefused("duplicate_header", b"a,b,a\n1,2,3\n")
        self.assertRefused("too_many_columns", b"a," * 501 + b"a\n")

    def test_limits(self):
        content = b"a\n" + b"1\n" * 5
        self.assertEqual(len(self.read_content(content, limit_rows=5)[1]), 5)
        self.assertRefused("too_many_rows", content, limit_rows=4)
        self.assertRefused("too_large", content, limit_bytes=11)
        with patch.object(tabular, "MAX_SHEET_ROWS", 5):
            self.assertRefused("too_many_rows", content)

    def test_workbook(self):
        content = workbook(
            ["姓名", "Date", "Value", None],
            ["张三", date(2026, 1, 31), 45],
            [],
            [" ", datetime(2026, 1, 31, 8, 30), 0.45, "beyond"],
        )
        table = read_table("values.xlsx", content)
        self.assertEqual(table.headers, ("姓名", "Date", "Value"))
        self.assertEqual(
            list(table.rows),
            [
                Row(2, ("张三", date(2026, 1, 31), 45)),
                Row(4, (None, datetime(2026, 1, 31, 8, 30), 0.45), surplus=True),
            ],
        )

    def test_number_shown_in_percent_is_read_as_it_is_shown(self):
        book = openpyxl.Workbook()
        book.active.append(["A", "B", "C", "D", "E", "F", "G"])
        book.active.append([0.455, 1, 0.455, "45%", 1e-7, 45, 45])
        styles = {
            "A2": "0.0%",
            "B2": "0%",
            "C2": "0.00",
            "E2": "[Red]0%",
            "F2": '0"%"',
            "G2": r"0\%",
        }
        for place, style in styles.items():
            book.active[place].number_format = style
        stream = io.BytesIO()
        book.save(stream)
        (row,) = read_table("values.xlsx", stream.getvalue()).rows
        # a sign that the format only writes multiplies nothing
        self.assertEqual(row.cells, ("45.5%", "100%", 0.455, "45%", "0.00001%", 45, 45))

    def test_the_first_visible_sheet_counts(self):
        book = openpyxl.Workbook()
        book.active.sheet_state = "hidden"
        book.active.append(["hidden"])
        book.create_sheet().append(["shown"])
        stream = io.BytesIO()
        book.save(stream)
        self.assertEqual(self.read_content(stream.getvalue())[0], ("shown",))

    def test_zip_bomb_is_refused_before_it_is_opened(self):
        content = workbook(["a"], ["x" * 10_000])
        with (
            patch.object(tabular, "MAX_UNPACKED_BYTES", 5_000),
            patch("openpyxl.load_workbook") as load,
        ):
            self.assertRefused("too_large", content)
        load.assert_not_called()
        with patch.object(tabular, "MAX_PARTS", 3):
            self.assertRefused("too_large", content)

    def test_zip_bomb_that_lies_about_its_size(self):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b"<a>" + b"0" * 10_000)
        lying = stream.getvalue().replace((10_003).to_bytes(4, "little"), (3).to_bytes(4, "little"))
        self.assertNotEqual(lying, stream.getvalue())
        self.assertRefused("damaged", lying)

    def test_entity_definitions_are_refused(self):
        bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
        for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"):
            with self.subTest(part=part), patch("openpyxl.load_workbook") as load:
                self.assertRefused("not_a_table", workbook(["a"], ["b"], **{part: bomb}))
                load.assert_not_called()

    def test_millions_of_claimed_rows(self):
        sheet = (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
            b'<row r="999999999"><c r="A999999999"><v>2</v></c></row></sheetData></worksheet>'
        )
        content = workbook(["a"], **{"xl/worksheets/sheet1.xml": sheet})
        with patch.object(tabular, "MAX_SHEET_ROWS", 1000):
            self.assertRefused("too_many_rows", content)

    def test_the_size_that_a_sheet_claims_is_not_believed(self):
        sheet = (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b'<dimension ref="A1:A1"/><sheetData><row r="1"><c r="A1"><v>1</v></c>'
            b'<c r="B1"><v>2</v></c></row><row r="2"><c r="B2"><v>3</v></c></row></sheetData>'
            b"</worksheet>"
        )
        content = workbook(["a"], **{"xl/worksheets/sheet1.xml": sheet})
        self.assertEqual(self.read_content(content), (("1", "2"), [(2, None, 3)]))

    def test_a_cell_far_to_the_right(self):
        book = openpyxl.Workbook()
        book.active.append(["a", "b"])
        book.active.append([1, 2])
        book.active.cell(2, 16_000, "far")
        stream = io.BytesIO()
        book.save(stream)
        rows = list(read_table("values.xlsx", stream.getvalue()).rows)
        self.assertEqual(rows, [Row(2, (1, 2), surplus=True)])

    def test_damaged_workbooks(self):
        content = workbook(["a", "b"], [1, 2])
        self.assertRefused("damaged", content[: len(content) // 2])
        self.assertRefused("damaged", content[:4] + b"rubbish" * 50)
        sheet = (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b'<sheetData><row r="1"><c r="A1" t="s"><v>99</v></c></row></sheetData></worksheet>'
        )
        self.assertRefused("damaged", workbook(["a"], **{"xl/worksheets/sheet1.xml": sheet}))


class TestToolsTabularCells(BaseCase):
    def assertRefused(self, code, function, *args, **options):
        with self.assertRaises(TableError) as caught:
            function(*args, **options)
        self.assertEqual(caught.exception.code, code, args)

    def test_numbers(self):
        cases = {
            "1,234.5": "1234.5",
            "1234567.891": "1234567.891",
            "12,345,678": "12345678",
            "1 234.50": "1234.50",
            "1\u00a0234": "1234",
            ".5": "0.5",
            "5.": "5",
            "-5": "-5",
            "\u22125": "-5",
            "+5": "5",
            "- 5": "-5",
            "(1,200.50)": "-1200.50",
            "¥1,200.00": "1200",
            "￥１，２００．５": "1200.5",
            "-¥5": "-5",
            "$ 5": "5",
            "100元": "100",
            "5 EUR": "5",
            "1.5E+05": "150000",
            "007": "7",
            " 4 ": "4",
        }
        for text, expected in cases.items():
            with self.subTest(text=text):
                self.assertEqual(parse_number(text), Number(Decimal(expected)))
        self.assertEqual(parse_number(0.1 + 0.2), Number(Decimal("0.3")))
        self.assertEqual(parse_number(45), Number(Decimal(45)))

    def test_percent_is_the_number_people_write(self):
        for text in ("45%", "45 %", "４５％", "45.0%"):
            self.assertEqual(parse_number(text), Number(Decimal(45), percent=True))
        self.assertEqual(parse_number("(5%)"), Number(Decimal(-5), percent=True))

    def test_decimal_comma_is_asked_for(self):
        self.assertRefused("not_a_number", parse_number, "12,5")
        self.assertRefused("not_a_number", parse_number, "1.234,5")
        self.assertEqual(parse_number("12,5", decimal_mark=",").value, Decimal("12.5"))
        self.assertEqual(parse_number("1.234,5", decimal_mark=",").value, Decimal("1234.5"))
        self.assertRefused("not_a_number", parse_number, "1,234.5", decimal_mark=",")

    def test_what_is_no_number(self):
        for text in (
            "NaN",
            "nan",
            "Inf",
            "-Infinity",
            "1e4000",
            "abc",
            "1.2.3",
            "1,23,456",
            "1,2345",
            "--1",
            "+-1",
            "-",
            "%",
            "¥",
            "(-5)",
            "(5",
            "5)",
            "5USD6",
            "¥5元",
            "2²",
            "½",
            "٣",
            "1_000",
            "0x10",
            "=1+1",
            "1" * 101,
            True,
            date(2026, 1, 1),
            float("nan"),
        ):
            with self.subTest(text=text):
                self.assertRefused("not_a_number", parse_number, text)
        for text in ("1e400", "1e30", "1e-300", 10**30, 10**5000):
            self.assertRefused("out_of_range", parse_number, text)
        for text in ("", "  ", "\u3000", None):
            self.assertRefused("empty_cell", parse_number, text)

    def test_dates(self):
        expected = date(2026, 1, 31)
        for value in (
            "2026-01-31",
            "2026/1/31",
            "2026.1.31",
            "20260131",
            "2026年1月31日",
            "2026年01月31号",
            "２０２６年１月３１日",
            "31.01.2026",
            "31.1.2026 08:30",
            "2026-01-31 23:59:59",
            "2026-01-31T23:59:59.5+08:00",
            "2026/1/31 0:00",
            "46053",
            "46053.75",
            46053,
            46053.75,
            date(2026, 1, 31),
            datetime(2026, 1, 31, 23, 59),
        ):
            with self.subTest(value=value):
                self.assertEqual(parse_date(value), expected)

    def test_serial_numbers(self):
        self.assertEqual(parse_date(1), date(1900, 1, 1))
        self.assertEqual(parse_date(59), date(1900, 2, 28))
        self.assertEqual(parse_date(61), date(1900, 3, 1))
        self.assertEqual(parse_date(2958465), date(9999, 12, 31))
        self.assertEqual(parse_date(0, date_1904=True), date(1904, 1, 1))
        self.assertEqual(parse_date(44591, date_1904=True), date(2026, 1, 31))
        for value in (0, -1, 60, 2958466, 10**20, float("nan"), True):
            self.assertRefused("not_a_date", parse_date, value)

    def test_a_date_that_reads_two_ways_is_refused(self):
        self.assertRefused("ambiguous_date", parse_date, "1/2/2026")
        self.assertEqual(parse_date("1/2/2026", day_first=True), date(2026, 2, 1))
        self.assertEqual(parse_date("1/2/2026", day_first=False), date(2026, 1, 2))
        self.assertRefused("not_a_date", parse_date, "1/31/2026", day_first=True)

    def test_what_is_no_date(self):
        for value in (
            "2026-02-30",
            "2026-13-01",
            "0000-01-01",
            "today",
            "12",
            "2026-1/31",
            "31.01.26",
        ):
            self.assertRefused("not_a_date", parse_date, value)
        for value in ("", " ", None):
            self.assertRefused("empty_cell", parse_date, value)

    def test_formulas_are_neutralised_and_numbers_are_not(self):
        for text in (
            "=1+1",
            "+1+1",
            "-1+1",
            "@SUM(A1)",
            "\t=1",
            "\ttext",
            "\r=1",
            "\n=1",
            " =1",
            "＝1+1",
            "=cmd|' /C calc'!A0",
            "-",
            "-2+3+cmd|' /C calc'!A0",
            "+86 138 0000 0000",
        ):
            with self.subTest(text=text):
                self.assertEqual(safe_cell(text), "'" + text)
        for value in ("-5", "+3.5%", "-1,234.50", "1e-5", "text", "a=b", "", 5, -5.5, None, True):
            with self.subTest(value=value):
                self.assertEqual(safe_cell(value), value)


words = st.text(
    st.characters(codec="gb18030", exclude_categories=("Cc", "Zs", "Zl", "Zp", "Cs", "Co", "Cn")),
    min_size=1,
    max_size=6,
)
cells = words | st.sampled_from(["a,b", "c;d", "e\tf", 'say "x"', "two\nlines", "1,234.5", "张三"])


class TestToolsTabularProperties(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sample = workbook(["a", "b"], [1, "x"], [date(2026, 1, 31), 2.5])

    @properties
    @given(
        st.lists(words, min_size=2, max_size=5, unique=True),
        st.lists(st.lists(cells, min_size=5, max_size=5), max_size=5),
        st.sampled_from(["utf-8-sig", "utf-8", "utf-16"]),
    )
    def test_written_tables_are_read_back(self, headers, rows, encoding):
        for delimiter in "\t;,":
            stream = io.StringIO()
            stream.write(f"sep={delimiter}\n")
            writer = csv.writer(stream, delimiter=delimiter)
            writer.writerows([headers, *(row[: len(headers)] for row in rows)])
            table = read_table("x.csv", stream.getvalue().encode(encoding))
            self.assertEqual(table.headers, tuple(headers))
            self.assertEqual(
                [row.cells for row in table.rows], [tuple(row[: len(headers)]) for row in rows]
            )

    @properties
    @given(st.binary(max_size=200) | st.text(max_size=60).map(str.encode))
    def test_any_bytes_give_a_table_or_an_error(self, content):
        try:
            table = read_table("x", content)
            for row in table.rows:
                self.assertEqual(len(row.cells), len(table.headers))
        except TableError:
            return

    @properties
    @given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8))
    def test_any_damage_to_a_workbook_gives_a_table_or_an_error(self, changes):
        content = bytearray(self.sample)
        for position, byte in changes:
            content[position % len(content)] = byte
        try:
            list(read_table("x.xlsx", bytes(content)).rows)
        except TableError:
            return

    @properties
    @given(st.decimals(-(10**12), 10**12, places=3))
    def test_written_numbers_are_read_back(self, number):
        for text in (f"{number}", f"{number:,}", f"{number:,}%", f"¥{number:,}"):
            self.assertEqual(parse_number(text).value, number)
        comma = f"{number:,}".translate(str.maketrans(",.", ".,"))
        self.assertEqual(parse_number(comma, decimal_mark=",").value, number)

    @properties
    @given(st.dates(date(1900, 3, 1)))
    def test_written_dates_are_read_back(self, day):
        serial = (day - date(1899, 12, 30)).days
        year_first = f"{day.year:04}/{day.month}/{day.day}"
        day_first = f"{day.day}.{day.month}.{day.year:04}"
        for value in (day.isoformat(), year_first, day_first, serial, serial + 0.5):
            self.assertEqual(parse_date(value), day)
        if day >= date(1904, 1, 1):
            self.assertEqual(parse_date((day - date(1904, 1, 1)).days, date_1904=True), day)

    @properties
    @given(
        st.text(max_size=12)
        | st.text("0123456789０１２.,，-+()%％¥ eE年月日/T:", max_size=14)
        | st.floats()
        | st.integers()
        | st.none()
        | st.booleans()
        | st.timedeltas(timedelta(0))
    )
    def test_any_cell_gives_a_value_or_an_error(self, cell):
        for parse in (parse_number, parse_date):
            try:
                parse(cell)
            except TableError:
                continue

    @properties
    @given(st.text(max_size=8) | st.text("=+-@\t\r 1.,%e", max_size=8))
    def test_no_exported_text_begins_a_formula(self, text):
        safe = safe_cell(text)
        if safe.lstrip()[:1] in tuple("=+-@＝＋－＠"):
            self.assertEqual(safe, text)
            Decimal(safe.replace(",", "").removesuffix("%").rstrip())
        else:
            self.assertIn(safe, (text, f"'{text}"))
