"""Exact numbers: how they enter, and the one rule by which they are rounded.

Points, weights, percentages and money are ``Decimal`` from the first line of a calculation to the
last. Nothing is rounded on the way; the result is rounded once, by :func:`round_half_up`.
"""

import decimal
from decimal import Decimal

from .errors import CodedError, excerpt

#: Largest power of ten accepted, positive or negative. Every float fits; ``1e999999`` does not,
#: which keeps each later operation far from the limits of ``decimal``.
MAX_MAGNITUDE = 400

#: A double is exact for fifteen significant digits; what follows is binary noise.
FLOAT_DIGITS = 15

#: Digits kept below a half: 2/3 + 1/3 of something must round like the whole.
GUARD_DIGITS = 12

_WIDE = decimal.Context(prec=3 * MAX_MAGNITUDE, Emax=9 * MAX_MAGNITUDE, Emin=-9 * MAX_MAGNITUDE)
_GUARD = Decimal(1).scaleb(-GUARD_DIGITS)
_TWO_DIGITS = Decimal("0.01")


class NumberError(CodedError):
    """The value is not a number one can calculate with (``not_a_number``, ``out_of_range``)."""


def to_decimal(value):
    """Convert a number to ``Decimal`` without importing the noise of binary floats.

    A float is read by its fifteen significant digits: ``0.1`` is 0.1 and ``0.1 + 0.2`` is 0.3, so
    that a value which equals its target on the screen also equals it here. None stays None, for an
    unknown value is not zero.

    :param value: None, ``Decimal``, int, float, or a string such as ``'12.50'``
    :raises NumberError: for NaN, infinity, booleans, text that is no number, or a number
        beyond 10 to the power of plus or minus 400
    """
    if value is None:
        return None
    if isinstance(value, bool):
        raise NumberError("not_a_number", value=value)
    number = _from_float(value) if isinstance(value, float) else _from_exact(value)
    if number and abs(number.adjusted()) > MAX_MAGNITUDE:
        raise NumberError("out_of_range", value=excerpt(value))
    return number


def _from_float(value):
    if value.is_integer():
        return Decimal(int(value))
    number = Decimal(f"{value:.{FLOAT_DIGITS}g}")
    if not number.is_finite():
        raise NumberError("not_a_number", value=value)
    return number


def _from_exact(value):
    try:
        number = Decimal(value)
    except (decimal.InvalidOperation, TypeError, ValueError):
        raise NumberError("not_a_number", value=excerpt(value)) from None
    if not number.is_finite():
        raise NumberError("not_a_number", value=excerpt(value))
    return number


def round_half_up(value, digits=2):
    """Round to ``digits`` decimals, a half going away from zero: 2.675 is 2.68, -2.675 is -2.68.

    This is the one rounding rule of the product, applied once, at the end of a calculation.
    PostgreSQL's ``round(numeric)`` and Excel's ``ROUND`` do the same. A value which misses the half
    by less than the twelfth decimal is that half: it is the trace of a division such as 1/3.

    :param value: None, ``Decimal``, int, float or numeric string; None stays None
    :param digits: number of decimals, which may be zero or negative
    """
    if value is None:
        return None
    if type(value) is not Decimal:
        value = to_decimal(value)
    unit = _TWO_DIGITS if digits == 2 else Decimal(1).scaleb(-digits)
    if digits < GUARD_DIGITS:
        value = value.quantize(_GUARD, decimal.ROUND_HALF_EVEN, _WIDE)
    return _WIDE.plus(value.quantize(unit, decimal.ROUND_HALF_UP, _WIDE))


def plain(value):
    """Write a number as canonical text: no exponent, no trailing zeros, no negative zero.

    Two equal numbers give the same text, so that stored rules can be compared and sealed.
    """
    if value is None:
        return None
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
