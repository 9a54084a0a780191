from odoo import models

#: Written by the chatter and the activities on behalf of the reader.
MAIL_FIELDS = {"message_follower_ids", "message_ids", "activity_ids", "message_main_attachment_id"}


class HrPerformanceThreadMixin(models.AbstractModel):
    """The conversation on a record about a person: whoever reads the record takes part in it.

    What was said stays as its author said it (see ``mail.message``). Whoever wrote once follows the
    record; when he loses access to it, a former manager above all, he is told no more.
    """

    _name = "hr.performance.thread.mixin"
    _description = "Conversation about a Person"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Leave out followers who may not read the record; who is named on purpose is told."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        # sudo: to whom the message is addressed
        named = (msg_vals or {}).get("partner_ids", message.sudo().partner_ids.ids)
        return [
            data
            for data in recipients
            if not data["is_follower"] or data["id"] in named or self._is_reader(data)
        ]

    def _is_reader(self, recipient):
        """Whether a recipient, as mail describes him, may read the record."""
        user = self.env["res.users"].browse(recipient["uid"])
        # sudo: in which companies he works, who need not be those of whoever writes
        context = {"allowed_company_ids": user.sudo().company_ids.ids}
        return bool(user) and self.with_user(user).with_context(**context).has_access("read")
