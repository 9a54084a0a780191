from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged

from .test_feedback import FeedbackCase


@tagged("post_install", "-at_install")
class TestFeedbackAccess(FeedbackCase):
    def setUp(self):
        super().setUp()
        self.startClassPatcher(freeze_time("2026-03-12 02:00:00"))
        self.company.performance_feedback_release = "release"
        self.held = self._give(self.bo.user_id, rating="1", text="Secret so far").sudo()
        self.request = self._ask(self.manager.user_id, self.bo.user_id).sudo()

    def _as(self, user, records):
        self.env.flush_all()
        records = records.with_user(user)
        records.env.invalidate_all()
        return records

    def _assert_unreachable(self, user, records):
        """By no route: search, count, groups, reading, exporting, writing, deleting, copying."""
        Model = self._as(user, self.env[records._name])
        domain = Domain("id", "in", records.ids)
        self.assertFalse(Model.search(domain))
        self.assertFalse(Model.with_context(active_test=False).search_count(domain))
        self.assertEqual(Model._read_group(domain, [], ["__count"]), [(0,)])
        self.assertFalse(Model.search_read(domain, ["display_name"]))
        user.group_ids += self.env.ref("base.group_allow_export")
        calls = {
            "read": lambda r: r.read(["display_name"]),
            "export": lambda r: r.export_data(["display_name"]),
            "web_read": lambda r: r.web_read({"display_name": {}}),
            "write": lambda r: r.write({"metric_id": False}),
            "unlink": lambda r: r.unlink(),
            "copy": lambda r: r.copy(),
        }
        for name, call in calls.items():
            with self.subTest(name), self.assertRaises(AccessError):
                call(self._as(user, records))

    def test_stranger_reaches_nothing(self):
        """Trap 27."""
        for records in (self.held, self.request):
            self._assert_unreachable(self.carl.user_id, records)

    def test_unreleased_feedback_is_out_of_reach_of_its_subject(self):
        """Trap 28: not hidden in the view but closed, whatever else the subject is."""
        anna = self.anna.user_id
        self._assert_unreachable(anna, self.held)
        review = self._launch().filtered(lambda r: r.employee_id == self.anna)
        self.assertFalse(self._as(anna, review).feedback_ids)
        for group in ("auditor", "user", "manager"):
            anna.group_ids += self.env.ref(f"hr_performance.group_hr_performance_{group}")
            self._assert_unreachable(anna, self.held)
            with self.assertRaises(AccessError):
                self._as(anna, self.held).action_release()
        self._as(self.manager.user_id, self.held).action_release()
        self.assertEqual(self._as(anna, self.held).text, "Secret so far")

    def test_message_tells_nothing_before_the_release(self):
        messages = self.env["hr.performance.message"].search(
            [("user_id", "=", self.anna.user_id.id)]
        )
        self.assertNotIn("Secret", "".join(messages.mapped("body")))

    def test_what_others_ask_about_somebody_is_not_his(self):
        self._assert_unreachable(self.anna.user_id, self.request)
        self.anna.user_id.group_ids += self.env.ref("hr_performance.group_hr_performance_manager")
        self._assert_unreachable(self.anna.user_id, self.request)

    def test_author_is_the_current_user(self):
        """Trap 33: nobody speaks in another's name."""
        with self.assertRaises(AccessError):
            self._give(self.bo.user_id, giver_id=self.manager.user_id.id)
        with self.assertRaises(AccessError):
            self._as(self.bo.user_id, self.held).write({"giver_id": self.manager.user_id.id})
        engine = self.env["hr.performance.feedback"].with_user(self.bo.user_id).sudo()
        given = engine.create(
            {
                "employee_id": self.anna.id,
                "text": "x",
                "giver_id": self.manager.user_id.id,
            }
        )
        self.assertEqual(given.giver_id, self.bo.user_id)
        with self.assertRaises(AccessError):
            self._ask(self.anna.user_id, self.bo.user_id, requester_id=self.manager.user_id.id)
        action = self.env["hr.performance.feedback"].with_user(self.bo.user_id)
        with self.assertRaises(AccessError):
            action.with_context(default_giver_id=self.manager.user_id.id).create(
                {"employee_id": self.anna.id, "text": "x", "released": True}
            )
        by_default = action.with_context(
            default_giver_id=self.manager.user_id.id, default_relation="manager"
        ).create({"employee_id": self.anna.id, "text": "x"})
        self.assertEqual((by_default.giver_id, by_default.relation), (self.bo.user_id, "colleague"))

    def test_only_who_is_entitled_gives(self):
        """Trap 33: not any employee on anybody."""
        self.company.performance_feedback_open = False
        for user in (self.carl.user_id, self.auditor):
            with self.assertRaises(AccessError):
                self._give(user)
        self.assertEqual(self._give(self.bo.user_id).relation, "asked")
        self.assertEqual(self._give(self.director.user_id).relation, "manager")
        self.assertEqual(self._give(self.hr_user).relation, "hr")
        with self.assertRaises(AccessError):
            self._give(self.manager.user_id, self.director)
        with self.assertRaises(AccessError):
            self._give(self.carl.user_id, request_id=self.request.id)
        self.company.performance_feedback_open = True
        self.assertEqual(self._give(self.carl.user_id).relation, "colleague")
        outsider = self._create_employee("outsider", False, company=self.other_company)
        with self.assertRaises(AccessError):
            self._give(outsider.user_id)

    def test_subject_answers_and_changes_nothing(self):
        self._as(self.manager.user_id, self.held).action_release()
        mine = self._as(self.anna.user_id, self.held)
        mine.reply = "Thank you"
        attacks = {
            "text": "Brilliant",
            "rating": "5",
            "metric_id": self.visits.id,
            "employee_id": self.bo.id,
            "released": False,
            "giver_id": self.anna.user_id.id,
            "date": "2026-03-01",
        }
        for name, value in attacks.items():
            with self.subTest(name), self.assertRaises(AccessError):
                mine.write({name: value})
        with self.assertRaises(AccessError):
            mine.unlink()

    def test_giver_neither_releases_nor_moves_it(self):
        bo = self.bo.user_id
        for vals in ({"released": True}, {"employee_id": self.carl.id}, {"relation": "manager"}):
            with self.assertRaises(AccessError):
                self._as(bo, self.held).write(vals)
        with self.assertRaises(AccessError):
            self._as(bo, self.held).action_release()
        with self.assertRaises(AccessError):
            self._as(bo, self.held).write({"reply": "Thank you for this"})

    def test_managers_read_of_their_people_and_write_nothing(self):
        manager = self.manager.user_id
        own = self._give(self.director.user_id, self.manager).sudo()
        found = self._as(manager, self.env["hr.performance.feedback"]).search([])
        self.assertEqual(found, self.held)
        self._assert_unreachable(manager, own)
        with self.assertRaises(AccessError):
            self._as(manager, self.held).write({"text": "Nothing"})

    def test_every_public_method_refuses_the_stranger(self):
        """Trap 31."""
        carl = self.carl.user_id
        calls = (
            (self.held, "action_release"),
            (self.held, "action_open_source"),
            (self.held, "action_create_plan"),
            (self.request, "action_answer"),
            (self.request, "action_decline"),
            (self.request, "action_cancel"),
        )
        for records, name in calls:
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(self._as(carl, records), name)()
        Ask = self.env["hr.performance.feedback.ask"].with_user(self.anna.user_id)
        ask = Ask.create({"user_ids": self.bo.user_id.ids})
        with self.assertRaises(AccessError):
            self._as(carl, ask).action_ask()

    def test_people_ask_about_themselves_and_their_people(self):
        with self.assertRaises(AccessError):
            self._ask(self.carl.user_id, self.bo.user_id)
        with self.assertRaises(AccessError):
            self._ask(self.anna.user_id, self.bo.user_id, state="answered")
        self.assertTrue(self._ask(self.director.user_id, self.bo.user_id))
        mine = self._ask(self.anna.user_id, self.bo.user_id)
        for user, vals in (
            (self.bo.user_id, {"state": "declined"}),
            (self.bo.user_id, {"deadline": "2026-04-01"}),
            (self.anna.user_id, {"giver_id": self.carl.user_id.id}),
            (self.anna.user_id, {"decline_reason": "He would not"}),
        ):
            with self.subTest(str(vals)), self.assertRaises(AccessError):
                self._as(user, mine).write(vals)

    def test_configuration_is_for_administrators(self):
        vals = {"model_id": self.env["ir.model"]._get_id("hr.performance.evidence")}
        Entry = self.env["hr.performance.feedback.model"]
        for user in (self.anna.user_id, self.auditor, self.hr_user):
            with self.assertRaises(AccessError):
                self._as(user, Entry).create(vals)

    def test_companies_are_kept_apart(self):
        outsider = self._create_user(
            "perf_outsider", "hr_performance.group_hr_performance_manager", self.other_company
        )
        for records in (self.held, self.request):
            self._assert_unreachable(outsider, records)
