"""The dual target: the minimum first, then the line of the group; only who passes both is paid.

The line is a percentile of the amounts of the eligible members of a group in one period, in most
plans their median. Its definition is that of PostgreSQL's ``percentile_cont`` (and of Excel's
``PERCENTILE.INC``): for an even number of members the median is the mean of the two in the middle.
Amounts are ``Decimal`` in the currency's unit; the line itself is not rounded, so that nobody is
paid or not paid by a rounding.

Members of a group too small for a line of its own are measured by the nearest larger group, or not
at all, as the plan says. Equality meets the minimum; whether it passes the line is a choice of the
plan, and by default it does not.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from odoo.addons.hr_performance.tools.decimals import round_half_up, to_decimal
from odoo.addons.hr_performance.tools.errors import CodedError
from odoo.addons.hr_performance.tools.stats import percentile

from .reward import NOTHING, Parts, Reward, compute_reward

#: The line: a percentile of the group, the same without the member himself, an amount, or none.
SECONDS = ("median", "percentile", "leave_one_out", "fixed", "none")
STATISTICS = ("median", "percentile", "leave_one_out")
#: What happens in a group that is too small.
SMALL_GROUPS = ("parent", "no_reward", "minimum_only")

_ZERO = Decimal(0)
_ONE = Decimal(1)
_HALF = Decimal("0.5")
_HUNDRED = Decimal(100)


class DualTargetError(CodedError):
    """Codes: ``unknown_second`` (second), ``bad_percentile`` (percentile), ``bad_size`` (size),
    ``unknown_small_group`` (small_group)."""


@dataclass(frozen=True)
class Rule:
    """What a plan says, apart from amounts of people.

    :ivar second: one of :data:`SECONDS`
    :ivar percentile: for ``percentile`` and ``leave_one_out``, from 0 to 1
    :ivar inclusive: whether equality passes the line
    :ivar min_size: members that a group needs for a line of its own; with fewer, a line would show
        the colleague's amount
    :ivar newcomer_days: days of employment at the end of the period that make somebody eligible
    :ivar max_absence: part of the period that somebody may be away and stay eligible, None: any
    :ivar count_zeros: whether who sold nothing counts for the line
    :ivar prorate_employment, prorate_absence, prorate_worktime: what reduces the minimum
    :ivar scale_amounts: whether amounts are compared as if everybody worked full time
    """

    second: str = "median"
    percentile: Decimal = _HALF
    fixed: Decimal = _ZERO
    inclusive: bool = False
    min_size: int = 1
    small_group: str = "parent"
    newcomer_days: int = 0
    exclude_managers: bool = False
    max_absence: Decimal | None = None
    count_zeros: bool = True
    prorate_employment: bool = False
    prorate_absence: bool = False
    prorate_worktime: bool = False
    scale_amounts: bool = False
    reward: Reward = field(default_factory=Reward)

    def __post_init__(self):
        if self.second not in SECONDS:
            raise DualTargetError("unknown_second", second=self.second)
        if self.small_group not in SMALL_GROUPS:
            raise DualTargetError("unknown_small_group", small_group=self.small_group)
        if not 0 <= self.percentile <= 1:
            raise DualTargetError("bad_percentile", percentile=self.percentile)
        if self.min_size < 1:
            raise DualTargetError("bad_size", size=self.min_size)

    @property
    def needed(self):
        """Members that a group needs for a line of its own; nobody is measured by no others."""
        return max(self.min_size, 2) if self.second == "leave_one_out" else self.min_size

    @property
    def fraction(self):
        """The percentile of the line, from 0 to 1."""
        return _HALF if self.second == "median" else self.percentile


class Member(NamedTuple):
    """Somebody in one period.

    :ivar minimum: what full time and the whole period ask of him
    :ivar groups: his group and those above it, the nearest first; the plan as a whole comes last
    :ivar tenure: days since he joined at the end of the period, None: longer than anybody asks
    :ivar employed, present: parts of the period on which he was employed, and not away
    :ivar worktime: his working time as part of full time
    :ivar helped: colleagues' deals that he helped with
    """

    key: object
    amount: Decimal
    minimum: Decimal = _ZERO
    groups: tuple = ("all",)
    tenure: int | None = None
    employed: Decimal = _ONE
    present: Decimal = _ONE
    worktime: Decimal = _ONE
    is_manager: bool = False
    helped: int = 0


class Outcome(NamedTuple):
    """Where somebody stands.

    :ivar barred: why he is not eligible (``manager``, ``newcomer``, ``absent``, ``zero``), or None
    :ivar compared: the amount that is held against the line
    :ivar minimum: his own one, after pro rata
    :ivar line: the second target, None where there is none
    :ivar line_group, line_size: the group that the line is of, and its eligible members
    :ivar basis: where the line comes from: ``own`` group, ``parent`` group, ``fixed``,
        ``minimum`` (the minimum alone decides), ``small`` (no line, no reward)
    :ivar rank, count: place in the own group among its eligible members (1, 2, 2, 4)
    """

    key: object
    amount: Decimal
    compared: Decimal
    minimum: Decimal
    barred: str | None
    line: Decimal | None
    line_group: object
    line_size: int
    basis: str
    meets_minimum: bool
    is_above: bool
    rank: int | None
    count: int
    reward: Parts

    @property
    def gap(self):
        """How far he is above the line; negative below it, None without a line."""
        return None if self.line is None else self.compared - self.line


def get_bar(member, rule):
    """Why somebody does not take part in the line and the reward; None when he does."""
    if rule.exclude_managers and member.is_manager:
        return "manager"
    if member.tenure is not None and member.tenure < rule.newcomer_days:
        return "newcomer"
    if rule.max_absence is not None and 1 - member.present > rule.max_absence:
        return "absent"
    if not rule.count_zeros and not member.amount:
        return "zero"
    return None


def get_share(member, rule):
    """The part of full time and the whole period that is asked of somebody, from 0 to 1."""
    share = _ONE
    if rule.prorate_employment:
        share *= member.employed
    if rule.prorate_absence:
        share *= member.present
    if rule.prorate_worktime:
        share *= member.worktime
    return share


def get_minimum(member, rule, digits=2):
    """His minimum after pro rata, in the currency's unit."""
    return round_half_up(to_decimal(member.minimum) * get_share(member, rule), digits)


