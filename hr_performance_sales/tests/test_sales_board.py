import json
from datetime import date
from string import Template
from unittest.mock import MagicMock, patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged, warmup

from odoo.addons.hr_performance.tests.phone_common import DRIVER, PhoneCase

from ..models.hr_performance_sales_period_board import CHANGED
from .plan_common import PlanCase

SALES = (900, 1000, 1201, 2003, 3007, 0)  # Anna to Gina; the median is 1,100.50
PLACES = ["Fred", "Emil", "Dora", "Bo", "Anna", "Gina"]


#: The texts of what a selector finds, as soon as it finds something.
SEE = Template(
    """
    (async () => {
        for (let n = 0; n < 200 && !document.querySelector($selector); n++) {
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        const found = [...document.querySelectorAll($selector)].map((el) => el.textContent.trim());
        if (JSON.stringify(found) !== JSON.stringify($expected)) {
            throw new Error(JSON.stringify(found) + document.body.innerText);
        }
        console.log("test successful");
    })().catch((error) => console.error(error.message));
    """
)


class BoardCase(PlanCase):
    def setUp(self):
        super().setUp()
        self.period = self._start()
        self._sell_all(*SALES)
        self._refresh(self.period)
        self.env.flush_all()

    def _as(self, user):
        self.env.invalidate_all()
        return self.env["hr.performance.sales.board"].with_user(user)

    def _page(self, user, **options):
        return self._as(user).get_page(period_id=self.period.id, **options)

    def _names(self, page):
        return [row["name"] for row in page["rows"]]


