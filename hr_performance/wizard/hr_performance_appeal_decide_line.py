from odoo import api, fields, models


class HrPerformanceAppealDecideLine(models.TransientModel):
    """A line of the disputed result, with the value that it gets."""

    _name = "hr.performance.appeal.decide.line"
    _description = "Line of an Answer to an Appeal"

    decide_id = fields.Many2one(
        "hr.performance.appeal.decide", required=True, index=True, ondelete="cascade"
    )
    line_id = fields.Many2one(
        "hr.performance.review.line", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(related="line_id.name")
    current_display = fields.Char("Published Value", related="line_id.actual_display")
    target_display = fields.Char("Target", related="line_id.target_display")
    value = fields.Float("New Value", digits=(16, 4))
    given = fields.Boolean("Change")

    @api.onchange("value")
    def _onchange_value(self):
        # Shown is the published value; whoever writes another one means to change it.
        self.given = self.given or self.value != self.line_id.actual
