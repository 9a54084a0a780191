from datetime import datetime

from odoo.tests import tagged

from .common import APRIL, MARCH, SalesCase, shanghai


@tagged("post_install", "-at_install")
class TestFollowUps(SalesCase):
    """Contacts recorded on leads, counted by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead(cls.anna)

    def test_activities_notes_and_messages(self):
        self._do_activity(self.lead, self.anna, "2026-03-02 10:00")
        self._post(self.lead, self.anna, "2026-03-03 10:00", "Wants an album for two families")
        self._post(self.lead, self.anna, "2026-03-04 10:00", subtype="mail.mt_comment")
        self._post(self.lead, self.anna, "2026-03-05 10:00", message_type="email")
        self.assertEqual(self._values("follow_ups"), [4.0, 0.0])
        rows = self.env["hr.performance.sales.contact"].search([("lead_id", "=", self.lead.id)])
        self.assertEqual(rows.mapped("kind"), ["message", "message", "note", "activity"])
        self.assertEqual(rows.partner_id, self.customer)
        self.assertEqual(rows.user_id, self.anna.user_id)

    def test_they_belong_to_the_author_whoever_has_the_lead(self):
        self._post(self.lead, self.bo, "2026-03-03 10:00")
        self.assertEqual(self._values("follow_ups"), [0.0, 1.0])
        self.lead.user_id = self.bo.user_id
        self._post(self.lead, self.anna, "2026-03-04 10:00")
        self.assertEqual(self._values("follow_ups"), [1.0, 1.0])

    def test_month_ends_at_midnight_in_shanghai(self):
        self._post(self.lead, self.anna, "2026-03-01 00:30")
        self._post(self.lead, self.anna, "2026-03-31 23:59")
        self._post(self.lead, self.anna, "2026-04-01 00:30")
        self.assertEqual(self._values("follow_ups", self.anna), [2.0])
        self.assertEqual(self._values("follow_ups", self.anna, period=APRIL), [1.0])

    def test_what_is_no_follow_up(self):
        when, author = "2026-03-10 10:00", self.anna.user_id.partner_id
        system = self.lead.message_post(body="Stage changed", author_id=author.id)
        system.date = shanghai(when)
        for message_type in ("auto_comment", "email_outgoing"):
            self._post(self.lead, self.anna, when, message_type=message_type)
        question = self.lead.message_post(
            body="When can we come?", message_type="email", author_id=self.customer.id
        )
        question.date = shanghai(when)
        meeting = self._meet(when, author, lead=self.lead)
        self.assertIn(meeting.name, self.lead.message_ids[0].body, "core notes the meeting itself")
        self.lead.message_ids[0].write({"date": shanghai(when), "author_id": author.id})
        self._do_activity(self.lead, self.anna, when, "mail.mail_activity_data_meeting")
        self._post(self._create_order(self.anna, "2026-03-01 12:00"), self.anna, when)
        self._post(self.customer, self.anna, when)
        self.assertEqual(self._values("follow_ups", self.anna), [0.0])

    def test_a_deleted_message_is_none_any_more(self):
        message = self._post(self.lead, self.anna, "2026-03-10 10:00")
        self.lead._message_update_content(message, body="", attachment_ids=[])
        self.assertEqual(self._values("follow_ups", self.anna), [0.0])

    def test_a_picture_alone_is_one(self):
        """A screenshot of the conversation says what was agreed."""
        self._post(
            self.lead, self.anna, "2026-03-10 10:00", body="", attachments=[("talk.png", b"png")]
        )
        self.assertEqual(self._values("follow_ups", self.anna), [1.0])

    def test_follow_ups_on_archived_leads_stay(self):
        self._post(self.lead, self.anna, "2026-03-10 10:00")
        self._lose(self.lead, "2026-03-11 10:00")
        self.assertEqual(self._values("follow_ups", self.anna), [1.0])

    def test_content_is_shown_to_whoever_may_read_the_message(self):
        self._post(self.lead, self.anna, "2026-03-10 10:00", "Wants <b>blue</b>")
        contact = self.env["hr.performance.sales.contact"].search([("lead_id", "=", self.lead.id)])
        self.assertIn("blue", contact.with_user(self.anna.user_id).content)
        # the manager of both reads the row behind the number, and no lead
        manager = self.manager.user_id
        self.assertFalse(self.env["crm.lead"].with_user(manager).has_access("read"))
        self.assertEqual(contact.with_user(manager).kind, "note")
        self.assertFalse(contact.with_user(manager).content)


@tagged("post_install", "-at_install")
class TestAfterDelivery(SalesCase):
    """The shooting is on 10 March at 15:00 in Shanghai."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_order(
            cls.bo, "2026-03-01 12:00", commitment_date=shanghai("2026-03-10 15:00")
        )

    def _get_days(self):
        rows = self.env["hr.performance.sales.contact"].search(
            [("user_id", "in", self.sellers.user_id.ids)], order="date"
        )
        return rows.mapped("days_after_delivery")

    def test_seven_days_by_the_calendar_of_the_company(self):
        for when in (
            "2026-03-10 14:00",  # before the shooting
            "2026-03-10 18:00",  # day 0
            "2026-03-11 00:30",  # day 1; in London it is still the 10th
            "2026-03-17 23:50",  # day 7, more than 7 times 24 hours later
            "2026-03-18 00:10",  # day 8
        ):
            self._post(self.order, self.anna, when)
        self.assertEqual(self._get_days(), [-1, 0, 1, 7, 8])
        self.assertEqual(self._values("contacts_after_delivery"), [3.0, 0.0])

    def test_wherever_the_contact_is_recorded(self):
        friend = self._create_customer("Friend", parent_id=self.customer.id)
        lead = self._create_lead(self.anna, partner_id=friend.id)
        self._post(lead, self.anna, "2026-03-11 10:00")
        self._post(self.customer, self.anna, "2026-03-12 10:00")
        self._do_activity(self.order, self.anna, "2026-03-13 10:00")
        self._meet("2026-03-14 10:00", self.anna.user_id.partner_id, self.customer)
        self.assertEqual(self._values("contacts_after_delivery"), [4.0, 0.0])

    def test_customers_without_a_delivery(self):
        stranger = self._create_customer("Stranger")
        self._post(stranger, self.anna, "2026-03-11 10:00")
        order = self._create_order(self.anna, "2026-03-01 12:00", customer=stranger)
        self._post(order, self.anna, "2026-03-11 10:00")
        self.assertEqual(self._get_days(), [-1, -1])
        self.assertEqual(self._values("contacts_after_delivery"), [0.0, 0.0])

    def test_a_cancelled_order_is_not_delivered(self):
        self._post(self.order, self.anna, "2026-03-11 10:00")
        self._cancel(self.order, "2026-03-12 10:00")
        self.assertEqual(self._values("contacts_after_delivery", self.anna), [0.0])

    def test_the_latest_of_several_deliveries_counts(self):
        self._create_order(
            self.bo, "2026-03-01 12:00", commitment_date=shanghai("2026-03-20 09:00")
        )
        self._post(self.customer, self.anna, "2026-03-22 10:00")
        self.assertEqual(self._get_days(), [2])

    def test_deliveries_of_another_company_are_none(self):
        self._create_order(
            self.olga,
            "2026-03-01 12:00",
            customer=self._create_customer("Far"),
            commitment_date=shanghai("2026-03-10 15:00"),
        )
        far = self.env["res.partner"].search([("name", "=", "Far")])
        self._post(far, self.anna, "2026-03-11 10:00")
        self._post(far, self.olga, "2026-03-11 18:00")
        self.assertEqual(self._values("contacts_after_delivery", self.anna, self.olga), [0.0, 1.0])


