"""Improvement plans: their states, when a step is due, whether a metric has recovered."""

import calendar
from datetime import date, timedelta
from typing import NamedTuple

from .period import next_period, period_of

#: How often a step is repeated. ``once`` is due on its first day.
REPEATS = ("once", "daily", "workdays", "weekly", "monthly")
CADENCES = ("weekly", "monthly", "quarterly")
WORKDAYS = frozenset(range(5))
#: Plans that still go on.
OPEN_STATES = ("draft", "running")

#: Some Monday; weeks run from Monday to Sunday.
_MONDAY = date(2024, 1, 1)


class Transition(NamedTuple):
    """One move of a plan.

    ``roles``: ``manager`` is somebody above the employee, ``hr`` an HR officer for anybody but
    himself, ``developer`` the employee of a plan that rests on no metric.
    """

    sources: tuple[str, ...]
    target: str
    roles: tuple[str, ...]
    needs_note: bool = False


TRANSITIONS = {
    "start": Transition(("draft",), "running", ("manager", "hr", "developer")),
    "recover": Transition(("running",), "recovered", ("manager", "hr")),
    "end": Transition(("running",), "ended", ("manager", "hr"), True),
    "reopen": Transition(("recovered", "ended"), "running", ("manager", "hr")),
}


def due_days(repeat, first, last, weekdays=frozenset()):
    """The days between ``first`` and ``last``, both included, on which a step is due.

    :param weekdays: for ``weekly``: Monday is 0; empty means the weekday of ``first``

    >>> from datetime import date
    >>> due_days("weekly", date(2026, 3, 2), date(2026, 3, 11), {0, 2})
    [datetime.date(2026, 3, 2), datetime.date(2026, 3, 4), datetime.date(2026, 3, 9), \
datetime.date(2026, 3, 11)]
    """
    if last < first:
        return []
    if repeat == "once":
        return [first]
    return [day for day in _days(first, last) if _is_due(repeat, first, day, weekdays)]


def _days(first, last):
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _is_due(repeat, first, day, weekdays):
    if repeat == "daily":
        return True
    if repeat == "workdays":
        return day.weekday() in WORKDAYS
    if repeat == "weekly":
        return day.weekday() in (weekdays or {first.weekday()})
    # monthly; a month that lacks the day has it on its last one
    return day.day == min(first.day, calendar.monthrange(day.year, day.month)[1])


def checkpoint_period(cadence, day):
    """The week, month or quarter in which ``day`` lies."""
    if cadence == "weekly":
        return period_of("custom", day, anchor=_MONDAY, custom_days=7)
    return period_of(cadence, day)


def checkpoint_periods(cadence, first, last, after=None):
    """The periods from the one of ``first`` to the one of ``last``, in order.

    :param after: last day of what the plan is compared with; periods that reach into it are left
        out
    """
    options = {"anchor": _MONDAY, "custom_days": 7} if cadence == "weekly" else {}
    kind = "custom" if cadence == "weekly" else cadence
    periods, period = [], checkpoint_period(cadence, first)
    while period.date_from <= last:
        if after is None or period.date_from > after:
            periods.append(period)
        period = next_period(kind, period, **options)
    return periods


def is_reached(value, target, direction):
    """Equality meets a target. Floats of measured numbers are compared at nine decimals.

    >>> is_reached(4.5, 4.5, "higher"), is_reached(16.0, 15.0, "lower")
    (True, False)
    """
    gap = round(value - target, 9)
    return gap <= 0 if direction == "lower" else gap >= 0


def has_recovered(values, target, direction, needed=1):
    """Whether the last ``needed`` of the values, oldest first, reach the target.

    None is an unknown value; it neither confirms nor denies, so it is passed over.
    """
    known = [value for value in values if value is not None]
    last = known[-needed:]
    return len(last) == needed and all(is_reached(value, target, direction) for value in last)
