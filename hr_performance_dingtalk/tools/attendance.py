"""Attendance: results of single punches, and the columns of the company's own report.

Both change afterwards: an administrator corrects them, a leave is approved. They are pulled again
and replaced by their key, never added up. That there is no row for a person and a day means that
nothing is known, not that all went well.
"""

from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from odoo.addons.hr_performance_im.tools import paging

from . import endpoints, times
from .contacts import as_bool, as_list

PEOPLE = 50
DAYS = 7
PAGE = 50
COLUMNS = 20
COLUMN_DAYS = 31
_MAX_PAGES = 500


class Result(NamedTuple):
    """The result of one planned punch.

    ``key`` is stable and unique in the company. ``excused`` rows are linked to a leave, a trip or
    overtime and do not count against anybody. Times are naive UTC, ``work_date`` is the shift's
    day. ``NotSigned`` rows repeat the planned time as ``user_check_time``.
    """

    key: str
    user_id: str
    work_date: object
    check_type: str
    time_result: str
    location_result: str
    source_type: str
    base_check_time: object
    user_check_time: object
    plan_id: int | None
    group_id: int | None
    record_id: int | None
    approve_id: str | None
    process_instance_id: str | None

    @property
    def excused(self):
        """Whether an approval stands behind the row."""
        return self.approve_id is not None or self.process_instance_id is not None


class Column(NamedTuple):
    """A column of the attendance report. ``alias`` is the same in every company, ``id`` is not."""

    id: str
    alias: str
    name: str


class ColumnValue(NamedTuple):
    """What the report says for one person and day; ``text`` is None where the cell is empty."""

    user_id: str
    alias: str
    day: object
    text: str | None

    @property
    def number(self):
        """The value as Decimal, None for an empty or a worded cell."""
        try:
            number = Decimal(self.text) if self.text else None
        except InvalidOperation:
            return None
        return number if number is not None and number.is_finite() else None


class LeaveStatus(NamedTuple):
    """A leave. The duration is that of the whole leave, in ``percent_day`` or ``percent_hour``."""

    user_id: str
    leave_code: str
    start: object
    end: object
    duration_percent: int
    unit: str


class Attendance:
    """The attendance interfaces of a client."""

    def __init__(self, client):
        self._client = client

    def results(self, user_ids, date_from, date_to):
        """Pages, lists of :class:`Result`, of people and days, both ends included.

        The pages of one batch of people follow each other; a row can come twice when something
        changes meanwhile.
        """
        batches = list(paging.chunked(user_ids, PEOPLE))
        for first, last in paging.windows(date_from, date_to, DAYS):
            for people in batches:
                for rows in self.raw_results(people, first, last):
                    yield decode_results(rows)

    def raw_results(self, user_ids, date_from, date_to):
        """Pages of rows as they come, for at most 50 people and 7 days."""
        body = {
            "workDateFrom": times.day_text(date_from),
            "workDateTo": times.day_text(date_to),
            "userIdList": list(user_ids),
            "limit": PAGE,
            "isI18n": False,
        }

        def fetch(offset):
            answer = self._client.call(
                endpoints.ATTENDANCE_RESULTS, body={**body, "offset": offset}
            )
            more = as_bool(answer.get("hasMore"))
            return as_list(answer.get("recordresult")), offset + PAGE if more else None

        return paging.pages(fetch, 0, _MAX_PAGES, endpoints.ATTENDANCE_RESULTS.name)

    def punches(self, user_ids, date_from, date_to):
        """Lists of the raw punches as they come, one list per batch of people and days."""
        batches = list(paging.chunked(user_ids, PEOPLE))
        for first, last in paging.windows(date_from, date_to, DAYS):
            for people in batches:
                body = {
                    "userIds": people,
                    "checkDateFrom": times.day_text(first),
                    "checkDateTo": times.day_text(last, time(23, 59, 59)),
                    "isI18n": False,
                }
                answer = self._client.call(endpoints.ATTENDANCE_PUNCHES, body=body)
                yield as_list(answer.get("recordresult"))

    def day(self, user_id, day):
        """One person's day with its approvals and shift, as it comes.

        Names are with underscores here and times are texts; :func:`~.times.utc_from_text` reads
        them.
        """
        body = {"userid": user_id, "work_date": times.day_text(day)}
        return self._client.call(endpoints.ATTENDANCE_DAY, body=body).get("result") or {}

    # -- the report --------------------------------------------------------------------------------

    def has_report(self):
        """Whether the company uses the smart report, without which there are no columns."""
        answer = self._client.call(endpoints.SMART_REPORT, body={})
        result = answer.get("result")
        if isinstance(result, dict):
            result = result.get("smart_report")
        return as_bool(result)

    def columns(self):
        """The :class:`Column` that can be asked for by id. Leave columns have none."""
        answer = self._client.call(endpoints.COLUMNS, body={})
        rows = as_list((answer.get("result") or {}).get("columns"))
        return [
            Column(str(row["id"]), row.get("alias") or "", row.get("name") or "")
            for row in rows
            if row.get("id") not in (None, "")
        ]

    def column_values(self, user_id, columns, date_from, date_to):
        """Lists of :class:`ColumnValue` of one person, one list per call.

        A fixed value of a column stands for every day without one of its own. People who left have
        no values at all: nothing is yielded for them.

        :param columns: the :class:`Column` to ask for
        """
        parts = list(paging.chunked(columns, COLUMNS))
        for first, last in paging.windows(date_from, date_to, COLUMN_DAYS):
            for part in parts:
                body = {
                    "userid": user_id,
                    "column_id_list": ",".join(column.id for column in part),
                    "from_date": times.day_text(first),
                    "to_date": times.day_text(last, time(23, 59, 59)),
                }
                answer = self._client.call(endpoints.COLUMN_VALUES, body=body)
                values = decode_column_values(user_id, part, answer)
                if values:
                    yield values

    # -- leave -------------------------------------------------------------------------------------

    def leaves(self, user_ids, start, end):
        """Pages of :class:`LeaveStatus` that touch the span of naive UTC datetimes."""
        for people in paging.chunked(user_ids, 20):
            yield from self._leaves(people, times.ms_from_utc(start), times.ms_from_utc(end))

    def _leaves(self, people, start, end):
        body = {"userid_list": ",".join(people), "start_time": start, "end_time": end, "size": 20}

        def fetch(offset):
            answer = self._client.call(endpoints.LEAVE_STATUS, body={**body, "offset": offset})
            result = answer.get("result") or {}
            rows = [_leave(row) for row in as_list(result.get("leave_status"))]
            return rows, offset + 20 if as_bool(result.get("has_more")) else None

        return paging.pages(fetch, 0, _MAX_PAGES, endpoints.LEAVE_STATUS.name)


