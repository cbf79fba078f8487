"""`doctor`: everything that would stop a page tonight."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from app.commands.console import say, say_json
from app.doctor import carrier, house
from app.doctor.finding import Finding
from app.settings import Settings, load_settings
from app.wiring import build_world, open_database
from callbacks import wording
from callbacks.engine.clock import SystemClock
from callbacks.engine.world import World
from callbacks.telephony import twiml
from callbacks.telephony.gateway import CarrierError


def install(cli: typer.Typer) -> None:
    cli.command()(doctor)


def doctor(
    json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Set the number's addresses at the carrier.")] = False,
    print_fallback: Annotated[
        bool, typer.Option("--print-fallback", help="Print the TwiML to host at the carrier, alone.")
    ] = False,
) -> None:
    """Checks everything that would stop a page tonight; each fault with why it matters and what to do.

    Example: callbacks doctor --fix
    """
    settings = load_settings()
    with closing(open_database(settings)) as database:
        world = build_world(settings, database, SystemClock())
        if print_fallback:
            return say(fallback(world))
        found: list[Finding] = []
        if fix:
            found = list(_mended(world, settings))
        found += _examine(settings, world)
    healthy = all(f.ok is not False for f in found)
    if json:
        say_json({"ok": healthy, "checks": [f.record() for f in found]})
    else:
        for finding in found:
            say("\n".join(finding.lines()))
        say("fit for tonight" if healthy else "NOT fit for tonight")
    raise typer.Exit(0 if healthy else 1)


def _mended(world: World, settings: Settings) -> Iterator[Finding]:
    """What could not be set; the checks that follow say why."""
    try:
        carrier.mend(world.gateway, settings)
    except CarrierError as error:
        yield Finding(
            "fix", False, f"the number's addresses could not be set ({error.why})",
            "customers' calls or technicians' replies do not reach us",
            "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (or the API key), then run it again",
        )  # fmt: skip


def fallback(world: World) -> str:
    """A document for the carrier to keep: it greets and records while we are down; the sweep finds the call."""
    policy, url = world.policy, world.url
    within = policy.promise.callback_within
    said = [
        (language, wording.text(slug, language, promise=wording.promise_length(within, language)))
        for language in policy.intake.languages
        for slug in ("greeting-closed", "greeting-ask")
    ]
    return twiml.document(
        twiml.message(
            [said],
            action=url("/twilio/voice/message"),
            status_url=url("/twilio/voice/recording"),
            after=url("/twilio/voice/after"),
            longest=int(policy.intake.max_message.total_seconds()),
        )
    )


def _examine(settings: Settings, world: World) -> Iterator[Finding]:
    yield Finding("settings", True, "complete")
    ours = list(house.database(world.database))
    yield from ours
    if all(f.ok for f in ours):
        yield from _examine_house(world)
    yield from house.texts()
    yield from house.notify(settings)
    yield from carrier.account(world.gateway)
    yield from carrier.number(world.gateway, settings)
    yield from carrier.round_trip(settings)


def _examine_house(world: World) -> Iterator[Finding]:
    now = datetime.now(UTC)
    with world.database.read() as session:
        duty = world.duty(session)
        yield from house.engine(session, now)
        yield from house.roster(duty, world.policy)
        yield from house.gaps(duty, world.policy, now)
        yield from house.readiness(session, duty, now)
