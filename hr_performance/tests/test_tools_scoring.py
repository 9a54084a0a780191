import json
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools.decimals import round_half_up
from odoo.addons.hr_performance.tools.scoring import (
    Adjustment,
    Profile,
    Rule,
    RuleError,
    pace,
    rank,
    rule_from_json,
    score_line,
    score_total,
    strengths_and_weaknesses,
)

from .properties import properties

LATE = Adjustment("Late arrivals", ">", 3, "percent", -10, "once")


def scored(*lines):
    """Lines (key, rule, value) as ``score_total`` takes them."""
    return [(key, rule.weight, score_line(rule, value)) for key, rule, value in lines]


class TestToolsScoringWorkedCases(BaseCase):
    """The worked cases of the requirements, with the values expected there."""

    def photo_studio(self, conversion, satisfaction, repurchase, method="linear"):
        return scored(
            ("conversion", Rule(method, weight=30, target=40), conversion),
            ("satisfaction", Rule(method, weight=40, target="4.2"), satisfaction),
            ("repurchase", Rule(method, weight=30, target=25), repurchase),
        )

    def test_wc1_over_achievement_is_capped_at_the_weight(self):
        lines = self.photo_studio(45, 4.5, 35)
        self.assertEqual([line.points for _key, _weight, line in lines], [30, 40, 30])
        self.assertTrue(all(line.capped for _key, _weight, line in lines))
        self.assertEqual(score_total(lines).total, 100)

    def test_wc2_missed_target_linear(self):
        _conversion, (_key, _weight, line), _other = self.photo_studio(45, 3.8, 35)
        self.assertEqual(round_half_up(line.points), Decimal("36.19"))
        self.assertIs(line.met, False)
        self.assertEqual(score_total(self.photo_studio(45, 3.8, 35)).total, Decimal("96.19"))

    def test_wc2_missed_target_threshold(self):
        lines = self.photo_studio(45, 3.8, 35, method="threshold")
        self.assertEqual([line.points for _key, _weight, line in lines], [30, 0, 30])

    def test_wc3_improvement_reaches_the_cap(self):
        rule = Rule(weight=40, target="4.2")
        points = [round_half_up(score_line(rule, value).points) for value in (3.8, 4.3, 4.5)]
        self.assertEqual(points, [Decimal("36.19"), 40, 40])

    def test_wc4_late_arrivals_percent_of_the_score(self):
        for points, late, expected in (
            (100, 3, 100),
            (100, 4, 90),
            (90, 4, 81),
            (90, 9, 81),
        ):
            with self.subTest(points=points, late=late):
                lines = scored(("work", Rule(target=100), points))
                result = score_total(lines, [("late", LATE, late)])
                self.assertEqual(result.total, expected)

    def test_wc4_late_arrivals_points(self):
        rule = Adjustment("Late arrivals", ">", 3, "points", -10)
        lines = scored(("work", Rule(target=100), 90))
        self.assertEqual(score_total(lines, [("late", rule, 4)]).total, 80)

    def test_wc5_project_completion(self):
        rule = Rule(weight=20, target=100)
        self.assertEqual(score_line(rule, 100).points, 20)
        self.assertEqual(score_line(rule, 80).points, 16)

    def test_wc14_gap_in_points_and_in_percent(self):
        line = score_line(Rule(weight=30, target=40), 45)
        self.assertEqual(line.gap, 5)
        self.assertEqual(line.relative_gap, Decimal("12.5"))

    def test_wc15_equality_meets_a_target(self):
        self.assertIs(score_line(Rule(target=90), 92).met, True)
        self.assertIs(score_line(Rule(target=5), 6).met, True)
        for method in ("linear", "threshold"):
            for direction in ("higher", "lower"):
                rule = Rule(method, direction, weight=30, target=0.3)
                line = score_line(rule, 0.1 + 0.2)
                self.assertIs(line.met, True)
                self.assertEqual(line.points, 30)


