from odoo import api, fields, models
from odoo.tools import SQL


class HrPerformanceSalesPurchase(models.Model):
    """One confirmed order of a customer: his first in this company, or a further one.

    A first order belongs to the salesperson who made it. A further one belongs to the salesperson
    who served the customer first, whoever takes the order: the salesperson of the customer's
    earliest order that has one. Contacts of one firm are one customer. Cancelled orders are none:
    when the first is cancelled, the second becomes the first.
    """

    _name = "hr.performance.sales.purchase"
    _description = "Order of a Customer"
    _inherit = ["hr.performance.sales.fact.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _depends = {
        "res.partner": ["commercial_partner_id"],
        "sale.order": ["company_id", "date_order", "partner_id", "state", "user_id"],
    }

    date = fields.Datetime("Order Date")
    user_id = fields.Many2one("res.users", "Credited to")
    order_id = fields.Many2one("sale.order", readonly=True)
    number = fields.Integer(
        "Number of the Order", readonly=True, aggregator=None, help="1: the customer's first."
    )
    kind = fields.Selection([("first", "First order"), ("repeat", "Further order")], readonly=True)

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._get_first_sql(), self._get_repeat_sql())

    @api.model
    def _get_first_sql(self):
        return self._get_purchase_sql(
            is_wanted=SQL("NOT EXISTS (SELECT %s)", self._get_earlier_sql()),
            kind="first",
            user=SQL("orders.user_id"),
            number=SQL("1"),
        )

    @api.model
    def _get_repeat_sql(self):
        return self._get_purchase_sql(
            is_wanted=SQL("EXISTS (SELECT %s)", self._get_earlier_sql()),
            kind="repeat",
            user=SQL(
                """(SELECT one.user_id %s AND one.user_id IS NOT NULL
                  ORDER BY one.date_order, one.id LIMIT 1)""",
                self._get_customer_orders_sql(),
            ),
            number=SQL("(SELECT COUNT(*)::integer + 1 %s)", self._get_earlier_sql()),
        )

    @api.model
    def _get_purchase_sql(self, is_wanted, kind, user, number):
        return SQL(
            """
            SELECT orders.id, orders.date_order AS date, orders.company_id,
                   customer.commercial_partner_id AS partner_id, orders.id AS order_id,
                   %(user)s AS user_id, %(number)s AS number, %(kind)s AS kind
              FROM sale_order orders
              JOIN res_partner customer ON customer.id = orders.partner_id
             WHERE orders.state = 'sale' AND %(is_wanted)s
            """,
            user=user,
            number=number,
            kind=kind,
            is_wanted=is_wanted,
        )

    @api.model
    def _get_customer_orders_sql(self):
        """The confirmed orders ``one`` of the ``customer`` in the company of ``orders``."""
        return SQL(
            """FROM res_partner person
               JOIN sale_order one ON one.partner_id = person.id
              WHERE person.commercial_partner_id = customer.commercial_partner_id
                AND one.company_id = orders.company_id AND one.state = 'sale'"""
        )

    @api.model
    def _get_earlier_sql(self):
        return SQL(
            "%s AND (one.date_order, one.id) < (orders.date_order, orders.id)",
            self._get_customer_orders_sql(),
        )

    def _get_subject(self):
        self.ensure_one()
        return self.order_id or super()._get_subject()
