from odoo import api, fields, models


class HrPerformancePlan(models.Model):
    """From feedback to a plan."""

    _inherit = "hr.performance.plan"

    feedback_id = fields.Many2one(
        "hr.performance.feedback",
        "From Feedback",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model
    def _create_from_feedback(self, feedback):
        """A draft for feedback: with its metric where it has one, else of development."""
        line = self._find_line(feedback)
        subject = feedback.metric_id.name or feedback.dimension_id.name
        plan = self.create(
            {
                **(self._prepare_from_line(line) if line else {}),
                "name": self.env._("Improve: %s", subject)
                if subject
                else self.env._("Plan from the feedback of %s", feedback.giver_id.name),
                "employee_id": feedback.employee_id.id,
                "metric_id": line.metric_id.id,
                "dimension_id": feedback.dimension_id.id,
                "goal": feedback.text,
            }
        )
        # sudo: the links and the number before belong to the engine
        plan.sudo().feedback_id = feedback
        if line:
            plan.sudo()._take_line(line)
        return plan

    @api.model
    def _find_line(self, feedback):
        """The line that measures what the feedback is about: of its time, else the last one."""
        Line = self.env["hr.performance.review.line"].sudo()  # sudo: target and value only
        if not feedback.metric_id:
            return Line.browse()
        lines = Line.search(
            [
                ("employee_id", "=", feedback.employee_id.id),
                ("metric_id", "=", feedback.metric_id.id),
                ("kind", "=", "metric"),
                ("review_id.state", "!=", "cancelled"),
            ],
            order="id desc",
        )
        return lines.sorted(
            lambda line: (
                line.review_id.date_from <= feedback.date <= line.review_id.date_to,
                line.review_id.date_to,
            ),
            reverse=True,
        )[:1]
