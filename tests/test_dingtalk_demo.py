"""The demonstration with a living DingTalk: from a fresh database to mapped people."""

import json
import urllib.request

from devkit import dingtalk_demo

SCRIPT = """
import json
connection = env["hr.performance.im.connection"].search([])

def read_people():
    connection.action_read_people()
    for _turn in range(50):
        env.cr.commit()
        env.ref("hr_performance_im.ir_cron_process_runs").method_direct_trigger()
        if not connection.run_ids.filtered(lambda run: run.state in ("waiting", "running")):
            break

connection.action_test()
read_people()
proposed = connection.change_count
connection.action_accept_differences()
read_people()
identities = env["hr.performance.im.identity"].search([])
print("RESULT" + json.dumps({
    "proposed": proposed,
    "checks": connection.check_ids.mapped("passed"),
    "runs": connection.run_ids.mapped("state"),
    "rules": identities.mapped("matched_by"),
    "unmapped": identities.filtered(lambda i: not i.employee_id).mapped("name"),
    "employees": env["hr.employee"].search_count([("company_id", "=", connection.company_id.id)]),
}))
"""


def ask(port, **command):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/__ctl", data=json.dumps(command).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["result"]


def test_the_demo_company_meets_its_dingtalk(make_database, odoo_shell, free_ports):
    database = make_database("hr_performance_dingtalk", demo=True)
    port = free_ports
    outputs = []
    for _time in range(2):
        # a second start finds the connection of the first
        with dingtalk_demo.running(database, 8069, port=port, cluster="test") as lines:
            assert str(port) in " ".join(lines)
            status = ask(port, do="status")
            assert status["users"] > 5
            assert status["punches"] > 100
            output = odoo_shell(database, SCRIPT)
        outputs.append(json.loads(output.partition("RESULT")[2].splitlines()[0]))
    first, found = outputs
    # nothing is changed before somebody has looked at the differences
    assert first["proposed"] >= first["employees"] - 1
    assert all(found["checks"]) and found["checks"]
    assert set(found["runs"]) == {"done"}
    # one whom nothing identifies, and one who is no employee
    assert len(found["unmapped"]) == 2
    assert "外部顾问" in found["unmapped"]
    assert len(found["rules"]) == found["employees"] + 1
