import random
import statistics
from decimal import Decimal
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tests.properties import properties

from ..tools import dual_target
from ..tools.apportion import ShareError, apportion, check_shares
from ..tools.dual_target import (
    DualTargetError,
    Member,
    Rule,
    assess,
    explain,
    get_line,
)
from ..tools.reward import (
    Reward,
    RewardError,
    Tier,
    check_tiers,
    compute_reward,
    share_pool,
)

D = Decimal
FIXED = Reward("fixed", fixed=D(500))
TENTH = Reward("percent", percent=D(10))
TIERS = (
    Tier(D(0), D(1000), D(5)),
    Tier(D(1000), D(3000), D(10), D(50)),
    Tier(D(3000), None, D(20), D(200)),
)


class Case(NamedTuple):
    """People and what becomes of them: ``paid`` are the rewards, everybody else gets nothing."""

    title: str
    amounts: dict
    paid: dict
    rule: Rule
    line: object = None  # of the first member
    minimum: object = 0  # of everybody, or by name
    about: dict | None = None  # more about somebody, by name


def rule(reward=FIXED, **options):
    return Rule(reward=reward, **options)


def people(**amounts):
    return {name: D(str(amount)) for name, amount in amounts.items()}


SMALL = rule(min_size=5, small_group="no_reward")
CASES = [
    # -- the worked cases -------------------------------------------------------------------------
    Case("WC-8 even: the mean of the middle", people(a=6, b=8, c=10, d=12), people(c=500, d=500),
         rule(), line=9),
    Case("WC-9 odd: the median person gets nothing", people(a=6, b=8, c=10), people(c=500),
         rule(), line=8),
    Case("WC-10 ties: nobody", people(a=5, b=5, c=5), {}, rule(), line=5),
    Case("WC-11 one seller: the group is too small", people(a=7), {}, SMALL, line=None),
    Case("WC-12 zeros: above the median is not enough", people(a=0, b=0, c=0, d=9), {},
         rule(), line=0, minimum=10),
    Case("WC-12 zeros: above the median and at the minimum", people(a=0, b=0, c=0, d=9),
         people(d=500), rule(), line=0, minimum=9),
    # -- comparison -------------------------------------------------------------------------------
    Case("inclusive: the median person is paid", people(a=6, b=8, c=10), people(b=500, c=500),
         rule(inclusive=True), line=8),
    Case("inclusive: ties are all paid", people(a=5, b=5, c=5), people(a=500, b=500, c=500),
         rule(inclusive=True), line=5),
    Case("a cent above is above", people(a="148.41", b="148.42"), people(b=500),
         rule(), line="148.415"),
    Case("two in the middle alike", people(a=1, b=4, c=4, d=9), people(d=500), rule(), line=4),
    Case("the amount a float cannot hold equals its median", people(a="148.41", b="148.41"), {},
         rule(), line="148.41"),
    # -- minimum ----------------------------------------------------------------------------------
    Case("equality meets the minimum", people(a=1, b=2, c=3), people(c=500), rule(), minimum=3),
    Case("a cent below does not", people(a=1, b=2, c="2.99"), {}, rule(), minimum=3),
    Case("each has his own minimum", people(a=1, b=8, c=9), {}, rule(),
         minimum={"a": 1, "b": 5, "c": 10}),
    Case("no minimum", people(a=1, b=2, c=3), people(c=500), rule(), line=2),
    # -- negative and zero ------------------------------------------------------------------------
    Case("a negative month of refunds", people(a=-100, b=50), people(b=500), rule(), line=-25),
    Case("above a negative median, below the minimum", people(a=-100, b=-50), {}, rule(),
         line=-75),
    Case("everybody sold nothing", people(a=0, b=0, c=0), {}, rule(), line=0),
    Case("who sold nothing is left out where the plan says so", people(a=0, b=0, c=6, d=8),
         people(d=500), rule(count_zeros=False), line=7),
    # -- small groups -----------------------------------------------------------------------------
    Case("a group of two would show the colleague's amount", people(a=1, b=9), {}, SMALL),
    Case("four of five", people(a=1, b=2, c=3, d=4), {}, SMALL),
    Case("five of five", people(a=1, b=2, c=3, d=4, e=5), people(d=500, e=500), SMALL, line=3),
    Case("the minimum alone decides in a small group", people(a=1, b=9), people(b=500),
         rule(min_size=5, small_group="minimum_only"), minimum=5),
    Case("a small group is measured by the one above", people(a=6, b=1, c=2, d=3, e=10),
         people(a=500, d=500, e=500), rule(min_size=3), line=3,
         about={"a": {"groups": ("north", "all")}, "b": {"groups": ("south", "all")},
                "c": {"groups": ("south", "all")}, "d": {"groups": ("south", "all")},
                "e": {"groups": ("south", "all")}}),
    Case("everything is too small, parent group included", people(a=6, b=1), {},
         rule(min_size=3), about={"a": {"groups": ("north", "all")}}),
    Case("a newcomer does not make the group large enough", people(a=1, b=2, c=9), {},
         rule(min_size=3, newcomer_days=30, small_group="no_reward"), about={"a": {"tenure": 5}}),
    # -- other lines ------------------------------------------------------------------------------
    Case("without oneself", people(a=6, b=8, c=10), people(c=500), rule(second="leave_one_out"),
         line=9),
    Case("without oneself, ties", people(a=5, b=5, c=5), {}, rule(second="leave_one_out"), line=5),
    Case("without oneself, alone", people(a=7), {},
         rule(second="leave_one_out", small_group="no_reward")),
    Case("the 75th percentile", people(a=15, b=20, c=35, d=40, e=50), people(e=500),
         rule(second="percentile", percentile=D("0.75")), line=40),
    Case("the 40th percentile is interpolated", people(a=15, b=20, c=35, d=40, e=50),
         people(c=500, d=500, e=500), rule(second="percentile", percentile=D("0.4")), line=29),
    Case("a fixed line", people(a=99, b=100, c=101), people(c=500),
         rule(second="fixed", fixed=D(100)), line=100),
    Case("no line", people(a=99, b=100, c=101), people(b=500, c=500), rule(second="none"),
         minimum=100),
    # -- eligibility ------------------------------------------------------------------------------
    Case("a newcomer counts for nobody", people(a=6, b=8, c=100), people(b=500),
         rule(newcomer_days=30), line=7, about={"c": {"tenure": 29}}),
    Case("on the last day he is none any more", people(a=6, b=8, c=100), people(c=500),
         rule(newcomer_days=30), line=8, about={"c": {"tenure": 30}}),
    Case("managers stay out", people(a=6, b=8, boss=900), people(b=500),
         rule(exclude_managers=True), line=7, about={"boss": {"is_manager": True}}),
    Case("away for longer than allowed", people(a=6, b=8, c=9), people(b=500),
         rule(max_absence=D("0.5")), line=7, about={"c": {"present": D("0.4")}}),
    Case("away for as long as allowed", people(a=6, b=8, c=9), people(c=500),
         rule(max_absence=D("0.5")), line=8, about={"c": {"present": D("0.5")}}),
    # -- pro rata ---------------------------------------------------------------------------------
    Case("half the period, half the minimum", people(a=1, b=2, c=50), people(c=500),
         rule(prorate_employment=True), minimum=100, about={"c": {"employed": D("0.5")}}),
    Case("absence reduces the minimum", people(a=1, b=2, c=80), people(c=500),
         rule(prorate_absence=True), minimum=100, about={"c": {"present": D("0.8")}}),
    Case("part time reduces the minimum", people(a=1, b=2, c=60), people(c=500),
         rule(prorate_worktime=True), minimum=100, about={"c": {"worktime": D("0.6")}}),
    Case("part time is compared as full time", people(a=60, b=80, c=50), people(c=500),
         rule(prorate_worktime=True, scale_amounts=True), line=80,
         about={"c": {"worktime": D("0.5")}}),
    # -- what reaches the tool from the ledger ----------------------------------------------------
    Case("a split order makes both of them sellers", people(a=50, b=50, c=10, d=10),
         people(a=500, b=500), rule(), line=30),
    Case("refund in the same month: as if never sold", people(a=0, b=10, c=20), people(c=500),
         rule(), line=10),
    Case("refund in the next month: the seller starts below zero", people(a=-80, b=10, c=20),
         people(c=500), rule(), line=10),
    Case("transfer: the group of the last day, with the whole amount", people(a=9, b=4, c=5),
         people(a=500), rule(), line=5,
         about={"a": {"groups": ("south",)}, "b": {"groups": ("south",)},
                "c": {"groups": ("south",)}}),
    # -- reward -----------------------------------------------------------------------------------
    Case("per cent of the excess above the line", people(a=1000, b=2000, c=3500),
         people(c=150), rule(TENTH), line=2000),
    Case("per cent of the excess above the minimum where that decides", people(a=1200),
         people(a=20), rule(TENTH, second="none"), minimum=1000),
    Case("part time is paid for his own time", people(a=60, b=80, c=50), people(c=1),
         rule(TENTH, prorate_worktime=True, scale_amounts=True), line=80,
         about={"c": {"worktime": D("0.5")}}),
    Case("half a cent goes up once, at the end", people(a=0, b="0.10"), people(b="0.01"),
         rule(TENTH), line="0.05"),
]  # fmt: skip


