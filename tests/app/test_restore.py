"""What an archive says of itself decides nothing: neither who may read what it brings, nor how much that is."""

import shutil
import stat
import tarfile
from collections import namedtuple
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import backup
from app.cli.main import cli
from tests.conftest import fresh_database


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("CALLBACKS_DATABASE_URL", fresh_database("sqlite", tmp_path))
    monkeypatch.setenv("CALLBACKS_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()

    def call(*words: str) -> Result:
        return CliRunner().invoke(cli, list(words))

    return call


def archive(tmp_path: Path) -> Path:
    """A backup whose files everybody may read and run."""
    made, sound = tmp_path / "kept.tar.gz", tmp_path / "sound"
    sound.write_bytes(b"RIFF" + b"\0" * 100)
    with tarfile.open(made, "w:gz") as out:
        for path, name in ((tmp_path / "callbacks.db", backup.DATABASE), (sound, f"{backup.AUDIO}/RE1.wav")):
            info = out.gettarinfo(path, name)
            info.mode = 0o4777
            with path.open("rb") as content:
                out.addfile(info, content)
    return made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_restored_is_readable_by_us_alone(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    kept = archive(tmp_path)
    done = run("restore", str(kept), "--replace")
    assert done.exit_code == 0, done.output
    assert mode(tmp_path / "callbacks.db") == 0o600
    assert mode(tmp_path / "data" / backup.AUDIO / "RE1.wav") == 0o600
    assert mode(tmp_path / "data" / backup.AUDIO) == 0o700


def test_more_than_there_is_room_for_is_refused_before_it_is_unpacked(  # type: ignore[no-untyped-def]
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, before = archive(tmp_path), (tmp_path / "callbacks.db").read_bytes()
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, backup.ROOM_LEFT + 1000))
    done = run("restore", str(kept), "--replace")
    assert done.exit_code == 2 and "1000 bytes that are free" in done.output
    assert (tmp_path / "callbacks.db").read_bytes() == before and not list(tmp_path.glob("*.before-*"))
    assert not (tmp_path / "data" / backup.AUDIO).exists()
