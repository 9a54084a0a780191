"""The DingTalk client against the fake, over HTTP: what works when all goes well."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from fake_dingtalk.state import form_field, instant, table_field
from lab import laboratory

from odoo.addons.hr_performance_dingtalk.tools import approvals, messages, outward
from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.budget import MemoryBudget
from odoo.addons.hr_performance_im.tools.tokens import MemoryTokenStore

pytestmark = pytest.mark.usefixtures("far_away")

PROCESS = "PROC-1"


@pytest.fixture
def lab(dingtalk):
    with laboratory(dingtalk) as lab:
        lab.fill()
        yield lab


def flat(pages):
    return [row for page in pages for row in page]


# -- tokens ----------------------------------------------------------------------------------------


def test_one_token_serves_both_hosts_and_is_kept(lab):
    lab.client.contacts.scope()
    lab.state.add_process(PROCESS, "结项")
    lab.client.approvals.templates("u1")
    lab.client.contacts.user("u1")
    assert lab.client.calls["oauth2/accessToken"] == 1


def test_a_token_is_renewed_before_it_ends(lab):
    lab.client.contacts.scope()
    lab.clock.now += 7200 - 301
    lab.client.contacts.scope()
    assert lab.client.calls["oauth2/accessToken"] == 1
    lab.clock.now += 2
    lab.client.contacts.scope()
    assert lab.client.calls["oauth2/accessToken"] == 2


def test_clients_share_a_token_store(lab):
    store = MemoryTokenStore()
    first, second = lab.make_client(tokens=store), lab.make_client(tokens=store)
    first.contacts.scope()
    second.contacts.scope()
    assert second.calls["oauth2/accessToken"] == 0


def test_expiring_spares_a_token_that_another_worker_fetched(lab):
    store = MemoryTokenStore()
    client = lab.make_client(tokens=store)
    old = client.token()
    lab.state.revoke_tokens()
    store.expire(client._token_key, old)
    new = client.token()
    store.expire(client._token_key, old)
    assert store.get(client._token_key).value == new


# -- contacts --------------------------------------------------------------------------------------


def test_departments_are_walked_without_schools(lab):
    lab.state.add_department(37, "前端", parent=2)
    lab.state.add_department(-7, "家校", parent=1)
    found = list(lab.client.contacts.departments())
    assert [(d.id, d.name, d.parent_id) for d in found] == [(2, "研发", 1), (37, "前端", 2)]


def test_people_of_several_departments_come_once(lab):
    lab.state.add_department(3, "销售")
    for number in range(4, 231):
        lab.state.add_user(f"u{number}", departments=(2, 3) if number % 2 else (3,))
    people = flat(lab.client.contacts.users([2, 3]))
    assert len(people) == len({person.id for person in people}) == 230
    assert {p.id for p in people if p.department_ids == (2, 3)} == {
        f"u{number}" for number in range(5, 231, 2)
    }


def test_what_is_not_told_is_none(lab):
    lab.state.add_user("u9", "九", (2,), hired=date(2020, 8, 26), mobile="13800000000")
    person = lab.client.contacts.user("u9")
    assert (person.email, person.job_number, person.manager_id) == (None, None, None)
    assert (person.mobile, person.active) == ("13800000000", True)
    assert person.hired_on == date(2020, 8, 26)
    assert person.data["dept_order"] == 176318669012199520


def test_manager_and_led_departments(lab):
    lab.state.add_user("boss", departments=(1, 2), leads=(2,))
    lab.state.users["u1"]["manager"] = "boss"
    assert lab.client.contacts.user("u1").manager_id == "boss"
    assert lab.client.contacts.user("boss").leads == (2,)


def test_ids_by_number_and_union_id(lab):
    lab.state.users["u1"]["mobile"] = "13800000001"
    assert lab.client.contacts.user_id_by_mobile("13800000001") == "u1"
    assert lab.client.contacts.user_id_by_union_id("union-u2") == "u2"
    for ask in (
        lambda: lab.client.contacts.user_id_by_mobile("139"),
        lambda: lab.client.contacts.user_id_by_union_id("nobody"),
        lambda: lab.client.contacts.user("nobody"),
    ):
        with pytest.raises(errors.UserUnknown) as caught:
            ask()
        assert caught.value.action == "skip"


def test_leavers_by_record(lab):
    for number in range(10, 75):
        lab.state.add_user(f"x{number}")
        lab.state.remove_user(f"x{number}", "delete" if number % 2 else "leave")
    since = datetime(2026, 4, 1)
    records = flat(lab.client.contacts.leave_records(since))
    assert len(records) == 65
    assert records[0].reason == "leave"
    assert records[0].left_at == datetime(2026, 4, 16, 15, 40)
    assert len(flat(lab.client.contacts.dismissed_ids())) == 65
    assert flat(lab.client.contacts.on_job_ids()) == ["u1", "u2", "u3"]


# -- attendance ------------------------------------------------------------------------------------


def test_results_of_many_people_and_days(lab):
    users = [f"w{number}" for number in range(60)]
    for user in users:
        lab.state.add_user(user)
        for number in range(10):
            day = date(2026, 4, 1) + timedelta(days=number)
            lab.state.add_punch(user, day, "OnDuty", "Late" if number == 3 else "Normal")
            lab.state.add_punch(user, day, "OffDuty")
    # an iterator does as well
    rows = flat(lab.client.attendance.results(iter(users), date(2026, 4, 1), date(2026, 4, 10)))
    assert len(rows) == len({row.key for row in rows}) == 1200
    late = [row for row in rows if row.time_result == "Late"]
    assert {row.work_date for row in late} == {date(2026, 4, 4)}
    assert {row.base_check_time for row in late} == {datetime(2026, 4, 4, 1, 0)}
    assert {row.user_check_time for row in late} == {datetime(2026, 4, 4, 1, 10)}
    for request in lab.state.calls("/attendance/list"):
        assert len(request.body["userIdList"]) <= 50


def test_missed_punches_have_no_record_and_excused_ones_are_marked(lab):
    day = date(2026, 4, 7)
    lab.state.add_punch("u1", day, "OnDuty", "NotSigned")
    lab.state.add_punch("u1", day, "OffDuty", "NotSigned")
    lab.state.add_punch("u2", day, "OnDuty", "Late", approve_id=4711)
    lab.state.add_punch("u3", day, "OnDuty", "Late", instance_id="inst-1")
    rows = flat(lab.client.attendance.results(["u1", "u2", "u3", "nobody"], day, day))
    assert len({row.key for row in rows}) == 4
    assert [row.record_id for row in rows if row.user_id == "u1"] == [None, None]
    assert {row.user_id: row.excused for row in rows} == {"u1": False, "u2": True, "u3": True}


def test_a_punch_at_night_belongs_to_the_day_of_its_shift(lab):
    day = date(2026, 4, 7)
    lab.state.add_punch(
        "u1", day, "OffDuty", base=instant("2026-04-08 01:00"), actual=instant("2026-04-08 00:30")
    )
    row = flat(lab.client.attendance.results(["u1"], day, day))[0]
    assert row.work_date == day
    assert row.user_check_time == datetime(2026, 4, 7, 16, 30)


def test_columns_by_alias(lab):
    day = date(2026, 4, 14)
    lab.state.add_punch("u1", day, "OnDuty", "Late")
    lab.state.column_overrides[("u1", day, "out_time")] = ""
    lab.state.column_overrides[("u1", day, "attend_result")] = "迟到"
    assert lab.client.attendance.has_report()
    columns = {column.alias: column for column in lab.client.attendance.columns()}
    assert "leave_" not in columns
    wanted = [columns[name] for name in ("late_times", "out_time", "attend_result")]
    values = flat(lab.client.attendance.column_values("u1", wanted, day, day))
    assert {v.alias: v.number for v in values} == {
        "late_times": Decimal("1.0"),
        "out_time": None,
        "attend_result": None,
    }
    assert [v.text for v in values] == ["1.0", None, "迟到"]


def test_long_spans_and_many_columns_are_split(lab):
    columns = lab.client.attendance.columns()
    many = [columns[index % len(columns)] for index in range(25)]
    values = flat(
        lab.client.attendance.column_values("u1", iter(many), date(2026, 1, 1), date(2026, 3, 5))
    )
    bodies = [r.body for r in lab.state.calls("/topapi/attendance/getcolumnval")]
    assert len(bodies) == 3 * 2
    assert len(values) == 64 * 25


def test_leavers_have_no_column_values(lab):
    columns = lab.client.attendance.columns()[:3]
    lab.state.remove_user("u1")
    pages = lab.client.attendance.column_values("u1", columns, date(2026, 4, 1), date(2026, 4, 2))
    assert list(pages) == []


def test_raw_punches(lab):
    day = date(2026, 4, 7)
    for number in range(10):
        lab.state.add_punch("u1", day + timedelta(days=number), "OnDuty", "Late")
    lab.state.add_punch("u2", day, "OnDuty", "NotSigned")
    users = iter(["u1", "u2"])
    rows = flat(lab.client.attendance.punches(users, day, day + timedelta(days=8)))
    assert [row["userId"] for row in rows] == ["u1"] * 9


def test_person_day_and_leave(lab):
    day = date(2026, 4, 7)
    lab.state.add_punch("u1", day, "OnDuty", "Late")
    start, end = instant("2026-04-07 14:00"), instant("2026-04-08 18:00")
    lab.state.leaves += [
        {"user": "u1", "code": f"code-{n}", "start": start, "end": end, "percent": 150}
        for n in range(45)
    ]
    found = lab.client.attendance.day("u1", day)
    assert found["attendance_result_list"][0]["user_check_time"] == "2026-04-07 09:10:00"
    leaves = flat(
        lab.client.attendance.leaves(["u1", "u2"], datetime(2026, 4, 1), datetime(2026, 5, 1))
    )
    assert len(leaves) == 45
    assert (leaves[0].start, leaves[0].end) == (
        datetime(2026, 4, 7, 6, 0),
        datetime(2026, 4, 8, 10, 0),
    )
    assert (leaves[0].duration_percent, leaves[0].unit) == (150, "percent_day")


# -- approvals -------------------------------------------------------------------------------------


def test_ids_of_a_year_in_windows(lab):
    lab.state.add_process(PROCESS, "结项")
    for number in range(300):
        at = instant("2025-05-01 10:00") + number * 86400
        lab.state.add_approval(PROCESS, f"u{number % 3 + 1}", at)
    start, end = datetime(2025, 4, 30), datetime(2026, 4, 16)
    ids = flat(lab.client.approvals.instance_ids(PROCESS, start, end))
    assert len(set(ids)) == 300
    some = flat(lab.client.approvals.instance_ids(PROCESS, start, end, user_ids=["u1"]))
    assert len(set(some)) == 100


def test_late_evening_stays_on_its_day(lab):
    created, finished = instant("2026-03-31 23:50"), instant("2026-04-01 00:20")
    lab.state.add_process(PROCESS, "结项")
    lab.state.add_approval(
        PROCESS,
        "u1",
        created,
        id="i1",
        finished=finished,
        status="COMPLETED",
        result="agree",
        success="true",
    )
    found = lab.client.approvals.instance("i1")
    assert found.clock == "local"
    assert found.create_time == datetime(2026, 3, 31, 15, 50)
    assert found.finish_time == datetime(2026, 3, 31, 16, 20)
    assert found.outcome == approvals.PASSED


def test_times_that_are_true_are_noticed(lab):
    lab.state.add_process(PROCESS, "结项")
    lab.state.add_approval(PROCESS, "u1", instant("2026-03-31 23:50"), id="i1", true_utc=True)
    found = lab.client.approvals.instance("i1")
    assert found.clock == "utc"
    assert found.create_time == datetime(2026, 3, 31, 15, 50)


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({}, approvals.RUNNING),
        ({"status": "COMPLETED", "result": "agree"}, approvals.PASSED),
        ({"status": "COMPLETED", "result": "refuse"}, approvals.REFUSED),
        ({"status": "TERMINATED"}, approvals.WITHDRAWN),
        ({"status": "CANCELED"}, approvals.WITHDRAWN),
    ],
)
def test_outcomes(lab, values, outcome):
    lab.state.add_process(PROCESS, "结项")
    lab.state.add_approval(PROCESS, "u1", instant("2026-03-31 12:00"), id="i1", **values)
    found = lab.client.approvals.instance("i1")
    assert (found.outcome, found.revokes) == (outcome, None)


def test_revocation_names_what_it_takes_back(lab):
    lab.state.add_process(PROCESS, "结项")
    at = instant("2026-04-01 12:00")
    lab.state.add_approval(PROCESS, "u1", at, id="i2", action="REVOKE", main="i1")
    assert lab.client.approvals.instance("i2").revokes == "i1"


def test_form_is_read_by_alias_and_id(lab):
    lab.state.add_process(PROCESS, "结项")
    lab.state.add_approval(
        PROCESS,
        "u1",
        instant("2026-04-01 12:00"),
        id="i1",
        fields=[
            form_field("NumberField-1", "1,234.50", alias="rate", label="完成率"),
            form_field("NumberField-9", "1", label="完成率"),
            form_field("DDSelectField-2", "A", extra={"label": "A", "key": "option_1"}),
            form_field("InnerContactField-3", "李四", extra=[{"emplId": "u2", "name": "李四"}]),
            table_field("TableField-4", [[("MoneyField-5", "金额", "400")]], alias="items"),
        ],
    )
    found = lab.client.approvals.instance("i1")
    assert approvals.number(found.field("rate")) == Decimal("1234.50")
    assert found.field("NumberField-1") == found.field("rate")
    assert approvals.choice(found.field("DDSelectField-2")) == "option_1"
    assert approvals.contacts(found.field("InnerContactField-3")) == ["u2"]
    row = approvals.rows(found.field("items"))[0]
    assert [(cell.id, cell.label, cell.value) for cell in row] == [("MoneyField-5", "金额", "400")]
    for address in ("完成率", "nothing"):
        with pytest.raises(approvals.FormError) as caught:
            found.field(address)
        assert caught.value.code == "missing"


# -- messages --------------------------------------------------------------------------------------


def test_notice_and_what_became_of_it(lab):
    card = messages.card_message("考核", "**自评**", "查看", "https://odoo.example.com/performance")
    task = lab.client.notices.send(["u1", "u2", "nobody"], card)
    assert not lab.client.notices.progress(task).done
    lab.clock.now += 600
    assert lab.client.notices.progress(task) == (100, True)
    lab.state.notices[task].read.add("u2")
    result = lab.client.notices.result(task)
    assert (result.read, result.unread) == ({"u2"}, {"u1"})
    assert result.delivered == {"u1", "u2"}
    assert result.unknown_users == {"nobody"}


def test_the_same_text_on_one_day_is_refused_silently(lab):
    text = messages.text_message("提醒")
    first = lab.client.notices.send(["u1"], text)
    second = lab.client.notices.send(["u1", "u2"], text)
    assert lab.client.notices.result(first).delivered == {"u1"}
    result = lab.client.notices.result(second)
    assert (result.delivered, result.refused) == ({"u2"}, {"u1": "duplicate"})
    lab.clock.now += 86400
    third = lab.client.notices.send(["u1"], text)
    assert lab.client.notices.result(third).delivered == {"u1"}


def test_the_daily_limit_is_silent_too(lab):
    lab.state.person_day_limit = 2
    tasks = [lab.client.notices.send(["u1"], messages.text_message(str(n))) for n in range(3)]
    assert lab.client.notices.result(tasks[2]).refused == {"u1": "day"}


def test_notices_have_limits(lab):
    with pytest.raises(ValueError, match="100"):
        lab.client.notices.send([f"u{n}" for n in range(101)], messages.text_message("x"))
    with pytest.raises(ValueError, match="2048"):
        lab.client.notices.send(["u1"], messages.text_message("长" * 700))
    longest = messages.text_message("长" * 668)
    assert messages.size_of(longest) <= 2048
    lab.client.notices.send(["u1"], longest)
    task = lab.client.notices.send(["u1"], messages.markdown_message("t", "x"))
    lab.client.notices.recall(task)
    assert lab.state.notices[task].recalled


def test_page_links_stay_inside_the_app():
    link = messages.page_link("https://odoo.example.com/performance?a=1&b=二")
    assert link == (
        "dingtalk://dingtalkclient/page/link?"
        "url=https%3A%2F%2Fodoo.example.com%2Fperformance%3Fa%3D1%26b%3D%E4%BA%8C&pc_slide=true"
    )


def test_todo_is_made_once_completed_and_removed(lab):
    owner, url = "union-u1", "https://odoo.example.com/performance"
    due = datetime(2026, 4, 20, 10, 0)
    made = lab.client.todos.create(owner, "odoo-1", "自评", url, due=due, description="第一季度")
    again = lab.client.todos.create(owner, "odoo-1", "自评", url)
    assert (made.created, again.created, again.id) == (True, False, made.id)
    assert lab.state.todos[made.id]["dueTime"] == instant("2026-04-20 18:00") * 1000
    lab.client.todos.update(owner, made.id, done=True, subject="自评 (done)")
    assert lab.client.todos.find(owner, "odoo-1").done
    lab.client.todos.set_executors_done(owner, made.id, [owner])
    assert lab.client.todos.delete(owner, made.id)
    assert not lab.client.todos.delete(owner, made.id)
    for ask in (
        lambda: lab.client.todos.update(owner, made.id, done=True),
        lambda: lab.client.todos.find(owner, "odoo-1"),
    ):
        with pytest.raises(errors.NotFound):
            ask()


def test_robot_and_group(lab):
    result = lab.client.robot.send(lab.state.app.robot_code, ["u1", "nobody"], "榜", "# 榜")
    assert (result.invalid, result.throttled) == ({"nobody"}, frozenset())
    assert lab.state.robot_messages[0]["content"] == {"title": "榜", "text": "# 榜"}
    lab.state.app.webhook_secret = "SECfake-secret"
    send = lab.client.robot.send_to_group
    send(lab.state.app.webhook_token, "榜", "# 榜", secret="SECfake-secret")
    assert len(lab.state.group_messages) == 1
    with pytest.raises(errors.ConfigurationError):
        send(lab.state.app.webhook_token, "榜", "# 榜", secret="wrong")
    with pytest.raises(errors.ConfigurationError):
        send("wrong token", "榜", "# 榜")


def test_webhook_signature_is_the_documented_one():
    # computed with openssl: printf '%s\n%s' 1577262236757 this is secret | openssl dgst -sha256
    # -hmac 'this is secret' -binary | base64
    assert messages.webhook_sign("this is secret", 1577262236757) == WEBHOOK_SIGN


WEBHOOK_SIGN = "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="


# -- sign-in ---------------------------------------------------------------------------------------


def test_sign_in_inside_the_app_works_once(lab):
    code = lab.state.add_code("u1")
    assert lab.client.login.person_in_app(code) == ("u1", "union-u1", "员工1")
    for bad in (code, "invented"):
        with pytest.raises(errors.LoginRefused) as caught:
            lab.client.login.person_in_app(bad)
        assert caught.value.action == "login"
    old = lab.state.add_code("u1")
    lab.clock.now += 301
    with pytest.raises(errors.LoginRefused):
        lab.client.login.person_in_app(old)


def test_sign_in_in_the_browser(lab):
    code = lab.state.add_code("u2", web=True)
    assert lab.client.login.person_in_browser(code) == ("u2", "union-u2", "员工2")
    with pytest.raises(errors.LoginRefused):
        lab.client.login.person_in_browser(code)


def test_sign_in_to_another_company_or_as_a_stranger(lab):
    code = lab.state.add_code("u2", web=True, corp_id="dingother")
    with pytest.raises(errors.WrongCompany):
        lab.client.login.person_in_browser(code)
    code = lab.state.add_code("stranger", web=True)
    with pytest.raises(errors.UserUnknown):
        lab.client.login.person_in_browser(code)


def test_sign_in_page(lab):
    url = lab.client.login.page_url("https://odoo.example.com/back?x=1", "s t&te")
    assert "client_id=dingfakeclientid0001" in url
    assert "state=s+t%26te" in url
    assert "redirect_uri=https%3A%2F%2Fodoo.example.com%2Fback%3Fx%3D1" in url
    assert "scope=openid+corpid" in url


# -- outward, check, counting ----------------------------------------------------------------------


def test_results_are_published_again_without_harm(lab):
    value = outward.IndicatorValue("MONTH", "2026-03-01 00:00:00", "97.5")
    for _time in range(2):
        lab.client.outward.push_indicator("code_1", [value])
    assert lab.state.indicators == {("code_1", "MONTH", "2026-03-01 00:00:00"): "97.5"}
    for code, wrong in (
        ("code_2", value),
        ("code_1", value._replace(period_type="month")),
        ("code_1", value._replace(period="2026-03-02 00:00:00")),
        ("code_1", value._replace(value="97,5")),
    ):
        with pytest.raises(errors.BadRequest):
            lab.client.outward.push_indicator(code, [value, wrong])
    assert len(lab.state.indicators) == 1
    record = outward.PerformanceRecord(
        "u1", "员工1", "2026 Q1", "Q1", "2026-01-01", "2026-03-31", "97.5", grade="A"
    )
    lab.client.outward.import_records([record])
    assert lab.state.performance_records[0]["perfScore"] == "A"
    assert "comment" not in lab.state.performance_records[0]
    with pytest.raises(errors.BadRequest):
        lab.client.outward.import_records([record._replace(name="")])


def test_connection_test_names_what_is_missing(lab):
    lab.state.add_process(PROCESS, "结项")
    assert [c.error for c in lab.client.check("u1")] == [None] * 5
    lab.state.granted = {"/v1.0/workflow/processes/managements/templates"}
    checks = {check.name: check.error for check in lab.client.check("u1")}
    assert checks["approvals"] is None
    assert isinstance(checks["report"], errors.PermissionMissing)
    assert checks["report"].scopes == ("qyapi_fake_scope",)
    assert checks["report"].link.startswith("https://open-dev.dingtalk.com/appscope/apply")
    wrong = lab.make_client(client_secret="wrong").check("u1")
    assert [(c.name, type(c.error)) for c in wrong] == [("token", errors.CredentialsRefused)]


def test_only_metered_calls_use_the_budget(lab):
    budget = MemoryBudget(limit=2)
    client = lab.make_client(budget=budget)
    client.contacts.user("u1")
    flat(client.contacts.users([2]))
    assert budget.used == 0
    client.attendance.has_report()
    client.attendance.has_report()
    with pytest.raises(errors.BudgetExhausted) as caught:
        client.attendance.has_report()
    assert caught.value.action == "stop"
    assert budget.used == 2
    assert client.metered_calls == 2
    assert len(lab.state.calls("/topapi/attendance/isopensmartreport")) == 2


def test_the_client_keeps_under_the_rate(lab):
    for _time in range(60):
        lab.client.contacts.user("u1")
    assert len(lab.state.calls("/topapi/v2/user/get")) == 60
    assert sum(lab.clock.sleeps) == pytest.approx(59 / 18, abs=0.2)


def test_failed_pushes_are_fetched(lab):
    for number in range(430):
        payload = {"userid": [f"u{number}"]}
        lab.state.failed_events.append(
            {"type": "user_add_org", "payload": payload, "at": 1606126433}
        )
    found = flat(lab.client.failed_events())
    assert len({event.id for event in found}) == 430
    assert found[0].pulls[0][:2] == ("user", "u0")
    assert list(lab.client.failed_events()) == []
