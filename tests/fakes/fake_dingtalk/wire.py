"""Requests, refusals, and the table of addresses."""

from dataclasses import dataclass, field
from typing import NamedTuple

#: Routes by host, method and path pattern; filled by the decorator below.
ROUTES = []


class Route(NamedTuple):
    host: str
    method: str
    parts: tuple
    handler: object
    metered: bool
    token: str

    @property
    def name(self):
        return "/" + "/".join(self.parts)


def route(host, method, path, *, metered=True, token="app"):
    """Register a function of state and request as an interface.

    :param token: ``app``, ``user`` or ``""`` for none
    """

    def register(handler):
        parts = tuple(path.strip("/").split("/"))
        ROUTES.append(Route(host, method, parts, handler, metered, token))
        return handler

    return register


@dataclass
class Request:
    """One request as it arrived; all of them are kept in ``state.requests``."""

    host: str
    method: str
    path: str
    query: dict
    headers: dict
    body: object
    at: float
    route: str = ""
    args: dict = field(default_factory=dict)
    user: str = ""
    executed: bool = False


class OldError(Exception):
    """A refusal of the old host. With ``wrapped`` it comes as 88 with a sub code."""

    def __init__(self, code, message, wrapped=False):
        super().__init__(code, message)
        self.code, self.message, self.wrapped = code, message, wrapped

    def body(self, request_id):
        if not self.wrapped:
            return {"errcode": self.code, "errmsg": self.message}
        return {
            "errcode": 88,
            "sub_code": str(self.code),
            "sub_msg": self.message,
            "errmsg": f"ding talk error[subcode={self.code},submsg={self.message}]",
            "request_id": request_id,
        }


class NewError(Exception):
    """A refusal of the new host."""

    def __init__(self, status, code, message, **extra):
        super().__init__(code, message)
        self.status, self.code, self.message, self.extra = status, code, message, extra

    def body(self, request_id):
        return {
            "requestid": request_id,
            "code": self.code,
            "message": self.message,
            **self.extra,
        }


def find(host, method, path):
    """The route of a request and the variables in its path; None for an unknown one."""
    parts = path.strip("/").split("/")
    for entry in ROUTES:
        if entry.host != host or len(entry.parts) != len(parts):
            continue
        args = {}
        for pattern, part in zip(entry.parts, parts, strict=True):
            if pattern.startswith("{"):
                args[pattern[1:-1]] = part
            elif pattern != part:
                break
        else:
            if entry.method == method:
                return entry, args
    return None, {}


_KINDS = {int: "Number", str: "String", bool: "Boolean", list: "Array", dict: "Object"}


def _fits(value, kind):
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


class Reader:
    """Reads the fields of a body and refuses what the real service refuses."""

    def __init__(self, data, missing, invalid):
        self._missing, self._invalid = missing, invalid
        if not isinstance(data, dict):
            raise invalid("body")
        self._data = data

    def need(self, name, kind):
        """A field that has to be there, of its type and not empty."""
        value = self._data.get(name)
        if value is None or value == "":
            raise self._missing(name)
        return self._typed(name, value, kind)

    def get(self, name, kind, default=None):
        """A field that may be left out."""
        value = self._data.get(name)
        return default if value is None else self._typed(name, value, kind)

    def _typed(self, name, value, kind):
        if not _fits(value, kind):
            raise self._invalid(name)
        return value

    def refuse(self, name):
        """The error for a value that is out of its bounds."""
        return self._invalid(name)


def topapi(data):
    """Reader of a body of the ``topapi`` interfaces."""
    return Reader(
        data,
        lambda name: OldError(40, f"Missing required arguments:{name}"),
        lambda name: OldError(41, f"Invalid arguments:{name}"),
    )


def plain(data):
    """Reader of a body of the older interfaces without ``topapi``."""
    refuse = lambda name: OldError(40035, f"不合法的参数:{name}")  # noqa: E731
    return Reader(data, refuse, refuse)


def modern(data, prefix="invalidParameter"):
    """Reader of a body or query of the new host."""
    return Reader(
        data,
        lambda name: NewError(400, f"Missing{name[0].upper()}{name[1:]}", f"{name} is mandatory"),
        lambda name: NewError(400, prefix, f"参数错误:{name}"),
    )
