"""What a leaderboard shows of somebody: the gap in per cent, a band, a bar. Without Odoo."""

from decimal import Decimal
from typing import NamedTuple

from odoo.addons.hr_performance.tools.decimals import round_half_up

_HUNDRED = Decimal(100)
#: Edges of the bands in per cent of the line; each band includes its lower one.
EDGES = (50, 80, 100, 120, 150, 200)
#: Where the bars of bands end, in per cent of the line; beyond it nothing can be told apart.
BAND_TOP = Decimal(200)


class Band(NamedTuple):
    """A range in per cent of the line or of the minimum; None is open to that side."""

    low: int | None
    high: int | None


def get_percent(gap, line):
    """The gap in per cent of the line, with one decimal; None where there is nothing to divide."""
    if gap is None or not line or line <= 0:
        return None
    return round_half_up(_HUNDRED * gap / line, 1)


def get_band(compared, reference):
    """The band of an amount against the line, or against the minimum where there is no line.

    None where neither says anything.
    """
    if not reference or reference <= 0:
        return None
    percent = _HUNDRED * compared / reference
    low = max((edge for edge in EDGES if edge <= percent), default=None)
    high = min((edge for edge in EDGES if edge > percent), default=None)
    return Band(low, high)


def get_bar(amount, top):
    """The length of the bar of an amount in per cent of the longest, 0 to 100."""
    if top is None or top <= 0 or amount is None or amount <= 0:
        return 0
    return int(round_half_up(min(_HUNDRED * amount / top, _HUNDRED), 0))


def get_band_bar(band):
    """The length of the bar of a band: the middle of it, the same for everybody in it."""
    if band is None:
        return 0
    low, high = band.low or 0, band.high or BAND_TOP
    return get_bar((Decimal(low) + Decimal(high)) / 2, BAND_TOP)


def get_pages(total, size):
    """How many pages ``total`` rows fill; an empty board has one."""
    return max(-(-total // size), 1)


def get_page_of(position, size):
    """The page, counted from 1, of the row before which ``position`` rows stand."""
    return position // size + 1
