from odoo import api, fields, models


class HrPerformanceTemplateRule(models.Model):
    """The rule in words, the same as in the explanation of a review line."""

    _inherit = "hr.performance.template.rule"

    explanation = fields.Char("Rule in Words", compute="_compute_explanation")

    @api.depends("rule", "metric_id")
    @api.depends_context("lang")
    def _compute_explanation(self):
        ReviewLine = self.env["hr.performance.review.line"]
        for rule in self:
            if rule.metric_id and rule.amount:
                words = ReviewLine.new({"metric_id": rule.metric_id.id, "rule": rule.rule})
                rule.explanation = words._explain_adjustment()[0][1]
            else:
                rule.explanation = False
