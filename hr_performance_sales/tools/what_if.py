"""What further sales would mean for somebody: the arithmetic of the plan with another amount.

Whoever may see everybody's figures gets what the plan would compute. Otherwise the line and the
others stay as they are: a line that moves with a made-up amount, or a place that does, would tell
the amounts of colleagues to whoever tries many amounts. The reward is then the most that it can be,
for one's own sales can only move the line up.
"""

from decimal import Decimal
from typing import NamedTuple

from odoo.addons.hr_performance.tools.decimals import round_half_up

from .dual_target import Outcome, assess_place
from .reward import share_pool


class Colleague(NamedTuple):
    """Somebody else in the period, as far as he matters; ``group`` is his own group.

    ``key`` orders people as that of :class:`dual_target.Place` does: coins that are left over when
    a pool is shared go to the first ones.
    """

    group: object
    amount: Decimal
    compared: Decimal
    minimum: Decimal
    barred: str | None = None
    key: int = 0


class Projection(NamedTuple):
    """What would be: the outcome, the part of the team's pool, and both together."""

    outcome: Outcome
    pool: Decimal
    total: Decimal


def add_sales(place, rule, amount, helped=0, digits=2):
    """The same person with further sales, and further deals that he helped with."""
    total = place.amount + amount
    compared = total
    if rule.scale_amounts and place.share not in (0, 1):
        compared = round_half_up(total / place.share, digits)
    barred = place.barred
    if barred in (None, "zero"):
        barred = None if rule.count_zeros or total else "zero"
    return place._replace(
        amount=total, compared=compared, barred=barred, helped=place.helped + helped
    )


def project(place, rule, colleagues, paths, pool=None, digits=2):
    """What the plan would compute for somebody, the others as they are.

    :param place: :class:`Place`, with further sales already added
    :param colleagues: everybody else, as :class:`Colleague`
    :param paths: ``{group: it and the groups above it}``
    :param pool: per cent and division of the team's pool, as of ``reward.share_pool``
    """
    groups = {}
    colleagues = [c for c in colleagues if c.barred is None and (rule.count_zeros or c.amount)]
    for colleague in colleagues:
        for group in dict.fromkeys(paths[colleague.group]):
            groups.setdefault(group, []).append(colleague.compared)
    if place.barred is None:
        for group in dict.fromkeys(place.groups):
            groups.setdefault(group, []).append(place.compared)
    outcome = assess_place(place, rule, groups, digits)
    part = _get_pool(place, outcome, colleagues, pool, digits) if pool else Decimal(0)
    return Projection(outcome, part, outcome.reward.total + part)


def _get_pool(place, outcome, colleagues, pool, digits):
    if place.barred is not None:
        return Decimal(0)
    percent, by = pool
    mates = [colleague for colleague in colleagues if colleague.group == place.groups[0]]
    before = [mate for mate in mates if mate.key < place.key]
    after = [mate for mate in mates if mate.key > place.key]
    own = (place.amount, place.minimum, outcome.meets_minimum)
    team = [*map(_get_part, before), own, *map(_get_part, after)]
    return share_pool(percent, team, by, digits)[len(before)]


def _get_part(colleague):
    return colleague.amount, colleague.minimum, colleague.amount >= colleague.minimum


def project_held(place, rule, held, upper=(), pool=Decimal(0), digits=2):
    """The most that somebody could be paid, the line and the others as they stand.

    :param held: the line and its basis
    :param upper: compared amounts of the upper half, where he may see it; his place is told when it
        is one of those, for the amounts below would show by it
    :param pool: his part of the team's pool as it stands
    """
    outcome = assess_place(place, rule, {}, digits, held)
    rank = None
    if place.barred is None and upper and place.compared >= min(upper):
        rank = 1 + sum(value > place.compared for value in upper)
    return Projection(outcome._replace(rank=rank), pool, outcome.reward.total + pool)
