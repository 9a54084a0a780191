from datetime import date

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import PERIOD, PerformanceCase


@tagged("post_install", "-at_install")
class TestMyPage(PerformanceCase):
    """What an employee's own page shows: his own, in words, and nothing of others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_facts(cls.anna, cls.visits, 6, 9)
        cls._add_facts(cls.bo, cls.visits, 25)
        cls.cycle._launch()
        cls.cycle.review_ids._refresh()
        cls.env.flush_all()

    def _page(self, employee):
        self.env.invalidate_all()
        return self.env["hr.performance.review"].with_user(employee.user_id).get_my_performance()

    def test_own_review_alone(self):
        page = self._page(self.anna)
        self.assertEqual([r["id"] for r in page["reviews"]], self._review_of(self.anna).ids)
        (review,) = page["reviews"]
        self.assertEqual(
            [line["name"] for line in review["lines"]],
            ["Visits", "Quality", "More than 3 late arrivals"],
        )
        visits, quality, late = review["lines"]
        self.assertEqual((visits["value"], visits["points"], visits["weight"]), ("15", "45", "60"))
        self.assertEqual(visits["percent"], 75)
        self.assertEqual((quality["known"], quality["points"]), (False, ""))
        self.assertEqual((late["kind"], late["weight"]), ("adjustment", ""))
        self.assertTrue(visits["has_records"])
        self.assertFalse(quality["has_records"])
        self.assertEqual(
            visits["steps"], self._line(self._review_of(self.anna), self.visits)._explain()
        )

    def test_manager_sees_his_own_not_his_peoples(self):
        page = self._page(self.manager)
        self.assertEqual([r["id"] for r in page["reviews"]], self._review_of(self.manager).ids)

    def test_stranger_and_user_without_employee(self):
        self.assertEqual(self._page(self.carl), {"is_employee": True, "reviews": [], "history": []})
        user = new_test_user(
            self.env,
            "perf_nobody",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        page = self.env["hr.performance.review"].with_user(user).get_my_performance()
        self.assertEqual(page, {"is_employee": False, "reviews": [], "history": []})

    def test_what_to_do_in_each_state(self):
        review = self._review_of(self.anna)
        seen = {}
        for state in ("goal", "progress", "self", "manager", "ready", "published"):
            self._move_to(review, state)
            (values,) = self._page(self.anna)["reviews"]
            now = [step["state"] for step in values["steps"] if step["status"] == "now"]
            buttons = [
                n for n in ("can_confirm_goals", "can_submit_self", "can_edit_self") if values[n]
            ]
            seen[state] = (now, buttons, values["todo"]["is_mine"])
        self.assertEqual(
            seen,
            {
                "goal": (["goal"], ["can_confirm_goals"], True),
                "progress": (["progress"], [], False),
                "self": (["self"], ["can_submit_self", "can_edit_self"], True),
                "manager": (["manager"], [], False),
                "ready": (["ready"], [], False),
                "published": ([], [], False),
            },
        )

    def test_unused_steps_are_not_on_the_way(self):
        (values,) = self._page(self.anna)["reviews"]
        self.assertEqual(
            [step["state"] for step in values["steps"]],
            ["goal", "progress", "self", "manager", "ready"],
        )

    def test_results_become_history(self):
        review = self._move_to(self._review_of(self.anna), "published")
        page = self._page(self.anna)
        self.assertEqual(page["reviews"][0]["grade"], "Qualified")
        self.assertEqual(
            page["history"],
            [
                {
                    "id": review.id,
                    "name": "2026-03",
                    "score": "77",
                    "percent": 77,
                    "grade": "Qualified",
                    "place": review.rank_display,
                }
            ],
        )
        self._move_to(review, "closed")
        page = self._page(self.anna)
        self.assertEqual((page["reviews"], len(page["history"])), ([], 1))

    def test_cancelled_is_not_shown(self):
        self._review_of(self.anna).with_user(self.hr_user)._transition("cancel", "Left")
        self.assertEqual(self._page(self.anna)["reviews"], [])

    def test_numbers_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.anna.user_id.lang = "de_DE"
        self._add_facts(self.anna, self.visits, 0.5)
        review = self._review_of(self.anna)
        self.visits.digits = 1
        review._refresh()
        page = (
            self.env["hr.performance.review"]
            .with_user(self.anna.user_id)
            .with_context(lang="de_DE")
            .get_my_performance()
        )
        line = page["reviews"][0]["lines"][0]
        self.assertEqual((line["value"], line["points"]), ("15,5", "46,5"))

    def test_queries_do_not_grow_with_the_lines(self):
        def count():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["hr.performance.review"].with_user(self.anna.user_id).get_my_performance()
            return self.cr.sql_log_count - before

        count()
        few = count()
        metrics = self.env["hr.performance.metric"].create(
            [{"name": f"Extra {i}", "code": f"t_extra_{i}", "source": "manual"} for i in range(10)]
        )
        review = self._review_of(self.anna)
        line = self._line(review, self.quality)
        line.copy_data()
        self.env["hr.performance.review.line"].create(
            [{**line.copy_data()[0], "metric_id": metric.id, "weight": 1} for metric in metrics]
        )
        count()
        self.assertLessEqual(count(), few + 2)


@tagged("post_install", "-at_install")
class TestBoard(PerformanceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_facts(cls.anna, cls.visits, 15)
        cls.cycle._launch()
        cls.cycle.review_ids._refresh()

    def _turn(self, user):
        reviews = self.env["hr.performance.review"].with_user(user)
        found = reviews.search([("is_my_turn", "=", True)])
        self.assertEqual(found, reviews.search([]).filtered("is_my_turn"))
        return found.employee_id.mapped("name")

    def test_whose_turn_it_is(self):
        review = self._review_of(self.anna)
        self.assertEqual(self._turn(self.anna.user_id), ["Anna"])
        self.assertNotIn("Anna", self._turn(self.manager.user_id))
        self._move_to(review, "manager")
        self.assertEqual(self._turn(self.anna.user_id), [])
        self.assertIn("Anna", self._turn(self.manager.user_id))
        self.assertNotIn("Anna", self._turn(self.hr_user))
        self._move_to(review, "ready")
        self.assertNotIn("Anna", self._turn(self.manager.user_id))
        self.assertEqual(self._turn(self.hr_user), ["Anna"])
        self._move_to(review, "published")
        self.assertEqual(self._turn(self.hr_user), [])

    def test_columns_are_the_steps_that_are_used(self):
        reviews = self.env["hr.performance.review"].with_user(self.manager.user_id)
        reviews = reviews.with_context(allowed_company_ids=self.company.ids, read_group_expand=True)

        def columns(domain):
            groups = reviews.web_read_group(
                [("cycle_id", "=", self.cycle.id), *domain], ["state"], aggregates=["__count"]
            )["groups"]
            return [group["state"] for group in groups]

        used = ["goal", "progress", "self", "manager", "ready", "published"]
        self.assertEqual(columns([]), used)
        self.assertEqual(columns([("state", "not in", ["published", "closed"])]), used[:-1])
        self.assertEqual(columns([("state", "=", "published")]), ["published"])
        self.assertEqual(columns([("priority", "=", "0")]), used)

    def test_held_back_counts_only_when_it_is_due(self):
        held = {"blocked": True, "blocked_reason": "coverage", "deadline": date(2100, 1, 1)}
        review = self._review_of(self.anna)
        review.write(held)
        self.assertEqual((self.cycle.held_count, review.color), (0, 0))
        self._move_to(review, "manager")
        review.write(held)
        self.cycle.invalidate_recordset()
        review.invalidate_recordset()
        self.assertEqual((self.cycle.held_count, review.color), (1, 3))

    def test_total_in_words(self):
        review = self._review_of(self.anna)
        self.assertEqual(
            review.total_explanation.split("\n"),
            [
                "45 points of 60 that are measured = 75",
                "Not measured, so left out of the total: Quality",
            ],
        )
        self._add_facts(self.anna, self.late, 5)
        self._move_to(review, "manager")
        self._rate(review, 5)
        review._refresh()
        self.assertEqual(
            review.total_explanation.split("\n"),
            [
                "85 points of 100 that are measured = 85",
                "More than 3 late arrivals: -8.5 points",
                "Score: 76.5",
            ],
        )

    def test_same_value_for_several_people(self):
        reviews = self._review_of(self.anna) | self._review_of(self.bo)
        for review in reviews:
            self._move_to(review, "manager")
        lines = reviews.line_ids.filtered(lambda line: line.metric_id == self.quality)
        vals = {"value": 3, "reason": "Solid"}

        def score(user):
            wizard = (
                self.env["hr.performance.score"]
                .with_user(user)
                .with_context(active_model=lines._name, active_ids=lines.ids)
                .create(vals)
            )
            wizard.action_confirm()

        with self.assertRaises(AccessError):
            score(self.carl.user_id)
        with self.assertRaises(AccessError):
            score(self.anna.user_id)
        score(self.manager.user_id)
        self.assertEqual(set(lines.mapped("manager_value")), {3})
        self.assertEqual(set(lines.mapped("points")), {24})
        lines.with_user(self.manager.user_id).action_submit_reviews()
        self.assertEqual(set(reviews.mapped("state")), {"ready"})

    def test_emptied_value_is_not_given_any_more(self):
        review = self._review_of(self.anna)
        self._move_to(review, "manager")
        line = self._line(review, self.quality).with_user(self.manager.user_id)
        line.write({"manager_value": 0, "manager_reason": "Nothing went right"})
        self.assertEqual((line.is_known, line.points), (True, 0))
        line.write({"manager_set": False})
        self.assertEqual((line.is_known, line.scored), (False, False))


@tagged("post_install", "-at_install")
class TestMenus(PerformanceCase):
    def _menus(self, user):
        self.env.registry.clear_cache()
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        return {
            menu["xmlid"].removeprefix("hr_performance.hr_performance_menu_")
            for menu in menus.values()
            if (menu.get("xmlid") or "").startswith("hr_performance.")
        }

    def test_who_sees_which_menu(self):
        root = self.env.ref("hr_performance.hr_performance_menu_root")
        ours = root.child_id.filtered(
            lambda m: (m.get_external_id()[m.id] or "").startswith("hr_performance.")
        )
        prefix = "hr_performance.hr_performance_menu_"
        top = {name.removeprefix(prefix) for name in ours.get_external_id().values()}
        self.assertEqual(top, {"my", "team", "cycles", "report", "config"}, "short enough to read")
        self.assertEqual(self._menus(self.anna.user_id) & top, {"my"})
        self.assertEqual(self._menus(self.manager.user_id) & top, {"my", "team", "report"})
        self.assertEqual(self._menus(self.hr_user) & top, top)
        self.assertEqual(self._menus(self.auditor) & top, top)
        self.assertIn("config_setup", self._menus(self.hr_admin))
        self.assertNotIn("config_setup", self._menus(self.hr_user))

    def test_manager_of_a_department_or_of_a_past_review(self):
        user = self.carl.user_id
        self.assertNotIn("team", self._menus(user))
        self.works.manager_id = self.carl
        self.assertIn("team", self._menus(user))
        self.works.manager_id = False
        self.assertNotIn("team", self._menus(user))
        self.cycle._launch()
        self._review_of(self.anna).sudo().manager_id = self.carl
        self.assertIn("team", self._menus(user))


@tagged("post_install", "-at_install")
class TestSetup(PerformanceCase):
    """The assistant: it previews what it does, does what it previewed, and nothing before."""

    def _open(self, **vals):
        setup = self.env["hr.performance.setup"].with_user(self.hr_admin)
        return setup.with_company(self.company).create({"date_start": PERIOD[0], **vals})

    def _choose(self, setup, *templates):
        for line in setup.line_ids:
            line.chosen = line.template_id in templates

    def test_defaults(self):
        with Form(self.env["hr.performance.setup"].with_user(self.hr_admin)) as form:
            self.assertEqual(form.company_id, self.company)
            self.assertEqual(form.name, "Monthly performance")
            form.cadence = "quarterly"
            self.assertEqual(form.name, "Quarterly performance")
            form.date_start = date(2026, 5, 20)
            self.assertEqual((form.date_from, form.date_to), (date(2026, 4, 1), date(2026, 6, 30)))
            form.name = "Mine"
            form.cadence = "yearly"
            self.assertEqual(form.name, "Mine")
        setup = form.record
        self.assertEqual(setup.line_ids.filtered("chosen").template_id, self.template)
        self.assertEqual(setup.employee_count, 5)

    def test_preview_and_launch_agree_and_the_preview_leaves_nothing(self):
        setup = self._open(use_appeal=False, use_goals=False)
        programs = self.env["hr.performance.program"].search_count([])
        cycles = self.env["hr.performance.cycle"].search_count([])
        for step in ("templates", "people", "steps", "launch"):
            setup.action_next()
            self.assertEqual(setup.step, step)
        self.assertEqual((setup.launch_count, setup.left_out_count), (4, 1))
        rows = {(row.kind, row.names): row.count for row in setup.preview_ids}
        self.assertEqual(rows["left_out", "Carl"], 1)
        self.assertEqual(rows["template", "Director, Manager, Anna, Bo"], 4)
        # The director has nobody above him.
        self.assertEqual(rows["notice", "Director"], 1)
        self.assertEqual(self.env["hr.performance.program"].search_count([]), programs)
        self.assertEqual(self.env["hr.performance.cycle"].search_count([]), cycles)
        action = setup.action_launch()
        cycle = self.env["hr.performance.cycle"].browse(action["res_id"])
        self.assertRecordValues(
            cycle,
            [{"state": "open", "review_count": 4, "date_from": PERIOD[0], "date_to": PERIOD[1]}],
        )
        self.assertEqual(
            cycle._get_used_steps(), {"self_assessment", "manager_scoring", "publication"}
        )
        self.assertEqual(set(cycle.review_ids.mapped("state")), {"progress"})
        self.assertEqual(
            cycle.issue_ids.filtered(lambda i: i.code == "no_template").employee_id, self.carl
        )

    def test_back(self):
        setup = self._open()
        setup.action_next()
        setup.action_back()
        setup.action_back()
        self.assertEqual(setup.step, "period")

    def test_people_are_filtered(self):
        setup = self._open(department_ids=[Command.set(self.sales_east.ids)])
        self.assertEqual(setup.employee_count, 2)
        setup._go_to("launch")
        self.assertEqual((setup.launch_count, setup.left_out_count), (2, 0))

    def test_needs_a_template_that_can_be_used(self):
        setup = self._open(step="templates")
        self._choose(setup)
        with self.assertRaisesRegex(UserError, "at least one template"):
            setup.action_next()
        draft = self.env["hr.performance.template"].create(
            {
                "name": "Half done",
                "company_id": self.company.id,
                "line_ids": [
                    Command.create({"metric_id": self.visits.id, "weight": 40, "target": 1})
                ],
            }
        )
        setup = self._open(step="templates")
        self._choose(setup, draft)
        with self.assertRaisesRegex(UserError, "Half done.*total 40"):
            setup.action_next()

    def test_shared_template_stays_and_the_company_gets_a_copy(self):
        shared = self.env["hr.performance.template"].create(
            {
                "name": "Ready-made",
                "line_ids": [
                    Command.create({"metric_id": self.visits.id, "weight": 100, "target": 20})
                ],
            }
        )
        setup = self._open()
        self._choose(setup, shared)
        line = setup.line_ids.filtered("chosen")
        line.department_ids = self.works
        setup._go_to("launch")
        self.assertEqual(setup.preview_ids.filtered(lambda r: r.kind == "template").names, "Carl")
        self.assertEqual(
            self.env["hr.performance.template"].search_count([("name", "=", "Ready-made")]), 1
        )
        setup.action_launch()
        copy = self.env["hr.performance.template"].search(
            [("name", "=", "Ready-made"), ("company_id", "=", self.company.id)]
        )
        self.assertRecordValues(shared, [{"state": "draft", "department_ids": []}])
        self.assertRecordValues(copy, [{"state": "ready", "department_ids": self.works.ids}])
        self.assertEqual(
            self._review_of(
                self.carl, copy.env["hr.performance.cycle"].search([], order="id desc", limit=1)
            ).template_id,
            copy,
        )

    def test_only_administrators(self):
        with self.assertRaises(AccessError):
            self.env["hr.performance.setup"].with_user(self.hr_user).create({})

    def test_empty_screens_lead_here_for_who_may(self):
        for model in ("hr.performance.cycle", "hr.performance.program"):
            offer = self.env[model].with_user(self.hr_admin).get_empty_list_help("<p>Nothing</p>")
            action = self.env.ref("hr_performance.hr_performance_setup_action")
            link = etree.fromstring(f"<div>{offer}</div>").find(".//a")
            self.assertEqual((link.get("type"), link.get("name")), ("action", str(action.id)))
            plain = self.env[model].with_user(self.hr_user).get_empty_list_help("<p>Nothing</p>")
            self.assertEqual(plain, "<p>Nothing</p>")


@tagged("post_install", "-at_install")
class TestTemplateWords(PerformanceCase):
    def test_lines_and_rules_in_words(self):
        visits, quality = self.template.line_ids
        self.assertEqual(
            visits.explanation, "in proportion to the target, at most 100 % of the weight"
        )
        self.assertEqual((visits.unit_display, quality.unit_display), ("Count", "Rating"))
        self.assertEqual(
            self.template.rule_ids.explanation, "more than 3: -10 % of the score, once"
        )

    def test_positions_make_the_template_one_of_their_company(self):
        template = self.env["hr.performance.template"].create({"name": "Shared"})
        with Form(template.with_user(self.hr_admin)) as form:
            form.department_ids.add(self.works)
        self.assertEqual(template.company_id, self.company)

    def test_versions(self):
        action = self.template.action_new_version()
        version = self.env["hr.performance.template"].browse(action["res_id"])
        found = self.env["hr.performance.template"].search(version.action_view_versions()["domain"])
        self.assertEqual(found, self.template | version)
