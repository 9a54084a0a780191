"""Whatever the platform and the network do wrong, and what the client makes of it."""

import json
from datetime import date, datetime

import pytest
from fake_dingtalk.state import instant
from lab import START, Clock, laboratory

from odoo.addons.hr_performance_dingtalk.tools import answers, approvals, messages
from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.budget import MemoryBudget
from odoo.addons.hr_performance_im.tools.client import Policy

DAY = date(2026, 4, 7)
USER = "/topapi/v2/user/get"
LIST = "/attendance/list"
INSTANCE = "/v1.0/workflow/processInstances"
APRIL = datetime(2026, 4, 1), datetime(2026, 4, 9)
NOTICE = "/topapi/message/corpconversation/asyncsend_v2"
ROBOT = "/v1.0/robot/oToMessages/batchSend"
TODO = "/v1.0/todo/users/{union}/tasks"


@pytest.fixture
def lab(dingtalk):
    with laboratory(dingtalk) as lab:
        lab.fill()
        lab.state.add_punch("u1", DAY, "OnDuty")
        lab.state.add_process("PROC-1", "结项")
        lab.state.add_approval("PROC-1", "u1", instant("2026-04-01 12:00"), id="i1")
        yield lab


def read_topapi(lab):
    return lab.client.contacts.user("u1").id == "u1"


def read_plain(lab):
    return len(next(lab.client.attendance.results(["u1"], DAY, DAY))) == 1


def read_new(lab):
    return lab.client.approvals.instance("i1").title == "审批"


#: One interface of each of the three styles of answers.
READS = {USER: read_topapi, LIST: read_plain, INSTANCE: read_new}


def write_notice(lab):
    return lab.client.notices.send(["u1"], messages.text_message("提醒"))


def write_robot(lab):
    return lab.client.robot.send(lab.state.app.robot_code, ["u1"], "t", "x").key


#: Writes that must never be sent a second time on suspicion, one of each host.
WRITES = {NOTICE: write_notice, ROBOT: write_robot}

reads = pytest.mark.parametrize("path", READS)
writes = pytest.mark.parametrize("path", WRITES)


def fails(call, kind):
    with pytest.raises(errors.ApiError) as caught:
        call()
    assert type(caught.value) is kind, caught.value
    return caught.value


def received(lab, path):
    return len(lab.state.calls(path))


# -- tokens ----------------------------------------------------------------------------------------


@reads
def test_an_expired_token_is_fetched_anew_once(lab, path):
    assert READS[path](lab)
    lab.state.revoke_tokens()
    assert READS[path](lab)
    assert lab.client.calls["oauth2/accessToken"] == 2
    assert received(lab, path) == 3


@reads
@pytest.mark.parametrize("code", ["40014", "42001"])
def test_an_endless_token_error_ends(lab, path, code):
    lab.state.fault(path, "token", times=None, code=code)
    error = fails(lambda: READS[path](lab), errors.TokenRefused)
    assert error.action == "stop"
    assert received(lab, path) == 2
    assert lab.client.calls["oauth2/accessToken"] == 2


@writes
def test_a_write_goes_out_again_after_a_refused_token(lab, path):
    lab.client.contacts.scope()
    lab.state.revoke_tokens()
    assert WRITES[path](lab)
    assert lab.state.executed[path] == 1


def test_a_wrong_secret_is_told_apart(lab):
    client = lab.make_client(client_secret="wrong")
    error = fails(client.contacts.scope, errors.CredentialsRefused)
    assert error.action == "stop"
    assert lab.client._token_key not in str(error)


def test_a_token_at_the_wrong_place_is_refused_by_the_fake(lab):
    # what the client would get if it mixed the hosts' styles up
    lab.client._attach_token = lambda endpoint, token, query, headers: query.update(
        access_token=token
    )
    fails(lambda: read_new(lab), errors.TokenRefused)


# -- limits ----------------------------------------------------------------------------------------


@reads
@pytest.mark.parametrize("kind", ["qps", "qpm"])
def test_too_many_calls_wait_and_pass(lab, path, kind):
    lab.state.fault(path, kind, times=2)
    assert READS[path](lab)
    assert received(lab, path) == 3
    assert sum(lab.clock.sleeps) >= 2


@reads
def test_too_many_calls_for_ever_end(lab, path):
    lab.state.fault(path, "qps", times=None)
    error = fails(lambda: READS[path](lab), errors.RateLimited)
    assert error.action == "wait"
    assert received(lab, path) == 5


