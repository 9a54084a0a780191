from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from lxml import html

from odoo.exceptions import AccessDenied, AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.hr_performance_im.models.res_users import KIND
from odoo.addons.hr_performance_im.tools.sign_in import Proof, local_path

from .common import FakeCase

IN_APP = {"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit DingTalk/7.6.0"}


@tagged("post_install", "-at_install")
class TestSignIn(FakeCase, HttpCase):
    """DingTalk says who somebody is; the mapping alone says who he is here."""

    def setUp(self):
        super().setUp()
        for key in ("u1", "u2"):
            self.state.add_user(key)
        self._map(u1=self.anna)
        self.base = f"/performance/dingtalk/{self.connection.key}"

    def _open_in_app(self, path="/performance"):
        response = self.url_open(f"{self.base}/open?next={path}", headers=IN_APP)
        form = html.fromstring(response.text).forms[0]
        return dict(form.fields)

    def _enter(self, code, **changes):
        values = {**self._open_in_app(changes.pop("next", "/performance")), "code": code, **changes}
        return self.url_open(f"{self.base}/enter", data=values, allow_redirects=False)

    def _scan(self, code, state=None):
        response = self.url_open(f"{self.base}/open", allow_redirects=False)
        query = parse_qs(urlsplit(response.headers["Location"]).query)
        return self.url_open(
            f"{self.base}/return?authCode={code}&code={code}&state={state or query['state'][0]}",
            allow_redirects=False,
        )

    def assertNobody(self, response, status=403):
        self.assertEqual(response.status_code, status)
        self.assertFalse(self._is_signed_in())

    def _is_signed_in(self):
        response = self.url_open("/performance", allow_redirects=False)
        return response.status_code == 200

    # In the app

    def test_code_signs_in_and_leads_to_the_page(self):
        response = self._enter(self.state.add_code("u1"), next="/performance/more")
        self.assertEqual(response.status_code, 303)
        self.assertEqual(urlsplit(response.headers["Location"]).path, "/performance/more")
        info = self.make_jsonrpc_request("/web/session/get_session_info")
        self.assertEqual(info["uid"], self.anna.user_id.id)
        # the backend too
        self.assertEqual(self.url_open("/odoo", allow_redirects=False).status_code, 200)

    def test_a_code_works_once(self):
        code = self.state.add_code("u1")
        self._enter(code)
        self.url_open("/web/session/logout")
        self.assertNobody(self._enter(code))

    def test_an_attempt_ends_once(self):
        values = {**self._open_in_app(), "code": self.state.add_code("u1")}
        self.url_open(f"{self.base}/enter", data={**values, "code": "wrong"})
        response = self.url_open(f"{self.base}/enter", data=values, allow_redirects=False)
        self.assertNobody(response)

    def test_state_belongs_to_the_session(self):
        self.assertNobody(self._enter(self.state.add_code("u1"), state="of somebody else"))

    def test_without_the_token_of_the_form(self):
        values = {**self._open_in_app(), "code": self.state.add_code("u1")}
        del values["csrf_token"]
        with mute_logger("odoo.http"):
            response = self.url_open(f"{self.base}/enter", data=values)
        self.assertNobody(response, 400)

    def test_who_is_not_mapped_is_nobody(self):
        users = self.env["res.users"].search_count([])
        self.assertNobody(self._enter(self.state.add_code("u2")))
        self.assertEqual(self.env["res.users"].search_count([]), users)

    def test_same_mobile_is_nobody(self):
        self.carl.mobile_phone = "13800000009"
        self.state.users["u2"]["mobile"] = "13800000009"
        self.assertNobody(self._enter(self.state.add_code("u2")))

    def test_leavers_and_archived_users_are_nobody(self):
        self._identity("u1").left_on = "2026-01-01"
        self.assertNobody(self._enter(self.state.add_code("u1")))
        self._identity("u1").left_on = False
        self.anna.user_id.active = False
        self.assertNobody(self._enter(self.state.add_code("u1")))

    def test_who_gives_rights_enters_with_his_password(self):
        """An officer who maps himself to the employee of an administrator gains nothing."""
        officer = self._create_user("mapper", "hr_performance.group_hr_performance_user")
        self.anna.user_id.group_ids += self.env.ref("base.group_erp_manager")
        identity = self._map(u2=self.env["hr.employee"]).with_user(officer)
        self._identity("u1").with_user(officer).employee_id = False
        self.env.flush_all()
        identity.employee_id = self.anna
        self.env.flush_all()
        with mute_logger("odoo.addons.base.models.res_users"):
            self.assertNobody(self._enter(self.state.add_code("u2")))

    def test_no_officer_maps_himself_to_an_hr_administrator(self):
        officer = self._create_user("mapper", "hr_performance.group_hr_performance_user")
        self.anna.user_id.group_ids += self.env.ref("hr_performance.group_hr_performance_manager")
        mapped, free = self._identity("u1"), self._map(u2=self.env["hr.employee"])
        mapped.with_user(officer).employee_id = False
        self.env.flush_all()
        with self.assertRaises(AccessError):
            free.with_user(officer).employee_id = self.anna
        self.env.invalidate_all()
        free.with_user(self.hr_admin).employee_id = self.anna
        self.assertEqual(free.matched_by, "hand")

    def test_employee_of_another_company_is_nobody(self):
        self.anna.company_id = self.other_company
        self.assertNobody(self._enter(self.state.add_code("u1")))

    def test_paused_connection(self):
        values = {**self._open_in_app(), "code": self.state.add_code("u1")}
        self.connection.state = "paused"
        self.env.flush_all()
        response = self.url_open(f"{self.base}/enter", data=values, allow_redirects=False)
        self.assertNobody(response)

    # In a browser

    def test_scanning_signs_in(self):
        response = self._scan(self.state.add_code("u1", web=True))
        self.assertEqual(response.status_code, 303)
        self.assertTrue(self._is_signed_in())

    def test_the_page_of_dingtalk_gets_our_address(self):
        response = self.url_open(f"{self.base}/open", allow_redirects=False)
        query = parse_qs(urlsplit(response.headers["Location"]).query)
        self.assertTrue(query["redirect_uri"][0].endswith(f"{self.base}/return"))
        self.assertEqual(query["client_id"], [self.state.app.client_id])
        self.assertGreater(len(query["state"][0]), 20)

    def test_person_of_another_company_is_nobody(self):
        code = self.state.add_code("u1", web=True, corp_id="dingother")
        self.assertNobody(self._scan(code))

    def test_forged_state_is_nobody(self):
        self.assertNobody(self._scan(self.state.add_code("u1", web=True), state="x" * 32))

    def test_who_is_signed_in_goes_on(self):
        self.authenticate("perf_anna", "perf_anna")
        response = self.url_open(f"{self.base}/open?next=/performance", allow_redirects=False)
        self.assertEqual(urlsplit(response.headers["Location"]).path, "/performance")

    def test_the_page_of_passwords_offers_it(self):
        page = html.fromstring(self.url_open("/web/login").text)
        (link,) = page.xpath("//a[contains(@href, '/performance/dingtalk/')]")
        self.assertIn(self.base, link.get("href"))

    # No way around

    def test_links_lead_nowhere_else(self):
        for path in (
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "\\\\evil",
            "javascript:alert(1)",
            "/\t/evil.example",
            "",
            None,
        ):
            self.assertEqual(local_path(path, "/performance"), "/performance", path)
        self.assertEqual(local_path("/a?b=//c", "/"), "/a?b=//c")

    def test_a_proof_comes_from_this_process_alone(self):
        user = self.anna.user_id
        environment = {"interactive": True}
        Users = self.env["res.users"]
        for proof in (None, {"user_id": user.id}, Proof(self.bo.user_id.id), "Proof"):
            with self.assertRaises(AccessDenied), mute_logger("odoo.addons.base.models.res_users"):
                Users.authenticate({"login": user.login, "type": KIND, "proof": proof}, environment)
        info = Users.authenticate(
            {"login": user.login, "type": KIND, "proof": Proof(user.id)}, environment
        )
        self.assertEqual((info["uid"], info["mfa"]), (user.id, "default"))

    def test_a_second_factor_is_still_asked_for(self):
        with patch.object(type(self.env["res.users"]), "_mfa_url", lambda _user: "/web/login/totp"):
            response = self._enter(self.state.add_code("u1"))
            self.assertIn("/web/login/totp", response.headers["Location"])
            self.assertFalse(self._is_signed_in())
