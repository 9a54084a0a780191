from odoo import models

from ..tools import workflow


class HrPerformanceReviewLine(models.Model):
    """A line on the page of the employee whom it is about."""

    _inherit = "hr.performance.review.line"

    def action_add_evidence(self):
        """The form in which the employee shows what he did for this line."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Evidence for %s", self.name),
            "res_model": "hr.performance.evidence",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_review_line_id": self.id},
        }

    def action_submit_reviews(self):
        """Submit the scores of the reviews that these lines belong to."""
        return self.review_id.action_submit_scores()

    def _word_target(self):
        """``conversion 40 %``, for a sentence."""
        self.ensure_one()
        target = self._show_value(self.target)
        if (self.rule or {}).get("direction") == "lower":
            return self.env._("%(metric)s at most %(target)s", metric=self.name, target=target)
        return self.env._("%(metric)s %(target)s", metric=self.name, target=target)

    def _word_progress(self, env):
        """``visits 8 (≥ 20); quality 3.8 (≥ 4.2)``, for a reader."""
        return "; ".join(
            f"{line.name} {line.actual_display} ({line.target_display})"
            for line in self.with_env(env)
        )

    def _get_page_values(self):
        self.ensure_one()
        review = self.review_id
        is_metric = self.kind == "metric"
        live = review.state in workflow.LIVE_STATES
        return {
            "id": self.id,
            "name": self.name,
            "description": self.metric_id.description or "",
            "dimension": self.dimension_id.name or "",
            "kind": self.kind,
            "value": self.actual_display,
            "target": self.target_display or "",
            "known": self.is_known,
            "scored": self.scored,
            "excluded": self.excluded,
            "behind": self.behind,
            "met": self.met,
            "points": review._show_number(self.points, not is_metric) if self.scored else "",
            "weight": review._show_number(self.weight) if is_metric else "",
            "percent": min(max(self.share, 0), 100) if self.scored and is_metric else 0,
            "steps": self._explain(),
            "has_records": self.sample > 0 and self.metric_id.has_records,
            "can_add_evidence": self.source == "evidence" and live and is_metric,
            "can_assess": review.can_edit_self and is_metric and self.source == "manual",
            "self_value": self.self_value if self.self_set else None,
            "self_comment": self.self_comment or "",
            "evidence": [evidence._get_page_values() for evidence in self.evidence_ids],
        }
