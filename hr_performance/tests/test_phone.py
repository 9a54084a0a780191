import re

from odoo.tests import new_test_user, tagged

from .phone_common import PhoneCase


@tagged("post_install", "-at_install")
class TestPhonePages(PhoneCase):
    """The frame of the pages: who gets in, what they weigh, what they carry."""

    def test_visitor_is_led_to_login_and_back(self):
        answer = self.url_open("/performance", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/login?redirect=", answer.headers["Location"])
        page = self.url_open(answer.headers["Location"]).text
        token = self._hidden(page, "csrf_token")
        redirect = re.search(r'name="redirect" value="([^"]+)"', page)[1]
        data = {"csrf_token": token, "redirect": redirect}
        data |= {"login": "perf_anna", "password": "perf_anna"}
        answer = self.url_open("/web/login", data=data)
        self.assertEqual(answer.status_code, 200)
        self.assertRegex(answer.url, r"/performance\??$")
        self.assertIn("My turn", answer.text)

    def test_home_of_each_kind_of_user(self):
        self._launch()
        page = self._open("/performance", "perf_anna")
        self.assertIn("Confirm your goals", page)
        self.assertIn(f"/performance/review/{self._review_of(self.anna).id}", page)
        self.assertNotIn('href="/performance/team"', page)
        self._move_to(self._review_of(self.anna), "manager")
        page = self._open("/performance", "perf_manager")
        self.assertIn("Score Anna", page)
        self.assertIn('href="/performance/team"', page)
        self._move_to(self._review_of(self.bo), "manager")
        page = self._open("/performance", "perf_manager")
        self.assertIn("Score 2 people", page)
        page = self._open("/performance", "perf_carl")
        self.assertIn("Nothing waits for you", page)
        self.assertIn("No review yet", page)
        self.assertIn("not linked to an employee", self._open("/performance", "perf_hr"))

    def test_portal_user_is_told_that_it_is_not_for_him(self):
        new_test_user(self.env, login="perf_portal", groups="base.group_portal")
        page = self._open("/performance", "perf_portal", status=403)
        self.assertIn("These pages are for employees.", page)

    def test_headers_keep_it_private_and_out_of_frames(self):
        self._open("/performance", "perf_anna")
        headers = self.url_open("/performance").headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["X-Frame-Options"], "SAMEORIGIN")
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])

    def test_weight(self):
        """One HTML, one stylesheet, one script: under 200 kB together, all from this server."""
        self._launch()
        page = self._open("/performance", "perf_anna")
        parts = re.findall(r'(?:href|src)="([^"]+\.(?:css|js|png|svg|ico))"', page)
        self.assertEqual(len([part for part in parts if "/web/assets/" in part]), 2, parts)
        self.assertFalse(re.findall(r'(?:href|src)="(?:https?:)?//', page))
        weight = len(page.encode())
        for part in parts:
            answer = self.url_open(part)
            self.assertEqual(answer.status_code, 200, part)
            if "/web/assets/" in part:
                weight += len(answer.content)
                self.assertGreater(len(answer.content), 300, part)
        self.assertLess(weight, 200_000)

    def test_script_runs_in_old_web_views(self):
        script = re.search(
            r'src="(/web/assets/[^"]+\.js)"', self._open("/performance", "perf_anna")
        )
        text = self.url_open(script[1]).text
        for modern in ("=>", "`", "const ", "let ", "async ", "?.", "odoo.define", "import "):
            self.assertNotIn(modern, text)

    def test_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self._launch()
        self.authenticate("perf_anna", "perf_anna")
        self.anna.user_id.lang = "zh_CN"
        page = self._open("/performance")
        self.assertIn('lang="zh-CN"', page)
        self.assertIn("2026/03/01", page)
