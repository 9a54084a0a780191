"""A small company for demonstrations: three departments, twelve people, two months."""

from datetime import date, timedelta

from .state import day_of, form_field, midnight

PEOPLE = [
    ("lina", "李娜", 3, "S001", "13800000001"),
    ("wangwei", "王伟", 3, "S002", "13800000002"),
    ("zhangmin", "张敏", 3, "S003", "13800000003"),
    ("liuyang", "刘洋", 3, "S004", "13800000004"),
    ("chenjing", "陈静", 4, "P001", "13800000005"),
    ("yangfan", "杨帆", 4, "P002", "13800000006"),
    ("zhaolei", "赵磊", 4, "P003", "13800000007"),
    ("huangli", "黄丽", 4, "P004", "13800000008"),
    ("zhouqiang", "周强", 2, "H001", "13800000009"),
    ("wuxia", "吴霞", 2, "H002", "13800000010"),
    ("sunhao", "孙浩", 3, "S005", "13800000011"),
    ("majun", "马军", 4, "P005", "13800000012"),
]
PROCESS = "PROC-FAKE-PROJECT"


def fill(state, today=None):
    """Put the sample into the state; its last punches are yesterday's."""
    today = today or day_of(state.clock())
    for number, name in ((2, "人力资源部"), (3, "销售部"), (4, "项目部")):
        state.add_department(number, name)
    for userid, name, department, number, mobile in PEOPLE:
        state.add_user(
            userid,
            name,
            (department,),
            job_number=number,
            mobile=mobile,
            email=f"{userid}@example.com",
            title="员工",
            hired=date(2023, 3, 1),
            manager=PEOPLE[0][0] if department == 3 and userid != PEOPLE[0][0] else None,
        )
    history(state, today)


def history(state, today=None):
    """Two months of everybody's attendance until yesterday, and a finished process."""
    today = today or day_of(state.clock())
    day = today - timedelta(days=60)
    while day < today:
        if day.weekday() < 5:
            for index, userid in enumerate(state.users):
                _day(state, userid, day, (day.toordinal() * 7 + index * 11) % 29)
        day += timedelta(days=1)
    state.add_process(PROCESS, "项目结项")
    for index, person in enumerate(list(state.users.values())[:8]):
        _approval(state, person, index, midnight(today - timedelta(days=30 - index)))


def _approval(state, person, index, day):
    """Created on an afternoon, decided a day later; the first one is refused."""
    created = day + 15 * 3600
    contact = [{"emplId": person["userid"], "name": person["name"]}]
    state.add_approval(
        PROCESS,
        person["userid"],
        created,
        title=f"{person['name']}提交的项目结项",
        finished=created + 86400,
        status="COMPLETED",
        result="agree" if index else "refuse",
        fields=[
            form_field("NumberField-1", "80" if index % 2 else "100", alias="rate", label="完成率"),
            form_field(
                "InnerContactField-2", person["name"], alias="owner", label="负责人", extra=contact
            ),
        ],
    )


def _day(state, userid, day, fate):
    arrival = {0: "Late", 7: "Late", 14: "SeriousLate", 21: "NotSigned"}.get(fate, "Normal")
    state.add_punch(userid, day, "OnDuty", arrival)
    state.add_punch(userid, day, "OffDuty", "Early" if fate == 3 else "Normal")
