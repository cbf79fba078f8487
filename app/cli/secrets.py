"""`secrets …`: checks whether the current key opens second factors and webhook secrets, and re-encrypts them."""

import typer

from app.cli.console import current_database_of, not_right, say
from app.settings import load_settings
from callbacks.store.sql import sealing

cli_secrets = typer.Typer(help="Encryption of second factors and webhook secrets.", no_args_is_help=True)


def install(cli: typer.Typer) -> None:
    cli.add_typer(cli_secrets, name="secrets")


@cli_secrets.command()
def check() -> None:
    """Counts secrets by the key that encrypts them; exit 1 if one cannot be read or uses an old key.

    Example: callbacks secrets check
    """
    settings = load_settings()
    with current_database_of(settings).read() as session:
        found = sealing.counted(session, settings.secret_box)
    say(f"sealed with CALLBACKS_SECRET_KEY: {found[sealing.CURRENT]}")
    say(f"sealed with a key of CALLBACKS_SECRET_KEY_PREVIOUS: {found[sealing.PREVIOUS]}")
    say(f"not sealed: {found[sealing.PLAIN]}")
    say(f"unreadable: {found[sealing.LOST]}")
    if found[sealing.LOST]:
        not_right("Put the key that sealed them into CALLBACKS_SECRET_KEY_PREVIOUS, or reset those users and webhooks")
    if found[sealing.PLAIN] or found[sealing.PREVIOUS]:
        not_right("Run: callbacks secrets seal")


@cli_secrets.command()
def seal() -> None:
    """Encrypts all secrets with CALLBACKS_SECRET_KEY; every start does the same.

    Example: callbacks secrets seal
    """
    settings = load_settings()
    with current_database_of(settings).write() as session:
        found = sealing.seal_all(session, settings.secret_box)
    say(f"sealed: {found[sealing.PLAIN] + found[sealing.PREVIOUS]}")
    if found[sealing.LOST]:
        not_right(f"{found[sealing.LOST]} cannot be read; see: callbacks secrets check")


@cli_secrets.command()
def unseal() -> None:
    """Decrypts all secrets in the database, to go back to a version that cannot read them.

    Example: callbacks secrets unseal
    """
    settings = load_settings()
    with current_database_of(settings).write() as session:
        found = sealing.unseal_all(session, settings.secret_box)
    say(f"unsealed: {found[sealing.CURRENT] + found[sealing.PREVIOUS]}; guard the database and its backups")
