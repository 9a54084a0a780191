from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .plan_common import PlanCase
from .test_sales_plan import REWARDS, SALES

#: Rows of the ledger are recorded now, whatever day a test plays on.
FOR_LONG = 36500


@tagged("post_install", "-at_install")
class TestSalesSettlement(PlanCase):
    """After the last period of a plan what takes back its sales is listed, and deducted by HR."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.settle_days = FOR_LONG

    def _end_with_march(self, plan=None):
        """Fred is paid 190 of his 3,000, Emil 90 of 2,000, Dora 10 of 1,200. The plan ends."""
        self.march = self._start(plan)
        self.leads = self._sell_all(*SALES)
        with self.at("2026-03-25 10:00"):
            self.march.plan_id.with_user(self.hr_user).action_end()
        return self._close(self.march)

    def _run_daily(self, when="2026-04-10 03:00"):
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.at(when):
            self.env.ref("hr_performance_sales.ir_cron_open_sales").method_direct_trigger()
        self.env.invalidate_all()
        rows = self.env["hr.performance.sales.uncounted"].search([("state", "=", "open")])
        return rows.sorted("id")

    def _lose(self, number, when):
        with self.at(when):
            self.leads[number].write({"stage_id": self.open_stage.id, "probability": 20})

    def _tell(self, rows):
        return [(row.employee_id.name, row.amount, row.cause, row.is_late) for row in rows]

    def test_a_refund_after_the_end(self):
        fred = self._end_with_march()["fred"]
        self._approve(self.march)
        self.march.with_user(self.hr_user).action_pay()
        self._lose(4, "2026-04-05 10:00")
        row = self._run_daily()
        self.assertEqual(self._tell(row), [("Fred", -3000, "reversed", False)])
        self.assertEqual(row.period_id, self.march)
        self.assertEqual(self.march.with_user(self.hr_user).uncounted_count, 1)
        self.assertIn("decided under Uncounted: 1.", self.march.message_ids[:1].body)
        messages = len(self.march.message_ids)
        self.assertEqual(self._run_daily(), row, "again is the same as once")
        self.assertEqual(len(self.march.message_ids), messages)
        row.with_user(self.hr_user).action_deduct()
        self.assertEqual((row.deducted, row.statement_id, fred.due), (-190, fred, -190))
        self.assertEqual(self.march.state, "closed", "approved anew before payroll recovers it")
        self._approve(self.march)
        action = self.march.with_user(self.hr_user).action_pay()
        self.assertEqual(self.env[action["res_model"]].browse(action["res_id"]).amount, -190)

    def test_what_came_before_the_closing_counts_once(self):
        """A refund in April, and March is closed only then: it is the plan's all the same."""
        self.march = self._start()
        self.leads = self._sell_all(*SALES)
        with self.at("2026-03-25 10:00"):
            self.plan.action_end()
        self._lose(4, "2026-04-05 10:00")
        self.assertFalse(self._run_daily(), "March is not closed yet")
        self.assertEqual(self._rewards(self._close(self.march, when="2026-04-20 10:00")), REWARDS)
        self.assertEqual(
            self._tell(self._run_daily("2026-04-21 03:00")), [("Fred", -3000, "reversed", False)]
        )

    def test_corrections_of_the_last_period(self):
        """Another salesperson: one loses, the other gains, and counting anew settles both."""
        self._end_with_march()
        with self.at("2026-04-05 10:00"):
            self.leads[3].user_id = self.gina.user_id
        rows = self._run_daily()
        self.assertEqual(
            sorted(self._tell(rows)),
            [("Emil", -2000, "changed", True), ("Gina", 2000, "changed", True)],
        )
        self.env["hr.performance.sales.reopen"].create(
            {"period_id": self.march.id, "reason": "The deal was Gina's"}
        ).action_confirm()
        self.env.invalidate_all()
        self.assertEqual(rows.mapped("state"), ["counted", "counted"])

    def test_a_refund_that_is_undone(self):
        """A table of what is done to Fred's order, and what is deducted and given back."""
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=self.company, install_demo=False
        )
        self.env = self.env(context={**self.env.context, "allowed_company_ids": self.company.ids})
        plan = self._create_plan(name="Orders", basis="ordered", settle_days=FOR_LONG)
        orders = [
            self._create_order(person, "2026-03-10 10:00", (self._create_product(), amount))
            for person, amount in zip(self.team, SALES, strict=True)
            if amount
        ]
        fred = self._end_with_march(plan)["fred"]
        self.assertEqual(fred.total, 190)
        order = orders[4].with_env(self.env)
        invoice = self._invoice(order, date(2026, 3, 15))
        self._credit(invoice, date(2026, 4, 5), 1000)
        first = self._run_daily()
        first.with_user(self.hr_user).action_deduct()
        self.assertEqual((first.amount, first.deducted, fred.adjusted), (-1000, -100, -100))
        # a further refund, larger than what is left of the deal
        note = self._credit(invoice, date(2026, 4, 8), 9000)
        second = self._run_daily("2026-04-11 03:00")
        second.with_user(self.hr_user).action_deduct()
        self.assertEqual((second.amount, second.deducted, fred.due), (-2000, -90, 0))
        # which was a mistake
        with self.at("2026-04-12 10:00"):
            note.button_draft()
        undone = self._run_daily("2026-04-13 03:00")
        undone.with_user(self.hr_user).action_deduct()
        self.assertEqual((undone.amount, undone.deducted, fred.due), (2000, 90, 90))

    def test_sold_again_and_lost_again_is_no_business_of_the_plan(self):
        self._end_with_march()
        self._lose(4, "2026-04-05 10:00")
        self._win(self.leads[4], "2026-04-20 10:00", 700)
        self._lose(4, "2026-05-05 10:00")
        self._sell(self.gina, 5000, "2026-04-07 10:00")
        stranger = self._create_employee("Stranger", self.env["hr.department"], self.manager)
        self._sell(stranger, 400, "2026-03-30 10:00")
        self.assertEqual(
            self._tell(self._run_daily("2026-05-10 03:00")), [("Fred", -3000, "reversed", False)]
        )

    def test_for_how_long(self):
        """90 days after the end of March: what is recorded later is nobody's business any more."""
        self.plan.settle_days = 90
        self._end_with_march()
        self._lose(3, "2026-06-20 10:00")
        self._lose(4, "2026-07-20 10:00")
        self._set_recorded_on(self.leads[3], "2026-06-29 15:59")
        self._set_recorded_on(self.leads[4], "2026-06-29 16:00")  # midnight in Shanghai
        self.assertEqual([row.employee_id for row in self._run_daily("2026-08-01 03:00")],
                         [self.emil])  # fmt: skip

    def _set_recorded_on(self, lead, moment):
        self.env.flush_all()
        self.cr.execute(
            "UPDATE hr_performance_sales_credit SET create_date = %s"
            " WHERE res_id = %s AND cause = 'reversed'",
            [moment, lead.id],
        )

    def test_another_plan_counts_it(self):
        """Fred and Emil go on in another plan, whose April counts what they lose then."""
        self._end_with_march()
        other = self._create_plan(
            name="Successor",
            date_from=date(2026, 4, 1),
            group_by="people",
            employee_ids=[Command.set((self.fred | self.emil).ids)],
        )
        april = self._start(other, "2026-04-02 10:00")
        self._lose(4, "2026-04-05 10:00")
        self._lose(2, "2026-04-05 10:00")  # Dora's, who is in no plan any more
        with self.at("2026-04-06 10:00"):
            self.leads[3].expected_revenue = 1500  # dated in March, when there was no other plan
        self.assertEqual(
            sorted(self._tell(self._run_daily())),
            [("Dora", -1200, "reversed", False), ("Emil", -500, "changed", True)],
        )
        self.assertEqual(self._refresh(april)["fred"].amount, -3000)

    def test_a_later_version_counts_it(self):
        """As long as it counts the same sales; else nobody would."""
        for vals, expected in (({}, []), ({"basis": "ordered"}, [("Fred", -3000)])):
            with self.subTest(vals):
                point = self.cr.savepoint()
                self.march = self._start()
                self.leads = self._sell_all(*SALES)
                with self.at("2026-03-21 10:00"):
                    self.plan.action_new_version()
                    version = self.plan.search([("version", "=", 2)])
                    version.write(vals)
                    version.action_start()
                self._close(self.march)
                self._lose(4, "2026-04-05 10:00")
                rows = self._run_daily()
                self.assertEqual([(r.employee_id.name, r.amount) for r in rows], expected)
                point.rollback()
                self.env.invalidate_all()

    def test_a_pilot_settles_nothing(self):
        self._end_with_march(self._create_plan(name="Trial", is_pilot=True, settle_days=FOR_LONG))
        self._lose(4, "2026-04-05 10:00")
        self.assertFalse(self._run_daily())

    # What the daily job does besides

    def test_a_plan_with_a_last_day_ends_by_itself(self):
        self._start()
        self.plan.date_to = date(2026, 3, 10)
        self._run_daily("2026-03-31 23:00")
        self.assertEqual(self.plan.state, "running", "March runs until its last day")
        self._run_daily("2026-04-01 01:00")
        self.assertEqual(self.plan.state, "ended")
        self.assertEqual(len(self.plan.period_ids), 1)

    def test_the_last_period_follows_who_takes_part(self):
        march = self._start()
        with self.at("2026-03-20 10:00"):
            self.plan.action_end()
        newcomer = self._create_employee("Late", self.sales_east, self.manager)
        self._run_daily("2026-03-21 03:00")
        self.assertIn(newcomer, march.result_ids.employee_id)

    def test_the_period_of_the_day_of_the_end_is_paid(self):
        """Ended on the first of a month, before the daily job: that month is the last one."""
        self._start()
        with self.at("2026-04-01 00:30"):
            self.plan.with_user(self.hr_user).action_end()
        self.assertEqual(
            self.plan.period_ids.mapped("date_from"), [date(2026, 4, 1), date(2026, 3, 1)]
        )

    def test_versions_do_not_overlap(self):
        """A quarter that runs is not taken over in its middle, nor the past of an ended plan."""
        quarterly = self._create_plan(
            name="Quarterly", cadence="quarterly", date_from=date(2026, 1, 1)
        )
        self._start(quarterly)
        for plan, day in ((quarterly, "2026-03-01"), (self.plan, "2026-01-01")):
            with self.at("2026-03-20 10:00"):
                if plan == self.plan:
                    self._start(plan)
                    plan.action_end()
                plan.action_new_version()
                version = plan.search([("root_id", "=", plan.id), ("version", "=", 2)])
                version.write({"cadence": "monthly", "date_from": day})
                with self.assertRaisesRegex(UserError, "has begun"):
                    version.action_start()

    def test_a_pilot_does_not_end_the_plan_in_force(self):
        self._start()
        with self.at("2026-03-21 10:00"):
            self.plan.action_new_version()
            version = self.plan.search([("version", "=", 2)])
            version.is_pilot = True
            with self.assertRaisesRegex(UserError, "Duplicate"):
                version.action_start()
        self.assertEqual(self.plan.state, "running")

    def test_a_pilot_that_becomes_real(self):
        """What was entered late for the months of the pilot is not paid by the first real one."""
        pilot = self._create_plan(name="Trial", is_pilot=True)
        march = self._start(pilot)
        self._sell_all(*SALES)
        with self.at("2026-03-21 10:00"):
            pilot.action_new_version()
            real = pilot.search([("root_id", "=", pilot.id), ("version", "=", 2)])
            real.is_pilot = False
            real.action_start()
        self.assertEqual(pilot.state, "ended")
        self._close(march)
        self._sell(self.gina, 5000, "2026-03-30 10:00")
        with self.at("2026-04-06 10:00"):
            april = real._open_periods()
        self.assertFalse(april.is_pilot)
        self.assertFalse(any(row.amount for row in self._refresh(april).values()))
