"""A DingTalk for tests and demonstrations, see the README beside this folder."""

from .faults import Fault
from .server import FakeDingTalk
from .state import SHANGHAI, State, instant

__all__ = ["SHANGHAI", "FakeDingTalk", "Fault", "State", "instant"]
