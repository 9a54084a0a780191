from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.hr_performance.tests.properties import properties
from odoo.addons.hr_performance.tools.period import Period

from ..tools.working_days import (
    Session,
    Term,
    judge_days,
    plan_shifts,
    select_shifts,
    tally,
)

SHANGHAI = "Asia/Shanghai"
NOW = datetime(2027, 1, 1)
MONDAY = date(2026, 3, 2)


def local(day, hour, zone):
    """The local time; hours beyond 24 are on the days after."""
    moment = datetime.combine(day, datetime.min.time()) + timedelta(hours=hour)
    return moment.replace(tzinfo=ZoneInfo(zone))


def plan(lines, days=1, first=MONDAY, zone="UTC", timed=True):
    """Shifts of so many days from Monday, each with these (hour, hour)."""
    every = [first + timedelta(days=n) for n in range(days)]
    return plan_shifts(
        [(local(day, a, zone), local(day, b, zone)) for day in every for a, b in lines],
        zone,
        timed,
    )


def at(hour, minute=0, day=MONDAY, second=0):
    start = datetime.combine(day, datetime.min.time())
    return start + timedelta(hours=hour, minutes=minute, seconds=second)


def judge(shifts, sessions=(), leaves=(), now=NOW, grace=0):
    pairs = [(1, shift) for shift in shifts]
    return judge_days(pairs, {None: list(leaves)}, list(sessions), now, grace)


OFFICE = [(8, 12), (13, 17)]


@tagged("post_install", "-at_install")
class TestPlanShifts(BaseCase):
    def test_lunch_break_does_not_split_a_day(self):
        (shift,) = plan(OFFICE)
        self.assertEqual(shift.day, MONDAY)
        self.assertEqual(shift.spans, ((at(8), at(12)), (at(13), at(17))))

    def test_order_of_the_lines_does_not_matter(self):
        lines = [(local(MONDAY, a, "UTC"), local(MONDAY, b, "UTC")) for a, b in OFFICE]
        self.assertEqual(plan_shifts(lines[::-1], "UTC"), plan(OFFICE))

    def test_night_shift_is_one_day(self):
        shifts = plan([(22, 24), (24, 30)], days=2)
        self.assertEqual([shift.day for shift in shifts], [MONDAY, date(2026, 3, 3)])
        self.assertEqual(shifts[0].spans, ((at(22), at(30)),))

    def test_night_shift_with_a_break_after_midnight(self):
        shifts = plan([(22, 26), (27, 30)], days=2)
        self.assertEqual(len(shifts), 2)
        self.assertEqual(shifts[0].spans, ((at(22), at(26)), (at(27), at(30))))

    def test_day_that_ends_a_microsecond_before_midnight(self):
        start, midnight = local(MONDAY, 22, "UTC"), local(MONDAY, 24, "UTC")
        morning = (midnight, local(MONDAY, 30, "UTC"))
        lines = [(start, midnight - timedelta(microseconds=1)), morning]
        (shift,) = plan_shifts(lines, "UTC")
        self.assertEqual(shift.spans, ((at(22), at(30)),))

    def test_two_shifts_of_a_day_that_begins_with_a_night(self):
        """Monday 0 to 6 belongs to the night before, Monday 22 begins the next one."""
        shifts = plan([(0, 6), (22, 24)], days=3)
        self.assertEqual([len(shift.spans) for shift in shifts], [1] * 4)
        self.assertEqual([shift.start for shift in shifts], [at(0), at(22), at(46), at(70)])

    def test_late_and_early_shift_are_two(self):
        self.assertEqual(len(plan([(14, 22), (30, 38)])), 2)

    def test_split_day_is_one(self):
        self.assertEqual(len(plan([(7, 10), (17, 20)])), 1)

    def test_round_the_clock_is_a_shift_a_day(self):
        shifts = plan([(0, 24)], days=5)
        self.assertEqual([shift.day.day for shift in shifts], [2, 3, 4, 5, 6])

    def test_summer_time_moves_the_start(self):
        """The clocks go forward on 29 March 2026: 8 o'clock is an hour earlier in UTC."""
        shifts = plan(OFFICE, days=4, first=date(2026, 3, 27), zone="Europe/Berlin")
        self.assertEqual([shift.start.hour for shift in shifts], [7, 7, 6, 6])

    def test_night_of_the_clock_change_is_an_hour_shorter(self):
        (shift,) = plan([(22, 30)], first=date(2026, 3, 28), zone="Europe/Berlin")
        self.assertEqual(shift.closes - shift.start, timedelta(hours=7))
        self.assertEqual(shift.day, date(2026, 3, 28))

    def test_day_is_local(self):
        """Monday 7 o'clock in Shanghai is Sunday in UTC."""
        (shift,) = plan([(7, 15)], zone=SHANGHAI)
        self.assertEqual((shift.day, shift.start), (MONDAY, datetime(2026, 3, 1, 23)))

    @properties
    @given(
        st.lists(
            st.tuples(st.integers(0, 23), st.integers(1, 8)), min_size=1, max_size=3, unique=True
        ),
        st.integers(1, 8),
        st.sampled_from(["UTC", SHANGHAI, "Europe/Berlin", "America/New_York"]),
    )
    def test_no_hour_is_lost_or_doubled(self, hours, days, zone):
        lines, end = [], 0
        for start, length in sorted(hours):
            start, stop = max(start, end), min(start + length, 24)
            if start < stop:
                lines.append((start, stop))
                end = stop
        shifts = plan(lines, days, date(2026, 3, 25), zone)
        spans = [span for shift in shifts for span in shift.spans]
        self.assertEqual(spans, sorted(spans))
        self.assertTrue(all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False)))
        planned = sum(
            (local(day, b, zone) - local(day, a, zone)).total_seconds()
            if zone in ("UTC", SHANGHAI)
            else (
                local(day, b, zone).astimezone(ZoneInfo("UTC"))
                - local(day, a, zone).astimezone(ZoneInfo("UTC"))
            ).total_seconds()
            for day in (date(2026, 3, 25) + timedelta(days=n) for n in range(days))
            for a, b in lines
        )
        self.assertEqual(sum((b - a).total_seconds() for a, b in spans), planned)
        for shift, following in zip(shifts, shifts[1:], strict=False):
            self.assertLessEqual(shift.spans[-1][1], following.opens)
            self.assertLessEqual(following.opens, following.start)


