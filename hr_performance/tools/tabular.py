"""Reading the tables that people upload, and writing cells that no spreadsheet executes.

Whatever the bytes are, reading either gives a table or raises a :class:`TableError` that can be
shown to the person. A row that does not fit its headers is marked, not thrown, so that one bad row
does not stop the others.
"""

import csv
import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from xml.parsers import expat

from .decimals import NumberError, plain, to_decimal
from .errors import CodedError, excerpt

MAX_ROWS = 200_000
MAX_COLUMNS = 500
#: Rows of a sheet, empty ones included; a spreadsheet has no more.
MAX_SHEET_ROWS = 1_048_576
MAX_BYTES = 50 * 2**20
#: A workbook is compressed; this is what it may grow to in memory.
MAX_UNPACKED_BYTES = 200 * 2**20
MAX_PARTS = 2_000
#: Rows with a single cell that are looked through for the headers below them.
MAX_TITLE_ROWS = 10

_DELIMITERS = ("\t", ";", ",")
_SAMPLE_RECORDS = 20
_SAMPLE_LENGTH = 200_000
_ZIP_MAGIC = b"PK\x03\x04"
_OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class TableError(CodedError):
    """A file, number or date that cannot be read.

    Codes of a file: ``empty``, ``too_large`` (limit), ``too_many_rows`` (limit),
    ``too_many_columns`` (limit), ``unknown_encoding``, ``not_a_table``, ``old_excel``,
    ``damaged``, ``bad_quotes`` (row), ``duplicate_header`` (header).
    Codes of a cell: ``empty_cell``, ``not_a_number``, ``out_of_range``, ``not_a_date``,
    ``ambiguous_date``; each with ``text``.
    """


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    :param number: its number in the file, counted from 1 as a spreadsheet shows it
    :param cells: as many as there are headers; None for an empty cell
    :param surplus: whether there is something to the right of the last header; in a CSV it mostly
        means an unquoted delimiter inside a cell, so that the cells are shifted
    """

    number: int
    cells: tuple
    surplus: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Headers and rows.

    :param headers: texts of the first row with more than one cell; titles above it are left out
    :param rows: iterator of :class:`Row`, empty rows left out; it can be read once, and raises
        :class:`TableError` where the file turns out to be damaged or too long
    """

    headers: tuple[str, ...]
    rows: Iterator[Row]


def read_table(filename, content, limit_rows=MAX_ROWS, limit_bytes=MAX_BYTES):
    """Read an uploaded CSV or XLSX file. What it is, is decided by its content.

    CSV: UTF-8 with or without mark, UTF-16 with mark, or GB18030 (which includes GBK); comma,
    semicolon or tab. XLSX: the first visible sheet, values rather than formulas; a date-time at
    midnight is given as a date, a number shown in percent as text with its sign.

    :param filename: only named in errors
    :param content: the bytes
    :param limit_rows: most rows below the headers
    :param limit_bytes: most bytes of the file
    :raises TableError: when it is not such a table
    """
    if not isinstance(content, bytes | bytearray):
        raise TableError("not_a_table", filename=filename)
    if len(content) > limit_bytes:
        raise TableError("too_large", filename=filename, limit=limit_bytes)
    if not content.strip():
        raise TableError("empty", filename=filename)
    if content.startswith(_OLD_EXCEL_MAGIC):
        raise TableError("old_excel", filename=filename)
    if content.startswith(_ZIP_MAGIC):
        records = _read_workbook(filename, bytes(content))
    else:
        records = _read_csv(_decode(filename, bytes(content)))
    return _to_table(filename, records, limit_rows)


def _to_table(filename, records, limit_rows):
    """Take the headers from (number, cells) and leave the rows to be read."""
    first, records = _skip_titles(_bounded(filename, records))
    headers = tuple("" if cell is None else str(cell).strip() for cell in first)
    if not headers:
        raise TableError("empty", filename=filename)
    if len(headers) > MAX_COLUMNS:
        raise TableError("too_many_columns", filename=filename, limit=MAX_COLUMNS)
    seen = set()
    for header in filter(None, headers):
        if header in seen:
            raise TableError("duplicate_header", filename=filename, header=header)
        seen.add(header)
    return Table(headers, _rows(filename, records, len(headers), limit_rows))


