from datetime import datetime, time, timedelta

from odoo import api, fields, models

FOLDER = "hr_performance_attendance/demo"
#: Office hours of the studio, 9:00 to 18:00 in China, in UTC.
OPENS, CLOSES = time(1, 0), time(10, 0)


class HrPerformanceDemo(models.AbstractModel):
    """The check-ins of the photo studio, with those who are late."""

    _inherit = "hr.performance.demo"

    @api.model
    def _load_attendance(self):
        """Make the check-ins of the months once, then the reviews that measure them."""
        if self._ref("program_demo") and not self._has_attendance():
            self._as_studio()._make_attendance()
            self._load()

    @api.model
    def _has_attendance(self):
        domain = [("employee_id.company_id", "=", self._ref("company_lumiere").id)]
        return bool(self.env["hr.attendance"].search_count(domain, limit=1))

    @api.model
    def _get_rules(self):
        rules = super()._get_rules()
        if self._has_attendance():
            rules += self._ref("hr_performance_attendance.template_rule_late")
        return rules

    @api.model
    def _make_attendance(self):
        late = {
            (row["login"], int(row["months_ago"])): (int(row["arrivals"]), int(row["minutes"]))
            for row in self._read("late", FOLDER)
        }
        vals_list = []
        periods = self._get_periods()
        users = self.env["res.users"].search([("company_id", "=", self.env.company.id)])
        for user in users:
            employee = self._get_employee(user.login)
            for months_ago, period in enumerate(reversed(periods)):
                days = self._get_worked_days(employee, period)
                arrivals, minutes = late.get((user.login, months_ago), (0, 0))
                # Late in the middle of the week, spread over the month
                missed = set([day for day in days if day.weekday() == 2][:arrivals])
                vals_list += [
                    self._get_day_vals(employee, day, minutes if day in missed else -10)
                    for day in days
                ]
        self.env["hr.attendance"].create(vals_list)

    @api.model
    def _get_worked_days(self, employee, period):
        """Days from Monday to Friday since he joined, up to today once the studio has opened."""
        first = max(period.date_from, employee.contract_date_start)
        limit = fields.Datetime.now() - timedelta(minutes=30)
        days = (first + timedelta(days=n) for n in range((period.date_to - first).days + 1))
        return [d for d in days if d.weekday() < 5 and datetime.combine(d, OPENS) < limit]

    @api.model
    def _get_day_vals(self, employee, day, minutes):
        """A day at work, begun so many minutes after the studio opened; before it if negative."""
        check_in = datetime.combine(day, OPENS) + timedelta(minutes=minutes - day.day % 4)
        check_out = datetime.combine(day, CLOSES) + timedelta(minutes=5 + day.day % 25)
        return {
            "employee_id": employee.id,
            "check_in": check_in,
            "check_out": check_out if check_out < fields.Datetime.now() else False,
        }
