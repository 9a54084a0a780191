from odoo.tests import tagged

from .common import APRIL, MARCH, SalesCase, shanghai


@tagged("post_install", "-at_install")
class TestConversion(SalesCase):
    """Won in percent of handled, counted by hand."""

    def _get_shares(self, *employees, period=MARCH):
        found = self._measure("conversion", *employees, period=period)
        return [(m.numerator, m.denominator) for m in found]

    def test_won_lost_and_worked_on(self):
        self._win(self._create_lead(self.anna), "2026-03-10 10:00")
        self._win(self._create_lead(self.anna), "2026-03-20 10:00")
        self._lose(self._create_lead(self.anna), "2026-03-12 10:00")
        self._post(self._create_lead(self.anna), self.anna, "2026-03-15 10:00")
        self._create_lead(self.anna)  # nobody touched it
        self._win(self._create_lead(self.anna), "2026-02-20 10:00")
        self._lose(self._create_lead(self.anna), "2026-02-20 10:00")
        self._win(self._create_lead(self.bo), "2026-03-01 12:00")
        anna, bo = self._measure("conversion")
        self.assertEqual((anna.value, anna.numerator, anna.denominator), (50.0, 2, 4))
        self.assertEqual((bo.value, bo.numerator, bo.denominator), (100.0, 1, 1))

    def test_without_a_handled_lead_it_is_unknown(self):
        self._create_lead(self.anna)
        anna, bo = self._measure("conversion")
        self.assertEqual((anna.value, anna.reason), (None, "empty_denominator"))
        self.assertEqual((bo.value, bo.reason), (None, "empty_denominator"))

    def test_a_lead_counts_once_however_often_it_is_touched(self):
        lead = self._create_lead(self.anna)
        for day in ("2026-03-02 10:00", "2026-03-03 10:00"):
            self._post(lead, self.anna, day)
        self._do_activity(lead, self.anna, "2026-03-04 10:00")
        self._meet("2026-03-05 10:00", self.anna.user_id.partner_id, lead=lead)
        self._win(lead, "2026-03-10 10:00")
        self.assertEqual(self._get_shares(self.anna), [(1, 1)])

    def test_worked_on_in_one_month_and_won_in_the_next(self):
        lead = self._create_lead(self.anna)
        self._post(lead, self.anna, "2026-03-20 10:00")
        self._win(lead, "2026-04-02 10:00")
        self.assertEqual(self._get_shares(self.anna), [(0, 1)])
        self.assertEqual(self._get_shares(self.anna, period=APRIL), [(1, 1)])

    def test_month_ends_at_midnight_in_shanghai(self):
        self._win(self._create_lead(self.anna), "2026-03-01 00:30")
        self._win(self._create_lead(self.anna), "2026-04-01 00:30")
        self._lose(self._create_lead(self.anna), "2026-03-31 23:59")
        self.assertEqual(self._get_shares(self.anna), [(1, 2)])
        self.assertEqual(self._get_shares(self.anna, period=APRIL), [(1, 1)])

    def test_a_meeting_is_work_on_the_lead(self):
        lead = self._create_lead(self.anna)
        self._meet("2026-03-05 10:00", self.anna.user_id.partner_id, lead=lead)
        self.assertEqual(self._get_shares(self.anna), [(0, 1)])

    def test_a_changed_stage_alone_is_no_work(self):
        lead = self._create_lead(self.anna)
        message = lead.message_post(body="Stage changed", author_id=self.anna.user_id.partner_id.id)
        message.date = shanghai("2026-03-10 10:00")
        self.assertEqual(self._get_shares(self.anna), [(0, None)])

    def test_the_help_of_a_colleague_counts_for_the_one_who_has_the_lead(self):
        self._post(self._create_lead(self.anna), self.bo, "2026-03-10 10:00")
        self.assertEqual(self._get_shares(), [(0, 1), (0, None)])

    def test_a_reassigned_lead_follows_its_salesperson(self):
        lead = self._create_lead(self.anna)
        self._post(lead, self.anna, "2026-03-05 10:00")
        lead.user_id = self.bo.user_id
        lead.date_open = shanghai("2026-03-10 10:00")
        self.assertEqual(self._get_shares(), [(0, None), (0, None)])
        self._post(lead, self.bo, "2026-03-11 10:00")
        self._win(lead, "2026-03-12 10:00")
        self.assertEqual(self._get_shares(), [(0, None), (1, 1)])

    def test_a_won_lead_that_was_archived_is_not_won_again(self):
        """Archiving moves the closing date into the month of the archiving."""
        lead = self._win(self._create_lead(self.anna), "2026-02-10 10:00")
        lead.active = False
        lead.date_closed = shanghai("2026-03-10 10:00")
        self.assertEqual(lead.won_status, "won")
        self.assertEqual(self._get_shares(self.anna), [(0, None)])

    def test_a_lead_archived_without_being_lost_is_not_lost(self):
        lead = self._create_lead(self.anna, probability=30)
        lead.action_archive()
        lead.date_closed = shanghai("2026-03-10 10:00")
        self.assertEqual(lead.won_status, "pending")
        self.assertEqual(self._get_shares(self.anna), [(0, None)])

    def test_a_restored_lead_is_not_lost_any_more(self):
        lead = self._lose(self._create_lead(self.anna), "2026-03-10 10:00")
        self.assertEqual(self._get_shares(self.anna), [(0, 1)])
        lead.action_restore()
        self.assertEqual(self._get_shares(self.anna), [(0, None)])

    def test_leads_of_all_teams_and_both_kinds(self):
        teams = self.env["crm.team"].create(
            [
                {"name": name, "company_id": self.company.id, "use_leads": True}
                for name in ("North", "South")
            ]
        )
        self._win(self._create_lead(self.anna, team_id=teams[0].id), "2026-03-10 10:00")
        self._lose(
            self._create_lead(self.anna, team_id=teams[1].id, type="lead"), "2026-03-10 10:00"
        )
        self.assertEqual(self._get_shares(self.anna), [(1, 2)])

    def test_companies_are_kept_apart(self):
        """Anna sells for both companies; each of her employments has its own leads."""
        user = self.anna.user_id
        user.company_ids |= self.other_company
        abroad = self.env["hr.employee"].create(
            {"name": "Anna", "user_id": user.id, "company_id": self.other_company.id}
        )
        here = self._create_lead(self.anna)
        there = self._create_lead(self.anna, company_id=self.other_company.id)
        nowhere = self._create_lead(self.anna, company_id=False)
        self._win(here, "2026-03-10 10:00")
        self._win(nowhere, "2026-03-10 10:00")
        self._lose(there, "2026-03-10 10:00")
        self.assertFalse(nowhere.company_id)
        self.assertEqual(self._get_shares(self.anna, abroad), [(2, 2), (0, 1)])

    def test_records_behind_the_number(self):
        won = self._win(self._create_lead(self.anna), "2026-03-10 10:00")
        lost = self._lose(self._create_lead(self.anna), "2026-03-12 10:00")
        self._win(self._create_lead(self.bo), "2026-03-10 10:00")
        metric = self._get_metric("conversion")
        for part, leads in (("numerator", won), ("denominator", won | lost)):
            action = metric._get_metric_records_action(self.anna, *MARCH, part=part)
            rows = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(rows.lead_id, leads)