@tagged("post_install", "-at_install")
class TestSalesBoard(BoardCase):
    """What the leaderboard shows to whom."""

    def _row(self, page, name):
        return next(row for row in page["rows"] if row["name"] == name)

    # The figures

    def test_everybody_with_his_figures(self):
        self.plan.visibility = "full"
        page = self._page(self.emil.user_id)
        self.assertEqual(self._names(page), PLACES)
        self.assertEqual([row["place"] for row in page["rows"]], [1, 2, 3, 4, 5, 6])
        self.assertEqual([row["is_met"] for row in page["rows"]], [True] * 4 + [False] * 2)
        dora, gina = self._row(page, "Dora"), self._row(page, "Gina")
        self.assertEqual((dora["gap"], dora["percent"]), ("+$100.50", "+9.1 %"))
        self.assertEqual((gina["amount"], gina["gap"], gina["bar"]), ("$0", "−$1,100.50", 0))
        self.assertEqual((page["line"], page["line_label"]), ("$1,100.50", "Median"))
        # the line lies where a bar of its length would end
        self.assertEqual((page["mark"], self._row(page, "Fred")["bar"]), (37, 100))
        own = page["own"]
        self.assertEqual((own["place"], own["count"], own["name"]), (2, "of 6", "Emil"))
        self.assertEqual(own["to_minimum"], "")
        self.assertEqual(self._page(self.anna.user_id)["own"]["to_minimum"], "$100 to go")
        self.assertFalse(page["period"]["is_final"])
        self.assertTrue(page["period"]["as_of"])

    def test_closed_is_final(self):
        self._close(self.period)
        page = self._page(self.emil.user_id)
        self.assertTrue(page["period"]["is_final"])
        self.assertFalse(any(row["move"] for row in page["rows"]))

    def test_a_group_too_small_has_no_line(self):
        self.plan.sudo().state = "draft"
        self.plan.write({"min_size": 9, "small_group": "no_reward", "visibility": "full"})
        self.plan.sudo().state = "running"
        self._refresh(self.period)
        page = self._page(self.emil.user_id)
        self.assertEqual((page["line"], page["mark"]), ("", False))
        self.assertIn("fewer than 9", page["note"])
        self.assertEqual(self._names(page), PLACES)
        self.plan.visibility = "bands"
        page = self._page(self.emil.user_id)
        self.assertEqual(self._row(page, "Fred")["band"], "200 % of the minimum and more")

    def test_pages_and_names(self):
        self.plan.visibility = "full"
        page = self._page(self.gina.user_id, size=2)
        self.assertEqual((self._names(page), page["pages"], page["total"]), (PLACES[:2], 3, 6))
        self.assertEqual((page["own"]["name"], page["own"]["page"]), ("Gina", 3))
        last = self._page(self.gina.user_id, size=2, page=99)
        self.assertEqual((self._names(last), last["page"]), (PLACES[4:], 3))
        found = self._page(self.gina.user_id, name=" dO ")
        self.assertEqual((self._names(found), found["found"], found["total"]), (["Dora"], 1, 6))
        self.assertEqual(self._page(self.gina.user_id, name="%")["found"], 0)

    def test_newest_period_and_own_group_come_first(self):
        board = self._as(self.emil.user_id)
        self.assertEqual(board.get_page()["period"]["id"], self.period.id)
        choices = board.get_choices()
        self.assertEqual(
            choices["plans"],
            [
                {
                    "id": self.plan.root_id.id,
                    "name": "Studio sales",
                    "periods": [{"id": self.period.id, "name": "2026-03"}],
                }
            ],
        )
        self.assertFalse(choices["is_planner"])
        self.assertTrue(self._as(self.hr_user).get_choices()["is_planner"])
        self.assertEqual(board.get_page()["group"], self.sales_east.id)

    # The policy

    def test_bands_tell_no_amount(self):
        self.plan.visibility = "bands"
        page = self._page(self.emil.user_id)
        self.assertEqual(self._names(page), PLACES)
        bands = {row["name"]: row["band"] for row in page["rows"]}
        self.assertEqual(bands["Fred"], "200 % of the line and more")
        self.assertEqual(bands["Dora"], "100–120 % of the line")
        self.assertEqual((bands["Anna"], bands["Bo"]), ("80–100 % of the line",) * 2)
        self.assertEqual(bands["Emil"], "")
        self.assertEqual(self._row(page, "Anna")["bar"], self._row(page, "Bo")["bar"])
        text = json.dumps(page).replace(",", "")
        self.assertIn("2003", text)
        for amount in ("900", "1201", "3007", "1906.50", "−100.50", "−200.50"):
            self.assertNotIn(f"${amount}", text)
        # the scale of the bars is the line and not the best
        self.assertEqual((page["mark"], self._row(page, "Fred")["bar"]), (50, 100))

    def test_upper_half_only(self):
        page = self._page(self.gina.user_id)
        self.assertEqual(self._names(page), ["Fred", "Emil", "Dora", "Gina"])
        self.assertEqual((page["total"], page["own"]["place"]), (4, 6))
        self.assertTrue(self._row(page, "Gina")["is_apart"])
        self.assertFalse(self._row(page, "Dora")["is_apart"])
        for name in ("Bo", "Anna"):
            self.assertFalse(self._page(self.gina.user_id, name=name)["found"])
            self.assertNotIn(f'"{name}"', json.dumps(page))

    def test_of_people_who_tie_across_the_middle_none_is_shown(self):
        self._sell(self.gina, 1000)
        self._sell(self.anna, 100)
        self._sell(self.dora, -201)
        self._refresh(self.period)  # Fred, Emil, then four with 1,000
        page = self._page(self.bo.user_id)
        self.assertEqual(self._names(page), ["Fred", "Emil", "Bo"])
        for employee, revenue in zip(self.team, (0, 0, 0, -1003, -2007, 0), strict=True):
            if revenue:
                self._sell(employee, revenue)
        self._refresh(self.period)
        self.assertEqual(self._names(self._page(self.bo.user_id)), ["Bo"])

    def test_managers_and_hr_see_their_people(self):
        for visibility in ("upper", "bands"):
            self.plan.visibility = visibility
            for user in (self.hr_user, self.leader, self.auditor, self.manager.user_id):
                page = self._page(user)
                names = [name for name in self._names(page) if name != "Manager"]
                self.assertEqual(names, PLACES, user.login)
                rows = [row for row in page["rows"] if row["place"]]
                self.assertTrue(all(row["amount"] for row in rows), user.login)
        # Carl leads Gina alone: of the others he sees what colleagues see
        self.gina.parent_id = self.carl
        self._refresh(self.period)
        self.plan.visibility = "upper"
        page = self._page(self.carl.user_id)
        self.assertEqual(self._names(page), ["Fred", "Emil", "Dora", "Gina"])
        self.plan.visibility = "bands"
        page = self._page(self.carl.user_id)
        exact = [row["name"] for row in page["rows"] if row["amount"]]
        self.assertEqual(exact, ["Gina"])
        self.assertFalse(page["own"])

    def test_who_has_no_place_is_nobodys_business(self):
        """The one who leads them is not eligible; the reason could as well be an absence."""
        self.plan.visibility = "full"
        self.manager.sudo().department_id = self.sales_east
        self._refresh(self.period)
        self.assertNotIn("Manager", self._names(self._page(self.emil.user_id)))
        row = self._row(self._page(self.hr_user), "Manager")
        self.assertEqual((row["place"], row["barred"]), (False, "Leads people"))
        own = self._page(self.manager.user_id)["own"]
        self.assertEqual((own["barred"], own["place"]), ("Leads people", False))

    def test_the_wall_shows_what_every_colleague_may_see(self):
        for user in (self.hr_user, self.manager.user_id, self.gina.user_id):
            page = self._page(user, team=True)
            self.assertEqual(self._names(page), ["Fred", "Emil", "Dora"], user.login)
            self.assertFalse(page["own"])
        self.plan.visibility = "bands"
        page = self._page(self.hr_user, team=True)
        self.assertEqual(self._names(page), PLACES)
        self.assertFalse(any(row["amount"] or row["gap"] for row in page["rows"]))
        follows = self._as(self.hr_user).get_page(plan_id=self.plan.root_id.id, team=True)
        self.assertEqual(follows["period"]["id"], self.period.id)

    # Attacks

    def test_strangers_are_refused(self):
        foreign = self._create_user(
            "perf_abroad",
            "sales_team.group_sale_manager,hr_performance.group_hr_performance_manager",
            company=self.other_company,
        )
        for user in (self.carl.user_id, foreign):
            self.assertEqual(self._as(user).get_page(), {"period": False})
            self.assertFalse(self._as(user).get_choices()["plans"])
            for options in ({}, {"team": True}, {"group": self.sales_east.id}, {"name": "Fred"}):
                with self.assertRaises(AccessError):
                    self._page(user, **options)
            with self.assertRaises(AccessError):
                self._as(user).get_page(plan_id=self.plan.root_id.id, team=True)

    def test_whoever_came_later_does_not_see_what_was_before(self):
        """A plan of chosen people has one group, which nobody is in without a place of his own."""
        plan = self._create_plan(
            name="Chosen",
            group_by="people",
            employee_ids=[Command.set(self.team[:4].ids)],
            visibility="full",
        )
        before = self._start(plan)
        self._refresh(before)
        plan.sudo().state = "draft"
        plan.employee_ids += self.gina
        plan.sudo().state = "running"
        with self.at("2026-04-02 12:00"):
            now = plan._open_periods()
            self._refresh(now)
        board = self._as(self.gina.user_id)
        self.assertTrue(board.get_page(period_id=now.id)["rows"])
        for options in ({}, {"team": True}):
            self.assertFalse(board.get_page(period_id=before.id, **options)["rows"])

    def test_other_groups_are_refused(self):
        self.fred.sudo().department_id = self.sales
        self._refresh(self.period)
        self.plan.visibility = "full"
        page = self._page(self.emil.user_id)
        self.assertEqual((page["groups"], page["group"]), ([], self.sales_east.id))
        for options in ({}, {"team": True}):
            with self.assertRaises(AccessError):
                self._page(self.emil.user_id, group=self.sales.id, **options)
        groups = {group["name"] for group in self._page(self.hr_user)["groups"]}
        self.assertEqual(groups, {"Sales", "Sales East"})

    def test_pilots_are_for_those_who_try_them(self):
        pilot = self._create_plan(is_pilot=True, name="Trial", visibility="full")
        period = self._start(pilot)
        self._refresh(period)
        self.assertTrue(self._as(self.hr_user).get_page(period_id=period.id)["period"]["is_pilot"])
        for user, team in ((self.emil.user_id, False), (self.hr_user, True)):
            with self.assertRaises(AccessError):
                self._as(user).get_page(period_id=period.id, team=team)

    def test_the_rows_behind_stay_closed(self):
        """Full figures on the board open no list, pivot, group or export of the results."""
        self.plan.visibility = "full"
        export = self.env.ref("base.group_allow_export")
        self.emil.user_id.group_ids = [Command.link(export.id)]
        self.env.invalidate_all()
        Result = self.env["hr.performance.sales.result"].with_user(self.emil.user_id)
        self.assertEqual(Result.search([]).employee_id.ids, self.emil.ids)
        self.assertFalse(Result.search([("rank_before", ">", -1), ("is_own", "=", False)]))
        groups = Result.formatted_read_group([], ["employee_id"], ["amount:sum", "gap:max"])
        self.assertEqual([group["employee_id"][0] for group in groups], self.emil.ids)
        sets = Result.formatted_read_grouping_sets([], [["employee_id"], []], ["amount:sum"])
        self.assertEqual([row["amount:sum"] for rows in sets for row in rows], [2003, 2003])
        fred = self.period.result_ids.filtered(lambda r: r.employee_id == self.fred)
        for call in (
            lambda r: r.export_data(["amount", "rank_before"]),
            lambda r: r.read(["rank_before"]),
        ):
            with self.assertRaises(AccessError):
                call(Result.browse(fred.id))

    def test_requests_beyond_reason(self):
        page = self._page(self.emil.user_id, page=-5, size=10**6)
        self.assertEqual((page["page"], page["size"]), (1, 100))
        self._page(self.emil.user_id, name="'; DROP TABLE x; --\\")
        for options in ({"page": "x"}, {"group": "1 OR 1=1"}, {"size": "all"}):
            with self.assertRaises(ValueError):
                self._page(self.emil.user_id, **options)

    # Since yesterday

    def _moves(self):
        page = self._page(self.hr_user)
        moves = {row["name"]: row["move"] for row in page["rows"]}
        return {
            name: move["by"] if move["up"] else -move["by"] for name, move in moves.items() if move
        }

    def test_movement_since_yesterday(self):
        self.period.ranked_on = False
        with self.at("2026-03-21 08:00"):
            self.env["hr.performance.sales.period"]._note_places()
            self.assertEqual(self._moves(), dict.fromkeys(PLACES, 0))
            # late in the evening in Shanghai, and half an hour after midnight
            self._sell(self.gina, 1100, when="2026-03-21 23:30")
            self._sell(self.anna, 5000, when="2026-03-22 00:30")
            self._refresh(self.period)
        moves = {"Anna": 4, "Fred": -1, "Emil": -1, "Dora": -1, "Gina": 1, "Bo": -2}
        self.assertEqual(self._moves(), moves)
        with self.at("2026-03-22 09:00"):
            for _again in range(2):
                self.env["hr.performance.sales.period"]._note_places()
            # what Gina won yesterday is no movement of today, what Anna won is
            expected = {"Anna": 5, "Fred": -1, "Emil": -1, "Dora": -1, "Gina": -1, "Bo": -1}
            self.assertEqual(self._moves(), expected)
        with self.at("2026-03-27 09:00"):  # the job was away for days
            self.env["hr.performance.sales.period"]._note_places()
        self.assertEqual(self._moves(), dict.fromkeys(PLACES, 0))

    def test_no_movement_on_the_first_day(self):
        with self.at("2026-03-01 09:00"):
            self.env["hr.performance.sales.period"]._note_places()
        self.assertFalse(self._moves())

    def test_the_job_notes_places_by_itself(self):
        self.period.ranked_on = False
        with self.at("2026-03-24 00:01"), self.enter_registry_test_mode():
            self.env.ref("hr_performance_sales.ir_cron_refresh_sales").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.period.ranked_on, date(2026, 3, 24))
        self.assertEqual(self._moves(), dict.fromkeys(PLACES, 0))

    # Live

    def _channels(self, user, *asked):
        """What a client of the user is subscribed to when it asks for these channels: texts, and
        the ids of periods."""
        request = MagicMock()
        request.session.uid = user.id
        with patch("odoo.addons.bus.models.ir_websocket.wsrequest", new=request):
            websocket = self.env["ir.websocket"].with_user(user)
            channels = websocket._build_bus_channel_list(list(asked))
        model = self.period._name
        return (
            [c for c in channels if isinstance(c, str)],
            [c.id for c in channels if getattr(c, "_name", "") == model],
        )

    def test_boards_hear_of_their_period_and_of_no_other(self):
        channel = f"{CHANGED}:{self.period.id}"
        for user in (self.emil.user_id, self.manager.user_id, self.hr_user):
            texts, periods = self._channels(user, channel, "other")
            self.assertEqual(periods, self.period.ids, user.login)
            self.assertIn("other", texts)
            self.assertNotIn(channel, texts)
        for user in (self.carl.user_id, self.env.ref("base.public_user")):
            guess = f"hr.performance.sales.period:{self.period.id}"
            texts, periods = self._channels(user, channel, guess)
            self.assertFalse(periods)
            self.assertNotIn(channel, texts)
        for asked in (f"{CHANGED}:", f"{CHANGED}:1 OR", f"{CHANGED}:99999999999999999999"):
            self.assertFalse(self._channels(self.emil.user_id, asked)[1])

    def test_a_refresh_tells_that_something_changed_and_no_figure(self):
        values = self.env.cr.precommit.data.setdefault("bus.bus.values", [])
        self.env["bus.bus"]._ensure_hooks()
        values.clear()
        self._sell(self.emil, 4711)
        self._refresh(self.period)
        mine = [v for v in values if CHANGED in v["message"]]
        self.assertTrue(mine)
        for message in mine:
            self.assertIn(f'"hr.performance.sales.period",{self.period.id}', message["channel"])
            self.assertEqual(
                json.loads(message["message"]),
                {"type": CHANGED, "payload": {"period_id": self.period.id}},
            )