@writes
def test_a_write_is_repeated_only_where_it_was_turned_away(lab, path):
    lab.state.fault(path, "qps", times=2)
    assert WRITES[path](lab)
    assert lab.state.executed[path] == 1


@reads
def test_the_platforms_window_of_a_second_is_waited_for(lab, path):
    lab.state.qps = 3
    for _time in range(10):
        assert READS[path](lab)
    assert lab.state.executed[path] == 10
    assert len(lab.clock.sleeps) < 40


@pytest.mark.parametrize("path", [USER, LIST])
def test_the_end_of_a_global_limit_is_waited_for(lab, path):
    lab.client.contacts.scope()
    lab.state.fault(path, "global_qps")
    before = lab.clock.now
    assert READS[path](lab)
    assert 4 <= lab.clock.now - before < 6


def test_a_limit_that_lasts_is_left_to_the_caller(lab):
    text = "限制将在 2026-04-17 00:10:00 结束"
    lab.state.fault(LIST, "code", code="90002", message=text, times=None)
    error = fails(lambda: read_plain(lab), errors.RateLimited)
    assert error.wait == pytest.approx(instant("2026-04-17 00:10") - START + 1, abs=5)
    assert received(lab, LIST) == 1


def test_rejected_calls_do_not_use_the_budget(lab):
    budget = MemoryBudget(limit=1)
    lab.client = lab.make_client(budget=budget)
    lab.state.fault(LIST, "qps", times=3)
    assert read_plain(lab)
    assert (budget.used, lab.state.used["2026-04"]) == (1, 1)


@pytest.mark.parametrize("path", [LIST, INSTANCE, NOTICE, ROBOT])
def test_the_months_quota_stops_everything(lab, path):
    lab.state.quota = 0
    call = {**READS, **WRITES}[path]
    error = fails(lambda: call(lab), errors.QuotaExhausted)
    assert error.action == "stop"
    assert received(lab, path) == 1
    assert lab.clock.sleeps == []


def test_free_calls_go_on_when_the_quota_is_used_up(lab):
    lab.state.quota = 0
    assert read_topapi(lab)


def test_a_new_month_has_a_new_quota(lab):
    lab.state.quota = 1
    assert read_plain(lab)
    fails(lambda: read_plain(lab), errors.QuotaExhausted)
    # 1 May in China, still 30 April in UTC
    lab.clock.now = instant("2026-05-01 00:30")
    assert read_plain(lab)


# -- rights ----------------------------------------------------------------------------------------


@reads
def test_a_missing_permission_is_named(lab, path):
    scopes = ("Contact.User.Read", "qyapi_get_member")
    lab.state.fault(path, "permission", scopes=scopes)
    error = fails(lambda: READS[path](lab), errors.PermissionMissing)
    assert error.scopes == scopes
    assert error.link.startswith("https://open-dev.dingtalk.com/appscope/apply?")
    assert error.action == "stop"
    assert received(lab, path) == 1


@reads
def test_a_refused_address_is_named(lab, path):
    lab.state.fault(path, "ip")
    error = fails(lambda: READS[path](lab), errors.AddressRefused)
    assert error.address == "203.0.113.7"


def test_scope_of_the_administrator(lab):
    lab.state.add_department(3, "外部")
    lab.state.app.scope_departments = (2,)
    error = fails(lambda: list(lab.client.contacts.users([3])), errors.OutOfScope)
    assert error.action == "skip"
    assert lab.client.contacts.scope().department_ids == (2,)


# -- the way there and back ------------------------------------------------------------------------

PASSING = [
    ("busy", {}),
    ("status", {"status": 500}),
    ("status", {"status": 502}),
    ("status", {"status": 503}),
    ("status", {"status": 504}),
    ("html", {}),
    ("empty", {}),
    ("redirect", {}),
    ("reset", {}),
    ("silent", {"seconds": 0.5}),
    ("truncated", {}),
    ("reset_after", {}),
    ("silent_after", {"seconds": 0.5}),
]
passing = pytest.mark.parametrize(
    ("kind", "options"), PASSING, ids=[f"{k}{o.get('status', '')}" for k, o in PASSING]
)


@reads
@passing
def test_a_read_is_repeated(lab, path, kind, options):
    lab.client.contacts.scope()
    lab.state.fault(path, kind, times=1, **options)
    assert READS[path](lab)
    assert received(lab, path) == 2


