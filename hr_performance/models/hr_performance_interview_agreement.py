from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


class HrPerformanceInterviewAgreement(models.Model):
    """Something agreed in an interview; when it was held, a step of a plan."""

    _name = "hr.performance.interview.agreement"
    _description = "Agreed Action"
    _order = "interview_id, sequence, id"

    interview_id = fields.Many2one(
        "hr.performance.interview", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="interview_id.company_id", store=True, index=True)
    review_id = fields.Many2one(related="interview_id.review_id")
    sequence = fields.Integer(default=10, aggregator=None)
    name = fields.Char("What", required=True)
    line_id = fields.Many2one(
        "hr.performance.review.line",
        "To Improve",
        index="btree_not_null",
        ondelete="set null",
        help="With a metric the step goes into the plan for it, without into one of personal "
        "development.",
    )
    actor = fields.Selection(
        [("employee", "The employee"), ("manager", "The manager")],
        "Who",
        default="employee",
        required=True,
    )
    date_start = fields.Date("From", required=True, default=lambda self: self._default_date_start())
    step_id = fields.Many2one(
        "hr.performance.plan.step",
        "Step",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    plan_id = fields.Many2one(related="step_id.plan_id")

    @api.model
    def _default_date_start(self):
        return self.env.company._get_performance_today()

    @api.constrains("line_id", "interview_id")
    def _check_line(self):
        for agreement in self:
            # sudo: compared only
            review = agreement.sudo().line_id.review_id
            own = agreement.sudo().interview_id.review_id
            if review and (review != own or agreement.line_id.kind != "metric"):
                raise ValidationError(
                    self.env._("Choose a metric of the review that the interview is about.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        agreements = super().create(vals_list)
        agreements._check_editable()
        return agreements

    def write(self, vals):
        self._check_editable()
        result = super().write(vals)
        if "interview_id" in vals:
            self._check_editable()
        return result

    @api.model
    def _has_field_access(self, field, operation):
        """Which step it became is written when the interview is held, by the engine."""
        if operation == "write" and field.name == "step_id" and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_made(self):
        self._check_editable()

    def _check_editable(self):
        """What is agreed is written down by whoever holds the interview, before it is held."""
        if self.env.su:
            return
        for interview in self.interview_id:
            if "agreement_ids" not in interview._get_writable_fields():
                raise AccessError(
                    self.env._("What was agreed in this interview cannot be changed now.")
                )

    def _make_steps(self):
        """Make each agreement a step: of the plan for its line, or of one for the interview."""
        open_ones = self.filtered(lambda agreement: not agreement.step_id)
        by_plan = open_ones.grouped(lambda agreement: (agreement.interview_id, agreement.line_id))
        for (interview, line), agreements in by_plan.items():
            plan = self._get_plan(interview, line)
            steps = self.env["hr.performance.plan.step"].create(
                [agreement._get_step_vals(plan) for agreement in agreements]
            )
            for agreement, step in zip(agreements.sudo(), steps, strict=True):
                agreement.step_id = step  # sudo: the link belongs to the engine
            if plan.can_start:
                plan._transition("start")

    @api.model
    def _get_plan(self, interview, line):
        """The open plan for the line, else a new one; without a line one of development."""
        Plan = self.env["hr.performance.plan"]
        if line:
            running = line.plan_ids.filtered(lambda plan: plan.state in ("draft", "running"))
            return running[:1] or Plan._create_from_line(line)
        start = interview.company_id._get_performance_today()
        return Plan.create(
            {
                "name": self.env._("Agreed in the interview about %s", interview.cycle_id.name),
                "employee_id": interview.employee_id.id,
                "date_start": start,
                "date_end": fields.Date.add(start, months=3),
            }
        )

    def _get_step_vals(self, plan):
        self.ensure_one()
        return {
            "plan_id": plan.id,
            "name": self.name,
            "date_start": min(max(self.date_start, plan.date_start), plan.date_end),
            "user_id": self.interview_id.holder_id.id if self.actor == "manager" else False,
        }
