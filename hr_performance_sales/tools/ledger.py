"""What has to be added to a ledger of credits so that it says what the documents say.

Rows of the ledger are never changed. Each line of a document has a life: it begins when the line is
first credited, and ends when what was credited is taken back as a whole. During its life, whatever
is corrected in the document, such as its amount, its salesperson or its shares, is added on the
date of the original credit, so that an open month becomes right; a month that is closed by then
counts it later. Taking back happens on the day on which it happens, and so does a new life.
"""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

NOTHING = (Decimal(0), Decimal(0), Decimal(0))


class Part(NamedTuple):
    """What one person has of an entry: his share in per cent and the amounts of it."""

    user: int
    share: Decimal
    amounts: tuple
    is_support: bool = False


class Entry(NamedTuple):
    """What a document says today about one of its lines.

    :ivar line: key of the line in its document
    :ivar event: why it counts, such as ``won`` or ``cancelled``
    :ivar parts: list of :class:`Part`
    :ivar origin: key of the line that this entry takes back, if it does
    """

    line: str
    date: object
    event: str
    parts: list
    origin: str | None = None


class Booked(NamedTuple):
    """A row of the ledger."""

    id: int
    line: str
    user: int
    date: object
    share: Decimal
    amounts: tuple
    is_support: bool = False


class Change(NamedTuple):
    """A row to be added; ``number`` is its place among those of the same line and person."""

    line: str
    user: int
    date: object
    cause: str
    share: Decimal
    amounts: tuple
    is_support: bool
    number: int
    cause_id: int | None


class _Line:
    """What the ledger says about one line: totals by person, and since when it lives."""

    def __init__(self):
        self.totals = defaultdict(lambda: NOTHING)
        self.counts = defaultdict(int)
        self.last = {}
        self.last_id = None
        self.since = None

    def add(self, row):
        if not self.lives:
            self.since = row.date
        self.totals[row.user] = _plus(self.totals[row.user], row.amounts)
        self.counts[row.user] += 1
        self.last[row.user] = row
        self.last_id = row.id

    @property
    def lives(self):
        return any(any(amounts) for amounts in self.totals.values())


def get_changes(entries, booked, now, taken_back="reversed"):
    """The rows to be added, as a list of :class:`Change`; empty when the ledger is right.

    :param entries: all entries of some documents today
    :param booked: all rows of the ledger about them, in the order in which they were added
    :param now: the instant on which what has vanished is taken back
    :param taken_back: the cause of that
    """
    lines = defaultdict(_Line)
    for row in booked:
        lines[row.line].add(row)
    changes = []
    for entry in entries:
        origin = lines[entry.origin].last_id if entry.origin in lines else None
        changes += _change_line(lines[entry.line], entry, origin)
    present = {entry.line for entry in entries}
    for key, line in lines.items():
        if key not in present and line.lives:
            for user, row in line.last.items():
                amounts = _minus(NOTHING, line.totals[user])
                changes += _get_change(
                    line, key, user, now, taken_back, row.share, row.is_support, amounts, row.id
                )
    return changes


def _change_line(line, entry, origin):
    lives = line.lives
    date, cause = (line.since, "changed") if lives else (entry.date, entry.event)
    changes, present = [], set()
    for part in entry.parts:
        present.add(part.user)
        amounts = _minus(part.amounts, line.totals[part.user])
        cause_id = line.last_id if lives else origin
        changes += _get_change(
            line, entry.line, part.user, date, cause, part.share, part.is_support, amounts, cause_id
        )
    for user, row in line.last.items():
        if user not in present:
            amounts = _minus(NOTHING, line.totals[user])
            changes += _get_change(
                line, entry.line, user, date, cause, row.share, row.is_support, amounts, row.id
            )
    return changes


def _get_change(line, key, user, date, cause, share, is_support, amounts, cause_id):
    if not any(amounts):
        return []
    number = line.counts[user] + 1
    return [Change(key, user, date, cause, share, amounts, is_support, number, cause_id)]


def _plus(one, two):
    return tuple(a + b for a, b in zip(one, two, strict=True))


def _minus(one, two):
    return tuple(a - b for a, b in zip(one, two, strict=True))
