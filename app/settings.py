"""Settings: read once, refused with one line per fault, then passed in.

In demo mode the account and secrets have published defaults; in live mode nothing has, and a published one is refused.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.http.peers import Network, is_loopback, read_networks
from app.notify import faults
from callbacks.lib.phone import NoNumber, read_number

if TYPE_CHECKING:
    from callbacks.lib.secret_box import SecretBox

SANDBOX_ACCOUNT = "AC" + "5a" * 16
SANDBOX_TOKEN = "sandbox-token-not-a-secret"
SANDBOX_SECRET = "sandbox-secret-not-a-secret"
SANDBOX_NUMBER = "+15145550100"
CARRIER_URL = "https://api.twilio.com"
SHORTEST_SECRET = 16
STRANGE = {"quotes": set("\"'`"), "blanks": set(" \t\r\n\u00a0")}
PLAIN_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")
TOKEN = r"[0-9a-fA-F]{32}"
KEY_SID = r"SK[0-9a-fA-F]{32}"
KEY_SECRET = r"[A-Za-z0-9]{32}"
FASTEST_NUMBER = 1000


class Mode(StrEnum):
    """`DEMO`: pages ask for no login and the published secrets are good, on this machine alone."""

    LIVE = "live"
    DEMO = "demo"


ENV_FILE = ".env"


class SettingsFault(Exception):
    """One or more settings are wrong; `lines` has one sentence per fault."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Settings(BaseSettings):
    """Every setting, by its name in the environment or `.env`."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8-sig",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        env_ignore_empty=True,
    )

    mode: Mode = Field(Mode.LIVE, alias="CALLBACKS_MODE")
    database_url: str = Field("sqlite:///var/callbacks.db", alias="CALLBACKS_DATABASE_URL")
    public_url: str = Field("http://127.0.0.1:8000", alias="CALLBACKS_PUBLIC_URL")
    support_number: str = Field(SANDBOX_NUMBER, alias="CALLBACKS_SUPPORT_NUMBER")
    policy_file: Path | None = Field(None, alias="CALLBACKS_POLICY_FILE")
    data_dir: Path = Field(Path("var"), alias="CALLBACKS_DATA_DIR")
    proxies: str = Field("", alias="CALLBACKS_TRUSTED_PROXIES")
    secret_key: str = Field("", alias="CALLBACKS_SECRET_KEY", repr=False)
    secret_keys_before: str = Field("", alias="CALLBACKS_SECRET_KEY_PREVIOUS", repr=False)
    heartbeat_url: str = Field("", alias="CALLBACKS_HEARTBEAT_URL")
    segments_per_second: float = Field(1.0, alias="CALLBACKS_SEGMENTS_PER_SECOND")
    notify_urls: str = Field("", alias="CALLBACKS_NOTIFY_URLS", repr=False)
    account: str = Field("", alias="TWILIO_ACCOUNT_SID")
    auth_token: str = Field("", alias="TWILIO_AUTH_TOKEN", repr=False)
    auth_token_next: str = Field("", alias="TWILIO_AUTH_TOKEN_NEXT", repr=False)
    api_key: str = Field("", alias="TWILIO_API_KEY")
    api_secret: str = Field("", alias="TWILIO_API_SECRET", repr=False)
    sso_issuer: str = Field("", alias="CALLBACKS_SSO_ISSUER")
    sso_client_id: str = Field("", alias="CALLBACKS_SSO_CLIENT_ID")
    sso_client_secret: str = Field("", alias="CALLBACKS_SSO_CLIENT_SECRET", repr=False)
    sso_acr: str = Field("", alias="CALLBACKS_SSO_ACR")
    api_url: str = Field(CARRIER_URL, alias="TWILIO_API_URL")

    @property
    def is_demo(self) -> bool:
        return self.mode is Mode.DEMO

    @property
    def trusted_proxies(self) -> tuple[Network, ...]:
        """The networks whose X-Forwarded-For is believed. Raises ValueError."""
        return read_networks(self.proxies)

    @property
    def account_sid(self) -> str:
        return self.account or (SANDBOX_ACCOUNT if self.is_demo else "")

    @property
    def webhook_tokens(self) -> tuple[str, ...]:
        """The tokens a webhook may be signed with: two while one is being rotated."""
        own = self.auth_token or (SANDBOX_TOKEN if self.is_demo else "")
        return tuple(t for t in (own, self.auth_token_next) if t)

    @property
    def rest_credentials(self) -> tuple[str, str]:
        if self.api_key:
            return self.api_key, self.api_secret
        return self.account_sid, self.webhook_tokens[0]

    @property
    def signing_key(self) -> str:
        """Only commands that read the database alone come here without a key in live mode: they check the demo's."""
        return self.secret_key or SANDBOX_SECRET

    @property
    def signing_keys(self) -> list[str]:
        """The keys whose signatures hold, the present one last."""
        return [*reversed(self.secret_keys_before.split()), self.signing_key]

    @property
    def secret_box(self) -> "SecretBox":
        """Opens what any of the keys sealed, and seals with the present one."""
        from callbacks.lib.secret_box import SecretBox  # most commands open nothing

        return SecretBox(self.signing_keys[::-1])

    def seal(self, content: bytes) -> str:
        """HMAC-SHA256 under the secret key, for what is kept outside the database."""
        return hmac.new(self.signing_key.encode(), content, hashlib.sha256).hexdigest()

    def url(self, path: str) -> str:
        """The public address of one of our paths."""
        return self.public_url.rstrip("/") + path