@reads
@pytest.mark.parametrize(("kind", "options"), [case for case in PASSING if "silent" not in case[0]])
def test_a_read_is_not_repeated_for_ever(lab, path, kind, options):
    lab.state.fault(path, kind, times=None, **options)
    error = fails(lambda: READS[path](lab), errors.Unavailable)
    assert error.action == "wait"
    assert received(lab, path) == 4


@writes
@passing
def test_a_write_is_sent_once_and_its_fate_is_unknown(lab, path, kind, options):
    lab.client.contacts.scope()
    lab.state.fault(path, kind, times=None, **options)
    error = fails(lambda: WRITES[path](lab), errors.OutcomeUnknown)
    assert error.action == "reconcile"
    assert received(lab, path) == 1


@writes
def test_what_was_carried_out_before_the_answer_was_lost(lab, path):
    lab.state.fault(path, "reset_after")
    fails(lambda: WRITES[path](lab), errors.OutcomeUnknown)
    assert lab.state.executed[path] == 1


def test_a_todo_is_found_again_when_its_answer_was_lost(lab):
    lab.state.fault(TODO, "reset_after")
    made = lab.client.todos.create("union-u1", "odoo-1", "自评", "https://odoo.example.com/")
    assert not made.created
    assert list(lab.state.todos) == [made.id]


@pytest.mark.parametrize("path", [*READS, *WRITES])
def test_nobody_listens(path):
    with laboratory() as lab:
        lab.client.token()
    # the fake has ended, and no connection to it is kept
    error = fails(lambda: {**READS, **WRITES}[path](lab), errors.NotConnected)
    # nothing was sent, so a write may be tried again just like a read
    assert len(lab.clock.sleeps) >= 3
    assert error.action == "wait"


@reads
def test_a_dripping_answer_is_given_up(lab, path):
    lab.client = lab.make_client(policy=Policy(connect=2, read=5, total=0.2, tries=1))
    lab.state.fault(path, "slow", seconds=0.02)
    assert fails(lambda: READS[path](lab), errors.Unavailable).code == "timeout"


def test_an_endless_answer_is_given_up(lab):
    lab.client = lab.make_client(policy=Policy(size=100, tries=1))
    assert fails(lambda: read_plain(lab), errors.Unavailable).code == "too_large"


@reads
def test_a_wrong_content_type_is_no_obstacle(lab, path):
    lab.state.fault(path, "content_type")
    assert READS[path](lab)
    assert received(lab, path) == 1


@reads
def test_a_ban_is_not_prolonged_by_trying(lab, path):
    lab.state.fault(path, "ban_json", times=None)
    error = fails(lambda: READS[path](lab), errors.Banned)
    assert (error.action, error.wait) == ("wait", 300)
    assert received(lab, path) == 1


@reads
def test_a_ban_by_a_page_is_never_a_success(lab, path):
    lab.state.fault(path, "ban_html", times=None)
    fails(lambda: READS[path](lab), errors.Unavailable)


def test_no_errcode_is_no_success(lab):
    lab.state.fault(USER, "edit", times=None, edit=lambda answer: {**answer, "errcode": None})
    fails(lambda: read_topapi(lab), errors.ApiError)


def test_an_errcode_as_text_is_one_too(lab):
    lab.state.fault(USER, "edit", edit=lambda answer: {**answer, "errcode": "0"})
    assert read_topapi(lab)


def test_addresses_that_do_not_exist(lab):
    unknown = lab.client.contacts
    for endpoint in (
        answers_endpoint("oapi", "POST", "/topapi/v2/nothing"),
        answers_endpoint("api", "GET", "/v1.0/nothing"),
    ):
        error = fails(lambda e=endpoint: unknown._client.call(e, body={}), errors.BadRequest)
        assert error.action == "fix"


def answers_endpoint(host, method, path):
    from odoo.addons.hr_performance_im.tools.client import Endpoint

    return Endpoint("nothing", method, host, path)


# -- codes -----------------------------------------------------------------------------------------

CODES = [
    (USER, "33012", errors.UserUnknown),
    (USER, "60121", errors.UserUnknown),
    (USER, "60003", errors.DepartmentUnknown),
    (USER, "50002", errors.OutOfScope),
    (USER, "50004", errors.OutOfScope),
    (USER, "40035", errors.BadRequest),
    (USER, "400002", errors.BadRequest),
    (USER, "41", errors.BadRequest),
    (USER, "40078", errors.LoginRefused),
    (USER, "40096", errors.CredentialsRefused),
    (USER, "99999", errors.ApiError),
    (LIST, "60011", errors.PermissionMissing),
    (LIST, "60020", errors.AddressRefused),
    (LIST, "90020", errors.QuotaExhausted),
    (INSTANCE, "processInstanceNotExist", errors.NotFound),
    (INSTANCE, "processInstanceIdError", errors.NotFound),
    (INSTANCE, "invalidParameterMaxResults", errors.BadRequest),
    (INSTANCE, "somethingNew", errors.BadRequest),
]