@tagged("post_install", "-at_install")
class TestWonAmount(SalesCase):
    def test_revenue_of_won_leads_by_the_day_they_were_won(self):
        self._win(self._create_lead(self.anna), "2026-03-10 10:00", 1200.5)
        self._win(self._create_lead(self.anna), "2026-03-01 00:30", 300)
        self._win(self._create_lead(self.anna), "2026-04-01 00:30", 5000)
        self._lose(self._create_lead(self.anna, expected_revenue=700), "2026-03-10 10:00")
        self._create_lead(self.anna, expected_revenue=900)
        self.assertEqual(self._values("won_amount"), [1500.5, 0.0])
        self.assertEqual(self._values("won_amount", period=APRIL), [5000.0, 0.0])

    def test_a_reassigned_lead_pays_its_present_salesperson(self):
        lead = self._win(self._create_lead(self.anna), "2026-03-10 10:00", 1000)
        lead.user_id = self.bo.user_id
        self.assertEqual(self._values("won_amount"), [0.0, 1000.0])

    def test_a_won_lead_that_was_archived_pays_nobody_twice(self):
        lead = self._win(self._create_lead(self.anna), "2026-02-10 10:00", 1000)
        lead.active = False
        lead.date_closed = shanghai("2026-03-10 10:00")
        self.assertEqual(self._values("won_amount", self.anna), [0.0])

    def test_won_and_opened_again(self):
        lead = self._win(self._create_lead(self.anna), "2026-03-10 10:00", 1000)
        lead.stage_id = self.open_stage
        self.assertEqual(self._values("won_amount", self.anna), [0.0])
        self._win(lead, "2026-04-10 10:00")
        self.assertEqual(self._values("won_amount", self.anna), [0.0])
        self.assertEqual(self._values("won_amount", self.anna, period=APRIL), [1000.0])

    def test_month_ends_differ_between_companies(self):
        """Half past midnight on 1 April in Brussels is the morning of that day in Shanghai."""
        lead = self._create_lead(self.olga, expected_revenue=80)
        self._win(lead, "2026-03-31 23:30")  # 17:30 in Brussels
        late = self._create_lead(self.olga, expected_revenue=7)
        self._win(late, "2026-04-01 06:30")  # half past midnight in Brussels
        self.assertEqual(self._values("won_amount", self.olga), [80.0])
        self.assertEqual(self._values("won_amount", self.olga, period=APRIL), [7.0])


