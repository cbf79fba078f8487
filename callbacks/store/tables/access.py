"""Who may: tokens, users, sessions, answers kept for repeats, audits, subscriptions."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Text
from sqlmodel import Field, SQLModel

from callbacks.store.tables.naming import given_id


class TokenRow(SQLModel, table=True):
    """An API token, by its digest."""

    __tablename__ = "token"

    id: str = Field(max_length=16, primary_key=True)
    digest: str = Field(max_length=64, unique=True)
    role: str = Field(max_length=16)
    name: str = Field(default="", max_length=64)
    person: str | None = Field(default=None, max_length=64)
    created_at: datetime
    created_by: str = Field(default="", max_length=120)
    used_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class UserRow(SQLModel, table=True):
    """Somebody who logs in. `person` is their name on the roster; `password` an argon2id hash, None for those who
    come by single sign-on alone; `totp_sealed` the second factor (`totp_secret`: not sealed yet); `totp_step` the last
    time step whose code was used, so that none is used twice."""

    __tablename__ = "user"

    id: int = given_id()
    email: str = Field(max_length=254, unique=True)
    role: str = Field(max_length=16)
    person: str | None = Field(default=None, max_length=64)
    language: str | None = Field(default=None, max_length=2)
    password: str | None = Field(default=None, max_length=200)
    must_change: bool = False
    password_since: datetime | None = None
    totp_secret: str | None = Field(default=None, max_length=64)
    totp_sealed: str | None = Field(default=None, max_length=400)
    totp_since: datetime | None = None
    totp_step: int | None = None
    sso_subject: str | None = Field(default=None, max_length=255, unique=True)
    created_at: datetime
    created_by: str = Field(max_length=120)
    seen_at: datetime | None = None
    disabled_at: datetime | None = None


class SessionRow(SQLModel, table=True):
    """A browser that is logged in, by the digest of its cookie; `passed` once the second factor was given."""

    __tablename__ = "session"

    digest: str = Field(max_length=64, primary_key=True)
    id: str = Field(max_length=16, unique=True)
    user_id: int = Field(sa_column=Column(ForeignKey("user.id"), nullable=False, index=True))
    created_at: datetime
    seen_at: datetime
    passed: bool = False
    agent: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=64)
    revoked_at: datetime | None = None


class StrikeRow(SQLModel, table=True):
    """Failures in a row under a key (a digest of an account or an address), and until when it has to wait."""

    __tablename__ = "strike"

    key: str = Field(max_length=80, primary_key=True)
    count: int = 0
    last_at: datetime
    wait_until: datetime | None = None


class AnswerRow(SQLModel, table=True):
    """What the API answered under an idempotency key. `key` is a digest of the token, what it asked for and the key;
    `request` one of the body."""

    __tablename__ = "answer"

    key: str = Field(max_length=64, primary_key=True)
    request: str = Field(max_length=64)
    status: int
    body: str = Field(sa_type=Text)
    at: datetime = Field(index=True)


class AuditRow(SQLModel, table=True):
    """What a person did that is no fact of one emergency: people, roster, tokens, exports, logins."""

    __tablename__ = "audit"

    id: int = given_id()
    at: datetime = Field(index=True)
    who: str = Field(max_length=120)
    via: str = Field(max_length=16)
    action: str = Field(max_length=48, index=True)
    about: str = Field(default="", max_length=200)
    details: str = Field(default="{}", sa_type=Text)


class SubscriptionRow(SQLModel, table=True):
    """Somebody else's address that is told of emergencies. `events` is a comma-separated list; `secret_sealed` signs
    (`secret`: not sealed yet)."""

    __tablename__ = "subscription"

    id: str = Field(max_length=16, primary_key=True)
    url: str = Field(sa_type=Text)
    secret: str = Field(default="", max_length=80)
    secret_sealed: str | None = Field(default=None, max_length=400)
    events: str = Field(max_length=200)
    created_at: datetime
    created_by: str = Field(max_length=120)
    disabled_at: datetime | None = None
