import os
import sys
import time
import unittest
from contextlib import contextmanager, nullcontext
from pathlib import Path
from time import perf_counter
from unittest.mock import patch

from odoo.tests.common import HttpCase, _super_send

from odoo.addons.hr_performance.tests.common import PerformanceCase
from odoo.addons.hr_performance_im.tools.client import ApiClient

from ..models.hr_performance_im_provider_dingtalk import HrPerformanceImProviderDingtalk
from ..tools.client import DingTalkClient

# The fake DingTalk lies beside the addons, for other tests and the demo use it too.
sys.path.append(str(Path(__file__).resolve().parents[2] / "tests" / "fakes"))
try:
    from fake_dingtalk import FakeDingTalk, control, instant
    from fake_dingtalk.state import form_field
except ImportError:
    FakeDingTalk = control = instant = form_field = None


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
        # a test of requests is in that mode already
        is_http = isinstance(self, HttpCase)
        with nullcontext() if is_http else self.enter_registry_test_mode():
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


class SteadyClock:
    """The clock of the fake: it begins at an instant in China and goes on, whatever is frozen."""

    def __init__(self, text):
        self._start, self._begun = instant(text), perf_counter()

    def __call__(self):
        return self._start + (perf_counter() - self._begun) * 10


@unittest.skipUnless(FakeDingTalk, "the fake server is not beside the addons")
class FakeCase(DingtalkCase):
    """The connection talks over HTTP with a fake DingTalk on this machine."""

    NOW = "2026-04-02 13:30"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fake = FakeDingTalk(SteadyClock(cls.NOW))
        cls.fake.start()
        cls.addClassCleanup(cls.fake.stop)
        app = cls.fake.state.app
        cls.connection.write(
            {
                "dingtalk_client_id": app.client_id,
                "dingtalk_client_secret": app.client_secret,
                "dingtalk_corp_id": app.corp_id,
                "dingtalk_agent_id": str(app.agent_id),
                "dingtalk_oapi_url": cls.fake.hosts["oapi"],
                "dingtalk_api_url": cls.fake.hosts["api"],
                "dingtalk_login_url": cls.fake.api_url,
                "dingtalk_event_token": app.callback_token,
                "dingtalk_event_key": app.aes_key,
            }
        )

    @classmethod
    def _request_handler(cls, session, request, /, **options):
        """Requests to the fake go out as they are: Odoo's guard knows no pair of time limits."""
        if request.url.startswith((cls.fake.oapi_url, cls.fake.api_url)):
            return _super_send(session, request, **options)
        return super()._request_handler(session, request, **options)

    def setUp(self):
        super().setUp()
        clock = SteadyClock(self.NOW)
        app = self.fake.state.app
        self.fake.state.__init__(clock)
        self.fake.state.app = app
        self.state = self.fake.state
        self.fast = patch.object(ApiClient, "_keep_pace", lambda *_args: None)
        self.startPatcher(self.fast)

    def _map(self, **people):
        """Persons who are mapped already: ``_map(u1=self.anna)``."""
        return self.env["hr.performance.im.identity"].create(
            [
                {
                    "connection_id": self.connection.id,
                    "company_id": self.company.id,
                    "external_id": key,
                    "union_id": f"union-{key}",
                    "name": key,
                    "employee_id": employee.id,
                    "digest": "-",
                }
                for key, employee in people.items()
            ]
        )

    def _read(self, kind, date_from=None, date_to=None, **vals):
        """Let a run of a kind go to its end."""
        run = self.connection._start_run(kind, date_from=date_from, date_to=date_to, **vals)
        self._run_jobs()
        self.env.invalidate_all()
        return run


class Abroad:
    """The same tests on a server, and for users, in New York."""

    allow_inherited_tests_method = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        before = os.environ.get("TZ")
        os.environ["TZ"] = "America/New_York"
        time.tzset()

        def restore():
            if before is None:
                del os.environ["TZ"]
            else:
                os.environ["TZ"] = before
            time.tzset()

        cls.addClassCleanup(restore)
        cls.env["res.users"].search([]).tz = "America/New_York"
        cls.env = cls.env(context={**cls.env.context, "tz": "America/New_York"})