@tagged("post_install", "-at_install")
class TestBoardQueries(PlanCase):
    def _count(self, user, **options):
        self.env.flush_all()
        # the context of every call of the web client
        board = self.env["hr.performance.sales.board"].with_context(lang="en_US", tz=user.tz)
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        board.with_user(user).get_page(**options)
        return self.cr.sql_log_count - before

    def _add_people(self, count):
        self.env["hr.employee"].create(
            [
                {
                    "name": f"Seller {number:03}",
                    "company_id": self.company.id,
                    "department_id": self.sales_east.id,
                    "parent_id": self.manager.id,
                    "date_version": date(2020, 1, 1),
                }
                for number in range(count)
            ]
        )

    @warmup
    def test_as_many_queries_for_10_as_for_100(self):
        period = self._start()
        users = (self.emil.user_id, self.manager.user_id, self.hr_user)
        counts = {}
        for people in (4, 90):
            self._add_people(people)
            period._sync_results()
            period._refresh()
            for user in users:
                for visibility in ("full", "bands", "upper"):
                    self.plan.visibility = visibility
                    self._count(user, period_id=period.id)  # fills the caches
                    found = self._count(user, period_id=period.id, name="e", size=100)
                    plain = self._count(user, period_id=period.id, size=100)
                    self.assertLessEqual(plain, 8, (user.login, visibility))
                    counts.setdefault((user, visibility), []).append((found, plain))
        for key, pair in counts.items():
            self.assertEqual(pair[0], pair[1], key)


