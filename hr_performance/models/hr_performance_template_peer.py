from odoo import fields, models


class HrPerformanceTemplate(models.Model):
    """The questions that 360° reviews ask about people of this template."""

    _inherit = "hr.performance.template"

    question_ids = fields.One2many(
        "hr.performance.question", "template_id", "360° Questions", copy=True
    )

    def write(self, vals):
        if "question_ids" in vals:
            self._check_not_used()
        return super().write(vals)
