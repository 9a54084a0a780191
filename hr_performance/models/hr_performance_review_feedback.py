from odoo import api, fields, models


class HrPerformanceReview(models.Model):
    """Feedback of the period, beside the scores. It changes none of them."""

    _inherit = "hr.performance.review"

    feedback_ids = fields.Many2many(
        "hr.performance.feedback", string="Feedback", compute="_compute_feedback_ids"
    )

    @api.depends("employee_id", "date_from", "date_to")
    @api.depends_context("uid")
    def _compute_feedback_ids(self):
        found = self.env["hr.performance.feedback"]._get_by_review(self)
        for review in self:
            review.feedback_ids = found.get(review, False)

    def _set_state(self, state):
        result = super()._set_state(state)
        if state == "published":
            # sudo: what was held back comes out with the result
            feedback = self.sudo().mapped("feedback_ids")
            feedback.filtered(lambda f: not f.released)._release()
        return result


class HrPerformanceReviewLine(models.Model):
    _inherit = "hr.performance.review.line"

    feedback_ids = fields.Many2many(
        "hr.performance.feedback", string="Feedback", compute="_compute_feedback_ids"
    )
    feedback_count = fields.Integer(compute="_compute_feedback_ids")

    @api.depends("review_id", "metric_id")
    @api.depends_context("uid")
    def _compute_feedback_ids(self):
        found = self.env["hr.performance.feedback"]._get_by_review(self.review_id)
        for line in self:
            period = found.get(line.review_id) or self.env["hr.performance.feedback"]
            line.feedback_ids = period.filtered(
                lambda feedback, line=line: (
                    feedback.metric_id == line.metric_id
                    if feedback.metric_id
                    else feedback.dimension_id and feedback.dimension_id == line.dimension_id
                )
            )
            line.feedback_count = len(line.feedback_ids)
