"""The weights of a template: they total exactly 100, at two decimals."""

from decimal import ROUND_FLOOR, Decimal

from .decimals import NumberError, round_half_up, to_decimal
from .errors import CodedError

TOTAL = Decimal(100)
_CENT = Decimal("0.01")


class WeightError(CodedError):
    """Weights that cannot be used or rebalanced.

    Codes: ``bad_number``, ``negative`` (key), ``unknown_key`` (key), ``nothing_to_scale``,
    ``kept_too_high`` (kept: their total leaves nothing for the other lines),
    ``too_small`` (key: no hundredth is left for it).
    """


def check_total(weights):
    """Whether the weights total 100.

    Each weight counts at two decimals, rounded half up, so that the noise of binary floats does
    not matter: 33.33 + 33.33 + 33.34 is 100, three times 33.33 is 99.99 and is not.

    :param weights: iterable of numbers
    :raises WeightError: ``bad_number`` or ``negative``
    """
    return total(weights) == TOTAL


def total(weights):
    """Sum of the weights, each at two decimals."""
    return sum((_weight(index, weight) for index, weight in enumerate(weights)), Decimal(0))


def rebalance(weights, keep=()):
    """Scale the weights in proportion until they total exactly 100.00.

    The hundredths lost by rounding down go to the weights with the largest remainders, so each
    weight is within one hundredth of its exact share: 30/40/30 with 10 kept becomes 27/36/27/10.

    :param weights: mapping from key to weight
    :param keep: keys whose weight stays as it is
    :return: dictionary with the same keys, in the same order
    :raises WeightError: when nothing is left to scale, or the kept weights leave no room
    """
    weights = {key: _weight(key, weight) for key, weight in weights.items()}
    keep = set(keep)
    for key in keep:
        if key not in weights:
            raise WeightError("unknown_key", key=key)
    kept = sum((weights[key] for key in keep), Decimal(0))
    scaled = {key: weight for key, weight in weights.items() if key not in keep}
    if not scaled and kept == TOTAL:
        return weights
    if kept >= TOTAL:
        raise WeightError("kept_too_high", kept=kept)
    return {**weights, **_scale(scaled, TOTAL - kept)}


def _scale(weights, room):
    """Distribute ``room`` in proportion to the weights, in hundredths, by largest remainder."""
    current = sum(weights.values(), Decimal(0))
    if not current:
        raise WeightError("nothing_to_scale")
    exact = {key: weight * room / current for key, weight in weights.items()}
    result = {key: value.quantize(_CENT, ROUND_FLOOR) for key, value in exact.items()}
    left = int((room - sum(result.values(), Decimal(0))) / _CENT)
    by_remainder = sorted(exact, key=lambda key: exact[key] - result[key], reverse=True)
    for key in by_remainder[:left]:
        result[key] += _CENT
    for key, weight in weights.items():
        if weight and not result[key]:
            raise WeightError("too_small", key=key)
    return result


def propose(weights):
    """Propose weights that total 100 for a template to which lines were added.

    The oldest lines that totalled 100 together are scaled, and the lines added since keep the
    weight that was typed for them. Where no such beginning exists, all lines are scaled.

    :param weights: mapping from key to weight in the order of creation
    :return: dictionary with the same keys
    :raises WeightError: as :func:`rebalance`; ``kept_too_high`` when the added lines alone reach
        100
    """
    weights = {key: _weight(key, weight) for key, weight in weights.items()}
    running, keys = Decimal(0), list(weights)
    for position, key in enumerate(keys, start=1):
        running += weights[key]
        if running == TOTAL:
            return rebalance(weights, keep=keys[position:])
    return rebalance(weights)


def shares(lines):
    """Part of the total weight that falls on each group, in percent.

    :param lines: iterable of (group, weight): the group is a dimension, or process and result
    :return: dictionary from group to exact ``Decimal``; empty when there is no weight at all
    """
    sums = {}
    for group, weight in lines:
        sums[group] = sums.get(group, Decimal(0)) + _weight(group, weight)
    whole = sum(sums.values(), Decimal(0))
    return {group: part * TOTAL / whole for group, part in sums.items()} if whole else {}


def _weight(key, value):
    try:
        weight = round_half_up(to_decimal(value))
    except NumberError:
        raise WeightError("bad_number", key=key) from None
    if weight is None:
        raise WeightError("bad_number", key=key)
    if weight < 0:
        raise WeightError("negative", key=key)
    return weight