class TestDualTargetCases(BaseCase):
    def test_cases(self):
        self.assertEqual(len({case.title for case in CASES}), len(CASES))
        for case in CASES:
            with self.subTest(case.title):
                found = assess(list(self.get_members(case)), case.rule)
                paid = {key: o.reward.total for key, o in found.items() if o.is_above}
                self.assertEqual(paid, case.paid)
                first = found[next(iter(case.amounts))]
                if case.line is not None:
                    self.assertEqual(first.line, D(str(case.line)))

    def get_members(self, case):
        for name, amount in case.amounts.items():
            minimum = case.minimum
            minimum = minimum[name] if isinstance(minimum, dict) else minimum
            about = (case.about or {}).get(name, {})
            yield Member(name, amount, D(minimum), **about)

    def test_why_nobody_is_paid_in_a_small_group(self):
        outcome = assess([Member("a", D(7))], SMALL)["a"]
        self.assertEqual((outcome.basis, outcome.line, outcome.line_size), ("small", None, 0))
        codes = [step.code for step in explain(outcome, SMALL)]
        self.assertEqual(codes, ["amount", "minimum_met", "group_too_small", "no_reward"])

    def test_places(self):
        """Equal amounts share a place, the next one is as many places further."""
        found = assess([Member(k, D(v)) for k, v in zip("abcd", (9, 7, 7, 3), strict=True)], rule())
        self.assertEqual([found[key].rank for key in "abcd"], [1, 2, 2, 4])
        self.assertEqual({o.count for o in found.values()}, {4})

    def test_explanation_names_each_number(self):
        reward = Reward(
            "percent",
            percent=D(10),
            accelerator_from=D(150),
            accelerator=D(2),
            collaboration_step=D(5),
            collaboration_max=D(10),
            cap=D(400),
        )
        plan = rule(reward)
        team = [Member("a", D(1000), D(1000)), Member("b", D(5000), D(1000), helped=3)]
        steps = explain(assess(team, plan)["b"], plan)
        found = {step.code: step.values.get("paid") for step in steps}
        self.assertEqual(
            found,
            {
                "amount": None,
                "minimum_met": None,
                "own_line_passed": None,
                "percent": D(200),
                "accelerated": D(200),
                "collaboration": D(40),
                "capped": D(-40),
                "total": D(400),
            },
        )
        line = next(step for step in steps if step.code == "own_line_passed")
        self.assertEqual(line.values["gap"], D(2000))

    def test_bad_rules_are_refused(self):
        for options, code in (
            ({"second": "mode"}, "unknown_second"),
            ({"percentile": D("1.01")}, "bad_percentile"),
            ({"min_size": 0}, "bad_size"),
            ({"small_group": "merge"}, "unknown_small_group"),
        ):
            with self.assertRaises(DualTargetError) as caught:
                Rule(**options)
            self.assertEqual(caught.exception.code, code)


