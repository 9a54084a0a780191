"""Which outside person is which employee: by what both sides hold once, never by name."""

import re
from collections import defaultdict
from typing import NamedTuple

#: In the order in which they decide.
RULES = ("job_number", "mobile", "email")


class Person(NamedTuple):
    """One side of a match. Each of the three is text, or a tuple of texts where one has several."""

    key: int
    job_number: object = ""
    mobile: object = ""
    email: object = ""


class Match(NamedTuple):
    """:ivar rule: one of :data:`RULES`; None where nothing fits or two rules disagree
    :ivar employee: key of the employee; None where there is none
    :ivar doubt: ``ambiguous`` where a value is not unique, ``conflict`` where rules disagree
    """

    employee: int | None = None
    rule: str | None = None
    doubt: str | None = None


def normalize(rule, value):
    """Bring a value into the form in which both sides can be compared; empty where it is useless.

    >>> normalize("mobile", "+86 138-0000 0000")
    '13800000000'
    >>> normalize("email", " Anna@X.cn ")
    'anna@x.cn'
    """
    text = str(value or "").strip()
    if rule == "mobile":
        digits = re.sub(r"\D", "", text)
        digits = re.sub(r"^(?:00)?86(?=1\d{10}$)", "", digits)
        return digits if len(digits) >= 7 else ""
    return text.lower()


def match(outside, employees, taken=()):
    """Find the employee of each outside person.

    A value decides only where it is unique on both sides, counted over everybody, those who are
    matched already included. Two rules that name different employees decide nothing.

    :param outside: list of :class:`Person`, all those of the connection
    :param employees: list of :class:`Person`, all those of the company
    :param taken: keys of employees who belong to an outside person already
    :return: ``{outside key: Match}`` for all of ``outside``
    """
    taken = set(taken)
    outside_by = {rule: _index(outside, rule) for rule in RULES}
    inside_by = {rule: _index(employees, rule) for rule in RULES}
    found = {person.key: _decide(person, outside_by, inside_by, taken) for person in outside}
    claims = defaultdict(list)
    for key, result in found.items():
        if result.employee is not None:
            claims[result.employee].append(key)
    for keys in claims.values():
        if len(keys) > 1:
            found.update(dict.fromkeys(keys, Match(doubt="conflict")))
    return found


def _values(person, rule):
    value = getattr(person, rule)
    values = value if isinstance(value, tuple | list | set) else (value,)
    return {normal for normal in (normalize(rule, v) for v in values) if normal}


def _index(people, rule):
    index = defaultdict(set)
    for person in people:
        for value in _values(person, rule):
            index[value].add(person.key)
    return index


def _decide(person, outside_by, inside_by, taken):
    named, doubt = {}, None
    for rule in RULES:
        for value in _values(person, rule):
            candidates = inside_by[rule].get(value, ())
            if not candidates:
                continue
            if len(candidates) > 1 or len(outside_by[rule][value]) > 1:
                doubt = "ambiguous"
                continue
            named.setdefault(next(iter(candidates)), rule)
    if len(named) > 1:
        return Match(doubt="conflict")
    for employee, rule in named.items():
        if employee not in taken:
            return Match(employee, rule)
        doubt = "conflict"
    return Match(doubt=doubt)
