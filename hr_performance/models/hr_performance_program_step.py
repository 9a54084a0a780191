from datetime import timedelta

from odoo import api, fields, models

from ..tools.appeal import Terms

STEPS = [
    ("goal_confirmation", "Goal Confirmation"),
    ("self_assessment", "Self-Assessment"),
    ("manager_scoring", "Manager Scoring"),
    ("calibration", "Calibration"),
    ("publication", "Publication"),
    ("appeal", "Appeal Window"),
]


class HrPerformanceProgramStep(models.Model):
    """A step of the review process that a programme uses or leaves out, with its deadline."""

    _name = "hr.performance.program.step"
    _description = "Programme Step"
    _order = "program_id, sequence, id"

    program_id = fields.Many2one(
        "hr.performance.program", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    code = fields.Selection(STEPS, "Step", required=True)
    used = fields.Boolean(default=True)
    anchor = fields.Selection(
        [("start", "after the first day"), ("end", "after the last day")],
        default="end",
        required=True,
    )
    days = fields.Integer(
        "Deadline (days)", help="Days from the first or last day of the period.", aggregator=None
    )
    remind_days = fields.Integer(
        "Remind before (days)",
        default=1,
        aggregator=None,
        help="Who has to act is reminded this many days before the deadline.",
    )
    escalate_days = fields.Integer(
        "Escalate after (days)",
        default=1,
        aggregator=None,
        help="The next manager up is told this many days after the deadline. 0: nobody is told.",
    )

    answer_days = fields.Integer(
        "Answer within (working days)",
        default=5,
        aggregator=None,
        help="The manager answers an appeal within so many working days of the company. After "
        "that, HR is told and may answer in his place.",
    )
    second_level = fields.Boolean(
        "HR as Second Level",
        default=True,
        help="The employee may take the manager's answer to HR.",
    )
    second_days = fields.Integer(
        "To HR within (working days)",
        default=5,
        aggregator=None,
        help="After so many working days without a word the answer is accepted.",
    )
    second_answer_days = fields.Integer(
        "HR answers within (working days)", default=10, aggregator=None
    )

    _code_unique = models.UniqueIndex(
        "(program_id, code)", "A programme has each step once. Switch it on or off instead."
    )
    _days_positive = models.Constraint(
        "CHECK (days >= 0 AND remind_days >= 0 AND escalate_days >= 0)",
        "Deadlines, reminders and escalations count days from 0 upwards.",
    )

    _appeal_days_positive = models.Constraint(
        "CHECK (answer_days > 0 AND second_days > 0 AND second_answer_days > 0)",
        "An answer needs at least one working day.",
    )

    @api.depends("code")
    def _compute_display_name(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for step in self:
            step.display_name = labels.get(step.code)

    def action_open_terms(self):
        """The days that managers and HR have for the answer to an appeal."""
        self.ensure_one()
        self.check_access("read")
        view = self.env.ref("hr_performance.hr_performance_program_step_view_form_terms")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Terms of Appeals"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(view.id, "form")],
            "target": "new",
        }

    @api.model
    def _get_default_steps(self):
        """Values of the six steps of a monthly review as most companies start with it."""
        defaults = [
            ("goal_confirmation", "start", 3, True),
            ("self_assessment", "end", 2, True),
            ("manager_scoring", "end", 5, True),
            ("calibration", "end", 7, False),
            ("publication", "end", 8, True),
            ("appeal", "end", 15, True),
        ]
        return [
            {"sequence": index * 10, "code": code, "anchor": anchor, "days": days, "used": used}
            for index, (code, anchor, days, used) in enumerate(defaults, start=1)
        ]

    def _get_appeal_terms(self):
        """The :class:`tools.appeal.Terms` of the appeal step among these."""
        step = self.filtered(lambda step: step.code == "appeal")[:1]
        return Terms(step.answer_days, step.second_level, step.second_days, step.second_answer_days)

    def _get_deadline(self, date_from, date_to):
        self.ensure_one()
        return (date_from if self.anchor == "start" else date_to) + timedelta(days=self.days)

    def _prepare_cycle_step_vals(self, date_from, date_to):
        """Values of the steps of a cycle over this period."""
        return [
            {
                "code": step.code,
                "sequence": step.sequence,
                "deadline": (deadline := step._get_deadline(date_from, date_to)),
                "remind_on": deadline - timedelta(days=step.remind_days),
                "escalate_on": deadline + timedelta(days=step.escalate_days)
                if step.escalate_days
                else False,
            }
            for step in self.filtered("used")
        ]
