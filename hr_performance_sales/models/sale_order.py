from odoo import api, fields, models


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

    def write(self, vals):
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
