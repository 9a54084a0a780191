"""The people whom ``make demo`` names, against the demo data."""

import re

from devkit import demo, settings
from lxml import etree

COMPANY = settings.ROOT / "hr_performance" / "demo" / "hr_performance_company_demo.xml"
ROLES = {"hr_manager", "department_manager", "employee", "salesperson"}


def read_people():
    """Return ``{login: (password, groups, name of the record)}`` of the users."""
    people = {}
    for record in etree.parse(COMPANY).iterfind("record[@model='res.users']"):
        values = {field.get("name"): field for field in record.iterfind("field")}
        if "login" in values:
            people[values["login"].text] = (
                values["password"].text,
                values["group_ids"].get("eval"),
                record.get("id").removeprefix("user_"),
            )
    return people


def read_managers():
    """Return the names of the employees who manage a department."""
    values = etree.parse(COMPANY).iterfind("function[@model='hr.department']/value")
    found = (re.search(r"'manager_id': ref\('employee_(\w+)'\)", v.get("eval")) for v in values)
    return {match[1] for match in found if match}


def test_every_login_is_a_person_with_the_role():
    people, managers = read_people(), read_managers()
    named = dict(demo.logins())
    assert set(named) == {*ROLES, "administrator"}
    for role in ROLES:
        password, groups, name = people[named[role]]
        assert password == named[role], "the welcome says that login and password are the same"
        assert ("group_hr_performance_manager" in groups) == (role == "hr_manager")
        assert (name in managers) == (role == "department_manager")


def test_the_file_gives_the_passwords_too():
    lines = demo.LOGINS.read_text(encoding="utf-8").splitlines()
    for line in lines:
        if not line.startswith("#"):
            _role, login, password = line.split()
            assert read_people()[login][0] == password
