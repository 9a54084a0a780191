import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from ..tools.apportion import ShareError, check_shares

#: Stands in the context while a document writes several shares at once. A client, who does not know
#: it, cannot keep the ledger from following what he changes.
PENDING = secrets.token_hex()


class HrPerformanceSalesShare(models.Model):
    """Who is credited with which part of an opportunity or an order; together they are 100 %.

    Once the deal is won or confirmed, sales managers alone change how it is shared.
    """

    _name = "hr.performance.sales.share"
    _description = "Share of a Sale"
    _order = "id"
    _rec_name = "user_id"

    lead_id = fields.Many2one("crm.lead", index="btree_not_null", ondelete="cascade")
    order_id = fields.Many2one("sale.order", index="btree_not_null", ondelete="cascade")
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True)
    user_id = fields.Many2one(
        "res.users",
        "Salesperson",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    percent = fields.Float("Share (%)", required=True, digits=(16, 2), aggregator=None)
    is_support = fields.Boolean(
        "Helped", help="Helped with a colleague's deal; plans may reward that."
    )

    _one_document = models.Constraint(
        "CHECK ((lead_id IS NULL) <> (order_id IS NULL))",
        "A share belongs to one opportunity or to one order.",
    )
    _percent_range = models.Constraint(
        "CHECK (percent > 0 AND percent <= 100)", "A share lies between 0 % and 100 %."
    )
    _lead_user_unique = models.UniqueIndex(
        "(lead_id, user_id) WHERE lead_id IS NOT NULL", "Each salesperson has one share of a deal."
    )
    _order_user_unique = models.UniqueIndex(
        "(order_id, user_id) WHERE order_id IS NOT NULL",
        "Each salesperson has one share of an order.",
    )

    @api.depends("lead_id.company_id", "order_id.company_id")
    def _compute_company_id(self):
        for share in self:
            share.company_id = share.order_id.company_id or share.lead_id.company_id

    @api.model_create_multi
    def create(self, vals_list):
        shares = super().create(vals_list)
        shares._check_may_share()
        shares._check_total(shares.lead_id, shares.order_id)
        self._record(shares.lead_id, shares.order_id)
        return shares

    def write(self, vals):
        self._check_may_share()
        leads, orders = self.lead_id, self.order_id
        result = super().write(vals)
        self._check_may_share()
        leads, orders = leads | self.lead_id, orders | self.order_id
        self._check_total(leads, orders)
        self._record(leads, orders)
        return result

    def unlink(self):
        self._check_may_share()
        leads, orders = self.lead_id, self.order_id
        result = super().unlink()
        self._check_total(leads, orders)
        self._record(leads, orders)
        return result

    def _check_may_share(self):
        """Nobody moves credit that has been given but sales managers."""
        if self.env.su or self.env.user.has_group("sales_team.group_sale_manager"):
            return
        # sudo: states only
        shares = self.sudo()
        credited = shares.lead_id.filtered(lambda lead: lead.won_status == "won")
        if credited or shares.order_id.filtered(lambda order: order.state == "sale"):
            raise AccessError(
                self.env._(
                    "The deal is credited already. Ask a sales manager to change how it is shared."
                )
            )

    @api.model
    def _is_pending(self):
        """Whether the document that is written checks and records its shares itself."""
        return self.env.context.get("performance_shares_pending") == PENDING

    @api.model
    def _check_total(self, leads, orders):
        """Shares of a document total 100; the parent checks once all of its rows are written."""
        if self._is_pending():
            return
        for field, documents in (("lead_id", leads), ("order_id", orders)):
            # sudo: the total counts shares of everybody
            shares = self.sudo().search(Domain(field, "in", documents.ids))
            for document, rows in shares.grouped(field).items():
                try:
                    check_shares(rows.mapped("percent"))
                except ShareError as error:
                    raise ValidationError(
                        self.env._(
                            "The shares of %(document)s total %(total)s %%, not 100 %%.",
                            document=document.display_name,
                            total=round(sum(rows.mapped("percent")), 2),
                        )
                    ) from error

    @api.model
    def _record(self, leads, orders):
        """Have the ledger follow, orders and invoices that take their shares from here included."""
        if self._is_pending():
            return
        leads._record_credits()
        if leads and "opportunity_id" in orders._fields:
            # sudo: whoever changes the shares of an opportunity need not see its orders
            orders |= orders.sudo().search([("opportunity_id", "in", leads.ids)])
        orders._record_credits()
        # sudo: as above
        orders.sudo().invoice_ids._record_credits()