class TestToolsScoringLines(BaseCase):
    def share(self, rule, value):
        return score_line(rule, value).share

    def test_unknown_is_neither_zero_nor_full(self):
        rules = [
            Rule(target=10),
            Rule("threshold", target=10),
            Rule("bands", bands=((0, 100),)),
            Rule("rating", target=5),
            Rule("formula", formula="100"),
        ]
        for rule in rules:
            line = score_line(rule, None)
            with self.subTest(method=rule.method):
                self.assertEqual(
                    (line.points, line.share, line.attainment, line.met, line.gap), (None,) * 5
                )
                self.assertEqual(line.steps, (("no_value", None),))

    def test_trap5_cap_is_configurable(self):
        self.assertEqual(self.share(Rule(target=40, cap=150), 50), 125)
        self.assertEqual(self.share(Rule(target=40, cap=150), 90), 150)
        self.assertEqual(self.share(Rule(target=40, cap=80), 40), 80)

    def test_trap6_start_value_and_overshoot(self):
        up = Rule(weight=50, target=30, start=20)
        self.assertEqual([self.share(up, value) for value in (20, 25, 30, 40)], [0, 50, 100, 100])
        self.assertEqual(self.share(up, 10), 0)
        down = Rule(direction="lower", weight=50, target=2, start=5)
        self.assertEqual([self.share(down, value) for value in (5, 3.5, 2, 0)], [0, 50, 100, 100])
        to_zero = Rule(direction="lower", target=0, start=8)
        self.assertEqual([self.share(to_zero, value) for value in (8, 2, 0)], [0, 75, 100])
        through_zero = Rule(target=10, start=-10)
        self.assertEqual(self.share(through_zero, 0), 50)

    def test_trap7_lower_is_better_zero_is_best_but_no_data_is_unknown(self):
        rule = Rule(direction="lower", weight=20, target=5)
        self.assertEqual(score_line(rule, 0).points, 20)
        self.assertIs(score_line(rule, 0).met, True)
        self.assertIs(score_line(rule, None).points, None)
        self.assertEqual(self.share(rule, 10), 50)
        self.assertEqual(self.share(Rule(direction="lower", target=5, cap=120), 0), 120)

    def test_trap8_a_target_above_one_hundred_percent(self):
        rule = Rule(weight=20, target=120)
        self.assertEqual(score_line(rule, 120).points, 20)
        self.assertEqual(score_line(rule, 60).points, 10)

    def test_target_without_proportion_is_all_or_nothing(self):
        for direction, values in (("higher", (-1, 0, 1)), ("lower", (1, 0, -1))):
            rule = Rule(direction=direction, weight=10, target=0)
            self.assertEqual([score_line(rule, v).points for v in values], [0, 10, 10])
        self.assertEqual(score_line(Rule(target=-10), -5).share, 100)
        self.assertEqual(score_line(Rule(target=-10), -15).share, 0)
        self.assertIs(score_line(Rule(target=0), 5).relative_gap, None)
        self.assertEqual(score_line(Rule(target=-10), -5).relative_gap, 50)

    def test_floor_cuts_strictly_below(self):
        rule = Rule(target=100, floor=60)
        self.assertEqual([self.share(rule, v) for v in (59.99, 60, 61)], [0, 60, 61])
        self.assertIn(("below_floor", 60), score_line(rule, 50).steps)

    def test_trap10_bands_are_half_open_without_gap(self):
        rule = Rule("bands", weight=10, bands=((1000, 100), (0, 20), (500, 60)))
        cases = {-1: 0, 0: 20, 499.99: 20, 500: 60, 999.995: 60, 1000: 100, 1000.005: 100}
        for value, expected in cases.items():
            with self.subTest(value=value):
                self.assertEqual(self.share(rule, value), expected)
        self.assertEqual(score_line(rule, 500).points, 6)
        with self.assertRaises(RuleError) as caught:
            Rule("bands", bands=((0, 20), (0, 30))).validate()
        self.assertEqual(caught.exception.code, "bands_duplicate")

    def test_bands_on_attainment(self):
        rule = Rule("bands", target=50, basis="attainment", bands=((80, 50), (100, 100)))
        self.assertEqual([self.share(rule, v) for v in (39.9, 40, 49.9, 50)], [0, 50, 50, 100])
        lower = Rule("bands", "lower", target=4, basis="attainment", bands=((50, 40), (100, 90)))
        self.assertEqual([self.share(lower, v) for v in (9, 8, 4, 0)], [0, 40, 90, 90])

    def test_rating_on_a_scale(self):
        rule = Rule("rating", weight=40, start=1, target=5)
        self.assertEqual([score_line(rule, v).points for v in (1, 3, 5)], [0, 20, 40])
        self.assertEqual(score_line(Rule("rating", weight=40, target=5), 4).points, 32)
        school = Rule("rating", "lower", start=6, target=1)
        self.assertEqual([self.share(school, v) for v in (6, 3.5, 1)], [0, 50, 100])
        for value in (0.99, 5.01):
            with self.assertRaises(RuleError) as caught:
                score_line(rule, value)
            self.assertEqual(caught.exception.code, "rating_out_of_scale")

    def test_formula(self):
        rule = Rule("formula", target=50, start=0, formula="100 if value >= target else value")
        self.assertEqual([self.share(rule, v) for v in (10, 50, -5)], [10, 100, 0])
        self.assertEqual(self.share(Rule("formula", formula="value * weight"), 3), 100)
        unknown = score_line(Rule("formula", formula="value - start"), 3)
        self.assertEqual((unknown.points, unknown.share), (None, None))
        with self.assertRaises(RuleError) as caught:
            score_line(Rule("formula", target=0, formula="value / target"), 1)
        self.assertEqual(caught.exception.code, "formula_failed")
        self.assertEqual(caught.exception.params["reason"], "division_by_zero")

    def test_steps_explain_the_points(self):
        steps = score_line(Rule(weight=30, target=40), 45).steps
        self.assertEqual(
            steps,
            (("attainment", Decimal("1.125")), ("capped", 100), ("share", 100), ("points", 30)),
        )
        self.assertEqual(score_line(Rule(target=10, start=0), -1).steps[1], ("below_zero", -10))
        for rule, value, code in (
            (Rule(target=10, start=5), 6, "progress"),
            (Rule(direction="lower", target=10), 20, "inverse_attainment"),
            (Rule(direction="lower", target=10), 0, "best_possible"),
            (Rule("threshold", target=10), 10, "met"),
            (Rule("threshold", target=10), 9, "not_met"),
            (Rule("bands", bands=((5, 10),)), 6, "band"),
            (Rule("bands", bands=((5, 10),)), 4, "below_bands"),
            (Rule("rating", target=5), 4, "rating"),
            (Rule("formula", formula="50"), 4, "formula"),
        ):
            self.assertEqual(score_line(rule, value).steps[0][0], code)

    def test_a_value_that_is_no_number_is_refused(self):
        for value in (float("nan"), Decimal("Infinity"), "many", True):
            with self.subTest(value=value), self.assertRaises(RuleError) as caught:
                score_line(Rule(target=10), value)
            self.assertEqual(caught.exception.code, "bad_number")


