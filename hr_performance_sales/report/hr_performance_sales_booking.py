from odoo import api, fields, models
from odoo.tools import SQL


class HrPerformanceSalesBooking(models.Model):
    """What orders brought and took away: untaxed amounts by product, each in the month it happened.

    - An order counts with the amounts of its lines when it is confirmed.
    - A credit note takes away what it credits of an order line, unless the line is invoiced anew.
    - A cancellation takes away what credit notes have not taken yet; credit notes of a later day
      take nothing more.

    So a month may be negative, and no line takes away more than it brought. All rows belong to the
    salesperson of the order. Amounts are in the company's currency at the rate of the order, credit
    notes too, so that a full refund leaves nothing. Down payments are no sales of their own.
    """

    _name = "hr.performance.sales.booking"
    _description = "Ordered Amount"
    _inherit = ["hr.performance.sales.fact.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _depends = {
        "account.move": ["invoice_date", "move_type", "state"],
        "account.move.line": [
            "balance",
            "currency_id",
            "display_type",
            "move_id",
            "price_subtotal",
        ],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id"],
        "res.partner": ["commercial_partner_id"],
        "sale.order": [
            "company_id",
            "currency_id",
            "currency_rate",
            "date_order",
            "partner_id",
            "performance_cancel_date",
            "state",
            "team_id",
            "user_id",
        ],
        "sale.order.line": [
            "display_type",
            "invoice_lines",
            "is_downpayment",
            "order_id",
            "price_subtotal",
            "product_id",
        ],
    }

    kind = fields.Selection(
        [("order", "Ordered"), ("cancel", "Cancelled"), ("credit", "Credited")], readonly=True
    )
    order_id = fields.Many2one("sale.order", readonly=True)
    line_id = fields.Many2one("sale.order.line", "Order Line", readonly=True)
    move_id = fields.Many2one("account.move", "Credit Note or Invoice", readonly=True)
    team_id = fields.Many2one("crm.team", readonly=True)
    product_id = fields.Many2one("product.product", "Product Variant", readonly=True)
    product_tmpl_id = fields.Many2one("product.template", "Product", readonly=True)
    categ_id = fields.Many2one("product.category", "Product Category", readonly=True)
    amount = fields.Monetary("Untaxed Amount", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT fact.id, fact.kind, fact.date, fact.user_id, fact.team_id, fact.company_id,
                   customer.commercial_partner_id AS partner_id, fact.order_id, fact.line_id,
                   fact.move_id,
                   fact.product_id, product.product_tmpl_id, template.categ_id,
                   fact.amount / COALESCE(NULLIF(fact.currency_rate, 0), 1) AS amount
              FROM (%(facts)s) AS fact
         LEFT JOIN res_partner customer ON customer.id = fact.customer_id
         LEFT JOIN product_product product ON product.id = fact.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            """,
            facts=SQL(" UNION ALL ").join(
                [self._get_ordered_sql(), self._get_cancelled_sql(), self._get_credited_sql()]
            ),
        )

    @api.model
    def _get_ordered_sql(self):
        return SQL(
            """
            SELECT line.id::bigint * 3 AS id, 'order' AS kind, ordered.date_order AS date,
                   %(origin)s, NULL::integer AS move_id, line.price_subtotal AS amount
              FROM sale_order ordered
              JOIN sale_order_line line ON line.order_id = ordered.id
             WHERE (ordered.state = 'sale' OR %(cancelled)s) AND %(is_sale)s
            """,
            origin=self._get_origin_sql(),
            cancelled=self._get_is_cancelled_sql(),
            is_sale=self._get_is_sale_sql(),
        )

    @api.model
    def _get_cancelled_sql(self):
        return SQL(
            """
            SELECT line.id::bigint * 3 + 1 AS id, 'cancel' AS kind,
                   ordered.performance_cancel_date AS date, %(origin)s, NULL::integer AS move_id,
                   SIGN(line.price_subtotal) * %(lost)s - line.price_subtotal AS amount
              FROM sale_order ordered
              JOIN sale_order_line line ON line.order_id = ordered.id
              JOIN %(zone)s ON zone.company_id = ordered.company_id
        CROSS JOIN LATERAL (
                   SELECT ABS(line.price_subtotal) AS ordered, SUM(entry.credited) AS credited,
                          SUM(entry.invoiced) AS invoiced
                     FROM (%(entries)s) AS entry) total
             WHERE %(cancelled)s AND %(is_sale)s
            """,
            lost=self._get_lost_sql(SQL("total")),
            zone=self.env["res.company"]._get_performance_zones_sql(),
            entries=self._get_entry_sql(),
            origin=self._get_origin_sql(),
            cancelled=self._get_is_cancelled_sql(),
            is_sale=self._get_is_sale_sql(),
        )

    @api.model
    def _get_credited_sql(self):
        """What each posted credit note takes away, and what invoicing anew brings back: the change
        in what is lost of the line with each of its entries, in the order of their dates."""
        return SQL(
            """
            SELECT change.entry_id::bigint * 3 + 2 AS id, 'credit' AS kind,
                   (change.invoice_date + TIME '12:00') AT TIME ZONE change.tz AT TIME ZONE 'UTC'
                       AS date,
                   change.order_id, change.line_id, change.product_id, change.user_id,
                   change.team_id, change.company_id, change.customer_id,
                   change.currency_rate, change.move_id,
                   change.sign * (change.lost_before - change.lost) AS amount
              FROM (SELECT running.*, LAG(running.lost, 1, 0::numeric) OVER (
                               PARTITION BY running.line_id
                               ORDER BY running.invoice_date, running.move_id, running.entry_id
                           ) AS lost_before
                      FROM (%(running)s) AS running) change
             WHERE change.lost <> change.lost_before
            """,
            running=self._get_running_sql(),
        )

    @api.model
    def _get_running_sql(self):
        """The entries of all lines that were credited, with what is lost of the line after each."""
        return SQL(
            """
            SELECT total.*, %(lost)s AS lost
              FROM (SELECT %(origin)s, zone.tz,
                           entry.entry_id, entry.move_id, entry.invoice_date,
                           SIGN(line.price_subtotal) AS sign, ABS(line.price_subtotal) AS ordered,
                           SUM(entry.credited) OVER until_then AS credited,
                           SUM(entry.invoiced) OVER until_then AS invoiced
                      FROM (%(lines)s) AS credited
                      JOIN sale_order_line line ON line.id = credited.id
                      JOIN sale_order ordered ON ordered.id = line.order_id
                      JOIN %(zone)s ON zone.company_id = ordered.company_id
        CROSS JOIN LATERAL (%(entries)s) AS entry
                     WHERE (ordered.state = 'sale' OR %(cancelled)s) AND %(is_sale)s
                    WINDOW until_then AS (
                        PARTITION BY line.id
                        ORDER BY entry.invoice_date, entry.move_id, entry.entry_id)) total
            """,
            lost=self._get_lost_sql(SQL("total")),
            lines=self._get_credited_line_sql(),
            zone=self.env["res.company"]._get_performance_zones_sql(),
            entries=self._get_entry_sql(),
            origin=self._get_origin_sql(),
            cancelled=self._get_is_cancelled_sql(),
            is_sale=self._get_is_sale_sql(),
        )

    @api.model
    def _get_credited_line_sql(self):
        """Ids of the order lines that some posted credit note credits."""
        return SQL(
            """SELECT DISTINCT link.order_line_id AS id
                 FROM account_move move
                 JOIN account_move_line item ON item.move_id = move.id
                 JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = item.id
                WHERE move.move_type = 'out_refund' AND move.state = 'posted' AND %s""",
            self._get_scope_sql(
                "link.order_line_id IN (SELECT id FROM sale_order_line WHERE order_id = ANY(%s))"
            ),
        )

    @api.model
    def _get_entry_sql(self):
        """Posted invoice and credit note lines of the order ``line``, in the order's currency and
        with its sign; only up to the day of the cancellation where the order was ``ordered`` and
        cancelled, in the company's ``zone``."""
        return SQL(
            """
            SELECT item.id AS entry_id, move.id AS move_id, move.invoice_date,
                   SIGN(line.price_subtotal) * (move.move_type = 'out_refund')::int * %(own)s
                       AS credited,
                   SIGN(line.price_subtotal) * (move.move_type = 'out_invoice')::int * %(own)s
                       AS invoiced
              FROM sale_order_line_invoice_rel link
              JOIN account_move_line item ON item.id = link.invoice_line_id
              JOIN account_move move ON move.id = item.move_id
             WHERE link.order_line_id = line.id AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund')
               AND item.display_type = 'product'
               AND (ordered.state = 'sale' OR move.invoice_date <= (
                    ordered.performance_cancel_date AT TIME ZONE 'UTC' AT TIME ZONE zone.tz)::date)
            """,
            own=SQL(
                """CASE WHEN item.currency_id = ordered.currency_id THEN item.price_subtotal
                        WHEN move.move_type = 'out_refund' THEN item.balance * ordered.currency_rate
                        ELSE -item.balance * ordered.currency_rate END"""
            ),
        )

    @api.model
    def _get_lost_sql(self, total):
        """What is lost of a line, given the totals invoiced and credited: what was credited and not
        invoiced anew, at most what was ordered."""
        return SQL(
            """LEAST(%(total)s.ordered, GREATEST(0, %(total)s.credited - GREATEST(
                   0, %(total)s.invoiced - %(total)s.ordered)))""",
            total=total,
        )

    @api.model
    def _get_origin_sql(self):
        """What every row takes from its order ``line`` and from the order, ``ordered``."""
        return SQL(
            """line.order_id, line.id AS line_id, line.product_id, ordered.user_id,
               ordered.team_id, ordered.company_id, ordered.partner_id AS customer_id,
               ordered.currency_rate"""
        )

    @api.model
    def _get_is_cancelled_sql(self):
        return SQL("(ordered.state = 'cancel' AND ordered.performance_cancel_date IS NOT NULL)")

    @api.model
    def _get_is_sale_sql(self):
        return SQL(
            "line.display_type IS NULL AND line.is_downpayment IS NOT TRUE AND %s",
            self._get_scope_sql("line.order_id = ANY(%s)"),
        )

    @api.model
    def _get_scope_sql(self, condition):
        """The condition on the orders that the context names; true where it names none.

        Inside the request that changes an order only its own rows are read.
        """
        ids = self.env.context.get("performance_orders")
        return SQL("TRUE") if ids is None else SQL(condition, ids)

    def _get_subject(self):
        self.ensure_one()
        return self.order_id or super()._get_subject()
