from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import PERIOD, PerformanceCase


@tagged("post_install", "-at_install")
class TestFormula(PerformanceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.won, cls.handled = cls.env["hr.performance.metric"].create(
            [
                {"name": "Won", "code": "t_won", "source": "fact"},
                {"name": "Handled", "code": "t_handled", "source": "fact"},
            ]
        )

    def _create(self, formula, **vals):
        return self.env["hr.performance.metric"].create(
            {"name": "Rate", "source": "formula", "formula": formula, **vals}
        )

    def _measure(self, metric, employee=None):
        employee = employee or self.anna
        return metric._measure(employee, *PERIOD)[metric][employee.id]

    def test_calculates_from_other_metrics(self):
        self._add_facts(self.anna, self.won, 3, 1)
        self._add_facts(self.anna, self.handled, 10)
        rate = self._create("t_won / t_handled * 100")
        self.assertEqual(rate.operand_ids, self.won | self.handled)
        measured = self._measure(rate)
        self.assertEqual(measured.value, 40.0)
        self.assertEqual(measured.detail["operands"], {"t_won": 4.0, "t_handled": 10.0})
        self.assertEqual((measured.sample, measured.coverage), (1, 1.0))

    def test_archived_operand_is_still_read(self):
        self._add_facts(self.anna, self.won, 3)
        rate = self._create("t_won * 2")
        self.won.active = False
        self.assertEqual(self._measure(rate).value, 6)
        with self.assertRaisesRegex(ValidationError, "rests on itself"):
            self.won.write({"source": "formula", "formula": rate.code})

    def test_number_too_large(self):
        self._add_facts(self.anna, self.won, 1e11)
        measured = self._measure(self._create("t_won ** 32"))
        self.assertEqual((measured.value, measured.reason), (None, "error"))
        self.assertIn("too large", measured.detail["message"])

    def test_unknown_operand_is_named(self):
        self._add_facts(self.anna, self.handled, 10)
        measured = self._measure(self._create("t_won / t_handled * 100"))
        self.assertEqual((measured.value, measured.reason), (None, "operand"))
        self.assertEqual(measured.detail["operand"], "t_won")
        self.assertEqual(measured.detail["operand_reason"], "no_rows")
        guarded = self._create("coalesce(t_won, 0) / t_handled * 100")
        self.assertEqual(self._measure(guarded).value, 0.0)

    def test_division_by_zero_stops_one_employee(self):
        """Trap 4: a clear message for one, and the others go on."""
        rate = self._create("t_won / t_handled")
        for employee, handled in ((self.anna, 0), (self.bo, 2)):
            self._add_facts(employee, self.won, 1)
            self._add_facts(employee, self.handled, handled)
        measured = rate._measure(self.anna | self.bo, *PERIOD)[rate]
        self.assertEqual(measured[self.anna.id].reason, "error")
        self.assertIn("division by zero", measured[self.anna.id].detail["message"])
        self.assertEqual(measured[self.bo.id].value, 0.5)

    def test_formulas_of_formulas_measure_each_operand_once(self):
        self._add_facts(self.anna, self.won, 3)
        twice = self._create("t_won * 2", code="t_twice")
        both = self._create("t_twice + t_won", code="t_both")
        collected = []
        Fact = self.env.registry["hr.performance.source.fact"]
        original = Fact._collect

        def spy(source, metric, employees, date_from, date_to):
            collected.append(metric.code)
            return original(source, metric, employees, date_from, date_to)

        self.patch(Fact, "_collect", spy)
        measured = (both | twice | self.won)._measure(self.anna, *PERIOD)
        self.assertEqual(measured[both][self.anna.id].value, 9.0)
        self.assertEqual(list(measured), [both, twice, self.won], "what was asked, and no more")
        self.assertEqual(collected, ["t_won"])

    def test_circles_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "rests on itself"):
            self._create("t_self + 1", code="t_self")
        first = self._create("t_won", code="t_first")
        self._create("t_first", code="t_second")
        with self.assertRaisesRegex(ValidationError, "rests on itself"):
            first.formula = "t_second"

    def test_circle_behind_the_back_stops_only_itself(self):
        first = self._create("t_won", code="t_first")
        second = self._create("t_first", code="t_second")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hr_performance_metric SET formula = 't_second' WHERE id = %s", [first.id]
        )
        self.env.invalidate_all()
        self._add_facts(self.anna, self.visits, 2)
        measured = (second | self.visits)._measure(self.anna, *PERIOD)
        self.assertEqual(measured[second][self.anna.id].reason, "error")
        self.assertIn("circle", measured[second][self.anna.id].detail["message"])
        self.assertEqual(measured[self.visits][self.anna.id].value, 2)

    def test_only_codes_can_be_read(self):
        """Traps 4 and 36: a closed list of names, no attribute, no call, no text."""
        attacks = {
            "": "write a formula",
            "nonsense * 2": "nonsense",
            "anna.wage": "refused",
            "__import__('os')": "only min, max",
            "().__class__": "refused",
            "t_won[0]": "refused",
            "'a'": "refused",
            "t_won +": "brackets and signs",
            "open(t_won)": "only min, max",
            "t_won if": "brackets and signs",
        }
        for formula, message in attacks.items():
            with self.subTest(formula), self.assertRaisesRegex(ValidationError, message):
                self._create(formula)

    def test_names_of_other_companies_cannot_be_read(self):
        self.env["hr.performance.metric"].create(
            {"name": "Theirs", "code": "t_theirs", "company_id": self.other_company.id}
        )
        for company in (self.company, self.company.browse()):
            with self.assertRaisesRegex(ValidationError, "t_theirs"):
                self._create("t_theirs", company_id=company.id)

    def test_own_companys_metric_comes_before_the_shared_one(self):
        own = self.won.copy({"code": "t_won", "company_id": self.company.id})
        self.assertEqual(self._create("t_won", company_id=self.company.id).operand_ids, own)
        self.assertEqual(self._create("t_won").operand_ids, self.won)

    def test_operands_are_stored_and_open(self):
        self._add_facts(self.anna, self.won, 3)
        rate = self._create("t_won * 2")
        rate._refresh_values(self.anna, *PERIOD)
        action = rate._get_metric_records_action(self.anna, *PERIOD)
        values = self.env["hr.performance.value"].search(action["domain"])
        self.assertEqual(values.metric_id, self.won)
        self.assertEqual(values.value, 3)
