from odoo import fields, models


class HrPerformancePulseAction(models.Model):
    """What is done about something that people said in a pulse."""

    _name = "hr.performance.pulse.action"
    _description = "Action after a Pulse"
    _order = "done, date_deadline, id"

    poll_id = fields.Many2one(
        "hr.performance.poll",
        "Pulse",
        required=True,
        index=True,
        domain="[('kind', '=', 'pulse')]",
        ondelete="cascade",
    )
    cycle_id = fields.Many2one(related="poll_id.cycle_id", store=True)
    company_id = fields.Many2one(related="poll_id.company_id", store=True, index=True)
    name = fields.Char("What is Done", required=True)
    reason = fields.Char("Because of", help="What people said, in your own words.")
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="set null",
    )
    date_deadline = fields.Date("Until")
    done = fields.Boolean()
    effect = fields.Text(help="What came of it, seen in the next pulse.")
