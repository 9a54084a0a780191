"""Events on their way to Odoo: pushed, by stream, and through the process of bin/."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import websocket
from fake_dingtalk.control import push_event
from lab import laboratory

from odoo.addons.hr_performance_dingtalk.tools import events, stream
from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.callback import CallbackCrypto, CallbackError
from odoo.addons.hr_performance_im.tools.redaction import Secret

PAYLOAD = {"userId": ["u1"]}


class Store:
    """What stands in for Odoo's controller: checks, stores one row by id, answers."""

    def __init__(self, app, clock):
        self.rows, self.refused, self.answers = {}, [], 0
        self.down = False
        self.crypto = CallbackCrypto(app.callback_token, app.aes_key, app.client_id)
        self.clock = clock
        store = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
                answer = store.take(query, raw)
                content = json.dumps(answer).encode() if answer else b""
                self.send_response(200 if answer else 403)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/callback"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def take(self, query, raw):
        self.answers += 1
        if self.down:
            return None
        try:
            text = self.crypto.open(
                query["msg_signature"],
                query["timestamp"],
                query["nonce"],
                json.loads(raw)["encrypt"],
                now=self.clock(),
                max_age=300,
            )
            event = events.parse_body(text)
        except (CallbackError, events.EventError) as error:
            self.refused.append(getattr(error, "code", "no_event"))
            return None
        if event.type != events.CHECK_URL:
            self.rows.setdefault(event.id, event)
        return self.crypto.seal("success", now=self.clock())

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def lab(dingtalk):
    with laboratory(dingtalk) as lab:
        yield lab


@pytest.fixture
def store(lab):
    store = Store(lab.state.app, lab.clock)
    lab.state.app.callback_url = store.url
    yield store
    store.close()


def wait_for(condition, seconds=10):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.005)


# -- pushed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["old", "new"])
def test_a_push_is_stored_and_answered(lab, store, style):
    pushed = push_event(lab.state, "user_add_org", PAYLOAD, style=style)
    assert pushed["taken"]
    event = store.rows[pushed["event_id"]]
    assert (event.type, event.corp_id) == ("user_add_org", lab.state.app.corp_id)
    assert list(event.pulls) == [("user", "u1", None)]


def test_the_address_is_checked_without_storing(lab, store):
    assert push_event(lab.state, "check_url", {})["taken"]
    assert store.rows == {}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"signature": "0" * 40}, "bad_signature"),
        ({"token": "another"}, "bad_signature"),
        ({"owner": "dinganother"}, "wrong_owner"),
        ({"age": 3600}, "stale"),
        ({"age": -3600}, "stale"),
        ({"text": "success"}, "no_event"),
        ({"text": "[]"}, "no_event"),
        ({"text": b"\xff\xfe"}, "undecodable"),
    ],
)
def test_pushes_that_are_not_believed(lab, store, changes, reason):
    pushed = push_event(lab.state, "user_add_org", PAYLOAD, **changes)
    assert (pushed["status"], pushed["taken"]) == (403, False)
    assert store.refused == [reason]
    assert store.rows == {}


def test_a_repeated_event_is_one_row(lab, store):
    for _time in range(3):
        assert push_event(lab.state, "user_add_org", PAYLOAD, event_id="e1")["taken"]
    assert list(store.rows) == ["e1"]


def test_a_large_event(lab, store):
    payload = {"userId": [f"u{number}" for number in range(90_000)]}
    pushed = push_event(lab.state, "user_add_org", payload)
    assert len(store.rows[pushed["event_id"]].pulls) == 90_000


def test_what_odoo_did_not_take_can_be_fetched(lab, store):
    store.down = True
    push_event(lab.state, "user_leave_org", PAYLOAD)
    [[event]] = lab.client.failed_events()
    assert list(event.pulls) == [("leaver", "u1", None)]


# -- by stream -------------------------------------------------------------------------------------


