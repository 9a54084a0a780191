from datetime import date

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger

from .common import PerformanceCase


@tagged("post_install", "-at_install")
class TestMetric(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Metric = cls.env["hr.performance.metric"]

    def _create(self, **vals):
        return self.Metric.create({"name": "Some Metric", **vals})

    # Codes

    def test_code_comes_from_the_name(self):
        first, second, third = self.Metric.create(
            [
                {"name": "Zz: new Clients!"},
                {"name": "Zz new clients"},
                {"name": "Given", "code": "zz_given"},
            ]
        )
        self.assertEqual(first.code, "zz_new_clients")
        self.assertEqual(second.code, "zz_new_clients_2")
        self.assertEqual(third.code, "zz_given")

    def test_code_of_a_chinese_name_and_of_a_reserved_word(self):
        chinese, second, lowest = self.Metric.create(
            [{"name": "客户转化率"}, {"name": "满意度"}, {"name": "Min"}]
        )
        self.assertRegex(chinese.code, r"^metric(_\d+)?$")
        self.assertNotEqual(chinese.code, second.code)
        self.assertEqual(lowest.code, "metric_min")

    def test_codes_that_formulas_cannot_read_are_refused(self):
        for code in ("if", "sum", "coalesce"):
            with self.subTest(code), self.assertRaises(ValidationError):
                self._create(code=code)
        for code in ("Won", "1st", "a b", "won;"):
            with (
                self.subTest(code),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._create(code=code)

    def test_code_is_unique_for_a_company_and_among_the_shared(self):
        company = self.env["res.company"].create({"name": "C"})
        self._create(code="zz_same", company_id=company.id)
        self._create(code="zz_same")
        for vals in ({}, {"company_id": company.id}):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._create(code="zz_same", **vals)

    def test_code_in_use_stays(self):
        operand = self._create(code="zz_operand")
        self._create(code="zz_user", source="formula", formula="zz_operand * 2")
        with self.assertRaisesRegex(UserError, "Some Metric"):
            operand.code = "zz_renamed"
        with self.assertRaisesRegex(UserError, "Some Metric"):
            operand.unlink()
        operand.write({"code": "zz_operand"})  # no change, no refusal

    def test_copy_has_its_own_code_and_name(self):
        metric = self._create(code="zz_orig")
        copy = metric.copy()
        self.assertEqual(copy.name, "Some Metric (copy)")
        self.assertNotEqual(copy.code, "zz_orig")

    # Defaults

    def test_what_no_record_means(self):
        """Zero for a count that should be high; unknown for one that should be low, and for
        imported rows, where nothing may have been imported yet."""
        cases = [
            ({"source": "evidence", "direction": "higher"}, "zero"),
            ({"source": "evidence", "direction": "lower"}, "unknown"),
            ({"source": "evidence", "aggregate": "avg"}, "unknown"),
            ({"source": "fact", "direction": "higher"}, "unknown"),
            ({"source": "manual"}, "unknown"),
            ({"source": "fact", "direction": "lower", "empty_as": "zero"}, "zero"),
        ]
        for vals, expected in cases:
            with self.subTest(vals):
                self.assertEqual(self._create(**vals).empty_as, expected)

    def test_counts_and_sums_grow_and_averages_do_not(self):
        cases = [
            ({"source": "fact"}, True),
            ({"source": "fact", "aggregate": "avg"}, False),
            ({"source": "fact", "aggregate": "max"}, False),
            ({"source": "manual"}, False),
            ({"source": "manual", "cumulative": True}, True),
        ]
        for vals, expected in cases:
            with self.subTest(vals):
                self.assertEqual(self._create(**vals).cumulative, expected)

    def test_percent_ratio_is_multiplied_by_100(self):
        self.assertEqual(self._create(unit="percent").scale_factor, 1.0)
        ratio = self._create(unit="percent", denominator_domain="[]")
        self.assertTrue(ratio.is_ratio)
        self.assertEqual(ratio.scale_factor, 100.0)

    # Showing

    def test_format(self):
        cases = [
            ({"unit": "percent"}, 45, "45 %"),
            ({"unit": "percent"}, 45.5, "45.5 %"),
            ({"unit": "percent", "digits": 0}, 45.5, "46 %"),
            ({"unit": "rating"}, 4.2, "4.2 points"),
            ({"unit": "count"}, 12345.0, "12,345"),
            ({"unit": "hours", "digits": 1}, 7.25, "7.3 h"),
            ({"unit": "days"}, -0.0, "0 days"),
            ({"unit": "custom", "unit_label": "visits"}, 3, "3 visits"),
            ({"unit": "number"}, 2.675, "2.68"),
            ({"unit": "number"}, 0.1 + 0.2, "0.3"),
            ({"unit": "number"}, None, "Unknown"),
        ]
        for vals, value, expected in cases:
            with self.subTest(vals, value=value):
                self.assertEqual(self._create(**vals)._format(value), expected)

    def test_format_of_money_and_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        euro = self.env.ref("base.EUR")
        money, percent = self._create(unit="money"), self._create(unit="percent")
        self.assertEqual(money._format(1200, euro).replace("\xa0", " "), "1,200.00 €")
        self.assertEqual(percent.with_context(lang="fr_FR")._format(45.5), "45,5 %")

    # The form

    def test_form_of_records_fills_itself_in(self):
        facts = self.env["ir.model"]._get("hr.performance.fact")
        with Form(self.Metric) as form:
            form.name = "Zz rows"
            form.source = "model"
            form.model_id = facts
            self.assertEqual(form.date_path, "date")
            self.assertEqual(form.employee_path, "employee_id")
            self.assertEqual(form.aggregate, "count")
        metric = form.save()
        self.assertEqual((metric.code, metric.empty_as), ("zz_rows", "zero"))

    def test_another_model_replaces_the_paths(self):
        metric = self._create(
            source="model", model_id=self.env["ir.model"]._get_id("hr.performance.fact")
        )
        with Form(metric) as form:
            form.model_id = self.env["ir.model"]._get("res.partner")
            self.assertEqual(form.employee_path, "user_id")
            self.assertEqual(form.date_path, "create_date")

    def test_models_offered_can_be_read_and_are_business(self):
        names = set(self._create().selectable_model_ids.mapped("model"))
        self.assertIn("res.partner", names)
        self.assertFalse({"ir.cron", "res.users", "res.users.log", "ir.attachment"} & names)

    def test_date_field_is_a_shorthand_for_the_path(self):
        field = self.env["ir.model.fields"]._get("res.partner", "write_date")
        metric = self._create(
            source="model",
            model_id=self.env["ir.model"]._get_id("res.partner"),
            employee_path="user_id",
            date_field_id=field.id,
        )
        self.assertEqual(metric.date_path, "write_date")
        metric.date_path = "create_date"
        self.assertEqual(metric.date_field_id.name, "create_date")


@tagged("post_install", "-at_install")
class TestMetricTest(PerformanceCase):
    def _test(self, metric, user=None, **vals):
        return (
            self.env["hr.performance.metric.test"]
            .with_user(user or self.hr_user)
            .with_company(self.company)
            .create(
                {
                    "metric_id": metric.id,
                    "company_id": self.company.id,
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                    **vals,
                }
            )
        )

    def test_shows_everybody_and_stores_nothing(self):
        self._add_facts(self.anna, self.visits, 4, 3)
        test = self._test(self.visits)
        action = test.action_run()
        self.assertEqual(action["res_id"], test.id)
        by_employee = {line.employee_id: line for line in test.line_ids}
        self.assertEqual(by_employee[self.anna].value_text, "7")
        self.assertEqual(by_employee[self.anna].sample, 2)
        self.assertEqual(by_employee[self.bo].value_text, "Unknown")
        self.assertEqual(by_employee[self.bo].explanation, "No record in the period")
        self.assertEqual((test.measured_count, test.unknown_count), (1, len(by_employee) - 1))
        self.assertFalse(self.env["hr.performance.value"].search([]))
        test.action_run()
        self.assertEqual(len(test.line_ids), len(by_employee), "pressing again starts afresh")

    def test_chosen_people(self):
        test = self._test(self.visits, employee_ids=[Command.set(self.bo.ids)])
        test.action_run()
        self.assertEqual(test.line_ids.employee_id, self.bo)
        by_department = self._test(self.visits, department_id=self.sales_east.id)
        by_department.action_run()
        self.assertEqual(by_department.line_ids.employee_id, self.anna | self.bo)

    def test_records_of_one_line(self):
        facts = self._add_facts(self.anna, self.visits, 4, 3)
        self._add_facts(self.anna, self.visits, 9, day=date(2026, 4, 1))
        self._add_facts(self.bo, self.visits, 5)
        test = self._test(self.visits, employee_ids=[Command.set(self.anna.ids)])
        test.action_run()
        action = test.line_ids.action_open_records()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), facts)

    def test_it_shows_nothing_that_the_tester_may_not_read(self):
        """The metric reads what HR officers may not; the engine could, the assistant does not."""
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "hr.performance.fact")]
        ).active = False
        self._add_facts(self.anna, self.visits, 4)
        test = self._test(self.visits)
        test.action_run()
        self.assertEqual(set(test.line_ids.mapped("measured")), {False})
        self.assertEqual(set(test.line_ids.mapped("reason")), {"error"})
        self.assertTrue(self.visits._measure(self.anna, *self._march())[self.visits])

    def _march(self):
        return date(2026, 3, 1), date(2026, 3, 31)

    def test_period_in_order(self):
        test = self._test(self.visits, date_to="2026-02-01")
        with self.assertRaisesRegex(UserError, "ends before it begins"):
            test.action_run()
