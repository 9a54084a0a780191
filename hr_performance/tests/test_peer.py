from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .peer_common import PeerCase


@tagged("post_install", "-at_install")
class TestPeer(PeerCase):
    """The loop of a 360° review: proposed, approved, answered, counted, shown."""

    def test_launching_opens_one_for_each_review(self):
        polls = self.cycle.poll_ids
        self.assertEqual(polls.review_id, self.reviews)
        self.cycle.action_open_peer()
        self.assertEqual(self.cycle.poll_ids, polls, "again is the same as once")
        self.assertRecordValues(
            self.poll,
            [
                {
                    "employee_id": self.anna.id,
                    "manager_id": self.manager.id,
                    "invited_count": 2,
                    "answered_count": 0,
                    "minimum": 3,
                }
            ],
        )

    def test_reports_are_invited_by_themselves(self):
        poll = self.cycle.poll_ids.filtered(lambda p: p.employee_id == self.manager)
        invited = poll.invitation_ids
        self.assertEqual(set(invited.mapped("perspective")), {"report"})
        everybody = self.anna | self.bo | self.dora | self.emil | self.fay | self.gus
        self.assertEqual(invited.reviewer_id, everybody)
        self.assertEqual(poll.invited_count, 8, "with the manager himself and the director")

    def test_employee_proposes_and_manager_approves(self):
        proposed = self._invite(self.bo, self.dora, user=self.anna.user_id)
        self.assertEqual(set(proposed.mapped("state")), {"proposed"})
        self.assertEqual(set(proposed.mapped("perspective")), {"peer"})
        self.assertFalse(self._ballot(self.bo), "nobody is asked before it is approved")
        with self.assertRaises(AccessError):
            proposed.with_user(self.anna.user_id).action_approve()
        proposed[0].with_user(self.manager.user_id).action_approve()
        proposed[1].with_user(self.manager.user_id).action_refuse()
        self.assertEqual(proposed.mapped("state"), ["approved", "refused"])
        self.assertTrue(self._ballot(self.bo))
        self.assertFalse(self._ballot(self.dora))

    def test_manager_need_not_approve_his_own_proposals(self):
        self.assertEqual(self._invite(self.bo).state, "approved")

    def test_hr_alone_approves_where_the_programme_says_so(self):
        self.program.peer_approval = "hr"
        invitation = self._invite(self.bo)
        self.assertEqual(invitation.state, "proposed")
        with self.assertRaises(AccessError):
            invitation.with_user(self.manager.user_id).action_approve()
        invitation.with_user(self.hr_user).action_approve()
        self.assertEqual(invitation.state, "approved")

    def test_employee_proposes_nobody_where_the_manager_does(self):
        self.program.peer_nomination = "manager"
        with self.assertRaises(AccessError):
            self._invite(self.bo, user=self.anna.user_id)

    def test_nobody_is_invited_who_answers_anyway_or_cannot(self):
        for person in (self.anna, self.manager):
            with self.assertRaises(ValidationError):
                self._invite(person)
        nobody = self._create_employee("nobody", self.sales_east, self.manager)
        nobody.user_id = False
        with self.assertRaises(UserError):
            self._invite(nobody)
        self._invite(self.bo)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._invite(self.bo)

    def test_from_answers_to_the_result(self):
        self._invite(self.bo, self.dora, self.emil)
        self._answer(self.anna, 5)
        self._answer(self.manager, 4, "Good month")
        for person, rating in ((self.bo, 2), (self.dora, 3), (self.emil, 4)):
            self._answer(person, rating, f"By {rating}")
        self.assertEqual(self.poll.answered_count, 5)
        self.assertFalse(self.poll.result_ids, "nothing is computed before the end")
        self._close()
        self.assertEqual(
            self._groups(),
            {
                "self": ("shown", 1, 5),
                "manager": ("shown", 1, 4),
                "peer": ("shown", 3, 3),
                "report": ("none", 0, 0),
                "other": ("none", 0, 0),
            },
        )
        total = self._total()
        self.assertAlmostEqual(total.average, (40 * 4 + 30 * 3) / 70, 2)
        self.assertEqual(total.answers, 4)
        comments = self.poll.result_ids.filtered(lambda r: r.kind == "comment")
        peers = comments.filtered(lambda r: r.perspective == "peer")
        self.assertEqual(set(peers.mapped("text")), {"By 2", "By 3", "By 4"})
        self.assertEqual(self.poll.answered_count, 5)

    def test_missing_perspective_is_shown_as_missing(self):
        """Trap 1: it leaves the denominator, and the page says that it is missing."""
        self._answer(self.manager, 4)
        self._close()
        self.assertEqual(self._total().average, 4)
        summary = self.poll.with_user(self.manager.user_id).summary
        self.assertIn("Not shown", summary)
        for label in ("Peers", "Reports", "Others", "Employee Himself"):
            self.assertIn(label, summary)

    def test_small_group_shows_nothing_and_counts_for_nothing(self):
        self._invite(self.bo, self.dora)
        self._answer(self.manager, 4)
        self._answer(self.bo, 1, "Secret")
        self._answer(self.dora, 1)
        self._close()
        self.assertEqual(self._groups()["peer"], ("few", 0, 0))
        self.assertEqual(self._total().average, 4)
        self.assertNotIn("Secret", self.poll.result_ids.filtered("text").mapped("text"))
        questions = self.poll.result_ids.filtered(lambda r: r.kind == "question")
        self.assertEqual(questions.mapped("average"), [4])

    def test_small_groups_are_counted_together(self):
        self._invite(self.bo, self.dora)
        self._invite(self.carl)
        self.assertEqual(set(self.poll.invitation_ids.mapped("perspective")), {"peer", "other"})
        self._answer(self.bo, 1, "One")
        self._answer(self.dora, 2)
        self._answer(self.carl, 3, "Three")
        self._close()
        self.assertEqual(self._groups()["peer"], ("merged", 0, 0))
        self.assertEqual(self._groups()["other"], ("shown", 3, 2))
        comments = self.poll.result_ids.filtered(lambda r: r.kind == "comment")
        self.assertEqual(set(comments.mapped("perspective")), {"other"})

    def test_answers_before_the_first_day_and_after_the_last(self):
        with freeze_time("2026-03-20"), self.assertRaisesRegex(UserError, "taken from"):
            self._answer(self.manager, 4)
        with freeze_time("2026-04-05"), self.assertRaisesRegex(UserError, "no more answers"):
            self._answer(self.manager, 4)

    def test_late_answers_as_the_programme_says(self):
        program = self.program.copy({"peer_late_days": 3, "name": "Late"})
        times = program._get_peer_times(self.cycle.date_to)
        self.assertEqual((times["closes_on"] - times["due_on"]).days, 3)
        self.poll.with_user(self.hr_user).closes_on = "2026-04-06"
        with freeze_time("2026-04-06 04:00:00"):
            self._answer(self.manager, 4)
        self.assertEqual(self.poll.answered_count, 1)

    def test_closed_early_by_hr_and_for_good(self):
        self._answer(self.manager, 4)
        self.poll.with_user(self.hr_user).action_close()
        with self.assertRaises(UserError):
            self._answer(self.anna, 4)
        with self.enter_registry_test_mode():
            self.env.ref("hr_performance.ir_cron_polls").method_direct_trigger()
        self.assertEqual(self.poll.state, "closed")
        first = self._total()
        self.poll._count()
        self.assertEqual(self._total(), first, "counted once")
        with self.assertRaises(UserError):
            self.poll.with_user(self.hr_user).closes_on = "2026-12-31"

    def test_answers_are_checked(self):
        ballot = self._ballot(self.manager)
        for answers in (
            {},
            {self.clear.id: 0},
            {self.clear.id: 6},
            {self.clear.id: "five"},
            {self.remark.id: "   "},
            {self.clear.id: 3, 999999: 1},
        ):
            with self.subTest(answers), self.assertRaises(UserError):
                ballot.cast(answers)
        self.assertTrue(ballot.exists(), "a refused answer uses nothing up")
        ballot.cast({str(self.clear.id): "3"})

    def test_upward_questions_are_asked_of_the_reports_only(self):
        poll = self.cycle.poll_ids.filtered(lambda p: p.employee_id == self.manager)
        self.env.cr.execute(
            "UPDATE hr_performance_question SET audience = 'report' WHERE id = %s",
            [self.clear.id],
        )
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            self._ballot(self.director, poll).cast({self.clear.id: 4})
        self._ballot(self.anna, poll).cast({self.clear.id: 4})

    def test_questions_that_were_asked_stay_as_they_are(self):
        """Trap 3: neither words nor scale change under answers that were given."""
        with self.assertRaises(UserError):
            self.clear.name = "Is loud"
        with self.assertRaises(UserError):
            self.clear.unlink()
        general = self.env.ref("hr_performance.hr_performance_question_clear")
        with self.assertRaises(UserError):
            general.kind = "text"
        self.program.rating_max = 10
        self._answer(self.manager, 4)
        self._close()
        self.assertEqual(self._total().rating_max, 5)

    def test_cancelled_review_takes_no_answers(self):
        self.review.sudo()._set_state("cancelled")
        with self.assertRaises(UserError):
            self._answer(self.manager, 4)

    def test_rating_counts_in_the_review_where_the_template_wants_it(self):
        metric = self.env["hr.performance.metric"].create(
            {"name": "360", "code": "t_360", "source": "peer", "unit": "rating"}
        )
        dates = (self.cycle.date_from, self.cycle.date_to)
        people = self.anna | self.bo
        self._answer(self.manager, 4)
        measured = metric._measure(people, *dates)[metric]
        self.assertFalse(measured[self.anna.id].measured, "unknown until it is counted")
        self._close()
        measured = metric._measure(people, *dates)[metric]
        self.assertEqual(measured[self.anna.id].value, 4)
        self.assertEqual(measured[self.anna.id].sample, 1)
        self.assertFalse(measured[self.bo.id].measured, "nobody answered: not zero")

    def _messages(self, code, person):
        return self.env["hr.performance.message"].search(
            [("type_id.code", "=", code), ("user_id", "=", person.user_id.id)]
        )

    def test_people_are_told_and_reminded_once(self):
        self._invite(self.bo, self.dora)
        (invitation,) = self._messages("poll_invitation", self.bo).filtered(
            lambda m: "Anna" in m.body
        )
        self.assertGreaterEqual(invitation.send_after.date(), self.poll.opens_on)
        self._answer(self.bo, 4)
        cron = self.env.ref("hr_performance.ir_cron_polls")
        with freeze_time("2026-04-01 04:00:00"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        about_anna = lambda m: "Anna" in m.body  # noqa: E731
        self.assertEqual(len(self._messages("poll_reminder", self.dora).filtered(about_anna)), 1)
        self.assertFalse(self._messages("poll_reminder", self.bo).filtered(about_anna))

    def test_approvers_and_readers_are_told(self):
        self._invite(self.bo, self.dora, user=self.anna.user_id)
        proposed = self._messages("peer_proposed", self.manager)
        self.assertEqual(len(proposed), 1, "one message, however many people")
        self.assertIn("Bo, Dora", proposed.body)
        self._answer(self.manager, 4)
        self._close()
        told = self._messages("peer_result", self.manager).filtered(
            lambda m: m.res_id == self.review.id
        )
        self.assertEqual(len(told), 1)
        self.assertFalse(self._messages("peer_result", self.anna), "not before it is released")

    def test_queries_do_not_grow_with_the_people(self):
        self.assertEqual(self._count_queries(10), self._count_queries(100))

    def _count_queries(self, size):
        """Queries of opening, inviting to and counting the 360° reviews of so many people."""
        cycle = self.program._open_cycles([self.program._get_next_period()]).sudo()
        self.program.peer_used = False
        reviews = cycle._launch_batch(self._create_people_of_size(size))
        self.program.peer_used = True
        opening = self._measure_queries(reviews._open_peer_polls)
        polls = reviews.poll_ids
        self.assertEqual(len(polls), size)
        rows = [poll._prepare_invitation(self.bo, "peer") for poll in polls]
        Invitation = self.env["hr.performance.peer.invitation"]
        inviting = self._measure_queries(lambda: Invitation._invite(rows))
        ballots = self.env["hr.performance.ballot"].search(
            [("poll_id", "in", polls.ids), ("perspective", "=", "peer")]
        )
        for ballot in ballots:
            rows = ballot._prepare_answers({self.clear.id: 3, self.remark.id: "Yes"})
            self.env["hr.performance.answer"]._store(rows)
        polls.state = "closing"
        counting = self._measure_queries(polls._count)
        self.assertEqual(set(polls.mapped("state")), {"closed"})
        return opening, inviting, counting

    def _create_people_of_size(self, size):
        users = self.env["res.users"].create(
            [
                {
                    "name": f"P{number} of {size}",
                    "login": f"p{number}of{size}",
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                }
                for number in range(size)
            ]
        )
        return self.env["hr.employee"].create(
            [
                {
                    "name": user.name,
                    "user_id": user.id,
                    "company_id": self.company.id,
                    "department_id": self.sales_east.id,
                    "parent_id": self.carl.id,
                    "date_version": "2020-01-01",
                }
                for user in users
            ]
        )

    def _measure_queries(self, method):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        method()
        self.env.flush_all()
        return self.env.cr.sql_log_count - start
