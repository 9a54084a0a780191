"""Departments and people, as the application may see them.

That somebody is missing from a listing says nothing: he may be out of scope, or the listing broke
off. Only :meth:`Contacts.leave_records`, an event, or :class:`UserUnknown` for his id tells that he
left.
"""

from collections import deque
from typing import NamedTuple

from odoo.addons.hr_performance_im.tools import errors, paging

from . import endpoints, times

ROOT = 1
_MAX_DEPARTMENTS = 20000
_MAX_PAGES = 1000


class Scope(NamedTuple):
    """What the application may see of the company."""

    department_ids: tuple
    user_ids: tuple
    fields: tuple


class Department(NamedTuple):
    id: int
    name: str
    parent_id: int


class User(NamedTuple):
    """A person. None stands for what DingTalk did not tell, which depends on permissions.

    ``manager_id`` and ``leads`` come with the detail of one person only. ``data`` is the answer
    as it came.
    """

    id: str
    union_id: str
    name: str
    department_ids: tuple
    job_number: str | None = None
    mobile: str | None = None
    email: str | None = None
    work_email: str | None = None
    title: str | None = None
    hired_on: object = None
    active: bool | None = None
    manager_id: str | None = None
    leads: tuple = ()
    data: dict = {}


class LeaveRecord(NamedTuple):
    """Somebody left. ``reason``: ``leave``, ``delete``, ``oapi``, ``cancel``, ``unknown``."""

    user_id: str
    name: str
    left_at: object
    reason: str


class Contacts:
    """The contact interfaces of a client."""

    def __init__(self, client):
        self._client = client

    def scope(self):
        """The :class:`Scope` that the administrator gave to the application."""
        answer = self._client.call(endpoints.SCOPES)
        granted = answer.get("auth_org_scopes") or {}
        return Scope(
            tuple(int(number) for number in as_list(granted.get("authed_dept"))),
            tuple(str(user) for user in as_list(granted.get("authed_user"))),
            tuple(as_list(answer.get("auth_user_field"))),
        )

    def departments(self, roots=(ROOT,), gone=None):
        """All :class:`Department` below the roots, parents before children.

        The roots themselves are not listed by DingTalk and hence not here. Departments without a
        positive id are schools and the like, which cannot be walked.

        :param gone: list that receives the ids of departments removed during the walk
        """
        waiting, seen = deque(roots), set(roots)
        while waiting:
            parent = waiting.popleft()
            try:
                children = self._sub_departments(parent)
            except errors.DepartmentUnknown:
                if gone is not None:
                    gone.append(parent)
                continue
            for department in children:
                if department.id in seen or department.id <= 0:
                    continue
                if len(seen) > _MAX_DEPARTMENTS:
                    raise errors.PagingBroken("too_many_departments")
                seen.add(department.id)
                waiting.append(department.id)
                yield department

    def _sub_departments(self, parent):
        answer = self._client.call(endpoints.DEPARTMENTS, body={"dept_id": parent})
        return [
            Department(int(row["dept_id"]), row.get("name") or "", int(row.get("parent_id") or 0))
            for row in as_list(answer.get("result"))
        ]

    def department_users(self, department_id):
        """Pages, lists of :class:`User`, of a department's direct members."""

        def fetch(cursor):
            body = {"dept_id": department_id, "cursor": cursor, "size": 100}
            answer = self._client.call(endpoints.DEPARTMENT_USERS, body=body)
            result = answer.get("result") or {}
            rows = [user_from(row) for row in as_list(result.get("list"))]
            return rows, _next_cursor(result, "has_more", "next_cursor", endpoints.DEPARTMENT_USERS)

        return paging.pages(fetch, 0, _MAX_PAGES, endpoints.DEPARTMENT_USERS.name)

    def users(self, department_ids, gone=None):
        """Pages of the :class:`User` of many departments, each person once.

        :param gone: list that receives the ids of departments removed meanwhile
        """
        seen = set()
        for department_id in department_ids:
            try:
                for page in self.department_users(department_id):
                    fresh = {user.id: user for user in page if user.id not in seen}
                    seen.update(fresh)
                    if fresh:
                        yield list(fresh.values())
            except errors.DepartmentUnknown:
                if gone is not None:
                    gone.append(department_id)

    def user_ids(self, department_id):
        """Ids of all direct members of a department, whatever the scope."""
        answer = self._client.call(endpoints.DEPARTMENT_USER_IDS, body={"dept_id": department_id})
        return as_list((answer.get("result") or {}).get("userid_list"))

    def user(self, user_id):
        """One :class:`User` with manager and led departments.

        :raises errors.UserUnknown: nobody (any more) has this id
        """
        answer = self._client.call(endpoints.USER_DETAIL, body={"userid": user_id})
        return user_from(self._client.need(endpoints.USER_DETAIL, answer, "result"))

    def user_id_by_mobile(self, mobile):
        """Id of the active person with this number.

        :raises errors.UserUnknown: there is none
        """
        mobile = self._client.hide(mobile)
        answer = self._client.call(endpoints.USER_BY_MOBILE, body={"mobile": mobile})
        result = answer.get("result") or {}
        return str(self._client.need(endpoints.USER_BY_MOBILE, result, "userid"))

    def user_id_by_union_id(self, union_id):
        """Id of the person in this company.

        :raises errors.UserUnknown: he is none of its people, or an external contact
        """
        answer = self._client.call(endpoints.USER_BY_UNION_ID, body={"unionid": union_id})
        result = answer.get("result") or {}
        if str(result.get("contact_type", 0)) != "0":
            raise errors.UserUnknown("external", endpoint=endpoints.USER_BY_UNION_ID.name)
        return str(self._client.need(endpoints.USER_BY_UNION_ID, result, "userid"))

    def leave_records(self, since, until=None):
        """Pages of :class:`LeaveRecord` of the last year at most.

        :param since: naive UTC datetime
        """
        query = {"startTime": _iso(since), "maxResults": 50}
        if until is not None:
            query["endTime"] = _iso(until)

        def fetch(cursor):
            answer = self._client.call(
                endpoints.LEAVE_RECORDS, query={**query, "nextToken": cursor}
            )
            rows = [_leave_record(row) for row in as_list(answer.get("records"))]
            return rows, answer.get("nextToken") or None

        return paging.pages(fetch, "0", _MAX_PAGES, endpoints.LEAVE_RECORDS.name)

    def on_job_ids(self, statuses=("2", "3", "5", "-1")):
        """Pages of the ids of the people in service, from the personnel application."""

        def fetch(offset):
            body = {"status_list": ",".join(statuses), "offset": offset, "size": 50}
            result = self._client.call(endpoints.ON_JOB, body=body).get("result") or {}
            cursor = result.get("next_cursor")
            return as_list(result.get("data_list")), None if cursor is None else int(cursor)

        return paging.pages(fetch, 0, _MAX_PAGES, endpoints.ON_JOB.name)

    def dismissed_ids(self):
        """Pages of the ids of the people who left, from the personnel application."""

        def fetch(cursor):
            query = {"nextToken": cursor, "maxResults": 50}
            answer = self._client.call(endpoints.DISMISSIONS, query=query)
            return as_list(answer.get("userIdList")), _next_cursor(
                answer, "hasMore", "nextToken", endpoints.DISMISSIONS
            )

        return paging.pages(fetch, 0, _MAX_PAGES, endpoints.DISMISSIONS.name)