class TestReward(BaseCase):
    def test_tiers(self):
        reward = Reward("tiers", tiers=TIERS)
        for excess, expected in (
            (0, "0"),
            ("999.99", "50"),
            (1000, "100"),  # the border belongs to the upper tier, with its bonus
            (2000, "200"),
            ("2999.99", "300"),
            (3000, "450"),
            (4000, "650"),
        ):
            parts = compute_reward(reward, D(str(excess)))
            self.assertEqual(parts.total, D(expected), excess)

    def test_tiers_cover_every_excess_once(self):
        check_tiers(TIERS)
        for tiers, code in (
            ((), "no_tier"),
            ((Tier(D(1), None),), "tier_start"),
            ((Tier(D(0), D(10)), Tier(D(11), None)), "tier_gap"),
            ((Tier(D(0), D(10)), Tier(D(9), None)), "tier_overlap"),
            ((Tier(D(0), None), Tier(D(9), None)), "tier_overlap"),
            ((Tier(D(0), D(0)), Tier(D(0), None)), "tier_empty"),
            ((Tier(D(0), D(10)),), "tier_end"),
        ):
            with self.assertRaises(RewardError) as caught:
                check_tiers(tiers)
            self.assertEqual(caught.exception.code, code)

    def test_accelerator_begins_at_its_share_of_the_minimum(self):
        reward = Reward("fixed", D(100), accelerator_from=D(150), accelerator=D("1.5"))
        for attainment, expected in ((D("149.99"), 100), (D(150), 150), (None, 100)):
            self.assertEqual(compute_reward(reward, D(1), attainment).total, expected)

    def test_collaboration_grows_up_to_its_limit(self):
        reward = Reward("fixed", D(100), collaboration_step=D(5), collaboration_max=D(12))
        totals = [compute_reward(reward, D(1), helped=helped).total for helped in range(4)]
        self.assertEqual(totals, [100, 105, 110, 112])

    def test_cap_comes_last(self):
        reward = Reward("percent", percent=D(10), cap=D(150))
        self.assertEqual(compute_reward(reward, D(1500)).total, 150)
        self.assertEqual(compute_reward(reward, D("1500.10")).capped, D("-0.010"))
        self.assertEqual(compute_reward(reward, D(9000)).total, 150)

    def test_pool_is_shared_by_who_met_the_minimum(self):
        team = [(D(100), D(50), True), (D(60), D(50), True), (D(10), D(20), False)]
        self.assertEqual(share_pool(D(10), team), [D("2.50"), D("2.50"), D(0)])
        self.assertEqual(share_pool(D(10), team, by="amount"), [D("3.13"), D("1.87"), D(0)])
        self.assertEqual(share_pool(D(10), [(D(10), D(20), False)]), [D(0)])
        self.assertEqual(share_pool(D(0), team), [0, 0, 0])