@tagged("post_install", "-at_install")
class TestBoardPhone(BoardCase, PhoneCase):
    """The page on the phone, by HTTP and under a thumb."""

    browser_size = "360x740"
    touch_enabled = True

    def test_page(self):
        page = self._open("/performance/leaderboard", "perf_gina")
        self.assertIn("Ranking", page)
        self.assertIn("$3,007", page)
        self.assertNotIn("Anna", page)
        self.assertIn("$1,000 to go", page)
        self.assertLess(len(page), 60_000)
        response = self.url_open("/performance/leaderboard")
        self.assertIn("connect-src 'self'", response.headers["Content-Security-Policy"])
        path = f"/performance/leaderboard/rows?period={self.period.id}"
        rows = self.url_open(path)
        self.assertIn("$3,007", rows.text)
        self.assertNotIn("Anna", rows.text)
        headers = {"X-Board-Stamp": rows.headers["X-Board-Stamp"]}
        self.assertEqual(self.url_open(path, headers=headers).status_code, 204)
        with self.at("2026-03-25 10:00"):
            self._sell(self.gina, 5000, when="2026-03-25 09:00")
            self._refresh(self.period)
        self.assertIn("$5,000", self.url_open(path, headers=headers).text)

    def test_not_for_others(self):
        page = self._open("/performance/leaderboard", "perf_carl")
        self.assertIn("No leaderboard yet", page)
        self.assertNotIn("Ranking", page)
        self._open(f"/performance/leaderboard?period={self.period.id}", status=403)
        self._open(f"/performance/leaderboard/rows?period={self.period.id}", status=404)
        for query in ("period=x", "group=1%20OR%201", "page=99999999999"):
            self._open(f"/performance/leaderboard?{query}", status=404)

    def test_under_a_thumb(self):
        """Nothing sticks out at 360 pixels; the rows are read again without loading the page."""
        self.plan.visibility = "bands"
        script = Template(
            """
            await open("/performance/leaderboard?period=$period");
            see("80–100 % of the line");
            see("of 6");
            const window_ = frame.contentWindow;
            window_.stays = true;
            find("[data-board]").dataset.stamp = "old";
            find(".board-rows").remove();
            page().dispatchEvent(new window_.Event("visibilitychange"));
            for (let n = 0; n < 100 && !page().querySelector(".board-rows"); n++) {
                await new Promise((resolve) => setTimeout(resolve, 100));
            }
            find(".board-rows .board-own", "Emil");
            if (!window_.stays) { throw new Error("the page was loaded again"); }
            """
        ).substitute(period=self.period.id)
        self.browser_js("/web/health", DRIVER % script, login="perf_emil", timeout=60)


@tagged("post_install", "-at_install")
class TestBoardScreen(BoardCase, HttpCase):
    """The screens show what the policy says, as each reads it."""

    def _see(self, path, login, selector, expected):
        script = SEE.substitute(selector=json.dumps(selector), expected=json.dumps(expected))
        self.browser_js(path, script, "odoo.isReady === true", login=login, timeout=60)

    def test_desktop_and_wall(self):
        self._see(
            "/odoo/sales-leaderboard",
            "perf_gina",
            ".o_board_rows .o_board_amount",
            ["$3,007", "$2,003", "$1,201", "$0"],
        )
        self._see("/odoo/sales-wall", "perf_hr", ".o_board_wall_name", ["Fred", "Emil", "Dora"])
