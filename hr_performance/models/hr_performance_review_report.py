from odoo import models


class HrPerformanceReview(models.Model):
    """The review as a document."""

    _inherit = "hr.performance.review"

    def _get_report_filename(self):
        self.ensure_one()
        return self.env._(
            "Review - %(employee)s - %(period)s",
            employee=self.employee_id.name,
            period=self.cycle_id.name,
        )
