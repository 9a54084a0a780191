from odoo.tests import HttpCase, tagged

from .common import PerformanceCase

EVERYWHERE = (
    "odoo.loader.modules.get('@web/webclient/clickbot/clickbot_loader')"
    ".startClickEverywhere('hr_performance.hr_performance_menu_root', %s);"
)


class UiCase(PerformanceCase, HttpCase):
    """The small company in a browser; errors of its scripts fail the test."""

    allow_end_on_form = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.user_root").company_ids |= cls.company
        users = cls.hr_admin | cls.hr_user | cls.auditor
        users |= (cls.director | cls.manager | cls.anna | cls.bo | cls.carl).user_id
        users.tour_enabled = False


@tagged("post_install", "-at_install")
class TestEverywhere(UiCase):
    """Every menu of the app as each kind of user; as some of them every view and filter too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_facts(cls.anna, cls.visits, 9)
        cls._add_facts(cls.bo, cls.visits, 25)
        cls.cycle._launch()
        cls.cycle.review_ids._refresh()
        # It downloads a file: there is no screen to wait for.
        cls.env.ref("hr_performance.hr_performance_menu_privacy_archive").active = False

    def _click_everywhere(self, login, menus_only=False):
        self.browser_js(
            "/odoo",
            EVERYWHERE % ("true" if menus_only else "false"),
            "odoo.isReady === true",
            login=login,
            timeout=600,
            success_signal="clickbot test succeeded",
        )

    def test_employee(self):
        self._click_everywhere("perf_anna")

    def test_line_manager(self):
        reviews = self._review_of(self.anna) | self._review_of(self.bo)
        for review in reviews:
            self._move_to(review, "manager")
        self._click_everywhere("perf_manager")

    def test_auditor(self):
        self._click_everywhere("perf_audit", menus_only=True)

    def test_officer(self):
        self._click_everywhere("perf_hr", menus_only=True)

    def test_administrator(self):
        self._move_to(self._review_of(self.anna), "published")
        self._click_everywhere("perf_admin")


@tagged("post_install", "-at_install")
class TestFlow(UiCase):
    """A company starts from nothing: launched, confirmed, assessed, scored, published, read."""

    @classmethod
    def _create_program(cls):
        result = super()._create_program()
        # The assistant makes the first programme of this company.
        cls.cycle.unlink()
        cls.program.unlink()
        return result

    def test_from_launching_to_publication(self):
        today = self.company._get_performance_today()
        self._add_facts(self.anna, self.visits, 6, 9, day=today)
        self.start_tour(
            "/odoo/performance-cycles", "hr_performance_flow_launch", login="perf_admin"
        )
        cycle = self.env["hr.performance.cycle"].search([("company_id", "=", self.company.id)])
        self.assertRecordValues(cycle, [{"state": "open", "review_count": 4}])
        self.assertTrue(cycle.date_from <= today <= cycle.date_to)
        review = self._review_of(self.anna, cycle)

        self.start_tour("/odoo/my-performance", "hr_performance_flow_confirm", login="perf_anna")
        self.assertEqual(review.state, "progress")

        form = f"/odoo/performance-cycles/{cycle.id}"
        self.start_tour(form, "hr_performance_flow_assess", login="perf_admin")
        self.assertEqual(set(cycle.review_ids.mapped("state")), {"self"})

        self.start_tour("/odoo/my-performance", "hr_performance_flow_self", login="perf_anna")
        line = self._line(review, self.quality)
        self.assertRecordValues(
            line, [{"self_value": 4.5, "self_set": True, "self_comment": "No complaint all month"}]
        )
        self.assertRecordValues(review, [{"state": "manager", "self_comment": "I enjoyed it"}])

        self.start_tour(
            "/odoo/performance-to-score", "hr_performance_flow_score", login="perf_manager"
        )
        self.assertRecordValues(
            line, [{"manager_value": 4, "manager_reason": "Careful, sometimes late", "points": 32}]
        )
        self.assertEqual(review.state, "ready")

        self.start_tour(form, "hr_performance_flow_publish", login="perf_admin")
        self.assertRecordValues(
            review,
            [{"state": "published", "total": 77, "published_by_id": self.hr_admin.id, "rank": 1}],
        )
        self.start_tour("/odoo/my-performance", "hr_performance_flow_result", login="perf_anna")


@tagged("post_install", "-at_install")
class TestPhone(UiCase):
    browser_size = "360x740"
    touch_enabled = True

    def test_own_page(self):
        self._add_facts(self.anna, self.visits, 9)
        self._launch()
        self._review_of(self.anna)._refresh()
        self.start_tour("/odoo/my-performance", "hr_performance_page_phone", login="perf_anna")


@tagged("post_install", "-at_install")
class TestComponents(HttpCase):
    def test_components(self):
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&filter=@hr_performance",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )
