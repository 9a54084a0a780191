"""The HTTP server: two hosts on two ports of the loopback interface."""

import json
import secrets
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from . import api, control, oapi, stream  # noqa: F401 their routes
from .faults import AFTER, BEFORE
from .state import State, quota_error, rate_error
from .wire import NewError, OldError, Request, find

HTML = b"<!DOCTYPE html><html><body><h1>405 blocked</h1></body></html>"
BAN = {
    "status": 1111,
    "wait": 5,
    "source": "x5",
    "punish": "deny",
    "uuid": "6f1c2f0d-fake",
}


class FakeDingTalk:
    """A running fake; use it as a context manager.

    :param clock: function that gives epoch seconds, shared with the client under test
    :param port: port of the old host; the new one has the next. 0 takes any that are free
    """

    def __init__(self, clock=time.time, port=0):
        self._servers = {
            "oapi": _Server(("127.0.0.1", port), "oapi"),
            "api": _Server(("127.0.0.1", port and port + 1), "api"),
        }
        self.reset(clock)

    def reset(self, clock):
        """Begin anew with an empty company; the addresses stay."""
        self.state = State(clock)
        self.state.stream_url = self.api_url.replace("http:", "ws:") + "/connect"
        for server in self._servers.values():
            server.state = self.state

    @property
    def oapi_url(self):
        return f"http://127.0.0.1:{self._servers['oapi'].server_port}"

    @property
    def api_url(self):
        return f"http://127.0.0.1:{self._servers['api'].server_port}"

    @property
    def hosts(self):
        """Base addresses as the client takes them."""
        return {"oapi": self.oapi_url, "api": self.api_url}

    def start(self):
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self):
        self.state.stopping = True
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_error):
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    state = None

    def __init__(self, address, host):
        super().__init__(address, Handler)
        self.host = host

    def handle_error(self, request, client_address):
        """A client that hangs up is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "FakeDingTalk"
    timeout = 30
    disable_nagle_algorithm = True

    def log_message(self, *_args):
        """Nothing: addresses hold tokens."""

    def do_GET(self):
        self._answer()

    do_POST = do_PUT = do_DELETE = do_GET

    # -- one request -------------------------------------------------------------------------------

    def _answer(self):
        request = self._request()
        if request.path.startswith("/__ctl"):
            self._send_json(200, control.handle(self.server.state, request))
        elif request.path == "/oauth2/auth" and self.server.host == "api":
            self._login_page(request)
        elif request.path == "/connect" and self.server.host == "api":
            stream.serve(self, request)
        else:
            self._interface(request)

    def _request(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else b""
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        state = self.server.state
        return Request(
            self.server.host, self.command, unquote(url.path), query, headers, body, state.clock()
        )

    def _interface(self, request):
        state, request_id = self.server.state, secrets.token_hex(7)
        route, args = find(self.server.host, request.method, urlsplit(self.path).path)
        request.route = route.name if route else request.path
        request.args = {name: unquote(value) for name, value in args.items()}
        with state.lock:
            state.requests.append(request)
            fault = state.faults.next(request.route)
        if fault and fault.kind in BEFORE and self._refuse_by_fault(fault, route, request_id):
            return
        try:
            with state.lock:
                answer = self._carry_out(state, route, request)
                state.faults.after(request.route)
        except OldError as error:
            self._send_json(200, error.body(request_id))
            return
        except NewError as error:
            self._send_json(error.status, error.body(request_id))
            return
        if fault and fault.kind not in AFTER | BEFORE:
            answer = spoil_page(fault, request, answer)
        self._deliver(fault, answer, request_id)

    def _carry_out(self, state, route, request):
        if route is None:
            raise unknown_path(self.server.host, request.path)
        if route.token:
            self._check_token(state, route, request)
        self._check_platform(state, route)
        state.meter(route)
        answer = route.handler(state, request)
        request.executed = True
        state.executed[route.name] += 1
        return answer

    def _check_token(self, state, route, request):
        if route.host == "api":
            token = request.headers.get("x-acs-dingtalk-access-token", "").strip('"')
            if not token:
                raise NewError(
                    400, "AuthenticationFailed.MissingParameter", "x-acs-dingtalk-access-token"
                )
            if route.token == "user":
                user, until = state.user_tokens.get(token, ("", 0))
                if until <= state.clock():
                    raise token_error(route)
                request.user = user
                return
        else:
            token = request.query.get("access_token")
            if not token:
                raise OldError(40000, "access_token is blank", wrapped=_wrapped(route))
        if not state.token_is_good(token):
            raise token_error(route)

    @staticmethod
    def _check_platform(state, route):
        if state.allowed_address:
            raise address_error(route, "127.0.0.1")
        if state.granted is not None and route.metered and route.name not in state.granted:
            raise permission_error(route, ("qyapi_fake_scope",))

    # -- sending -----------------------------------------------------------------------------------

    def _deliver(self, fault, answer, request_id):
        if self.server.host == "oapi":
            answer = {"errcode": 0, "errmsg": "ok", **answer, "request_id": request_id}
        kind = fault.kind if fault else ""
        content = json.dumps(answer, ensure_ascii=False).encode()
        if kind == "reset_after":
            self._reset()
        elif kind == "silent_after":
            time.sleep(fault.seconds)
            self._reset()
        elif kind == "truncated":
            self._send(200, content[: len(content) // 2])
        elif kind == "slow":
            self._drip(content, fault.seconds)
        elif kind == "content_type":
            self._send(200, content, "text/plain;charset=GBK")
        else:
            self._send(200, content)

    def _refuse_by_fault(self, fault, route, request_id):
        """Answer as the fault wants it; False where the call goes on."""
        kind = fault.kind
        if kind in ("reset", "silent"):
            if kind == "silent":
                time.sleep(fault.seconds)
            self._reset()
        elif kind == "redirect":
            self._send(302, b"", headers={"Location": "https://example.com/"})
        elif kind in ("empty", "html", "ban_html"):
            self._send(200, b"" if kind == "empty" else HTML, "text/html")
        elif kind == "ban_json":
            self._send_json(200, BAN)
        elif kind == "status":
            self._send(fault.status, HTML, "text/html")
        else:
            error = _platform_error(fault, route, self.server.state)
            status = error.status if isinstance(error, NewError) else 200
            self._send_json(status, error.body(request_id))
        return True

    def _send_json(self, status, data):
        self._send(status, json.dumps(data, ensure_ascii=False).encode())

    def _send(self, status, content, kind="application/json;charset=UTF-8", headers=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _drip(self, content, pause):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        for byte in content:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(pause)

    def _reset(self):
        """Cut the connection the hard way."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.wfile = open("/dev/null", "wb")  # noqa: SIM115 closed by the server
        self.connection.close()

    # -- the sign-in page --------------------------------------------------------------------------

    def _login_page(self, request):
        """Whom to sign in as; a choice goes back to the address that asked."""
        state, query = self.server.state, request.query
        chosen = query.pop("as", None)
        if query.get("client_id") != state.app.client_id or not query.get("redirect_uri"):
            self._send(400, b"unknown client_id", "text/plain")
            return
        if chosen is None:
            self._send(200, control.login_page(state, query).encode(), "text/html;charset=UTF-8")
            return
        code = state.add_code(chosen, web=True)
        back = query["redirect_uri"]
        values = urlencode({"authCode": code, "code": code, "state": query.get("state", "")})
        location = f"{back}{'&' if '?' in back else '?'}{values}"
        self._send(302, b"", headers={"Location": location})


