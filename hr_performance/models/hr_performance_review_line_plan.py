from odoo import fields, models


class HrPerformanceReviewLine(models.Model):
    """From a weak line to a plan."""

    _inherit = "hr.performance.review.line"

    plan_ids = fields.One2many("hr.performance.plan", "review_line_id", "Plans")

    def action_create_plan(self):
        """Make a plan for this line, or open the one that it has already."""
        self.ensure_one()
        self.check_access("read")
        plan = self.plan_ids[:1] or self.env["hr.performance.plan"]._create_from_line(self)
        return plan.action_open()
