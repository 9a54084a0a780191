"""What a result above the line is worth: fixed, per cent, tiers, accelerator, cap, team pool."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from odoo.addons.hr_performance.tools.decimals import round_half_up, to_decimal
from odoo.addons.hr_performance.tools.errors import CodedError

from .apportion import apportion

KINDS = ("fixed", "percent", "tiers")
_ZERO = Decimal(0)
_HUNDRED = Decimal(100)


class RewardError(CodedError):
    """Codes: ``unknown_kind`` (kind), ``no_tier``, ``tier_start`` (lower), ``tier_gap`` (upper,
    lower), ``tier_overlap`` (upper, lower), ``tier_empty`` (lower, upper), ``tier_end`` (upper)."""


class Tier(NamedTuple):
    """What is paid for an excess from ``lower`` up to, and without, ``upper`` (None: no end).

    ``percent`` is paid on the part of the excess that lies in the tier; ``bonus`` is paid to whom
    the excess ends in the tier.
    """

    lower: Decimal
    upper: Decimal | None
    percent: Decimal = _ZERO
    bonus: Decimal = _ZERO


@dataclass(frozen=True)
class Reward:
    """How a plan pays.

    :ivar kind: ``fixed``: an amount for everybody above the line; ``percent``: of the excess above
        the line; ``tiers``
    :ivar accelerator_from: per cent of the own minimum from which ``accelerator`` multiplies the
        reward, None where there is none
    :ivar collaboration_step: per cent that the reward grows with each deal of a colleague that one
        helped with, up to ``collaboration_max`` per cent
    :ivar cap: the most that is paid to one person, the team's pool aside; None: no cap
    """

    kind: str = "fixed"
    fixed: Decimal = _ZERO
    percent: Decimal = _ZERO
    tiers: tuple[Tier, ...] = ()
    accelerator_from: Decimal | None = None
    accelerator: Decimal = Decimal(1)
    collaboration_step: Decimal = _ZERO
    collaboration_max: Decimal = _ZERO
    cap: Decimal | None = None


class Parts(NamedTuple):
    """A reward and how it came about: each step is what was added by it, ``total`` is rounded.

    ``tiers`` are triples of a tier, the part of the excess that lies in it, and what it pays.
    """

    base: Decimal
    accelerated: Decimal
    collaboration: Decimal
    capped: Decimal
    total: Decimal
    tiers: tuple = ()


NOTHING = Parts(_ZERO, _ZERO, _ZERO, _ZERO, _ZERO)


def check_tiers(tiers):
    """Refuse tiers that leave an excess out or cover it twice.

    They begin at 0, each where the one before ends, and the last one has no end.

    :raises RewardError: ``no_tier``, ``tier_start``, ``tier_empty``, ``tier_gap``,
        ``tier_overlap``, ``tier_end``
    """
    if not tiers:
        raise RewardError("no_tier")
    if tiers[0].lower != 0:
        raise RewardError("tier_start", lower=tiers[0].lower)
    for tier, following in zip(tiers, tiers[1:], strict=False):
        if tier.upper is None or tier.upper > following.lower:
            raise RewardError("tier_overlap", upper=tier.upper, lower=following.lower)
        if tier.upper < following.lower:
            raise RewardError("tier_gap", upper=tier.upper, lower=following.lower)
    for tier in tiers:
        if tier.upper is not None and tier.upper <= tier.lower:
            raise RewardError("tier_empty", lower=tier.lower, upper=tier.upper)
    if tiers[-1].upper is not None:
        raise RewardError("tier_end", upper=tiers[-1].upper)


def compute_reward(reward, excess, attainment=None, helped=0, digits=2):
    """The reward of somebody above the line.

    :param excess: by how much he is above it, not negative
    :param attainment: his amount in per cent of his minimum; None without a minimum
    :param helped: number of colleagues' deals that he helped with
    :return: :class:`Parts`
    """
    excess = to_decimal(excess)
    base, tiers = _get_base(reward, excess)
    accelerated = _ZERO
    if _is_accelerated(reward, attainment):
        accelerated = base * (reward.accelerator - 1)
    rate = min(reward.collaboration_step * helped, reward.collaboration_max)
    collaboration = (base + accelerated) * rate / _HUNDRED
    full = base + accelerated + collaboration
    total = full if reward.cap is None else min(full, reward.cap)
    return Parts(
        base, accelerated, collaboration, total - full, round_half_up(total, digits), tiers
    )


def _is_accelerated(reward, attainment):
    if reward.accelerator_from is None or attainment is None:
        return False
    return attainment >= reward.accelerator_from


def _get_base(reward, excess):
    if reward.kind == "fixed":
        return reward.fixed, ()
    if reward.kind == "percent":
        return excess * reward.percent / _HUNDRED, ()
    if reward.kind != "tiers":
        raise RewardError("unknown_kind", kind=reward.kind)
    rows = tuple(_get_tier_part(tier, excess) for tier in reward.tiers if tier.lower <= excess)
    return sum((paid for _tier, _part, paid in rows), _ZERO), rows


def _get_tier_part(tier, excess):
    end = excess if tier.upper is None else min(excess, tier.upper)
    part = end - tier.lower
    is_last = tier.upper is None or excess < tier.upper
    return tier, part, part * tier.percent / _HUNDRED + (tier.bonus if is_last else _ZERO)


def share_pool(percent, people, by="equal", digits=2):
    """Share what a team brought above the sum of its minimums among those who met theirs.

    :param percent: of the amount above the sum of the minimums that goes into the pool
    :param people: triples of an amount, a minimum and whether it was met, of the whole team
    :param by: ``equal``, or ``amount``: in proportion to the own amount
    :return: list of ``Decimal``, as long as ``people``; together they are the pool, or nothing
    """
    surplus = sum((amount - minimum for amount, minimum, _met in people), _ZERO)
    weights = [
        (max(amount, _ZERO) if by == "amount" else Decimal(1)) if met else _ZERO
        for amount, _minimum, met in people
    ]
    if surplus <= 0 or not percent or not any(weights):
        return [_ZERO] * len(people)
    return apportion(surplus * percent / _HUNDRED, weights, digits)
