from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .plan_common import PlanCase
from .test_sales_plan import SALES


@tagged("post_install", "-at_install")
class TestSalesUncounted(PlanCase):
    """What belongs to people who take no part in the period any more is shown to HR."""

    def _close_march(self, plan=None):
        """Fred sold for 3,000, 1,900 above the median, and is paid 190 of it. Then he leaves."""
        self.march = self._start(plan)
        self.leads = self._sell_all(*SALES)
        statements = self._close(self.march)
        self._leave(self.fred, date(2026, 3, 31))
        with self.at("2026-04-02 12:00"):
            self.april = self.march.plan_id._open_periods()
        return statements

    def _leave(self, employee, day):
        employee.version_id.write(
            {"contract_date_start": date(2020, 1, 1), "contract_date_end": day}
        )

    def _take_back(self, when="2026-04-05 10:00"):
        with self.at(when):
            self.leads[4].write({"stage_id": self.open_stage.id, "probability": 20})

    def _get_uncounted(self, state="open"):
        return self.env["hr.performance.sales.uncounted"].search([("state", "=", state)])

    def test_a_refund_after_somebody_left(self):
        fred = self._close_march()["fred"]
        self._approve(self.march)
        self.march.with_user(self.hr_user).action_pay()
        self._take_back()
        self.assertNotIn("fred", self._close(self.april, when="2026-05-02 10:00"))
        row = self._get_uncounted()
        self.assertEqual((row.employee_id, row.amount, row.cause), (self.fred, -3000, "reversed"))
        self.assertEqual(self.april.with_user(self.hr_user).uncounted_count, 1)
        row.with_user(self.hr_user).action_deduct()
        self.assertEqual((row.state, row.deducted, row.statement_id), ("deducted", -190, fred))
        fred.invalidate_recordset()
        self.assertEqual((fred.total, fred.adjusted, fred.paid, fred.due), (190, -190, 190, -190))
        self.assertEqual(self.march.state, "closed", "approved anew before payroll recovers it")
        self.assertFalse(self.april.with_user(self.hr_user).uncounted_count)
        with self.assertRaises(UserError):
            row.with_user(self.hr_user).action_leave()

    def test_deductions_in_steps_total_the_whole(self):
        """A table: what is changed after Fred left, and what is deducted for it."""
        fred = self._close_march()["fred"]
        with self.at("2026-04-05 10:00"):
            self.leads[4].expected_revenue = 2000  # late: dated in March
        self._take_back("2026-04-06 10:00")
        self._close(self.april, when="2026-05-02 10:00")
        rows = self._get_uncounted()
        self.assertEqual(
            [(row.amount, row.cause, row.is_late) for row in rows.sorted("id")],
            [(-1000, "changed", True), (-2000, "reversed", False)],
        )
        rows.with_user(self.hr_user).action_deduct()
        self.assertEqual(rows.sorted("id").mapped("deducted"), [-100, -90])
        self.assertEqual(fred.due, 0)
        # Counting March anew does not take it a second time.
        wizard = self.env["hr.performance.sales.reopen"].create({"period_id": self.march.id})
        self.assertEqual(wizard.change_count, 0)

    def test_left_as_it_is(self):
        fred = self._close_march()["fred"]
        self._take_back()
        self._close(self.april, when="2026-05-02 10:00")
        self._get_uncounted().with_user(self.hr_user).action_leave()
        self.assertEqual((fred.due, len(self._get_uncounted("left"))), (190, 1))

    def test_counting_anew_needs_no_decision(self):
        self._close_march()
        with self.at("2026-04-05 10:00"):
            self.leads[4].expected_revenue = 2000
        self._close(self.april, when="2026-05-02 10:00")
        self.assertEqual(self._get_uncounted().amount, -1000)
        self.env["hr.performance.sales.reopen"].create(
            {"period_id": self.march.id, "reason": "Fred left"}
        ).action_confirm()
        self.env.invalidate_all()
        self.assertEqual(self._get_uncounted("counted").amount, -1000)
        self.assertFalse(self._get_uncounted())

    def test_who_is_noted(self):
        """Who moved out of the plan: not to another one, and never who did not belong to it."""
        elsewhere = self.env["hr.department"].create(
            {"name": "Archive", "company_id": self.company.id}
        )
        self.emil.create_version({"date_version": date(2026, 3, 16), "department_id": elsewhere.id})
        west = elsewhere.copy({"name": "West"})
        self.dora.create_version({"date_version": date(2026, 3, 16), "department_id": west.id})
        self._start(self._create_plan(name="West", department_ids=[Command.set(west.ids)]))
        carl = self._create_employee("Never", elsewhere, self.manager)
        self._sell(carl, 5000)
        statements = self._close_march()
        self.assertNotIn("emil", statements)
        found = self._get_uncounted()
        self.assertEqual((found.employee_id, found.amount), (self.emil, 2000))
        found.with_user(self.hr_user).action_deduct()  # no statement paid it
        self.assertEqual((found.deducted, found.statement_id.id), (0, False))

    def test_a_pilot_deducts_nothing(self):
        self._close_march(self._create_plan(name="Trial", is_pilot=True))
        self._take_back()
        self._close(self.april, when="2026-05-02 10:00")
        with self.assertRaises(UserError):
            self._get_uncounted().with_user(self.hr_user).action_deduct()

    def test_for_hr_alone(self):
        self._close_march()
        self._take_back()
        self._close(self.april, when="2026-05-02 10:00")
        row = self._get_uncounted()
        foreign = self._create_user(
            "perf_foreign", "hr_performance.group_hr_performance_manager", self.other_company
        )
        for user in (self.fred.user_id, self.anna.user_id, self.manager.user_id, self.leader,
                     foreign):  # fmt: skip
            own = row.with_user(user)
            for call in (
                lambda r: r.read(["amount"]),
                lambda r: r.action_deduct(),
                lambda r: r.action_leave(),
                lambda r: r.action_open_document(),
                lambda r: self.april.with_user(r.env.user).read(["uncounted_count"]),
            ):
                with self.assertRaises(AccessError):
                    self.env.invalidate_all()
                    call(own)
        with self.assertRaises(AccessError):
            row.with_user(self.auditor).action_leave()
        for user in (self.auditor, self.hr_user, self.hr_admin):
            own = row.with_user(user)
            self.assertEqual(own.amount, -3000)
            for call in (
                lambda r: r.write({"state": "left"}),
                lambda r: r.unlink(),
                lambda r: r.create({}),
            ):
                with self.assertRaises(UserError):
                    call(own)
