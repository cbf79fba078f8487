"""Wrong settings are told all at once, one line each, before anything starts."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import SANDBOX_ACCOUNT, SANDBOX_SECRET, SANDBOX_TOKEN, SettingsFault, load_settings
from app.wiring import load_policy

GOOD = {
    "public_url": "https://calls.example", "secret_key": "s" * 32, "account": "AC" + "1" * 32, "auth_token": "7" * 32,
    "_env_file": None,
}  # fmt: skip
EGRESS = "https://localhost:8443"
WRONG = [
    ("CALLBACKS_DATABASE_URL", {"database_url": "mysql://x"}), ("CALLBACKS_PUBLIC_URL", {"public_url": "calls.example"}),
    ("CALLBACKS_PUBLIC_URL", {"public_url": "http://calls.example"}), ("CALLBACKS_PUBLIC_URL", {"public_url": "https://a_b.example"}),
    ("CALLBACKS_SUPPORT_NUMBER", {"support_number": "514-555-0100"}), ("CALLBACKS_SUPPORT_NUMBER", {"support_number": "+15550100"}),
    ("CALLBACKS_SUPPORT_NUMBER", {"support_number": "+11145550100"}), ("CALLBACKS_POLICY_FILE", {"policy_file": "/nowhere.toml"}),
    ("CALLBACKS_SECRET_KEY", {"secret_key": ""}), ("CALLBACKS_SECRET_KEY", {"secret_key": "short"}),
    ("TWILIO_ACCOUNT_SID", {"account": "SK123"}), ("TWILIO_AUTH_TOKEN", {"auth_token": ""}),
    ("TWILIO_API_SECRET", {"api_key": "SK" + "1" * 32}), ("TWILIO_API_URL", {"api_url": "ftp://x"}),
    ("CALLBACKS_MODE", {"mode": "open"}), ("CALLBACKS_MODE", {"mode": "demo"}),
    ("CALLBACKS_MODE", {"mode": "demo", "public_url": "https://localhost.example"}),
    ("CALLBACKS_SECRET_KEY", {"secret_key": SANDBOX_SECRET, "api_url": EGRESS}),
    ("TWILIO_ACCOUNT_SID", {"account": SANDBOX_ACCOUNT, "api_url": EGRESS}),
    ("TWILIO_AUTH_TOKEN", {"auth_token": SANDBOX_TOKEN, "api_url": EGRESS}), ("TWILIO_AUTH_TOKEN", {"auth_token": "", "api_url": EGRESS}),
    ("TWILIO_AUTH_TOKEN_NEXT", {"auth_token_next": SANDBOX_TOKEN, "api_url": EGRESS}),
    ("TWILIO_API_URL", {"mode": "demo", "public_url": "http://127.0.0.1:8000", "account": ""}),
    ("CALLBACKS_TRUSTED_PROXIES", {"proxies": "proxy.example"}), ("CALLBACKS_TRUSTED_PROXIES", {"proxies": "10.0.0.0/33"}),
    ("CALLBACKS_TRUSTED_PROXIES", {"proxies": "10.0.0.1/8"}), ("CALLBACKS_TRUSTED_PROXIES", {"proxies": "127.0.0.1, 0.0.0.0/0"}),
    *[("CALLBACKS_PUBLIC_URL", {"public_url": f"https://calls.example{end}"}) for end in (
        " ", "/?", "?", "#", "/#", ":99999", ":0", ":x", "/a b", "/desk\n", "/désk", "/a/../b?", "//x", '"', "/%2e")],
    ("CALLBACKS_PUBLIC_URL", {"public_url": " https://calls.example"}), ("CALLBACKS_PUBLIC_URL", {"public_url": "https://[::1"}),
    ("CALLBACKS_PUBLIC_URL", {"public_url": "https://user:word@calls.example"}),
    *[("TWILIO_AUTH_TOKEN", {"auth_token": token}) for token in (
        '"' + "a" * 32 + '"', "'" + "a" * 32 + "'", "a" * 32 + " ", "a" * 32 + "\n", " " + "a" * 32, "a" * 31, "a" * 33, "g" * 32,
        "a" * 16 + "\u200b" + "a" * 16, "١" * 32)],
    ("TWILIO_AUTH_TOKEN_NEXT", {"auth_token_next": "a" * 32 + "\r"}), ("TWILIO_AUTH_TOKEN_NEXT", {"auth_token_next": "short"}),
    ("TWILIO_AUTH_TOKEN", {"auth_token": '"demo"', "mode": "demo", "public_url": "http://127.0.0.1:8000", "api_url": EGRESS}),
    ("TWILIO_ACCOUNT_SID", {"account": "AC" + "1" * 32 + " "}), ("TWILIO_ACCOUNT_SID", {"account": '"AC' + "1" * 32 + '"'}),
    ("TWILIO_API_KEY", {"api_key": "AC" + "1" * 32, "api_secret": "x" * 32}), ("TWILIO_API_KEY", {"api_key": "SK" + "1" * 31, "api_secret": "x" * 32}),
    ("TWILIO_API_SECRET", {"api_key": "SK" + "1" * 32, "api_secret": "x" * 31}), ("TWILIO_API_SECRET", {"api_key": "SK" + "1" * 32, "api_secret": "x" * 32 + " "}),
    ("CALLBACKS_TRUSTED_PROXIES", {"proxies": "::/0"}), ("CALLBACKS_TRUSTED_PROXIES", {"proxies": "*"}),
]  # fmt: skip


def test_good_settings_are_taken() -> None:
    assert load_settings(**GOOD).url("/x") == "https://calls.example/x"


@pytest.mark.parametrize("name,change", WRONG)
def test_each_wrong_setting_has_a_line(name: str, change: dict[str, object]) -> None:
    """F82."""
    with pytest.raises(SettingsFault) as caught:
        load_settings(**(GOOD | change))
    assert [line for line in caught.value.lines if line.startswith(f"{name}:")]
    assert all("; use " in line or "; " in line or "use " in line for line in caught.value.lines)


def test_a_policy_that_cannot_keep_its_promise_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('[promise]\ncallback_within = "10m"\n')
    with pytest.raises(SettingsFault) as caught:
        load_policy(load_settings(**GOOD, policy_file=path))
    assert all(line.startswith("CALLBACKS_POLICY_FILE") for line in caught.value.lines)


def test_the_secrets_are_not_shown() -> None:
    shown = repr(load_settings(**GOOD))
    assert "7" * 32 not in shown
    assert "s" * 32 not in shown


def test_serve_says_what_is_missing_and_leaves_with_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "serve"], cwd=tmp_path, capture_output=True, text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 2
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "CALLBACKS_SECRET_KEY",
    ]  # fmt: skip


@pytest.mark.parametrize("token", ['"' + "a" * 32 + '"', "abcdef" * 9, "wörd and wörd"])
def test_no_line_shows_a_secret(token: str) -> None:
    with pytest.raises(SettingsFault) as caught:
        load_settings(**(GOOD | {"auth_token": token, "api_key": "SK" + "1" * 32, "api_secret": token}))
    assert len(caught.value.lines) == 2
    assert not any(token in line or token.strip('"') in line for line in caught.value.lines)


@pytest.mark.parametrize("url", [
    "https://calls.example", "https://calls.example/", "https://calls.example:8443", "https://calls.example/desk/",
    "https://calls.example/a/b-c_d", "http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost",
])  # fmt: skip
def test_plain_addresses_are_taken(url: str) -> None:
    assert load_settings(**(GOOD | {"public_url": url})).url("/x") == url.rstrip("/") + "/x"
