from odoo import api, fields, models

from ..tools.effort import saved_share


class HrPerformanceCycle(models.Model):
    """The pulse of a cycle, beside what it cost HR and how much was disputed."""

    _inherit = "hr.performance.cycle"

    hr_days = fields.Float(
        "Days of HR",
        digits=(6, 1),
        copy=False,
        aggregator="avg",
        help="What HR spent on this cycle, all people together.",
    )
    hr_saving = fields.Float("Effort Saved (%)", compute="_compute_hr_saving", digits=(5, 1))
    has_hr_saving = fields.Boolean(compute="_compute_hr_saving", export_string_translation=False)
    pulse_id = fields.Many2one(
        "hr.performance.poll", "Pulse", compute="_compute_pulse_id", compute_sudo=True
    )

    _hr_days_positive = models.Constraint("CHECK (hr_days >= 0)", "Days are not negative.")

    @api.depends("hr_days", "program_id.hr_days_before")
    def _compute_hr_saving(self):
        for cycle in self:
            # sudo: a number of the programme, for whoever sees the cycle
            saved = saved_share(cycle.sudo().program_id.hr_days_before, cycle.hr_days)
            cycle.hr_saving = saved or 0.0
            cycle.has_hr_saving = saved is not None

    def _compute_pulse_id(self):
        pulses = self.env["hr.performance.poll"].search(
            [("cycle_id", "in", self.ids), ("kind", "=", "pulse")]
        )
        by_cycle = pulses.grouped("cycle_id")
        for cycle in self:
            cycle.pulse_id = by_cycle.get(cycle, False)

    def action_view_pulse(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_poll_action_pulse"
        )
        if self.pulse_id:
            form = [view for view in action["views"] if view[1] == "form"]
            return dict(action, views=form, res_id=self.pulse_id.id)
        return dict(action, domain=[("cycle_id", "=", self.id), ("kind", "=", "pulse")])
