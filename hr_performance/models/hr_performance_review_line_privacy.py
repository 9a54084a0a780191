from odoo import models


class HrPerformanceReviewLine(models.Model):
    """Opening the lines of somebody else is noted with his review."""

    _name = "hr.performance.review.line"
    _inherit = ["hr.performance.review.line", "hr.performance.access.log.mixin"]

    _result_fields = frozenset(
        {"points", "share", "value", "manager_value", "manager_reason", "explanation"}
    )
