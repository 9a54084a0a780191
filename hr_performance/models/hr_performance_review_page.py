from odoo import api, fields, models
from odoo.fields import Domain


class HrPerformanceReview(models.Model):
    """What the screens ask of a review: whose turn it is, and an employee's own page."""

    _inherit = "hr.performance.review"

    is_my_turn = fields.Boolean(
        compute="_compute_is_my_turn",
        search="_search_is_my_turn",
        export_string_translation=False,
    )
    evidence_count = fields.Integer(
        compute="_compute_evidence_count", export_string_translation=False
    )

    @api.depends("state", "employee_id", "manager_id")
    @api.depends_context("uid")
    def _compute_is_my_turn(self):
        mine = self.search(Domain("id", "in", self.ids) & self._get_my_turn_domain())
        for review in self:
            review.is_my_turn = review in mine

    def _search_is_my_turn(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_my_turn_domain()

    @api.model
    def _get_my_turn_domain(self):
        """Reviews that wait for the current user: as employee, manager or responsible."""
        own = Domain("state", "in", ("goal", "self")) & Domain("is_own", "=", True)
        team = Domain("state", "=", "manager") & Domain("has_manager_access", "=", True)
        # sudo: ids of programmes, which managers cannot open
        cycles = (
            self.env["hr.performance.cycle"]
            .sudo()
            ._search([("program_id.user_id", "=", self.env.uid)])
        )
        responsible = Domain("state", "in", ("calibration", "ready"))
        responsible &= Domain("cycle_id", "in", cycles) & Domain("is_own", "=", False)
        return own | team | responsible

    def _compute_evidence_count(self):
        counts = dict(
            self.env["hr.performance.evidence"]._read_group(
                [("review_id", "in", self.ids)], ["review_id"], ["__count"]
            )
        )
        for review in self:
            review.evidence_count = counts.get(review, 0)

    def action_view_evidence(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_evidence_action"
        )
        return dict(action, domain=[("review_id", "=", self.id)], context={})
