from contextlib import contextmanager
from unittest.mock import patch

from odoo.addons.hr_performance.tests.common import PerformanceCase

from ..models.hr_performance_im_provider_dingtalk import HrPerformanceImProviderDingtalk
from ..tools.client import DingTalkClient


class DingtalkCase(PerformanceCase):
    """A connection of the company, and its scheduled jobs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = cls._create_user("perf_system", "base.group_system,base.group_user")
        cls.connection = cls._create_connection()

    @classmethod
    def _create_connection(cls, company=None, **vals):
        connection = cls.env["hr.performance.im.connection"].create(
            {
                "name": "DingTalk",
                "provider": "dingtalk",
                "company_id": (company or cls.company).id,
                "dingtalk_client_id": "dingtest",
                "dingtalk_corp_id": "dingcorp",
                "dingtalk_agent_id": "1001",
                "dingtalk_client_secret": "very-secret-value",
                "budget": 5000,
                **vals,
            }
        )
        connection.schedule_ids.active = False
        connection.state = "live"
        return connection

    def _run_jobs(self, *names):
        """Let the scheduled jobs work, as the server would."""
        with self.enter_registry_test_mode():
            for name in names or ("process_runs",):
                self.env.ref(f"hr_performance_im.ir_cron_{name}").method_direct_trigger()

    def _read_people(self, **vals):
        """Read the people to the end and return the run."""
        run = self.connection._start_run("people", **vals)
        self._run_jobs()
        return run

    def _identity(self, external_id):
        return self.env["hr.performance.im.identity"].search(
            [("connection_id", "=", self.connection.id), ("external_id", "=", external_id)]
        )


class Script:
    """People of a messenger that answers from memory; what ``HTTP`` adds is tested elsewhere.

    :ivar departments: ``{outside id: (name, parent id)}``
    :ivar users: ``{outside id: dict of values}``
    :ivar leavers: ``{outside id: day}``
    :ivar broken: ``{outside id of a department or person: error}``
    """

    def __init__(self):
        self.departments, self.users, self.leavers, self.broken = {}, {}, {}, {}

    def add_user(self, external_id, departments=("1",), **vals):
        self.users[external_id] = {
            "external_id": external_id,
            "union_id": f"union-{external_id}",
            "name": external_id.title(),
            "department_keys": list(departments),
            "manager_external_id": None,
            **dict.fromkeys(("job_number", "mobile", "email", "title", "joined_on")),
            **vals,
        }

    @contextmanager
    def play(self):
        """Answer instead of DingTalk."""
        provider = HrPerformanceImProviderDingtalk

        def fetch_departments(_self, _client):
            return [
                {"external_id": key, "name": name, "parent_external_id": parent}
                for key, (name, parent) in self.departments.items()
            ]

        def fetch_users(_self, _client, department_id):
            if department_id in self.broken:
                raise self.broken[department_id]
            found = [u for u in self.users.values() if department_id in u["department_keys"]]
            for start in range(0, len(found), 100):
                yield [
                    {k: v for k, v in user.items() if k != "manager_external_id"}
                    for user in found[start : start + 100]
                ]

        def fetch_user(_self, _client, external_id):
            if external_id in self.broken:
                raise self.broken[external_id]
            return self.users.get(external_id)

        def fetch_leavers(_self, _client, _since):
            yield [{"external_id": key, "left_on": day} for key, day in self.leavers.items()]

        with (
            patch.object(provider, "_fetch_departments", fetch_departments),
            patch.object(provider, "_fetch_users", fetch_users),
            patch.object(provider, "_fetch_user", fetch_user),
            patch.object(provider, "_fetch_leavers", fetch_leavers),
            patch.object(DingTalkClient, "_send", _refuse),
        ):
            yield self


def _refuse(*_args):
    raise AssertionError("nothing is sent here")
