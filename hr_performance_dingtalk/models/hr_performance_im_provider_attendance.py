from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.hr_performance_im.tools import errors

from ..tools import attendance, costs
from .hr_performance_dingtalk_cell import ALIASES

#: Rows compared at once: one query for them all.
ROW_STEP = 5000
#: From this hour on, outside, the results of the day before count as complete.
SETTLED_HOUR = 12
#: People whose report is read in one step, each by a call of his own.
CELL_STEP = 20


class HrPerformanceImProviderDingtalk(models.AbstractModel):
    """Attendance: whichever interface takes the fewest counted calls for the window."""

    _inherit = "hr.performance.im.provider.dingtalk"

    @api.model
    def _get_default_schedule(self):
        # attendance after noon of the next day is settled; a week is read again
        return [
            *super()._get_default_schedule(),
            {"kind": "attendance", "interval": 24, "days": 7, "sequence": 20},
        ]

    @api.model
    def _plan(self, run):
        if run.kind != "attendance":
            return super()._plan(run)
        plan = self._get_attendance_plan(run)
        if not run.position:
            run.position = {"source": plan.source, "after": ""}
        return plan.calls

    @api.model
    def _get_attendance_plan(self, run):
        people = self.env["hr.performance.im.identity"].search_count(
            self._get_attendance_domain(run)
        )
        days = (run.date_to - run.date_from).days + 1
        choice = self._get_attendance_choice(run.connection_id)
        results = costs.Plan("results", costs.result_calls(people, days))
        if choice == "results":
            return results
        columns = costs.Plan("columns", costs.column_calls(people, days, len(ALIASES)))
        if choice == "columns":
            return columns
        if not run.connection_id.dingtalk_has_report:
            return results
        return min(results, columns, key=lambda plan: plan.calls)

    @api.model
    def _get_attendance_choice(self, connection):
        """``results``, ``columns``, or ``auto`` for whichever takes fewer calls."""
        return connection.dingtalk_attendance

    @api.model
    def _get_attendance_domain(self, run, after=""):
        """People with an employee who had not left before the window."""
        return (
            Domain("connection_id", "=", run.connection_id.id)
            & Domain("employee_id", "!=", False)
            & (Domain("left_on", "=", False) | Domain("left_on", ">=", run.date_from))
            & Domain("external_id", ">", after)
        )

    @api.model
    def _step_attendance(self, run, client):
        position = run.position or {"source": "results", "after": ""}
        if not position["after"]:
            self.env["hr.performance.dingtalk.punch"]._link(run.connection_id)
        read = getattr(self, f"_read_{position['source']}")
        after = read(run, client, position["after"])
        if after:
            run.position = {**position, "after": after}
            return False
        self.env["hr.performance.dingtalk.punch"]._link(run.connection_id)
        return True

    @api.model
    def _get_next_people(self, run, after, limit):
        return self.env["hr.performance.im.identity"].search(
            self._get_attendance_domain(run, after), limit=limit, order="external_id"
        )

    # Single punches

    @api.model
    def _read_results(self, run, client, after):
        """Read the punches of the next people; the last of them, or False at the end."""
        rows, seen = [], set()
        while len(rows) < ROW_STEP:
            people = self._get_next_people(run, after, attendance.PEOPLE)
            if not people:
                after = False
                break
            keys = people.mapped("external_id")
            for page in client.attendance.results(keys, run.date_from, run.date_to):
                rows += self.env["hr.performance.dingtalk.punch"]._to_rows(page)
            seen.update(keys)
            after = keys[-1]
            if len(people) < attendance.PEOPLE:
                after = False
                break
        self._bring_in_punches(run, rows)
        self._note_missing(run, seen - {row["user_key"] for row in rows})
        return after

    @api.model
    def _bring_in_punches(self, run, rows):
        punches = self.env["hr.performance.dingtalk.punch"]
        run._count_brought(punches._bring_in(run.connection_id, rows))

    @api.model
    def _note_missing(self, run, keys):
        """People about whom DingTalk said nothing: unknown, which is not perfect."""
        if keys:
            found = self.env["hr.performance.im.identity"]._get_employee_ids(
                run.connection_id, keys
            )
            run.missing_employee_ids = [(4, employee_id) for employee_id in found.values()]
            run.missing_count = len(run.missing_employee_ids)

    # The report

    @api.model
    def _read_columns(self, run, client, after):
        """Read the report of the next people; the last of them, or False at the end."""
        people = self._get_next_people(run, after, CELL_STEP)
        columns = [column for column in client.attendance.columns() if column.alias in ALIASES]
        if not columns:
            raise errors.ConfigurationError("no_columns", "The report has none of the columns.")
        cells = self.env["hr.performance.dingtalk.cell"]
        rows, missing = [], set()
        for identity in people:
            key, count = identity.external_id, len(rows)
            try:
                for values in client.attendance.column_values(
                    key, columns, run.date_from, run.date_to
                ):
                    rows += cells._to_rows(values)
            except errors.ApiError as error:
                run._skip(error, key)
            if len(rows) == count:
                missing.add(key)
        run._count_brought(cells._bring_in(run.connection_id, rows))
        self._note_missing(run, missing)
        return people[-1].external_id if len(people) == CELL_STEP else False

    # By events

    @api.model
    def _read_days_again(self, run, client, days):
        """Read the punches of some people and days again.

        :param days: set of pairs (outside id, day)
        """
        by_day = {}
        for key, day in days:
            by_day.setdefault(day, set()).add(key)
        known = self.env["hr.performance.im.identity"]._get_employee_ids(
            run.connection_id, {key for key, _day in days}
        )
        rows = []
        for day, keys in sorted(by_day.items()):
            mapped = sorted(keys & set(known))
            if mapped:
                for page in client.attendance.results(mapped, day, day):
                    rows += self.env["hr.performance.dingtalk.punch"]._to_rows(page)
        self._bring_in_punches(run, rows)
        self.env["hr.performance.dingtalk.punch"]._link(run.connection_id)

    @api.model
    def _get_settled_day(self, connection):
        """The last day whose results count as complete: yesterday, once noon is over there."""
        now = connection._get_outside_now()
        return now.date() - timedelta(days=1 if now.hour >= SETTLED_HOUR else 2)