# -- refusals --------------------------------------------------------------------------------------


def _wrapped(route):
    return route.parts[0] == "topapi"


def unknown_path(host, path):
    if host == "api":
        return OldError(404, "请求的URI地址不存在")
    if path.startswith("/topapi/"):
        return OldError(22, "Invalid method[submsg=不合法ApiName]")
    return OldError(404, "请求的URI地址不存在")


def token_error(route, code="40014"):
    if route.host == "api":
        return NewError(400, "InvalidAuthentication", "不合法的access_token")
    return OldError(int(code), "不合法的access_token", wrapped=_wrapped(route))


def address_error(route, address):
    text = f"访问ip不在白名单之中,request ip={address}"
    if route.host == "api":
        return NewError(403, "Forbidden.AccessDenied.IpNotInWhiteList", text)
    return OldError(60020, text, wrapped=_wrapped(route))


def permission_error(route, scopes):
    names = ",".join(scopes)
    text = (
        f"应用尚未开通所需的权限：[{names}]，点击链接申请并开通即可："
        f"https://open-dev.dingtalk.com/appscope/apply?content=dingfake%23{names}"
    )
    if route.host == "api":
        return NewError(
            403,
            "Forbidden.AccessDenied.AccessTokenPermissionDenied",
            text,
            accessdenieddetail={"requiredScopes": list(scopes)},
        )
    return OldError(60011, text, wrapped=_wrapped(route))


def _platform_error(fault, route, state):
    new, now = route.host == "api", state.clock()
    scopes = fault.scopes or ("qyapi_fake_scope",)
    if fault.kind == "code":
        if new:
            return NewError(fault.status, fault.code, fault.message, **fault.extra)
        return OldError(int(fault.code), fault.message, wrapped=_wrapped(route))
    if fault.kind == "qpm":
        code = "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi"
        return NewError(403, code, "qpm limit") if new else rate_error(route, now)
    if fault.kind == "busy":
        return NewError(500, "systemError", "系统错误") if new else OldError(-1, "系统繁忙")
    makers = {
        "token": lambda: token_error(route, fault.code or "40014"),
        "qps": lambda: rate_error(route, now),
        "global_qps": lambda: rate_error(route, now, "90002"),
        "quota": lambda: quota_error(route),
        "permission": lambda: permission_error(route, scopes),
        "ip": lambda: address_error(route, "203.0.113.7"),
    }
    return makers[fault.kind]()


# -- pages that lie --------------------------------------------------------------------------------

_LISTS = ("list", "recordresult", "data_list", "userIdList", "records", "leave_status")


def spoil_page(fault, request, answer):
    """The answer with its page changed as the fault wants it."""
    if fault.kind == "edit":
        return fault.edit(answer)
    answer = json.loads(json.dumps(answer))
    page = answer.get("result") if isinstance(answer.get("result"), dict) else answer
    name = next(key for key in _LISTS if key in page)
    if fault.kind == "short_page":
        page[name] = page[name][: len(page[name]) // 2]
    elif fault.kind == "empty_page":
        page[name] = []
        _say_more(page, request)
    elif fault.kind == "repeat_cursor":
        _say_more(page, request, repeat=True)
    elif fault.kind == "no_cursor":
        _say_more(page, request)
        for key in ("next_cursor", "nextToken"):
            page.pop(key, None)
    return answer


def _say_more(page, request, repeat=False):
    """Have the page announce another one; with ``repeat`` the very same."""
    body = request.body if isinstance(request.body, dict) else {}
    for more in ("has_more", "hasMore"):
        if more in page:
            page[more] = True
    if "has_more" in page and "list" in page:
        here = body.get("cursor", 0)
        page["next_cursor"] = here if repeat else page.get("next_cursor", 7_000_000_000 + 13)
    elif "list" in page:
        here = body.get("nextToken", 0)
        page["nextToken"] = str(here) if repeat else page.get("nextToken", "20")
