"""Is all that must be true, true? Looked at by itself, every 15 s, without regard to locks.

- Only when every question is answered well is the heartbeat pinged: its silence is the alarm, off this machine.
- What is wrong is told to supervisors by another path than the one that may be broken: straight to the carrier and
  to the notify URLs, past the outbox; each thing again every quarter of an hour while it lasts. What nobody could be
  told is tried again at the next look.
- Of several nodes the one that writes it down first tells it. One that cannot write tells it all the same.
"""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from callbacks.delivery.delivery_policy import Direction
from callbacks.emergency.model import ref_of
from callbacks.engine.context import EngineContext
from callbacks.engine.jobs import checkpoints
from callbacks.engine.reconcile import lost_texts, tokens
from callbacks.engine.reconcile.reconcile import NAME as SWEEP
from callbacks.messages import wording
from callbacks.oncall.coverage import Contact
from callbacks.store import checks
from callbacks.store.interface import Transaction
from callbacks.store.rows import CarrierRow
from callbacks.telephony.gateway import CarrierError

log = structlog.get_logger()
EVERY_SECONDS = 15.0
SLEEPS = timedelta(seconds=15)
WAITS = timedelta(seconds=60)
SILENT = timedelta(seconds=15)
SWEEP_LATE = timedelta(seconds=120)
PAGED_WITHIN = timedelta(seconds=15)
AGAIN = timedelta(minutes=15)
NUMBER_EVERY = timedelta(minutes=5)
PING_EVERY = timedelta(seconds=30)
TOKEN_KNOWN = timedelta(minutes=2)
TOGETHER = timedelta(minutes=10)
TELLS_WITHIN = timedelta(minutes=1)
ALARM_VALID_SECONDS = 300
ONE_DAY = timedelta(days=1)
CHECKPOINTS_LAG = timedelta(minutes=5)  # they are looked at twice a minute
SLOW = (
    "audit-checkpoints",
    "audit-checkpoints-behind",
)  # told again after a day: it needs an operator, not tonight's people

ONE_THING = ("audit-database", "audit-carrier", "audit-sweep")  # whatever the reason, which may be another on each node


@dataclass(frozen=True, slots=True)
class Violation:
    """`slug` names what is not true; `what` says of which emergencies or rows."""

    slug: str
    what: str = ""


