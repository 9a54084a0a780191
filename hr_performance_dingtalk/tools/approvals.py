"""Approvals of the company's own processes, and reading their forms.

All values of a form are texts. Fields are addressed by the alias that the administrator gave them,
or by their id; labels get edited and occur twice.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from odoo.addons.hr_performance_im.tools import paging

from . import endpoints, times
from .contacts import as_list

PAGE = 20
USERS = 10
DAYS = 120
_DAY_MS = 86_400_000
#: DingTalk lists at most this many of one query.
_MAX_IDS = 10000

#: What became of an approval.
RUNNING, PASSED, REFUSED, WITHDRAWN = "running", "passed", "refused", "withdrawn"

_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)


class FormError(ValueError):
    """A form's field does not hold what is expected there.

    Codes: ``missing`` (no such field), ``empty``, ``not_a_number``, ``not_a_table``,
    ``ambiguous`` (two fields have this alias).
    """

    def __init__(self, code, address):
        super().__init__(f"{code}: {address}")
        self.code = code
        self.address = address


class Template(NamedTuple):
    code: str
    name: str


class Field(NamedTuple):
    """A field of a form, or a cell of one of its tables."""

    id: str
    alias: str
    label: str
    kind: str
    value: str
    extra: object = None


class Instance(NamedTuple):
    """One approval. Times are naive UTC.

    ``clock`` says how its times were understood, see :func:`~.times.approval_clock`; with
    ``unproven`` a period's border is to be taken with care. ``revokes`` is the id of the passed
    approval which this one takes back, if it is such a one.
    """

    id: str
    business_id: str
    title: str
    status: str
    result: str
    action: str
    create_time: object
    finish_time: object
    clock: str
    originator_id: str
    originator_department: str
    revokes: str | None
    fields: tuple
    data: dict

    @property
    def outcome(self):
        """:data:`RUNNING`, :data:`PASSED`, :data:`REFUSED` or :data:`WITHDRAWN`."""
        if self.status == "COMPLETED":
            return PASSED if self.result == "agree" else REFUSED
        return WITHDRAWN if self.status in ("TERMINATED", "CANCELED") else RUNNING

    def field(self, address):
        """The :class:`Field` with this alias, or else with this id.

        :raises FormError: ``missing``, ``ambiguous``
        """
        for attribute in ("alias", "id"):
            found = [field for field in self.fields if getattr(field, attribute) == address]
            if len(found) > 1:
                raise FormError("ambiguous", address)
            if found:
                return found[0]
        raise FormError("missing", address)


class Approvals:
    """The approval interfaces of a client."""

    def __init__(self, client):
        self._client = client

    def templates(self, user_id):
        """The :class:`Template` of processes that this person manages."""
        answer = self._client.call(endpoints.TEMPLATES, query={"userId": user_id})
        return [
            Template(row["processCode"], row.get("flowTitle") or row.get("name") or "")
            for row in as_list(answer.get("result"))
        ]

    def instance_ids(self, process_code, start, end, *, user_ids=(), statuses=()):
        """Pages of the ids of approvals **created** between two naive UTC datetimes.

        An approval that passed in March may have been created in February: the window has to begin
        as long before the period as an approval may take.
        """
        batches = list(paging.chunked(user_ids, USERS)) or [[]]
        bounds = times.ms_from_utc(start), times.ms_from_utc(end)
        for first, last in paging.spans(*bounds, DAYS * _DAY_MS):
            for people in batches:
                yield from self._ids(process_code, first, last, people, statuses)

    def _ids(self, process_code, start, end, user_ids, statuses):
        body = {
            "processCode": process_code,
            "startTime": start,
            "endTime": end,
            "maxResults": PAGE,
        }
        if user_ids:
            body["userIds"] = list(user_ids)
        if statuses:
            body["statuses"] = list(statuses)

        def fetch(cursor):
            answer = self._client.call(endpoints.INSTANCE_IDS, body={**body, "nextToken": cursor})
            result = answer.get("result") or {}
            following = result.get("nextToken")
            # asked for as a number, answered as a text, absent at the end
            cursor = int(following) if following not in (None, "") else None
            return as_list(result.get("list")), cursor

        return paging.pages(fetch, 0, _MAX_IDS // PAGE + 1, endpoints.INSTANCE_IDS.name)

    def instance(self, instance_id):
        """The :class:`Instance` with this id.

        :raises errors.NotFound: there is none (any more)
        """
        query = {"processInstanceId": instance_id}
        answer = self._client.call(endpoints.INSTANCE, query=query)
        return instance_from(instance_id, self._client.need(endpoints.INSTANCE, answer, "result"))


def instance_from(instance_id, row):
    """:class:`Instance` of what ``processInstances`` answers under ``result``."""
    business_id = str(row.get("businessId") or "")
    clock = times.approval_clock(row.get("createTime"), business_id)
    action = row.get("bizAction") or "NONE"
    return Instance(
        id=instance_id,
        business_id=business_id,
        title=row.get("title") or "",
        status=row.get("status") or "",
        result=row.get("result") or "",
        action=action,
        create_time=times.approval_time(row.get("createTime"), clock),
        finish_time=times.approval_time(row.get("finishTime"), clock),
        clock=clock,
        originator_id=str(row.get("originatorUserId") or ""),
        originator_department=row.get("originatorDeptName") or "",
        revokes=(row.get("mainProcessInstanceId") or None) if action == "REVOKE" else None,
        fields=tuple(_field(value) for value in as_list(row.get("formComponentValues"))),
        data=row,
    )


def number(field):
    """The Decimal in a field; thousands may be separated, but units are refused.

    :raises FormError: ``empty``, ``not_a_number``
    """
    text = (field.value or "").strip()
    if text in ("", "null"):
        raise FormError("empty", field.id)
    if not _NUMBER.fullmatch(text):
        raise FormError("not_a_number", field.id)
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise FormError("not_a_number", field.id) from None


def contacts(field):
    """Ids of the people chosen in a contact field, whose value itself shows names only."""
    chosen = field.extra if isinstance(field.extra, list) else []
    entries = [entry for entry in chosen if isinstance(entry, dict)]
    return [str(entry["emplId"]) for entry in entries if entry.get("emplId")]


def choice(field):
    """The key of the chosen option, which stays when its label is edited; else the label."""
    if isinstance(field.extra, dict) and field.extra.get("key"):
        return str(field.extra["key"])
    return field.value


def rows(field):
    """Rows of a table: for each a list of :class:`Field`.

    :raises FormError: ``not_a_table``
    """
    table = _json(field.value)
    if not isinstance(table, list) or not all(isinstance(row, dict) for row in table):
        raise FormError("not_a_table", field.id)
    return [[_cell(cell) for cell in as_list(row.get("rowValue"))] for row in table]


def _field(value):
    return Field(
        str(value.get("id") or ""),
        value.get("bizAlias") or "",
        value.get("name") or "",
        value.get("componentType") or "",
        _text(value.get("value")),
        _json(value.get("extValue")),
    )


def _cell(cell):
    return Field(
        str(cell.get("key") or ""),
        cell.get("bizAlias") or "",
        cell.get("label") or "",
        str(cell.get("key") or "").partition("-")[0],
        _text(cell.get("value")),
        _json(cell.get("extendValue")),
    )


def _text(value):
    return "" if value is None else str(value)


def _json(text):
    """What a text holds as JSON, None if it is none; what is not a text stays as it is."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return None
