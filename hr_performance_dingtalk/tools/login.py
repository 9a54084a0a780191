"""Signing in: the codes that DingTalk hands to a page, exchanged for a person.

A code works once and for five minutes. Nobody is created and nobody is found by name, number or
e-mail here: the caller maps the user id, or refuses.
"""

from typing import NamedTuple
from urllib.parse import urlencode

from odoo.addons.hr_performance_im.tools import errors

from . import contacts, endpoints


class Person(NamedTuple):
    user_id: str
    union_id: str
    name: str


class Login:
    """The sign-in interfaces of a client."""

    def __init__(self, client, login_url):
        self._client = client
        self._login_url = login_url

    def page_url(self, redirect_url, state):
        """The page on which a person signs in by scanning; it returns to ``redirect_url``.

        :param state: unguessable text bound to the visitor's session, to be compared on return
        """
        query = {
            "redirect_uri": redirect_url,
            "response_type": "code",
            "client_id": self._client.client_id,
            "scope": "openid corpid",
            "state": state,
            "prompt": "consent",
        }
        return f"{self._login_url}/oauth2/auth?{urlencode(query)}"

    def person_in_app(self, code):
        """The :class:`Person` behind a code that a page inside DingTalk asked for.

        :raises errors.LoginRefused: used before, too old, or invented
        """
        code = self._client.hide(code)
        result = self._client.call(endpoints.USER_INFO, body={"code": code}).get("result") or {}
        if not result.get("userid"):
            raise errors.LoginRefused("nobody", endpoint=endpoints.USER_INFO.name)
        return Person(str(result["userid"]), result.get("unionid") or "", result.get("name") or "")

    def person_in_browser(self, auth_code):
        """The :class:`Person` behind the code with which the sign-in page returned.

        :raises errors.LoginRefused: used before, too old, or invented
        :raises errors.WrongCompany: signed in to another company
        :raises errors.UserUnknown: none of the company's people
        """
        auth_code = self._client.hide(auth_code)
        body = {
            "clientId": self._client.client_id,
            "clientSecret": self._client.secret,
            "code": auth_code,
            "grantType": "authorization_code",
        }
        answer = self._client.call(endpoints.USER_TOKEN, body=body)
        token = self._client.hide(self._client.need(endpoints.USER_TOKEN, answer, "accessToken"))
        company = answer.get("corpId")
        # the answer holds two tokens in plain text
        del answer
        if self._client.corp_id and company != self._client.corp_id:
            raise errors.WrongCompany("corp_id", endpoint=endpoints.USER_TOKEN.name)
        person = self._client.call(endpoints.ME, user_token=token)
        union_id = self._client.need(endpoints.ME, person, "unionId")
        user_id = contacts.Contacts(self._client).user_id_by_union_id(union_id)
        return Person(user_id, union_id, person.get("nick") or "")