def load_local_settings() -> Settings:
    """For commands that look at the database or the policy only: the carrier's settings are not held against
    the rules. Raises SettingsFault."""
    return _load({}, check_local)


def load_sandbox_settings(address: str) -> Settings:
    """For the phone network alone, which listens on this machine only: whatever is not set is the demo's. Raises
    SettingsFault."""
    return _load({"mode": Mode.DEMO, "api_url": address}, check_sandbox)


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process. Raises SettingsFault with one line per fault."""
    return _load(overrides, check)


def _load(overrides: dict[str, Any], faults_of: Callable[[Settings], list[str]]) -> Settings:
    try:
        _readable(Path(str(overrides.get("_env_file", ENV_FILE))))
        settings = Settings(**{k: v for k, v in overrides.items() if v is not None})
    except ValidationError as error:
        raise SettingsFault([_line(e) for e in error.errors()]) from None
    faults = faults_of(settings)
    if faults:
        raise SettingsFault(faults)
    return settings


def _readable(file: Path) -> None:
    """Raises SettingsFault for a file that an editor saved in another encoding."""
    try:
        text = file.read_text("utf-8-sig") if file.is_file() else ""
    except (OSError, UnicodeDecodeError):
        text = "\0"
    if "\0" in text:
        raise SettingsFault([f"{file}: cannot be read as UTF-8 text; save it as UTF-8"])


def check(s: Settings) -> list[str]:
    """One line per wrong setting: name, what is wrong, what would be right."""
    found = [
        _mode(s),
        _database(s),
        _public(s),
        _proxies(s),
        _number(s),
        _policy(s),
        _demo_of_a_live_system(s),
        _account(s),
        *_tokens(s),
        *_keys(s),
        _secret(s),
        _api(s),
        _notify(s),
        _heartbeat(s),
        _pace(s),
        _sso(s),
    ]
    return [line for line in found if line]


def check_local(s: Settings) -> list[str]:
    """As `check`, for what stays on this machine."""
    return [line for line in (_database(s), _policy(s)) if line]


def check_sandbox(s: Settings) -> list[str]:
    """As `check`, for the phone network alone."""
    return [line for line in (_public(s), _number(s), _policy(s), _account(s)) if line]


def check_listening(s: Settings, address: str) -> None:
    """Raises SettingsFault when the demo would listen for others than this machine."""
    if s.is_demo and not is_loopback(address):
        raise SettingsFault(
            [f"CALLBACKS_MODE: demo mode has no login, and {address} is not local; use --host 127.0.0.1"]
        )


def _line(error: Any) -> str:
    name = str(error["loc"][0])
    known = Settings.model_fields.get(name)
    return f"{known.alias if known else name}: {error['msg']}; see .env.example for the right form"


def _database(s: Settings) -> str | None:
    if s.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return None
    return (
        f"CALLBACKS_DATABASE_URL: {s.database_url.split('://')[0]!r} is not a supported database; "
        "use sqlite:///var/callbacks.db or postgresql+psycopg://user@host/name"
    )


def _mode(s: Settings) -> str | None:
    if not s.is_demo or is_loopback(urlsplit(s.public_url).hostname or ""):
        return None
    return (
        "CALLBACKS_MODE: demo asks for no login, but CALLBACKS_PUBLIC_URL is not on this machine; "
        "use live, or http://127.0.0.1:8000 as the address"
    )


def _proxies(s: Settings) -> str | None:
    try:
        read_networks(s.proxies)
    except ValueError as error:
        return f"CALLBACKS_TRUSTED_PROXIES: {error}; use networks such as 127.0.0.1/32,10.0.5.0/24"
    return None


def _public(s: Settings) -> str | None:
    try:
        url = urlsplit(s.public_url)
        has_port = url.port != 0
    except ValueError as error:
        return f"CALLBACKS_PUBLIC_URL: {s.public_url!r} is not a valid URL ({error}); use https://your.host"
    is_plain = has_port and not (url.username or url.password or set("?# \\\"'<>") & set(s.public_url))
    if url.scheme not in ("http", "https") or not url.hostname or not is_plain or not s.public_url.isprintable():
        return (
            f"CALLBACKS_PUBLIC_URL: {s.public_url!r} is not a plain URL; "
            "use https://your.host, without blanks, quotes or a query"
        )
    if url.scheme == "http" and not is_loopback(url.hostname):
        return f"CALLBACKS_PUBLIC_URL: {s.public_url!r} is not encrypted; use https://{url.hostname}"
    if "_" in url.hostname:
        return f"CALLBACKS_PUBLIC_URL: the carrier refuses {url.hostname!r}; use a host without an underscore"
    if not PLAIN_PATH.fullmatch(url.path):
        return (
            f"CALLBACKS_PUBLIC_URL: the path {url.path!r} is not a plain path; use one such as https://your.host/desk"
        )
    return None


def _number(s: Settings) -> str | None:
    found = read_number(s.support_number)
    if isinstance(found, NoNumber):
        return f"CALLBACKS_SUPPORT_NUMBER: {s.support_number!r} {found.problem}; {found.fix}"
    if found != s.support_number:
        return f"CALLBACKS_SUPPORT_NUMBER: {s.support_number!r} is not E.164; use {found}"
    return None


def _policy(s: Settings) -> str | None:
    if s.policy_file is None or s.policy_file.is_file():
        return None
    return f"CALLBACKS_POLICY_FILE: file not found: {str(s.policy_file)!r}; name a policy file, or leave it out"


def _demo_of_a_live_system(s: Settings) -> str | None:
    """Its engine would take the system's pages out of the database and send them to a sandbox."""
    if not s.is_demo or s.account in ("", SANDBOX_ACCOUNT):
        return None
    return (
        "TWILIO_ACCOUNT_SID: is a real account, but the demo opens the database to everybody on this machine "
        "and pages nobody; run the demo in another folder, or set CALLBACKS_MODE=live"
    )


