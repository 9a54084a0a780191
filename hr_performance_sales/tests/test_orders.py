from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import APRIL, MARCH, SalesCase, shanghai


@tagged("post_install", "-at_install")
class TestCustomers(SalesCase):
    """New customers and repurchase, counted by hand."""

    def _order(self, employee, when, customer=None, **vals):
        return self._create_order(employee, when, customer=customer, **vals)

    def test_first_order_in_the_period_makes_a_new_customer(self):
        one, two, three, four = (self._create_customer(name) for name in "ABCD")
        self._order(self.anna, "2026-03-05 10:00", one)
        self._order(self.anna, "2026-03-20 10:00", one)  # the same customer again
        self._order(self.anna, "2026-03-01 00:30", two)
        self._order(self.anna, "2026-04-01 00:30", three)  # April
        self._order(self.bo, "2026-02-10 10:00", four)
        self._order(self.anna, "2026-03-10 10:00", four)  # Bo's customer since February
        self._create_order(self.anna, None, customer=self._create_customer("E"))  # a quotation
        self.assertEqual(self._values("new_customers"), [2.0, 0.0])
        self.assertEqual(self._values("new_customers", period=APRIL), [1.0, 0.0])

    def test_contacts_of_a_firm_are_one_customer(self):
        firm = self._create_customer("Firm", is_company=True)
        buyers = [self._create_customer(name, parent_id=firm.id) for name in "AB"]
        for buyer in buyers:
            self._order(self.anna, "2026-03-05 10:00", buyer)
        anna, _bo = self._measure("new_customers")
        self.assertEqual(anna.value, 1)
        anna, _bo = self._measure("repurchase")
        self.assertEqual((anna.value, anna.numerator, anna.denominator), (100.0, 1, 1))

    def test_a_cancelled_first_order(self):
        first = self._order(self.anna, "2026-03-05 10:00")
        self._order(self.bo, "2026-04-05 10:00")
        self.assertEqual(self._values("new_customers"), [1.0, 0.0])
        self._cancel(first, "2026-03-06 10:00")
        self.assertEqual(self._values("new_customers"), [0.0, 0.0])
        self.assertEqual(self._values("new_customers", period=APRIL), [0.0, 1.0])

    def test_each_company_has_its_own_new_customers(self):
        self._order(self.anna, "2026-02-05 10:00")
        self._order(self.olga, "2026-03-05 10:00")
        self.assertEqual(self._values("new_customers", self.anna, self.olga), [0.0, 1.0])

    def test_an_order_without_salesperson_is_nobodys_new_customer(self):
        self._create_order(None, "2026-03-05 10:00", company=self.company)
        self._order(self.anna, "2026-03-20 10:00")
        anna, _bo = self._measure("repurchase")
        self.assertEqual((anna.numerator, anna.denominator), (1, 1))
        self.assertEqual(self._values("new_customers"), [0.0, 0.0])

    def test_seed_case_of_35_percent(self):
        """20 customers order in March, 7 of them not for the first time."""
        customers = [self._create_customer(f"C{number}") for number in range(20)]
        for customer in customers[:7]:
            self._order(self.anna, "2026-02-10 10:00", customer)
        for customer in customers:
            self._order(self.anna, "2026-03-10 10:00", customer)
        anna, bo = self._measure("repurchase")
        self.assertEqual((anna.value, anna.numerator, anna.denominator), (35.0, 7, 20))
        self.assertEqual((bo.value, bo.reason), (None, "empty_denominator"))

    def test_the_second_order_is_credited_to_who_served_the_first(self):
        self._order(self.anna, "2026-02-10 10:00")
        self._order(self.bo, "2026-03-10 10:00")  # Bo only takes it
        new = self._create_customer("New")
        self._order(self.bo, "2026-03-11 10:00", new)
        anna, bo = self._measure("repurchase")
        self.assertEqual((anna.value, anna.numerator, anna.denominator), (100.0, 1, 1))
        self.assertEqual((bo.value, bo.numerator, bo.denominator), (0.0, 0, 1))
        rows = self.env["hr.performance.sales.purchase"].search(
            [("partner_id", "in", (self.customer | new).ids)], order="date"
        )
        self.assertEqual(rows.mapped("number"), [1, 2, 1])

    def test_handing_the_first_order_over_hands_the_customer_over(self):
        first = self._order(self.anna, "2026-02-10 10:00")
        self._order(self.anna, "2026-03-10 10:00")
        first.user_id = self.bo.user_id
        anna, bo = self._measure("repurchase")
        self.assertIsNone(anna.value)
        self.assertEqual(bo.value, 100.0)

    def test_several_orders_of_a_customer_count_once(self):
        for day in ("01", "10", "20"):
            self._order(self.anna, f"2026-03-{day} 10:00")
        anna, _bo = self._measure("repurchase")
        self.assertEqual((anna.value, anna.numerator, anna.denominator), (100.0, 1, 1))


