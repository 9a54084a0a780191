"""The statistics that decide about people: one definition each, exact.

The definitions are those of PostgreSQL's ``percentile_cont`` and Excel's ``PERCENTILE.INC``:
linear interpolation between the two nearest values. Values are ``Decimal``, so that comparing
somebody with the median is exact, which it is not with the double that PostgreSQL returns.
"""

from decimal import Decimal

from .decimals import NumberError, to_decimal
from .errors import CodedError, excerpt


class StatisticsError(CodedError):
    """Codes: ``bad_number`` (value), ``fraction_out_of_range`` (fraction)."""


def median(values):
    """The value in the middle: for an even number of values, the mean of the two in the middle.

    :param values: iterable of numbers; None is left out, for unknown is not zero
    :return: ``Decimal``, or None without any value
    """
    ordered = _ordered(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def percentile(values, fraction):
    """The value below which the given part of the values lies, interpolated linearly.

    :param values: iterable of numbers; None is left out
    :param fraction: from 0 (the least value) to 1 (the greatest)
    :return: ``Decimal``, or None without any value
    :raises StatisticsError: ``fraction_out_of_range``
    """
    fraction = _number(fraction)
    if not 0 <= fraction <= 1:
        raise StatisticsError("fraction_out_of_range", fraction=fraction)
    ordered = _ordered(values)
    if not ordered:
        return None
    position = fraction * (len(ordered) - 1)
    below = int(position)
    if below == len(ordered) - 1:
        return ordered[below]
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (position - below)


def _ordered(values):
    return sorted(_number(value) for value in values if value is not None)


def _number(value):
    try:
        number = value if type(value) is Decimal and value.is_finite() else to_decimal(value)
    except NumberError:
        number = None
    if number is None:
        raise StatisticsError("bad_number", value=excerpt(value))
    return number