class TestToolsScoringRules(BaseCase):
    def assertRefused(self, code, **values):
        rule = Rule(**values)
        with self.assertRaises(RuleError) as caught:
            rule.validate()
        self.assertEqual(caught.exception.code, code)
        with self.assertRaises(RuleError):
            score_line(rule, 5)

    def test_faults_are_named(self):
        self.assertRefused("unknown_choice", method="magic", target=1)
        self.assertRefused("unknown_choice", direction="sideways", target=1)
        self.assertRefused("unknown_choice", method="bands", basis="mood", bands=((0, 1),))
        self.assertRefused("weight_out_of_range", weight=110, target=1)
        self.assertRefused("weight_out_of_range", weight=-1, target=1)
        self.assertRefused("cap_out_of_range", cap=0, target=1)
        self.assertRefused("cap_out_of_range", cap=1001, target=1)
        self.assertRefused("floor_out_of_range", floor=101, target=1)
        self.assertRefused("target_missing")
        self.assertRefused("target_missing", method="threshold")
        self.assertRefused("target_missing", method="rating")
        self.assertRefused("target_missing", method="bands", basis="attainment", bands=((0, 1),))
        self.assertRefused("target_equals_start", target=5, start=5)
        self.assertRefused("start_beyond_target", target=5, start=6)
        self.assertRefused("start_beyond_target", direction="lower", target=5, start=4)
        self.assertRefused("scale_empty", method="rating", target=5, start=5)
        self.assertRefused("scale_empty", method="rating", target=0)
        self.assertRefused("start_missing", method="rating", direction="lower", target=1)
        self.assertRefused("bands_missing", method="bands")
        self.assertRefused("band_share_out_of_range", method="bands", bands=((0, 101),))
        self.assertRefused(
            "target_not_positive", method="bands", basis="attainment", target=0, bands=((0, 1),)
        )
        self.assertRefused("formula_missing", method="formula")
        self.assertRefused("formula_invalid", method="formula", formula="__import__('os')")

    def test_a_missing_target_may_come_later(self):
        Rule().validate(target_required=False)
        with self.assertRaises(RuleError):
            Rule(weight=101).validate(target_required=False)

    def test_bad_parts_are_refused_at_once(self):
        for values in (
            {"weight": None},
            {"target": "many"},
            {"bands": 5},
            {"bands": [[1, 2, 3]]},
            {"bands": [[1, None]]},
            {"formula": 5},
            {"colour": "red"},
            [],
        ):
            with self.subTest(values=values), self.assertRaises(RuleError):
                Rule.from_dict(values)

    def test_dictionary_is_canonical_json(self):
        rule = Rule("bands", weight=20.0, target="30.00", bands=((50, 100), (0, 10.50)))
        values = rule.to_dict()
        self.assertEqual(values["bands"], [["0", "10.5"], ["50", "100"]])
        self.assertEqual((values["weight"], values["target"]), ("20", "30"))
        self.assertEqual(json.loads(json.dumps(values)), values)
        self.assertEqual(Rule.from_dict(values), rule)
        self.assertEqual(Rule(weight=Decimal("20.00")).to_dict(), Rule(weight=20).to_dict())

    def test_stored_rules_are_parsed_once(self):
        values = Rule(weight=20, target=33).to_dict()
        first = rule_from_json(values)
        self.assertIs(rule_from_json(dict(values)), first)
        self.assertIs(rule_from_json(json.dumps(values)), first)
        for broken in ("{", "[]", {"weight": object()}):
            with self.subTest(values=broken), self.assertRaises(RuleError):
                rule_from_json(broken)