@tagged("post_install", "-at_install")
class TestSelectShifts(BaseCase):
    def test_calendar_of_the_day(self):
        plans = {1: plan(OFFICE, days=5), 2: plan([(10, 18)], days=5)}
        terms = [Term(None, date(2026, 3, 3), 1), Term(date(2026, 3, 4), None, 2)]
        chosen = select_shifts(terms, plans, Period(MONDAY, date(2026, 3, 5)))
        self.assertEqual([calendar for calendar, _shift in chosen], [1, 1, 2, 2])
        self.assertEqual([shift.start.hour for _calendar, shift in chosen], [8, 8, 10, 10])

    def test_employment_bounds(self):
        plans = {1: plan(OFFICE, days=5)}
        terms = [Term(date(2026, 3, 3), date(2026, 3, 4), 1)]
        chosen = select_shifts(terms, plans, Period(MONDAY, date(2026, 3, 31)))
        self.assertEqual([shift.day.day for _calendar, shift in chosen], [3, 4])

    def test_no_calendar_plans_nothing(self):
        terms = [Term(None, None, None), Term(None, None, 7)]
        self.assertEqual(select_shifts(terms, {}, Period(MONDAY, MONDAY)), [])


@tagged("post_install", "-at_install")
class TestJudgeDays(BaseCase):
    def assertDay(self, sessions, state, minutes=0, **options):
        (day,) = judge(options.pop("shifts", plan(OFFICE)), sessions, **options)
        self.assertEqual((day.state, day.minutes), (state, minutes))
        return day

    def test_on_time_to_the_minute(self):
        self.assertDay([Session(at(8), at(17))], "on_time")
        self.assertDay([Session(at(8, 0, second=59), at(17))], "on_time")
        self.assertDay([Session(at(8, 1), at(17))], "late", 1)
        self.assertDay([Session(at(7, 30), at(17))], "on_time")

    def test_grace_counts_whole_minutes_and_is_no_discount(self):
        self.assertDay([Session(at(8, 5, second=59), at(17))], "on_time", grace=5)
        self.assertDay([Session(at(8, 6), at(17))], "late", 6, grace=5)

    def test_lunch_return_is_no_arrival(self):
        self.assertDay([Session(at(8), at(12)), Session(at(13, 40), at(17))], "on_time")

    def test_only_the_first_of_several_arrivals_counts(self):
        sessions = [Session(at(8, 20), at(9)), Session(at(9, 30), at(12)), Session(at(13), at(17))]
        self.assertDay(sessions, "late", 20)

    def test_double_tap_at_the_door(self):
        self.assertDay([Session(at(7, 55), at(7, 56)), Session(at(8, 2), at(17))], "on_time")

    def test_early_visit_alone_is_no_attendance(self):
        self.assertDay([Session(at(6), at(6, 30))], "absent")

    def test_attendance_after_work_is_none(self):
        self.assertDay([Session(at(18), at(22))], "absent")

    def test_absence_of_a_whole_day(self):
        self.assertEqual(self.assertDay([], "absent").share, 1)

    def test_morning_off_moves_the_start(self):
        morning = [(at(8), at(12))]
        self.assertDay([Session(at(13), at(17))], "on_time", leaves=morning)
        self.assertDay([Session(at(13, 10), at(17))], "late", 10, leaves=morning)
        self.assertDay([Session(at(7, 50), at(17))], "on_time", leaves=morning)

    def test_two_hours_off_in_the_morning(self):
        self.assertDay([Session(at(10, 3), at(17))], "late", 3, leaves=[(at(8), at(10))])

    def test_afternoon_off_changes_no_start(self):
        self.assertDay([Session(at(8, 3), at(12))], "late", 3, leaves=[(at(13), at(17))])

    def test_half_a_day_missed(self):
        day = self.assertDay([], "absent", leaves=[(at(8), at(12))])
        self.assertEqual(day.share, Fraction(1, 2))

    def test_whole_day_off(self):
        self.assertDay([], "excused", leaves=[(at(0), at(23, 59, second=59))])
        self.assertDay([], "excused", leaves=[(at(8), at(16, 59, second=59))])
        self.assertDay([], "excused", leaves=[(at(8), at(12)), (at(13), at(17))])

    def test_time_off_of_another_day(self):
        self.assertDay([], "absent", leaves=[(at(24), at(48))])

    def test_time_off_of_another_calendar(self):
        shifts = [(1, plan(OFFICE)[0])]
        for calendar, state in ((1, "excused"), (2, "absent"), (None, "excused")):
            (day,) = judge_days(shifts, {calendar: [(at(0), at(24))]}, [], NOW)
            self.assertEqual(day.state, state)

    def test_night_shift(self):
        shifts = plan([(22, 24), (24, 30)])
        self.assertDay([Session(at(22, 10), at(30))], "late", 10, shifts=shifts)
        self.assertDay([Session(at(21, 50), at(30))], "on_time", shifts=shifts)
        self.assertDay([Session(at(25), at(30))], "late", 180, shifts=shifts)

    def test_overtime_of_the_night_is_no_early_arrival(self):
        """6:05 to 7:00 belongs to the night that ended; he comes at 22:30."""
        shifts = plan([(22, 24), (24, 30)], days=2)
        sessions = [
            Session(at(22), at(30)),
            Session(at(30, 5), at(31)),
            Session(at(46, 30), at(54)),
        ]
        self.assertEqual([d.minutes for d in judge(shifts, sessions)], [0, 30])

    def test_weekend_work_is_no_arrival_on_monday(self):
        self.assertDay([Session(at(-14), at(-10)), Session(at(9), at(17))], "late", 60)

    def test_who_stayed_over_night_is_there(self):
        self.assertDay([Session(at(-10), at(11))], "on_time")

    def test_forgotten_check_out_does_not_attend_later_days(self):
        days = judge(plan(OFFICE, days=2), [Session(at(8), None)])
        self.assertEqual([day.state for day in days], ["on_time", "absent"])

    def test_still_checked_in(self):
        self.assertDay([Session(at(8, 2), None)], "late", 2, now=at(9))
        self.assertDay([Session(at(6, 30), None)], "on_time", now=at(15), leaves=[(at(8), at(12))])

    def test_a_day_is_judged_when_it_is_over_or_somebody_came(self):
        shifts = plan(OFFICE)
        self.assertEqual(judge(shifts, now=at(7)), [])
        self.assertEqual(judge(shifts, leaves=[(at(0), at(24))], now=at(7)), [])
        self.assertEqual(judge(shifts, now=at(16, 59)), [])
        self.assertEqual(judge(shifts, now=at(17))[0].state, "absent")
        self.assertEqual(judge(shifts, [Session(at(8, 9), at(9))], now=at(9))[0].state, "late")

    def test_hours_without_a_fixed_start(self):
        shifts = plan([(8, 16)], timed=False)
        day = self.assertDay([Session(at(15), at(23))], "on_time", shifts=shifts)
        self.assertFalse(day.timed)
        self.assertDay([], "absent", shifts=shifts)
        self.assertDay([], "excused", shifts=shifts, leaves=[(at(8), at(16))])
        self.assertEqual(judge(shifts, now=at(20)), [])

    def test_tally(self):
        days = judge(
            plan(OFFICE, days=5),
            [Session(at(8, 10), at(17)), Session(at(32), at(41)), Session(at(56, 5), at(65))],
            leaves=[(at(72), at(96))],
        )
        total = tally(days)
        self.assertEqual(
            total._asdict(),
            {
                "planned": 5,
                "attended": 3,
                "excused": 1,
                "timed": 3,
                "late": 2,
                "late_minutes": 15,
                "absent": 1,
            },
        )
        self.assertEqual(total.coverage, 0.8)

    def test_tally_knows_who_had_an_hour_to_come_at(self):
        days = judge(plan([(8, 16)], timed=False), [Session(at(9), at(17))])
        self.assertEqual((tally(days).attended, tally(days).timed), (1, 0))

    def test_tally_of_nothing_covers_nothing(self):
        self.assertEqual(tally([]).coverage, 0)


