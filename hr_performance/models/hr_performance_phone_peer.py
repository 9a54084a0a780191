from odoo import api, fields, models

from .hr_performance_phone import Tab, Task


class HrPerformancePhone(models.AbstractModel):
    """Questions to answer, and one's own data."""

    _inherit = "hr.performance.phone"

    @api.model
    def _get_tabs(self):
        label = self.env._("My data")
        return super()._get_tabs() + [Tab(90, "data", label, "/performance/my-data", "file")]

    @api.model
    def _get_tasks(self):
        ballots = self.env["hr.performance.ballot"].get_my_ballots()
        return super()._get_tasks() + [
            Task(
                self.env._("Answer a few questions"),
                f"/performance/answer/{ballot['id']}",
                ballot["title"],
                fields.Date.to_date(ballot["due_on"]),
                "chat",
            )
            for ballot in ballots
        ]
