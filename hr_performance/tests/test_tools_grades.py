from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools.grades import GradeError, GradeScale, guide

from .properties import properties

FIVE_POINTS = ((1, "E"), (2, "D"), (3, "C"), (4, "B"), (5, "A"))


class TestToolsGrades(BaseCase):
    def test_trap2_no_score_falls_between_two_grades(self):
        scale = GradeScale(FIVE_POINTS)
        cases = {
            "3.995": "C",
            "3.99999": "C",
            "4": "B",
            "0.99": "E",
            "-5": "E",
            "1000": "A",
            "1": "E",
        }
        for score, grade in cases.items():
            with self.subTest(score=score):
                self.assertEqual(scale.grade_of(Decimal(score)), grade)
        self.assertEqual(scale.grade_of(3.995), "C")
        self.assertIs(scale.grade_of(None), None)

    def test_order_of_the_bands_does_not_matter(self):
        self.assertEqual(GradeScale(FIVE_POINTS[::-1]).grade_of(4), "B")

    def test_trap10_bands_need_one_grade_each(self):
        for code, bands in (
            ("bands_missing", ()),
            ("bands_duplicate", ((1, "a"), (1.0, "b"))),
            ("bad_number", ((None, "a"),)),
            ("bad_number", ((float("nan"), "a"),)),
        ):
            with self.subTest(code=code), self.assertRaises(GradeError) as caught:
                GradeScale(bands)
            self.assertEqual(caught.exception.code, code)

    def test_wc7_trap48_distribution_guide(self):
        cases = {
            10: [1, 7, 2],
            11: [1, 8, 2],
            20: [2, 14, 4],
            33: [3, 23, 7],
            5: [1, 3, 1],
            3: [0, 2, 1],
            1: [0, 1, 0],
            0: [0, 0, 0],
        }
        for count, expected in cases.items():
            with self.subTest(count=count):
                self.assertEqual(guide(count, (10, 70, 20)), expected)

    def test_guide_refuses_bad_shares(self):
        for code, count, shares in (
            ("shares_not_100", 5, (10, 80)),
            ("shares_not_100", 5, ()),
            ("negative_share", 5, (-10, 110)),
            ("negative_count", -1, (100,)),
            ("bad_number", 5, (None, 100)),
            ("bad_number", 5, ("half", 50)),
        ):
            with self.subTest(code=code), self.assertRaises(GradeError) as caught:
                guide(count, shares)
            self.assertEqual(caught.exception.code, code)


@st.composite
def percentages(draw):
    cuts = sorted(draw(st.lists(st.integers(0, 100), max_size=5)))
    return [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]


class TestToolsGradesProperties(BaseCase):
    @properties
    @given(
        st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=7, unique=True),
        st.decimals(-10, 130, places=4),
    )
    def test_every_score_has_exactly_one_grade(self, bounds, score):
        scale = GradeScale((bound, bound) for bound in bounds)
        lower = [Decimal("-Infinity"), *sorted(bounds)[1:]]
        upper = [*lower[1:], Decimal("Infinity")]
        holding = [
            bound
            for bound, low, high in zip(sorted(bounds), lower, upper, strict=True)
            if low <= score < high
        ]
        self.assertEqual(holding, [scale.grade_of(score)])

    @properties
    @given(st.integers(0, 500), percentages())
    def test_guide_totals_the_group(self, count, shares):
        counts = guide(count, shares)
        self.assertEqual(sum(counts), count)
        for people, share in zip(counts, shares, strict=True):
            self.assertLess(abs(people - Fraction(share) * count / 100), 1)
