import statistics
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools.stats import StatisticsError, median, percentile

from .properties import properties


class TestToolsStats(BaseCase):
    def test_median(self):
        self.assertEqual(median([12, 6, 10, 8]), 9)
        self.assertEqual(median([10, 6, 8]), 8)
        self.assertEqual(median([5, 5, 5]), 5)
        self.assertEqual(median([7]), 7)
        self.assertEqual(median([0, 0, 0, 9]), 0)
        self.assertEqual(median([-100, 50]), -25)

    def test_unknown_values_are_left_out(self):
        self.assertEqual(median([None, 4, None, 8]), 6)
        self.assertIs(median([None]), None)
        self.assertIs(median([]), None)
        self.assertIs(percentile([], 0.5), None)

    def test_comparison_with_the_median_is_exact(self):
        amount = Decimal("148.41")
        self.assertFalse(amount > median([Decimal("148.41"), Decimal("148.41")]))
        self.assertFalse(amount > median([148.41]))

    def test_percentile_is_linear(self):
        values = [15, 20, 35, 40, 50]
        self.assertEqual(percentile(values, 0.4), 29)
        self.assertEqual(percentile(values, "0.05"), 16)
        self.assertEqual(percentile(values, 0), 15)
        self.assertEqual(percentile(values, 1), 50)
        self.assertEqual(percentile([1, 2, 3, 4], 0.5), Decimal("2.5"))

    def test_bad_input_is_refused(self):
        for values, fraction, code in (
            ([1], 1.01, "fraction_out_of_range"),
            ([1], -0.1, "fraction_out_of_range"),
            ([1], None, "bad_number"),
            ([float("nan")], 0.5, "bad_number"),
            (["many"], 0.5, "bad_number"),
        ):
            with self.subTest(values=values), self.assertRaises(StatisticsError) as caught:
                percentile(values, fraction)
            self.assertEqual(caught.exception.code, code)


amounts = st.lists(st.decimals(-(10**7), 10**7, places=2), min_size=2, max_size=30)


class TestToolsStatsProperties(BaseCase):
    @properties
    @given(amounts)
    def test_agrees_with_the_standard_library(self, values):
        self.assertEqual(median(values), statistics.median(values))
        quartiles = statistics.quantiles(map(Fraction, values), n=4, method="inclusive")
        for step, expected in enumerate(quartiles, start=1):
            self.assertEqual(Fraction(percentile(values, Decimal(step) / 4)), expected)

    @properties
    @given(amounts, st.decimals(0, 1, places=3), st.decimals(0, 1, places=3))
    def test_percentile_grows_with_its_fraction(self, values, one, other):
        low, high = sorted((one, other))
        self.assertLessEqual(percentile(values, low), percentile(values, high))
        self.assertTrue(min(values) <= percentile(values, one) <= max(values))

    @properties
    @given(amounts)
    def test_at_most_half_lie_strictly_above_the_median(self, values):
        middle = median(values)
        self.assertLessEqual(2 * sum(value > middle for value in values), len(values))
        self.assertLessEqual(2 * sum(value < middle for value in values), len(values))