def _account(s: Settings) -> str | None:
    if s.account_sid in ("", SANDBOX_ACCOUNT) and not s.is_demo:
        return "TWILIO_ACCOUNT_SID: not set; use your account's SID, or CALLBACKS_MODE=demo for a sandbox"
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", s.account_sid):
        return f"TWILIO_ACCOUNT_SID: {s.account_sid!r} is not a valid account SID; use AC and 32 hexadecimal digits"
    if s.account_sid == SANDBOX_ACCOUNT and not _is_own(s.api_url):
        return "TWILIO_API_URL: the demo has no Twilio account; use the sandbox, such as http://127.0.0.1:8001"
    return None


def _tokens(s: Settings) -> list[str | None]:
    if not s.auth_token and not s.is_demo:
        missing = "TWILIO_AUTH_TOKEN: not set; use the account's auth token; webhooks are verified with it"
        return [missing, _token("TWILIO_AUTH_TOKEN_NEXT", s.auth_token_next, s)]
    given = {"TWILIO_AUTH_TOKEN": s.auth_token, "TWILIO_AUTH_TOKEN_NEXT": s.auth_token_next}
    return [_token(name, token, s) for name, token in given.items()]


def _token(name: str, token: str, s: Settings) -> str | None:
    if token == SANDBOX_TOKEN and not s.is_demo:
        return f"{name}: is the demo's published token; use the account's auth token"
    return _shape(name, token, TOKEN, "auth token has 32 hexadecimal digits", s)


