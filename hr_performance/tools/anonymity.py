"""What may be shown of anonymous answers: the one rule for 360° reviews and for the pulse.

Answers come in groups: the perspectives of a 360° review, the departments of a pulse. Two
sentences are all of the rule:

* No number is shown that rests on fewer answers than the minimum.
* A number that is shown is made of numbers that are shown, and of nothing else.

The second one keeps a small group from being found by subtraction: what is hidden takes no part in
any average or total, so that changing a hidden answer changes nothing that anybody sees.
"""

from typing import NamedTuple

#: Fewer answers than this are never shown, whatever is set.
LEAST_MINIMUM = 3

#: How a group comes out.
SHOWN = "shown"
MERGED = "merged"
FEW = "few"
NONE = "none"


class Tally(NamedTuple):
    """The answers of one group.

    :ivar key: perspective, department
    :ivar answers: how many people answered
    :ivar cells: ``{question: (number of ratings, their sum)}``
    :ivar weight: in the total; what is not shown leaves the denominator
    :ivar named: whose answers these are is no secret: the employee himself, his manager
    """

    key: str
    answers: int
    cells: dict
    weight: float = 1.0
    named: bool = False


class Shown(NamedTuple):
    """What is shown of a group; ``average`` is None and ``cells`` empty where nothing is.

    :ivar status: :data:`SHOWN`; :data:`MERGED` into the pool; :data:`FEW`, too few answers;
        :data:`NONE`, no answer
    :ivar cells: ``{question: (number of ratings, average)}``
    """

    key: str
    status: str
    answers: int
    average: float | None
    cells: dict
    weight: float


class Publication(NamedTuple):
    """Everything that is ever shown of one batch.

    :ivar groups: :class:`Shown`, the pool of the merged ones among them
    :ivar questions: ``{question: average over the shown groups}``
    :ivar total: weighted average of the shown groups, None when nothing is known
    :ivar answers: how many answers the total rests on
    """

    groups: list
    questions: dict
    total: float | None
    answers: int


def publish(tallies, minimum, pool="other"):
    """Decide once, when a batch is closed, what is shown of it.

    Groups below the minimum go into the pool together; a pool that is too small as well is not
    shown at all. A group with the key of the pool takes the small ones in.

    :param tallies: :class:`Tally` of every group, those without an answer too
    :param minimum: the least number of answers of a group
    :param pool: key of the pool
    """
    minimum = max(minimum, LEAST_MINIMUM)
    small = [t for t in tallies if not t.named and 0 < t.answers < minimum]
    # The group of the pool is shown together with the small ones only, never without them too.
    host = [t for t in tallies if small and t.key == pool and t not in small and t.answers]
    pooled = _pool(small + host, pool)
    is_pool_shown = bool(small) and pooled.answers >= minimum
    groups = [_show_group(t, minimum, small, is_pool_shown, pool) for t in tallies]
    groups = [group for group in groups if group]
    if is_pool_shown:
        groups.append(_show(pooled, SHOWN, minimum))
    return _complete(groups)


def _show_group(tally, minimum, small, is_pool_shown, pool):
    """What is shown of one group; None where the pool stands for it."""
    if not tally.answers:
        return None if is_pool_shown and tally.key == pool else _hide(tally, NONE)
    if is_pool_shown and (tally in small or tally.key == pool):
        return None if tally.key == pool else _hide(tally, MERGED)
    return _hide(tally, FEW) if tally in small else _show(tally, SHOWN, minimum)


def _hide(tally, status):
    return Shown(tally.key, status, 0, None, {}, tally.weight)


def _show(tally, status, minimum):
    least = 1 if tally.named else minimum
    cells = {
        question: (count, total / count)
        for question, (count, total) in tally.cells.items()
        if count >= least
    }
    average = _mean([(mean, 1.0) for _count, mean in cells.values()])
    return Shown(tally.key, status, tally.answers, average, cells, tally.weight)


def _pool(tallies, key):
    """The groups as one, with the sum of their weights."""
    cells = {}
    for tally in tallies:
        for question, (count, total) in tally.cells.items():
            known_count, known_total = cells.get(question, (0, 0.0))
            cells[question] = (known_count + count, known_total + total)
    answers = sum(t.answers for t in tallies)
    return Tally(key, answers, cells, sum(t.weight for t in tallies))


def _complete(groups):
    questions = {}
    for group in groups:
        for question, (_count, mean) in group.cells.items():
            questions.setdefault(question, []).append((mean, group.weight))
    counted = [g for g in groups if g.average is not None and g.weight]
    return Publication(
        groups,
        {question: _mean(means) for question, means in questions.items()},
        _mean([(g.average, g.weight) for g in counted]),
        sum(g.answers for g in counted),
    )


def _mean(pairs):
    """Weighted mean of ``(value, weight)``; None without any weight."""
    weight = sum(weight for _value, weight in pairs)
    return sum(value * weight for value, weight in pairs) / weight if weight else None
