"""Keeping secrets out of texts: logs, messages of errors, representations of objects."""

import logging
import re

MASK = "***"

#: Names under which messengers carry secrets in addresses, forms and JSON.
_NAMES = (
    "access_token|accesstoken|refresh_token|refreshtoken|user_ticket|ticket|appsecret|app_secret|"
    "corpsecret|suite_secret|client_secret|clientsecret|secret|sign|signature|msg_signature|code|"
    "authcode|auth_code|x-acs-dingtalk-access-token|encodingaeskey|aes_key|key"
)
_IN_ADDRESS = re.compile(rf"(?i)([?&](?:{_NAMES})=)[^&#\s\"']+")
_IN_JSON = re.compile(
    r"(?i)([\"'](?:access_?token|refresh_?token|app_?secret|client_?secret|corpsecret|ticket)[\"']"
    r"\s*:\s*[\"'])[^\"']+"
)


class Secret:
    """A text that shows itself only when asked to.

    Kept wrapped until the moment of sending, so that it appears in no representation, also not
    among the local variables of a traceback.
    """

    __slots__ = ("_text",)

    def __init__(self, text):
        self._text = text.reveal() if isinstance(text, Secret) else text or ""

    def reveal(self):
        """The text itself."""
        return self._text

    def __bool__(self):
        return bool(self._text)

    def __eq__(self, other):
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self):
        return hash(self._text)

    def __repr__(self):
        return MASK

    __str__ = __repr__

    def __reduce__(self):
        raise TypeError("a secret is not written out")


def reveal(value):
    """A copy of nested dicts, lists and tuples with its secrets in plain text."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [reveal(item) for item in value]
    return value


def redact(text, secrets=(), limit=500):
    """``text`` without the given secrets and without what stands where secrets usually do.

    :param secrets: iterable of :class:`Secret`
    :param limit: number of characters that are kept
    """
    text = str(text)
    for secret in secrets:
        # a very short text would blot out letters everywhere
        if len(secret.reveal()) >= 4:
            text = text.replace(secret.reveal(), MASK)
    text = _IN_ADDRESS.sub(rf"\1{MASK}", text)
    text = _IN_JSON.sub(rf"\1{MASK}", text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


class AddressFilter(logging.Filter):
    """Takes the secrets out of the addresses that urllib3 logs at debug level."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(
                redact(value, limit=2000) if isinstance(value, str) else value
                for value in record.args
            )
        record.msg = redact(record.msg, limit=2000) if isinstance(record.msg, str) else record.msg
        return True


_address_filter = AddressFilter()


def guard_logs():
    """Attach the filter to the loggers that write addresses; safe to call again and again."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry", "websocket"):
        logging.getLogger(name).addFilter(_address_filter)
