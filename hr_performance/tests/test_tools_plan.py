from datetime import date

from odoo.tests import BaseCase

from ..tools.plan import checkpoint_periods, due_days, has_recovered, is_reached

MONDAY = date(2026, 3, 2)
SUNDAY = date(2026, 3, 15)


class TestToolsPlan(BaseCase):
    def test_days_on_which_a_step_is_due(self):
        self.assertEqual(due_days("once", MONDAY, SUNDAY), [MONDAY])
        self.assertEqual(len(due_days("daily", MONDAY, SUNDAY)), 14)
        self.assertEqual(len(due_days("workdays", MONDAY, SUNDAY)), 10)
        days = due_days("weekly", MONDAY, SUNDAY, {1, 6})
        self.assertEqual([day.day for day in days], [3, 8, 10, 15])
        self.assertEqual([d.day for d in due_days("weekly", MONDAY, SUNDAY)], [2, 9])
        self.assertEqual(due_days("daily", SUNDAY, MONDAY), [])

    def test_monthly_step_on_a_day_that_the_month_lacks(self):
        days = due_days("monthly", date(2026, 1, 31), date(2026, 4, 30))
        self.assertEqual([(d.month, d.day) for d in days], [(1, 31), (2, 28), (3, 31), (4, 30)])

    def test_checkpoints_tile_the_time_of_the_plan(self):
        periods = checkpoint_periods("monthly", date(2026, 4, 10), date(2026, 6, 3))
        self.assertEqual([p.date_from.month for p in periods], [4, 5, 6])
        weeks = checkpoint_periods("weekly", date(2026, 3, 4), date(2026, 3, 20))
        self.assertEqual([p.date_from for p in weeks][0], MONDAY)
        self.assertTrue(all(p.days == 7 for p in weeks))
        self.assertEqual(len(weeks), 3)

    def test_no_checkpoint_counts_what_was_before(self):
        periods = checkpoint_periods(
            "monthly", date(2026, 3, 20), date(2026, 5, 1), after=date(2026, 3, 31)
        )
        self.assertEqual([p.date_from.month for p in periods], [4, 5])

    def test_equality_meets_the_target_in_both_directions(self):
        self.assertTrue(is_reached(4.5, 4.5, "higher"))
        self.assertFalse(is_reached(4.3, 4.5, "higher"))
        self.assertTrue(is_reached(15.0, 15.0, "lower"))
        self.assertFalse(is_reached(30.0, 15.0, "lower"))
        self.assertTrue(is_reached(0.1 + 0.2, 0.3, "lower"), "no float decides")

    def test_recovery_needs_the_last_known_values(self):
        self.assertFalse(has_recovered([], 4.5, "higher"))
        self.assertFalse(has_recovered([4.3], 4.5, "higher"))
        self.assertTrue(has_recovered([4.3, 4.5], 4.5, "higher"))
        self.assertTrue(has_recovered([4.3, 4.5, None], 4.5, "higher"), "unknown is not bad")
        self.assertFalse(has_recovered([4.5, 4.3], 4.5, "higher"), "it fell back")
        self.assertFalse(has_recovered([4.3, 4.5], 4.5, "higher", needed=2))
        self.assertTrue(has_recovered([4.5, None, 4.6], 4.5, "higher", needed=2))
