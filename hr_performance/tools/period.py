"""Periods of a programme: dates, inclusive at both ends, local to the company.

The periods of one cadence tile the calendar: every day lies in exactly one of them.
"""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import CodedError

#: Months of the cadences that follow the (fiscal) year.
MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
CADENCES = (*MONTHS, "custom")

_DAY = timedelta(days=1)


class PeriodError(CodedError):
    """Codes: ``end_before_start``, ``unknown_cadence``, ``anchor_missing``, ``length_missing``,
    ``bad_length``, ``bad_fiscal_month``, ``unknown_zone``, ``out_of_calendar``."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from ``date_from`` to ``date_to``, both included.

    :raises PeriodError: ``end_before_start``
    """

    date_from: date
    date_to: date

    def __post_init__(self):
        if self.date_to < self.date_from:
            raise PeriodError("end_before_start", date_from=self.date_from, date_to=self.date_to)

    def __contains__(self, day):
        return self.date_from <= day <= self.date_to

    @property
    def days(self):
        """Number of calendar days."""
        return (self.date_to - self.date_from).days + 1

    def overlap_days(self, date_from=None, date_to=None):
        """Number of days shared with another span; None leaves that end open.

        ``period.overlap_days(joined_on, left_on)`` are the days of an employment in the period.
        """
        first = max(self.date_from, date_from or self.date_from)
        last = min(self.date_to, date_to or self.date_to)
        return max((last - first).days + 1, 0)

    def share_of(self, date_from=None, date_to=None):
        """Part of this period that the other span covers, an exact ratio from 0 to 1."""
        return Decimal(self.overlap_days(date_from, date_to)) / self.days


def period_of(cadence, day, anchor=None, custom_days=None, custom_months=None, fiscal_month=1):
    """The period in which ``day`` lies.

    :param cadence: ``monthly``, ``quarterly``, ``half_yearly``, ``yearly`` or ``custom``
    :param anchor: the first day of some period of a ``custom`` cadence. With months, a day that a
        month lacks falls on its last day: from 31 January by one month, 28 February, 31 March
    :param custom_days: length of a ``custom`` period in days
    :param custom_months: length of a ``custom`` period in months, instead of days
    :param fiscal_month: month in which the year of the other cadences begins, 1 to 12
    :raises PeriodError: for parameters that do not describe a cadence, or a period outside the
        years 1 to 9999
    """
    try:
        if cadence == "custom":
            return _custom_period(day, anchor, custom_days, custom_months)
        if cadence not in MONTHS:
            raise PeriodError("unknown_cadence", cadence=cadence)
        if fiscal_month not in range(1, 13):
            raise PeriodError("bad_fiscal_month", month=fiscal_month)
        length = MONTHS[cadence]
        index = _month_index(day)
        first = index - (index - (fiscal_month - 1)) % length
        return Period(_from_index(first), _from_index(first + length) - _DAY)
    except (OverflowError, calendar.IllegalMonthError, _OutOfCalendar):
        raise PeriodError("out_of_calendar", day=day) from None


def next_period(cadence, period, **options):
    """The period that begins on the day after ``period``; options as for :func:`period_of`.

    After a change of the cadence it is the rest of the period in which that day lies, so that no
    day belongs to two periods.
    """
    try:
        day = period.date_to + _DAY
    except OverflowError:
        raise PeriodError("out_of_calendar", day=period.date_to) from None
    return Period(day, period_of(cadence, day, **options).date_to)


def due_periods(cadence, today, date_start, last=None, lead_days=0, date_end=None, **options):
    """Periods whose opening day has come and which are not open yet, oldest first.

    It looks at what is missing, not at whether today is the day: after a few days off the periods
    that began meanwhile are all returned.

    :param today: the day in the company
    :param date_start: a day of the first period that is wanted
    :param last: the last :class:`Period` that was opened, if any
    :param lead_days: how many days before its first day a period is opened
    :param date_end: no period is opened that begins after this day
    :param options: as for :func:`period_of`; ``anchor`` defaults to ``date_start``
    :return: list of :class:`Period`
    """
    options.setdefault("anchor", date_start)
    if last is None:
        period = period_of(cadence, date_start, **options)
    else:
        period = next_period(cadence, last, **options)
    limit = today + timedelta(days=lead_days)
    if date_end is not None:
        limit = min(limit, date_end)
    due = []
    while period.date_from <= limit:
        due.append(period)
        period = next_period(cadence, period, **options)
    return due


def elapsed_share(period, today):
    """Part of the period that is over at the end of ``today``: 0 before it, 1 from its last day."""
    return period.share_of(date_to=today)


def utc_bounds(period, tz_name):
    """The instants between which the days of the period lie in a time zone.

    :param tz_name: name such as ``Asia/Shanghai``; empty means UTC
    :return: pair of naive UTC datetimes (start inclusive, end exclusive), as Odoo stores them. A
        day whose midnight does not exist, because the clocks jump over it, begins after the jump
    :raises PeriodError: ``unknown_zone``, ``out_of_calendar``
    """
    try:
        zone = ZoneInfo(tz_name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PeriodError("unknown_zone", zone=tz_name) from None
    try:
        return _midnight(period.date_from, zone), _midnight(period.date_to + _DAY, zone)
    except OverflowError:
        raise PeriodError("out_of_calendar", day=period.date_to) from None


def _midnight(day, zone):
    local = datetime.combine(day, time.min, tzinfo=zone)
    return local.astimezone(timezone.utc).replace(tzinfo=None)


# -- months ----------------------------------------------------------------------------------------


class _OutOfCalendar(Exception):
    pass


def _month_index(day):
    """Months since January of the year 0."""
    return day.year * 12 + day.month - 1


def _from_index(index, day=1):
    """The day of the month at ``index``, or the last day of that month where it has fewer."""
    year, month = divmod(index, 12)
    if not date.min.year <= year <= date.max.year:
        raise _OutOfCalendar
    return date(year, month + 1, min(day, calendar.monthrange(year, month + 1)[1]))


def _custom_period(day, anchor, days, months):
    if anchor is None:
        raise PeriodError("anchor_missing")
    if months:
        return _months_from_anchor(day, anchor, _length(months))
    if days:
        number = (day - anchor).days // _length(days)
        first = anchor + timedelta(days=number * days)
        return Period(first, first + timedelta(days=days - 1))
    raise PeriodError("length_missing")


def _months_from_anchor(day, anchor, months):
    """Each start is counted from the anchor itself, so that a short month does not shorten the
    ones after it."""
    origin = _month_index(anchor)
    number = (_month_index(day) - origin) // months
    first = _from_index(origin + number * months, anchor.day)
    if first > day:
        number -= 1
        first = _from_index(origin + number * months, anchor.day)
    return Period(first, _from_index(origin + (number + 1) * months, anchor.day) - _DAY)


def _length(value):
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise PeriodError("bad_length", length=value)
    return value
