"""Run by ``make demo DINGTALK=1`` in Odoo's shell: the demo company gets a DingTalk.

It writes the company's people to the file that the fake is started with, and connects the company
to the fake. ``env`` is the shell's. Two things are left to be solved on the screens: an employee
whom nothing identifies, and a person of DingTalk who is no employee.
"""

import json
import os
from pathlib import Path

APP = json.loads(os.environ["DINGTALK_DEMO_APP"])
COMPANY = env.ref("hr_performance.company_lumiere")  # noqa: F821 the shell's
#: Place of the employee whom nothing identifies, none of those who sign in.
STRANGER = 9


def people(env):
    """Departments and people as the fake takes them."""
    departments = env["hr.department"].search([("company_id", "=", COMPANY.id)])
    employees = env["hr.employee"].search([("company_id", "=", COMPANY.id)], order="id")
    for index, employee in enumerate(employees):
        if index != STRANGER and not employee.barcode:
            employee.barcode = f"LM{index:03}"
    number_of = {department: index for index, department in enumerate(departments, 2)}
    users = [person(employee, number_of, index) for index, employee in enumerate(employees)]
    users.append({"userid": "guest", "name": "外部顾问", "departments": [1]})
    return {
        "departments": [
            {
                "id": number,
                "name": department.name,
                "parent": number_of.get(department.parent_id, 1),
            }
            for department, number in number_of.items()
        ],
        "users": users,
    }


def person(employee, number_of, index):
    userid = f"ding{employee.id:05}"
    known = {
        "job_number": employee.barcode,
        "mobile": employee.mobile_phone or employee.private_phone,
        "email": employee.work_email,
        "title": employee.job_title,
    }
    if index == STRANGER:
        known = {"title": known["title"]}
    manager = employee.parent_id
    return {
        "userid": userid,
        "name": employee.name,
        "departments": [number_of.get(employee.department_id, 1)],
        "manager": f"ding{manager.id:05}" if manager else None,
        **{key: value for key, value in known.items() if value},
    }


def connect(env):
    """The company's connection to the fake; one that is there is pointed at it."""
    connections = env["hr.performance.im.connection"]
    found = connections.search([("company_id", "=", COMPANY.id), ("provider", "=", "dingtalk")])
    values = {
        "dingtalk_client_id": APP["client_id"],
        "dingtalk_corp_id": APP["corp_id"],
        "dingtalk_agent_id": str(APP["agent_id"]),
        "dingtalk_oapi_url": APP["oapi"],
        "dingtalk_api_url": APP["api"],
        "dingtalk_login_url": APP["login"],
        "dingtalk_client_secret": APP["client_secret"],
        "dingtalk_event_token": APP["callback_token"],
        "dingtalk_event_key": APP["aes_key"],
        "budget": 5000,
    }
    if found:
        found[0].write(values)
        return found[0]
    name = {"name": "DingTalk", "provider": "dingtalk", "company_id": COMPANY.id}
    return connections.create({**name, **values})


def main(env):
    folder = Path(os.environ["DINGTALK_DEMO_FOLDER"])
    connection = connect(env)
    found = people(env)
    (folder / "people.json").write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    (folder / "callback").write_text(connection.dingtalk_event_url, encoding="utf-8")
    env.cr.commit()


main(env)  # noqa: F821
