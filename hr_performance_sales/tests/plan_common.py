from datetime import date

from odoo.fields import Command

from .common import SalesCase, shanghai


class PlanCase(SalesCase):
    """Six salespeople of Sales East, of whom Anna and Bo are two, with a monthly plan.

    The plan pays a tenth of what is above the median, to whom reached 1,000.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.anna | cls.bo
        for name in ("dora", "emil", "fred", "gina"):
            cls.team |= cls._create_employee(name, cls.sales_east, cls.manager)
        for employee in cls.team:
            setattr(cls, employee.name.lower(), employee)
        cls.leader = cls._create_user("perf_leader", "sales_team.group_sale_manager")
        cls.plan = cls._create_plan()

    @classmethod
    def _create_plan(cls, **vals):
        return cls.env["hr.performance.sales.plan"].create(
            {
                "name": "Studio sales",
                "company_id": cls.company.id,
                "date_from": date(2026, 3, 1),
                "department_ids": [Command.set(cls.sales.ids)],
                "exclude_managers": True,
                "basis": "won",
                "minimum": 1000,
                "reward_kind": "percent",
                "reward_percent": 10,
                "min_size": 3,
                **vals,
            }
        )

    def _start(self, plan=None, when="2026-03-20 10:00"):
        """Let the plan run, and give the period of that day."""
        plan = plan or self.plan
        with self.at(when):
            plan.with_user(self.hr_user).action_start()
        return plan.period_ids.sorted("date_from")[-1:]

    def _sell(self, employee, revenue, when="2026-03-10 10:00", **vals):
        lead = self._create_lead(employee, "2026-03-01 09:00", **vals)
        return self._win(lead, when, revenue)

    def _sell_all(self, *revenues, when="2026-03-10 10:00"):
        """One deal of each of the six, in their order; 0 is none."""
        return [
            self._sell(employee, revenue, when)
            for employee, revenue in zip(self.team, revenues, strict=True)
            if revenue
        ]

    def _be_away(self, employee, start, end):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "resource_id": employee.resource_id.id,
                "calendar_id": employee.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": shanghai(start),
                "date_to": shanghai(end),
                "time_type": "leave",
            }
        )

    def _refresh(self, period):
        period._sync_results()
        period._refresh()
        return {result.employee_id.name.lower(): result for result in period.result_ids}

    def _close(self, period, when="2026-04-02 10:00"):
        with self.at(when):
            period.with_user(self.hr_user).action_close()
        return {s.employee_id.name.lower(): s for s in period.statement_ids}

    def _approve(self, period):
        period.with_user(self.leader).action_check()
        period.with_user(self.hr_user).action_approve()

    def _rewards(self, rows):
        return {name: row.total for name, row in rows.items() if row.total}
