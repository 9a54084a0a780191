from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    # Contacts with customers of a period, out of all messages there are: core has no index on the
    # date of a message.
    _performance_contact_idx = models.Index(
        "(model, date) WHERE model IN ('crm.lead', 'sale.order', 'res.partner')"
        " AND (mail_activity_type_id IS NOT NULL OR message_type IN ('comment', 'email'))"
    )
