"""The second factor: time-based codes (RFC 6238) of 30 s, one step of slack each way, each used once."""

from datetime import datetime

import pyotp
import segno
import structlog

from app.runtime import App
from callbacks.lib.secret_box import Unreadable
from callbacks.store.sql import sealing, tables, users

log = structlog.get_logger()

ISSUER = "Callbacks"
STEP_SECONDS = 30


def new_secret() -> str:
    return pyotp.random_base32()


def secret_of(app: App, user: tables.User) -> str | None:
    """A user's secret; None when there is none, or it cannot be read with our keys."""
    try:
        return sealing.read(sealing.SecondFactor(user), app.context.secrets)
    except Unreadable:
        log.error("second-factor.unreadable", user=user.id)
        return None


def to_enrol(app: App, user: tables.User) -> str:
    """The secret that waits for its first code; made when there is none."""
    with app.database.write() as session:
        row = users.locked(session, user.id)
        known = secret_of(app, row)
        if known is None:
            known = new_secret()
            sealing.put(sealing.SecondFactor(row), known, app.context.secrets)
        return known


def address(secret: str, email: str) -> str:
    """What an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def picture(secret: str, email: str) -> str:
    """The same as a QR code, as an SVG data address."""
    return str(segno.make(address(secret, email), error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff"))


def step_of(code: str, secret: str | None, last: int | None, now: datetime) -> int | None:
    """The time step that a code belongs to; None for a wrong one, for one of a step already used, and without a
    secret: everybody could compute the codes of an empty one."""
    if not secret:
        return None
    digits = "".join(code.split())
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in (present, present - 1, present + 1):
        if pyotp.utils.strings_equal(digits, totp.at(step * STEP_SECONDS)) and (last is None or step > last):
            return step
    return None
