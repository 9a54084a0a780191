from decimal import Decimal

from odoo.tests import BaseCase

from ..tools.board import Band, get_band, get_band_bar, get_bar, get_page_of, get_pages, get_percent


class TestBoardTools(BaseCase):
    def test_bands(self):
        """Half-open, of the line or of the minimum; each amount is in exactly one."""
        for amount, line, expected in (
            (-5, 100, Band(None, 50)),
            (0, 100, Band(None, 50)),
            (49, 100, Band(None, 50)),
            (50, 100, Band(50, 80)),
            (80, 100, Band(80, 100)),
            (100, 100, Band(100, 120)),
            ("119.99", 100, Band(100, 120)),
            (150, 100, Band(150, 200)),
            (200, 100, Band(200, None)),
            (9000, 100, Band(200, None)),
            (10, 0, None),
            (10, -3, None),
            (10, None, None),
        ):
            reference = None if line is None else Decimal(line)
            self.assertEqual(get_band(Decimal(amount), reference), expected, amount)

    def test_everybody_in_a_band_has_the_same_bar(self):
        bars = [get_band_bar(get_band(Decimal(n), Decimal(100))) for n in (81, 90, 99)]
        self.assertEqual(bars, [45, 45, 45])
        self.assertEqual(get_band_bar(None), 0)
        self.assertEqual(get_band_bar(Band(200, None)), 100)

    def test_bars(self):
        for amount, top, expected in (
            (50, 100, 50),
            (1, 3, 33),
            (7, 5, 100),
            (-1, 5, 0),
            (1, 0, 0),
        ):
            self.assertEqual(get_bar(Decimal(amount), Decimal(top)), expected)
        self.assertEqual(get_bar(None, Decimal(5)), 0)

    def test_gap_in_per_cent(self):
        self.assertEqual(get_percent(Decimal("19934"), Decimal("82333")), Decimal("24.2"))
        self.assertEqual(get_percent(Decimal(-25), Decimal(1000)), Decimal("-2.5"))
        for gap, line in ((None, 5), (3, 0), (3, None), (3, -1)):
            self.assertIsNone(get_percent(gap and Decimal(gap), line and Decimal(line)))

    def test_pages(self):
        self.assertEqual([get_pages(n, 50) for n in (0, 1, 50, 51)], [1, 1, 1, 2])
        self.assertEqual([get_page_of(n, 50) for n in (0, 49, 50)], [1, 1, 2])
