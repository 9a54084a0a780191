"""The course of a performance interview: its states and who may move it."""

from typing import NamedTuple

STATES = ("planned", "held", "acknowledged", "cancelled")

#: States in which what was said and agreed is on record.
HELD_STATES = ("held", "acknowledged")


class Transition(NamedTuple):
    """One move of an interview.

    ``roles``: who may make it. ``subject`` is the employee, ``manager`` somebody above him, ``hr``
    an HR officer for anybody but himself. The system may make every move.
    """

    sources: tuple[str, ...]
    target: str
    roles: tuple[str, ...]


TRANSITIONS = {
    "hold": Transition(("planned",), "held", ("manager", "hr")),
    "acknowledge": Transition(("held",), "acknowledged", ("subject",)),
    "cancel": Transition(("planned",), "cancelled", ("manager", "hr")),
    "plan_again": Transition(("cancelled",), "planned", ("manager", "hr")),
}
