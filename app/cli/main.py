"""The command `callbacks`. Exit 0: fine; 1: what was asked about is not right; 2: wrong usage or settings."""

import importlib
import io
import logging
import os
import sys
from typing import Any

import typer
from sqlalchemy.exc import OperationalError

from app.http.logs import set_up
from app.settings import SettingsFault, load_local_settings
from callbacks.store.database import DatabaseFault, EngineLocked, fault_of

# Which module of `app/cli` makes a command. One command imports one of them: all together take seconds.
MODULES = {
    "demo": "running",
    "serve": "running",
    "engine": "running",
    "migrate": "running",
    "sandbox": "running",
    "doctor": "doctor",
    "drill": "drill",
    "reconcile": "drill",
    "hours": "policy",
    "deadline": "policy",
    "policy": "policy",
    "oncall": "people",
    "roster": "people",
    "user": "users",
    "token": "users",
    "secrets": "secrets",
    "customers": "customers",
    "erase": "erasure",
    "show": "ledger",
    "list": "ledger",
    "verify": "ledger",
    "evidence": "evidence",
    "anchors": "anchors",
    "report": "report",
    "simulate": "simulate",
    "backup": "backup",
    "restore": "backup",
}


def assembled(word: str | None = None) -> typer.Typer:
    """The command line: with the commands of the module that makes `word`, or with all of them."""
    cli = typer.Typer(
        name="callbacks",
        help="After-hours emergency callbacks: a message is paged, a human calls back in time, the ledger proves it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    cli.callback()(lambda: None)  # a single command stays a command
    for module in [MODULES[word]] if word in MODULES else dict.fromkeys(MODULES.values()):
        importlib.import_module(f"app.cli.{module}").install(cli)
    return cli


def __getattr__(name: str) -> Any:
    if name == "cli":
        return assembled()
    raise AttributeError(name)


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
        assembled(next((word for word in sys.argv[1:] if not word.startswith("-")), None))()
    except SettingsFault as fault:
        sys.stderr.write("\n".join(fault.lines) + "\n")
        raise SystemExit(2) from None
    except (EngineLocked, DatabaseFault) as fault:
        sys.stderr.write(f"{fault}\n")
        raise SystemExit(2) from None
    except OperationalError as error:  # it went away while the command was at work
        sys.stderr.write(f"{fault_of(load_local_settings().database_url, error)}\n")
        raise SystemExit(2) from None
