# Append-only: nothing goes on to the ORM.
# pylint: disable=method-required-super,no-raise-unlink
from odoo import api, fields, models
from odoo.exceptions import UserError


class HrPerformanceSalesPayout(models.Model):
    """The payout ledger: what was handed over to payroll for a statement; rows are added only."""

    _name = "hr.performance.sales.payout"
    _description = "Paid Sales Reward"
    _inherit = ["hr.performance.access.mixin", "hr.performance.bulk.mixin"]
    _order = "id desc"
    _rec_name = "statement_id"

    payroll_id = fields.Many2one(
        "hr.performance.sales.payroll",
        "Payout",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
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
    amount = fields.Monetary(required=True, readonly=True)
    reverses_id = fields.Many2one(
        "hr.performance.sales.payout", "Takes Back", readonly=True, ondelete="restrict"
    )

    _number_unique = models.UniqueIndex("(statement_id, number)")
    _reverses_unique = models.UniqueIndex("(reverses_id) WHERE reverses_id IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Pay approved periods by their button."))

    def write(self, vals):
        raise UserError(self.env._("What was paid is not changed. Cancel the payout."))

    def unlink(self):
        raise UserError(self.env._("What was paid is not deleted. Cancel the payout."))
