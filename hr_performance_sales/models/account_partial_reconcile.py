from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._record_payments(partials._get_moves())
        return partials

    def unlink(self):
        moves = self._get_moves()
        result = super().unlink()
        self._record_payments(moves.exists())
        return result

    def _get_moves(self):
        moves = (self.debit_move_id | self.credit_move_id).move_id
        return moves.filtered(lambda move: move.move_type in ("out_invoice", "out_refund"))

    def _record_payments(self, moves):
        """Have the ledger of credits follow what was paid of these invoices."""
        if moves and self.env["hr.performance.sales.plan"]._is_recording():
            self.env["hr.performance.sales.credit"]._record("paid", moves)
