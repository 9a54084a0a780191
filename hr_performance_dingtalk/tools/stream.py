"""Events by stream: a connection that we open, for companies whose Odoo has no public address.

It needs a process that lives on, ``bin/dingtalk-stream``; Odoo's workers do not keep connections.
That process stores nothing itself. It hands each event to the very address that DingTalk would
push it to, sealed with the same token and key, and acknowledges to DingTalk only what Odoo has
stored:

* request: ``POST <callback>?msg_signature=…&timestamp=…&nonce=…`` with ``{"encrypt": "…"}``; the
  sealed text is the flat JSON of a push, ``{"EventType", "EventTime", "CorpId", "eventId", …}``
* answer: HTTP 200 and ``{"msg_signature", "timeStamp", "nonce", "encrypt"}`` that opens to
  ``success``, as DingTalk wants it too. Anything else means "not stored", and DingTalk sends the
  event again later.
"""

import json
import logging
import random
import time
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import requests

from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.callback import CallbackError
from odoo.addons.hr_performance_im.tools.client import check_base_url

_logger = logging.getLogger(__name__)

#: Longest pause between two attempts to connect, in seconds.
LONGEST_PAUSE = 60
#: Silence after which the connection is tested, and after as much again given up.
SILENCE = 90

_TIMEOUT = (5, 20)


class Reaction(NamedTuple):
    """What a frame makes us do: send ``reply`` (text or None), and open a new connection."""

    reply: str | None
    reconnect: bool


def react(text, deliver):
    """The :class:`Reaction` to a frame.

    :param deliver: function of the frame's headers and the text of its data; it is called for
        events only and returns whether the event is stored
    """
    frame = _frame(text)
    if frame is None:
        _logger.warning("a frame that is none")
        return Reaction(None, False)
    headers = frame.get("headers") or {}
    kind, topic = frame.get("type"), headers.get("topic")
    if kind == "SYSTEM" and topic == "disconnect":
        return Reaction(None, True)
    if kind == "SYSTEM":
        reply = _reply(headers, frame.get("data") or "{}") if topic == "ping" else None
        return Reaction(reply, False)
    if kind == "EVENT":
        stored = deliver(headers, frame.get("data") or "{}")
        status = {"status": "SUCCESS" if stored else "LATER", "message": ""}
        return Reaction(_reply(headers, json.dumps(status)), False)
    return Reaction(_reply(headers, "{}", 404, "not implemented"), False)


def _frame(text):
    try:
        frame = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    usable = isinstance(frame, dict) and isinstance(frame.get("headers") or {}, dict)
    return frame if usable else None


def _reply(headers, data, code=200, message="OK"):
    head = {"messageId": headers.get("messageId"), "contentType": "application/json"}
    return json.dumps({"code": code, "headers": head, "message": message, "data": data})


