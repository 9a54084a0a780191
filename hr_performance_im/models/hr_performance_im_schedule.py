from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HrPerformanceImSchedule(models.Model):
    """How often a kind of run begins. A run that was missed is made up for once."""

    _name = "hr.performance.im.schedule"
    _description = "Schedule of a Connection"
    _order = "connection_id, sequence, id"

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="connection_id.company_id")
    sequence = fields.Integer(default=10, aggregator=None)
    kind = fields.Selection("_selection_kind", "What", required=True)
    active = fields.Boolean(default=True)
    interval = fields.Integer("Every … Hours", default=24, required=True, aggregator=None)
    next_on = fields.Datetime("Next Time", required=True, default=fields.Datetime.now)
    days = fields.Integer(
        "Days Back",
        default=0,
        aggregator=None,
        help="How many days before today are read again, because records change afterwards.",
    )

    _kind_unique = models.UniqueIndex(
        "(connection_id, kind)", "Each kind of run is in the schedule once."
    )

    @api.model
    def _selection_kind(self):
        """Everything that runs by the clock; events come when they come."""
        kinds = self.env["hr.performance.im.run"]._fields["kind"]._description_selection(self.env)
        return [(kind, label) for kind, label in kinds if kind != "event"]

    @api.constrains("interval", "days")
    def _check_interval(self):
        for schedule in self:
            if schedule.interval < 1 or schedule.days < 0:
                raise ValidationError(
                    self.env._("A schedule needs at least one hour, and no negative days.")
                )

    @api.model
    def _start_due(self):
        """Begin the runs whose time has come."""
        now = fields.Datetime.now()
        due = self.search([("next_on", "<=", now), ("connection_id.state", "=", "live")])
        for schedule in due.filtered("connection_id.active"):
            schedule.connection_id._start_run(schedule.kind, days=schedule.days)
            missed = (now - schedule.next_on) // timedelta(hours=schedule.interval)
            schedule.next_on += timedelta(hours=schedule.interval) * (missed + 1)
