"""Signature and encryption of callbacks, against vectors that others published."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.hr_performance_im.tools.callback import CallbackCrypto, CallbackError

properties = settings(max_examples=60, derandomize=True, deadline=None, database=None)

#: From DingTalk's documentation of its event push.
DINGTALK = {
    "crypto": ("123456", "1234567890123456789012345678901234567890123", "dingsnotzck6pm5veliw"),
    "signature": "9a95a004dd16f5c307e849b994173f76aa26e5eb",
    "timestamp": "1614767836",
    "nonce": "A7Co0cJLMzIDtMMI",
    "encrypted": "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl"
    "5T0YQXZNwpwWSm1xAFJ5ZA==",
}
#: From WeCom's documentation of its callbacks.
WECOM = {
    "crypto": (
        "xxxxxxx",
        "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
        "ww1436e0e65a779aee",
    ),
    "signature": "59dce1a653fc31a6f0472567199561e9336a8d0b",
    "timestamp": "1476416373",
    "nonce": "47744683",
    "encrypted": "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9q"
    "dqjnoVzEtpbhnFyq6SVHyA==",
}


def opened(vector, **changes):
    vector = {**vector, **changes}
    crypto = CallbackCrypto(*vector["crypto"])
    options = {key: vector[key] for key in ("now", "max_age") if key in vector}
    return crypto.open(
        vector["signature"], vector["timestamp"], vector["nonce"], vector["encrypted"], **options
    )


def refused(vector, **changes):
    with pytest.raises(CallbackError) as caught:
        opened(vector, **changes)
    return caught.value.code


def test_published_vectors_are_opened():
    assert opened(DINGTALK) == "success"
    assert opened(WECOM) == "1288432023552776189"


def test_published_signature():
    crypto = CallbackCrypto("QDG6eK", WECOM["crypto"][1], "")
    encrypted = (
        "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    )
    signature = crypto.sign("1409659589", "263014780", encrypted)
    assert signature == "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"


@pytest.mark.parametrize("vector", [DINGTALK, WECOM], ids=["dingtalk", "wecom"])
def test_what_is_not_signed_is_refused(vector):
    changed = ("0" if vector["signature"][0] != "0" else "1") + vector["signature"][1:]
    assert refused(vector, signature=changed) == "bad_signature"
    assert refused(vector, signature="") == "bad_signature"
    assert refused(vector, signature=None) == "bad_signature"
    assert refused(vector, signature="ä" * 40) == "bad_signature"
    assert refused(vector, timestamp="1") == "bad_signature"
    assert refused(vector, nonce="") == "bad_signature"
    assert refused(vector, encrypted=vector["encrypted"][:-4]) == "bad_signature"
    assert refused(vector, encrypted=None) == "bad_signature"
    token, key, owner = vector["crypto"]
    assert refused(vector, crypto=(token + "x", key, owner)) == "bad_signature"


def test_message_for_another_owner_is_refused():
    token, key, owner = DINGTALK["crypto"]
    assert refused(DINGTALK, crypto=(token, key, owner + "x")) == "wrong_owner"
    assert refused(DINGTALK, crypto=(token, key, owner[:-1])) == "wrong_owner"
    assert refused(DINGTALK, crypto=(token, key, "")) == "wrong_owner"


def test_another_key_opens_nothing():
    token, key, owner = DINGTALK["crypto"]
    assert refused(DINGTALK, crypto=(token, key[::-1], owner)) in ("undecodable", "wrong_owner")


@pytest.mark.parametrize("body", ["", "====", "YQ==", "not base64!", base64.b64encode(b"x" * 32)])
def test_signed_nonsense_is_refused(body):
    body = body if isinstance(body, str) else body.decode()
    crypto = CallbackCrypto(*DINGTALK["crypto"])
    with pytest.raises(CallbackError) as caught:
        crypto.open(crypto.sign("1", "n", body), "1", "n", body)
    assert caught.value.code in ("undecodable", "wrong_owner")


def test_age_is_checked_in_seconds_and_milliseconds():
    sent = 1614767836
    assert opened(DINGTALK, now=sent + 300, max_age=300) == "success"
    assert opened(DINGTALK, now=sent - 300, max_age=300) == "success"
    assert refused(DINGTALK, now=sent + 301, max_age=300) == "stale"
    assert refused(DINGTALK, now=sent - 301, max_age=300) == "stale"
    crypto = CallbackCrypto(*DINGTALK["crypto"])
    sealed = crypto.seal("x", now=sent)
    parts = (sealed["msg_signature"], sealed["timeStamp"], sealed["nonce"], sealed["encrypt"])
    assert len(sealed["timeStamp"]) == 13
    assert crypto.open(*parts, now=sent + 299, max_age=300) == "x"
    with pytest.raises(CallbackError):
        crypto.open(*parts, now=sent + 301, max_age=300)
    for odd in ("", "-1", "1e9", "１６１４７６７８３６", "9" * 40):
        with pytest.raises(CallbackError) as caught:
            crypto.open(
                crypto.sign(odd, "n", sealed["encrypt"]),
                odd,
                "n",
                sealed["encrypt"],
                now=sent,
                max_age=300,
            )
        assert caught.value.code == "stale"


@pytest.mark.parametrize("key", ["", "x" * 42, "x" * 44, "!" * 43, "ä" * 43])
def test_a_key_that_is_none(key):
    with pytest.raises(ValueError, match="43"):
        CallbackCrypto("token", key, "owner")


def test_nothing_shows_token_or_key():
    crypto = CallbackCrypto(*DINGTALK["crypto"])
    shown = f"{crypto!r} {crypto} {vars(crypto)}"
    assert "123456" not in shown
    assert "dingsnotzck6pm5veliw" in shown


@properties
@given(
    text=st.text(max_size=300),
    owner=st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=30),
    key=st.binary(min_size=32, max_size=32),
)
def test_round_trip(text, owner, key):
    key = base64.b64encode(key).decode()[:43]
    crypto = CallbackCrypto("token", key, owner)
    sealed = crypto.seal(text, now=1700000000, nonce="abc")
    parts = (sealed["msg_signature"], sealed["timeStamp"], sealed["nonce"], sealed["encrypt"])
    assert crypto.open(*parts) == text
    assert len(base64.b64decode(sealed["encrypt"])) % 32 == 0
    json.dumps(sealed)


@properties
@given(position=st.integers(min_value=0, max_value=10**6), bit=st.integers(0, 7))
def test_no_flipped_bit_goes_unnoticed(position, bit):
    crypto = CallbackCrypto(*DINGTALK["crypto"])
    sealed = crypto.seal("一个很长的消息" * 20, now=1700000000)
    body = bytearray(sealed["encrypt"].encode())
    body[position % len(body)] ^= 1 << bit
    with pytest.raises(CallbackError) as caught:
        crypto.open(
            sealed["msg_signature"],
            sealed["timeStamp"],
            sealed["nonce"],
            body.decode("latin-1"),
        )
    assert caught.value.code == "bad_signature"
