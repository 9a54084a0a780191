from odoo import api, models

from ..tools.outbox import Outcome


class HrPerformanceChannelEmail(models.AbstractModel):
    """Messages by e-mail. They are put into Odoo's queue of mails; how that ended is fetched."""

    _name = "hr.performance.channel.email"
    _inherit = "hr.performance.channel"
    _description = "Channel: E-mail"

    _is_outside = False

    @api.model
    def _get_reachable(self, users):
        return users.filtered("email")

    @api.model
    def _send(self, messages):
        mails = self.env["mail.mail"].create(
            [
                {
                    "message_type": "user_notification",
                    "is_internal": True,
                    "subject": message.raw_subject,
                    "body_html": self._get_body(message),
                    "email_from": message.company_id.email_formatted
                    or self.env.ref("base.partner_root").email_formatted,
                    "recipient_ids": message.user_id.partner_id.ids,
                    # kept until the outcome is noted
                    "auto_delete": False,
                }
                for message in messages
            ]
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        return {
            message: Outcome("accepted", reference=str(mail.id))
            for message, mail in zip(messages, mails, strict=True)
        }

    @api.model
    def _fetch(self, messages):
        by_id = {int(message.reference): message for message in messages}
        mails = self.env["mail.mail"].browse(by_id).exists()
        outcomes = {}
        for mail in mails:
            message = by_id[mail.id]
            if mail.state in ("sent", "received"):
                outcomes[message] = Outcome("sent")
            elif mail.state in ("exception", "cancel"):
                reason = mail.failure_reason or self.env._("The e-mail was cancelled.")
                outcomes[message] = Outcome("failed", reason)
        lost = self.env._("The e-mail is no longer in the queue.")
        for mail_id in by_id.keys() - set(mails.ids):
            outcomes[by_id[mail_id]] = Outcome("unknown", lost)
        # The text stays in one place only, where its readers are checked; and a mail that failed
        # is not sent a second time from the queue of mails.
        self.env["mail.mail"].browse(int(m.reference) for m in outcomes).exists().unlink()
        return outcomes

    @api.model
    def _get_body(self, message):
        message = message.with_context(lang=message.lang)
        return message.env["ir.qweb"]._render(
            "hr_performance.message_mail",
            {"paragraphs": message.raw_body.split("\n"), "url": message._get_url()},
            lang=message.lang,
        )
