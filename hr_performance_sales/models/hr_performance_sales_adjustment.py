# Append-only: nothing goes on to the ORM.
# pylint: disable=method-required-super,no-raise-unlink
from odoo import api, fields, models
from odoo.exceptions import UserError


class HrPerformanceSalesAdjustment(models.Model):
    """What a reward turned out to be more or less after its period was closed. Append-only."""

    _name = "hr.performance.sales.adjustment"
    _description = "Adjustment of a Sales Statement"
    _inherit = ["hr.performance.access.mixin", "hr.performance.bulk.mixin"]
    _order = "id desc"
    _rec_name = "reason"

    statement_id = fields.Many2one(
        "hr.performance.sales.statement",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    employee_id = fields.Many2one("hr.employee", required=True, readonly=True, ondelete="restrict")
    manager_id = fields.Many2one("hr.employee", readonly=True)
    number = fields.Integer("No.", required=True, readonly=True, aggregator=None)
    amount = fields.Monetary("Added to the Reward", required=True, readonly=True)
    reason = fields.Text(required=True, readonly=True)
    figures = fields.Json(readonly=True)

    _number_unique = models.UniqueIndex("(statement_id, number)")

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(
            self.env._("Adjustments come from reopening a period or settling a dispute.")
        )

    def write(self, vals):
        raise UserError(self.env._("Adjustments are not changed. Add another one."))

    def unlink(self):
        raise UserError(self.env._("Adjustments are not deleted. Add another one."))

    @api.model
    def _add(self, statement, amount, reason, figures=None):
        number = self.search_count([("statement_id", "=", statement.id)]) + 1
        return self._bulk_insert(
            [
                {
                    "statement_id": statement.id,
                    "company_id": statement.company_id.id,
                    "employee_id": statement.employee_id.id,
                    "manager_id": statement.manager_id.id or None,
                    "number": number,
                    "amount": amount,
                    "reason": reason,
                    "figures": figures or {},
                }
            ]
        )
