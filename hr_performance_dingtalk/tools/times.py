"""Instants and days as DingTalk writes them: in four ways, one of them false.

Naive datetimes are UTC, as Odoo stores them; days are days in China.
"""

import re
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_EPOCH = datetime(1970, 1, 1)
_OFFSET = timedelta(hours=8)
_TEXT = "%Y-%m-%d %H:%M:%S"
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_BUSINESS_ID = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)\d+", re.ASCII)

#: What the digits of an approval's time turned out to mean, see :func:`approval_clock`.
LOCAL, TRUE_UTC, UNPROVEN = "local", "utc", "unproven"


def utc_from_ms(value):
    """Naive UTC datetime of epoch milliseconds, given as number or as text; None for nothing."""
    if value in (None, ""):
        return None
    return _EPOCH + timedelta(milliseconds=int(value))


def ms_from_utc(instant):
    """Epoch milliseconds of a naive UTC datetime."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=4096)
def day_from_ms(value):
    """The day in China in which epoch milliseconds lie.

    A work day arrives as its midnight in China, which in UTC still is the day before.
    """
    return datetime.fromtimestamp(int(value) / 1000, SHANGHAI).date()


def midnight_ms(day):
    """Epoch milliseconds of the day's midnight in China."""
    return int(datetime.combine(day, time.min, tzinfo=SHANGHAI).timestamp()) * 1000


def day_text(day, at=time.min):
    """``2026-03-01 00:00:00``, as the old host wants its days."""
    return datetime.combine(day, at).strftime(_TEXT)


def utc_from_text(text):
    """Naive UTC datetime of ``yyyy-MM-dd HH:mm:ss`` in China; None for an empty text."""
    if not text:
        return None
    return _to_utc(datetime.strptime(text, _TEXT).replace(tzinfo=SHANGHAI))


def day_of_text(text):
    """The day of ``yyyy-MM-dd`` or ``yyyy-MM-dd HH:mm:ss``."""
    return date.fromisoformat(text[:10])


def utc_from_iso(text):
    """Naive UTC datetime of a true ISO time, with ``Z`` or an offset; None for an empty text.

    Not for approvals, see :func:`approval_time`.
    """
    if not text:
        return None
    digits, zone = _iso_parts(text)
    if zone in ("", "Z"):
        return digits
    sign = -1 if zone[0] == "-" else 1
    shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return digits - sign * shift


def approval_clock(create_time, business_id):
    """What the digits of this approval's times mean.

    An approval's times end in ``Z`` and are the time of day in China nevertheless. Its business id
    begins with the same minute in local time, which tells: same digits, :data:`LOCAL`; eight hours
    apart, :data:`TRUE_UTC`; anything else, :data:`UNPROVEN`.
    """
    found = _BUSINESS_ID.fullmatch(business_id or "")
    if not found or not create_time:
        return UNPROVEN
    try:
        local = datetime(*map(int, found.groups()))
    except ValueError:
        return UNPROVEN
    digits = _iso_parts(create_time)[0].replace(second=0)
    # the id is drawn at most moments before or after the time is noted
    if abs(local - digits) <= timedelta(minutes=1):
        return LOCAL
    if abs(local - _OFFSET - digits) <= timedelta(minutes=1):
        return TRUE_UTC
    return UNPROVEN


def approval_time(text, clock=LOCAL):
    """Naive UTC datetime of an approval's time; None for an empty text.

    :param clock: see :func:`approval_clock`. Unproven counts as local, which all recordings are
    """
    if not text:
        return None
    digits, zone = _iso_parts(text)
    if zone not in ("", "Z"):
        return utc_from_iso(text)
    if clock == TRUE_UTC:
        return digits
    return _to_utc(digits.replace(tzinfo=SHANGHAI))


def _iso_parts(text):
    found = _ISO.fullmatch(text)
    if not found:
        raise ValueError(f"not a time: {text[:40]!r}")
    *numbers, zone = found.groups()
    return datetime(*(int(number or 0) for number in numbers)), zone or ""


def _to_utc(instant):
    return instant.astimezone(timezone.utc).replace(tzinfo=None)
