"""Is all that must be true, true? Looked at by itself, every 15 s, without regard to locks.

- Only when every question is answered well is the heartbeat pinged: its silence is the alarm, off this machine.
- What is wrong is told to supervisors by another path than the one that may be broken: straight to the carrier and
  to the notify URLs, past the outbox; each thing again every quarter of an hour while it lasts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from callbacks import wording
from callbacks.engine.intake import ref_of
from callbacks.engine.reconcile import NAME as SWEEP
from callbacks.engine.world import World
from callbacks.store import audit_queries as ask
from callbacks.store import nodes
from callbacks.store.tables import CarrierRow
from callbacks.telephony.gateway import CarrierError

log = structlog.get_logger()
EVERY_SECONDS = 15.0
SLEEPS, WAITS, SILENT = timedelta(seconds=15), timedelta(seconds=60), timedelta(seconds=15)
SWEEP_LATE, PAGED_WITHIN = timedelta(seconds=120), timedelta(seconds=15)
AGAIN, NUMBER_EVERY, PING_EVERY = timedelta(minutes=15), timedelta(minutes=5), timedelta(seconds=30)
ALARM_VALID_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Violation:
    """`slug` names what is not true; `what` says of which emergencies or rows."""

    slug: str
    what: str = ""


@dataclass
class Auditor:
    """One node's auditor; remembers what it told and when, so that a dead database does not silence it."""

    world: World
    _told: dict[str, datetime] = field(default_factory=dict)
    _number_at: datetime | None = None
    _number: Violation | None = None
    _pinged_at: datetime | None = None

    def look(self) -> list[Violation]:
        """One audit: everything that is wrong now, told; a ping when nothing is."""
        now = self.world.clock.now()
        found = [*self._rows(now), *self._carrier(now)]
        for violation in found:
            self._tell(violation, now)
        if not found:
            self._ping(now)
        return found

    def _rows(self, now: datetime) -> list[Violation]:
        try:
            with self.world.database.read() as session:
                return list(violations(session, now))
        except Exception as error:
            log.error("audit.unreadable", error=type(error).__name__)
            return [Violation("audit-database", type(error).__name__)]

    def _carrier(self, now: datetime) -> Iterator[Violation]:
        """A canary: the account answers and is active; every five minutes, the number's addresses are ours."""
        try:
            status, _ = self.world.gateway.account()
            if status != "active":
                yield Violation("audit-account", status)
            if self._number_at is None or now - self._number_at >= NUMBER_EVERY:
                self._number, self._number_at = drift(self.world), now
        except CarrierError as error:
            yield Violation("audit-carrier", error.why)
        if self._number:
            yield self._number

    def _tell(self, violation: Violation, now: datetime) -> None:
        last = self._told.get(violation.slug)
        if last and now - last < AGAIN:
            return
        self._told[violation.slug] = now
        log.error("audit.violated", slug=violation.slug, what=violation.what)
        words = {language: wording.general(violation.slug, language, what=violation.what) for language in ("en", "fr")}
        for deed in (lambda: self._to_channels(words["en"]), lambda: self._to_phones(words)):
            _guarded(deed)

    def _to_channels(self, words: str) -> None:
        if self.world.alarm:
            self.world.alarm(words)

    def _to_phones(self, words: dict[str, str]) -> None:
        with self.world.database.read() as session:
            supervisors = self.world.duty(session).supervisors
        for s in supervisors:
            if "sms" in s.channels:
                text, url = words.get(s.language, words["en"]), self.world.url("/twilio/status/message/audit")
                self._remember(self.world.gateway.send_text(s.number, text, url, ALARM_VALID_SECONDS), s.number)

    def _remember(self, sid: str, number: str) -> None:
        """It left past the outbox; it is ours all the same."""
        now = self.world.clock.now()
        row = CarrierRow(
            sid=sid, kind="message", direction="outbound-api", from_number="", to_number=number, status="queued",
            first_seen_at=now, updated_at=now,
        )  # fmt: skip
        with self.world.database.write() as session:
            session.merge(row)

    def _ping(self, now: datetime) -> None:
        if self.world.heartbeat is None or (self._pinged_at and now - self._pinged_at < PING_EVERY):
            return
        self._pinged_at = now
        _guarded(self.world.heartbeat)


def violations(session: Session, now: datetime) -> Iterator[Violation]:
    """What is not true of the rows at `now`."""
    sleeping = ask.unwatched(session, now, SLEEPS)
    if sleeping:
        yield Violation("audit-asleep", ", ".join(map(ref_of, sleeping)))
    unpaged = ask.unpaged(session, now, PAGED_WITHIN)
    if unpaged:
        yield Violation("audit-unpaged", ", ".join(map(ref_of, unpaged)))
    kinds = ask.stuck(session, now, WAITS)
    if kinds:
        yield Violation("audit-stuck", ", ".join(kinds))
    ran_at, error = ask.last_sweep(session, SWEEP)
    if error or ran_at is None or now - ran_at > SWEEP_LATE:
        yield Violation("audit-sweep", error or "late")
    beat = nodes.last_beat(session)
    if beat is None or now - beat > SILENT:
        yield Violation("audit-engine")


def drift(world: World) -> Violation | None:
    """Whether the carrier would still call us: the number's addresses are ours. Raises CarrierError."""
    found = world.gateway.own_number()
    if found is None:
        return Violation("audit-number", "none")
    ours = (world.url("/twilio/voice"), world.url("/twilio/voice/ended"), world.url("/twilio/sms"))
    theirs = tuple(url.partition("#")[0] for url in (found.voice_url, found.status_url, found.sms_url))
    return None if theirs == ours and set(found.methods) == {"POST"} else Violation("audit-number", "changed")


def _guarded(deed: Callable[[], None]) -> None:
    """One broken way out keeps no other from being tried."""
    try:
        deed()
    except Exception as error:
        log.error("audit.untold", error=type(error).__name__)
