from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .test_message import MessageCase


@tagged("post_install", "-at_install")
class TestReviewMessage(MessageCase):
    """What employees and managers are told in the course of a review."""

    def _remind(self, day, hour=2):
        """Run the job of the reminders, then that of the messages, at a time of March 2026."""
        with freeze_time(f"2026-{day} {hour:02}:00:00"), self.enter_registry_test_mode():
            self.env.ref("hr_performance.ir_cron_remind").method_direct_trigger()
        self._send(f"2026-{day} {hour:02}:00:00")

    def _launch_on(self, day):
        with freeze_time(f"2026-{day} 02:00:00"):
            return self._launch()

    def _told(self, employee, code):
        return self.Message.search(
            [("user_id", "=", employee.user_id.id), ("type_id.code", "=", code)], order="id"
        )

    def test_month_begins_with_the_targets(self):
        """Row 49: the month's targets come by themselves, as a sentence."""
        self.visits.direction, self.quality.unit = "higher", "count"
        self._launch_on("03-01")
        self._remind("03-01")
        (mail,) = self._inbox(self.anna.user_id)
        self.assertEqual(mail.subject, "Your targets, 2026-03 · Monthly")
        self.assertIn("Anna, this month: Visits 20 and Quality 5.", mail.body)
        self.assertIn("Please confirm your goals by 03/04/2026.", mail.body)
        self.assertEqual((mail.model, mail.res_id), ("hr.performance.review", self._id(self.anna)))

    def _id(self, employee):
        return self._review_of(employee).id

    def test_month_begins_in_chinese(self):
        self.anna.user_id.lang = "zh_CN"
        self.visits.with_context(lang="zh_CN").name = "客户转化率"
        self.visits.unit = "percent"
        self.quality.with_context(lang="zh_CN").name = "拍摄满意度"
        self._launch_on("03-01")
        self._remind("03-01")
        (mail,) = self._inbox(self.anna.user_id)
        self.assertIn("客户转化率20", mail.body.replace(" ", ""))
        self.assertIn("本月", mail.body)
        self.assertIn("拍摄满意度5", mail.body.replace(" ", ""))

    def test_lower_is_better_reads_as_a_limit(self):
        self.visits.direction = "lower"
        line = self._line(self._launch_on("03-01")[:1], self.visits)
        self.assertEqual(line._word_target(), "Visits at most 20")

    def test_later_launch_names_the_month(self):
        self._launch_on("04-02")
        self._remind("04-02")
        (mail, *_rest) = self._inbox(self.anna.user_id)
        self.assertIn("Anna, 2026-03: Visits 20", mail.body)

    def test_manager_gets_one_message_about_all_of_his_people(self):
        self._launch_on("03-01")
        self._remind("03-01")
        told = self._inbox(self.manager.user_id)
        digest = told.filtered(lambda mail: "Anna" in mail.body)
        self.assertEqual(len(digest), 1)
        self.assertEqual(digest.subject, "Performance reviews: New period of your team: 2")
        self.assertIn("• Anna: Visits 20 and Quality 5 points", digest.body)
        self.assertIn("• Bo: Visits 20 and Quality 5 points", digest.body)
        self.assertEqual(len(told), 2, "his own targets, and those of his people")

    def test_programme_without_goals_to_confirm_tells_the_targets_too(self):
        self.program.step_ids.filtered(lambda step: step.code == "goal_confirmation").used = False
        self.cycle.step_ids.filtered(lambda step: step.code == "goal_confirmation").unlink()
        self._launch_on("03-01")
        self.assertEqual(self._review_of(self.anna).state, "progress")
        self._remind("03-01")
        (mail,) = self._inbox(self.anna.user_id)
        self.assertIn("Visits 20", mail.body)
        self.assertNotIn("confirm", mail.body)

    def test_scoring_is_one_message(self):
        self._launch_on("03-01")
        self._remind("03-01")
        before = self._inbox(self.manager.user_id)
        for employee in (self.anna, self.bo):
            self._move_to(self._review_of(employee), "manager")
        self._remind("04-03")
        (mail,) = self._inbox(self.manager.user_id) - before
        self.assertEqual(mail.subject, "Performance reviews: Due soon: 1, To do: 2")
        self.assertIn("• Score Anna. Please do it by 04/05/2026.", mail.body)
        activities = self.env["mail.activity"].search([("user_id", "=", self.manager.user_id.id)])
        self.assertEqual(
            set(activities.mapped("summary")) & {"Score Anna", "Score Bo"},
            {"Score Anna", "Score Bo"},
        )

    def test_task_done_meanwhile_is_not_told(self):
        review = self._launch_on("03-01").filtered(lambda r: r.employee_id == self.anna)
        self._move_to(review, "self")
        with freeze_time("2026-04-01 15:00:00"):  # 23:00 there
            with self.enter_registry_test_mode():
                self.env.ref("hr_performance.ir_cron_remind").method_direct_trigger()
            review.with_user(self.anna.user_id).self_comment = "A good month"
            review.with_user(self.anna.user_id).action_submit_self()
        self._send("2026-04-02 00:00:00")
        self.assertEqual(self._told(self.anna, "task").state, "suppressed")

    def test_step_entered_anew_is_told_anew(self):
        review = self._launch_on("03-01").filtered(lambda r: r.employee_id == self.anna)
        with freeze_time("2026-04-01 02:00:00"):
            self._move_to(review, "manager")
        self._remind("04-01")
        with freeze_time("2026-04-02 02:00:00"):
            review.with_user(self.manager.user_id)._transition("return_to_employee", "Say more")
            self._move_to(review, "manager")
        self._remind("04-02")
        self._remind("04-02", 3)
        told = self._told(self.manager, "task").filtered(lambda m: m.res_id == review.id)
        self.assertEqual(len(told), 2)

    def test_deadline_put_off_reminds_anew(self):
        self._launch_on("03-01")
        self._remind("03-03")
        step = self.cycle.step_ids.filtered(lambda step: step.code == "goal_confirmation")
        step.write({"deadline": date(2026, 3, 12), "remind_on": date(2026, 3, 11)})
        self._remind("03-11")
        self.assertEqual(
            self._told(self.anna, "due_soon").mapped("subject"),
            ["Due on 03/04/2026: Confirm your goals", "Due on 03/12/2026: Confirm your goals"],
        )

    def test_overdue_says_whose_turn_it_is(self):
        self._launch_on("03-01")
        self._remind("03-09")
        told = self._told(self.manager, "overdue").filtered(
            lambda m: m.res_id == self._id(self.anna)
        )
        name = self.anna.user_id.name
        self.assertEqual(told.raw_line, f"Anna: Goal Confirmation ({name}), due on 03/04/2026")

    def test_result_is_announced_without_a_score(self):
        review = self._launch_on("03-01").filtered(lambda r: r.employee_id == self.anna)
        self._add_facts(self.anna, self.visits, 15)
        self._move_to(review, "published")
        self.assertTrue(review.total)
        self._remind("04-08")
        message = self._told(self.anna, "published")
        self.assertEqual(message.state, "sent")
        self.assertIn("You can appeal until 04/15/2026.", message.body)
        text = message.subject + message.body
        for secret in (f"{review.total:g}", f"{review.total:.2f}", "Careful work"):
            self.assertNotIn(secret, text)

    def test_nobody_is_told_twice_by_another_run(self):
        self._launch_on("03-01")
        for hour in (2, 3, 4):
            self._remind("03-01", hour)
        self.cycle.review_ids.write({"task_sent": False, "start_sent": False})
        self._remind("03-01", 5)
        self.assertEqual(len(self._inbox(self.anna.user_id)), 1)

    def test_reminding_costs_the_same_for_more_people(self):
        ids = self._launch_on("03-01").ids
        counts = []
        for batch in ([self._id(self.anna)], ids):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env["hr.performance.review"].browse(batch)._remind("start")
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLess(counts[1] - counts[0], 4)
