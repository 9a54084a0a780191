"""Dividing an amount among people so that the parts total it to the last cent."""

import decimal
from decimal import Decimal

from odoo.addons.hr_performance.tools.decimals import round_half_up, to_decimal
from odoo.addons.hr_performance.tools.errors import CodedError

#: What the shares of one document total.
WHOLE = Decimal(100)


class ShareError(CodedError):
    """Codes: ``not_whole`` (total), ``not_positive`` (share), ``nobody``."""


def apportion(total, weights, digits=2):
    """Divide ``total`` in proportion to ``weights``, by the largest remainder.

    Each part is rounded down to the unit of the currency; the units that are left go to the parts
    which lost most by that, the earlier one first where two lost the same. A negative total is
    divided as its opposite is, so that taking back leaves nothing.

    >>> [str(part) for part in apportion(100, [1, 1, 1])]
    ['33.34', '33.33', '33.33']

    :param total: number, rounded to ``digits`` first
    :param weights: numbers that are not negative and not all zero
    :param digits: decimals of the currency
    :return: list of ``Decimal``, as long as ``weights``
    :raises ShareError: ``nobody``, ``not_positive``
    """
    weights = [to_decimal(weight) for weight in weights]
    if any(weight < 0 for weight in weights):
        raise ShareError("not_positive", share=min(weights))
    whole = sum(weights)
    if not whole:
        raise ShareError("nobody")
    unit = Decimal(1).scaleb(-digits)
    total = round_half_up(total, digits)
    exact = [abs(total) * weight / whole for weight in weights]
    parts = [value.quantize(unit, decimal.ROUND_DOWN) for value in exact]
    left = int((abs(total) - sum(parts)) / unit)
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in order[:left]:
        parts[index] += unit
    return [-part if total < 0 else part for part in parts]


def check_shares(shares):
    """Refuse shares, in per cent, that are not positive or do not total 100.

    :raises ShareError: ``nobody``, ``not_positive``, ``not_whole``
    """
    shares = [to_decimal(share) for share in shares]
    if not shares:
        raise ShareError("nobody")
    if min(shares) <= 0:
        raise ShareError("not_positive", share=min(shares))
    if sum(shares) != WHOLE:
        raise ShareError("not_whole", total=sum(shares))
