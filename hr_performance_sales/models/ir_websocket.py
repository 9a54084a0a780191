import re

from odoo import models

from .hr_performance_sales_period_board import CHANGED

ASKED = re.compile(CHANGED + r":(\d{1,9})")


class IrWebsocket(models.AbstractModel):
    """Open leaderboards hear of the periods that their reader may see, and of no others."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        channels = list(channels)  # do not alter the original list
        asked = [c for c in channels if isinstance(c, str) and ASKED.fullmatch(c)]
        if not asked:
            return super()._build_bus_channel_list(channels)
        rest = [channel for channel in channels if channel not in asked]
        ids = {int(ASKED.fullmatch(channel)[1]) for channel in asked}
        Period = self.env["hr.performance.sales.period"]
        # The rules of the reader decide.
        seen = Period.search([("id", "in", list(ids))]) if Period.has_access("read") else Period
        return super()._build_bus_channel_list([*rest, *seen])
