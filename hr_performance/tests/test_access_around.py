from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import PerformanceCase
from .test_appeal import AppealCase
from .test_feedback import FeedbackCase
from .test_interview import InterviewCase


class AroundCase:
    """Attacks on what stands around a record instead of on the record itself."""

    def _assert_words_stand(self, record, message, *users):
        """Nobody rewrites or removes what somebody else said on a record."""
        attacks = {
            "write": lambda m: m.write({"body": "I am the best"}),
            "unlink": lambda m: m.unlink(),
            "update through the record": lambda m: record.with_user(m.env.user).write(
                {"message_ids": [Command.update(m.id, {"body": "I am the best"})]}
            ),
            "delete through the record": lambda m: record.with_user(m.env.user).write(
                {"message_ids": [Command.delete(m.id)]}
            ),
        }
        for user in users:
            for name, attack in attacks.items():
                with self.subTest(f"{user.login} {name}"), self.assertRaises(AccessError):
                    attack(self._as(user, message))
        self.assertIn("Careful", message.body)

    def _say(self, record, user, **vals):
        return self._as(user, record).message_post(body="Careful work", **vals).sudo(False)

    def _upload(self, user, name="proof.txt"):
        files = self.env["ir.attachment"].with_user(user)
        return files.create({"name": name, "raw": b"as it was"})


@tagged("post_install", "-at_install")
class TestAroundReview(AroundCase, AppealCase):
    def test_words_on_a_review_stand(self):
        message = self._say(self.review, self.hr_user)
        self._assert_words_stand(self.review, message, self.anna.user_id, self.manager.user_id)

    def test_words_stand_for_whom_they_are_meant_too(self):
        message = self._say(self.review, self.hr_user, partner_ids=self.anna.user_id.partner_id.ids)
        self._assert_words_stand(self.review, message, self.anna.user_id)

    def test_own_words_are_corrected(self):
        message = self._say(self.review, self.manager.user_id)
        self._as(self.manager.user_id, message).body = "Very careful work"
        self.assertIn("Very careful", message.body)

    def test_words_on_an_appeal_stand(self):
        appeal = self._appeal(self.line)
        message = self._say(appeal, self.manager.user_id)
        self._assert_words_stand(appeal, message, self.anna.user_id, self.hr_user)

    def test_files_of_a_submitted_appeal_stand(self):
        appeal = self._appeal(self.line, submit=False)
        proof = self._upload(self.anna.user_id)
        self._as(self.anna.user_id, appeal).attachment_ids = [Command.link(proof.id)]
        self._as(self.anna.user_id, proof).raw = b"better"
        self._as(self.anna.user_id, appeal).action_submit()
        for user in (self.anna.user_id, self.manager.user_id, self.hr_user, self.hr_admin):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._as(user, proof).write({"raw": b"worse"})
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._as(user, proof).unlink()
        self.assertEqual(self._as(self.manager.user_id, proof).raw, b"better")

    def test_who_lost_access_hears_no_more(self):
        """Whoever writes follows; he is told nothing once the review is not his business."""
        comment = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        self._say(self.review, self.manager.user_id, **comment)
        self.assertIn(self.manager.user_id.partner_id, self.review.message_partner_ids)
        self._say(self.review, self.hr_user, **comment)
        self.anna.parent_id = self.carl
        self.review.sudo().manager_id = self.carl
        private = self._say(self.review, self.anna.user_id, **comment)
        self.assertEqual(private.notification_ids.res_partner_id, self.hr_user.partner_id)
        # who is named on purpose is told
        manager = self.manager.user_id.partner_id
        named = self._say(self.review, self.anna.user_id, partner_ids=manager.ids)
        self.assertIn(manager, named.notification_ids.res_partner_id)


@tagged("post_install", "-at_install")
class TestAroundInterview(AroundCase, InterviewCase):
    def test_words_on_an_interview_stand(self):
        interview = self._plan()
        message = self._say(interview, self.manager.user_id)
        self._assert_words_stand(interview, message, self.anna.user_id, self.hr_user)

    def test_agreement_leads_to_no_step_of_others(self):
        plan = self.env["hr.performance.plan"].create(
            {
                "name": "Carl drinks too much",
                "employee_id": self.carl.id,
                "step_ids": [Command.create({"name": "See the doctor"})],
            }
        )
        interview = self._plan(agreement_ids=[Command.create({"name": "Listen"})])
        agreement = self._as(self.manager.user_id, interview.agreement_ids)
        for attack in (
            lambda: agreement.write({"step_id": plan.step_ids.id}),
            lambda: agreement.create(
                {"interview_id": interview.id, "name": "x", "step_id": plan.step_ids.id}
            ),
        ):
            with self.assertRaises(AccessError):
                attack()


@tagged("post_install", "-at_install")
class TestAroundEvidence(AroundCase, PerformanceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.helped = cls.env["hr.performance.metric"].create(
            {"name": "Help given", "code": "t_helped", "source": "evidence", "unit": "count"}
        )

    def setUp(self):
        super().setUp()
        self._launch()
        self.line = self._line(self._review_of(self.anna), self.quality)
        self.line.sudo().metric_id = self.helped

    def _as(self, user, records):
        self.env.flush_all()
        records = records.with_user(user)
        records.env.invalidate_all()
        return records

    def _submit(self, **vals):
        vals = {"date": date(2026, 3, 12), "description": "Showed Bo the lights", **vals}
        Evidence = self._as(self.anna.user_id, self.env["hr.performance.evidence"])
        return Evidence.create({"review_line_id": self.line.id, **vals})

    def test_files_of_decided_evidence_stand(self):
        proof = self._upload(self.anna.user_id)
        evidence = self._submit(attachment_ids=[Command.link(proof.id)])
        self._as(self.anna.user_id, proof).raw = b"better"
        with self.assertRaises(AccessError):
            self._as(self.manager.user_id, proof).write({"raw": b"worse"})
        self._as(self.manager.user_id, evidence).action_accept()
        for user in (self.anna.user_id, self.manager.user_id, self.hr_admin):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._as(user, proof).write({"raw": b"worse"})
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._as(user, proof).unlink()
        self.assertEqual(self._as(self.manager.user_id, proof).raw, b"better")

    def test_reason_of_the_decision_is_not_the_subjects(self):
        with self.assertRaises(AccessError):
            self._submit(decision_reason="I say so")
        with self.assertRaises(AccessError):
            Evidence = self._as(self.anna.user_id, self.env["hr.performance.evidence"])
            Evidence.with_context(default_decision_reason="I say so").create(
                {
                    "review_line_id": self.line.id,
                    "date": date(2026, 3, 12),
                    "description": "x",
                }
            )


@tagged("post_install", "-at_install")
class TestAroundPlan(FeedbackCase):
    """Clients choose the context, and with it the defaults of what they make."""

    def test_plan_begins_as_a_draft(self):
        Plan = self.env["hr.performance.plan"].with_user(self.anna.user_id)
        forged = {"state": "recovered", "closed_by_id": self.manager.user_id.id}
        plan = Plan.with_context(**{f"default_{k}": v for k, v in forged.items()}).create(
            {"name": "I am better already"}
        )
        self.assertEqual((plan.state, plan.closed_by_id.id), ("draft", False))

    def test_nobody_replies_for_the_employee(self):
        feedback = (
            self.env["hr.performance.feedback"]
            .with_user(self.bo.user_id)
            .with_context(default_reply="You are right", default_source_name="A complaint")
            .create({"employee_id": self.anna.id, "text": "Too slow"})
        )
        self.assertFalse(feedback.reply or feedback.source_name)
