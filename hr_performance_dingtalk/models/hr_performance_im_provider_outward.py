from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.digest import make_digest

from ..tools.outward import PerformanceRecord

STEP = 50


class HrPerformanceImProviderDingtalk(models.AbstractModel):
    """Results of closed reviews for DingTalk's own performance product; off unless wanted."""

    _inherit = "hr.performance.im.provider.dingtalk"

    @api.model
    def _get_default_schedule(self):
        row = {"kind": "outward", "interval": 24, "sequence": 60, "active": False}
        return [*super()._get_default_schedule(), row]

    @api.model
    def _plan(self, run):
        if run.kind != "outward":
            return super()._plan(run)
        return -(-len(self._get_unpublished(run.connection_id)) // STEP)

    @api.model
    def _check_publishing(self, connection):
        if not connection.dingtalk_publish:
            raise UserError(
                self.env._("Publishing results to DingTalk is off. Allow it on the connection.")
            )

    @api.model
    def _step_outward(self, run, client):
        """Hand over the next results.

        That they are being sent is noted by a transaction of its own before the call. Whatever a
        later run finds in that state was interrupted: unknown, and not repeated.
        """
        connection = run.connection_id
        self._check_publishing(connection)
        publications = self.env["hr.performance.dingtalk.publication"]
        if not run.position:
            interrupted = [("connection_id", "=", connection.id), ("state", "=", "sending")]
            publications.search(interrupted).state = "unknown"
            run.position = {"begun": True}
            return False
        batch = self._get_unpublished(connection)[:STEP]
        if not batch:
            return True
        publications._note_apart(connection, batch, "sending")
        try:
            client.outward.import_records([record for _review, record in batch])
        except errors.OutcomeUnknown as error:
            publications._note_apart(connection, batch, "unknown")
            run._note(self._read_error(error))
        except errors.ApiError:
            publications._note_apart(connection, batch, None)
            raise
        else:
            publications._note_apart(connection, batch, "sent")
            run._count(created=len(batch))
        return False

    @api.model
    def _get_unpublished(self, connection):
        """Pairs (review, record) of closed results that DingTalk does not have as they are."""
        reviews = self.env["hr.performance.review"].search(
            [("company_id", "=", connection.company_id.id), ("state", "=", "closed")], order="id"
        )
        records = self._get_records(connection, reviews)
        known = {
            publication.review_id.id: publication
            for publication in self.env["hr.performance.dingtalk.publication"].search(
                [("connection_id", "=", connection.id), ("review_id", "in", reviews.ids)]
            )
        }
        return [
            (review, records[review.id])
            for review in reviews
            if review.id in records
            and (
                review.id not in known
                or known[review.id].state == "sent"
                and known[review.id].digest != make_digest(records[review.id]._asdict())
            )
        ]

    @api.model
    def _get_records(self, connection, reviews):
        """``{review id: PerformanceRecord}`` of those whose employee is known in DingTalk."""
        identities = self.env["hr.performance.im.identity"].search(
            [
                ("connection_id", "=", connection.id),
                ("employee_id", "in", reviews.employee_id.ids),
            ]
        )
        keys = {identity.employee_id.id: identity.external_id for identity in identities}
        return {
            review.id: PerformanceRecord(
                user_id=keys[review.employee_id.id],
                name=review.employee_id.name,
                plan_name=review.cycle_id.program_id.name,
                period=review.cycle_id.name or review.cycle_id.display_name,
                date_from=str(review.date_from),
                date_to=str(review.date_to),
                score=f"{review.total:.2f}",
                grade=review.grade_id.name or "",
            )
            for review in reviews
            if review.employee_id.id in keys and review.scored
        }
