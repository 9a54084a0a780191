from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .plan_common import PlanCase
from .test_sales_plan import SALES


@tagged("post_install", "-at_install")
class TestSalesMessage(PlanCase):
    """What people of a plan are told while a period runs. The median of SALES is 1,100."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"performance_quiet_from": 0, "performance_quiet_to": 0})
        cls.plan.refresh_minutes = 1

    def setUp(self):
        super().setUp()
        self.period = self._start()

    def _told(self):
        """``{name: [codes]}`` of all messages so far."""
        names = {employee.user_id: employee.name.lower() for employee in self.team}
        found = {}
        for message in self.env["hr.performance.message"].search([], order="id"):
            if message.type_id.code.startswith("sales_"):
                code = message.type_id.code.removeprefix("sales_")
                found.setdefault(names[message.user_id], []).append(code)
        return found

    def _text(self, employee, code):
        kind = self.env["hr.performance.message.type"]._get(code)
        return self.env["hr.performance.message"].search(
            [("user_id", "=", employee.user_id.id), ("type_id", "=", kind.id)]
        )

    def _run(self, when="2026-03-10 12:00", job="refresh"):
        with self.at(when), self.enter_registry_test_mode():
            self.env.ref(f"hr_performance_sales.ir_cron_{job}_sales").method_direct_trigger()
        self.env.invalidate_all()

    def _sell_and_run(self, *revenues, when="2026-03-10 12:00"):
        self._sell_all(*revenues)
        self.period.refreshed_on = False
        self._run(when)

    def test_crossing_is_told_once(self):
        self._sell_and_run(*SALES)
        expected = {n: ["line"] for n in ("dora", "emil", "fred")} | {"bo": ["minimum"]}
        told = self._told()
        # who has sold nothing by the 10th is behind
        self.assertEqual(told, expected | {"gina": ["behind"]})
        self._run("2026-03-10 12:05")
        self.assertEqual(self._told(), told)

    def test_slip_back_and_second_crossing(self):
        self._sell_and_run(*SALES)
        lead = self.env["crm.lead"].search([("user_id", "=", self.dora.user_id.id)])
        lead.expected_revenue = 1000
        self._run("2026-03-11 12:00")
        dora = self.period.result_ids.filtered(lambda r: r.employee_id == self.dora)
        self.assertFalse(dora.total)
        lead.expected_revenue = 5000
        self._run("2026-03-11 13:00")
        self.assertTrue(dora.is_above)
        # the slip is told in an encouraging way, the second crossing is not told at all
        self.assertEqual(self._told()["dora"], ["line", "behind"])

    def test_minimum_then_line(self):
        self._sell_and_run(*SALES)
        self._sell(self.bo, 4000, "2026-03-11 09:00")
        self._run("2026-03-11 12:00")
        self.assertEqual(self._told()["bo"], ["minimum", "line"])

    def test_who_crosses_both_at_once_hears_it_once(self):
        self._sell_and_run(*SALES)
        self._sell(self.fred, -2500, "2026-03-11 09:00")
        self._run("2026-03-11 12:00")
        self.assertNotIn("minimum", self._told()["fred"])

    def test_two_refreshes_at_once(self):
        """Both have found the same people before either of them told anybody."""
        self._sell_all(*SALES)
        with self.at("2026-03-10 12:00"):
            self._refresh(self.period)
            today = self.company._get_performance_today()
            period = self.period.sudo()
            news = [period._find_news(today), period._find_news(today)]
            self.assertEqual(news[0], news[1])
            for found in news:
                for code, results in found.items():
                    period._tell_results(code, results, today)
        self.assertEqual(self._told()["fred"], ["line"])
        with self.at("2026-03-10 12:00"):
            self.assertFalse({"sales_line", "sales_minimum"} & period._find_news(today).keys())

    def test_behind_is_told_once_a_week(self):
        """On 10 March 80 % of the pace are 1000 · 10/31 · 80 % = 258.06."""
        self._sell_all(259, 258, 900, 900, 900, 900)
        for day, bo, anna in (("06", 0, 0), ("10", 1, 0), ("12", 1, 1), ("18", 2, 1), ("24", 2, 2)):
            self._run(f"2026-03-{day} 12:00", job="open")
            told = self._told()
            self.assertEqual([len(told.get(name, [])) for name in ("bo", "anna")], [bo, anna], day)
        self.assertEqual(set(told["bo"]), {"behind"})
        message = self._text(self.bo, "sales_behind")[-1:]
        self.assertIn("Bo, you have brought", message.body)
        self.assertIn("742.00", message.body)

    def test_behind_is_a_setting(self):
        self.plan.behind_percent = 0
        self._run("2026-03-20 12:00", job="open")
        self.assertFalse(self._told())

    def test_words_in_his_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.emil.user_id.lang = "zh_CN"
        kind = self.env.ref("hr_performance_sales.message_type_sales_line")
        kind.with_context(lang="zh_CN").body = "恭喜您，{employee}！{outlook}"  # as in zh_CN.po
        self._sell_and_run(*SALES)
        english, chinese = self._text(self.fred, "sales_line"), self._text(self.emil, "sales_line")
        self.assertIn("Congratulations, Fred! With", english.body)
        for number in ("3,000.00", "1,000.00", "1,900.00", "1,100.00", "place 1 of 6", "190.00"):
            self.assertIn(number, english.body)
        self.assertRegex(chinese.body, "恭喜您，Emil！按目前情况，您的奖励为 .*90.00")
        self.assertNotIn("{", chinese.body + english.body + english.subject)

    def test_hr_words_it_anew(self):
        kind = self.env.ref("hr_performance_sales.message_type_sales_line")
        kind.with_user(self.hr_admin).write({"body": "{employee}: {reward}!"})
        with self.assertRaises(ValidationError):
            kind.with_user(self.hr_admin).write({"body": "{salary_of_the_boss}"})
        self._sell_and_run(*SALES)
        self.assertRegex(self._text(self.fred, "sales_line").body, r"^Fred: .*190\.00.*!$")

    def test_the_team_is_told_what_the_policy_allows(self):
        self.plan.tell_team = True
        texts = {}
        for policy in ("full", "bands", "upper"):
            self.plan.sudo().visibility = policy
            self.env["hr.performance.message"].search([]).sudo().unlink()
            if policy == "full":
                self._sell_all(*SALES)
            self.period._refresh()
            with self.at("2026-03-10 12:00"):
                self.period._tell()
            messages = self._text(self.anna, "sales_team")
            self.assertEqual(len(messages), 3)
            texts[policy] = "\n".join(messages.sudo().mapped("raw_body"))
            self.assertIn("Fred has passed the second target", texts[policy])
        self.assertIn("3,000.00", texts["full"])
        self.assertIn("Place 1 of 6", texts["bands"])
        self.assertNotIn("000", texts["bands"] + texts["upper"])
        self.assertNotIn("lace", texts["upper"])
        # with a lower line, whoever passes it in the lower half is not told of
        self.plan.sudo().write({"state": "draft"})
        self.plan.write({"second": "percentile", "percentile": 10})
        self.env["hr.performance.message"].search([]).sudo().unlink()
        self.period._refresh()
        with self.at("2026-03-10 12:00"):
            self.period._tell()
        self.assertEqual(len(self._text(self.bo, "sales_line")), 1)
        self.assertNotIn("Bo has", "".join(self._text(self.anna, "sales_team").mapped("subject")))
        self.assertEqual(len(self._text(self.anna, "sales_team")), 3)

    def test_nothing_of_pilots_and_closed_periods(self):
        self.plan.sudo().tell_people = False
        self._sell_and_run(*SALES)
        pilot = self._create_plan(name="Pilot", is_pilot=True)
        period = self._start(pilot)
        with self.at("2026-03-10 12:00"):
            (period | self.period).mapped(lambda p: p._tell())
        self.assertFalse(self._told())
        self.plan.sudo().tell_people = True
        for when in ("2026-02-28 12:00", "2026-04-04 12:00"):
            with self.at(when):
                self.period._tell()
        self._close(self.period)
        with self.at("2026-03-31 12:00"):
            self.period._tell()
        self.assertFalse(self._told())

    def test_what_waits_when_the_period_closes_is_not_sent(self):
        self._sell_and_run(*SALES)
        self._close(self.period)
        messages = self.env["hr.performance.message"].search([("type_id.code", "=", "sales_line")])
        messages._suppress_outdated()
        self.assertEqual(set(messages.mapped("state")), {"suppressed"})

    def test_as_many_queries_for_many(self):
        """Finding whom to tell is one query, whatever the number of people."""
        self._sell_all(*SALES)
        self._refresh(self.period)
        period = self.period.sudo()
        with self.at("2026-03-10 12:00"):
            today = self.company._get_performance_today()
            period._find_news(today)
            with self.assertQueryCount(1):
                found = period._find_news(today)
        self.assertEqual(sum(map(len, found.values())), 5)
