from odoo.fields import Command
from odoo.tests import tagged

from .common import MARCH, SalesCase


@tagged("post_install", "-at_install")
class TestCurrencies(SalesCase):
    """Metrics of one's own on orders, whose amounts may be in any currency."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currency = cls.env["res.currency"].create(
            {
                "name": "TFC",
                "symbol": "T",
                "rate_ids": [
                    Command.create({"name": day, "rate": rate, "company_id": cls.company.id})
                    for day, rate in (("2026-01-01", 4), ("2026-03-15", 2))
                ],
            }
        )
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "T", "currency_id": cls.currency.id, "company_id": cls.company.id}
        )
        cls.product = cls._create_product()

    def _create_metric(self, aggregate="sum", model="sale.order", measure="amount_total", **vals):
        return self.env["hr.performance.metric"].create(
            {
                "name": "Own amount",
                "source": "model",
                "unit": "money",
                "model_id": self.env["ir.model"]._get_id(model),
                "domain": "[('state', '=', 'sale')]",
                "date_path": "date_order",
                "employee_path": "user_id",
                "aggregate": aggregate,
                "measure_field_id": self.env["ir.model.fields"]._get(model, measure).id,
                **vals,
            }
        )

    def _sell(self, when, price, foreign=False, employee=None):
        vals = {"pricelist_id": self.pricelist.id} if foreign else {}
        order = self._create_order(employee or self.anna, when, (self.product, price), **vals)
        self.assertEqual(order.currency_id == self.currency, foreign)
        return order

    def test_each_amount_at_the_rate_of_its_day(self):
        self._sell("2026-03-05 10:00", 100, foreign=True)  # 25
        self._sell("2026-03-20 10:00", 100, foreign=True)  # 50
        self._sell("2026-03-06 10:00", 10)
        self._sell("2026-03-06 10:00", 7, employee=self.bo)
        expected = {"sum": 85, "avg": 85 / 3, "min": 10, "max": 50, "count": 3}
        for aggregate, amount in expected.items():
            with self.subTest(aggregate):
                anna, bo = self._measure(self._create_metric(aggregate))
                self.assertAlmostEqual(anna.value, amount)
                self.assertEqual(anna.sample, 3)
                self.assertEqual(bo.value, 1 if aggregate == "count" else 7)
        anna, bo = self._measure(self._create_metric())
        self.assertEqual((anna.detail, bo.detail), ({"converted": 2}, None))
        told = self.env["hr.performance.value"]._explain_reason(anna.reason, anna.detail)
        self.assertIn("2 records in foreign currencies", told)

    def test_the_day_is_the_companys(self):
        """Half past midnight on the day of the new rate, which is the day before in UTC."""
        self._sell("2026-03-15 00:30", 100, foreign=True)
        self._sell("2026-03-14 23:30", 100, foreign=True)
        self.assertEqual(self._values(self._create_metric("max"), self.anna), [50])
        self.assertEqual(self._values(self._create_metric("min"), self.anna), [25])

    def test_one_query_where_nothing_is_foreign(self):
        metric = self._create_metric()
        self._sell("2026-03-06 10:00", 10)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._measure(metric)
            return self.cr.sql_log_count - before

        count()
        alone = count()
        self._sell("2026-03-20 10:00", 100, foreign=True)
        self.assertGreater(count(), alone)

    def test_amounts_of_the_company_need_no_conversion(self):
        """The revenue of a lead is in the currency of its company, which no column says."""
        revenue = self._create_metric(
            model="crm.lead", measure="expected_revenue", domain="[]", date_path="create_date"
        )
        rows = revenue._get_source()._get_rows(revenue)
        self.assertIsNone(rows.currency)
        orders = self._create_metric()
        self.assertEqual(orders._get_source()._get_rows(orders).currency, "currency_id")

    def test_lines_by_the_date_of_their_order(self):
        """The date may be a step away: amounts of one product by the day of the order."""
        other = self._create_product("Album")
        order = self._create_order(self.anna, "2026-03-05 10:00", (self.product, 100), (other, 40))
        self._create_order(self.anna, "2026-04-01 00:30", (self.product, 9))
        metric = self._create_metric(
            model="sale.order.line",
            measure="price_subtotal",
            date_path="order_id.date_order",
            employee_path="order_id.user_id",
            parameter_path="product_id",
            parameter_ref=f"product.product,{self.product.id}",
        )
        self.assertEqual(self._values(metric), [100, 0])
        action = metric._get_metric_records_action(self.anna, *MARCH)
        line = self.env["sale.order.line"].search(action["domain"])
        self.assertEqual(line, order.order_line[0])

    def test_foreign_lines_by_the_date_of_their_order(self):
        self._sell("2026-03-05 10:00", 100, foreign=True)
        self._sell("2026-03-20 10:00", 100, foreign=True)
        metric = self._create_metric(
            model="sale.order.line",
            measure="price_subtotal",
            date_path="order_id.date_order",
            employee_path="order_id.user_id",
        )
        self.assertEqual(self._values(metric), [75, 0])
