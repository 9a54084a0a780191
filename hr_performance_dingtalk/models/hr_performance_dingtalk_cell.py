from odoo import api, fields, models

#: Columns of the attendance report that are read, by their alias, which every company shares.
ALIASES = {
    "late_times": "Times late",
    "late_minute": "Minutes late",
    "serious_late_times": "Times seriously late",
    "absenteeism_late_times": "Times so late that it counts as absent",
    "leave_early_times": "Times left early",
    "absenteeism_days": "Days absent",
    "on_work_lack_card_times": "Punches missing when coming",
    "off_work_lack_card_times": "Punches missing when leaving",
    "attendance_work_time": "Minutes at work",
    "attendance_days": "Days at work",
}


class HrPerformanceDingtalkCell(models.Model):
    """What the company's attendance report in DingTalk says about one person and day.

    The report knows the company's own rules, and it is cheaper than single punches for long
    windows. It forgets people who left: what was read once is kept here.
    """

    _name = "hr.performance.dingtalk.cell"
    _inherit = ["hr.performance.im.raw.mixin", "hr.performance.access.mixin"]
    _description = "Attendance Report Cell"
    _order = "work_date desc, id desc"
    _rec_name = "alias"

    user_key = fields.Char("Person in DingTalk", required=True, readonly=True)
    employee_id = fields.Many2one("hr.employee", ondelete="cascade", readonly=True)
    work_date = fields.Date(required=True, readonly=True)
    alias = fields.Char("Column", required=True, readonly=True)
    value = fields.Float(digits=(16, 4), readonly=True, aggregator="sum")
    text = fields.Char(readonly=True)

    _employee_idx = models.Index("(employee_id, alias, work_date) WHERE employee_id IS NOT NULL")
    _user_idx = models.Index("(connection_id, user_key)")

    @api.model
    def _to_rows(self, values):
        """Rows for :meth:`_bring_in` of ``ColumnValue``; an empty cell is none."""
        return [
            {
                "external_id": f"{value.user_id}:{value.day}:{value.alias}",
                "user_key": value.user_id,
                "work_date": value.day,
                "alias": value.alias,
                "value": float(value.number) if value.number is not None else 0.0,
                "text": value.text,
                "digest": value.text,
            }
            for value in values
            if value.number is not None
        ]
