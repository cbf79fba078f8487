"""The second factor: time-based codes (RFC 6238) of 30 s, one step of slack each way, each used once."""

from datetime import datetime

import pyotp
import segno

ISSUER = "Callbacks"
STEP_SECONDS = 30


def new_secret() -> str:
    return pyotp.random_base32()


def address(secret: str, email: str) -> str:
    """What an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def picture(secret: str, email: str) -> str:
    """The same as a QR code, as an SVG data address."""
    return str(segno.make(address(secret, email), error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff"))


def step_of(code: str, secret: str, last: int | None, now: datetime) -> int | None:
    """The time step that a code belongs to; None for a wrong one, and for one of a step already used."""
    digits = "".join(code.split())
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in (present, present - 1, present + 1):
        if pyotp.utils.strings_equal(digits, totp.at(step * STEP_SECONDS)) and (last is None or step > last):
            return step
    return None
