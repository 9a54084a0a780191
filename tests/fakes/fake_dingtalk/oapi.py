"""The old host: always HTTP 200, the token in the address, errors by ``errcode``."""

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta

from .state import Notice, day_of, midnight, ms, true_iso, wall
from .wire import OldError, plain, route, topapi

TOP = "/topapi"
_DAY = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def _moment(reader, name):
    text = reader.need(name, str)
    if not _DAY.fullmatch(text):
        raise reader.refuse(name)
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


# -- tokens and sign-in ----------------------------------------------------------------------------


@route("oapi", "GET", "/gettoken", metered=False, token="")
def gettoken(state, request):
    key, secret = request.query.get("appkey"), request.query.get("appsecret")
    if (key, secret) != (state.app.client_id, state.app.client_secret):
        raise OldError(40096, "不合法的appKey或appSecret")
    return {"access_token": state.issue_token(), "expires_in": state.token_lifetime}


@route("oapi", "POST", f"{TOP}/v2/user/getuserinfo", metered=False)
def getuserinfo(state, request):
    code = topapi(request.body).need("code", str)
    entry = state.codes.pop(code, None)
    if entry is None or entry["web"] or entry["until"] < state.clock():
        raise OldError(40078, "不存在的临时授权码", wrapped=True)
    person = state.users.get(entry["user"])
    if person is None:
        raise OldError(33012, "无效的USERID", wrapped=True)
    return {
        "result": {
            "userid": person["userid"],
            "unionid": person["unionid"],
            "associated_unionid": "assoc-" + person["unionid"],
            "name": person["name"],
            "device_id": "fake-device",
            "sys": False,
            "sys_level": 0,
        }
    }


# -- contacts --------------------------------------------------------------------------------------


@route("oapi", "GET", "/auth/scopes", metered=False)
def scopes(state, request):
    return {
        "condition_field": [],
        "auth_user_field": ["name", "userid", "department", "jobnumber"],
        "auth_org_scopes": {
            "authed_user": [],
            "authed_dept": list(state.app.scope_departments),
        },
    }


@route("oapi", "POST", f"{TOP}/v2/department/listsub", metered=False)
def listsub(state, request):
    parent = topapi(request.body or {}).get("dept_id", int, 1)
    state.check_scope(parent)
    return {
        "result": [
            {
                "dept_id": identifier,
                "name": values["name"],
                "parent_id": parent,
                "auto_add_user": True,
                "create_dept_group": True,
            }
            for identifier, values in state.departments.items()
            if values["parent_id"] == parent and identifier != parent
        ]
    }


def _person(state, person, department=None):
    row = {key: value for key, value in person.items() if key not in ("hired", "manager", "leads")}
    if person.get("hired"):
        row["hired_date"] = ms(midnight(person["hired"]))
    row.setdefault("dept_order", 176318669012199520)
    row.update(boss=False, admin=False, hide_mobile=False, exclusive_account=False)
    if department is not None:
        row["leader"] = department in person.get("leads", ())
        return row
    if person.get("manager"):
        row["manager_userid"] = person["manager"]
    row["leader_in_dept"] = [
        {"dept_id": number, "leader": number in person.get("leads", ())}
        for number in person["dept_id_list"]
    ]
    row["create_time"] = true_iso(
        midnight(person.get("hired") or day_of(0)), "%Y-%m-%dT%H:%M:%S.000Z"
    )
    return row


