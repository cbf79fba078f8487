"""All checks in order, for the command and the page; what they found is kept for the pages to show."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.doctor import carrier, local
from app.doctor.finding import Finding, finding, fine
from app.settings import Settings
from callbacks.engine.context import EngineContext
from callbacks.store.sql import checks
from callbacks.store.sql.database import sql_store
from callbacks.store.sql.transaction import Transaction
from callbacks.telephony.gateway import CarrierError


def examine(settings: Settings, context: EngineContext, now: datetime) -> Iterator[Finding]:
    """Everything that would stop a page tonight. Asks the carrier and our own public address; takes seconds."""
    yield fine("settings", "complete")
    yield from local.mode(settings)
    yield from local.interpreter()
    yield from local.way_to_database(settings.database_url)
    ours = list(local.database(sql_store(context.database)))
    yield from ours
    if all(f.ok for f in ours):
        yield from _examine_engine(context, now)
    yield from local.texts(settings.public_url)
    yield from local.notify(settings)
    yield from local.heartbeat(settings)
    yield from local.disk(settings)
    yield from carrier.account(context.gateway)
    yield from carrier.tokens(context.gateway)
    yield from carrier.number(context.gateway, settings)
    yield from carrier.round_trip(settings)
    yield from carrier.page(settings)


def result(context: EngineContext, settings: Settings, found: Sequence[Finding]) -> str:
    """What was found, and the number's addresses as they are at the carrier, to be kept."""
    theirs = [asdict(address) for address in carrier.addresses(context.gateway, settings)]
    return json.dumps({"findings": [_kept(f) for f in found], "addresses": theirs}, ensure_ascii=False)


def keep(
    session: Transaction, now: datetime, who: str, via: str, action: str, found: Sequence[Finding], kept: str
) -> None:
    checks.keep_examination(session, now, who, kept)
    session.audits.put(now, who, via, action, faults=sum(f.ok is False for f in found))


def is_fit(session: Transaction) -> bool:
    """Whether somebody had everything checked, and nothing was wrong."""
    last = checks.latest_examination(session)
    return last is not None and all(f["ok"] is not False for f in json.loads(last.result)["findings"])


def _kept(found: Finding) -> dict[str, Any]:
    """What is kept of a finding: its forms and facts, so that each reader has it in their language."""
    form = found.form
    return {
        "ok": found.ok,
        "name": form.name,
        "what": form.what,
        "why": form.why,
        "fix": form.fix,
        "facts": dict(form.facts),
    }


def fix_number(context: EngineContext, settings: Settings) -> Iterator[Finding]:
    """Sets the number's addresses. What could not be set; the checks that follow say why."""
    try:
        carrier.set_addresses(context.gateway, settings)
    except CarrierError as error:
        yield finding(
            "fix",
            False,
            "the number's webhook URLs could not be set (%(error)s)",
            "customers' calls or technicians' replies do not reach us",
            "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (or the API key), then run it again",
            error=error.why,
        )


def _examine_engine(context: EngineContext, now: datetime) -> Iterator[Finding]:
    with sql_store(context.database).read() as session:
        duty = context.duty(session)
        yield from local.engine(session, now)
        yield from local.roster(duty, context.policy)
        yield from local.gaps(duty, context.policy, now)
        yield from local.calendars(session, duty, now)
        yield from local.readiness(session, duty, now)
