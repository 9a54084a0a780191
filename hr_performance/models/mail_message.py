from odoo import models


class MailMessage(models.Model):
    """What was said on a record of ours stays as its author said it.

    Core lets everybody who may write a record, or to whom a message went, change or delete the
    messages there. An employee may write his own words in his review, and would rewrite the reasons
    of others with that right.
    """

    _inherit = "mail.message"

    def _get_forbidden_access(self, operation):
        forbidden = super()._get_forbidden_access(operation)
        if operation in ("write", "unlink") and not self.env.su:
            forbidden |= (self - forbidden)._filter_words_of_others()
        return forbidden

    def _filter_words_of_others(self):
        author = self.env.user.partner_id
        # sudo: whose message it is, and on which model
        return (
            self.sudo()
            .filtered(
                lambda m: (m.model or "").startswith("hr.performance.") and m.author_id != author
            )
            .sudo(False)
        )
