from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import shanghai
from .plan_common import PlanCase


@tagged("post_install", "-at_install")
class TestSalesWatch(PlanCase):
    """What is shown to HR, and what is so near to it that it must not be."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Watch = cls.env["hr.performance.sales.watch"]

    def _look(self, period):
        period._sync_results()
        period._refresh()
        self.Watch._look(period)
        return self.Watch.search([("period_id", "=", period.id)])

    def _found(self, period, kind):
        return self._look(period).filtered(lambda watch: watch.kind == kind)

    def _recorded(self, lead, when):
        """Let the credits of a deal have been recorded at this time."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hr_performance_sales_credit SET create_date = %s"
            " WHERE res_model = %s AND res_id = %s",
            (shanghai(when), lead._name, lead.id),
        )

    def _opened(self, period, when="2026-03-01 00:10"):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hr_performance_sales_period SET create_date = %s WHERE id = %s",
            (shanghai(when), period.id),
        )
        self.env.invalidate_all()

    # Results

    def test_many_just_above_the_minimum(self):
        period = self._start()
        self._sell_all(1000, 1005, 1020, 600, 500, 990)
        watch = self._found(period, "bunching")
        self.assertEqual((watch.key, watch.count, watch.count_other),
                         (f"minimum-{self.sales_east.id}", 3, 1))  # fmt: skip
        self.assertEqual(
            set(self.env["hr.performance.sales.result"].browse(watch.evidence).employee_id.ids),
            {self.anna.id, self.bo.id, self.dora.id},
        )
        self.assertIn("3 people of one group ended within 2 % above their minimum, 1", watch.text)
        action = watch.action_open_evidence()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sorted(found.ids), watch.evidence)

    def test_two_just_above_are_not_many(self):
        period = self._start()
        self._sell_all(1000, 1020, 1021, 600, 500, 0)
        self.assertFalse(self._found(period, "bunching"))

    def test_as_many_just_below_are_no_bunching(self):
        period = self._start()
        self._sell_all(1000, 1005, 1020, 990, 985, 0)
        self.assertFalse(self._found(period, "bunching"))

    def test_often_just_above_the_minimum(self):
        self.plan.date_from = "2026-01-01"
        self._start(when="2026-03-20 10:00")
        january, february, march = self.plan.period_ids.sorted("date_from")
        for day in ("01-10", "02-10", "03-10"):
            self._sell(self.bo, 1010, f"2026-{day} 10:00")  # three times
            self._sell(self.dora, 1000 if day != "02-10" else 1021, f"2026-{day} 10:00")  # twice
        for period in (january, february):
            self.assertFalse(self._found(period, "repeat"))
        watch = self._found(march, "repeat")
        self.assertEqual((watch.employee_id, watch.count), (self.bo, 3))

    # Deals

    def test_deals_moved_across_the_end(self):
        period = self._start()
        self._opened(period)
        moved = self._sell(self.bo, 500, "2026-03-30 10:00")
        with self.at("2026-03-31 18:00"):
            moved.stage_id = self.open_stage
        self._win(moved, "2026-04-02 09:00")
        taken = self._sell(self.anna, 500, "2026-03-30 10:00")
        with self.at("2026-03-31 18:00"):
            taken.stage_id = self.open_stage  # lost in the same month, and never won again
        early = self._sell(self.dora, 500, "2026-03-27 10:00")
        with self.at("2026-03-31 18:00"):
            early.stage_id = self.open_stage
        self._win(early, "2026-04-02 09:00")  # its first credit is more than three days before
        for lead in (moved, taken, early):
            self._recorded(lead, "2026-03-30 10:01")
        watch = self._found(period, "border")
        self.assertEqual((watch.employee_id, watch.amount), (self.bo, 500))
        self.assertEqual(len(watch.evidence), 3)
        action = watch.action_open_evidence()
        credits = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(credits.mapped("res_id"), moved.ids * 3)

    def test_deals_dated_back(self):
        period = self._start()
        self._opened(period)
        back = self._sell(self.bo, 500, "2026-03-31 10:00")
        self._recorded(back, "2026-04-02 10:00")
        at_once = self._sell(self.anna, 500, "2026-03-31 23:00")
        self._recorded(at_once, "2026-03-31 23:00")
        long_after = self._sell(self.dora, 500, "2026-03-31 10:00")  # an import of old records
        self._recorded(long_after, "2026-04-20 10:00")
        self.assertEqual(self._found(period, "border").employee_id, self.bo)
        # all of it was taken over when the plan began
        self.Watch.search([]).unlink()
        self._opened(period, "2026-04-02 10:00")
        self.assertFalse(self._found(period, "border"))

    def test_deals_taken_back_after_the_end(self):
        period = self._start()
        for employee, before, late in (
            (self.bo, 700, 400),  # reached the minimum with it
            (self.anna, 1600, 400),  # had passed both anyway
            (self.dora, 300, 400),  # did not reach it
            (self.emil, 700, 400),  # not taken back in time
        ):
            self._sell(employee, before, "2026-03-10 10:00")
            lead = self._sell(employee, late, "2026-03-30 10:00")
            day = "2026-05-02" if employee == self.emil else "2026-04-10"
            with self.at(f"{day} 10:00"):
                lead.stage_id = self.open_stage
        self._sell_all(0, 0, 0, 0, 9000, 8000)
        watch = self._found(period, "cancelled")
        self.assertEqual(watch.employee_id, self.bo)
        self.assertEqual(watch.amount, 400)

    def test_several_deals_on_one_day(self):
        period = self._start()
        other = self._create_customer("Other")
        for hour in ("00:10", "12:00", "23:50"):
            self._sell(self.bo, 100, f"2026-03-10 {hour}")
            # as many, on two days of Shanghai and one of Greenwich
            self._sell(self.anna, 100, f"2026-03-{'11' if hour < '01' else '10'} {hour}")
            self._sell(self.dora, 100, "2026-03-10 10:00", partner_id=other.id
                       if hour < "01" else self.customer.id)  # fmt: skip
        watch = self._found(period, "split")
        self.assertEqual((watch.employee_id, watch.count, watch.amount), (self.bo, 3, 300))
        self.assertEqual(watch.partner_id, self.customer)

    def test_a_customer_passed_between_two(self):
        period = self._start()
        passed, handed, three = (self._create_customer(name) for name in "ABC")
        for customer, sellers in (
            (passed, (self.bo, self.anna, self.bo)),
            (handed, (self.bo, self.bo, self.anna)),  # handed over once
            (three, (self.bo, self.anna, self.dora)),  # not between two
        ):
            for seller, day in zip(sellers, ("01-20", "02-10", "03-10"), strict=True):
                self._sell(seller, 100, f"2026-{day} 10:00", partner_id=customer.id)
        watch = self._found(period, "passed")
        self.assertEqual(watch.partner_id, passed)
        self.assertEqual((watch.employee_id | watch.other_employee_id), self.anna | self.bo)
        self.assertEqual((watch.count, len(watch.evidence)), (2, 3))

    # The list

    def _bunch(self):
        period = self._start()
        self._sell_all(1000, 1005, 1020, 600, 500, 0)
        return period, self._found(period, "bunching")

    def test_looking_again_and_dismissing(self):
        period, watch = self._bunch()
        self.assertEqual(self._look(period), watch)
        own = watch.with_user(self.hr_user)
        with self.assertRaises(UserError):
            own.action_dismiss()
        own.note = "A campaign of ours aimed at this sum"
        own.action_dismiss()
        self._sell(self.emil, 410, "2026-03-11 10:00")
        self._look(period)
        self.assertEqual((watch.state, watch.count), ("dismissed", 3))
        self.assertEqual(watch.dismissed_by_id, self.hr_user)

    def test_hr_alone_sees_it(self):
        period, watch = self._bunch()
        readers = (self.hr_user, self.hr_admin)
        strangers = (self.anna.user_id, self.manager.user_id, self.leader, self.carl.user_id)
        for user in (*readers, *strangers, self.auditor):
            self.env.invalidate_all()
            Watch = self.Watch.with_user(user)
            if user in readers:
                self.assertEqual(Watch.search([]), watch)
                self.assertTrue(Watch.browse(watch.id).action_open_evidence())
            else:
                for call in (
                    lambda w: w.search([]),
                    lambda w: w.browse(watch.id).read(["text"]),
                    lambda w: w.browse(watch.id).action_open_evidence(),
                    lambda w: w.browse(watch.id).action_dismiss(),
                    lambda w: w._read_group([], ["kind"], ["__count"]),
                    lambda w: w.env["hr.performance.sales.period"].browse(period.id).action_look(),
                ):
                    with self.assertRaises(UserError):
                        call(Watch)
            for vals in ({"state": "dismissed"}, {"count": 0}, {"employee_id": False}):
                with self.assertRaises(AccessError):
                    Watch.browse(watch.id).write(vals)
            with self.assertRaises(AccessError):
                Watch.browse(watch.id).unlink()

    def test_nobody_looks_at_himself(self):
        period = self._start()
        for hour in ("10:00", "12:00", "14:00"):
            self._sell(self.bo, 100, f"2026-03-10 {hour}")
        watch = self._found(period, "split")
        self.bo.user_id.group_ids += self.env.ref("hr_performance.group_hr_performance_user")
        self.env.invalidate_all()
        self.assertFalse(self.Watch.with_user(self.bo.user_id).search([]))
        with self.assertRaises(AccessError):
            watch.with_user(self.bo.user_id).read(["text"])

    def test_the_job_and_the_button(self):
        period = self._start()
        self._sell_all(1000, 1005, 1020, 600, 500, 0)
        self._refresh(period)
        job = self.env.ref("hr_performance_sales.ir_cron_watch_sales")
        for when, found in (
            ("2026-03-31 12:00", 0),
            ("2026-05-03 12:00", 0),
            ("2026-04-01 03:00", 1),
        ):
            with self.at(when), self.enter_registry_test_mode():
                job.method_direct_trigger()
            self.assertEqual(self.Watch.search_count([]), found, when)
        with self.at("2026-03-31 12:00"), self.assertRaises(UserError):
            period.with_user(self.hr_user).action_look()
        with self.at("2026-04-01 12:00"):
            action = period.with_user(self.hr_user).action_look()
        self.assertEqual(action["res_model"], "hr.performance.sales.watch")

    def test_six_queries_for_a_period(self):
        period = self._start()
        self._sell_all(1000, 1005, 1020, 600, 500, 0)
        self._look(period)
        self.env.flush_all()
        with self.assertQueryCount(13):
            self.Watch._look(period)
