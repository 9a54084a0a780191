from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import MARCH, SalesCase, shanghai

FACTS = ("contact", "handling", "response", "purchase", "booking")


@tagged("post_install", "-at_install")
class TestFactAccess(SalesCase):
    """Nobody learns through the rows behind the numbers what he may not read elsewhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_records(cls.anna, "Secret", 4711)
        cls._create_records(cls.bo, "Plain", 10)
        cls._create_records(cls.olga, "Foreign", 99)
        # Bo's customer, whose further order Anna took
        plain = cls.env["res.partner"].search([("name", "=", "Plain")])
        cls._create_order(cls.anna, "2026-03-20 10:00", (cls.album, 4712), customer=plain)
        # a salesperson, as core gives him: his own documents and those of nobody
        cls.seller = cls.bo.user_id
        export = cls.env.ref("base.group_allow_export")
        (cls.seller | cls.manager.user_id).group_ids = [Command.link(export.id)]
        cls.env.flush_all()

    @classmethod
    def _create_records(cls, employee, name, price):
        customer = cls._create_customer(name, company_id=employee.company_id.id)
        lead = cls._create_lead(employee, "2026-03-02 09:00", name=name, partner_id=customer.id)
        cls._post(lead, employee, "2026-03-03 10:00", f"{name} words")
        cls._win(lead, "2026-03-10 10:00", price)
        cls.album = cls._create_product("Album")
        cls._create_order(employee, "2026-03-10 10:00", (cls.album, price), customer=customer)

    def _as(self, user, name):
        self.env.invalidate_all()
        return self.env[f"hr.performance.sales.{name}"].with_user(user)

    def _get_rows(self, name, employee):
        rows = self.env[f"hr.performance.sales.{name}"].search(
            [("user_id", "=", employee.user_id.id)]
        )
        self.assertTrue(rows, name)
        return rows

    def test_a_salesperson_finds_his_own_rows_only(self):
        for name in FACTS:
            Fact = self._as(self.seller, name)
            own = self._get_rows(name, self.bo)
            anna = self.anna.user_id
            self.assertEqual(Fact.search([]), own, name)
            self.assertEqual(Fact.search_count([]), len(own), name)
            self.assertFalse(Fact.search([("user_id", "=", anna.id)]), name)
            self.assertFalse(Fact.search([("user_id.name", "=", "Anna")]), name)
            self.assertFalse(Fact.search([("partner_id.name", "=", "Secret")]), name)
            self.assertFalse(Fact.search([("has_manager_access", "=", True)]), name)
            self.assertEqual(Fact.search([("has_manager_access", "=", False)]), own, name)
            self.assertFalse(Fact.name_search("Secret"), name)

    def test_grouping_and_totals_tell_nothing(self):
        for name in FACTS:
            Fact = self._as(self.seller, name)
            groups = Fact._read_group([], ["user_id"], ["__count"])
            self.assertEqual([user for user, _count in groups], [self.seller], name)
            groups = Fact.formatted_read_group([], ["partner_id"], ["__count"])
            self.assertNotIn("Secret", str(groups), name)
            found = Fact.web_search_read([], {"display_name": {}, "partner_id": {}}, limit=100)
            self.assertNotIn("Secret", str(found), name)
        Booking = self._as(self.seller, "booking")
        self.assertEqual(Booking._read_group([], [], ["amount:sum", "amount:max"]), [(10, 10)])

    def test_rows_of_others_are_refused_by_their_id(self):
        for name in FACTS:
            row = self._get_rows(name, self.anna)[:1]
            for call in (
                lambda r: r.read(["partner_id"]),
                lambda r: r.web_read({"display_name": {}}),
                lambda r: r.export_data(["partner_id", "user_id"]),
                lambda r: r.display_name,
                lambda r: r.read(["display_name", "has_manager_access"]),
                lambda r: r.check_access("read"),
            ):
                with self.assertRaises(AccessError, msg=name):
                    call(self._as(self.seller, name).browse(row.id))

    def test_nobody_writes_rows(self):
        admin = self.env.ref("base.user_admin")
        for name in FACTS:
            row = self._get_rows(name, self.bo)[:1]
            for user in (self.seller, admin):
                Fact = self._as(user, name)
                with self.assertRaises(AccessError, msg=name):
                    Fact.create({"user_id": user.id})
                with self.assertRaises(AccessError, msg=name):
                    Fact.browse(row.id).write({"user_id": user.id})
                with self.assertRaises(AccessError, msg=name):
                    Fact.browse(row.id).unlink()

    def test_the_way_on_to_documents_is_checked_there(self):
        """Bo sees that his customer ordered again, not from whom nor for how much."""
        Purchase = self._as(self.seller, "purchase")
        further = Purchase.search([("kind", "=", "repeat")])
        self.assertEqual(len(further), 1)
        with self.assertRaises(AccessError):
            further.order_id.read(["amount_total"])
        self.assertFalse(Purchase.search([("order_id.amount_total", "=", 4712)]))
        self.assertFalse(Purchase.search([("order_id.user_id", "=", self.anna.user_id.id)]))
        found = further.read() + further.web_read({"order_id": {"fields": {"display_name": {}}}})
        for secret in ("4712", "Anna"):
            self.assertNotIn(secret, str(found))
        with self.assertRaises(AccessError):
            further.export_data(["order_id/amount_total"])
        with self.assertRaises(AccessError):
            further.web_read({"order_id": {"fields": {"amount_total": {}}}})

    def test_what_was_written_is_for_readers_of_the_message(self):
        row = self._get_rows("contact", self.anna)[:1]
        manager = self._as(self.manager.user_id, "contact").browse(row.id)
        self.assertEqual(manager.kind, "note")
        self.assertNotIn("words", str(manager.read()))
        self.assertIn("words", str(row.with_user(self.anna.user_id).read(["content"])))
        message = self.env["mail.message"].browse(row.message_ref).with_user(self.manager.user_id)
        message.env.invalidate_all()
        with self.assertRaises(AccessError):
            message.read(["body"])

    def test_names_bring_nothing_else_of_a_document_into_reach(self):
        """An export reads the cache: what a name needs must be all that is in it."""
        for name, path in (
            ("handling", "lead_id/expected_revenue"),
            ("response", "lead_id/email_from"),
            ("booking", "order_id/amount_total"),
        ):
            row = self._get_rows(name, self.anna)[:1]
            manager = self._as(self.manager.user_id, name).browse(row.id)
            self.assertTrue(manager.export_data(["display_name", "user_id"])["datas"])
            for columns in ([path], ["display_name", path]):
                with self.assertRaises(AccessError):
                    self._as(self.manager.user_id, name).browse(row.id).export_data(columns)

    def test_records_of_a_number_open_with_the_readers_rights(self):
        for code in ("conversion", "ordered_amount", "visits", "repurchase", "response_time"):
            metric = self._get_metric(code)
            action = metric._get_metric_records_action(self.anna, *MARCH)
            self.env.invalidate_all()
            rows = self.env[action["res_model"]].with_user(self.seller).search(action["domain"])
            self.assertFalse(rows, code)

    def test_a_stranger_and_an_outsider(self):
        portal = self._create_user("perf_portal", "base.group_portal")
        for name in FACTS:
            self.assertFalse(self._as(self.carl.user_id, name).search([]), name)
            with self.assertRaises(AccessError):
                self._as(portal, name).search([])

    def test_managers_read_the_rows_of_their_people_at_any_depth(self):
        for name in FACTS:
            rows = self._get_rows(name, self.anna) | self._get_rows(name, self.bo)
            for boss in (self.manager, self.director):
                found = self._as(boss.user_id, name).search([])
                self.assertEqual(set(found.ids), set(rows.ids), name)
                self.assertTrue(all(found.mapped("has_manager_access")))

    def test_sales_managers_and_auditors_read_their_companies(self):
        groups = "sales_team.group_sale_salesman_all_leads"
        for user in (self._create_user("perf_all_leads", groups), self.auditor):
            for name in FACTS:
                rows = self._get_rows(name, self.anna) | self._get_rows(name, self.bo)
                found = self._as(user, name).search([])
                self.assertEqual(set(found.ids), set(rows.ids), name)

    def test_administrators_choose_a_product_without_sales_rights(self):
        """The metric of a product is copied by HR, who reads no order."""
        admin = self.hr_admin
        self.assertFalse(self.env["sale.order"].with_user(admin).has_access("read"))
        product = self.album.product_tmpl_id
        metric = self._get_metric("ordered_amount_product").with_user(admin).copy()
        metric.parameter_ref = f"product.template,{product.id}"
        # he tests it with his own rights, which reach the rows as an auditor's
        self.assertEqual(self._values(metric, self.bo, self.anna), [0.0, 4712.0])

    def test_nobody_rates_himself(self):
        seller = self.seller
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.customer.id,
                "rated_partner_id": seller.partner_id.id,
                "rating": 2,
                "consumed": True,
            }
        )
        rating.rated_on = shanghai("2026-03-10 10:00")
        own = rating.with_user(seller)
        self.assertEqual(own.rating, 2)
        with self.assertRaises(AccessError):
            own.rating = 5
        with self.assertRaises(AccessError):
            own.copy({"rating": 5})
        self.assertEqual(self._values("satisfaction", self.bo), [2.0])
        rating.with_user(self.anna.user_id).feedback = "Written down by somebody else"

    def test_membership_of_both_companies(self):
        """Rows of a company that is not chosen at the moment stay away."""
        leader = self._create_user("perf_both", "sales_team.group_sale_salesman_all_leads")
        leader.company_ids = [Command.link(self.other_company.id)]
        Fact = self._as(leader, "booking").with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(Fact.search([]).company_id, self.company)
        both = (self.company | self.other_company).ids
        Fact = Fact.with_context(allowed_company_ids=both)
        self.assertEqual(Fact.search([]).company_id, self.company | self.other_company)
