from odoo import api, fields, models
from odoo.tools import format_datetime

from ..tools import workflow


class ReportReview(models.AbstractModel):
    """The review of an employee on paper: the figures and sentences of the screen, nothing more."""

    _name = "report.hr_performance.report_review"
    _description = "Performance Review on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        reviews = self.env["hr.performance.review"].browse(docids or [])
        reviews.check_access("read")
        return {
            "doc_ids": reviews.ids,
            "doc_model": reviews._name,
            "docs": reviews,
            "get_values": self._get_values,
        }

    @api.model
    def _get_values(self, review):
        """What the paper says of one review, in the language of the reader."""
        is_final = review.state in workflow.FROZEN_STATES
        # sudo: names only, of records that employees cannot open
        known = review.sudo()
        return {
            "is_final": is_final,
            "company": known.company_id,
            "program": known.program_id.name,
            "cycle": known.cycle_id.name,
            "template": known.template_id.display_name,
            "manager": known.manager_id.name or "",
            "period": review._show_period(),
            "score": review._show_number(review.total) if review.scored else "",
            "appeal_note": review.appeal_note or "",
            "grade": self._get_grade(review, is_final),
            "place": review.rank_display or "" if is_final else "",
            "coverage": review._show_number(review.coverage),
            "explanation": review._explain_total(),
            "lines": [self._get_line_values(line) for line in self._get_lines(review, "metric")],
            "rules": [
                self._get_line_values(line)
                for line in review.line_ids - self._get_lines(review, "metric")
            ],
            "strengths": review.strength_ids.mapped("name"),
            "weaknesses": review.weakness_ids.mapped("name"),
            "version": review.revision_count + 1,
            "as_of": self._get_as_of(review),
            "published_on": self._show_moment(review.published_on),
            "printed_on": self._show_moment(fields.Datetime.now()),
        }

    @api.model
    def _get_lines(self, review, kind):
        return review.line_ids.filtered(lambda line: line.kind == kind)

    @api.model
    def _get_grade(self, review, is_final):
        """The published grade; before that the provisional one, for whoever sees it on screen."""
        if is_final:
            return review.grade_id.name or ""
        may_see = review._has_field_access(review._fields["full_grade_id"], "read")
        return review.full_grade_id.name or "" if may_see else ""

    @api.model
    def _get_line_values(self, line):
        review = line.review_id
        is_metric = line.kind == "metric"
        return {
            "name": line.name,
            "dimension": line.dimension_id.name or "" if is_metric else "",
            "target": line.target_display or "",
            "value": line.actual_display,
            "weight": review._show_number(line.weight) if is_metric else "",
            "points": review._show_number(line.points, not is_metric) if line.scored else "–",
            "steps": line._explain(),
            "self_value": line._show_value(line.self_value) if line.self_set else "",
            "self_comment": line.self_comment or "",
        }

    @api.model
    def _get_as_of(self, review):
        """Until when the records were read, or False where nothing was measured."""
        return self._show_moment(
            max(filter(None, review.line_ids.mapped("measured_on")), default=0)
        )

    @api.model
    def _show_moment(self, moment):
        return format_datetime(self.env, moment, dt_format="short") if moment else ""
