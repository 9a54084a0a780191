from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tests.properties import properties

from ..tools.dual_target import Member, Place, Rule, assess
from ..tools.reward import Reward
from ..tools.what_if import Colleague, add_sales, project, project_held

D = Decimal
TENTH = Reward(kind="percent", percent=D(10))
AMOUNTS = st.integers(-50, 400).map(lambda n: D(n) * 10)
RULES = st.builds(
    Rule,
    second=st.sampled_from(["median", "percentile", "leave_one_out", "fixed", "none"]),
    percentile=st.sampled_from([D("0.25"), D("0.5"), D("0.9")]),
    fixed=st.just(D(1500)),
    inclusive=st.booleans(),
    min_size=st.integers(1, 4),
    small_group=st.sampled_from(["parent", "no_reward", "minimum_only"]),
    count_zeros=st.booleans(),
    reward=st.sampled_from([TENTH, Reward(kind="fixed", fixed=D(200))]),
)
PEOPLE = st.lists(st.tuples(st.sampled_from("ab"), AMOUNTS), min_size=1, max_size=9)
PATHS = {"a": ("a", "all"), "b": ("b", "all")}


class TestWhatIf(BaseCase):
    """What further sales would mean, against what the plan computes of them."""

    def _own(self, rule, group, amount):
        place = Place("own", D(0), D(0), D(1000), groups=PATHS[group])
        return add_sales(place, rule, amount)

    def _colleagues(self, people):
        return [Colleague(group, amount, amount, D(1000)) for group, amount in people]

    @properties
    @given(RULES, PEOPLE, AMOUNTS, AMOUNTS)
    def test_it_is_what_the_plan_computes(self, rule, people, amount, more):
        (group, _amount), *others = people
        members = [
            Member(number, value, D(1000), PATHS[name])
            for number, (name, value) in enumerate(others)
        ]
        members.append(Member("own", amount + more, D(1000), PATHS[group]))
        expected = assess(members, rule)["own"]
        place = add_sales(self._own(rule, group, amount), rule, more)
        found = project(place, rule, self._colleagues(others), PATHS)
        self.assertEqual(found.outcome, expected)
        self.assertEqual(found.total, expected.reward.total)

    @properties
    @given(RULES, PEOPLE, AMOUNTS, AMOUNTS.map(abs))
    def test_with_the_line_held_it_is_the_most_that_can_be(self, rule, people, amount, more):
        (group, _amount), *others = people
        colleagues = self._colleagues(others)
        place = self._own(rule, group, amount)
        now = project(place, rule, colleagues, PATHS).outcome
        if place.barred or now.basis == "small":
            return
        then = add_sales(place, rule, more)
        exact = project(then, rule, colleagues, PATHS)
        held = project_held(then, rule, (now.line, now.basis))
        self.assertGreaterEqual(held.total, exact.total)

    def test_place_among_those_above(self):
        rule = Rule(min_size=1, reward=TENTH)
        place = add_sales(self._own(rule, "a", D(500)), rule, D(1500))
        upper = (D(1300), D(2500), D(3000))
        found = project_held(place, rule, (D(1200), "own"), upper, pool=D(7))
        self.assertEqual((found.outcome.rank, found.total), (3, D(87)))
        below = add_sales(self._own(rule, "a", D(500)), rule, D(600))
        self.assertIsNone(project_held(below, rule, (D(1200), "own"), upper).outcome.rank)

    def test_the_pool_follows(self):
        """2 % of what the group brings above its minimums, among those who met theirs."""
        rule = Rule(second="none", reward=Reward())
        team = [
            Colleague("a", D(3000), D(3000), D(1000), key=1),
            Colleague("a", D(500), D(500), D(1000), key=2),
            Colleague("b", D(9), D(9), D(1), key=3),
        ]
        place = add_sales(self._own(rule, "a", D(0)), rule, D(2000))
        pools = [
            project(place._replace(key=key), rule, team, PATHS, pool=(D(percent), "equal")).pool
            for key, percent in ((0, 2), (9, 2), (0, "2.0004"), (9, "2.0004"))
        ]
        # a cent that is left over goes to the first of those with equal shares
        self.assertEqual(pools, [D(25), D(25), D("25.01"), D("25.00")])

    def test_part_time_is_compared_as_full_time(self):
        rule = Rule(scale_amounts=True, min_size=1)
        half = Place("own", D(100), D(200), D(50), share=D("0.5"))
        self.assertEqual(add_sales(half, rule, D(25)).compared, D(250))

    def test_who_sold_nothing_counts_from_the_first_sale(self):
        rule = Rule(count_zeros=False)
        place = Place("own", D(0), D(0), D(50), barred="zero")
        self.assertIsNone(add_sales(place, rule, D(1)).barred)
        self.assertEqual(add_sales(place, rule, D(0)).barred, "zero")
        newcomer = Place("own", D(0), D(0), D(50), barred="newcomer")
        self.assertEqual(add_sales(newcomer, rule, D(1)).barred, "newcomer")
