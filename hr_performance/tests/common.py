from datetime import date

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

PERIOD = (date(2026, 3, 1), date(2026, 3, 31))


class PerformanceCase(TransactionCase):
    """A small company of its own: director, manager, two people and HR, with one programme.

    ``director`` leads ``manager``, who leads ``anna`` and ``bo``; ``carl`` works elsewhere under
    nobody. Each has a user of the same login. Metrics: ``visits`` (imported rows, adds up),
    ``quality`` (rated by the manager, 1 to 5), ``late`` (imported rows, lower is better).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.env["res.company"].create({"name": "Bright Studio"})
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.other_company = cls.env["res.company"].create({"name": "Other Studio"})
        cls._create_people()
        cls._create_metrics()
        cls._create_program()

    @classmethod
    def _create_people(cls):
        department = cls.env["hr.department"].with_company(cls.company)
        cls.sales = department.create({"name": "Sales", "company_id": cls.company.id})
        cls.sales_east = department.create(
            {"name": "Sales East", "company_id": cls.company.id, "parent_id": cls.sales.id}
        )
        cls.works = department.create({"name": "Works", "company_id": cls.company.id})
        cls.director = cls._create_employee("director", cls.sales)
        cls.manager = cls._create_employee("manager", cls.sales, cls.director)
        cls.anna = cls._create_employee("anna", cls.sales_east, cls.manager)
        cls.bo = cls._create_employee("bo", cls.sales_east, cls.manager)
        cls.carl = cls._create_employee("carl", cls.works)
        cls.hr_user = cls._create_user("perf_hr", "hr_performance.group_hr_performance_user")
        cls.hr_admin = cls._create_user("perf_admin", "hr_performance.group_hr_performance_manager")
        cls.auditor = cls._create_user("perf_audit", "hr_performance.group_hr_performance_auditor")

    @classmethod
    def _create_user(cls, login, groups="base.group_user", company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=f"perf_{login}" if not login.startswith("perf_") else login,
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            tz="Asia/Shanghai",
        )

    @classmethod
    def _create_employee(cls, name, department, manager=None, company=None, **vals):
        company = company or cls.company
        user = cls._create_user(name, company=company)
        return (
            cls.env["hr.employee"]
            .with_company(company)
            .create(
                {
                    "name": name.title(),
                    "user_id": user.id,
                    "company_id": company.id,
                    "department_id": department.id if department else False,
                    "parent_id": manager.id if manager else False,
                    "date_version": date(2020, 1, 1),
                    **vals,
                }
            )
        )

    @classmethod
    def _create_metrics(cls):
        Metric = cls.env["hr.performance.metric"]
        cls.visits = Metric.create(
            {
                "name": "Visits",
                "code": "t_visits",
                "source": "fact",
                "aggregate": "sum",
                "unit": "count",
                "empty_as": "unknown",
            }
        )
        cls.quality = Metric.create(
            {"name": "Quality", "code": "t_quality", "source": "manual", "unit": "rating"}
        )
        cls.late = Metric.create(
            {
                "name": "Late",
                "code": "t_late",
                "source": "fact",
                "aggregate": "sum",
                "direction": "lower",
                "unit": "count",
            }
        )

    @classmethod
    def _create_program(cls):
        cls.template = cls.env["hr.performance.template"].create(
            {
                "name": "Sales people",
                "company_id": cls.company.id,
                "department_ids": [Command.set(cls.sales.ids)],
                "coverage_threshold": 0,
                "line_ids": [
                    Command.create({"metric_id": cls.visits.id, "weight": 60, "target": 20}),
                    Command.create(
                        {
                            "metric_id": cls.quality.id,
                            "weight": 40,
                            "target": 5,
                            "method": "rating",
                        }
                    ),
                ],
                "rule_ids": [
                    Command.create(
                        {
                            "name": "More than 3 late arrivals",
                            "metric_id": cls.late.id,
                            "threshold": 3,
                            "amount": -10,
                        }
                    )
                ],
            }
        )
        cls.template.action_set_ready()
        cls.program = cls.env["hr.performance.program"].create(
            {
                "name": "Monthly",
                "company_id": cls.company.id,
                "date_start": PERIOD[0],
                "department_ids": [Command.set(cls.sales.ids)],
                "user_id": cls.hr_user.id,
            }
        )
        cls.cycle = cls.program._open_cycles([cls.program._get_period(PERIOD[0])])

    @classmethod
    def _add_facts(cls, employee, metric, *values, day=date(2026, 3, 10)):
        return cls.env["hr.performance.fact"].create(
            [
                {
                    "metric_id": metric.id,
                    "employee_id": employee.id,
                    "company_id": employee.company_id.id,
                    "date": day,
                    "value": value,
                }
                for value in values
            ]
        )

    def _launch(self, cycle=None):
        cycle = cycle or self.cycle
        cycle.with_user(self.hr_user).action_launch()
        return cycle.review_ids

    def _review_of(self, employee, cycle=None):
        return (cycle or self.cycle).review_ids.filtered(lambda r: r.employee_id == employee)

    def _line(self, review, metric):
        return review.line_ids.filtered(lambda line: line.metric_id == metric)

    def _move_to(self, review, state):
        """Take a review to a state by the moves that lead there, each made by who may."""
        moves = {
            "goal": ("confirm_goals", review.employee_id.user_id),
            "progress": ("start_assessment", self.hr_user),
            "self": ("skip_self", self.hr_user),
            "manager": ("submit_scores", self.manager.user_id),
            "ready": ("publish", self.hr_user),
            "published": ("close", self.hr_user),
        }
        while review.state != state:
            if review.state == "manager":
                self._rate(review)
            name, user = moves[review.state]
            review.with_user(user)._transition(name)
        return review

    def _rate(self, review, value=4, reason="Careful work"):
        self._line(review, self.quality).write({"manager_value": value, "manager_reason": reason})