@pytest.mark.parametrize(("path", "code", "kind"), CODES)
def test_each_code_has_its_class(lab, path, code, kind):
    lab.state.fault(path, "code", code=code, message="原因", status=400)
    error = fails(lambda: READS[path](lab), kind)
    assert (error.code, error.message) == (code, "原因")
    assert received(lab, path) == 1


def test_a_status_of_401_is_not_always_the_token(lab):
    lab.state.fault(INSTANCE, "code", code="paramIllegal", message="x", status=401)
    fails(lambda: read_new(lab), errors.BadRequest)


def test_success_false_is_no_success(lab):
    for value in (False, "false"):
        lab.state.fault(INSTANCE, "edit", edit=lambda answer, v=value: {**answer, "success": v})
        fails(lambda: read_new(lab), errors.ApiError)
    lab.state.fault(INSTANCE, "edit", edit=lambda answer: {**answer, "success": "true"})
    assert read_new(lab)


def test_a_refused_column_is_tried_once_more(lab):
    column = lab.client.attendance.columns()[0]

    def values(asked):
        return list(lab.client.attendance.column_values("u1", [asked], DAY, DAY))

    path = "/topapi/attendance/getcolumnval"
    lab.state.fault(path, "code", code="850015", message="系统异常，请稍后重试")
    assert values(column)
    fails(lambda: values(column._replace(id="990001")), answers.ReportColumnError)
    assert received(lab, path) == 4


def test_limits_that_the_client_keeps_are_checked_by_the_fake(lab):
    call = lab.client.call
    from odoo.addons.hr_performance_dingtalk.tools import endpoints

    base = {"workDateFrom": "2026-04-01 00:00:00", "workDateTo": "2026-04-07 00:00:00"}
    base.update(userIdList=["u1"], offset=0, limit=50, isI18n=False)
    assert call(endpoints.ATTENDANCE_RESULTS, body=base)["errcode"] == 0
    for change in (
        {"workDateTo": "2026-04-08 00:00:00"},
        {"userIdList": ["u"] * 51},
        {"userIdList": "u1"},
        {"limit": 51},
        {"limit": "50"},
        {"workDateFrom": "2026-04-01"},
        {"workDateFrom": "2025-04-01 00:00:00", "workDateTo": "2025-04-02 00:00:00"},
        {"offset": None},
    ):
        body = {**base, **change}
        fails(lambda b=body: call(endpoints.ATTENDANCE_RESULTS, body=b), errors.BadRequest)
    ids = {"processCode": "PROC-1", "startTime": 1775000000000, "endTime": 1776354000000}
    ids.update(nextToken=0, maxResults=20)
    assert call(endpoints.INSTANCE_IDS, body=ids)["success"] is True
    for change in (
        {"maxResults": 21},
        {"nextToken": None},
        {"nextToken": "0"},
        {"userIds": ["u"] * 11},
        {"startTime": 1765000000000},
        {"startTime": 1700000000000, "endTime": 1700000000001},
        {"processCode": ""},
    ):
        body = {**ids, **change}
        fails(lambda b=body: call(endpoints.INSTANCE_IDS, body=b), errors.BadRequest)
    columns = {"userid": "u1", "from_date": "2026-03-01 00:00:00", "to_date": "2026-03-31 23:59:59"}
    for change in (
        {"column_id_list": ",".join(["71000000"] * 21)},
        {"column_id_list": "71000000", "to_date": "2026-04-01 00:00:00"},
    ):
        body = {**columns, **change}
        fails(lambda b=body: call(endpoints.COLUMN_VALUES, body=b), errors.BadRequest)
    with_i18n = call(endpoints.ATTENDANCE_RESULTS, body={**base, "isI18n": True})
    assert with_i18n["recordresult"] == []
    todo = {"subject": "x", "executorIds": ["union-u1"]}
    path = {"union_id": "union-u1"}
    fails(lambda: call(endpoints.TODO_CREATE, path=path, body=todo), errors.BadRequest)


# -- pages -----------------------------------------------------------------------------------------


