from odoo import models
from odoo.tools import format_date, format_datetime

from ..tools import appeal as course


class HrPerformanceAppeal(models.Model):
    """An appeal as pages show it, in the language of the reader."""

    _inherit = "hr.performance.appeal"

    def _get_page_values(self):
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        return {
            "id": self.id,
            "employee": self.employee_id.name,
            "is_own": self.is_own,
            "subject": self.subject_name or "",
            "line": self.line_id.id,
            "reason": self.reason,
            # sudo: the name only, of who filed it
            "filed_by": self.sudo().filed_by_id.name or "",
            "state": states[self.state],
            "outcome": outcomes.get(self.outcome, ""),
            "is_waiting": self.state in course.HELD_STATES,
            "is_overdue": self.is_overdue,
            "submitted_on": self._show_moment(self.submitted_on),
            "deadline": format_date(self.env, self.deadline) if self.deadline else "",
            "answers": self._get_page_answers(),
            "second_reason": self.second_reason or "",
            "second_until": format_date(self.env, self.second_until) if self.can_take_to_hr else "",
            "files": [
                {"id": file.id, "name": file.name}
                for file in self.attachment_ids._filtered_access("read")
            ],
            "can_withdraw": self.can_withdraw,
            "can_accept": self.can_accept,
            "can_take_to_hr": self.can_take_to_hr,
            "can_decide": self.can_decide,
        }

    def _get_page_answers(self):
        """What was answered so far, the first level first: by whom, when, in which words."""
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        rows = [
            (self.answer, self.answered_by_id, self.answered_on, self.answer_outcome),
            (self.second_answer, self.second_by_id, self.second_on, self.outcome),
        ]
        return [
            {
                "text": text,
                "by": user.sudo().name,  # sudo: the name only, of whoever answered
                "on": self._show_moment(moment),
                "outcome": outcomes.get(outcome, ""),
            }
            for text, user, moment, outcome in rows
            if text
        ]

    def _get_change_values(self):
        """The lines that whoever answers may give another value, with the one published."""
        self.ensure_one()
        if not self.can_decide or not self.review_id:
            return []
        # sudo: the right to answer was checked; the lines of the disputed result
        lines = self.review_id.sudo()._get_changeable_lines(self.sudo())
        return [
            {
                "id": line.id,
                "name": line.name,
                "value": line.actual_display,
                "target": line.target_display or "",
                "steps": line._explain(),
            }
            for line in lines.with_env(lines.env(context=self.env.context))
        ]

    def _show_moment(self, moment):
        return format_datetime(self.env, moment, dt_format="short") if moment else ""
