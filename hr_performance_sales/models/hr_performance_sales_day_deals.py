from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.hr_performance.tools.decimals import plain, round_half_up, to_decimal

#: Open opportunities, and open quotations, that are ranked: the largest ones.
DEALS = 60
WHOLE = Decimal(100)
LINE_AMOUNTS = {"untaxed": "price_subtotal", "taxed": "price_total", "margin": "margin"}


class Deal(NamedTuple):
    """An open opportunity or quotation, and what the user would be credited with.

    ``kind`` is ``lead`` or ``order``; ``percent`` is his share.
    """

    kind: str
    record: models.Model
    amount: Decimal
    percent: Decimal
    is_support: bool

    @property
    def key(self):
        return f"{self.kind}_{self.record.id}"


class HrPerformanceSalesDay(models.AbstractModel):
    """The open deals of a salesperson, with the parts that the ledger would credit him with.

    Where the plan credits orders, invoices or payments, these are his quotations, and those of his
    opportunities for which none is open. Where it credits won opportunities, these alone.
    """

    _inherit = "hr.performance.sales.day"

    @api.model
    def _get_open_deals(self, result):
        """What the user has open, as a list of :class:`Deal`; read with his own rights."""
        plan = result.sudo().plan_id  # sudo: the rule of the plan
        orders = self._get_open_quotations(result)
        if plan.basis == "won":
            orders = orders.browse()
        leads = self._get_open_leads(result)
        if "opportunity_id" in orders._fields:
            leads -= orders.opportunity_id
        Entry = self.env["hr.performance.sales.entry"]
        ordered_by = Entry._get_people(orders, Entry._get_opportunities(orders))
        won_by = Entry._get_people(leads)
        quoted = self._get_quoted(plan, orders)
        digits = plan.currency_id.decimal_places
        deals = [
            self._get_deal("order", order, ordered_by[order.id], quoted[order.id], digits)
            for order in orders
        ]
        deals += [
            self._get_deal(
                "lead", lead, won_by[lead.id], [to_decimal(lead.expected_revenue or 0)], digits
            )
            for lead in leads
        ]
        return [deal for deal in deals if deal.percent]

    @api.model
    def _get_deal(self, kind, record, people, amounts, digits):
        """The part of the user in the lines of a deal, to the cent as the ledger divides them."""
        people = people or [(record.user_id.id, WHOLE, False)]
        number = next((n for n, who in enumerate(people) if who[0] == self.env.uid), None)
        if number is None:
            return Deal(kind, record, Decimal(0), Decimal(0), False)
        Entry = self.env["hr.performance.sales.entry"]
        parts = [Entry._split(people, [amount], digits)[number] for amount in amounts]
        amount = sum((part.amounts[0] for part in parts), Decimal(0))
        _user, percent, is_support = people[number]
        return Deal(kind, record, amount, percent, is_support)

    @api.model
    def _get_own_domain(self):
        return Domain("user_id", "=", self.env.uid) | Domain(
            "performance_share_ids.user_id", "=", self.env.uid
        )

    # Opportunities

    @api.model
    def _get_open_leads(self, result):
        """The own open opportunities, the largest ones, with the user's own rights."""
        Lead = self.env["crm.lead"]
        if not Lead.has_access("read"):
            return Lead
        company = result.company_id.id
        domain = (
            Domain("type", "=", "opportunity")
            & Domain("won_status", "=", "pending")
            & (
                Domain("company_id", "=", company)
                # as the ledger has it: what has no company is of the salesperson's own
                | Domain("company_id", "=", False) & Domain("user_id.company_id", "=", company)
            )
            & self._get_own_domain()
        )
        return Lead.search(domain, order="expected_revenue desc, id", limit=DEALS)

    # Quotations

    @api.model
    def _get_open_quotations(self, result):
        """The own quotations that are neither confirmed nor cancelled, with the user's rights."""
        Order = self.env["sale.order"]
        if not Order.has_access("read"):
            return Order
        own = self._get_own_domain()
        if "opportunity_id" in Order._fields:  # shares of an opportunity hold for its orders
            own |= Domain("opportunity_id.performance_share_ids.user_id", "=", self.env.uid)
        domain = (
            Domain("state", "in", ("draft", "sent"))
            & Domain("company_id", "=", result.company_id.id)
            & own
        )
        return Order.search(domain, order="amount_untaxed desc, id", limit=DEALS)

    @api.model
    def _get_quoted(self, plan, orders):
        """``{quotation id: what each line would count in the plan}``, in the company's currency."""
        counted = plan._filter_products(orders.order_line.product_id)
        return {order.id: self._get_quoted_lines(plan, order, counted) for order in orders}

    @api.model
    def _get_quoted_lines(self, plan, order, counted):
        lines = order.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment
        )
        rate = to_decimal(order.currency_rate or 1)
        amounts = [to_decimal(line[LINE_AMOUNTS[plan.amount_kind]]) / rate for line in lines]
        digits = plan.currency_id.decimal_places
        rounded = self.env["hr.performance.sales.entry"]._round_to_total(amounts, digits)
        return [
            amount
            for line, amount in zip(lines, rounded, strict=True)
            if line.product_id in counted
        ]

    # Ranking

    @api.model
    def _rank_deals(self, result, scene):
        """The open deals, what adds most to the reward first."""
        rows = []
        for deal in self._get_open_deals(result):
            projection = self._project(scene, deal.amount, int(deal.is_support))
            rows.append((projection.total - scene["now"].total, deal, projection))
        rows.sort(key=lambda row: (-row[0], -row[1].amount, row[1].key))
        return [self._get_deal_values(scene, *row) for row in rows]

    @api.model
    def _get_deal_values(self, scene, more, deal, projection):
        money = scene["plan"]._format_amount
        return {
            "key": deal.key,
            "kind": deal.kind,
            "model": deal.record._name,
            "id": deal.record.id,
            "amount": money(deal.amount),
            "share": self._get_share_text(deal.percent),
            "more": money(more) if more > 0 else "",
            "effect": self._get_effect(scene["now"].outcome, projection.outcome),
            **getattr(self, f"_get_{deal.kind}_values")(deal.record),
        }

    @api.model
    def _get_lead_values(self, lead):
        chance = plain(round_half_up(to_decimal(lead.probability), 0))
        return {
            "name": lead.name,
            "customer": lead.partner_id.display_name or lead.contact_name or "",
            "stage": lead.stage_id.name or "",
            "probability": f"{chance} %",
            "deadline": format_date(self.env, lead.date_deadline) if lead.date_deadline else "",
            "is_mine": lead.user_id == self.env.user,
        }

    @api.model
    def _get_order_values(self, order):
        states = dict(order._fields["state"]._description_selection(self.env))
        valid = order.validity_date
        return {
            "name": order.name,
            "customer": order.partner_id.display_name or "",
            "stage": states[order.state],
            "probability": "",
            "deadline": format_date(self.env, valid) if valid else "",
            "is_mine": False,  # help is asked for with an opportunity
        }

    @api.model
    def _get_share_text(self, percent):
        return "" if percent == WHOLE else self.env._("%s %% of the deal", plain(percent))

    @api.model
    def _get_effect(self, now, then):
        """What a deal alone would bring about, in a word."""
        if then.is_above and not now.is_above:
            return self.env._("Passes the line")
        if then.meets_minimum and not now.meets_minimum:
            return self.env._("Reaches the minimum")
        return ""