@route("oapi", "POST", f"{TOP}/v2/user/list", metered=False)
def user_list(state, request):
    reader = topapi(request.body)
    department = reader.need("dept_id", int)
    cursor, size = reader.get("cursor", int), reader.get("size", int)
    if cursor is None or size is None:
        raise OldError(40, "Missing required arguments:cursor,size")
    if not 1 <= size <= 100:
        raise reader.refuse("size")
    state.check_scope(department)
    members = [person for person in state.users.values() if department in person["dept_id_list"]]
    # the cursor is a number that means nothing to anybody else
    start = (cursor - 7_000_000_000) // 13 if cursor else 0
    if not 0 <= start <= max(len(members), 1) or (cursor and (cursor - 7_000_000_000) % 13):
        raise reader.refuse("cursor")
    page = members[start : start + size]
    result = {
        "has_more": start + size < len(members),
        "list": [_person(state, p, department) for p in page],
    }
    if result["has_more"]:
        result["next_cursor"] = 7_000_000_000 + 13 * (start + size)
    return {"result": result}


@route("oapi", "POST", f"{TOP}/user/listid", metered=False)
def user_listid(state, request):
    department = topapi(request.body).need("dept_id", int)
    if department not in state.departments:
        raise OldError(60003, "部门不存在", wrapped=True)
    ids = [key for key, person in state.users.items() if department in person["dept_id_list"]]
    return {"result": {"userid_list": ids}}


@route("oapi", "POST", f"{TOP}/v2/user/get", metered=False)
def user_get(state, request):
    userid = topapi(request.body).need("userid", str)
    if userid not in state.users:
        raise OldError(33012, "无效的USERID", wrapped=True)
    return {"result": _person(state, state.users[userid])}


@route("oapi", "POST", f"{TOP}/v2/user/getbymobile", metered=False)
def user_getbymobile(state, request):
    mobile = topapi(request.body).need("mobile", str)
    for person in state.users.values():
        if person.get("mobile") == mobile and person["active"]:
            return {"result": {"userid": person["userid"]}}
    raise OldError(60121, "找不到该用户", wrapped=True)


@route("oapi", "POST", f"{TOP}/user/getbyunionid", metered=False)
def user_getbyunionid(state, request):
    union = topapi(request.body).need("unionid", str)
    for person in state.users.values():
        if person["unionid"] == union:
            return {"result": {"contact_type": 0, "userid": person["userid"]}}
    raise OldError(60121, "找不到该用户", wrapped=True)


@route("oapi", "POST", f"{TOP}/smartwork/hrm/employee/queryonjob")
def queryonjob(state, request):
    reader = topapi(request.body)
    reader.need("status_list", str)
    offset, size = reader.get("offset", int), reader.get("size", int)
    if offset is None or size is None or not 1 <= size <= 50:
        raise reader.refuse("size")
    ids = list(state.users)
    result = {"data_list": ids[offset : offset + size]}
    if offset + size < len(ids):
        result["next_cursor"] = offset + size
    return {"result": result}


# -- attendance ------------------------------------------------------------------------------------


def _punch_row(state, punch):
    row = {
        "id": punch.id,
        "userId": punch.user,
        "checkType": punch.check_type,
        "timeResult": punch.result,
        "locationResult": punch.location,
        "sourceType": punch.source,
        "workDate": ms(midnight(punch.day)),
        "baseCheckTime": ms(punch.base),
        "userCheckTime": ms(punch.actual),
        "planId": punch.plan_id,
        "groupId": 1010275569,
        "corpId": state.app.corp_id,
    }
    # keys that are absent, not null
    if punch.record_id:
        row["recordId"] = punch.record_id
    if punch.approve_id:
        row["approveId"] = punch.approve_id
    if punch.instance_id:
        row["procInstId"] = punch.instance_id
    return row


