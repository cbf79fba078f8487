"""Input and output of commands: times in, JSON or lines out."""

import contextlib
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from callbacks.lib.toml import FIRST_YEAR, LAST_YEAR, Fault, FaultyFile

if TYPE_CHECKING:
    from app.settings import Settings
    from callbacks.store.sql.database import Database


def say(line: str = "") -> None:
    typer.echo(line)


def announce(line: str) -> None:
    """What a process that keeps running says of itself: a full disk under its output does not stop it."""
    with contextlib.suppress(OSError):
        say(line)


def say_json(value: Any) -> None:
    """One document on standard output, and nothing else there."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def wrong_usage(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(2)


def not_right(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(1)


def instant(text: str | None, name: str) -> datetime | None:
    """An RFC 3339 time, aware UTC; leaves with exit 2 on anything else."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text.upper())  # RFC 3339 allows t and z
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        wrong_usage(f"{name}: {text!r} is not a time with a time zone; use a form such as 2026-11-24T02:00:00-05:00")
    if not FIRST_YEAR < at.year < LAST_YEAR:
        wrong_usage(f"{name}: year {at.year} is out of range; use one from {FIRST_YEAR + 1} to {LAST_YEAR - 1}")
    return at.astimezone(UTC)


def read_file(path: Path) -> str:
    """The file's text; leaves with exit 2 when it cannot be read."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        wrong_usage(f"{path}: is not UTF-8; save it as UTF-8 text")
    except (OSError, ValueError) as error:
        wrong_usage(f"{path}: cannot be read ({error}); name a text file in UTF-8")


def told(path: Path | str, faults: FaultyFile | Sequence[Fault]) -> list[str]:
    """One line per fault, with its file."""
    return [f"{path}: {fault}" for fault in (faults.faults if isinstance(faults, FaultyFile) else faults)]


def table(rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their widest cell; the first row is the head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def listing(items: Sequence[Mapping[str, Any]], nobody: str, json: bool) -> None:
    """A list as JSON or as a table; `nobody` says what to run when it is empty."""
    if json:
        return say_json({"items": items})
    if not items:
        return say(nobody)
    return table([list(items[0]), *(["" if v is None else str(v) for v in item.values()] for item in items)])


def log_to_standard_error() -> None:
    """Warnings as JSON lines: standard output is for what was asked. A command that logs nothing does not import it."""
    from app.http.logs import set_up

    set_up(logging.WARNING)


def current_database() -> "Database":
    """The database of the settings; leaves with exit 2 on an old schema. Commands that need none do not import it."""
    from app.settings import load_local_settings

    log_to_standard_error()
    return current_database_of(load_local_settings())


def current_database_of(settings: "Settings") -> "Database":
    """The same for settings that were read already."""
    from app.wiring import open_database
    from callbacks.store.sql.migrations import schema_is_current

    database = open_database(settings)
    if not schema_is_current(database):
        wrong_usage("The database schema is not current; run: callbacks migrate")
    return database
