from odoo import fields, models


class HrPerformanceScore(models.TransientModel):
    """Gives several people the same value on a metric, with the same reason."""

    _name = "hr.performance.score"
    _description = "Same Value for All"

    line_ids = fields.Many2many(
        "hr.performance.review.line",
        string="Lines",
        required=True,
        default=lambda self: self._default_line_ids(),
    )
    value = fields.Float(required=True, digits=(16, 4))
    reason = fields.Text(required=True)

    def _default_line_ids(self):
        if self.env.context.get("active_model") != "hr.performance.review.line":
            return False
        return self.env.context.get("active_ids")

    def action_confirm(self):
        self.ensure_one()
        # The lines check the rights of the user, each of them.
        self.line_ids.write({"manager_value": self.value, "manager_reason": self.reason})
        return {"type": "ir.actions.act_window_close"}