@pytest.fixture
def runner(lab, store):
    """A runner in a thread, ended at the end."""
    sleeps = []

    def sleep(seconds):
        sleeps.append(seconds)
        time.sleep(0.01)

    forward = stream.Forwarder(store.url, store.crypto)
    connect = lambda address, ticket: stream.connect(address, ticket, silence=0.3)  # noqa: E731
    runner = stream.StreamRunner(
        lab.client.open_stream, forward, connect=connect, sleep=sleep, chance=lambda: 1.0
    )
    runner.sleeps = sleeps
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    yield runner
    runner.stop()
    thread.join(10)
    assert not thread.is_alive()


def connection(lab, number=1):
    wait_for(lambda: len(lab.state.streams) >= number)
    return lab.state.streams[number - 1]


@pytest.fixture
def now(lab):
    """The stream seals with the real clock, so the store looks at it too."""
    lab.clock.now = time.time()


def test_an_event_arrives_as_if_pushed(lab, now, store, runner):
    far = connection(lab)
    message = far.send_event(lab.state, "user_add_org", PAYLOAD, event_id="e1")
    ack = far.ack(message)
    assert (ack["code"], json.loads(ack["data"])["status"]) == (200, "SUCCESS")
    event = store.rows["e1"]
    assert (event.type, event.corp_id) == ("user_add_org", lab.state.app.corp_id)
    assert list(event.pulls) == [("user", "u1", None)]
    assert runner.stored == 1


def test_both_ways_lead_to_the_same_row(lab, now, store, runner):
    far = connection(lab)
    far.ack(far.send_event(lab.state, "bpms_instance_change", {"processInstanceId": "i1"}, "e1"))
    push_event(lab.state, "bpms_instance_change", {"processInstanceId": "i1"}, event_id="e1")
    assert list(store.rows) == ["e1"]


def test_what_odoo_did_not_store_is_wanted_later(lab, now, store, runner):
    far = connection(lab)
    store.down = True
    ack = far.ack(far.send_event(lab.state, "user_add_org", PAYLOAD, event_id="e1"))
    assert json.loads(ack["data"])["status"] == "LATER"
    store.down = False
    ack = far.ack(far.send_event(lab.state, "user_add_org", PAYLOAD, event_id="e1"))
    assert json.loads(ack["data"])["status"] == "SUCCESS"
    assert list(store.rows) == ["e1"]


def test_ping_is_answered_with_its_own_data(lab, now, store, runner):
    far = connection(lab)
    ack = far.ack(far.send_system("ping", {"opaque": "0-111"}))
    assert (ack["code"], json.loads(ack["data"])) == (200, {"opaque": "0-111"})


def test_frames_that_are_none_are_survived(lab, now, store, runner):
    far = connection(lab)
    for text in ("", "x", "[]", "null", '{"type":"EVENT","headers":[]}', "{}"):
        far.send(text)
    far.send({"specVersion": "1.0", "type": "CALLBACK", "headers": {"messageId": "m1"}})
    assert far.ack("m1")["code"] == 404
    message = far.send_event(lab.state, "user_add_org", PAYLOAD)
    assert far.ack(message)["code"] == 200
    assert len(lab.state.streams) == 1


def test_a_new_connection_after_a_disconnect(lab, now, store, runner):
    connection(lab).send_system("disconnect", {"reason": "persistent connection is timeout"})
    far = connection(lab, 2)
    far.ack(far.send_event(lab.state, "user_add_org", PAYLOAD, event_id="e1"))
    assert list(store.rows) == ["e1"]
    assert len(lab.state.tickets) == 0


def test_a_new_connection_after_a_break(lab, now, store, runner):
    connection(lab).open = False
    far = connection(lab, 2)
    far.ack(far.send_event(lab.state, "user_add_org", PAYLOAD, event_id="e1"))
    assert list(store.rows) == ["e1"]


def test_a_silent_connection_is_tested_and_given_up(lab, now, store, runner):
    far = connection(lab)
    time.sleep(0.8)
    assert len(lab.state.streams) == 1, "answered pings keep it"
    far.mute = True
    connection(lab, 2)


