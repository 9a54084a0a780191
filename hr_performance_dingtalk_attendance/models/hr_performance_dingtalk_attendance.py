from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import stays

#: On both sides of a window attendances may reach into it.
MARGIN = timedelta(days=2)


class HrPerformanceDingtalkAttendance(models.Model):
    """What became of a coming and the leaving after it: an attendance, or why there is none.

    It is known by the outside id of its first punch, so the same punches never make a second
    attendance. An attendance is corrected only as long as it is as it was written here; what people
    made, changed or removed is theirs.
    """

    _name = "hr.performance.dingtalk.attendance"
    _inherit = ["hr.performance.bulk.mixin", "hr.performance.access.mixin"]
    _description = "Attendance from DingTalk"
    _order = "work_date desc, check_in desc, id desc"
    _rec_name = "work_date"

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    employee_id = fields.Many2one(
        "hr.employee", required=True, index=True, ondelete="cascade", readonly=True
    )
    external_id = fields.Char("Outside ID", required=True, readonly=True)
    work_date = fields.Date("Day", required=True, readonly=True)
    check_in = fields.Datetime("Came", readonly=True)
    check_out = fields.Datetime("Left", readonly=True)
    attendance_id = fields.Many2one(
        "hr.attendance",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        groups="hr_attendance.group_hr_attendance_officer",
    )
    written_in = fields.Datetime(readonly=True, export_string_translation=False)
    written_out = fields.Datetime(readonly=True, export_string_translation=False)
    state = fields.Selection(
        [
            ("written", "Written"),
            ("no_start", "No punch when coming"),
            ("no_end", "No punch when leaving"),
            ("order", "Left before coming"),
            ("overlap", "Lies over another attendance"),
            ("changed", "Changed by hand"),
            ("removed", "Removed by hand"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
    )
    note = fields.Char(readonly=True)

    _external_unique = models.UniqueIndex("(connection_id, external_id)")

    # ------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------

    @api.model
    def _write_days(self, connection, employees, date_from, date_to):
        """Bring the attendances of these people and days in line with their punches.

        Days whose results DingTalk may still complete are left for a later run. The number of
        queries does not depend on the people, beyond what core needs for each attendance. The
        engine calls it with sudo.
        """
        date_from = max(date_from, connection.dingtalk_attendance_since)
        date_to = min(date_to, connection._get_provider()._get_settled_day(connection))
        if not employees or date_from > date_to:
            return
        window = [
            ("connection_id", "=", connection.id),
            ("employee_id", "in", employees.ids),
            ("work_date", ">=", date_from),
            ("work_date", "<=", date_to),
        ]
        found = self._get_stays(window)
        keys = {stay.key for some in found.values() for stay in some}
        # also those of somebody else, to whom the person outside belonged before
        same = Domain("connection_id", "=", connection.id) & Domain("external_id", "in", keys)
        rows = {row.external_id: row for row in self.search(Domain(window) | same)}
        days = _Days(self._get_spans(employees, date_from, date_to))
        self._withdraw([row for key, row in rows.items() if key not in keys], days)
        fixed = {"connection_id": connection.id, "company_id": connection.company_id.id}
        new, changed = [], []
        for employee_id, some in found.items():
            for stay in some:
                row = rows.get(stay.key, self.browse())
                values = fixed | row._get_values(employee_id, stay, days)
                if row:
                    changed.append({"id": row.id, **values})
                else:
                    new.append(values)
        self._make_attendances([vals for vals in new + changed if vals["state"] is None])
        self._bulk_insert(new, SQL("connection_id, external_id"))
        self._bulk_update(changed)

    @api.model
    def _get_stays(self, window):
        """``{employee id: [tools.stays.Stay]}``"""
        punches = self.env["hr.performance.dingtalk.punch"].search_fetch(
            window,
            ["employee_id", "external_id", "work_date", "check_type", "planned_at", "punched_at"],
        )
        return {
            employee.id: stays.pair(
                stays.Punch(
                    punch.external_id,
                    punch.work_date,
                    punch.check_type == "off",
                    punch.planned_at or None,
                    punch.punched_at or None,
                )
                for punch in some
                if punch.planned_at or punch.punched_at
            )
            for employee, some in punches.grouped("employee_id").items()
        }

    @api.model
    def _get_spans(self, employees, date_from, date_to):
        """``{employee id: {attendance id: (check-in, check-out or None)}}``"""
        attendances = self.env["hr.attendance"].search_fetch(
            [
                ("employee_id", "in", employees.ids),
                ("check_in", ">=", date_from - MARGIN),
                ("check_in", "<=", date_to + MARGIN),
            ],
            ["employee_id", "check_in", "check_out"],
        )
        spans = {employee_id: {} for employee_id in employees.ids}
        for attendance in attendances:
            span = (attendance.check_in, attendance.check_out or None)
            spans[attendance.employee_id.id][attendance.id] = span
        return spans

    def _get_values(self, employee_id, stay, days):
        """The values of a row, new or known; without a state where an attendance is to be made."""
        values = {
            "employee_id": employee_id,
            "external_id": stay.key,
            "work_date": stay.day,
            "check_in": stay.start,
            "check_out": stay.end,
            "attendance_id": self.attendance_id.id or None,
            "written_in": self.written_in or None,
            "written_out": self.written_out or None,
            "note": None,
        }
        theirs = self._get_hand()
        if theirs:
            return {**values, "employee_id": self.employee_id.id, "state": theirs}
        if self.employee_id and self.employee_id.id != employee_id:
            self._withdraw_attendances(days)
            values |= dict.fromkeys(("attendance_id", "written_in", "written_out"))
        if stay.trouble:
            self._withdraw_attendances(days)
            values |= dict.fromkeys(("attendance_id", "written_in", "written_out"))
            return {**values, "state": stay.trouble}
        own = values["attendance_id"]
        if own and (stay.start, stay.end) == (self.written_in, self.written_out):
            return {**values, "state": "written"}
        if stays.overlaps(stay.start, stay.end, days.others(employee_id, own)):
            return {**values, "state": "overlap"}
        days.add(employee_id, own or stay.key, (stay.start, stay.end))
        if own:
            return {**values, **self._correct(stay)}
        return {**values, "state": None}

    def _get_hand(self):
        """``changed`` or ``removed`` when people laid hands on the attendance, else None."""
        if not self.written_in:
            return None
        attendance = self.attendance_id
        if not attendance:
            return "removed"
        is_ours = (attendance.check_in, attendance.check_out, attendance.employee_id) == (
            self.written_in,
            self.written_out,
            self.employee_id,
        )
        return None if is_ours else "changed"

    def _correct(self, stay):
        """Write what changed in DingTalk afterwards; the state and what stands now."""
        try:
            with self.env.cr.savepoint():
                self._prepared(self.attendance_id).write(
                    {"check_in": stay.start, "check_out": stay.end}
                )
        except UserError as error:
            self.attendance_id.invalidate_recordset()
            return {"state": "refused", "note": str(error)}
        return {"state": "written", "written_in": stay.start, "written_out": stay.end}

    def _withdraw(self, rows, days):
        """Forget punches that are not there any more, with the attendance made of them."""
        gone = self.browse(row.id for row in rows)
        gone._withdraw_attendances(days)
        gone.unlink()

    def _withdraw_attendances(self, days):
        """Remove attendances that are as they were written here."""
        ours = self.filtered(lambda row: row.attendance_id and not row._get_hand())
        for row in ours:
            days.remove(row.employee_id.id, row.attendance_id.id)
        ours.attendance_id.unlink()

    @api.model
    def _make_attendances(self, rows):
        """Make the attendances of these rows, and say in each what became of it.

        :param rows: values of rows, changed in place
        """
        if not rows:
            return
        create = self._prepared(self.env["hr.attendance"]).create
        vals_list = [
            {
                "employee_id": row["employee_id"],
                "check_in": row["check_in"],
                "check_out": row["check_out"],
                "in_mode": "dingtalk",
                "out_mode": "dingtalk",
            }
            for row in rows
        ]
        try:
            with self.env.cr.savepoint():
                attendances = list(create(vals_list))
        except UserError:
            self.env.invalidate_all()
            attendances = [
                self._try_create(create, vals, row)
                for vals, row in zip(vals_list, rows, strict=True)
            ]
        for row, attendance in zip(rows, attendances, strict=True):
            if attendance:
                row |= {
                    "state": "written",
                    "attendance_id": attendance.id,
                    "written_in": row["check_in"],
                    "written_out": row["check_out"],
                }

    @api.model
    def _try_create(self, create, vals, row):
        """Make one attendance; where Odoo refuses it, say so in the row."""
        try:
            with self.env.cr.savepoint():
                return create([vals])
        except UserError as error:
            self.env.invalidate_all()
            row |= {"state": "refused", "note": str(error)}
            return None

    @api.model
    def _prepared(self, attendances):
        return attendances.with_context(tracking_disable=True, mail_create_nosubscribe=True)


class _Days:
    """The attendances of some people, as they become while rows are worked off."""

    def __init__(self, spans):
        self._spans = spans

    def others(self, employee_id, own):
        """Spans of the person besides the attendance ``own``."""
        return [span for key, span in self._spans[employee_id].items() if key != own]

    def add(self, employee_id, key, span):
        self._spans[employee_id][key] = span

    def remove(self, employee_id, key):
        self._spans.get(employee_id, {}).pop(key, None)
