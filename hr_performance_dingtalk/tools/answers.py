"""Telling success from failure, and one failure from another.

The old host wraps errors in three ways: ``errcode`` 88 with a ``sub_code``, a plain ``errcode``,
or a ban without any ``errcode``. The new host uses HTTP statuses with ``code`` — except for an
unknown address, which is HTTP 200 with an ``errcode``.
"""

import re
from datetime import datetime

from odoo.addons.hr_performance_im.tools import errors

from .times import SHANGHAI

#: Codes of the old host; a ``sub_code`` has the same meaning as a plain ``errcode``.
OLD_CODES = {
    "-1": errors.Unavailable,
    "22": errors.BadRequest,
    "40": errors.BadRequest,
    "41": errors.BadRequest,
    "404": errors.BadRequest,
    "33012": errors.UserUnknown,
    "40000": errors.TokenRefused,
    "40014": errors.TokenRefused,
    "42001": errors.TokenRefused,
    "40035": errors.BadRequest,
    "400002": errors.BadRequest,
    "40078": errors.LoginRefused,
    "40089": errors.CredentialsRefused,
    "40096": errors.CredentialsRefused,
    "50002": errors.OutOfScope,
    "50004": errors.OutOfScope,
    "60003": errors.DepartmentUnknown,
    "60011": errors.PermissionMissing,
    "60020": errors.AddressRefused,
    "60121": errors.UserUnknown,
    "90002": errors.RateLimited,
    "90018": errors.RateLimited,
    "90020": errors.QuotaExhausted,
    "300005": errors.ConfigurationError,
    "310000": errors.ConfigurationError,
    "660026": errors.RateLimited,
}

#: Codes of the new host that are known whole.
NEW_CODES = {
    "InvalidAuthentication": errors.TokenRefused,
    "AuthenticationFailed.MissingParameter": errors.TokenRefused,
    "invalidClientIdOrSecret": errors.CredentialsRefused,
    "processInstanceNotExist": errors.NotFound,
    "processInstanceIdError": errors.NotFound,
    # HTTP 401, and yet nothing about the token
    "paramIllegal": errors.BadRequest,
    "systemError": errors.Unavailable,
    "system.error": errors.Unavailable,
    "unknownError": errors.Unavailable,
}

#: Parts of codes of the new host, tried in this order.
NEW_PARTS = (
    ("ApiCountLimit", errors.QuotaExhausted),
    ("QpsLimit", errors.RateLimited),
    ("QpmLimit", errors.RateLimited),
    ("Qps", errors.RateLimited),
    ("Qpm", errors.RateLimited),
    ("AccessTokenPermissionDenied", errors.PermissionMissing),
    ("IpNotInWhiteList", errors.AddressRefused),
    ("invalidParameter", errors.BadRequest),
)

_UNTIL = re.compile(r"限制将在\s*(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*结束")
_SCOPES = re.compile(r"\[([A-Za-z][\w.,\-\s]*)\]")
_LINK = re.compile(r"https://[^\s\"'<>，。]+")
_ADDRESS = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?![\d.])")

#: A ban lasts five minutes.
_BAN = 300
#: Rejected calls are told so for the rest of the second, or of the minute.
_RATE_PAUSE = 1
_MINUTE_PAUSE = 20


class ReportColumnError(errors.ConfigurationError):
    """The attendance report refuses a column: gone, no id — or it was asked too fast."""

    retries = 1


class TaskExists(errors.AlreadyExists):
    """A to-do with this source id was created before."""


def read_old(client, endpoint, answer):
    """The decoded answer of the old host if it is a success."""
    data = answer.data
    if not isinstance(data, dict):
        raise client.error(errors.Unavailable, endpoint, "not_json", status=answer.status)
    if "errcode" not in data:
        raise _without_code(client, endpoint, answer)
    code = str(data["errcode"])
    if code == "0":
        return data
    message = data.get("sub_msg") or data.get("errmsg") or ""
    if code == "88":
        code = str(data.get("sub_code") or code)
    kind = ReportColumnError if code == "850015" else OLD_CODES.get(code)
    if kind is None:
        kind = errors.Unavailable if answer.status >= 500 else errors.ApiError
    raise _typed(client, endpoint, kind, code, message, data, answer.status)