def test_pauses_grow_while_dingtalk_does_not_answer(lab, store):
    sleeps = []
    runner = stream.StreamRunner(
        lab.client.open_stream, None, sleep=lambda s: sleeps.append(s), chance=lambda: 1.0
    )
    lab.state.fault("/v1.0/gateway/connections/open", "status", status=503, times=None)
    original = runner._sleep

    def sleep(seconds):
        original(seconds)
        if len(sleeps) == 9:
            runner.stop()

    runner._sleep = sleep
    runner.run()
    assert sleeps == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_refused_secret_ends_the_process(lab, store):
    client = lab.make_client(client_secret="wrong")
    runner = stream.StreamRunner(client.open_stream, None, sleep=lambda s: None)
    with pytest.raises(errors.CredentialsRefused):
        runner.run()


def test_the_ticket_stays_secret(lab):
    ticket = Secret("a-ticket-DO-NOT-SHOW")
    for address in (lab.state.stream_url, "ws://stream.example.com/connect", "ws://127.0.0.1:9/x"):
        with pytest.raises(stream.StreamError) as caught:
            stream.connect(address, ticket, silence=1)
        assert "DO-NOT-SHOW" not in str(caught.value)
        assert caught.value.__context__ is None


def test_the_fakes_websocket_is_one(lab):
    """Another client than ours: the handshake, large frames, pings and the end."""
    address, ticket = lab.client.open_stream()
    far_side = websocket.create_connection(f"{address}?ticket={ticket.reveal()}", timeout=3)
    far = connection(lab)
    for size in (10, 200, 70_000):
        far.send("x" * size)
        assert far_side.recv() == "x" * size
    far_side.send(json.dumps({"headers": {"messageId": "m"}, "data": "y" * 70_000}))
    assert len(far.ack("m")["data"]) == 70_000
    far_side.ping(b"abc")
    far.send("after")
    frame = far_side.recv_data(control_frame=True)
    assert frame == (websocket.ABNF.OPCODE_PONG, b"abc")
    far_side.close()
    with pytest.raises(websocket.WebSocketBadStatusException):
        websocket.create_connection(f"{address}?ticket={ticket.reveal()}", timeout=3)


# -- the process -----------------------------------------------------------------------------------


def environment(lab, store, **changes):
    app = lab.state.app
    values = {
        "DINGTALK_CLIENT_ID": app.client_id,
        "DINGTALK_CLIENT_SECRET": app.client_secret,
        "DINGTALK_CALLBACK_URL": store.url,
        "DINGTALK_CALLBACK_TOKEN": app.callback_token,
        "DINGTALK_AES_KEY": app.aes_key,
        "DINGTALK_API_URL": lab.fake.api_url,
        **changes,
    }
    return values


def start(root, arguments=(), **values):
    return subprocess.Popen(
        [sys.executable, root / "bin" / "dingtalk-stream", *arguments],
        env={"PATH": os.environ["PATH"], **values},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_process_delivers_and_ends_when_told(root, lab, now, store):
    process = start(root, ["--verbose"], **environment(lab, store))
    try:
        wait_for(lambda: lab.state.streams, 30)
        far = connection(lab)
        far.ack(far.send_event(lab.state, "user_add_org", PAYLOAD, event_id="e1"), 20)
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=20)[0]
    finally:
        process.kill()
    assert process.returncode == 0, output
    assert list(store.rows) == ["e1"]
    for secret in (lab.state.app.client_secret, lab.state.app.callback_token, "ticket="):
        assert secret not in output


def test_settings_come_from_a_file_that_others_cannot_read(root, lab, store, tmp_path):
    values = environment(lab, store, DINGTALK_CLIENT_SECRET="wrong")
    path = tmp_path / "stream.conf"
    path.write_text("# comment\n" + "".join(f"{name} = {text}\n" for name, text in values.items()))
    path.chmod(0o640)
    process = start(root, ["--settings", str(path)])
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 2
    assert "chmod 600" in output
    path.chmod(0o600)
    process = start(root, ["--settings", str(path)])
    output = process.communicate(timeout=60)[0]
    # a refused secret needs a person
    assert process.returncode == 2
    assert "invalidClientIdOrSecret" in output
    assert "Traceback" not in output


def test_missing_settings_are_named(root):
    process = start(root)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 2
    assert "DINGTALK_AES_KEY" in output
