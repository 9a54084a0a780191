"""What every messenger's client has in common: sending, waiting, tokens, counting, no secrets.

A messenger subclasses :class:`ApiClient` and says how a token is fetched and attached and how an
answer is read. The rules for all of them:

* each request has time limits, follows no redirect, and is read up to a size and a moment;
* a **read** is repeated a few times after errors that pass; a **write** only where it is certain
  that it was not carried out. Any other failure of a write is :class:`~.errors.OutcomeUnknown`;
* a refused token is fetched anew once, never in a loop;
* no secret shows up in logs, errors or tracebacks.
"""

import json
import logging
import random
import time
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import requests
import urllib3.exceptions

from . import errors
from .redaction import Secret, guard_logs, redact, reveal
from .tokens import MemoryTokenStore, Token

_logger = logging.getLogger(__name__)

_LOOPBACK = ("127.0.0.1", "localhost", "::1")

APP = "app"
USER = "user"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One interface of a messenger.

    :param name: how it is called in logs, counters and errors
    :param host: key of the client's base addresses
    :param metered: whether the month's quota counts it
    :param write: whether carrying it out twice does harm
    :param token: ``app`` or ``user`` token, or None
    """

    name: str
    method: str
    host: str
    path: str
    metered: bool = True
    write: bool = False
    token: str | None = APP


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a client is; all times in seconds.

    :param connect: limit for connecting
    :param read: limit for a silence while reading
    :param total: limit for one answer in all
    :param size: largest answer in bytes
    :param tries: largest number of attempts of one call, a new token's not counted
    :param backoff: first pause; each further one is twice as long, with chance added
    :param patience: the longest single pause. Where the other side asks for more, the error goes
        to the caller, who can come back with another run
    :param rate: calls per second of one interface, a little under the messenger's limit
    :param margin: how long before its end a token counts as expired
    """

    connect: float = 5
    read: float = 20
    total: float = 60
    size: int = 32 * 1024 * 1024
    tries: int = 5
    backoff: float = 1
    patience: float = 30
    rate: float = 18
    margin: float = 300


class Answer(NamedTuple):
    """What came back: HTTP status, and decoded JSON, None if it is none."""

    status: int
    data: object


class _Failure(NamedTuple):
    code: str
    message: str = ""
    sent: bool = True


