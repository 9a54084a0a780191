from odoo import api, models

from ..tools.rows import Rows


class HrPerformanceSourceEvidence(models.AbstractModel):
    """What employees submitted for a metric and their managers accepted."""

    _name = "hr.performance.source.evidence"
    _inherit = ["hr.performance.source.model"]
    _description = "Metric Source: Evidence"

    @api.model
    def _get_rows(self, metric):
        return Rows(
            model="hr.performance.evidence",
            domain=[("metric_id", "=", metric.id), ("state", "=", "accepted")],
            date_path="date",
            employee_path="employee_id",
            aggregate=metric.aggregate or "sum",
            measure="quantity",
        )

    @api.model
    def _get_divisor_rows(self, metric):
        return None

    @api.model
    def _check_config(self, metric):
        """Nothing can be wrong: every calculation works on every quantity."""
