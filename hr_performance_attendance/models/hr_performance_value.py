from odoo import fields, models


class HrPerformanceValue(models.Model):
    _inherit = "hr.performance.value"

    reason = fields.Selection(
        selection_add=[("no_schedule", "No fixed working hours in the period")],
        ondelete={"no_schedule": "set null"},
    )
