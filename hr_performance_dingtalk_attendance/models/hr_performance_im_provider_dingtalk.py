from odoo import api, models

#: People whose attendances are written in one step.
PEOPLE_STEP = 100


class HrPerformanceImProviderDingtalk(models.AbstractModel):
    """Attendances follow the punches, where the connection allows it."""

    _inherit = "hr.performance.im.provider.dingtalk"

    @api.model
    def _get_attendance_choice(self, connection):
        if connection.dingtalk_write_attendance:
            return "results"
        return super()._get_attendance_choice(connection)

    @api.model
    def _step_attendance(self, run, client):
        """After the punches were read, write the attendances of some people at a time."""
        if run.position and "written" in run.position:
            return self._write_next_attendances(run)
        if not super()._step_attendance(run, client):
            return False
        if not run.connection_id.dingtalk_write_attendance:
            return True
        run.position = {"written": ""}
        return False

    @api.model
    def _write_next_attendances(self, run):
        people = self._get_next_people(run, run.position["written"], PEOPLE_STEP)
        self.env["hr.performance.dingtalk.attendance"]._write_days(
            run.connection_id, people.employee_id, run.date_from, run.date_to
        )
        if len(people) < PEOPLE_STEP:
            return True
        run.position = {"written": people[-1].external_id}
        return False

    @api.model
    def _read_days_again(self, run, client, days):
        result = super()._read_days_again(run, client, days)
        connection = run.connection_id
        if connection.dingtalk_write_attendance:
            found = self.env["hr.performance.im.identity"]._get_employee_ids(
                connection, {key for key, _day in days}
            )
            dates = [day for _key, day in days]
            self.env["hr.performance.dingtalk.attendance"]._write_days(
                connection,
                self.env["hr.employee"].browse(sorted(set(found.values()))),
                min(dates),
                max(dates),
            )
        return result
