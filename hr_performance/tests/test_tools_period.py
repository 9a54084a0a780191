from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools.period import (
    CADENCES,
    Period,
    PeriodError,
    due_periods,
    elapsed_share,
    next_period,
    period_of,
    utc_bounds,
)

from .properties import properties

DAY = timedelta(days=1)


def span(first, last):
    return Period(date.fromisoformat(first), date.fromisoformat(last))


class TestToolsPeriod(BaseCase):
    def assertRefused(self, code, function, *args, **kwargs):
        with self.assertRaises(PeriodError) as caught:
            function(*args, **kwargs)
        self.assertEqual(caught.exception.code, code)

    def test_days_and_shares(self):
        june = span("2025-06-01", "2025-06-30")
        self.assertEqual(june.days, 30)
        self.assertEqual(june.overlap_days(date(2025, 6, 16)), 15)
        self.assertEqual(june.overlap_days(None, date(2025, 6, 1)), 1)
        self.assertEqual(june.overlap_days(date(2025, 1, 1), date(2025, 12, 31)), 30)
        self.assertEqual(june.overlap_days(date(2025, 7, 1)), 0)
        self.assertEqual(june.share_of(date(2025, 6, 16)), Decimal("0.5"))
        self.assertIn(date(2025, 6, 30), june)
        self.assertNotIn(date(2025, 7, 1), june)
        self.assertRefused("end_before_start", Period, date(2025, 1, 2), date(2025, 1, 1))

    def test_calendar_cadences(self):
        day = date(2024, 2, 29)
        self.assertEqual(period_of("monthly", day), span("2024-02-01", "2024-02-29"))
        self.assertEqual(period_of("quarterly", day), span("2024-01-01", "2024-03-31"))
        self.assertEqual(period_of("half_yearly", day), span("2024-01-01", "2024-06-30"))
        self.assertEqual(period_of("yearly", day), span("2024-01-01", "2024-12-31"))

    def test_fiscal_year(self):
        day = date(2025, 2, 10)
        year = period_of("yearly", day, fiscal_month=4)
        self.assertEqual(year, span("2024-04-01", "2025-03-31"))
        self.assertEqual(
            period_of("quarterly", day, fiscal_month=2), span("2025-02-01", "2025-04-30")
        )
        self.assertEqual(
            period_of("half_yearly", day, fiscal_month=4), span("2024-10-01", "2025-03-31")
        )
        self.assertEqual(period_of("monthly", day, fiscal_month=4), period_of("monthly", day))

    def test_trap25_a_week_has_seven_days(self):
        monday = date(2025, 6, 2)
        week = period_of("custom", date(2025, 6, 8), anchor=monday, custom_days=7)
        self.assertEqual(week, span("2025-06-02", "2025-06-08"))
        following = next_period("custom", week, anchor=monday, custom_days=7)
        self.assertEqual(following, span("2025-06-09", "2025-06-15"))
        before = period_of("custom", date(2025, 6, 1), anchor=monday, custom_days=7)
        self.assertEqual(before, span("2025-05-26", "2025-06-01"))

    def test_trap25_months_from_the_31st(self):
        anchor = date(2025, 1, 31)
        period = period_of("custom", anchor, anchor=anchor, custom_months=1)
        found = [period]
        for _i in range(4):
            period = next_period("custom", period, anchor=anchor, custom_months=1)
            found.append(period)
        self.assertEqual(
            found,
            [
                span("2025-01-31", "2025-02-27"),
                span("2025-02-28", "2025-03-30"),
                span("2025-03-31", "2025-04-29"),
                span("2025-04-30", "2025-05-30"),
                span("2025-05-31", "2025-06-29"),
            ],
        )
        before = period_of("custom", date(2024, 12, 30), anchor=anchor, custom_months=2)
        self.assertEqual(before, span("2024-11-30", "2025-01-30"))

    def test_trap25_midnight_of_the_company(self):
        june = span("2025-06-01", "2025-06-30")
        start, end = utc_bounds(june, "Asia/Shanghai")
        self.assertEqual((start, end), (datetime(2025, 5, 31, 16, 0), datetime(2025, 6, 30, 16, 0)))
        half_past_midnight = datetime(2025, 6, 30, 16, 30)
        self.assertFalse(start <= half_past_midnight < end)
        july = utc_bounds(next_period("monthly", june), "Asia/Shanghai")
        self.assertTrue(july[0] <= half_past_midnight < july[1])
        self.assertEqual(utc_bounds(june, None), (datetime(2025, 6, 1), datetime(2025, 7, 1)))

    def test_trap25_daylight_saving(self):
        start, end = utc_bounds(span("2025-03-01", "2025-03-31"), "Europe/Brussels")
        self.assertEqual((start, end), (datetime(2025, 2, 28, 23, 0), datetime(2025, 3, 31, 22, 0)))
        self.assertEqual(end - start, timedelta(days=31, hours=-1))
        start, end = utc_bounds(span("2025-10-01", "2025-10-31"), "Europe/Brussels")
        self.assertEqual(end - start, timedelta(days=31, hours=1))

    def test_trap25_a_midnight_that_does_not_exist(self):
        start, _end = utc_bounds(span("2018-11-04", "2018-11-04"), "America/Sao_Paulo")
        self.assertEqual(start, datetime(2018, 11, 4, 3, 0))

    def test_catch_up_after_days_off(self):
        start = date(2025, 1, 15)
        self.assertEqual(
            due_periods("monthly", date(2025, 3, 4), start),
            [
                span("2025-01-01", "2025-01-31"),
                span("2025-02-01", "2025-02-28"),
                span("2025-03-01", "2025-03-31"),
            ],
        )
        last = span("2025-02-01", "2025-02-28")
        self.assertEqual(due_periods("monthly", date(2025, 2, 28), start, last), [])
        march = [span("2025-03-01", "2025-03-31")]
        self.assertEqual(due_periods("monthly", date(2025, 3, 1), start, last), march)
        self.assertEqual(due_periods("monthly", date(2025, 3, 4), start, last), march)
        self.assertEqual(due_periods("monthly", date(2025, 3, 4), start, march[0]), [])

    def test_opening_in_advance_and_the_end(self):
        start, last = date(2025, 1, 1), span("2025-01-01", "2025-01-31")
        february = [span("2025-02-01", "2025-02-28")]
        self.assertEqual(due_periods("monthly", date(2025, 1, 26), start, last, lead_days=5), [])
        self.assertEqual(
            due_periods("monthly", date(2025, 1, 27), start, last, lead_days=5), february
        )
        self.assertEqual(
            due_periods("monthly", date(2025, 6, 1), start, last, date_end=date(2025, 2, 28)),
            february,
        )
        weeks = due_periods("custom", date(2025, 1, 15), start, custom_days=7)
        self.assertEqual([week.date_from.day for week in weeks], [1, 8, 15])

    def test_no_day_counts_twice_after_a_change_of_the_cadence(self):
        start, last = date(2025, 1, 1), span("2025-01-01", "2025-01-14")
        self.assertEqual(next_period("monthly", last), span("2025-01-15", "2025-01-31"))
        self.assertEqual(
            due_periods("quarterly", date(2025, 4, 1), start, last),
            [span("2025-01-15", "2025-03-31"), span("2025-04-01", "2025-06-30")],
        )

    def test_elapsed_share(self):
        period = span("2025-06-01", "2025-06-10")
        self.assertEqual(elapsed_share(period, date(2025, 5, 31)), 0)
        self.assertEqual(elapsed_share(period, date(2025, 6, 1)), Decimal("0.1"))
        self.assertEqual(elapsed_share(period, date(2025, 6, 10)), 1)
        self.assertEqual(elapsed_share(period, date(2026, 1, 1)), 1)

    def test_bad_parameters_are_refused(self):
        day = date(2025, 1, 1)
        self.assertRefused("unknown_cadence", period_of, "weekly", day)
        self.assertRefused("anchor_missing", period_of, "custom", day, custom_days=7)
        self.assertRefused("length_missing", period_of, "custom", day, anchor=day)
        self.assertRefused("bad_length", period_of, "custom", day, anchor=day, custom_days=-7)
        self.assertRefused("bad_length", period_of, "custom", day, anchor=day, custom_months=1.5)
        self.assertRefused("bad_fiscal_month", period_of, "yearly", day, fiscal_month=13)
        self.assertRefused("unknown_zone", utc_bounds, Period(day, day), "Mars/Olympus")
        self.assertRefused("unknown_zone", utc_bounds, Period(day, day), "../secret")
        last_day = date(9999, 12, 31)
        self.assertRefused("out_of_calendar", period_of, "monthly", last_day)
        self.assertRefused("out_of_calendar", next_period, "monthly", Period(last_day, last_day))
        self.assertRefused("out_of_calendar", utc_bounds, Period(last_day, last_day), "UTC")


