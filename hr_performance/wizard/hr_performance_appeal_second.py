from odoo import fields, models


class HrPerformanceAppealSecond(models.TransientModel):
    """Asks the employee why HR should look at the answer."""

    _name = "hr.performance.appeal.second"
    _description = "Appeal to HR"

    appeal_id = fields.Many2one("hr.performance.appeal", required=True, ondelete="cascade")
    reason = fields.Text("Why HR should look at it", required=True)

    def action_confirm(self):
        self.ensure_one()
        # The move checks the rights of the user.
        self.appeal_id._transition("take_to_hr", self.reason)
        return {"type": "ir.actions.act_window_close"}
