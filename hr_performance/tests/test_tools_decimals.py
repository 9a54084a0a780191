from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools.decimals import (
    NumberError,
    plain,
    round_half_up,
    to_decimal,
)

from .properties import properties


class TestToolsDecimals(BaseCase):
    def test_float_is_what_people_see(self):
        self.assertEqual(to_decimal(0.1), Decimal("0.1"))
        self.assertEqual(to_decimal(0.1 + 0.2), Decimal("0.3"))
        self.assertEqual(to_decimal(33.33 * 3), Decimal("99.99"))
        self.assertEqual(to_decimal(1234567890123456789.0), Decimal(1234567890123456768))

    def test_exact_numbers_stay_exact(self):
        self.assertEqual(to_decimal(10**20 + 1), Decimal(10**20 + 1))
        self.assertEqual(to_decimal("12.50"), Decimal("12.5"))
        self.assertIs(to_decimal(None), None)

    def test_what_is_no_number_is_refused(self):
        for value in (float("nan"), float("inf"), Decimal("-Infinity"), True, "", "abc", [], {}):
            with self.subTest(value=value), self.assertRaises(NumberError) as caught:
                to_decimal(value)
            self.assertEqual(caught.exception.code, "not_a_number")
        for value in ("1e999999", Decimal("1e-5000"), 10**5000):
            with self.subTest(), self.assertRaises(NumberError) as caught:
                to_decimal(value)
            self.assertEqual(caught.exception.code, "out_of_range")

    def test_errors_quote_no_more_than_a_line(self):
        with self.assertRaises(NumberError) as caught:
            to_decimal("x" * 1000)
        self.assertEqual(len(caught.exception.params["value"]), 50)

    def test_half_goes_away_from_zero(self):
        cases = {
            "2.675": "2.68",
            "0.285": "0.29",
            "1.005": "1.01",
            "-2.675": "-2.68",
            "2.674999": "2.67",
            "36.190476": "36.19",
        }
        for value, expected in cases.items():
            with self.subTest(value=value):
                self.assertEqual(round_half_up(Decimal(value)), Decimal(expected))
                self.assertEqual(round_half_up(float(value)), Decimal(expected))
        self.assertEqual(round_half_up(Decimal("2.5"), 0), 3)
        self.assertEqual(round_half_up(Decimal("1250"), -2), 1300)
        self.assertIs(round_half_up(None), None)

    def test_a_division_does_not_hide_a_half(self):
        third = Decimal(1) / 3
        rest = third + third + third - Decimal("0.995")
        self.assertLess(rest, Decimal("0.005"))
        self.assertEqual(round_half_up(rest), Decimal("0.01"))
        self.assertEqual(round_half_up(Decimal("0.00499999999")), 0)

    def test_no_negative_zero_and_no_limit_of_size(self):
        self.assertEqual(str(round_half_up(Decimal("-0.001"))), "0.00")
        self.assertEqual(round_half_up(Decimal("1e300")), Decimal("1e300"))

    def test_plain_text_is_canonical(self):
        for value in ("30", "30.00", "3E+1"):
            self.assertEqual(plain(Decimal(value)), "30")
        self.assertEqual(plain(Decimal("-0.0")), "0")
        self.assertEqual(plain(Decimal("0.050")), "0.05")
        self.assertIs(plain(None), None)


class TestToolsDecimalsProperties(BaseCase):
    @properties
    @given(st.decimals(-(10**9), 10**9, places=6))
    def test_rounding_agrees_with_fractions(self, value):
        exact = Fraction(value) * 100
        expected = abs(exact) + Fraction(1, 2)
        expected = (expected.numerator // expected.denominator) * (1 if exact >= 0 else -1)
        self.assertEqual(Fraction(round_half_up(value)) * 100, expected)

    @properties
    @given(st.decimals(-(10**9), 10**9, places=4))
    def test_text_and_float_give_the_number_back(self, value):
        self.assertEqual(to_decimal(plain(value)), value)
        self.assertEqual(to_decimal(float(value)), value)
