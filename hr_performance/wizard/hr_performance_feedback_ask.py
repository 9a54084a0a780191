from odoo import api, fields, models
from odoo.exceptions import UserError


class HrPerformanceFeedbackAsk(models.TransientModel):
    """Ask several people for feedback at once: one request for each."""

    _name = "hr.performance.feedback.ask"
    _description = "Ask for Feedback"

    employee_id = fields.Many2one(
        "hr.employee",
        "About",
        required=True,
        default=lambda self: self.env.user.employee_id,
        ondelete="cascade",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Whom to Ask",
        domain="[('share', '=', False), ('id', '!=', uid)]",
    )
    question = fields.Text()
    metric_id = fields.Many2one("hr.performance.metric", ondelete="cascade")
    dimension_id = fields.Many2one("hr.performance.dimension", ondelete="cascade")
    deadline = fields.Date("Until", required=True, default=lambda self: self._default_deadline())

    @api.model
    def _default_deadline(self):
        return self.env["hr.performance.feedback.request"]._default_deadline()

    def action_ask(self):
        """Send the requests and show them."""
        self.ensure_one()
        self.check_access("read")
        if not self.user_ids:
            raise UserError(self.env._("Choose whom to ask."))
        self.env["hr.performance.feedback.request"].create(
            [
                {
                    "employee_id": self.employee_id.id,
                    "giver_id": user.id,
                    "question": self.question,
                    "metric_id": self.metric_id.id,
                    "dimension_id": self.dimension_id.id,
                    "deadline": self.deadline,
                }
                for user in self.user_ids
            ]
        )
        return self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_feedback_request_action"
        )
