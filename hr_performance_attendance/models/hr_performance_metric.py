from odoo import api, fields, models


class HrPerformanceMetric(models.Model):
    _inherit = "hr.performance.metric"

    source = fields.Selection(
        selection_add=[("attendance", "Attendance and working hours")],
        ondelete={"attendance": "set default"},
    )
    attendance_measure = fields.Selection(
        [
            ("late", "Late arrivals"),
            ("late_minutes", "Minutes late"),
            ("absent", "Absent days"),
        ],
        "Measured",
        help="An arrival is the first check-in of a planned day; coming back from a break is none. "
        "Time off and public holidays excuse. Where working hours are flexible nobody is late.",
    )
    attendance_grace = fields.Integer(
        "Minutes of Grace",
        aggregator=None,
        help="An arrival up to so many full minutes after the planned start is not late.",
    )

    _attendance_grace_positive = models.Constraint(
        "CHECK (attendance_grace >= 0)", "The minutes of grace are not negative."
    )

    @api.constrains("attendance_measure")
    def _check_attendance_measure(self):
        for metric in self.filtered(lambda metric: metric.source == "attendance"):
            metric._get_source()._check_config(metric)

    def _is_total(self):
        return self.source == "attendance" or super()._is_total()