@route("oapi", "POST", "/attendance/list")
def attendance_list(state, request):
    reader = plain(request.body)
    first, last = _moment(reader, "workDateFrom"), _moment(reader, "workDateTo")
    users = reader.need("userIdList", list)
    offset, limit = reader.get("offset", int), reader.get("limit", int)
    if offset is None or limit is None or offset < 0:
        raise reader.refuse("offset")
    if not 1 <= limit <= 50:
        raise reader.refuse("limit")
    if not 1 <= len(users) <= 50 or not all(isinstance(user, str) for user in users):
        raise reader.refuse("userIdList")
    if first > last or (last.date() - first.date()).days > 6:
        raise reader.refuse("workDateTo")
    if first.date() < day_of(state.clock()) - timedelta(days=184):
        raise reader.refuse("workDateFrom")
    if reader.get("isI18n", bool, False):
        return {"hasMore": False, "recordresult": []}
    found = [
        punch
        for punch in state.punches.values()
        if punch.user in users
        and punch.user in state.users | {entry["user"]["userid"]: 1 for entry in state.left}
        and first.date() <= punch.day <= last.date()
    ]
    # not in the order of time
    found.sort(key=lambda punch: (punch.id * 2654435761) % 1000003)
    page = found[offset : offset + limit]
    return {
        "hasMore": offset + limit < len(found),
        "recordresult": [_punch_row(state, punch) for punch in page],
    }


@route("oapi", "POST", "/attendance/listRecord")
def attendance_list_record(state, request):
    reader = plain(request.body)
    first, last = _moment(reader, "checkDateFrom"), _moment(reader, "checkDateTo")
    users = reader.need("userIds", list)
    if not 1 <= len(users) <= 50:
        raise reader.refuse("userIds")
    if first > last or (last.date() - first.date()).days > 6:
        raise reader.refuse("checkDateTo")
    rows = [
        {**_punch_row(state, punch), "isLegal": "Y"}
        for punch in state.punches.values()
        if punch.user in users and punch.record_id and first.date() <= punch.day <= last.date()
    ]
    return {"recordresult": rows}


@route("oapi", "POST", f"{TOP}/attendance/getupdatedata")
def attendance_day(state, request):
    reader = topapi(request.body)
    userid, day = reader.need("userid", str), _moment(reader, "work_date").date()
    punches = [p for p in state.punches.values() if p.user == userid and p.day == day]
    leaves = [leave for leave in state.leaves if leave["user"] == userid]
    return {
        "result": {
            "attendance_result_list": [
                {
                    "record_id": punch.record_id or 0,
                    "time_result": punch.result,
                    "check_type": punch.check_type,
                    "location_result": punch.location,
                    "source_type": punch.source,
                    "plan_id": punch.plan_id,
                    "user_check_time": wall(punch.actual),
                    "plan_check_time": wall(punch.base),
                }
                for punch in punches
            ],
            "approve_list": [
                {
                    "biz_type": 3,
                    "tag_name": "请假",
                    "sub_type": leave["code"],
                    "begin_time": wall(leave["start"]),
                    "end_time": wall(leave["end"]),
                    "duration": str(leave["percent"] / 100),
                    "duration_unit": "DAY",
                }
                for leave in leaves
                if leave["start"] < midnight(day) + 86400 and leave["end"] > midnight(day)
            ],
            "check_record_list": [],
            "class_setting_info": {},
            "userid": userid,
            "work_date": wall(midnight(day)),
            "corp_id": state.app.corp_id,
        }
    }


@route("oapi", "POST", f"{TOP}/attendance/isopensmartreport")
def smart_report(state, request):
    return {"result": {"smart_report": state.smart_report}}


@route("oapi", "POST", f"{TOP}/attendance/getattcolumns")
def columns(state, request):
    rows = [
        {"type": 0, "sub_type": 0, "status": 0, "expression_id": 990000 + index, **column}
        for index, column in enumerate(state.columns)
    ]
    return {"result": {"columns": rows}}


_COUNTED = {
    "late_times": ("OnDuty", "Late"),
    "serious_late_times": ("OnDuty", "SeriousLate"),
    "absenteeism_late_times": ("OnDuty", "Absenteeism"),
    "leave_early_times": ("OffDuty", "Early"),
    "on_work_lack_card_times": ("OnDuty", "NotSigned"),
    "off_work_lack_card_times": ("OffDuty", "NotSigned"),
}
_MINUTES = {"late_minute": "late_times", "serious_late_minute": "serious_late_times"}


