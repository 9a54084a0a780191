from contextlib import contextmanager
from datetime import date, datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools.outbox import Outcome, TextError
from .common import PerformanceCase

#: 10:00 in Shanghai, on a day without anything else.
MORNING = "2026-03-04 02:00:00"


@contextmanager
def _locked_by_another(messages):
    yield False


class MessageCase(PerformanceCase):
    """Types of our own, and readers who look into Odoo's inbox."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.Message = cls.env["hr.performance.message"]
        cls.Message.search([]).unlink()
        cls.readers = (cls.anna | cls.bo | cls.manager | cls.director | cls.carl).user_id
        cls.readers.notification_type = "inbox"
        cls.company.performance_digest = "direct"
        common = {
            "placeholders": "name, day, amount, who, word",
            "subject": "Hello {name}",
            "body": "{name}: {day}, {amount}, {who}, {word}",
        }
        cls.plain, cls.folded = cls.env["hr.performance.message.type"].create(
            [
                {"name": "Plain", "code": "t_plain", **common},
                {
                    "name": "Folded",
                    "code": "t_folded",
                    "digest": True,
                    "line": "Line of {name}",
                    **common,
                },
            ]
        )

    def setUp(self):
        super().setUp()
        clock = freeze_time(MORNING)
        clock.start()
        self.addCleanup(clock.stop)

    def _tell(self, user, key, code="t_plain", name="Anna", **options):
        return self.Message._queue(
            code, [{"user": user, "key": key, "values": {"name": name}, **options}]
        ).sudo()

    def _send(self, at=MORNING):
        with freeze_time(at), self.enter_registry_test_mode():
            self.env.ref("hr_performance.ir_cron_send_messages").method_direct_trigger()
        self.env.invalidate_all()

    def _inbox(self, user):
        """What arrived in Odoo's inbox, oldest first."""
        return (
            self.env["mail.notification"]
            .search(
                [("res_partner_id", "=", user.partner_id.id), ("notification_type", "=", "inbox")],
                order="id",
            )
            .mail_message_id
        )

    def _patch_channel(self, code="email", outside=True, **methods):
        channel = self.env.registry[f"hr.performance.channel.{code}"]
        self.patch(channel, "_is_outside", outside)
        for name, method in methods.items():
            self.patch(channel, name, method)


