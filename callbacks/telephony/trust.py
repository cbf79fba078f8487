"""Whom a TLS connection trusts, read once a process: it takes a twentieth of a second, and each client would."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """What httpx trusts by itself: the authorities of its own list, or those of SSL_CERT_FILE."""
    return httpx.create_ssl_context()


@cache
def trusted_by_system() -> ssl.SSLContext:
    """What this machine trusts, a company's own authority among it."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
