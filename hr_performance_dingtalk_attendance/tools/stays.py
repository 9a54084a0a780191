"""From single punches to stays: a coming and the leaving that was planned after it.

Nothing is invented. Who did not punch when leaving has no end, and a stay without one of its ends
cannot be written down as worked time.
"""

from typing import NamedTuple

#: Why a stay cannot be written.
NO_START, NO_END, ORDER = "no_start", "no_end", "order"


class Punch(NamedTuple):
    """One planned punch.

    :ivar key: its outside id
    :ivar day: the day that the shift belongs to, also when it ends after midnight
    :ivar leaving: False for coming
    :ivar planned: when it was due
    :ivar at: when it came; None when it did not
    """

    key: str
    day: object
    leaving: bool
    planned: object
    at: object


class Stay(NamedTuple):
    """A stay at work, known by the outside id of its first punch."""

    key: str
    day: object
    start: object
    end: object

    @property
    def trouble(self):
        """:data:`NO_START`, :data:`NO_END`, :data:`ORDER`, or None."""
        if self.start is None:
            return NO_START
        if self.end is None:
            return NO_END
        return ORDER if self.end <= self.start else None


def pair(punches):
    """The stays of one person, in order; shifts without any punch are none.

    :param punches: iterable of :class:`Punch`
    """
    days, stays = {}, []
    for punch in sorted(punches, key=lambda p: (p.day, p.planned or p.at, p.leaving, p.key)):
        days.setdefault(punch.day, []).append(punch)
    for rows in days.values():
        coming = None
        for punch in rows:
            if not punch.leaving:
                stays += _join(coming, None)
                coming = punch
            else:
                stays += _join(coming, punch)
                coming = None
        stays += _join(coming, None)
    return stays


def _join(coming, leaving):
    """A list with the stay between two punches, of which either may lack; else an empty one."""
    first = coming or leaving
    if first is None:
        return []
    stay = Stay(first.key, first.day, coming and coming.at, leaving and leaving.at)
    return [stay] if stay.start or stay.end else []


def overlaps(start, end, spans):
    """Whether a stay lies over one of the spans; touching is none.

    :param spans: pairs of start and end; of an open one only its start counts, for nobody knows
        its end
    """
    return any(
        start < other_end and other_start < end
        if other_end is not None and other_end > other_start
        else start <= other_start < end
        for other_start, other_end in spans
    )