class TestApportion(BaseCase):
    def test_by_largest_remainder(self):
        for total, weights, digits, expected in (
            (100, [1, 1, 1], 2, ["33.34", "33.33", "33.33"]),
            (-100, [1, 1, 1], 2, ["-33.34", "-33.33", "-33.33"]),
            ("0.01", [50, 50], 2, ["0.01", "0.00"]),
            (10, [1, 1, 1], 0, ["4", "3", "3"]),
            (100, ["33.33", "33.33", "33.34"], 2, ["33.33", "33.33", "33.34"]),
            (0, [1, 2], 2, ["0.00", "0.00"]),
            (100, [0, 1], 2, ["0.00", "100.00"]),
        ):
            found = [str(part) for part in apportion(D(str(total)), weights, digits)]
            self.assertEqual(found, expected)

    def test_refused(self):
        for shares, code in (
            ([50, 49], "not_whole"),
            ([60, 50], "not_whole"),
            ([100, 0], "not_positive"),
            ([150, -50], "not_positive"),
            ([], "nobody"),
        ):
            with self.assertRaises(ShareError) as caught:
                check_shares(shares)
            self.assertEqual(caught.exception.code, code)
        check_shares(["33.33", "33.33", "33.34"])
        with self.assertRaises(ShareError):
            apportion(1, [0, 0])

    @properties
    @given(
        st.decimals(-(10**9), 10**9, places=2),
        st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any),
    )
    def test_parts_total_the_amount_to_the_cent(self, total, weights):
        parts = apportion(total, weights)
        self.assertEqual(sum(parts), total)
        whole = sum(weights)
        for part, weight in zip(parts, weights, strict=True):
            self.assertLess(abs(part - total * weight / whole), D("0.01"))

    @properties
    @given(st.decimals(-1000, 1000, places=2), st.lists(st.integers(1, 99), min_size=1))
    def test_taking_back_leaves_nothing(self, total, weights):
        back = apportion(-total, weights)
        self.assertEqual([a + b for a, b in zip(apportion(total, weights), back, strict=True)],
                         [0] * len(weights))  # fmt: skip


cents = st.decimals(-10_000, 10_000, places=2)
amounts = st.lists(cents, min_size=1, max_size=25)


