"""The rows of an import on their way from the file to the records."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice

from .errors import excerpt
from .tabular import Row

#: Rows that are looked up, compared and written together.
BATCH_SIZE = 1000


def batches(rows, size=BATCH_SIZE):
    """Cut an iterator into lists of at most ``size``."""
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch


def show_cell(value):
    """The beginning of a cell for a message or a preview; empty for None."""
    return excerpt(_plain(value), 100)


def as_text(value):
    """A cell as text. A number that identifies something must not become 1007.0."""
    return str(_plain(value)).strip()


def _plain(value):
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell, or with a whole row.

    :param number: row in the file
    :param header: of the column; empty for the whole row
    :param value: the cell as text
    :param message: what is wrong and what to do
    """

    number: int
    header: str
    value: str
    message: str


@dataclass(slots=True)
class Entry:
    """One record that a row becomes.

    :param number: row in the file
    :param key: what makes the record the same one at the next import
    :param vals: its values
    :param change: ``new``, ``changed`` or ``same``, once it was compared with what is there
    :param record_id: id of the record that is there already
    """

    number: int
    employee_id: int
    key: tuple
    vals: dict = field(default_factory=dict)
    change: str = "new"
    record_id: int | None = None
    before: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricColumn:
    """A column that holds a number of one metric."""

    index: int
    metric_id: int
    role: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column holds what.

    :param headers: of all columns
    :param roles: ``{role: index of the column}``
    :param metrics: the columns that belong to one metric each
    """

    headers: tuple[str, ...]
    roles: dict[str, int]
    metrics: tuple[MetricColumn, ...] = ()

    def __contains__(self, role):
        return role in self.roles

    def cell(self, row: Row, role):
        """The cell of a row; None where it is empty or the column is not mapped."""
        index = self.roles.get(role)
        return None if index is None else row.cells[index]

    def header(self, role):
        """The header of the column, or an empty text."""
        index = self.roles.get(role)
        return "" if index is None else self.headers[index]


def looks_like_fractions(numbers):
    """Whether all numbers of a percent column are fractions, such as 0.45 where 45 is meant.

    :param numbers: iterable of ``Decimal``
    """
    known = [number for number in numbers if number]
    return len(known) > 2 and all(abs(number) <= Decimal(1) for number in known)
