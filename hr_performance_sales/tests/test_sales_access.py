import inspect

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .plan_common import PlanCase
from .test_sales_plan import SALES

MODELS = ("credit", "result", "statement", "statement.line", "adjustment", "payout")
CLOSED = ("plan", "tier", "target", "period", "payroll", "mark", "preview", "reopen")
#: Public methods that only build an action from what the caller sent.
HARMLESS = {"action_view_results", "action_view_statements", "action_view_periods"}
HARMLESS |= {"action_reopen", "action_view_uncounted"}


@tagged("post_install", "-at_install")
class TestSalesAccess(PlanCase):
    """Nobody reaches a colleague's figures by any route."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.target_ids = [Command.create({"employee_id": cls.emil.id, "amount": 1001})]

    def setUp(self):
        super().setUp()
        export = self.env.ref("base.group_allow_export")
        (self.anna | self.carl).user_id.group_ids = [Command.link(export.id)]
        self.period = self._start()
        self._sell_all(*SALES)
        self.statements = self._close(self.period)
        self._approve(self.period)
        self.period.with_user(self.hr_user).action_pay()
        self._sell(self.gina, 9000, when="2026-03-30 10:00")
        self.env["hr.performance.sales.reopen"].create(
            {"period_id": self.period.id, "reason": "Late"}
        ).action_confirm()
        self.env.flush_all()

    def _as(self, user, name):
        self.env.invalidate_all()
        return self.env[f"hr.performance.sales.{name}"].with_user(user)

    def _all(self, name):
        rows = self.env[f"hr.performance.sales.{name}"].search([])
        self.assertTrue(rows, name)
        return rows

    def test_a_salesperson_reaches_his_own_rows_only(self):
        for name in MODELS:
            own = self._all(name).filtered(lambda row: row.employee_id == self.emil)
            Model = self._as(self.emil.user_id, name)
            self.assertEqual(Model.search([]), own, name)
            self.assertTrue(own, name)
            for domain in (
                [("employee_id", "=", self.fred.id)],
                [("employee_id.name", "=", "Fred")],
                [("has_manager_access", "=", True)],
                [("is_own", "=", False)],
            ):
                self.assertFalse(Model.search(domain), (name, domain))
                self.assertFalse(Model.search_count(domain), (name, domain))

    def test_grouping_tells_nothing(self):
        for name in MODELS:
            Model = self._as(self.emil.user_id, name)
            groups = Model._read_group([], ["employee_id"], ["__count"])
            self.assertEqual([employee for employee, _count in groups], [self.emil], name)
            text = str(Model.formatted_read_group([], ["employee_id"], ["__count"]))
            text += str(Model.web_search_read([], {"display_name": {}}, limit=100))
            self.assertNotIn("Fred", text, name)
        Result = self._as(self.emil.user_id, "result")
        self.assertEqual(Result._read_group([], [], ["amount:sum", "amount:max"]), [(2000, 2000)])

    def test_rows_of_others_are_refused_by_their_id(self):
        for name in MODELS:
            rows = self._all(name).filtered(lambda row: row.employee_id == self.fred)
            self.assertTrue(rows, name)
            for call in (
                lambda r: r.read(["employee_id"]),
                lambda r: r.web_read({"employee_id": {}}),
                lambda r: r.export_data(["employee_id"]),
                lambda r: r.check_access("read"),
            ):
                with self.assertRaises(AccessError, msg=name):
                    call(self._as(self.anna.user_id, name).browse(rows[:1].id))

    def test_a_stranger_reaches_nothing(self):
        for name in (*MODELS, *CLOSED):
            Model = self._as(self.carl.user_id, name)
            if Model.has_access("read"):
                self.assertFalse(Model.search([]), name)
            with self.assertRaises(UserError, msg=name):
                Model.create({})
            rows = self._all(name) if name not in ("preview", "reopen", "tier", "mark") else Model
            for row in rows[:1]:
                own = self._as(self.carl.user_id, name).browse(row.id)
                for call in (
                    lambda r: r.read(),
                    lambda r: r.write({"company_id": 1}),
                    lambda r: r.unlink(),
                ):
                    with self.assertRaises(UserError, msg=name):
                        call(own)

    def test_every_public_method_refuses_the_stranger(self):
        for name in (*MODELS, "plan", "target", "period", "payroll"):
            record = self._as(self.carl.user_id, name).browse(self._all(name)[:1].id)
            own = [
                key
                for key, member in inspect.getmembers(type(record), inspect.isfunction)
                if not key.startswith("_")
                and "hr_performance_sales" in inspect.getsourcefile(inspect.unwrap(member))
                and key not in ("create", "write", "unlink", *HARMLESS)
                and not getattr(member, "_api_private", False)
            ]
            for key in own:
                with self.subTest(f"{name}.{key}"), self.assertRaises(UserError):
                    getattr(record, key)()

    def test_what_a_salesperson_sees_of_the_plan(self):
        plan = self._as(self.emil.user_id, "plan").browse(self.plan.id)
        self.assertIn("median", plan.rule_text)
        self.assertEqual(self._as(self.emil.user_id, "plan").search([]), self.plan)
        self.assertEqual(self._as(self.emil.user_id, "target").search([]).amount, 1001)
        self.assertFalse(self._as(self.anna.user_id, "target").search([]))
        for vals in ({"minimum": 1}, {"visibility": "full"}, {"is_pilot": True}):
            with self.assertRaises(AccessError):
                plan.write(vals)

    def test_the_figures_of_a_period_are_the_readers_own(self):
        period = self._as(self.emil.user_id, "period").browse(self.period.id)
        self.assertEqual((period.people_count, period.amount, period.total), (1, 2000, 90))
        everybody = self._as(self.hr_user, "period").browse(self.period.id)
        self.assertEqual((everybody.people_count, everybody.total), (8, 290))

    def test_managers_reach_their_people(self):
        for boss in (self.manager, self.director):
            for name in MODELS:
                rows = self._all(name).filtered(lambda row: row.employee_id in self.team)
                found = self._as(boss.user_id, name).search([])
                self.assertLessEqual(rows, found, name)
                self.assertFalse(found.filtered(lambda r: r.employee_id == self.carl), name)
        self.fred.parent_id = self.carl
        self.assertTrue(self._as(self.carl.user_id, "result").search([]))

    def test_nobody_writes_what_the_engine_writes(self):
        for user in (self.emil.user_id, self.manager.user_id, self.leader, self.hr_admin):
            for name in MODELS:
                rows = self._as(user, name).search([], limit=1)
                for call in (
                    lambda r: r.write({"employee_id": 1}),
                    lambda r: r.unlink(),
                    lambda r: r.create({}),
                ):
                    with self.assertRaises(UserError, msg=name):
                        call(rows)

    def test_companies_are_kept_apart(self):
        foreign = self._create_user(
            "perf_foreign",
            "sales_team.group_sale_manager,hr_performance.group_hr_performance_manager",
            company=self.other_company,
        )
        for name in (*MODELS, "plan", "target", "period", "payroll", "mark"):
            self.assertFalse(self._as(foreign, name).search([]), name)
        for name in (*MODELS, "plan", "period", "payroll"):
            self.assertTrue(self._as(self.auditor, name).search([]), name)

    def test_shares_follow_their_documents(self):
        lead = self._create_lead(self.anna, "2026-03-01 09:00")
        lead.performance_share_ids = [
            Command.create({"user_id": self.anna.user_id.id, "percent": 60}),
            Command.create({"user_id": self.bo.user_id.id, "percent": 40}),
        ]
        self.assertEqual(len(self._as(self.anna.user_id, "share").search([])), 2)
        own = self._as(self.bo.user_id, "share").search([])
        self.assertEqual(own.percent, 40)
        with self.assertRaises(AccessError):
            own.percent = 90
        self.assertFalse(self._as(self.carl.user_id, "share").search([]))
        with self.assertRaises(AccessError):
            self._as(self.carl.user_id, "share").create(
                {"lead_id": lead.id, "user_id": self.carl.user_id.id, "percent": 100}
            )
