from odoo import api, fields, models

from .hr_performance_sales_share import PENDING

#: What a change of an order may mean for who is credited with how much.
CREDIT_FIELDS = {
    "currency_rate",
    "date_order",
    "opportunity_id",
    "order_line",
    "performance_share_ids",
    "state",
    "user_id",
}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    performance_cancel_date = fields.Datetime(
        "Confirmed Order Cancelled On",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The month of this day loses the amount of the order; the month in which it was "
        "confirmed keeps it. Empty for quotations that were cancelled.",
    )
    performance_share_ids = fields.One2many(
        "hr.performance.sales.share", "order_id", "Shared with", copy=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        pending = self.with_context(performance_shares_pending=PENDING)
        orders = super(SaleOrder, pending).create(vals_list).with_env(self.env)
        orders._follow_shares({"performance_share_ids"} & set().union(*vals_list))
        orders.filtered(lambda order: order.state == "sale")._record_credits()
        return orders

    def write(self, vals):  # pylint: disable=method-required-super
        changed = CREDIT_FIELDS & vals.keys()
        if not changed or self.env["hr.performance.sales.share"]._is_pending():
            return self._write_state(vals)
        credited = self.filtered(lambda order: order._is_credited())
        if "performance_share_ids" in vals:
            pending = self.with_context(performance_shares_pending=PENDING)
            result = pending._write_state(vals)
        else:
            result = self._write_state(vals)
        self._follow_shares({"performance_share_ids"} & changed)
        (credited | self.filtered(lambda order: order._is_credited()))._record_credits()
        return result

    def unlink(self):
        credited = self.filtered(lambda order: order._is_credited())
        result = super().unlink()
        credited._record_credits(gone=True)
        return result

    def _is_credited(self):
        return self.state == "sale" or bool(self.performance_cancel_date)

    def _follow_shares(self, changed):
        """After all shares of the orders are written: they total 100, their invoices follow."""
        if changed:
            Share = self.env["hr.performance.sales.share"]
            Share._check_total(self.env["crm.lead"], self)
            Share._record(self.env["crm.lead"], self)

    def _record_credits(self, gone=False):
        """Have the ledger of credits follow these orders."""
        if self and self.env["hr.performance.sales.plan"]._is_recording():
            self.env["hr.performance.sales.credit"]._record("ordered", self, gone)

    def _write_state(self, vals):
        """Write, and note when a confirmed order is cancelled."""
        if "state" not in vals:
            return super().write(vals)
        confirmed = self.browse()
        if vals["state"] == "cancel":
            confirmed = self.filtered(lambda order: order.state == "sale")
        result = super().write(vals)
        # sudo: nobody writes this date, it follows from the state
        orders = self.sudo()
        if vals["state"] != "cancel":
            orders = orders.filtered("performance_cancel_date")
            orders.performance_cancel_date = False
        elif confirmed:
            confirmed.sudo().performance_cancel_date = fields.Datetime.now()
        return result

    @api.model
    def _has_field_access(self, field, operation):
        """A salesperson may write his orders, but not move their cancellation to another month."""
        if operation == "write" and field.name == "performance_cancel_date" and not self.env.su:
            return False
        return super()._has_field_access(field, operation)
