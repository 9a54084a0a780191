from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        result = super().write(vals)
        if {"state", "invoice_user_id", "invoice_date"} & vals.keys():
            self._record_credits()
        return result

    def _record_credits(self):
        """Have the ledger of credits follow these invoices and the orders that they credit."""
        moves = self.filtered(lambda move: move.move_type in ("out_invoice", "out_refund"))
        if not moves or not self.env["hr.performance.sales.plan"]._is_recording():
            return
        credit = self.env["hr.performance.sales.credit"]
        credit._record("invoiced", moves)
        credit._record("paid", moves)
        # sudo: whoever posts an invoice need not see the order
        orders = moves.sudo().line_ids.sale_line_ids.order_id
        orders.filtered(lambda order: order._is_credited())._record_credits()
