from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.hr_performance.tools.measurement import divide, unknown


class HrPerformanceSourceSalesPlan(models.AbstractModel):
    """Where people stand in the plans that pay them, as per cent of a target.

    So salespeople are measured in reviews on the scale on which everybody is: how far somebody
    reached what was asked of him, pro rata and split credit included.
    """

    _name = "hr.performance.source.sales_plan"
    _inherit = ["hr.performance.source"]
    _description = "Metric Source: Results of Sales Plans"

    @api.model
    def _collect(self, metric, employees, date_from, date_to):
        amount, target = self._get_columns(metric)
        domain = self._get_domain(metric, date_from, date_to)
        groups = self.env["hr.performance.sales.result"]._read_group(
            domain & Domain("employee_id", "in", employees.ids),
            ["employee_id"],
            [f"{amount}:sum", f"{target}:sum", "__count"],
        )
        found = {employee.id: numbers for employee, *numbers in groups}
        return {
            employee_id: self._get_measurement(*found.get(employee_id, (0, 0, 0)))
            for employee_id in employees.ids
        }

    @api.model
    def _get_measurement(self, amount, target, count):
        if not count:
            return unknown("no_rows")
        return divide(amount, target, count, factor=100.0)

    @api.model
    def _get_columns(self, metric):
        """What is divided by what."""
        metric = metric.sudo()  # sudo: the configuration of the metric
        return {"attainment": ("amount", "minimum"), "line": ("compared", "line")}[
            metric.sales_measure
        ]

    @api.model
    def _get_domain(self, metric, date_from, date_to):
        """The results of plan periods within the period; those without a target are left out."""
        metric = metric.sudo()  # sudo: as above
        domain = (
            Domain("period_id.is_pilot", "=", False)
            & Domain("period_id.date_from", ">=", date_from)
            & Domain("period_id.date_to", "<=", date_to)
            & Domain("basis", "!=", False)
            & Domain(self._get_columns(metric)[1], ">", 0)
        )
        if metric.sales_closed:
            domain &= Domain("period_id.closed_on", "!=", False)
        return domain

    @api.model
    def _records_action(self, metric, employee, date_from, date_to, part="numerator"):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance_sales.hr_performance_sales_result_action"
        )
        domain = self._get_domain(metric, date_from, date_to)
        domain &= Domain("employee_id", "=", employee.id)
        return dict(action, domain=list(domain), context={"create": False})

    @api.model
    def _has_records(self, metric):
        return True

    @api.model
    def _check_config(self, metric):
        if not metric.sales_measure:
            raise ValidationError(
                self.env._(
                    "%(metric)s: choose which part of the result is measured.", metric=metric.name
                )
            )
