from odoo import api, fields, models
from odoo.tools import SQL

#: What a result of DingTalk is called here.
RESULTS = {
    "Normal": "normal",
    "Late": "late",
    "SeriousLate": "serious_late",
    "Absenteeism": "absent_late",
    "Early": "early",
    "NotSigned": "missing",
}


class HrPerformanceDingtalkPunch(models.Model):
    """The result of one planned punch, as DingTalk judged it.

    It is read again, for administrators and approvals change results afterwards. A punch that was
    planned and did not come is missing, not late.
    """

    _name = "hr.performance.dingtalk.punch"
    _inherit = ["hr.performance.im.raw.mixin", "hr.performance.access.mixin"]
    _description = "Punch in DingTalk"
    _order = "work_date desc, planned_at desc, id desc"
    _rec_name = "work_date"

    user_key = fields.Char("Person in DingTalk", required=True, readonly=True)
    employee_id = fields.Many2one("hr.employee", ondelete="cascade", readonly=True)
    work_date = fields.Date(required=True, readonly=True)
    check_type = fields.Selection(
        [("on", "Coming"), ("off", "Leaving")], "Punch", required=True, readonly=True
    )
    result = fields.Selection(
        [
            ("normal", "On time"),
            ("late", "Late"),
            ("serious_late", "Seriously late"),
            ("absent_late", "So late that it counts as absent"),
            ("early", "Left early"),
            ("missing", "No punch"),
            ("other", "Other"),
        ],
        required=True,
        readonly=True,
    )
    location = fields.Char(readonly=True)
    source_type = fields.Char("Entered by", readonly=True)
    planned_at = fields.Datetime("Planned", readonly=True)
    punched_at = fields.Datetime("Punched", readonly=True)
    minutes = fields.Integer(
        "Minutes Off", readonly=True, aggregator="sum", help="Minutes late, or early when leaving."
    )
    excused = fields.Boolean(
        readonly=True, help="A leave, a trip or overtime was approved: it does not count."
    )
    approval_key = fields.Char("Approval", readonly=True)

    _employee_idx = models.Index("(employee_id, work_date) WHERE employee_id IS NOT NULL")
    _user_idx = models.Index("(connection_id, user_key, work_date)")

    @api.model
    def _to_rows(self, results):
        """Rows for :meth:`_bring_in` of ``tools.attendance.Result``."""
        rows = []
        for result in results:
            planned, punched = result.base_check_time, result.user_check_time
            code = RESULTS.get(result.time_result, "other")
            if code == "missing":
                punched = None  # repeats the planned time
            row = {
                "external_id": result.key,
                "user_key": result.user_id,
                "work_date": result.work_date,
                "check_type": "off" if result.check_type == "OffDuty" else "on",
                "result": code,
                "location": result.location_result,
                "source_type": result.source_type,
                "planned_at": planned,
                "punched_at": punched,
                "minutes": _get_minutes(code, planned, punched),
                "excused": result.excused,
                "approval_key": result.approve_id or result.process_instance_id,
            }
            row["digest"] = _get_digest(row)
            rows.append(row)
        return rows

    @api.model
    def _link(self, connection):
        """Give the rows of newly found people to their employees."""
        for model in ("hr.performance.dingtalk.punch", "hr.performance.dingtalk.cell"):
            self.env.cr.execute(
                SQL(
                    """UPDATE %(table)s p SET employee_id = i.employee_id
                         FROM hr_performance_im_identity i
                        WHERE i.connection_id = %(connection)s
                          AND p.connection_id = i.connection_id AND p.user_key = i.external_id
                          AND p.employee_id IS DISTINCT FROM i.employee_id""",
                    table=SQL.identifier(self.env[model]._table),
                    connection=connection.id,
                )
            )
            if self.env.cr.rowcount:
                self.env[model].invalidate_model(["employee_id"])


def _get_minutes(code, planned, punched):
    if not (planned and punched):
        return 0
    seconds = (punched - planned).total_seconds()
    if code in ("late", "serious_late", "absent_late"):
        return max(int(seconds // 60), 0)
    return max(int(-seconds // 60), 0) if code == "early" else 0


def _get_digest(row):
    """Fast and readable, for there are millions of rows."""
    return "|".join(
        (
            row["result"],
            row["check_type"],
            str(row["work_date"]),
            str(row["planned_at"]),
            str(row["punched_at"]),
            row["location"],
            row["source_type"],
            row["approval_key"] or "",
        )
    )
