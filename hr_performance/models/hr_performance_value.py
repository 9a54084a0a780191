import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class HrPerformanceValue(models.Model):
    """One measured number: a metric, an employee, a period, and what the number rests on.

    Only the engine writes values. They follow the records while a period runs; what counts for a
    review is copied into its lines and sealed there.
    """

    _name = "hr.performance.value"
    _inherit = ["hr.performance.access.mixin"]
    _description = "Measured Value"
    _order = "date_to desc, id"
    _log_access = False

    metric_id = fields.Many2one(
        "hr.performance.metric", required=True, index=True, ondelete="cascade"
    )
    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    date_from = fields.Date(required=True)
    date_to = fields.Date(required=True)
    value = fields.Float(aggregator="avg", help="Read it only where the metric is measured.")
    measured = fields.Boolean(help="Off: the value is unknown, which is not zero.")
    numerator = fields.Float(aggregator=None)
    denominator = fields.Float(aggregator=None)
    sample = fields.Integer(
        "Records", aggregator="sum", help="How many records the value rests on."
    )
    coverage = fields.Float(
        aggregator="avg", help="How far the records reach the expected number, from 0 to 1."
    )
    reason = fields.Selection(
        [
            ("not_entered", "The manager enters it on the review"),
            ("no_user", "The employee has no user to find records by"),
            ("no_rows", "No record in the period"),
            ("empty_denominator", "Nothing to divide by"),
            ("operand", "A metric of the formula is unknown"),
            ("error", "The metric could not be measured"),
        ],
        "Why Unknown",
    )
    detail = fields.Json()
    explanation = fields.Char(compute="_compute_explanation")
    source = fields.Char()
    computed_at = fields.Datetime(
        "Unchanged Since", help="When this number was found first; checking it again keeps it."
    )
    value_text = fields.Char("Shown Value", compute="_compute_value_text")
    has_records = fields.Boolean(related="metric_id.has_records")
    is_ratio = fields.Boolean(compute="_compute_is_ratio", compute_sudo=True)

    _value_unique = models.UniqueIndex(
        "(metric_id, employee_id, date_from, date_to)",
        "An employee has one value for a metric and a period.",
    )

    @api.depends("metric_id", "employee_id", "date_from", "date_to")
    def _compute_display_name(self):
        for value in self:
            value.display_name = self.env._(
                "%(metric)s, %(employee)s",
                metric=value.metric_id.display_name,
                employee=value.employee_id.display_name,
            )

    @api.depends("value", "measured", "metric_id")
    @api.depends_context("lang")
    def _compute_value_text(self):
        for value in self:
            value.value_text = value.metric_id._format(
                value.value if value.measured else None, value.company_id.currency_id
            )

    @api.depends("reason", "detail", "measured")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for value in self:
            value.explanation = self._explain_reason(value.reason, value.detail)

    @api.depends("metric_id.is_ratio")
    def _compute_is_ratio(self):
        for value in self:
            value.is_ratio = value.metric_id.is_ratio

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_records(self):
        """Open the records that the number counts, as far as the reader may see them."""
        return self._open_records("numerator")

    def action_open_divisor(self):
        """Open the records that a ratio divides by."""
        return self._open_records("denominator")

    def _open_records(self, part):
        self.ensure_one()
        self.check_access("read")
        action = self.metric_id._get_metric_records_action(
            self.employee_id, self.date_from, self.date_to, part
        )
        if not action:
            raise UserError(
                self.env._(
                    "There are no records to open here, or they are kept where you may not read."
                )
            )
        return action

    @api.model
    def _explain_reason(self, reason, detail):
        """Why a value is unknown, or what a calculated one rests on; False where nothing is to say.

        :param reason: one of ``tools.measurement.REASONS``, or False
        :param detail: the dictionary of the measurement, or False
        """
        detail = detail or {}
        if not reason:
            return self._explain_known(detail)
        if detail.get("message"):
            return detail["message"]
        if detail.get("operand"):
            return self.env._("The metric “%(code)s” is unknown", code=detail["operand"])
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        return reasons.get(reason, False)

    @api.model
    def _explain_known(self, detail):
        if detail.get("operands"):
            unknown = self.env._("unknown")
            return ", ".join(
                f"{code} = {unknown if value is None else format(value, '.10g')}"
                for code, value in detail["operands"].items()
            )
        if detail.get("converted"):
            return self.env._(
                "%(count)s records in foreign currencies, each converted at the rate of its day",
                count=detail["converted"],
            )
        return False

    # ------------------------------------------------------------
    # Storing
    # ------------------------------------------------------------

    @api.model
    def _store(self, metric, measurements, date_from, date_to):
        """Insert or update the values of one metric and period in one statement.

        Rows in which nothing changed are not written, so that a second run leaves no trace. Rows
        go in by employee id, so that two runs at once wait for each other instead of locking up.

        :param measurements: ``{employee id: tools.measurement.Measurement}``
        """
        if not measurements:
            return
        self.flush_model()
        self.env["hr.employee"].flush_model(["company_id"])
        rows = sorted(measurements.items())
        query = SQL(
            """INSERT INTO hr_performance_value AS v (
                   metric_id, employee_id, company_id, date_from, date_to, source, computed_at,
                   value, measured, numerator, denominator, sample, coverage, reason, detail)
               SELECT %(metric_id)s, n.employee_id, e.company_id, %(date_from)s, %(date_to)s,
                      %(source)s, %(now)s, n.value, n.value IS NOT NULL, n.numerator,
                      n.denominator, n.sample, n.coverage, n.reason, n.detail::jsonb
                 FROM unnest(%(arrays)s) AS n(
                          employee_id, value, numerator, denominator, sample, coverage, reason,
                          detail)
                 JOIN hr_employee e ON e.id = n.employee_id
             ORDER BY n.employee_id
          ON CONFLICT (metric_id, employee_id, date_from, date_to) DO UPDATE
                  SET (company_id, source, computed_at, value, measured, numerator, denominator,
                       sample, coverage, reason, detail)
                    = ROW(excluded.company_id, excluded.source, excluded.computed_at,
                          excluded.value, excluded.measured, excluded.numerator,
                          excluded.denominator, excluded.sample, excluded.coverage,
                          excluded.reason, excluded.detail)
                WHERE (v.company_id, v.source, v.value, v.numerator, v.denominator, v.sample,
                       v.coverage, v.reason, v.detail)
                      IS DISTINCT FROM
                      (excluded.company_id, excluded.source, excluded.value, excluded.numerator,
                       excluded.denominator, excluded.sample, excluded.coverage, excluded.reason,
                       excluded.detail)""",
            metric_id=metric.id,
            date_from=date_from,
            date_to=date_to,
            source=metric.source,
            now=fields.Datetime.now(),
            arrays=self._get_arrays(rows),
        )
        self.env.cr.execute(query)
        self.invalidate_model()

    @api.model
    def _get_arrays(self, rows):
        """One typed array per column, the arguments of ``unnest``."""
        ids = [employee_id for employee_id, _measurement in rows]
        measurements = [measurement for _employee_id, measurement in rows]
        details = [
            json.dumps(measurement.detail) if measurement.detail else None
            for measurement in measurements
        ]
        return SQL(
            "%s::int[], %s::float8[], %s::float8[], %s::float8[], %s::int[], %s::float8[], "
            "%s::text[], %s::text[]",
            ids,
            [measurement.value for measurement in measurements],
            [measurement.numerator for measurement in measurements],
            [measurement.denominator for measurement in measurements],
            [measurement.sample for measurement in measurements],
            [measurement.coverage for measurement in measurements],
            [measurement.reason for measurement in measurements],
            details,
        )
