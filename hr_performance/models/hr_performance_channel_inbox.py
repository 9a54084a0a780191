from odoo import api, models
from odoo.tools import plaintext2html

from odoo.addons.mail.tools.discuss import Store

from ..tools.outbox import Outcome


class HrPerformanceChannelInbox(models.AbstractModel):
    """Messages in the inbox of Odoo, for people who handle their notifications there."""

    _name = "hr.performance.channel.inbox"
    _inherit = "hr.performance.channel"
    _description = "Channel: Odoo Inbox"

    _is_outside = False

    @api.model
    def _get_reachable(self, users):
        return users.filtered(lambda user: user.notification_type == "inbox")

    @api.model
    def _send(self, messages):
        """Two rows for each message instead of the many queries of ``message_notify``.

        A "user notification" is seen by its reader alone, also on a record that others read.
        """
        author = self.env.ref("base.partner_root")
        note = self.env.ref("mail.mt_note")
        mails = self.env["mail.message"].create(
            [
                {
                    "message_type": "user_notification",
                    "is_internal": True,
                    "subtype_id": note.id,
                    "author_id": author.id,
                    "email_from": author.email_formatted,
                    "model": message.res_model,
                    "res_id": message.res_id,
                    "subject": message.raw_subject,
                    "body": plaintext2html(message.raw_body),
                    "partner_ids": message.user_id.partner_id.ids,
                    "reply_to": author.email_formatted,
                }
                for message in messages
            ]
        )
        self.env["mail.notification"].create(
            [
                {
                    "author_id": author.id,
                    "mail_message_id": mail.id,
                    "notification_status": "sent",
                    "notification_type": "inbox",
                    "res_partner_id": message.user_id.partner_id.id,
                }
                for message, mail in zip(messages, mails, strict=True)
            ]
        )
        self._show_counters(messages.user_id)
        return {
            message: Outcome("sent", reference=str(mail.id))
            for message, mail in zip(messages, mails, strict=True)
        }

    @api.model
    def _show_counters(self, users):
        """Let the counters of the inbox rise where it is open."""
        unread = dict(
            self.env["mail.notification"]._read_group(
                [("res_partner_id", "in", users.partner_id.ids), ("is_read", "=", False)],
                ["res_partner_id"],
                ["__count"],
            )
        )
        for user in users:
            count = unread.get(user.partner_id, 0)
            box = {"id": "inbox", "model": "mail.box", "counter": count}
            Store(bus_channel=user).add_global_values(inbox=box).bus_send()
