"""The carrier's signature: its own vectors, both port forms, and nothing else ever accepted."""

from base64 import b64decode, b64encode
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.twilio.requests import public_url, read_form, signature_is_valid
from callbacks.telephony.reports import Report
from sandbox.signing import sign

TOKEN = ("12345",)
P = [
    ("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234"), ("From", "+14158675309"),
    ("To", "+18005551212"),
]  # fmt: skip
A = "https://mycompany.com/myapp.php?foo=1&bar=2"
SMS = [
    ("Body", "Je prends l'appel é — 1"), ("From", "+15145550123"), ("FromCity", ""),
    ("MessageSid", "SM0123456789abcdef0123456789abcdef"), ("NumMedia", "0"), ("To", "+14385550100"),
]  # fmt: skip
F_URL = "https://oncall.example.ca:8443/twilio/voice?inc=42&t=a%2Fb"
F = [
    ("CallSid", "CA0123456789abcdef0123456789abcdef"), ("CallStatus", "ringing"), ("From", "+266696687"),
    ("To", "+14385550100"),
]  # fmt: skip
D = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
OTHER = [(k, "+14158675310" if v == "+14158675309" else v) for k, v in P]

GOOD = {
    "A": (A, P, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    "A with its port in our address": (A.replace(".com", ".com:1234"), P, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    "B signed with the default port": (A, P, "kvajT1Ptam85bY51eRf/AJRuM3w="),
    "C plain http, port 80": (A.replace("https", "http"), P, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    "C' plain http, own port": (A.replace("https", "http").replace(".com", ".com:1234"), P, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    "C'' plain http": (A.replace("https", "http"), P, "OyGYPqTF6ztdbRNCvuQO/oPvqQ4="),
    "D repeated names": (A, D, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    "E blanks and accents": ("https://oncall.example.ca/twilio/sms", SMS, "899stGMCdN37x5WLJym1FSRxwX0="),
    "F signed with the port": (F_URL, F, "KaYSHjiUoFRZv2KjAodSpTAxNHw="),
    "F signed without it": (F_URL, F, "w3epS3yvxYRGo+Z2CPp+GT4S4bo="),
    "G GET": (
        "https://oncall.example.ca/twilio/voice?CallSid=CA0123456789abcdef0123456789abcdef&From=%2B15145550123", [],
        "mXFSUJiBgCnW3Zbf7vqnQZ8dS0A=",
    ),
    "H order of names": (
        "https://oncall.example.ca/twilio/status", [("a", "1"), ("A", "2"), ("Ab", "3"), ("aB", "4")],
        "qPgLQNGMWg42lZvYE7ioLXWu0Uo=",
    ),
    "J another number": (A, OTHER, "GvWf1cFY/Q7PnoempGyD5oXAezc="),
}  # fmt: skip


@pytest.mark.parametrize("url,form,signature", GOOD.values(), ids=GOOD)
def test_vectors(url: str, form: list[tuple[str, str]], signature: str) -> None:
    assert signature_is_valid(signature, url, form, TOKEN)


def test_a_dropped_blank_breaks_it() -> None:
    kept = [pair for pair in SMS if pair[1]]
    url = "https://oncall.example.ca/twilio/sms"
    assert not signature_is_valid("899stGMCdN37x5WLJym1FSRxwX0=", url, kept, TOKEN)
    assert signature_is_valid("A04XXF9sjIeEeBF1uI6bZLbTnoU=", url, kept, TOKEN)


@pytest.mark.parametrize("signature", [None, "", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "é" * 28])
def test_a_missing_or_broken_signature_is_none(signature: str | None) -> None:
    assert not signature_is_valid(signature, A, P, TOKEN)


def test_either_token_is_good_while_one_is_rotated() -> None:
    """F85."""
    signature = sign("next", A, dict(P))
    assert signature_is_valid(signature, A, P, ("12345", "next"))
    assert not signature_is_valid(signature, A, P, ("12345",))
    assert not signature_is_valid(sign("", A, dict(P)), A, P, ("",))


def test_the_address_is_the_configured_one_with_the_bytes_as_they_came() -> None:
    assert public_url("https://a.example/", b"/t/a%2Fb", b"x=%20") == "https://a.example/t/a%2Fb?x=%20"


def test_a_form_keeps_blanks_repeats_and_unknown_names() -> None:
    assert read_form(b"a=&b=1&b=2&New=%2B1+2") == [("a", ""), ("b", "1"), ("b", "2"), ("New", "+1 2")]


def test_a_form_of_a_thousand_fields_is_refused() -> None:
    with pytest.raises(ValueError):
        read_form(b"&".join(b"a%d=1" % n for n in range(1000)))


@settings(max_examples=300)
@given(st.text(max_size=40), st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=4))
def test_no_change_is_ever_accepted(path: str, form: list[tuple[str, str]]) -> None:
    assume(form != P)
    assert not signature_is_valid("RSOYDt4T1cUTdK1PDd93/VVr8B8=", A + path, form, TOKEN)
    assert not signature_is_valid("RSOYDt4T1cUTdK1PDd93/VVr8B8=", A, [*P, ("x", path + "y")], TOKEN)


@given(st.dictionaries(st.text(max_size=6), st.text(max_size=8), max_size=6))
def test_two_implementations_agree(form: dict[str, str]) -> None:
    assert signature_is_valid(sign("12345", A, form), A, list(form.items()), TOKEN)


def test_a_hundred_thousand_forgeries_are_refused() -> None:
    """F87, I31: a bit of the signature, a byte of the address, a value, a name, the split between name and value, a pair more,
    less or twice: none of 100,000 is taken for the carrier's, and the true one is, in between. Only where a name ends
    is not signed: a text cut elsewhere is known as the same text."""
    random = Random(1)
    url, good = "https://oncall.example.ca/twilio/sms", "899stGMCdN37x5WLJym1FSRxwX0="
    for n in range(100_000):
        at, form, signature = url, list(SMS), good
        i = random.randrange(len(form))
        key, value = form[i]
        kind = n % 8
        if kind == 0:
            raw = bytearray(b64decode(good))
            raw[random.randrange(20)] ^= 1 << random.randrange(8)
            signature = b64encode(raw).decode()
        elif kind == 1:
            place = random.randrange(8, len(url))
            at = url[:place] + chr(33 + random.randrange(90)) + url[place:]
        elif kind == 2:
            form[i] = (key, value + chr(random.randrange(32, 0x2FF)))
        elif kind == 3:
            form[i] = (key + chr(random.randrange(48, 122)), value)
        elif kind == 4:
            cut = random.randrange(1, len(key + value))
            form[i] = ((key + value)[:cut], (key + value)[cut:])
        elif kind == 5:
            form.append((f"X{random.randrange(9)}", str(random.randrange(9))))
        elif kind == 6:
            form.pop(i) if value else form.append((key, "x"))
        else:
            form.append((key, value + str(random.randrange(9))))
        if (at, form, signature) == (url, SMS, good) or (kind == 4 and sorted(form) == sorted(SMS)):
            continue
        if signature_is_valid(signature, at, form, TOKEN):
            assert kind == 4, (kind, form)
            report = Report(form)
            assert (report.message_sid() or report.any_message_sid()) == SMS[3][1], "it would count a second time"
    assert signature_is_valid(good, url, SMS, TOKEN)