@tagged("post_install", "-at_install")
class TestMessage(MessageCase):
    def test_one_key_is_told_once(self):
        user = self.anna.user_id
        first = self._tell(user, "k")
        self.assertEqual(len(first), 1)
        self.assertFalse(self._tell(user, "k"))
        twice = {"user": user, "key": "k2", "values": {"name": "Anna"}}
        self.assertEqual(len(self.Message._queue("t_plain", [twice, dict(twice)])), 1)
        self.assertEqual(len(self._tell(self.bo.user_id, "k")), 1)
        self.assertEqual(len(self._tell(user, "k", "t_folded")), 1)
        self._send()
        self._tell(user, "k")
        self._send()
        told = self._inbox(user).filtered(lambda mail: mail.subject == "Hello Anna")
        self.assertEqual(len(told), 2)

    def test_language_of_the_reader(self):
        self.plain.with_context(lang="zh_CN").subject = "你好，{name}"
        self.anna.user_id.lang = "zh_CN"
        values = {
            "name": lambda env: env._("Unknown"),
            "day": date(2026, 3, 31),
            "amount": 1234.5,
            "who": self.sales,
            "word": None,
        }
        items = [
            {"user": employee.user_id, "key": "k", "values": values}
            for employee in (self.anna, self.bo)
        ]
        chinese, english = self.Message._queue("t_plain", items).sudo()
        self.assertEqual((chinese.lang, english.lang), ("zh_CN", "en_US"))
        self.assertEqual(chinese.raw_subject, "你好，未知")
        self.assertEqual(english.raw_subject, "Hello Unknown")
        self.assertEqual(english.raw_body, "Unknown: 03/31/2026, 1,234.50, Sales,")
        self.assertIn("2026/03/31", chinese.raw_body)

    def test_language_that_is_not_installed(self):
        self.anna.user_id.lang = "zh_CN"
        self.env["res.users"].flush_model()
        self.env.cr.execute("UPDATE res_lang SET active = FALSE WHERE code = 'zh_CN'")
        self.env.invalidate_all()
        self.env.registry.clear_cache("stable")
        self.addCleanup(self.env.registry.clear_cache, "stable")
        message = self._tell(self.anna.user_id, "k", values={"day": date(2026, 3, 31)})
        self.assertEqual((message.lang, message.raw_subject), ("en_US", "Hello"))

    def test_closed_list_of_placeholders(self):
        with self.assertRaises(ValidationError):
            self.plain.subject = "{salary}"
        loose = self.env["hr.performance.message.type"].new({"subject": "{salary}", "body": "x"})
        with self.assertRaises(TextError):
            loose._render({"name": "Anna"})
        with self.assertRaises(ValueError):
            self._tell(self.anna.user_id, "k", "t_nothing")

    def test_values_cannot_bring_markup(self):
        self._tell(self.anna.user_id, "k", name="<img src=x onerror=alert(1)>")
        self._send()
        self.assertNotIn("<img", self._inbox(self.anna.user_id)[-1].body)

    def test_leavers_and_switched_off_types_are_not_told(self):
        self.carl.user_id.active = False
        self.assertFalse(self._tell(self.carl.user_id, "k"))
        self.assertFalse(self._tell(self.env["res.users"], "k"))
        self.plain.active = False
        self.assertFalse(self._tell(self.anna.user_id, "k"))

    def test_channel_of_the_reader_then_the_type_then_the_company(self):
        user = self.anna.user_id
        chosen = {}
        for name, settings in {
            "company": (False, False, "inbox"),
            "company e-mail": (False, False, "email"),
            "type": (False, "email", "inbox"),
            "reader": ("inbox", "email", "email"),
        }.items():
            user.performance_channel, self.plain.channel = settings[:2]
            self.company.performance_channel = settings[2]
            message = self._tell(user, name)
            (chosen[name],) = message._choose_channels()
        self.assertEqual(
            chosen,
            {"company": "inbox", "company e-mail": "email", "type": "email", "reader": "inbox"},
        )

    def test_channel_that_does_not_reach_is_passed_over(self):
        user = self.anna.user_id
        user.notification_type = "email"
        user.performance_channel = "inbox"
        user.email = "anna@example.com"
        message = self._tell(user, "k")
        self.assertEqual(list(message._choose_channels()), ["email"])
        user.email = False
        self._send()
        self.assertEqual(message.state, "failed")
        self.assertIn("channel", message.reason)

    def test_inbox_shows_it_to_the_reader_alone(self):
        review = self._launch()[:1]
        message = self._tell(self.anna.user_id, "k", record=review)
        self._send()
        self.assertEqual((message.state, message.channel, message.attempts), ("sent", "inbox", 1))
        mail = self._inbox(self.anna.user_id)[-1]
        self.assertTrue(mail.with_user(self.anna.user_id).needaction)
        self.assertEqual(
            (mail.subject, mail.model, mail.res_id), ("Hello Anna", *self._ref(review))
        )
        self.assertTrue(mail.with_user(self.anna.user_id).read(["body"]))
        for user in (self.manager.user_id, self.hr_admin, self.carl.user_id):
            with self.assertRaises(AccessError):
                mail.with_user(user).read(["body"])

    def _ref(self, record):
        return record._name, record.id

    def test_email_is_sent_once_its_mail_is(self):
        user = self.anna.user_id
        user.write({"email": "anna@example.com", "performance_channel": "email"})
        good, bad = self._tell(user, "good"), self._tell(user, "bad", name="Bad")
        self._send()
        self.assertEqual(set((good | bad).mapped("state")), {"accepted"})
        mails = [self.env["mail.mail"].browse(int(m.reference)) for m in (good, bad)]
        self.assertEqual(mails[0].recipient_ids, user.partner_id)
        self.assertIn("Anna", mails[0].body_html)
        mails[0].state = "sent"
        mails[1].write({"state": "exception", "failure_reason": "Mailbox full"})
        self._send("2026-03-04 02:10:00")
        self.assertEqual((good.state, bad.state, bad.reason), ("sent", "failed", "Mailbox full"))
        self.assertFalse((mails[0] | mails[1]).exists())

    # Failures

    def test_one_bad_message_stops_nobody_else(self):
        def spoil(channel, messages):
            if any("Bad" in message.raw_subject for message in messages):
                raise ValueError("cannot")
            return original(channel, messages)

        original = self.env.registry["hr.performance.channel.inbox"]._send
        self._patch_channel("inbox", outside=False, _send=spoil)
        bad = self._tell(self.anna.user_id, "bad", name="Bad")
        good = self._tell(self.bo.user_id, "good")
        with self.assertLogs("odoo.addons.hr_performance", "WARNING"):
            self._send()
        self.assertEqual((bad.state, bad.attempts, bad.reason), ("waiting", 1, "cannot"))
        self.assertEqual(good.state, "sent")
        with self.assertLogs("odoo.addons.hr_performance", "WARNING"):
            for hour in range(3, 9):
                self._send(f"2026-03-04 {hour:02}:00:00")
        self.assertEqual((bad.state, bad.attempts), ("failed", 5))
        self.patch(self.env.registry["hr.performance.channel.inbox"], "_send", original)
        with freeze_time("2026-03-04 10:00:00"):
            bad.with_user(self.hr_admin).action_retry()
        self._send("2026-03-04 10:00:00")
        self.assertEqual((bad.state, bad.reason), ("sent", False))

    def test_outside_channel_says_each_outcome(self):
        def send(channel, messages):
            self.assertEqual(set(messages.mapped("state")), {"sending"})
            outcomes = {
                "sent": Outcome("sent", reference="r1"),
                "failed": Outcome("failed", "No such user"),
                "later": Outcome("accepted", reference="task7"),
                "busy": Outcome("waiting", "Too many calls", pause=30),
            }
            return {m: outcomes[m.key] for m in messages if m.key in outcomes}

        def fetch(channel, messages):
            return {m: Outcome("failed", "Refused") for m in messages if m.reference == "task7"}

        self._use_outside(_send=send, _fetch=fetch)
        keys = ("sent", "failed", "later", "busy", "forgotten")
        by_key = {key: self._tell(self.anna.user_id, key, name=key) for key in keys}
        self._send()
        self.assertEqual(
            {key: message.state for key, message in by_key.items()},
            {
                "sent": "sent",
                "failed": "failed",
                "later": "failed",
                "busy": "waiting",
                "forgotten": "unknown",
            },
        )
        self.assertEqual(by_key["sent"].reference, "r1")
        self.assertEqual(by_key["later"].reason, "Refused")
        self.assertEqual(by_key["busy"].send_after, datetime(2026, 3, 4, 2, 30))

    def _use_outside(self, **methods):
        self.anna.user_id.performance_channel = "email"
        self.anna.user_id.email = "anna@example.com"
        self._patch_channel(**methods)

    def test_error_of_an_outside_channel_is_never_repeated(self):
        calls = []

        def send(channel, messages):
            calls.append(messages.ids)
            raise ConnectionError("timed out")

        self._use_outside(_send=send)
        message = self._tell(self.anna.user_id, "k")
        with self.assertLogs("odoo.addons.hr_performance", "WARNING"):
            self._send()
        self._send("2026-03-05 02:00:00")
        self.assertEqual((message.state, message.reason), ("unknown", "timed out"))
        self.assertEqual(len(calls), 1)

    def test_interrupted_sending_is_unknown_until_hr_decides(self):
        sent = []

        def send(channel, messages):
            sent.extend(messages.ids)
            return dict.fromkeys(messages, Outcome("sent"))

        self._use_outside(_send=send)
        first = self._tell(self.anna.user_id, "1")
        second = self._tell(self.anna.user_id, "2", name="Again")
        (first | second).write({"state": "sending", "channel": "email"})
        with self.assertLogs("odoo.addons.hr_performance", "WARNING"):
            self._send()
        self.assertEqual((first | second).mapped("state"), ["unknown"] * 2)
        self.assertFalse(sent)
        with self.assertRaises(AccessError):
            first.with_user(self.anna.user_id).action_send_again()
        first.with_user(self.hr_admin).action_retry()
        self.assertEqual(first.state, "unknown", "a retry is for what failed")
        first.with_user(self.hr_admin).action_send_again()
        second.with_user(self.hr_admin).action_mark_sent()
        self._send()
        self.assertEqual((first | second).mapped("state"), ["sent"] * 2)
        self.assertEqual(sent, first.ids)

    def test_another_process_is_sending(self):
        message = self._tell(self.anna.user_id, "k")
        self.patch(type(self.Message), "_sending_lock", _locked_by_another)
        self._send()
        self.assertEqual(message.state, "waiting")

    # What is not needed any more

    def test_done_gone_and_told_already_is_not_needed(self):
        self._launch()
        review = self._review_of(self.anna)
        user = self.anna.user_id
        condition = [("state", "=", "goal")]
        valid = self._tell(user, "valid", record=review, condition=condition)
        done = self._tell(
            user, "done", "t_folded", record=review, condition=[("state", "=", "self")]
        )
        again = self._tell(user, "again", record=review)
        evidence_gone = self._tell(user, "gone", name="Gone", record=self.template.copy())
        self.env["hr.performance.template"].browse(evidence_gone.res_id).unlink()
        self._send()
        self.assertEqual(valid.state, "sent")
        self.assertEqual((done | again | evidence_gone).mapped("state"), ["suppressed"] * 3)
        self.assertIn("already", again.reason)
        tomorrow = self._tell(user, "tomorrow", record=review)
        self._send("2026-03-06 02:00:00")
        self.assertEqual(tomorrow.state, "sent")

    # Rights

    def test_who_reads_what(self):
        self._launch()
        mine = self._tell(self.anna.user_id, "k", record=self._review_of(self.anna))
        self.plain.private = True
        private = self._tell(self.anna.user_id, "p", record=self._review_of(self.anna))
        self.plain.private = False
        for message in (mine, private):
            self.assertEqual(message.with_user(self.anna.user_id).subject, "Hello Anna")
        self.assertEqual(mine.with_user(self.hr_admin).body, mine.raw_body)
        for user in (self.carl.user_id, self.manager.user_id, self.hr_user, self.auditor):
            user.group_ids += self.env.ref("base.group_allow_export")
            Message = self.Message.with_user(user)
            self.assertFalse(Message.search([("user_id", "=", self.anna.user_id.id)]))
            calls = {
                "read": lambda m: m.read(["subject"]),
                "export": lambda m: m.export_data(["subject"]),
                "write": lambda m: m.write({"state": "sent"}),
                "unlink": lambda m: m.unlink(),
                "retry": lambda m: m.action_retry(),
                "send_again": lambda m: m.action_send_again(),
                "mark_sent": lambda m: m.action_mark_sent(),
                "open": lambda m: m.action_open_record(),
            }
            for name, call in calls.items():
                with self.subTest(f"{user.login} {name}"), self.assertRaises(AccessError):
                    call(mine.with_user(user))

    def test_private_texts_are_the_readers_alone(self):
        self.plain.private = True
        message = self._tell(self.anna.user_id, "p")
        admin = message.with_user(self.hr_admin)
        self.env.invalidate_all()
        self.assertEqual((admin.subject, admin.body), ("(private)", False))
        self.assertEqual(message.with_user(self.anna.user_id).subject, "Hello Anna")
        for name in ("raw_subject", "raw_body", "raw_line", "condition", "key", "about_user_id"):
            for user in (self.hr_admin, self.anna.user_id):
                reader = message.with_user(user)
                with self.assertRaises(AccessError):
                    reader.read([name])
                with self.assertRaises(AccessError):
                    reader.search([(name, "ilike", "Hello")])
                with self.assertRaises(AccessError):
                    reader._read_group([], [name], ["__count"])

    def test_administrator_does_not_read_what_others_are_told_about_him(self):
        self.anna.user_id.group_ids += self.env.ref("hr_performance.group_hr_performance_manager")
        self._launch()
        about = self._tell(self.manager.user_id, "k", record=self._review_of(self.anna))
        other = self._tell(self.manager.user_id, "k2", record=self._review_of(self.bo))
        own = self._tell(self.anna.user_id, "k", record=self._review_of(self.anna))
        found = self.Message.with_user(self.anna.user_id).search([])
        self.assertEqual(found & (about | other | own), other | own)
        with self.assertRaises(AccessError):
            about.with_user(self.anna.user_id).read(["subject"])

    def test_nobody_creates_messages_or_types(self):
        for user in (self.anna.user_id, self.hr_user, self.hr_admin):
            with self.assertRaises(AccessError):
                self.Message.with_user(user).create(
                    {
                        "type_id": self.plain.id,
                        "user_id": user.id,
                        "key": "x",
                        "company_id": self.company.id,
                        "send_after": MORNING,
                    }
                )
            with self.assertRaises(AccessError):
                self.plain.with_user(user).copy({"code": "x"})
        with self.assertRaises(AccessError):
            self.plain.with_user(self.hr_user).write({"subject": "x"})
        self.plain.with_user(self.hr_admin).write({"subject": "Dear {name}"})

    def test_companies_are_kept_apart(self):
        outsider = self._create_user(
            "perf_outsider", "hr_performance.group_hr_performance_manager", self.other_company
        )
        message = self._tell(self.anna.user_id, "k")
        self.assertNotIn(message, self.Message.with_user(outsider).search([]))
        with self.assertRaises(AccessError):
            message.with_user(outsider).action_retry()

    def test_reader_sets_his_own_preferences(self):
        user = self.anna.user_id
        user.with_user(user).write({"performance_channel": "email", "performance_digest": "daily"})
        self.assertEqual(
            user.with_user(user).read(["performance_channel"])[0]["performance_channel"], "email"
        )
        with self.assertRaises(AccessError):
            self.bo.user_id.with_user(user).write({"performance_channel": "email"})


