"""An open leaderboard follows a deal by itself: a real server, its jobs, its bus, a browser."""

import contextlib
import signal
import subprocess
import time

import pytest
import requests
from browser import Browser
from devkit import server
from shots import Session

PATIENCE = 60
PEOPLE = """
from datetime import date
company = env.company
department = env["hr.department"].create({"name": "Sales", "company_id": company.id})
seller = env.ref("sales_team.group_sale_salesman")
names = ("Ann", "Ben", "Cleo")
users = env["res.users"].create([
    {"name": name, "login": name.lower(), "password": name.lower(), "tour_enabled": False,
     "group_ids": [(4, seller.id)], "tz": "Asia/Shanghai"}
    for name in names
])
env["hr.employee"].create([
    {"name": user.name, "user_id": user.id, "department_id": department.id,
     "date_version": date(2020, 1, 1)}
    for user in users
])
today = company._get_performance_today()
plan = env["hr.performance.sales.plan"].create({
    "name": "Live plan", "date_from": today.replace(day=1), "basis": "won", "minimum": 1000,
    "department_ids": [(6, 0, department.ids)], "min_size": 3, "visibility": "full",
    "reward_kind": "percent", "reward_percent": 10,
})
plan.action_start()
leads = env["crm.lead"].create([
    {"name": "Deal", "type": "opportunity", "user_id": user.id, "expected_revenue": revenue}
    for user, revenue in zip(users, (3000, 2000, 4000))
])
leads[:2].action_set_won()
plan.period_ids._refresh()
# as if the last refresh was a while ago: the next one is due
plan.period_ids.refreshed_on = "2020-01-01 00:00:00"
env.cr.commit()
print("LEAD", leads[2].id)
"""
REFRESH = """
periods = env["hr.performance.sales.period"]
env["hr.performance.work.item"]._retry(periods._refresh_stale)
env.cr.commit()
"""


@pytest.fixture
def company(make_database, odoo_shell, free_ports):
    """A running server with three sellers: address, database, a deal of Cleo that is open."""
    database = make_database("hr_performance_sales")
    lead = int(odoo_shell(database, PEOPLE).partition("LEAD")[2].split()[0])
    line = server.command(
        "-d", database, "--db-filter", f"^{database}$", "--http-port", free_ports,
        "--gevent-port", free_ports + 1, "--log-level", "warn",
    )  # fmt: skip
    with subprocess.Popen(
        line, env=server.environment("test"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            address = f"http://127.0.0.1:{free_ports}"
            _wait_for(address)
            yield address, database, lead
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)


def _wait_for(address):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(f"{address}/web/login", timeout=PATIENCE).ok:
                return
        time.sleep(0.3)
    raise AssertionError("the server did not start")


def test_a_won_deal_is_seen_without_loading_the_page(company, odoo_shell):
    address, database, lead = company
    with Browser() as browser:
        browser.size(1366, 850)
        browser.login(address, "ben", "ben")
        browser.open(f"{address}/odoo/sales-leaderboard", ".o_board_rows .o_board_own")
        names = "[...document.querySelectorAll('.o_board_row .o_board_name span')]"
        names += ".map((el) => el.firstChild.textContent).filter((t) => t != 'You')"
        assert browser.run(names) == ["Ann", "Ben", "Cleo"]
        browser.run("window.stays = true")

        # Cleo wins her deal; the job that comes every minute is called at once
        cleo = Session(address, "cleo", "cleo")
        with cleo.http:
            cleo.call("crm.lead", "action_set_won", [[lead]])
        odoo_shell(database, REFRESH)
        browser.wait_until(f"{names}[0] === 'Cleo'", seconds=20)
        assert browser.run("window.stays"), "the page was loaded again"
        assert browser.run("!!document.querySelector('.o_board_changed')")
        own = browser.run("document.querySelector('.o_board_rows .o_board_own').innerText")
        assert own.startswith("3")
        assert not browser.errors
