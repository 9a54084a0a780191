from odoo import api, fields, models

from .hr_performance_phone import Tab, Task

#: More questionnaires than these are shown as one task.
TOGETHER = 3


class HrPerformancePhone(models.AbstractModel):
    """Questions to answer, and one's own data."""

    _inherit = "hr.performance.phone"

    @api.model
    def _get_tabs(self):
        label = self.env._("My data")
        return super()._get_tabs() + [Tab(90, "data", label, "/performance/my-data", "file")]

    @api.model
    def _get_tasks(self):
        """One task for each questionnaire, or for all together where they would fill the page."""
        tasks = super()._get_tasks()
        ballots = self.env["hr.performance.ballot"].get_my_ballots()
        title = self.env._("Answer a few questions")
        rows = [(b["id"], b["title"], fields.Date.to_date(b["due_on"])) for b in ballots]
        if len(rows) > TOGETHER:
            text = self.env._("%s people and reviews wait for your view", len(rows))
            first = min(due for _id, _title, due in rows)
            return [*tasks, Task(title, "/performance/answer", text, first, "chat")]
        return tasks + [
            Task(title, f"/performance/answer/{ballot}", about, due, "chat")
            for ballot, about, due in rows
        ]
