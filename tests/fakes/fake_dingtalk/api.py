"""The new host: HTTP statuses, the token in a header."""

import json
import re
import secrets
import zlib

from .state import false_z, ms, true_iso, wall
from .wire import NewError, modern, route


def _success(request):
    return {"requestId": f"req-{secrets.token_hex(6)}", **request}


def _integer(query, name, prefix="invalidParameter"):
    try:
        return int(query[name])
    except (KeyError, ValueError):
        raise NewError(400, prefix, f"参数错误:{name}") from None


# -- tokens and sign-in ----------------------------------------------------------------------------


@route("api", "POST", "/v1.0/oauth2/accessToken", metered=False, token="")
def access_token(state, request):
    reader = modern(request.body)
    key, secret = reader.need("appKey", str), reader.need("appSecret", str)
    if (key, secret) != (state.app.client_id, state.app.client_secret):
        raise NewError(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret")
    return {"accessToken": state.issue_token(), "expireIn": state.token_lifetime}


@route("api", "POST", "/v1.0/oauth2/{corp}/token", metered=False, token="")
def unified_token(state, request):
    reader = modern(request.body)
    if request.args["corp"] != state.app.corp_id:
        raise NewError(500, "unknownError", "未知错误")
    if reader.need("grant_type", str) != "client_credentials":
        raise reader.refuse("grant_type")
    key, secret = reader.need("client_id", str), reader.need("client_secret", str)
    if (key, secret) != (state.app.client_id, state.app.client_secret):
        raise NewError(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret")
    return {"access_token": state.issue_token(), "expires_in": state.token_lifetime}


@route("api", "POST", "/v1.0/oauth2/userAccessToken", metered=False, token="")
def user_access_token(state, request):
    reader = modern(request.body)
    key, secret = reader.need("clientId", str), reader.need("clientSecret", str)
    if (key, secret) != (state.app.client_id, state.app.client_secret):
        raise NewError(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret")
    if reader.need("grantType", str) != "authorization_code":
        raise reader.refuse("grantType")
    entry = state.codes.pop(reader.need("code", str), None)
    if entry is None or not entry["web"] or entry["until"] < state.clock():
        raise NewError(400, "invalidParameter.authCode.notFound", "不存在的临时授权码")
    token = f"fake-user-token-{secrets.token_hex(12)}"
    state.user_tokens[token] = (entry["user"], state.clock() + 7200)
    return {
        "accessToken": token,
        "refreshToken": f"fake-refresh-{secrets.token_hex(12)}",
        "expireIn": 7200,
        "corpId": entry["corp"],
    }


@route("api", "GET", "/v1.0/contact/users/{union}", metered=False, token="user")
def contact_user(state, request):
    if request.args["union"] != "me":
        raise NewError(403, "Forbidden.AccessDenied", "only me")
    person = state.users.get(request.user)
    union = person["unionid"] if person else f"union-{request.user}"
    nick = person["name"] if person else request.user
    return {"nick": nick, "unionId": union, "openId": "open-" + union, "stateCode": "86"}


# -- contacts --------------------------------------------------------------------------------------


@route("api", "GET", "/v1.0/contact/empLeaveRecords", metered=False)
def leave_records(state, request):
    size = _integer(request.query, "maxResults", "invalidParameter.param.invalid")
    start = request.query.get("startTime", "")
    if not 1 <= size <= 50 or not start.endswith("Z") or len(start) != 20:
        raise NewError(400, "invalidParameter.param.invalid", "入参错误：maxResults")
    end = request.query.get("endTime") or "9999"
    records = [entry for entry in state.left if start <= true_iso(entry["at"]) < end]
    cursor = request.query.get("nextToken", "0")
    offset = 0 if cursor == "0" else int(cursor, 16) - 0xDCCD0000
    page = records[offset : offset + size]
    answer = {
        "records": [
            {
                "userId": entry["user"]["userid"],
                "name": entry["user"]["name"],
                "stateCode": "86",
                "leaveTime": true_iso(entry["at"]),
                "leaveReason": entry["reason"],
            }
            for entry in page
        ]
    }
    if offset + size < len(records):
        answer["nextToken"] = f"{0xDCCD0000 + offset + size:X}"
    return answer


@route("api", "GET", "/v1.0/hrm/employees/dismissions")
def dismissions(state, request):
    offset, size = _integer(request.query, "nextToken"), _integer(request.query, "maxResults")
    if not 1 <= size <= 50:
        raise NewError(400, "invalidParameter", "maxResults")
    ids = [entry["user"]["userid"] for entry in state.left]
    more = offset + size < len(ids)
    answer = {"hasMore": more, "userIdList": ids[offset : offset + size]}
    return {**answer, "nextToken": offset + size} if more else answer


# -- approvals -------------------------------------------------------------------------------------


@route("api", "GET", "/v1.0/workflow/processes/managements/templates")
def templates(state, request):
    userid = modern(request.query).need("userId", str)
    rows = [
        {"flowTitle": values["name"], "processCode": code, "newProcess": True}
        for code, values in state.processes.items()
        if values["manager"] in ("*", userid)
    ]
    return {"result": rows, "success": True}


@route("api", "POST", "/v1.0/workflow/processes/instanceIds/query")
def instance_ids(state, request):
    reader = modern(request.body)
    code = reader.need("processCode", str)
    start = reader.need("startTime", int)
    end = reader.get("endTime", int, ms(state.clock()))
    cursor, size = reader.get("nextToken", int), reader.need("maxResults", int)
    if cursor is None:
        raise NewError(400, "MissingNextToken", "nextToken is mandatory")
    users, statuses = reader.get("userIds", list, []), reader.get("statuses", list, [])
    if not 1 <= size <= 20:
        raise NewError(400, "invalidParameter.maxResults", "maxResults 最大为 20")
    if len(users) > 10:
        raise NewError(400, "invalidParameter.userIds", "userIds 最多 10 个")
    if end - start > 120 * 86_400_000:
        raise NewError(400, "invalidParameter.timeRange", "时间范围不能超过120天")
    if ms(state.clock()) - start > 365 * 86_400_000:
        raise NewError(400, "invalidParameter.startTime", "startTime 距今不能超过365天")
    if code not in state.processes:
        raise NewError(400, "invalidParameter.processCode", "processCode 不存在")
    found = [
        approval.id
        for approval in state.approvals.values()
        if approval.process == code
        and start <= ms(approval.created) <= end
        and (not users or approval.originator in users)
        and (not statuses or approval.status in statuses)
    ]
    result = {"list": found[cursor : cursor + size]}
    if cursor + size < len(found):
        result["nextToken"] = str(cursor + size)
    return {"result": result, "success": True}


def business_id(approval):
    """Minute of its creation in China, and nine digits."""
    return wall(approval.created, "%Y%m%d%H%M") + f"{zlib.crc32(approval.id.encode()) % 10**9:09d}"


@route("api", "GET", "/v1.0/workflow/processInstances")
def instance(state, request):
    identifier = modern(request.query).need("processInstanceId", str)
    approval = state.approvals.get(identifier)
    if approval is None:
        raise NewError(400, "processInstanceNotExist", "审批实例不存在")
    render = (lambda at: true_iso(at, "%Y-%m-%dT%H:%MZ")) if approval.true_utc else false_z
    person = state.users.get(approval.originator, {})
    result = {
        "title": approval.title,
        "businessId": business_id(approval),
        "status": approval.status,
        "result": approval.result,
        "bizAction": approval.action,
        "createTime": render(approval.created),
        "originatorUserId": approval.originator,
        "originatorDeptId": "-1",
        "originatorDeptName": state.departments.get(
            (person.get("dept_id_list") or [1])[0], {"name": ""}
        )["name"],
        "attachedProcessInstanceIds": [],
        "bizData": "{}",
        "formComponentValues": approval.fields,
        "operationRecords": [
            {
                "userId": approval.originator,
                "date": render(approval.created),
                "type": "START_PROCESS_INSTANCE",
                "result": "NONE",
            }
        ],
        "tasks": [],
    }
    if approval.finished is not None:
        result["finishTime"] = render(approval.finished)
    if approval.main:
        result["mainProcessInstanceId"] = approval.main
    return {"result": result, "success": approval.success}


# -- to-dos ----------------------------------------------------------------------------------------

_TASKS = "/v1.0/todo/users/{union}/tasks"


def _people(state):
    return {person["unionid"] for person in state.users.values()}


def _task(state, request):
    task = state.todos.get(request.args["task"])
    if task is None:
        raise NewError(400, "todo.taskUpdate.paramError", "task not exist")
    return task


@route("api", "POST", _TASKS)
def todo_create(state, request):
    reader = modern(request.body, "todo.taskCreate.paramError")
    union = request.args["union"]
    subject = reader.need("subject", str)
    url = reader.get("detailUrl", dict)
    if not url or not url.get("appUrl") or not url.get("pcUrl"):
        raise NewError(400, "todo.taskCreate.paramError", "detailUrl is required")
    executors = reader.get("executorIds", list, [])
    if union not in _people(state) or not set(executors) <= _people(state):
        raise NewError(400, "todo.taskCreate.paramError", "user not exist")
    source = reader.get("sourceId", str)
    if source and any(task["sourceId"] == source for task in state.todos.values()):
        raise NewError(400, "todo.taskCreate.paramError", "task exist")
    now = ms(state.clock())
    task = {
        "id": f"task{secrets.token_hex(8)}",
        "sourceId": source,
        "subject": subject,
        "description": reader.get("description", str, ""),
        "creatorId": reader.get("creatorId", str, union),
        "dueTime": reader.get("dueTime", int),
        "executorIds": executors,
        "detailUrl": url,
        "isOnlyShowExecutor": reader.get("isOnlyShowExecutor", bool, False),
        "priority": reader.get("priority", int, 20),
        "done": False,
        "createdTime": now,
        "modifiedTime": now,
        "source": "isv_fake",
        "bizTag": "fake",
    }
    state.todos[task["id"]] = {**task, "doneBy": set()}
    return _success(task)


@route("api", "GET", _TASKS + "/sources/{source}")
def todo_by_source(state, request):
    for task in state.todos.values():
        if task["sourceId"] == request.args["source"]:
            return _success({key: value for key, value in task.items() if key != "doneBy"})
    raise NewError(400, "todo.taskQuery.paramError", "task not exist")


@route("api", "PUT", _TASKS + "/{task}")
def todo_update(state, request):
    task, reader = _task(state, request), modern(request.body, "todo.taskUpdate.paramError")
    for name, kind in (("done", bool), ("subject", str), ("dueTime", int), ("description", str)):
        value = reader.get(name, kind)
        if value is not None:
            task[name] = value
    task["modifiedTime"] = ms(state.clock())
    return _success({"result": True})


@route("api", "PUT", _TASKS + "/{task}/executorStatus")
def todo_executors(state, request):
    task, reader = _task(state, request), modern(request.body, "todo.taskUpdate.paramError")
    for entry in reader.need("executorStatusList", list):
        change = task["doneBy"].add if entry["isDone"] else task["doneBy"].discard
        change(entry["id"])
    task["done"] = bool(task["executorIds"]) and task["doneBy"] >= set(task["executorIds"])
    return _success({"result": True})


@route("api", "DELETE", _TASKS + "/{task}")
def todo_delete(state, request):
    del state.todos[_task(state, request)["id"]]
    return _success({"result": True})


# -- robot -----------------------------------------------------------------------------------------


@route("api", "POST", "/v1.0/robot/oToMessages/batchSend")
def robot_send(state, request):
    reader = modern(request.body)
    users, key = reader.need("userIds", list), reader.need("msgKey", str)
    if reader.need("robotCode", str) != state.app.robot_code:
        raise NewError(400, "invalidParameter.robotCode.notFound", "robot 不存在")
    if not 1 <= len(users) <= 20:
        raise NewError(400, "invalidParameter.userIds", "userIds 最多 20 个")
    try:
        content = json.loads(reader.need("msgParam", str))
    except ValueError:
        raise reader.refuse("msgParam") from None
    known = [user for user in users if user in state.users]
    state.robot_messages.append({"users": known, "key": key, "content": content})
    return {
        "processQueryKey": secrets.token_urlsafe(24),
        "invalidStaffIdList": [user for user in users if user not in state.users],
        "flowControlledStaffIdList": [],
    }


# -- events and outward ----------------------------------------------------------------------------


@route("api", "POST", "/v1.0/gateway/connections/open", metered=False, token="")
def open_connection(state, request):
    reader = modern(request.body)
    key, secret = reader.need("clientId", str), reader.need("clientSecret", str)
    if (key, secret) != (state.app.client_id, state.app.client_secret):
        raise NewError(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret")
    subscriptions = reader.need("subscriptions", list)
    if not all(isinstance(s, dict) and s.get("type") and s.get("topic") for s in subscriptions):
        raise reader.refuse("subscriptions")
    ticket = f"fake-ticket-{secrets.token_hex(12)}"
    state.tickets[ticket] = state.clock() + 90
    return {"endpoint": state.stream_url, "ticket": ticket}


@route("api", "POST", "/v1.0/agoal/indicator/data/push")
def indicator_push(state, request):
    reader = modern(request.body)
    code, values = reader.need("code", str), reader.need("data", list)
    if not values or code not in state.indicator_codes:
        raise reader.refuse("data" if not values else "code")
    # all or nothing, as one transaction
    state.indicators |= dict(_indicator_value(code, modern(value)) for value in values)
    return {"success": True, "result": True}


_PERIODS = {
    "MONTH": r"\d{4}-\d{2}-01",
    "QUARTER": r"\d{4}-(01|04|07|10)-01",
    "HALF_YEAR": r"\d{4}-(01|07)-01",
    "YEAR": r"\d{4}-01-01",
}


def _indicator_value(code, entry):
    """Pair (code, type and period; number as text); refused unless it is such a period."""
    kind, period, data = (entry.need(name, str) for name in ("periodType", "period", "data"))
    if kind not in _PERIODS:
        raise entry.refuse("periodType")
    if not re.fullmatch(_PERIODS[kind] + " 00:00:00", period):
        raise entry.refuse("period")
    if not re.fullmatch(r"-?\d+(\.\d+)?", data):
        raise entry.refuse("data")
    return (code, kind, period), data


@route("api", "POST", "/v1.0/hrbrain/datas/perfRecords/import")
def performance_import(state, request):
    if request.query.get("corpId") != state.app.corp_id:
        raise NewError(401, "paramIllegal", "param illegal. corpId")
    if not isinstance(request.body, list) or not request.body:
        raise NewError(401, "paramIllegal", "param illegal. body")
    needed = (
        "name",
        "workNo",
        "perfPlanName",
        "period",
        "periodStartDate",
        "periodEndDate",
        "score",
    )
    for row in request.body:
        for name in needed:
            if not isinstance(row, dict) or not isinstance(row.get(name), str) or not row[name]:
                raise NewError(401, "paramIllegal", f"param illegal. {name}")
    state.performance_records += request.body
    return _success({"success": True, "result": True})
