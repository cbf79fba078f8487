"""All checks in order, for the command and the page."""

from collections.abc import Iterator
from datetime import datetime

from app.doctor import carrier, ground, house
from app.doctor.finding import Finding, finding, fine
from app.settings import Settings
from callbacks.engine.world import World
from callbacks.telephony.gateway import CarrierError


def examine(settings: Settings, world: World, now: datetime) -> Iterator[Finding]:
    """Everything that would stop a page tonight. Asks the carrier and our own public address; takes seconds."""
    yield fine("settings", "complete")
    yield from ground.mode(settings)
    yield from ground.interpreter()
    yield from ground.way_to_database(settings.database_url)
    ours = list(house.database(world.database))
    yield from ours
    if all(f.ok for f in ours):
        yield from _examine_house(world, now)
    yield from house.texts(settings.public_url)
    yield from house.notify(settings)
    yield from house.heartbeat(settings)
    yield from house.disk(settings)
    yield from carrier.account(world.gateway)
    yield from carrier.tokens(world.gateway)
    yield from carrier.number(world.gateway, settings)
    yield from carrier.round_trip(settings)
    yield from carrier.page(settings)


def mended(world: World, settings: Settings) -> Iterator[Finding]:
    """Sets the number's addresses. What could not be set; the checks that follow say why."""
    try:
        carrier.mend(world.gateway, settings)
    except CarrierError as error:
        yield finding(
            "fix", False, "the number's addresses could not be set (%(error)s)",
            "customers' calls or technicians' replies do not reach us",
            "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (or the API key), then run it again", error=error.why,
        )  # fmt: skip


def _examine_house(world: World, now: datetime) -> Iterator[Finding]:
    with world.database.read() as session:
        duty = world.duty(session)
        yield from house.engine(session, now)
        yield from house.roster(duty, world.policy)
        yield from house.gaps(duty, world.policy, now)
        yield from house.calendars(session, duty, now)
        yield from house.readiness(session, duty, now)
