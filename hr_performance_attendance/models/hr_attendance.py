import re

from odoo import api, fields, models
from odoo.tools import SQL


class HrAttendance(models.Model):
    """The attendances behind a metric, opened by ``hr.performance.source.attendance``.

    Which of them were late, and by how much, depends on the metric, so it comes with the action:
    ``performance_delays`` in the context is text such as ``"12:5,31:40"``, attendance 12 by 5
    minutes and so on. It is text because the cache goes by it.
    """

    _inherit = "hr.attendance"

    performance_delay = fields.Integer(
        "Minutes Late", compute="_compute_performance_delay", aggregator=None
    )

    @api.depends_context("performance_delays")
    def _compute_performance_delay(self):
        delays = self._get_performance_delays()
        for attendance in self:
            attendance.performance_delay = delays.get(attendance.id, 0)

    @api.model
    def _order_to_sql(self, order, query, alias=None, reverse=False):
        """Late arrivals first, as long as the reader sorts by nothing else."""
        terms = super()._order_to_sql(order, query, alias, reverse)
        delays = self._get_performance_delays()
        if not delays or (order and order != self._order):
            return terms
        is_late = SQL("%s = ANY(%s)", SQL.identifier(alias or self._table, "id"), list(delays))
        return SQL("%s DESC, %s", is_late, terms)

    @api.model
    def _get_performance_delays(self):
        """``{attendance id: minutes}``"""
        pairs = re.findall(r"(\d+):(\d+)", str(self.env.context.get("performance_delays") or ""))
        return {int(attendance_id): int(minutes) for attendance_id, minutes in pairs}
