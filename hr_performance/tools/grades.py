"""Grades: which band a score falls into, and how many people a guide expects in each."""

import bisect
from fractions import Fraction

from .decimals import NumberError, to_decimal
from .errors import CodedError, excerpt


class GradeError(CodedError):
    """Bands or shares that cannot be used.

    Codes: ``bands_missing``, ``bands_duplicate`` (bound), ``bad_number``, ``shares_not_100``
    (total), ``negative_share``, ``negative_count``.
    """


class GradeScale:
    """Half-open bands over all scores: every score has exactly one grade.

    A grade holds from its bound up to, but not including, the next bound. The lowest grade also
    holds everything below its bound, and the highest everything above.

    :param bands: iterable of (lowest score, grade), in any order
    :raises GradeError: when there is no band, or two begin at the same score
    """

    __slots__ = ("_bounds", "_grades", "bands")

    def __init__(self, bands):
        self.bands = tuple(sorted(self._read(bands), key=lambda band: band[0]))
        self._bounds = [bound for bound, _grade in self.bands]
        self._grades = [grade for _bound, grade in self.bands]
        self.validate()

    @staticmethod
    def _read(bands):
        for bound, grade in bands:
            try:
                number = to_decimal(bound)
            except NumberError:
                number = None
            if number is None:
                raise GradeError("bad_number", value=excerpt(bound))
            yield number, grade

    def validate(self):
        """Check that the bands cut the scores into parts without gap or overlap."""
        if not self.bands:
            raise GradeError("bands_missing")
        for bound, following in zip(self._bounds, self._bounds[1:], strict=False):
            if bound == following:
                raise GradeError("bands_duplicate", bound=bound)

    def grade_of(self, score):
        """The grade of a score; None for an unknown score."""
        score = to_decimal(score)
        if score is None:
            return None
        return self._grades[max(bisect.bisect_right(self._bounds, score) - 1, 0)]


def guide(count, shares):
    """How many of ``count`` people a distribution guide expects in each grade.

    Each grade first gets the whole part of its exact share; the people left over go to the largest
    remainders, the higher grade first among equal ones. The counts always total ``count``. It is a
    guide only: in small groups nobody should be forced into it.

    :param count: number of people
    :param shares: percentages from the highest grade to the lowest, totalling 100
    :return: list of counts in the order of ``shares``
    :raises GradeError: for shares that do not total 100, or a negative number
    """
    if count < 0:
        raise GradeError("negative_count", count=count)
    shares = [_share(share) for share in shares]
    if sum(shares) != 100:
        raise GradeError("shares_not_100", total=sum(shares))
    exact = [Fraction(share) * count / 100 for share in shares]
    counts = [int(part) for part in exact]
    order = sorted(range(len(shares)), key=lambda place: counts[place] - exact[place])
    for place in order[: count - sum(counts)]:
        counts[place] += 1
    return counts


def _share(value):
    try:
        share = to_decimal(value)
    except NumberError:
        share = None
    if share is None:
        raise GradeError("bad_number", value=excerpt(value))
    if share < 0:
        raise GradeError("negative_share", share=share)
    return share
