from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import PERIOD, PerformanceCase


class RuleCase(PerformanceCase):
    """One person, one metric of imported rows, one line that has the whole weight."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.complaints = cls._create_metric("Complaints", direction="lower")

    @classmethod
    def _create_metric(cls, name, **vals):
        return cls.env["hr.performance.metric"].create(
            {"name": name, "source": "fact", "aggregate": "sum", "unit": "count", **vals}
        )

    def _create_template(self, metric, bands=(), **line):
        bands = [Command.create({"lower": lower, "share": share}) for lower, share in bands]
        line = {"metric_id": metric.id, "weight": 100, "band_ids": bands, **line}
        return self.env["hr.performance.template"].create(
            {
                "name": "One metric",
                "company_id": self.company.id,
                "coverage_threshold": 0,
                "line_ids": [Command.create(line)],
            }
        )

    def _review(self, template, *values):
        """Anna's review by the template, after so many rows of its metric."""
        metric = template.line_ids.metric_id
        self._add_facts(self.anna, metric, *values)
        template.action_set_ready()
        program = self.env["hr.performance.program"].create(
            {
                "name": "One",
                "company_id": self.company.id,
                "date_start": PERIOD[0],
                "employee_ids": [Command.set(self.anna.ids)],
                "template_ids": [Command.set(template.ids)],
                "user_id": self.hr_user.id,
            }
        )
        cycle = program._open_cycles([program._get_period(PERIOD[0])])
        cycle._launch()
        cycle.review_ids._refresh()
        return cycle.review_ids


@tagged("post_install", "-at_install")
class TestTargetOfZero(RuleCase):
    def test_formula_that_names_the_target(self):
        formula = "100 if value <= target else 0"
        template = self._create_template(self.complaints, method="formula", formula=formula)
        self.assertEqual(self._review(template, 0).total, 100)

    def test_formula_that_does_not_name_it(self):
        template = self._create_template(self.complaints, method="formula", formula="value * 10")
        review = self._review(template, 4)
        self.assertEqual(review.total, 40)
        self.assertNotIn("Target", dict(review.line_ids._explain()))

    def test_bands_over_the_way_to_zero(self):
        """From 10 complaints to none: 4 are 60 % of the way."""
        template = self._create_template(
            self.complaints,
            bands=[(0, 0), (50, 80), (100, 100)],
            method="bands",
            band_basis="attainment",
            has_start=True,
            start_value=10,
        )
        self.assertEqual(self._review(template, 4).total, 80)

    def test_bands_over_the_proportion_of_zero(self):
        with self.assertRaisesRegex(ValidationError, "needs a target above zero"):
            self._create_template(
                self.visits, bands=[(0, 0)], method="bands", band_basis="attainment"
            )


@tagged("post_install", "-at_install")
class TestRuleThatCannotScore(RuleCase):
    def test_ready_template_keeps_its_bands(self):
        template = self._create_template(
            self.complaints, bands=[(0, 100), (3, 50)], method="bands", target=2
        )
        template.line_ids.band_ids.unlink()
        with self.assertRaisesRegex(ValidationError, "at least one band"):
            template.action_set_ready()

    def test_band_above_the_cap(self):
        template = self._create_template(
            self.complaints, bands=[(0, 100)], method="bands", target=2
        )
        with self.assertRaisesRegex(ValidationError, "more than the cap"):
            template.line_ids.band_ids = [Command.create({"lower": 3, "share": 500})]

    def test_no_band_comes_to_a_used_template(self):
        template = self._create_template(
            self.complaints, bands=[(0, 100)], method="bands", target=2
        )
        self._review(template, 0)
        with self.assertRaisesRegex(UserError, "new version"):
            self.env["hr.performance.template.band"].create(
                {"line_id": template.line_ids.id, "lower": 3, "share": 50}
            )

    def test_direction_that_a_template_contradicts(self):
        template = self._create_template(self.complaints, target=2, has_start=True, start_value=10)
        template.action_set_ready()
        with self.assertRaisesRegex(ValidationError, "beyond the target"):
            self.complaints.direction = "higher"

    def test_agreed_target_beyond_the_start(self):
        template = self._create_template(self.complaints, target=2, has_start=True, start_value=10)
        line = self._review(template, 6).line_ids.with_user(self.manager.user_id)
        with self.assertRaisesRegex(ValidationError, "beyond the target"):
            line.target = 12
        line.target = 0
        self.assertEqual(line.points, 40)

    def test_direction_of_a_result_stays(self):
        review = self._review(self._create_template(self.complaints, target=2), 1)
        self.complaints.direction = "higher"
        self.assertEqual(review.line_ids.target_display, "≤ 2")