class TestToolsScoringTotals(BaseCase):
    def test_trap1_missing_part_leaves_the_denominator(self):
        lines = scored(
            ("a", Rule(weight=40, target=10), 10),
            ("b", Rule(weight=40, target=10), 5),
            ("c", Rule(weight=20, target=10), None),
        )
        result = score_total(lines)
        self.assertEqual(result.total, 75)
        self.assertEqual(result.missing, ("c",))
        self.assertEqual(result.measured_weight, 80)
        self.assertFalse(result.blocked)

    def test_missing_part_can_block(self):
        lines = scored(
            ("a", Rule(weight=60, target=10), 10), ("b", Rule(weight=40, target=10), None)
        )
        result = score_total(lines, missing="block")
        self.assertEqual((result.total, result.blocked, result.missing), (None, True, ("b",)))
        with self.assertRaises(RuleError):
            score_total(lines, missing="ignore")

    def test_nothing_measured_gives_no_total(self):
        lines = scored(("a", Rule(target=10), None))
        result = score_total(lines, [("late", LATE, 9)])
        self.assertEqual((result.total, result.base, result.applied), (None, None, ()))
        self.assertIs(score_total([]).total, None)

    def test_adjustments_apply_to_the_base_not_to_each_other(self):
        lines = scored(("a", Rule(target=100), 80))
        bonus = Adjustment("Helped colleagues", ">=", 5, "percent", 10)
        points = Adjustment("Innovation", ">=", 1, "points", 3)
        entries = [("late", LATE, 4), ("help", bonus, 5), ("idea", points, 1)]
        result = score_total(lines, entries)
        self.assertEqual(result.total, 83)
        self.assertEqual(score_total(lines, entries[::-1]).total, 83)
        self.assertEqual(
            [(applied.key, applied.points) for applied in result.applied],
            [("late", -8), ("help", 8), ("idea", 3)],
        )

    def test_unknown_value_of_an_adjustment_is_reported(self):
        lines = scored(("a", Rule(target=100), 80))
        result = score_total(lines, [("late", LATE, None)])
        self.assertEqual((result.total, result.applied), (80, ()))
        self.assertEqual(result.unknown_adjustments, ("late",))

    def test_total_stops_at_zero(self):
        lines = scored(("a", Rule(target=100), 5))
        penalty = Adjustment("Incident", ">", 0, "points", -50)
        self.assertEqual(score_total(lines, [("p", penalty, 1)]).total, 0)

    def test_comparisons_and_repetition(self):
        cases = [
            (">", "once", {3: 0, 4: 1, 9: 1}),
            (">", "each", {3: 0, 3.5: 0, 4: 1, 6: 3}),
            (">=", "once", {2: 0, 3: 1, 9: 1}),
            (">=", "each", {2: 0, 3: 1, 5: 3}),
            ("<", "each", {3: 0, 2: 1, 0: 3}),
            ("<=", "each", {4: 0, 3: 1, 0: 4}),
            ("=", "once", {2: 0, 3: 1, 4: 0}),
        ]
        for comparison, repeat, expected in cases:
            rule = Adjustment("x", comparison, 3, "points", -1, repeat)
            for value, times in expected.items():
                with self.subTest(comparison=comparison, repeat=repeat, value=value):
                    self.assertEqual(rule.times(Decimal(str(value))), times)

    def test_adjustments_are_stored_and_checked(self):
        self.assertEqual(Adjustment.from_dict(LATE.to_dict()), LATE)
        self.assertEqual(LATE.to_dict()["amount"], "-10")
        for change in (
            {"comparison": "!="},
            {"effect": "stars"},
            {"repeat": "twice"},
            {"threshold": None},
            {"comparison": "=", "repeat": "each"},
            {"colour": "red"},
        ):
            with self.subTest(change=change), self.assertRaises(RuleError):
                Adjustment.from_dict({**LATE.to_dict(), **change})
        with self.assertRaises(RuleError):
            Adjustment.from_dict({"label": "x"})

    def test_rank_ties_share_and_skip(self):
        scores = {"a": Decimal(90), "b": Decimal(80), "c": Decimal("80.00"), "d": Decimal(70)}
        self.assertEqual(rank(scores), {"a": 1, "b": 2, "c": 2, "d": 4})
        self.assertEqual(rank({"a": None, "b": Decimal(0)}), {"a": None, "b": 1})
        self.assertEqual(rank({}), {})

    def test_strengths_and_weaknesses(self):
        lines = scored(
            ("small loss", Rule(weight=10, target=10), 9),
            ("big loss", Rule(weight=40, target=10), 5),
            ("unmeasured", Rule(weight=10, target=10), None),
            ("met", Rule(weight=10, target=10), 10),
            ("beyond", Rule(weight=10, target=10, cap=150), 14),
            ("below target, nothing lost", Rule("bands", target=10, bands=((0, 100),)), 9),
            ("no target", Rule("formula", weight=10, formula="100"), 1),
            ("no target, lost", Rule("formula", weight=10, formula="50"), 1),
        )
        self.assertEqual(
            strengths_and_weaknesses(lines),
            Profile(("beyond", "met", "no target"), ("big loss", "no target, lost", "small loss")),
        )
        self.assertEqual(len(strengths_and_weaknesses(lines, 9).weaknesses), 3)
        self.assertEqual(strengths_and_weaknesses(lines, 1), Profile(("beyond",), ("big loss",)))

    def test_pace(self):
        revenue = Rule(target=100)
        self.assertEqual(pace(revenue, 40, 0.5, cumulative=True).expected, 50)
        self.assertIs(pace(revenue, 49, 0.5, cumulative=True).behind, True)
        self.assertIs(pace(revenue, 50, 0.5, cumulative=True).behind, False)
        average = Rule(target="4.2")
        self.assertEqual(pace(average, 4, 0.1, cumulative=False).expected, Decimal("4.2"))
        self.assertIs(pace(average, 4, 0.1, cumulative=False).behind, True)
        defects = Rule(direction="lower", target=10)
        self.assertIs(pace(defects, 6, 0.5, cumulative=True).behind, True)
        self.assertIs(pace(defects, 5, 0.5, cumulative=True).behind, False)
        self.assertEqual(pace(Rule(target=30, start=20), 22, 0.5, True).expected, 25)
        self.assertIs(pace(revenue, None, 0.5, True).behind, None)
        self.assertIs(pace(Rule("rating", target=5), 1, 0.5, True).expected, None)
        self.assertEqual(pace(revenue, 1, 7, True).expected, 100)


