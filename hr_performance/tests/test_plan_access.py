from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .test_plan import PlanCase

MODELS = ("plan", "plan.step", "plan.checkpoint", "plan.note", "plan.checkin")
#: Each field, with a value that the subject would like.
SUBJECT_ATTACKS = {
    "state": "recovered",
    "target": 0.1,
    "metric_id": False,
    "employee_id": 1,
    "manager_id": False,
    "reached_on": "2026-04-01",
    "needed_checkpoints": 1,
    "closing_note": "All good",
    "cadence": "weekly",
    "date_end": "2030-01-01",
    "name": "Somebody else's fault",
    "company_id": 1,
    "review_line_id": 1,
}


@tagged("post_install", "-at_install")
class TestPlanAccess(PlanCase):
    def setUp(self):
        super().setUp()
        self.startClassPatcher(freeze_time("2026-04-05 02:00:00"))
        self._survey(3, 3.8)
        self.plan = self._make_plan(
            step_ids=[Command.create({"name": "Do it", "date_start": "2026-04-02"})]
        )
        self.plan.note_ids = [Command.create({"text": "Go on"})]
        self.plan.step_ids.with_user(self.anna.user_id).action_check_in()
        self.plan = self.plan.sudo()
        self.env.flush_all()
        self.env.invalidate_all()

    def _as(self, user, records):
        records = records.with_user(user)
        records.env.invalidate_all()
        return records

    def _records(self):
        plan = self.plan
        return (plan, plan.step_ids, plan.checkpoint_ids, plan.note_ids, plan.step_ids.checkin_ids)

    def test_stranger_reaches_nothing(self):
        """Trap 27."""
        stranger = self.carl.user_id
        stranger.group_ids += self.env.ref("base.group_allow_export")
        for model in MODELS:
            Model = self._as(stranger, self.env[f"hr.performance.{model}"])
            self.assertFalse(Model.search([]), model)
            self.assertEqual(Model._read_group([], [], ["__count"]), [(0,)], model)
        for records in self._records():
            calls = {
                "read": lambda r: r.read(["display_name"]),
                "export": lambda r: r.export_data(["display_name"]),
                "write": lambda r: r.write({"create_uid": 1}),
                "unlink": lambda r: r.unlink(),
                "copy": lambda r: r.copy(),
            }
            for name, call in calls.items():
                with self.subTest(f"{records._name} {name}"), self.assertRaises(AccessError):
                    call(self._as(stranger, records))

    def test_stranger_adds_nothing(self):
        stranger = self.carl.user_id
        attacks = {
            "plan": {"name": "x", "employee_id": self.anna.id},
            "plan.step": {"name": "x", "plan_id": self.plan.id},
            "plan.note": {"text": "x", "plan_id": self.plan.id},
            "plan.checkin": {"step_id": self.plan.step_ids.id, "date": "2026-04-03"},
            "plan.checkpoint": {
                "plan_id": self.plan.id,
                "metric_id": self.visits.id,
                "date_from": "2026-04-01",
                "date_to": "2026-04-30",
            },
        }
        for model, vals in attacks.items():
            with self.subTest(model), self.assertRaises(AccessError):
                self._as(stranger, self.env[f"hr.performance.{model}"]).create(vals)

    def test_stranger_calls_nothing(self):
        """Trap 31."""
        plan, step, point, *_rest = self._records()
        calls = [
            *((plan, name) for name in ("start", "recover", "end", "reopen", "refresh")),
            (step, "check_in"),
            (step, "check_in_note"),
        ]
        for records, name in calls:
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(self._as(self.carl.user_id, records), f"action_{name}")()
        with self.assertRaises(AccessError):
            self._as(self.carl.user_id, point[0]).write({"value": 5})

    def test_subject_checks_in_and_comments_and_changes_nothing(self):
        anna = self.anna.user_id
        plan = self._as(anna, self.plan)
        for name, value in SUBJECT_ATTACKS.items():
            with self.subTest(name), self.assertRaises(AccessError):
                plan.write({name: value})
        for name in ("recover", "end", "reopen"):
            with self.subTest(name), self.assertRaises(AccessError):
                plan._transition(name) if name != "reopen" else plan.write({"state": "running"})
        with self.assertRaises(AccessError):
            plan.step_ids.write({"name": "Rest"})
        with self.assertRaises(AccessError):
            plan.write({"step_ids": [Command.create({"name": "Rest"})]})
        with self.assertRaises(AccessError):
            plan.step_ids.unlink()
        with self.assertRaises(AccessError):
            plan.checkpoint_ids[0].write({"value": 5})
        with self.assertRaises(AccessError):
            plan.checkpoint_ids.unlink()
        plan.write({"note_ids": [Command.create({"text": "I am at it"})]})
        self.assertFalse(plan.note_ids.filtered(lambda n: n.user_id == anna).is_follow_up)
        with self.assertRaises(AccessError):
            plan.note_ids[0].write({"text": "I said something else"})

    def test_authors_cannot_be_forged(self):
        note = self._as(self.anna.user_id, self.env["hr.performance.plan.note"]).create(
            {
                "plan_id": self.plan.id,
                "text": "All is well",
                "user_id": self.manager.user_id.id,
                "is_follow_up": True,
                "date": "2020-01-01",
            }
        )
        self.assertRecordValues(
            note,
            [{"user_id": self.anna.user_id.id, "is_follow_up": False, "date": date(2026, 4, 5)}],
        )
        checkin = self._as(self.anna.user_id, self.env["hr.performance.plan.checkin"]).create(
            {
                "step_id": self.plan.step_ids.id,
                "date": "2026-04-03",
                "user_id": self.manager.user_id.id,
            }
        )
        self.assertEqual(checkin.user_id, self.anna.user_id)

    def test_employee_does_not_see_a_draft_about_him(self):
        draft = (
            self.env["hr.performance.plan"]
            .with_user(self.manager.user_id)
            .create(
                {
                    "name": "To be discussed",
                    "employee_id": self.anna.id,
                    "step_ids": [Command.create({"name": "Talk"})],
                }
            )
        )
        anna = self.anna.user_id
        self.assertNotIn(draft.id, self._as(anna, self.env["hr.performance.plan"]).search([]).ids)
        steps = self._as(anna, self.env["hr.performance.plan.step"]).search([])
        self.assertEqual(steps, self.plan.step_ids)
        with self.assertRaises(AccessError):
            self._as(anna, draft).read(["name"])
        self.assertTrue(self._as(self.director.user_id, draft).read(["name"]))

    def test_manager_reaches_his_people_only_and_not_himself(self):
        manager = self.manager.user_id
        self.assertIn(self.plan, self._as(manager, self.env["hr.performance.plan"]).search([]))
        for employee in (self.carl, self.director):
            with self.assertRaises(AccessError):
                self._as(manager, self.env["hr.performance.plan"]).create(
                    {"name": "x", "employee_id": employee.id}
                )
        own = self._make_plan(user=self.director.user_id, employee_id=self.manager.id)
        with self.assertRaises(AccessError):
            self._as(manager, own).write({"target": 0})
        with self.assertRaises(AccessError):
            self._as(manager, own).action_recover()

    def test_hr_decides_nothing_about_himself(self):
        anna = self.anna.user_id
        anna.group_ids += self.env.ref("hr_performance.group_hr_performance_manager")
        with self.assertRaises(AccessError):
            self._as(anna, self.plan).write({"target": 0})
        with self.assertRaises(AccessError):
            self._as(anna, self.plan).action_recover()

    def test_auditor_reads_and_hr_writes(self):
        self.assertTrue(self._as(self.auditor, self.plan).read(["target"]))
        with self.assertRaises(AccessError):
            self._as(self.auditor, self.plan).write({"target": 1})
        with self.assertRaises(AccessError):
            self._as(self.auditor, self.env["hr.performance.plan.note"]).create(
                {"plan_id": self.plan.id, "text": "x"}
            )
        self._as(self.hr_user, self.plan).write({"target": 4.6})

    def test_companies_are_kept_apart(self):
        outsider = self._create_user(
            "perf_outsider", "hr_performance.group_hr_performance_manager", self.other_company
        )
        for model in MODELS:
            Model = self._as(outsider, self.env[f"hr.performance.{model}"])
            self.assertFalse(Model.search([]), model)
        with self.assertRaises(AccessError):
            self._as(outsider, self.plan).read(["target"])
