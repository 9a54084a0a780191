from odoo import api, fields, models

from .res_company import DIGEST_RHYTHMS


class ResUsers(models.Model):
    """How a reader wants to be told; the company's choice where it is empty."""

    _inherit = "res.users"

    performance_channel = fields.Selection(
        selection="_selection_performance_channel",
        string="Performance Messages",
        help="Where messages about performance reviews arrive. Empty: as the company sets.",
    )
    performance_digest = fields.Selection(
        DIGEST_RHYTHMS,
        "Several Performance Messages",
        help="Whether tasks and reminders come as they arise, or once a day in one message. "
        "Empty: as the company sets.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["performance_channel", "performance_digest"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["performance_channel", "performance_digest"]

    @api.model
    def _selection_performance_channel(self):
        return self.env["hr.performance.message.type"]._selection_channel()
