from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .plan_common import PlanCase

SALES = (900, 1000, 1200, 2000, 3000, 0)  # the median is 1,100
REWARDS = {"dora": 10, "emil": 90, "fred": 190}


@tagged("post_install", "-at_install")
class TestSalesPeriod(PlanCase):
    """From a won deal to where everybody stands."""

    def test_results_follow_the_deals(self):
        period = self._start()
        self._sell_all(*SALES)
        found = self._refresh(period)
        self.assertEqual({row.line for row in found.values()}, {1100})
        self.assertEqual(self._rewards(found), REWARDS)
        self.assertEqual([found[n].rank for n in ("fred", "emil", "gina")], [1, 2, 6])
        self.assertEqual((found["fred"].gap, found["gina"].gap), (1900, -1100))
        self.assertNotIn("manager", self._rewards(found))
        self.assertEqual(found["manager"].barred, "manager")

    def test_the_job_refreshes_what_is_stale_and_nothing_else(self):
        period = self._start()
        self._sell_all(*SALES)
        marks = self.env["hr.performance.sales.mark"]
        self.assertEqual(len(marks.search([])), 5)
        period.refreshed_on = False
        with self.enter_registry_test_mode():
            self.env.ref("hr_performance_sales.ir_cron_refresh_sales").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(marks.search([]))
        self.assertEqual(self._rewards({r.employee_id.name: r for r in period.result_ids}),
                         {k.title(): v for k, v in REWARDS.items()})  # fmt: skip

    def test_groups_by_team_and_by_people(self):
        from ..models import hr_performance_sales_plan_compute as module

        self.patch(module, "BATCH_SIZE", 2)
        teams = self.env["crm.team"].create(
            [{"name": name, "company_id": self.company.id} for name in ("North", "South")]
        )
        for number, employee in enumerate(self.team):
            self.env["crm.team.member"].create(
                {"crm_team_id": teams[number % 2].id, "user_id": employee.user_id.id}
            )
        self._sell_all(*SALES)
        plan = self._create_plan(name="Teams", group_by="team", team_ids=[Command.set(teams.ids)])
        found = self._refresh(self._start(plan))
        # North: 900, 1200, 3000; South: 1000, 2000, 0
        self.assertEqual((found["anna"].line, found["bo"].line), (1200, 1000))
        self.assertEqual(self._rewards(found), {"fred": 180, "emil": 100})
        chosen = self._create_plan(
            name="Chosen", group_by="people", employee_ids=[Command.set(self.team[:3].ids)]
        )
        found = self._refresh(self._start(chosen))
        self.assertEqual(set(found), {"anna", "bo", "dora"})
        self.assertEqual(self._rewards(found), {"dora": 20})

    def _start_team_plan(self):
        """North: Anna, Dora and Fred; South: Bo, Emil and Gina."""
        self.north, self.south = self.env["crm.team"].create(
            [{"name": name, "company_id": self.company.id} for name in ("North", "South")]
        )
        for number, employee in enumerate(self.team):
            team = (self.north, self.south)[number % 2]
            self._join(team, employee, "2026-02-01 00:00:00")
        plan = self._create_plan(
            name="Teams", group_by="team", team_ids=[Command.set((self.north | self.south).ids)]
        )
        period = self._start(plan)
        self._sell_all(*SALES)
        return period

    def _join(self, team, employee, since):
        member = self.env["crm.team.member"].create(
            {"crm_team_id": team.id, "user_id": employee.user_id.id}
        )
        self._set_dates(member, create_date=since)
        return member

    def _set_dates(self, member, **dates):
        self.env.flush_all()
        for name, moment in dates.items():
            self.cr.execute(
                SQL(
                    "UPDATE crm_team_member SET %s = %s WHERE id = %s",
                    SQL.identifier(name),
                    moment,
                    member.id,
                )
            )
        self.env.invalidate_all()

    def test_who_is_archived_keeps_his_team(self):
        """Archiving a user archives his memberships; what he sold in the month is paid."""
        period = self._start_team_plan()
        self.fred.user_id.action_archive()
        found = self._refresh(period)
        self.assertEqual((found["fred"].team_id, found["anna"].line), (self.north, 1200))
        self.assertEqual(self._rewards(found), {"fred": 180, "emil": 100})

    def test_who_left_for_a_team_outside_takes_no_part(self):
        """Also when he is archived there; the team that he had last decides."""
        period = self._start_team_plan()
        member = self.env["crm.team.member"].search([("user_id", "=", self.fred.user_id.id)])
        member.action_archive()
        self._set_dates(member, write_date="2026-03-10 00:00:00")
        outside = self.env["crm.team"].create({"name": "West", "company_id": self.company.id})
        last = self._join(outside, self.fred, "2026-03-10 00:00:00")
        self.assertNotIn("fred", self._refresh(period))
        self.fred.user_id.action_archive()
        self._set_dates(last, write_date="2026-03-20 00:00:00")
        self.assertNotIn("fred", self._refresh(period))
        self._close(period)
        listed = self.env["hr.performance.sales.uncounted"].search([])
        self.assertEqual((listed.employee_id, listed.amount), (self.fred, 3000))

    def test_another_team_after_the_end_of_the_period(self):
        """Moved on the first of April, before March is closed: March is that of the old team."""
        period = self._start_team_plan()
        old = self.env["crm.team.member"].search([("user_id", "=", self.fred.user_id.id)])
        old.action_archive()
        self._join(self.south, self.fred, "2026-04-01 02:00:00")
        for left, team in (("2026-04-01 02:00:00", self.north), ("2026-03-16 02:00:00", None)):
            self._set_dates(old, write_date=left)
            self.assertEqual(self._refresh(period)["fred"].team_id, team or self.south)

    def test_a_group_too_small_takes_the_line_above(self):
        north = self.env["hr.department"].create(
            {"name": "North", "company_id": self.company.id, "parent_id": self.sales.id}
        )
        self.gina.version_id.department_id = north
        self._sell_all(*SALES)
        found = self._refresh(self._start())
        self.assertEqual((found["anna"].line, found["anna"].basis), (1200, "own"))
        self.assertEqual((found["gina"].line, found["gina"].basis), (1100, "parent"))
        self.assertEqual(found["gina"].line_size, 6)

    def test_transfer_in_the_month(self):
        """The group of the last day has the whole amount."""
        north = self.env["hr.department"].create(
            {"name": "North", "company_id": self.company.id, "parent_id": self.sales.id}
        )
        self.fred.create_version({"date_version": date(2026, 3, 16), "department_id": north.id})
        self._sell_all(*SALES)
        with self.at("2026-04-02 10:00"):
            found = self._refresh(self._start())
        self.assertEqual(found["fred"].department_id, north)
        self.assertEqual((found["fred"].amount, found["anna"].line), (3000, 1000))
        self.assertEqual([name for name, row in found.items() if row.moved], ["fred"])
        self.assertIn("your last day, North", found["fred"].explanation)
        self.assertNotIn("last day", found["anna"].explanation)
        self.assertIn("that of his last day", self.plan.rule_text)

    def test_newcomers_leavers_absence_and_part_time(self):
        self.plan.write({"newcomer_days": 30, "prorate_absence": True, "has_absence_limit": True})
        self.bo.version_id.write(
            {"contract_date_start": date(2026, 3, 17), "date_version": date(2020, 1, 1)}
        )
        half = self.env["resource.calendar"].create(
            {"name": "Half", "company_id": self.company.id, "full_time_required_hours": 40,
             "attendance_ids": [Command.create({"name": str(day), "dayofweek": str(day),
                                                "hour_from": 8, "hour_to": 12})
                                for day in range(5)]}
        )  # fmt: skip
        self.dora.version_id.resource_calendar_id = half
        self._be_away(self.emil, "2026-03-01 00:00", "2026-03-31 23:59")
        self._be_away(self.fred, "2026-03-02 09:00", "2026-03-04 12:00")
        self._sell_all(*SALES)
        with self.at("2026-04-02 10:00"):
            found = self._refresh(self._start())
        self.assertEqual((found["bo"].barred, found["emil"].barred), ("newcomer", "absent"))
        self.assertAlmostEqual(found["bo"].minimum, 483.87)  # 15 of 31 days
        self.assertEqual(found["dora"].minimum, 500)
        self.assertAlmostEqual(found["fred"].minimum, 903.23)  # 28 of 31 days

    def test_targets_of_people_grades_and_jobs(self):
        job = self.env["hr.job"].create({"name": "Seller", "company_id": self.company.id})
        grade = self.env["hr.employee.category"].create({"name": "P5"})
        for employee in self.team:
            employee.version_id.job_id = job
        (self.bo | self.dora).category_ids = grade
        self.plan.target_ids = [
            Command.create({"job_id": job.id, "amount": 400}),
            Command.create({"category_id": grade.id, "amount": 500}),
            Command.create({"employee_id": self.dora.id, "amount": 600}),
            Command.create(
                {"employee_id": self.dora.id, "amount": 700, "period_start": "2026-03-01"}
            ),
        ]
        found = self._refresh(self._start())
        minimums = {name: found[name].minimum for name in ("anna", "bo", "dora", "manager")}
        self.assertEqual(minimums, {"anna": 400, "bo": 500, "dora": 700, "manager": 1000})

    def test_copied_targets_grow(self):
        self._sell_all(*SALES)
        self._refresh(self._start())
        with self.at("2026-03-21 10:00"):
            wizard = self.env["hr.performance.sales.target.copy"].create(
                {
                    "plan_id": self.plan.id,
                    "source": "amount",
                    "source_start": date(2026, 3, 1),
                    "period_start": date(2026, 4, 1),
                    "growth": 5,
                    "rounding": 50,
                }
            )
            wizard.with_user(self.leader).action_confirm()
        targets = {t.employee_id.name: t.amount for t in self.plan.target_ids}
        self.assertEqual((targets["Fred"], targets["Anna"], targets["Gina"]), (3150, 950, 0))

    def test_imported_targets(self):
        result = self.env["hr.performance.sales.target"].load(
            ["plan_id", "employee_id", "period_start", "amount"],
            [["Studio sales", "Anna", "2026-03-01", "1234.50"]],
        )
        self.assertFalse(result["messages"])
        self.assertEqual(self._refresh(self._start())["anna"].minimum, 1234.50)

    def test_products_categories_and_taxes_count_as_the_plan_says(self):
        category = self.env["product.category"].create({"name": "Albums"})
        album = self._create_product("Album", categ_id=category.id)
        portrait = self._create_product("Portrait")
        self._create_order(self.anna, "2026-03-10 10:00", (album, 300), (portrait, 50))
        for vals, expected in (
            ({}, 350),
            ({"product_ids": [Command.set(portrait.ids)]}, 50),
            ({"categ_ids": [Command.set(category.ids)]}, 300),
        ):
            plan = self._create_plan(name=str(expected), basis="ordered", **vals)
            self.assertEqual(self._refresh(self._start(plan))["anna"].amount, expected)

    def test_pool_and_collaboration(self):
        self.plan.write({"pool_percent": 10, "collaboration_step": 5, "collaboration_max": 8})
        lead = self._create_lead(self.anna, "2026-03-01 09:00")
        lead.performance_share_ids = [
            Command.create({"user_id": self.anna.user_id.id, "percent": 90}),
            Command.create({"user_id": self.fred.user_id.id, "percent": 10, "is_support": True}),
        ]
        self._win(lead, "2026-03-10 10:00", 1000)
        self._sell_all(0, 1000, 1200, 2000, 2900, 0)
        found = self._refresh(self._start())
        self.assertEqual((found["fred"].amount, found["fred"].helped), (3000, 1))
        self.assertEqual(found["fred"].reward, 199.5)  # 190 and 5 per cent of it
        # 8,100 less six minimums, a tenth of it for bo, dora, emil and fred
        pools = [found[n].pool_reward for n in ("anna", "bo", "dora", "emil", "fred")]
        self.assertEqual(pools, [0, 52.5, 52.5, 52.5, 52.5])
        with self.at("2026-03-20 10:00"):
            lead.write({"stage_id": self.open_stage.id, "probability": 20})
        found = self._refresh(self.plan.period_ids)
        self.assertEqual((found["fred"].amount, found["fred"].helped), (2900, 0))

    def test_as_many_queries_for_many(self):
        period = self._start()
        self._sell_all(*SALES)
        self.env.flush_all()
        self._refresh(period)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            period._sync_results()
            period._refresh()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count()
        few = count()
        more = self.env["hr.employee"].create(
            [
                {
                    "name": f"More {n}",
                    "company_id": self.company.id,
                    "department_id": self.sales_east.id,
                    "date_version": date(2020, 1, 1),
                }
                for n in range(60)
            ]
        )
        self.assertTrue(more)
        count()
        self.assertEqual(count(), few)
        self.assertEqual(len(period.result_ids), 68)


