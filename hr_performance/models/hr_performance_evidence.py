from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import workflow

#: What the employee writes himself, until it is decided.
SUBJECT_FIELDS = {"date", "description", "quantity", "attachment_ids"}
#: What the manager or HR writes before deciding.
DECIDER_FIELDS = {"decision_reason"}
#: What only a decision writes.
DECISION_FIELDS = {"state", "decided_by_id", "decided_on"}


class HrPerformanceEvidence(models.Model):
    """What an employee shows for a line of his review; accepted quantities count.

    The employee submits, changes and takes back his own while nothing is decided and the review is
    live. His manager or HR accepts or refuses; nobody decides about himself.
    """

    _name = "hr.performance.evidence"
    _inherit = ["hr.performance.access.mixin", "hr.performance.attachment.mixin"]
    _description = "Performance Evidence"
    _order = "date desc, id desc"

    review_line_id = fields.Many2one(
        "hr.performance.review.line", "Metric Line", required=True, index=True, ondelete="cascade"
    )
    review_id = fields.Many2one(
        related="review_line_id.review_id", store=True, index=True, precompute=True
    )
    metric_id = fields.Many2one(related="review_line_id.metric_id", store=True, precompute=True)
    employee_id = fields.Many2one(
        related="review_line_id.employee_id", store=True, index=True, precompute=True
    )
    manager_id = fields.Many2one(related="review_id.manager_id", store=True, precompute=True)
    company_id = fields.Many2one(
        related="review_line_id.company_id", store=True, index=True, precompute=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    description = fields.Text(required=True, help="What was done, for whom, with what result.")
    quantity = fields.Float(
        default=1.0,
        required=True,
        aggregator="sum",
        help="How much it counts: hours, times, pieces.",
    )
    state = fields.Selection(
        [("submitted", "Submitted"), ("accepted", "Accepted"), ("refused", "Refused")],
        default="submitted",
        required=True,
        copy=False,
        index=True,
    )
    decided_by_id = fields.Many2one("res.users", "Decided by", copy=False, ondelete="set null")
    decided_on = fields.Datetime(copy=False)
    decision_reason = fields.Char("Reason", copy=False, help="The employee reads it.")
    can_edit = fields.Boolean(compute="_compute_can")
    can_decide = fields.Boolean(compute="_compute_can")

    _accepted_idx = models.Index("(metric_id, date, employee_id) WHERE state = 'accepted'")
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity must be above zero."
    )

    @api.depends("state", "review_id.state", "employee_id")
    @api.depends_context("uid")
    def _compute_can(self):
        for evidence in self:
            evidence.can_edit = not evidence._get_edit_problem()
            evidence.can_decide = not evidence._get_decision_problem()

    @api.depends("metric_id", "date")
    def _compute_display_name(self):
        for evidence in self:
            evidence.display_name = self.env._(
                "%(metric)s, %(date)s",
                metric=evidence.metric_id.display_name,
                date=fields.Date.to_string(evidence.date),
            )

    @api.constrains("date", "review_line_id")
    def _check_date(self):
        for evidence in self:
            review = evidence.review_id
            if not review.date_from <= evidence.date <= review.date_to:
                raise ValidationError(
                    self.env._(
                        "The date must lie in the period of the review, %(date_from)s to "
                        "%(date_to)s.",
                        date_from=review.date_from,
                        date_to=review.date_to,
                    )
                )

    @api.onchange("review_line_id")
    def _onchange_review_line_id(self):
        review = self.review_line_id.review_id
        if review and self.date:
            self.date = min(max(self.date, review.date_from), review.date_to)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        evidences = super().create(vals_list)
        evidences._check_editable()
        if any(evidence.decision_reason for evidence in evidences):
            evidences._check_decidable()
        evidences._take_attachments()
        return evidences

    def write(self, vals):
        if not self.env.su:
            if vals.keys() & DECIDER_FIELDS:
                self._check_decidable()
            if vals.keys() - DECIDER_FIELDS:
                self._check_editable()
            if vals.keys() - SUBJECT_FIELDS - DECIDER_FIELDS:
                raise AccessError(
                    self.env._("Evidence stays with its line. Take it back and submit it again.")
                )
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._take_attachments()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_editable()

    @api.model
    def _has_field_access(self, field, operation):
        """What decides about evidence is written by the two buttons alone."""
        if operation == "write" and field.name in DECISION_FIELDS and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_accept(self):
        """Let the quantity count; for the manager or HR, never for the employee himself."""
        return self._decide("accepted")

    def action_refuse(self):
        """Let it not count, with the reason that the employee reads."""
        if any(not (evidence.decision_reason or "").strip() for evidence in self):
            raise UserError(self.env._("Write the reason first. The employee reads it."))
        return self._decide("refused")

    def _decide(self, state):
        self.check_access("write")
        self._check_decidable()
        # sudo: the right was checked; the fields of a decision are written nowhere else
        evidences = self.sudo()
        evidences.write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
            }
        )
        evidences.review_id._refresh()
        evidences._notify_decision()
        return True

    def _notify_decision(self):
        """Tell each employee on his review what was decided."""
        states = dict(self._fields["state"]._description_selection(self.env))
        for review, evidences in self.grouped("review_id").items():
            lines = [
                self.env._(
                    "%(metric)s, %(date)s: %(state)s. %(reason)s",
                    metric=evidence.metric_id.name,
                    date=evidence.date,
                    state=states[evidence.state],
                    reason=evidence.decision_reason or "",
                ).strip()
                for evidence in evidences
            ]
            review.message_post(
                body="\n".join(lines),
                message_type="notification",
                partner_ids=review.employee_id.user_id.partner_id.ids,
                author_id=self.env.user.partner_id.id,
            )

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def _get_edit_problem(self):
        """Why the current user cannot change the evidence, in a sentence; False if he can."""
        self.ensure_one()
        if self.env.su:
            return False
        if not self.is_own:
            return self.env._("Only the employee himself submits and changes evidence.")
        # sudo: the state of the review only
        if self.sudo().review_id.state not in workflow.LIVE_STATES:
            return self.env._("The review does not take evidence any more.")
        if self.state != "submitted":
            return self.env._("The evidence is decided.")
        return False

    def _get_decision_problem(self):
        """Why the current user cannot decide about the evidence, in a sentence; False if he can."""
        self.ensure_one()
        if self.env.su:
            return False
        if self.is_own:
            return self.env._("Nobody decides about his own evidence.")
        officer = self.env.user.has_group("hr_performance.group_hr_performance_user")
        if not officer and not self.has_manager_access:
            return self.env._("The manager or HR decides about evidence.")
        # sudo: the state of the review only
        if self.sudo().review_id.state not in workflow.LIVE_STATES:
            return self.env._("The review does not take evidence any more.")
        return False

    def _check_editable(self):
        for evidence in self:
            if problem := evidence._get_edit_problem():
                raise AccessError(problem)

    def _check_decidable(self):
        for evidence in self:
            if problem := evidence._get_decision_problem():
                raise AccessError(problem)
