from odoo import api, models


class HrPerformanceProgram(models.Model):
    """The empty list of programmes offers the assistant."""

    _inherit = "hr.performance.program"

    @api.model
    def get_empty_list_help(self, help_message):
        offer = self.env["hr.performance.cycle"]._offer_setup(help_message)
        return super().get_empty_list_help(offer)
