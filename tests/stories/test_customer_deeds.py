"""Who changed what in the address book stands in the audit list, without numbers, names or reasons."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from callbacks.store.sql import audits
from tests import http
from tests.night import Night
from tests.stories.site import Site

NUMBER, WHY = "+15145550142", "insults Jean of 514-555-0168"


def deeds(night: Night) -> list[tuple[str, str, str, dict[str, Any]]]:
    """The oldest first."""
    with night.database.read() as session:
        rows = audits.latest(session, 100, "customer")
    return [(row.who, row.action, row.about, json.loads(row.details)) for row in reversed(rows)]


@pytest.mark.storage
def test_the_page_puts_down_who_changed_what(night: Night) -> None:
    night.on_call("ana", "bob")
    site = Site(night)
    web = http.Client(base_url=site.url)
    web.cookies.set("callbacks_session", night.logged_in("supervisor", "sue"))
    web.post("/customers", data={"number": NUMBER, "name": "Priya Shah", "language": "en"})
    web.post("/customers", data={"number": NUMBER, "name": "Priya Shah", "language": "en"})
    web.post(
        "/customers",
        data={"number": NUMBER, "name": "Priya S.", "company": "", "language": "en", "notes": "", "edits": "1"},
    )
    web.post("/customers/import", files={"file": ("x.csv", f"number,company\n{NUMBER},Acme\n+15145550143,Bolt\n")})
    web.post("/customers/block", data={"number": NUMBER, "reason": WHY})
    web.post("/customers/unblock", data={"number": NUMBER})
    web.post("/customers/unblock", data={"number": NUMBER})
    found = deeds(night)
    before = found[4][3].pop("blocked_at")
    assert before.startswith("2026-")
    assert found == [
        ("sue", "customer.added", "…42", {"fields": ["number", "name", "company", "language", "notes"]}),
        ("sue", "customer.edited", "…42", {"fields": ["name"]}),
        ("sue", "customer.imported", "2 changed", {"rows": 2}),
        ("sue", "customer.blocked", "…42", {}),
        ("sue", "customer.unblocked", "…42", {"blocked_by": "sue"}),
    ]
    assert "customer.blocked" in web.get("/people?action=customer").text
    assert not any(word in str(found) for word in (NUMBER, "Priya", "Acme", "Jean", WHY))
    site.server.stop()
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_the_commands_put_it_down_too(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBACKS_DATABASE_URL", night.settings.database_url)
    for words in (
        ("set", NUMBER, "--name", "Priya"), ("block", NUMBER, "--by", "ana", "--reason", WHY), ("unblock", NUMBER), ("forget", NUMBER),
    ):  # fmt: skip
        assert CliRunner().invoke(cli, ["customers", *words]).exit_code == 0
    assert [(who, action) for who, action, _, _ in deeds(night)] == [
        ("command line", "customer.added"), ("ana", "customer.blocked"), ("command line", "customer.unblocked"),
        ("command line", "customer.forgotten"),
    ]  # fmt: skip
    assert deeds(night)[2][3]["blocked_by"] == "ana"
    night.nobody_else_was_contacted()
