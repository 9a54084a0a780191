import inspect
from pathlib import Path

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import file_open, file_path

from odoo.addons.hr_performance_im.tools import errors

from .common import DingtalkCase

SECRET = "very-secret-value"
#: Models of the messengers' addons.
PREFIXES = ("hr.performance.im.", "hr.performance.dingtalk.")


@tagged("post_install", "-at_install")
class TestDingtalkAccess(DingtalkCase):
    """A stranger reaches nothing; nobody reads a secret."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.identity = cls.env["hr.performance.im.identity"].create(
            {
                "connection_id": cls.connection.id,
                "company_id": cls.company.id,
                "external_id": "u1",
                "name": "Anna",
                "mobile": "13800000001",
                "employee_id": cls.anna.id,
            }
        )
        raw = {
            "connection_id": cls.connection.id,
            "company_id": cls.company.id,
            "external_id": "x1",
            "employee_id": cls.anna.id,
        }
        day = {**raw, "user_key": "u1", "work_date": "2026-03-02"}
        cls.process = cls.env["hr.performance.dingtalk.process"].create(
            {"connection_id": cls.connection.id, "name": "Project", "code": "PROC-1"}
        )
        cls.raw = {
            "punch": {**day, "check_type": "on", "result": "late"},
            "cell": {**day, "alias": "late_times", "value": 1},
            "approval": {
                **raw,
                "process_id": cls.process.id,
                "state": "passed",
                "payload": {"secret": "form"},
            },
            "field": {"process_id": cls.process.id, "address": "rate"},
        }
        cls.raw = {
            name: cls.env[f"hr.performance.dingtalk.{name}"].create(vals)
            for name, vals in cls.raw.items()
        }
        cls.log = cls.connection._start_run("people")
        cls.log._note(cls.env["hr.performance.im.run"]._read_trouble(cls.connection, _error()))

    def _get_models(self):
        return [
            name
            for name, model in self.env.items()
            if name.startswith(PREFIXES) and not model._abstract
        ]

    def _as(self, user, records):
        records.env.invalidate_all()
        return records.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def test_stranger_reaches_no_model(self):
        stranger = self.carl.user_id
        stranger.group_ids += self.env.ref("base.group_allow_export")
        for name in self._get_models():
            Model = self._as(stranger, self.env[name])
            record = self.env[name].search([], limit=1)
            field = "company_id" if "connection_id" not in Model._fields else "connection_id"
            field = "run_id" if name == "hr.performance.im.run.error" else field
            calls = {
                "search": lambda m=Model: m.search([]),
                "count": lambda m=Model: m.search_count([]),
                "group": lambda m=Model: m._read_group([], [], ["__count"]),
                "create": lambda m=Model: m.create({}),
            }
            if record:
                calls |= {
                    "read": lambda r=record, field=field: self._as(stranger, r).read([field]),
                    "write": lambda r=record: self._as(stranger, r).write({"id": r.id}),
                    "unlink": lambda r=record: self._as(stranger, r).unlink(),
                    "export": lambda r=record, field=field: self._as(stranger, r).export_data(
                        [field]
                    ),
                }
            for call_name, call in calls.items():
                with self.subTest(f"{name} {call_name}"):
                    try:
                        result = call()
                    except AccessError:
                        continue
                    self.assertIn("is_own", Model._fields, "only one's own records are readable")
                    self.assertTrue(not result or result == [(0,)], result)

    def test_every_public_method_refuses_the_stranger(self):
        stranger = self.carl.user_id
        for name in self._get_models():
            record = self.env[name].search([], limit=1)
            if not record:
                continue
            for method_name in self._get_public_methods(record):
                method = getattr(self._as(stranger, record), method_name)
                needed = [
                    None
                    for p in inspect.signature(method).parameters.values()
                    if p.default is p.empty
                    and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
                ]
                with self.subTest(f"{name}.{method_name}"):
                    try:
                        with self.env.cr.savepoint():
                            result = method(*needed)
                            self.env.flush_all()
                    except AccessError:
                        continue
                    self.assertTrue(
                        isinstance(result, dict) and result.get("res_model"),
                        "only an action that opens a list is harmless",
                    )

    def _get_public_methods(self, record):
        base = set(dir(self.env["ir.model.access"]))
        names = set(dir(type(record))) - base
        return sorted(
            name
            for name in names
            if not name.startswith("_")
            and name not in record._fields
            and callable(getattr(type(record), name))
            and not getattr(getattr(type(record), name), "_api_private", False)
        )

    def test_each_reads_his_own_punches_and_a_manager_his_peoples(self):
        for name in ("punch", "cell", "approval"):
            record = self.raw[name]
            for user in (self.anna.user_id, self.manager.user_id, self.auditor):
                self.assertTrue(self._as(user, record).read(["employee_id"]), name)
                with self.assertRaises(AccessError):
                    self._as(user, record).write({"employee_id": self.bo.id})
            for user in (self.bo.user_id, self.carl.user_id):
                self.assertFalse(self._as(user, record.browse()).search([]), name)
                with self.assertRaises(AccessError):
                    self._as(user, record).read(["employee_id"])
        with self.assertRaises(AccessError):
            self._as(self.anna.user_id, self.raw["approval"]).read(["payload"])

    def test_employees_do_not_see_each_other(self):
        for user in (self.anna.user_id, self.manager.user_id, self.auditor):
            with self.assertRaises(AccessError):
                self._as(user, self.identity).read(["mobile"])

    def test_officer_maps_people_and_changes_nothing_else(self):
        identity = self._as(self.hr_user, self.identity)
        identity.write({"employee_id": False})
        identity.write({"employee_id": self.anna.id, "ignored": False})
        for vals in ({"external_id": "other"}, {"mobile": "1"}, {"left_on": "2026-01-01"}):
            with self.assertRaises(AccessError):
                identity.write(vals)
        with self.assertRaises(AccessError):
            identity.unlink()
        with self.assertRaises(AccessError):
            self._as(self.hr_user, self.connection).action_pause()
        with self.assertRaises(AccessError):
            self._as(self.hr_user, self.log).action_cancel()

    def test_answers_of_the_messenger_are_for_administrators(self):
        with self.assertRaises(AccessError):
            self._as(self.hr_user, self.log.error_ids).read(["message"])
        self.assertTrue(self._as(self.hr_admin, self.log.error_ids).read(["message"]))

    def test_other_company(self):
        user = self._create_user("perf_far", "hr_performance.group_hr_performance_manager")
        user.write(
            {
                "company_ids": [Command.set(self.other_company.ids)],
                "company_id": self.other_company.id,
            }
        )
        for records in (self.connection, self.identity, self.log):
            Model = self._as(user, records.browse())
            self.assertFalse(Model.search([("id", "in", records.ids)]), records._name)
            with self.assertRaises(AccessError):
                self._as(user, records).read(["display_name"])
        with self.assertRaises(AccessError):
            self._as(user, self.connection).action_pause()

    # Secrets

    def test_no_secret_in_any_answer(self):
        for user in (self.system, self.env.ref("base.user_admin")):
            connection = self._as(user, self.connection)
            if user == self.system:
                connection = connection.with_context(allowed_company_ids=self.company.ids)
            else:
                user.company_ids |= self.company
                connection = connection.with_context(allowed_company_ids=user.company_ids.ids)
            names = [
                n for n, f in connection._fields.items() if connection._has_field_access(f, "read")
            ]
            self.assertIn("dingtalk_client_secret", names)
            self.assertNotIn(SECRET, str(connection.read(names)))
            self.assertNotIn(SECRET, str(connection.export_data(["dingtalk_client_secret"])))
            copied = connection.copy_data()
            self.assertNotIn(SECRET, str(copied))
            self.assertNotIn("dingtalk_client_secret", copied[0])

    def test_mask_written_back_keeps_the_secret(self):
        connection = self._as(self.system, self.connection)
        mask = connection.dingtalk_client_secret
        connection.write({"dingtalk_client_secret": mask, "name": "Other"})
        self.assertEqual(self.connection._get_secret("dingtalk_client_secret"), SECRET)
        connection.dingtalk_client_secret = "new-secret"
        self.assertEqual(self.connection._get_secret("dingtalk_client_secret"), "new-secret")
        connection.dingtalk_client_secret = False
        self.assertFalse(self.connection._get_secret("dingtalk_client_secret"))

    def test_secrets_and_addresses_are_the_systems(self):
        for user in (self.hr_admin, self.hr_user):
            for name in ("dingtalk_client_secret", "dingtalk_oapi_url", "dingtalk_event_key"):
                with self.assertRaises(AccessError):
                    self._as(user, self.connection).read([name])
                with self.assertRaises(AccessError):
                    self._as(user, self.connection).write({name: "https://evil.example"})
        secrets = self.env["hr.performance.im.secret"].search([])
        self.assertTrue(secrets)
        for user in (self.system, self.hr_admin):
            for model in ("secret", "token"):
                with self.assertRaises(AccessError):
                    self._as(user, self.env[f"hr.performance.im.{model}"]).search([])
            with self.assertRaises(AccessError):
                self._as(user, secrets).read(["value"])

    def test_a_copy_of_the_database_knows_no_secret(self):
        with file_open("hr_performance_im/data/neutralize.sql") as file:
            self.env.cr.execute(file.read())
        self.env.invalidate_all()
        self.assertFalse(self.env["hr.performance.im.secret"].search([]))
        self.assertEqual(self.connection.state, "paused")

    def test_base_knows_no_messenger(self):
        """WeCom has to fit the same base."""
        for path in Path(file_path("hr_performance_im")).rglob("*"):
            if path.suffix in (".py", ".xml", ".csv", ".sql"):
                text = path.read_text(encoding="utf-8")
                self.assertNotRegex(text, r"hr_performance_(dingtalk|wecom)|dingtalk_", path)


def _error():
    return errors.AddressRefused("60020", "not allow from ip: 1.2.3.4", address="1.2.3.4")
