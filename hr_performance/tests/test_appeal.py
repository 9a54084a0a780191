from datetime import date, datetime

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..tools import appeal as course
from .common import PerformanceCase

#: Thursday; the appeal window of March ends on 15 April.
TODAY = "2026-04-09 04:00:00"


@freeze_time(TODAY)
class AppealCase(PerformanceCase):
    """Anna, Bo, the manager and the director have their results of March."""

    def setUp(self):
        super().setUp()
        self._add_facts(self.anna, self.visits, 16)
        self._add_facts(self.bo, self.visits, 20)
        self._launch()
        self.review = self._review_of(self.anna)
        self.other = self._review_of(self.bo)
        self._publish(self.review, self.other)
        self.line = self._line(self.review, self.quality)

    def _publish(self, *reviews):
        for review in reviews:
            self._move_to(review, "published")
        self.cycle._rank()
        self.env.flush_all()

    def _appeal(self, line=None, review=None, reason="The album was praised.", submit=True):
        review = review or self.review
        user = review.employee_id.user_id
        appeal = (
            self.env["hr.performance.appeal"]
            .with_user(user)
            .create(
                {
                    "review_id": review.id,
                    "line_id": line.id if line else False,
                    "reason": reason,
                }
            )
        )
        if submit:
            appeal.action_submit()
        return appeal.sudo(False).with_env(self.env)

    def _as(self, user, records):
        self.env.flush_all()
        records = records.with_user(user)
        records.env.invalidate_all()
        return records

    def _run_job(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("hr_performance.ir_cron_appeal").method_direct_trigger()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAppeal(AppealCase):
    # The window

    def test_window_of_the_programme(self):
        """Appeals are taken from publication to the last day of the appeal step, not longer."""
        review = self._as(self.anna.user_id, self.review)
        self.assertTrue(review.can_appeal)
        self.assertEqual(review.appeal_until, date(2026, 4, 15))
        with freeze_time("2026-04-15 15:59:00"):  # still the 15th in Shanghai
            self.assertTrue(self._as(self.anna.user_id, self.review).can_appeal)
        with freeze_time("2026-04-15 16:01:00"):
            self.assertFalse(self._as(self.anna.user_id, self.review).can_appeal)
            with self.assertRaisesRegex(UserError, "ended"):
                self._appeal(self.line)

    def test_draft_that_is_submitted_too_late(self):
        appeal = self._appeal(self.line, submit=False)
        with freeze_time("2026-04-16 04:00:00"), self.assertRaisesRegex(UserError, "ended"):
            self._as(self.anna.user_id, appeal).action_submit()

    def test_without_the_step_there_are_no_appeals(self):
        self.cycle.step_ids.filtered(lambda step: step.code == "appeal").unlink()
        with self.assertRaisesRegex(UserError, "no appeals"):
            self._appeal(self.line)

    def test_unpublished_result_is_not_disputed(self):
        review = self._review_of(self.manager)
        self._move_to(review, "manager")
        with self.assertRaises(UserError):
            self._appeal(review=review)

    def test_line_of_another_result_is_refused(self):
        with self.assertRaises(UserError):
            self._appeal(self._line(self.other, self.quality))

    # Working days

    def test_deadline_in_working_days(self):
        """Five working days after Thursday the 9th: Thursday the 16th."""
        self.assertEqual(self._appeal(self.line).deadline, date(2026, 4, 16))

    def test_public_holidays_do_not_count(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": datetime(2026, 4, 12, 16),
                "date_to": datetime(2026, 4, 14, 16),
            }
        )
        self.assertEqual(self._appeal(self.line).deadline, date(2026, 4, 20))

    def test_days_of_the_programme(self):
        self.program.step_ids.filtered(lambda step: step.code == "appeal").answer_days = 1
        self.assertEqual(self._appeal(self.line).deadline, date(2026, 4, 10))

    # Only the disputed part is held back

    def test_only_the_disputed_line_is_held_back(self):
        appeal = self._appeal(self.line)
        other_line = self._line(self.review, self.visits)
        self.assertEqual(self.review.appeal_hold, "part")
        self.assertTrue(self.line.under_appeal)
        self.assertFalse(other_line.under_appeal)
        self.assertIn("Under appeal", dict(self.line._explain()))
        self.assertNotIn("Under appeal", dict(other_line._explain()))
        self.assertIn("Quality (32 points)", self.review.total_explanation)
        self.assertEqual(self.review.state, "published")
        self.assertEqual(self.review.total, 80)
        note = "48 stand, 32 are under appeal and held back"
        self.assertEqual(self.review.appeal_note, note)
        page = self._as(self.anna.user_id, self.review)._get_page_values()
        self.assertEqual(page["appeal_note"], note)
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        self.assertFalse(self.review.appeal_hold or self.review.appeal_note)
        self.assertFalse(self.line.under_appeal)

    def test_disputed_deduction_holds_nothing_back(self):
        """It can only be lifted: the score stands in any case, and says no senseless figures."""
        review = self._review_of(self.manager)
        self.manager = self.director  # who scores him
        self._add_facts(review.employee_id, self.visits, 20)
        self._add_facts(review.employee_id, self.late, 4)
        self._publish(review)
        line = self._line(review, self.late)
        self.assertLess(line.points, 0)
        self._appeal(line, review)
        self.assertEqual(review.appeal_note, "under appeal, held back")
        self.assertEqual(review._get_undisputed_total(), review.total - line.points)

    def test_whole_result_is_held_back(self):
        self._appeal()
        self.assertEqual(self.review.appeal_hold, "whole")
        self.assertIn("Under appeal", dict(self._line(self.review, self.visits)._explain()))
        self.assertFalse(self.other.appeal_hold)

    def test_draft_holds_nothing_back(self):
        self._appeal(self.line, submit=False)
        self.assertFalse(self.review.appeal_hold)

    # Outcomes

    def test_upheld(self):
        appeal = self._appeal(self.line)
        before = self.review.read(["total", "grade_id", "rank_band", "revision_count"])
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        self.assertRecordValues(
            appeal,
            [{"state": "answered", "outcome": "upheld", "answer": "It was average."}],
        )
        self.assertEqual(appeal.answered_by_id, self.manager.user_id)
        self.assertEqual(appeal.second_until, date(2026, 4, 16))
        self.assertEqual(
            self.review.read(["total", "grade_id", "rank_band", "revision_count"]), before
        )

    def test_changed_in_place_with_both_versions(self):
        """60 x 16/20 + 40 x 4/5 = 80 becomes 60 x 16/20 + 40 x 5/5 = 88."""
        published_on = self.review.published_on
        self.assertEqual(self.review.total, 80)
        appeal = self._appeal(self.line)
        self._as(self.manager.user_id, appeal)._decide(
            "changed", "The thank-you letter arrived later.", {self.line.id: 5}
        )
        self.assertEqual(self.review.state, "published")
        self.assertEqual(self.review.published_on, published_on)
        self.assertEqual(self.review.total, 88)
        self.assertEqual(self.line.points, 40)
        revision = self.review.revision_ids
        self.assertRecordValues(
            revision,
            [
                {
                    "total": 80,
                    "reason": "The thank-you letter arrived later.",
                    "appeal_id": appeal.id,
                    "user_id": self.manager.user_id.id,
                }
            ],
        )
        old = {line["metric"]: line for line in revision.payload["lines"]}
        self.assertEqual(old["t_quality"]["points"], 32)
        self.assertEqual(old["t_quality"]["manager_reason"], "Careful work")
        # what the employee reads on the line and on the version
        line = self._as(self.anna.user_id, self.line)
        self.assertIn("letter arrived", dict(line._explain())["Changed after an appeal"])
        self.assertEqual(
            self._as(self.anna.user_id, revision).reason, "The thank-you letter arrived later."
        )
        self.assertEqual(appeal.outcome, "changed")

    def test_changed_deduction(self):
        """A deduction is disputed like a metric: two late arrivals instead of five."""
        self._add_facts(self.manager, self.late, 5)
        review = self._review_of(self.manager)
        self._add_facts(self.manager, self.visits, 20)
        for name, user in (
            ("confirm_goals", self.manager.user_id),
            ("start_assessment", self.hr_user),
            ("skip_self", self.hr_user),
        ):
            review.with_user(user)._transition(name)
        self._rate(review)
        review.with_user(self.director.user_id)._transition("submit_scores")
        review.with_user(self.hr_user)._transition("publish")
        line = self._line(review, self.late)
        self.assertEqual((review.total, line.points), (82.8, -9.2))
        appeal = self._appeal(line, review)
        self._as(self.director.user_id, appeal)._decide("changed", "On a shoot.", {line.id: 2})
        self.assertEqual((review.total, line.points), (92, 0))

    def test_grade_and_place_after_a_change(self):
        """The grade follows the score; the place is found anew, the places of others stay."""
        self.program.rank_display = "exact"
        (self.review | self.other).write({"rank": 0, "rank_count": 0, "rank_band": False})
        self.cycle._rank()
        self.assertEqual((self.review.rank, self.other.rank), (2, 1))
        self._line(self.other, self.quality).sudo().manager_value = 1  # stays published at 92
        low = self.review.grade_id
        lines = self.review.line_ids.filtered(lambda line: line.kind == "metric")
        appeal = self._appeal()
        self._as(self.manager.user_id, appeal)._decide(
            "changed", "Miscounted.", {lines[0].id: 20, lines[1].id: 5}
        )
        self.assertEqual(self.review.total, 100)
        self.assertEqual((self.review.rank, self.review.rank_count), (1, 2))
        self.assertEqual((self.other.rank, self.other.rank_count), (1, 2))
        self.assertEqual(self.other.full_rank, 2)
        self.assertNotEqual(self.review.grade_id, low)
        self.assertEqual(self.review.grade_id, self.review.full_grade_id)
        self.assertEqual(self.other.total, 92)

    def test_change_needs_another_value_of_a_disputed_line(self):
        appeal = self._as(self.manager.user_id, self._appeal(self.line))
        visits = self._line(self.review, self.visits)
        for values in ({}, {visits.id: 20}, {self.line.id: 4}, {self.line.id: 5, visits.id: 9}):
            with self.subTest(values), self.assertRaises(UserError):
                appeal._decide("changed", "Because", values)
        with self.assertRaises(UserError):
            appeal._decide("changed", "Because", {self.line.id: 9})  # not on the scale
        self.assertEqual(self.review.total, 80)
        self.assertFalse(self.review.revision_ids)

    def test_answer_is_mandatory(self):
        appeal = self._as(self.manager.user_id, self._appeal(self.line))
        for answer in (None, "", "  "):
            with self.assertRaises(UserError):
                appeal._decide("upheld", answer)

    def test_withdrawn(self):
        appeal = self._appeal(self.line)
        self._as(self.anna.user_id, appeal).action_withdraw()
        self.assertRecordValues(appeal, [{"state": "closed", "outcome": "withdrawn"}])
        self.assertFalse(self.line.under_appeal)
        # within the window, the same line can be disputed again
        self.assertEqual(self._appeal(self.line).state, "submitted")

    def test_accepted(self):
        appeal = self._appeal(self.line)
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        self._as(self.anna.user_id, appeal).action_accept()
        self.assertRecordValues(appeal, [{"state": "closed", "outcome": "upheld"}])

    def test_same_subject_twice(self):
        appeal = self._appeal(self.line)
        with self.assertRaises(UserError):
            self._appeal(self.line)
        with self.assertRaises(UserError):
            self._appeal()  # the whole, while a part is open
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        self._as(self.anna.user_id, appeal).action_accept()
        with self.assertRaisesRegex(UserError, "already"):
            self._appeal(self.line)
        self.assertEqual(self._appeal(self._line(self.review, self.visits)).state, "submitted")

    def test_database_refuses_two_open_appeals(self):
        """Two browser windows at the same moment: the index decides, not the check."""
        self._appeal(self.line)
        draft = self._appeal(self._line(self.review, self.visits), submit=False)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            draft.write({"line_id": self.line.id, "state": "submitted"})
            self.env.flush_all()

    # Second level

    def test_second_level(self):
        appeal = self._appeal(self.line)
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        self._as(self.anna.user_id, appeal)._transition("take_to_hr", "The letter was not read.")
        self.assertRecordValues(appeal, [{"state": "second", "outcome": False}])
        self.assertEqual(appeal.deadline, date(2026, 4, 23))
        self.assertTrue(self.line.under_appeal)
        with self.assertRaises(AccessError):
            self._as(self.manager.user_id, appeal)._decide("upheld", "Again: average.")
        self._as(self.hr_user, appeal)._decide("changed", "It counts.", {self.line.id: 5})
        self.assertRecordValues(
            appeal,
            [{"state": "closed", "outcome": "changed", "second_answer": "It counts."}],
        )
        self.assertEqual(self.review.total, 88)
        self.assertFalse(self.line.under_appeal)

    def test_second_level_is_final(self):
        appeal = self._appeal(self.line)
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        self._as(self.anna.user_id, appeal)._transition("take_to_hr", "Look again.")
        self._as(self.hr_user, appeal)._decide("upheld", "We looked again.")
        self.assertEqual(appeal.state, "closed")
        with self.assertRaises(UserError):
            self._as(self.anna.user_id, appeal)._transition("take_to_hr", "Look again.")

    def test_changed_stays_when_hr_upholds_or_employee_withdraws(self):
        """What the manager changed stays changed; HR looks at what he left."""
        for move in ("uphold_finally", "withdraw"):
            with self.subTest(move), self.env.cr.savepoint() as savepoint:
                appeal = self._appeal(self.line)
                self._as(self.manager.user_id, appeal)._decide(
                    "changed", "A bit", {self.line.id: 4.5}
                )
                self._as(self.anna.user_id, appeal)._transition("take_to_hr", "More.")
                user = self.hr_user if move == "uphold_finally" else self.anna.user_id
                self._as(user, appeal)._transition(move, "Enough.")
                self.assertRecordValues(appeal, [{"state": "closed", "outcome": "changed"}])
                self.assertEqual(self.review.total, 84)
                self.env.flush_all()
                savepoint.rollback()
                self.env.invalidate_all()

    def test_second_level_within_its_days(self):
        appeal = self._appeal(self.line)
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        with freeze_time("2026-04-17 04:00:00"):
            with self.assertRaisesRegex(UserError, "over"):
                self._as(self.anna.user_id, appeal)._transition("take_to_hr", "Look again.")
            self._run_job()
        self.assertRecordValues(appeal, [{"state": "closed", "outcome": "upheld"}])

    def test_programme_without_second_level(self):
        self.program.step_ids.filtered(lambda step: step.code == "appeal").second_level = False
        appeal = self._appeal(self.line)
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        self.assertEqual(appeal.state, "closed")

    # Tasks and escalation

    def test_tasks_follow_the_course(self):
        appeal = self._appeal(self.line)
        self.assertEqual(appeal.activity_ids.user_id, self.manager.user_id)
        self.assertEqual(appeal.activity_ids.date_deadline, date(2026, 4, 16))
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        self.assertFalse(appeal.activity_ids)
        self._as(self.anna.user_id, appeal)._transition("take_to_hr", "Look again.")
        self.assertEqual(appeal.activity_ids.user_id, self.hr_user)

    def test_overdue_goes_to_hr_once(self):
        appeal = self._appeal(self.line)
        with freeze_time("2026-04-16 04:00:00"):
            self._run_job()
            self.assertEqual(appeal.activity_ids.user_id, self.manager.user_id)
            with self.assertRaises(AccessError):
                self._as(self.hr_user, appeal)._decide("upheld", "HR decides.")
        with freeze_time("2026-04-17 04:00:00"):
            self._run_job()
            self._run_job()
            self.assertTrue(appeal.is_overdue)
            self.assertEqual(len(appeal.activity_ids), 2)
            self.assertEqual(appeal.activity_ids.user_id, self.manager.user_id | self.hr_user)
            self._as(self.hr_user, appeal)._decide("upheld", "HR decides.")
        self.assertEqual(appeal.answered_by_id, self.hr_user)
        self.assertFalse(appeal.activity_ids)

    def test_messages_to_whoever_is_concerned(self):
        """The manager is told once and reminded, HR when he is late, the employee of the answer."""

        def told(code):
            return self.env["hr.performance.message"].search(
                [("type_id.code", "=", f"appeal_{code}"), ("res_id", "=", appeal.id)]
            )

        appeal = self._appeal(self.line)
        self.assertEqual(told("submit").user_id, self.manager.user_id)
        self.assertIn("Anna disputes Quality", told("submit").sudo().body)
        self.assertIn("04/16/2026", told("submit").sudo().body)
        with freeze_time("2026-04-15 04:00:00"):
            self._run_job()
            self._run_job()
            self.assertEqual(told("reminder").user_id, self.manager.user_id)
            self.assertFalse(told("overdue"))
        with freeze_time("2026-04-17 04:00:00"):
            self._run_job()
            self._run_job()
            self.assertEqual(told("overdue").user_id, self.hr_user)
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        self.assertEqual(told("answered").user_id, self.anna.user_id)
        self._as(self.anna.user_id, appeal)._transition("take_to_hr", "Look again.")
        self.assertEqual(told("take_to_hr").user_id, self.hr_user)
        self._as(self.anna.user_id, appeal).action_withdraw()
        self.assertEqual(told("withdrawn").user_id, self.hr_user)

    def test_no_manager_goes_to_hr_at_once(self):
        self.review.sudo().manager_id = False
        self.anna.parent_id = False
        appeal = self._appeal(self.line)
        self.assertEqual(appeal.activity_ids.user_id, self.hr_user)
        self._as(self.hr_user, appeal)._decide("upheld", "HR decides.")
        self.assertEqual(appeal.state, "answered")

    def test_jobs_cost_the_same_for_10_and_100_appeals(self):
        """Reminders and escalations: queries of the job do not grow with the appeals."""
        job = self.env["hr.performance.appeal"]
        costs = []
        for size in (2, 10, 100):  # the first one for what is remembered once for all
            reviews = self._copy_reviews(size)
            appeals = job.create([{"review_id": review.id, "reason": "x"} for review in reviews])
            appeals.write({"state": "submitted", "submitted_on": TODAY, "deadline": "2026-04-08"})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            job._remind(appeals)
            job._escalate(appeals)
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
            self.assertEqual(appeals.activity_ids.user_id, self.hr_user)
            self.assertEqual(set(appeals.mapped("escalated")), {True})
        self.assertLessEqual(costs[2], costs[1], costs)

    def test_the_name_says_once_whose_appeal_it_is(self):
        whole = self._appeal()
        self.assertEqual(whole.display_name, self.review.display_name)
        line = self._line(self.other, self.visits)
        about_line = self._appeal(line=line, review=self.other)
        self.assertEqual(about_line.display_name, f"{self.bo.name} · {line.name}")

    def test_many_appeals_cost_no_more_queries_each(self):
        """The job on 10 and on 100 appeals: what is asked for each does not grow."""
        costs = []
        for size in (10, 100):
            reviews = self._copy_reviews(size)
            appeals = self.env["hr.performance.appeal"].create(
                [{"review_id": review.id, "reason": "x"} for review in reviews]
            )
            appeals.write({"state": "submitted", "submitted_on": TODAY, "deadline": "2026-04-08"})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = (
                self.env["hr.performance.appeal"]
                .with_user(self.hr_user)
                .search([("id", "in", appeals.ids)])
            )
            found.read(["is_overdue", "can_decide", "display_name", "color"])
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0] + 2, costs)

    def _copy_reviews(self, size):
        people = self.env["hr.employee"].create(
            [
                {
                    "name": f"Extra {size} {number}",
                    "company_id": self.company.id,
                    "department_id": self.sales_east.id,
                    "parent_id": self.manager.id,
                    "date_version": date(2020, 1, 1),
                }
                for number in range(size)
            ]
        )
        self.cycle._launch_batch(people)
        reviews = self.env["hr.performance.review"].search([("employee_id", "in", people.ids)])
        reviews.write({"state": "published", "published_on": TODAY})
        return reviews

    # In the name of somebody without an account

    def test_hr_files_for_an_employee_without_account(self):
        """Shown as such; who filed it answers neither for the manager nor for HR."""
        Appeal = self.env["hr.performance.appeal"]
        vals = {"review_id": self.review.id, "line_id": self.line.id, "reason": "It was praised."}
        with self.assertRaises(AccessError):
            Appeal.with_user(self.hr_user).create(vals)
        self.assertFalse(self._as(self.hr_user, self.review).can_file_appeal)
        self.anna.user_id.active = False
        for user in (self.manager.user_id, self.auditor):
            self.assertFalse(self._as(user, self.review).can_file_appeal)
            with self.assertRaises(AccessError):
                Appeal.with_user(user).create(vals)
        self.assertTrue(self._as(self.hr_user, self.review).can_file_appeal)
        with self.assertRaises(AccessError):
            Appeal.with_user(self.hr_user).create({**vals, "filed_by_id": self.hr_admin.id})
        action = self._as(self.hr_user, self.review).action_appeal()
        appeal = Appeal.with_user(self.hr_user).with_context(**action["context"]).create(vals)
        self.assertEqual(appeal.filed_by_id, self.hr_user)
        self.assertFalse(Appeal.with_user(self.hr_admin).search([("id", "=", appeal.id)]))
        # the draft stays his, whatever he disputes in it
        other_line = self._line(self.review, self.visits)
        for line in (other_line, self.line):
            (saved,) = appeal.web_save({"line_id": line.id}, {"can_edit": {}, "filed_by_id": {}})
            self.assertEqual((saved["can_edit"], saved["filed_by_id"]), (True, self.hr_user.id))
        appeal.action_submit()
        page = self._as(self.manager.user_id, appeal)._get_page_values()
        self.assertEqual(page["filed_by"], self.hr_user.name)
        with freeze_time("2026-04-20 04:00:00"):
            self.assertFalse(self._as(self.hr_user, appeal).can_decide, "though it is overdue")
            self.assertTrue(self._as(self.hr_admin, appeal).can_decide)
            self.assertEqual(appeal.sudo()._get_hr_users()[appeal.sudo()], self.hr_admin)
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        told = self.env["hr.performance.message"].search(
            [("type_id.code", "=", "appeal_answered"), ("res_id", "=", appeal.id)]
        )
        self.assertEqual(told.user_id, self.hr_user)
        self._as(self.hr_user, appeal)._transition("take_to_hr", "Look again.")
        with self.assertRaises(AccessError):
            self._as(self.hr_user, appeal)._decide("changed", "x", {self.line.id: 5})
        self._as(self.hr_admin, appeal)._decide("changed", "It was.", {self.line.id: 5})
        self.assertEqual(self.review.total, 88)

    # Closing

    def test_closing_leaves_results_under_appeal(self):
        """Closing waits for open appeals: their results stay published, all others are closed."""
        for review in self.cycle.review_ids - self.review - self.other:
            review.with_user(self.hr_user)._transition("cancel", "Not needed")
        appeal = self._appeal(self.line)
        result = self.cycle.with_user(self.hr_user).action_close_early()
        self.assertEqual(result["tag"], "display_notification")
        self.assertEqual((self.review.state, self.other.state), ("published", "closed"))
        self.assertEqual(self.cycle.state, "published")
        with self.assertRaises(UserError):
            self.review.with_user(self.hr_user)._transition("close")
        self._as(self.manager.user_id, appeal)._decide("upheld", "It was average.")
        self.cycle.with_user(self.hr_user).action_close_early()
        self.assertEqual(self.review.state, "published", "the answer can still go to HR")
        self._as(self.anna.user_id, appeal).action_accept()
        self.cycle.sudo()._advance(date(2026, 4, 20))
        self.assertEqual((self.review.state, self.cycle.state), ("closed", "closed"))

    def test_closing_before_the_time_is_said_aloud(self):
        for review in self.cycle.review_ids - self.review - self.other:
            review.with_user(self.hr_user)._transition("cancel", "Not needed")
        cycle = self.cycle.with_user(self.hr_user)
        self.cycle._follow_reviews()
        self.assertEqual(cycle.appeals_until, date(2026, 4, 15))
        with self.assertRaisesRegex(UserError, "04/15/2026"):
            cycle.action_close()
        with self.assertRaises(AccessError):
            self.cycle.with_user(self.manager.user_id).action_close_early()
        self.assertEqual(self.cycle.state, "published")
        with freeze_time("2026-04-16 04:00:00"), self.env.cr.savepoint() as savepoint:
            cycle.invalidate_recordset()
            self.assertFalse(cycle.appeals_until)
            cycle.action_close()
            self.assertEqual(self.cycle.state, "closed")
            savepoint.rollback()
            self.env.invalidate_all()
        cycle.action_close_early()
        self.assertEqual(self.cycle.state, "closed")
        self.assertIn("before the time for appeals", self.cycle.message_ids[0].body)

    def test_reopening_waits_for_the_answer(self):
        self._appeal(self.line)
        with self.assertRaisesRegex(UserError, "appeal"):
            self.review.with_user(self.hr_admin)._transition("reopen", "Because")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestAppealAccess(AppealCase):
    ENGINE = {
        "state": "closed",
        "outcome": "changed",
        "deadline": "2030-01-01",
        "answer": "Right you are",
        "answered_by_id": 1,
        "second_until": "2030-01-01",
        "employee_id": 1,
        "manager_id": 1,
        "company_id": 1,
        "cycle_id": 1,
        "submitted_on": "2026-01-01 00:00:00",
        "escalated": True,
    }

    def test_stranger_reaches_nothing(self):
        appeal = self._appeal(self.line)
        stranger = self.carl.user_id
        stranger.group_ids += self.env.ref("base.group_allow_export")
        for model in ("hr.performance.appeal", "hr.performance.appeal.report"):
            Model = self._as(stranger, self.env[model])
            self.assertFalse(Model.search([]), model)
            self.assertEqual(Model._read_group([], [], ["__count"]), [(0,)], model)
        calls = {
            "read": lambda r: r.read(["display_name"]),
            "export": lambda r: r.export_data(["reason"]),
            "write": lambda r: r.write({"reason": "x"}),
            "unlink": lambda r: r.unlink(),
            "copy": lambda r: r.copy(),
            "submit": lambda r: r.action_submit(),
            "withdraw": lambda r: r.action_withdraw(),
            "accept": lambda r: r.action_accept(),
            "take_to_hr": lambda r: r.action_take_to_hr(),
            "decide": lambda r: r.action_decide(),
            "view": lambda r: r.action_view_review(),
            "post": lambda r: r.message_post(body="x"),
        }
        for name, call in calls.items():
            with self.subTest(name), self.assertRaises(AccessError):
                call(self._as(stranger, appeal))
        for call in (
            lambda: self._as(stranger, self.review).action_appeal(),
            lambda: self._as(stranger, self.line).action_appeal(),
            lambda: self._as(stranger, self.program.step_ids[:1]).action_open_terms(),
            lambda: self._as(stranger, self.env["hr.performance.appeal"]).create(
                {"review_id": self.review.id, "reason": "x"}
            ),
            lambda: self._as(stranger, self.env["hr.performance.appeal.decide"])
            .create({"appeal_id": appeal.id, "outcome": "changed", "answer": "x"})
            .read(["reason", "current_total", "new_total"]),
            lambda: self._as(stranger, self.env["hr.performance.appeal.second"])
            .create({"appeal_id": appeal.id, "reason": "x"})
            .action_confirm(),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_colleague_reaches_nothing(self):
        appeal = self._appeal(self.line)
        with self.assertRaises(AccessError):
            self._as(self.bo.user_id, appeal).read(["reason"])
        with self.assertRaises(AccessError):
            self._as(self.bo.user_id, self.env["hr.performance.appeal"]).create(
                {"review_id": self.review.id, "reason": "x"}
            )

    def test_files_are_read_by_who_reads_the_appeal(self):
        def upload(user):
            return (
                self.env["ir.attachment"]
                .with_user(user)
                .create({"name": "letter.txt", "raw": b"thank you"})
            )

        appeal = self._appeal(self.line, submit=False)
        letter = upload(self.anna.user_id)
        self._as(self.anna.user_id, appeal).attachment_ids = [Command.link(letter.id)]
        with self.assertRaises(AccessError):
            self._as(self.manager.user_id, letter).read(["raw"])
        self._as(self.anna.user_id, appeal).action_submit()
        self.assertEqual(self._as(self.manager.user_id, letter).raw, b"thank you")
        for user in (self.bo.user_id, self.carl.user_id):
            with self.assertRaises(AccessError):
                self._as(user, letter).read(["raw"])

    def test_draft_is_the_employees_own(self):
        appeal = self._appeal(self.line, submit=False)
        for user in (self.manager.user_id, self.hr_admin, self.auditor):
            self.assertFalse(self._as(user, self.env["hr.performance.appeal"]).search([]))
            with self.assertRaises(AccessError):
                self._as(user, appeal).read(["reason"])
        self._as(self.anna.user_id, appeal).unlink()

    def test_employee_writes_his_words_and_nothing_else(self):
        appeal = self._appeal(self.line, submit=False)
        own = self._as(self.anna.user_id, appeal)
        own.reason = "The album was praised by the bride."
        for name, value in self.ENGINE.items():
            with self.subTest(f"draft {name}"), self.assertRaises(AccessError):
                self._as(self.anna.user_id, appeal).write({name: value})
            with self.subTest(f"create {name}"), self.assertRaises(AccessError):
                self._as(self.anna.user_id, self.env["hr.performance.appeal"]).create(
                    {"review_id": self.review.id, "reason": "x", name: value}
                )
        with self.assertRaises(AccessError):
            own.write({"review_id": self.other.id, "line_id": False})
        own.action_submit()
        for name, value in {**self.ENGINE, "reason": "x", "line_id": False}.items():
            with self.subTest(f"submitted {name}"), self.assertRaises(AccessError):
                self._as(self.anna.user_id, appeal).write({name: value})
        with self.assertRaises(UserError):
            self._as(self.anna.user_id, appeal).unlink()

    def test_nobody_writes_what_the_moves_write(self):
        appeal = self._appeal(self.line)
        for user in (self.manager.user_id, self.hr_user, self.hr_admin):
            for name, value in {**self.ENGINE, "reason": "x"}.items():
                with self.subTest(f"{user.login} {name}"), self.assertRaises(AccessError):
                    self._as(user, appeal).write({name: value})
            with self.assertRaises(UserError):
                self._as(user, appeal).unlink()
            for name in ("appeal_hold", "appeal_ids"):
                with self.assertRaises(AccessError):
                    self._as(user, self.review).write({name: False})
            for name in ("under_appeal", "appeal_id"):
                with self.assertRaises(AccessError):
                    self._as(user, self.line).write({name: False})

    def test_every_move_is_for_its_role_alone(self):
        """The table of moves, against every role in every state."""
        users = {
            "subject": self.anna.user_id,
            "manager": self.manager.user_id,
            "director": self.director.user_id,
            "hr": self.hr_user,
            "admin": self.hr_admin,
            "auditor": self.auditor,
        }
        allowed = {
            "draft": {"submit": {"subject"}},
            "submitted": {
                "withdraw": {"subject"},
                "uphold": {"manager", "director"},
                "change": {"manager", "director"},
            },
            "answered": {"accept": {"subject"}, "take_to_hr": {"subject"}},
            "second": {
                "withdraw": {"subject"},
                "uphold_finally": {"hr", "admin"},
                "change_finally": {"hr", "admin"},
            },
            "closed": {},
        }
        appeal = self._appeal(self.line, submit=False)
        steps = {
            "submit": self.anna.user_id,
            "uphold": self.manager.user_id,
            "take_to_hr": self.anna.user_id,
            "uphold_finally": self.hr_user,
        }
        for state in course.STATES:
            self.assertEqual(appeal.state, state)
            for move in course.TRANSITIONS:
                for role, user in users.items():
                    if state == "draft" and role != "subject":
                        continue  # cannot even read it, see above
                    may = self._as(user, appeal)._check_transition(move, False)
                    expected = role in allowed[state].get(move, ())
                    self.assertEqual(may, expected, (state, move, role))
            move = next((m for m in steps if state in course.TRANSITIONS[m].sources), None)
            if move:
                self._as(steps[move], appeal)._transition(move, "Because")

    # Nobody decides an appeal against himself

    def test_officer_does_not_decide_his_own(self):
        self.anna.user_id.group_ids += self.env.ref("hr_performance.group_hr_performance_manager")
        appeal = self._appeal(self.line)
        with freeze_time("2026-05-04 04:00:00"):  # overdue: HR may
            with self.assertRaises(AccessError):
                self._as(self.anna.user_id, appeal)._decide("changed", "x", {self.line.id: 5})
            with self.assertRaises(AccessError):
                self._as(self.anna.user_id, appeal).action_decide()
            self.assertFalse(self._as(self.anna.user_id, appeal).can_decide)
            self.assertTrue(self._as(self.hr_user, appeal).can_decide)

    def test_second_account_does_not_decide_either(self):
        """The same person as an officer by another login, recognised by mail, contact or papers."""
        appeal = self._appeal(self.line)
        twin = self._create_user("twin", "hr_performance.group_hr_performance_manager")
        marks = {
            "address": lambda: twin.write({"email": "anna@bright.example"}),
            "login": lambda: twin.write({"login": "anna@bright.example"}),
            "private": lambda: (
                twin.write({"email": "Anna Private <anna@home.example>"}),
                self.anna.write({"private_email": "ANNA@home.example"}),
            ),
            "papers": lambda: self._create_employee(
                "other", self.works, company=self.other_company
            ).write({"user_id": twin.id, "identification_id": "310101199001011234"}),
        }
        self.anna.work_email = "anna@bright.example"
        self.anna.identification_id = "310101199001011234"
        with freeze_time("2026-05-04 04:00:00"):
            self.assertTrue(self._as(twin, appeal).can_decide)
            for name, become in marks.items():
                with self.subTest(name), self.env.cr.savepoint() as savepoint:
                    become()
                    self.assertFalse(self._as(twin, appeal).can_decide)
                    with self.assertRaises(AccessError):
                        self._as(twin, appeal)._decide("upheld", "x")
                    self.assertNotIn(twin, appeal._get_hr_users()[appeal])
                    self.env.flush_all()
                    savepoint.rollback()
                    self.env.invalidate_all()

    def test_own_second_employee_record_does_not_answer(self):
        """Somebody who leads himself through a second record is not his own manager."""
        self.anna.work_email = "anna@bright.example"
        boss = self._create_employee("boss", self.sales)
        boss.user_id.email = "anna@bright.example"
        self.review.sudo().manager_id = boss
        self.anna.parent_id = boss
        appeal = self._appeal(self.line)
        self.assertFalse(self._as(boss.user_id, appeal).can_decide)
        self.assertEqual(appeal.activity_ids.user_id, self.hr_user)

    def test_hr_of_the_first_level_does_not_decide_the_second(self):
        appeal = self._appeal(self.line)
        with freeze_time("2026-04-17 04:00:00"):
            self._as(self.hr_user, appeal)._decide("upheld", "HR for the manager.")
            self._as(self.anna.user_id, appeal)._transition("take_to_hr", "Look again.")
            self.assertEqual(appeal.activity_ids.user_id, self.hr_admin)
            with self.assertRaises(AccessError):
                self._as(self.hr_user, appeal)._decide("upheld", "HR again.")
            self._as(self.hr_admin, appeal)._decide("upheld", "Somebody else.")

    def test_manager_of_hr_does_not_decide_the_second(self):
        """The manager whose result is disputed decides no second level, though he is of HR."""
        self.manager.user_id.group_ids += self.env.ref(
            "hr_performance.group_hr_performance_manager"
        )
        appeal = self._appeal(self.line)
        self._as(self.director.user_id, appeal)._decide("upheld", "The director answers.")
        self._as(self.anna.user_id, appeal)._transition("take_to_hr", "Look again.")
        with self.assertRaises(AccessError):
            self._as(self.manager.user_id, appeal)._decide("upheld", "As HR.")

    def test_companies_are_kept_apart(self):
        appeal = self._appeal(self.line)
        outsider = self._create_user(
            "outsider", "hr_performance.group_hr_performance_manager", self.other_company
        )
        with self.assertRaises(AccessError):
            self._as(outsider, appeal).read(["reason"])
        for model in ("hr.performance.appeal", "hr.performance.appeal.report"):
            self.assertFalse(
                self._as(outsider, self.env[model]).search([("company_id", "=", self.company.id)])
            )

    # The form

    def test_answer_form(self):
        appeal = self._appeal(self.line)
        wizard = self._as(self.manager.user_id, self.env["hr.performance.appeal.decide"]).create(
            {"appeal_id": appeal.id, "outcome": "changed", "answer": "It counts."}
        )
        self.assertEqual(wizard.line_ids.line_id, self.line)
        self.assertEqual(wizard.current_total, 80)
        wizard.line_ids.write({"value": 5, "given": True})
        self.assertEqual(wizard.new_total, 88)
        wizard.action_confirm()
        self.assertEqual(self.review.total, 88)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDisputeRate(PerformanceCase):
    """WC-13: 15 of 100 → 15 %, 3 of 100 → 3 %; nothing published → blank, not 0."""

    def setUp(self):
        super().setUp()
        self.people = self.env["hr.employee"].create(
            [
                {
                    "name": f"Person {number}",
                    "company_id": self.company.id,
                    "department_id": (self.sales_east if number < 50 else self.sales).id,
                    "date_version": date(2020, 1, 1),
                }
                for number in range(100)
            ]
        )

    def _publish_cycle(self, month, disputed, state="published"):
        cycle = self.program._open_cycles([self.program._get_period(date(2026, month, 1))])
        cycle._launch_batch(self.people)
        reviews = cycle.review_ids.filtered(lambda r: r.employee_id in self.people)
        reviews.write({"state": state, "published_on": TODAY})
        appeals = (
            self.env["hr.performance.appeal"].create(
                [
                    {"review_id": review.id, "reason": "x"}
                    for review in reviews.sorted("id")[:disputed]
                ]
            )
            if state == "published"
            else self.env["hr.performance.appeal"]
        )
        appeals.write({"state": "submitted", "submitted_on": TODAY})
        return cycle

    def _rates(self, *groups):
        return (
            self.env["hr.performance.appeal.report"]
            .with_user(self.auditor)
            ._read_group(
                [("company_id", "=", self.company.id)],
                groups,
                ["published_count:sum", "appeal_count:sum", "dispute_rate:avg"],
            )
        )

    def test_wc13_rate_and_trend(self):
        with freeze_time("2026-02-09 04:00:00"):
            january = self._publish_cycle(1, 15)
        with freeze_time("2026-03-09 04:00:00"):
            february = self._publish_cycle(2, 3)
        march = self._publish_cycle(3, 0, state="manager")
        rows = {cycle: rest for cycle, *rest in self._rates("cycle_id")}
        self.assertEqual(rows[january], [100, 15, 15.0])
        self.assertEqual(rows[february], [100, 3, 3.0])
        self.assertEqual(rows[march][:2], [0, 0])
        self.assertIs(rows[march][2], False, "blank, not 0")
        trend = [row[-1] for row in self._rates("date_from:month")]
        self.assertEqual(trend[:2], [15.0, 3.0])
        departments = {d: rest for d, *rest in self._rates("department_id")}
        self.assertEqual(departments[self.sales_east][1], 18)
        self.assertEqual(departments[self.sales][1], 0)
        self.assertEqual(departments[self.sales][2], 0.0)
        self.assertEqual(departments[self.sales_east][2], 18.0)

    def test_appeals_are_counted_and_disputed_results_beside_them(self):
        """Two appeals against one result are two appeals and one disputed result."""
        with freeze_time("2026-02-09 04:00:00"):
            cycle = self._publish_cycle(1, 1)
        review = cycle.review_ids.sorted("id")[:1]
        review.appeal_ids.write({"state": "closed", "outcome": "withdrawn"})
        line = review.line_ids[0]
        with freeze_time("2026-02-09 04:00:00"):
            second = self.env["hr.performance.appeal"].create(
                [
                    {"review_id": review.id, "line_id": line.id, "reason": "x"},
                    {"review_id": review.id, "line_id": line.id, "reason": "draft"},
                ]
            )
        second[0].write({"state": "closed", "outcome": "withdrawn", "submitted_on": TODAY})
        [row] = self.env["hr.performance.appeal.report"]._read_group(
            [("cycle_id", "=", cycle.id)],
            [],
            ["published_count:sum", "appeal_count:sum", "disputed_count:sum", "dispute_rate:avg"],
        )
        self.assertEqual(row, (100, 2, 1, 2.0))

    def test_manager_sees_the_rate_of_his_people_only(self):
        with freeze_time("2026-02-09 04:00:00"):
            self._publish_cycle(1, 15)
        self.people[:10].parent_id = self.manager
        self.env.flush_all()
        rows = self.env["hr.performance.appeal.report"].with_user(self.manager.user_id).search([])
        self.assertEqual(rows.employee_id, self.people[:10])
