"""Events, whatever way they came: pushed to an address, by stream, or fetched because they failed.

An event says *which object to pull again*, never what it looks like now: events repeat, overtake
each other, and get lost.

The spelling of keys differs between documentation, old and new applications; all keys are read in
lower case. A person is one text or a list of them.
"""

import hashlib
import json
from typing import NamedTuple

from . import times
from .contacts import as_list

#: Kinds of objects that an event makes us pull.
USER, LEAVER, DEPARTMENT, INSTANCE, DAY, COLUMNS = (
    "user",
    "leaver",
    "department",
    "instance",
    "day",
    "columns",
)

_KINDS = {
    "user_add_org": USER,
    "user_active_org": USER,
    "user_modify_org": USER,
    "user_leave_org": LEAVER,
    "org_dept_create": DEPARTMENT,
    "org_dept_modify": DEPARTMENT,
    "org_dept_remove": DEPARTMENT,
    "bpms_instance_change": INSTANCE,
    "attend_user_daily_summary_refresh": DAY,
    "attend_bosscheck_change": DAY,
    "attendance_approve_status_change": DAY,
    "attendance_report_column_change": COLUMNS,
}

#: What DingTalk sends when the address is registered; only answered, never stored.
CHECK_URL = "check_url"

_HEAD = {"eventtype", "eventtime", "corpid", "bizid", "eventid", "eventcorpid", "eventborntime"}


class EventError(ValueError):
    """A body that is no event."""


class Pull(NamedTuple):
    """An object to pull again: its kind, its id, and for ``day`` the day."""

    kind: str
    id: str
    day: object = None


class Event(NamedTuple):
    """An event as it is stored: one row per ``id``."""

    id: str
    type: str
    corp_id: str
    born_at: object
    payload: dict

    @property
    def pulls(self):
        """Tuple of :class:`Pull`; empty for events that are of no use to us."""
        kind = _KINDS.get(self.type.lower())
        if kind is None:
            return ()
        return tuple(dict.fromkeys(_PULLS[kind](kind, self.payload)))


def parse_body(text):
    """:class:`Event` of the flat JSON of a push, after it was deciphered.

    :raises EventError: it is none
    """
    data = _object(text)
    low = _lower(data)
    payload = {key: value for key, value in low.items() if key not in _HEAD}
    return _event(low, payload, low.get("eventtype"), low.get("corpid"), low.get("eventtime"))


def parse_stream(headers, text):
    """:class:`Event` of a frame of the stream: its headers and the JSON of its data."""
    low = {**_lower(_object(text or "{}")), **_lower(headers)}
    inner = low.get("data")
    payload = _lower(inner) if isinstance(inner, dict) else None
    if payload is None:
        known = _HEAD | {"messageid", "topic", "contenttype", "time", "eventunifiedappid"}
        payload = {key: value for key, value in low.items() if key not in known}
    return _event(
        low, payload, low.get("eventtype"), low.get("eventcorpid"), low.get("eventborntime")
    )


def parse_failed(row):
    """:class:`Event` of a row of the list of failed pushes, which has no event id."""
    kind = row.get("call_back_tag")
    content = row.get(kind)
    low = _lower(content if isinstance(content, dict) else {})
    for name in ("callbackdata", "bpmscallbackdata"):
        inner = low.pop(name, None)
        low.update(_lower(_loads(inner) if isinstance(inner, str) else inner or {}))
    return _event(low, low, kind, low.get("corpid"), row.get("event_time"))


def _event(low, payload, kind, corp_id, born_at):
    if not isinstance(kind, str) or not kind:
        raise EventError("no type")
    identifier = low.get("eventid")
    if not identifier:
        # the same event again gets the same id, so that it is stored once
        text = json.dumps([kind, corp_id, str(born_at), payload], sort_keys=True, default=str)
        identifier = "h" + hashlib.sha256(text.encode()).hexdigest()[:40]
    try:
        born_at = times.utc_from_ms(born_at)
    except (ValueError, OverflowError):
        born_at = None
    return Event(str(identifier), kind, str(corp_id or ""), born_at, payload)


# -- what to pull ----------------------------------------------------------------------------------


def _people(kind, payload):
    return [Pull(kind, str(user)) for user in _ids(payload, "userid")]


def _departments(kind, payload):
    return [Pull(kind, str(department)) for department in _ids(payload, "deptid")]


def _instance(kind, payload):
    return [Pull(kind, str(item)) for item in _ids(payload, "processinstanceid")]


def _columns(kind, _payload):
    return [Pull(kind, "")]


def _days(kind, payload):
    rows = [row for row in as_list(payload.get("datalist")) if isinstance(row, dict)] or [payload]
    pulls = []
    for row in map(_lower, rows):
        day = _day(row.get("workdate"))
        pulls += [Pull(kind, str(user), day) for user in _ids(row, "userid")]
    return pulls


_PULLS = {
    USER: _people,
    LEAVER: _people,
    DEPARTMENT: _departments,
    INSTANCE: _instance,
    DAY: _days,
    COLUMNS: _columns,
}


def _ids(payload, key):
    return [value for value in as_list(payload.get(key)) if isinstance(value, str | int)]


def _day(value):
    """The day of a text or of milliseconds, None where it cannot be told."""
    try:
        if isinstance(value, str) and "-" in value:
            return times.day_of_text(value)
        return times.day_from_ms(int(value)) if value else None
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _lower(data):
    return {str(key).lower(): value for key, value in data.items()}


def _object(text):
    data = _loads(text)
    if not isinstance(data, dict):
        raise EventError("not an object")
    return data


def _loads(text):
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise EventError("not JSON") from None