def get_compared(member, rule, digits=2):
    """The amount that is held against the line: his own, or what full time would have brought."""
    share = get_share(member, rule) if rule.scale_amounts else _ONE
    if share in (0, 1):
        return member.amount
    return round_half_up(member.amount / share, digits)


def is_passed(compared, line, inclusive):
    """Whether an amount passes the line."""
    return compared >= line if inclusive else compared > line


def get_line(values, fraction, without=None):
    """The percentile of the values; ``without``: a value that is left out once."""
    values = list(values)
    if without is not None:
        values.remove(without)
    return percentile(values, fraction)


def assess(members, rule, digits=2):
    """Where everybody of a plan stands, ``{key: Outcome}``."""
    compared = {member.key: get_compared(member, rule, digits) for member in members}
    barred = {member.key: get_bar(member, rule) for member in members}
    groups = {}
    for member in members:
        if barred[member.key] is None:
            for group in dict.fromkeys(member.groups):
                groups.setdefault(group, []).append(compared[member.key])
    return {
        member.key: _get_outcome(
            member, rule, digits, compared[member.key], barred[member.key], groups
        )
        for member in members
    }


class Place(NamedTuple):
    """Somebody with what is asked of him after pro rata.

    :ivar compared: the amount that is held against the line
    :ivar share: his part of full time where amounts are compared as if everybody worked it, else 1
    :ivar groups: as in :class:`Member`
    """

    key: object
    amount: Decimal
    compared: Decimal
    minimum: Decimal
    share: Decimal = _ONE
    barred: str | None = None
    groups: tuple = ("all",)
    helped: int = 0


def _get_outcome(member, rule, digits, compared, barred, groups):
    place = Place(
        member.key,
        member.amount,
        compared,
        get_minimum(member, rule, digits),
        get_share(member, rule) if rule.scale_amounts else _ONE,
        barred,
        member.groups,
        member.helped,
    )
    return assess_place(place, rule, groups, digits)


def assess_place(place, rule, groups, digits=2, held=None):
    """Where one person stands, as :class:`Outcome`.

    :param groups: ``{group: compared amounts of its eligible members}``, he himself included
    :param held: a line and its basis that are taken as they are, whatever the groups are
    """
    line, group, basis = (held[0], None, held[1]) if held else _pick_line(place, rule, groups)
    own = groups.get(place.groups[0], ())
    decided = decide(rule, place.amount, place.compared, place.minimum, line, basis, place.barred)
    reward = NOTHING
    if decided:
        numbers = (place.amount, place.compared, place.minimum, line, place.share, place.helped)
        reward = get_reward(rule.reward, *numbers, digits)
    return Outcome(
        key=place.key,
        amount=place.amount,
        compared=place.compared,
        minimum=place.minimum,
        barred=place.barred,
        line=line,
        line_group=group,
        line_size=len(groups.get(group, ())),
        basis=basis,
        meets_minimum=place.amount >= place.minimum,
        is_above=decided,
        rank=None if place.barred else 1 + sum(value > place.compared for value in own),
        count=len(own),
        reward=reward,
    )