numbers = st.decimals(-1000, 1000, places=3)
positive = st.decimals(Decimal("0.01"), 1000, places=2)
weights = st.decimals(Decimal("0.01"), 100, places=2)


@st.composite
def linear_rules(draw):
    direction = draw(st.sampled_from(["higher", "lower"]))
    target, start = draw(numbers), draw(st.none() | numbers)
    if start is not None:
        target, start = max(target, start), min(target, start)
        if target == start:
            target += 1
        if direction == "lower":
            target, start = start, target
    cap = draw(st.sampled_from([80, 100, 150]))
    floor = draw(st.sampled_from([0, 0, 50]))
    return Rule("linear", direction, draw(weights), target, start, cap, floor)


@st.composite
def any_rules(draw):
    kind = draw(st.sampled_from(["linear", "threshold", "bands"]))
    rule = draw(linear_rules())
    if kind == "linear":
        return rule
    values = rule.to_dict() | {"method": kind}
    if kind == "bands":
        bounds = draw(st.lists(numbers, min_size=1, max_size=5, unique=True))
        shares = draw(st.lists(st.integers(0, 80), min_size=5, max_size=5))
        values["bands"] = list(zip(bounds, shares, strict=False))
    return Rule.from_dict(values)


measured_lines = st.lists(st.tuples(any_rules(), st.none() | numbers), max_size=6)
adjustments = st.builds(
    Adjustment,
    st.just("x"),
    st.sampled_from([">", ">=", "<", "<="]),
    st.integers(-5, 5),
    st.sampled_from(["percent", "points"]),
    st.integers(-30, 30),
    st.sampled_from(["once", "each"]),
)


