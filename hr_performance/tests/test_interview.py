from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from ..tools import interview as course
from .common import PerformanceCase

NOW = "2026-04-09 04:00:00"
START = datetime(2026, 4, 10, 6)
SECRET = "I doubt that she stays"


@freeze_time(NOW)
class InterviewCase(PerformanceCase):
    def setUp(self):
        super().setUp()
        self._add_facts(self.anna, self.visits, 8)
        self._launch()
        self.review = self._review_of(self.anna)
        self._move_to(self.review, "published")
        self.env.flush_all()

    def _plan(self, review=None, user=None, **vals):
        review = review or self.review
        user = user or self.manager.user_id
        interview = (
            self.env["hr.performance.interview"]
            .with_user(user)
            .create({"review_id": review.id, "start": START, **vals})
        )
        return interview.with_env(self.env)

    def _as(self, user, records):
        self.env.flush_all()
        records = records.with_user(user)
        records.env.invalidate_all()
        return records

    def _hold(self, interview, user=None):
        with freeze_time(START + timedelta(hours=2)):
            self._as(user or self.manager.user_id, interview).action_hold()

    def _told(self, interview, code):
        return self.env["hr.performance.message"].search(
            [("type_id.code", "=", f"interview_{code}"), ("res_id", "=", interview.id)]
        )


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestInterview(InterviewCase):
    def test_stands_in_both_calendars_and_tells_nothing_there(self):
        interview = self._plan(location="Room 2")
        event = interview.event_id
        self.assertEqual(
            event.partner_ids, self.anna.user_id.partner_id | self.manager.user_id.partner_id
        )
        self.assertRecordValues(
            event,
            [
                {
                    "start": START,
                    "stop": START + timedelta(hours=1),
                    "privacy": "private",
                    "location": "Room 2",
                    "user_id": self.manager.user_id.id,
                }
            ],
        )
        self.assertNotIn("Visits", event.description or "")
        for user in (self.anna.user_id, self.manager.user_id):
            self.assertEqual(self._as(user, event).name, "Performance interview")

    def test_calendar_and_interview_move_together(self):
        interview = self._plan()
        later = START + timedelta(days=1)
        interview.with_user(self.manager.user_id).start = later
        self.assertEqual(interview.event_id.start, later)
        event = interview.event_id.with_user(self.manager.user_id)
        event.write({"start": START, "stop": START + timedelta(hours=2)})
        self.assertRecordValues(interview, [{"start": START, "duration": 2}])
        event.location = "Room 3"
        self.assertRecordValues(interview, [{"start": START, "location": "Room 3"}])
        interview.with_user(self.manager.user_id).action_cancel()
        self.assertFalse(event.exists())
        interview.with_user(self.manager.user_id).action_plan_again()
        self.assertEqual(interview.event_id.start, START)

    def test_other_appointments_are_seen_but_not_which(self):
        self.env["calendar.event"].create(
            {
                "name": "Secret",
                "start": START,
                "stop": START + timedelta(hours=1),
                "privacy": "private",
                "user_id": self.anna.user_id.id,
                "partner_ids": [Command.set(self.anna.user_id.partner_id.ids)],
            }
        )
        interview = self._plan()
        self.assertTrue(self._as(self.manager.user_id, interview).is_busy)
        interview.start = START + timedelta(hours=1)
        self.assertFalse(self._as(self.manager.user_id, interview).is_busy)

    def test_agenda_of_strong_and_weak_lines(self):
        """Anna's 8 visits of 20 are to improve; Bo's 20 of 20 went well."""
        agenda = str(self._plan().agenda)
        self.assertGreater(agenda.index("Visits"), agenda.index("What to improve"))
        self._add_facts(self.bo, self.visits, 20)
        review = self._review_of(self.bo)
        self._move_to(review, "published")
        agenda = str(self._plan(review).agenda)
        well, improve = agenda.index("What went well"), agenda.index("What to improve")
        self.assertTrue(well < agenda.index("Visits") < improve)

    def test_messages_cost_the_same_for_10_and_100_interviews(self):
        """Each has an hour of its own as its condition; they are read together all the same."""
        people = self.env["hr.employee"].create(
            [
                {
                    "name": f"Extra {number}",
                    "company_id": self.company.id,
                    "department_id": self.sales_east.id,
                    "parent_id": self.manager.id,
                }
                for number in range(112)
            ]
        )
        self.cycle._launch_batch(people)
        reviews = self.env["hr.performance.review"].search([("employee_id", "in", people.ids)])
        Message, costs = self.env["hr.performance.message"].sudo(), []
        Message.search([]).unlink()
        Interview = self.env["hr.performance.interview"].with_user(self.manager.user_id)
        for part in (reviews[:2], reviews[2:12], reviews[12:]):
            interviews = Interview.create(
                [
                    {"review_id": review.id, "start": START + timedelta(hours=number)}
                    for number, review in enumerate(part)
                ]
            )
            told = Message.search([("res_id", "in", interviews.ids)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(told._suppress_outdated(), told)
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[2], costs[1] + 1, costs)

    def test_form_prepares_the_agenda(self):
        model = self.env["hr.performance.interview"].with_user(self.manager.user_id)
        with Form(model.with_context(default_review_id=self.review.id)) as form:
            self.assertIn("Visits", form.agenda)
            self.assertEqual(form.employee_id, self.anna)

    def test_agreements_become_steps_of_plans(self):
        line = self._line(self.review, self.visits)
        interview = self._plan(
            agreement_ids=[
                Command.create({"name": "Call five customers a day", "line_id": line.id}),
                Command.create({"name": "Visit the trade fair", "actor": "manager"}),
            ]
        )
        self._hold(interview)
        first, second = interview.agreement_ids
        self.assertEqual(first.plan_id, line.plan_ids)
        self.assertRecordValues(
            first.plan_id,
            [{"metric_id": self.visits.id, "employee_id": self.anna.id, "state": "running"}],
        )
        self.assertFalse(second.plan_id.metric_id)
        self.assertEqual(second.step_id.name, "Visit the trade fair")
        self.assertEqual(second.step_id.user_id, self.manager.user_id)
        self.assertEqual(
            self._as(self.anna.user_id, first.step_id).name, "Call five customers a day"
        )
        another = self._plan(
            agreement_ids=[Command.create({"name": "Ask for help", "line_id": line.id})]
        )
        self._hold(another)
        self.assertEqual(another.agreement_ids.plan_id, first.plan_id, "the running plan goes on")

    def test_held_and_acknowledged_with_a_comment(self):
        interview = self._plan()
        with self.assertRaisesRegex(UserError, "later"):
            self._as(self.manager.user_id, interview).action_hold()
        self._as(self.manager.user_id, interview).notes = "<p>Fewer dates, better kept.</p>"
        self._hold(interview)
        own = self._as(self.anna.user_id, interview)
        self.assertIn("better kept", own.notes)
        own.employee_comment = "I agree, mostly."
        own.action_acknowledge()
        self.assertEqual(interview.state, "acknowledged")
        self.assertTrue(interview.acknowledged_on)
        with self.assertRaises(AccessError):
            self._as(self.anna.user_id, interview).employee_comment = "Not at all."
        with self.assertRaises(AccessError):
            self._as(self.manager.user_id, interview).notes = "<p>Another story</p>"
        self.assertEqual(
            self._as(self.manager.user_id, interview).employee_comment, "I agree, mostly."
        )

    def test_messages_and_reminders(self):
        interview = self._plan(start=START + timedelta(days=3))
        start = interview.start
        self.assertEqual(self._told(interview, "planned").user_id, self.anna.user_id)
        both = self.anna.user_id | self.manager.user_id
        reminders = self._told(interview, "reminder")
        self.assertEqual(reminders.user_id, both)
        self.assertGreaterEqual(min(reminders.mapped("send_after")), start - timedelta(days=1))
        # moved: the old reminder is not needed any more when its time comes
        old = reminders[0].sudo()
        self._as(self.manager.user_id, interview).start = start + timedelta(days=1)
        self.assertFalse(interview.filtered_domain([tuple(c) for c in old.condition]))
        self.assertEqual(len(self._told(interview, "reminder")), 4)
        with freeze_time(start + timedelta(days=2)):
            self._as(self.manager.user_id, interview).action_hold()
        self.assertEqual(self._told(interview, "held").user_id, self.anna.user_id)
        self.assertEqual(self._told(interview, "held_reminder").user_id, self.anna.user_id)
        self._as(self.anna.user_id, interview).action_acknowledge()
        self.assertEqual(self._told(interview, "acknowledged").user_id, self.manager.user_id)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestInterviewAccess(InterviewCase):
    ENGINE = {
        "state": "acknowledged",
        "employee_id": 1,
        "manager_id": 1,
        "company_id": 1,
        "holder_id": 1,
        "event_id": False,
        "held_on": NOW,
        "acknowledged_on": NOW,
    }

    def test_stranger_reaches_nothing(self):
        interview = self._plan(
            agreement_ids=[Command.create({"name": "Call five customers a day"})]
        )
        stranger = self.carl.user_id
        stranger.group_ids += self.env.ref("base.group_allow_export")
        for records in (interview, interview.agreement_ids):
            Model = self._as(stranger, self.env[records._name])
            self.assertFalse(Model.search([]))
            self.assertEqual(Model._read_group([], [], ["__count"]), [(0,)])
            for name, call in {
                "read": lambda r: r.read(["display_name"]),
                "export": lambda r: r.export_data(["review_id"]),
                "write": lambda r: r.write({"sequence": 1} if "sequence" in r else {"notes": "x"}),
                "unlink": lambda r: r.unlink(),
                "copy": lambda r: r.copy(),
            }.items():
                with self.subTest(f"{records._name} {name}"), self.assertRaises(AccessError):
                    call(self._as(stranger, records))
        for name in (
            "action_hold",
            "action_acknowledge",
            "action_cancel",
            "action_plan_again",
            "action_view_review",
            "action_view_event",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(self._as(stranger, interview), name)()
        with self.assertRaises(AccessError):
            self._as(stranger, self.review).action_plan_interview()
        with self.assertRaises(AccessError):
            self._as(stranger, self.env["hr.performance.interview"]).create(
                {"review_id": self.review.id, "start": START}
            )

    def test_colleagues_and_other_companies(self):
        interview = self._plan()
        outsider = self._create_user(
            "outsider", "hr_performance.group_hr_performance_manager", self.other_company
        )
        for user in (self.bo.user_id, outsider):
            with self.assertRaises(AccessError):
                self._as(user, interview).read(["notes"])

    def test_employee_writes_his_own_words_alone(self):
        interview = self._plan(notes="<p>x</p>")
        own = self._as(self.anna.user_id, interview)
        own.employee_topics = "I want to learn retouching."
        fields = {
            "notes": "y",
            "agenda": "y",
            "start": START,
            "duration": 3,
            "location": "y",
            "employee_comment": "y",
            **self.ENGINE,
        }
        for name, value in fields.items():
            with self.subTest(name), self.assertRaises(AccessError):
                self._as(self.anna.user_id, interview).write({name: value})
        for vals in (
            [Command.create({"name": "More pay"})],
            [Command.clear()],
        ):
            with self.assertRaises(AccessError):
                self._as(self.anna.user_id, interview).write({"agreement_ids": vals})
        with self.assertRaises(AccessError):
            self._as(self.anna.user_id, self.env["hr.performance.interview.agreement"]).create(
                {"interview_id": interview.id, "name": "More pay"}
            )
        for call in ("action_hold", "action_cancel", "unlink"):
            with self.assertRaises(AccessError):
                getattr(self._as(self.anna.user_id, interview), call)()
        with self.assertRaises(AccessError):
            self._plan(user=self.anna.user_id)

    def test_nobody_writes_what_the_moves_write(self):
        interview = self._plan()
        for user in (self.manager.user_id, self.hr_admin):
            for name, value in self.ENGINE.items():
                with self.subTest(f"{user.login} {name}"), self.assertRaises(AccessError):
                    self._as(user, interview).write({name: value})

    def test_every_move_is_for_its_role_alone(self):
        users = {
            "subject": self.anna.user_id,
            "manager": self.manager.user_id,
            "director": self.director.user_id,
            "hr": self.hr_user,
            "auditor": self.auditor,
        }
        leaders = {"manager", "director", "hr"}
        allowed = {
            "planned": {"hold": leaders, "cancel": leaders},
            "held": {"acknowledge": {"subject"}},
            "acknowledged": {},
            "cancelled": {"plan_again": leaders},
        }
        for state in course.STATES:
            interview = self._plan()
            interview.state = state
            for move in course.TRANSITIONS:
                for role, user in users.items():
                    may = self._as(user, interview)._check_transition(move, False)
                    self.assertEqual(may, role in allowed[state].get(move, ()), (state, move, role))
            interview.state = "planned"

    def test_line_of_another_review(self):
        interview = self._plan()
        line = self._line(self._review_of(self.bo), self.visits)
        with self.assertRaises(ValidationError):
            self._as(self.manager.user_id, interview).agreement_ids = [
                Command.create({"name": "x", "line_id": line.id})
            ]

    def test_held_interview_stays(self):
        interview = self._plan()
        self._hold(interview)
        with self.assertRaises(UserError):
            self._as(self.manager.user_id, interview).unlink()


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPrivateNote(InterviewCase):
    """Trap 28: what the manager writes for himself is reached by nobody else, by no route."""

    def setUp(self):
        super().setUp()
        # Anna leads somebody herself, and has an interview with him.
        self.dan = self._create_employee("dan", self.sales_east, self.anna)
        self.cycle._launch_batch(self.dan)
        self.interview = self._plan()
        self.interview.with_user(self.manager.user_id).private_note = SECRET
        self.others = self._plan(self._review_of(self.dan), self.anna.user_id)
        self.others.with_user(self.anna.user_id).private_note = "Dan is fine"
        self.env.flush_all()
        self.note = self.env["hr.performance.interview.note"].search(
            [("interview_id", "=", self.interview.id)]
        )
        self.assertEqual(self.note.text, SECRET)

    def _get_readers(self):
        for user in (
            self.anna.user_id,  # the employee, who leads others
            self.carl.user_id,  # a stranger
            self.bo.user_id,
            self.director.user_id,
            self.hr_user,
            self.hr_admin,
            self.auditor,
        ):
            user.group_ids += self.env.ref("base.group_allow_export")
            yield user

    def test_author_reads_and_changes_it(self):
        own = self._as(self.manager.user_id, self.interview)
        self.assertEqual(own.private_note, SECRET)
        own.private_note = "Changed my mind"
        self.assertEqual(self.note.text, "Changed my mind")
        own.private_note = " "
        self.assertFalse(self.note.exists())

    def test_nobody_else_reads_it_directly(self):
        for user in self._get_readers():
            for name, call in {
                "read": lambda r: r.read(["text"]),
                "read name": lambda r: r.read(["display_name"]),
                "export": lambda r: r.export_data(["text"]),
                "write": lambda r: r.write({"text": "x"}),
                "unlink": lambda r: r.unlink(),
                "copy": lambda r: r.copy(),
                "web_read": lambda r: r.web_read({"text": {}}),
            }.items():
                with self.subTest(f"{user.login} {name}"), self.assertRaises(AccessError):
                    call(self._as(user, self.note))

    def test_nobody_else_finds_it(self):
        for user in self._get_readers():
            Model = self._as(user, self.env["hr.performance.interview.note"])
            mine = 1 if user == self.anna.user_id else 0
            domains = (
                [],
                [("text", "ilike", "doubt")],
                [("interview_id", "=", self.interview.id)],
                [("interview_id.employee_id", "=", self.anna.id)],
                [("user_id", "=", self.manager.user_id.id)],
                ["|", ("user_id", "!=", False), ("text", "!=", False)],
            )
            for domain in domains:
                found = Model.search(domain)
                self.assertNotIn(self.note, found)
                self.assertLessEqual(len(found), mine)
            self.assertEqual(Model._read_group([], [], ["__count"]), [(mine,)])
            self.assertNotIn(
                SECRET, str(Model._read_group([], ["text", "interview_id"], ["__count"]))
            )
            self.assertEqual(len(Model.name_search("")), mine)
            self.assertNotIn(SECRET, str(Model.search_read([])))

    def test_nobody_else_reads_it_through_the_interview(self):
        for user in self._get_readers():
            own = self._as(user, self.interview)
            if user in (self.carl.user_id, self.bo.user_id):
                with self.assertRaises(AccessError):
                    own.read(["private_note"])
                continue
            with self.subTest(user.login):
                self.assertFalse(own.private_note)
                self.assertNotIn(SECRET, str(own.read()))
                self.assertNotIn(SECRET, str(own.export_data(["private_note", "notes"])))
                with mute_logger("odoo.domains"), self.assertRaises(ValueError):
                    own.search([("private_note", "ilike", "doubt")])
                with self.assertRaises(ValueError):
                    own._read_group([], ["private_note"], ["__count"])

    def test_nothing_points_to_it(self):
        """No field of any model leads to a note, so no search and no related field goes around."""
        fields = self.env["ir.model.fields"].search(
            [("relation", "=", "hr.performance.interview.note")]
        )
        self.assertFalse(fields, fields.mapped("name"))

    def test_it_leaves_no_trace_elsewhere(self):
        """Neither in messages, nor in files, tracking, the calendar or the outbox."""
        self._hold(self.interview)
        for model, domain in (
            ("mail.message", [("body", "ilike", "doubt")]),
            ("mail.tracking.value", [("new_value_text", "ilike", "doubt")]),
            ("mail.tracking.value", [("new_value_char", "ilike", "doubt")]),
            ("calendar.event", [("description", "ilike", "doubt")]),
            ("ir.attachment", [("res_model", "=", "hr.performance.interview.note")]),
            ("hr.performance.message", [("res_model", "=", "hr.performance.interview.note")]),
        ):
            self.assertFalse(self.env[model].sudo().search(domain), model)
        self.assertNotIsInstance(self.note, self.env.registry["mail.thread"])
        self.assertFalse(hasattr(self.note, "message_ids"))

    def test_nobody_writes_a_note_into_his_own_interview_or_for_others(self):
        Note = self.env["hr.performance.interview.note"]
        for user in (self.anna.user_id, self.carl.user_id, self.auditor):
            with self.assertRaises(AccessError):
                self._as(user, Note).create({"interview_id": self.interview.id, "text": "x"})
        with self.assertRaises(AccessError):
            self._as(self.anna.user_id, self.interview).private_note = "x"
        note = self._as(self.director.user_id, Note).create(
            {
                "interview_id": self.interview.id,
                "text": "Mine",
                "user_id": self.manager.user_id.id,
            }
        )
        self.assertEqual(note.user_id, self.director.user_id)
        with self.assertRaises(AccessError):
            note.user_id = self.anna.user_id
        with self.assertRaises(AccessError):
            note.interview_id = self.others

    def test_new_manager_does_not_inherit_it(self):
        self.anna.parent_id = self.carl
        self.review.sudo().manager_id = self.carl
        self.assertFalse(self._as(self.carl.user_id, self.interview).private_note)
        with self.assertRaises(AccessError):
            self._as(self.carl.user_id, self.note).read(["text"])