@tagged("post_install", "-at_install")
class TestResponseTime(SalesCase):
    def test_average_from_the_assignment_to_the_first_contact(self):
        quick = self._create_lead(self.anna, "2026-03-10 09:00")
        self._post(quick, self.anna, "2026-03-10 09:15")
        self._post(quick, self.anna, "2026-03-10 18:00")
        slow = self._create_lead(self.anna, "2026-03-11 09:00")
        self._do_activity(slow, self.anna, "2026-03-11 10:45")
        earlier = self._create_lead(self.anna, "2026-02-28 23:30")
        self._post(earlier, self.anna, "2026-03-02 09:00")
        anna, bo = self._measure("response_time")
        self.assertAlmostEqual(anna.value, 60.0)
        self.assertEqual(anna.sample, 2)
        self.assertEqual((bo.value, bo.reason), (None, "no_rows"))

    def test_lower_is_better(self):
        self.assertEqual(self._get_metric("response_time").direction, "lower")

    def test_month_ends_at_midnight_in_shanghai(self):
        lead = self._create_lead(self.anna, "2026-03-01 00:30")
        self._post(lead, self.anna, "2026-03-01 00:40")
        late = self._create_lead(self.anna, "2026-04-01 00:30")
        self._post(late, self.anna, "2026-04-01 00:50")
        (anna,) = self._measure("response_time", self.anna)
        self.assertAlmostEqual(anna.value, 10.0)
        (anna,) = self._measure("response_time", self.anna, period=APRIL)
        self.assertAlmostEqual(anna.value, 20.0)

    def test_a_lead_without_contact_counts_with_the_time_it_has_waited(self):
        """Not answering is never fast."""
        self._create_lead(self.anna, "2026-03-10 09:00")
        with self.at("2026-03-10 11:00"):
            self.assertAlmostEqual(self._values("response_time", self.anna)[0], 120.0)
        with self.at("2026-03-12 09:00"):
            self.assertAlmostEqual(self._values("response_time", self.anna)[0], 2880.0)

    def test_a_lead_lost_without_contact_waited_until_it_was_closed(self):
        lead = self._create_lead(self.anna, "2026-03-10 09:00")
        self._lose(lead, "2026-03-10 12:00")
        with self.at("2026-03-20 09:00"):
            self.assertAlmostEqual(self._values("response_time", self.anna)[0], 180.0)

    def test_the_contact_of_a_colleague_is_no_answer(self):
        lead = self._create_lead(self.anna, "2026-03-10 09:00")
        self._post(lead, self.bo, "2026-03-10 09:05")
        self._post(lead, self.anna, "2026-03-10 10:00")
        self.assertAlmostEqual(self._values("response_time", self.anna)[0], 60.0)

    def test_a_reassigned_lead_starts_anew(self):
        lead = self._create_lead(self.anna, "2026-03-10 09:00")
        self._post(lead, self.anna, "2026-03-10 09:30")
        lead.user_id = self.bo.user_id
        lead.date_open = shanghai("2026-03-15 09:00")
        self._post(lead, self.bo, "2026-03-15 09:20")
        anna, bo = self._measure("response_time")
        self.assertIsNone(anna.value)
        self.assertAlmostEqual(bo.value, 20.0)

    def test_leads_that_the_salesperson_entered_are_left_out(self):
        lead = (
            self.env["crm.lead"]
            .with_user(self.anna.user_id)
            .create({"name": "Met at the fair", "company_id": self.company.id})
        )
        lead.sudo().date_open = shanghai("2026-03-10 09:00")
        self.assertEqual(lead.sudo().user_id, self.anna.user_id)
        self.assertIsNone(self._values("response_time", self.anna)[0])
