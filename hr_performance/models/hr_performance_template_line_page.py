from odoo import api, fields, models


class HrPerformanceTemplateLine(models.Model):
    """The line in words, the same as in the explanation of a review line."""

    _inherit = "hr.performance.template.line"

    unit_display = fields.Char("Unit", compute="_compute_unit_display")
    explanation = fields.Char("Rule in Words", compute="_compute_explanation")

    @api.depends("metric_id")
    @api.depends_context("lang")
    def _compute_unit_display(self):
        units = dict(
            self.env["hr.performance.metric"]._fields["unit"]._description_selection(self.env)
        )
        for line in self:
            metric = line.metric_id
            if metric.unit == "custom":
                line.unit_display = metric.unit_label
            else:
                line.unit_display = units.get(metric.unit)

    @api.depends("rule", "target", "has_start", "start_value", "weight", "metric_id")
    @api.depends_context("lang")
    def _compute_explanation(self):
        ReviewLine = self.env["hr.performance.review.line"]
        for line in self:
            words = ReviewLine.new({"metric_id": line.metric_id.id})
            line.explanation = words._explain_rule(line._get_rule()) if line.metric_id else False
