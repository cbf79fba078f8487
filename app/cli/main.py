"""The command `callbacks`. Exit 0: fine; 1: what was asked about is not right; 2: wrong usage or settings."""

import importlib
import io
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter


class Entry(NamedTuple):
    """The module of `app/cli` that makes a command, and the command's line in `callbacks --help`."""

    module: str
    summary: str


# The list of commands is printed without importing one of them: all together take seconds.
COMMANDS = {
    "demo": Entry("running", "Runs a whole night on this machine: web, engine and phone sandbox on one port."),
    "serve": Entry("running", "Serves webhooks, pages and the API, and runs the engine."),
    "engine": Entry("running", "Runs the engine alone: any number on PostgreSQL, one on SQLite."),
    "migrate": Entry("running", "Upgrades the database schema."),
    "sandbox": Entry("running", "Runs the phone sandbox alone: the carrier's REST API and the phones page."),
    "doctor": Entry("doctor", "Checks everything that would stop a page tonight, and says how to fix each fault."),
    "drill": Entry("drill", "Sends a real page marked DRILL and waits up to 10 minutes for the acknowledgement."),
    "reconcile": Entry(
        "drill",
        "Compares with the carrier's records now: opens and pages calls whose webhook was lost.",
    ),
    "hours": Entry("policy", "Shows whether support is open and when that changes, or the open periods."),
    "deadline": Entry("policy", "Shows by when each priority must be reacted to and resolved."),
    "policy": Entry("policy", "The support policy."),
    "oncall": Entry("people", "Shows who is on call at a time, or the shifts in a period."),
    "roster": Entry("people", "People, rotations and overrides, as a TOML file."),
    "user": Entry("users", "People who log in."),
    "token": Entry("users", "API tokens."),
    "secrets": Entry("secrets", "Encryption of second factors and webhook secrets."),
    "customers": Entry("customers", "The customers' address book, and blocked callers."),
    "erase": Entry(
        "customers",
        "Erases a customer's audio, number, name and words, here and at the carrier; keeps the ledger.",
    ),
    "show": Entry("ledger", "Shows one emergency with its ledger and verdict."),
    "list": Entry("ledger", "Lists emergencies, oldest first."),
    "verify": Entry(
        "ledger", "Recomputes every chain, summary and verdict from the ledger, and looks for missing rows."
    ),
    "evidence": Entry(
        "ledger",
        "Exports one emergency as a ZIP that anybody can verify; the export is recorded in the audit log.",
    ),
    "checkpoints": Entry("ledger", "Checkpoints that prove the ledgers complete."),
    "report": Entry("report", "Reports how often the promise was kept."),
    "simulate": Entry("simulate", "Simulates nights: how often the promise is kept, and what would raise it most."),
    "backup": Entry("backup", "Writes the database, audio and checkpoints to one file while the system keeps running."),
    "restore": Entry(
        "backup",
        "Restores a backup; the next start finds later calls in the carrier's records.",
    ),
}


SELDOM_LOG = ("policy", "people")  # they turn the log on when they open a database or read a calendar


class Commands(TyperGroup):
    """Imports a command's module when the command is called."""

    def list_commands(self, ctx: "Context") -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            made = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
            made.callback()(lambda: None)  # a single command stays a command
            if COMMANDS[cmd_name].module not in SELDOM_LOG:
                from app.cli.console import log_to_standard_error

                log_to_standard_error()
            importlib.import_module(f"app.cli.{COMMANDS[cmd_name].module}").install(made)
            group = typer.main.get_command(made)
            assert isinstance(group, TyperGroup)
            self.commands.update(group.commands)
        return self.commands[cmd_name]

    def resolve_command(self, ctx: "Context", args: list[str]) -> "tuple[str | None, Command | None, list[str]]":
        if args[0] not in COMMANDS:
            for name in COMMANDS:  # mistyped: the nearest is suggested from all of them
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


cli = typer.Typer(
    cls=Commands,
    name="callbacks",
    help="After-hours emergency callbacks: a message pages the technician on call, a person calls back in time, and "
    "the ledger proves it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cli.callback()(lambda: None)


def main() -> None:
    """Runs the command line; faults of settings are told in one line each."""
    if not __debug__:
        sys.stderr.write("Do not use -O or PYTHONOPTIMIZE: the program needs its assertions.\n")
        raise SystemExit(2)
    os.umask(0o077)  # what we write holds words, numbers and voices: for this user alone
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a letter that a terminal cannot print loses no line
    try:
        cli()
    except Exception as error:
        lines = _fault_lines(error)
        if lines is None:
            raise
        sys.stderr.write("\n".join(lines) + "\n")
        raise SystemExit(2) from None


def _fault_lines(error: Exception) -> list[str] | None:
    """What to say of a fault of the settings or the database; None of any other error. Imported here, because most
    commands end well and `--help` needs none of it."""
    from app.settings import SettingsFault, load_local_settings
    from callbacks.store.errors import DatabaseUnavailable
    from callbacks.store.sql.database import DatabaseFault, EngineLocked, fault_of

    match error:
        case SettingsFault():
            return error.lines
        case EngineLocked() | DatabaseFault():
            return [str(error)]
        case DatabaseUnavailable():  # the database went away while the command was at work
            return [str(fault_of(load_local_settings().database_url, error))]
        case _:
            return None
