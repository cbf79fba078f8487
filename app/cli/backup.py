"""`backup` and `restore`: one file with the database at one instant, the audio and the checkpoints. For SQLite;
PostgreSQL has tools of its own, which docs/operations.md names."""

import os
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import not_right, say, wrong_usage
from app.settings import Settings, load_local_settings
from callbacks.engine.jobs.checkpoints import NAME as CHECKPOINTS
from callbacks.store.sql.database import EngineLocked, engine_lock, file_of

DATABASE = "callbacks.db"
AUDIO = "recordings"
ROOM_LEFT = 64 * 1024 * 1024
PAGES = 1000  # four megabytes of the database at a time


def install(cli: typer.Typer) -> None:
    cli.command()(backup)
    cli.command()(restore)


def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="Such as callbacks-2026-11-25.tar.gz.")]) -> None:
    """Writes the database, audio and checkpoints to one file while the system keeps running.

    Example: callbacks backup callbacks.tar.gz
    """
    settings = load_local_settings()
    source = _sqlite(settings)
    if file.exists():
        wrong_usage(f"{file} exists; name another file")
    if not source.exists():
        wrong_usage(f"There is no database at {source}; check CALLBACKS_DATABASE_URL")
    with tempfile.TemporaryDirectory(dir=file.absolute().parent) as folder:
        copy, packed = Path(folder) / DATABASE, Path(folder) / "packed"
        _copied(source, copy)
        with tarfile.open(packed, "w:gz") as archive:
            archive.add(copy, DATABASE)
            for extra in (AUDIO, CHECKPOINTS):
                if (settings.data_dir / extra).exists():
                    archive.add(settings.data_dir / extra, extra)
        os.chmod(packed, 0o600)
        os.link(packed, file)  # unlike a rename, this never takes the place of a file that came meanwhile
    say(f"{file}: {file.stat().st_size} bytes; it contains private messages: protect it like the database")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file written by callbacks backup.")],
    replace: Annotated[bool, typer.Option("--replace", help="Move existing data aside.")] = False,
) -> None:
    """Restores a backup; the next start finds later calls in the carrier's records.

    Example: callbacks restore callbacks.tar.gz --replace
    """
    settings = load_local_settings()
    target = _sqlite(settings)
    try:
        lock = engine_lock(settings.database_url)
    except EngineLocked as locked:
        not_right(f"{locked}")
    if target.exists() and not replace:
        wrong_usage(f"{target} exists; use --replace to move it aside")
    with tempfile.TemporaryDirectory(dir=target.absolute().parent) as folder:
        _unpacked(file, Path(folder))
        _whole(Path(folder) / DATABASE)
        _moved_aside(target)
        (Path(folder) / DATABASE).chmod(0o600)
        os.replace(Path(folder) / DATABASE, target)
        for path in (Path(folder) / AUDIO).glob("*"):
            (settings.data_dir / AUDIO).mkdir(mode=0o700, parents=True, exist_ok=True)
            os.replace(path, settings.data_dir / AUDIO / path.name)
        if (Path(folder) / CHECKPOINTS).exists() and not (settings.data_dir / CHECKPOINTS).exists():
            os.replace(Path(folder) / CHECKPOINTS, settings.data_dir / CHECKPOINTS)
    if lock:
        lock.close()
    say(f"{target} restored; run callbacks migrate, start, and check the board: the sweep finds later calls")


def _sqlite(settings: Settings) -> Path:
    path = file_of(settings.database_url)
    if path is None:
        wrong_usage("This works with SQLite only; for PostgreSQL use pg_dump and pg_restore (see docs/operations.md)")
    return path


def _copied(source: Path, copy: Path) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live, closing(sqlite3.connect(copy)) as made:
        live.backup(made, pages=PAGES)  # a part at a time: nobody's commit waits for the whole
        made.execute("PRAGMA journal_mode=DELETE")
    _whole(copy)


def _whole(database: Path) -> None:
    """Leaves with exit 1 for a file that is no sound database of ours."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
            sound = opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            revision = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        not_right(f"It is not a valid callbacks database: {error}")
    if not sound or not revision:
        not_right("Its database is damaged; use an older backup")


def _unpacked(file: Path, folder: Path) -> None:
    """Only the names that a backup has, and only plain files: readable by us alone, whatever the archive says, and not
    more than fits beside what is there."""
    room, size = shutil.disk_usage(folder).free - ROOM_LEFT, 0
    try:
        with tarfile.open(file) as archive:
            for member in archive:
                size += member.size
                if size > room:
                    wrong_usage(f"{file}: unpacked, it needs more than the {max(room, 0)} bytes that are free here")
                parts = Path(member.name).parts
                is_ours = member.name in (DATABASE, CHECKPOINTS) or (len(parts) == 2 and parts[0] == AUDIO)
                if member.isfile() and is_ours:
                    archive.extract(member.replace(mode=0o600, deep=False), folder, filter="data")
    except (OSError, tarfile.TarError) as error:
        wrong_usage(f"{file}: {error}; name a file that callbacks backup wrote")


def _moved_aside(target: Path) -> None:
    n = 1
    while target.with_name(f"{target.name}.before-{n}").exists():
        n += 1
    for part in sorted(target.parent.glob(f"{target.name}*")):
        if part.name in (target.name, f"{target.name}-wal", f"{target.name}-shm", f"{target.name}-journal"):
            os.replace(part, part.with_name(part.name.replace(target.name, f"{target.name}.before-{n}", 1)))
