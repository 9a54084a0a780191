"""What the fake knows: one object that tests read and write.

Every time in here is a true instant (epoch seconds) or a day. Each interface *renders* it in its
own way, so that a mistake of the client about time zones cannot be made up for by the same mistake
here.
"""

import hashlib
import itertools
import json
import secrets
import threading
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from fake_dingtalk_app import App

from .faults import Fault, Faults
from .wire import NewError, OldError

#: China has had no summer time since 1991.
SHANGHAI = timezone(timedelta(hours=8))


def instant(text):
    """Epoch seconds of ``2026-03-01 09:00`` (with or without seconds), wall clock in China."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


def wall(seconds, form="%Y-%m-%d %H:%M:%S"):
    """Wall clock in China."""
    return datetime.fromtimestamp(seconds, SHANGHAI).strftime(form)


def false_z(seconds):
    """The wall clock in China with the ``Z`` that approvals put behind it."""
    return wall(seconds, "%Y-%m-%dT%H:%MZ")


def true_iso(seconds, form="%Y-%m-%dT%H:%M:%SZ"):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime(form)


def ms(seconds):
    return round(seconds * 1000)


def midnight(day):
    """Epoch seconds of a day's midnight in China."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).timestamp()


def day_of(seconds):
    return datetime.fromtimestamp(seconds, SHANGHAI).date()


@dataclass
class Punch:
    """A planned punch and what became of it."""

    id: int
    user: str
    day: date
    check_type: str
    base: float
    actual: float
    result: str
    source: str
    location: str = "Normal"
    plan_id: int = 0
    record_id: int | None = None
    approve_id: int | None = None
    instance_id: str | None = None


@dataclass
class Approval:
    id: str
    process: str
    title: str
    originator: str
    created: float
    finished: float | None = None
    status: str = "RUNNING"
    result: str = ""
    action: str = "NONE"
    main: str | None = None
    fields: list = field(default_factory=list)
    success: object = True
    true_utc: bool = False


@dataclass
class Notice:
    task_id: int
    message: dict
    sent: float
    delivered: list = field(default_factory=list)
    read: set = field(default_factory=set)
    invalid: list = field(default_factory=list)
    forbidden: list = field(default_factory=list)
    recalled: bool = False