def _cell(state, userid, alias, day):
    """What the report shows; the company's shift rules leave excused punches out."""
    if (userid, day, alias) in state.column_overrides:
        return state.column_overrides[(userid, day, alias)]
    punches = [p for p in state.punches.values() if p.user == userid and p.day == day]
    if not punches:
        return ""
    counting = [p for p in punches if not p.approve_id and not p.instance_id]
    if alias in _COUNTED:
        number = sum((p.check_type, p.result) == _COUNTED[alias] for p in counting)
        return f"{number}.0"
    if alias in _MINUTES:
        kind = _COUNTED[_MINUTES[alias]]
        late = sum(p.actual - p.base for p in counting if (p.check_type, p.result) == kind)
        return f"{late / 60:.1f}"
    if alias == "should_attendance_days":
        recent = day > day_of(state.clock()) - timedelta(days=15)
        return "1.0" if recent else "0"
    if alias == "attendance_days":
        return "1.0" if any(p.record_id for p in punches) else "0.0"
    if alias == "attendance_work_time":
        times = [p.actual for p in punches if p.record_id]
        return f"{(max(times) - min(times)) / 60:.1f}" if len(times) > 1 else "0.0"
    return "正常" if alias == "attend_result" else "0.0"


@route("oapi", "POST", f"{TOP}/attendance/getcolumnval")
def column_values(state, request):
    reader = topapi(request.body)
    userid, ids = reader.need("userid", str), reader.need("column_id_list", str).split(",")
    first, last = _moment(reader, "from_date").date(), _moment(reader, "to_date").date()
    if len(ids) > 20:
        raise reader.refuse("column_id_list")
    if first > last or (last - first).days > 30:
        raise OldError(41, "Invalid arguments:to_date")
    known = {str(column["id"]): column for column in state.columns if "id" in column}
    if not state.smart_report or not all(identifier in known for identifier in ids):
        raise OldError(850015, "系统异常，请稍后重试", wrapped=True)
    if userid not in state.users:
        # those who left have no values
        return {"result": {"column_vals": []}}
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return {
        "result": {
            "column_vals": [
                {
                    "column_vo": {"id": int(identifier)},
                    "column_vals": [
                        {
                            "date": wall(midnight(day)),
                            "value": _cell(state, userid, known[identifier]["alias"], day),
                        }
                        for day in days
                    ],
                }
                for identifier in ids
            ]
        }
    }


@route("oapi", "POST", f"{TOP}/attendance/getleavestatus")
def leave_status(state, request):
    reader = topapi(request.body)
    users = reader.need("userid_list", str).split(",")
    start, end = reader.need("start_time", int), reader.need("end_time", int)
    offset, size = reader.get("offset", int, 0), reader.need("size", int)
    if len(users) > 100 or not 1 <= size <= 20:
        raise reader.refuse("size")
    found = [
        leave
        for leave in state.leaves
        if leave["user"] in users and ms(leave["start"]) < end and ms(leave["end"]) > start
    ]
    return {
        "result": {
            "has_more": offset + size < len(found),
            "leave_status": [
                {
                    "userid": leave["user"],
                    "leave_code": leave["code"],
                    "start_time": ms(leave["start"]),
                    "end_time": ms(leave["end"]),
                    "duration_percent": leave["percent"],
                    "duration_unit": leave.get("unit", "percent_day"),
                }
                for leave in found[offset : offset + size]
            ],
        }
    }


# -- messages --------------------------------------------------------------------------------------

_CONVERSATION = f"{TOP}/message/corpconversation"
_SHAPES = {
    "text": ("content",),
    "markdown": ("title", "text"),
    "action_card": ("title", "markdown"),
    "oa": ("message_url", "head", "body"),
}


def _agent(state, reader):
    if reader.need("agent_id", int) != state.app.agent_id:
        raise OldError(400002, "无效的参数:agent_id", wrapped=True)