class TestToolsScoringProperties(BaseCase):
    @properties
    @given(linear_rules(), numbers, numbers)
    def test_more_of_the_good_never_earns_less(self, rule, one, other):
        worse, better = sorted((one, other), reverse=rule.direction == "lower")
        self.assertLessEqual(score_line(rule, worse).points, score_line(rule, better).points)

    @properties
    @given(any_rules(), numbers)
    def test_points_stay_between_zero_and_the_cap(self, rule, value):
        line = score_line(rule, value)
        self.assertTrue(0 <= line.share <= rule.cap)
        self.assertTrue(0 <= line.points <= rule.weight * rule.cap / 100)
        self.assertEqual(
            line.met, value == rule.target or (value > rule.target) == (rule.direction == "higher")
        )

    @properties
    @given(any_rules())
    def test_a_met_target_earns_the_whole_weight_but_for_bands(self, rule):
        if rule.method != "bands":
            self.assertEqual(score_line(rule, rule.target).share, min(100, rule.cap))

    @properties
    @given(any_rules())
    def test_rules_survive_storage(self, rule):
        self.assertEqual(rule_from_json(json.loads(json.dumps(rule.to_dict()))), rule)
        self.assertEqual(rule_from_json(rule.to_dict()).to_dict(), rule.to_dict())

    @properties
    @given(
        measured_lines,
        st.lists(st.tuples(adjustments, st.none() | st.integers(-9, 9)), max_size=4),
        st.randoms(use_true_random=False),
    )
    def test_order_changes_no_total(self, lines, rules, random):
        lines = scored(*((i, rule, value) for i, (rule, value) in enumerate(lines)))
        entries = [(i, rule, value) for i, (rule, value) in enumerate(rules)]
        first = score_total(lines, entries)
        random.shuffle(lines)
        random.shuffle(entries)
        second = score_total(lines, entries)
        self.assertEqual(first.total, second.total)
        self.assertEqual(set(first.missing), set(second.missing))
        self.assertEqual(first.measured_weight, second.measured_weight)
        if first.total is not None:
            self.assertGreaterEqual(first.total, 0)

    @properties
    @given(measured_lines)
    def test_unmeasured_lines_count_for_nothing(self, lines):
        lines = scored(*((i, rule, value) for i, (rule, value) in enumerate(lines)))
        known = [line for line in lines if line[2].points is not None]
        self.assertEqual(score_total(lines).total, score_total(known).total)
        self.assertEqual(score_total(known).total, score_total(known, missing="block").total)
        self.assertEqual(score_total(lines, missing="block").blocked, len(known) < len(lines))

    @properties
    @given(st.lists(st.tuples(weights, positive, positive), min_size=1, max_size=6))
    def test_total_agrees_with_exact_fractions(self, rows):
        lines = scored(*((i, Rule(weight=w, target=t), v) for i, (w, t, v) in enumerate(rows)))
        earned = sum(
            (Fraction(w) * min(Fraction(v) / Fraction(t), 1) for w, t, v in rows), Fraction(0)
        )
        exact = earned * 100 / sum(Fraction(w) for w, _t, _v in rows)
        expected = (exact * 100 + Fraction(1, 2)).__floor__()
        self.assertEqual(score_total(lines).total, Decimal(expected) / 100)

    @properties
    @given(adjustments, st.decimals(-20, 20, places=1))
    def test_each_counts_full_units(self, rule, value):
        times = rule.times(value)
        distance = abs(value - rule.threshold).to_integral_value(ROUND_FLOOR)
        self.assertIn(times, (0, 1) if rule.repeat == "once" else (0, distance, distance + 1))

    @properties
    @given(
        st.dictionaries(
            st.sampled_from([*Rule().to_dict(), "colour"]),
            st.none()
            | st.booleans()
            | st.floats()
            | st.text(max_size=5)
            | st.sampled_from(["linear", "bands", "rating", "formula", "lower", "value > 1"])
            | st.lists(st.lists(st.floats() | st.text(max_size=2), max_size=3), max_size=3),
        ),
        st.floats() | st.integers() | st.none(),
    )
    def test_any_stored_values_score_or_are_refused(self, values, actual):
        try:
            line = score_line(rule_from_json(values), actual)
        except RuleError:
            return
        self.assertTrue(line.points is None or line.points >= 0)

    @properties
    @given(st.dictionaries(st.integers(), st.none() | st.decimals(0, 9, places=0), max_size=8))
    def test_rank_is_one_more_than_the_number_above(self, scores):
        known = [score for score in scores.values() if score is not None]
        for key, place in rank(scores).items():
            score = scores[key]
            above = None if score is None else 1 + sum(other > score for other in known)
            self.assertEqual(place, above)
