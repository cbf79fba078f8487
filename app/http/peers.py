"""The client's address: the nearest one that only a trusted proxy could have written."""

import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import Request

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LOOPBACK_NAME = "localhost"


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks and single addresses, separated by commas. Raises ValueError that names the wrong one."""
    found = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        try:
            network = ipaddress.ip_network(word)
        except ValueError:
            raise ValueError(f"{word!r} is no network") from None
        if network.prefixlen == 0:
            raise ValueError(f"{word!r} is everybody, and anybody could write an address")
        found.append(network)
    return tuple(found)


def is_loopback(host: str) -> bool:
    """Whether a name or address means this machine and nobody else."""
    if host == LOOPBACK_NAME:
        return True
    address = _read(host)
    return address is not None and address.is_loopback


def address_of(request: "Request") -> str:
    """Who sent it. X-Forwarded-For is believed as far as trusted proxies wrote it; "" where there is no address."""
    trusted: tuple[Network, ...] = request.app.state.app.settings.trusted_proxies
    peer = request.client.host if request.client else ""
    return client_address(peer, request.headers.getlist("x-forwarded-for"), trusted)


def client_address(peer: str, forwarded: Iterable[str], trusted: tuple[Network, ...]) -> str:
    """The first address that is no trusted proxy's, from the right: each proxy adds whom it heard at the end, and all
    to the left of an untrusted one may be invented. What is no address ends the walk at the proxy that passed it on."""
    nearest = _read(peer)
    if nearest is None:
        return peer
    for word in reversed([part for line in forwarded for part in line.split(",")]):
        if not any(nearest in network for network in trusted):
            break
        further = _read(_without_port(word.strip()))
        if further is None:
            break
        nearest = further
    return str(nearest)


def _without_port(word: str) -> str:
    if word.startswith("["):
        return word[1:].partition("]")[0]
    return word.partition(":")[0] if word.count(":") == 1 else word


def _read(word: str) -> Address | None:
    """An IPv4 address that came by an IPv6 socket is that IPv4 address."""
    try:
        address = ipaddress.ip_address(word)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
