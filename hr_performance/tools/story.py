"""Arithmetic of the demo data: when things happened and how a total is made up."""

from datetime import datetime, time, timedelta


def moments(count, first, last, now):
    """Spread ``count`` instants evenly over the office hours of the days, none in the future.

    Between 01:00 and 10:00 UTC a day has the same date in China.

    :param first: first day
    :param last: last day, included
    :param now: instant (UTC) that nothing comes after; not before the first day began in China
    :return: list of ``datetime`` in ascending order
    """
    begin = datetime.combine(first, time()) - timedelta(hours=8)
    days = max((min(last, (now + timedelta(hours=8)).date()) - first).days + 1, 1)
    found = []
    for index in range(count):
        day = first + timedelta(days=index * days // count)
        minutes = 60 + (index * 97) % 540
        moment = datetime.combine(day, time()) + timedelta(minutes=minutes)
        if moment >= now:
            moment = begin + (now - begin) * (index + 1) / (count + 1)
        found.append(moment.replace(microsecond=0))
    return sorted(found)


def part_of(number, share):
    """What has come together of ``number`` things after this share of the month.

    A handful is there on the first day already, so that a share of them says something.

    >>> [part_of(20, share) for share in (0.03, 0.5, 1)]
    [3, 10, 20]
    >>> part_of(0, 1)
    0
    """
    return min(number, max(round(number * share), 3))


def marks(average, count):
    """Whole marks, ``count`` of them, whose average comes as near as it can; the worst first.

    >>> marks(3.8, 10)
    [3, 3, 4, 4, 4, 4, 4, 4, 4, 4]
    >>> marks(4.5, 0)
    []
    """
    if not count:
        return []
    base, better = divmod(round(average * count), count)
    return [base] * (count - better) + [base + 1] * better


def amounts(total, prices):
    """The prices, scaled to a total of ``total`` in whole units; the last one takes the rest.

    >>> amounts(1000, [3, 3, 3])
    [333, 333, 334]
    """
    if not prices:
        return []
    scaled = [round(total * price / sum(prices)) for price in prices]
    return [*scaled[:-1], total - sum(scaled[:-1])]