@dataclass
class Auditor:
    """One node's auditor; remembers what it told and when, so that a dead database does not silence it."""

    context: EngineContext
    _told: dict[str, datetime] = field(default_factory=dict)
    _supervisors: tuple[Contact, ...] = ()
    _number_at: datetime | None = None
    _number: Violation | None = None
    _pinged_at: datetime | None = None
    _refused: bool = False
    _lags_since: datetime | None = None

    def look(self) -> list[Violation]:
        """One audit: everything that is wrong now, told; a ping when nothing is."""
        now = self.context.clock.now()
        _guarded(self._ask_for_supervisors)  # in good time: who was known before is told when the database is gone
        of_carrier = list(self._carrier(now))  # first: whether it takes our tokens is kept among the rows
        found = list(dict.fromkeys([*self._rows(now), *self._checkpoints(now), *of_carrier]))
        for violation in found:
            self._tell(violation, now)
        if not found:
            self._ping(now)
        return found

    def _rows(self, now: datetime) -> list[Violation]:
        try:
            with self.context.database.read() as session:
                return list(violations(session, now))
        except Exception as error:
            log.error("audit.unreadable", exc_info=True)
            return [Violation("audit-database", type(error).__name__)]

    def _checkpoints(self, now: datetime) -> list[Violation]:
        """A checkpoint file that is gone or another one, a seal that does not hold, a file that takes no lines: no page
        is late for it, but the proof is in doubt."""
        file = self.context.data_dir / checkpoints.NAME
        try:
            with self.context.database.read() as session:
                wrong = checkpoints.wrong(session, file, self.context.seal)
                lags = checkpoints.lags(session, file)
        except Exception:  # a database that does not answer is told as such
            log.error("audit.checkpoints_unreadable", exc_info=True)
            return []
        self._lags_since = (self._lags_since or now) if lags else None
        if self._lags_since and now - self._lags_since > CHECKPOINTS_LAG:
            return [Violation("audit-checkpoints-behind", f"{file.name} ({platform.node()})")]
        return [Violation("audit-checkpoints", wrong)] if wrong else []

    def _carrier(self, now: datetime) -> Iterator[Violation]:
        """A canary: the account answers and is active; every five minutes, the number's addresses are ours."""
        yield from self._tokens()
        try:
            if self._number_at is None or now - self._number_at >= NUMBER_EVERY:
                self._number, self._number_at = drift(self.context), now
        except CarrierError as error:
            yield Violation("audit-carrier", error.why)
        except Exception as error:  # an answer that nobody foresaw must not silence what else was found
            yield Violation("audit-carrier", type(error).__name__)
        if self._number:
            yield self._number

    def _tokens(self) -> Iterator[Violation]:
        """The account, asked with the tokens that sign webhooks. That none is taken is kept for the board to show."""
        refused = False
        try:
            status, _ = self.context.gateway.account()
            if status != "active":
                yield Violation("audit-account", status)
        except CarrierError as error:
            refused = tokens.is_refusal(error)
            yield Violation("audit-token") if refused else Violation("audit-carrier", error.why)
        except Exception as error:  # an answer that nobody foresaw must not silence what else was found
            log.error("audit.account_unreadable", exc_info=True)
            yield Violation("audit-carrier", type(error).__name__)
        if refused or self._refused:
            _guarded(partial(tokens.note, self.context, refused))
        self._refused = refused

    def _tell(self, violation: Violation, now: datetime) -> None:
        """Each thing, such as an emergency's name, counts as told for a while once anybody was told of it."""
        what = [] if violation.slug in ONE_THING else violation.what.split(", ")
        things = [f"{violation.slug} {thing}" for thing in what] or [violation.slug]
        rest = ONE_DAY if violation.slug in SLOW else AGAIN
        if not self._is_to_be_told(things, rest, now):
            return
        log.error("audit.violated", slug=violation.slug, what=violation.what)
        words = {language: wording.general(violation.slug, language, what=violation.what) for language in ("en", "fr")}
        ways = [partial(self._to_channels, words["en"]), *(partial(self._to_phone, s, words) for s in self._able())]
        taken = [_guarded(way) for way in ways]
        if any(taken):
            self._told.update(dict.fromkeys(things, now))
        _guarded(partial(self._write, things, now if any(taken) else now - rest))

    def _is_to_be_told(self, things: list[str], rest: timedelta, now: datetime) -> bool:
        """Whether this node is to tell one of them now. It has a minute for that: then another node may."""
        if all(thing in self._told and now - self._told[thing] < rest for thing in things):
            return False

        def taken(session: Transaction) -> bool:
            session.wait_alone("audit")
            known = {thing: at for thing in things if (at := session.notices.last(thing)) and now - at < rest}
            self._told |= known
            if len(known) == len(things):
                return False
            session.notices.write(things, now - rest + TELLS_WITHIN)
            return True

        try:
            return self.context.database.transact(taken)
        except Exception:
            log.error("audit.not_shared", exc_info=True)
            return True

    def _write(self, things: list[str], at: datetime) -> None:
        self.context.database.transact(lambda session: session.notices.write(things, at))

    def _able(self) -> list[Contact]:
        """Supervisors whose phones take texts."""
        return [s for s in self._supervisors if s.takes_texts]

    def _ask_for_supervisors(self) -> bool:
        with self.context.database.read() as session:
            self._supervisors = self.context.duty(session).supervisors
        return True

    def _to_channels(self, words: str) -> bool:
        if self.context.alarm:
            self.context.alarm(words)
        return self.context.alarm is not None

    def _to_phone(self, supervisor: Contact, words: dict[str, str]) -> bool:
        text, url = words.get(supervisor.language, words["en"]), self.context.url("/twilio/status/message/audit")
        sid = self.context.gateway.send_text(supervisor.number, text, url, ALARM_VALID_SECONDS)
        _guarded(partial(self._remember, sid, supervisor.number))
        return True

    def _remember(self, sid: str, number: str) -> None:
        """It left past the outbox; it is ours all the same."""
        now = self.context.clock.now()
        row = CarrierRow(
            sid=sid,
            kind="message",
            direction=Direction.OUTBOUND,
            from_number="",
            to_number=number,
            status="queued",
            first_seen_at=now,
            updated_at=now,
        )
        with self.context.database.write() as session:
            session.carrier.note_sent(row)

    def _ping(self, now: datetime) -> None:
        if self.context.heartbeat is None or (self._pinged_at and now - self._pinged_at < PING_EVERY):
            return
        self._pinged_at = now
        _guarded(self.context.heartbeat)


