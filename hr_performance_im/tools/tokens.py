"""Where an application's token is kept between calls, processes and restarts.

A store is any object with the methods of :class:`MemoryTokenStore`. In Odoo it is a table that is
written in a transaction of its own, so that a rollback of the run does not lose the token.
"""

import threading
from contextlib import contextmanager
from typing import NamedTuple

from .redaction import Secret


class Token(NamedTuple):
    """A token and the instant (epoch seconds) from which on it is no longer used."""

    value: Secret
    expires_at: float


class MemoryTokenStore:
    """Tokens of one process."""

    def __init__(self):
        self._tokens = {}
        self._lock = threading.RLock()

    def get(self, key):
        """The :class:`Token` under ``key`` or None; expired ones may be returned as well."""
        return self._tokens.get(key)

    def put(self, key, token):
        """Keep ``token`` under ``key`` in place of any other."""
        self._tokens[key] = token

    def expire(self, key, value):
        """Forget the token if ``value`` still is the one that is kept.

        Another worker may have fetched a better one meanwhile, which stays.
        """
        token = self._tokens.get(key)
        if token and token.value == value:
            del self._tokens[key]

    @contextmanager
    def lock(self, key):
        """Held while a new token is fetched, so that of many workers one asks for it."""
        with self._lock:
            yield