@tagged("post_install", "-at_install")
class TestSalesPlanRules(PlanCase):
    """What a plan refuses, and how it changes."""

    def test_a_running_plan_is_not_changed(self):
        self._start()
        for vals in ({"minimum": 1}, {"tier_ids": [Command.create({"lower": 0})]},
                     {"target_ids": [Command.create({"employee_id": self.anna.id, "amount": 1})]},
                     {"date_from": "2026-02-01"}):  # fmt: skip
            with self.assertRaises(UserError), self.at("2026-03-21 10:00"):
                self.plan.write(vals)
        with self.at("2026-03-21 10:00"):
            self.plan.target_ids = [
                Command.create(
                    {"employee_id": self.anna.id, "amount": 1, "period_start": "2026-04-01"}
                )
            ]
        with self.assertRaises(UserError):
            self.plan.with_user(self.hr_admin).state = "draft"
        with self.assertRaises(UserError):
            self.plan.unlink()

    def test_a_new_version_takes_over(self):
        march = self._start()
        with self.at("2026-03-21 10:00"):
            action = self.plan.with_user(self.leader).action_new_version()
            version = self.env["hr.performance.sales.plan"].browse(action["res_id"])
            self.assertEqual((version.version, version.date_from), (2, date(2026, 4, 1)))
            version.minimum = 2000
            version.with_user(self.hr_user).action_start()
        self.assertEqual((self.plan.state, self.plan.date_to), ("ended", date(2026, 3, 31)))
        self.assertFalse(version.period_ids)
        with self.at("2026-04-02 10:00"):
            version._open_periods()
            self.plan._open_periods()
        self.assertEqual(version.period_ids.date_from, date(2026, 4, 1))
        self.assertEqual(self.plan.period_ids, march)
        self.assertEqual(self._refresh(version.period_ids)["anna"].minimum, 2000)
        self.assertEqual(self._refresh(march)["anna"].minimum, 1000)

    def test_a_version_does_not_reach_back(self):
        self._start()
        with self.at("2026-03-21 10:00"):
            self.plan.action_new_version()
            version = self.plan.search([("version", "=", 2)])
            version.date_from = date(2026, 3, 1)
            with self.assertRaises(UserError):
                version.action_start()

    def test_refused(self):
        for vals in (
            {"amount_kind": "margin"},
            {"basis": "won", "product_ids": [Command.set(self._create_product().ids)]},
            {"date_from": date(2026, 3, 2)},
            {"date_to": date(2026, 2, 1)},
        ):
            with self.assertRaises(ValidationError):
                self._create_plan(name="T", **vals)
        for vals in ({"percentile": 0}, {"min_size": 0}, {"minimum": -1}, {"accelerator": 0.5}):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self._create_plan(name="T", **vals)
        for vals in (
            {"department_ids": [Command.clear()]},
            {"reward_kind": "tiers"},
            {"second": "none", "minimum": 0},
        ):
            with self.assertRaises(UserError):
                self._create_plan(name="T", **vals).action_start()

    def test_tiers_are_continuous(self):
        for tiers, problem in (
            ([(1, 0)], "begins at 0"),
            ([(0, 10), (11, 0)], "no tier"),
            ([(0, 10), (9, 0)], "has ended"),
            ([(0, 10)], "no upper end"),
        ):
            plan = self._create_plan(
                name="T",
                reward_kind="tiers",
                tier_ids=[Command.create({"lower": a, "upper": b, "percent": 5}) for a, b in tiers],
            )
            with self.assertRaisesRegex(UserError, problem):
                plan.action_start()

    def test_rule_in_words(self):
        plan = self._create_plan(
            name="Words",
            newcomer_days=30,
            has_absence_limit=True,
            scale_amounts=True,
            count_zeros=False,
            has_accelerator=True,
            cap=5000,
            pool_percent=2,
            collaboration_step=1,
            is_pilot=True,
            second="percentile",
            percentile=60,
            reward_kind="tiers",
            tier_ids=[
                Command.create({"lower": 0, "upper": 500, "percent": 5}),
                Command.create({"lower": 500, "percent": 8, "bonus": 100}),
            ],
        )
        for lang in ("en_US", "zh_CN"):
            if lang == "zh_CN":
                self.env["res.lang"]._activate_lang(lang)
            text = plan.with_context(lang=lang).rule_text
            for number in ("60", "30", "50", "150", "1.5", "500", "100", "8"):
                self.assertIn(number, text)
            self.assertNotIn("%%", text)
        self.assertIn("within 1 min", plan.source_text)

    def test_preview_beside_the_plan_in_force(self):
        self._sell_all(*SALES, when="2026-02-10 10:00")
        self._start()
        other = self._create_plan(name="Generous", minimum=0, reward_percent=20)
        self.env.flush_all()
        self.cr.execute("DELETE FROM hr_performance_sales_credit")
        with self.at("2026-03-21 10:00"):
            action = other.with_user(self.leader).action_preview()
        preview = self.env["hr.performance.sales.preview"].browse(action["res_id"])
        self.assertEqual(preview.against_id, self.plan)
        month = preview.month_ids[-1]
        self.assertEqual(len(preview.month_ids), 3)
        self.assertEqual((month.date_from, month.rewarded_count), (date(2026, 2, 1), 3))
        self.assertEqual((month.total, month.against_total), (580, 290))
        line = preview.line_ids.filtered(lambda x: x.employee_id == self.fred and x.amount)
        self.assertEqual((line.total, line.against_total, line.change), (380, 190, 190))
        self.assertFalse(
            self.env["hr.performance.sales.result"].search([("plan_id", "=", other.id)])
        )

    def test_pilot_computes_and_pays_nothing(self):
        pilot = self._create_plan(name="Trial", is_pilot=True, minimum=0)
        period = self._start(pilot)
        self._sell_all(*SALES)
        statements = self._close(period)
        self.assertEqual(self._rewards(statements), REWARDS)
        self.assertEqual({s.due for s in statements.values()}, {0})
        with self.assertRaises(UserError):
            period.with_user(self.leader).action_check()
        period.sudo().state = "approved"
        with self.assertRaises(UserError):
            period.with_user(self.hr_user).action_pay()
        for model in ("statement", "statement.line", "result"):
            own = self.env[f"hr.performance.sales.{model}"].with_user(self.fred.user_id)
            self.assertFalse(own.search([]), model)
        self.assertFalse(pilot.with_user(self.fred.user_id).search([]))

    def test_who_prepares_and_who_starts(self):
        with self.assertRaises(UserError), self.at("2026-03-20 10:00"):
            self.plan.with_user(self.leader).action_start()
        with self.assertRaises(AccessError):
            self.plan.with_user(self.anna.user_id).action_start()
