from odoo import api, fields, models

from .hr_performance_program_step import STEPS


class HrPerformanceCycleStep(models.Model):
    """A step of one cycle with its dates; they may be moved without touching the programme."""

    _name = "hr.performance.cycle.step"
    _description = "Cycle Step"
    _order = "cycle_id, sequence, id"

    cycle_id = fields.Many2one(
        "hr.performance.cycle", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="cycle_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    code = fields.Selection(STEPS, "Step", required=True)
    deadline = fields.Date(required=True)
    remind_on = fields.Date("Reminder")
    escalate_on = fields.Date("Escalation")

    _code_unique = models.UniqueIndex("(cycle_id, code)", "A cycle has each step once.")

    @api.depends("code")
    def _compute_display_name(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for step in self:
            step.display_name = labels.get(step.code)

    def write(self, vals):
        result = super().write(vals)
        if "deadline" in vals:
            self.cycle_id._sync_deadlines()
        return result
