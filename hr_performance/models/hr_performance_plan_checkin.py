from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


class HrPerformancePlanCheckin(models.Model):
    """A step ticked off for a day, by whoever did it."""

    _name = "hr.performance.plan.checkin"
    _description = "Plan Check-in"
    _order = "date desc, id desc"

    step_id = fields.Many2one(
        "hr.performance.plan.step", required=True, index=True, ondelete="cascade"
    )
    plan_id = fields.Many2one(related="step_id.plan_id", store=True, index=True, precompute=True)
    date = fields.Date(required=True, default=lambda self: self._default_date())
    user_id = fields.Many2one("res.users", "By", readonly=True, required=True, ondelete="restrict")
    note = fields.Text(help="How it went.")

    _day_unique = models.UniqueIndex(
        "(step_id, date)", "This step is ticked off for this day already."
    )

    @api.model
    def _default_date(self):
        return self.env.company._get_performance_today()

    @api.depends("step_id", "date")
    def _compute_display_name(self):
        for checkin in self:
            checkin.display_name = f"{checkin.step_id.name}, {checkin.date}"

    @api.constrains("date", "step_id")
    def _check_date(self):
        for checkin in self:
            step = checkin.step_id
            if not step.date_start <= checkin.date <= step._get_today():
                raise ValidationError(
                    self.env._("A step is ticked off from its first day on, and not in advance.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        # Whoever ticks it off is the current user, whatever the client says.
        checkins = super().create([{**vals, "user_id": self.env.uid} for vals in vals_list])
        for step in checkins.step_id:
            if problem := step._get_checkin_problem():
                raise AccessError(problem)
        return checkins

    @api.ondelete(at_uninstall=False)
    def _unlink_except_others(self):
        for checkin in self:
            if not self.env.su and (
                checkin.user_id != self.env.user or checkin.step_id.plan_state != "running"
            ):
                raise AccessError(
                    self.env._("Check-ins are taken back by whoever made them, while it runs.")
                )
