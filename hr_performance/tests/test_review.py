from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import PerformanceCase


@tagged("post_install", "-at_install")
class TestReviewFlow(PerformanceCase):
    def setUp(self):
        super().setUp()
        self._launch()
        self.review = self._review_of(self.anna)

    def test_the_whole_way_by_the_people_who_go_it(self):
        review, line = self.review, self._line(self.review, self.quality)
        as_anna = review.with_user(self.anna.user_id)
        as_manager = review.with_user(self.manager.user_id)
        as_hr = review.with_user(self.hr_user)
        self._add_facts(self.anna, self.visits, 15, 10)

        self.assertTrue(as_anna.can_confirm_goals)
        as_anna.action_confirm_goals()
        self.assertEqual(review.state, "progress")
        as_manager.action_start_assessment()
        self.assertEqual(review.state, "self")
        line.with_user(self.anna.user_id).write({"self_value": 5, "self_comment": "Went well"})
        as_anna.action_submit_self()
        self.assertEqual(review.state, "manager")
        line.with_user(self.manager.user_id).write(
            {"manager_value": 4, "manager_reason": "Two late albums"}
        )
        as_manager.action_submit_scores()
        self.assertEqual(review.state, "ready")
        as_hr.action_publish()
        self.assertEqual(review.state, "published")
        # 25 of 20 visits: capped at 60 points; 4 of 5: 32 points
        self.assertRecordValues(review, [{"total": 92.0, "scored": True, "coverage": 100.0}])
        self.assertEqual(review.grade_id, self.env.ref("hr_performance.grade_excellent"))
        self.assertEqual(review.published_by_id, self.hr_user)

    def test_steps_that_the_programme_leaves_out_are_passed(self):
        steps = self.program.step_ids
        steps.filtered(lambda s: s.code in ("goal_confirmation", "self_assessment")).used = False
        steps.filtered(lambda s: s.code in ("publication", "appeal")).used = False
        cycle = self.program._open_cycles([self.program._get_period(date(2026, 4, 1))])
        self._launch(cycle)
        review = self._review_of(self.anna, cycle)
        self.assertEqual(review.state, "progress")
        review.with_user(self.manager.user_id).action_start_assessment()
        self.assertEqual(review.state, "manager")
        self._rate(review)
        review.with_user(self.manager.user_id).action_submit_scores()
        self.assertEqual(review.state, "published")
        self.assertTrue(review.published_on)

    def test_missing_rating_keeps_the_scores_from_being_submitted(self):
        self._move_to(self.review, "manager")
        with self.assertRaisesRegex(UserError, "Quality"):
            self.review.with_user(self.manager.user_id).action_submit_scores()

    def test_a_value_needs_a_reason(self):
        self._move_to(self.review, "manager")
        line = self._line(self.review, self.quality).with_user(self.manager.user_id)
        with self.assertRaisesRegex(ValidationError, "reason"):
            line.manager_value = 3
        with self.assertRaisesRegex(ValidationError, "between"):
            line.write({"manager_value": 7, "manager_reason": "Beyond the scale"})

    def test_override_of_a_measured_value_stays_visible(self):
        self._add_facts(self.anna, self.visits, 10)
        self._move_to(self.review, "manager")
        line = self._line(self.review, self.visits)
        line.with_user(self.manager.user_id).write(
            {"manager_value": 20, "manager_reason": "Ten visits were on paper"}
        )
        self.assertRecordValues(
            line, [{"value": 10, "actual": 20, "is_override": True, "points": 60}]
        )
        explanation = dict(line._explain())
        self.assertIn("Ten visits were on paper", explanation["Changed by the manager"])
        self.assertIn("10", explanation["Measured"])

    def test_unknown_leaves_the_denominator_and_is_shown(self):
        """Traps 1 and 7: a line without data scores neither 0 nor full."""
        self._move_to(self.review, "manager")
        self._rate(self.review, 4)
        line = self._line(self.review, self.visits)
        self.assertRecordValues(line, [{"measured": False, "scored": False, "points": 0}])
        self.assertRecordValues(
            self.review, [{"total": 80.0, "scored": True, "missing_count": 1, "coverage": 40.0}]
        )
        self.assertIn("Not measured", dict(line._explain()))

    def test_too_little_coverage_holds_the_result_back(self):
        template = self.template.copy({"coverage_threshold": 50, "sequence": 1})
        template.action_set_ready()
        self.program.template_ids = template
        cycle = self.program._open_cycles([self.program._get_period(date(2026, 4, 1))])
        self._launch(cycle)
        review = self._move_to(self._review_of(self.anna, cycle), "ready")
        self.assertRecordValues(review, [{"blocked": True, "blocked_reason": "coverage"}])
        with self.assertRaisesRegex(UserError, "Anna"):
            review.with_user(self.hr_user).action_publish()
        self._line(review, self.visits).with_user(self.hr_user).write(
            {"excluded": True, "exclusion_reason": "Visits were not recorded in April"}
        )
        self.assertFalse(review.blocked)
        review.with_user(self.hr_user).action_publish()
        self.assertEqual(review.state, "published")

    def test_what_is_left_out_keeps_no_points(self):
        """The points of the lines add up to the score, a deduction left out among them."""
        self._add_facts(self.anna, self.visits, 20)
        self._add_facts(self.anna, self.late, 5)
        review = self._move_to(self.review, "ready")
        self.assertEqual(review.total, 82.8)
        left_out = self._line(review, self.visits) | self._line(review, self.late)
        left_out.with_user(self.hr_user).write({"excluded": True, "exclusion_reason": "Mistaken"})
        self.assertRecordValues(left_out, [{"scored": False, "points": 0, "met": False}] * 2)
        self.assertEqual(review.total, 80)
        self.assertNotIn("Points", dict(left_out[0]._explain()))
        left_out.with_user(self.hr_user).excluded = False
        self.assertEqual((review.total, sum(review.line_ids.mapped("points"))), (82.8, 82.8))

    def test_block_policy_waits_for_the_value(self):
        template = self.template.copy({"missing_policy": "block", "sequence": 1})
        template.action_set_ready()
        self.program.template_ids = template
        cycle = self.program._open_cycles([self.program._get_period(date(2026, 4, 1))])
        self._launch(cycle)
        review = self._move_to(self._review_of(self.anna, cycle), "ready")
        self.assertRecordValues(
            review, [{"blocked": True, "blocked_reason": "missing", "scored": False}]
        )
        # one held back does not keep the others: the cycle publishes who is ready
        cycle.with_user(self.hr_user).action_publish()
        self.assertEqual(review.state, "ready")

    def test_wc4_more_than_three_late_arrivals(self):
        """WC-4: three late arrivals cost nothing, the fourth 10 % of the score, once."""
        self._add_facts(self.anna, self.visits, 20)
        self._move_to(self.review, "manager")
        self._rate(self.review, 5)
        self._add_facts(self.anna, self.late, 3)
        self.review._refresh()
        self.assertEqual(self.review.total, 100)
        self._add_facts(self.anna, self.late, 1)
        self.review._refresh()
        self.assertRecordValues(self.review, [{"total": 90.0, "base_total": 100.0}])
        self._add_facts(self.anna, self.late, 3)
        self.review._refresh()
        self.assertEqual(self.review.total, 90)
        self.assertEqual(self._line(self.review, self.late).points, -10)

    def test_value_whose_rows_vanish_is_unknown_again(self):
        facts = self._add_facts(self.anna, self.visits, 20)
        self.review._refresh()
        line = self._line(self.review, self.visits)
        self.assertTrue(line.measured)
        facts.unlink()
        self.review._refresh()
        self.assertRecordValues(line, [{"measured": False, "points": 0, "scored": False}])

    def test_published_is_frozen_and_shows_the_difference(self):
        """Trap 12: what is published does not move when the records do."""
        self._add_facts(self.anna, self.visits, 10)
        self._move_to(self.review, "published")
        total, line = self.review.total, self._line(self.review, self.visits)
        self._add_facts(self.anna, self.visits, 5)
        self.review._refresh()
        self.cycle.with_user(self.hr_user).action_refresh()
        self.assertEqual(self.review.total, total)
        self.assertEqual(line.value, 10)
        self.visits._refresh_values(self.anna, self.cycle.date_from, self.cycle.date_to)
        self.assertRecordValues(line, [{"value": 10, "difference": 5, "has_difference": True}])

    def test_difference_enters_the_next_period_once(self):
        self._add_facts(self.anna, self.visits, 10)
        self._move_to(self.review, "published")
        self.assertEqual(self.review.total, 62)  # 10 of 20 visits: 30; 4 of 5: 32
        self._add_facts(self.anna, self.visits, 5)
        self.cycle.with_user(self.hr_user).action_recheck()
        self.assertRecordValues(
            self.review, [{"total": 62, "corrected_total": 77, "has_correction": True}]
        )
        with self.assertRaisesRegex(UserError, "running yet"):
            self.review.with_user(self.hr_user).action_carry_over()
        cycle = self.program._open_cycles([self.program._get_period(date(2026, 4, 1))])
        self._launch(cycle)
        self._add_facts(self.anna, self.visits, 20, day=date(2026, 4, 7))
        later = self._review_of(self.anna, cycle)
        self.review.with_user(self.hr_user).action_carry_over()
        self.review.with_user(self.hr_user).action_carry_over()
        self.assertFalse(self.review.has_correction)
        later._refresh()
        line = later.line_ids.filtered(lambda line: line.kind == "carry")
        self.assertRecordValues(line, [{"points": 15, "carried_from_id": self.review.id}])
        self.assertRecordValues(later, [{"base_total": 100, "total": 115}])
        self.assertIn("77", dict(line._explain())["Correction of 2026-03"])
        with self.assertRaises(UserError):
            self.review.with_user(self.manager.user_id).action_carry_over()

    def test_reopening_takes_a_right_and_a_reason_and_keeps_both_versions(self):
        self._move_to(self.review, "published")
        first = self.review.total
        with self.assertRaises(AccessError):
            self.review.with_user(self.hr_user)._transition("reopen", "Mistake")
        with self.assertRaises(UserError):
            self.review.with_user(self.hr_admin)._transition("reopen", " ")
        self.review.with_user(self.hr_admin)._transition("reopen", "Wrong rating")
        self.assertRecordValues(
            self.review, [{"state": "manager", "grade_id": False, "revision_count": 1}]
        )
        revision = self.review.revision_ids
        self.assertRecordValues(
            revision, [{"total": first, "reason": "Wrong rating", "user_id": self.hr_admin.id}]
        )
        lines = {line["metric"]: line for line in revision.payload["lines"]}
        self.assertEqual(lines["t_quality"]["manager_value"], 4)
        self._line(self.review, self.quality).with_user(self.manager.user_id).write(
            {"manager_value": 2, "manager_reason": "After a second look"}
        )
        self.review.with_user(self.manager.user_id).action_submit_scores()
        self.review.with_user(self.hr_user).action_publish()
        self.assertNotEqual(self.review.total, first)
        self.assertEqual(revision.total, first)

    def test_returning_and_cancelling_need_a_reason(self):
        self._move_to(self.review, "manager")
        as_manager = self.review.with_user(self.manager.user_id)
        action = as_manager.action_return_to_employee()
        with Form(
            self.env[action["res_model"]]
            .with_user(self.manager.user_id)
            .with_context(**action["context"])
        ) as form:
            form.reason = "Say more about quality"
        form.save().action_confirm()
        self.assertEqual(self.review.state, "self")
        self.assertIn("Say more about quality", self.review.message_ids[0].body)
        with self.assertRaises(AccessError):
            as_manager._transition("cancel", "Not wanted")
        self.review.with_user(self.hr_user)._transition("cancel", "Left the company")
        self.assertEqual(self.review.state, "cancelled")

    def test_what_hr_writes_to_the_manager_is_closed_to_the_employee(self):
        """By no route: note, field, search, groups, export, page; the manager reads it."""
        self._move_to(self.review, "ready")
        secret = "Too friendly with her"
        self.review.with_user(self.hr_user)._transition("return_to_manager", secret)
        anna = self.anna.user_id
        (anna | self.manager.user_id).group_ids += self.env.ref("base.group_allow_export")
        self.env.flush_all()
        for user, readable in ((anna, False), (self.manager.user_id, True)):
            review = self.review.with_user(user)
            review.env.invalidate_all()
            shown = [str(review._get_page_values()["return_reason"])]
            for name in ("return_reason", "manager_returns"):
                shown.append(str(review.read([name])))
                shown.append(str(review.export_data([name])["datas"]))
            self.assertEqual([secret in text for text in shown], [readable] * 5)
            self.assertNotIn(secret, str(review.message_ids.mapped("body")))
            for name in ("raw_return_reason", "raw_manager_returns"):
                with self.assertRaises(AccessError):
                    review.read([name])
                with self.assertRaises(AccessError):
                    review.search([(name, "ilike", secret)])

    def test_a_reason_is_found_after_the_review_has_moved_on(self):
        """He and HR read what was written to the manager, all what was written to the employee."""
        self._move_to(self.review, "ready")
        as_hr = self.review.with_user(self.hr_user)
        for reason in ("Too friendly with her", "Still too friendly"):
            as_hr._transition("return_to_manager", reason)
            self._move_to(self.review, "ready")
        self.assertFalse(self.review.return_reason, "the banner is gone when it moves on")
        self.env.flush_all()
        for user, readable in (
            (self.anna.user_id, False),
            (self.manager.user_id, True),
            (self.hr_user, True),
        ):
            returns = self.review.with_user(user).manager_returns or ""
            for reason in ("Too friendly with her", "Still too friendly"):
                self.assertEqual(reason in returns, readable, user.name)
        as_hr._transition("return_to_manager", "Say more about quality")
        self.review.with_user(self.manager.user_id)._transition("return_to_employee", "Why 4?")
        self._move_to(self.review, "ready")
        for user in (self.anna.user_id, self.manager.user_id):
            bodies = self.review.with_user(user).message_ids.mapped("body")
            self.assertIn("Why 4?", str(bodies))
        latest = self.review.with_user(self.manager.user_id).manager_returns.splitlines()[0]
        self.assertIn(self.hr_user.name, latest)
        self.assertIn("Say more about quality", latest)

    def test_agreed_target_and_chosen_manager_outlive_the_end_of_the_period(self):
        line = self._line(self.review, self.visits)
        line.with_user(self.manager.user_id).target = 12
        self.review.with_user(self.hr_user).manager_id = self.director
        self._move_to(self.review, "manager")
        self.assertEqual((line.target, line.base_target), (12, 12))
        self.assertEqual(self.review.manager_id, self.director)

    def test_an_impossible_move_is_refused_with_the_state(self):
        with self.assertRaisesRegex(UserError, "Goals to Confirm"):
            self.review.with_user(self.manager.user_id).action_submit_scores()

    def test_closing_needs_every_result_published(self):
        self._move_to(self.review, "published")
        with self.assertRaises(UserError):
            self.cycle.with_user(self.hr_user).action_close()
        for review in self.cycle.review_ids - self.review:
            review.with_user(self.hr_user)._transition("cancel", "Not this month")
        self.cycle.with_user(self.hr_user).action_close_early()
        self.assertEqual((self.cycle.state, self.review.state), ("closed", "closed"))

    def test_cycle_whose_reviews_are_all_cancelled_can_be_closed(self):
        for review in self.cycle.review_ids:
            review.with_user(self.hr_user)._transition("cancel", "Not this month")
        self.cycle.with_user(self.hr_user).action_close()
        self.assertEqual(self.cycle.state, "closed")

    @freeze_time("2026-05-20 02:00:00")
    def test_appeal_window_over_closes_the_cycle(self):
        for review in self.cycle.review_ids - self.review:
            review.with_user(self.hr_user)._transition("cancel", "Not this month")
        self._move_to(self.review, "published")
        self.assertEqual(self.cycle.state, "published")
        with self.enter_registry_test_mode():
            self.env.ref("hr_performance.ir_cron_advance").method_direct_trigger()
        self.assertEqual(self.cycle.state, "closed")


