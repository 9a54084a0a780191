"""How many metered calls a run takes, known before its first one."""

from typing import NamedTuple

from . import approvals, attendance, messages

#: Planned punches of a person and day in most companies: coming and leaving.
ROWS_PER_DAY = 2


class Plan(NamedTuple):
    """A way to get attendance and the metered calls it takes."""

    source: str
    calls: int


def result_calls(people, days, rows_per_day=ROWS_PER_DAY):
    """Calls of ``attendance/list``: batches of people and days, in pages of 50 rows."""
    calls = 0
    for batch in _parts(people, attendance.PEOPLE):
        for window in _parts(days, attendance.DAYS):
            calls += max(_ceil(batch * window * rows_per_day, attendance.PAGE), 1)
    return calls


def column_calls(people, days, columns):
    """Calls of ``getcolumnval``, and two to learn which columns there are."""
    if not people or not days or not columns:
        return 0
    per_person = _ceil(days, attendance.COLUMN_DAYS) * _ceil(columns, attendance.COLUMNS)
    return people * per_person + 2


def cheapest_attendance(people, days, columns, *, report=True, rows_per_day=ROWS_PER_DAY):
    """The :class:`Plan` with the fewest calls: ``results`` or ``columns``.

    :param report: whether the company has the smart report at all
    """
    plans = [Plan("results", result_calls(people, days, rows_per_day))]
    if report and columns:
        plans.append(Plan("columns", column_calls(people, days, columns)))
    return min(plans, key=lambda plan: plan.calls)


def approval_calls(instances, windows=1):
    """Calls to list and read approvals; a list of none takes one."""
    return max(_ceil(instances, approvals.PAGE), windows) + instances


def notice_calls(people, texts=1):
    """Calls to send texts that each go to this many people, and to fetch what became of them."""
    return 2 * texts * _ceil(people, messages.NOTICE_PEOPLE)


def todo_calls(tasks):
    """Calls to make tasks and to complete them."""
    return 2 * tasks


def _ceil(number, size):
    return -(-number // size)


def _parts(number, size):
    """Sizes of the parts into which ``number`` things are cut."""
    full, rest = divmod(number, size)
    return [size] * full + ([rest] if rest else [])