_EPOCH = datetime(1970, 1, 1)


def decode_results(rows):
    """:class:`Result` of the rows of one page, in their order.

    Made for millions of rows: a page shares its days and planned times, so each is converted once.
    """
    days, instants = {}, {}

    def day(value):
        if value not in days:
            days[value] = times.day_from_ms(int(value))
        return days[value]

    def instant(value):
        if value is None:
            return None
        found = instants.get(value)
        if found is None:
            found = instants[value] = _EPOCH + timedelta(milliseconds=int(value))
        return found

    make = Result._make
    return [
        make(
            (
                # rows of missed punches have no record id, but they have this one
                str(row["id"]) if row.get("id") else f"{row['userId']}:{row.get('planId')}",
                row["userId"],
                day(row["workDate"]),
                row["checkType"],
                row["timeResult"],
                row.get("locationResult") or "",
                row.get("sourceType") or "",
                instant(row.get("baseCheckTime")),
                instant(row.get("userCheckTime")),
                row.get("planId"),
                row.get("groupId"),
                row.get("recordId"),
                _identifier(row.get("approveId")),
                _identifier(row.get("procInstId")),
            )
        )
        for row in rows
    ]


def decode_column_values(user_id, columns, answer):
    """:class:`ColumnValue` of one answer of ``getcolumnval``."""
    aliases = {column.id: column.alias for column in columns}
    values = []
    for entry in as_list((answer.get("result") or {}).get("column_vals")):
        alias = aliases.get(str((entry.get("column_vo") or {}).get("id")))
        if alias is None:
            continue
        fixed = _cell(entry.get("fixed_value"))
        for cell in as_list(entry.get("column_vals")):
            text = _cell(cell.get("value"))
            day = times.day_of_text(cell["date"])
            values.append(ColumnValue(user_id, alias, day, fixed if text is None else text))
    return values


def _cell(value):
    text = "" if value is None else str(value).strip()
    return text or None


def _identifier(value):
    # zero and an empty text stand for "none"
    return str(value) if value not in (None, "", 0, "0") else None


def _leave(row):
    return LeaveStatus(
        str(row["userid"]),
        row.get("leave_code") or "",
        times.utc_from_ms(row.get("start_time")),
        times.utc_from_ms(row.get("end_time")),
        int(row.get("duration_percent") or 0),
        row.get("duration_unit") or "",
    )
