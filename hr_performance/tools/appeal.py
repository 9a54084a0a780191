"""The course of an appeal: its states and who may move it from one to the next."""

from typing import NamedTuple

#: States in the order in which an appeal passes them.
STATES = ("draft", "submitted", "answered", "second", "closed")

#: States in which somebody has to answer; what is disputed is held back in them.
HELD_STATES = ("submitted", "second")

#: States in which an appeal can still change what it is about; a cycle is not closed over it.
OPEN_STATES = (*HELD_STATES, "answered")


class Transition(NamedTuple):
    """One move of an appeal.

    ``roles``: who may make it. ``subject`` is the employee who appeals, ``deputy`` who of HR filed
    it for an employee without an account, ``manager`` somebody above him, ``hr_first`` an HR
    officer once the manager is late or missing, ``hr_second`` an HR officer who had no part in the
    first answer. None of the last four is ever the employee himself. The system may make every
    move. ``outcome``: what the appeal has come to by this move.
    """

    sources: tuple[str, ...]
    target: str
    roles: tuple[str, ...]
    needs_text: bool = False
    outcome: str | None = None


_SUBJECT = ("subject", "deputy")
_FIRST = ("manager", "hr_first")

TRANSITIONS = {
    "submit": Transition(("draft",), "submitted", _SUBJECT, True),
    "withdraw": Transition(("submitted", "second"), "closed", _SUBJECT),
    "uphold": Transition(("submitted",), "answered", _FIRST, True, "upheld"),
    "change": Transition(("submitted",), "answered", _FIRST, True, "changed"),
    "accept": Transition(("answered",), "closed", _SUBJECT),
    "take_to_hr": Transition(("answered",), "second", _SUBJECT, True),
    "uphold_finally": Transition(("second",), "closed", ("hr_second",), True, "upheld"),
    "change_finally": Transition(("second",), "closed", ("hr_second",), True, "changed"),
}

#: The move by which an outcome is decided in each state.
DECISIONS = {
    ("submitted", "upheld"): "uphold",
    ("submitted", "changed"): "change",
    ("second", "upheld"): "uphold_finally",
    ("second", "changed"): "change_finally",
}


class Terms(NamedTuple):
    """How long each party has, in working days, and whether HR is asked after the manager."""

    answer_days: int
    has_second_level: bool
    second_days: int
    second_answer_days: int
