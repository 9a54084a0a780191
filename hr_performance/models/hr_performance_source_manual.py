from odoo import api, models

from ..tools.measurement import unknown


class HrPerformanceSourceManual(models.AbstractModel):
    """The manager enters the number on the review; until then it is unknown."""

    _name = "hr.performance.source.manual"
    _inherit = ["hr.performance.source"]
    _description = "Metric Source: Entered by the Manager"

    @api.model
    def _collect(self, metric, employees, date_from, date_to):
        return dict.fromkeys(employees.ids, unknown("not_entered"))
