"""The restore drill: a night, a backup while it runs, more of the night, and then all is lost but the backup (F74)."""

import json
import os
import stat
import tarfile
from pathlib import Path

import pytest

from app.cli.backup import DATABASE
from tests.faults.desk import Desk, code_in, eventually


def refused(desk: Desk, *words: str) -> str:
    """What a command says that leaves with another status than 0."""
    try:
        desk.command(*words)
    except AssertionError as told:
        return str(told)
    raise AssertionError("it was not refused")


def test_a_night_comes_back_from_its_backup(desk: Desk, tmp_path: Path) -> None:
    """F74, I1, I17: what was over stays over and wakes nobody; the call that came after the backup is found at the carrier."""
    desk.start()
    desk.leave_message()
    page = eventually(desk.paged)[0]
    for text in (f"4 {code_in(page.body)}", f"6 {code_in(page.body)} fixed"):
        desk.carrier.post("/sandbox/api/messages", json={"from": page.to_number, "body": text})
    eventually(lambda: json.loads(desk.command("show", "E-000001", "--json"))["state"] == "resolved")
    audio = eventually(lambda: list((tmp_path / "recordings").glob("*.wav")))[0]
    kept = tmp_path / "kept.tar.gz"
    assert "private messages" in desk.command("backup", str(kept))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "exists" in refused(desk, "backup", str(kept))
    desk.leave_message(customer=1)
    eventually(lambda: [m for m in desk.paged() if "E-000002" in m.body])
    first = [m.sid for m in desk.paged() if "E-000001" in m.body]
    assert "stop it first" in refused(desk, "restore", str(kept), "--replace")
    desk.kill()
    assert "--replace" in refused(desk, "restore", str(kept))
    sound = audio.read_bytes()
    audio.unlink()
    desk.command("restore", str(kept), "--replace")
    assert audio.read_bytes() == sound
    assert (tmp_path / "callbacks.db.before-1").exists()
    assert [e["ref"] for e in json.loads(desk.command("list", "--json"))["items"]] == ["E-000001"]
    desk.start()
    eventually(lambda: len(json.loads(desk.command("list", "--json"))["items"]) == 2, 60)
    assert [m.sid for m in desk.paged() if "E-000001" in m.body] == first
    desk.command("verify")


@pytest.mark.parametrize("damage", ["cut", "not-ours", "other-names"])
def test_what_is_no_backup_is_refused_and_changes_nothing(desk: Desk, tmp_path: Path, damage: str) -> None:
    kept, before = tmp_path / "kept.tar.gz", (tmp_path / "callbacks.db").read_bytes()
    if damage == "not-ours":
        kept.write_bytes(b"nothing of ours" * 99)
    else:
        with tarfile.open(kept, "w:gz") as archive:
            broken = tmp_path / "broken"
            broken.write_bytes(b"SQLite format 3\x00" + os.urandom(4000))
            archive.add(broken, DATABASE if damage == "cut" else "../../callbacks.db")
    assert refused(desk, "restore", str(kept), "--replace")
    assert (tmp_path / "callbacks.db").read_bytes() == before
    assert not list(tmp_path.glob("*.before-*"))
