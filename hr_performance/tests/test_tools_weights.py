from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools.weights import (
    WeightError,
    check_total,
    propose,
    rebalance,
    shares,
    total,
)

from .properties import properties


class TestToolsWeights(BaseCase):
    def assertRefused(self, code, function, *args):
        with self.assertRaises(WeightError) as caught:
            function(*args)
        self.assertEqual(caught.exception.code, code)

    def test_wc6_added_metric_is_refused_and_rebalanced(self):
        weights = {"conversion": 30, "satisfaction": 40, "repurchase": 30, "follow-up": 10}
        self.assertFalse(check_total(weights.values()))
        self.assertEqual(total(weights.values()), 110)
        expected = {"conversion": 27, "satisfaction": 36, "repurchase": 27, "follow-up": 10}
        self.assertEqual(propose(weights), expected)
        self.assertEqual(rebalance(weights, keep=["follow-up"]), expected)

    def test_trap9_thirds_at_two_decimals(self):
        self.assertFalse(check_total([33.33] * 3))
        self.assertTrue(check_total([33.33, 33.33, 33.34]))
        self.assertTrue(check_total([0.1 + 0.2, 99.7]))
        self.assertTrue(check_total([33.33 * 3, 0.01]))
        self.assertFalse(check_total([100.01]))
        self.assertFalse(check_total([]))
        self.assertEqual(
            list(rebalance({"a": 1, "b": 1, "c": 1}).values()),
            [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")],
        )

    def test_weights_that_total_100_are_proposed_as_they_are(self):
        weights = {"a": Decimal(25), "b": Decimal(75)}
        self.assertEqual(propose(weights), weights)
        self.assertEqual(rebalance(weights), weights)
        self.assertEqual(rebalance(weights, keep=["a", "b"]), weights)

    def test_without_a_beginning_that_totalled_100_all_are_scaled(self):
        self.assertEqual(propose({"a": 30, "b": 30}), {"a": 50, "b": 50})
        self.assertEqual(propose({"a": 50, "b": 60, "c": 90}), {"a": 25, "b": 30, "c": 45})

    def test_what_cannot_be_rebalanced_is_refused(self):
        self.assertRefused("kept_too_high", propose, {"a": 100, "b": 100})
        self.assertRefused("kept_too_high", rebalance, {"a": 50, "b": 120}, ["b"])
        self.assertRefused("nothing_to_scale", rebalance, {"a": 0, "b": 40}, ["b"])
        self.assertRefused("nothing_to_scale", rebalance, {})
        self.assertRefused("unknown_key", rebalance, {"a": 100}, ["b"])
        self.assertRefused("too_small", rebalance, {"a": "0.01", "b": 1000})
        self.assertRefused("negative", check_total, [-1, 101])
        self.assertRefused("bad_number", check_total, [None])
        self.assertRefused("bad_number", propose, {"a": float("nan")})

    def test_shares_per_group(self):
        lines = [("result", 40), ("process", 25), ("result", 35)]
        self.assertEqual(shares(lines), {"result": 75, "process": 25})
        self.assertEqual(shares([("process", 10), ("result", 30)]), {"process": 25, "result": 75})
        self.assertEqual(shares([]), {})


weight_lists = st.lists(st.decimals(1, 100, places=2), min_size=1, max_size=12)


class TestToolsWeightsProperties(BaseCase):
    @properties
    @given(weight_lists)
    def test_proposal_always_totals_100(self, weights):
        weights = dict(enumerate(weights))
        try:
            proposal = propose(weights)
        except WeightError as error:
            self.assertEqual(error.code, "kept_too_high")
            return
        self.assertTrue(check_total(proposal.values()))
        self.assertEqual(list(proposal), list(weights))

    @properties
    @given(weight_lists)
    def test_each_weight_is_within_a_hundredth_of_its_share(self, weights):
        balanced = rebalance(dict(enumerate(weights)))
        self.assertEqual(sum(balanced.values()), 100)
        for key, weight in enumerate(weights):
            exact = Fraction(weight) * 100 / Fraction(sum(weights))
            self.assertLess(abs(Fraction(balanced[key]) - exact), Fraction(1, 100))
        self.assertEqual(rebalance(balanced), balanced)

    @properties
    @given(weight_lists, st.sets(st.integers(0, 11), max_size=3))
    def test_kept_weights_stay(self, weights, keep):
        weights = dict(enumerate(weights))
        keep &= set(weights)
        assume(sum(weights[key] for key in keep) < 90 and len(keep) < len(weights))
        balanced = rebalance(weights, keep)
        self.assertTrue(check_total(balanced.values()))
        self.assertEqual({key: balanced[key] for key in keep}, {key: weights[key] for key in keep})
