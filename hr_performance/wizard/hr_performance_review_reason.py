from odoo import fields, models

from ..tools import workflow


class HrPerformanceReviewReason(models.TransientModel):
    """Asks for the reason of a move that takes something back."""

    _name = "hr.performance.review.reason"
    _description = "Reason"

    review_ids = fields.Many2many("hr.performance.review", required=True)
    transition = fields.Selection(
        selection=lambda self: [
            (name, name) for name, move in workflow.TRANSITIONS.items() if move.needs_reason
        ],
        required=True,
    )
    reason = fields.Text(required=True)

    def action_confirm(self):
        self.ensure_one()
        # The move checks the rights of the user on each review.
        self.review_ids._transition(self.transition, self.reason)
        return {"type": "ir.actions.act_window_close"}