@tagged("post_install", "-at_install")
class TestMessageHours(MessageCase):
    """Quiet hours and digests."""

    EVENING = "2026-03-04 14:00:00"  # 22:00 in Shanghai

    @freeze_time(EVENING)
    def test_quiet_hours_end_in_the_readers_morning(self):
        message = self._tell(self.anna.user_id, "k")
        self.assertEqual(message.send_after, datetime(2026, 3, 5, 0, 0))
        self.bo.user_id.tz = "Europe/Berlin"
        self.assertEqual(self._tell(self.bo.user_id, "k").send_after, datetime(2026, 3, 4, 14, 0))
        self.hr_admin.tz = False
        self.assertEqual(self._tell(self.hr_admin, "k").send_after, datetime(2026, 3, 5, 0, 0))

    def test_what_falls_due_in_quiet_hours_waits(self):
        """Also when the job did not run while it was time."""
        message = self._tell(self.anna.user_id, "k")
        self._send(self.EVENING)
        self.assertEqual(
            (message.state, message.send_after), ("waiting", datetime(2026, 3, 5, 0, 0))
        )
        self._send("2026-03-05 00:00:00")
        self.assertEqual(message.state, "sent")

    def test_urgent_waits_for_nothing(self):
        self.folded.urgent = True
        self.company.performance_digest = "daily"
        with freeze_time(self.EVENING):
            messages = self._tell(self.anna.user_id, "1", "t_folded")
            messages += self._tell(self.anna.user_id, "2", "t_folded", name="Bo")
        self._send(self.EVENING)
        self.assertEqual(messages.mapped("state"), ["sent"] * 2)

    def test_company_without_quiet_hours(self):
        self.company.performance_quiet_from = self.company.performance_quiet_to = 0
        with freeze_time(self.EVENING):
            message = self._tell(self.anna.user_id, "k")
        self._send(self.EVENING)
        self.assertEqual(message.state, "sent")

    def test_thirty_reviews_are_one_message(self):
        user = self.manager.user_id
        user.lang = "zh_CN"
        self.folded.with_context(lang="zh_CN").name = "待办"
        parts = self.Message._queue(
            "t_folded",
            [
                {"user": user, "key": f"k{number}", "values": {"name": f"Person {number}"}}
                for number in range(30)
            ],
        ).sudo()
        self._tell(user, "other")
        before = self._inbox(user)
        self._send()
        told = self._inbox(user) - before
        self.assertEqual(len(told), 2)
        self.assertEqual(parts.mapped("state"), ["digested"] * 30)
        digest = parts.digest_id
        self.assertEqual((digest.state, len(digest.part_ids)), ("sent", 30))
        self.assertIn("待办: 30", digest.raw_subject)
        self.assertIn("• Line of Person 0\n", digest.raw_body)
        self.assertNotIn("Person 29", digest.raw_body)
        self.assertEqual(digest.with_user(self.hr_admin).subject, "(private)")

    def test_single_one_is_no_digest(self):
        message = self._tell(self.manager.user_id, "k", "t_folded")
        self._send()
        self.assertEqual((message.state, message.raw_subject), ("sent", "Hello Anna"))

    def test_once_a_day(self):
        self.bo.user_id.performance_digest = "daily"
        at_once = self._tell(self.anna.user_id, "k", "t_folded")
        daily = self._tell(self.bo.user_id, "k", "t_folded")
        plain = self._tell(self.bo.user_id, "k")
        self.assertEqual(daily.send_after, datetime(2026, 3, 5, 1, 0))
        self._send()
        self.assertEqual((at_once | plain).mapped("state"), ["sent"] * 2)
        self.assertEqual(daily.state, "waiting")
        with freeze_time("2026-03-04 08:00:00"):
            later = self._tell(self.bo.user_id, "k2", "t_folded", name="Bo")
        self._send("2026-03-05 01:00:00")
        self.assertTrue(daily.digest_id)
        self.assertEqual(daily.digest_id, later.digest_id)

    def test_digest_leaves_out_what_is_done(self):
        self._launch()
        user = self.manager.user_id
        review = self._review_of(self.anna)
        done = self._tell(
            user, "1", "t_folded", record=review, condition=[("state", "=", "manager")]
        )
        left = self._tell(user, "2", "t_folded", name="Bo")
        self._send()
        self.assertEqual((done.state, left.state), ("suppressed", "sent"))

    def test_failed_digest_is_retried_as_one(self):
        calls = []

        def send(channel, messages):
            calls.append(messages)
            state = "failed" if len(calls) == 1 else "sent"
            return dict.fromkeys(messages, Outcome(state, "No such user"))

        user = self.manager.user_id
        user.write({"performance_channel": "email", "email": "m@example.com"})
        self._patch_channel(_send=send)
        parts = self._tell(user, "1", "t_folded") + self._tell(user, "2", "t_folded", name="B")
        self._send()
        digest = parts.digest_id
        self.assertEqual((digest.state, digest.reason), ("failed", "No such user"))
        digest.with_user(self.hr_admin).action_retry()
        self._send()
        self.assertEqual(digest.state, "sent")
        self.assertEqual([len(messages) for messages in calls], [1, 1])

    def test_queries_do_not_grow_with_people(self):
        users = self.env["res.users"].create(
            [
                {
                    "name": f"Reader {number}",
                    "login": f"perf_reader_{number}",
                    "notification_type": "inbox",
                    "tz": "Asia/Shanghai",
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                }
                for number in range(110)
            ]
        )
        counts = [self._count(users[:10], "a"), self._count(users[10:], "b")]
        self.assertLess(counts[1][0] - counts[0][0], 10, "queueing")
        self.assertLess(counts[1][1] - counts[0][1], 10, f"sending {counts}")

    def _count(self, users, key):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        for code in ("t_plain", "t_folded"):
            self.Message._queue(
                code,
                [
                    {"user": user, "key": f"{key}{number}", "values": {"name": str(number)}}
                    for user in users
                    for number in range(2)
                ],
            )
        self.env.flush_all()
        queued = self.env.cr.sql_log_count
        batch = self.Message.sudo()._claim()
        self.assertEqual(len(batch), 4 * len(users))
        for code, messages in batch._decide().items():
            messages._note(messages._try_send_inside(self.Message._get_channels()[code]))
        self.env.flush_all()
        return queued - start, self.env.cr.sql_log_count - queued


