from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.fields import Domain

from odoo.addons.hr_performance.tools.decimals import to_decimal
from odoo.addons.hr_performance.tools.period import Period, utc_bounds


class Terms(NamedTuple):
    """What a sales plan asks of an employment besides the snapshot.

    ``tenure`` are days since he joined at the end of the period, None when nobody noted when;
    ``moved`` says whether he changed department during it.
    """

    tenure: int | None
    absent_days: int
    worktime: Decimal
    is_manager: bool
    moved: bool


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    def _get_sales_terms(self, period, today):
        """``{employee id: Terms}`` of a period, as far as it has run, in a handful of queries.

        Absence is counted in calendar days with time off on them, whatever the app that notes it.
        """
        # sudo: the engine reads contracts, calendars and absences; the terms leave it alone
        employees = self.sudo().with_context(active_test=False)
        absent = employees._get_absent_days(period)
        leaders = employees._get_leaders()
        terms = {}
        versions = (
            self.env["hr.version"]
            .sudo()
            .search_fetch(
                [("employee_id", "in", self.ids)],
                [
                    "employee_id",
                    "date_version",
                    "department_id",
                    "contract_date_start",
                    "resource_calendar_id",
                ],
                order="employee_id, date_version",
            )
        )
        for employee, rows in versions.grouped("employee_id").items():
            starts = rows.filtered("contract_date_start").mapped("contract_date_start")
            joined = min(starts, default=None)
            begun = [row for row in rows if row.date_version <= period.date_to]
            calendar = (begun or rows)[-1].resource_calendar_id
            rate = calendar.work_time_rate if calendar else 100
            terms[employee.id] = Terms(
                tenure=(period.date_to - joined).days + 1 if joined else None,
                absent_days=absent.get(employee.id, 0),
                worktime=min(to_decimal(rate), Decimal(100)) / 100,
                is_manager=employee.id in leaders,
                moved=_has_moved(begun, period.date_from, today),
            )
        return terms

    def _get_leaders(self):
        """Ids of those who lead people or a department."""
        reports = self.search([("parent_id", "in", self.ids), ("active", "=", True)])
        # sudo: the plan asks whether somebody leads, not whom
        departments = self.env["hr.department"].sudo().search([("manager_id", "in", self.ids)])
        return set(reports.parent_id.ids) | set(departments.manager_id.ids)

    def _get_absent_days(self, period):
        """``{employee id: calendar days of the period with time off on them}``"""
        self.fetch(["resource_id", "company_id"])  # and no other field
        by_resource = {employee.resource_id.id: employee for employee in self}
        zones = {company: company._get_performance_tz() for company in self.company_id}
        # sudo: how many days, not why; leaves are HR's
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search(
                Domain("resource_id", "in", list(by_resource))
                & Domain("time_type", "=", "leave")
                & Domain("date_from", "<", period.date_to + timedelta(days=2))
                & Domain("date_to", ">", period.date_from - timedelta(days=2))
            )
        )
        days = defaultdict(set)
        for leave in leaves:
            employee = by_resource[leave.resource_id.id]
            days[employee.id] |= _get_days(leave, period, zones[employee.company_id])
        return {employee_id: len(found) for employee_id, found in days.items()}


def _has_moved(versions, date_from, today):
    """Whether the versions of somebody until today are of several departments since a day."""
    known = [row for row in versions if row.date_version <= max(today, date_from)]
    first = max((n for n, row in enumerate(known) if row.date_version <= date_from), default=0)
    return len({row.department_id.id for row in known[first:]}) > 1


def _get_days(leave, period, zone):
    """The days of the period, in the zone of the company, that a leave lies on."""
    first = max(leave.date_from.date() - timedelta(days=1), period.date_from)
    last = min(leave.date_to.date() + timedelta(days=1), period.date_to)
    found = set()
    while first <= last:
        start, end = utc_bounds(Period(first, first), zone)
        if leave.date_from < end and leave.date_to > start:
            found.add(first)
        first += timedelta(days=1)
    return found
