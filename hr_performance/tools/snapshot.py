"""Where an employee stood in a period: what a review keeps of him."""

from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

_DAY = timedelta(days=1)


class Snapshot(NamedTuple):
    """An employee in one period. Ids are database ids, None where there is nothing.

    ``department_path``: the department and those above it, nearest first; ``days``: days of the
    period on which he was employed; ``share``: the same as part of the period, 0 to 1.
    """

    employee_id: int
    user_id: int | None
    department_id: int | None
    department_path: tuple[int, ...]
    job_id: int | None
    manager_id: int | None
    date_from: date
    date_to: date
    days: int
    share: float


class Assignment(NamedTuple):
    """One dated version of an employment: since when, in which department and job."""

    since: date
    department_id: int | None
    job_id: int | None


def find_gaps(contracts):
    """The spans ``[(first day, last day)]`` between contracts, of people who were taken on again.

    A contract without an end lasts until the next one begins.

    :param contracts: pairs (first day, last day or None), in ascending order
    """
    return [
        (end + _DAY, start - _DAY)
        for (_first, end), (start, _last) in pairwise(contracts)
        if end and start > end + _DAY
    ]


def assignment_on(assignments, day):
    """The assignment in force on ``day``; before the first one, the first one.

    :param assignments: at least one, in ascending order of ``since``
    """
    current = assignments[0]
    for assignment in assignments:
        if assignment.since > day:
            break
        current = assignment
    return current
