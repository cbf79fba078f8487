"""Whose address a request counts under: the nearest that nobody but a trusted proxy can have written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.http.peers import client_address, is_loopback, read_networks

LOCAL, INNER = "127.0.0.1/32,::1", "127.0.0.1,10.0.5.0/24"
CASES = {
    # trusted, peer, headers: whose it is
    ("", "127.0.0.1", "9.9.9.9"): "127.0.0.1",
    ("", "127.0.0.1", ""): "127.0.0.1",
    ("", "", "9.9.9.9"): "",
    (LOCAL, "8.8.8.8", "9.9.9.9"): "8.8.8.8",
    (LOCAL, "127.0.0.1", ""): "127.0.0.1",
    (LOCAL, "127.0.0.1", "9.9.9.9"): "9.9.9.9",
    (LOCAL, "::1", "9.9.9.9"): "9.9.9.9",
    (LOCAL, "::ffff:127.0.0.1", "9.9.9.9"): "9.9.9.9",
    (LOCAL, "127.0.0.1", "1.1.1.1, 9.9.9.9"): "9.9.9.9",
    (LOCAL, "127.0.0.1", "1.1.1.1|9.9.9.9"): "9.9.9.9",
    (LOCAL, "127.0.0.1", "127.0.0.1, 9.9.9.9"): "9.9.9.9",
    (LOCAL, "127.0.0.1", "9.9.9.9, 127.0.0.1"): "9.9.9.9",
    (LOCAL, "127.0.0.1", "9.9.9.9:50123"): "9.9.9.9",
    (LOCAL, "127.0.0.1", "[2606:4700::1]:443"): "2606:4700::1",
    (LOCAL, "127.0.0.1", "2606:4700:0::1"): "2606:4700::1",
    (LOCAL, "127.0.0.1", "1.1.1.1, unknown"): "127.0.0.1",
    (LOCAL, "127.0.0.1", "1.1.1.1,"): "127.0.0.1",
    (LOCAL, "127.0.0.1", "_hidden"): "127.0.0.1",
    (INNER, "127.0.0.1", "1.1.1.1, 9.9.9.9, 10.0.5.7"): "9.9.9.9",
    (INNER, "10.0.5.7", "10.0.5.8"): "10.0.5.8",
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_address_is_the_first_that_no_trusted_proxy_has(case: tuple[str, str, str]) -> None:
    trusted, peer, forwarded = case
    assert client_address(peer, [line for line in forwarded.split("|") if line], read_networks(trusted)) == CASES[case]


@given(st.lists(st.text(max_size=40), max_size=6))
def test_nothing_that_a_client_writes_changes_its_address(written: list[str]) -> None:
    """The proxy adds whom it heard at the right end; what stands before that is the client's."""
    trusted = read_networks(LOCAL)
    assert client_address("127.0.0.1", [*written, "9.9.9.9"], trusted) == "9.9.9.9"
    assert client_address("127.0.0.1", [",".join([*written, " 9.9.9.9"])], trusted) == "9.9.9.9"
    assert client_address("8.8.8.8", written, trusted) == "8.8.8.8"


def test_what_is_this_machine_alone() -> None:
    for host in ("127.0.0.1", "127.9.9.9", "localhost", "::1"):
        assert is_loopback(host), host
    for host in ("", "0.0.0.0", "::", "localhost.example", "127.0.0.1.example", "10.0.0.1", "127.1", "2130706433"):
        assert not is_loopback(host), host