def _skip_titles(records):
    """The cells of the header row, and the records below it.

    A title or a note above the table stands alone in its row. Where every row has one cell only,
    the first one is the header.
    """
    passed = []
    for number, cells in records:
        cells = _trim(cells)
        if not cells:
            continue
        if sum(cell is not None for cell in cells) > 1:
            return cells, records
        passed.append((number, cells))
        if len(passed) > MAX_TITLE_ROWS:
            break
    first = passed[0][1] if passed else ()
    return first, itertools.chain(passed[1:], records)


def _bounded(filename, records):
    """A file may claim any number of empty rows; stop where a spreadsheet would."""
    for number, cells in records:
        if number > MAX_SHEET_ROWS:
            raise TableError("too_many_rows", filename=filename, limit=MAX_SHEET_ROWS)
        yield number, cells


def _rows(filename, records, width, limit_rows):
    count = 0
    for number, cells in records:
        cells = _trim(cells)
        if not cells:
            continue
        count += 1
        if count > limit_rows:
            raise TableError("too_many_rows", filename=filename, limit=limit_rows)
        padding = (None,) * (width - len(cells))
        yield Row(number, cells[:width] + padding, len(cells) > width)


def _trim(cells):
    """Leave out the empty cells at the end, and what lies beyond the widest table accepted.

    Of the latter one cell is kept, so that the row still counts as too wide.
    """
    beyond = cells[MAX_COLUMNS:]
    if beyond:
        surplus = True if beyond.count(None) < len(beyond) else None
        cells = (*cells[:MAX_COLUMNS], surplus)
    length = len(cells)
    while length and cells[length - 1] is None:
        length -= 1
    return cells[:length]


# -- CSV -------------------------------------------------------------------------------------------


def _decode(filename, content):
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if "\0" in text:
            raise TableError("not_a_table", filename=filename)
        return text
    raise TableError("unknown_encoding", filename=filename)


def _read_csv(text):
    """Yield (number, cells) for each record; a quoted line break does not end a record."""
    first_number = 1
    declared = re.match(r"sep=([,;\t])\r?\n", text)
    if declared:
        text, first_number = text[declared.end() :], 2
    delimiter = declared[1] if declared else _sniff(text[:_SAMPLE_LENGTH])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number in itertools.count(first_number):
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise TableError("bad_quotes", row=number) from None
        yield number, tuple(cell.strip() or None for cell in cells)


