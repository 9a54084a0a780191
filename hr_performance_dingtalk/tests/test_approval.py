from datetime import date, datetime

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.hr_performance.tests.common import PERIOD

from .common import Abroad, FakeCase, form_field, instant

CODE = "PROC-PROJECT"
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 05:30:00")
class TestApproval(FakeCase):
    """Approvals are read, understood by alias, measured, and taken back."""

    def setUp(self):
        super().setUp()
        for key in ("u1", "u2", "u3"):
            self.state.add_user(key)
        self._map(u1=self.anna, u2=self.bo, u3=self.carl)
        self.state.add_process(CODE, "项目结项")
        self.process = self.env["hr.performance.dingtalk.process"].create(
            {
                "connection_id": self.connection.id,
                "name": "Closing of a project",
                "code": CODE,
                "value_address": "rate",
            }
        )

    def _add(self, key="u1", rate="100", created="2026-03-10 15:34", finished=None, **values):
        finished = instant(finished or "2026-03-11 10:02")
        values = {"status": "COMPLETED", "result": "agree", "finished": finished, **values}
        fields = values.pop("fields", None)
        if fields is None:
            fields = [form_field("NumberField-1", rate, alias="rate", label="完成率")]
        return self.state.add_approval(CODE, key, instant(created), fields=fields, **values)

    def _approval(self, approval):
        return self.env["hr.performance.dingtalk.approval"].search(
            [("external_id", "=", approval.id)]
        )

    def test_passed_approval_is_kept_with_its_number(self):
        approval = self._add(title="影棚改造")
        run = self._read("approval", *MARCH)
        self.assertEqual((run.state, run.created_count), ("done", 1))
        self.assertRecordValues(
            self._approval(approval),
            [
                {
                    "title": "影棚改造",
                    "state": "passed",
                    "employee_id": self.anna.id,
                    "value": 100,
                    "problem": False,
                    "created_at": datetime(2026, 3, 10, 7, 34),
                    "finished_at": datetime(2026, 3, 11, 2, 2),
                    "finished_on": date(2026, 3, 11),
                    "clock_proven": True,
                }
            ],
        )

    def test_period_goes_by_the_decision_in_the_companys_zone(self):
        """Asked for in February, decided at 00:30 on 1 March in China, which is February in UTC."""
        approval = self._add(created="2026-02-20 09:00", finished="2026-03-01 00:30")
        late = self._add("u2", created="2026-03-31 09:00", finished="2026-03-31 23:50")
        self._read("approval", *MARCH)
        self.assertEqual(self._approval(approval).finished_on, date(2026, 3, 1))
        self.assertEqual(self._approval(late).finished_on, date(2026, 3, 31))

    def test_times_that_are_true_utc_are_found_out(self):
        approval = self._add(true_utc=True)
        self._read("approval", *MARCH)
        self.assertEqual(self._approval(approval).finished_at, datetime(2026, 3, 11, 2, 2))

    def test_outcomes(self):
        cases = {
            "refused": self._add(result="refuse"),
            "withdrawn": self._add(status="TERMINATED", result=""),
            "running": self._add(status="RUNNING", result="", finished="2026-03-12 10:00"),
        }
        self._read("approval", *MARCH)
        for state, approval in cases.items():
            self.assertEqual(self._approval(approval).state, state)

    def test_decided_ones_are_not_read_again(self):
        self._add()
        running = self._add(status="RUNNING", result="")
        self._read("approval", *MARCH)
        path = "/v1.0/workflow/processInstances"
        before = len(self.state.calls(path))
        running.status, running.result = "COMPLETED", "agree"
        run = self._read("approval", *MARCH)
        self.assertEqual(len(self.state.calls(path)) - before, 1)
        self.assertEqual(run.changed_count, 1)
        self.assertEqual(self._approval(running).state, "passed")

    def test_what_a_form_does_not_hold(self):
        cases = {
            "not_a_number": self._add(rate="约100%"),
            "empty": self._add(rate=""),
            "missing": self._add(fields=[form_field("NumberField-9", "100", label="完成率")]),
            "nobody": self._add("stranger"),
        }
        self.state.add_user("stranger")
        self._read("approval", *MARCH)
        for problem, approval in cases.items():
            self.assertEqual(self._approval(approval).problem, problem)
        self.assertEqual(self.process.problem_count, 4)

    def test_changed_setting_reads_the_stored_forms_anew(self):
        approval = self._add(
            fields=[
                form_field("NumberField-1", "80", alias="rate"),
                form_field("NumberField-2", "1,250", label="金额"),
                form_field(
                    "InnerContactField-3",
                    "李四",
                    alias="owner",
                    extra=[{"emplId": "u2", "name": "李四"}],
                ),
            ]
        )
        self._read("approval", *MARCH)
        calls = len(self.state.requests)
        self.process.with_user(self.hr_admin).write(
            {
                "value_address": "NumberField-2",
                "employee_from": "field",
                "employee_address": "owner",
            }
        )
        record = self._approval(approval)
        self.assertEqual((record.value, record.employee_id), (1250, self.bo))
        self.assertEqual(len(self.state.requests), calls)

    def test_several_people_in_the_contact_field(self):
        def owners(*keys):
            named = [{"emplId": key, "name": key} for key in keys]
            return form_field("InnerContactField-3", "、".join(keys), alias="owner", extra=named)

        rate = form_field("NumberField-1", "80", alias="rate")
        self.process.write({"employee_from": "field", "employee_address": "owner"})
        project = self._add(fields=[rate, owners("u1", "u2", "u2", "stranger")])
        self._read("approval", *MARCH)
        approvals = self.env["hr.performance.dingtalk.approval"]
        self.assertEqual(approvals.search([]).problem, "several")
        self.process.with_user(self.hr_admin).several_people = "each"
        self.assertEqual(
            {(row.employee_id, row.value, row.problem) for row in approvals.search([])},
            {
                (self.anna, 80, False),
                (self.bo, 80, False),
                (self.env["hr.employee"], 80, "nobody"),
            },
        )
        run = self._read("approval", *MARCH)
        self.assertEqual((run.created_count, run.changed_count), (0, 0))
        self._add(action="REVOKE", main=project.id, finished="2026-03-25 10:00", fields=[])
        self._read("approval", *MARCH)
        counting = approvals.search([("state", "=", "passed")])
        self.assertFalse(counting, "its revocation takes it back from everybody")
        self.process.with_user(self.hr_admin).several_people = "refuse"
        self.assertEqual(
            approvals.search([("title", "=", project.title), ("revokes", "=", False)]).problem,
            "several",
        )

    def test_preview_lists_the_fields(self):
        self._add(rate="75")
        self.process.value_address = False
        process = self.process.with_user(self.hr_admin)
        with self.enter_registry_test_mode():
            process.action_preview()
        self.assertEqual(
            [(f.label, f.address, f.example) for f in process.field_ids],
            [("完成率", "rate", "75")],
        )
        process.field_ids.action_use_for_number()
        self.assertEqual(process.value_address, "rate")
        self.assertEqual(process.approval_ids.value, 75)
        with self.assertRaises(AccessError):
            self.process.with_user(self.hr_user).action_preview()

    # WC-5

    def _make_review(self):
        metric_id = self.process.with_user(self.hr_admin).action_add_metric()["res_id"]
        self.metric = self.env["hr.performance.metric"].browse(metric_id)
        template = self.env["hr.performance.template"].create(
            {
                "name": "Works",
                "company_id": self.company.id,
                "department_ids": [Command.set(self.works.ids)],
                "coverage_threshold": 0,
                "line_ids": [
                    Command.create({"metric_id": metric_id, "weight": 20, "target": 100}),
                    Command.create(
                        {
                            "metric_id": self.quality.id,
                            "weight": 80,
                            "target": 5,
                            "method": "rating",
                        }
                    ),
                ],
            }
        )
        template.action_set_ready()
        program = self.env["hr.performance.program"].create(
            {
                "name": "Works, monthly",
                "company_id": self.company.id,
                "date_start": PERIOD[0],
                "department_ids": [Command.set(self.works.ids)],
            }
        )
        cycle = program._open_cycles([program._get_period(PERIOD[0])])
        self._launch(cycle)
        return self._review_of(self.carl, cycle)

    def test_wc5_project_gives_twenty_points_and_its_revocation_takes_them_back(self):
        project = self._add("u3")
        self._read("approval", *MARCH)
        review = self._make_review()
        review._refresh()
        line = self._line(review, self.metric)
        self.assertEqual((line.value, line.points), (100, 20))
        # the trace leads to the approval
        action = self.metric._get_metric_records_action(self.carl, *PERIOD)
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, self._approval(project))
        revoke = self._add(
            "u3", action="REVOKE", main=project.id, finished="2026-03-25 10:00", fields=[]
        )
        self._read("approval", *MARCH)
        self.assertEqual(self._approval(project).state, "revoked")
        self.assertNotEqual(self._approval(revoke).state, "passed")
        review._refresh()
        self.assertEqual((line.measured, line.points), (False, 0))

    def test_wc5_eighty_percent_are_sixteen_points(self):
        self._add("u3", rate="80")
        self._read("approval", *MARCH)
        review = self._make_review()
        review._refresh()
        self.assertEqual(self._line(review, self.metric).points, 16)

    def test_refused_revocation_takes_nothing_back(self):
        project = self._add("u3")
        self._add("u3", action="REVOKE", main=project.id, result="refuse", fields=[])
        self._read("approval", *MARCH)
        self.assertEqual(self._approval(project).state, "passed")

    def test_revocation_read_before_what_it_revokes(self):
        project = self._add("u3")
        revoke = self._add("u3", action="REVOKE", main=project.id, fields=[])
        client_approvals = self.env["hr.performance.dingtalk.approval"]
        with self.enter_registry_test_mode():
            budget = self.env["hr.performance.im.usage"]._get_budget(self.connection)
            provider = self.connection._get_provider()
            with provider._open_client(self.connection, budget) as client:
                for key in (revoke.id, project.id):
                    client_approvals._keep(self.process, [client.approvals.instance(key)])
        self.assertEqual(self._approval(project).state, "revoked")


@tagged("post_install", "-at_install")
@freeze_time("2026-04-02 05:30:00")
class TestApprovalAbroad(Abroad, TestApproval):
    """The server and its users are in New York."""
