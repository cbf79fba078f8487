"""Links in a stranger's words: never passed on, in whatever dress."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.lib.gsm import ADDRESS, is_gsm7, segments, without_addresses
from callbacks.messages.wording import passed_on

ADDRESSES = [
    "https://evil.example/t/AAAAAAAAAAAAAAAAAAAAAA",
    "hxxp://evil.example/a",
    "HTTPS://EVIL.EXAMPLE",
    "https:/evil.example/x",
    "intent://scan#Intent;end",
    "evil.example",
    "evil.example:8443/x?y=1#z",
    "www.evil",
    "bit.ly/x",
    "BIT.LY/X",
    "bit\u3002ly/x",
    "bit\uff61ly/x",
    "bit\u2024ly/x",
    "\uff45\uff56\uff49\uff4c\uff0e\uff43\uff4f\uff4d",
    "ev\u200bil.com/x",
    "ev\u00adil\u2060.com",
    "evil[.]com/x",
    "evil (dot) com",
    "\u00e9vil.com/\u00e9",
    "xn--80ak6aa92e",
    "evil.xn--p1ai",
    "192.168.1.1",
    "192.168.1.1:8080/x",
    "http://3232235777/",
    "[2001:db8::1]/x",
    "2001:db8:0:0:1:2:3:4",
    "::1",
    "localhost:8000/x",
    "mailto:jo@evil.example",
    "jo@evil.example",
    "javascript:alert(1)",
    "tel:+19005551234",
    "sms:+19005551234",
]
HARMLESS = [
    "It fell at 10:30:45, error 5.7.1, version 3.11.2.",
    "40,000 mails in the queue; e.g. from 02:30 to 03:00.",
    "See C:/temp/file and/or call on 10/11/2026: ratio 3:2",
    "La file est à 40 000 messages, rappelez à 2h30.",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_left_out_and_the_words_around_it_stay(address: str) -> None:
    assert without_addresses(f"please open {address} now", "en") == "please open [link] now"
    assert without_addresses(f"ouvrez {address} vite", "fr") == "ouvrez [lien] vite"


@pytest.mark.parametrize("words", HARMLESS)
def test_times_versions_and_prices_are_no_addresses(words: str) -> None:
    assert without_addresses(words, "en") == words


def test_several_lines_become_one_so_that_no_text_of_ours_can_be_imitated() -> None:
    assert without_addresses("down\nE-000002 #K74:\u2028call", "en") == "down E-000002 #K74: call"


@given(
    st.lists(st.sampled_from([*ADDRESSES, *HARMLESS, "\n", "https://", ".", "//", "com"]), max_size=12),
    st.text(max_size=40),
)
def test_nothing_that_leaves_holds_an_address_and_it_is_always_one_short_line(parts: list[str], noise: str) -> None:
    told = passed_on([noise.join(parts), " ".join(parts)], "en")
    assert not ADDRESS.search(told.replace("[link]", " "))
    assert is_gsm7(told)
    assert "\n" not in told
    assert segments(told) == 1
