"""The calls of a month, counted against what the company may use.

A budget is any object with ``take`` and ``give_back``. In Odoo it is a row per company and month
that is written in a transaction of its own.
"""

from collections import Counter

from .errors import BudgetExhausted


class MemoryBudget:
    """A budget of one process.

    :param limit: number of metered calls, None for no limit
    :param used: what the month has used before
    """

    def __init__(self, limit=None, used=0):
        self.limit = limit
        self.used = used
        self.by_name = Counter()

    @property
    def left(self):
        """Metered calls that are left, None where there is no limit."""
        return None if self.limit is None else max(self.limit - self.used, 0)

    def take(self, name):
        """Count one metered call before it is sent.

        :raises BudgetExhausted: when none is left; nothing is counted then
        """
        if self.left == 0:
            raise BudgetExhausted("budget", endpoint=name)
        self.used += 1
        self.by_name[name] += 1

    def give_back(self, name):
        """Undo :meth:`take` for a call that the messenger does not count."""
        self.used -= 1
        self.by_name[name] -= 1
