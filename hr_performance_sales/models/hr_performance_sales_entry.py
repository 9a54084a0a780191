from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.decimals import round_half_up, to_decimal
from odoo.addons.hr_performance.tools.period import Period, utc_bounds

from ..tools.apportion import apportion
from ..tools.ledger import Entry, Part

_WHOLE = Decimal(100)
MODELS = {
    "won": "crm.lead",
    "ordered": "sale.order",
    "invoiced": "account.move",
    "paid": "account.move",
}
EVENTS = {"order": "ordered", "cancel": "cancelled", "credit": "refunded"}


class About(NamedTuple):
    """The entries of one document, and what else is known of its lines, by their keys."""

    entries: list
    lines: dict


class HrPerformanceSalesEntry(models.AbstractModel):
    """What documents say today about who brought how much: the entries that the ledger follows.

    - A won opportunity counts with its expected revenue when it is won, archived later or not.
    - An order counts as ``hr.performance.sales.booking`` says: when it is confirmed, less what is
      cancelled and credited, each when it happens.
    - An invoice and a credit note count on their date, a payment on the date on which it settles
      the invoice.

    Whoever is named in the shares of a document has his share of it, else its salesperson has it
    all. Shares of an opportunity hold for its orders, those of an order for its invoices. What
    belongs to nobody is not credited. Amounts are in the company's currency at the document's own
    rate, rounded so that lines and shares total the document to the cent.
    """

    _name = "hr.performance.sales.entry"
    _description = "Entries of Sales Documents"

    @api.model
    def _get_entries(self, basis, documents):
        """``{document id: About}``; documents that count for nothing are left out."""
        # sudo: the ledger credits others too; nothing is given to the caller but to the engine
        documents = documents.sudo().with_context(active_test=False)
        return getattr(self, f"_get_{basis}_entries")(documents)

    @api.model
    def _find_documents(self, company, basis, date_from, date_to):
        """Documents of a company that say something about a time."""
        return getattr(self, f"_find_{basis}")(company, date_from, date_to)

    # Who

    @api.model
    def _get_people(self, documents, fallback=None):
        """``{document id: [(user id, share, whether he only helped)]}`` from the shares.

        :param fallback: ``{document id: (model, id)}`` of the documents whose shares hold where
            there are none
        """
        fallback = fallback or {}
        field = {"crm.lead": "lead_id", "sale.order": "order_id"}.get(documents._name)
        domain = Domain(field, "in", documents.ids) if field else Domain.FALSE
        for model, name in (("crm.lead", "lead_id"), ("sale.order", "order_id")):
            ids = {key[1] for key in fallback.values() if key[0] == model}
            domain |= Domain(name, "in", list(ids)) if ids else Domain.FALSE
        # sudo: shares of others count as the caller's do
        shares = self.env["hr.performance.sales.share"].sudo().search(domain, order="id")
        by_document = defaultdict(list)
        for share in shares:
            key = (
                ("crm.lead", share.lead_id.id)
                if share.lead_id
                else ("sale.order", share.order_id.id)
            )
            row = (share.user_id.id, to_decimal(share.percent), share.is_support)
            by_document[key].append(row)
        found = {}
        for document in documents:
            rows = by_document.get((documents._name, document.id))
            found[document.id] = rows or by_document.get(fallback.get(document.id)) or []
        return found

    @api.model
    def _split(self, people, amounts, digits):
        """Divide amounts among people to the cent, as a list of ``Part``."""
        weights = [share for _user, share, _is_support in people]
        columns = [apportion(amount, weights, digits) for amount in amounts]
        return [
            Part(user, share, tuple(column[n] for column in columns), is_support)
            for n, (user, share, is_support) in enumerate(people)
        ]

    # Opportunities

    @api.model
    def _get_won_entries(self, leads):
        leads = leads.filtered(
            lambda lead: lead.won_status == "won"
            and lead.date_closed
            and lead.type == "opportunity"
        )
        people = self._get_people(leads)
        found = {}
        for lead in leads:
            who = people[lead.id] or [(lead.user_id.id, _WHOLE, False)]
            if not who[0][0]:
                continue
            company = lead.company_id or lead.user_id.company_id or self.env.company
            digits = company.currency_id.decimal_places
            revenue = to_decimal(lead.expected_revenue or 0)
            parts = self._split(who, (revenue, revenue, 0), digits)
            line = {
                "company_id": company.id,
                "document": lead.name,
                "partner_id": lead.partner_id.id or None,
                "source_currency_id": company.currency_id.id,
                "source_rate": 1,
            }
            entry = Entry("won", lead.date_closed, "won", parts)
            found[lead.id] = About([entry], {"won": line})
        return found

    @api.model
    def _find_won(self, company, date_from, date_to):
        """Leads without a company count for that of their salesperson."""
        domain = (
            Domain("won_status", "=", "won")
            & Domain("date_closed", ">=", date_from)
            & Domain("date_closed", "<", date_to)
        )
        own = Domain("company_id", "=", company.id)
        own |= Domain("company_id", "=", False) & Domain("user_id.company_id", "=", company.id)
        return self.env["crm.lead"].with_context(active_test=False).search(domain & own, order="id")

    # Orders

    @api.model
    def _get_ordered_entries(self, orders):
        people = self._get_people(orders, self._get_opportunities(orders))
        rows = defaultdict(list)
        Booking = self.env["hr.performance.sales.booking"].with_context(
            performance_orders=orders.ids
        )
        Booking.flush_model()
        self.env.flush_all()
        for row in self.env.execute_query_dict(self._get_booking_query(Booking)):
            rows[row["order_id"]].append(row)
        found = {}
        for order in orders:
            who = people[order.id] or [(order.user_id.id, _WHOLE, False)]
            if rows[order.id] and who[0][0]:
                found[order.id] = self._get_order_entries(order, rows[order.id], who)
        return found

    @api.model
    def _get_booking_query(self, Booking):
        """The bookings of some orders with their exact amounts as text."""
        margin = SQL("0")
        if "margin" in self.env["sale.order.line"]._fields:
            margin = SQL("COALESCE(line.margin, 0)")
        return SQL(
            """SELECT booking.id, booking.order_id, booking.line_id, booking.kind, booking.date,
                      booking.product_id, booking.categ_id, booking.amount::text AS amount_untaxed,
                      (booking.amount * COALESCE(line.price_total / NULLIF(line.price_subtotal, 0),
                                                 1))::text AS amount_taxed,
                      (booking.amount * COALESCE((%(margin)s)::numeric
                                                 / NULLIF(line.price_subtotal, 0), 0))::text
                          AS margin
                 FROM (%(bookings)s) AS booking
                 JOIN sale_order_line line ON line.id = booking.line_id
             ORDER BY booking.order_id, booking.line_id, booking.id""",
            bookings=Booking._table_query,
            margin=margin,
        )

    @api.model
    def _get_opportunities(self, orders):
        """The opportunities that orders come from, where CRM and sales are linked."""
        if "opportunity_id" not in orders._fields:
            return {}
        return {
            order.id: ("crm.lead", order.opportunity_id.id)
            for order in orders
            if order.opportunity_id
        }

    @api.model
    def _get_order_entries(self, order, rows, people):
        digits = order.company_id.currency_id.decimal_places
        entries, lines = [], {}
        by_event = defaultdict(list)
        for row in rows:
            by_event[row["kind"], row["date"]].append(row)
        for (kind, date), group in by_event.items():
            columns = [
                self._round_to_total([Decimal(row[name]) for row in group], digits)
                for name in ("amount_untaxed", "amount_taxed", "margin")
            ]
            for row, *amounts in zip(group, *columns, strict=True):
                key = str(row["id"])
                origin = None if kind == "order" else str(row["line_id"] * 3)
                parts = self._split(people, amounts, digits)
                entries.append(Entry(key, date, EVENTS[kind], parts, origin))
                lines[key] = self._get_order_line_vals(order, row)
        return About(entries, lines)

    @api.model
    def _get_order_line_vals(self, order, row):
        return {
            "company_id": order.company_id.id,
            "document": order.name,
            "partner_id": order.partner_id.commercial_partner_id.id or None,
            "product_id": row["product_id"],
            "categ_id": row["categ_id"],
            "source_currency_id": order.currency_id.id,
            "source_rate": order.currency_rate or 1,
        }

    @api.model
    def _round_to_total(self, amounts, digits):
        """Round amounts so that they total what their sum rounds to: the largest takes the rest."""
        rounded = [round_half_up(amount, digits) for amount in amounts]
        rest = round_half_up(sum(amounts), digits) - sum(rounded)
        if rest:
            largest = max(range(len(rounded)), key=lambda number: abs(rounded[number]))
            rounded[largest] += rest
        return rounded

    @api.model
    def _find_ordered(self, company, date_from, date_to):
        """Orders that were confirmed or cancelled then, and those credited then."""
        Order = self.env["sale.order"]
        domain = Domain("date_order", ">=", date_from) & Domain("date_order", "<", date_to)
        domain &= Domain("state", "in", ("sale", "cancel"))
        domain |= Domain("performance_cancel_date", ">=", date_from) & Domain(
            "performance_cancel_date", "<", date_to
        )
        orders = Order.search(domain & Domain("company_id", "=", company.id))
        refunds = self._find_moves(company, date_from, date_to, ("out_refund",))
        orders |= refunds.line_ids.sale_line_ids.order_id
        return orders.sorted("id")

    # Invoices

    @api.model
    def _get_invoiced_entries(self, moves):
        found = {}
        moves = moves.filtered(self._is_counted_move)
        people = self._get_move_people(moves)
        for move in moves:
            event = "refunded" if move.move_type == "out_refund" else "invoiced"
            entries, lines = [], {}
            for item, amounts in self._get_items(move):
                who = people.get(item.id)
                if who:
                    parts = self._split(who, amounts, move.company_currency_id.decimal_places)
                    date = self._get_noon(move.company_id, move.invoice_date or move.date)
                    entries.append(Entry(str(item.id), date, event, parts))
                    lines[str(item.id)] = self._get_item_vals(move, item)
            if entries:
                found[move.id] = About(entries, lines)
        return found

    @api.model
    def _is_counted_move(self, move):
        return move.state == "posted" and move.move_type in ("out_invoice", "out_refund")

    @api.model
    def _get_items(self, move):
        """``[(line, (without tax, with tax, margin))]`` of an invoice in the company's currency."""
        items = move.invoice_line_ids.filtered(lambda item: item.display_type == "product")
        digits = move.company_currency_id.decimal_places
        untaxed = [-to_decimal(item.balance) for item in items]
        taxed = [
            amount * to_decimal(item.price_total) / to_decimal(item.price_subtotal)
            if item.price_subtotal
            else amount
            for item, amount in zip(items, untaxed, strict=True)
        ]
        columns = [self._round_to_total(column, digits) for column in (untaxed, taxed)]
        return [
            (item, (one, two, Decimal(0))) for item, one, two in zip(items, *columns, strict=True)
        ]

    @api.model
    def _get_move_people(self, moves):
        """``{line id: people}``: those of the order, else the salesperson of the invoice."""
        items = moves.invoice_line_ids
        orders = items.sale_line_ids.order_id
        by_order = self._get_people(orders, self._get_opportunities(orders))
        found = {}
        for item in items:
            order = item.sale_line_ids.order_id[:1]
            user = item.move_id.invoice_user_id or order.user_id
            own = [(user.id, _WHOLE, False)] if user else []
            found[item.id] = by_order.get(order.id) or own
        return found

    @api.model
    def _get_item_vals(self, move, item):
        return {
            "company_id": move.company_id.id,
            "document": move.name,
            "partner_id": move.commercial_partner_id.id or None,
            "product_id": item.product_id.id or None,
            "categ_id": item.product_id.categ_id.id or None,
            "source_currency_id": move.currency_id.id,
            "source_rate": move.invoice_currency_rate or 1,
        }

    @api.model
    def _get_noon(self, company, day):
        """Noon of a day in the company, as a UTC instant: a date has no hour of its own."""
        start, end = utc_bounds(Period(day, day), company._get_performance_tz())
        return start + (end - start) / 2

    @api.model
    def _find_invoiced(self, company, date_from, date_to):
        return self._find_moves(company, date_from, date_to, ("out_invoice", "out_refund"))

    @api.model
    def _find_moves(self, company, date_from, date_to, kinds):
        domain = (
            Domain("company_id", "=", company.id)
            & Domain("move_type", "in", kinds)
            & Domain("state", "=", "posted")
            & Domain("invoice_date", ">=", date_from.date())
            & Domain("invoice_date", "<=", date_to.date())
        )
        return self.env["account.move"].search(domain, order="id")

    # Payments

    @api.model
    def _get_paid_entries(self, moves):
        found = {}
        moves = moves.filtered(self._is_counted_move)
        people = self._get_move_people(moves)
        payments = self._get_payments(moves)
        for move in moves:
            event = "refunded" if move.move_type == "out_refund" else "paid"
            entries, lines = [], {}
            digits = move.company_currency_id.decimal_places
            before = Decimal(0)
            for payment_id, day, part in payments.get(move.id, ()):
                until = before + part
                for item, amounts in self._get_items(move):
                    # What was paid up to now less what was paid before: three thirds are the whole.
                    paid = [
                        round_half_up(amount * until, digits)
                        - round_half_up(amount * before, digits)
                        for amount in amounts
                    ]
                    who = people.get(item.id)
                    if who:
                        key = f"{payment_id}:{item.id}"
                        parts = self._split(who, paid, digits)
                        date = self._get_noon(move.company_id, day)
                        entries.append(Entry(key, date, event, parts))
                        lines[key] = self._get_item_vals(move, item)
                before = until
            if entries:
                found[move.id] = About(entries, lines)
        return found

    @api.model
    def _get_payments(self, moves):
        """``{invoice id: [(reconciliation id, day, part of the invoice)]}``, oldest first.

        An invoice that a credit note settles was not paid.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.move_id, partial.id, partial.max_date,
                       (partial.amount / NULLIF(total.due, 0))::text
                  FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                       AND account.account_type = 'asset_receivable'
                  JOIN account_partial_reconcile partial
                       ON partial.debit_move_id = item.id OR partial.credit_move_id = item.id
                  JOIN account_move_line other ON other.id = CASE
                       WHEN partial.debit_move_id = item.id THEN partial.credit_move_id
                       ELSE partial.debit_move_id END
                  JOIN account_move payment ON payment.id = other.move_id
                       AND payment.move_type NOT IN ('out_invoice', 'out_refund')
            CROSS JOIN LATERAL (
                       SELECT ABS(SUM(line.balance)) AS due
                         FROM account_move_line line
                         JOIN account_account a ON a.id = line.account_id
                              AND a.account_type = 'asset_receivable'
                        WHERE line.move_id = item.move_id) total
                 WHERE item.move_id = ANY(%s)
              ORDER BY item.move_id, partial.max_date, partial.id
                """,
                moves.ids,
            )
        )
        found = defaultdict(list)
        for move_id, partial_id, day, part in rows:
            found[move_id].append((partial_id, day, Decimal(part or 0)))
        return found

    @api.model
    def _find_paid(self, company, date_from, date_to):
        domain = (
            Domain("company_id", "=", company.id)
            & Domain("max_date", ">=", date_from.date())
            & Domain("max_date", "<=", date_to.date())
        )
        partials = self.env["account.partial.reconcile"].search(domain)
        moves = (partials.debit_move_id | partials.credit_move_id).move_id
        return moves.filtered(self._is_counted_move).sorted("id")
