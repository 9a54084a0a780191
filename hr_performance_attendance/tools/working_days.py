"""Planned days against attendance: who came, how late, who was excused.

Pure functions over times. All of them are naive UTC unless a name says local.

The vocabulary of this module:

shift
    the planned work of one day, with its breaks. It belongs to the local day on which it begins,
    so a night shift is one shift and one day
session
    one attendance, from check-in to check-out
due
    what is left of a shift after approved time off
"""

from bisect import bisect_left
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from typing import NamedTuple

from odoo.addons.hr_performance.tools.period import Period, utc_bounds

#: A pause up to this long is a break of the same shift; a longer one separates two shifts.
MAX_BREAK = timedelta(hours=10)
#: The same over midnight, where a pause of a few hours is the rest between two shifts already.
MAX_NIGHT_BREAK = timedelta(hours=4)
#: No shift is longer: it keeps a calendar of 24 hours a day from being one endless shift.
MAX_SHIFT = timedelta(hours=24)
#: A check-in this long before a shift is an arrival for it, unless the one before is nearer.
EARLIEST = timedelta(hours=6)
#: Calendars end a day at 23:59:59.999999 and time off one second before the hour.
SLACK = timedelta(minutes=1)

EXCUSED, ON_TIME, LATE, ABSENT = "excused", "on_time", "late", "absent"


class Shift(NamedTuple):
    """The planned work of one day.

    :ivar day: local day on which it begins
    :ivar spans: pairs (start, end) of planned work, in order
    :ivar opens: a check-in from here on belongs to this shift
    :ivar closes: an attendance from here on does not
    :ivar timed: whether it begins at a fixed hour; else it is a number of hours on that day
    """

    day: date
    spans: tuple
    opens: datetime
    closes: datetime
    timed: bool = True

    @property
    def start(self):
        return self.spans[0][0]


class Session(NamedTuple):
    """One attendance; ``check_out`` is None while the employee is checked in."""

    check_in: datetime
    check_out: datetime | None = None
    id: int | None = None


class Term(NamedTuple):
    """A dated part of an employment with one calendar; None leaves an end open.

    :ivar calendar: key of the calendar; None for no fixed place in the week
    """

    date_from: date | None
    date_to: date | None
    calendar: int | None


class Day(NamedTuple):
    """What became of one planned day.

    :ivar state: ``excused``, ``on_time``, ``late`` or ``absent``
    :ivar minutes: full minutes from the planned start to the arrival; 0 unless late
    :ivar share: part of the planned work that was missed; 0 unless absent
    :ivar timed: whether there was a fixed hour to come at
    :ivar session: the :class:`Session` of the arrival, if any
    """

    day: date
    state: str
    minutes: int = 0
    share: Fraction = Fraction(0)
    timed: bool = True
    session: Session | None = None


class Tally(NamedTuple):
    """Planned days added up. ``timed`` are the attended ones with a fixed hour to come at."""

    planned: int = 0
    attended: int = 0
    excused: int = 0
    timed: int = 0
    late: int = 0
    late_minutes: int = 0
    absent: Fraction = Fraction(0)

    @property
    def coverage(self):
        """Part of the planned days about which something is known, 0 to 1."""
        return (self.attended + self.excused) / self.planned if self.planned else 0.0


# -- planning --------------------------------------------------------------------------------------


def plan_shifts(lines, zone, timed=True):
    """Group the lines of a calendar into shifts, in order.

    :param lines: pairs (start, end) of zone-aware local times, such as a morning and an afternoon
    :param zone: name of that time zone
    :param timed: False for calendars that fix the hours of a day but not when they begin
    :return: list of :class:`Shift`
    """
    groups = []
    for start, end in sorted(lines):
        if groups and _belongs(groups[-1], start, end):
            groups[-1].append((start, end))
        else:
            groups.append([(start, end)])
    shifts = []
    for group in groups:
        day, spans = group[0][0].date(), _to_spans(group)
        if timed:
            opens, closes = _get_opening(shifts, spans[0][0]), spans[-1][1]
        else:
            opens, closes = utc_bounds(Period(day, day), zone)
        shifts.append(Shift(day, spans, opens, closes, timed))
    return shifts


def _belongs(group, start, end):
    """Whether a line goes on with the shift: after a break, not after a rest."""
    first, pause = group[0][0], start - group[-1][1]
    longest = MAX_BREAK if start.date() == first.date() else MAX_NIGHT_BREAK
    return pause <= longest and end - first <= MAX_SHIFT


