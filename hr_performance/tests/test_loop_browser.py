from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .phone_common import PhoneBrowserCase
from .test_ui import UiCase


def set_up_loop(case):
    """Anna's published review with a plan, an interview that is over, and words on her data."""
    case._add_facts(case.anna, case.visits, 8)
    case.program.write(
        {"pulse_used": True, "consent_asked": True, "consent_text": "<p>Figures of sales</p>"}
    )
    case._launch()
    case.review = case._review_of(case.anna)
    case._move_to(case.review, "published")
    manager = case.manager.user_id
    case.interview = (
        case.env["hr.performance.interview"]
        .with_user(manager)
        .create(
            {
                "review_id": case.review.id,
                "start": fields.Datetime.now() - timedelta(hours=2),
                "location": "Room 2",
            }
        )
    )
    line = case._line(case.review, case.visits)
    plan = case.env["hr.performance.plan"].browse(
        line.with_user(manager).action_create_plan()["res_id"]
    )
    plan.with_user(manager).step_ids = [Command.create({"name": "Call early", "repeat": "daily"})]
    plan.with_user(manager).action_start()
    case.plan = plan


def ask_pulse(case):
    poll = case.env["hr.performance.poll"].create(
        case.env["hr.performance.poll"]._prepare_pulse(case.cycle)
    )
    poll._ask_participants()
    return poll


@tagged("post_install", "-at_install")
class TestLoopPhone(PhoneBrowserCase):
    """Feedback, plan, interview, pulse and consent under a thumb."""

    def setUp(self):
        super().setUp()
        set_up_loop(self)

    def test_manager_and_employee(self):
        self._drive(
            "perf_manager",
            """
            await open("/performance/feedback/give/$anna");
            find(".rating-choice input[value='4']").click();
            type("text", "Well prepared");
            await press("button[value=give]");
            see("Feedback given");
            await press("a.card", "Well prepared");
            await press("button[value=plan]");
            see("Well prepared");
            await open("/performance/plan/$plan");
            type("text", "Half the calls are early");
            await press("button[value=note]");
            see("Half the calls are early");
            """,
            anna=self.anna.id,
            plan=self.plan.id,
        )
        feedback = self.env["hr.performance.feedback"].search([])
        self.assertRecordValues(feedback, [{"rating": "4", "employee_id": self.anna.id}])
        ask_pulse(self)
        self.interview.action_hold()
        self._drive(
            "perf_anna",
            """
            await open("/performance/feedback");
            await press("a.card", "Well prepared");
            type("reply", "Thank you");
            await press("button[value=reply]");
            see("Answer sent");
            await open("/performance/plan/$plan");
            see("Half the calls are early");
            await press("button[value=check_in]");
            see("Done for today");
            await open("/performance/interview/$interview");
            type("comment", "As we said");
            await press("button[value=acknowledge]");
            see("Acknowledged");
            await open("/performance/answer");
            await press("main a");
            see("anonymous");
            find(".rating-choice input[value='5']").click();
            await press("button[value=send]");
            see("Your answers are in");
            await open("/performance/review/$review");
            await press("button[value=give_consent]");
            see("Agreed");
            await open("/performance/my-data");
            see("goes on");
            await press("button[value=withdraw]");
            see("taken back");
            """,
            plan=self.plan.id,
            interview=self.interview.id,
            review=self.review.id,
        )
        self.assertEqual(feedback.reply, "Thank you")
        self.assertEqual(self.plan.step_ids.checkin_ids.user_id, self.anna.user_id)
        self.assertEqual(self.interview.employee_comment, "As we said")
        self.assertTrue(self.env["hr.performance.answer"].search([]))
        self.assertTrue(self.env["hr.performance.consent"].search([]).withdrawn_on)


@tagged("post_install", "-at_install")
class TestLoopDesktop(UiCase):
    """An interview of two, the pulse, consent, messages and erasing, as each sees them."""

    def test_manager_employee_and_hr(self):
        set_up_loop(self)
        form = f"/odoo/performance-interviews/{self.interview.id}"
        self.start_tour(form, "hr_performance_loop_hold", login="perf_manager")
        self.assertEqual(self.interview.state, "held")
        self.assertIn("Good month", self.interview.notes)
        self.assertEqual(
            self.interview.with_user(self.manager.user_id).private_note, "Ask again in May"
        )
        plans = self.env["hr.performance.plan"].search([("employee_id", "=", self.anna.id)])
        self.assertIn("Call twice", plans.step_ids.mapped("name"))
        poll = ask_pulse(self)
        self.start_tour("/odoo/my-performance", "hr_performance_loop_own", login="perf_anna")
        self.assertRecordValues(
            self.interview, [{"state": "acknowledged", "employee_comment": "As we said"}]
        )
        self.assertRecordValues(
            self.anna.user_id, [{"performance_channel": "email", "performance_digest": "daily"}]
        )
        self.assertTrue(self.env["hr.performance.consent"].search([]).withdrawn_on)
        self.assertEqual(poll.answered_count, 1)
        self.start_tour(
            "/odoo/performance-messages", "hr_performance_loop_look_after", login="perf_admin"
        )
        self.assertNotEqual(self.interview.employee_comment, "As we said")
