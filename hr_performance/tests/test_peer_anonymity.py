import inspect
import logging

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from .peer_common import PeerCase

#: Columns of an answer. A new one has to be thought about: does it lead to the author?
ANSWER_COLUMNS = {"id", "poll_id", "perspective", "department_id", "question_id", "rating", "text"}


@tagged("post_install", "-at_install")
class TestPeerAnonymity(PeerCase):
    """Traps 27, 28, 31, 33 to 35: what every kind of reader can and cannot find out."""

    def setUp(self):
        super().setUp()
        self._invite(self.bo, self.dora, self.emil)
        self.env.flush_all()

    def _as(self, user, records):
        records = records.with_user(user)
        records.env.invalidate_all()
        return records

    def _rows(self, query, *args):
        self.env.flush_all()
        return self.env.execute_query(SQL(query, *args))

    # The answer

    def test_answer_has_no_column_that_leads_to_its_author(self):
        """Trap 34, in the database itself and not only in the model."""
        rows = self._rows(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
            "hr_performance_answer",
        )
        self.assertEqual({name for (name,) in rows}, ANSWER_COLUMNS)
        Answer = self.env["hr.performance.answer"]
        self.assertFalse(Answer._log_access)
        self.assertFalse(
            {"message_ids", "activity_ids", "message_follower_ids"} & set(Answer._fields)
        )

    def test_key_is_no_serial_number(self):
        (default,) = self._rows(
            "SELECT column_default FROM information_schema.columns"
            " WHERE table_name = 'hr_performance_answer' AND column_name = 'id'"
        )
        self.assertEqual(default, (None,))
        self._answer(self.bo, 2)
        self._answer(self.dora, 3)
        keys = self.env["hr.performance.answer"].search([("poll_id", "=", self.poll.id)]).ids
        self.assertEqual(len(keys), 4)
        self.assertGreater(max(keys) - min(keys), 1000)

    def test_answers_are_stored_in_one_way_only(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env["hr.performance.answer"].sudo().create({"poll_id": self.poll.id})

    def test_nothing_else_is_written_with_the_answer(self):
        """No row of any table tells who answered or when: the ballot is gone, that is all."""
        before = self._count_all_rows()
        self._answer(self.bo, 2, "Hm")
        after = self._count_all_rows()
        changed = {t: after[t] - before[t] for t in after if after[t] != before[t]}
        self.assertEqual(changed, {"hr_performance_answer": 3, "hr_performance_ballot": -1})

    def _count_all_rows(self):
        tables = [
            model._table
            for model in self.env.values()
            if model._auto and not model._abstract and not model._transient
        ]
        query = " UNION ALL ".join(f"SELECT '{t}', count(*) FROM \"{t}\"" for t in set(tables))
        return dict(self._rows(query))

    def test_no_living_row_shares_the_transaction_of_the_answer(self):
        """The database notes for each row which transaction wrote it."""
        self._rows("SAVEPOINT a")
        self._answer(self.bo, 2)
        xmin = {x for (x,) in self._rows("SELECT DISTINCT xmin::text FROM hr_performance_answer")}
        self.assertEqual(len(xmin), 1)
        for table in ("hr_performance_ballot", "hr_performance_peer_invitation"):
            rows = self._rows(f"SELECT count(*) FROM {table} WHERE xmin::text = %s", *xmin)
            self.assertEqual(rows, [(0,)], table)

    def test_invitation_does_not_know_whether_it_was_used(self):
        invitations = self.poll.invitation_ids
        before = invitations.read()
        self._answer(self.bo, 2)
        self.env.invalidate_all()
        self.assertEqual(invitations.read(), before)

    def test_no_log_line_of_ours(self):
        with self.assertNoLogs("odoo.addons.hr_performance", logging.DEBUG):
            self._answer(self.bo, 2, "Secret words")

    def test_nothing_is_left_after_counting(self):
        for person in (self.bo, self.dora, self.emil):
            self._answer(person, 3, "Words")
        self._close()
        for table in ("hr_performance_answer", "hr_performance_ballot"):
            rows = self._rows(f"SELECT count(*) FROM {table} WHERE poll_id = %s", self.poll.id)
            self.assertEqual(rows, [(0,)], table)

    def test_results_have_no_author_and_no_time_either(self):
        Result = self.env["hr.performance.poll.result"]
        self.assertFalse(Result._log_access)
        self.assertEqual(self.poll._fields["closed_on"].type, "date")

    def test_hidden_answers_change_no_figure(self):
        """Subtraction finds nothing: whatever the small group said, all figures are the same."""
        figures = []
        for ratings in ((1, 1), (5, 5)):
            self.cr.execute("SAVEPOINT small")
            self._answer(self.manager, 4)
            for person, rating in zip((self.bo, self.dora), ratings, strict=True):
                self._answer(person, rating, "Words")
            self._close()
            figures.append(
                [
                    (r.kind, r.perspective, r.question_id.id, r.answers, r.average, r.text)
                    for r in self.poll.result_ids
                ]
            )
            self.cr.execute("ROLLBACK TO SAVEPOINT small")
            self.env.invalidate_all()
        self.assertEqual(*figures)

    # The ballot

    def test_ballot_belongs_to_its_user(self):
        """Traps 33 and 35: nobody answers with the ballot of another, whatever his rights."""
        ballot = self._ballot(self.bo).sudo(False)
        for user in (self.carl.user_id, self.anna.user_id, self.manager.user_id, self.hr_admin):
            with self.subTest(user.login), self.assertRaises(UserError):
                self._as(user, ballot).cast({self.clear.id: 1})
            with self.subTest(user.login), self.assertRaises(UserError):
                self._as(user, ballot.sudo()).cast({self.clear.id: 1})
        self.assertFalse(self.env["hr.performance.answer"].search([]))

    def test_ballot_is_used_once(self):
        ballot = self._ballot(self.bo)
        ballot.cast({self.clear.id: 1})
        with self.assertRaises(UserError):
            ballot.cast({self.clear.id: 5})
        invitation = self.poll.invitation_ids.filtered(lambda i: i.reviewer_id == self.bo)
        invitation.with_user(self.hr_user).action_approve()
        self.assertFalse(self._ballot(self.bo), "approving again gives no second one")

    def test_who_has_answered_is_shown_to_nobody(self):
        self._answer(self.bo, 2)
        for user in (self.hr_user, self.hr_admin, self.auditor, self.manager.user_id):
            Ballot = self._as(user, self.env["hr.performance.ballot"])
            others = Ballot.search([("user_id", "!=", user.id)])
            self.assertFalse(others)
            groups = Ballot._read_group([("user_id", "!=", user.id)], ["user_id"], ["__count"])
            self.assertFalse(groups)

    def test_reminders_do_not_tell_who_has_answered(self):
        self._answer(self.bo, 2)
        with freeze_time("2026-04-01 04:00:00"), self.enter_registry_test_mode():
            self.env.ref("hr_performance.ir_cron_polls").method_direct_trigger()
        reminder = self.env.ref("hr_performance.message_type_poll_reminder")
        about = [("type_id", "=", reminder.id)]
        self.assertTrue(self.env["hr.performance.message"].search(about))
        for user in (self.hr_user, self.hr_admin, self.auditor, self.manager.user_id):
            Message = self._as(user, self.env["hr.performance.message"])
            self.assertFalse(Message.search([*about, ("user_id", "!=", user.id)]), user.login)
        self.assertEqual(self._as(self.hr_admin, reminder).message_count, 0)
        own = self._as(self.dora.user_id, self.env["hr.performance.message"]).search(about)
        self.assertEqual(own.user_id, self.dora.user_id)

    # Everybody

    def test_nobody_reads_answers(self):
        self._answer(self.bo, 2, "Secret")
        answers = self.env["hr.performance.answer"].search([])
        export = self.env.ref("base.group_allow_export")
        for user in (self.anna.user_id, self.bo.user_id, self.hr_user, self.hr_admin, self.auditor):
            user.group_ids += export
            calls = {
                "search": lambda r: r.search([]),
                "read": lambda r: r.read(["text"]),
                "group": lambda r: r._read_group([], ["question_id"], ["rating:avg"]),
                "export": lambda r: r.export_data(["text"]),
                "write": lambda r: r.write({"rating": 5}),
                "create": lambda r: r.create({"poll_id": self.poll.id}),
                "unlink": lambda r: r.unlink(),
            }
            for name, call in calls.items():
                with self.subTest(f"{user.login} {name}"), self.assertRaises(AccessError):
                    call(self._as(user, answers))

    def test_stranger_finds_nothing(self):
        """Trap 27, with a bare internal user."""
        self._answer(self.manager, 2)
        self._close()
        stranger = self.carl.user_id
        stranger.group_ids += self.env.ref("base.group_allow_export")
        for records in (self.poll, self.poll.result_ids, self.poll.invitation_ids):
            model = self._as(stranger, records.browse())
            self.assertFalse(model.search([("id", "in", records.ids)]))
            self.assertEqual(
                model._read_group([("id", "in", records.ids)], [], ["__count"]), [(0,)]
            )
            for call in (
                lambda r: r.read(["display_name"]),
                lambda r: r.export_data(["company_id"]),
                lambda r: r.write({"company_id": self.other_company.id}),
                lambda r: r.unlink(),
                lambda r: r.copy(),
            ):
                with self.assertRaises(AccessError):
                    call(self._as(stranger, records))
        with self.assertRaises(AccessError):
            self._invite(self.fay, user=stranger)

    def test_every_public_method_refuses_the_stranger(self):
        """Trap 31."""
        stranger = self.carl.user_id
        for records in (self.poll, self.poll.invitation_ids[:1]):
            for name, function in inspect.getmembers(type(records), inspect.isfunction):
                module = function.__module__
                if name.startswith("action_") and module.startswith("odoo.addons.hr_performance"):
                    with self.subTest(name), self.assertRaises(AccessError):
                        getattr(self._as(stranger, records), name)()

    def test_subject_reads_the_result_once_it_is_released(self):
        """Trap 28: over RPC as well, and whatever else he is."""
        self._answer(self.manager, 2)
        self._close()
        results = self.poll.result_ids
        anna = self.anna.user_id
        anna.group_ids += self.env.ref("hr_performance.group_hr_performance_manager")
        self.assertFalse(self._as(anna, results.browse()).search([("id", "in", results.ids)]))
        with self.assertRaises(AccessError):
            self._as(anna, results).read(["average"])
        self.assertFalse(self._as(anna, self.review).peer_summary)
        self.assertTrue(self._as(self.manager.user_id, self.review).peer_summary)
        self.assertTrue(self._as(self.hr_user, self.review).peer_summary)
        self.review.sudo()._set_state("published")
        self.assertTrue(self._as(anna, self.review).peer_summary)
        with self.assertRaises(AccessError):
            self._as(anna, results).write({"average": 5})

    def test_result_is_released_at_once_where_the_programme_says_so(self):
        self.poll.release = "closed"
        self._answer(self.manager, 2)
        self._close()
        self.assertTrue(self._as(self.anna.user_id, self.review).peer_summary)

    def test_peer_sees_neither_poll_nor_result(self):
        self._answer(self.manager, 2)
        self._close()
        with self.assertRaises(AccessError):
            self._as(self.bo.user_id, self.poll).read(["state"])
        with self.assertRaises(AccessError):
            self._as(self.bo.user_id, self.poll.result_ids).read(["average"])

    def test_nobody_decides_about_his_own(self):
        anna = self.anna.user_id
        anna.group_ids += self.env.ref("hr_performance.group_hr_performance_manager")
        for call in (
            lambda poll: poll.action_close(),
            lambda poll: poll.write({"closes_on": "2026-12-31"}),
            lambda poll: poll.write({"minimum": 1}),
            lambda poll: poll.unlink(),
        ):
            with self.assertRaises(UserError):
                call(self._as(anna, self.poll))
        with self.assertRaises(AccessError):
            self._invite(self.fay, user=anna).action_approve()

    def test_engine_fields_of_polls_are_written_by_nobody(self):
        for vals in ({"state": "closed"}, {"minimum": 3}, {"release": "closed"}, {"counted": 5}):
            for user in (self.hr_admin, self.manager.user_id, self.anna.user_id):
                with self.assertRaises(AccessError):
                    self._as(user, self.poll).write(vals)
        for user in (self.manager.user_id, self.anna.user_id):
            with self.assertRaises(AccessError):
                self._as(user, self.poll).write({"closes_on": "2099-01-01"})
            with self.assertRaises(AccessError):
                self._as(user, self.poll).action_close()
        invitation = self.poll.invitation_ids[0]
        for vals in ({"state": "refused"}, {"user_id": self.carl.user_id.id}):
            with self.assertRaises(AccessError):
                self._as(self.hr_admin, invitation).write(vals)

    def test_minimum_is_never_below_three(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.program.answer_minimum = 2
            self.env.flush_all()

    def test_companies_are_kept_apart(self):
        outsider = self._create_user(
            "perf_outsider", "hr_performance.group_hr_performance_manager", self.other_company
        )
        for records in (self.poll, self.poll.invitation_ids):
            with self.assertRaises(AccessError):
                self._as(outsider, records).read(["display_name"])
