"""Second factors and webhook secrets at rest: sealed with a key that is not in the database."""

import hmac
from dataclasses import replace

import pyotp
import pytest
from sqlmodel import text

from app.wiring import seal_secrets
from callbacks.engine.context import EngineContext
from callbacks.lib.secret_box import SecretBox, Unreadable
from callbacks.store.sql import sealing, tables, users
from tests.night import Night, seconds
from tests.stories.site import OWN, Site

OLD, NEW = "an older key of the house, 0123", "the key of today, 9876543210abc"


def under(night: Night, *keys: str) -> EngineContext:
    return replace(night.context, secrets=SecretBox(keys))


def everything_kept(night: Night) -> str:
    with night.database.read() as session:
        rows = [*session.exec(text('SELECT * FROM "user"')), *session.exec(text("SELECT * FROM subscription"))]  # type: ignore[call-overload]
    return repr(rows)


def plain_rows(night: Night) -> str:
    """A second factor and a webhook as an older version wrote them; the factor's secret."""
    secret = pyotp.random_base32()
    with night.database.write() as session:
        now = night.clock.now()
        row = users.add(session, "sue@example.com", "supervisor", None, "x", "test", now)
        row.totp_secret, row.totp_since, row.must_change = secret, now, False
        session.add(
            tables.Subscription(
                id="w1",
                url="https://example.com",
                secret="whsec_c2VjcmV0",
                events="opened",
                created_at=now,
                created_by="t",
            )
        )
    return secret


def kept(night: Night, context: EngineContext) -> dict[str, str | None]:
    with night.database.read() as session:
        return {h.owner: sealing.read(h, context.secrets) for h in sealing.everything(session)}


@pytest.mark.storage
def test_what_is_enrolled_and_added_is_nowhere_plain(night: Night, site: Site) -> None:
    site.add("sue@example.com", "supervisor")
    web = site.first_login("sue@example.com")
    secret = night.second_factor("sue@example.com")
    page = web.post("/webhooks", data={"url": "https://example.com/hook", "events": "opened"}).text
    hook = page.partition("whsec_")[2].partition("<")[0]
    assert len(secret) == 32 and len(hook) > 20
    told = everything_kept(night)
    assert secret not in told and hook not in told and "whsec_" not in told
    night.passes(seconds(60))
    again = site.browser()
    site.tries(again, "sue@example.com", OWN)
    assert again.post("/login/code", data={"code": site.code("sue@example.com")}).status_code == 303
    night.nobody_else_was_contacted()


def test_a_start_seals_what_is_plain_and_changes_no_secret(night: Night) -> None:
    secret, context = plain_rows(night), under(night, NEW)
    before = kept(night, context)
    assert secret in everything_kept(night)
    seal_secrets(context)
    told = everything_kept(night)
    assert secret not in told and "whsec_" not in told
    assert kept(night, context) == before == {"second factor of 1": secret, "webhook w1": "whsec_c2VjcmV0"}
    seal_secrets(context)
    assert everything_kept(night) == told, "again is nothing"
    night.nobody_else_was_contacted()


def test_another_key_opens_with_the_one_before_and_the_next_start_seals_anew(night: Night) -> None:
    plain_rows(night)
    seal_secrets(under(night, OLD))
    with pytest.raises(Unreadable):
        kept(night, under(night, NEW))
    before = everything_kept(night)
    seal_secrets(under(night, NEW))
    assert everything_kept(night) == before, "what cannot be read is left for whoever finds the key"
    secrets = kept(night, under(night, NEW, OLD))
    seal_secrets(under(night, NEW, OLD))
    assert kept(night, under(night, NEW)) == secrets
    night.nobody_else_was_contacted()


def test_a_secret_of_one_user_does_not_open_for_another(night: Night) -> None:
    plain_rows(night)
    context = under(night, NEW)
    seal_secrets(context)
    with night.database.write() as session:
        thief = users.add(session, "thief@example.com", "technician", None, "x", "test", night.clock.now())
        thief.totp_sealed = session.get_one(tables.User, 1).totp_sealed
    with night.database.read() as session, pytest.raises(Unreadable):
        sealing.read(sealing.SecondFactor(session.get_one(tables.User, 2)), context.secrets)
    night.nobody_else_was_contacted()


def test_who_cannot_be_checked_is_not_let_in(night: Night, site: Site) -> None:
    """The key is lost: codes are wrong, nothing fails, and a reset is the way back."""
    site.add("sue@example.com", "supervisor")
    web = site.first_login("sue@example.com")
    good = site.code("sue@example.com")
    with night.database.write() as session:
        row = session.get_one(tables.User, 1)
        row.totp_sealed, row.totp_step = SecretBox([OLD]).seal("A" * 32, "second factor of 1"), None
    web = site.browser()
    assert site.tries(web, "sue@example.com", OWN) == "in"
    for code in (good, pyotp.TOTP("A" * 32).at(night.clock.now())):
        assert web.post("/login/code", data={"code": code}).status_code == 403
    night.nobody_else_was_contacted()


def code_of_nothing(night: Night) -> str:
    """RFC 6238 with an empty key; the library itself refuses short ones today."""
    step = int(night.clock.now().timestamp()) // 30
    digest = hmac.new(b"", step.to_bytes(8, "big"), "sha1").digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def test_the_codes_of_an_empty_secret_are_nobodys(night: Night, site: Site) -> None:
    """Everybody can compute them: whoever posts a code before the page has made a secret enrols nothing."""
    site.add("aud@example.com", "auditor")
    web = site.browser()
    web.post("/login", data={"email": "aud@example.com", "password": "first-Password-0"})
    web.post("/login/password", data={"new": OWN, "again": OWN})
    assert web.post("/login/code", data={"code": code_of_nothing(night)}).status_code == 403
    assert site.user("aud@example.com").totp_since is None
    night.nobody_else_was_contacted()
