"""The actor of the fault tests, connected to a fake DingTalk: ``dingtalk_actor.py DATABASE``."""

import sys
from datetime import date, timedelta

import actor
import dataset

RUN = "hr.performance.im.run"
#: DingTalk gives no more than half a year back.
WINDOW = (date.today() - timedelta(days=32), date.today() - timedelta(days=2))


class DingtalkActor(actor.Actor):
    """The commands about a connection."""

    def connect(self, env, app, hosts, people, mapped):
        """A company with a connection; its people are mapped to u1, u2 … or are to be created."""
        company = dataset.add_company(env, people if mapped else 1)
        connection = env["hr.performance.im.connection"].create(
            {
                "name": "DingTalk",
                "provider": "dingtalk",
                "company_id": company.id,
                "dingtalk_client_id": app["client_id"],
                "dingtalk_client_secret": app["client_secret"],
                "dingtalk_corp_id": app["corp_id"],
                "dingtalk_agent_id": str(app["agent_id"]),
                "dingtalk_oapi_url": hosts["oapi"],
                "dingtalk_api_url": hosts["api"],
                "dingtalk_attendance": "results",
                "create_employees": not mapped,
                "people_checked_on": "2026-01-01 00:00:00",
            }
        )
        connection.schedule_ids.active = False
        connection.state = "live"
        if mapped:
            employees = env["hr.employee"].search([("company_id", "=", company.id)], order="id")
            env["hr.performance.im.identity"].create(
                [
                    {
                        "connection_id": connection.id,
                        "company_id": company.id,
                        "external_id": f"u{number}",
                        "employee_id": employee.id,
                    }
                    for number, employee in enumerate(employees, 1)
                ]
            )
        return connection.id

    def start(self, env, connection, kind):
        """Begin a run."""
        first, last = WINDOW
        connection = env["hr.performance.im.connection"].browse(connection)
        return connection._start_run(kind, date_from=first, date_to=last).id

    def read(self, env, rows=100, people=10):
        """Run the scheduled job once, in small steps; how many of them this process did."""
        addon = "odoo.addons.hr_performance_dingtalk"
        sys.modules[f"{addon}.models.hr_performance_im_provider_attendance"].ROW_STEP = rows
        sys.modules[f"{addon}.tools.attendance"].PEOPLE = people
        sys.modules[
            "odoo.addons.hr_performance_im.models.hr_performance_im_people"
        ].PEOPLE_STEP = people
        sys.modules["odoo.addons.hr_performance_im.models.hr_performance_im_change"].APPLY = people
        client = sys.modules["odoo.addons.hr_performance_im.tools.client"].ApiClient
        client._keep_pace = lambda *_args: None
        model, steps = env.registry[RUN], []
        original = model._try_step

        def try_step(run, clients):
            steps.append(run.id)
            return original(run, clients)

        model._try_step = try_step
        try:
            env[RUN]._cron_process()
        finally:
            model._try_step = original
        return len(steps)


if __name__ == "__main__":
    actor.Actor = DingtalkActor
    actor.main()