@tagged("post_install", "-at_install")
class TestRankAndGrade(PerformanceCase):
    def _publish_all(self, **ratings):
        self._launch()
        for employee in (self.director, self.manager, self.anna, self.bo):
            review = self._review_of(employee)
            review.sudo()._transition("confirm_goals")
            review.sudo()._transition("start_assessment")
            review.sudo()._transition("skip_self")
            self._rate(review, ratings[employee.name])
            review.sudo()._transition("submit_scores")
        self.cycle.with_user(self.hr_user).action_publish()
        return {r.employee_id.name: r for r in self.cycle.review_ids}

    def test_rank_inside_the_department_with_ties(self):
        self.program.rank_group = "cycle"
        reviews = self._publish_all(Director=5, Manager=4, Anna=4, Bo=3)
        self.assertEqual(
            {name: r.rank for name, r in reviews.items()},
            {"Director": 1, "Manager": 2, "Anna": 2, "Bo": 4},
        )
        self.assertEqual(reviews["Bo"].rank_display, "4 of 4")

    def test_rank_group_is_the_department(self):
        reviews = self._publish_all(Director=5, Manager=4, Anna=3, Bo=4)
        self.assertEqual(
            {name: (r.rank, r.rank_count) for name, r in reviews.items()},
            {"Director": (1, 2), "Manager": (2, 2), "Anna": (2, 2), "Bo": (1, 2)},
        )

    def test_band_and_none_hide_the_rank_from_the_data(self):
        self.program.write({"rank_group": "cycle", "rank_display": "band"})
        reviews = self._publish_all(Director=5, Manager=4, Anna=3, Bo=2)
        bo = reviews["Bo"].with_user(self.bo.user_id)
        self.assertEqual(bo.read(["rank", "rank_count"])[0]["rank"], 0)
        self.assertEqual(bo.rank_band, "lower")
        with self.assertRaises(AccessError):
            bo.read(["full_rank"])

    def test_nothing_of_rank_and_grade_is_out_before_publication(self):
        self._launch()
        review = self._move_to(self._review_of(self.anna), "ready")
        self.assertTrue(review.full_grade_id)
        values = review.with_user(self.anna.user_id).read(["rank", "grade_id", "rank_band"])[0]
        self.assertFalse(values["rank"] or values["grade_id"] or values["rank_band"])
        with self.assertRaises(AccessError):
            review.with_user(self.anna.user_id).read(["full_grade_id"])

    def test_scale_changed_later_leaves_the_result(self):
        """Trap 3: a result keeps its grade when the scale is changed."""
        reviews = self._publish_all(Director=5, Manager=5, Anna=5, Bo=5)
        grade = reviews["Anna"].grade_id
        self.template.scale_id.grade_ids.filtered(lambda g: g.min_score == 90).min_score = 101
        self.assertEqual(reviews["Anna"].grade_id, grade)

    def test_strengths_and_weaknesses(self):
        self._launch()
        review = self._review_of(self.anna)
        self._add_facts(self.anna, self.visits, 25)
        self._move_to(review, "manager")
        self._rate(review, 2)
        self.assertEqual(review.strength_ids.metric_id, self.visits)
        self.assertEqual(review.weakness_ids.metric_id, self.quality)