@tagged("post_install", "-at_install")
class TestMessagePreview(MessageCase):
    """What HR sees beforehand, and a test to oneself."""

    def _preview(self, user, message_type=None, by=None):
        return (
            self.env["hr.performance.message.preview"]
            .with_user(by or self.hr_admin)
            .create({"type_id": (message_type or self.plain).id, "user_id": user.id})
        )

    def test_example_in_the_language_of_the_reader(self):
        self.plain.example = "name: Anna\nsalary: 1"
        self.plain.with_context(lang="zh_CN").write(
            {"subject": "你好，{name}", "example": "name：安娜：小安"}
        )
        self.anna.user_id.lang = "zh_CN"
        preview = self._preview(self.anna.user_id)
        self.assertEqual((preview.subject, preview.is_example), ("你好，安娜：小安", True))
        self.assertEqual(self._preview(self.bo.user_id).subject, "Hello Anna")
        self.assertIn("[day]", preview.body)
        self.assertEqual(preview.channel, "inbox")

    def test_what_waits_is_shown_as_it_will_arrive(self):
        self.company.performance_digest = "daily"
        user = self.manager.user_id
        self._tell(user, "1", "t_folded")
        preview = self._preview(user, self.folded)
        self.assertEqual((preview.subject, preview.is_example), ("Hello Anna", False))
        self.assertEqual(preview.send_after, datetime(2026, 3, 5, 1, 0))
        self._tell(user, "2", "t_folded", name="Bo")
        preview = self._preview(user, self.folded)
        self.assertEqual(preview.subject, "Performance reviews: Folded: 2")
        self.assertIn("Line of Bo", preview.body)
        self.assertEqual(len(preview.message_ids), 2)
        self.assertFalse(self.Message.search([("type_id.code", "=", "digest")]))

    def test_private_and_own_matters_are_not_previewed(self):
        self._launch()
        self.plain.private = True
        self._tell(self.anna.user_id, "p", name="Secret")
        preview = self._preview(self.anna.user_id)
        self.assertTrue(preview.is_example)
        self.assertNotIn("Secret", preview.subject + preview.body)
        self.plain.private = False
        self.anna.user_id.group_ids += self.env.ref("hr_performance.group_hr_performance_manager")
        review = self._review_of(self.anna)
        self._tell(self.manager.user_id, "a", name="Secret", record=review)
        preview = self._preview(self.manager.user_id, by=self.anna.user_id)
        self.assertNotIn("Secret", preview.subject + preview.body)
        self.assertFalse(preview.message_ids)

    def test_test_goes_to_oneself_alone(self):
        self.hr_admin.notification_type = "inbox"
        with freeze_time("2026-03-04 15:00:00"):  # 23:00 there
            self._preview(self.anna.user_id).action_send_to_me()
        self._send("2026-03-04 15:00:00")
        (mail,) = self._inbox(self.hr_admin)
        self.assertEqual(mail.subject, "Test, 23:00:00: Hello [name]")
        self.assertFalse(self._inbox(self.anna.user_id))

    def test_only_administrators_preview(self):
        preview = self._preview(self.bo.user_id)
        for user in (self.anna.user_id, self.manager.user_id, self.hr_user, self.auditor):
            with self.assertRaises(AccessError):
                self._preview(self.bo.user_id, by=user)
            with self.assertRaises(AccessError):
                preview.with_user(user).action_send_to_me()
            with self.assertRaises(AccessError):
                preview.with_user(user).read(["subject"])


