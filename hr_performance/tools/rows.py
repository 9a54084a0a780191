"""How records become a number: what is read, and how groups of records are added up."""

from typing import NamedTuple


class Rows(NamedTuple):
    """Which records a metric reads, and what it takes from them.

    :ivar model: technical name of the records
    :ivar domain: list domain that selects them, without period and people
    :ivar date_path: path to the date or datetime that puts a record into a period
    :ivar employee_path: path to the ``res.users`` or ``hr.employee`` whose record it is
    :ivar aggregate: ``count``, ``count_distinct``, ``sum``, ``avg``, ``min`` or ``max``
    :ivar measure: field that is measured, or None for a count
    :ivar currency: path to the currency of each record's amount, or None where all are in the
        company's currency
    :ivar weighted: for an average, the pair of fields (value times weight, weight), or None
    :ivar include_archived: whether archived records count
    """

    model: str
    domain: list
    date_path: str
    employee_path: str
    aggregate: str = "count"
    measure: str | None = None
    currency: str | None = None
    weighted: tuple | None = None
    include_archived: bool = False

    @property
    def aggregates(self):
        """The two aggregates that are read for each person: records counted, and the number."""
        if self.aggregate == "count":
            return ["__count", "__count"]
        if self.aggregate in ("count_distinct", "sum"):
            return ["__count", f"{self.measure}:{self.aggregate}"]
        if self.aggregate == "avg" and self.weighted:
            product, weight = self.weighted
            return ["__count", f"{product}:sum", f"{weight}:sum"]
        function = "sum" if self.aggregate == "avg" else self.aggregate
        return [f"{self.measure}:count", f"{self.measure}:{function}"]


class Total(NamedTuple):
    """What was read for one person.

    :ivar sample: number of records
    :ivar number: their count, sum, minimum or maximum; for an average the sum
    :ivar weight: for a weighted average the sum of the weights; else None
    :ivar converted: how many of the records were in a foreign currency
    """

    sample: int
    number: float
    weight: float | None = None
    converted: int = 0


def merge(aggregate, one, other):
    """Put two groups of one person's records together; None is an empty group."""
    if one is None or other is None:
        return one or other
    combine = {"min": min, "max": max}.get(aggregate)
    number = combine(one.number, other.number) if combine else one.number + other.number
    weights = [total.weight for total in (one, other) if total.weight is not None]
    return Total(
        one.sample + other.sample,
        number,
        sum(weights) if weights else None,
        one.converted + other.converted,
    )
