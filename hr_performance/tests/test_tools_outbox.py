import doctest
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools import outbox
from odoo.addons.hr_performance.tools.outbox import TextError, fill, next_time, quiet_until

from .properties import properties

ZONES = ["UTC", "Asia/Shanghai", "America/St_Johns", "Europe/Berlin", "Pacific/Apia"]
#: Where an hour that is skipped cannot be the one at which quiet ends.
STEADY_ZONES = ["UTC", "Asia/Shanghai", "Asia/Kolkata"]
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1))
#: Hours to the minute, as a clock is set.
HOURS = st.integers(0, 24 * 60 - 1).map(lambda minutes: minutes / 60)


class TestOutbox(BaseCase):
    def test_examples(self):
        self.assertEqual(doctest.testmod(outbox).failed, 0)

    def test_values_are_not_filled_again(self):
        """A name that looks like a placeholder stays what it is."""
        self.assertEqual(fill("{a} {b}", {"a": "{b}", "b": "{secret}"}), "{b} {secret}")

    def test_unknown_placeholder_is_an_error(self):
        with self.assertRaises(TextError) as caught:
            fill("{a} {salary}", {"a": "1"})
        self.assertEqual(caught.exception.params, {"name": "salary"})

    def test_empty_value_leaves_no_hole(self):
        self.assertEqual(fill("One\n\n{nothing}\n\nTwo\n{nothing}", {"nothing": ""}), "One\n\nTwo")

    def test_quiet_hours_over_midnight_in_china(self):
        cases = {
            datetime(2026, 3, 1, 11, 59): None,  # 19:59 there
            datetime(2026, 3, 1, 12, 0): datetime(2026, 3, 2, 0, 0),  # 20:00
            datetime(2026, 3, 1, 23, 59): datetime(2026, 3, 2, 0, 0),  # 07:59 on the 2nd
            datetime(2026, 3, 2, 0, 0): None,  # 08:00
        }
        for moment, until in cases.items():
            self.assertEqual(quiet_until(moment, "Asia/Shanghai", 20, 8), until, moment)

    def test_quiet_hours_within_a_day(self):
        self.assertEqual(
            quiet_until(datetime(2026, 3, 1, 12, 30), "UTC", 12, 13.5),
            datetime(2026, 3, 1, 13, 30),
        )
        self.assertIsNone(quiet_until(datetime(2026, 3, 1, 13, 30), "UTC", 12, 13.5))

    def test_equal_hours_are_no_quiet_hours(self):
        self.assertIsNone(quiet_until(datetime(2026, 3, 1, 3), "UTC", 8, 8))

    @properties
    @given(MOMENTS, st.sampled_from(STEADY_ZONES), HOURS, HOURS)
    def test_after_the_quiet_hours_it_is_not_quiet(self, moment, zone, start, end):
        until = quiet_until(moment, zone, start, end)
        if until is not None:
            self.assertGreater(until, moment - timedelta(hours=1))
            self.assertLess(until, moment + timedelta(hours=26))
            self.assertIsNone(quiet_until(until, zone, start, end))

    @properties
    @given(MOMENTS, st.sampled_from(ZONES), HOURS)
    def test_next_time_comes_within_a_day(self, moment, zone, hour):
        at = next_time(moment, zone, hour)
        self.assertGreaterEqual(at, moment)
        self.assertLess(at, moment + timedelta(hours=49))
