from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import PERIOD, PerformanceCase


@tagged("post_install", "-at_install")
class TestValue(PerformanceCase):
    def _refresh(self, metrics=None, employees=None):
        metrics = metrics or self.visits
        employees = employees or self.anna | self.bo
        return metrics._refresh_values(employees, *PERIOD)

    def _value(self, employee=None, metric=None):
        return self.env["hr.performance.value"].search(
            [
                ("employee_id", "=", (employee or self.anna).id),
                ("metric_id", "=", (metric or self.visits).id),
                ("date_from", "=", PERIOD[0]),
            ]
        )

    def test_stores_what_was_measured(self):
        self._add_facts(self.anna, self.visits, 4, 3)
        measured = self._refresh()
        self.assertEqual(measured[self.visits][self.anna.id].value, 7)
        self.assertRecordValues(
            self._value(),
            [
                {
                    "company_id": self.company.id,
                    "date_to": PERIOD[1],
                    "value": 7,
                    "measured": True,
                    "numerator": 7,
                    "sample": 2,
                    "coverage": 1,
                    "reason": False,
                    "source": "fact",
                }
            ],
        )
        self.assertRecordValues(
            self._value(self.bo), [{"value": 0, "measured": False, "reason": "no_rows"}]
        )

    def test_unknown_is_null_and_stays_out_of_averages(self):
        self._add_facts(self.anna, self.visits, 4)
        self._refresh()
        groups = self.env["hr.performance.value"]._read_group(
            [("metric_id", "=", self.visits.id)], [], ["value:avg", "__count"]
        )
        self.assertEqual(groups, [(4.0, 2)])

    def test_value_whose_rows_vanish(self):
        facts = self._add_facts(self.anna, self.visits, 4)
        zero = self.visits.copy({"empty_as": "zero"})
        self._add_facts(self.anna, zero, 6)
        self._refresh(self.visits | zero)
        self.assertTrue(self._value().measured)
        self.env["hr.performance.fact"].search([("metric_id", "=", zero.id)]).unlink()
        facts.unlink()
        self._refresh(self.visits | zero)
        self.assertRecordValues(
            self._value() | self._value(metric=zero),
            [
                {"measured": False, "value": 0, "reason": "no_rows"},
                {"measured": True, "value": 0, "reason": False},
            ],
        )

    def test_row_that_moves_to_somebody_else(self):
        facts = self._add_facts(self.anna, self.visits, 4)
        self._refresh()
        facts.employee_id = self.bo
        self._refresh()
        self.assertFalse(self._value().measured)
        self.assertEqual(self._value(self.bo).value, 4)

    def test_again_is_the_same_as_once(self):
        self._add_facts(self.anna, self.visits, 4)
        with freeze_time("2026-03-20 10:00:00"):
            self._refresh()
        first = self._snapshot()
        with freeze_time("2026-03-21 10:00:00"):
            self._refresh()
        self.assertEqual(self._snapshot(), first, "nothing changed, nothing was written")
        self._add_facts(self.anna, self.visits, 1)
        with freeze_time("2026-03-22 10:00:00"):
            self._refresh()
        self.assertEqual(self._value().computed_at, datetime(2026, 3, 22, 10))
        self.assertEqual(self._value(self.bo).computed_at, datetime(2026, 3, 20, 10))

    def _snapshot(self):
        self.env.cr.execute("SELECT v.*, v.xmin, v.ctid FROM hr_performance_value v ORDER BY id")
        return self.env.cr.fetchall()

    def test_periods_stand_beside_each_other(self):
        """Trap 14: a month and a quarter of one person."""
        self._add_facts(self.anna, self.visits, 4)
        self._add_facts(self.anna, self.visits, 5, day=date(2026, 1, 10))
        self._refresh()
        self.visits._refresh_values(self.anna, date(2026, 1, 1), PERIOD[1])
        values = self.env["hr.performance.value"].search([("employee_id", "=", self.anna.id)])
        self.assertEqual(sorted(values.mapped("value")), [4, 9])

    def test_changed_value_is_seen_at_once(self):
        self._add_facts(self.anna, self.visits, 4)
        self._refresh()
        value = self._value()
        self.assertEqual(value.value, 4)
        self._add_facts(self.anna, self.visits, 4)
        self._refresh()
        self.assertEqual(value.value, 8)

    def test_detail_of_a_formula(self):
        self._add_facts(self.anna, self.visits, 4)
        double = self.visits.create(
            {"name": "Double", "source": "formula", "formula": "t_visits * 2"}
        )
        self._refresh(double)
        self.assertEqual(self._value(metric=double).value, 8)
        self.assertEqual(self._value(metric=double).detail, {"operands": {"t_visits": 4.0}})
        self.assertEqual(self._value(metric=double).explanation, "t_visits = 4")
        self.assertEqual(self._value().value, 4, "operands are stored too")
        unknown = self._value(self.bo, double)
        self.assertEqual(unknown.reason, "operand")
        self.assertIn("t_visits", unknown.explanation)

    def test_error_is_kept_where_hr_sees_it(self):
        double = self.visits.create(
            {"name": "Inverse", "source": "formula", "formula": "1 / t_visits"}
        )
        self._add_facts(self.anna, self.visits, 0)
        self._refresh(double)
        self.assertEqual(self._value(metric=double).reason, "error")
        self.assertIn("division by zero", self._value(metric=double).explanation)

    def test_anybody_may_make_the_engine_measure(self):
        self._add_facts(self.anna, self.visits, 4)
        self.visits.with_user(self.bo.user_id)._refresh_values(
            self.anna.with_user(self.bo.user_id), *PERIOD
        )
        self.assertEqual(self._value().value, 4)

    def test_shown_text(self):
        self._add_facts(self.anna, self.visits, 4)
        self._refresh()
        self.assertEqual(self._value().value_text, "4")
        self.assertEqual(self._value(self.bo).value_text, "Unknown")
        self.assertEqual(self._value(self.bo).explanation, "No record in the period")

    def test_opens_its_records(self):
        facts = self._add_facts(self.anna, self.visits, 4, 3)
        self._refresh()
        action = self._value().with_user(self.anna.user_id).action_open_records()
        rows = self.env[action["res_model"]].with_user(self.anna.user_id)
        self.assertEqual(set(rows.search(action["domain"]).ids), set(facts.ids))

    def test_nothing_to_open(self):
        self._refresh(self.quality)
        with self.assertRaisesRegex(UserError, "no records to open"):
            self._value(metric=self.quality).action_open_records()