def _message(reader, size):
    message = reader.need("msg", dict)
    kind = message.get("msgtype")
    content = message.get(kind) if kind in _SHAPES else None
    if not isinstance(content, dict) or not all(content.get(key) for key in _SHAPES[kind]):
        raise OldError(400002, "无效的参数:msg", wrapped=True)
    if kind == "action_card" and not (
        content.get("btn_json_list") or (content.get("single_title") and content.get("single_url"))
    ):
        raise OldError(400002, "无效的参数:action_card", wrapped=True)
    if size > 2048:
        raise OldError(400002, "消息体过长", wrapped=True)
    return message


@route("oapi", "POST", f"{_CONVERSATION}/asyncsend_v2")
def notice_send(state, request):
    reader = topapi(request.body)
    _agent(state, reader)
    users = reader.need("userid_list", str).split(",")
    if len(users) > 100:
        raise OldError(400002, "无效的参数:userid_list", wrapped=True)
    text = json.dumps(request.body.get("msg"), ensure_ascii=False, separators=(",", ":"))
    message = _message(reader, len(text.encode()))
    notice = Notice(state.number(), message, state.clock())
    for user in dict.fromkeys(users):
        state.deliver(notice, user)
    state.notices[notice.task_id] = notice
    return {"task_id": notice.task_id}


def _notice(state, request, name="task_id"):
    reader = topapi(request.body)
    _agent(state, reader)
    notice = state.notices.get(reader.need(name, int))
    if notice is None or state.clock() - notice.sent > 86400:
        raise OldError(400002, "无效的参数:task_id", wrapped=True)
    return notice


@route("oapi", "POST", f"{_CONVERSATION}/getsendprogress")
def notice_progress(state, request):
    done = state.clock() - _notice(state, request).sent >= 5
    return {"progress": {"progress_in_percent": 100 if done else 40, "status": 2 if done else 1}}


@route("oapi", "POST", f"{_CONVERSATION}/getsendresult")
def notice_result(state, request):
    notice = _notice(state, request)
    result = {
        "invalid_user_id_list": notice.invalid,
        "failed_user_id_list": [],
        "read_user_id_list": [user for user in notice.delivered if user in notice.read],
        "unread_user_id_list": [user for user in notice.delivered if user not in notice.read],
        "invalid_dept_id_list": [],
        "forbidden_list": notice.forbidden,
    }
    # as in the documentation's sample, empty lists may be left out
    return {"send_result": {key: value for key, value in result.items() if value}}


@route("oapi", "POST", f"{_CONVERSATION}/recall")
def notice_recall(state, request):
    _notice(state, request, "msg_task_id").recalled = True
    return {}


@route("oapi", "POST", "/robot/send", metered=False, token="")
def webhook(state, request):
    if request.query.get("access_token") != state.app.webhook_token:
        raise OldError(300005, "token is not exist")
    secret = state.app.webhook_secret
    if secret:
        text = f"{request.query.get('timestamp')}\n{secret}"
        digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
        if request.query.get("sign") != base64.b64encode(digest).decode():
            raise OldError(310000, "sign not match")
    recent = [entry for entry in state.group_messages if entry["at"] > state.clock() - 60]
    if len(recent) >= 20:
        raise OldError(660026, "send too fast, exceed 20 times per minute")
    if not isinstance(request.body, dict) or request.body.get("msgtype") not in _SHAPES:
        raise OldError(40035, "缺少参数 json")
    state.group_messages.append({"at": state.clock(), "message": request.body})
    return {}


# -- events ----------------------------------------------------------------------------------------


@route("oapi", "GET", "/call_back/get_call_back_failed_result", metered=False)
def failed_events(state, request):
    page, state.failed_events = state.failed_events[:200], state.failed_events[200:]
    return {
        "failed_list": [
            {
                event["type"]: {**event["payload"], "corpid": state.app.corp_id},
                "call_back_tag": event["type"],
                "event_time": ms(event["at"]),
            }
            for event in page
        ],
        "has_more": bool(state.failed_events),
    }
