from odoo import api, fields, models


class HrPerformanceReviewLine(models.Model):
    """A line that is disputed, or was changed after an appeal."""

    _inherit = "hr.performance.review.line"

    under_appeal = fields.Boolean(
        readonly=True,
        copy=False,
        help="The points of this line are disputed and held back. The rest of the result stands.",
    )
    appeal_id = fields.Many2one(
        "hr.performance.appeal",
        "Changed after Appeal",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    can_appeal = fields.Boolean(compute="_compute_can_appeal")

    @api.depends("review_id.state", "review_id.appeal_ids.state")
    @api.depends_context("uid")
    def _compute_can_appeal(self):
        for line in self:
            review = line.review_id
            line.can_appeal = review.is_own and not review._get_appeal_problem(line)

    @api.depends("under_appeal", "review_id.appeal_hold", "appeal_id")
    def _compute_explanation(self):
        return super()._compute_explanation()

    def action_appeal(self):
        """Open the form in which the employee writes an appeal against this line."""
        self.ensure_one()
        self.check_access("read")
        action = self.review_id.action_appeal()
        action["context"]["default_line_id"] = self.id
        return action

    def _explain(self):
        steps = super()._explain()
        if self.under_appeal or self.review_id.appeal_hold == "whole":
            text = self.env._("These points are held back until the appeal is answered.")
            steps.insert(0, (self.env._("Under appeal"), text))
        return steps

    def _get_override_title(self):
        if self.appeal_id:
            return self.env._("Changed after an appeal")
        return super()._get_override_title()

    def _get_page_values(self):
        values = super()._get_page_values()
        values["under_appeal"] = self.under_appeal or self.review_id.appeal_hold == "whole"
        return values
