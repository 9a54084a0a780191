import csv
import io
from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .plan_common import PlanCase
from .test_sales_plan import REWARDS, SALES


@tagged("post_install", "-at_install")
class TestClosing(PlanCase):
    """Closing, statements, and what comes after it."""

    def _sell_and_close(self):
        self.march = self._start()
        self.leads = self._sell_all(*SALES)
        return self._close(self.march)

    def _open_april(self):
        with self.at("2026-04-02 12:00"):
            return self.plan._open_periods()

    def test_statements_explain_themselves(self):
        statements = self._sell_and_close()
        self.assertEqual(self._rewards(statements), REWARDS)
        self.assertEqual(self.march.state, "closed")
        fred, gina = statements["fred"], statements["gina"]
        self.assertEqual(fred.line_ids.mapped("amount"), [3000])
        self.assertEqual(fred.line_ids.document, "A lead")
        for text in ("3,000.00", "1,000.00", "1,100.00", "190.00", "place 1 of 6"):
            self.assertIn(text, fred.explanation)
        self.assertIn("missed", gina.explanation)
        self.assertIn("no reward", gina.explanation)

    def test_closing_twice_is_closing_once(self):
        self._sell_and_close()
        count = len(self.march.statement_ids)
        self.assertFalse(self.march._close())
        self.assertEqual(len(self.march.statement_ids), count)
        with self.assertRaises(UserError):
            self._close(self.march)

    def test_not_before_its_end_and_in_order(self):
        self.march = self._start()
        with self.assertRaises(UserError):
            self._close(self.march, when="2026-03-31 23:00")
        april = self._open_april()
        with self.assertRaisesRegex(UserError, "2026-03"):
            self._close(april, when="2026-05-02 10:00")
        with self.assertRaises(AccessError):
            self._as_leader_close()

    def test_two_periods_at_once(self):
        self.march = self._start()
        april = self._open_april()
        self._close(april | self.march, when="2026-05-02 10:00")
        self.assertEqual({period.state for period in april | self.march}, {"closed"})

    def _as_leader_close(self):
        with self.at("2026-04-02 10:00"):
            self.march.with_user(self.leader).action_close()

    def test_many_people_are_closed_by_the_job(self):
        from ..models import hr_performance_sales_period as module

        self.patch(module, "DIRECT_LIMIT", 2)
        statements = self._sell_and_close()
        self.assertFalse(statements)
        self.assertEqual(self.march.state, "closing")
        with self.enter_registry_test_mode(), self.at("2026-04-02 10:01"):
            self.env.ref("hr_performance_sales.ir_cron_refresh_sales").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.march.state, "closed")
        self.assertEqual(len(self.march.statement_ids), 8)

    def test_frozen(self):
        fred = self._sell_and_close()["fred"]
        self.leads[-1].expected_revenue = 9999
        self.plan.sudo().name = "Other"
        self.assertEqual((fred.amount, fred.total), (3000, 190))
        for user in (self.env.user, self.hr_admin, self.fred.user_id):
            for action in (
                lambda s: s.write({"total": 9999}),
                lambda s: s.unlink(),
                lambda s: s.create({}),
                lambda s: s.line_ids.write({"amount": 1}),
                lambda s: s.line_ids.unlink(),
                lambda s: s.copy(),
            ):
                with self.assertRaises(UserError):
                    action(fred.with_user(user))

    def test_what_comes_late_counts_next(self):
        """A table: what happens after March is closed, and what it is in April's amounts."""
        self._sell_and_close()
        april = self._open_april()
        with self.at("2026-04-05 10:00"):
            self.leads[0].expected_revenue = 800  # Anna's deal was over 900
            self.leads[1].user_id = self.anna.user_id  # Bo's deal over 1000 was Anna's
            # Fred's deal is not won after all
            self.leads[4].write({"stage_id": self.open_stage.id, "probability": 20})
        late = self._sell(self.gina, 70, when="2026-03-31 20:00")  # entered later
        found = self._refresh(april)
        amounts = {name: row.amount for name, row in found.items() if row.amount}
        self.assertEqual(amounts, {"anna": 900, "bo": -1000, "fred": -3000, "gina": 70})
        statements = self._close(april, when="2026-05-02 10:00")
        flags = {name: s.line_ids.mapped("is_late") for name, s in statements.items() if s.line_ids}
        self.assertEqual(flags, {"anna": [True, True], "bo": [True], "fred": [False],
                                 "gina": [True]})  # fmt: skip
        credit = statements["fred"].line_ids.credit_id
        self.assertEqual((credit.cause, credit.cause_id.amount_untaxed), ("reversed", 3000))
        self.assertTrue(late)
        with self.at("2026-05-03 10:00"):
            may = self.plan._open_periods()
        self.assertFalse(any(row.amount for row in self._refresh(may).values()), "counted once")

    def test_a_credit_counts_once_in_a_plan(self):
        line = self._sell_and_close()["fred"].line_ids
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cr.execute(
                """INSERT INTO hr_performance_sales_statement_line
                          (statement_id, root_id, company_id, employee_id, credit_id, state)
                   SELECT statement_id, root_id, company_id, employee_id, credit_id, 'ok'
                     FROM hr_performance_sales_statement_line WHERE id = %s""",
                [line.id],
            )

    # Approval and payout

    def test_two_people_approve_and_neither_for_himself(self):
        self._sell_and_close()
        with self.assertRaises(UserError):
            self.march.with_user(self.hr_user).action_approve()
        with self.assertRaises(UserError):
            self.march.with_user(self.hr_user).action_check()
        both = self._create_user(
            "perf_both_roles",
            "sales_team.group_sale_manager,hr_performance.group_hr_performance_user",
        )
        self.march.with_user(both).action_check()
        with self.assertRaisesRegex(UserError, "Two people"):
            self.march.with_user(both).action_approve()
        self.fred.user_id.group_ids |= self.env.ref("hr_performance.group_hr_performance_user")
        with self.assertRaisesRegex(UserError, "paid by this plan"):
            self.march.with_user(self.fred.user_id).action_approve()
        self.march.with_user(self.hr_user).action_approve()
        self.assertEqual(self.march.state, "approved")

    def test_nobody_approves_an_adjustment_of_his_own(self):
        self.plan.approver_id = self.gina.user_id
        self._sell_and_close()
        self._sell(self.gina, 5000, when="2026-03-30 10:00")  # entered in April
        self._reopen()
        with self.assertRaisesRegex(UserError, "paid by this plan"):
            self.march.with_user(self.gina.user_id).action_check()

    def test_the_named_approver(self):
        self.plan.approver_id = self.manager.user_id
        self._sell_and_close()
        with self.assertRaises(UserError):
            self.march.with_user(self.leader).action_check()
        self.march.with_user(self.manager.user_id).action_check()
        self.assertEqual(self.march.checked_by_id, self.manager.user_id)

    def _pay(self):
        action = self.march.with_user(self.hr_user).action_pay()
        return self.env["hr.performance.sales.payroll"].browse(action["res_id"])

    def test_nothing_is_paid_before_approval(self):
        self._sell_and_close()
        with self.assertRaises(UserError):
            self._pay()

    def test_nothing_is_paid_twice(self):
        statements = self._sell_and_close()
        self._approve(self.march)
        payroll = self._pay()
        self.assertEqual((payroll.amount, payroll.people_count), (290, 3))
        self.assertEqual({s.due for s in statements.values()}, {0})
        with self.assertRaisesRegex(UserError, "Nothing is due"):
            self._pay()
        for action in (
            lambda p: p.payout_ids.write({"amount": 9}),
            lambda p: p.payout_ids.unlink(),
            lambda p: p.payout_ids.copy(),
            lambda p: p.unlink(),
        ):
            for user in (self.env.user, self.hr_admin):
                with self.assertRaises(UserError):
                    action(payroll.with_user(user))
        payroll.with_user(self.hr_user).action_cancel()
        self.env.invalidate_all()
        self.assertEqual(statements["fred"].due, 190)
        with self.assertRaises(UserError):
            payroll.with_user(self.hr_user).action_cancel()
        again = self._pay()
        self.assertEqual(again.amount, 290)
        self.assertEqual(statements["fred"].payout_ids.sorted("id").mapped("amount"),
                         [190, -190, 190])  # fmt: skip
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cr.execute(
                """INSERT INTO hr_performance_sales_payout
                          (payroll_id, statement_id, company_id, employee_id, number, amount)
                   SELECT payroll_id, statement_id, company_id, employee_id, number, amount
                     FROM hr_performance_sales_payout WHERE id = %s""",
                [again.payout_ids[:1].id],
            )

    def test_draft_entry(self):
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=self.company, install_demo=False
        )
        accounts = self.env["account.account"].with_company(self.company)

        def find(kind):
            return accounts.search([("account_type", "=", kind)], limit=1).id

        self.plan.write(
            {
                "journal_id": self.env["account.journal"].search(
                    [("company_id", "=", self.company.id), ("type", "=", "general")], limit=1
                ).id,
                "expense_account_id": find("expense"),
                "payable_account_id": find("liability_current"),
            }
        )  # fmt: skip
        self._sell_and_close()
        self._approve(self.march)
        payroll = self._pay()
        payroll.with_company(self.company).action_create_entry()
        self.assertEqual(payroll.move_id.state, "draft")
        self.assertEqual(sorted(payroll.move_id.line_ids.mapped("balance")), [-290, 290])
        with self.assertRaises(UserError):
            payroll.action_create_entry()

    # Disputes

    def _dispute(self, statement, line=None, reason="The customer was mine alone"):
        line = line or statement.line_ids[:1]
        return line.with_user(statement.employee_id.user_id)._dispute(reason)

    def test_only_the_disputed_part_is_held_back(self):
        self.march = self._start()
        self._sell_all(*SALES)
        self._sell(self.fred, 400)  # 3,400: 230; without this deal 190
        statements = self._close(self.march)
        fred = statements["fred"]
        small = fred.line_ids.filtered(lambda line: line.amount == 400)
        appeal = self._dispute(fred, small)
        self.assertEqual((appeal.kind, appeal.manager_id), ("deal", self.manager))
        self.assertEqual((fred.state, small.held, fred.held), ("disputed", 40, 40))
        self._approve(self.march)
        self.assertEqual(self._pay().amount, 290)
        self.assertEqual((fred.paid, fred.due), (190, 0))
        for user in (self.fred.user_id, self.emil.user_id, self.leader):
            with self.assertRaises(AccessError):
                appeal.with_user(user)._decide("changed", "Of course", {"reward_change": 99})
        with self.assertRaises(UserError):
            appeal.with_user(self.manager.user_id)._decide("changed", "Yes", {})
        appeal.with_user(self.manager.user_id)._decide("changed", "Yes", {"reward_change": 15})
        self.assertEqual((fred.state, small.state, fred.due), ("issued", "settled", 55))
        with self.assertRaises(UserError):
            self._pay()
        self._approve(self.march)
        self.assertEqual(self._pay().amount, 55)
        self.assertEqual(fred.total, 230, "the statement stays as it was")

    def test_what_hangs_on_two_deals_together_is_held_back(self):
        """A fixed reward: Fred passes the line without either deal, but not without both."""
        self.plan.write({"reward_kind": "fixed", "reward_amount": 500})
        self.march = self._start()
        self._sell_all(900, 1000, 1200, 2000, 1500, 0)
        self._sell(self.fred, 1500)
        fred = self._close(self.march)["fred"]
        one, two = fred.line_ids.sorted("id")
        appeals = [self._dispute(fred, one)]
        self.assertEqual((fred.total, one.held, fred.due), (500, 0, 500))
        appeals.append(self._dispute(fred, two))
        self.assertEqual((one.held, two.held, fred.held, fred.due), (0, 500, 500, 0))
        appeals[0].with_user(self.manager.user_id)._decide("upheld", "It is counted as agreed")
        self.assertEqual((one.held, two.held, fred.due), (0, 0, 500))
        self.assertEqual(fred.state, "disputed")

    def test_an_upheld_line_is_paid_as_it_was(self):
        fred = self._sell_and_close()["fred"]
        appeal = self._dispute(fred)
        self.assertEqual((fred.held, fred.due), (190, 0))
        with self.assertRaises(UserError):
            self._dispute(fred)
        self._approve(self.march)
        appeal.with_user(self.manager.user_id)._decide("upheld", "It is counted as agreed")
        self.assertEqual((fred.held, fred.due, self.march.state), (0, 190, "approved"))
        with self.assertRaises(UserError):
            self._dispute(fred)

    def test_nobody_disputes_for_others(self):
        statements = self._sell_and_close()
        line = statements["fred"].line_ids
        for user in (self.emil.user_id, self.manager.user_id, self.hr_user):
            with self.assertRaises(AccessError):
                line.with_user(user)._dispute("Mine")
            with self.assertRaises(AccessError):
                self.env["hr.performance.appeal"].with_user(user).create(
                    {"deal_id": line.id, "reason": "Mine"}
                )

    def test_acknowledging(self):
        statements = self._sell_and_close()
        fred = statements["fred"].with_user(self.fred.user_id)
        fred.action_acknowledge()
        self.assertEqual(fred.state, "acknowledged")
        with self.assertRaises(AccessError):
            statements["emil"].with_user(self.fred.user_id).action_acknowledge()
        with self.assertRaises(AccessError):
            statements["emil"].with_user(self.manager.user_id).action_acknowledge()

    # Reopening

    def _reopen(self, user=None, reason="A deal was forgotten"):
        wizard = self.env["hr.performance.sales.reopen"].with_user(user or self.hr_admin)
        wizard = wizard.create({"period_id": self.march.id, "reason": reason})
        wizard.action_confirm()
        return wizard

    def test_reopening_adds_adjustments(self):
        statements = self._sell_and_close()
        self._approve(self.march)
        self._pay()
        self._sell(self.gina, 5000, when="2026-03-30 10:00")  # entered in April
        self._reopen()
        self.env.invalidate_all()
        # the median of 900, 1000, 1200, 2000, 3000, 5000 is 1,600
        changes = {name: s.adjusted for name, s in statements.items() if s.adjusted}
        self.assertEqual(changes, {"dora": -10, "emil": -50, "fred": -50, "gina": 340})
        self.assertEqual((statements["gina"].total, statements["gina"].due), (0, 340))
        self.assertEqual(statements["gina"].line_ids.mapped("after_closing"), [True])
        self.assertEqual((self.march.state, self.march.revision), ("closed", 1))
        with self.assertRaises(UserError):
            self._pay()
        self._approve(self.march)
        self.assertEqual(self._pay().amount, 230)
        self.assertEqual({s.due for s in statements.values()}, {0})
        with self.at("2026-04-03 10:00"):
            april = self.plan._open_periods()
        self.assertFalse(any(row.amount for row in self._refresh(april).values()))
        self._reopen(reason="Again")
        self.assertEqual(sum(s.adjusted for s in statements.values()), 230, "again is as once")

    def test_who_reopens(self):
        self._sell_and_close()
        with self.assertRaises(AccessError):
            self._reopen(self.hr_user)
        with self.assertRaises(UserError):
            self._reopen(reason="")


@tagged("post_install", "-at_install")
class TestPayrollFiles(HttpCase, PlanCase):
    def test_files(self):
        march = self._start()
        self._sell_all(*SALES)
        self.fred.name = "=cmd"
        self._close(march)
        self._approve(march)
        payroll_id = march.with_user(self.hr_user).action_pay()["res_id"]
        url = f"/hr_performance_sales/payroll/{payroll_id}"
        self.env.flush_all()
        self.authenticate("perf_hr", "perf_hr")
        answer = self.url_open(url + ".csv")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        self.assertEqual(sorted(float(row["Amount"]) for row in rows), [10, 90, 190])
        self.assertNotIn("=cmd", [row["Employee"] for row in rows], "no formula")
        self.assertTrue(self.url_open(url + ".xlsx").content.startswith(b"PK"))
        self.assertEqual(self.url_open(url + ".exe").status_code, 404)
        self.authenticate("perf_anna", "perf_anna")
        for extension in ("csv", "xlsx"):
            with mute_logger("odoo.http"):
                answer = self.url_open(f"{url}.{extension}")
            self.assertIn(answer.status_code, (403, 404))
        self.assertEqual(date(2026, 3, 1), march.date_from)
