from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of performance reviews, of the company that is looked at."""

    _inherit = "res.config.settings"

    performance_channel = fields.Selection(related="company_id.performance_channel", readonly=False)
    performance_digest = fields.Selection(
        related="company_id.performance_digest", readonly=False, required=True
    )
    performance_digest_hour = fields.Float(
        related="company_id.performance_digest_hour", readonly=False
    )
    performance_quiet_from = fields.Float(
        related="company_id.performance_quiet_from", readonly=False
    )
    performance_quiet_to = fields.Float(related="company_id.performance_quiet_to", readonly=False)
