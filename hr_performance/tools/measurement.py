"""One measured number: what a metric source hands back for one employee and one period."""

import math
from typing import NamedTuple


class Measurement(NamedTuple):
    """The value of one metric for one employee, and what it rests on.

    :ivar value: the number in the unit of the metric; None when it is unknown, which is not zero
    :ivar numerator: the part of the records that counted, before the division; the sum for an
        average
    :ivar denominator: what was divided by; None where nothing is divided
    :ivar sample: how many records the number rests on
    :ivar coverage: 0 to 1, how far that sample reaches the sample that the metric expects
    :ivar reason: why the value is unknown, one of :data:`REASONS`; None when it is known
    :ivar detail: a small dictionary of plain values that explains the number, or None
    """

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    sample: int = 0
    coverage: float = 0.0
    reason: str | None = None
    detail: dict | None = None

    @property
    def measured(self):
        """True when there is a number."""
        return self.value is not None


#: Why a value is unknown. The sentences are in ``hr.performance.value.reason``.
REASONS = ("not_entered", "no_user", "no_rows", "empty_denominator", "operand", "error")


def unknown(reason, sample=0, numerator=None, detail=None):
    """A value that is not known, with the reason; it is never read as zero."""
    return Measurement(None, numerator, None, sample, 0.0, reason, detail)


def get_coverage(sample, expected):
    """How far ``sample`` records reach the ``expected`` number; 1 where nothing is expected."""
    if not expected or expected <= 0:
        return 1.0
    return min(1.0, sample / expected)


def divide(numerator, denominator, sample, factor=1.0, expected=0, detail=None):
    """A ratio or an average, unknown when there is nothing to divide by.

    A denominator that is absent or zero makes the ratio undefined: it is neither 0 nor 100 %.

    :param factor: multiplies the result, e.g. 100 for a percentage
    :param expected: the sample that makes the coverage complete
    """
    if not denominator:
        return unknown("empty_denominator", sample, numerator, detail)
    numerator = numerator or 0.0
    value = numerator / denominator * factor
    if not math.isfinite(value):
        return unknown("error", sample, numerator, detail)
    coverage = get_coverage(sample, expected)
    return Measurement(value, numerator, denominator, sample, coverage, None, detail)


def known(value, numerator, sample, factor=1.0, expected=0, detail=None):
    """A number that is not a division."""
    if not math.isfinite(value * factor):
        return unknown("error", sample, detail=detail)
    coverage = get_coverage(sample, expected)
    return Measurement(value * factor, numerator, None, sample, coverage, None, detail)