def _shape(name: str, secret: str, right: str, words: str, s: Settings) -> str | None:
    """What a copy brings along, in every mode; else a secret of another shape than the carrier's. Never shows it."""
    strange = [kind for kind, letters in STRANGE.items() if letters & set(secret)]
    if strange or not secret.isprintable():
        return f"{name}: contains {' and '.join(strange) or 'invisible characters'}; remove them, also in the file"
    if secret and not s.is_demo and not re.fullmatch(right, secret):
        return f"{name}: has {len(secret)} characters and the wrong form; an {words}; copy it again from the console"
    return None


def _keys(s: Settings) -> list[str | None]:
    if bool(s.api_key) != bool(s.api_secret):
        missing = "TWILIO_API_SECRET" if s.api_key else "TWILIO_API_KEY"
        return [f"{missing}: not set, but the other one is; set both or neither"]
    return [
        _shape("TWILIO_API_KEY", s.api_key, KEY_SID, "API key's SID is SK and 32 hexadecimal digits", s),
        _shape("TWILIO_API_SECRET", s.api_secret, KEY_SECRET, "API key's secret has 32 letters and digits", s),
    ]


def _secret(s: Settings) -> str | None:
    if s.is_demo and s.secret_key in ("", SANDBOX_SECRET):
        return None
    if s.secret_key in ("", SANDBOX_SECRET):
        return "CALLBACKS_SECRET_KEY: not set; use a random value such as the output of: openssl rand -hex 32"
    if len(s.secret_key) < SHORTEST_SECRET:
        return f"CALLBACKS_SECRET_KEY: too short; use at least {SHORTEST_SECRET} random characters"
    if SANDBOX_SECRET in s.secret_keys_before.split():
        return "CALLBACKS_SECRET_KEY_PREVIOUS: contains the demo's published secret; use your own keys"
    return None


def _notify(s: Settings) -> str | None:
    unknown = faults(s.notify_urls)
    if not unknown:
        return None
    return f"CALLBACKS_NOTIFY_URLS: {unknown[0]!r} is not an address type that Apprise supports; use one such as mailto://…"


def _heartbeat(s: Settings) -> str | None:
    url = urlsplit(s.heartbeat_url)
    if not s.heartbeat_url or (url.scheme in ("http", "https") and url.hostname):
        return None
    return "CALLBACKS_HEARTBEAT_URL: is not an http or https URL; use one such as https://hc.example/check"


def _pace(s: Settings) -> str | None:
    if 0 <= s.segments_per_second <= FASTEST_NUMBER:
        return None
    return (
        f"CALLBACKS_SEGMENTS_PER_SECOND: {s.segments_per_second} is not a rate; use what the number can send, such as 1"
    )


def _sso(s: Settings) -> str | None:
    if not (s.sso_issuer or s.sso_client_id or s.sso_client_secret):
        return None
    if not (s.sso_issuer and s.sso_client_id and s.sso_client_secret):
        return "CALLBACKS_SSO_ISSUER: set all of CALLBACKS_SSO_ISSUER, _CLIENT_ID and _CLIENT_SECRET, or none"
    url = urlsplit(s.sso_issuer)
    if url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or "")):
        return None
    return f"CALLBACKS_SSO_ISSUER: {s.sso_issuer!r} is not usable; use the provider's https address"


def _api(s: Settings) -> str | None:
    url = urlsplit(s.api_url)
    if (url.scheme == "https" and url.hostname) or (url.scheme == "http" and _is_own(s.api_url)):
        return None
    return f"TWILIO_API_URL: {s.api_url!r} is not usable; leave it out, or use http://127.0.0.1:PORT for a sandbox"


def _is_own(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")
