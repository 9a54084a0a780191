from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.hr_performance_dingtalk.tests.common import FakeCase
from odoo.addons.hr_performance_sales.tests.plan_common import PlanCase

from ..tools.board_text import plain

SALES = (900, 1000, 1201, 2003, 3007, 0)  # Anna to Gina
SEND = "/robot/send"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-20 05:30:00")
class TestGroupBoard(FakeCase, PlanCase):
    """A group gets what colleagues may see of each other, once a day."""

    NOW = "2026-03-20 13:30"

    def setUp(self):
        super().setUp()
        app = self.state.app
        self.patch(app, "webhook_secret", "SECfake0001")
        self.connection.write(
            {
                "dingtalk_webhook_token": app.webhook_token,
                "dingtalk_webhook_secret": app.webhook_secret,
            }
        )
        self.period = self._start()
        self._sell_all(*SALES)
        self._refresh(self.period)
        self.plan.with_user(self.hr_user).dingtalk_board = True
        self.env.flush_all()

    def _post(self, visibility="full"):
        self.plan.visibility = visibility
        run = self._read("board")
        self.assertEqual(run.state, "done", run.error_ids.mapped("message"))
        return run

    def _get_text(self):
        return self.state.group_messages[-1]["message"]["markdown"]["text"]

    def test_off_unless_wanted(self):
        fresh = self.env["hr.performance.sales.plan"].new({})
        self.assertFalse(fresh.dingtalk_board)
        self.plan.dingtalk_board = False
        self._post()
        self.assertFalse(self.state.calls(SEND))

    def test_everybodys_figures_once_a_day(self):
        run = self._post()
        text = self._get_text()
        names = ["Fred", "Emil", "Dora", "Bo", "Anna", "Gina"]
        places = [text.index(f"**{name}**") for name in names]
        self.assertEqual(places, sorted(places))
        self.assertIn("3,007", text)
        self.assertIn("/open?next=", text)
        self.assertEqual(run.created_count, 1)
        self._post()
        self.assertEqual(len(self.state.group_messages), 1)
        with freeze_time("2026-03-21 05:30:00"):
            self._post()
        self.assertEqual(len(self.state.group_messages), 2)

    def test_bands_hide_the_figures(self):
        self._post("bands")
        text = self._get_text()
        self.assertNotRegex(text, r"3,007|2,003|1,201")

    def test_the_lower_half_stays_unseen(self):
        self._post("upper")
        text = self._get_text().lower()
        self.assertIn("fred", text)
        for name in ("anna", "gina"):
            self.assertNotIn(name, text)

    def test_not_more_places_than_wanted(self):
        self.plan.dingtalk_board_size = 2
        self._post()
        self.assertEqual(self._get_text().count("**"), 4)

    def test_several_groups_are_not_mixed(self):
        self.plan.dingtalk_board = False
        for number in range(3):
            self._create_employee(f"west{number}", self.works)
        plan = self._create_plan(
            name="Two groups", department_ids=[Command.set((self.sales_east | self.works).ids)]
        )
        plan.group_by = "department"
        plan.dingtalk_board = True
        period = self._start(plan)
        self._refresh(period)
        run = self._post()
        self.assertFalse(self.state.group_messages)
        self.assertEqual(run.error_ids.code, "several_groups")

    def test_a_lost_answer_is_not_repeated(self):
        self.state.fault(SEND, "reset_after")
        self._post()
        self._post()
        self.assertEqual(len(self.state.group_messages), 1)
        self.assertEqual(self.env["hr.performance.dingtalk.post"].search([]).state, "unknown")

    def test_too_many_messages_wait(self):
        now = self.fake.state.clock()
        self.state.group_messages = [{"at": now, "message": {}} for _number in range(20)]
        run = self._read("board")
        self.assertEqual((run.state, run.attempts), ("running", 1))
        self.assertFalse(self.env["hr.performance.dingtalk.post"].search([]))
        self.state.group_messages.clear()
        run.next_try = fields.Datetime.now()
        self._run_jobs()
        self.assertEqual((run.state, len(self.state.group_messages)), ("done", 1))

    def test_wrong_signature_is_told(self):
        self.connection.dingtalk_webhook_secret = "SECwrong0000"
        run = self._read("board")
        self.assertEqual(run.state, "failed")
        self.assertFalse(self.state.group_messages)
        self.connection.dingtalk_webhook_token = False
        run = self._read("board")
        self.assertIn("token", run.note)

    def test_button(self):
        action = self.plan.with_user(self.hr_user).action_post_dingtalk_board()
        self.assertEqual(action["res_model"], "hr.performance.im.run")
        with self.assertRaises(AccessError):
            self.plan.with_user(self.anna.user_id).action_post_dingtalk_board()
        self.connection.state = "paused"
        with self.assertRaises(UserError):
            self.plan.with_user(self.hr_user).action_post_dingtalk_board()

    def test_names_are_no_marks(self):
        self.assertEqual(plain("**Bo** [x](http://e)\n# y"), "＊＊Bo＊＊ ［x］（http://e） ＃ y")

    def test_rights(self):
        self._post()
        post = self.env["hr.performance.dingtalk.post"].search([])
        for user in (self.anna.user_id, self.hr_user):
            with self.assertRaises(AccessError):
                post.with_user(user).read(["state"])
        self.assertTrue(post.with_user(self.hr_admin).read(["state"]))
        with self.assertRaises(AccessError):
            post.with_user(self.hr_admin).write({"state": "sent"})
