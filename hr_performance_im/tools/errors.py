"""What can go wrong between Odoo and a messenger, and what is to be done about it.

The class says what happened; ``action`` says what the caller does:

* ``wait``: try again later; ``error.wait`` is the number of seconds the other side asked for
* ``stop``: end the run, a person has to change something: quota, permission, address, secret
* ``skip``: leave out this person or object and go on
* ``login``: ask the person to sign in again
* ``fix``: the request itself is wrong; repeating it is no use
* ``reconcile``: a write may have happened; find out before it is sent again

An error holds no secret: neither in its text, nor as its cause, nor in the local variables of the
frames it passed through.
"""

#: Whether the other side may have carried out the request that failed.
NO = "no"
UNKNOWN = "unknown"


class ApiError(Exception):
    """The messenger refused a request, or no usable answer came.

    :param code: the messenger's own code as text, or a word such as ``timeout``
    :param message: its text, already without secrets. It can hold addresses and links: for the
        log and for administrators only
    :param endpoint: name of the interface
    :param status: HTTP status, None when no answer came
    :param wait: seconds after which it makes sense to try again, if known
    :param scopes: names of the missing permissions
    :param address: our address as the other side saw it
    :param link: where the administrator can put it right
    """

    action = "stop"
    executed = NO
    #: how often a read is repeated because of it
    retries = 0

    def __init__(
        self,
        code,
        message="",
        *,
        endpoint="",
        request_id="",
        status=None,
        wait=None,
        scopes=(),
        address="",
        link="",
    ):
        self.code = code
        self.message = message
        self.endpoint = endpoint
        self.request_id = request_id
        self.status = status
        self.wait = wait
        self.scopes = tuple(scopes)
        self.address = address
        self.link = link
        super().__init__(code, message, endpoint)

    def __str__(self):
        head = f"{self.endpoint}: {self.code}" if self.endpoint else self.code
        return f"{head} {self.message}".rstrip()


# -- wait ------------------------------------------------------------------------------------------


class RateLimited(ApiError):
    """Too many calls at once. Turned away at the gateway, hence not carried out."""

    action = "wait"
    retries = 4


class Unavailable(ApiError):
    """No usable answer: network, overload, an answer that is none."""

    action = "wait"
    executed = UNKNOWN
    retries = 3


class NotConnected(Unavailable):
    """No connection came about, so nothing was sent."""

    executed = NO


class Banned(Unavailable):
    """Our address is locked out for minutes. Trying on would prolong it."""

    executed = NO
    retries = 0


class PagingBroken(Unavailable):
    """The pages contradict each other: what was read is right, but not complete."""

    retries = 0


# -- stop ------------------------------------------------------------------------------------------


class TokenRefused(ApiError):
    """A fresh token was refused as well."""


class CredentialsRefused(ApiError):
    """The application's key or secret is wrong."""


class QuotaExhausted(ApiError):
    """The month's calls at the messenger are used up."""


class BudgetExhausted(QuotaExhausted):
    """The month's calls that we allow ourselves are used up; the request was not sent."""


class PermissionMissing(ApiError):
    """The application lacks a permission; ``scopes`` and ``link`` name it where known."""


class AddressRefused(ApiError):
    """Our network address is not on the application's list; ``address`` names it."""


class ConfigurationError(ApiError):
    """Something set up on either side does not fit, e.g. a column that is gone."""


class WrongCompany(ApiError):
    """The answer belongs to another company than the configured one."""


# -- skip ------------------------------------------------------------------------------------------


class NotFound(ApiError):
    """The object does not exist."""

    action = "skip"


class UserUnknown(NotFound):
    """Nobody in the company has this id, number or code."""


class DepartmentUnknown(NotFound):
    """The department does not exist (any more)."""


class OutOfScope(ApiError):
    """Person or department lie outside what the application may see."""

    action = "skip"


class AlreadyExists(ApiError):
    """It was created before, under the same key of ours."""

    action = "skip"


# -- the rest --------------------------------------------------------------------------------------


class LoginRefused(ApiError):
    """The login code was used before, or is too old."""

    action = "login"


class BadRequest(ApiError):
    """The request breaks a rule of the interface."""

    action = "fix"


class OutcomeUnknown(ApiError):
    """A write was sent and no answer came that tells whether it happened.

    ``code`` is that of the failure underneath. It is never repeated by the client: the caller keeps
    it as unknown and looks before sending again.
    """

    action = "reconcile"
    executed = UNKNOWN
