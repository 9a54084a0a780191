"""The client: one application of one company."""

from functools import cached_property
from typing import NamedTuple

from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.client import ApiClient, check_base_url

from . import answers, endpoints
from .approvals import Approvals
from .attendance import Attendance
from .contacts import Contacts, as_bool, as_list
from .events import parse_failed
from .login import Login
from .messages import Notices, Robot, Todos
from .outward import Outward

HOSTS = {endpoints.OAPI: "https://oapi.dingtalk.com", endpoints.API: "https://api.dingtalk.com"}
LOGIN_URL = "https://login.dingtalk.com"

#: The header in which the new host wants the token.
TOKEN_HEADER = "x-acs-dingtalk-access-token"


class Check(NamedTuple):
    """One step of a connection test; ``error`` is None if it went well."""

    name: str
    error: errors.ApiError | None


class DingTalkClient(ApiClient):
    """Client of one application.

    :param client_id: Client ID, called AppKey before
    :param client_secret: Client Secret, called AppSecret before
    :param agent_id: number of the application, for notices
    :param corp_id: id of the company, for sign-in and imports
    :param hosts: base addresses of ``oapi`` and ``api``
    :param options: as for :class:`ApiClient`
    """

    def __init__(
        self,
        client_id,
        client_secret,
        *,
        agent_id=None,
        corp_id="",
        hosts=None,
        login_url=LOGIN_URL,
        token_key=None,
        **options,
    ):
        key = token_key or f"dingtalk:{client_id}"
        super().__init__({**HOSTS, **(hosts or {})}, key, **options)
        self.client_id = client_id
        self.secret = self.hide(client_secret)
        self.agent_id = agent_id
        self.corp_id = corp_id
        self._login_url = check_base_url(login_url)

    contacts = cached_property(Contacts)
    attendance = cached_property(Attendance)
    approvals = cached_property(Approvals)
    notices = cached_property(Notices)
    todos = cached_property(Todos)
    robot = cached_property(Robot)
    outward = cached_property(Outward)

    @cached_property
    def login(self):
        """The sign-in interfaces."""
        return Login(self, self._login_url)

    def failed_events(self, limit=50):
        """Pages of the events whose push failed. DingTalk forgets what it has handed out.

        :param limit: number of pages; there is no cursor, the next page comes by asking again
        """
        for _page in range(limit):
            answer = self.call(endpoints.FAILED_EVENTS)
            rows = [parse_failed(row) for row in as_list(answer.get("failed_list"))]
            if rows:
                yield rows
            if not rows or not as_bool(answer.get("has_more")):
                return

    def open_stream(self, user_agent="hr_performance_dingtalk"):
        """Address and ticket (a secret) of a new connection for events."""
        body = {
            "clientId": self.client_id,
            "clientSecret": self.secret,
            "subscriptions": [{"type": "EVENT", "topic": "*"}],
            "ua": user_agent,
            "localIp": "127.0.0.1",
        }
        answer = self.call(endpoints.STREAM, body=body)
        ticket = self.hide(self.need(endpoints.STREAM, answer, "ticket"))
        return self.need(endpoints.STREAM, answer, "endpoint"), ticket

    def check(self, user_id=None):
        """Test the connection: a list of :class:`Check`, one per thing that can be missing.

        It costs at most three metered calls and changes nothing. After a failure that concerns
        everything, such as a wrong secret, it stops.

        :param user_id: somebody with whom attendance and approvals are tried
        """
        steps = [("token", self.token), ("contacts", self.contacts.scope)]
        if user_id:
            steps += [
                ("person", lambda: self.contacts.user(user_id)),
                ("report", self.attendance.has_report),
                ("approvals", lambda: self.approvals.templates(user_id)),
            ]
        checks = []
        for name, step in steps:
            error = None
            try:
                step()
            except errors.ApiError as caught:
                error = caught
            checks.append(Check(name, error))
            if error is not None and name == "token":
                break
        return checks

    # -- what ApiClient asks for -------------------------------------------------------------------

    def _fetch_token(self):
        # the new host takes the secret in the body, the old one in the address
        body = {"appKey": self.client_id, "appSecret": self.secret}
        answer = self.call(endpoints.TOKEN, body=body)
        value = self.need(endpoints.TOKEN, answer, "accessToken")
        return self._new_token(value, answer.get("expireIn") or 0)

    def _attach_token(self, endpoint, token, query, headers):
        if endpoint.host == endpoints.API:
            headers[TOKEN_HEADER] = token
        else:
            query["access_token"] = token

    def _read_answer(self, endpoint, answer):
        read = answers.read_new if endpoint.host == endpoints.API else answers.read_old
        return read(self, endpoint, answer)
