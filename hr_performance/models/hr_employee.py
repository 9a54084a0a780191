from decimal import Decimal

from odoo import fields, models

from ..tools.snapshot import Assignment, Snapshot, assignment_on, find_gaps


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    performance_review_count = fields.Integer(
        compute="_compute_performance_review_count", groups="hr.group_hr_user"
    )

    def _compute_performance_review_count(self):
        counts = dict(
            self.env["hr.performance.review"]._read_group(
                [("employee_id", "in", self.ids)], ["employee_id"], ["__count"]
            )
        )
        for employee in self:
            employee.performance_review_count = counts.get(employee, 0)

    def action_view_performance_reviews(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_review_action"
        )
        return dict(action, domain=[("employee_id", "=", self.id)], context={})

    def _get_performance_snapshots(self, period, today):
        """Where each employee stands in the period, as a list of ``tools.snapshot.Snapshot``.

        Department and job are those of the last day of the period that is not in the future and
        on which he was employed. Employees who were not employed in the period at all have 0 days.
        Five queries, whatever the number of employees.
        """
        # sudo: the engine reads dates of employment and the hierarchy, which HR officers of
        # other fields may not see; none of it leaves this method but the snapshot
        employees = self.sudo().with_context(active_test=False)
        employees.fetch(["user_id", "parent_id"])
        spans = employees._get_performance_employment()
        reference = min(max(today, period.date_from), period.date_to)
        departments = (
            self.env["hr.department"]
            .sudo()
            .browse({a.department_id for s in spans.values() for a in s[3] if a.department_id})
        )
        paths = departments._get_performance_paths()
        snapshots = []
        for employee in employees:
            joined, left, gaps, assignments = spans.get(employee.id, (None, None, [], []))
            if not assignments:
                continue
            days = period.overlap_days(joined, left)
            days -= sum(period.overlap_days(*gap) for gap in gaps)
            current = assignment_on(assignments, min(reference, left or reference))
            path = paths.get(current.department_id, ())
            snapshots.append(
                Snapshot(
                    employee_id=employee.id,
                    user_id=employee.user_id.id or None,
                    department_id=current.department_id,
                    department_path=tuple(d.id for d in path),
                    job_id=current.job_id,
                    manager_id=employee._get_performance_manager(path).id or None,
                    date_from=max(joined or period.date_from, period.date_from),
                    date_to=min(left or period.date_to, period.date_to),
                    days=days,
                    share=float(Decimal(days) / period.days),
                )
            )
        return snapshots

    def _get_performance_employment(self):
        """``{employee id: (joined on or None, left on or None, gaps, [Assignment])}``

        An employment without contract dates has no known beginning: it counts from ever. The gaps
        are the spans between two contracts.
        """
        # sudo: dates of employment, for the engine alone
        versions = (
            self.env["hr.version"]
            .sudo()
            .search_fetch(
                [("employee_id", "in", self.ids)],
                [
                    "employee_id",
                    "date_version",
                    "department_id",
                    "job_id",
                    "contract_date_start",
                    "contract_date_end",
                    "departure_date",
                ],
                order="employee_id, date_version",
            )
        )
        employments = {}
        for employee, rows in versions.grouped("employee_id").items():
            contracts = {
                r.contract_date_start: r.contract_date_end for r in rows if r.contract_date_start
            }
            gaps = find_gaps(sorted(contracts.items()))
            last = rows[-1]
            left = last.departure_date or last.contract_date_end or None
            assignments = [
                Assignment(r.date_version, r.department_id.id or None, r.job_id.id or None)
                for r in rows
            ]
            joined = min(contracts, default=None)
            employments[employee.id] = (joined, left, gaps, assignments)
        return employments

    def _get_performance_manager(self, department_path):
        """His manager; else the manager of the nearest department that is not he himself."""
        self.ensure_one()
        if self.parent_id and self.parent_id != self:
            return self.parent_id
        managers = (department.manager_id for department in department_path)
        return next((m for m in managers if m and m != self), self.browse())
