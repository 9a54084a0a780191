from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.hr_performance.tests.phone_common import DRIVER, PhoneCase

from .plan_common import PlanCase
from .test_sales_plan import SALES


@tagged("post_install", "-at_install")
class TestSalesUi(PlanCase, PhoneCase):
    """A salesperson at the desk and under way: his day, his statement, a dispute, a report."""

    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        salesman = cls.env.ref("sales_team.group_sale_salesman")
        cls.team.user_id.group_ids = [Command.link(salesman.id)]
        cls.today = cls.company._get_performance_today()
        cls.month = cls.today.replace(day=1)
        cls.plan.date_from = (cls.month - timedelta(days=1)).replace(day=1)
        cls.plan.visibility = "full"
        cls.plan.with_user(cls.hr_user).action_start()
        cls.past, cls.period = cls.plan.period_ids.sorted("date_from")
        for day in (cls.past.date_from, cls.month):
            for employee, revenue in zip(cls.team, SALES, strict=True):
                if revenue:
                    lead = cls._create_lead(employee)
                    cls._win(lead, f"{day} 10:00", revenue)
        cls.period._refresh()
        cls.passing = cls._create_lead(
            cls.bo, name="Passing", expected_revenue=1500, probability=30
        )
        cls._create_lead(cls.bo, name="Small", expected_revenue=90)

    def test_desk(self):
        action = self.env.ref("hr_performance_sales.hr_performance_sales_day_action")
        self.start_tour(f"/odoo/action-{action.id}", "hr_performance_sales_day", login="perf_bo")
        support = self.env["hr.performance.sales.support"].search([])
        self.assertEqual(support.supporter_id, self.emil.user_id)
        report = self.env["hr.performance.sales.report"].search([])
        self.assertRecordValues(report, [{"employee_id": self.bo.id, "visits": 2}])
        self.past.with_user(self.hr_user).action_close()
        action = self.env.ref("hr_performance_sales.hr_performance_sales_statement_action_my")
        self.start_tour(
            f"/odoo/action-{action.id}", "hr_performance_sales_dispute", login="perf_bo"
        )
        self.assertEqual(self.past.disputed_count, 1)

    def test_phone(self):
        """At 360 pixels, in English and in Chinese: what if, a report, support asked and given."""
        steps = """
            await open("/performance");
            await press("a.tab", "My sales");
            see("1,100.00");
            see("Passes the line");
            find("input[name=lead]").click();
            await press("button[value=what_if]");
            see("Place 2 of 6, reward");
            if (!find("input[name=lead]").checked) {
                throw new Error("what was ticked is lost");
            }
            type("further", "much");
            await press("button[value=what_if]");
            see("is not a number");
            await press("a.button", "Report visits");
            type("visits", "2");
            type("market_note", "Ten per cent off across the street");
            await press("button[value=send]");
            see("Reported");
            see("Visits: 2");
            await open("/performance/sales");
            await press("a.link", "Ask for support");
            type("note", "They want a film");
            await press("button[value=ask]");
            see("Choose whom to ask");
            const select = find("[name=supporter]");
            select.value = [...select.options].find((o) => /emil/i.test(o.textContent)).value;
            await press("button[value=ask]");
            see("Asked for support");
        """
        self.browser_js("/web/health", DRIVER % steps, login="perf_bo", timeout=120)
        support = self.env["hr.performance.sales.support"].search([])
        self.assertRecordValues(support, [{"lead_id": self.passing.id, "state": "asked"}])
        self.env["res.lang"]._activate_lang("zh_CN")
        self.emil.user_id.lang = "zh_CN"
        steps = f"""
            await open("/performance");
            await press("a.row", "Passing");
            await press("button[value=done]");
            for (const path of ["", "/report", "/lead/{self.passing.id}"]) {{
                await open("/performance/sales" + path);
            }}
            await open("/performance/sales/support/{support.id}");
        """
        self.browser_js("/web/health", DRIVER % steps, login="perf_emil", timeout=120)
        self.assertEqual(support.state, "done")

    def test_quotations_on_the_phone(self):
        """Where orders are paid, an own quotation is ticked like an opportunity."""
        product = self._create_product()
        orders = self._create_plan(
            name="Orders", basis="ordered", date_from=self.month, visibility="full"
        )
        orders.action_start()
        result = orders.period_ids.result_ids.filtered(lambda r: r.employee_id == self.bo)
        quotation = self._create_order(self.bo, None, (product, 1500))
        path = f"/performance/sales/{result.id}"
        page = self._open(path, "perf_bo")
        self.assertIn(quotation.name, page)
        page = self._send(path, "what_if", page=page, order=str(quotation.id)).text
        self.assertIn("1,500.00 more", page)
        self.assertRegex(page, rf'(?s)name="order"[^>]*value="{quotation.id}"[^>]*checked')

    def test_pages_of_others(self):
        """Nobody else has a page, nor reaches somebody's by its address."""
        self.passing.user_id = self.fred.user_id
        support = self.env["hr.performance.sales.support"].create(
            {
                "lead_id": self.passing.id,
                "user_id": self.fred.user_id.id,
                "supporter_id": self.emil.user_id.id,
                "note": "Secret",
            }
        )
        page = self._open("/performance", "perf_carl")
        self.assertNotIn("/performance/sales", page)
        self.assertIn("No sales plan pays you", self._open("/performance/sales"))
        for login in ("perf_carl", "perf_gina"):
            self.authenticate(login, login)
            for path in (f"lead/{self.passing.id}", f"support/{support.id}"):
                page = self._open(f"/performance/sales/{path}", status=404)
                self.assertNotIn("Secret", page)
        fred = self.period.result_ids.filtered(lambda r: r.employee_id == self.fred)
        page = self._open(f"/performance/sales/{fred.id}", "perf_gina")
        self.assertNotIn("3,000", page)
        self.assertLess(len(page.encode()), 100_000)
