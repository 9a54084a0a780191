from odoo import api, models
from odoo.fields import Domain

from ..tools import appeal as course
from .hr_performance_phone import Tab, Task


class HrPerformancePhone(models.AbstractModel):
    """Appeals on the phone: what waits for an answer, and the ways to them from a result."""

    _inherit = "hr.performance.phone"

    @api.model
    def _get_tasks(self):
        return super()._get_tasks() + self._get_appeal_tasks()

    @api.model
    def _get_appeal_tasks(self):
        """Appeals of his people that the user has to answer, and his own that are answered."""
        appeals = self.env["hr.performance.appeal"].search(
            (Domain("state", "in", course.HELD_STATES) & Domain("is_own", "=", False))
            | (Domain("state", "=", "answered") & Domain("is_own", "=", True)),
            order="deadline, id",
        )
        tasks = []
        for appeal in appeals:
            path = f"/performance/appeal/{appeal.id}"
            if appeal.can_decide:
                title = self.env._("Answer the appeal of %s", appeal.employee_id.name)
                tasks.append(Task(title, path, appeal.subject_name, appeal.deadline, "appeal"))
            elif appeal.can_accept:
                title = self.env._("Your appeal is answered")
                tasks.append(Task(title, path, appeal.subject_name, appeal.second_until, "appeal"))
        return tasks

    @api.model
    def _get_review_links(self, review):
        links = super()._get_review_links(review)
        for number, appeal in enumerate(review.appeal_ids._filtered_access("read")):
            label = self.env._("Appeal: %s", appeal.line_id.name or self.env._("whole result"))
            path = f"/performance/appeal/{appeal.id}"
            links.append(Tab(40 + number, f"appeal_{appeal.id}", label, path, "appeal"))
        if review.can_appeal:
            label = self.env._("Appeal against this result")
            path = f"/performance/review/{review.id}/appeal"
            links.append(Tab(60, "appeal_new", label, path, "appeal"))
        return links