class TestDualTargetProperties(BaseCase):
    """Held against an independent median, and what has to hold whatever the amounts are."""

    def members(self, values, minimum=0):
        return [Member(number, value, D(minimum)) for number, value in enumerate(values)]

    def winners(self, values, plan=None, minimum=0):
        found = assess(self.members(values, minimum), plan or rule())
        return {key for key, outcome in found.items() if outcome.is_above}

    @properties
    @given(amounts)
    def test_oracle(self, values):
        line = statistics.median(values)
        found = assess(self.members(values), rule(TENTH))
        for outcome in found.values():
            self.assertEqual(outcome.line, line)
            self.assertEqual(outcome.is_above, outcome.amount >= 0 and outcome.amount > line)
        if len(values) > 1:
            for key, value in enumerate(values):
                rest = values[:key] + values[key + 1 :]
                self.assertEqual(get_line(values, D("0.5"), value), statistics.median(rest))

    @properties
    @given(amounts, st.integers(0, 100))
    def test_percentile_lies_between_its_neighbours(self, values, number):
        line = get_line(values, D(number) / 100)
        position = (len(values) - 1) * number // 100
        ordered = sorted(values)
        self.assertLessEqual(ordered[position], line)
        self.assertLessEqual(line, ordered[min(position + 1, len(values) - 1)])

    @properties
    @given(amounts)
    def test_at_most_half_are_above(self, values):
        self.assertLessEqual(len(self.winners(values, minimum=-20_000)), len(values) // 2)

    @properties
    @given(amounts)
    def test_somebody_at_the_median_changes_nothing(self, values):
        line = statistics.median(values)
        more = self.winners([*values, line])
        self.assertEqual(more - {len(values)}, self.winners(values))
        self.assertNotIn(len(values), more)

    @properties
    @given(amounts, st.decimals("0.01", 100, places=2))
    def test_scale(self, values, factor):
        scaled = [value * factor for value in values]
        self.assertEqual(self.winners(scaled), self.winners(values))

    @properties
    @given(amounts, cents)
    def test_shift(self, values, shift):
        shifted = [value + shift for value in values]
        self.assertEqual(
            self.winners(shifted, minimum=-99_999), self.winners(values, minimum=-99_999)
        )

    @properties
    @given(st.lists(cents, min_size=3, max_size=25), cents.map(abs))
    def test_more_for_a_winner_changes_nothing_for_others(self, values, more):
        winners = self.winners(values)
        for key in winners:
            raised = [value + more if n == key else value for n, value in enumerate(values)]
            self.assertEqual(self.winners(raised), winners)

    @properties
    @given(amounts, st.randoms(use_true_random=False))
    def test_order_does_not_matter(self, values, source: random.Random):
        order = list(range(len(values)))
        source.shuffle(order)
        members = self.members(values)
        found = assess([members[index] for index in order], rule(TENTH))
        self.assertEqual(found, assess(members, rule(TENTH)))

    @properties
    @given(
        st.decimals(0, 10_000, places=2),
        st.decimals(0, 10_000, places=2),
        st.sampled_from([FIXED, TENTH, Reward("tiers", tiers=TIERS), Reward("percent", percent=D(7),
                         cap=D(90), accelerator_from=D(110), accelerator=D(2))]),
    )  # fmt: skip
    def test_more_never_pays_less(self, one, two, reward):
        low, high = sorted((one, two))
        pay = [compute_reward(reward, value, 100 + value / 100).total for value in (low, high)]
        self.assertLessEqual(*pay)

    @properties
    @given(st.lists(st.tuples(cents, st.sampled_from("nsw")), min_size=1, max_size=25),
           st.integers(1, 6))  # fmt: skip
    def test_small_groups_never_have_a_line_of_their_own(self, rows, size):
        members = [Member(n, value, groups=(g, "all")) for n, (value, g) in enumerate(rows)]
        for outcome in assess(members, rule(min_size=size)).values():
            if outcome.line is not None:
                self.assertGreaterEqual(outcome.line_size, size)
            self.assertEqual(outcome.basis == "small", len(rows) < size)

    @properties
    @given(amounts, st.booleans(), st.sampled_from(dual_target.SECONDS))
    def test_explanations_end_with_what_is_paid(self, values, inclusive, second):
        plan = rule(TENTH, inclusive=inclusive, second=second, min_size=2)
        for outcome in assess(self.members(values), plan).values():
            last = explain(outcome, plan)[-1]
            if outcome.is_above:
                self.assertEqual(last, ("total", {"paid": outcome.reward.total}))
            else:
                self.assertEqual((last.code, outcome.reward.total), ("no_reward", 0))
