"""The course of a review: its states, the steps that a programme may leave out, the transitions."""

from typing import NamedTuple

#: States in the order in which a review passes them; `cancelled` stands apart.
STATES = ("goal", "progress", "self", "manager", "calibration", "ready", "published", "closed")

#: The step of a programme that each state belongs to. A state without a step is always passed.
STEP_OF_STATE = {
    "goal": "goal_confirmation",
    "self": "self_assessment",
    "manager": "manager_scoring",
    "calibration": "calibration",
    "ready": "publication",
    "published": "appeal",
}

#: States in which measured values still follow their source.
LIVE_STATES = ("goal", "progress", "self", "manager")

#: States before the result is out.
OPEN_STATES = (*LIVE_STATES, "calibration", "ready")

#: States in which the result stands and nothing moves any more.
FROZEN_STATES = ("published", "closed")

NEXT = "next"


class Transition(NamedTuple):
    """One move of a review.

    ``roles``: who may make it. ``subject`` is the reviewed employee, ``manager`` somebody above
    him, ``hr`` an HR officer for anybody but himself, ``hr_any`` an HR officer also for himself,
    ``admin`` an HR administrator for anybody but himself, ``late_manager`` a manager once the
    deadline of the current step has passed. The system may make every move. ``passes``: the move
    leads to what follows this state, not the review's own. ``is_return``: it goes back to somebody
    who reads the reason where he works on.
    """

    sources: tuple[str, ...]
    target: str
    roles: tuple[str, ...]
    needs_reason: bool = False
    passes: str | None = None
    is_return: bool = False


TRANSITIONS = {
    "confirm_goals": Transition(("goal",), NEXT, ("subject", "hr", "late_manager")),
    "start_assessment": Transition(
        ("goal", "progress"), NEXT, ("manager", "hr"), passes="progress"
    ),
    "submit_self": Transition(("self",), NEXT, ("subject",)),
    "skip_self": Transition(("self",), NEXT, ("hr", "late_manager")),
    "submit_scores": Transition(("manager",), NEXT, ("manager", "hr")),
    "return_to_employee": Transition(("manager",), "self", ("manager", "hr"), True, is_return=True),
    "return_to_manager": Transition(
        ("calibration", "ready"), "manager", ("hr",), True, is_return=True
    ),
    "approve_calibration": Transition(("calibration",), NEXT, ("hr",)),
    "publish": Transition(("ready",), "published", ("hr_any",)),
    "close": Transition(("published",), "closed", ("hr_any",)),
    "reopen": Transition(("published", "closed"), "manager", ("admin",), True),
    "cancel": Transition(OPEN_STATES, "cancelled", ("hr",), True),
    "restore": Transition(("cancelled",), "progress", ("hr",)),
}


def next_state(state, used_steps):
    """The state after ``state`` for a programme with these steps; from None, the first one.

    >>> next_state(None, {"self_assessment"})
    'progress'
    >>> next_state("progress", {"self_assessment"})
    'self'
    >>> next_state("self", {"self_assessment"})
    'published'
    """
    following = STATES[STATES.index(state) + 1 :] if state else STATES
    return next(s for s in following if _is_used(s, used_steps))


def _is_used(state, used_steps):
    # The result is out before it is closed, with or without a window for appeals.
    step = STEP_OF_STATE.get(state)
    return step is None or state == "published" or step in used_steps
