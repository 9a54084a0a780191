from odoo import api, models
from odoo.fields import Domain

from odoo.addons.hr_performance.models.hr_performance_phone import Tab


class HrPerformancePhone(models.AbstractModel):
    """The leaderboard on the phone, for whom there is one."""

    _inherit = "hr.performance.phone"

    @api.model
    def _get_tabs(self):
        tabs = super()._get_tabs()
        Period = self.env["hr.performance.sales.period"]
        if Period.has_access("read") and Period.search(Domain.TRUE, limit=1):
            path = "/performance/leaderboard"
            tabs.append(Tab(25, "leaderboard", self.env._("Ranking"), path, "podium"))
        return tabs
