from odoo import fields
from odoo.tests import freeze_time, tagged
from odoo.tools import convert_file

from odoo.addons.hr_performance.tests.test_demo import TODAY, DemoCase

HARD_DAYS = (
    "2036-03-31 16:00:00",  # the first second of April in Shanghai
    "2036-02-29 06:00:00",
    "2036-01-31 15:59:00",
)


class SalesDemoCase(DemoCase):
    @classmethod
    def load(cls, name):
        if name not in ("sales", "sales_plan"):
            return super().load(name)
        file = f"demo/hr_performance_{name}_demo.xml"
        module = "hr_performance_sales"
        convert_file(cls.env(su=True), module, file, {}, mode="init", noupdate=True)
        cls.env.flush_all()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Where it is installed with demo data, its records belong to other months than the test's.
        own = [("company_id", "=", cls.company.id)]
        orders = cls.env["sale.order"].search(own)
        orders.state = "draft"
        orders.unlink()
        cls.env["crm.lead"].with_context(active_test=False).search(own).unlink()
        people = cls.env["res.users"].search(own)
        cls.env["calendar.event"].search([("user_id", "in", people.ids)]).unlink()
        ratings = cls.env["rating.rating"]
        ratings.search([("rated_partner_id", "in", people.partner_id.ids)]).unlink()

    @classmethod
    def load_plan(cls):
        plans = cls.env["hr.performance.sales.plan"].search([("company_id", "=", cls.company.id)])
        if plans:
            cls.skipTest(cls, "the database has the demo data of another day")
        cls.load("sales_plan")

    def get_line(self, review, code):
        return review.line_ids.filtered(lambda line: line.metric_id.code == code)


@tagged("post_install", "-at_install")
class TestSalesDemoStory(SalesDemoCase):
    """The story of the demo company, measured from leads, orders, ratings and meetings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.load("cycle")
        cls.load("sales")

    def test_best_month(self):
        """9 of 20 enquiries won, 4.5 from 10 ratings, 7 of 20 customers back: 100 points."""
        review = self.get_review(self.get_cycles()[2], "li_na")
        self.assertEqual(review.total, 100)
        expected = {
            "conversion": (45, 9, 20, 30, 30),
            "satisfaction": (4.5, 45, 10, 40, 40),
            "repurchase": (35, 7, 20, 30, 30),
        }
        for code, (value, numerator, denominator, weight, points) in expected.items():
            line = self.get_line(review, code)
            self.assertEqual(line.source, "model")
            self.assertFalse(line.manager_set)
            self.assertEqual(
                (line.value, line.numerator, line.denominator), (value, numerator, denominator)
            )
            self.assertEqual((line.weight, line.points), (weight, points))

    def test_good_conversion_and_poor_satisfaction(self):
        review = self.get_review(self.get_cycles()[2], "zhang_wei")
        self.assertEqual(self.get_line(review, "conversion").value, 45)
        satisfaction = self.get_line(review, "satisfaction")
        self.assertEqual(satisfaction.value, 3.8)
        self.assertAlmostEqual(satisfaction.points, 36.19, places=2)

    def test_sales_have_a_median(self):
        """60, 80, 100 and 120 thousand: half of the salespeople are above 90."""
        cycle = self.get_cycles()[2]
        amounts = [
            self.get_line(self.get_review(cycle, login), "ordered_amount").value
            for login in ("feng_lei", "he_ting", "zheng_xue", "wu_hao")
        ]
        self.assertEqual(amounts, [60000, 80000, 100000, 120000])

    def test_records_agree_with_the_figures(self):
        """The leads behind the best month, counted by hand, and the orders that they became."""
        user = self.env.ref("hr_performance.user_li_na")
        leads = self.env["crm.lead"].with_context(active_test=False)
        domain = [("user_id", "=", user.id), ("date_open", ">=", "2026-09-30 16:00:00")]
        domain += [("date_open", "<", "2026-10-31 16:00:00")]
        leads = leads.search(domain)
        self.assertEqual(len(leads), 20)
        won = leads.filtered(lambda lead: lead.won_status == "won")
        self.assertEqual(len(won), 9)
        self.assertTrue(leads.filtered(lambda lead: lead.won_status == "lost"))
        for lead in won:
            domain = [("partner_id", "=", lead.partner_id.id)]
            order = self.env["sale.order"].search(domain, order="date_order", limit=1)
            self.assertEqual((order.state, order.date_order), ("sale", lead.date_closed))
            self.assertEqual(order.amount_untaxed, lead.expected_revenue)

    def test_weights_change_with_the_running_month(self):
        """Contacts after the shooting take 10 %; the closed months keep 30, 40 and 30."""
        *closed, running = self.get_cycles()
        lines = self.get_metric_lines(self.get_review(running, "li_na"))
        self.assertEqual(lines.mapped("weight"), [27, 36, 27, 10])
        for cycle in closed:
            lines = self.get_metric_lines(self.get_review(cycle, "li_na"))
            self.assertEqual(lines.mapped("weight"), [30, 40, 30])

    def test_own_records_open(self):
        """An employee opens the records behind his numbers with his own rights."""
        cycle = self.get_cycles()[2]
        user = self.env.ref("hr_performance.user_li_na")
        for line in self.get_metric_lines(self.get_review(cycle, "li_na")):
            action = line.with_user(user).action_view_records()
            found = self.env[action["res_model"]].with_user(user).search_count(action["domain"])
            self.assertEqual(found, line.sample if line.denominator is None else found)
            self.assertTrue(found, line.name)


@tagged("post_install", "-at_install")
class TestSalesDemoChinese(SalesDemoCase):
    """What is sold has its Chinese name before anything is named after it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.be_installed_in_chinese("hr_performance_sales")
        cls.load("cycle")
        cls.load("sales")
        cls.load_plan()

    def test_names_are_chinese(self):
        own = [("company_id", "=", self.company.id)]
        leads = self.env["crm.lead"].with_context(active_test=False).search(own)
        self.assertTrue(leads)
        self.assertFalse(leads.filtered(lambda lead: "Portraits" in lead.name))
        version = self.env["hr.performance.template"].search([*own, ("version", "=", 2)])
        payouts = self.env["hr.performance.sales.payroll"].search(own)
        names = [version.with_context(lang="zh_CN").name, *payouts.mapped("name")]
        self.check_chinese(names)

    def test_people_are_told_in_chinese(self):
        messages = self.env["hr.performance.message"].search(
            [("company_id", "=", self.company.id), ("type_id.code", "=like", "sales_%")]
        )
        self.assertTrue(messages)
        self.check_chinese(messages.sudo().mapped("raw_subject"))


