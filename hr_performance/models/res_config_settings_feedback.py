from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    performance_feedback_open = fields.Boolean(
        related="company_id.performance_feedback_open", readonly=False
    )
    performance_feedback_release = fields.Selection(
        related="company_id.performance_feedback_release", readonly=False, required=True
    )
    performance_plan_auto_close = fields.Boolean(
        related="company_id.performance_plan_auto_close", readonly=False
    )
