"""Where a webhook may go: never into our own network, whatever name or number leads there.

The address is looked at twice: as somebody writes it, and again each time before it is connected to, when its name
has become numbers.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 500
PORTS = {"https": 443, "http": 80}
WELL_KNOWN = 1024  # below it other services listen: mail, shells
# What some versions of Python's ipaddress take for public: site-local, documentation, benchmarks, discard, protocols'
# own, deprecated relays, local NAT64, segment routing.
NEVER_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",
            "100.64.0.0/10",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "240.0.0.0/4",
            "fec0::/10",
            "3fff::/20",
            "2001::/23",
            "2001:db8::/32",
            "2620:4f:8000::/48",
            "64:ff9b:1::/48",
            "100::/64",
            "100:0:0:1::/64",
            "5f00::/16",
            "::/96",
        ),
    )
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(ValueError):
    """An address that is not sent to. The text is a whole sentence that says what would be right."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A checked address. `host` is the name for TLS and Host; `target` the path with its query."""

    scheme: str
    host: str
    port: int
    target: str


def read_url(url: str, *, in_sandbox: bool) -> Receiver:
    """The parts of an address as somebody wrote it. Raises Refused."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Refused("The address contains invalid characters; use one such as https://example.com/hook")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Refused("The address cannot be read; use one such as https://example.com/hook") from None
    is_own = in_sandbox and host in LOOPBACK_NAMES
    if parts.scheme != "https" and not (parts.scheme == "http" and is_own):
        raise Refused("The address is not encrypted; use one that begins with https://")
    if parts.username is not None or parts.password is not None:
        raise Refused("The address contains a user name or password; leave them out, every message is signed")
    if not host or port == 0 or parts.fragment:
        raise Refused("The address is not complete; use one such as https://example.com/hook")
    if port is not None and port < WELL_KNOWN and port not in PORTS.values():
        raise Refused("That port is another service's; use 443, or one from 1024 on")
    _look_at(host, in_sandbox, is_own)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Receiver(parts.scheme, host, port or PORTS[parts.scheme], target)


def check_addresses(found: Sequence[str], *, in_sandbox: bool) -> None:
    """Whether a name with these addresses may be connected to: none of them leads inside. Raises Refused."""
    for text in found:
        if not is_public(ipaddress.ip_address(text)) and not (in_sandbox and ipaddress.ip_address(text).is_loopback):
            raise Refused("The name resolves to a private network; use a public address")


def is_public(address: Address) -> bool:
    """Reachable by everybody: not private, link-local, loopback, shared, reserved or multicast, and not a form
    of IPv6 that carries such an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(inner)
    if any(address in network for network in NEVER_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def _look_at(host: str, in_sandbox: bool, is_own: bool) -> None:
    """A number is checked now; a name that can only be inside is refused now."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        if not is_own and ("." not in host.rstrip(".") or last.isdecimal() or last.startswith("0x")):
            raise Refused("That is an internal name; use a public name such as example.com") from None
    else:
        check_addresses([str(number)], in_sandbox=in_sandbox)
