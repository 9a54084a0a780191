from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: How long a form may be sent again without effect.
KEPT_DAYS = 7


class HrPerformancePhoneForm(models.Model):
    """Keys of the forms that were taken, so that none is taken twice.

    A phone sends again when the answer got lost on the way, and people tap twice. The key is
    written together with what the form does: what is refused or fails leaves no key.
    """

    _name = "hr.performance.phone.form"
    _description = "Form Taken"
    _log_access = False

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    key = fields.Char(required=True, readonly=True)
    taken_on = fields.Datetime(required=True, readonly=True, index=True)

    _key_unique = models.UniqueIndex("(user_id, key)", "This form was sent already.")

    @api.model
    def _take(self, key):
        """Remember the key for the current user: False when it was there already.

        Two requests at the same moment: the second one waits here for the first, then is retried.
        """
        self.env.cr.execute(
            SQL(
                """INSERT INTO hr_performance_phone_form (user_id, key, taken_on)
                        VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING id""",
                self.env.uid,
                key[:64],
                fields.Datetime.now(),
            )
        )
        return bool(self.env.cr.fetchone())

    @api.autovacuum
    def _gc_forms(self):
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        # sudo: the scheduled job belongs to the system
        self.sudo().search([("taken_on", "<", limit)], limit=10_000).unlink()