class State:
    """Everything a DingTalk company holds that the fake knows of.

    :param clock: function that gives epoch seconds
    """

    def __init__(self, clock=time.time):
        self.lock = threading.RLock()
        self.clock = clock
        self.app = App()
        self.faults = Faults()
        self.requests = []
        self.executed = Counter()

        self.token_lifetime = 7200
        self.tokens = {}
        self.user_tokens = {}
        self.codes = {}
        self.tickets = {}

        self.qps = 20
        self.quota = 5000
        self.used = Counter()
        self._windows = defaultdict(deque)
        self.allowed_address = None
        self.granted = None

        self.departments = {1: {"name": "公司", "parent_id": 0}}
        self.users = {}
        self.left = []
        self.punches = {}
        self.smart_report = True
        self.columns = default_columns()
        self.column_overrides = {}
        self.leaves = []
        self.processes = {}
        self.approvals = {}
        self.notices = {}
        self.sent_today = Counter()
        self.person_day_limit = 500
        self.todos = {}
        self.robot_messages = []
        self.group_messages = []
        self.failed_events = []
        self.event_log = []
        self.streams = []
        self.indicator_codes = {"code_1"}
        self.indicators = {}
        self.performance_records = []
        self.stream_url = ""
        self.stopping = False
        self._numbers = itertools.count(100_068_640_553)

    # -- scripting ---------------------------------------------------------------------------------

    def number(self):
        return next(self._numbers)

    def add_department(self, identifier, name, parent=1):
        self.departments[identifier] = {"name": name, "parent_id": parent}
        return identifier

    def add_user(self, userid, name="", departments=(1,), **values):
        """Add a person; ``hired`` is a date, whatever is not given is not told."""
        self.users[userid] = {
            "userid": userid,
            "unionid": values.pop("unionid", f"union-{userid}"),
            "name": name or userid,
            "dept_id_list": list(departments),
            "active": True,
            **values,
        }
        return self.users[userid]

    def remove_user(self, userid, reason="leave"):
        """Somebody leaves: gone from all listings, with a record of it."""
        person = self.users.pop(userid)
        self.left.append({"user": person, "at": self.clock(), "reason": reason})

    def add_punch(self, userid, day, check_type, result="Normal", **values):
        """Add a planned punch; ``base`` and ``actual`` in epoch seconds, else office hours."""
        hour = 9 if check_type == "OnDuty" else 18
        base = values.pop("base", midnight(day) + hour * 3600)
        missed = result == "NotSigned"
        shift = {"Late": 600, "SeriousLate": 3600, "Absenteeism": 7200, "Early": -600}
        actual = values.pop("actual", base + (0 if missed else shift.get(result, 0)))
        punch = Punch(
            id=self.number(),
            user=userid,
            day=day,
            check_type=check_type,
            base=base,
            actual=actual,
            result=result,
            source=values.pop("source", "SYSTEM" if missed else "USER"),
            location="NotSigned" if missed else "Normal",
            plan_id=values.pop("plan_id", self.number()),
            record_id=None if missed else self.number(),
            **values,
        )
        self.punches[punch.id] = punch
        return punch

    def add_process(self, code, name, manager="*"):
        self.processes[code] = {"name": name, "manager": manager}
        return code

    def add_approval(self, process, originator, created, **values):
        """Add an approval; ``fields`` as :func:`form_field` makes them."""
        identifier = values.pop("id", f"inst-{self.number()}")
        approval = Approval(
            identifier,
            process,
            values.pop("title", "审批"),
            originator,
            created,
            **values,
        )
        self.approvals[identifier] = approval
        return approval

    def add_code(self, userid, *, web=False, corp_id=None):
        """A login code, as a page or the sign-in page gets it: good once, for five minutes."""
        code = secrets.token_hex(16)
        self.codes[code] = {
            "user": userid,
            "until": self.clock() + 300,
            "web": web,
            "corp": corp_id or self.app.corp_id,
        }
        return code

    def fault(self, path, kind, **options):
        """Have the next calls of an interface go wrong, see :class:`~.faults.Fault`."""
        return self.faults.add(Fault(path, kind, **options))

    def calls(self, path):
        """The requests that an interface received, by its address."""
        return [request for request in self.requests if request.route == path]

    # -- rules of the platform ---------------------------------------------------------------------

    def issue_token(self):
        """The application's token: the same one while it is valid, and renewed by asking."""
        now = self.clock()
        for token, until in self.tokens.items():
            if until > now:
                self.tokens[token] = now + self.token_lifetime
                return token
        token = f"fake-token-{secrets.token_hex(12)}"
        self.tokens[token] = now + self.token_lifetime
        return token

    def token_is_good(self, token):
        return self.tokens.get(token, 0) > self.clock()

    def revoke_tokens(self):
        """All tokens become invalid before their time, as the real ones sometimes do."""
        self.tokens.clear()

    def month(self):
        return wall(self.clock(), "%Y-%m")

    def meter(self, route):
        """Count a call, or refuse it: calls per second first, which do not count in the month."""
        now = self.clock()
        window = self._windows[route.name]
        while window and window[0] <= now - 1:
            window.popleft()
        if len(window) >= self.qps:
            raise rate_error(route, now)
        window.append(now)
        if route.metered:
            if self.used[self.month()] >= self.quota:
                raise quota_error(route)
            self.used[self.month()] += 1

    def check_scope(self, department_id):
        """Refuse a department that does not exist or that the application may not see."""
        if department_id not in self.departments or department_id <= 0:
            raise OldError(60003, "部门不存在", wrapped=True)
        seen = department_id
        while seen:
            if seen in self.app.scope_departments:
                return
            seen = self.departments[seen]["parent_id"] if seen in self.departments else 0
        raise OldError(50004, "请求的部门id不在授权范围内", wrapped=True)

    def deliver(self, notice, user):
        """Deliver a notice to one person, or refuse it silently."""
        day = day_of(notice.sent).isoformat()
        digest = hashlib.sha1(json.dumps(notice.message, sort_keys=True).encode()).hexdigest()
        if user not in self.users:
            notice.invalid.append(user)
        elif self.sent_today[(user, day, digest)]:
            notice.forbidden.append({"code": "143106", "count": 1, "userid": user})
        elif self.sent_today[(user, day)] >= self.person_day_limit:
            notice.forbidden.append({"code": "143105", "count": 1, "userid": user})
        else:
            self.sent_today[(user, day)] += 1
            self.sent_today[(user, day, digest)] += 1
            notice.delivered.append(user)