class ApiClient:
    """Base of the clients.

    :param hosts: base addresses by key; HTTPS, except on this very machine
    :param token_key: under what the token store keeps this application's token
    :param tokens: a token store, see :class:`~.tokens.MemoryTokenStore`
    :param budget: see :class:`~.budget.MemoryBudget`; None for no limit
    :param policy: a :class:`Policy`
    :param session: a ``requests`` session; one's own by default, closed with the client
    :param clock: function that gives epoch seconds
    :param sleep: function that waits for seconds
    :param chance: function that gives a number from 0 to 1, for the jitter of pauses
    """

    def __init__(
        self,
        hosts,
        token_key,
        *,
        tokens=None,
        budget=None,
        policy=None,
        session=None,
        clock=time.time,
        sleep=time.sleep,
        chance=random.random,
    ):
        self._hosts = {name: check_base_url(url) for name, url in hosts.items()}
        self._token_key = token_key
        self._tokens = tokens if tokens is not None else MemoryTokenStore()
        self._budget = budget
        self._policy = policy or Policy()
        self._session = session or requests.Session()
        self.clock = clock
        self._sleep = sleep
        self._chance = chance
        self._last_call = {}
        self._secrets = set()
        #: attempts by name of the interface, free ones included
        self.calls = Counter()
        #: attempts that the month's quota counts
        self.metered_calls = 0
        guard_logs()

    def __repr__(self):
        return f"<{type(self).__name__} {self._token_key}>"

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def close(self):
        """Give the connections back."""
        self._session.close()

    def hide(self, secret):
        """Register a secret that no text may show, and return it wrapped."""
        secret = Secret(secret)
        if secret:
            self._secrets.add(secret)
        return secret

    # -- what a messenger says ---------------------------------------------------------------------

    def _fetch_token(self):
        """Ask for a new application token and return it as :class:`~.tokens.Token`."""
        raise NotImplementedError

    def _attach_token(self, endpoint, token, query, headers):
        """Put the token where this interface wants it."""
        raise NotImplementedError

    def _read_answer(self, endpoint, answer):
        """The decoded answer of a success; raise a typed error for everything else."""
        raise NotImplementedError

    # -- calling -----------------------------------------------------------------------------------

    def call(self, endpoint, *, query=None, body=None, path=None, user_token=None):
        """Carry out one call and return its decoded answer.

        :param query: dict of what goes into the address
        :param body: what goes out as JSON
        :param path: dict for the placeholders of the endpoint's path
        :param user_token: the token for interfaces that act for a person
        :raises errors.ApiError: one of its classes
        """
        renewed = False
        attempt = 1
        while True:
            token, error = user_token, None
            if endpoint.token == APP and token is None:
                token = self.token()
            try:
                return self._attempt(endpoint, token, query, body, path)
            except errors.ApiError as caught:
                error = caught
            if isinstance(error, errors.TokenRefused) and endpoint.token == APP:
                self._tokens.expire(self._token_key, token)
                if not renewed and user_token is None:
                    renewed = True
                    continue
            pause = self._pause(endpoint, error, attempt)
            if pause is None:
                raise self._final(endpoint, error)
            attempt += 1
            _logger.info("%s: %s, again in %.1f s", endpoint.name, error.code, pause)
            self._sleep(pause)

    def token(self):
        """The application's token as :class:`~.redaction.Secret`, fetched if need be."""
        token = self._valid_token()
        if token is None:
            with self._tokens.lock(self._token_key):
                token = self._valid_token()
                if token is None:
                    token = self._fetch_token()
                    self._tokens.put(self._token_key, token)
        return self.hide(token.value)

    def _valid_token(self):
        token = self._tokens.get(self._token_key)
        if token is None or token.expires_at - self._policy.margin <= self.clock():
            return None
        return token

    def _new_token(self, value, lifetime):
        """A :class:`~.tokens.Token` from what a messenger answers."""
        return Token(self.hide(value), self.clock() + float(lifetime))

    def _attempt(self, endpoint, token, query, body, path):
        self._keep_pace(endpoint)
        if endpoint.metered and self._budget is not None:
            self._budget.take(endpoint.name)
        self.calls[endpoint.name] += 1
        self.metered_calls += endpoint.metered
        answer = self._send(endpoint, token, query, body, path)
        error = None
        if isinstance(answer, Answer):
            try:
                return self._read_answer(endpoint, answer)
            except errors.ApiError as caught:
                error = caught
        else:
            kind = errors.Unavailable if answer.sent else errors.NotConnected
            error = self.error(kind, endpoint, answer.code, answer.message)
        if isinstance(error, errors.RateLimited | errors.NotConnected):
            # turned away before it counted
            self._uncount(endpoint)
        raise error

    def _uncount(self, endpoint):
        if endpoint.metered:
            self.metered_calls -= 1
            if self._budget is not None:
                self._budget.give_back(endpoint.name)

    def error(self, kind, endpoint, code, message="", **details):
        """An error of class ``kind`` whose text holds no secret of this client."""
        message = redact(message or "", self._secrets)
        return kind(redact(code, self._secrets, 80), message, endpoint=endpoint.name, **details)

    def need(self, endpoint, answer, key):
        """What an answer has to hold under ``key``; without it, it is none."""
        value = answer.get(key)
        if value in (None, ""):
            raise self._final(endpoint, self.error(errors.Unavailable, endpoint, "incomplete"))
        return value

    def _pause(self, endpoint, error, attempt):
        """Seconds to wait before the next attempt, None if there is none."""
        if attempt >= self._policy.tries or attempt > error.retries:
            return None
        if endpoint.write and error.executed != errors.NO:
            return None
        pause = self._policy.backoff * 2 ** (attempt - 1) * (1 + self._chance() / 2)
        pause = max(pause, error.wait or 0)
        return pause if pause <= self._policy.patience else None

    @staticmethod
    def _final(endpoint, error):
        if endpoint.write and error.executed != errors.NO:
            return errors.OutcomeUnknown(
                error.code,
                error.message,
                endpoint=error.endpoint,
                request_id=error.request_id,
                status=error.status,
            )
        return error

    def _keep_pace(self, endpoint):
        """Stay under the messenger's calls per second of one interface."""
        gap = 1 / self._policy.rate
        wait = self._last_call.get(endpoint.name, 0) + gap - self.clock()
        # not for long where the clock was set back
        if wait > 0:
            self._sleep(min(wait, gap))
        self._last_call[endpoint.name] = self.clock()

    # -- HTTP --------------------------------------------------------------------------------------

    def _send(self, endpoint, token, query, body, path):
        """One exchange: an :class:`Answer` or a :class:`_Failure`.

        It raises nothing. The errors of the layers below hold addresses with tokens, and so do the
        frames in which they are raised; both end here.
        """
        query, headers = dict(query or {}), {}
        if token is not None:
            self._attach_token(endpoint, token, query, headers)
        parts = {name: quote(str(value), safe="") for name, value in (path or {}).items()}
        url = self._hosts[endpoint.host] + endpoint.path.format(**parts)
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(reveal(body), ensure_ascii=False, allow_nan=False).encode()
        try:
            response = self._session.request(
                endpoint.method,
                url,
                params=reveal(query),
                data=content,
                headers=reveal(headers),
                timeout=(self._policy.connect, self._policy.read),
                allow_redirects=False,
                stream=True,
            )
            with response:
                return self._read(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            failure = _failure(error)
        _logger.info("%s: %s", endpoint.name, failure.code)
        return failure

    def _read(self, response):
        """The whole answer, within the limits of size and time."""
        deadline = time.monotonic() + self._policy.total
        content = bytearray()
        for chunk in _chunks(response):
            content += chunk
            if len(content) > self._policy.size:
                return _Failure("too_large")
            if time.monotonic() > deadline:
                return _Failure("timeout")
        if 300 <= response.status_code < 400:
            return _Failure("redirect", str(response.status_code))
        try:
            data = json.loads(bytes(content))
        except (ValueError, RecursionError):
            data = None
        return Answer(response.status_code, data)


def check_base_url(url):
    """``url`` without a slash at its end.

    :raises ValueError: for an address that would send secrets unprotected
    """
    parts = urlsplit(url)
    local = parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise ValueError("the address has to begin with https://")
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("the address has to be a host, and a path if need be")
    return url.rstrip("/")


def _chunks(response):
    """The decoded body in pieces, as they come in.

    ``iter_content`` waits until a piece is full, so that a body that drips would hold us for long.
    """
    read = getattr(response.raw, "read1", None)
    if read is None:
        yield from response.iter_content(512)
        return
    while chunk := read(65536, decode_content=True):
        yield chunk


def _failure(error):
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    never_connected = (
        requests.exceptions.ConnectTimeout,
        requests.exceptions.ProxyError,
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
    )
    if isinstance(error, never_connected) or isinstance(reason, never_connected):
        return _Failure("no_connection", type(reason or error).__name__, sent=False)
    if isinstance(
        error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError | TimeoutError
    ):
        return _Failure("timeout")
    return _Failure("connection_lost", type(error).__name__)
