from datetime import date, datetime

from odoo.tests import BaseCase, tagged

from ..tools.stays import NO_END, NO_START, ORDER, Punch, overlaps, pair

DAY = date(2026, 3, 2)


def at(hour, day=2):
    return datetime(2026, 3, day, hour)


def punch(key, leaving, planned, came=None, day=DAY):
    return Punch(key, day, leaving, planned, came)


@tagged("post_install", "-at_install")
class TestStays(BaseCase):
    def test_a_day_in_any_order(self):
        (stay,) = pair([punch("2", True, at(10), at(11)), punch("1", False, at(1), at(1))])
        self.assertEqual(stay, ("1", DAY, at(1), at(11)))
        self.assertIsNone(stay.trouble)

    def test_two_shifts_of_a_day(self):
        rows = [
            punch("1", False, at(1), at(1)),
            punch("2", True, at(4), at(4)),
            punch("3", False, at(6), at(6)),
            punch("4", True, at(10), at(10)),
        ]
        self.assertEqual(
            [(s.key, s.start, s.end) for s in pair(rows)],
            [("1", at(1), at(4)), ("3", at(6), at(10))],
        )

    def test_a_shift_over_midnight_is_one(self):
        (stay,) = pair([punch("1", False, at(14), at(14)), punch("2", True, at(22), at(1, 3))])
        self.assertEqual((stay.start, stay.end, stay.trouble), (at(14), at(1, 3), None))

    def test_what_is_missing_is_named(self):
        cases = [
            ([punch("1", False, at(1), at(1)), punch("2", True, at(10))], NO_END),
            ([punch("1", False, at(1)), punch("2", True, at(10), at(10))], NO_START),
            ([punch("1", False, at(1), at(1))], NO_END),
            ([punch("2", True, at(10), at(10))], NO_START),
            ([punch("1", False, at(1), at(11)), punch("2", True, at(10), at(10))], ORDER),
        ]
        for rows, trouble in cases:
            (stay,) = pair(rows)
            self.assertEqual((stay.trouble, stay.key), (trouble, rows[0].key))

    def test_two_comings_are_two_stays(self):
        rows = [punch("1", False, at(1), at(1)), punch("2", False, at(6), at(6))]
        self.assertEqual([stay.key for stay in pair(rows)], ["1", "2"])

    def test_who_did_not_come_has_none(self):
        self.assertEqual(pair([punch("1", False, at(1)), punch("2", True, at(10))]), [])

    def test_overlaps(self):
        stay = (at(1), at(10))
        self.assertFalse(overlaps(*stay, [(at(10), at(12)), (at(0), at(1))]))
        self.assertTrue(overlaps(*stay, [(at(9), at(12))]))
        self.assertTrue(overlaps(*stay, [(at(0), at(12))]))
        self.assertTrue(overlaps(*stay, [(at(5), None)]))
        self.assertFalse(overlaps(*stay, [(at(0), None)]))
        self.assertTrue(overlaps(*stay, [(at(1), at(1))]))
