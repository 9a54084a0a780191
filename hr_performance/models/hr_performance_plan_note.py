from odoo import api, fields, models
from odoo.exceptions import AccessError


class HrPerformancePlanNote(models.Model):
    """What manager, HR and employee say to each other about a plan, one entry each."""

    _name = "hr.performance.plan.note"
    _description = "Plan Follow-up"
    _order = "date desc, id desc"

    plan_id = fields.Many2one("hr.performance.plan", required=True, index=True, ondelete="cascade")
    date = fields.Date(required=True, readonly=True, default=lambda self: self._default_date())
    user_id = fields.Many2one(
        "res.users",
        "By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    text = fields.Text(required=True)
    is_follow_up = fields.Boolean(
        readonly=True, help="Said by the manager or HR; otherwise by the employee."
    )

    @api.model
    def _default_date(self):
        return self.env.company._get_performance_today()

    @api.depends("user_id", "date")
    def _compute_display_name(self):
        for note in self:
            note.display_name = f"{note.user_id.name}, {note.date}"

    @api.model_create_multi
    def create(self, vals_list):
        # Who says it and when is not the client's to say.
        today = self._default_date()
        notes = super().create(
            [{**vals, "user_id": self.env.uid, "date": today} for vals in vals_list]
        )
        for note in notes:
            roles = note.plan_id._get_roles()
            if not roles:
                raise AccessError(self.env._("You have no part in this plan."))
            # sudo: what the author is in the plan; nobody writes notes afterwards
            note.sudo().is_follow_up = not roles & {"subject", "developer"}
        notes._tell()
        return notes