@tagged("post_install", "-at_install")
class TestOrderedAmount(SalesCase):
    """What orders bring and what cancellations and credit notes take away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for company in cls.company | cls.other_company:
            cls.env["account.chart.template"].try_loading(
                "generic_coa", company=company, install_demo=False
            )
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.company = cls.company.with_env(cls.env)
        cls.portrait = cls._create_product("Portrait")
        cls.album = cls._create_product("Album")

    def _get_months(self, *employees):
        return [
            tuple(self._values("ordered_amount", *employees, period=period))
            for period in (MARCH, APRIL)
        ]

    def test_confirmed_orders_without_tax(self):
        tax = self.env["account.tax"].create(
            {"name": "T 13 %", "amount": 13, "company_id": self.company.id}
        )
        order = self._create_order(
            self.anna, "2026-03-05 10:00", (self.portrait, 100), (self.album, 40.5)
        )
        order.order_line.tax_ids = tax
        self._create_order(self.anna, "2026-03-01 00:30", (self.album, 10))
        self._create_order(self.anna, "2026-04-01 00:30", (self.album, 7))
        self._create_order(self.anna, None, (self.album, 5000))
        self._create_order(self.bo, "2026-03-31 23:30", (self.album, 20))
        self.assertEqual(self._get_months(), [(150.5, 20.0), (7.0, 0.0)])

    def test_discounts_notes_and_down_payments(self):
        order = self._create_order(
            self.anna, "2026-03-05 10:00", (self.portrait, 100), (self.album, -10)
        )
        order.order_line = [
            Command.create({"display_type": "line_note", "name": "Bring the dog"}),
            Command.create(
                {
                    "name": "Down payment",
                    "is_downpayment": True,
                    "product_uom_qty": 1,
                    "price_unit": 30,
                    "tax_ids": [Command.clear()],
                }
            ),
        ]
        self.assertEqual(self._get_months(self.anna), [(90.0,), (0.0,)])

    def test_cancelled_in_the_same_month(self):
        order = self._create_order(self.anna, "2026-03-05 10:00", (self.album, 100))
        self._cancel(order, "2026-03-20 10:00")
        self.assertEqual(self._get_months(self.anna), [(0.0,), (0.0,)])

    def test_cancelled_in_the_next_month(self):
        order = self._create_order(
            self.anna, "2026-03-05 10:00", (self.album, 100), (self.portrait, -10)
        )
        self._cancel(order, "2026-04-01 00:30")
        self.assertEqual(self._get_months(self.anna), [(90.0,), (-90.0,)])

    def test_a_cancelled_quotation_takes_nothing_away(self):
        order = self._create_order(self.anna, None, (self.album, 100))
        self._cancel(order, "2026-03-20 10:00")
        self.assertFalse(order.performance_cancel_date)
        self.assertEqual(self._get_months(self.anna), [(0.0,), (0.0,)])

    def test_cancelled_and_confirmed_again(self):
        order = self._create_order(self.anna, "2026-03-05 10:00", (self.album, 100))
        self._cancel(order, "2026-03-20 10:00")
        order.action_draft()
        self.assertFalse(order.performance_cancel_date)
        with self.at("2026-04-03 10:00"):
            order.action_confirm()
        self.assertEqual(self._get_months(self.anna), [(0.0,), (100.0,)])

    def test_cancelling_twice_keeps_the_day(self):
        order = self._create_order(self.anna, "2026-03-05 10:00", (self.album, 100))
        self._cancel(order, "2026-03-20 10:00")
        self._cancel(order, "2026-04-20 10:00")
        self.assertEqual(self._get_months(self.anna), [(0.0,), (0.0,)])

    def test_nobody_moves_a_cancellation(self):
        order = self._create_order(self.anna, "2026-03-05 10:00", (self.album, 100))
        own = order.with_user(self.anna.user_id)
        with self.assertRaises(AccessError):
            own.performance_cancel_date = shanghai("2026-04-05 10:00")
        with self.assertRaises(AccessError):
            own.copy({"performance_cancel_date": shanghai("2026-04-05 10:00")})
        with self.at("2026-03-20 10:00"):
            own._action_cancel()
        self.assertEqual(order.performance_cancel_date, shanghai("2026-03-20 10:00"))

    def test_credit_notes_count_in_their_month(self):
        order = self._create_order(
            self.anna, "2026-03-05 10:00", (self.album, 100), (self.portrait, 50)
        )
        invoice = self._invoice(order, "2026-03-06")
        self._credit(invoice, "2026-04-10")
        self.assertEqual(self._get_months(self.anna), [(150.0,), (-150.0,)])

    def test_partial_credit_notes(self):
        order = self._create_order(self.anna, "2026-03-05 10:00", (self.album, 100))
        invoice = self._invoice(order, "2026-03-06")
        self._credit(invoice, "2026-03-31", price=30)
        self._credit(invoice, "2026-04-01", price=50)
        self.assertEqual(self._get_months(self.anna), [(70.0,), (-50.0,)])
        self._credit(invoice, "2026-04-02", price=50)
        self.assertEqual(self._get_months(self.anna), [(70.0,), (-70.0,)], "never below nothing")

    def test_a_draft_credit_note_takes_nothing_away(self):
        order = self._create_order(self.anna, "2026-03-05 10:00", (self.album, 100))
        credit_note = self._credit(self._invoice(order, "2026-03-06"), "2026-03-10")
        self.assertEqual(self._get_months(self.anna), [(0.0,), (0.0,)])
        credit_note.button_draft()
        self.assertEqual(self._get_months(self.anna), [(100.0,), (0.0,)])

    def test_invoiced_anew_after_a_credit_note(self):
        """A corrected invoice is no lost sale."""
        order = self._create_order(self.anna, "2026-03-05 10:00", (self.album, 100))
        self._credit(self._invoice(order, "2026-03-06"), "2026-03-30")
        self.assertEqual(self._get_months(self.anna), [(0.0,), (0.0,)])
        self._invoice(order, "2026-04-02")
        self.assertEqual(self._get_months(self.anna), [(0.0,), (100.0,)])

    def test_credited_then_cancelled_takes_away_once(self):
        order = self._create_order(self.anna, "2026-03-05 10:00", (self.album, 100))
        self._credit(self._invoice(order, "2026-03-06"), "2026-03-20", price=30)
        self._cancel(order, "2026-04-05 10:00")
        self.assertEqual(self._get_months(self.anna), [(70.0,), (-70.0,)])

    def test_cancelled_then_credited_takes_away_once(self):
        order = self._create_order(self.anna, "2026-03-05 10:00", (self.album, 100))
        invoice = self._invoice(order, "2026-03-06")
        self._cancel(order, "2026-03-20 10:00")
        self._credit(invoice, "2026-04-05")
        self.assertEqual(self._get_months(self.anna), [(0.0,), (0.0,)])

    def test_a_credited_discount_comes_back(self):
        order = self._create_order(
            self.anna, "2026-03-05 10:00", (self.album, 100), (self.portrait, -10)
        )
        self._credit(self._invoice(order, "2026-03-06"), "2026-04-10")
        self.assertEqual(self._get_months(self.anna), [(90.0,), (-90.0,)])

    def test_a_credit_note_without_an_order_takes_nothing_away(self):
        values = {"product_id": self.album.id, "price_unit": 500, "tax_ids": [Command.clear()]}
        move = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.customer.id,
                "invoice_user_id": self.anna.user_id.id,
                "invoice_date": "2026-03-10",
                "company_id": self.company.id,
                "invoice_line_ids": [Command.create(values)],
            }
        )
        move.action_post()
        self.assertEqual(self._get_months(self.anna), [(0.0,), (0.0,)])

    def test_a_reassigned_order_takes_its_credit_notes_along(self):
        order = self._create_order(self.anna, "2026-03-05 10:00", (self.album, 100))
        self._credit(self._invoice(order, "2026-03-06"), "2026-04-10", price=40)
        order.user_id = self.bo.user_id
        self.assertEqual(self._get_months(), [(0.0, 100.0), (0.0, -40.0)])

    def test_foreign_currency_at_the_rate_of_the_order(self):
        currency = self.env["res.currency"].create(
            {
                "name": "TFC",
                "symbol": "T",
                "rate_ids": [
                    Command.create({"name": day, "rate": rate, "company_id": self.company.id})
                    for day, rate in (("2026-01-01", 4), ("2026-04-01", 2))
                ],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "T", "currency_id": currency.id, "company_id": self.company.id}
        )
        order = self._create_order(
            self.anna, "2026-03-05 10:00", (self.album, 100), pricelist_id=pricelist.id
        )
        self.assertEqual(order.currency_id, currency)
        self.assertEqual(self._get_months(self.anna), [(25.0,), (0.0,)])
        self._credit(self._invoice(order, "2026-03-06"), "2026-04-10")
        self.assertEqual(self._get_months(self.anna), [(25.0,), (-25.0,)], "nothing is left")

    def test_companies_are_kept_apart(self):
        user = self.anna.user_id
        user.company_ids |= self.other_company
        abroad = self.env["hr.employee"].create(
            {"name": "Anna", "user_id": user.id, "company_id": self.other_company.id}
        )
        self._create_order(self.anna, "2026-03-05 10:00", (self.album, 100))
        self._create_order(
            self.anna, "2026-03-05 10:00", (self.album, 7), company=self.other_company
        )
        self.assertEqual(self._get_months(self.anna, abroad), [(100.0, 7.0), (0.0, 0.0)])

    def test_by_product_and_category_without_code(self):
        """Sales of product A and of product B are copies of one metric."""
        parent = self.env["product.category"].create({"name": "Prints"})
        child = self.env["product.category"].create({"name": "Books", "parent_id": parent.id})
        self.album.categ_id = child
        self.portrait.categ_id = parent
        other = self._create_product("Travel")
        order = self._create_order(
            self.anna,
            "2026-03-05 10:00",
            (self.album, 100),
            (self.portrait, 50),
            (other, 7),
        )
        invoice = self._invoice(order, "2026-03-06")
        credit_note = self._credit(invoice, "2026-03-10", price=0)
        self.assertFalse(credit_note.amount_untaxed)
        product, category = (
            self._get_metric(f"ordered_amount_{name}") for name in ("product", "category")
        )
        sums = [
            self._values(template.copy({"parameter_ref": f"{record._name},{record.id}"}), self.anna)
            for template, record in (
                (product, self.album.product_tmpl_id),
                (product, self.portrait.product_tmpl_id),
                (category, parent),
                (category, child),
            )
        ]
        self.assertEqual(sums, [[100.0], [50.0], [150.0], [100.0]])

    def test_without_a_chosen_product_it_is_unknown_and_says_why(self):
        (anna,) = self._measure("ordered_amount_product", self.anna)
        self.assertEqual((anna.value, anna.reason), (None, "error"))
        self.assertIn("choose what it is measured for", anna.detail["message"])

    def test_rows_and_orders_agree(self):
        """Ids are unique over the three kinds, and each row opens by its id."""
        order = self._create_order(
            self.anna, "2026-03-05 10:00", (self.album, 100), (self.portrait, 50)
        )
        self._credit(self._invoice(order, "2026-03-06"), "2026-03-10", price=20)
        self._cancel(order, "2026-03-20 10:00")
        rows = self.env["hr.performance.sales.booking"].search([("order_id", "=", order.id)])
        self.assertEqual(len(rows), 6)
        self.assertEqual(len(set(rows.ids)), 6)
        self.assertEqual(
            sorted((row.kind, row.amount) for row in rows.browse(rows.ids)),
            [
                ("cancel", -80.0),
                ("cancel", -30.0),
                ("credit", -20.0),
                ("credit", -20.0),
                ("order", 50.0),
                ("order", 100.0),
            ],
        )
        self.assertEqual(rows.currency_id, self.company.currency_id)
