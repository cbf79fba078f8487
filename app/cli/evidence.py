"""`evidence`: one emergency's story, audio, carrier records and chain, to be verified without us."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import current_database, not_right, say, wrong_usage
from app.evidence.pack import EXPORTED, Pack, pack
from app.settings import load_local_settings
from app.web.emergency.detail import story_of
from callbacks.messages.catalog import LANGUAGES
from callbacks.store import audits, emergencies, people
from callbacks.store.database import Database


def install(cli: typer.Typer) -> None:
    cli.command()(evidence)


def evidence(
    ref: Annotated[str, typer.Argument(help="Such as E-000042.")],
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="The ZIP to write; never overwritten.")],
    language: Annotated[str, typer.Option("--language", help="Language of the report: en or fr.")] = "en",
) -> None:
    """Exports one emergency as a ZIP that anybody can verify; the export is recorded in the audit log.

    Example: callbacks evidence E-000042 --output E-000042-evidence.zip
    """
    if language not in LANGUAGES:
        wrong_usage(f"--language: {language!r} is not one of {', '.join(LANGUAGES)}")
    database = current_database()
    made = _made(database, ref, language)
    try:
        with output.open("xb") as file:
            file.write(made.content)
    except OSError as error:
        wrong_usage(f"{output}: cannot be written ({error.strerror}); name a new file in a folder of yours")
    with database.write() as session:
        audits.put(session, datetime.now(UTC), "command", "command", EXPORTED, made.ref, sha256=made.sha256)
    say(f"{output}: {len(made.content)} bytes, SHA-256 {made.sha256}")


def _made(database: Database, ref: str, language: str) -> Pack:
    settings = load_local_settings()
    with database.read() as session:
        row = emergencies.by_ref(session, ref)
        if row is None:
            not_right(f"There is no emergency {ref}; a reference looks like E-000042")
        zone = people.current_roster(session).timezone
        return pack(session, story_of(session, row), settings.data_dir, settings.public_url, zone, language)
