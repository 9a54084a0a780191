"""Splitting work into what an interface takes at once, and putting its pages together."""

from datetime import timedelta
from itertools import islice

from .errors import PagingBroken

#: Pages without a row that are put up with in a row; such pages occur where rows are filtered.
EMPTY_PAGES = 3


def chunked(items, size):
    """Lists of at most ``size`` items, in order, each item once."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def windows(date_from, date_to, days):
    """Pairs of first and last day that tile the span, each of at most ``days`` days.

    Both ends are included: 1 to 31 March by seven days gives 1–7, 8–14, 15–21, 22–28, 29–31.
    """
    first = date_from
    while first <= date_to:
        last = min(first + timedelta(days=days - 1), date_to)
        yield first, last
        first = last + timedelta(days=1)


def spans(start, end, length):
    """Pairs of numbers that tile ``start`` to ``end``, each at most ``length`` apart.

    The pairs touch: the end of one is the start of the next, so no instant falls between them.
    """
    while start < end:
        stop = min(start + length, end)
        yield start, stop
        start = stop


def pages(fetch, first, max_pages, name=""):
    """Rows of all pages, page by page.

    :param fetch: function of a cursor that returns the rows and the next cursor, None at the end
    :param first: the first cursor
    :param max_pages: the number of pages after which something must be wrong
    :raises PagingBroken: when a cursor comes again, pages stay empty, or there is no end. What was
        yielded before is right, but the listing is not complete
    """
    cursor, seen, empty = first, set(), 0
    for _page in range(max_pages):
        seen.add(cursor)
        rows, cursor = fetch(cursor)
        if rows:
            empty = 0
            yield rows
        else:
            empty += 1
        if cursor is None:
            return
        if cursor in seen:
            raise PagingBroken("cursor_repeated", endpoint=name)
        if empty > EMPTY_PAGES:
            raise PagingBroken("empty_pages", endpoint=name)
    raise PagingBroken("too_many_pages", endpoint=name)
