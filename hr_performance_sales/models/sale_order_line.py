from odoo import api, models

CREDIT_FIELDS = {"discount", "price_unit", "product_id", "product_uom_qty", "tax_ids"}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._record_credits()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if CREDIT_FIELDS & vals.keys():
            self._record_credits()
        return result

    def _record_credits(self):
        """A line of a confirmed order was added or changed on its own."""
        # sudo: state only
        orders = self.sudo().order_id
        orders.filtered(lambda order: order._is_credited())._record_credits()
