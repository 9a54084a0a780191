import inspect

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import PerformanceCase

#: Public methods that only build an action from what the caller sent: they tell nothing.
HARMLESS = {
    "action_view_reviews",
    "action_view_cycles",
    "action_view_issues",
    "action_view_work",
    "action_open",
    "action_open_rebalance",
    "action_view_performance_reviews",
    "action_view_evidence",
    "action_view_appeals",
    "action_view_interviews",
    "action_add_evidence",
    # the caller's own figures, whatever it is called on
    "get_my_performance",
}
ENGINE_FIELDS = {
    "state": "published",
    "total": 100.0,
    "scored": True,
    "coverage": 100.0,
    "blocked": False,
    "rank": 1,
    "grade_id": 1,
    "full_rank": 1,
    "template_id": 1,
    "manager_id": False,
    "employee_id": 1,
    "participation": 2.0,
    "deadline": "2030-01-01",
    "manager_comment": "I am the best",
}
ENGINE_LINE_FIELDS = {
    "weight": 100.0,
    "target": 0.1,
    "value": 99.0,
    "measured": True,
    "points": 100.0,
    "share": 100.0,
    "rule": {},
    "manager_value": 5.0,
    "manager_reason": "I am the best",
    "manager_set": True,
    "excluded": True,
    "start_value": 1.0,
}


