"""Messages without Odoo: their texts, the hours at which people are left alone, and outcomes."""

import re
from datetime import datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .errors import CodedError

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_BLANK_LINES = re.compile(r"\n{3,}")


class TextError(CodedError):
    """Codes: ``unknown_placeholder`` with its ``name``."""


class Outcome(NamedTuple):
    """What became of one message that a channel was given.

    ``state``: ``sent``; ``accepted`` when the outcome is to be fetched later; ``failed``;
    ``unknown`` when nobody can tell whether it arrived, so that it must not be repeated by itself;
    ``waiting`` when it certainly was not sent and is to be tried again after ``pause`` minutes,
    or after a while that grows with each try.
    ``reason``: why, in words for HR. ``reference``: what the channel calls it.
    """

    state: str
    reason: str = ""
    reference: str = ""
    pause: int = 0


def fill(text, values):
    """Put values in the places of ``{placeholders}``. Values are not looked into.

    >>> fill("Score {employee}", {"employee": "{Anna}"})
    'Score {Anna}'

    :raises TextError: ``unknown_placeholder`` for one that has no value
    """

    def replace(match):
        if match[1] not in values:
            raise TextError("unknown_placeholder", name=match[1])
        return values[match[1]]

    # An empty value leaves no hole where it stood alone on its line.
    return _BLANK_LINES.sub("\n\n", _PLACEHOLDER.sub(replace, text or "")).strip()


def placeholders(*texts):
    """The names of the placeholders in some texts.

    >>> sorted(placeholders("{a} and {b}", None, "{a}"))
    ['a', 'b']
    """
    return {name for text in texts for name in _PLACEHOLDER.findall(text or "")}


def quiet_until(moment, tz_name, start, end):
    """When the quiet hours end in which a moment lies, or None when it lies in none.

    >>> quiet_until(datetime(2026, 3, 1, 22), "UTC", 20, 8)
    datetime.datetime(2026, 3, 2, 8, 0)

    :param moment: naive UTC datetime
    :param tz_name: time zone in which the hours are meant
    :param start: hour at which quiet begins, from 0 to 24, as a float
    :param end: hour at which it ends; equal to ``start`` when there are no quiet hours
    :return: naive UTC datetime
    """
    local = _localize(moment, tz_name)
    now, first, last = local.hour * 60 + local.minute, _minutes(start), _minutes(end)
    is_quiet = first <= now < last if first < last else first != last and not last <= now < first
    return next_time(moment, tz_name, end) if is_quiet else None


def next_time(moment, tz_name, hour):
    """The next time that the clock shows an hour, from a moment on; both in naive UTC.

    >>> next_time(datetime(2026, 3, 1, 22), "Asia/Shanghai", 9)
    datetime.datetime(2026, 3, 2, 1, 0)
    """
    local = _localize(moment, tz_name)
    day = local.date()
    while (at := _at(day, hour, local.tzinfo)) < moment:
        day += timedelta(days=1)
    return at


def _localize(moment, tz_name):
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(tz_name or "UTC"))


def _minutes(hour):
    return round(hour * 60) % (24 * 60)


def _at(day, hour, zone):
    minutes = _minutes(hour)
    local = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=zone)
    return local.astimezone(timezone.utc).replace(tzinfo=None)