@tagged("post_install", "-at_install")
class TestSalesDemoAnyDay(SalesDemoCase):
    def test_on_hard_days(self):
        """Three closed months with results, a running one, and no record in the future."""
        for instant in HARD_DAYS:
            with self.on(instant):
                self.load("sales")
                self.check_months(fields.Datetime.now())

    def check_months(self, now):
        *closed, running = self.get_cycles()
        for cycle in closed:
            self.check_closed(cycle)
        self.assertEqual(self.get_review(closed[2], "li_na").total, 100)
        line = self.get_line(self.get_review(closed[2], "zhang_wei"), "satisfaction")
        self.assertAlmostEqual(line.points, 36.19, places=2)
        held = running.review_ids.filtered("blocked")
        self.assertEqual(held, self.get_review(running, "sun_li"))
        late = running.review_ids.filtered("is_overdue")
        self.assertEqual(late, self.get_review(running, "wu_hao"))
        self.assertTrue(self.get_review(running, "li_na").scored)
        own = [("company_id", "=", self.company.id)]
        leads = self.env["crm.lead"].with_context(active_test=False).search(own)
        orders = self.env["sale.order"].search(own)
        users = self.env["res.users"].search(own)
        meetings = self.env["calendar.event"].search([("user_id", "in", users.ids)])
        # an interview is planned for a day that comes
        meetings -= self.env["hr.performance.interview"].search([]).event_id
        ratings = self.env["rating.rating"].search(
            [("rated_partner_id", "in", users.partner_id.ids)]
        )
        instants = leads.mapped("date_open") + leads.filtered("date_closed").mapped("date_closed")
        instants += orders.mapped("date_order") + meetings.mapped("stop")
        instants += ratings.mapped("rated_on")
        self.assertLessEqual(max(instants), now)


@tagged("post_install", "-at_install")
class TestSalesPlanDemo(SalesDemoCase):
    """Three closed months of the sales plan and the running one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.load("cycle")
        cls.load("sales")
        cls.load_plan()
        cls.plan = cls.env.ref("hr_performance_sales.plan_studio")

    def test_months(self):
        months = self.plan.period_ids.sorted("date_from")
        self.assertEqual(months.mapped("state"), ["approved", "approved", "closed", "open"])
        # 70,000, 74,000, 92,000 and 96,000: the line is 83,000
        best = months[0].statement_ids.sorted("amount")[-1:]
        self.assertEqual((best.amount, best.line, best.gap), (96000, 83000, 13000))
        # 5 % of 10,000, 8 % of 3,000, the bonus, and a share of the pool of 520
        self.assertEqual((best.reward, best.pool_reward), (940, 130))
        self.assertEqual(best.due, 0)
        self.assertEqual(best.state, "acknowledged")
        self.assertEqual(months[2].disputed_count, 1)
        self.assertTrue(months[3].result_ids)

    def test_pilot_pays_nothing(self):
        pilot = self.env.ref("hr_performance_sales.plan_studio_pilot")
        months = pilot.period_ids.sorted("date_from")
        self.assertEqual(months.mapped("state"), ["closed", "closed", "closed", "open"])
        self.assertTrue(sum(months[:3].mapped("total")))
        self.assertFalse(months.statement_ids.payout_ids)

    def test_newest_first(self):
        """Lists of several months begin with the latest one."""
        own = [("company_id", "=", self.company.id)]
        for name in ("result", "statement"):
            records = self.env[f"hr.performance.sales.{name}"].search(own)
            days = records.mapped(lambda record: record.period_id.date_from)
            self.assertGreater(days[0], days[-1])
            self.assertEqual(days, sorted(days, reverse=True), name)