@tagged("post_install", "-at_install")
class TestAccess(PerformanceCase):
    def setUp(self):
        super().setUp()
        self._launch()
        self.review = self._review_of(self.anna)
        self._add_facts(self.anna, self.visits, 10)
        self.cycle._schedule("refresh", ("goal",))
        self.env.flush_all()
        self.env.invalidate_all()

    def _as(self, user, records=None):
        records = self.review if records is None else records
        records = records.with_user(user)
        records.env.invalidate_all()
        return records

    # The stranger

    def test_stranger_finds_and_reads_nothing(self):
        """Trap 27: an internal user without a part in it reaches no review at all."""
        stranger = self.carl.user_id
        stranger.group_ids += self.env.ref("base.group_allow_export")
        for model in ("review", "review.line", "review.revision", "cycle", "cycle.step", "value"):
            Model = self._as(stranger, self.env[f"hr.performance.{model}"])
            self.assertFalse(Model.search([]), model)
            self.assertFalse(Model.search_count([]), model)
            self.assertEqual(Model._read_group([], [], ["__count"]), [(0,)], model)
        for records in (self.review, self.review.line_ids, self.cycle):
            calls = {
                "read": lambda r: r.read(["display_name"]),
                "export": lambda r: r.export_data(["company_id"]),
                "write": lambda r: r.write({"company_id": self.other_company.id}),
                "unlink": lambda r: r.unlink(),
                "copy": lambda r: r.copy(),
            }
            for name, call in calls.items():
                with self.subTest(f"{records._name} {name}"), self.assertRaises(AccessError):
                    call(self._as(stranger, records))

    def test_stranger_reaches_no_configuration(self):
        stranger = self.carl.user_id
        for model in ("template", "template.line", "program", "cycle.issue", "work.item"):
            with self.assertRaises(AccessError):
                self._as(stranger, self.env[f"hr.performance.{model}"]).search([])

    def test_grouping_and_ordering_tell_nothing_of_others(self):
        Review = self._as(self.anna.user_id, self.env["hr.performance.review"])
        groups = Review._read_group([], ["department_id"], ["total:max", "__count"])
        self.assertEqual(sum(count for *_rest, count in groups), 1)
        with self.assertRaises(AccessError):
            Review._read_group([], [], ["full_rank:max"])
        with self.assertRaises(AccessError):
            Review.search([("full_rank", "=", 1)])
        with self.assertRaises(AccessError):
            Review.search([], order="full_rank")

    def test_every_public_method_refuses_the_stranger(self):
        """Trap 31: whatever a client can call checks first."""
        stranger = self.carl.user_id
        for records in (
            self.review,
            self.review.line_ids[0],
            self.cycle,
            self.template,
            self.program,
        ):
            for name in sorted(self._get_public_methods(records) - HARMLESS):
                method = getattr(self._as(stranger, records), name)
                needed = [
                    p
                    for p in inspect.signature(method).parameters.values()
                    if p.default is p.empty
                    and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
                ]
                with self.subTest(f"{records._name}.{name}"), self.assertRaises(AccessError):
                    method(*[{} for _parameter in needed])

    def _get_public_methods(self, records):
        names, ours, others = set(), [], []
        for cls in type(records).__mro__:
            is_ours = cls.__module__.startswith("odoo.addons.hr_performance")
            (ours if is_ours else others).append(cls)
        for cls in ours:
            for name, function in vars(cls).items():
                is_public = not name.startswith("_") and inspect.isfunction(function)
                is_private_api = getattr(function, "_api_private", False)
                # core's own methods, overridden: they check, and are tested above
                is_core = any(name in vars(other) for other in others)
                if is_public and not is_private_api and not is_core:
                    names.add(name)
        return names

    # The subject

    def test_subject_reads_his_own_only(self):
        anna = self.anna.user_id
        found = self._as(anna, self.env["hr.performance.review"]).search([])
        self.assertEqual(found.employee_id, self.anna)
        lines = self._as(anna, self.env["hr.performance.review.line"]).search([])
        self.assertEqual(lines.employee_id, self.anna)
        self.assertTrue(lines[0].explanation)
        with self.assertRaises(AccessError):
            self._as(anna, self._review_of(self.bo)).read(["total"])

    def test_subject_never_writes_weights_targets_scores_or_states(self):
        """Trap 32, in every state."""
        line = self._line(self.review, self.quality)
        for state in ("goal", "progress", "self", "manager", "ready", "published", "closed"):
            self._move_to(self.review, state)
            self.env.flush_all()
            for records, fields in ((self.review, ENGINE_FIELDS), (line, ENGINE_LINE_FIELDS)):
                for name, value in fields.items():
                    with self.subTest(f"{state} {name}"), self.assertRaises(AccessError):
                        self._as(self.anna.user_id, records).write({name: value})
            with self.assertRaises(AccessError):
                self._as(self.anna.user_id).line_ids.unlink()

    def test_subject_writes_his_own_words_while_it_is_his_turn(self):
        self._move_to(self.review, "self")
        line = self._line(self.review, self.quality)
        self._as(self.anna.user_id, line).write({"self_value": 4, "self_comment": "Good"})
        self._as(self.anna.user_id).write({"self_comment": "A good month"})
        self._move_to(self.review, "manager")
        with self.assertRaises(AccessError):
            self._as(self.anna.user_id, line).write({"self_value": 5})
        self._move_to(self.review, "published")
        with self.assertRaises(AccessError):
            self._as(self.anna.user_id).write({"self_comment": "A great month"})

    def test_commands_through_the_review_are_checked_on_the_lines(self):
        line = self._line(self.review, self.quality)
        with self.assertRaises(AccessError):
            self._as(self.anna.user_id).write(
                {"line_ids": [Command.update(line.id, {"weight": 99})]}
            )
        with self.assertRaises(AccessError):
            self._as(self.anna.user_id).write({"line_ids": [Command.delete(line.id)]})
        with self.assertRaises(AccessError):
            self._as(self.anna.user_id).write(
                {"line_ids": [Command.create({"metric_id": self.visits.id, "weight": 1})]}
            )

    def test_nobody_creates_reviews_but_the_engine(self):
        vals = {
            "cycle_id": self.cycle.id,
            "employee_id": self.carl.id,
            "company_id": self.company.id,
            "template_id": self.template.id,
            "state": "published",
            "total": 100,
        }
        for user in (self.anna.user_id, self.manager.user_id, self.hr_user, self.hr_admin):
            with self.assertRaises(AccessError):
                self._as(user, self.env["hr.performance.review"]).create(vals)

    # Managers

    def test_manager_reaches_his_people_at_any_depth(self):
        for user in (self.manager.user_id, self.director.user_id):
            self.assertEqual(self._as(user).total, self.review.total)
        mine = self._as(self.manager.user_id, self.env["hr.performance.review"]).search(
            [("has_manager_access", "=", True)]
        )
        self.assertEqual(mine.employee_id, self.anna | self.bo)

    def test_access_follows_the_hierarchy(self):
        """Trap 29: moving a manager two levels up moves the access."""
        eve = self._create_employee("eve", self.works)
        with self.assertRaises(AccessError):
            self._as(eve.user_id).read(["total"])
        self.director.parent_id = eve
        self.assertTrue(self._as(eve.user_id).read(["total"]))
        self.director.parent_id = False
        with self.assertRaises(AccessError):
            self._as(eve.user_id).read(["total"])

    def test_manager_of_the_period_keeps_the_review(self):
        self.anna.parent_id = self.carl
        self.assertTrue(self._as(self.manager.user_id).read(["total"]))
        self.assertTrue(self._as(self.carl.user_id).read(["total"]))

    def test_access_is_each_records_own(self):
        """Trap 30: two records computed at once do not share their managers."""
        both = self.review | self._review_of(self.manager)
        flags = self._as(self.manager.user_id, both).mapped("has_manager_access")
        self.assertEqual(flags, [True, False])

    def test_manager_scores_his_people_and_not_himself(self):
        own = self._review_of(self.manager)
        for review in (self.review, own):
            self._move_to(review, "manager")
        line = self._line(own, self.quality)
        vals = {"manager_value": 5, "manager_reason": "I am good"}
        with self.assertRaises(AccessError):
            self._as(self.manager.user_id, line).write(vals)
        with self.assertRaises(AccessError):
            self._as(self.manager.user_id, own).action_submit_scores()
        self._as(self.manager.user_id, self._line(self.review, self.quality)).write(vals)
        with self.assertRaises(AccessError):
            self._as(self.manager.user_id, self._line(self.review, self.quality)).write(
                {"weight": 1}
            )
        with self.assertRaises(AccessError):
            self._as(self.manager.user_id).write({"state": "published"})
        self._move_to(self.review, "ready")
        with self.assertRaises(AccessError):
            self._as(self.manager.user_id).action_publish()

    # HR

    def test_officer_decides_nothing_about_himself(self):
        """Whoever is reviewed decides nothing about himself, whatever else he is."""
        self.anna.user_id.group_ids += self.env.ref("hr_performance.group_hr_performance_manager")
        self._move_to(self.review, "manager")
        line = self._line(self.review, self.quality)
        for records, vals in (
            (line, {"manager_value": 5, "manager_reason": "I am good"}),
            (line, {"excluded": True, "exclusion_reason": "Not fair"}),
            (self.review, {"manager_id": self.bo.id}),
        ):
            with self.assertRaises(AccessError):
                self._as(self.anna.user_id, records).write(vals)
        for name in ("submit_scores", "cancel"):
            with self.assertRaises(AccessError):
                self._as(self.anna.user_id)._transition(name, "Because")
        self._move_to(self.review, "published")
        with self.assertRaises(AccessError):
            self._as(self.anna.user_id)._transition("reopen", "Because")

    def test_auditor_reads_all_and_changes_nothing(self):
        self.assertEqual(
            len(self._as(self.auditor, self.env["hr.performance.review"]).search([])), 4
        )
        self._move_to(self.review, "manager")
        for records, vals in (
            (self.review, {"manager_comment": "x"}),
            (self._line(self.review, self.quality), {"manager_value": 1, "manager_reason": "x"}),
            (self.cycle, {"name": "x"}),
            (self.template, {"name": "x"}),
        ):
            with self.assertRaises(AccessError):
                self._as(self.auditor, records).write(vals)
        with self.assertRaises(AccessError):
            self._as(self.auditor, self.cycle).action_publish()

    def test_cycle_state_is_not_written_by_hand(self):
        for user in (self.hr_user, self.hr_admin):
            with self.assertRaises(UserError):
                self._as(user, self.cycle).write({"state": "closed"})

    # Companies

    def test_companies_are_kept_apart(self):
        outsider = self._create_user(
            "perf_outsider", "hr_performance.group_hr_performance_manager", self.other_company
        )
        for model in ("review", "review.line", "cycle", "program"):
            Model = self._as(outsider, self.env[f"hr.performance.{model}"])
            self.assertFalse(Model.search([("company_id", "=", self.company.id)]), model)
        with self.assertRaises(AccessError):
            self._as(outsider).read(["total"])
        with self.assertRaises(AccessError):
            self._as(outsider, self.cycle).action_publish()

    # Employees' own records

    def test_plain_user_still_reads_employees(self):
        """A field of ours on employees must not break what everybody reads of them."""
        employee = self._as(self.carl.user_id, self.anna)
        self.assertEqual(employee.name, "Anna")
        public = self._as(self.carl.user_id, self.env["hr.employee.public"].browse(self.anna.id))
        self.assertFalse(public.has_performance_access)
        self.assertTrue(self._as(self.manager.user_id, public.sudo(False)).has_performance_access)
