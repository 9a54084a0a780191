from odoo import fields, models

from ..tools.typed_number import get_choices, write_number


class HrPerformanceReviewLine(models.Model):
    """A line on the phone, with what its fields need to be filled in."""

    _inherit = "hr.performance.review.line"

    def _get_phone_values(self):
        self.ensure_one()
        can_score = self.can_edit_scores and self.kind == "metric" and not self.excluded
        values = self._get_page_values()
        shown = self._show_value(self.self_value) if self.self_set else ""
        return {
            **values,
            "self_shown": shown,
            "self_text": write_number(self.self_value) if self.self_set else "",
            "can_score": can_score,
            "is_rated": self.source == "manual",
            "manager_text": write_number(self.manager_value) if self.manager_set else "",
            "manager_reason": self.manager_reason or "",
            "choices": self._get_choices() if can_score or values["can_assess"] else [],
        }

    def _get_choices(self):
        """The marks of a rating as ``[(value, label)]``; empty for any other number.

        A mark between two others that was given elsewhere is among them.
        """
        rule = self._get_scoring_rule()
        if rule.method != "rating" or rule.target is None:
            return []
        marks = get_choices(rule.start or 0, rule.target)
        given = [self.manager_value] if self.manager_set else []
        given += [self.self_value] if self.self_set else []
        if marks:
            marks = sorted({*marks, *given})
        return [(write_number(mark), self._show_number(mark)) for mark in marks]

    def _get_evidence_day(self):
        """The day that evidence is about when nobody says otherwise: today, within the period."""
        review = self.review_id
        return min(max(fields.Date.context_today(self), review.date_from), review.date_to)

    def _get_records_page(self, limit):
        """The records behind the value as far as the reader may see them: rows, and how many.

        :return: ``([name], count)``; None where the line has none to show
        """
        self.ensure_one()
        self.check_access("read")
        self.review_id._note_access("form")
        action = self.metric_id._get_metric_records_action(
            self.employee_id, self.review_id.date_from, self.review_id.date_to
        )
        if not action:
            return None
        Model = self.env[action["res_model"]].with_context(active_test=False)
        records = Model.search(action["domain"], limit=limit)
        count = len(records) if len(records) < limit else Model.search_count(action["domain"])
        return records.mapped("display_name"), count
