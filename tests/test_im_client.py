"""What all messengers' clients share, shown by one that is none of them.

It is as another messenger would be: a token in the address of every call, and errors by number.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from lab import Clock

from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.budget import MemoryBudget
from odoo.addons.hr_performance_im.tools.client import ApiClient, Endpoint, Policy
from odoo.addons.hr_performance_im.tools.tokens import MemoryTokenStore

TOKEN = Endpoint("gettoken", "GET", "main", "/gettoken", metered=False, token=None)
READ = Endpoint("read", "GET", "main", "/read/{name}")
SEND = Endpoint("send", "POST", "main", "/send", write=True)
CODES = {40014: errors.TokenRefused, 45009: errors.RateLimited, -1: errors.Unavailable}


class Messenger(ApiClient):
    def _fetch_token(self):
        query = {"corpsecret": self.hide("the-secret-DO-NOT-SHOW")}
        answer = self.call(TOKEN, query=query)
        return self._new_token(self.need(TOKEN, answer, "access_token"), answer["expires_in"])

    def _attach_token(self, endpoint, token, query, headers):
        query["access_token"] = token

    def _read_answer(self, endpoint, answer):
        data = answer.data
        if not isinstance(data, dict):
            raise self.error(errors.Unavailable, endpoint, "not_json", status=answer.status)
        if data.get("errcode"):
            kind = CODES.get(data["errcode"], errors.ApiError)
            raise self.error(kind, endpoint, data["errcode"], data["errmsg"])
        return data


class Server(ThreadingHTTPServer):
    """Answers from a list, and keeps what was asked."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.asked, self.tokens = [], [], 0
        self.url = f"http://127.0.0.1:{self.server_port}/cgi-bin"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        if url.path == "/cgi-bin/gettoken":
            self.server.tokens += 1
            answer = {"access_token": f"token-{self.server.tokens}", "expires_in": 7200}
        else:
            self.server.asked.append((url.path, parse_qs(url.query)["access_token"][0]))
            answer = self.server.answers.pop(0) if self.server.answers else {"errcode": 0}
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET

    def log_message(self, *_args):
        pass


@pytest.fixture
def server():
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def make(server):
    """Function that makes a client with a standing clock."""
    clients = []

    def make(**options):
        clock = Clock()
        client = Messenger(
            {"main": server.url}, "key", clock=clock, sleep=clock.sleep, chance=lambda: 0, **options
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


def refusal(code):
    return {"errcode": code, "errmsg": "no"}


def test_a_call_and_its_address(server, make):
    make().call(READ, path={"name": "a/b"})
    assert server.asked == [("/cgi-bin/read/a%2Fb", "token-1")]


def test_a_refused_token_is_renewed_once(server, make):
    server.answers = [refusal(40014)]
    make().call(READ, path={"name": "x"})
    assert [token for _path, token in server.asked] == ["token-1", "token-2"]
    server.answers = [refusal(40014)] * 9
    with pytest.raises(errors.TokenRefused):
        make().call(READ, path={"name": "x"})
    assert len(server.asked) == 4


def test_reads_are_repeated_and_writes_are_not(server, make):
    server.answers = [refusal(-1), refusal(-1)]
    make().call(READ, path={"name": "x"})
    assert len(server.asked) == 3
    server.answers = [refusal(-1)]
    with pytest.raises(errors.OutcomeUnknown) as caught:
        make().call(SEND, body={})
    assert (caught.value.code, caught.value.endpoint) == ("-1", "send")
    assert len(server.asked) == 4


def test_a_token_error_after_a_pause_is_renewed_too(server, make):
    server.answers = [refusal(45009), refusal(40014), refusal(45009)]
    make().call(SEND, body={})
    assert len(server.asked) == 4


def test_the_number_of_tries_is_bounded(server, make):
    server.answers = [refusal(45009)] * 99
    with pytest.raises(errors.RateLimited):
        make(policy=Policy(tries=3)).call(READ, path={"name": "x"})
    assert len(server.asked) == 3


def test_many_workers_fetch_one_token(server, make):
    store = MemoryTokenStore()
    clients = [make(tokens=store) for _number in range(8)]
    threads = [threading.Thread(target=client.token) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.tokens == 1


def test_the_budget_counts_what_counts(server, make):
    budget = MemoryBudget(limit=2)
    client = make(budget=budget)
    server.answers = [refusal(45009), refusal(-1)]
    client.call(READ, path={"name": "x"})
    # turned away: not counted; busy: counted; answered: counted
    assert (budget.used, client.metered_calls, client.calls["read"]) == (2, 2, 3)
    with pytest.raises(errors.BudgetExhausted):
        client.call(READ, path={"name": "x"})
    assert client.calls["read"] == 3


def test_a_budget_that_ends_amid_the_tries(server, make):
    client = make(budget=MemoryBudget(limit=1))
    server.answers = [refusal(-1)] * 9
    with pytest.raises(errors.BudgetExhausted):
        client.call(READ, path={"name": "x"})
    assert len(server.asked) == 1


def test_what_is_asked_for_is_waited_for_within_limits(make):
    client = make()
    limited = client.error(errors.RateLimited, READ, "1", wait=20)
    assert client._pause(READ, limited, 1) == 20
    limited.wait = 31
    assert client._pause(READ, limited, 1) is None


def test_errors_say_what_to_do():
    kinds = {
        errors.RateLimited: "wait",
        errors.Unavailable: "wait",
        errors.PagingBroken: "wait",
        errors.QuotaExhausted: "stop",
        errors.PermissionMissing: "stop",
        errors.UserUnknown: "skip",
        errors.LoginRefused: "login",
        errors.BadRequest: "fix",
        errors.OutcomeUnknown: "reconcile",
    }
    assert {kind: kind.action for kind in kinds} == kinds
    error = errors.ApiError("1", "text", endpoint="name")
    assert (str(error), str(errors.ApiError("1"))) == ("name: 1 text", "1")
