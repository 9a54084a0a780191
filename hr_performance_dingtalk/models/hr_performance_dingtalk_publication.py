from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.hr_performance_im.tools.digest import make_digest


class HrPerformanceDingtalkPublication(models.Model):
    """One result that was handed over to DingTalk, and what became of it.

    The same result is handed over once. One whose answer was lost stays unknown until somebody has
    looked there; a result that changed afterwards is handed over again.
    """

    _name = "hr.performance.dingtalk.publication"
    _description = "Result Handed Over to DingTalk"
    _order = "id desc"
    _log_access = False

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    review_id = fields.Many2one(
        "hr.performance.review", required=True, index=True, ondelete="cascade"
    )
    digest = fields.Char(required=True, export_string_translation=False)
    state = fields.Selection(
        [("sending", "Being Sent"), ("sent", "Handed Over"), ("unknown", "Unknown")],
        required=True,
    )
    sent_on = fields.Datetime()

    _review_unique = models.UniqueIndex("(connection_id, review_id)")

    @api.depends("review_id")
    def _compute_display_name(self):
        for publication in self:
            publication.display_name = publication.review_id.display_name

    @api.model
    def _note_apart(self, connection, batch, state):
        """Note what becomes of results in a short transaction of its own.

        :param batch: list of pairs (review, ``tools.outward.PerformanceRecord``)
        :param state: None to forget that they were being sent, for they were refused
        """
        ids = [review.id for review, _record in batch]
        with self.env.registry.cursor() as cr:
            if state is None:
                cr.execute(
                    SQL(
                        """DELETE FROM hr_performance_dingtalk_publication
                            WHERE connection_id = %s AND review_id = ANY(%s)""",
                        connection.id,
                        ids,
                    )
                )
                return
            cr.execute(
                SQL(
                    """INSERT INTO hr_performance_dingtalk_publication
                              (connection_id, company_id, review_id, digest, state, sent_on)
                       SELECT %(connection)s, %(company)s, review_id, digest, %(state)s, %(now)s
                         FROM unnest(%(ids)s::int[], %(digests)s::text[]) AS n(review_id, digest)
                  ON CONFLICT (connection_id, review_id)
                DO UPDATE SET digest = excluded.digest, state = excluded.state,
                              sent_on = excluded.sent_on""",
                    connection=connection.id,
                    company=connection.company_id.id,
                    state=state,
                    now=fields.Datetime.now(),
                    ids=ids,
                    digests=[make_digest(record._asdict()) for _review, record in batch],
                )
            )

    def action_send_again(self):
        """Hand over again what may have been lost, after looking at DingTalk."""
        self.check_access("read")
        self.connection_id.check_access("write")
        # sudo: nobody has write access to publications, the right is that of the connection
        self.sudo().filtered(lambda publication: publication.state == "unknown").unlink()
        return True