def _sniff(text):
    """The delimiter which cuts the first records into most columns of one width.

    Where several do equally well the rarer sign wins: a semicolon does not stand in every record
    by chance, a comma does where it is the decimal mark.
    """
    best, best_score = ",", (0, 1)
    for delimiter in _DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            widths = [len(cells) for cells in itertools.islice(reader, _SAMPLE_RECORDS) if cells]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        same = sum(width == widths[0] for width in widths)
        score = (same / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


# -- XLSX ------------------------------------------------------------------------------------------


def _read_workbook(filename, content):
    _check_archive(filename, content)
    # loaded here, for it costs a fifth of a second which only imports need
    import openpyxl

    try:
        workbook = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        sheet = next(
            (sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"), None
        )
    except Exception:  # a damaged workbook makes the reader raise nearly anything
        raise TableError("damaged", filename=filename) from None
    if sheet is None:
        raise TableError("empty", filename=filename)
    return _read_sheet(filename, workbook, sheet)


def _read_sheet(filename, workbook, sheet):
    try:
        # the size that the file claims for itself is often wrong
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield number, tuple(_clean(cell) for cell in _trim(tuple(map(_shown, cells))))
    except Exception:  # as when opening: what is wrong may show only at the last row
        raise TableError("damaged", filename=filename) from None
    finally:
        workbook.close()


#: What a number format only writes: text in quotes, a sign after a backslash, a colour or a locale.
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


def _shown(cell):
    """The value of a cell; a number shown in percent as it is shown, for 45 % is stored as 0.45."""
    value = cell.value
    if type(value) in (int, float) and "%" in _LITERAL.sub("", cell.number_format or ""):
        try:
            return f"{plain(to_decimal(value) * 100)}%"
        except NumberError:
            return value
    return value


def _clean(cell):
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date()
    return cell


def _check_archive(filename, content):
    """Refuse archives that unpack to too much, and documents that define entities.

    The sizes in the directory of an archive can be trusted as limits: reading a part stops there.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES:
                raise TableError("too_large", filename=filename, limit=MAX_UNPACKED_BYTES)
            for part in parts:
                with archive.open(part) as stream:
                    _check_document(filename, stream)
    except TableError:
        raise
    except Exception:  # zipfile raises its own errors, zlib's, NotImplementedError and more
        raise TableError("damaged", filename=filename) from None


class _RootReached(Exception):
    """The part of a document that may define entities is over."""


def _check_document(filename, stream):
    def refuse(*_args):
        raise TableError("not_a_table", filename=filename)

    def stop(*_args):
        raise _RootReached

    is_document = stream.name.lower().endswith((".xml", ".rels"))
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        while chunk := stream.read(4096):
            parser.Parse(chunk)
    except _RootReached:
        return
    except expat.ExpatError:
        if is_document:
            raise


# -- cells -----------------------------------------------------------------------------------------

_MAX_CELL = 100
_MAX_NUMBER_MAGNITUDE = 24
_SYMBOL = r"(?:[¥$€£元]|CNY|RMB|USD|EUR|GBP)"
_CURRENCY = re.compile(rf"([-+(]?) *{_SYMBOL} *(.*)|(.*?) *{_SYMBOL}(\)?)", re.IGNORECASE)
_SERIAL = re.compile(r"[0-9]{5,7}(\.[0-9]+)?")
_TIME_OF_DAY = (
    r"(?:[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})" + _TIME_OF_DAY)
_CHINESE = re.compile(r"([0-9]{4}) ?年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?[日号]?" + _TIME_OF_DAY)
_COMPACT = re.compile(r"(19|20|21)([0-9]{2})([0-9]{2})([0-9]{2})")
_DAY_DOTS = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})" + _TIME_OF_DAY)
_YEAR_LAST = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})" + _TIME_OF_DAY)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was typed: ``45%`` is 45 with ``percent`` set, not 0.45."""

    value: Decimal
    percent: bool = False


def parse_number(text, decimal_mark="."):
    """Read a number out of a cell.

    Understood are thousands separated by the other mark or by spaces, but only in threes; full
    width signs as Chinese keyboards type them; a currency; a percent sign; brackets for negative.
    What could be read in two ways is refused rather than guessed: with the decimal mark ``.``,
    ``12,5`` is no number.

    :param text: a string, or the number that a spreadsheet already gave
    :param decimal_mark: ``.`` or ``,``
    :return: :class:`Number`
    :raises TableError: ``empty_cell``, ``not_a_number`` or ``out_of_range``
    """
    if not isinstance(text, str):
        return Number(_in_range(text, text))
    plain = _half_width(text)
    if not plain:
        raise TableError("empty_cell", text=text)
    if len(plain) > _MAX_CELL:
        raise TableError("not_a_number", text=plain[:_MAX_CELL])
    plain = _CURRENCY.sub(r"\1\2\3\4", plain, count=1) if _CURRENCY.fullmatch(plain) else plain
    negative = plain.startswith("(") and plain.endswith(")")
    if negative:
        plain = plain[1:-1].strip()
    percent = plain.endswith("%")
    plain = plain.removesuffix("%").strip()
    match = _number_pattern(decimal_mark).fullmatch(plain)
    if not match or (negative and match["sign"]):
        raise TableError("not_a_number", text=text[:_MAX_CELL])
    whole = re.sub("[^0-9]", "", match["whole"])
    part = f".{match['part']}" if match["part"] else ""
    digits = f"{match['sign']}{whole or '0'}{part}{match['power'] or ''}"
    value = _in_range(digits, text)
    return Number(-value if negative else value, percent)


def _number_pattern(decimal_mark):
    point, comma = (".", ",") if decimal_mark == "." else (",", ".")
    groups = "|".join(rf"[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+" for mark in (comma, " "))
    return re.compile(
        rf"(?P<sign>[+-]?) ?(?P<whole>{groups}|[0-9]+|(?={re.escape(point)}[0-9]))"
        rf"(?:{re.escape(point)}(?P<part>[0-9]*))?(?P<power>[eE][+-]?[0-9]{{1,3}})?"
    )


def _in_range(value, text):
    if value is None:
        raise TableError("empty_cell", text="")
    try:
        number = to_decimal(value)
    except NumberError as error:
        raise TableError(error.code, text=excerpt(text)) from None
    if number and abs(number.adjusted()) > _MAX_NUMBER_MAGNITUDE:
        raise TableError("out_of_range", text=excerpt(text))
    return number


def parse_date(value, date_1904=False, day_first=None):
    """Read a day out of a cell; a time of day is left out.

    Understood are ``2026-01-31``, ``2026/1/31``, ``2026.1.31``, ``20260131``, ``2026年1月31日``,
    ``31.01.2026``, and the serial number by which spreadsheets store days.

    :param value: a string, or the date or number that a spreadsheet already gave
    :param date_1904: whether serial numbers count from 1904, as old workbooks of Macs do
    :param day_first: how to read ``1/2/2026``: True as 1 February, False as 2 January; None refuses
        it, for nobody can tell
    :raises TableError: ``empty_cell``, ``not_a_date`` or ``ambiguous_date``
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if value is None or (isinstance(value, str) and not value.strip()):
        raise TableError("empty_cell", text="")
    if not isinstance(value, str):
        return _from_serial(value, date_1904)
    text = _half_width(value)[:_MAX_CELL]
    if _SERIAL.fullmatch(text):
        return _from_serial(Decimal(text), date_1904)
    parts = _date_parts(text, day_first)
    try:
        return date(*map(int, parts))
    except ValueError:
        raise TableError("not_a_date", text=text) from None


def _date_parts(text, day_first):
    """Return year, month and day as texts."""
    if match := _YEAR_FIRST.fullmatch(text):
        return match[1], match[3], match[4]
    if match := _CHINESE.fullmatch(text):
        return match[1], match[2], match[3]
    if match := _COMPACT.fullmatch(text):
        return match[1] + match[2], match[3], match[4]
    if match := _DAY_DOTS.fullmatch(text):
        return match[3], match[2], match[1]
    if match := _YEAR_LAST.fullmatch(text):
        if day_first is None:
            raise TableError("ambiguous_date", text=text)
        return (match[3], match[2], match[1]) if day_first else (match[3], match[1], match[2])
    raise TableError("not_a_date", text=text)


def _from_serial(value, date_1904):
    """The day of a serial number. Day 60 of the 1900 count, 29 February 1900, never was."""
    try:
        number = int(_in_range(value, value))
    except TableError:
        raise TableError("not_a_date", text=excerpt(value)) from None
    if date_1904:
        first, least = date(1904, 1, 1), 0
    else:
        first, least = (date(1899, 12, 31) if number < 60 else date(1899, 12, 30)), 1
    if number < least or (number == 60 and not date_1904):
        raise TableError("not_a_date", text=excerpt(value))
    try:
        return first + timedelta(days=number)
    except OverflowError:
        raise TableError("not_a_date", text=excerpt(value)) from None


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x00A0: " ",
    0x202F: " ",
    0x2009: " ",
    0xFFE5: "¥",
    0x2212: "-",
}


def _half_width(text):
    """Full width signs and odd spaces as their plain counterparts, nothing else: a superscript
    must not turn into a digit."""
    return text.translate(_FULL_WIDTH).strip()


# -- writing ---------------------------------------------------------------------------------------

_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)? ?%?")


def safe_cell(value):
    """Make a text safe for a spreadsheet: it must not run what a person typed as a formula.

    A text which would begin a formula gets an apostrophe in front. Numbers, also as text, stay.
    """
    if not isinstance(value, str) or _PLAIN_NUMBER.fullmatch(value):
        return value
    if value[:1] in ("\t", "\r", "\n"):
        return f"'{value}"
    first = value.lstrip()[:1].translate(_FULL_WIDTH)
    return f"'{value}" if first and first in "=+-@" else value