def read_new(client, endpoint, answer):
    """The decoded answer of the new host if it is a success."""
    data, status = answer.data, answer.status
    if not isinstance(data, dict):
        code = "not_json" if status < 400 else f"http_{status}"
        raise client.error(errors.Unavailable, endpoint, code, status=status)
    if _is_ban(data):
        raise _without_code(client, endpoint, answer)
    if status < 300 and "errcode" in data and str(data["errcode"]) != "0":
        # the gateway's word for an address it does not know
        read_old(client, endpoint, answer)
    if status < 300 and not _says_failure(data):
        return data
    code = str(data.get("code") or f"http_{status}")
    message = str(data.get("message") or "")
    kind = _new_kind(endpoint, code, message, status)
    raise _typed(client, endpoint, kind, code, message, data, status)


def _without_code(client, endpoint, answer):
    """What the old host says where its services did not get to speak."""
    if _is_ban(answer.data):
        return client.error(errors.Banned, endpoint, "banned", wait=_BAN, status=answer.status)
    code = "no_errcode" if answer.status < 400 else f"http_{answer.status}"
    return client.error(errors.Unavailable, endpoint, code, status=answer.status)


def _is_ban(data):
    return str(data.get("status")) == "1111" or "punish" in data


def _says_failure(data):
    """A few services answer HTTP 200 with ``success`` false, as a boolean or as a text."""
    if str(data.get("success", "true")).lower() == "false":
        return True
    return bool(data.get("code")) and "message" in data and "result" not in data


def _new_kind(endpoint, code, message, status):
    if code in NEW_CODES:
        return NEW_CODES[code]
    if code.startswith("todo.") and "task exist" in message:
        return TaskExists
    if code.startswith("todo.") and "not exist" in message:
        return errors.NotFound
    if endpoint.name == "oauth2/userAccessToken" and 400 <= status < 500:
        return errors.LoginRefused
    for part, kind in NEW_PARTS:
        if part in code:
            return kind
    return _kind_of_status(status)


def _kind_of_status(status):
    if status == 429:
        return errors.RateLimited
    if status == 403:
        return errors.PermissionMissing
    if status == 404:
        return errors.NotFound
    if status >= 500:
        return errors.Unavailable
    return errors.BadRequest if status >= 400 else errors.ApiError


def _typed(client, endpoint, kind, code, message, data, status):
    details = {"status": status, "request_id": str(data.get("request_id") or "")}
    details["request_id"] = details["request_id"] or str(data.get("requestid") or "")
    if issubclass(kind, errors.RateLimited):
        details["wait"] = _wait(code, message, client.clock())
    elif issubclass(kind, errors.PermissionMissing):
        details["scopes"] = _scopes(data, message)
        details["link"] = _first(_LINK, message)
    elif issubclass(kind, errors.AddressRefused):
        details["address"] = _first(_ADDRESS, message)
    return client.error(kind, endpoint, code, message, **details)


def _wait(code, message, now):
    """Seconds until the limit ends, where the message says when that is."""
    found = _UNTIL.search(message)
    if found:
        try:
            until = datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
        except ValueError:
            return _RATE_PAUSE
        return max(until.timestamp() - now + 1, _RATE_PAUSE)
    return _MINUTE_PAUSE if "Qpm" in code else _RATE_PAUSE


def _scopes(data, message):
    details = data.get("accessdenieddetail")
    scopes = details.get("requiredScopes") if isinstance(details, dict) else None
    if isinstance(scopes, list):
        return [str(scope) for scope in scopes]
    found = _SCOPES.findall(message)
    return [name.strip() for name in found[-1].split(",")] if found else []


def _first(pattern, text):
    found = pattern.search(text)
    return found[found.re.groups and 1 or 0] if found else ""
