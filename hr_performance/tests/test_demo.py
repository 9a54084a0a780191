from contextlib import contextmanager

from odoo import fields
from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools import convert_file

PEOPLE = 12
TODAY = "2026-11-22 04:00:00"
#: Instants at which a month is hardest to get right, in UTC; in Shanghai it is 8 hours later. They
#: lie far from the months of a database that has its demo data already.
HARD_DAYS = (
    "2036-01-01 03:00:00",
    "2036-03-31 15:59:59",  # the last second of March in Shanghai
    "2036-03-31 16:00:00",  # the first second of April there, not yet here
    "2036-02-29 06:00:00",
    "2036-12-31 06:00:00",
    "2037-05-30 22:00:00",  # 31 May there
)


class DemoCase(TransactionCase):
    """The demo company without its months."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load("company")
        cls.load("program")
        cls.company = cls.env.ref("hr_performance.company_lumiere")
        cls.program = cls.env.ref("hr_performance.program_demo")

    @classmethod
    def load(cls, name):
        """Load a file as the installation does, also where demo data is installed already."""
        file = f"demo/hr_performance_{name}_demo.xml"
        convert_file(cls.env(su=True), "hr_performance", file, {}, mode="init", noupdate=True)
        cls.env.flush_all()

    @classmethod
    def be_installed_in_chinese(cls, module):
        """As at the installation: the language is there, the terms of this app come later."""
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"]._get(module).state = "to install"

    def check_chinese(self, texts):
        for text in texts:
            self.assertRegex(text, "[\u4e00-\u9fff]{2}")

    @contextmanager
    def on(self, instant):
        """As if the demo data were installed at this instant (UTC); undone afterwards."""
        with self.subTest(instant=instant), freeze_time(instant):
            savepoint = self.env.cr.savepoint()
            try:
                yield
            finally:
                savepoint.close(rollback=True)
                self.env.invalidate_all(flush=False)

    def check_closed(self, cycle):
        """All but the results under appeal are closed; return those."""
        disputed = cycle.review_ids.filtered("appeal_hold")
        self.assertEqual(cycle.state, "published" if disputed else "closed")
        return disputed

    def get_cycles(self):
        """The months, oldest first."""
        return self.program.cycle_ids.sorted("date_from")

    def get_review(self, cycle, login):
        employee = self.env.ref(f"hr_performance.employee_{login}")
        return cycle.review_ids.filtered(lambda review: review.employee_id == employee)

    def get_metric_lines(self, review):
        """The lines with a weight; other apps add rules without one."""
        return review.line_ids.filtered(lambda line: line.kind == "metric")


@tagged("post_install", "-at_install")
class TestDemoStory(DemoCase):
    """What the months of the demo company tell."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.load("cycle")

    def test_best_month(self):
        """45 %, 4.5 and 35 % at 30, 40 and 30 are 100 points; nobody else has them."""
        *closed, _running = self.get_cycles()
        best = self.get_review(closed[2], "li_na")
        self.assertEqual(best.total, 100)
        lines = self.get_metric_lines(best)
        self.assertEqual(lines.mapped("weight"), [30, 40, 30])
        self.assertEqual(lines.mapped("target"), [40, 4.2, 35])
        self.assertEqual(lines.mapped("value"), [45, 4.5, 35])
        self.assertEqual(lines.mapped("points"), [30, 40, 30])
        reviews = self.program.cycle_ids[-3:].review_ids
        self.assertEqual(reviews.filtered(lambda review: review.total == 100), best)

    def test_good_conversion_and_poor_satisfaction(self):
        """45 % and 3.8: the satisfaction earns 36.19 of its 40 points."""
        review = self.get_review(self.get_cycles()[2], "zhang_wei")
        lines = self.get_metric_lines(review)
        self.assertEqual(lines.mapped("value"), [45, 3.8, 20])
        self.assertEqual(lines[0].points, 30)
        self.assertAlmostEqual(lines[1].points, 36.19, places=2)
        self.assertIn("等待时间", review.manager_comment)

    def test_numbers_are_measured(self):
        """No result is typed: only lines that a manager rates have his value, with the reason."""
        lines = self.program.cycle_ids.review_ids.line_ids
        for line in lines.filtered(lambda line: line.metric_id.source != "manual" and line.scored):
            self.assertTrue(line.measured and line.value_id, line.name)
        overridden = lines.filtered("is_override")
        self.assertEqual(overridden.review_id.employee_id.name, "何婷")
        self.assertEqual((overridden.value, overridden.manager_value), (4.2, 4.3))
        self.assertTrue(all(lines.filtered("manager_set").mapped("manager_reason")))

    def test_newcomer_is_weighed_by_days(self):
        cycles = self.get_cycles()
        first = self.get_review(cycles[0], "sun_li")
        self.assertAlmostEqual(first.participation, 16 / 31, places=4)
        self.assertEqual(self.get_review(cycles[1], "sun_li").participation, 1)

    def test_people_and_logins(self):
        users = self.env["res.users"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(users), PEOPLE)
        for user in users:
            credential = {"type": "password", "login": user.login, "password": user.login}
            user.with_user(user)._check_credentials(credential, {"interactive": True})
            employee = user.with_company(self.company).employee_id
            self.assertEqual(employee.company_id, self.company)
            self.assertFalse(user.has_group("base.group_system"))
        officers = users.filtered(lambda user: user.has_group("hr.group_hr_user"))
        self.assertEqual(officers.mapped("login"), ["chen.jing"])
        self.assertTrue(officers.has_group("hr_performance.group_hr_performance_manager"))
        self.assertEqual(self.company._get_performance_tz(), "Asia/Shanghai")
        self.assertEqual(self.company.currency_id.name, "CNY")

    def test_again_is_the_same_as_once(self):
        def get_results():
            reviews = self.get_cycles().review_ids
            values = self.env["hr.performance.value"].search_count([])
            return [(r.employee_id.id, r.state, r.total) for r in reviews], values

        before = get_results()
        self.load("cycle")
        self.assertEqual(get_results(), before)

    def test_appeals_and_interviews(self):
        """Fewer appeals from month to month, each outcome, one that waits; three interviews."""
        *closed, running = self.get_cycles()
        appeals = self.env["hr.performance.appeal"].search(
            [("company_id", "=", self.company.id)], order="submitted_on"
        )
        self.assertEqual(
            [len(appeals.filtered(lambda a, c=c: a.cycle_id == c)) for c in closed], [2, 1, 1]
        )
        self.assertEqual(
            sorted(appeals.mapped(lambda a: (a.state, a.outcome or ""))),
            [
                ("closed", "changed"),
                ("closed", "upheld"),
                ("closed", "withdrawn"),
                ("submitted", ""),
            ],
        )
        changed = appeals.filtered(lambda appeal: appeal.outcome == "changed")
        self.assertGreater(changed.review_id.total, changed.revision_ids.total)
        interviews = (*closed, running)[1].review_ids.interview_ids
        self.assertEqual(interviews.mapped("state"), ["acknowledged"])
        self.assertEqual(interviews.agreement_ids.plan_id.state, "running")
        self.assertEqual(running.review_ids.interview_ids.mapped("state"), ["planned"])

    def test_months_that_became_history_stay(self):
        """An app that is installed a month later does not make the months anew."""
        cycles = self.get_cycles()
        with freeze_time("2026-12-05 04:00:00"):
            self.load("cycle")
        self.assertEqual(self.get_cycles(), cycles)

    def test_what_people_say_about_each_other(self):
        """Two 360° reviews and a pulse of the last closed month are counted."""
        *_closed, last, running = self.get_cycles()
        polls = last.poll_ids.filtered(lambda poll: poll.kind == "peer")
        self.assertEqual(set(polls.mapped("state")), {"closed"})
        by_person = polls.grouped(lambda poll: poll.employee_id.user_id.login)
        groups = {
            login: {
                r.perspective: r.answers
                for r in poll.result_ids
                if r.kind == "group" and r.status == "shown"
            }
            for login, poll in by_person.items()
        }
        self.assertEqual(groups["zhou.qiang"]["report"], 4)
        self.assertEqual(groups["li.na"]["peer"], 4)
        self.assertTrue(last.pulse_id.result_ids.filtered("text"))
        self.assertEqual((last.hr_days, last.hr_saving), (1, 80))
        self.assertEqual(set(running.poll_ids.mapped("state")), {"open"})
        self.assertIn("proposed", running.poll_ids.invitation_ids.mapped("state"))


