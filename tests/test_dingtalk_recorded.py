"""Shapes that were seen on the real hosts or published by DingTalk, read by our code.

None of them was made by our client or by the fake. Values that named people are replaced.
"""

from datetime import date, datetime, timezone

import pytest

from odoo.addons.hr_performance_dingtalk.tools import (
    DingTalkClient,
    approvals,
    attendance,
    events,
    stream,
    times,
)
from odoo.addons.hr_performance_dingtalk.tools import (
    endpoints as e,
)
from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.client import Answer

pytestmark = pytest.mark.usefixtures("far_away")

CLIENT = DingTalkClient("client", "a-secret-of-the-application", clock=lambda: 1788364800.0)

#: Bodies of the real hosts for calls without valid credentials, of September 2026.
REFUSALS = [
    (
        e.SCOPES,
        200,
        {"errcode": 40096, "errmsg": "不合法的appKey或appSecret"},
        errors.CredentialsRefused,
    ),
    (
        e.USER_DETAIL,
        200,
        {
            "errcode": 88,
            "sub_code": "40014",
            "sub_msg": "不合法的access_token",
            "errmsg": "ding talk error[subcode=40014,submsg=不合法的access_token]",
            "request_id": "16l4ew3d47pdp",
        },
        errors.TokenRefused,
    ),
    (
        e.USER_DETAIL,
        200,
        {"errcode": 88, "sub_code": "40000", "sub_msg": "access_token is blank", "errmsg": "…"},
        errors.TokenRefused,
    ),
    (
        e.ATTENDANCE_RESULTS,
        200,
        {"errcode": 40014, "errmsg": "不合法的access_token"},
        errors.TokenRefused,
    ),
    (
        e.USER_DETAIL,
        200,
        {"errcode": 22, "errmsg": "Invalid method[submsg=不合法ApiName]"},
        errors.BadRequest,
    ),
    (
        e.TOKEN,
        400,
        {
            "requestid": "…",
            "code": "invalidClientIdOrSecret",
            "message": "无效的clientId或者clientSecret",
        },
        errors.CredentialsRefused,
    ),
    (
        e.INSTANCE,
        400,
        {"code": "InvalidAuthentication", "requestid": "…", "message": "不合法的access_token"},
        errors.TokenRefused,
    ),
    (
        e.INSTANCE,
        200,
        {"errcode": 404, "errmsg": "请求的URI地址不存在"},
        errors.BadRequest,
    ),
    (
        e.INSTANCE,
        400,
        {"code": "AuthenticationFailed.MissingParameter", "message": "…"},
        errors.TokenRefused,
    ),
    (
        e.WEBHOOK,
        200,
        {"errcode": 300005, "errmsg": "token is not exist"},
        errors.ConfigurationError,
    ),
    (
        e.USER_DETAIL,
        200,
        {"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "…"},
        errors.Banned,
    ),
    (
        e.INSTANCE,
        403,
        {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg", "message": "…"},
        errors.QuotaExhausted,
    ),
    (
        e.INSTANCE,
        403,
        {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "message": "…"},
        errors.RateLimited,
    ),
]


@pytest.mark.parametrize(("endpoint", "status", "body", "kind"), REFUSALS)
def test_refusals(endpoint, status, body, kind):
    with pytest.raises(errors.ApiError) as caught:
        CLIENT._read_answer(endpoint, Answer(status, body))
    assert type(caught.value) is kind


def test_the_end_of_a_limit_is_read_in_china():
    body = {
        "errcode": 88,
        "sub_code": "90002",
        "sub_msg": "您的服务器调用钉钉开放平台所有接口的请求都被暂时禁用了,"
        "限制将在 2026-09-03 00:01:03 结束",
        "errmsg": "…",
    }
    # the clock above shows 2026-09-02 16:00:00 UTC
    with pytest.raises(errors.RateLimited) as caught:
        CLIENT._read_answer(e.DEPARTMENTS, Answer(200, body))
    assert caught.value.wait == 64


def test_required_scopes():
    body = {
        "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
        "message": "…",
        "accessdenieddetail": {"requiredScopes": ["Workflow.Instance.Read"]},
    }
    with pytest.raises(errors.PermissionMissing) as caught:
        CLIENT._read_answer(e.INSTANCE, Answer(403, body))
    assert caught.value.scopes == ("Workflow.Instance.Read",)


# -- times -----------------------------------------------------------------------------------------

#: createTime, first digits of the business id, and the epoch seconds in the instance's id.
APPROVALS = [
    ("2023-04-07T16:51Z", "202304071651000123456", 1680857502),
    ("2026-04-16T15:34Z", "202604161534000376553", 1776324877),
]


@pytest.mark.parametrize(("text", "business_id", "epoch"), APPROVALS)
def test_the_z_of_approvals_is_false(text, business_id, epoch):
    truth = datetime.fromtimestamp(epoch, timezone.utc).replace(second=0, tzinfo=None)
    clock = times.approval_clock(text, business_id)
    assert clock == times.LOCAL
    assert times.approval_time(text, clock) == truth
    assert times.utc_from_iso(text) != truth


def test_a_work_day_is_a_midnight_in_china():
    assert times.day_from_ms(1666195200000) == date(2022, 10, 20)
    assert times.utc_from_ms(1666195200000) == datetime(2022, 10, 19, 16)
    assert times.midnight_ms(date(2022, 10, 20)) == 1666195200000


# -- attendance ------------------------------------------------------------------------------------

RESULTS = [
    {
        "id": 100068640553,
        "recordId": 42833709096,
        "userId": "u1",
        "checkType": "OnDuty",
        "timeResult": "Late",
        "locationResult": "Normal",
        "sourceType": "USER",
        "workDate": 1599321600000,
        "baseCheckTime": 1599372300000,
        "userCheckTime": 1599373000000,
        "planId": 145583519353,
        "groupId": 685935028,
        "corpId": "ding…",
    },
    {
        "id": 260694657296,
        "userId": "u2",
        "checkType": "OnDuty",
        "timeResult": "NotSigned",
        "locationResult": "NotSigned",
        "sourceType": "SYSTEM",
        "workDate": 1666195200000,
        "baseCheckTime": 1666227600000,
        "userCheckTime": 1666227600000,
        "planId": 437360727696,
        "groupId": 1010275569,
        "corpId": "ding…",
    },
]


def test_results():
    first, second = attendance.decode_results(RESULTS)
    assert (first.key, first.record_id, first.time_result) == (
        "100068640553",
        42833709096,
        "Late",
    )
    assert (first.work_date, first.user_check_time) == (
        date(2020, 9, 6),
        datetime(2020, 9, 6, 6, 16, 40),
    )
    assert (second.key, second.record_id) == ("260694657296", None)
    assert (second.work_date, second.base_check_time) == (
        date(2022, 10, 20),
        datetime(2022, 10, 20, 1, 0),
    )
    assert not second.excused


def test_column_values():
    columns = [attendance.Column("1", "late_times", "迟到次数"), attendance.Column("2", "out", "")]
    answer = {
        "result": {
            "column_vals": [
                {
                    "column_vo": {"id": 1},
                    "column_vals": [
                        {"date": "2026-03-01 00:00:00", "value": "1.0"},
                        {"date": "2026-03-02 00:00:00", "value": ""},
                    ],
                },
                {
                    "column_vo": {"id": 2},
                    "fixed_value": "0",
                    "column_vals": [{"date": "2026-03-01 00:00:00", "value": ""}],
                },
                {"column_vo": {"id": 99}, "column_vals": [{"date": "2026-03-01", "value": "x"}]},
            ]
        }
    }
    values = attendance.decode_column_values("u1", columns, answer)
    assert [(v.alias, v.day.day, v.text) for v in values] == [
        ("late_times", 1, "1.0"),
        ("late_times", 2, None),
        ("out", 1, "0"),
    ]


# -- approvals -------------------------------------------------------------------------------------


def test_form_of_a_finished_approval():
    found = approvals.instance_from(
        "i1",
        {
            "title": "提交的项目结项",
            "businessId": "202304071651000123456",
            "status": "COMPLETED",
            "result": "agree",
            "bizAction": "NONE",
            "createTime": "2023-04-07T16:51Z",
            "finishTime": "2023-04-07T17:02Z",
            "originatorUserId": "u1",
            "formComponentValues": [
                {
                    "id": "DDDateRangeField-1",
                    "componentType": "DDDateRangeField",
                    "name": '["开始时间","结束时间"]',
                    "value": '["2023-03-24","2023-03-25",null]',
                },
                {
                    "id": "TableField-4",
                    "componentType": "TableField",
                    "name": "明细",
                    "value": '[{"rowValue":[{"key":"MoneyField-5","label":"金额","value":"400"}],'
                    '"rowNumber":"TableField-4_1"}]',
                    "extValue": '{"statValue":[],"componentName":"TableField"}',
                },
            ],
        },
    )
    assert found.outcome == approvals.PASSED
    assert found.finish_time == datetime(2023, 4, 7, 9, 2)
    [[cell]] = approvals.rows(found.field("TableField-4"))
    assert approvals.number(cell) == 400
    assert found.field("DDDateRangeField-1").value == '["2023-03-24","2023-03-25",null]'


def test_contact_of_a_running_approval():
    found = approvals.instance_from(
        "i2",
        {
            "businessId": "202604161534000376553",
            "status": "RUNNING",
            "result": "",
            "createTime": "2026-04-16T15:34Z",
            "formComponentValues": [
                {
                    "id": "InnerContactField-3",
                    "componentType": "InnerContactField",
                    "name": "负责人",
                    "value": "某人",
                    "extValue": '[{"emplId":"0932041","name":"某人"}]',
                }
            ],
        },
    )
    assert (found.outcome, found.finish_time) == (approvals.RUNNING, None)
    assert approvals.contacts(found.field("InnerContactField-3")) == ["0932041"]


# -- events ----------------------------------------------------------------------------------------

EVENTS = [
    # documentation: small first letters, a list of people
    (
        '{"EventType":"user_leave_org","CorpId":"ding1","eventId":"1","userId":["u1","u2"],'
        '"timeStamp":"1606126433000"}',
        [("leaver", "u1", None), ("leaver", "u2", None)],
    ),
    # recordings: capital first letters, the time as text
    (
        '{"EventType":"user_add_org","CorpId":"ding1","UserId":["u1"],"TimeStamp":"1606126433000"}',
        [("user", "u1", None)],
    ),
    # one person as a text
    (
        '{"EventType":"user_modify_org","corpId":"ding1","UserId":"u1"}',
        [("user", "u1", None)],
    ),
    (
        '{"EventType":"org_dept_remove","CorpId":"ding1","DeptId":[37,38]}',
        [("department", "37", None), ("department", "38", None)],
    ),
    (
        '{"EventType":"bpms_instance_change","processInstanceId":"i1","processCode":"PROC-1",'
        '"type":"finish","result":"agree","createTime":1495592259000,"staffId":"u1"}',
        [("instance", "i1", None)],
    ),
    (
        '{"EventType":"attend_user_daily_summary_refresh","workDate":"2023-12-12","userId":"u1"}',
        [("day", "u1", date(2023, 12, 12))],
    ),
    (
        '{"EventType":"attend_bossCheck_change","workDate":"2020-11-10 00:00:00","action":"x",'
        '"planId":1,"userId":"u1"}',
        [("day", "u1", date(2020, 11, 10))],
    ),
    (
        '{"EventType":"attendance_report_column_change","corpId":"ding1","columnId":1,"type":"x"}',
        [("columns", "", None)],
    ),
    ('{"EventType":"attendance_check_record","DataList":[{"userId":"u1"}]}', []),
    ('{"EventType":"check_url"}', []),
]


@pytest.mark.parametrize(("text", "pulls"), EVENTS)
def test_events(text, pulls):
    assert list(events.parse_body(text).pulls) == pulls


def test_stream_frames():
    headers = {
        "messageId": "m",
        "topic": "*",
        "contentType": "application/json",
        "time": "1690362102194",
        "eventId": "e1",
        "eventType": "user_add_org",
        "eventCorpId": "ding1",
        "eventBornTime": "1690362102000",
        "eventUnifiedAppId": "app",
    }
    flat = events.parse_stream(headers, '{"timeStamp":1690362102000,"userId":["u1"]}')
    nested = events.parse_stream({}, json_of_stream())
    for event in (flat, nested):
        assert (event.id, event.type, event.corp_id) == ("e1", "user_add_org", "ding1")
        assert event.born_at == datetime(2023, 7, 26, 9, 1, 42)
        assert list(event.pulls) == [("user", "u1", None)]


def json_of_stream():
    return (
        '{"eventUnifiedAppId":"app","eventCorpId":"ding1","eventType":"user_add_org",'
        '"eventId":"e1","eventBornTime":1690362102000,"data":{"userId":["u1"]}}'
    )


def test_disconnect_of_the_stream():
    frame = (
        '{"specVersion":"1.0","type":"SYSTEM","headers":{"contentType":"application/json",'
        '"messageId":"…","time":"…","topic":"disconnect"},'
        '"data":"{\\"reason\\":\\"persistent connection is timeout\\"}"}'
    )
    assert stream.react(frame, None) == (None, True)


def test_failed_pushes():
    rows = [
        {
            "user_add_org": {"userid": ["u1"], "corpid": "ding1"},
            "call_back_tag": "user_add_org",
            "event_time": 1606126433000,
        },
        {
            "bpms_instance_change": {
                "bpmsCallBackData": {"processInstanceId": "i1"},
                "corpid": "ding1",
            },
            "call_back_tag": "bpms_instance_change",
            "event_time": 1606126433000,
        },
    ]
    people, instance = map(events.parse_failed, rows)
    assert list(people.pulls) == [("user", "u1", None)]
    assert list(instance.pulls) == [("instance", "i1", None)]
    assert people.id != instance.id
    assert events.parse_failed(rows[0]).id == people.id
    assert people.born_at == datetime(2020, 11, 23, 10, 13, 53)
