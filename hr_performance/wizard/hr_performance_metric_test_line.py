from odoo import api, fields, models
from odoo.exceptions import UserError


class HrPerformanceMetricTestLine(models.TransientModel):
    """What a tested metric gives for one employee."""

    _name = "hr.performance.metric.test.line"
    _description = "Tested Value"

    test_id = fields.Many2one(
        "hr.performance.metric.test", required=True, index=True, ondelete="cascade"
    )
    employee_id = fields.Many2one("hr.employee", required=True, ondelete="cascade")
    measured = fields.Boolean()
    value = fields.Float()
    value_text = fields.Char("Shown Value", compute="_compute_value_text")
    numerator = fields.Float()
    denominator = fields.Float()
    sample = fields.Integer("Records")
    coverage = fields.Float()
    reason = fields.Selection(
        lambda self: self.env["hr.performance.value"]._fields["reason"].selection, "Why Unknown"
    )
    detail = fields.Json()
    explanation = fields.Char(compute="_compute_explanation")
    has_records = fields.Boolean(compute="_compute_has_records")
    is_ratio = fields.Boolean(related="test_id.is_ratio")

    @api.depends("value", "measured")
    @api.depends_context("lang")
    def _compute_value_text(self):
        for line in self:
            line.value_text = line.test_id.metric_id._format(
                line.value if line.measured else None, line.test_id.company_id.currency_id
            )

    @api.depends("reason", "detail")
    @api.depends_context("lang")
    def _compute_explanation(self):
        Value = self.env["hr.performance.value"]
        for line in self:
            line.explanation = Value._explain_reason(line.reason, line.detail)

    @api.depends("sample", "test_id.metric_id.has_records")
    def _compute_has_records(self):
        for line in self:
            metric = line.test_id.metric_id
            # the operands of a formula were not stored, the explanation names them
            line.has_records = line.sample and metric.has_records and metric.source != "formula"

    def action_open_records(self):
        """Open the records that the number counts, as far as the user may read them."""
        return self._open_records("numerator")

    def action_open_divisor(self):
        """Open the records that a ratio divides by."""
        return self._open_records("denominator")

    def _open_records(self, part):
        self.ensure_one()
        self.check_access("read")
        test = self.test_id
        action = test.metric_id._get_metric_records_action(
            self.employee_id, test.date_from, test.date_to, part
        )
        if not action:
            raise UserError(
                self.env._(
                    "There are no records to open here, or they are kept where you may not read."
                )
            )
        return action