def _pick_line(place, rule, groups):
    """The line of somebody, the group that it is of, and where it comes from."""
    if rule.second == "fixed":
        return rule.fixed, None, "fixed"
    if rule.second == "none":
        return None, None, "minimum"
    candidates = place.groups if rule.small_group == "parent" else place.groups[:1]
    for number, group in enumerate(candidates):
        values = groups.get(group, ())
        if len(values) >= rule.needed:
            is_left_out = rule.second == "leave_one_out" and place.barred is None
            line = get_line(values, rule.fraction, place.compared if is_left_out else None)
            return line, group, "parent" if number else "own"
    return None, None, "minimum" if rule.small_group == "minimum_only" else "small"


def decide(rule, amount, compared, minimum, line, basis, barred=None):
    """Whether somebody is rewarded: eligible, at his minimum or above, and past the line."""
    if barred is not None or amount < minimum or basis == "small":
        return False
    if line is None:
        return basis == "minimum"
    return is_passed(compared, line, rule.inclusive)


def get_reward(reward, amount, compared, minimum, line, share=_ONE, helped=0, digits=2):
    """The reward of somebody who passed, as :class:`Parts`.

    The excess is that above the line, or above the minimum where the minimum alone decides.

    :param share: where amounts were compared as if everybody worked full time: his part of it, to
        which the excess is brought back
    """
    excess = amount - minimum if line is None else (compared - line) * share
    attainment = _HUNDRED * amount / minimum if minimum > 0 else None
    return compute_reward(reward, excess, attainment, helped, digits)


class Step(NamedTuple):
    """One sentence of an explanation: a code and the numbers in it, for the layer above to word."""

    code: str
    values: dict


def explain(outcome, rule):
    """Why somebody is paid what he is paid, as a list of :class:`Step`."""
    steps = [Step("amount", {"amount": outcome.amount})]
    if outcome.compared != outcome.amount:
        steps.append(Step("scaled", {"compared": outcome.compared}))
    if outcome.barred:
        return [*steps, Step(f"barred_{outcome.barred}", {})]
    met = "minimum_met" if outcome.meets_minimum else "minimum_missed"
    steps.append(Step(met, {"minimum": outcome.minimum, "gap": outcome.amount - outcome.minimum}))
    steps.append(_explain_line(outcome, rule))
    if not outcome.is_above:
        return [*steps, Step("no_reward", {})]
    return [*steps, *explain_reward(outcome.reward, rule.reward)]


def _explain_line(outcome, rule):
    if outcome.line is None:
        code = "minimum_decides" if outcome.basis == "minimum" else "group_too_small"
        return Step(code, {"size": rule.min_size})
    passed = is_passed(outcome.compared, outcome.line, rule.inclusive)
    prefix = "fixed" if outcome.basis == "fixed" else outcome.basis + "_line"
    return Step(
        f"{prefix}_{'passed' if passed else 'missed'}",
        {
            "line": outcome.line,
            "gap": outcome.gap,
            "size": outcome.line_size,
            "rank": outcome.rank,
            "count": outcome.count,
        },
    )


def explain_reward(parts, reward):
    """How a reward came about, as a list of :class:`Step`."""
    steps = []
    if reward.kind == "tiers":
        for tier, part, paid in parts.tiers:
            values = {"lower": tier.lower, "part": part, "percent": tier.percent}
            steps.append(Step("tier", values | {"bonus": tier.bonus, "paid": paid}))
    elif reward.kind == "percent":
        steps.append(Step("percent", {"percent": reward.percent, "paid": parts.base}))
    else:
        steps.append(Step("fixed", {"paid": parts.base}))
    if parts.accelerated:
        values = {"factor": reward.accelerator, "percent": reward.accelerator_from}
        steps.append(Step("accelerated", values | {"paid": parts.accelerated}))
    if parts.collaboration:
        steps.append(Step("collaboration", {"paid": parts.collaboration}))
    if parts.capped:
        steps.append(Step("capped", {"cap": reward.cap, "paid": parts.capped}))
    return [*steps, Step("total", {"paid": parts.total})]
