from odoo import api, models
from odoo.fields import Domain

from .hr_performance_phone import Tab, Task


class HrPerformancePhone(models.AbstractModel):
    """Interviews on the phone: what is to be acknowledged, and when the next one is."""

    _inherit = "hr.performance.phone"

    @api.model
    def _get_tasks(self):
        return super()._get_tasks() + self._get_interview_tasks()

    @api.model
    def _get_interview_tasks(self):
        interviews = self.env["hr.performance.interview"].search(
            Domain("state", "in", ("planned", "held")) & Domain("is_own", "=", True),
            order="start, id",
        )
        titles = {
            "planned": self.env._("Prepare your interview"),
            "held": self.env._("Acknowledge your interview"),
        }
        return [
            Task(
                titles[interview.state],
                f"/performance/interview/{interview.id}",
                interview._show_moment(interview.start),
                None,
                "calendar",
            )
            for interview in interviews
        ]

    @api.model
    def _get_review_links(self, review):
        links = super()._get_review_links(review)
        interviews = review.interview_ids._filtered_access("read")
        for number, interview in enumerate(interviews.filtered(lambda i: i.state != "cancelled")):
            label = self.env._("Interview, %s", interview._show_moment(interview.start))
            path = f"/performance/interview/{interview.id}"
            links.append(Tab(30 + number, f"interview_{interview.id}", label, path, "calendar"))
        return links
