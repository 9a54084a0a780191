from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.errors import BudgetExhausted


class HrPerformanceImUsage(models.Model):
    """Calls that the outside system counted, by connection and month.

    A call is booked by a cursor of its own before it is made: what was called stays counted when
    the run is rolled back.
    """

    _name = "hr.performance.im.usage"
    _description = "Calls of a Connection"
    _order = "month desc, id"
    _rec_name = "month"
    _log_access = False

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="connection_id.company_id")
    month = fields.Date(required=True)
    calls = fields.Integer(required=True, default=0, aggregator="sum")

    _month_unique = models.UniqueIndex("(connection_id, month)")
    _calls_positive = models.Constraint("CHECK (calls >= 0)", "Calls are not negative.")

    @api.model
    def _get_budget(self, connection):
        """The :class:`Budget` for the client of a connection."""
        return Budget(self.env.registry, connection)


class Budget:
    """The budget of ``tools.budget`` as a row, each call in a short transaction.

    :ivar calls: calls booked through this object
    """

    def __init__(self, registry, connection):
        self._registry, self._connection_id = registry, connection.id
        self._month, self.limit, self.calls = connection._get_month(), connection.budget, 0

    @property
    def used(self):
        """Calls of the month so far."""
        with self._registry.cursor() as cr:
            cr.execute(
                SQL(
                    "SELECT calls FROM hr_performance_im_usage "
                    "WHERE connection_id = %s AND month = %s",
                    self._connection_id,
                    self._month,
                )
            )
            row = cr.fetchone()
        return row[0] if row else 0

    @property
    def left(self):
        """Calls left in the month; None where there is no limit."""
        return max(self.limit - self.used, 0) if self.limit else None

    def take(self, name):
        """Count one metered call before it is sent.

        :raises BudgetExhausted: when none is left; nothing is counted then
        """
        if self._book(1) is None:
            raise BudgetExhausted("budget", endpoint=name)
        self.calls += 1

    def give_back(self, _name):
        """Undo :meth:`take` for a call that the messenger does not count."""
        self._book(-1)
        self.calls -= 1

    def _book(self, calls):
        """The calls of the month with these; None where they do not fit, and are not booked."""
        with self._registry.cursor() as cr:
            cr.execute(
                SQL(
                    """INSERT INTO hr_performance_im_usage AS u (connection_id, month, calls)
                       VALUES (%(connection)s, %(month)s, GREATEST(%(calls)s, 0))
                  ON CONFLICT (connection_id, month)
                DO UPDATE SET calls = GREATEST(u.calls + %(calls)s, 0)
                        WHERE %(limit)s = 0 OR %(calls)s <= 0 OR u.calls + %(calls)s <= %(limit)s
                    RETURNING calls""",
                    connection=self._connection_id,
                    month=self._month,
                    calls=calls,
                    limit=self.limit,
                )
            )
            row = cr.fetchone()
        return row[0] if row else None