def _to_spans(group):
    """The lines of a shift in UTC, those that touch put together."""
    spans = []
    for start, end in group:
        start, end = _to_utc(start), _to_utc(end)
        if spans and start - spans[-1][1] < SLACK:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans)


def _to_utc(moment):
    return moment.astimezone(timezone.utc).replace(tzinfo=None)


def _get_opening(shifts, start):
    opens = start - EARLIEST
    if not shifts:
        return opens
    rest = start - shifts[-1].spans[-1][1]
    return max(opens, start - rest / 2)


def select_shifts(terms, plans, period):
    """The shifts of one employee: on each day those of the calendar of that day.

    :param terms: his :class:`Term`, not overlapping
    :param plans: ``{calendar: [Shift]}``; a calendar that is not in it plans nothing
    :param period: ``tools.period.Period`` of local days
    :return: pairs (calendar, :class:`Shift`)
    """
    shifts = []
    for term in terms:
        first = max(period.date_from, term.date_from or period.date_from)
        last = min(period.date_to, term.date_to or period.date_to)
        plan = plans.get(term.calendar) or ()
        shifts += [(term.calendar, shift) for shift in plan if first <= shift.day <= last]
    return shifts


# -- judging ---------------------------------------------------------------------------------------


def judge_days(shifts, leaves, sessions, now, grace=0):
    """What became of the planned days that are over, or on which somebody came already.

    :param shifts: pairs (calendar, :class:`Shift`) of one employee
    :param leaves: ``{calendar: [(start, end)]}`` of his approved time off and public holidays;
        those under None are for every calendar
    :param sessions: his :class:`Session` by check-in, not overlapping
    :param now: the moment up to which days are judged
    :param grace: full minutes after the planned start that are not late yet
    :return: list of :class:`Day`
    """
    starts = [session.check_in for session in sessions]
    days = []
    for calendar, shift in shifts:
        if shift.start <= now:
            free = [*leaves.get(None, ()), *leaves.get(calendar, ())]
            due = _subtract(shift.spans, free)
            day = _judge(shift, due, sessions, starts, now, grace)
            if day:
                days.append(day)
    return days


def _judge(shift, due, sessions, starts, now, grace):
    if not due:
        return Day(shift.day, EXCUSED, timed=shift.timed)
    start, end = (due[0][0], due[-1][1]) if shift.timed else (shift.opens, shift.closes)
    # sessions do not overlap, so of those that began earlier only the last can reach into it
    first = max(bisect_left(starts, shift.opens) - 1, 0)
    nearby = sessions[first : bisect_left(starts, end)]
    arrivals = [s for s in nearby if s.check_in >= shift.opens or _stays_until(s, start)]
    if not any(s.check_in >= start or _stays_until(s, start, shift.opens) for s in arrivals):
        if end > now:
            return None
        return Day(shift.day, ABSENT, share=_length(due) / _length(shift.spans), timed=shift.timed)
    arrival = arrivals[0]
    minutes = (arrival.check_in - start) // timedelta(minutes=1) if shift.timed else 0
    if minutes <= grace:
        return Day(shift.day, ON_TIME, timed=shift.timed, session=arrival)
    return Day(shift.day, LATE, minutes, session=arrival)


def _stays_until(session, start, opens=None):
    """Whether somebody who checked in before the start is still there then.

    Who has not checked out is there for the shift that he came to, not for those of later days.
    """
    if session.check_out is None:
        return opens is not None and session.check_in >= opens
    return session.check_out > start


def _subtract(spans, leaves):
    """What is left of the spans; remainders under a minute are none."""
    for leave_start, leave_end in leaves:
        if leave_start < spans[-1][1] and leave_end > spans[0][0]:
            spans = [
                part
                for start, end in spans
                for part in ((start, min(end, leave_start)), (max(start, leave_end), end))
                if part[1] - part[0] >= SLACK
            ]
            if not spans:
                break
    return spans


def _length(spans):
    seconds = sum((end - start for start, end in spans), timedelta()).total_seconds()
    return Fraction(round(seconds))


def tally(days):
    """Add up :class:`Day` into a :class:`Tally`."""
    attended = [day for day in days if day.state in (ON_TIME, LATE)]
    return Tally(
        planned=len(days),
        attended=len(attended),
        excused=sum(day.state == EXCUSED for day in days),
        timed=sum(day.timed for day in attended),
        late=sum(day.state == LATE for day in attended),
        late_minutes=sum(day.minutes for day in attended),
        absent=sum((day.share for day in days), Fraction(0)),
    )
