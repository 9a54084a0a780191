from odoo import fields, models
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
    kind = fields.Selection(
        [("first", "First order"), ("repeat", "Further order")], readonly=True
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT orders.id, orders.date_order AS date,
                   CASE WHEN history.number = 1 THEN orders.user_id
                        ELSE history.first_user_id END AS user_id,
                   orders.company_id, customer.commercial_partner_id AS partner_id,
                   orders.id AS order_id, history.number,
                   CASE WHEN history.number = 1 THEN 'first' ELSE 'repeat' END AS kind
              FROM sale_order orders
              JOIN res_partner customer ON customer.id = orders.partner_id
        CROSS JOIN LATERAL (
                   SELECT COUNT(*) FILTER (
                              WHERE (one.date_order, one.id) <= (orders.date_order, orders.id)
                          )::integer AS number,
                          (ARRAY_AGG(one.user_id ORDER BY one.date_order, one.id)
                              FILTER (WHERE one.user_id IS NOT NULL))[1] AS first_user_id
                     FROM res_partner person
                     JOIN sale_order one ON one.partner_id = person.id
                    WHERE person.commercial_partner_id = customer.commercial_partner_id
                      AND one.company_id = orders.company_id AND one.state = 'sale') history
             WHERE orders.state = 'sale'
            """
        )

    def _get_subject(self):
        self.ensure_one()
        return self.order_id or super()._get_subject()
