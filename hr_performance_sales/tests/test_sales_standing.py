import statistics
from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.hr_performance.tests.properties import properties

from ..tools.dual_target import Member, assess, get_bar, get_minimum, get_share
from ..tools.reward import share_pool
from .plan_common import PlanCase

GROUPS = (11, 12, 13)
SHARES = (Decimal(1), Decimal("0.5"), Decimal(1) / 3, Decimal("0.8"))


@st.composite
def plans(draw):
    """What a plan says, as values of its fields."""
    return {
        "second": draw(st.sampled_from(["median", "percentile", "leave_one_out", "fixed", "none"])),
        "percentile": draw(st.integers(1, 99)),
        "fixed_line": draw(st.integers(0, 500)),
        "small_group": draw(st.sampled_from(["parent", "no_reward", "minimum_only"])),
        "min_size": draw(st.integers(1, 4)),
        "count_zeros": draw(st.booleans()),
        "inclusive": draw(st.booleans()),
        "exclude_managers": draw(st.booleans()),
        "prorate_worktime": draw(st.booleans()),
        "scale_amounts": draw(st.booleans()),
        "prorate_employment": False,
        "reward_kind": draw(st.sampled_from(["fixed", "percent", "tiers"])),
        "reward_amount": 500,
        "reward_percent": draw(st.sampled_from([10, 7.25, 3.3333])),
        "tier_ids": [
            Command.create({"lower": 0, "upper": 100, "percent": 5}),
            Command.create({"lower": 100, "upper": 300, "percent": 7.5, "bonus": 20}),
            Command.create({"lower": 300, "percent": 10, "bonus": 0.55}),
        ],
        "has_accelerator": draw(st.booleans()),
        "cap": draw(st.sampled_from([0, 40, 333.33])),
        "pool_percent": draw(st.sampled_from([0, 10, 3.5])),
        "pool_by": draw(st.sampled_from(["equal", "amount"])),
        "collaboration_step": draw(st.sampled_from([0, 2.5])),
        "collaboration_max": 6,
    }


@st.composite
def people(draw):
    """Up to twelve people of three groups; amounts in the smallest coin, few enough to tie."""
    amounts = st.one_of(st.just(0), st.integers(-300, 3000).map(lambda n: n * 25))
    return [
        Member(
            key,
            amount=draw(amounts),
            minimum=draw(st.sampled_from([0, 50, 200])),
            groups=(draw(st.sampled_from(GROUPS)),),
            worktime=draw(st.sampled_from(SHARES)),
            is_manager=draw(st.integers(0, 5)) == 0,
            helped=draw(st.integers(0, 3)),
        )
        for key in range(1, draw(st.integers(0, 12)) + 1)
    ]


@tagged("post_install", "-at_install")
class TestSalesStanding(PlanCase):
    """The query of the plan says what the arithmetic says, of everybody and to the last coin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yen = cls.env["res.company"].create(
            {"name": "Yen", "currency_id": cls.env.ref("base.JPY").id}
        )

    @properties
    @given(plans(), people(), st.booleans(), st.sampled_from([91, 92]))
    def test_sql_and_python_agree(self, vals, members, in_yen, above):
        plan = self.env["hr.performance.sales.plan"].new(
            {**vals, "company_id": (self.yen if in_yen else self.company).id}
        )
        digits = plan.currency_id.decimal_places
        paths = {11: (11, 91, 0), 12: (12, above, 0), 13: (13, 0)}
        members = [
            m._replace(
                amount=Decimal(m.amount).scaleb(-digits),
                minimum=Decimal(m.minimum),
                groups=paths[m.groups[0]],
                helped=m.helped if plan.collaboration_step else 0,
            )
            for m in members
        ]
        rule = plan._get_rule()
        expected = assess(members, rule, digits)
        found = plan._assess(*self._get_sources(members, rule, digits, paths))
        self.assertEqual({s.employee_id for s in found}, set(expected))
        for standing in found:
            outcome = expected[standing.employee_id]
            for name in ("amount", "compared", "minimum", "barred", "line", "line_size", "basis",
                         "meets_minimum", "is_above", "rank", "count"):  # fmt: skip
                self.assertEqual(getattr(standing, name), getattr(outcome, name), name)
            self.assertEqual(standing.reward, outcome.reward.total)
        self._check_pools(plan, found, digits)
        self._check_medians(plan, members, found)

    def _get_sources(self, members, rule, digits, paths):
        rows = SQL(
            """SELECT NULL::int AS id, * FROM unnest(%s::int[], %s::int[], %s::numeric[],
                                                     %s::numeric[], %s::varchar[])
                   AS u(employee_id, group_ref, minimum, share, barred)""",
            [m.key for m in members],
            [m.groups[0] for m in members],
            [get_minimum(m, rule, digits) for m in members],
            [get_share(m, rule) for m in members],
            [get_bar(m._replace(amount=Decimal(1)), rule) for m in members],
        )
        # The own deal, and one of a coin for each colleague's deal that he helped with.
        coin = Decimal(1).scaleb(-digits)
        deals = [(m.key, 0, m.amount - m.helped * coin, False) for m in members]
        deals += [(m.key, n, coin, True) for m in members for n in range(1, m.helped + 1)]
        columns = [list(column) for column in zip(*deals, strict=True)] or [[], [], [], []]
        credits = SQL(
            """SELECT 0 AS id, *, FALSE AS is_late
                 FROM unnest(%s::int[], %s::int[], %s::numeric[], %s::bool[])
                   AS u(employee_id, res_id, amount, is_support)""",
            *columns,
        )
        return rows, paths, credits

    def _check_pools(self, plan, found, digits):
        """What a group brought above its minimums, shared to the last coin."""
        teams = defaultdict(list)
        for standing in sorted(found, key=lambda s: s.employee_id):
            if standing.barred:
                self.assertEqual(standing.pool, 0)
            else:
                teams[standing.group].append(standing)
        for team in teams.values():
            people = [(s.amount, s.minimum, s.meets_minimum) for s in team]
            percent = Decimal(str(plan.pool_percent))
            parts = share_pool(percent, people, plan.pool_by, digits)
            self.assertEqual([s.pool for s in team], parts)

    def _check_medians(self, plan, members, found):
        """The standard library's median, where the plan takes that of the own group."""
        if plan.second != "median" or plan.scale_amounts:
            return
        barred = {standing.employee_id for standing in found if standing.barred}
        for standing in found:
            if standing.basis == "own":
                own = [
                    m.amount
                    for m in members
                    if m.groups[0] == standing.group and m.key not in barred
                ]
                self.assertEqual(standing.line, statistics.median(own))
