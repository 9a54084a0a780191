"""Fingerprints of outside records, by which a record that did not change is left alone."""

import hashlib
import json


def make_digest(values):
    """A short fingerprint of plain values; the order of keys does not matter.

    >>> make_digest({"a": 1, "b": None}) == make_digest({"b": None, "a": 1})
    True
    """
    text = json.dumps(
        values, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
    )
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