@pytest.fixture
def crowd(lab):
    """Two pages and a bit of people in department 2."""
    for number in range(4, 251):
        lab.state.add_user(f"u{number}", departments=(2,))
    return lab


PEOPLE = "/topapi/v2/user/list"


def people(lab):
    return {user.id for page in lab.client.contacts.users([2]) for user in page}


def test_short_pages_are_followed_by_others(crowd):
    crowd.state.fault(PEOPLE, "short_page", times=2)
    assert len(people(crowd)) == 150


def test_an_empty_page_in_between(crowd):
    crowd.state.fault(PEOPLE, "empty_page", skip=1)
    assert len(people(crowd)) == 150


@pytest.mark.parametrize(
    ("kind", "code"),
    [("repeat_cursor", "cursor_repeated"), ("no_cursor", "cursor_missing")],
)
def test_pages_that_lie_do_not_count_as_complete(crowd, kind, code):
    crowd.state.fault(PEOPLE, kind, skip=1)
    seen = []
    with pytest.raises(errors.PagingBroken) as caught:
        for page in crowd.client.contacts.users([2]):
            seen += page
    assert caught.value.code == code
    assert len(seen) >= 100
    assert received(crowd, PEOPLE) == 2


def test_empty_pages_without_end(crowd):
    ids = "/v1.0/workflow/processes/instanceIds/query"
    tokens = iter(range(20, 10_000, 20))

    def empty(answer):
        return {"result": {"list": [], "nextToken": str(next(tokens))}, "success": True}

    crowd.state.fault(ids, "edit", times=None, edit=empty)
    pages = crowd.client.approvals.instance_ids(
        "PROC-1", datetime(2026, 4, 1), datetime(2026, 4, 9)
    )
    assert fails(lambda: list(pages), errors.PagingBroken).code == "empty_pages"


def test_full_pages_without_end(crowd, monkeypatch):
    monkeypatch.setattr(approvals, "_MAX_IDS", 200)
    ids = "/v1.0/workflow/processes/instanceIds/query"
    tokens = iter(range(20, 1_000_000, 20))

    def full(answer):
        return {"result": {"list": ["x"], "nextToken": str(next(tokens))}, "success": True}

    crowd.state.fault(ids, "edit", times=None, edit=full)
    pages = crowd.client.approvals.instance_ids(
        "PROC-1", datetime(2026, 4, 1), datetime(2026, 4, 9)
    )
    assert fails(lambda: list(pages), errors.PagingBroken).code == "too_many_pages"
    assert received(crowd, ids) == 11


def test_a_full_last_page(crowd):
    for number in range(251, 301):
        crowd.state.add_user(f"u{number}", departments=(2,))
    assert len(people(crowd)) == 300
    assert received(crowd, PEOPLE) == 3


def test_somebody_moves_between_the_pages(crowd):
    crowd.state.add_department(3, "销售")
    move = lambda: crowd.state.users["u249"].update(dept_id_list=[2, 3])  # noqa: E731
    crowd.state.faults.hook(PEOPLE, move)
    found = [user.id for page in crowd.client.contacts.users([2, 3]) for user in page]
    assert found.count("u249") == 1


def test_a_department_goes_during_the_walk(crowd):
    crowd.state.add_department(3, "销售")
    crowd.state.add_department(31, "华东", parent=3)
    remove = lambda: crowd.state.departments.pop(3)  # noqa: E731
    crowd.state.faults.hook("/topapi/v2/department/listsub", remove)
    gone = []
    found = [d.id for d in crowd.client.contacts.departments(gone=gone)]
    assert (found, gone) == ([2, 3], [3])
    assert [u for page in crowd.client.contacts.users([3], gone=gone) for u in page] == []
    assert gone == [3, 3]


# -- changed and odd data --------------------------------------------------------------------------


def test_a_changed_result_keeps_its_key(lab):
    punch = lab.state.add_punch("u2", DAY, "OnDuty", "Late")
    before = next(lab.client.attendance.results(["u2"], DAY, DAY))[0]
    punch.result, punch.source = "Normal", "BOSS"
    after = next(lab.client.attendance.results(["u2"], DAY, DAY))[0]
    assert before.key == after.key
    assert (before.time_result, after.time_result) == ("Late", "Normal")
    assert after.source_type == "BOSS"