@tagged("post_install", "-at_install")
class TestVisits(SalesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.me = cls.anna.user_id.partner_id
        cls.colleague = cls.bo.user_id.partner_id

    def test_meetings_with_customers(self):
        self._meet("2026-03-05 10:00", self.me, self.customer)
        self._meet("2026-03-06 10:00", self.me, lead=self._create_lead(self.anna))
        self._meet("2026-03-07 10:00", self.me, self.colleague)  # among themselves
        self._meet("2026-02-27 10:00", self.me, self.customer)
        self.assertEqual(self._values("visits"), [2.0, 0.0])

    def test_month_ends_at_midnight_in_shanghai(self):
        self._meet("2026-03-01 00:30", self.me, self.customer)
        self._meet("2026-04-01 00:30", self.me, self.customer)
        self.assertEqual(self._values("visits", self.anna), [1.0])
        self.assertEqual(self._values("visits", self.anna, period=APRIL), [1.0])

    def test_everybody_who_went_has_a_visit(self):
        """Bo arranged the meeting, Anna and Bo go: it is a visit of each."""
        self._meet("2026-03-05 10:00", self.me, self.colleague, self.customer, organizer=self.bo)
        self._meet("2026-03-06 10:00", self.me, self.customer, organizer=self.bo)
        self.assertEqual(self._values("visits"), [2.0, 1.0])

    def test_who_declined_did_not_go(self):
        meeting = self._meet("2026-03-05 10:00", self.me, self.colleague, self.customer)
        attendees = meeting.attendee_ids.grouped("partner_id")
        attendees[self.colleague].state = "declined"
        self.assertEqual(self._values("visits"), [1.0, 0.0])
        attendees[self.customer].state = "declined"
        self.assertEqual(self._values("visits"), [0.0, 0.0])

    def test_a_planned_visit_counts_when_it_is_over(self):
        self._meet("2026-03-20 10:00", self.me, self.customer, hours=2)
        with self.at("2026-03-20 11:00"):
            self.assertEqual(self._values("visits", self.anna), [0.0])
        with self.at("2026-03-20 12:00"):
            self.assertEqual(self._values("visits", self.anna), [1.0])

    def test_a_cancelled_visit_is_none(self):
        meeting = self._meet("2026-03-05 10:00", self.me, self.customer)
        meeting.action_archive()
        self.assertEqual(self._values("visits", self.anna), [0.0])

    def test_private_meetings_count_without_their_subject(self):
        meeting = self._meet("2026-03-05 10:00", self.me, self.customer)
        meeting.write({"privacy": "private", "name": "Secret"})
        self.assertEqual(self._values("visits", self.anna), [1.0])
        row = self.env["hr.performance.sales.contact"].search([("event_id", "=", meeting.id)])
        self.assertEqual(row.date, datetime(2026, 3, 5, 2, 0))
        shown = row.with_user(self.manager.user_id).read(["display_name", "event_id", "content"])
        self.assertNotIn("Secret", str(shown))

    def test_visits_open_from_the_number(self):
        meeting = self._meet("2026-03-05 10:00", self.me, self.customer)
        action = self._get_metric("visits")._get_metric_records_action(self.anna, *MARCH)
        rows = self.env[action["res_model"]].with_user(self.anna.user_id).search(action["domain"])
        self.assertEqual(rows.event_id, meeting)


@tagged("post_install", "-at_install")
class TestSatisfaction(SalesCase):
    def _rate(self, employee, points, when, **vals):
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.customer.id,
                "rated_partner_id": employee.user_id.partner_id.id,
                "partner_id": self.customer.id,
                "rating": points,
                "consumed": True,
                **vals,
            }
        )
        rating.rated_on = shanghai(when)
        return rating

    def test_average_points(self):
        self._rate(self.anna, 5, "2026-03-01 00:30")
        self._rate(self.anna, 4, "2026-03-10 10:00")
        self._rate(self.anna, 4.5, "2026-03-31 23:00")
        self._rate(self.anna, 1, "2026-04-01 00:30")
        self._rate(self.anna, 0, "2026-03-10 10:00", consumed=False)  # asked, not answered
        self._rate(self.anna, 2, "2026-03-10 10:00", consumed=False)  # not sent off
        anna, bo = self._measure("satisfaction")
        self.assertEqual((anna.value, anna.sample), (4.5, 3))
        self.assertEqual((bo.value, bo.reason), (None, "no_rows"))

    def test_seed_case_of_3_point_8(self):
        for points in (5, 4, 3, 3, 4):
            self._rate(self.anna, points, "2026-03-10 10:00")
        self.assertAlmostEqual(self._values("satisfaction", self.anna)[0], 3.8)
