"""No secret shows up anywhere: in logs, errors, tracebacks with their variables, or texts."""

import copy
import io
import json
import logging
import pickle
import traceback

import pytest
from lab import laboratory

from odoo.addons.hr_performance_dingtalk.tools import messages
from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.redaction import Secret, redact, reveal

SECRET = "fake-client-secret-DO-NOT-SHOW"
CODE = "one-time-login-code-DO-NOT-SHOW"
MOBILE = "13800009999"

#: Every way in which a call can fail; the last ones break below HTTP.
KINDS = [
    "token",
    "qps",
    "quota",
    "permission",
    "ip",
    "busy",
    "ban_json",
    "ban_html",
    "html",
    "empty",
    "redirect",
    "reset",
    "silent",
    "truncated",
    "reset_after",
]

CALLS = {
    "/topapi/v2/user/get": lambda client: client.contacts.user("u1"),
    "/topapi/v2/user/getbymobile": lambda client: client.contacts.user_id_by_mobile(MOBILE),
    "/topapi/v2/user/getuserinfo": lambda client: client.login.person_in_app(CODE),
    "/v1.0/oauth2/userAccessToken": lambda client: client.login.person_in_browser(CODE),
    "/v1.0/oauth2/accessToken": lambda client: client.token(),
    "/v1.0/gateway/connections/open": lambda client: client.open_stream(),
    "/v1.0/workflow/processInstances": lambda client: client.approvals.instance("i1"),
    "/robot/send": lambda client: client.robot.send_to_group(
        "fake-webhook-token-DO-NOT-SHOW", "t", "x", secret="SEC-webhook-secret-DO-NOT-SHOW"
    ),
    "/topapi/message/corpconversation/asyncsend_v2": lambda client: client.notices.send(
        ["u1"], messages.text_message("x")
    ),
}


@pytest.fixture
def lab(dingtalk):
    with laboratory(dingtalk) as lab:
        lab.fill()
        yield lab


@pytest.fixture
def logs():
    """Everything that any logger writes, the noisiest level included."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(level)
    root.removeHandler(handler)


def all_secrets(lab):
    yield from (SECRET, CODE, MOBILE, "fake-webhook-token-DO-NOT-SHOW")
    yield "SEC-webhook-secret-DO-NOT-SHOW"
    yield from lab.state.tokens
    yield from lab.state.user_tokens
    yield from lab.state.tickets
    for request in lab.state.requests:
        if "sign" in request.query:
            yield request.query["sign"]


def shown(error):
    """What anybody could print of an error: its chain, and the variables of all its frames."""
    detail = traceback.TracebackException.from_exception(error, capture_locals=True)
    texts = ["".join(detail.format()), repr(error), str(error), repr(vars(error))]
    cause = error.__cause__ or error.__context__
    return "\n".join(texts) + (shown(cause) if cause else "")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", CALLS)
def test_no_secret_in_errors_and_logs(lab, logs, path, kind):
    if path != "/v1.0/oauth2/accessToken":
        lab.client.token()
    lab.state.fault(path, kind, times=None, seconds=0.3)
    client = lab.client
    with pytest.raises(errors.ApiError) as caught:
        CALLS[path](client)
    error = caught.value
    assert error.__cause__ is None
    text = client_frames(shown(error)) + logs.getvalue() + repr(client)
    for secret in all_secrets(lab):
        assert secret not in text, path


def client_frames(text):
    """A traceback without the frames of this file and of pytest, which hold the test's own data."""
    parts = text.split('  File "')
    kept = [part for part in parts[1:] if "/hr_performance_" in part.split('"')[0]]
    return parts[0] + "".join(kept)


def test_the_frames_of_the_client_are_looked_at(lab):
    """The test above would be worth nothing if it saw no variables."""
    lab.state.fault("/topapi/v2/user/getuserinfo", "reset", times=None)
    with pytest.raises(errors.ApiError) as caught:
        lab.client.login.person_in_app(CODE)
    text = client_frames(shown(caught.value))
    assert "query = " in text
    assert "token = ***" in text
    assert "body = {'code': ***}" in text


def test_the_log_of_urllib3_is_cleaned_and_not_silent(lab, logs):
    lab.client.contacts.user("u1")
    text = logs.getvalue()
    assert "/topapi/v2/user/get?access_token=***" in text
    assert not any(token in text for token in lab.state.tokens)


def test_an_answer_that_repeats_our_secrets(lab):
    token = lab.client.token().reveal()
    message = f"bad {token} and {SECRET} in https://x.example/?access_token={token}&a=1"
    lab.state.fault("/topapi/v2/user/get", "code", code="99999", message=message)
    with pytest.raises(errors.ApiError) as caught:
        lab.client.contacts.user("u1")
    assert caught.value.message == "bad *** and *** in https://x.example/?access_token=***&a=1"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("GET /gettoken?appkey=a&appsecret=b HTTP", "GET /gettoken?appkey=a&appsecret=*** HTTP"),
        ("/x?access_token=abc&x=1#y", "/x?access_token=***&x=1#y"),
        ("/x?ACCESS_TOKEN=abc", "/x?ACCESS_TOKEN=***"),
        ("wss://h/connect?ticket=abc", "wss://h/connect?ticket=***"),
        ("/robot/send?timestamp=1&sign=a%2Bb", "/robot/send?timestamp=1&sign=***"),
        ('{"accessToken": "abc", "expireIn": 7200}', '{"accessToken": "***", "expireIn": 7200}'),
        ("{'clientSecret':'abc'}", "{'clientSecret':'***'}"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_texts_are_cleaned(text, clean):
    assert redact(text) == clean


def test_long_texts_are_cut():
    assert len(redact("x" * 1000)) == 500
    assert len(redact("x" * 1000, limit=20)) == 20


def test_a_secret_keeps_to_itself():
    secret = Secret("abcdef")
    assert f"{secret} {secret!r} {[secret]} {secret!s}" == "*** *** [***] ***"
    assert secret == Secret("abcdef") == Secret(secret)
    assert secret != "abcdef"
    assert hash(secret) == hash(Secret("abcdef"))
    assert not Secret("")
    assert reveal({"a": [secret, {"b": secret}], "c": 1}) == {
        "a": ["abcdef", {"b": "abcdef"}],
        "c": 1,
    }
    for write in (pickle.dumps, copy.copy, json.dumps):
        with pytest.raises(TypeError):
            write(secret)
    with pytest.raises(TypeError):
        json.dumps({"body": secret})
