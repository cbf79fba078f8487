"""`user …` and `token …`: accounts for people, and tokens for programs."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, NoReturn, TypeVar

import typer

from app.auth import login_throttle, passwords
from app.cli.console import current_database, listing, not_right, say, wrong_usage
from callbacks.lib.toml import parse_duration
from callbacks.lib.wallclock import rfc3339
from callbacks.oncall.roster import Role
from callbacks.store.errors import Conflict
from callbacks.store.sql import access_changes, sessions, tables, tokens, users
from callbacks.store.sql.transaction import Transaction

T = TypeVar("T")
BY = "command line"
cli_users = typer.Typer(help="People who log in.", no_args_is_help=True)
cli_tokens = typer.Typer(help="API tokens.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Email = Annotated[str, typer.Argument(help="The address they log in with.")]
PERSON_HELP = "Their name on the roster; a user's is guessed from the address."
Person = Annotated[str | None, typer.Option("--person", metavar="NAME", help=PERSON_HELP)]


def install(cli: typer.Typer) -> None:
    cli.add_typer(cli_users, name="user")
    cli.add_typer(cli_tokens, name="token")


@cli_users.command()
def add(
    email: Email,
    role: Annotated[str, typer.Option("--role", help=f"One of {', '.join(users.ROLES)}.")],
    person: Person = None,
) -> None:
    """Adds a user and prints their first password once; they change it at the first login.

    Example: callbacks user add sue@example.com --role supervisor
    """
    _known_role(role)
    if "@" not in email.strip("@"):
        wrong_usage(f"{email!r} is not an e-mail address; use one such as sue@example.com")
    password = passwords.first_password()
    hashed = passwords.hashed(password)

    def work(session: Transaction, now: datetime) -> None:
        who = _person(session, person or "") or (None if person else _person(session, email.split("@")[0]))
        if person and who is None:
            _not_on_roster(session, person)
        users.add(session, email, role, who, hashed, BY, now)
        session.audits.put(now, BY, "command", "user.added", users.spelled(email), role=role, person=who)

    try:
        _write(work)
    except Conflict:
        not_right(f"{email} is already a user; reset the password with: callbacks user reset {email}")
    _say_first(password)


@cli_users.command("list")
def list_users(json: Json = False) -> None:
    """Lists users.

    Example: callbacks user list
    """
    with current_database().read() as session:
        rows = users.everybody(session)
    items = [
        {
            "email": u.email,
            "role": u.role,
            "person": u.person,
            "second_factor": u.totp_since is not None,
            "disabled": u.disabled_at is not None,
            "last_login": rfc3339(u.seen_at),
        }
        for u in rows
    ]
    listing(items, "nobody yet; run: callbacks user add EMAIL --role supervisor", json)


@cli_users.command()
def change(
    email: Email,
    role: Annotated[str | None, typer.Option("--role", help=f"One of {', '.join(users.ROLES)}.")] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="NAME", help="Their name on the roster; '' for none.")
    ] = None,
) -> None:
    """Changes a user's role or roster name; ends their sessions and tokens with more rights.

    Example: callbacks user change bob@example.com --role supervisor
    """
    if role is None and person is None:
        wrong_usage("Give --role, --person or both.")
    if role is not None:
        _known_role(role)

    def work(session: Transaction, now: datetime) -> str:
        row = _known(session, email)
        if person and _person(session, person) is None:
            _not_on_roster(session, person)
        whom = row.person if person is None else person or None
        access_changes.place(session, row, role or row.role, whom, BY, "command", now)
        session.audits.put(now, BY, "command", "user.changed", row.email, role=row.role, person=row.person)
        return f"{row.email}: {row.role}{f', {row.person}' if row.person else ''}"

    say(_write(work))


@cli_users.command()
def disable(email: Email) -> None:
    """Disables a user: ends their sessions, tokens and calendar links.

    Example: callbacks user disable sue@example.com
    """

    def work(session: Transaction, now: datetime) -> list[tables.Token]:
        row = _known(session, email)
        session.audits.put(now, BY, "command", "user.disabled", row.email)
        return access_changes.disable(session, row, BY, "command", now)

    made = _write(work)
    say(f"{email} disabled")
    for token in made:
        say(
            f"they made a token that stays valid ({token.name or token.role}); end it with: "
            f"callbacks token revoke {token.id}"
        )


@cli_users.command()
def enable(email: Email) -> None:
    """Enables a disabled user.

    Example: callbacks user enable sue@example.com
    """

    def work(session: Transaction, now: datetime) -> None:
        row = _known(session, email)
        users.enable(row)
        session.audits.put(now, BY, "command", "user.enabled", row.email)

    _write(work)
    say(f"{email} enabled")


@cli_users.command()
def reset(email: Email) -> None:
    """Prints a new first password once, resets the second factor and ends every session.

    Example: callbacks user reset sue@example.com
    """
    password = passwords.first_password()
    hashed = passwords.hashed(password)

    def work(session: Transaction, now: datetime) -> None:
        row = _known(session, email)
        users.reset(session, row, hashed, now)
        login_throttle.forget_user(session, row)
        sessions.end_all(session, row.id, now)
        session.audits.put(now, BY, "command", "user.reset", row.email)

    _write(work)
    _say_first(password)


@cli_tokens.command()
def new(
    role: Annotated[str, typer.Option("--role", help=f"One of {', '.join(Role)}.")],
    name: Annotated[str, typer.Option("--name", help="What it is for, shown in lists.")] = "",
    person: Person = None,
    expires: Annotated[
        str, typer.Option("--expires", metavar="LENGTH", help="Such as 90d.")
    ] = f"{tokens.DEFAULT_DAYS}d",
    forever: Annotated[bool, typer.Option("--forever", help="The token never expires.")] = False,
) -> None:
    """Creates an API token and prints the secret once; the expiry goes to standard error.

    Example: callbacks token new --role auditor --name "month report" --expires 90d
    """
    _known_role(role, tuple(Role))
    try:
        length = None if forever else parse_duration(expires)
    except ValueError as fault:
        wrong_usage(f"--expires: {fault}")

    def work(session: Transaction, now: datetime) -> tuple[str, datetime | None]:
        if person and _person(session, person) is None:
            _not_on_roster(session, person)
        until = now + length if length else None
        session.audits.put(now, BY, "command", "token.made", name, role=role, person=person)
        return tokens.new_token(session, role, now, name, person, until, BY), until

    secret, until = _write(work)
    typer.echo(
        f"It expires at {rfc3339(until)}." if until else "It never expires; revoke it when it is no longer used.",
        err=True,
    )
    say(secret)


@cli_tokens.command("list")
def list_tokens(json: Json = False) -> None:
    """Lists tokens, without their secrets.

    Example: callbacks token list
    """
    with current_database().read() as session:
        rows = tokens.everything(session)
    items = [
        {
            "id": t.id,
            "role": t.role,
            "name": t.name,
            "person": t.person,
            "created_at": rfc3339(t.created_at),
            "expires_at": rfc3339(t.expires_at),
            "revoked_at": rfc3339(t.revoked_at),
        }
        for t in rows
    ]
    listing(items, "none yet; run: callbacks token new --role auditor", json)


@cli_tokens.command()
def revoke(token: Annotated[str, typer.Argument(help="The token's id, from: callbacks token list")]) -> None:
    """Revokes a token.

    Example: callbacks token revoke 1f2e3d4c5b6a7988
    """

    def work(session: Transaction, now: datetime) -> bool:
        was_live = tokens.revoke(session, token, now)
        if was_live:
            session.audits.put(now, BY, "command", "token.revoked", token)
        return was_live

    if not _write(work):
        not_right(f"There is no live token {token!r}; see: callbacks token list")
    say("revoked")


def _known_role(role: str, roles: tuple[str, ...] = users.ROLES) -> None:
    if role not in roles:
        wrong_usage(f"--role: there is no role {role!r}; use one of {', '.join(roles)}")


def _known(session: Transaction, email: str) -> tables.User:
    row = users.by_email(session, email)
    if row is None:
        not_right(f"There is no user {email}; see: callbacks user list")
    return row


def _person(session: Transaction, name: str) -> str | None:
    """The name, when it is on the roster; a technician sees what is this person's."""
    return name if session.people.current_roster().person(name) else None


def _not_on_roster(session: Transaction, person: str) -> NoReturn:
    known = [p.name for p in session.people.current_roster().people]
    not_right(f"There is no {person!r} on the roster; it has {', '.join(known) or 'nobody yet'}")


def _say_first(password: str) -> None:
    """Only the password on standard output; until when it is good beside it."""
    say(password)
    typer.echo(f"It is valid for {users.FIRST_PASSWORD_HOURS} hours and the first login.", err=True)


def _write(work: Callable[[Transaction, datetime], T]) -> T:
    with current_database().write() as session:
        return work(session, datetime.now(UTC))
