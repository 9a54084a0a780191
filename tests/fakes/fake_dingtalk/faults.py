"""What can be made to go wrong, for which interface, and how often.

Kinds that answer instead of carrying out the call:

``token``
    the token is refused; ``code`` 40014 or 42001 on the old host
``qps``, ``global_qps``, ``qpm``, ``quota``, ``permission``, ``ip``, ``busy``
    the platform's refusals, each in the host's own words
``code``
    any other refusal: ``code`` and ``message``, on the new host with ``status``
``ban_json``, ``ban_html``
    the whole address is locked out
``status``
    an answer of the load balancer: HTML with ``status``
``redirect``, ``empty``, ``html``, ``reset``, ``silent``
    a redirect, an empty body, a page instead of data, a connection reset, no answer at all

Kinds that carry out the call and then spoil the answer:

``truncated``, ``slow``, ``content_type``, ``reset_after``, ``silent_after``
    half of the JSON, a dripping body, a wrong type of content, a reset, no answer
``short_page``, ``empty_page``, ``repeat_cursor``, ``no_cursor``
    pages that contradict what they say about the next one
``edit``
    ``edit`` is a function that changes the answer
"""

from dataclasses import dataclass, field

BEFORE = {
    "token",
    "qps",
    "global_qps",
    "qpm",
    "quota",
    "permission",
    "ip",
    "busy",
    "code",
    "ban_json",
    "ban_html",
    "status",
    "redirect",
    "empty",
    "html",
    "reset",
    "silent",
}
AFTER = {"truncated", "slow", "content_type", "reset_after", "silent_after"}
PAGES = {"short_page", "empty_page", "repeat_cursor", "no_cursor", "edit"}


@dataclass
class Fault:
    """A fault of one interface.

    :param path: address of the interface, ``*`` for all
    :param times: how often; None for ever
    :param skip: number of calls that still go well
    """

    path: str
    kind: str
    times: int | None = 1
    skip: int = 0
    status: int = 500
    code: str = ""
    message: str = ""
    scopes: tuple = ()
    edit: object = None
    seconds: float = 0.3
    hits: int = 0
    extra: dict = field(default_factory=dict)

    def __post_init__(self):
        if self.kind not in BEFORE | AFTER | PAGES:
            raise ValueError(f"there is no fault {self.kind!r}")


class Faults:
    """Faults that wait for their calls, in order."""

    def __init__(self):
        self._faults = []
        self._hooks = []

    def add(self, fault):
        self._faults.append(fault)
        return fault

    def hook(self, path, action, skip=0):
        """Call ``action`` once, after a call of ``path`` was carried out."""
        self._hooks.append([path, action, skip])

    def clear(self):
        self._faults.clear()
        self._hooks.clear()

    def next(self, path):
        """The fault of this call, if any."""
        for fault in self._faults:
            if fault.path not in (path, "*"):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                return None
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
            fault.hits += 1
            return fault
        return None

    def after(self, path):
        """Carry out the hooks of this call."""
        for hook in list(self._hooks):
            if hook[0] != path:
                continue
            if hook[2] > 0:
                hook[2] -= 1
                continue
            self._hooks.remove(hook)
            hook[1]()
