"""`docs/security/controls.md` says what the code does: each value, each list, each method."""

import ast
import importlib
import re
from datetime import timedelta
from operator import attrgetter
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from app.auth import passwords, rights, second_factor
from app.auth.rights import RIGHTS, ROLES
from callbacks.store.sql import sessions, tables
from callbacks.telephony.transport import trusted
from tests.source import tree

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for room in ("app", "callbacks", "sandbox") for path in (ROOT / room).rglob("*.py"))
CONTROLS = (ROOT / "docs" / "security" / "controls.md").read_text("utf-8")
TEMPLATES = sorted((ROOT / "app" / "templates").glob("*.html"))
SCRIPTS = sorted((ROOT / "app" / "static").glob("*.js"))
CRYPTOGRAPHY = {
    "hmac",
    "hashlib",
    "secrets",
    "ssl",
    "pwdlib",
    "pyotp",
    "itsdangerous",
    "authlib",
    "joserfc",
    "cryptography",
}
CONNECTIONS = {"httpx", "httpcore", "socket", "apprise", "smtplib", "urllib", "requests", "aiohttp"}
NO_CONNECTION = {"urllib.parse"}


def table(name: str) -> list[list[str]]:
    """The rows between `<!-- name -->` and `<!-- end of name -->`, without the head."""
    part = CONTROLS.split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[1:]]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def users_of(libraries: set[str]) -> set[str]:
    """Modules that import one of these; those of the phone sandbox and of the simulation are no part of production."""
    found = set()
    for path in SOURCES:
        used = {name.split(".")[0] for name in imports(path) - NO_CONNECTION}
        if used & libraries and not {"sandbox", "simulation"} & set(path.parts):
            found.add(path.relative_to(ROOT).as_posix())
    return found


def shown(value: object) -> str:
    """A constant as the table writes it: `12 h`, `64 KiB`, `20`."""
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
            if seconds >= size and seconds % size == 0:
                return f"{seconds // size} {unit}"
        return f"{seconds} s"
    if isinstance(value, int) and value >= 1024 and value % 1024 == 0:
        return f"{value // 1024**2} MiB" if value % 1024**2 == 0 else f"{value // 1024} KiB"
    return str(value)


def test_every_value_is_the_codes() -> None:
    rows = table("values")
    assert len(rows) >= 20
    for _, value, where in rows:
        module, _, attributes = re.fullmatch(r"([a-z_.]+)(\.)([A-Z_]+(?:\.[a-z_]+)*)", where).groups()  # type: ignore[union-attr]
        assert value == shown(attrgetter(attributes)(importlib.import_module(module))), where


def test_the_table_of_rights_is_the_codes() -> None:
    told = {row[0]: dict(zip(ROLES, row[1:], strict=True)) for row in table("rights")}
    assert told == {right: {role: who.get(role, "–") for role in ROLES} for right, who in RIGHTS.items()}
    assert rights.ROLES == ("supervisor", "technician", "auditor")


def test_every_module_with_cryptography_is_listed_and_no_other() -> None:
    assert {row[0] for row in table("cryptography")} == users_of(CRYPTOGRAPHY)


def test_every_module_that_opens_connections_is_listed_and_no_other() -> None:
    assert {row[0] for row in table("connections")} == users_of(CONNECTIONS)


def test_every_table_of_the_database_has_a_class() -> None:
    told = {row[0]: row[1] for row in table("tables")}
    assert set(told) == set(SQLModel.metadata.tables)
    assert set(told.values()) <= {"secret", "private", "pseudonymous", "operational"}


def test_certificates_are_always_checked() -> None:
    import ssl

    context = trusted()
    assert isinstance(context, ssl.SSLContext)
    assert context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED
    for path in SOURCES:
        assert not re.search(r"verify\s*=\s*False|CERT_NONE|_create_unverified_context", path.read_text("utf-8")), path


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_password_fields_hide_what_is_typed_and_let_managers_fill_them(path: Path) -> None:
    for field in re.findall(
        r"<input[^>]*name=\"(?:password|new|again|present|current)\"[^>]*>", path.read_text("utf-8")
    ):
        assert 'type="password"' in field, field
        assert re.search(r'autocomplete="(current|new)-password"', field), field
        assert "onpaste" not in field and "readonly" not in field


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS], ids=lambda p: p.name)
def test_pages_use_no_old_technique_and_keep_nothing_in_the_browser(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"<(object|embed|applet|frame|frameset)\b|document\.write|ActiveXObject|showModalDialog", text)
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.open", text)
    assert not re.search(r"__proto__|constructor\.prototype|Object\.assign\(.*JSON\.parse", text)
    assert not re.search(r"(?i)security question|password hint|indice de mot de passe", text)


@pytest.mark.usefixtures("hashes_of_the_product")
def test_passwords_are_hashed_by_argon2id_and_may_be_long() -> None:
    longest = "a long sentence of many words " * 4
    known = passwords.hashed(longest[: passwords.LONGEST])
    assert passwords.LONGEST >= 64
    assert passwords.fault(longest[: passwords.LONGEST], "sue@example.com") is None
    assert re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$", known)
    memory, rounds = (int(n) for n in re.findall(r"[mt]=(\d+)", known))
    assert memory >= 19 * 1024 and rounds >= 2, "what OWASP's cheat sheet asks at least"
    assert passwords.is_right(longest[: passwords.LONGEST], known)


def test_seeds_of_second_factors_have_160_bits_and_codes_six_digits() -> None:
    seeds = {second_factor.new_secret() for _ in range(50)}
    assert len(seeds) == 50 and all(re.fullmatch(r"[A-Z2-7]{32}", seed) for seed in seeds)


def test_session_secrets_have_256_bits_and_only_their_digest_is_kept() -> None:
    source = (ROOT / "callbacks" / "store" / "sql" / "sessions.py").read_text("utf-8")
    assert "token_urlsafe(32)" in source
    digest = sessions.digest("x" * 43)
    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert "secret" not in {column.name for column in tables.Session.__table__.columns}  # type: ignore[attr-defined]


def test_mypy_is_strict_over_the_product() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert "[tool.mypy]" in text and "\nstrict = true" in text
    assert 'packages = ["app", "callbacks", "sandbox"]' in text


def test_what_is_installed_is_a_wheel_of_three_packages() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert '[tool.hatch.build.targets.wheel]\npackages = ["app", "callbacks", "sandbox"]' in text
    assert "COPY . " not in (ROOT / "deploy" / "Containerfile").read_text("utf-8")


def test_the_time_to_fix_a_known_weakness_is_promised() -> None:
    text = " ".join((ROOT / "SECURITY.md").read_text("utf-8").split())
    assert re.search(r"critical .* within 7 days .* within 30", text)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "\naudit:" in makefile and "\nsbom:" in makefile
