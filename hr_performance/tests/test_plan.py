from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PerformanceCase

#: 10:00 in Shanghai on the day after the month under review.
AFTER_MARCH = "2026-04-02 02:00:00"


class PlanCase(PerformanceCase):
    """The studio's story: customers rate a photographer's work, 3.8 where 4.5 is wanted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.satisfaction = cls.env["hr.performance.metric"].create(
            {
                "name": "Satisfaction",
                "code": "t_satisfaction",
                "source": "fact",
                "aggregate": "avg",
                "unit": "rating",
            }
        )
        cls.returning = cls.env["hr.performance.metric"].create(
            {
                "name": "Returning customers",
                "code": "t_returning",
                "source": "fact",
                "aggregate": "avg",
                "unit": "percent",
            }
        )
        cls.template.action_set_draft()
        cls.template.line_ids.filtered(lambda line: line.metric_id == cls.visits).weight = 30
        cls.template.line_ids = [
            Command.create({"metric_id": cls.satisfaction.id, "weight": 30, "target": 4.5})
        ]
        cls.template.action_set_ready()

    def _survey(self, month, *ratings, employee=None, metric=None):
        self._add_facts(
            employee or self.anna,
            metric or self.satisfaction,
            *ratings,
            day=date(2026, month, 10),
        )

    def _get_weak_line(self):
        self._survey(3, 3.6, 4.0)
        self._launch()
        review = self._review_of(self.anna)
        review._refresh()
        return self._line(review, self.satisfaction)

    def _make_plan(self, user=None, **vals):
        """A running plan of anna, made by her manager."""
        plan = (
            self.env["hr.performance.plan"]
            .with_user(user or self.manager.user_id)
            .create(
                {
                    "name": "Satisfied customers",
                    "employee_id": self.anna.id,
                    "metric_id": self.satisfaction.id,
                    "target": 4.5,
                    "date_start": "2026-04-02",
                    "date_end": "2026-06-30",
                    **vals,
                }
            )
        )
        plan.action_start()
        return plan

    def _run(self, cron):
        with self.enter_registry_test_mode():
            self.env.ref(f"hr_performance.{cron}").method_direct_trigger()

    def _values(self, plan, metric=None):
        points = plan.checkpoint_ids.filtered(
            lambda point: point.metric_id == (metric or self.satisfaction)
        )
        return [point.value if point.measured else None for point in points.sorted("date_from")]


@tagged("post_install", "-at_install")
class TestPlan(PlanCase):
    @freeze_time(AFTER_MARCH)
    def test_the_story_from_a_weak_line_to_a_recovered_metric(self):
        """3.8 → 4.3 → 4.5: one click on the line, the months fill themselves, the plan closes."""
        line = self._get_weak_line()
        self.assertAlmostEqual(line.actual, 3.8)
        action = line.with_user(self.manager.user_id).action_create_plan()
        plan = self.env["hr.performance.plan"].browse(action["res_id"])
        plan = plan.with_user(self.manager.user_id)
        self.assertRecordValues(
            plan,
            [
                {
                    "employee_id": self.anna.id,
                    "metric_id": self.satisfaction.id,
                    "target": 4.5,
                    "state": "draft",
                    "date_start": date(2026, 4, 2),
                }
            ],
        )
        self.assertEqual(
            line.with_user(self.manager.user_id).action_create_plan()["res_id"], plan.id
        )
        plan.effect_metric_ids = self.returning
        plan.step_ids = [
            Command.create({"name": "Confirm the time one day before", "repeat": "daily"})
        ]
        self._survey(3, 20, metric=self.returning)
        plan.action_start()
        self.assertEqual(self._values(plan), [3.8, None, None, None, None])
        self._survey(4, 4.2, 4.4)
        with freeze_time("2026-05-02 02:00:00"):
            self._run("ir_cron_follow_plans")
            self.assertEqual(self._values(plan), [3.8, 4.3, None, None, None])
            self.assertFalse(plan.reached_on)
        self._survey(5, 4.5)
        self._survey(5, 30, metric=self.returning)
        with freeze_time("2026-05-20 02:00:00"):
            plan.action_refresh()
            self.assertFalse(plan.reached_on, "the month is not over yet")
        with freeze_time("2026-06-02 02:00:00"):
            plan.action_refresh()
            self.assertEqual(self._values(plan), [3.8, 4.3, 4.5, None, None])
            self.assertEqual(self._values(plan, self.returning), [20, None, 30, None, None])
            self.assertEqual(plan.reached_on, date(2026, 6, 2))
            self.assertEqual(plan.effect_text, "3.8 points → 4.3 points → 4.5 points")
            self.assertEqual((plan.before, plan.now), (3.8, 4.5))
            self.assertEqual(plan.state, "running", "the manager decides")
            plan.action_recover()
        self.assertEqual(plan.state, "recovered")
        self.assertEqual(plan.closed_by_id, self.manager.user_id)
        self.assertEqual(
            [p["value"] for p in plan.chart["series"][0]["points"]],
            [3.8, 4.3, 4.5, None, None],
        )

    @freeze_time("2026-05-02 02:00:00")
    def test_a_closed_plan_does_not_move_with_its_records(self):
        self._survey(4, 4.6)
        plan = self._make_plan()
        self.assertEqual(self._values(plan)[1], 4.6)
        plan.action_recover()
        self._survey(4, 1.0)
        plan.action_refresh()
        self._run("ir_cron_follow_plans")
        self.assertEqual(self._values(plan)[1], 4.6)

    @freeze_time("2026-05-02 02:00:00")
    def test_plans_close_by_themselves_where_the_company_wants_it(self):
        self.company.performance_plan_auto_close = True
        self._survey(4, 4.6)
        plan = self._make_plan()
        self.assertEqual(plan.state, "recovered")

    @freeze_time("2026-06-02 02:00:00")
    def test_a_metric_that_falls_back_has_not_recovered(self):
        self._survey(4, 4.6)
        self._survey(5, 4.0)
        plan = self._make_plan()
        self.assertFalse(plan.reached_on)
        plan.target = 4.0
        plan.action_refresh()
        self.assertTrue(plan.reached_on)
        plan.needed_checkpoints = 3
        plan.action_refresh()
        self.assertFalse(plan.reached_on)

    @freeze_time("2026-05-02 02:00:00")
    def test_lower_is_better(self):
        """30 minutes of waiting become 15."""
        self._add_facts(self.anna, self.late, 30, day=date(2026, 3, 10))
        self._add_facts(self.anna, self.late, 15, day=date(2026, 4, 10))
        plan = self._make_plan(metric_id=self.late.id, target=15)
        self.assertEqual(self._values(plan, self.late)[:2], [30, 15])
        self.assertTrue(plan.reached_on)
        self.assertEqual(plan.target_text, "≤ 15")

    @freeze_time("2026-05-02 02:00:00")
    def test_metric_entered_by_hand(self):
        """Its checkpoints come from published reviews of the period, or from the manager."""
        self._launch()
        review = self._review_of(self.anna)
        self._survey(3, 4)
        self._add_facts(self.anna, self.visits, 20)
        self._move_to(review, "published")
        plan = self._make_plan(metric_id=self.quality.id)
        self.assertEqual(self._values(plan, self.quality), [4.0, None, None, None])
        april = plan.checkpoint_ids.sorted("date_from")[1]
        with self.assertRaises(AccessError):
            april.with_user(self.anna.user_id).value = 5
        self.assertFalse(april.with_user(self.anna.user_id).can_enter)
        april.with_user(self.manager.user_id).value = 4.5
        self.assertEqual(self._values(plan, self.quality)[:2], [4.0, 4.5])
        self.assertTrue(plan.reached_on)
        plan.action_refresh()
        self.assertEqual(self._values(plan, self.quality)[:2], [4.0, 4.5], "what is given stands")
        measured = self._make_plan(employee_id=self.bo.id).checkpoint_ids[:1]
        with self.assertRaises(AccessError):
            measured.with_user(self.manager.user_id).value = 5

    @freeze_time("2026-04-02 02:00:00")
    def test_checkpoints_follow_the_dates_of_the_plan(self):
        plan = self._make_plan()
        self.assertEqual(len(plan.checkpoint_ids), 4)
        plan.date_end = "2026-05-15"
        self.assertEqual(len(plan.checkpoint_ids), 3)
        plan.cadence = "weekly"
        self.assertEqual(
            set(plan.checkpoint_ids.mapped(lambda p: (p.date_to - p.date_from).days)), {6}
        )

    @freeze_time("2026-04-05 02:00:00")
    def test_steps_are_ticked_off_day_by_day(self):
        plan = self._make_plan(
            step_ids=[
                Command.create(
                    {"name": "Plan the day", "repeat": "daily", "date_start": "2026-04-02"}
                )
            ]
        )
        step = plan.step_ids.with_user(self.anna.user_id)
        self.assertEqual((step.due_count, step.is_due_today), (3, True), "today is not over")
        step.action_check_in()
        self.assertEqual((step.done_count, step.is_done_today, step.due_count), (1, True, 4))
        self.assertEqual(step.checkin_ids.user_id, self.anna.user_id)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            step.action_check_in()
        Checkin = self.env["hr.performance.plan.checkin"].with_user(self.anna.user_id)
        for day in ("2026-04-06", "2026-04-01"):
            with self.assertRaises(ValidationError):
                Checkin.create({"step_id": step.id, "date": day})
        Checkin.create({"step_id": step.id, "date": "2026-04-03", "note": "Late, but done"})
        self.assertEqual(step.progress_text, "2 of 4")

    @freeze_time("2026-04-05 02:00:00")
    def test_a_step_of_somebody_else(self):
        """Whoever does a step sees and ticks off the step, and nothing else of the plan."""
        plan = self._make_plan(
            step_ids=[Command.create({"name": "Show Anna", "user_id": self.carl.user_id.id})]
        )
        carl = self.carl.user_id
        step = self.env["hr.performance.plan.step"].with_user(carl).search([])
        self.assertEqual(step.name, "Show Anna")
        step.action_check_in()
        self.assertTrue(step.is_done_today)
        self.assertFalse(self.env["hr.performance.plan"].with_user(carl).search([]))
        self.assertFalse(self.env["hr.performance.plan.checkpoint"].with_user(carl).search([]))
        with self.assertRaises(AccessError):
            plan.with_user(carl).read(["target"])

    @freeze_time("2026-04-02 02:00:00")
    def test_personal_development_is_the_same_without_a_metric(self):
        anna = self.anna.user_id
        plan = (
            self.env["hr.performance.plan"]
            .with_user(anna)
            .create(
                {
                    "name": "Learn lighting",
                    "step_ids": [Command.create({"name": "Course", "is_training": True})],
                }
            )
        )
        self.assertEqual((plan.employee_id, plan.kind), (self.anna, "development"))
        self.assertEqual(plan.manager_id, self.manager)
        plan.action_start()
        self.assertFalse(plan.checkpoint_ids)
        plan.step_ids.action_check_in()
        plan.name = "Learn to light a room"
        with self.assertRaises(AccessError):
            plan.action_recover()
        plan.with_user(self.manager.user_id).action_recover()
        self.assertEqual(plan.state, "recovered")

    @freeze_time("2026-04-02 02:00:00")
    def test_employee_proposes_and_does_not_choose_what_is_good(self):
        line = self._get_weak_line()
        anna = self.anna.user_id
        plan = self.env["hr.performance.plan"].browse(
            line.with_user(anna).action_create_plan()["res_id"]
        )
        self.assertEqual(plan.target, 4.5)
        with self.assertRaises(AccessError):
            plan.with_user(anna).target = 1
        with self.assertRaises(AccessError):
            plan.with_user(anna).action_start()
        cheap = (
            self.env["hr.performance.plan"]
            .with_user(anna)
            .create({"name": "Cheap", "metric_id": self.satisfaction.id, "target": 1})
        )
        self.assertEqual(cheap.target, 4.5)
        with self.assertRaises(UserError):
            self.env["hr.performance.plan"].with_user(anna).create(
                {"name": "Unknown", "metric_id": self.returning.id, "target": 1}
            )
        plan.with_user(self.manager.user_id).action_start()
        self.assertEqual(plan.state, "running")

    @freeze_time("2026-05-02 02:00:00")
    def test_ending_without_success_needs_a_conclusion(self):
        plan = self._make_plan()
        with self.assertRaises(UserError):
            plan.action_end()
        plan.closing_note = "Two months were too short"
        plan.action_end()
        self.assertEqual(plan.state, "ended")
        with self.assertRaises(AccessError):
            plan.target = 3
        plan.action_reopen()
        self.assertEqual((plan.state, plan.closed_on), ("running", False))

    @freeze_time("2026-04-05 02:00:00")
    def test_people_are_told_once(self):
        plan = self._make_plan(
            date_end="2026-04-10",
            step_ids=[
                Command.create(
                    {"name": "Plan the day", "repeat": "daily", "date_start": "2026-04-02"}
                )
            ],
        )
        Message = self.env["hr.performance.message"]

        def told(code):
            return Message.search([("type_id.code", "=", code)]).mapped("user_id")

        self.assertEqual(told("plan_started"), self.anna.user_id)
        for _run in range(2):
            self._run("ir_cron_remind_plans")
        self.assertEqual(told("plan_step"), self.anna.user_id)
        self.assertEqual(Message.search_count([("type_id.code", "=", "plan_step")]), 1)
        plan.step_ids.with_user(self.anna.user_id).action_check_in()
        with freeze_time("2026-04-11 02:00:00"):
            self._run("ir_cron_remind_plans")
            self.assertTrue(plan.is_late)
        self.assertEqual(told("plan_late"), self.manager.user_id)
        plan.note_ids = [Command.create({"text": "Well begun"})]
        self.assertEqual(told("plan_note"), self.anna.user_id)
        self.assertTrue(plan.note_ids.is_follow_up)

    @freeze_time("2026-05-02 02:00:00")
    def test_queries_do_not_grow_with_the_plans(self):
        def count(people):
            employees = self.env["hr.employee"].create(
                [
                    {"name": f"P{n}", "company_id": self.company.id, "parent_id": self.manager.id}
                    for n in range(people)
                ]
            )
            for employee in employees:
                self._survey(3, 3.8, employee=employee)
                self._survey(4, 4.6, employee=employee)
            plans = self.env["hr.performance.plan"].create(
                [
                    {
                        "name": "Plan",
                        "employee_id": employee.id,
                        "metric_id": self.satisfaction.id,
                        "target": 4.5,
                        "date_start": "2026-04-01",
                        "date_end": "2026-06-30",
                    }
                    for employee in employees
                ]
            )
            plans.state = "running"
            plans._sync_checkpoints()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            plans._refresh()
            self.env.flush_all()
            self.assertEqual(len(plans.filtered("reached_on")), people)
            return self.cr.sql_log_count - before

        few = count(10)
        self.assertLessEqual(count(100), few + 2)


@tagged("post_install", "-at_install")
class TestPlanReport(PlanCase):
    @freeze_time("2026-05-12 02:00:00")
    def test_report_tells_what_worked(self):
        """Share recovered, mean change in the wanted direction and days, of plans and trainings."""
        training = {"name": "Talking to customers", "is_training": True}
        step = [Command.create({**training, "date_start": "2026-04-02"})]
        self._survey(3, 3.8)
        self._survey(4, 4.6)
        self._survey(3, 4.0, employee=self.bo)
        self._survey(4, 3.8, employee=self.bo)
        good = self._make_plan(step_ids=step)
        good.step_ids.with_user(self.anna.user_id).action_check_in()
        good.action_recover()
        bad = self._make_plan(employee_id=self.bo.id, step_ids=step, closing_note="No change")
        bad.action_end()
        self._add_facts(self.anna, self.late, 30, day=date(2026, 3, 10))
        self._add_facts(self.anna, self.late, 15, day=date(2026, 4, 10))
        self._make_plan(metric_id=self.late.id, target=10, step_ids=step)
        self.env["hr.performance.plan"].create({"name": "Draft", "employee_id": self.anna.id})
        self.env.flush_all()
        Report = self.env["hr.performance.plan.report"].with_user(self.hr_user)
        own = [("company_id", "=", self.company.id)]
        rows = Report._read_group(
            own, ["subject", "metric_id"], ["__count", "recovered:avg", "change:avg", "days:avg"]
        )
        self.assertEqual(
            [
                (subject, metric.name, count, recovered, round(change, 6), days)
                for subject, metric, count, recovered, change, days in sorted(
                    rows, key=lambda row: (row[0], row[1].name)
                )
            ],
            [
                ("plan", "Late", 1, False, 15.0, False),
                ("plan", "Satisfaction", 2, 50.0, 0.3, 40.0),
                ("training", "Late", 1, False, 15.0, False),
                ("training", "Satisfaction", 2, 50.0, 0.3, 40.0),
            ],
        )
        trainings = Report.search([*own, ("subject", "=", "training")])
        self.assertEqual(sum(trainings.mapped("checkins")), 1)
        for user, people in (
            (self.anna.user_id, self.anna),
            (self.manager.user_id, self.anna | self.bo),
            (self.carl.user_id, self.env["hr.employee"]),
        ):
            found = Report.with_user(user).search([])
            self.assertEqual(found.sudo().employee_id, people)
