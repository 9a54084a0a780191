from odoo.tests import BaseCase

from ..tools.digest import make_digest
from ..tools.matching import Person, match, normalize


class TestMatching(BaseCase):
    def assertMatch(self, outside, employees, expected, taken=()):
        found = match(outside, employees, taken)
        self.assertEqual({k: (m.employee, m.rule, m.doubt) for k, m in found.items()}, expected)

    def test_job_number_comes_first(self):
        self.assertMatch(
            [Person(1, "A1", "13800000001", "a@x.cn")],
            [Person(7, "a1 ", "", "")],
            {1: (7, "job_number", None)},
        )

    def test_mobile_then_email(self):
        self.assertMatch(
            [Person(1, "", "+86 138-0000-0001"), Person(2, "", "", "B@X.cn")],
            [Person(7, "", ("13800000001", "")), Person(8, "", "", ("b@x.cn", None))],
            {1: (7, "mobile", None), 2: (8, "email", None)},
        )

    def test_a_number_of_two_people_decides_nothing(self):
        self.assertMatch(
            [Person(1, "A1"), Person(2, "A1")],
            [Person(7, "A1")],
            {1: (None, None, "ambiguous"), 2: (None, None, "ambiguous")},
        )
        self.assertMatch(
            [Person(1, "A1")], [Person(7, "A1"), Person(8, "A1")], {1: (None, None, "ambiguous")}
        )

    def test_an_ambiguous_number_leaves_the_next_rule(self):
        self.assertMatch(
            [Person(1, "A1", "13800000001")],
            [Person(7, "A1", "13800000001"), Person(8, "A1")],
            {1: (7, "mobile", None)},
        )

    def test_rules_that_disagree_decide_nothing(self):
        self.assertMatch(
            [Person(1, "A1", "13800000001")],
            [Person(7, "A1"), Person(8, "", "13800000001")],
            {1: (None, None, "conflict")},
        )

    def test_one_employee_is_not_two_people(self):
        self.assertMatch(
            [Person(1, "A1"), Person(2, "", "", "a@x.cn")],
            [Person(7, "A1", "", "a@x.cn")],
            {1: (None, None, "conflict"), 2: (None, None, "conflict")},
        )

    def test_who_is_taken_is_not_given_away(self):
        self.assertMatch(
            [Person(1, "A1")], [Person(7, "A1")], {1: (None, None, "conflict")}, taken=[7]
        )

    def test_same_name_is_no_match(self):
        self.assertMatch([Person(1)], [Person(7)], {1: (None, None, None)})

    def test_useless_values(self):
        self.assertEqual(normalize("mobile", "12345"), "")
        self.assertEqual(normalize("mobile", "0086 13800000000"), "13800000000")
        self.assertEqual(normalize("job_number", None), "")


class TestDigest(BaseCase):
    def test_order_of_keys_and_changes(self):
        self.assertEqual(make_digest({"a": 1, "b": [1]}), make_digest({"b": [1], "a": 1}))
        self.assertNotEqual(make_digest({"a": 1}), make_digest({"a": "1"}))
        self.assertNotEqual(make_digest([None]), make_digest([""]))