@st.composite
def cadences(draw):
    """A cadence and its options."""
    cadence = draw(st.sampled_from(CADENCES))
    if cadence != "custom":
        return cadence, {"fiscal_month": draw(st.integers(1, 12))}
    length = draw(st.sampled_from(["custom_days", "custom_months"]))
    return cadence, {"anchor": draw(days), length: draw(st.integers(1, 40))}


days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
zones = st.sampled_from(
    ["Asia/Shanghai", "Europe/Brussels", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"]
)


class TestToolsPeriodProperties(BaseCase):
    @properties
    @given(cadences(), days, st.integers(0, 5000))
    def test_periods_tile_the_calendar(self, cadence, day, offset):
        cadence, options = cadence
        period = period_of(cadence, day, **options)
        self.assertIn(day, period)
        following = next_period(cadence, period, **options)
        self.assertEqual(following.date_from, period.date_to + DAY)
        inside = period.date_from + timedelta(days=offset % period.days)
        self.assertEqual(period_of(cadence, inside, **options), period)

    @properties
    @given(cadences(), days, st.integers(0, 400), st.integers(0, 10))
    def test_nothing_due_is_forgotten_or_repeated(self, cadence, start, later, lead):
        cadence, options = cadence
        options.setdefault("anchor", start)
        today = start + timedelta(days=later)
        due = due_periods(cadence, today, start, lead_days=lead, **options)
        self.assertEqual(sum(today in period for period in due), 1)
        for position, period in enumerate(due):
            rest = due_periods(cadence, today, start, period, lead_days=lead, **options)
            self.assertEqual(rest, due[position + 1 :])

    @properties
    @given(days, st.integers(0, 60), zones)
    def test_bounds_are_local_midnights_that_adjoin(self, day, length, zone):
        period = Period(day, day + timedelta(days=length))
        start, end = utc_bounds(period, zone)
        following, _end = utc_bounds(Period(period.date_to + DAY, period.date_to + DAY), zone)
        self.assertEqual(end, following)
        local_start = start.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))
        just_before = start - timedelta(seconds=1)
        local_before = just_before.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))
        self.assertEqual(local_start.date(), day)
        self.assertEqual(local_before.date(), day - DAY)

    @properties
    @given(days, st.integers(0, 60), st.integers(-80, 80), st.integers(0, 60))
    def test_days_are_counted_one_by_one(self, day, length, shift, other_length):
        period = Period(day, day + timedelta(days=length))
        first = day + timedelta(days=shift)
        other = Period(first, first + timedelta(days=other_length))
        count = sum(first + timedelta(days=n) in period for n in range(other.days))
        self.assertEqual(period.overlap_days(other.date_from, other.date_to), count)
        self.assertEqual(other.overlap_days(period.date_from, period.date_to), count)