@tagged("post_install", "-at_install")
class TestValueAccess(PerformanceCase):
    def setUp(self):
        super().setUp()
        self._add_facts(self.anna, self.visits, 4)
        self.visits._refresh_values(self.anna | self.manager, *PERIOD)
        self.value = self.env["hr.performance.value"].search([("employee_id", "=", self.anna.id)])
        self.env.flush_all()
        self.env.invalidate_all()

    def _visible(self, user, model="value"):
        self.env.invalidate_all()
        Model = self.env[f"hr.performance.{model}"].with_user(user)
        return Model.search([]).employee_id

    def test_who_sees_which_values(self):
        """Own, one's people's at any depth, and all for HR and auditors."""
        expected = {
            self.anna.user_id: self.anna,
            self.bo.user_id: self.anna.browse(),
            self.carl.user_id: self.anna.browse(),
            self.manager.user_id: self.anna | self.manager,
            self.director.user_id: self.anna | self.manager,
            self.hr_user: self.anna | self.manager,
            self.auditor: self.anna | self.manager,
        }
        for user, employees in expected.items():
            with self.subTest(user.login):
                self.assertEqual(set(self._visible(user).ids), set(employees.ids))

    def test_access_follows_the_hierarchy(self):
        """Trap 29: moving a manager two levels up moves the access at once."""
        self.assertIn(self.anna, self._visible(self.director.user_id))
        self.manager.parent_id = False
        self.env.flush_all()
        self.assertNotIn(self.anna, self._visible(self.director.user_id))

    def test_companies_are_apart(self):
        officer = self._create_user(
            "perf_other_hr", "hr_performance.group_hr_performance_manager", self.other_company
        )
        self.assertFalse(self._visible(officer))
        self.assertFalse(self._visible(officer, "fact"))

    def test_nobody_writes_values(self):
        users = (self.anna.user_id, self.manager.user_id, self.hr_user, self.hr_admin)
        for user in users:
            value = self.value.with_user(user)
            attacks = {
                "write": lambda v=value: v.write({"value": 100}),
                "create": lambda v=value: v.create(
                    {
                        "metric_id": self.visits.id,
                        "employee_id": self.anna.id,
                        "company_id": self.company.id,
                        "date_from": "2026-04-01",
                        "date_to": "2026-04-30",
                    }
                ),
                "unlink": lambda v=value: v.unlink(),
                "copy": lambda v=value: v.copy(),
            }
            for name, attack in attacks.items():
                with self.subTest(f"{user.login} {name}"), self.assertRaises(AccessError):
                    attack()

    def test_strangers_are_refused_everywhere(self):
        self.bo.user_id.group_ids += self.env.ref("base.group_allow_export")
        value = self.value.with_user(self.bo.user_id)
        for name, call in {
            "read": lambda: value.read(["value"]),
            "export": lambda: value.export_data(["value"]),
            "web_read": lambda: value.web_read({"value": {}}),
            "records": lambda: value.action_open_records(),
            "divisor": lambda: value.action_open_divisor(),
        }.items():
            self.env.invalidate_all()
            with self.subTest(name), self.assertRaises(AccessError):
                call()
        Value = value.browse()
        self.assertEqual(Value._read_group([], ["employee_id"], ["value:max"]), [])
        self.assertEqual(Value.formatted_read_group([], ["metric_id"], ["value:sum"]), [])
        self.assertFalse(Value.search([("value", ">", 0)]))

    def test_facts_follow_the_same_rules(self):
        for user, seen in (
            (self.anna.user_id, True),
            (self.manager.user_id, True),
            (self.auditor, True),
            (self.bo.user_id, False),
        ):
            with self.subTest(user.login):
                self.assertEqual(bool(self._visible(user, "fact")), seen)
        fact = self.env["hr.performance.fact"].search([("employee_id", "=", self.anna.id)])
        for user in (self.anna.user_id, self.manager.user_id, self.auditor):
            for call in (
                lambda f: f.write({"value": 100}),
                lambda f: f.unlink(),
                lambda f: f.copy(),
            ):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    call(fact.with_user(user))
        fact.with_user(self.hr_user).write({"value": 5})


