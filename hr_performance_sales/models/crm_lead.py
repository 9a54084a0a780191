from odoo import api, fields, models

from .hr_performance_sales_share import PENDING

#: What a change of an opportunity may mean for who is credited with how much.
CREDIT_FIELDS = {
    "active",
    "company_id",
    "date_closed",
    "expected_revenue",
    "performance_share_ids",
    "probability",
    "stage_id",
    "type",
    "user_id",
}
#: What of it may win an opportunity or take a won one back: where core asks for the outcome, too.
OUTCOME_FIELDS = {"active", "probability", "stage_id"}


class CrmLead(models.Model):
    _inherit = "crm.lead"

    performance_share_ids = fields.One2many(
        "hr.performance.sales.share", "lead_id", "Shared with", copy=True
    )
    performance_support_ids = fields.One2many(
        "hr.performance.sales.support", "lead_id", "Customer Support"
    )

    # Core has no index on the closing date. This one answers "who won and lost how much in this
    # period" without reading the leads themselves.
    _performance_closed_idx = models.Index(
        "(won_status, date_closed) INCLUDE (active, user_id, company_id, expected_revenue)"
        " WHERE date_closed IS NOT NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        pending = self.with_context(performance_shares_pending=PENDING)
        leads = super(CrmLead, pending).create(vals_list).with_env(self.env)
        leads._follow_shares({"performance_share_ids"} & set().union(*vals_list))
        leads._filter_credited()._record_credits()
        return leads

    def write(self, vals):
        changed = CREDIT_FIELDS & vals.keys()
        if not changed or self.env["hr.performance.sales.share"]._is_pending():
            return super().write(vals)
        credited = self._filter_credited()
        if "performance_share_ids" in vals:
            result = super(CrmLead, self.with_context(performance_shares_pending=PENDING)).write(
                vals
            )
        else:
            result = super().write(vals)
        self._follow_shares({"performance_share_ids"} & changed)
        if OUTCOME_FIELDS & changed:
            credited |= self._filter_credited()
        credited._record_credits()
        return result

    def unlink(self):
        credited = self._filter_credited()
        result = super().unlink()
        credited._record_credits(gone=True)
        return result

    def _filter_credited(self):
        """The won ones of these opportunities, where anybody keeps a ledger.

        Asking for an outcome earlier than core does makes it compute lead by lead what it would
        compute for many at once: without a ledger nobody asks.
        """
        if not self.env["hr.performance.sales.plan"]._is_recording():
            return self.browse()
        return self.filtered(lambda lead: lead.won_status == "won")

    def _follow_shares(self, changed):
        """After all shares of the opportunities are written: they total 100, orders follow."""
        if changed:
            Share = self.env["hr.performance.sales.share"]
            Share._check_total(self, self.env["sale.order"])
            Share._record(self, self.env["sale.order"])

    def _record_credits(self, gone=False):
        """Have the ledger of credits follow these opportunities."""
        if self and self.env["hr.performance.sales.plan"]._is_recording():
            self.env["hr.performance.sales.credit"]._record("won", self, gone)
