from decimal import Decimal

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .plan_common import PlanCase
from .test_sales_plan import SALES


@tagged("post_install", "-at_install")
class TestSalesDay(PlanCase):
    """A salesperson's page: his own numbers, and what his open opportunities would add."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        salesman = cls.env.ref("sales_team.group_sale_salesman")
        cls.team.user_id.group_ids = [Command.link(salesman.id)]

    def setUp(self):
        super().setUp()
        clock = self.at("2026-03-20 10:00")
        clock.start()
        self.addCleanup(clock.stop)
        self.period = self._start()
        self._sell_all(*SALES)
        self._refresh(self.period)

    def _day(self, employee, policy=None):
        if policy:
            self.plan.sudo().visibility = policy
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["hr.performance.sales.day"].with_user(employee.user_id)

    def _result(self, employee):
        return self.period.result_ids.filtered(lambda r: r.employee_id == employee)

    def _open(self, employee, revenue, **vals):
        return self._create_lead(employee, expected_revenue=revenue, **vals)

    def _what_if(self, employee, *leads, further=0, policy=None):
        Day = self._day(employee, policy)
        ids = [lead.id for lead in leads]
        return Day.get_what_if(self._result(employee).id, ids, further)

    def test_the_own_numbers(self):
        day = self._day(self.bo).get_my_sales()["day"]
        for name, number in (("amount", "1,000"), ("line", "1,100"), ("line_text", "100.00 to go")):
            self.assertIn(number, day[name], name)
        self.assertTrue(day["meets_minimum"])
        self.assertEqual((day["minimum_text"], day["is_above_line"]), ("✓ Reached", False))
        gina = self._day(self.gina).get_my_sales()["day"]
        self.assertIn("1,000.00 to go", gina["minimum_text"])
        self.assertEqual(day["days_left"], "11 days left")
        self.assertFalse(self._day(self.carl).get_my_sales()["day"])

    def test_opportunities_are_ranked_by_what_they_add(self):
        small = self._open(self.bo, 90, name="Small")
        passing = self._open(self.bo, 1500, name="Passing", probability=30)
        self._open(self.fred, 5000, name="Colleague's")
        self._open(self.bo, 70, name="Lost", active=False, probability=0)
        day = self._day(self.bo).get_my_sales()["day"]
        self.assertEqual([row["id"] for row in day["leads"]], [passing.id, small.id])
        first, second = day["leads"]
        self.assertEqual((first["effect"], second["effect"], second["more"]),
                         ("Passes the line", "", ""))  # fmt: skip
        self.assertIn("140", first["more"])  # 10 % of 2,500 − 1,100
        self.assertIn("90", second["amount"])
        gina = self._open(self.gina, 1000)
        leads = self._day(self.gina).get_my_sales()["day"]["leads"]
        self.assertEqual([(r["id"], r["effect"]) for r in leads],
                         [(gina.id, "Reaches the minimum")])  # fmt: skip

    def test_what_if_is_what_comes_true(self):
        """With open figures: the same place, line and reward as when the deals are really won."""
        cases = [
            (self.bo, (700,), {}),
            (self.gina, (600, 900), {}),
            (self.fred, (1,), {"second": "leave_one_out"}),
            (self.anna, (150,), {"pool_percent": 3}),
            (self.dora, (800,), {"min_size": 7, "small_group": "parent"}),
            (self.emil, (2000,), {"min_size": 7, "small_group": "minimum_only"}),
        ]
        for employee, revenues, rule in cases:
            with self.subTest(employee=employee.name, rule=rule):
                point = self.env.cr.savepoint()
                self.plan.sudo().state = "draft"
                self.plan.write(rule)
                self.plan.sudo().state = "running"
                self.period._refresh()
                leads = [self._open(employee, revenue) for revenue in revenues]
                expected = self._what_if(employee, *leads, policy="full")
                for lead in leads:
                    self._win(lead, "2026-03-20 09:00")
                self.period._refresh()
                result = self._result(employee)
                money = self.plan._format_amount
                self.assertEqual(expected["reward"], money(result.total))
                self.assertEqual(expected["line"], money(result.line) if result.has_line else "")
                self.assertIn(f"Place {result.rank} of {result.rank_count}", expected["place"])
                self.assertEqual(expected["is_rewarded"], result.is_above)
                point.rollback()
                self.env.invalidate_all()

    def test_the_sentence(self):
        leads = [self._open(self.bo, 600), self._open(self.bo, 900)]
        answer = self._what_if(self.bo, *leads, policy="full")
        self.assertRegex(answer["text"], r"^Place 2 of 6, reward .*90\.00")  # the line is 1,600
        answer = self._what_if(self.bo, *leads, policy="upper")
        self.assertRegex(answer["text"], r"^Place 2 of 6, reward up to .*140\.00")
        answer = self._what_if(self.bo, *leads, policy="bands")
        self.assertRegex(answer["text"], r"^Reward up to .*140\.00")
        self.assertIn("At most", answer["note"])
        self.assertIn("50.00 more", self._what_if(self.bo, further=50)["text"])
        self.assertIn("900.00 more", self._what_if(self.gina, further=100)["text"])

    def test_trying_amounts_tells_nothing_of_colleagues(self):
        """Below the line nobody learns anything; above it, as much as the plan shows anyway."""

        def probe(policy):
            return [
                {k: v for k, v in self._what_if(self.bo, further=x, policy=policy).items()}
                for x in range(0, 2400, 97)
            ]

        before = {policy: probe(policy) for policy in ("bands", "upper", "full")}
        # Anna and Gina stand below the line; the line stays when they change by this
        self._sell(self.anna, -350)
        self._sell(self.gina, 940)
        self.period._refresh()
        self.assertEqual(self._result(self.bo).line, 1100)
        for policy in ("bands", "upper"):
            self.assertEqual(probe(policy), before[policy], policy)
        # who stands above it is shown to everybody by “upper”, by “bands” without the amount
        self._sell(self.fred, -1500)
        self.period._refresh()
        self.assertEqual(probe("bands"), before["bands"])
        self.assertNotEqual(probe("upper"), before["upper"])
        self.assertNotEqual(probe("full"), before["full"])

    def test_what_others_are_asked_is_refused(self):
        lead = self._open(self.fred, 5000, name="Colleague's")
        Day = self._day(self.bo)
        for result in (self._result(self.fred), self._result(self.manager)):
            with self.assertRaises(UserError):
                Day.get_what_if(result.id, [], 0)
        own = self._result(self.bo).id
        self.assertEqual(Day.get_my_sales(self._result(self.fred).id)["day"]["id"], own)
        answer = Day.get_what_if(own, [lead.id], 0)
        self.assertIn("0.00", answer["added"])  # the lead of a colleague adds nothing
        text = str(Day.get_my_sales())
        for name in ("Fred", "Emil", "3,000", "2,000"):
            self.assertNotIn(name, text)
        with self.assertRaises(UserError):
            self._day(self.carl).get_what_if(own, [], 0)

    def test_pilots_and_closed_periods_are_not_shown(self):
        pilot = self._start(self._create_plan(name="Pilot", is_pilot=True))
        self.assertEqual(len(self._day(self.bo).get_my_sales()["results"]), 1)
        with self.assertRaises(UserError):
            result = pilot.result_ids.filtered(lambda r: r.employee_id == self.bo)
            self._day(self.bo).get_what_if(result.id, [], 0)
        self._close(self.period)
        self.assertFalse(self._day(self.bo).get_my_sales()["day"])

    def test_shared_opportunities_count_with_the_own_share(self):
        lead = self._open(self.bo, 1000)
        lead.performance_share_ids = [
            Command.create({"user_id": self.bo.user_id.id, "percent": 60}),
            Command.create({"user_id": self.dora.user_id.id, "percent": 40, "is_support": True}),
        ]
        self.assertIn("600.00", self._what_if(self.bo, lead)["added"])
        row = self._day(self.bo).get_my_sales()["day"]["leads"][0]
        self.assertEqual(row["share"], "60 % of the deal")

    def test_a_user_without_sales_rights(self):
        self.bo.user_id.group_ids = [
            Command.unlink(self.env.ref("sales_team.group_sale_salesman").id)
        ]
        day = self._day(self.bo).get_my_sales()["day"]
        self.assertEqual(day["leads"], [])

    # Reports

    def _report(self, employee, **vals):
        return (
            self.env["hr.performance.sales.report"]
            .with_user(employee.user_id)
            .create({"visits": 1, "partner_id": self.customer.id, **vals})
        )

    def test_reports_feed_metrics(self):
        self._report(self.bo, visits=2, contacts=3, market_note="They lower their prices")
        self._report(self.bo, date="2026-03-05", visits=1)
        self._report(self.bo, date="2026-02-27", visits=9)
        self.assertEqual(self._values("report_visits", self.bo, self.anna), [3, 0])
        self.assertEqual(self._values("report_contacts", self.bo), [3])
        self.assertEqual(self._values("report_market", self.bo), [1])

    def test_reports_are_ones_own(self):
        report = self._report(self.bo)
        Report = self.env["hr.performance.sales.report"]
        self.assertEqual(report.employee_id, self.bo)
        with self.assertRaises(UserError):
            self._report(self.bo, employee_id=self.anna.id)
        with self.assertRaises(UserError):
            report.employee_id = self.anna
        for stranger in (self.anna, self.carl):
            self.env.invalidate_all()
            self.assertFalse(Report.with_user(stranger.user_id).search([]))
            for call in (
                lambda r: r.read(["visits"]),
                lambda r: r.write({"visits": 5}),
                lambda r: r.unlink(),
            ):
                with self.assertRaises(AccessError):
                    call(report.with_user(stranger.user_id))
        for reader in (self.manager.user_id, self.director.user_id, self.hr_user, self.auditor):
            self.env.invalidate_all()
            own = report.with_user(reader)
            self.assertEqual(Report.with_user(reader).search([]), own)
            with self.assertRaises(AccessError):
                own.visits = 99
            with self.assertRaises(AccessError):
                own.unlink()

    def test_reports_are_about_recent_days(self):
        for vals in ({"date": "2026-03-21"}, {"visits": 0}):
            with self.assertRaises(ValidationError):
                self._report(self.bo, **vals)
        with self.assertRaises(UserError):
            self._report(self.bo, date="2026-02-10")
        report = self._report(self.bo, date="2026-03-01")
        report.visits = 4
        with self.at("2026-04-20 10:00"), self.assertRaises(UserError):
            report.visits = 5
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._report(self.bo, visits=100)

    # Support

    def _ask(self, lead, supporter, by=None, **vals):
        return (
            self.env["hr.performance.sales.support"]
            .with_user((by or self.bo).user_id)
            .create(
                {
                    "lead_id": lead.id,
                    "supporter_id": supporter.user_id.id,
                    "note": "They want a film",
                    **vals,
                }
            )
        )

    def test_help_is_counted_by_the_one_mechanism(self):
        """From the question to the reward of the one who helped."""
        self.plan.sudo().state = "draft"
        self.plan.write({"collaboration_step": 5})
        self.plan.sudo().state = "running"
        lead = self._open(self.bo, 1000)
        # the rule of own documents: Emil does not reach it before he is asked
        with self.assertRaises(AccessError):
            lead.with_user(self.emil.user_id).check_access("read")
        support = self._ask(lead, self.emil, percent=10)
        self.assertEqual(lead.activity_ids, support.sudo().activity_id)
        self.assertEqual(lead.activity_ids.user_id, self.emil.user_id)
        self.env.invalidate_all()
        lead.with_user(self.emil.user_id).check_access("read")
        with self.assertRaises(AccessError):
            lead.with_user(self.emil.user_id).check_access("write")
        self.assertFalse(lead.performance_share_ids)
        lead.activity_ids.with_user(self.emil.user_id).action_feedback(feedback="Shown")
        self.assertRecordValues(
            lead.performance_share_ids.sorted("percent"),
            [
                {"user_id": self.emil.user_id.id, "percent": 10, "is_support": True},
                {"user_id": self.bo.user_id.id, "percent": 90, "is_support": False},
            ],
        )
        self.assertEqual(support.state, "done")
        self._win(lead, "2026-03-20 09:00")
        self.period._refresh()
        emil = self._result(self.emil)
        self.assertEqual((emil.helped, emil.amount), (1, 2100))
        told = self.env["hr.performance.message"].search(
            [("type_id.code", "in", ("sales_support", "sales_support_done"))], order="id"
        )
        self.assertEqual(told.mapped("user_id"), self.emil.user_id + self.bo.user_id)
        self.assertIn("They want a film", told.sudo()[:1].raw_body)

    def test_help_after_the_deal_changes_no_credit(self):
        """Who is credited with a deal that is won is for sales managers to change."""
        lead = self._open(self.bo, 1000)
        support = self._ask(lead, self.emil, percent=10)
        self._win(lead, "2026-03-20 09:00")
        support.with_user(self.emil.user_id).action_done()
        self.assertEqual(support.state, "done")
        self.assertFalse(lead.performance_share_ids)
        told = self.env["hr.performance.message"].search(
            [("type_id.code", "=", "sales_support_done")]
        )
        self.assertFalse(told, "nobody has a share that he could be told of")

    def test_who_works_elsewhere_is_not_asked(self):
        abroad = self._create_user(
            "perf_abroad", "sales_team.group_sale_salesman", company=self.other_company
        )
        lead = self._open(self.bo, 1000)
        with self.assertRaises(ValidationError):
            self.env["hr.performance.sales.support"].with_user(self.bo.user_id).create(
                {"lead_id": lead.id, "supporter_id": abroad.id, "percent": 10, "note": "Film"}
            )

    def test_who_asks_gives_of_his_own(self):
        lead = self._open(self.bo, 1000)
        for by, supporter, vals in (
            (self.anna, self.emil, {}),  # not her deal
            (self.bo, self.bo, {}),
            (self.bo, self.carl, {}),  # no salesperson
        ):
            with self.assertRaises(UserError):
                self._ask(lead, supporter, by, **vals)
        self._ask(lead, self.emil, percent=30)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._ask(lead, self.emil)
        self._win(lead, "2026-03-20 09:00")
        with self.assertRaises(UserError):
            self._ask(lead, self.dora)

    def test_support_moves_by_its_buttons(self):
        lead = self._open(self.bo, 1000)
        support = self._ask(lead, self.emil, state="done", user_id=self.anna.user_id.id)
        self.assertEqual((support.state, support.user_id), ("asked", self.bo.user_id))
        for user in (self.bo.user_id, self.emil.user_id, self.leader, self.hr_admin):
            for vals in ({"state": "done"}, {"percent": 90}, {"user_id": user.id}):
                with self.assertRaises(AccessError):
                    support.with_user(user).write(vals)
            with self.assertRaises(AccessError):
                support.with_user(user).unlink()
        for stranger in (self.anna, self.carl):
            self.env.invalidate_all()
            self.assertFalse(support.with_user(stranger.user_id).search([]))
            for name in ("action_done", "action_withdraw"):
                with self.assertRaises(AccessError):
                    getattr(support.with_user(stranger.user_id), name)()
        with self.assertRaises(AccessError):
            support.with_user(self.bo.user_id).action_done()
        support.with_user(self.bo.user_id).action_withdraw()
        self.assertFalse(lead.activity_ids)
        self.assertFalse(lead.performance_share_ids)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            lead.with_user(self.emil.user_id).check_access("read")
        again = self._ask(lead, self.emil)
        again.with_user(self.emil.user_id).action_done()
        self.assertEqual(len(lead.performance_share_ids), 2)
        other = self._ask(lead, self.dora, percent=1)
        other.sudo().activity_id.unlink()
        self.assertEqual(other.state, "withdrawn")

    def test_exact_amounts(self):
        lead = self._open(self.bo, 1000.1)
        (deal,) = self._day(self.bo)._get_open_deals(self._result(self.bo))
        self.assertEqual((deal.record, deal.amount), (lead, Decimal("1000.10")))

    # Quotations

    def _pay_for_orders(self, **vals):
        """The plan of the six as one of confirmed orders, with the same amounts."""
        self.plan.sudo().state = "draft"
        self.plan.write({"basis": "ordered", **vals})
        self.plan.sudo().state = "running"
        product = self._create_product("Portrait")
        for person, amount in zip(self.team, SALES, strict=True):
            if amount:
                self._create_order(person, "2026-03-10 10:00", (product, amount))
        self.period._refresh()
        return product

    def _what_if_ordered(self, employee, *orders, policy="full"):
        Day = self._day(employee, policy)
        return Day.get_what_if(self._result(employee).id, [], 0, [order.id for order in orders])

    def test_quotations_count_where_orders_are_paid(self):
        product = self._pay_for_orders()
        quoted = self._create_order(self.bo, None, (product, 600))
        small = self._create_order(self.bo, None, (product, 50))
        self._create_order(self.fred, None, (product, 5000))
        cancelled = self._create_order(self.bo, None, (product, 700))
        cancelled._action_cancel()
        lead = self._open(self.bo, 90)
        rows = self._day(self.bo).get_my_sales()["day"]["leads"]
        self.assertEqual(
            [(row["model"], row["id"]) for row in rows],
            [("sale.order", quoted.id), ("crm.lead", lead.id), ("sale.order", small.id)],
        )
        self.assertEqual((rows[0]["effect"], rows[0]["name"]), ("Passes the line", quoted.name))
        expected = self._what_if_ordered(self.bo, quoted, small)
        for order in quoted | small:
            order.action_confirm()
        self.period._refresh()
        bo = self._result(self.bo)
        self.assertEqual((bo.amount, expected["reward"]),
                         (1650, self.plan._format_amount(bo.total)))  # fmt: skip
        self.assertEqual(expected["line"], self.plan._format_amount(bo.line))

    def test_quotations_do_not_count_where_won_opportunities_are_paid(self):
        order = self._create_order(self.bo, None)
        self.assertFalse(self._day(self.bo).get_my_sales()["day"]["leads"])
        self.assertIn("0.00", self._what_if_ordered(self.bo, order)["added"])

    def test_a_quotation_of_a_colleague_adds_nothing(self):
        product = self._pay_for_orders()
        order = self._create_order(self.fred, None, (product, 5000))
        self.assertIn("0.00", self._what_if_ordered(self.bo, order)["added"])

    def test_a_quotation_counts_as_the_plan_says(self):
        """Products, shares of thirds and the currency: as the ledger has it after confirming."""
        album, portrait = self._create_product("Album"), self._create_product("Print")
        self._pay_for_orders(product_ids=[Command.set((album | portrait).ids)])
        currency = self.env["res.currency"].create(
            {
                "name": "TQC",
                "symbol": "T",
                "rate_ids": [
                    Command.create({"name": day, "rate": rate, "company_id": self.company.id})
                    for day, rate in (("2026-01-01", 4), ("2026-03-15", 3))
                ],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "T", "currency_id": currency.id, "company_id": self.company.id}
        )
        lines = ((album, 100), (portrait, 50.5), (self._create_product("Other"), 1000))
        order = self._create_order(self.bo, None, *lines, pricelist_id=pricelist.id)
        order.performance_share_ids = [
            Command.create({"user_id": person.user_id.id, "percent": percent})
            for person, percent in ((self.bo, 33.34), (self.dora, 33.33), (self.emil, 33.33))
        ]
        (deal,) = self._day(self.bo)._get_open_deals(self._result(self.bo))
        order.action_confirm()
        credits = self.env["hr.performance.sales.credit"].search(
            [("res_model", "=", "sale.order"), ("res_id", "=", order.id),
             ("employee_id", "=", self.bo.id), ("product_id", "in", (album | portrait).ids)]
        )  # fmt: skip
        self.assertEqual(len(credits), 2)
        self.assertEqual(float(deal.amount), round(sum(credits.mapped("amount_untaxed")), 2))
        self.assertEqual(deal.percent, Decimal("33.34"))

    def test_an_opportunity_with_a_quotation_counts_once(self):
        if "opportunity_id" not in self.env["sale.order"]._fields:
            self.skipTest("CRM and sales are not linked here")
        product = self._pay_for_orders()
        lead = self._open(self.bo, 900)
        order = self._create_order(self.bo, None, (product, 600), opportunity_id=lead.id)
        deals = self._day(self.bo)._get_open_deals(self._result(self.bo))
        self.assertEqual([deal.record for deal in deals], [order])

    def test_as_many_queries_for_many_deals(self):
        product = self._pay_for_orders()

        def count():
            Day = self._day(self.bo, "full")
            before = self.cr.sql_log_count
            Day.get_my_sales()
            return self.cr.sql_log_count - before

        self._create_order(self.bo, None, (product, 50))
        self._open(self.bo, 90)
        count()
        few = count()
        for _number in range(5):
            self._create_order(self.bo, None, (product, 50))
            self._open(self.bo, 90)
        self.assertEqual(count(), few)
