"""The demo's desk: whose phones lie on it."""

from pathlib import Path

import pytest

from app import demo
from app.settings import load_settings

DESK, TAKEN = "+15145550170", demo.CUSTOMERS[0].number
PHONES = {DESK: [("Desk", "desk")], TAKEN: []}


@pytest.mark.parametrize("number", PHONES)
def test_the_desks_number_has_a_phone_unless_it_is_somebodys(
    number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(f'[intake]\ndesk_number = "{number}"\n')
    monkeypatch.setenv("CALLBACKS_POLICY_FILE", str(policy))
    settings = load_settings(mode="demo", public_url="http://127.0.0.1:1", api_url="http://127.0.0.1:1")
    network = demo.sandbox_for(settings, demo.CUSTOMERS, None).state.network
    assert [(p.name, p.role) for p in network.config.phones if p not in demo.CUSTOMERS] == PHONES[number]
    assert network.config.timezone == "America/Toronto"
    network.close()
