"""Periods as people write them into tables: ``2026-03``, ``2026年3月``, ``Q1 2026``."""

import re
import unicodedata
from datetime import date, timedelta

from .period import Period

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_CHINESE_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4}
_YEAR = r"(?P<year>(?:19|20|21)[0-9]{2})"
_PATTERNS = {
    "month": (
        rf"{_YEAR}[-/.]?(?P<part>0[1-9]|1[0-2])",
        rf"{_YEAR}[-/.](?P<part>[1-9])",
        rf"{_YEAR}年(?P<part>0?[1-9]|1[0-2])月份?",
        rf"(?P<part>[a-z]{{3,9}})[ -]?{_YEAR}",
        rf"{_YEAR}[ -]?(?P<part>[a-z]{{3,9}})",
    ),
    "quarter": (
        rf"{_YEAR}[- /年]?q(?P<part>[1-4])",
        rf"q(?P<part>[1-4])[- /]?{_YEAR}",
        rf"{_YEAR}年?第?(?P<part>[1-4一二三四])季度?",
    ),
    "half": (
        rf"{_YEAR}[- /年]?h(?P<part>[12])",
        rf"h(?P<part>[12])[- /]?{_YEAR}",
        rf"{_YEAR}年?(?P<part>[上下])半年",
    ),
    "year": (rf"{_YEAR}年?度?",),
}
_LENGTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_COMPILED = [
    (kind, re.compile(pattern)) for kind, patterns in _PATTERNS.items() for pattern in patterns
]


def period_from_text(value):
    """Read the name of a month, quarter, half-year or year.

    :param value: a text, or the number that a spreadsheet made of ``2026`` or ``202603``
    :return: a :class:`~.period.Period`, or None when it is no such name; it may still be a day
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        value = str(int(value)) if value == value and abs(value) < 10**6 else ""
    if not isinstance(value, str):
        return None
    text = unicodedata.normalize("NFKC", value).strip().lower()
    for kind, pattern in _COMPILED:
        match = pattern.fullmatch(text)
        number = match and _number(kind, match.groupdict().get("part"))
        if number:
            return _period(int(match["year"]), number, _LENGTHS[kind])
    return None


def _number(kind, part):
    """The place of the period in its year, from 1; None for a word that is no month."""
    if kind == "year":
        return 1
    if part in ("上", "下"):
        return 1 if part == "上" else 2
    if part in _CHINESE_DIGITS:
        return _CHINESE_DIGITS[part]
    return int(part) if part.isdigit() else _month_number(part)


def _month_number(word):
    """The number of a month by its English name or the beginning of it: ``mar``, ``sept``."""
    return next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(word)), None)


def _period(year, number, length):
    first = date(year, (number - 1) * length + 1, 1)
    months = year * 12 + number * length
    following = date(months // 12, months % 12 + 1, 1)
    return Period(first, following - timedelta(days=1))