@tagged("post_install", "-at_install")
class TestMetricAccess(PerformanceCase):
    def setUp(self):
        super().setUp()
        self.metric = self.env["hr.performance.metric"].create(
            {
                "name": "Clients",
                "code": "t_clients",
                "source": "model",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain": "[('name', '=', 'secret')]",
            }
        )
        self.theirs = self.env["hr.performance.metric"].create(
            {"name": "Theirs", "company_id": self.other_company.id}
        )
        self.env.flush_all()
        self.env.invalidate_all()

    def test_employees_read_what_is_measured_and_not_how_it_is_read(self):
        metric = self.metric.with_user(self.anna.user_id)
        values = metric.read()[0]
        self.assertEqual(values["name"], "Clients")
        hidden = {"domain", "model_id", "date_path", "employee_path", "parameter_ref"}
        self.assertFalse(hidden & values.keys())
        for field in ("domain", "model_id", "employee_path", "measure_field_id"):
            with self.subTest(field), self.assertRaises(AccessError):
                metric.read([field])
            with self.subTest(f"search {field}"), self.assertRaises(AccessError):
                metric.search([(field, "!=", False)])
        self.assertNotIn(self.theirs, metric.search([]))
        self.assertTrue(metric.has_records)
        self.assertEqual(metric._format(3), "3")

    def test_employees_and_auditors_change_nothing(self):
        for user in (self.anna.user_id, self.manager.user_id, self.auditor):
            metric = self.metric.with_user(user)
            for call in (
                lambda m: m.write({"name": "x"}),
                lambda m: m.create({"name": "x"}),
                lambda m: m.unlink(),
                lambda m: m.copy(),
                lambda m: m.action_copy_for_parameter(),
            ):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    call(metric)

    def test_employees_cannot_test_metrics(self):
        user = self.anna.user_id
        with self.assertRaises(AccessError):
            self.env["hr.performance.metric.test"].with_user(user).create(
                {"metric_id": self.metric.id, "date_from": "2026-03-01", "date_to": "2026-03-31"}
            )

    def test_a_test_belongs_to_who_made_it(self):
        test = (
            self.env["hr.performance.metric.test"]
            .with_user(self.hr_admin)
            .create({"metric_id": self.visits.id, "company_id": self.company.id})
        )
        test.action_run()
        self.assertTrue(test.line_ids)
        for records in (test, test.line_ids):
            with self.assertRaises(AccessError):
                records.with_user(self.hr_user).read(["create_uid"])
        with self.assertRaises(AccessError):
            test.line_ids[0].with_user(self.hr_user).action_open_records()
        with self.assertRaises(AccessError):
            test.with_user(self.hr_user).action_run()
        with self.assertRaises(AccessError):
            test.line_ids.write({"value": 100})

    def test_officers_see_the_configuration_and_leave_it(self):
        metric = self.metric.with_user(self.hr_user)
        self.assertEqual(metric.domain, "[('name', '=', 'secret')]")
        self.assertTrue(metric.fields_get(["domain"])["domain"]["readonly"])
        for vals in (
            {"domain": "[]"},
            {"employee_path": "create_uid"},
            {"model_id": False},
            {"is_ratio": True},
            {"date_field_id": self.env["ir.model.fields"]._get("res.partner", "write_date").id},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                metric.write(vals)
        with self.assertRaises(AccessError):
            metric.create(
                {
                    "name": "x",
                    "source": "model",
                    "model_id": self.env["ir.model"]._get_id("res.partner"),
                }
            )
        with self.assertRaises(AccessError):
            metric.copy()

    def test_officers_keep_the_other_metrics(self):
        Metric = self.env["hr.performance.metric"].with_user(self.hr_user)
        metric = Metric.create({"name": "Zz sum", "source": "formula", "formula": "t_visits * 2"})
        metric.write({"name": "Zz double", "formula": "t_visits + t_visits"})
        self.metric.with_user(self.hr_user).write({"name": "Customers", "sequence": 3})
        with self.assertRaises(AccessError):
            metric.unlink()
        metric.with_user(self.hr_admin).unlink()

    def test_administrators_configure(self):
        metric = (
            self.env["hr.performance.metric"]
            .with_user(self.hr_admin)
            .create(
                {
                    "name": "Zz clients",
                    "source": "model",
                    "model_id": self.env["ir.model"]._get_id("res.partner"),
                }
            )
        )
        self.assertEqual(metric.employee_path, "user_id")
        metric.domain = "[('is_company', '=', True)]"

    def test_plain_user_reads_names_and_units_in_lists(self):
        """Fields with groups do not stand in the way of what everybody may read."""
        metric = self.metric.with_user(self.anna.user_id)
        spec = {"name": {}, "source": {}, "unit": {}, "dimension_id": {}, "operand_ids": {}}
        self.assertEqual(metric.web_read(spec)[0]["name"], "Clients")
        views = metric.get_views([(False, "list"), (False, "form"), (False, "kanban")])
        self.assertNotIn("employee_path", views["views"]["form"]["arch"])


@tagged("post_install", "-at_install")
class TestPublicMethods(PerformanceCase):
    """Whatever a client can call on these models is known here, and refuses the stranger."""

    #: methods that tell what everybody may know, or only open a list of what the reader may read
    HARMLESS = {
        "hr.performance.metric": {"action_test", "action_open_values"},
    }
    #: methods that check the rights of the caller
    CHECKED = {
        "hr.performance.dimension": set(),
        "hr.performance.metric": {"action_copy_for_parameter"},
        "hr.performance.metric.test": {"action_run"},
        "hr.performance.metric.test.line": {"action_open_records", "action_open_divisor"},
        "hr.performance.value": {"action_open_records", "action_open_divisor"},
        "hr.performance.fact": set(),
        "hr.performance.evidence": {"action_accept", "action_refuse"},
    }

    def _get_public_methods(self, model):
        names = set()
        for cls in type(self.env[model]).__mro__:
            if cls.__module__.startswith("odoo.addons.hr_performance"):
                names |= {
                    name
                    for name, member in vars(cls).items()
                    if callable(member) and not name.startswith("_")
                }
        return names - {"create", "write", "unlink", "copy", "copy_data"}

    def _create_records(self):
        self._launch()
        review = self._review_of(self.anna)
        self.visits._refresh_values(self.anna, *PERIOD)
        evidence = self.env["hr.performance.evidence"].create(
            {
                "review_line_id": review.line_ids[0].id,
                "date": PERIOD[0],
                "description": "x",
                "decision_reason": "x",
            }
        )
        test = self.env["hr.performance.metric.test"].create(
            {"metric_id": self.visits.id, "company_id": self.company.id}
        )
        test.action_run()
        value = self.env["hr.performance.value"].search([("metric_id", "=", self.visits.id)])
        return [self.visits, value[0], evidence, test, test.line_ids[0]]

    def test_every_public_method_is_known(self):
        for model, names in self.CHECKED.items():
            with self.subTest(model):
                known = names | self.HARMLESS.get(model, set())
                self.assertEqual(self._get_public_methods(model), known)

    def test_strangers_are_refused_by_every_method(self):
        called = 0
        for records in self._create_records():
            stranger = records.with_user(self.carl.user_id)
            for name in self.CHECKED[records._name]:
                self.env.flush_all()
                self.env.invalidate_all()
                with self.subTest(f"{records._name}.{name}"), self.assertRaises(AccessError):
                    getattr(stranger, name)()
                called += 1
        self.assertEqual(called, sum(map(len, self.CHECKED.values())))

    def test_sources_offer_nothing_to_clients(self):
        sources = [name for name in self.env if name.startswith("hr.performance.source")]
        self.assertGreaterEqual(len(sources), 6)
        for name in sources:
            with self.subTest(name):
                self.assertFalse(self._get_public_methods(name))
