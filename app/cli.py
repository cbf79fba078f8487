"""The command `callbacks`. Exit 0: fine; 1: what was asked about is not right; 2: wrong usage or settings."""

import io
import logging
import os
import sys

import typer
from sqlalchemy.exc import OperationalError

from app.commands import (
    asking,
    backup,
    customers,
    doctor,
    erasure,
    evidence,
    people,
    policy,
    proof,
    reporting,
    running,
    secret_keys,
    simulate,
    users,
    watching,
)
from app.logs import set_up
from app.settings import SettingsFault, load_local_settings
from callbacks.store.database import EngineLocked
from callbacks.store.opening import DatabaseFault, fault_of

cli = typer.Typer(
    name="callbacks",
    help="After-hours emergency callbacks: a message is paged, a human calls back in time, the ledger proves it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (
    running,
    doctor,
    watching,
    policy,
    people,
    users,
    secret_keys,
    customers,
    erasure,
    asking,
    evidence,
    proof,
    reporting,
    simulate,
    backup,
):
    part.install(cli)


def main() -> None:
    """Runs the command line; faults of settings are told in one line each."""
    if not __debug__:
        sys.stderr.write("Run it without -O (and without PYTHONOPTIMIZE): its own checks are part of it.\n")
        raise SystemExit(2)
    os.umask(0o077)  # what we write holds words, numbers and voices: for this user alone
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a letter that a terminal cannot print loses no line
    set_up(logging.WARNING)  # on standard error: standard output is for what was asked
    try:
        cli()
    except SettingsFault as fault:
        sys.stderr.write("\n".join(fault.lines) + "\n")
        raise SystemExit(2) from None
    except (EngineLocked, DatabaseFault) as fault:
        sys.stderr.write(f"{fault}\n")
        raise SystemExit(2) from None
    except OperationalError as error:  # it went away while the command was at work
        sys.stderr.write(f"{fault_of(load_local_settings().database_url, error)}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
