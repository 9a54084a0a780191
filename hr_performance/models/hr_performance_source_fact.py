from odoo import api, models

from ..tools.rows import Rows


class HrPerformanceSourceFact(models.AbstractModel):
    """Rows that came from outside, added up like any other records."""

    _name = "hr.performance.source.fact"
    _inherit = ["hr.performance.source.model"]
    _description = "Metric Source: Imported Rows"

    @api.model
    def _get_rows(self, metric):
        aggregate = metric.aggregate or "sum"
        return Rows(
            model="hr.performance.fact",
            domain=[("metric_id", "=", metric.id)],
            date_path="date",
            employee_path="employee_id",
            aggregate=aggregate,
            measure="value",
            weighted=("weighted_value", "weight") if aggregate == "avg" else None,
        )

    @api.model
    def _get_divisor_rows(self, metric):
        return None

    @api.model
    def _check_config(self, metric):
        """Nothing can be wrong: every calculation works on every value."""
