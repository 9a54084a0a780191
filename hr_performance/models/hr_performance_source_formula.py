import math

from odoo import api, models
from odoo.exceptions import ValidationError

from ..tools.expression import Expression, ExpressionError
from ..tools.measurement import known, unknown


class HrPerformanceSourceFormula(models.AbstractModel):
    """A number calculated from other metrics of the same employee and period.

    The formula reads the codes of metrics and nothing else. The operands are measured once for the
    whole batch, before the formula.
    """

    _name = "hr.performance.source.formula"
    _inherit = ["hr.performance.source"]
    _description = "Metric Source: Formula"

    @api.model
    def _collect(self, metric, employees, date_from, date_to):
        operands = self._get_operands(metric)
        return self._combine(metric, employees, operands._measure(employees, date_from, date_to))

    @api.model
    def _get_operands(self, metric):
        return metric.operand_ids

    @api.model
    def _combine(self, metric, employees, operands):
        by_code = {operand.code: values for operand, values in operands.items()}
        expression = self._compile(metric, by_code)
        return {
            employee_id: self._evaluate(
                expression,
                {code: values[employee_id] for code, values in by_code.items()},
                metric.expected_sample,
            )
            for employee_id in employees.ids
        }

    @api.model
    def _evaluate(self, expression, measurements, expected_sample):
        """One employee's value; unknown, and naming the operand, when an operand is unknown."""
        values = {code: measurement.value for code, measurement in measurements.items()}
        detail = {"operands": values}
        try:
            value = expression.evaluate(values)
            if value is not None and math.isinf(value):
                raise ExpressionError("number_too_large")
        except ExpressionError as error:
            return unknown("error", detail={**detail, "message": self._get_problem(error)})
        if value is None:
            code = next(
                code for code, measurement in measurements.items() if not measurement.measured
            )
            detail |= {"operand": code, "operand_reason": measurements[code].reason}
            return unknown("operand", detail=detail)
        sample = min((m.sample for m in measurements.values()), default=0)
        result = known(float(value), None, sample, 1.0, expected_sample, detail)
        if expected_sample:
            return result
        coverage = min((m.coverage for m in measurements.values() if m.measured), default=1.0)
        return result._replace(coverage=coverage)

    @api.model
    def _compile(self, metric, names):
        """The formula of the metric as an ``Expression`` over the given codes.

        :raises ValidationError: when the formula cannot be read
        """
        try:
            return Expression(metric.formula or "", names)
        except ExpressionError as error:
            raise ValidationError(
                self.env._(
                    "Formula of %(metric)s: %(problem)s",
                    metric=metric.name,
                    problem=self._get_problem(error),
                )
            ) from error

    @api.model
    def _get_problem(self, error):
        """What is wrong with a formula and what to do, in a sentence."""
        sentences = {
            "empty": self.env._("write a formula, for example: won / handled * 100"),
            "unknown_name": self.env._(
                "“%(name)s” is not the code of a metric that this one may use.", **error.params
            )
            if error.code == "unknown_name"
            else "",
            "unknown_function": self.env._(
                "only min, max, abs, round, sum and coalesce may be called."
            ),
            "division_by_zero": self.env._("division by zero; guard it: a / b if b else 0"),
            "syntax": self.env._("it cannot be read; check brackets and signs."),
            "too_complex": self.env._("it is too long; split it into two metrics."),
            "too_long": self.env._("it is too long; split it into two metrics."),
            "power_too_large": self.env._("the number becomes too large."),
            "number_too_large": self.env._("the number becomes too large."),
        }
        return sentences.get(error.code) or self.env._(
            "it is refused (%(code)s); use only metric codes, numbers and + - * / ( ).",
            code=error.code,
        )

    @api.model
    def _records_action(self, metric, employee, date_from, date_to, part="numerator"):
        operands = self._get_operands(metric)
        if not operands:
            return False
        action = self.env["ir.actions.actions"]._for_xml_id(
            "hr_performance.hr_performance_value_action"
        )
        action["display_name"] = self.env._("Operands of %(metric)s", metric=metric.name)
        action["domain"] = [
            ("metric_id", "in", operands.ids),
            ("employee_id", "=", employee.id),
            ("date_from", "=", date_from),
            ("date_to", "=", date_to),
        ]
        action["context"] = {}
        return action

    @api.model
    def _has_records(self, metric):
        return bool(metric.operand_ids)

    @api.model
    def _check_config(self, metric):
        self._compile(metric, metric._get_usable_codes())
        metric._check_operand_cycle()
