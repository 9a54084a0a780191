from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command


class HrPerformanceAppealDecide(models.TransientModel):
    """The answer to an appeal: the result stands, or lines get another value, with the reason."""

    _name = "hr.performance.appeal.decide"
    _description = "Answer to an Appeal"

    appeal_id = fields.Many2one("hr.performance.appeal", required=True, ondelete="cascade")
    reason = fields.Text("The Employee Writes", compute="_compute_reason")
    outcome = fields.Selection(
        [("upheld", "The result stands"), ("changed", "The result is changed")], required=True
    )
    answer = fields.Text(required=True)
    line_ids = fields.One2many(
        "hr.performance.appeal.decide.line",
        "decide_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    current_total = fields.Float("Published Score", compute="_compute_total", digits=(8, 2))
    new_total = fields.Float("New Score", compute="_compute_total", digits=(8, 2))

    @api.depends("appeal_id")
    def _compute_reason(self):
        for wizard in self:
            appeal = wizard.appeal_id
            wizard.reason = appeal.second_reason or appeal.reason

    @api.depends("appeal_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard._check_decider()
            # sudo: the right to decide was checked; the lines are those of the disputed result
            appeal = wizard.appeal_id.sudo()
            lines = appeal.review_id._get_changeable_lines(appeal)
            wizard.line_ids = [Command.clear()] + [
                Command.create({"line_id": line.id, "value": line.actual, "given": False})
                for line in lines
            ]

    @api.depends("line_ids.value", "line_ids.given", "appeal_id")
    def _compute_total(self):
        for wizard in self:
            wizard._check_decider()
            review = wizard.appeal_id.sudo().review_id  # sudo: rules of scoring, checked above
            wizard.current_total = review.total
            wizard.new_total = (
                review._get_total_after(wizard._get_values()) if review else 0
            ) or 0.0

    def _check_decider(self):
        """Who cannot decide learns nothing of the result by this form."""
        if self.appeal_id and not self.appeal_id.can_decide and not self.env.su:
            raise AccessError(self.env._("You are not entitled to answer this appeal."))

    def _get_values(self):
        """``{line id: value}`` of the lines that get another value."""
        return {line.line_id.id: line.value for line in self.line_ids if line.given}

    def action_confirm(self):
        self.ensure_one()
        values = self._get_values() if self.outcome == "changed" else None
        # The move checks the rights of the user.
        self.appeal_id._decide(self.outcome, self.answer, values)
        return {"type": "ir.actions.act_window_close"}
