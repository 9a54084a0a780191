"""Signature and encryption of the events that a messenger sends to an address of ours.

DingTalk and WeCom use the same scheme. They differ in the *owner* that closes the plain text: an
in-house DingTalk application has its client id there, WeCom the id of the company.

The order of checks matters: nothing is decoded before the signature is right.
"""

import base64
import binascii
import hashlib
import hmac
import os
import struct
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .redaction import Secret

_BLOCK = 32
_NOISE = 16
_HEAD = _NOISE + 4

#: Digits of a timestamp in milliseconds
_MILLISECONDS = 13


class CallbackError(Exception):
    """A message that is not to be believed; ``code`` says why.

    Codes: ``bad_signature``, ``stale``, ``undecodable``, ``wrong_owner``.
    """

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class CallbackCrypto:
    """Checks, opens and seals the messages of one subscription.

    :param token: the token that was agreed on for signatures
    :param aes_key: the 43 characters of the key
    :param owner: what the plain text has to end with
    :raises ValueError: for a key that is none
    """

    def __init__(self, token, aes_key, owner):
        self._token = Secret(token)
        self._key = Secret(_decode_key(Secret(aes_key).reveal()))
        self._owner = owner

    def __repr__(self):
        return f"{type(self).__name__}(owner={self._owner!r})"

    def sign(self, timestamp, nonce, encrypted):
        """The signature of a message, as hexadecimal digits."""
        parts = sorted([self._token.reveal(), str(timestamp), str(nonce), encrypted])
        # the messenger prescribes the algorithm
        return hashlib.sha1("".join(parts).encode()).hexdigest()

    def open(self, signature, timestamp, nonce, encrypted, *, now=None, max_age=None):
        """The text of a message that was received.

        :param now: epoch seconds, to be given together with ``max_age``
        :param max_age: seconds which the timestamp may lie from ``now``, before or after it
        :raises CallbackError: the message is forged, old, or for somebody else
        """
        if not all(isinstance(part, str) for part in (signature, encrypted)):
            raise CallbackError("bad_signature")
        expected = self.sign(timestamp, nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise CallbackError("bad_signature")
        if max_age is not None and not _is_fresh(timestamp, now, max_age):
            raise CallbackError("stale")
        return self._decrypt(encrypted)

    def seal(self, text, *, now=None, nonce=None):
        """An answer to send: dict with ``msg_signature``, ``encrypt``, ``timeStamp``, ``nonce``."""
        timestamp = str(int((time.time() if now is None else now) * 1000))
        nonce = nonce or os.urandom(8).hex()
        encrypted = self._encrypt(text)
        return {
            "msg_signature": self.sign(timestamp, nonce, encrypted),
            "encrypt": encrypted,
            "timeStamp": timestamp,
            "nonce": nonce,
        }

    def _cipher(self):
        key = self._key.reveal()
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def _encrypt(self, text):
        message = text.encode()
        plain = os.urandom(_NOISE) + struct.pack(">I", len(message)) + message
        plain += self._owner.encode()
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def _decrypt(self, encrypted):
        plain = self._plain(encrypted)
        if plain is None or len(plain) < _HEAD:
            raise CallbackError("undecodable")
        end = _HEAD + struct.unpack(">I", plain[_NOISE:_HEAD])[0]
        if end > len(plain):
            raise CallbackError("undecodable")
        if not hmac.compare_digest(plain[end:], self._owner.encode()):
            raise CallbackError("wrong_owner")
        try:
            return plain[_HEAD:end].decode()
        except UnicodeDecodeError:
            raise CallbackError("undecodable") from None

    def _plain(self, encrypted):
        """The deciphered bytes without their padding, None if they cannot be right."""
        try:
            sealed = base64.b64decode(encrypted, validate=True)
            decryptor = self._cipher().decryptor()
            plain = decryptor.update(sealed) + decryptor.finalize()
        except (ValueError, binascii.Error):
            return None
        pad = plain[-1] if plain else 0
        if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
            return None
        return plain[:-pad]


def _decode_key(text):
    try:
        key = base64.b64decode(text + "=", validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(text) != 43 or len(key) != 32:
        raise ValueError("the key has to be 43 letters and digits")
    return key


def _is_fresh(timestamp, now, max_age):
    text = str(timestamp)
    if not (text.isascii() and text.isdigit() and len(text) <= _MILLISECONDS):
        return False
    sent = int(text) / (1000 if len(text) == _MILLISECONDS else 1)
    return abs((time.time() if now is None else now) - sent) <= max_age