@tagged("post_install", "-at_install")
class TestTemplate(PerformanceCase):
    def test_wc6_adding_ten_percent_is_refused_and_rebalanced_by_one_click(self):
        """WC-6: 30/40/30 + 10 is refused; in proportion it is 27/36/27/10."""
        metrics = self.env["hr.performance.metric"].create(
            [{"name": f"M{i}", "code": f"wc6_{i}"} for i in range(4)]
        )
        template = self.env["hr.performance.template"].create(
            {
                "name": "Photo studio",
                "line_ids": [
                    Command.create({"metric_id": m.id, "weight": w, "target": 1})
                    for m, w in zip(metrics, (30, 40, 30), strict=False)
                ],
            }
        )
        template.action_set_ready()
        template.action_set_draft()
        template.line_ids = [
            Command.create({"metric_id": metrics[3].id, "weight": 10, "target": 1})
        ]
        self.assertEqual(template.weight_total, 110)
        with self.assertRaisesRegex(Exception, "must total 100") as caught:
            template.action_set_ready()
        action = caught.exception.args[1]
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
        self.assertEqual(wizard.line_ids.mapped("proposed"), [27, 36, 27, 10])
        wizard.action_apply()
        self.assertEqual(template.line_ids.mapped("weight"), [27, 36, 27, 10])
        template.action_set_ready()
        self.assertEqual(template.state, "ready")

    def test_no_band_is_added_to_a_used_template(self):
        self._launch()
        with self.assertRaises(UserError):
            self.env["hr.performance.template.band"].create(
                {"line_id": self.template.line_ids[0].id, "lower": 0, "share": 100}
            )

    def test_ready_without_100_is_refused_by_every_route(self):
        with self.assertRaises(ValidationError):
            self.env["hr.performance.template"].create(
                {
                    "name": "Half",
                    "state": "ready",
                    "line_ids": [
                        Command.create({"metric_id": self.visits.id, "weight": 50, "target": 1})
                    ],
                }
            )
        with self.assertRaises(UserError):
            self.template.line_ids[0].weight = 50
        with self.assertRaises(UserError):
            self.template.line_ids[0].unlink()

    def test_minimum_process_share(self):
        template = self.template.copy({"min_process_share": 30})
        self.assertEqual((template.process_share, template.result_share), (0, 100))
        with self.assertRaisesRegex(Exception, "Process"):
            template.action_set_ready()
        self.quality.kind = "process"
        template.action_set_ready()
        self.assertEqual(template.process_share, 40)

    def test_a_used_template_changes_by_a_new_version_only(self):
        self._launch()
        with self.assertRaisesRegex(UserError, "new version"):
            self.template.action_set_draft()
        with self.assertRaises(UserError):
            self.template.missing_policy = "block"
        action = self.template.action_new_version()
        version = self.env["hr.performance.template"].browse(action["res_id"])
        self.assertRecordValues(
            version, [{"version": 2, "root_id": self.template.id, "state": "draft"}]
        )
        version.line_ids.filtered(lambda line: line.metric_id == self.visits).target = 30
        version.date_from = date(2026, 4, 1)
        version.action_set_ready()
        march = self.env["hr.performance.template"]._pick(
            self.company, [(self.anna.id, False, self.sales_east.id)], date(2026, 3, 31)
        )
        april = self.env["hr.performance.template"]._pick(
            self.company, [(self.anna.id, False, self.sales_east.id)], date(2026, 4, 30)
        )
        self.assertEqual(march[self.anna.id], self.template)
        self.assertEqual(april[self.anna.id], version)
        self.assertEqual(self._line(self._review_of(self.anna), self.visits).target, 20)

    def test_a_new_version_has_its_name_in_every_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.template.update_field_translations("name", {"zh_CN": "销售考核"})
        english = self.template.name
        action = self.template.with_context(lang="zh_CN").action_new_version()
        version = self.env["hr.performance.template"].browse(action["res_id"])
        self.assertEqual(version.with_context(lang="zh_CN").name, "销售考核")
        self.assertEqual(version.with_context(lang="en_US").name, english)

    def test_job_goes_before_the_nearest_department_before_the_rest(self):
        job = self.env["hr.job"].create({"name": "Guide", "company_id": self.company.id})

        def make(name, **vals):
            template = self.template.copy({"name": name, "department_ids": [], **vals})
            template.action_set_ready()
            return template

        general = make("General")
        east = make("East", department_ids=[Command.set(self.sales_east.ids)])
        guide = make("Guide", job_ids=[Command.set(job.ids)])
        picked = self.env["hr.performance.template"]._pick(
            self.company,
            [
                (1, job.id, self.sales_east.id),
                (2, False, self.sales_east.id),
                (3, False, self.sales.id),
                (4, False, self.works.id),
                (5, False, False),
            ],
            date(2026, 3, 31),
        )
        self.assertEqual(picked, {1: guide, 2: east, 3: self.template, 4: general, 5: general})

    def test_scale_covers_every_score_once(self):
        scale = self.env.ref("hr_performance.scale_default")
        with self.assertRaises(ValidationError):
            scale.grade_ids[0].share_guide = 50
            scale._check_grades()