def violations(session: Transaction, now: datetime) -> Iterator[Violation]:
    """What is not true of the rows at `now`."""
    sleeping = session.audits.unwatched(now, SLEEPS)
    if sleeping:
        yield Violation("audit-asleep", ", ".join(map(ref_of, sleeping)))
    unpaged = session.audits.unpaged(now, PAGED_WITHIN)
    if unpaged:
        yield Violation("audit-unpaged", ", ".join(map(ref_of, unpaged)))
    broken = session.audits.unworkable(now - ONE_DAY)
    if broken:
        yield Violation("audit-failing", ", ".join(map(ref_of, broken)))
    kinds = session.audits.stuck(now, WAITS)
    if kinds:
        yield Violation("audit-stuck", ", ".join(kinds))
    last = session.checks.sweep(SWEEP)
    if last.error or last.ran_at is None or now - last.ran_at > SWEEP_LATE:
        yield Violation("audit-sweep", last.error or "late")
    for name in (lost_texts.NAME, lost_texts.OUTBOUND):
        error = session.checks.sweep(name).error
        if error:
            yield Violation("audit-texts", f"{name}: {error}")
    yield from webhooks(session, now)
    beat = session.nodes.last_beat()
    if beat is None or now - beat > SILENT:
        yield Violation("audit-engine")


def webhooks(session: Transaction, now: datetime) -> Iterator[Violation]:
    """Whether what the carrier sends is refused: no token of ours is taken, or requests that claim our account were
    refused, and none taken since, while the sweep found calls and texts that no webhook had told of."""
    token = session.checks.sweep(checks.TOKEN)
    if token.error and token.ran_at and now - token.ran_at < TOKEN_KNOWN:
        yield Violation("audit-token")
    times = [session.checks.sweep(name).ran_at for name in (checks.REFUSED, checks.FOUND)]
    if all(at and now - at < TOGETHER for at in times):
        yield Violation("audit-refused")


def drift(context: EngineContext) -> Violation | None:
    """Whether the carrier would still call us: the number's addresses are ours. Raises CarrierError."""
    found = context.gateway.own_number()
    if found is None:
        return Violation("audit-number", "none")
    ours = (context.url("/twilio/voice"), context.url("/twilio/voice/ended"), context.url("/twilio/sms"))
    theirs = tuple(url.partition("#")[0] for url in (found.voice_url, found.status_url, found.sms_url))
    return None if theirs == ours and set(found.methods) == {"POST"} else Violation("audit-number", "changed")


def _guarded(work: Callable[[], object]) -> bool:
    """Whether it was done; one broken way out keeps no other from being tried."""
    try:
        return bool(work())
    except Exception:
        log.error("audit.alarm_not_sent", exc_info=True)
        return False