@tagged("post_install", "-at_install")
class TestValueThatDoesNotFit(RuleCase):
    """Such a value has no points, neither none nor all, and the line says why."""

    def _assert_unscored(self, review, reason):
        self.assertEqual((review.scored, review.missing_count), (False, 1))
        steps = dict(review.line_ids._explain())
        self.assertEqual(steps["Not scored"], f"{reason}. Its weight leaves the total.")
        self.assertNotIn("Points", steps)

    def test_mark_outside_of_the_scale(self):
        stars = self._create_metric("Stars", aggregate="avg", unit="rating")
        template = self._create_template(
            stars, method="rating", target=5, has_start=True, start_value=1
        )
        self._assert_unscored(self._review(template, 7), "7 points is no rating from 1 to 5")

    def test_division_by_zero(self):
        template = self._create_template(
            self.complaints, method="formula", formula="target / value * 100", target=4
        )
        self._assert_unscored(
            self._review(template, 0),
            "The formula gives no number (division by zero; guard it: a / b if b else 0)",
        )

    def test_formula_over_a_start_that_is_not_given(self):
        template = self._create_template(self.complaints, method="formula", formula="value - start")
        self._assert_unscored(
            self._review(template, 4), "The formula rests on something that is not known"
        )

    def test_reason_and_consequence_are_two_sentences(self):
        review = self._review(self._create_template(self.complaints, target=2))
        self.assertEqual(
            dict(review.line_ids._explain())["Not measured"],
            "No record in the period. Its weight leaves the total.",
        )

    def test_nothing_is_said_of_a_value_that_fits(self):
        review = self._review(self._create_template(self.complaints, target=2), 4)
        self.assertNotIn("Not scored", dict(review.line_ids._explain()))


@tagged("post_install", "-at_install")
class TestCurrencyShown(RuleCase):
    def test_money_has_the_currency_of_the_employees_company(self):
        """Whatever company the reader, or the scheduled job, stands in."""
        yuan, euro = self.env.ref("base.CNY"), self.env.ref("base.EUR")
        (yuan | euro).active = True
        self.company.currency_id, self.other_company.currency_id = yuan, euro
        sales = self._create_metric("Sales", unit="money")
        review = self._review(self._create_template(sales, target=1000), 1234)
        line = review.line_ids.with_company(self.other_company)
        line.invalidate_recordset()
        shown = [line.actual_display, line.target_display, *dict(line._explain()).values()]
        self.assertIn("¥", line.actual_display)
        self.assertFalse([text for text in shown if "€" in text or "$" in text])


@tagged("post_install", "-at_install")
class TestCalculatedNumber(RuleCase):
    """A formula shows what it was calculated from, where the number stands."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.won, cls.handled = (
            cls._create_metric(name, code=f"t_{name.lower()}") for name in ("Won", "Handled")
        )
        cls.rate = cls._create_metric(
            "Rate", source="formula", formula="t_won / t_handled * 100", unit="percent"
        )

    def test_inputs_are_named(self):
        self._add_facts(self.anna, self.won, 1)
        self._add_facts(self.anna, self.handled, 3)
        line = self._review(self._create_template(self.rate, target=40)).line_ids
        self.assertEqual(dict(line._explain())["Calculated from"], "Handled 3; Won 1")
        as_anna = line.with_user(self.anna.user_id)
        self.assertEqual(dict(as_anna._explain())["Calculated from"], "Handled 3; Won 1")

    def test_inputs_of_another_number_are_left_out(self):
        self._add_facts(self.anna, self.won, 1)
        self._add_facts(self.anna, self.handled, 2)
        line = self._review(self._create_template(self.rate, target=40)).line_ids
        self._add_facts(self.anna, self.handled, 2)
        self.rate._refresh_values(self.anna, *PERIOD)
        self.assertNotIn("Calculated from", dict(line._explain()))

    def test_what_is_unknown_is_named(self):
        self._add_facts(self.anna, self.won, 1)
        line = self._review(self._create_template(self.rate, target=40)).line_ids
        self.assertEqual(
            dict(line._explain())["Not measured"],
            "The metric “Handled” is unknown. Its weight leaves the total.",
        )
