from odoo import fields, models
from odoo.fields import Domain


class HrPerformanceReview(models.Model):
    """The 360° review of a review, as far as the reader may see it."""

    _inherit = "hr.performance.review"

    poll_ids = fields.One2many("hr.performance.poll", "review_id", "360° Review")
    peer_result_ids = fields.One2many("hr.performance.poll.result", "review_id")
    peer_summary = fields.Html(
        "360° Result", compute="_compute_peer_summary", sanitize=False, readonly=True
    )

    def _compute_peer_summary(self):
        """A table for each review, from the rows that the reader may see; False without any."""
        results = self.env["hr.performance.poll.result"].search(Domain("review_id", "in", self.ids))
        by_review = results.grouped("review_id")
        for review in self:
            rows = by_review.get(review)
            review.peer_summary = rows and rows._render_summary()

    def _open_peer_polls(self):
        # sudo: polls are opened by the engine
        self.env["hr.performance.poll"].sudo()._open_peer(
            self.filtered(lambda review: review.state != "cancelled")
        )