def user_from(row):
    """:class:`User` of one row of ``user/list`` or ``user/get``."""
    hired = row.get("hired_date")
    return User(
        id=str(row["userid"]),
        union_id=row.get("unionid") or "",
        name=row.get("name") or "",
        department_ids=tuple(int(number) for number in as_list(row.get("dept_id_list"))),
        job_number=_told(row, "job_number"),
        mobile=_told(row, "mobile"),
        email=_told(row, "email"),
        work_email=_told(row, "org_email"),
        title=_told(row, "title"),
        hired_on=times.day_from_ms(int(hired)) if hired else None,
        active=as_bool(row["active"]) if "active" in row else None,
        manager_id=_told(row, "manager_userid"),
        leads=tuple(
            int(entry["dept_id"])
            for entry in as_list(row.get("leader_in_dept"))
            if as_bool(entry.get("leader"))
        ),
        data=row,
    )


def as_list(value):
    """A list of what may be a list, a single value, a text with commas, or nothing.

    The documentation shows some lists as objects and some as texts; the service sends lists.
    """
    if value in (None, ""):
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return [part.strip() for part in value.strip("[]").split(",") if part.strip()]
    return [value]


def as_bool(value):
    """A truth value that may come as text."""
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def _told(row, key):
    """What is said under a key: None when nothing is, also for an empty text."""
    value = row.get(key)
    return str(value).strip() or None if value is not None else None


def _next_cursor(answer, more, cursor, endpoint):
    """The cursor of the next page, None at the end."""
    if not as_bool(answer.get(more)):
        return None
    following = answer.get(cursor)
    if following in (None, ""):
        raise errors.PagingBroken("cursor_missing", endpoint=endpoint.name)
    # opaque: not a page's number, and beyond what a float holds
    return int(following)


def _leave_record(row):
    return LeaveRecord(
        str(row["userId"]),
        row.get("name") or "",
        times.utc_from_iso(row.get("leaveTime")),
        row.get("leaveReason") or "unknown",
    )


def _iso(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
