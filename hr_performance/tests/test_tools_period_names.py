from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools.period import Period, period_of
from odoo.addons.hr_performance.tools.period_names import period_from_text

from .properties import properties

MONTH = Period(date(2026, 3, 1), date(2026, 3, 31))
QUARTER = Period(date(2026, 10, 1), date(2026, 12, 31))
HALF = Period(date(2026, 7, 1), date(2026, 12, 31))
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


class TestToolsPeriodNames(BaseCase):
    def test_names_of_periods(self):
        names = {
            MONTH: "2026-03 2026/3 2026.3 202603 2026年3月 2026年03月份 ２０２６年３月 Mar-2026",
            QUARTER: "2026-Q4 2026Q4 q4/2026 Q4-2026 2026年第四季度 2026年4季度 2026年q4",
            HALF: "2026-H2 H2-2026 2026年下半年 2026下半年",
            YEAR: "2026 2026年 2026年度",
        }
        for period, texts in names.items():
            for text in texts.split():
                with self.subTest(text=text):
                    self.assertEqual(period_from_text(text), period)
        for text in ("March 2026", "march 2026", "2026 mar", " 2026-03 "):
            with self.subTest(text=text):
                self.assertEqual(period_from_text(text), MONTH)

    def test_numbers_of_a_spreadsheet(self):
        self.assertEqual(period_from_text(2026), YEAR)
        self.assertEqual(period_from_text(2026.0), YEAR)
        self.assertEqual(period_from_text(202603), MONTH)

    def test_everything_else_is_no_name(self):
        values = "2026-13 2026-00 2026-03-01 20260301 1/2/2026 marble-2026 2026-Q5 2026-H3 26-03"
        values = [*values.split(), "", "2200-01", 45000, 0, True, None, date(2026, 3, 1)]
        for value in [*values, float("nan"), float("inf"), 10**400, b"2026"]:
            with self.subTest(value=repr(value)[:20]):
                self.assertIsNone(period_from_text(value))

    @properties
    @given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
    def test_every_month_has_its_name(self, day):
        for text in (f"{day:%Y-%m}", f"{day.year}年{day.month}月"):
            self.assertEqual(period_from_text(text), period_of("monthly", day))
        following = period_of("monthly", day).date_to + timedelta(days=1)
        self.assertEqual(following.day, 1)

    @properties
    @given(st.text(max_size=30))
    def test_any_text_is_a_period_or_none(self, text):
        period = period_from_text(text)
        self.assertTrue(period is None or period.date_from.day == 1)