@tagged("post_install", "-at_install")
class TestDemoChinese(DemoCase):
    """Where Chinese is installed, it is there from the beginning, and English stays beside it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.be_installed_in_chinese("hr_performance")
        cls.load("cycle")

    def test_people_are_told_in_chinese(self):
        messages = self.env["hr.performance.message"].search(
            [("company_id", "=", self.company.id), ("create_date", ">=", self.env.cr.now())]
        )
        self.check_chinese(messages.sudo().mapped("raw_subject"))
        self.check_chinese(self.get_cycles().review_ids.activity_ids.mapped("summary"))

    def test_texts_are_there_in_both_languages(self):
        for field in ("name", "description", "consent_text"):
            english = self.program.with_context(lang="en_US")[field]
            self.assertNotRegex(str(english), "[\u4e00-\u9fff]", field)
            self.check_chinese([str(self.program.with_context(lang="zh_CN")[field])])


@tagged("post_install", "-at_install")
class TestDemoAnyDay(DemoCase):
    """Three closed months and the running one, whatever day the demo data is installed."""

    def test_on_hard_days(self):
        for instant in HARD_DAYS:
            with self.on(instant):
                self.load("cycle")
                *closed, running = self.get_cycles()
                for cycle in closed:
                    self.check_closed_month(cycle)
                self.check_running_month(running)
                self.check_nothing_ahead()

    def check_closed_month(self, cycle):
        disputed = self.check_closed(cycle)
        self.assertEqual(len(cycle.review_ids), PEOPLE)
        self.assertEqual(set((cycle.review_ids - disputed).mapped("state")), {"closed"})
        self.assertTrue(all(cycle.review_ids.mapped("grade_id")))
        self.assertTrue(all(cycle.review_ids.mapped("manager_comment")))

    def check_running_month(self, cycle):
        """People stand at every step, one is late, one is held back."""
        today = self.company._get_performance_today()
        self.assertTrue(cycle.date_from <= today <= cycle.date_to)
        self.assertEqual((cycle.state, len(cycle.review_ids)), ("open", PEOPLE))
        reviews = cycle.review_ids
        states = {"goal", "progress", "self", "manager", "ready"}
        self.assertEqual(set(reviews.mapped("state")), states)
        self.assertEqual(reviews.filtered("is_overdue"), self.get_review(cycle, "wu_hao"))
        held = reviews.filtered("blocked")
        self.assertEqual(held, self.get_review(cycle, "sun_li"))
        self.assertEqual((held.state, held.blocked_reason), ("ready", "coverage"))
        evidence = reviews.line_ids.evidence_ids
        self.assertEqual(set(evidence.mapped("state")), {"submitted", "accepted"})
        waiting = reviews.filtered(lambda review: review.state != "progress")
        self.assertTrue(all(review.activity_ids for review in waiting))

    def check_nothing_ahead(self):
        today, now = self.company._get_performance_today(), fields.Datetime.now()
        reviews = self.program.cycle_ids.review_ids
        evidence = reviews.line_ids.evidence_ids
        self.assertTrue(evidence.attachment_ids)
        self.assertLessEqual(max(evidence.mapped("date")), today)
        facts = self.env["hr.performance.fact"].search([("import_ref", "=", "demo")])
        self.assertLessEqual(max(facts.mapped("date")), today)
        published = reviews.filtered("published_on").mapped("published_on")
        self.assertTrue(all(on <= now for on in published))
