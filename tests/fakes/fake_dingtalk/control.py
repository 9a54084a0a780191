"""What only the fake has: scripting it from outside, its sign-in page, and pushing events."""

import base64
import hashlib
import html
import json
import secrets
import struct
from datetime import date
from urllib.parse import urlencode

import requests
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .state import ms


def login_page(state, query):
    """A page with one button per person, in the place of the QR code."""
    rows = "".join(
        f'<p><a href="/oauth2/auth?{html.escape(urlencode({**query, "as": user}))}">'
        f"{html.escape(person['name'])}</a></p>"
        for user, person in state.users.items()
    )
    return f"<!DOCTYPE html><meta charset=utf-8><title>DingTalk</title><h1>登录</h1>{rows}"


def handle(state, request):
    """Carry out a command given to ``/__ctl`` as JSON, see the README."""
    body = request.body or {}
    command = COMMANDS.get(body.get("do"))
    if command is None:
        return {"error": f"one of: {', '.join(COMMANDS)}"}
    with state.lock:
        return {"result": command(state, body)}


def load(state, data):
    """Take over departments, people, processes and punches from plain data."""
    for department in data.get("departments", ()):
        state.add_department(department["id"], department["name"], department.get("parent", 1))
    for person in data.get("users", ()):
        person = dict(person)
        if person.get("hired"):
            person["hired"] = date.fromisoformat(person["hired"])
        state.add_user(
            person.pop("userid"), person.pop("name"), person.pop("departments", [1]), **person
        )
    for process in data.get("processes", ()):
        state.add_process(process["code"], process["name"])
    for punch in data.get("punches", ()):
        day = date.fromisoformat(punch["day"])
        state.add_punch(punch["userid"], day, punch["type"], punch.get("result", "Normal"))


def _status(state, _body):
    return {
        "users": len(state.users),
        "punches": len(state.punches),
        "approvals": len(state.approvals),
        "notices": [
            {"task_id": n.task_id, "message": n.message, "delivered": n.delivered}
            for n in list(state.notices.values())[-20:]
        ],
        "todos": [
            {key: value for key, value in task.items() if key != "doneBy"}
            for task in list(state.todos.values())[-20:]
        ],
        "used": dict(state.used),
        "requests": len(state.requests),
    }


def _fault(state, body):
    options = {key: value for key, value in body.items() if key not in ("do", "path", "kind")}
    state.fault(body["path"], body["kind"], **options)


def _set(state, body):
    for name in ("qps", "quota", "smart_report"):
        if name in body:
            setattr(state, name, body[name])
    for name in ("callback_url", "callback_token", "aes_key"):
        if name in body:
            setattr(state.app, name, body[name])


COMMANDS = {
    "status": _status,
    "load": lambda state, body: load(state, body),
    "code": lambda state, body: state.add_code(body["userid"]),
    "fault": _fault,
    "clear_faults": lambda state, body: state.faults.clear(),
    "set": _set,
    "expire_tokens": lambda state, body: state.revoke_tokens(),
    "leave": lambda state, body: state.remove_user(body["userid"]),
    "event": lambda state, body: push_event(state, body["type"], body.get("payload", {})),
}


# -- events ----------------------------------------------------------------------------------------


def seal(text, token, aes_key, owner, timestamp, nonce):
    """Query and body of a push. Written apart from the code that it tests."""
    key = base64.b64decode(aes_key + "=")
    message = text if isinstance(text, bytes) else text.encode()
    plain = secrets.token_bytes(16) + struct.pack("!I", len(message)) + message + owner.encode()
    # blocks of 32 bytes, twice those of the cipher
    padder = padding.PKCS7(256).padder()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(key[0:16])).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    encrypt = base64.standard_b64encode(sealed).decode("ascii")
    digest = hashlib.sha1()
    for part in sorted((token, timestamp, nonce, encrypt)):
        digest.update(part.encode())
    query = {"msg_signature": digest.hexdigest(), "timestamp": timestamp, "nonce": nonce}
    return query, {"encrypt": encrypt}


def unseal(answer, token, aes_key, owner):
    """The text of an answer, or None if it is not rightly signed, sealed and owned."""
    try:
        parts = sorted((token, str(answer["timeStamp"]), answer["nonce"], answer["encrypt"]))
        if hashlib.sha1("".join(parts).encode()).hexdigest() != answer["msg_signature"]:
            return None
        key = base64.b64decode(aes_key + "=")
        decryptor = Cipher(algorithms.AES256(key), modes.CBC(key[0:16])).decryptor()
        padded = decryptor.update(base64.b64decode(answer["encrypt"])) + decryptor.finalize()
        unpadder = padding.PKCS7(256).unpadder()
        plain = unpadder.update(padded) + unpadder.finalize()
        (length,) = struct.unpack("!I", plain[16:20])
        if plain[20 + length :].decode() != owner:
            return None
        return plain[20 : 20 + length].decode()
    except (KeyError, TypeError, ValueError):
        return None


def body_of(state, kind, payload, event_id, style="old"):
    """The flat body of a push; ``old`` and ``new`` applications spell keys differently."""
    if style == "old":
        payload = {key[:1].upper() + key[1:]: value for key, value in payload.items()}
        head = {"TimeStamp": str(ms(state.clock())), "CorpId": state.app.corp_id}
    else:
        head = {"timeStamp": str(ms(state.clock())), "CorpId": state.app.corp_id}
        head["corpId"] = state.app.corp_id
    return {
        **payload,
        **head,
        "EventType": kind,
        "EventTime": ms(state.clock()),
        "BizId": event_id,
        "eventId": event_id,
    }


def push_event(state, kind, payload, *, url=None, event_id=None, style="old", **changes):
    """Push an event to the application's callback, as a failed one if it is not taken.

    :param changes: what is wrong with it: ``token``, ``owner``, ``age`` (seconds), ``nonce``,
        ``text`` (the plain text itself), ``signature``
    :return: dict with ``status``, ``taken`` and ``event_id``
    """
    app = state.app
    event_id = event_id or secrets.token_hex(16)
    text = changes.get("text")
    if text is None:
        text = json.dumps(body_of(state, kind, payload, event_id, style), ensure_ascii=False)
    query, body = seal(
        text,
        changes.get("token", app.callback_token),
        app.aes_key,
        changes.get("owner", app.client_id),
        str(ms(state.clock() - changes.get("age", 0))),
        changes.get("nonce", secrets.token_hex(4)),
    )
    query["msg_signature"] = changes.get("signature", query["msg_signature"])
    status, taken = 0, False
    try:
        response = requests.post(
            url or app.callback_url, params=query, json=body, timeout=10, allow_redirects=False
        )
        status = response.status_code
        answer = response.json() if status == 200 else None
        taken = unseal(answer, app.callback_token, app.aes_key, app.client_id) == "success"
    except (requests.RequestException, ValueError):
        pass
    state.event_log.append({"id": event_id, "type": kind, "status": status, "taken": taken})
    if not taken and not changes:
        state.failed_events.append({"type": kind, "payload": payload, "at": state.clock()})
    return {"status": status, "taken": taken, "event_id": event_id}
