from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """Support that was asked for is given when its activity is done."""
        # sudo: requests that hang on these activities, for whoever may do them
        supports = (
            self.env["hr.performance.sales.support"]
            .sudo()
            .search([("activity_id", "in", self.ids), ("state", "=", "asked")])
        )
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        supports._note_done()
        return result

    def unlink(self):
        """Support whose activity is removed is not waited for any more."""
        supports = (
            self.env["hr.performance.sales.support"]
            .sudo()  # sudo: as above
            .search([("activity_id", "in", self.ids), ("state", "=", "asked")])
        )
        result = super().unlink()
        supports.write({"state": "withdrawn"})
        return result
