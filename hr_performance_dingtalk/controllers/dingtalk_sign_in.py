import hmac
import logging
import secrets
import time
from urllib.parse import urlencode

from odoo.exceptions import AccessDenied, UserError
from odoo.http import request, route

from odoo.addons.hr_performance_im.models.res_users import KIND
from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.sign_in import Proof, local_path
from odoo.addons.web.controllers.home import Home
from odoo.addons.web.controllers.utils import _get_login_redirect_url

_logger = logging.getLogger(__name__)

HOME = "/performance"
STATE = "hr_performance_dingtalk"
#: Seconds within which a sign-in that was begun has to end.
MAX_AGE = 600
#: DingTalk's own script for pages inside it; a copy of one's own can be named instead.
JSAPI = "https://g.alicdn.com/dingding/dingtalk-jsapi/3.0.25/dingtalk.open.js"


class DingtalkSignIn(Home):
    """Signing in without a password: inside DingTalk by a code, in a browser by scanning.

    Who somebody is, DingTalk says; who he is here, the mapping alone. Nobody is created.
    """

    @route(
        "/performance/dingtalk/<key>/open",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=False,
    )
    def open(self, key, next=None, **_query):
        """Where links of notices lead: to the page, signed in on the way if need be."""
        path = local_path(next, HOME)
        connection = self._get_connection(key)
        if request.session.uid:
            return request.redirect(path)
        if not connection:
            return self._refuse(request.env._("This address is not known."), 404)
        state = self._begin(connection, path)
        if "dingtalk" in (request.httprequest.user_agent.string or "").lower():
            return request.render("hr_performance_dingtalk.sign_in", self._get_values(connection))
        try:
            with self._open_client(connection) as client:
                url = client.login.page_url(connection._get_url("return"), state)
        except UserError:
            return self._refuse(request.env._("Signing in is not set up."), 404)
        return request.redirect(url, local=False)

    @route("/performance/dingtalk/<key>/enter", type="http", auth="public", methods=["POST"])
    def enter(self, key, code=None, state=None, **_form):
        """The code that a page inside DingTalk asked for."""
        return self._finish(key, state, lambda c: c.login.person_in_app(code or "-"))

    @route(
        "/performance/dingtalk/<key>/return",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=False,
    )
    def come_back(self, key, state=None, **query):
        """The code with which DingTalk's sign-in page returns."""
        code = query.get("authCode") or query.get("code") or "-"
        return self._finish(key, state, lambda c: c.login.person_in_browser(code))

    @route()
    def web_login(self, *args, **kw):
        """Offer DingTalk on the page on which passwords are entered."""
        response = super().web_login(*args, **kw)
        if response.is_qweb:
            # sudo: the visitor has no user yet; names of connections only
            connections = request.env["hr.performance.im.connection"].sudo()
            found = connections.search([("provider", "=", "dingtalk"), ("state", "=", "live")])
            query = urlencode({"next": local_path(kw.get("redirect"), "/odoo")})
            response.qcontext["dingtalk_links"] = [
                {
                    "body": request.env._("Sign in with %s", connection.name),
                    "css_class": "fa fa-fw fa-qrcode",
                    "auth_link": f"/performance/dingtalk/{connection.key}/open?{query}",
                }
                for connection in found
                if connection.dingtalk_corp_id and connection.dingtalk_client_id
            ]
        return response

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------

    def _get_connection(self, key):
        connection = request.env["hr.performance.im.connection"]._find_by_key(key, "dingtalk")
        # without the company a person of another one could not be told apart
        return connection.filtered(lambda c: c.state == "live" and c.dingtalk_corp_id)

    def _begin(self, connection, path):
        """Bind an attempt to this visitor's session, and return its unguessable word."""
        state = secrets.token_urlsafe(24)
        request.session[STATE] = {
            "state": state,
            "connection": connection.id,
            "path": path,
            "at": time.time(),
        }
        return state

    def _finish(self, key, state, identify):
        """End an attempt that began in this session; each one ends once."""
        attempt = request.session.pop(STATE, None)
        connection = self._get_connection(key)
        if not self._is_good(attempt, connection, state):
            return self._refuse(request.env._("Begin again: this sign-in is over."))
        try:
            with self._open_client(connection) as client:
                person = identify(client)
        except errors.ApiError as error:
            _logger.info("Signing in by DingTalk failed: %s", error.code)
            return self._refuse(request.env._("DingTalk did not confirm who you are. Try again."))
        user = connection._find_user(person.user_id)
        if not user:
            return self._refuse(
                request.env._(
                    "No user belongs to your DingTalk account. Ask the administrator to map you."
                )
            )
        return self._sign_in(user, attempt["path"])

    def _is_good(self, attempt, connection, state):
        return bool(
            attempt
            and connection
            and attempt["connection"] == connection.id
            and time.time() - attempt["at"] < MAX_AGE
            and hmac.compare_digest(attempt["state"], state or "")
        )

    def _sign_in(self, user, path):
        credential = {"login": user.login, "type": KIND, "proof": Proof(user.id)}
        try:
            info = request.session.authenticate(request.env, credential)
        except AccessDenied:
            return self._refuse(request.env._("You may not sign in here."))
        return request.redirect(_get_login_redirect_url(info["uid"], path), 303)

    def _open_client(self, connection):
        # sudo: nobody is signed in yet; the call is counted all the same
        budget = request.env["hr.performance.im.usage"].sudo()._get_budget(connection)
        return connection._get_provider()._open_client(connection, budget)

    def _get_values(self, connection):
        # sudo: a public address that the administrator may have changed
        parameters = request.env["ir.config_parameter"].sudo()
        return {
            "jsapi": parameters.get_param("hr_performance_dingtalk.jsapi_url", JSAPI),
            "corp_id": connection.dingtalk_corp_id,
            "client_id": connection.dingtalk_client_id,
            "action": f"/performance/dingtalk/{connection.key}/enter",
            "state": request.session[STATE]["state"],
        }

    def _refuse(self, text, status=403):
        response = request.render("hr_performance_dingtalk.sign_in_problem", {"text": text})
        response.status_code = status
        return response