def test_a_row_without_any_id_gets_one_from_person_and_plan(lab):
    def strip(answer):
        for row in answer["recordresult"]:
            del row["id"]
            row.pop("recordId", None)
        return answer

    lab.state.fault(LIST, "edit", edit=strip, times=2)
    lab.state.add_punch("u1", DAY, "OffDuty", plan_id=77)
    keys = {row.key for row in next(lab.client.attendance.results(["u1"], DAY, DAY))}
    assert "u1:77" in keys
    assert len(keys) == 2


def test_lists_and_truth_values_as_texts(lab):
    def as_documented(answer):
        row = answer["result"]["list"][0]
        row.update(active="true", dept_id_list="[2,3]", hired_date="1598457600000")
        answer["result"] = {"has_more": "false", "list": row}
        return answer

    lab.state.fault(PEOPLE, "edit", edit=as_documented)
    person = next(lab.client.contacts.users([2]))[0]
    assert (person.active, person.department_ids) == (True, (2, 3))
    assert person.hired_on == date(2020, 8, 27)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "empty"),
        (None, "empty"),
        ("null", "empty"),
        ("100%", "not_a_number"),
        ("1,2", "not_a_number"),
        ("12 元", "not_a_number"),
        ("1e5", "not_a_number"),
        ("NaN", "not_a_number"),
        ("１２", "not_a_number"),
        ("1.", "not_a_number"),
    ],
)
def test_numbers_are_strict(value, code):
    row = {"formComponentValues": [{"id": "NumberField-1", "bizAlias": "rate", "value": value}]}
    field = approvals.instance_from("i", row).field("rate")
    with pytest.raises(approvals.FormError) as caught:
        approvals.number(field)
    assert caught.value.code == code


def test_two_fields_of_one_alias_decide_nothing():
    rows = [{"id": f"NumberField-{n}", "bizAlias": "rate", "value": "1"} for n in (1, 2)]
    found = approvals.instance_from("i", {"formComponentValues": rows})
    with pytest.raises(approvals.FormError) as caught:
        found.field("rate")
    assert caught.value.code == "ambiguous"
    with pytest.raises(approvals.FormError) as caught:
        approvals.rows(found.field("NumberField-1"))
    assert caught.value.code == "not_a_table"


def test_a_missing_answer_of_a_notice_is_unknown(lab):
    strip = lambda answer: {key: v for key, v in answer.items() if key != "task_id"}  # noqa: E731
    lab.state.fault(NOTICE, "edit", edit=strip)
    fails(lambda: write_notice(lab), errors.OutcomeUnknown)


def test_a_result_with_missing_lists(lab):
    task = write_notice(lab)
    path = "/topapi/message/corpconversation/getsendresult"
    lab.state.fault(path, "edit", edit=lambda answer: {**answer, "send_result": {}})
    result = lab.client.notices.result(task)
    assert (result.delivered, result.refused) == (frozenset(), {})


# -- the caller's own mistakes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://oapi.dingtalk.com",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1",
        "https://",
        "https://user:secret@oapi.dingtalk.com",
        "https://oapi.dingtalk.com?x=1",
        "oapi.dingtalk.com",
    ],
)
def test_addresses_that_would_send_secrets_unprotected(lab, url):
    with pytest.raises(ValueError, match="address"):
        lab.make_client(hosts={"oapi": url})


def test_ids_cannot_leave_their_place_in_the_address(lab):
    fails(lambda: lab.client.todos.find("../../x", "a/b?c#d"), errors.NotFound)
    request = lab.state.requests[-1]
    assert request.args == {"union": "../../x", "source": "a/b?c#d"}


def test_pauses_grow_and_have_chance(lab):
    chances = iter([0.0, 1.0, 0.5])
    clock = Clock()
    client = lab.make_client(clock=clock, sleep=clock.sleep, chance=lambda: next(chances))
    client.token()
    lab.state.fault(USER, "status", status=503, times=3)
    client.contacts.user("u1")
    pauses = [pause for pause in clock.sleeps if pause >= 1]
    assert pauses == [1.0, 3.0, 5.0]


def test_every_interface_of_the_table_is_known_to_the_fake():
    from fake_dingtalk.wire import find

    from odoo.addons.hr_performance_dingtalk.tools.endpoints import ENDPOINTS

    for endpoint in ENDPOINTS.values():
        path = endpoint.path.replace("{", "").replace("}", "")
        route, _args = find(endpoint.host, endpoint.method, path)
        assert route is not None, endpoint.name
        assert route.metered == endpoint.metered, endpoint.name
        assert (route.token or None) == endpoint.token, endpoint.name


def test_the_state_can_be_written_as_json(lab):
    json.dumps([request.body for request in lab.state.requests])
