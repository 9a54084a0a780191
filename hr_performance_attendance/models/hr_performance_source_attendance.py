from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

from pytz import utc

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.hr_performance.tools.measurement import known, unknown
from odoo.addons.hr_performance.tools.period import Period, utc_bounds

from ..tools import working_days

_DAY = timedelta(days=1)
#: Read on both sides of a period: a shift may begin before and end after midnight, a forgotten
#: check-out may come after a weekend.
MARGIN = timedelta(days=3)


class HrPerformanceSourceAttendance(models.AbstractModel):
    """Check-ins against the working hours of each day.

    What was planned on a day is what the calendar says that the employee had on that day, at the
    calendar's time zone. The employee's own time zone is left aside as it is in the dates of
    attendances, for it is a preference that he can change himself.

    The queries of a batch do not depend on its people: one each for employees, versions, calendars,
    time off and attendances, and one for the hours of each calendar in use.
    """

    _name = "hr.performance.source.attendance"
    _inherit = ["hr.performance.source"]
    _description = "Metric Source: Attendance"

    # ------------------------------------------------------------
    # Interface of the sources
    # ------------------------------------------------------------

    @api.model
    def _collect(self, metric, employees, date_from, date_to):
        period = Period(date_from, date_to)
        sessions = self._get_sessions(employees, period)
        days = self._get_days(employees, sessions, period, metric.attendance_grace)
        present = self._get_present(employees, sessions, period)
        return {
            employee_id: self._get_measurement(metric, days[employee_id], employee_id in present)
            for employee_id in employees.ids
        }

    @api.model
    def _records_action(self, metric, employee, date_from, date_to, part="numerator"):
        """The attendances of the period, late arrivals first; False for who may not read them."""
        period = Period(date_from, date_to)
        Attendance = self.env["hr.attendance"]
        domain = [
            *self._get_attendance_domain(employee),
            ("date", ">=", fields.Date.to_string(date_from)),
            ("date", "<=", fields.Date.to_string(date_to)),
        ]
        if not Attendance.has_access("read") or not Attendance.search_count(domain, limit=1):
            return False
        sessions = self._get_sessions(employee, period)
        days = self._get_days(employee, sessions, period, metric.attendance_grace)
        delays = ",".join(
            f"{day.session.id}:{day.minutes}"
            for day in days[employee.id]
            if day.state == working_days.LATE
        )
        view = self.env.ref("hr_performance_attendance.hr_attendance_view_list_performance")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "%(metric)s: %(employee)s",
                metric=metric.name,
                # sudo: the name of somebody whose attendances the reader may see
                employee=employee.sudo().name,
            ),
            "res_model": "hr.attendance",
            "views": [(view.id, "list")],
            "view_mode": "list",
            "domain": domain,
            "context": {"create": False, "performance_delays": delays},
        }

    @api.model
    def _has_records(self, metric):
        return True

    @api.model
    def _check_config(self, metric):
        if not metric.attendance_measure:
            raise ValidationError(
                self.env._(
                    "%(metric)s: choose what is measured: late arrivals, minutes or absent days.",
                    metric=metric.name,
                )
            )

    # ------------------------------------------------------------
    # From days to measurements
    # ------------------------------------------------------------

    @api.model
    def _get_measurement(self, metric, days, is_present):
        """Unknown, never perfect, for who has no fixed hours or never checked in."""
        total = working_days.tally(days)
        if not total.planned:
            return unknown("no_schedule")
        if not (is_present or total.attended):
            return unknown("no_rows", detail=self._get_detail(total, days))
        measure, sample = metric.attendance_measure, total.timed
        if measure == "absent":
            number, sample = float(total.absent), total.planned
        elif not sample:
            return unknown("no_schedule", detail=self._get_detail(total, days))
        else:
            number = total.late if measure == "late" else total.late_minutes
        result = known(
            float(number),
            float(number),
            sample,
            metric.scale_factor,
            metric.expected_sample,
            self._get_detail(total, days),
        )
        return result._replace(coverage=min(result.coverage, total.coverage))

    @api.model
    def _get_detail(self, total, days):
        """The count of days, and on which somebody was late or absent; not why he was excused."""
        return {
            "planned": total.planned,
            "attended": total.attended,
            "excused": total.excused,
            "late": {str(day.day): day.minutes for day in days if day.state == working_days.LATE},
            "absent": [str(day.day) for day in days if day.state == working_days.ABSENT],
        }

    # ------------------------------------------------------------
    # Days
    # ------------------------------------------------------------

    @api.model
    def _get_days(self, employees, sessions, period, grace):
        """``{employee id: [tools.working_days.Day]}`` up to now.

        :param sessions: ``{employee id: [tools.working_days.Session]}``
        """
        # sudo: hours, contract dates and time off only decide what was planned; of them nothing
        # is told but which planned days are excused
        engine, people = self.sudo(), employees.sudo()
        terms = engine._get_terms(people)
        plans = engine._get_plans(terms, period)
        leaves = engine._get_leaves(people, period)
        now = fields.Datetime.now()
        return {
            employee_id: working_days.judge_days(
                working_days.select_shifts(terms[employee_id], plans, period),
                leaves[employee_id],
                sessions[employee_id],
                now,
                grace,
            )
            for employee_id in employees.ids
        }

    @api.model
    def _get_terms(self, employees):
        """``{employee id: [tools.working_days.Term]}`` from the versions of the employments.

        Core's ``date_end`` of a version is a search for each version; the next one of the same
        employee is at hand here.
        """
        versions = self.env["hr.version"].search_fetch(
            [("employee_id", "in", employees.ids)],
            [
                "employee_id",
                "date_version",
                "resource_calendar_id",
                "contract_date_start",
                "contract_date_end",
                "departure_date",
            ],
            order="employee_id, date_version",
        )
        terms = defaultdict(list)
        for employee, rows in versions.grouped("employee_id").items():
            has_contract = any(version.contract_date_start for version in rows)
            for version, following in pairwise([*rows, None]):
                if version.contract_date_start or not has_contract:
                    term = self._get_term(version, following, version == rows[0])
                    terms[employee.id].append(term)
        return terms

    @api.model
    def _get_term(self, version, following, is_first):
        """The days of one version; the first one stands for the time before it as well.

        Who has contracts works on the days of his contracts only.
        """
        starts = [version.contract_date_start]
        ends = [version.contract_date_end, version.departure_date]
        if not is_first:
            starts.append(version.date_version)
        if following:
            ends.append(following.date_version - _DAY)
        return working_days.Term(
            max(filter(None, starts), default=None),
            min(filter(None, ends), default=None),
            version.resource_calendar_id.id or None,
        )

    @api.model
    def _get_plans(self, terms, period):
        """``{calendar id: [tools.working_days.Shift]}`` of the calendars with fixed hours."""
        ids = {term.calendar for some in terms.values() for term in some if term.calendar}
        start, end = map(utc.localize, self._get_bounds(period))
        plans = {}
        for calendar in self.env["resource.calendar"].browse(sorted(ids)):
            if calendar.flexible_hours:
                continue
            hours = calendar._attendance_intervals_batch(start, end)[False]
            plans[calendar.id] = working_days.plan_shifts(
                [(line_start, line_end) for line_start, line_end, _attendance in hours],
                calendar.tz,
                timed=not calendar.duration_based,
            )
        return plans

    @api.model
    def _get_leaves(self, employees, period):
        """``{employee id: {calendar id or None: [(start, end)]}}``, None for every calendar.

        Time off of any kind excuses, training and business trips too. Public holidays are those of
        the employee's company.
        """
        start, end = self._get_bounds(period)
        domain = Domain("date_from", "<", end) & Domain("date_to", ">", start)
        own = Domain("resource_id", "in", employees.resource_id.ids)
        public = Domain("company_id", "in", [False, *employees.company_id.ids])
        rows = self.env["resource.calendar.leaves"].search_fetch(
            domain & (own | Domain("resource_id", "=", False) & public),
            ["resource_id", "calendar_id", "company_id", "date_from", "date_to"],
        )
        own, public = defaultdict(list), defaultdict(lambda: defaultdict(list))
        for row in rows:
            span = (row.date_from, row.date_to)
            if row.resource_id:
                own[row.resource_id.id].append(span)
            else:
                public[row.company_id.id][row.calendar_id.id or None].append(span)
        leaves = {}
        for employee in employees:
            spans = defaultdict(list, {None: own[employee.resource_id.id]})
            for company_id in {False, employee.company_id.id}:
                for calendar_id, days in public[company_id].items():
                    spans[calendar_id] = spans[calendar_id] + days
            leaves[employee.id] = spans
        return leaves

    # ------------------------------------------------------------
    # Attendances
    # ------------------------------------------------------------

    @api.model
    def _get_attendance_domain(self, employees):
        """Attendances of these people, without those that core makes up to mark an absence."""
        return Domain("employee_id", "in", employees.ids) & Domain("in_mode", "!=", "technical")

    @api.model
    def _get_sessions(self, employees, period):
        """``{employee id: [tools.working_days.Session]}`` by check-in, as far as the caller may
        read them, with those around the period that reach into it."""
        start, end = self._get_bounds(period)
        domain = self._get_attendance_domain(employees)
        domain &= Domain("check_in", ">=", start) & Domain("check_in", "<", end)
        groups = self.env["hr.attendance"]._read_group(
            domain, ["employee_id"], ["check_in:array_agg", "check_out:array_agg", "id:array_agg"]
        )
        sessions = defaultdict(list)
        for employee, *columns in groups:
            rows = zip(*columns, strict=True)
            sessions[employee.id] = sorted(map(working_days.Session._make, rows))
        return sessions

    @api.model
    def _get_present(self, employees, sessions, period):
        """Ids of the employees who checked in within the period at all, planned or not."""
        present = set()
        # sudo: of the company only its time zone
        for company, members in employees.sudo().grouped("company_id").items():
            start, end = utc_bounds(period, company._get_performance_tz())
            present |= {
                employee.id
                for employee in members
                if any(start <= session.check_in < end for session in sessions[employee.id])
            }
        return present

    @api.model
    def _get_bounds(self, period):
        """The period with room for time zones, and for shifts and attendances over its ends."""
        return utc_bounds(Period(period.date_from - MARGIN, period.date_to + MARGIN), "UTC")
