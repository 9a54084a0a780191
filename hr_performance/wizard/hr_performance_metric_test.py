from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

#: How many people are shown; the assistant is for looking, not for collecting.
MAX_PEOPLE = 200


class HrPerformanceMetricTest(models.TransientModel):
    """Shows what a metric gives for a period, before anybody is measured by it.

    It measures with the rights of the person who tests, so that a metric never shows him what he
    may not read himself. Nothing is stored.
    """

    _name = "hr.performance.metric.test"
    _description = "Test of a Metric"

    metric_id = fields.Many2one("hr.performance.metric", required=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    date_from = fields.Date("From", required=True, default=lambda self: self._default_date_from())
    date_to = fields.Date("To", required=True, default=lambda self: self._default_date_to())
    department_id = fields.Many2one("hr.department", ondelete="cascade")
    employee_ids = fields.Many2many("hr.employee", string="Employees")
    line_ids = fields.One2many("hr.performance.metric.test.line", "test_id", readonly=True)
    is_ratio = fields.Boolean(related="metric_id.is_ratio")
    measured_count = fields.Integer("People with a Value", compute="_compute_counts")
    unknown_count = fields.Integer("People without", compute="_compute_counts")
    is_cut = fields.Boolean(compute="_compute_counts")

    @api.model
    def _default_date_from(self):
        return fields.Date.start_of(self._default_date_to(), "month")

    @api.model
    def _default_date_to(self):
        """The end of last month, the latest one that is complete."""
        month = fields.Date.start_of(self.env.company._get_performance_today(), "month")
        return fields.Date.subtract(month, days=1)

    @api.depends("line_ids.measured")
    def _compute_counts(self):
        for test in self:
            test.measured_count = len(test.line_ids.filtered("measured"))
            test.unknown_count = len(test.line_ids) - test.measured_count
            test.is_cut = len(test.line_ids) == MAX_PEOPLE

    def action_run(self):
        """Measure and show the lines; may be pressed again after a change."""
        self.ensure_one()
        self.check_access("write")
        if self.date_to < self.date_from:
            raise UserError(self.env._("The period ends before it begins."))
        employees = self._get_employees()
        if not employees:
            raise UserError(self.env._("There is nobody to measure. Choose other employees."))
        metric = self.metric_id
        measured = metric._measure(employees, self.date_from, self.date_to)[metric]
        # sudo: the numbers were found with the user's own rights; lines cannot be written by hand
        self.sudo().line_ids = [
            Command.clear(),
            *(
                Command.create(self._prepare_line_vals(employee, measured[employee.id]))
                for employee in employees
            ),
        ]
        return self._get_records_action(
            name=self.env._("Test: %(metric)s", metric=metric.name), target="new"
        )

    def _get_employees(self):
        self.ensure_one()
        if self.employee_ids:
            return self.employee_ids[:MAX_PEOPLE]
        domain = Domain("company_id", "=", self.company_id.id)
        if self.department_id:
            domain &= Domain("department_id", "child_of", self.department_id.id)
        return self.env["hr.employee"].search(domain, limit=MAX_PEOPLE)

    @api.model
    def _prepare_line_vals(self, employee, measurement):
        return {
            "employee_id": employee.id,
            "measured": measurement.measured,
            "value": measurement.value or 0.0,
            "numerator": measurement.numerator or 0.0,
            "denominator": measurement.denominator or 0.0,
            "sample": measurement.sample,
            "coverage": measurement.coverage,
            "reason": measurement.reason,
            "detail": measurement.detail,
        }