@tagged("post_install", "-at_install")
class TestMessageScreens(MessageCase):
    def test_screens_open(self):
        """Lists, forms, preferences and settings have what they show."""
        message = self._tell(self.anna.user_id, "k")
        with Form(message.with_user(self.hr_admin)) as form:
            self.assertEqual(form.subject, "Hello Anna")
        with Form(self.plain.with_user(self.hr_admin)) as form:
            form.subject = "Dear {name}"
        with Form(self.env["hr.performance.message.preview"].with_user(self.hr_admin)) as preview:
            preview.type_id = self.plain
            preview.user_id = self.anna.user_id
            self.assertEqual(preview.subject, "Hello Anna")

    def test_employee_sets_his_preferences(self):
        user = self.anna.user_id
        view = "hr.res_users_view_form_preferences"
        with Form(user.with_user(user), view) as form:
            form.performance_channel = "email"
            form.performance_digest = "daily"
        self.assertEqual((user.performance_channel, user.performance_digest), ("email", "daily"))

    def test_settings_are_the_companys(self):
        settings = self.env["res.config.settings"].with_company(self.company).create({})
        settings.write({"performance_quiet_from": 22, "performance_digest_hour": 7.5})
        settings.execute()
        self.assertEqual(self.company.performance_quiet_from, 22)
        self.assertEqual(self.other_company.performance_quiet_from, 20)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.company.performance_quiet_to = 24
            self.company.flush_recordset()