moments = st.integers(0, 5 * 24 * 60).map(lambda minutes: at(0, minutes))
spans = st.lists(st.tuples(moments, st.integers(1, 600)), max_size=8)


def to_sessions(raw):
    """Attendances that do not overlap, as core keeps them."""
    sessions, free = [], datetime.min
    for start, minutes in sorted(raw):
        if start >= free:
            free = start + timedelta(minutes=minutes)
            sessions.append(Session(start, free))
    return sessions


@tagged("post_install", "-at_install")
class TestJudgeProperties(BaseCase):
    shifts = plan(OFFICE, days=5)

    @properties
    @given(spans, spans, st.integers(0, 30))
    def test_every_day_has_one_state(self, attendances, leaves, grace):
        leaves = [(start, start + timedelta(minutes=minutes)) for start, minutes in leaves]
        days = judge(self.shifts, to_sessions(attendances), leaves, grace=grace)
        self.assertEqual([day.day for day in days], [shift.day for shift in self.shifts])
        total = tally(days)
        absent = sum(day.state == "absent" for day in days)
        self.assertEqual(total.attended + total.excused + absent, total.planned)
        self.assertLessEqual(total.late, total.attended)
        self.assertEqual(total.late == 0, total.late_minutes == 0)
        self.assertTrue(all(day.minutes > grace for day in days if day.state == "late"))
        self.assertTrue(all(0 < day.share <= 1 for day in days if day.state == "absent"))

    @properties
    @given(spans, spans)
    def test_time_off_never_makes_it_worse(self, attendances, leaves):
        leaves = [(start, start + timedelta(minutes=minutes)) for start, minutes in leaves]
        sessions = to_sessions(attendances)
        before, after = (
            tally(judge(self.shifts, sessions)),
            tally(judge(self.shifts, sessions, leaves)),
        )
        self.assertLessEqual(after.late_minutes, before.late_minutes)
        self.assertLessEqual(after.late, before.late)

    @properties
    @given(spans, st.integers(0, 30), st.integers(0, 30))
    def test_more_grace_is_never_worse(self, attendances, grace, more):
        sessions = to_sessions(attendances)
        strict = tally(judge(self.shifts, sessions, grace=grace))
        mild = tally(judge(self.shifts, sessions, grace=grace + more))
        self.assertLessEqual(mild.late, strict.late)
        self.assertEqual(mild.attended, strict.attended)

    @properties
    @given(spans)
    def test_further_check_ins_of_a_day_change_nothing(self, attendances):
        """Whatever is checked in and out after an attendance of the morning."""
        morning = [Session(at(24 * n + 8, 7), at(24 * n + 8, 8)) for n in range(5)]
        later = [s for s in to_sessions(attendances) if s.check_in.time() > at(8, 8).time()]
        sessions = [*morning]
        for session in later:
            end = min(session.check_out, at(24, day=session.check_in.date()))
            sessions.append(session._replace(check_out=end))
        days = judge(self.shifts, sorted(sessions, key=lambda s: s.check_in))
        self.assertEqual([day.minutes for day in days], [7] * 5)