class Forwarder:
    """Hands events to Odoo as DingTalk's push would.

    :param url: the callback address in Odoo
    :param crypto: the :class:`CallbackCrypto` of the subscription
    """

    def __init__(self, url, crypto, session=None):
        self._url = check_base_url(url)
        self._crypto = crypto
        self._session = session or requests.Session()

    def __call__(self, headers, data):
        """Whether Odoo has stored the event of these headers and this text."""
        sealed = self._crypto.seal(json.dumps(push_body(headers, data), ensure_ascii=False))
        query = {
            "msg_signature": sealed["msg_signature"],
            "timestamp": sealed["timeStamp"],
            "nonce": sealed["nonce"],
        }
        try:
            response = self._session.post(
                self._url,
                params=query,
                json={"encrypt": sealed["encrypt"]},
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
            answer = response.json() if response.status_code == 200 else None
        except (requests.RequestException, ValueError) as error:
            _logger.warning("Odoo did not take an event: %s", type(error).__name__)
            return False
        return self._is_success(answer)

    def _is_success(self, answer):
        try:
            text = self._crypto.open(
                answer["msg_signature"], answer["timeStamp"], answer["nonce"], answer["encrypt"]
            )
        except (CallbackError, KeyError, TypeError):
            _logger.warning("Odoo did not store an event")
            return False
        return text == "success"


def push_body(headers, data):
    """The flat body that a push of this event would have."""
    try:
        content = json.loads(data)
    except ValueError:
        content = {}
    content = content if isinstance(content, dict) else {}
    inner = content.get("data")
    payload = inner if isinstance(inner, dict) else content
    head = {**content, **headers}
    return {
        **payload,
        "EventType": head.get("eventType"),
        "EventTime": head.get("eventBornTime"),
        "CorpId": head.get("eventCorpId"),
        "eventId": head.get("eventId"),
    }


def connect(address, ticket, silence=SILENCE):
    """A connection of the ``websocket-client`` package, which only this process needs."""
    import websocket

    local = urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")
    if not address.startswith("wss://") and not (local and address.startswith("ws://")):
        raise StreamError("unprotected address")
    url = f"{address}{'&' if '?' in address else '?'}{urlencode({'ticket': ticket.reveal()})}"
    try:
        connection = websocket.create_connection(url, timeout=silence)
    except (websocket.WebSocketException, OSError) as error:
        failure = type(error).__name__
    else:
        return _WebSocket(connection, websocket)
    # outside of the handler: the error there holds the ticket
    raise StreamError(failure)


class StreamError(Exception):
    """The connection broke or did not come about; its text is the kind of error only."""


class _WebSocket:
    """The few things of a websocket that the loop needs."""

    def __init__(self, connection, package):
        self._connection = connection
        self._package = package

    def receive(self):
        """The next text; an empty one for a sign of life, None after a silence."""
        failure = None
        try:
            opcode, frame = self._connection.recv_data_frame(control_frame=True)
        except self._package.WebSocketTimeoutException:
            return None
        except Exception as error:
            # whatever a broken connection raises; what it says can hold the ticket
            failure = type(error).__name__
        if failure or opcode == self._package.ABNF.OPCODE_CLOSE:
            raise StreamError(failure or "closed")
        if opcode in (self._package.ABNF.OPCODE_PING, self._package.ABNF.OPCODE_PONG):
            return ""
        return frame.data.decode("utf-8", "replace")

    def send(self, text):
        failure = None
        try:
            self._connection.send(text)
        except Exception as error:
            failure = type(error).__name__
        if failure:
            raise StreamError(failure)

    def ping(self):
        self._connection.ping()

    def close(self):
        self._connection.close(timeout=1)


class StreamRunner:
    """Keeps a connection, and gives its events to ``deliver``.

    :param open_stream: function that gives address and ticket, :meth:`DingTalkClient.open_stream`
    :param deliver: see :func:`react`
    :param connect: function of address and ticket that gives a connection
    """

    def __init__(
        self,
        open_stream,
        deliver,
        *,
        connect=connect,
        sleep=time.sleep,
        chance=random.random,
    ):
        self._open_stream = open_stream
        self._deliver = deliver
        self._connect = connect
        self._sleep = sleep
        self._chance = chance
        self._stopped = False
        self._had_frames = False
        #: connections that came about
        self.connections = 0
        #: events that Odoo has stored
        self.stored = 0

    def stop(self):
        """End :meth:`run` after the frame at hand; may be called by a signal handler."""
        self._stopped = True

    def run(self):
        """Receive until :meth:`stop`, connecting again whenever the connection is lost.

        :raises errors.ApiError: what only a person can mend, such as a wrong secret
        """
        failures = 0
        while not self._stopped:
            self._had_frames = False
            try:
                self._session()
            except StreamError as error:
                _logger.info("the stream is interrupted: %s", error)
            except errors.ApiError as error:
                if error.action != "wait":
                    raise
                _logger.warning("no stream: %s", error)
            failures = 0 if self._had_frames else failures + 1
            if not self._stopped:
                self._sleep(self._pause(failures))

    def _pause(self, failures):
        """Seconds: twice as long each time, with chance, so that not all come back at once."""
        return min(2 ** (min(failures, 10) - 1), LONGEST_PAUSE) * (0.5 + self._chance() / 2)

    def _session(self):
        """Use one connection until the other side asks for a new one."""
        address, ticket = self._open_stream()
        connection = self._connect(address, ticket)
        self.connections += 1
        _logger.info("the stream is connected")
        try:
            self._receive(connection)
        finally:
            connection.close()

    def _receive(self, connection):
        silent = False
        while not self._stopped:
            text = connection.receive()
            if text is None:
                if silent:
                    raise StreamError("silence")
                silent = True
                connection.ping()
                continue
            silent = False
            if not text:
                continue
            reaction = react(text, self._count)
            if reaction.reconnect:
                return
            self._had_frames = True
            if reaction.reply is not None:
                connection.send(reaction.reply)

    def _count(self, headers, data):
        stored = self._deliver(headers, data)
        self.stored += bool(stored)
        return stored
