from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tests import tagged

from .common import PERIOD, PerformanceCase


@tagged("post_install", "-at_install")
class TestCycleLaunch(PerformanceCase):
    def test_launch_creates_a_review_with_the_lines_of_the_template(self):
        reviews = self._launch()
        people = self.director | self.manager | self.anna | self.bo
        self.assertEqual(reviews.employee_id, people)
        review = self._review_of(self.anna)
        self.assertRecordValues(
            review,
            [
                {
                    "state": "goal",
                    "department_id": self.sales_east.id,
                    "manager_id": self.manager.id,
                    "template_id": self.template.id,
                    "participation": 1.0,
                    "deadline": date(2026, 3, 4),
                    "total": 0.0,
                    "scored": False,
                }
            ],
        )
        self.assertRecordValues(
            review.line_ids,
            [
                {"metric_id": self.visits.id, "weight": 60, "target": 20, "kind": "metric"},
                {"metric_id": self.quality.id, "weight": 40, "target": 5, "kind": "metric"},
                {"metric_id": self.late.id, "weight": 0, "target": 0, "kind": "adjustment"},
            ],
        )
        self.assertEqual(self.cycle.state, "open")
        self.assertEqual(self.cycle.work_progress, 100)

    def test_launching_twice_changes_nothing(self):
        first = self._launch()
        lines = first.line_ids
        self.assertEqual(self._launch(), first)
        self.assertEqual(first.line_ids, lines)

    def test_launching_again_adds_who_joined(self):
        first = self._launch()
        dora = self._create_employee("dora", self.sales_east, self.manager)
        self.assertEqual((self._launch() - first).employee_id, dora)

    def test_people_not_launched_are_listed_with_the_reason(self):
        self.program.department_ids = [Command.clear()]
        self._create_employee(
            "fay", self.sales, contract_date_start=date(2026, 3, 31), date_version=date(2026, 3, 31)
        )
        self.program.min_days = 5
        self._launch()
        issues = {
            (issue.employee_id.name, issue.code): issue.days for issue in self.cycle.issue_ids
        }
        self.assertIn(("Carl", "no_template"), issues)
        self.assertEqual(issues["Fay", "few_days"], 1)
        self.assertIn(("Director", "no_manager"), issues)
        self.assertNotIn(("Anna", "no_template"), issues)

    def test_an_issue_goes_when_its_cause_goes(self):
        self.program.department_ids = [Command.clear()]
        self._launch()
        self.assertIn(self.carl, self.cycle.issue_ids.employee_id)
        template = self.template.copy({"department_ids": [Command.set(self.works.ids)]})
        template.action_set_ready()
        self._launch()
        self.assertEqual(self._review_of(self.carl).template_id, template)
        self.assertNotIn(
            "no_template",
            self.cycle.issue_ids.filtered(lambda i: i.employee_id == self.carl).mapped("code"),
        )

    def test_target_that_adds_up_is_reduced_for_a_joiner(self):
        joiner = self._create_employee(
            "gil",
            self.sales_east,
            self.manager,
            date_version=date(2026, 3, 17),
            contract_date_start=date(2026, 3, 17),
        )
        self._launch()
        review = self._review_of(joiner)
        self.assertAlmostEqual(review.participation, 15 / 31, 6)
        self.assertAlmostEqual(self._line(review, self.visits).target, 20 * 15 / 31, 3)
        self.assertEqual(self._line(review, self.quality).target, 5)

    def test_leaver_of_the_period_is_reviewed_for_his_days(self):
        self.bo.write({"active": False, "departure_date": date(2026, 3, 10)})
        self._launch()
        self.assertAlmostEqual(self._review_of(self.bo).participation, 10 / 31, 6)

    def _take_on_again(self, employee, left_on, back_on):
        employee.version_id.write(
            {"contract_date_start": date(2025, 1, 1), "contract_date_end": left_on}
        )
        employee.create_version(
            {"date_version": back_on, "contract_date_start": back_on, "contract_date_end": False}
        )

    def test_nobody_is_his_own_manager(self):
        self.anna.parent_id = self.anna
        self.sales_east.manager_id = self.bo
        self.carl.write({"parent_id": self.carl.id, "department_id": self.sales.id})
        self._launch()
        self.assertEqual(self._review_of(self.anna).manager_id, self.bo)
        issues = self.cycle.issue_ids.filtered(lambda issue: issue.employee_id == self.carl)
        self.assertIn("no_manager", issues.mapped("code"))

    def test_days_between_two_contracts_do_not_count(self):
        self._take_on_again(self.anna, date(2026, 3, 10), date(2026, 3, 21))
        self._take_on_again(self.bo, date(2026, 1, 31), date(2026, 6, 1))
        self._launch()
        self.assertAlmostEqual(self._review_of(self.anna).participation, 21 / 31, 6)
        self.assertFalse(self._review_of(self.bo))
        issue = self.cycle.issue_ids.filtered(lambda issue: issue.employee_id == self.bo)
        self.assertEqual((issue.code, issue.days), ("few_days", 0))

    def test_contract_that_follows_at_once_leaves_no_gap(self):
        self._take_on_again(self.anna, date(2026, 3, 10), date(2026, 3, 11))
        self._launch()
        self.assertEqual(self._review_of(self.anna).participation, 1)

    def test_leaver_before_the_period_is_not(self):
        self.bo.write({"active": False, "departure_date": date(2026, 2, 10)})
        self._launch()
        self.assertFalse(self._review_of(self.bo))

    @freeze_time("2026-03-20 02:00:00")
    def test_transfer_inside_the_period_is_followed_until_its_end(self):
        self._launch()
        review = self._review_of(self.anna)
        self.assertEqual(review.department_id, self.sales_east)
        self.anna.create_version(
            {"date_version": date(2026, 3, 25), "department_id": self.works.id}
        )
        with freeze_time("2026-04-01 02:00:00"):
            self.cycle._work_assess(Domain("id", "in", review.ids))
        self.assertEqual(review.department_id, self.works)
        self.assertEqual(review.line_ids.department_id, self.works)

    def test_nobody_taking_part_is_said(self):
        self.program.employee_ids = self.carl
        self.carl.active = False
        with self.assertRaises(UserError):
            self._launch()

    def test_query_count_does_not_grow_with_people(self):
        counts = []
        for size in (10, 10, 100):  # the first one warms the caches
            department = self.env["hr.department"].create(
                {
                    "name": f"D{len(counts)}",
                    "company_id": self.company.id,
                    "parent_id": self.sales.id,
                }
            )
            employees = self.env["hr.employee"].create(
                [
                    {
                        "name": f"E{i}",
                        "company_id": self.company.id,
                        "department_id": department.id,
                        "parent_id": self.manager.id,
                    }
                    for i in range(size)
                ]
            )
            cycle = self.program._open_cycles(
                [self.program._get_period(date(2026, len(counts) + 4, 1))]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cycle.sudo()._launch_batch(employees)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(cycle.review_ids), size)
        self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestCycleSchedule(PerformanceCase):
    def _run(self, cron):
        with self.enter_registry_test_mode():
            self.env.ref(f"hr_performance.{cron}").method_direct_trigger()

    def test_scheduler_catches_up_after_days_off(self):
        """Trap 17: a day on which the scheduler did not run loses no cycle."""
        with freeze_time("2026-06-04 02:00:00"):
            self._run("ir_cron_open_cycles")
            self._run("ir_cron_open_cycles")
        starts = self.program.cycle_ids.sorted("date_from").mapped("date_from")
        self.assertEqual(
            starts, [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)]
        )
        opened = self.program.cycle_ids.filtered(lambda c: c.date_from.month == 6)
        self.assertEqual(opened.state, "open")
        self.assertEqual(len(opened.review_ids), 4)

    def test_month_begins_at_midnight_of_the_company(self):
        """Trap 25: at 00:30 in Shanghai it is still the day before in UTC."""
        with freeze_time("2026-03-31 16:30:00"):
            self.assertEqual(self.cycle._get_today(), date(2026, 4, 1))
            self._run("ir_cron_open_cycles")
        self.assertIn(date(2026, 4, 1), self.program.cycle_ids.mapped("date_from"))
        with freeze_time("2026-03-31 15:30:00"):
            self.assertEqual(self.cycle._get_today(), date(2026, 3, 31))

    def test_one_programme_without_people_stops_no_other(self):
        empty = self.program.copy({"sequence": 1, "employee_ids": [Command.set(self.carl.ids)]})
        self.carl.active = False
        with freeze_time("2026-04-02 02:00:00"):
            self._run("ir_cron_open_cycles")
        self.assertIn("Nobody takes part", empty.message_ids[0].body)
        self.assertEqual(len(self.program.cycle_ids), 2)

    def test_ended_programme_opens_nothing(self):
        self.program.date_end = date(2026, 3, 31)
        with freeze_time("2026-06-04 02:00:00"):
            self._run("ir_cron_open_cycles")
        self.assertEqual(self.program.cycle_ids, self.cycle)

    def test_period_over_starts_the_assessment(self):
        with freeze_time("2026-03-15 02:00:00"):
            self._launch()
            self._run("ir_cron_advance")
            self.assertEqual(set(self.cycle.review_ids.mapped("state")), {"goal"})
        with freeze_time("2026-04-05 02:00:00"):
            self._run("ir_cron_advance")
        self.assertEqual(set(self.cycle.review_ids.mapped("state")), {"self"})

    def test_reminder_and_escalation_come_once_to_the_right_people(self):
        with freeze_time("2026-03-01 02:00:00"):
            self._launch()
            self._run("ir_cron_remind")
            review = self._review_of(self.anna)
            self.assertEqual(review.activity_ids.user_id, self.anna.user_id)
            self.assertEqual(len(review.activity_ids), 1)
        for _run in range(2):
            with freeze_time("2026-03-03 02:00:00"):
                self._run("ir_cron_remind")
            self.assertEqual(self._told(review, "due_soon").user_id, self.anna.user_id)
            self.assertEqual(len(review.activity_ids), 1, "the task is still the same")
        with freeze_time("2026-03-09 02:00:00"):
            self._run("ir_cron_remind")
            self._run("ir_cron_remind")
        escalation = self.env.ref("hr_performance.mail_activity_type_escalation")
        task = review.activity_ids.filtered(lambda a: a.activity_type_id == escalation)
        self.assertEqual(task.user_id, self.manager.user_id)
        self.assertEqual(len(review.activity_ids), 2)
        self.assertEqual(self._told(review, "overdue").user_id, self.manager.user_id)
        review.with_user(self.anna.user_id).action_confirm_goals()
        self.assertFalse(review.activity_ids)

    def _told(self, review, code):
        """The messages of a type about a review; fails when one was told twice."""
        messages = self.env["hr.performance.message"].search(
            [
                ("type_id.code", "=", code),
                ("res_model", "=", review._name),
                ("res_id", "=", review.id),
            ]
        )
        self.assertEqual(len(messages), len(messages.user_id))
        return messages

    def test_behind_plan_is_told_once_until_it_recovers(self):
        with freeze_time("2026-03-01 02:00:00"):
            self._launch()
            self.cycle.review_ids.sudo()._transition("confirm_goals")
        self._add_facts(self.anna, self.visits, 2)
        review = self._review_of(self.anna)
        for _run in range(2):
            with freeze_time("2026-03-20 02:00:00"):
                self._run("ir_cron_refresh")
                self._run("ir_cron_remind")
            told = self._told(review, "behind")
            self.assertEqual(told.user_id, self.anna.user_id)
        self.assertEqual(told.subject, "Behind plan: Visits 2 (≥ 20)")
        self._add_facts(self.anna, self.visits, 18)
        with freeze_time("2026-03-21 02:00:00"):
            self._run("ir_cron_refresh")
            self._run("ir_cron_remind")
        self.assertFalse(self._line(review, self.visits).behind_on)

    def test_failed_item_is_tried_again_and_stops_nobody_else(self):
        WorkItem = self.env["hr.performance.work.item"].sudo()
        items = WorkItem._schedule(self.cycle, "publish", [1])
        bad = items.filtered(lambda item: item.kind == "publish")
        good = WorkItem._schedule(self.cycle, "launch", self.cycle._get_participants().ids)

        def fail(*args):
            raise ValueError("no such thing")

        self.patch(type(self.cycle), "_work_publish", fail)
        with self.assertLogs("odoo.addons.hr_performance", "WARNING"):
            self._run("ir_cron_process_work")
        self.assertEqual((bad.state, bad.attempts, bad.error), ("pending", 1, "no such thing"))
        self.assertEqual(good.state, "done")
        self.assertEqual(len(self.cycle.review_ids), 4)

    def test_no_day_belongs_to_two_cycles_of_a_programme(self):
        Cycle = self.env["hr.performance.cycle"].with_user(self.hr_user)
        days = {"date_from": date(2026, 3, 31), "date_to": date(2026, 4, 29)}
        with self.assertRaisesRegex(ValidationError, "days of this period already"):
            Cycle.create({"program_id": self.program.id, **days})
        Cycle.create({"program_id": self.program.copy().id, **days})

    @freeze_time("2026-04-20 02:00:00")
    def test_slip_in_the_first_day_launches_no_decades(self):
        self.cycle.unlink()
        self.program.date_start = date(2006, 3, 1)
        self.program._open_due_cycles()
        self.assertFalse(self.program.cycle_ids)
        self.assertIn("242 periods have passed", self.program.message_ids[:1].body)

    def test_cycle_names_and_periods(self):
        names = {}
        for cadence in ("monthly", "quarterly", "half_yearly", "yearly"):
            program = self.program.copy({"cadence": cadence, "date_start": date(2026, 5, 20)})
            cycle = program._open_cycles([program._get_next_period()])
            names[cadence] = (cycle.name, cycle.date_from, cycle.date_to)
        self.assertEqual(
            names,
            {
                "monthly": ("2026-05", date(2026, 5, 1), date(2026, 5, 31)),
                "quarterly": ("2026-Q2", date(2026, 4, 1), date(2026, 6, 30)),
                "half_yearly": ("2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
                "yearly": ("2026", date(2026, 1, 1), date(2026, 12, 31)),
            },
        )

    def test_another_cadence_renames_no_cycle(self):
        self.cycle.name = "Spring"
        other = self.program._open_cycles([self.program._get_period(date(2026, 4, 1))])
        self.program.cadence = "quarterly"
        self.assertEqual((self.cycle.name, other.name), ("Spring", "2026-04"))

    def test_monthly_and_yearly_programmes_coexist_for_one_person(self):
        """Trap 14: one review per cycle, not one per person and day."""
        yearly = self.program.copy({"cadence": "yearly"})
        cycle = yearly._open_cycles([yearly._get_next_period()])
        self._launch()
        self._launch(cycle)
        self.assertTrue(self._review_of(self.anna))
        self.assertTrue(self._review_of(self.anna, cycle))

    def test_period_of_a_launched_cycle_is_fixed(self):
        self._launch()
        with self.assertRaises(UserError):
            self.cycle.date_to = PERIOD[0]
