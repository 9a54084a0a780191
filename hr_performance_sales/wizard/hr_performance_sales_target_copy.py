from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.hr_performance.tools.decimals import round_half_up, to_decimal


class HrPerformanceSalesTargetCopy(models.TransientModel):
    """Sets the targets of a period from the targets or sales of an earlier one, with growth."""

    _name = "hr.performance.sales.target.copy"
    _description = "Copy Sales Targets"

    plan_id = fields.Many2one(
        "hr.performance.sales.plan", required=True, readonly=True, ondelete="cascade"
    )
    source = fields.Selection(
        [("target", "Minimum targets"), ("amount", "Sales")], default="target", required=True
    )
    source_start = fields.Date("From the Period of", required=True)
    period_start = fields.Date("To the Period of", required=True)
    growth = fields.Float("Growth (%)", default=5, digits=(16, 2))
    rounding = fields.Integer("Round to", default=100)

    def action_confirm(self):
        """One target for each person of the earlier period; those that are there stay."""
        self.ensure_one()
        self.plan_id.check_access("write")
        if self.rounding < 1:
            raise UserError(self.env._("Round to 1 or more."))
        target_start = self.plan_id._get_period(self.period_start).date_from
        minimums = self._get_minimums()
        taken = self.plan_id.target_ids.filtered(lambda t: t.period_start == target_start)
        factor = 1 + to_decimal(self.growth) / 100
        self.env["hr.performance.sales.target"].create(
            [
                {
                    "plan_id": self.plan_id.id,
                    "employee_id": employee,
                    "period_start": target_start,
                    "amount": max(
                        round_half_up(amount * factor / self.rounding, 0) * self.rounding, 0
                    ),
                }
                for employee, amount in minimums.items()
                if employee not in taken.employee_id.ids
            ]
        )
        return {"type": "ir.actions.act_window_close"}

    def _get_minimums(self):
        """``{employee id: amount}`` of the earlier period."""
        start = self.plan_id._get_period(self.source_start).date_from
        results = self.env["hr.performance.sales.result"].search(
            Domain("period_id.root_id", "=", self.plan_id.root_id.id)
            & Domain("period_id.date_from", "=", start)
        )
        if not results:
            raise UserError(self.env._("The plan has no results for the period from %s.", start))
        field = "full_minimum" if self.source == "target" else "amount"
        return {row.employee_id.id: to_decimal(row[field]) for row in results}
