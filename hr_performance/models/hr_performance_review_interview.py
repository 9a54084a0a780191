from odoo import api, fields, models
from odoo.exceptions import AccessError


class HrPerformanceReview(models.Model):
    """The talks about a review."""

    _inherit = "hr.performance.review"

    interview_ids = fields.One2many("hr.performance.interview", "review_id")
    interview_count = fields.Integer(
        compute="_compute_interview_count", export_string_translation=False
    )

    can_plan_interview = fields.Boolean(compute="_compute_can_plan_interview")

    @api.depends("state", "employee_id", "manager_id")
    @api.depends_context("uid")
    def _compute_can_plan_interview(self):
        for review in self:
            review.can_plan_interview = bool(review._get_roles() & {"manager", "hr", "system"})

    def _compute_interview_count(self):
        counts = dict(
            self.env["hr.performance.interview"]._read_group(
                [("review_id", "in", self.ids), ("state", "!=", "cancelled")],
                ["review_id"],
                ["__count"],
            )
        )
        for review in self:
            review.interview_count = counts.get(review, 0)

    def action_plan_interview(self):
        """Open the form in which the manager plans a talk about this review."""
        self.ensure_one()
        self.check_access("read")
        if not self._get_roles() & {"manager", "hr", "system"}:
            raise AccessError(
                self.env._("Interviews are planned by the manager or HR, not by oneself.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Interview"),
            "res_model": "hr.performance.interview",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {"default_review_id": self.id},
        }

    def action_view_interviews(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_interview_action"
        )
        return dict(
            action, domain=[("review_id", "=", self.id)], context={"default_review_id": self.id}
        )

    def _get_page_values(self):
        """The own page leads to the interviews that were not cancelled."""
        interviews = self.interview_ids._filtered_access("read")
        shown = interviews.filtered(lambda interview: interview.state != "cancelled")
        values = super()._get_page_values()
        values["interviews"] = [interview._get_page_values() for interview in shown]
        return values