def rate_error(route, now, code="90018"):
    if route.host == "api":
        kind = "QpsLimitForAppkeyAndApi" if code == "90018" else "QpsLimitForApi"
        return NewError(403, f"Forbidden.AccessDenied.{kind}", "qps limit")
    until = wall(now + 3)
    text = f"您的服务器调用钉钉开放平台的接口频率超限, 限制将在 {until} 结束"
    return OldError(int(code), text if code == "90002" else "当前接口QPS超过限流", wrapped=True)


def quota_error(route):
    if route.host == "api":
        code = "Forbidden.AccessDenied.ApiCountLimitForOrg"
        return NewError(403, code, "您的企业API调用量已达上限")
    return OldError(90020, "您的企业API调用量已达上限", wrapped=True)


def form_field(identifier, value, *, alias=None, label="", kind=None, extra=""):
    """A form's field; ``extra`` is written as JSON where it is none yet."""
    field = {
        "id": identifier,
        "componentType": kind or identifier.partition("-")[0],
        "name": label or identifier,
        "value": value,
        "extValue": extra if isinstance(extra, str) else json.dumps(extra, ensure_ascii=False),
    }
    if alias:
        field["bizAlias"] = alias
    return field


def table_field(identifier, table, **options):
    """A table; ``table`` is a list of rows, each a list of (key, label, value)."""
    rows = [
        {
            "rowValue": [{"key": key, "label": label, "value": value} for key, label, value in row],
            "rowNumber": f"{identifier}_{index}",
        }
        for index, row in enumerate(table, 1)
    ]
    extra = {"statValue": [], "componentName": "TableField"}
    return form_field(identifier, json.dumps(rows, ensure_ascii=False), extra=extra, **options)


def default_columns():
    """Columns of the report: alias, name, id. Leave columns have no id."""
    names = [
        ("should_attendance_days", "应出勤天数"),
        ("attendance_days", "出勤天数"),
        ("attendance_rest_days", "休息天数"),
        ("attendance_work_time", "工作时长"),
        ("late_times", "迟到次数"),
        ("late_minute", "迟到时长"),
        ("serious_late_times", "严重迟到次数"),
        ("serious_late_minute", "严重迟到时长"),
        ("absenteeism_late_times", "旷工迟到次数"),
        ("leave_early_times", "早退次数"),
        ("leave_early_minute", "早退时长"),
        ("on_work_lack_card_times", "上班缺卡次数"),
        ("off_work_lack_card_times", "下班缺卡次数"),
        ("absenteeism_days", "旷工天数"),
        ("making_up_lack_times", "补卡次数"),
        ("business_trip_time", "出差时长"),
        ("out_time", "外出时长"),
        ("attend_result", "考勤结果"),
    ]
    columns = [
        {"id": 71000000 + index, "alias": alias, "name": name}
        for index, (alias, name) in enumerate(names)
    ]
    return [*columns, {"alias": "leave_", "name": "年假"}, {"alias": "leave_", "name": "事假"}]
