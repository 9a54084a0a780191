from odoo import models

from ..tools import workflow

#: Who has to act in each state, seen by those who follow the review.
WAITS_FOR = {
    "goal": "employee",
    "self": "employee",
    "manager": "manager",
    "calibration": "hr",
    "ready": "hr",
}


class HrPerformanceReview(models.Model):
    """A review on the phone, as the employee and as his manager see it."""

    _inherit = "hr.performance.review"

    def _get_phone_values(self):
        """The values of the own page, and what the reader may do with the review."""
        self.ensure_one()
        names = ["start_assessment", "skip_self", "submit_scores", "return_to_employee"]
        values = self._get_page_values()
        values |= {f"can_{name}": self[f"can_{name}"] for name in names}
        values |= {
            "is_own": self.is_own,
            "employee": self.employee_id.name,
            "can_edit_scores": self.can_edit_scores,
            "lines": [line._get_phone_values() for line in self.line_ids],
            "links": self.env["hr.performance.phone"]._get_review_links(self),
        }
        if not self.is_own:
            values["todo"] = self._get_phone_todo()
        return values

    def _get_phone_todo(self):
        """What happens with the review of somebody else: title, sentence, whose turn it is."""
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        waits_for = self._get_waiting_names()[self]
        return {
            "title": states[self.state],
            "text": self.env._("Waits for %s", waits_for) if waits_for else "",
            "due": self._show_date(self.deadline) if self.deadline and waits_for else "",
            "is_mine": self.can_submit_scores,
        }

    def _get_waiting_names(self):
        """``{review: name}`` of whom each review waits for; nobody once the result is out."""
        own = self.env.user.employee_ids
        names = {}
        for review in self:
            manager = review.manager_id
            names[review] = {
                "employee": review.employee_id.name,
                "manager": self.env._("you") if manager in own else manager.name,
                "hr": self.env._("HR"),
            }.get(WAITS_FOR.get(review.state)) or ""
        return names

    def _get_team_values(self):
        """One row for each review in the overview of a manager."""
        states = dict(self._fields["state"]._description_selection(self.env))
        waiting = self._get_waiting_names()
        return [
            {
                "id": review.id,
                "employee": review.employee_id.name,
                "cycle": review.cycle_id.name,
                "state": states[review.state],
                "waits_for": waiting[review],
                "is_mine": review.is_my_turn,
                "is_late": review.is_overdue,
                "is_held": review.blocked and review.state == "manager",
                "deadline": self._show_day(review.deadline)
                if review.deadline and review.state in workflow.OPEN_STATES
                else "",
                "score": review._show_number(review.total) if review.scored else "",
                "percent": review.total if review.scored else 0,
            }
            for review in self
        ]
