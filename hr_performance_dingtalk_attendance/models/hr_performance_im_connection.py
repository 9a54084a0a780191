from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HrPerformanceImConnection(models.Model):
    _inherit = "hr.performance.im.connection"

    dingtalk_write_attendance = fields.Boolean(
        "Write Attendances",
        help="Punches of DingTalk become attendances in Odoo. Attendances that people made or "
        "changed are never touched.",
    )
    dingtalk_attendance_since = fields.Date(
        "Write From",
        default=fields.Date.context_today,
        help="No attendance before this day is written.",
    )
    dingtalk_attendance_trouble_count = fields.Integer(
        "Not Written", compute="_compute_dingtalk_attendance_trouble_count"
    )

    def _compute_dingtalk_attendance_trouble_count(self):
        attendances = self.env["hr.performance.dingtalk.attendance"]
        # what people changed or removed since is their business
        settled = ("written", "changed", "removed")
        domain = [("connection_id", "in", self.ids), ("state", "not in", settled)]
        counts = dict(attendances._read_group(domain, ["connection_id"], ["__count"]))
        for connection in self:
            connection.dingtalk_attendance_trouble_count = counts.get(connection, 0)

    @api.constrains("dingtalk_write_attendance", "dingtalk_attendance", "dingtalk_attendance_since")
    def _check_dingtalk_write_attendance(self):
        for connection in self.filtered("dingtalk_write_attendance"):
            if connection.dingtalk_attendance == "columns":
                raise ValidationError(
                    self.env._(
                        "Attendances are made of single punches, which the attendance report does "
                        "not hold. Read single punches, or do not write attendances."
                    )
                )
            if not connection.dingtalk_attendance_since:
                raise ValidationError(
                    self.env._("Say from which day on attendances are to be written.")
                )

    def action_open_dingtalk_attendances(self):
        """Open what became of the punches, first what could not be written."""
        self.ensure_one()
        xmlid = "hr_performance_dingtalk_attendance.hr_performance_dingtalk_attendance_action"
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("connection_id", "=", self.id)]
        return action
