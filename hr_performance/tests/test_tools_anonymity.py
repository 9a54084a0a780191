from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools.anonymity import FEW, MERGED, NONE, SHOWN, Tally, publish

from .properties import properties


def tally(key, *ratings, weight=1.0, named=False, question="clear"):
    cells = {question: (len(ratings), float(sum(ratings)))} if ratings else {}
    return Tally(key, len(ratings), cells, weight, named)


def status(publication):
    return {group.key: group.status for group in publication.groups}


class TestToolsAnonymity(BaseCase):
    def test_missing_perspective_leaves_the_denominator(self):
        """Trap 1: three parts, one absent, divided by two; it is shown as missing."""
        result = publish([tally("self", 4, named=True), tally("peer", 2, 3, 4), tally("report")], 3)
        self.assertEqual(status(result), {"self": SHOWN, "peer": SHOWN, "report": NONE})
        self.assertEqual(result.total, (4 + 3) / 2)

    def test_weights(self):
        groups = [
            tally("self", 5, named=True, weight=0),
            tally("manager", 4, named=True, weight=60),
            tally("peer", 2, 2, 2, weight=40),
        ]
        result = publish(groups, 3)
        self.assertAlmostEqual(result.total, 4 * 0.6 + 2 * 0.4)
        self.assertEqual(result.answers, 4, "an answer without weight is not in the total")

    def test_only_weightless_answers_give_no_total(self):
        result = publish([tally("self", 5, named=True, weight=0), tally("peer")], 3)
        self.assertIsNone(result.total)

    def test_too_few_answers_are_hidden_and_take_no_part(self):
        shown = publish([tally("peer", 5, 5, 5), tally("report", 1, 1)], 3)
        self.assertEqual(status(shown), {"peer": SHOWN, "report": FEW})
        self.assertEqual(shown.total, 5)
        self.assertEqual(shown.questions, {"clear": 5})
        self.assertFalse(shown.groups[1].answers, "nor does their number show")

    def test_small_groups_are_merged(self):
        result = publish([tally("peer", 5, 4, weight=40), tally("report", 1, 2, weight=30)], 3)
        self.assertEqual(status(result), {"peer": MERGED, "report": MERGED, "other": SHOWN})
        pool = result.groups[-1]
        self.assertEqual((pool.answers, pool.average, pool.weight), (4, 3, 70))

    def test_small_group_goes_into_others(self):
        """Others are then never shown without it: the two figures would give it away."""
        result = publish([tally("report", 1), tally("other", 5, 5, 5, 5)], 3)
        self.assertEqual(status(result), {"report": MERGED, "other": SHOWN})
        self.assertEqual(len([g for g in result.groups if g.key == "other"]), 1)
        self.assertAlmostEqual(result.groups[-1].average, 21 / 5)

    def test_others_alone_stay_as_they_are(self):
        result = publish([tally("peer", 1, 2, 3), tally("other", 5, 5, 5)], 3)
        self.assertEqual(status(result), {"peer": SHOWN, "other": SHOWN})

    def test_question_that_few_answered_is_hidden_in_a_shown_group(self):
        cells = {"clear": (3, 9.0), "helpful": (2, 10.0)}
        result = publish([Tally("peer", 3, cells)], 3)
        self.assertEqual(result.groups[0].cells, {"clear": (3, 3.0)})
        self.assertEqual(result.questions, {"clear": 3})
        self.assertEqual(result.total, 3)

    def test_minimum_cannot_be_set_too_low(self):
        self.assertEqual(status(publish([tally("peer", 5, 5)], 1)), {"peer": FEW})

    def test_two_numbers_never_differ_by_one_group(self):
        """Every small case: a published pool or total minus the others is never a hidden group."""
        for sizes in product(range(6), repeat=3):
            groups = [tally(k, *[1] * n) for k, n in zip("abc", sizes, strict=True)]
            result = publish(groups, 3)
            shown = [g.answers for g in result.groups if g.status == SHOWN]
            self.assertTrue(all(count >= 3 for count in shown), sizes)
            self.assertEqual(result.answers, sum(shown), sizes)

    @properties
    @given(
        st.lists(
            st.lists(st.integers(1, 5), max_size=7),
            min_size=1,
            max_size=5,
        ),
        st.integers(1, 6),
        st.integers(1, 5),
    )
    def test_hidden_answers_change_nothing_that_is_shown(self, ratings, minimum, other):
        """The whole rule as one property: hidden answers could be any, nobody sees a difference."""
        keys = ["peer", "report", "other", "d4", "d5"]
        groups = [tally(key, *rows) for key, rows in zip(keys, ratings, strict=False)]
        before = publish(groups, minimum)
        hidden = {g.key for g in before.groups if g.status == FEW}
        changed = [tally(g.key, *[other] * g.answers) if g.key in hidden else g for g in groups]
        self.assertEqual(publish(changed, minimum), before)
        for group in before.groups:
            self.assertTrue(group.status == SHOWN or group.average is None)
            for count, _mean in group.cells.values():
                self.assertGreaterEqual(count, max(minimum, 3))
