"""The far end of the event stream: a websocket, by hand, as far as it is needed."""

import base64
import hashlib
import json
import queue
import secrets
import struct
import time

from .state import ms

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class Connection:
    """A connection of the application. Tests put frames into it and read what is acknowledged."""

    def __init__(self):
        self.outgoing = queue.Queue()
        self.acks = {}
        self.texts = []
        self.open = True
        self.mute = False

    def send(self, frame):
        """Send a frame, given as dict or as text."""
        self.outgoing.put(frame if isinstance(frame, str) else json.dumps(frame))

    def send_event(self, state, kind, data, event_id=None):
        """Send an event and return the id of its message."""
        message_id = secrets.token_hex(12)
        headers = {
            "messageId": message_id,
            "topic": "*",
            "contentType": "application/json",
            "time": str(ms(state.clock())),
            "eventId": event_id or secrets.token_hex(12),
            "eventType": kind,
            "eventCorpId": state.app.corp_id,
            "eventBornTime": str(ms(state.clock())),
            "eventUnifiedAppId": "fake-unified-app",
        }
        self._frame("EVENT", headers, json.dumps(data))
        return message_id

    def send_system(self, topic, data):
        message_id = secrets.token_hex(12)
        headers = {"messageId": message_id, "topic": topic, "contentType": "application/json"}
        self._frame("SYSTEM", headers, json.dumps(data))
        return message_id

    def _frame(self, kind, headers, data):
        frame = {"specVersion": "1.0", "type": kind, "headers": headers, "data": data}
        self.send(frame)

    def ack(self, message_id, seconds=5):
        """The acknowledgement of a message, waited for."""
        until = time.monotonic() + seconds
        while message_id not in self.acks and time.monotonic() < until:
            time.sleep(0.005)
        return self.acks[message_id]


def serve(handler, request):
    """Upgrade an HTTP request to a websocket, if its ticket is good, and serve it."""
    state = handler.server.state
    ticket = request.query.get("ticket")
    with state.lock:
        good = state.tickets.pop(ticket, 0) > state.clock()
    key = request.headers.get("sec-websocket-key")
    if not good or not key:
        handler._send(401, b"", "text/plain")
        return
    accept = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()
    handler.send_response(101)
    handler.send_header("Upgrade", "websocket")
    handler.send_header("Connection", "Upgrade")
    handler.send_header("Sec-WebSocket-Accept", accept)
    handler.end_headers()
    handler.close_connection = True
    connection = Connection()
    state.streams.append(connection)
    handler.connection.settimeout(0.02)
    try:
        _loop(handler, connection, state)
    except OSError:
        pass
    finally:
        connection.open = False


def _loop(handler, connection, state):
    buffer = bytearray()
    while connection.open and not state.stopping:
        while not connection.outgoing.empty():
            _write(handler, _TEXT, connection.outgoing.get().encode())
        try:
            piece = handler.connection.recv(65536)
        except TimeoutError:
            continue
        if not piece:
            return
        buffer += piece
        while (frame := _take(buffer)) is not None:
            opcode, payload = frame
            if opcode == _CLOSE:
                return
            if opcode == _PING and not connection.mute:
                _write(handler, _PONG, payload)
            elif opcode == _TEXT:
                _note(connection, payload.decode())


def _note(connection, text):
    connection.texts.append(text)
    data = json.loads(text)
    connection.acks[data["headers"]["messageId"]] = data


def _take(buffer):
    """One whole frame off the buffer, None while it is not there yet."""
    if len(buffer) < 2:
        return None
    length, offset = buffer[1] & 0x7F, 2
    if length in (126, 127):
        form, offset = (">H", 4) if length == 126 else (">Q", 10)
        if len(buffer) < offset:
            return None
        (length,) = struct.unpack(form, buffer[2:offset])
    if not buffer[1] & 0x80:
        raise OSError("a client has to mask its frames")
    mask, start = buffer[offset : offset + 4], offset + 4
    if len(buffer) < start + length:
        return None
    payload = bytes(b ^ mask[i % 4] for i, b in enumerate(buffer[start : start + length]))
    opcode = buffer[0] & 0x0F
    del buffer[: start + length]
    return opcode, payload


def _write(handler, opcode, payload):
    length = len(payload)
    if length < 126:
        head = bytes([0x80 | opcode, length])
    elif length < 1 << 16:
        head = bytes([0x80 | opcode, 126]) + struct.pack(">H", length)
    else:
        head = bytes([0x80 | opcode, 127]) + struct.pack(">Q", length)
    handler.wfile.write(head + payload)
    handler.wfile.flush()
