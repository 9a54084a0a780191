from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import PerformanceCase

NOW = "2026-03-12 02:00:00"


class FeedbackCase(PerformanceCase):
    def _give(self, user, employee=None, **vals):
        return (
            self.env["hr.performance.feedback"]
            .with_user(user)
            .create(
                {"employee_id": (employee or self.anna).id, "text": "The shooting ran late", **vals}
            )
        )

    def _ask(self, user, giver, employee=None, **vals):
        return (
            self.env["hr.performance.feedback.request"]
            .with_user(user)
            .create({"employee_id": (employee or self.anna).id, "giver_id": giver.id, **vals})
        )

    def _told(self, code):
        return (
            self.env["hr.performance.message"]
            .search([("type_id.code", "=", code)])
            .mapped("user_id")
        )


@tagged("post_install", "-at_install")
class TestFeedback(FeedbackCase):
    @freeze_time(NOW)
    def test_given_at_once_and_read_at_once(self):
        feedback = self._give(
            self.manager.user_id, rating="2", metric_id=self.quality.id, text="One day late"
        )
        self.assertRecordValues(
            feedback,
            [
                {
                    "giver_id": self.manager.user_id.id,
                    "relation": "manager",
                    "released": True,
                    "company_id": self.company.id,
                    "date": date(2026, 3, 12),
                }
            ],
        )
        mine = self.env["hr.performance.feedback"].with_user(self.anna.user_id).search([])
        self.assertEqual((mine.text, mine.rating), ("One day late", "2"))
        mine.reply = "I will call the customer a day before"
        self.assertEqual(feedback.reply, "I will call the customer a day before")
        self.assertEqual(self._told("feedback_received"), self.anna.user_id)

    @freeze_time(NOW)
    def test_programme_goes_before_the_company(self):
        self.company.performance_feedback_release = "direct"
        self.program.feedback_release = "release"
        self._launch()
        held = self._give(self.manager.user_id)
        self.assertFalse(held.released)
        earlier = self._give(self.manager.user_id, date="2026-02-10")
        self.assertTrue(earlier.released, "no programme covers that day")
        self.company.performance_feedback_release = "release"
        self.program.feedback_release = "direct"
        self.assertTrue(self._give(self.manager.user_id).released)
        self.program.feedback_release = False
        self.assertFalse(self._give(self.manager.user_id).released)

    @freeze_time(NOW)
    def test_publication_releases_what_was_held_back(self):
        self.company.performance_feedback_release = "release"
        self._launch()
        review = self._review_of(self.anna)
        held = self._give(self.bo.user_id)
        other = self._give(self.bo.user_id, date="2026-02-10")
        self._add_facts(self.anna, self.visits, 20)
        self._move_to(review, "ready")
        self.assertFalse(held.released)
        self.assertFalse(self._told("feedback_received"))
        self._move_to(review, "published")
        self.assertTrue(held.released)
        self.assertFalse(other.released, "not of this period")
        self.assertEqual(self._told("feedback_received"), self.anna.user_id)

    @freeze_time(NOW)
    def test_shown_beside_the_line_and_changes_no_score(self):
        self._launch()
        review = self._review_of(self.anna)
        self._add_facts(self.anna, self.visits, 10)
        self._move_to(review, "manager")
        self._rate(review)
        line = self._line(review, self.quality)
        before = (review.total, line.points, line.actual, review.coverage)
        dimension = self.env["hr.performance.dimension"].create({"name": "Care"})
        self.quality.dimension_id = dimension
        about_metric = self._give(self.director.user_id, rating="1", metric_id=self.quality.id)
        about_side = self._give(self.bo.user_id, rating="1", dimension_id=dimension.id)
        self._give(self.bo.user_id, rating="1", metric_id=self.visits.id)
        self._give(self.bo.user_id, date="2026-02-27", metric_id=self.quality.id)
        seen = line.with_user(self.manager.user_id)
        self.assertEqual(seen.feedback_ids, about_metric | about_side)
        self.assertEqual(seen.feedback_count, 2)
        self.assertEqual(len(review.with_user(self.manager.user_id).feedback_ids), 3)
        review.with_user(self.manager.user_id).action_refresh()
        self.assertEqual((review.total, line.points, line.actual, review.coverage), before)
        form = Form(seen)
        self.assertEqual(len(form.feedback_ids), 2)

    @freeze_time(NOW)
    def test_request_is_answered(self):
        self.company.performance_feedback_open = False
        with self.assertRaises(AccessError):
            self._give(self.carl.user_id)
        request = self._ask(
            self.anna.user_id,
            self.carl.user_id,
            question="How was the fair?",
            deadline="2026-03-20",
        )
        self.assertEqual(self._told("feedback_asked"), self.carl.user_id)
        action = request.with_user(self.carl.user_id).action_answer()
        form = Form(
            self.env["hr.performance.feedback"]
            .with_user(self.carl.user_id)
            .with_context(**action["context"])
        )
        form.text = "You knew every price"
        feedback = form.save()
        self.assertRecordValues(
            feedback, [{"relation": "asked", "request_id": request.id, "employee_id": self.anna.id}]
        )
        self.assertEqual(request.state, "answered")
        self.assertEqual(self._told("feedback_closed"), self.anna.user_id)
        with self.assertRaises(AccessError):
            self._give(self.carl.user_id), "once asked is not asked for ever"
        with self.assertRaises(UserError):
            request.with_user(self.carl.user_id).action_decline()

    @freeze_time(NOW)
    def test_request_is_declined_or_taken_back(self):
        request = self._ask(self.anna.user_id, self.carl.user_id)
        asked = request.with_user(self.carl.user_id)
        asked.decline_reason = "I was away"
        asked.action_decline()
        self.assertEqual((request.state, request.decline_reason), ("declined", "I was away"))
        other = self._ask(self.anna.user_id, self.bo.user_id)
        with self.assertRaises(AccessError):
            other.with_user(self.bo.user_id).action_cancel()
        other.with_user(self.anna.user_id).action_cancel()
        self.assertEqual(other.state, "cancelled")
        with self.assertRaises(AccessError):
            self._give(self.bo.user_id, request_id=other.id)

    @freeze_time(NOW)
    def test_several_people_are_asked_at_once(self):
        ask = (
            self.env["hr.performance.feedback.ask"]
            .with_user(self.anna.user_id)
            .create(
                {
                    "user_ids": [Command.set((self.bo.user_id | self.carl.user_id).ids)],
                    "question": "What should I do better?",
                }
            )
        )
        ask.action_ask()
        requests = self.env["hr.performance.feedback.request"].search([])
        self.assertEqual(requests.giver_id, self.bo.user_id | self.carl.user_id)
        self.assertEqual(requests.requester_id, self.anna.user_id)

    def test_reminders_come_once_each_and_stop_with_the_answer(self):
        with freeze_time(NOW):
            self._ask(self.anna.user_id, self.bo.user_id, deadline="2026-03-20")
            answered = self._ask(self.anna.user_id, self.carl.user_id, deadline="2026-03-20")
            self._give(self.carl.user_id)
            self.assertEqual(answered.state, "answered")
        Message = self.env["hr.performance.message"]
        counts = []
        for day in ("17", "18", "19", "20", "21", "25"):
            with freeze_time(f"2026-03-{day} 02:00:00"), self.enter_registry_test_mode():
                self.env.ref("hr_performance.ir_cron_remind_feedback").method_direct_trigger()
            counts.append(Message.search_count([("type_id.code", "=", "feedback_due")]))
        self.assertEqual(counts, [0, 1, 1, 1, 2, 2])
        self.assertEqual(self._told("feedback_due"), self.bo.user_id)

    @freeze_time(NOW)
    def test_giver_corrects_himself_for_a_day(self):
        feedback = self._give(self.bo.user_id)
        feedback.text = "The shooting ran one hour late"
        with freeze_time("2026-03-13 02:01:00"):
            feedback.invalidate_recordset()
            self.assertFalse(feedback.can_edit)
            with self.assertRaises(AccessError):
                feedback.text = "All was well"
            with self.assertRaises(AccessError):
                feedback.unlink()
        feedback.unlink()

    @freeze_time(NOW)
    def test_what_makes_no_sense_is_refused(self):
        for vals in ({"text": "  "}, {"date": "2026-03-13"}):
            with self.assertRaises(ValidationError):
                self._give(self.bo.user_id, **vals)
        with self.assertRaises(AccessError):
            self._give(self.anna.user_id)
        with self.assertRaises(ValidationError):
            self._ask(self.anna.user_id, self.anna.user_id)
        with self.assertRaises(UserError):
            self._ask(self.anna.user_id, self.bo.user_id, deadline="2026-03-11")

    # The menu of records

    @freeze_time(NOW)
    def test_menu_of_chosen_records(self):
        """HR chooses a model in the browser; its menu then gives feedback on the responsible."""
        entry = (
            self.env["hr.performance.feedback.model"]
            .with_user(self.hr_admin)
            .create({"model_id": self.env["ir.model"]._get_id("hr.performance.evidence")})
        )
        self.assertEqual(entry.person_field_id.name, "employee_id")
        action = entry.sudo().action_id
        self.assertEqual(action.binding_model_id, entry.model_id)
        self._launch()
        review = self._review_of(self.anna)
        evidence = (
            self.env["hr.performance.evidence"]
            .with_user(self.anna.user_id)
            .create(
                {
                    "review_line_id": self._line(review, self.visits).id,
                    "date": "2026-03-10",
                    "description": "Fair",
                }
            )
        )
        manager = self.manager.user_id
        bindings = self.env["ir.actions.actions"].with_user(manager).get_bindings(evidence._name)
        self.assertIn(action.id, [b["id"] for b in bindings["action"]])
        opened = (
            self.env["ir.actions.server"]
            .with_user(manager)
            .browse(action.id)
            .with_context(active_model=evidence._name, active_id=evidence.id)
            .run()
        )
        form = Form(
            self.env["hr.performance.feedback"].with_user(manager).with_context(**opened["context"])
        )
        self.assertEqual(form.employee_id.id, self.anna.id)
        form.text = "Well prepared"
        feedback = form.save()
        self.assertEqual((feedback.res_model, feedback.res_id), (evidence._name, evidence.id))
        self.assertEqual(feedback.source_name, evidence.display_name)
        self.assertEqual(feedback.action_open_source()["res_id"], evidence.id)
        stranger = self.env["ir.actions.server"].with_user(self.carl.user_id).browse(action.id)
        with self.assertRaises(AccessError):
            stranger.with_context(active_model=evidence._name, active_id=evidence.id).run()
        with self.assertRaises(AccessError):
            self._give(
                self.carl.user_id, self.bo, res_model="hr.performance.evidence", res_id=evidence.id
            )
        entry.unlink()
        self.assertFalse(action.exists())

    def test_button_of_the_chatter_is_for_who_may_give(self):
        """Nobody is offered what would be refused; the client learns it once, when it opens."""
        Entry = self.env["hr.performance.feedback.model"]
        entry = Entry.create({"model_id": self.env["ir.model"]._get_id("res.partner")})

        def offered(user):
            return Entry.with_user(user)._get_buttons().get("res.partner", False)

        bo, carl, action = self.bo.user_id, self.carl.user_id, entry.action_id.id
        self.company.performance_feedback_open = False
        self.assertEqual(offered(self.manager.user_id), action)
        self.assertEqual(offered(self.hr_user), action)
        self.assertFalse(offered(bo))
        request = self._ask(self.anna.user_id, bo)
        self.assertEqual(offered(bo), action)
        request.with_user(self.anna.user_id).action_cancel()
        self.assertFalse(offered(bo))
        self.company.performance_feedback_open = True
        self.assertEqual(offered(carl), action)
        self.assertFalse(offered(self._create_user("perf_nobody")))
        entry.model_id = self.env["ir.model"]._get("res.groups")
        self.assertFalse(offered(carl))
        entry.unlink()
        self.assertNotIn("res.groups", Entry.with_user(carl)._get_buttons())

    @freeze_time(NOW)
    def test_person_of_a_record_is_found_through_users(self):
        """Tasks, leads and orders name users; the giver himself is passed over."""
        Entry = self.env["hr.performance.feedback.model"]
        Entry.create({"model_id": self.env["ir.model"]._get_id("res.groups")})
        group = self.env["res.groups"].create(
            {"name": "Team", "user_ids": (self.manager.user_id | self.bo.user_id).ids}
        )
        person = Entry.with_user(self.manager.user_id)._get_person(group)
        self.assertEqual(person, self.bo)

    # The loop

    @freeze_time("2026-04-02 02:00:00")
    def test_from_feedback_to_plan_to_feedback(self):
        feedback = self._give(
            self.manager.user_id,
            metric_id=self.late.id,
            text="One day late: plan your time",
            rating="2",
        )
        plan = self.env["hr.performance.plan"].browse(feedback.action_create_plan()["res_id"])
        self.assertRecordValues(
            plan,
            [
                {
                    "employee_id": self.anna.id,
                    "feedback_id": feedback.id,
                    "goal": "One day late: plan your time",
                    "state": "draft",
                }
            ],
        )
        self.assertFalse(plan.metric_id, "no review measures it yet")
        self.assertEqual(feedback.action_create_plan()["res_id"], plan.id)
        with freeze_time("2026-03-20 02:00:00"):
            self._launch()
        rated = self._give(self.manager.user_id, metric_id=self.visits.id)
        plan = self.env["hr.performance.plan"].browse(rated.action_create_plan()["res_id"])
        self.assertEqual((plan.metric_id, plan.target), (self.visits, 20))
        own = self._give(self.bo.user_id).with_user(self.anna.user_id)
        plan = self.env["hr.performance.plan"].browse(own.action_create_plan()["res_id"])
        self.assertEqual((plan.kind, plan.employee_id), ("development", self.anna))

    @freeze_time(NOW)
    def test_queries_do_not_grow_with_the_people(self):
        self.env["hr.employee"].create(
            [
                {"name": f"P{n}", "company_id": self.company.id, "department_id": self.sales.id}
                for n in range(100)
            ]
        )
        reviews = self._launch()
        self.env["hr.performance.feedback"].with_user(self.hr_user).create(
            [
                {"employee_id": r.employee_id.id, "text": "Good", "metric_id": self.quality.id}
                for r in reviews
            ]
        )

        def count(lines):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            lines = lines.with_user(self.hr_user)
            self.assertEqual(set(lines.mapped("feedback_count")), {1})
            return self.cr.sql_log_count - before

        lines = reviews.line_ids.filtered(lambda line: line.metric_id == self.quality)
        self.assertGreater(len(lines), 100)
        count(lines[:1])  # what is remembered once for all
        self.assertLessEqual(count(lines[:100]), count(lines[10:20]))
