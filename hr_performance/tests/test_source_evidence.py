from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import PERIOD, PerformanceCase


@tagged("post_install", "-at_install")
class TestEvidence(PerformanceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.helped = cls.env["hr.performance.metric"].create(
            {"name": "Help given", "code": "t_helped", "source": "evidence", "unit": "count"}
        )

    def setUp(self):
        super().setUp()
        self._launch()
        self.review = self._review_of(self.anna)
        self.line = self._line(self.review, self.quality)
        self.line.sudo().metric_id = self.helped

    def _submit(self, user=None, **vals):
        return (
            self.env["hr.performance.evidence"]
            .with_user(user or self.anna.user_id)
            .create(
                {
                    "review_line_id": self.line.id,
                    "date": date(2026, 3, 12),
                    "description": "Showed Bo the new lights",
                    **vals,
                }
            )
        )

    def _measure(self):
        return self.helped._measure(self.anna, *PERIOD)[self.helped][self.anna.id]

    def test_only_what_was_accepted_counts(self):
        evidence = self._submit(quantity=2.5)
        self._submit()
        self.assertEqual(evidence.employee_id, self.anna)
        self.assertEqual(evidence.metric_id, self.helped)
        self.assertEqual(self._measure().value, 0)
        evidence.with_user(self.manager.user_id).action_accept()
        self.assertEqual(evidence.state, "accepted")
        self.assertEqual(evidence.decided_by_id, self.manager.user_id)
        self.assertEqual((self._measure().value, self._measure().sample), (2.5, 1))
        value = self.env["hr.performance.value"].search(
            [("metric_id", "=", self.helped.id), ("employee_id", "=", self.anna.id)]
        )
        self.assertEqual(value.value, 2.5, "the review was refreshed")

    def test_refused_counts_no_more_and_says_why(self):
        evidence = self._submit()
        boss = evidence.with_user(self.manager.user_id)
        boss.action_accept()
        with self.assertRaisesRegex(UserError, "Write the reason"):
            boss.action_refuse()
        boss.decision_reason = "It was Carl"
        boss.action_refuse()
        self.assertEqual(self._measure().value, 0)
        self.assertIn("It was Carl", self.review.message_ids[0].body)
        self.assertIn(self.anna.user_id.partner_id, self.review.message_ids[0].partner_ids)

    def test_the_subject_decides_nothing(self):
        evidence = self._submit()
        own = evidence.with_user(self.anna.user_id)
        attacks = {
            "accept": lambda: own.action_accept(),
            "refuse": lambda: own.action_refuse(),
            "state": lambda: own.write({"state": "accepted"}),
            "decider": lambda: own.write({"decided_by_id": self.manager.user_id.id}),
            "reason": lambda: own.write({"decision_reason": "I say so"}),
            "create accepted": lambda: self._submit(state="accepted"),
            "other line": lambda: own.write({"review_line_id": self.review.line_ids[0].id}),
        }
        own.sudo().decision_reason = "x"
        for name, attack in attacks.items():
            with self.subTest(name), self.assertRaises(AccessError):
                attack()
        self.assertEqual(evidence.state, "submitted")

    def test_an_officer_decides_nothing_about_himself(self):
        user = self.anna.user_id
        user.group_ids += self.env.ref("hr_performance.group_hr_performance_manager")
        evidence = self._submit()
        with self.assertRaisesRegex(AccessError, "his own"):
            evidence.with_user(user).action_accept()
        evidence.with_user(self.hr_user).action_accept()
        self.assertEqual(evidence.state, "accepted")

    def test_only_the_subject_submits_and_changes(self):
        evidence = self._submit()
        for employee in (self.manager, self.bo, self.carl, self.director):
            with self.subTest(employee.name), self.assertRaises(AccessError):
                self._submit(employee.user_id)
        for user in (self.manager.user_id, self.bo.user_id, self.hr_user, self.auditor):
            own = evidence.with_user(user)
            for name, call in {
                "write": lambda r: r.write({"quantity": 99}),
                "unlink": lambda r: r.unlink(),
            }.items():
                with self.subTest(f"{user.login} {name}"), self.assertRaises(AccessError):
                    call(own)

    def test_strangers_see_and_decide_nothing(self):
        evidence = self._submit()
        for user in (self.bo.user_id, self.carl.user_id):
            Evidence = self.env["hr.performance.evidence"].with_user(user)
            self.assertFalse(Evidence.search([]))
            self.assertEqual(Evidence._read_group([], [], ["quantity:sum"]), [(False,)])
            for call in (
                lambda r: r.read(["description"]),
                lambda r: r.action_accept(),
                lambda r: r.write({"decision_reason": "x"}),
            ):
                with self.assertRaises(AccessError):
                    call(evidence.with_user(user))
        for user in (self.manager.user_id, self.director.user_id, self.hr_user, self.auditor):
            self.assertEqual(
                self.env["hr.performance.evidence"].with_user(user).search([]), evidence
            )
        with self.assertRaises(AccessError):
            evidence.with_user(self.auditor).action_accept()

    def test_decided_evidence_and_closed_reviews_stay(self):
        evidence, other = self._submit(), self._submit()
        evidence.with_user(self.manager.user_id).action_accept()
        own = evidence.with_user(self.anna.user_id)
        for call in (lambda: own.write({"quantity": 99}), lambda: own.unlink()):
            with self.assertRaisesRegex(AccessError, "decided"):
                call()
        other.with_user(self.anna.user_id).write({"quantity": 2})
        self.review.sudo().state = "published"
        for call in (
            lambda: other.with_user(self.anna.user_id).write({"quantity": 3}),
            lambda: other.with_user(self.anna.user_id).unlink(),
            lambda: self._submit(),
            lambda: other.with_user(self.manager.user_id).action_accept(),
        ):
            with self.assertRaisesRegex(AccessError, "does not take evidence"):
                call()

    def test_day_in_the_period(self):
        with self.assertRaisesRegex(ValidationError, "period of the review"):
            self._submit(date=date(2026, 4, 1))

    def test_files_are_read_by_who_reads_the_evidence(self):
        own = self.env["ir.attachment"].with_user(self.anna.user_id)
        file = own.create({"name": "proof.txt", "raw": b"proof"})
        evidence = self._submit(attachment_ids=[Command.set(file.ids)])
        self.assertEqual((file.res_model, file.res_id), (evidence._name, evidence.id))
        self.env.invalidate_all()
        self.assertEqual(file.with_user(self.manager.user_id).raw, b"proof")
        with self.assertRaises(AccessError):
            file.with_user(self.carl.user_id).read(["raw"])

    def test_files_of_others_cannot_be_taken(self):
        secret = self.env["ir.attachment"].create({"name": "secret", "raw": b"secret"})
        with self.assertRaises(AccessError):
            self._submit(attachment_ids=[Command.set(secret.ids)])
