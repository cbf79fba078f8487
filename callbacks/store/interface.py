"""What the engine asks of a store.

- Rows are frozen values (`store/rows.py`): what a transaction read stays as it was read; a write is a call.
- A transaction is all or nothing, and sees its own writes. Two that write one row, or that give two rows one key or one
  unique value: one of them gets `Conflict`, at the write or at the commit, and nothing of it is kept.
- A claim takes rows that no other transaction holds, for an owner, until an instant, with the next fence. What is
  written under a fence is written only while that claim is the row's.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from callbacks.delivery.code_guessing import Mark
from callbacks.delivery.delivery_policy import CallerChoice, Source
from callbacks.delivery.outbox_row import About, OutboxKind
from callbacks.emergency.promise import EmergencyOutcome
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import Roster
from callbacks.oncall.schedule import Shift
from callbacks.store.erasing import Old
from callbacks.store.rows import (
    CarrierRow,
    CustomerRow,
    Drill,
    EmergencyRow,
    Entry,
    Fact,
    FeedRow,
    HandoffRow,
    HeadRow,
    OpeningRow,
    OutageRow,
    OutboxRow,
    RateRow,
    SubscriptionRow,
    SweepRow,
)

T = TypeVar("T")


class Emergencies(Protocol):
    """Summaries of emergencies: by reference, of a caller, open, due; what figures are counted from; drills. Lists of
    rows are newest first where nothing else is said."""

    def find(self, emergency_id: int | None) -> EmergencyRow | None: ...

    def add(self, row: EmergencyRow) -> None:
        """A new one. Raises Conflict where its number, or its source key, is taken."""
        ...

    def change(self, before: EmergencyRow, after: EmergencyRow) -> None:
        """Writes what differs of a row that was read; what others changed meanwhile stays, or is a Conflict."""
        ...

    def each(self, since: datetime, until: datetime) -> Iterator[EmergencyRow]:
        """Those whose call began in a half-open span, oldest first, of which only some are in memory at a time."""
        ...

    def newest_id(self) -> int | None: ...

    def is_any_before(self, at: datetime) -> bool:
        """Whether a call that began before this opened one."""
        ...

    def opened_since(self, since: datetime) -> int:
        """How many were opened after this."""
        ...

    def count(self) -> int:
        """All of them, drills included."""
        ...

    def opened_by(self, key: str) -> EmergencyRow | None:
        """The one that a call opened; `key`: its SID, or what stands for it."""
        ...

    def of_call(self, sid: str) -> EmergencyRow | None:
        """The one that a call opened or joined."""
        ...

    def of_number(self, number: str, limit: int) -> Sequence[EmergencyRow]:
        """Those that a phone called for, or is called back on."""
        ...

    def open_of_number(self, number: str, besides: int, limit: int) -> Sequence[EmergencyRow]:
        """The same, of the open ones."""
        ...

    def unreached_of_number(self, number: str, since: datetime, limit: int) -> Sequence[EmergencyRow]:
        """The same, of the open ones opened after this in which nobody has reached the caller; drills left out."""
        ...

    def opened_with(self, number: str, choices: Sequence[CallerChoice], since: datetime) -> int:
        """How many a number opened after this by calls on which it chose one of these."""
        ...

    def codes_held(self, since: datetime) -> set[str]:
        """The codes of those that are open, or were opened or worked on after this."""
        ...

    def codes_in_use(self, since: datetime) -> set[str]:
        """The codes of those that are open, or were opened after this."""
        ...

    def open_with_code(self, code: str | None) -> int | None: ...

    def told_to(self, person: str, since: datetime, *, and_open: bool) -> Sequence[EmergencyRow]:
        """Those that somebody was contacted about, open or opened after this; `and_open`: all open ones too."""
        ...

    def without_audio(self, since: datetime, unpaged_since: datetime, until: datetime) -> list[EmergencyRow]:
        """Those opened in the span by a call whose recording nothing fetches; of those that woke nobody, because
        nothing is known of a message, the open ones from `unpaged_since` on."""
        ...

    def due_within(self, since: datetime, until: datetime) -> list[int]:
        """Those whose time from call to deadline overlaps this span."""
        ...

    def outdated(self, after: int, version: int, limit: int) -> list[int]:
        """The next ones behind `after` whose summary an older version wrote."""
        ...

    def some(self, ids: Sequence[int]) -> Sequence[EmergencyRow]:
        """These, in rising order."""
        ...

    def held(self, ids: Sequence[int]) -> Sequence[EmergencyRow]:
        """These, held until the transaction ends; without those that another writer holds."""
        ...

    def outcomes(
        self, since: datetime, until: datetime, version: int, now: datetime
    ) -> tuple[list[EmergencyOutcome], list[int]]:
        """What the summaries of the calls in a half-open span tell at `now`, in no order, and the ids of those that do
        not: an older version wrote them, or a deadline passed that nothing has noted yet."""
        ...

    def drills_open_since(self, before: datetime) -> Sequence[Drill]:
        """Those begun before this that are open still: nobody has answered them."""
        ...

    def somebody_waits(self) -> bool:
        """Whether a callback is owed on a P1: neither reached nor tried in vain."""
        ...

    def claim_wakes(self, now: datetime, owner: str, lease: timedelta, limit: int) -> list[tuple[int, int]]:
        """(id, fence) of those that are due, nearest deadline first, now leased to `owner`. The caller commits at
        once."""
        ...

    def give_back(self, emergency_id: int, fence: int, *, done: bool) -> None:
        """Ends a claim, if it is still ours; `done`: its failures are forgotten."""
        ...

    def put_off(self, emergency_id: int, fence: int, until: datetime) -> int | None:
        """Ends a claim with one more failure, and lets it sleep until then; how many failures there are now. None, and
        nothing written, if the claim is not ours any more."""
        ...

    def expire_claims(self, now: datetime) -> None:
        """Every claim runs out now: for a start that knows that no other engine is alive."""
        ...

    def next_wake(self) -> datetime | None:
        """When the next emergency is due; a leased one counts when its lease runs out."""
        ...


class Carrier(Protocol):
    """Calls, messages and recordings as the carrier reported them, or as we asked for them."""

    def seen(self, sid: str | None) -> CarrierRow | None:
        """What is known of this call or message."""
        ...

    def note(self, row: CarrierRow) -> None:
        """Writes down one that was not seen before. Raises Conflict where another did meanwhile."""
        ...

    def note_sent(self, row: CarrierRow) -> None:
        """Writes down one that left, unless it is known: what was reported since stays."""
        ...

    def change(self, before: CarrierRow, after: CarrierRow) -> None:
        """Writes what differs of a row that was read."""
        ...

    def known(self, sids: Sequence[str]) -> set[str]:
        """Those of `sids` that the carrier reported, or that we sent."""
        ...


class Received(Protocol):
    """Webhooks as received."""

    def is_new(self, source: Source, external_id: str, form: Sequence[tuple[str, str]], now: datetime) -> bool:
        """Keeps the webhook, without the secret of a link; False if it was kept before. Of two at the same time one is
        new; the other is not, or ends in Conflict."""
        ...

    def is_known(self, source: Source, external_id: str) -> bool:
        """Whether it was kept."""
        ...

    def texts_known(self, sids: Sequence[str]) -> set[str]:
        """Those of `sids` that were kept."""
        ...

    def is_about(self, source: Source, external_id: str, emergency_id: int) -> None:
        """Says which emergency a report was about, so that it is erased with it."""
        ...

    def mark(self, external_id: str, as_: Mark, person: str) -> None:
        """Says what the text of this person may have tried."""
        ...

    def marked_since(self, as_: Mark, since: datetime, person: str | None = None) -> Sequence[datetime]:
        """When the texts came, of one person or of all, that were marked so; in their order."""
        ...


class Audits(Protocol):
    """What people did outside one emergency, and what the auditor asks of the live rows, whatever is locked."""

    def put(self, now: datetime, who: str, via: str, action: str, about: str = "", **details: Any) -> None:
        """Records one action; `action` is a noun and a verb in the past: `token.made`, `override.added`."""
        ...

    def last_about(self, action: str, about: str) -> datetime | None:
        """When this was last done about that."""
        ...

    def unwatched(self, now: datetime, grace: timedelta) -> Sequence[int]:
        """Open emergencies whose customer nobody has reached and that nothing will wake: no wake-up, or one that passed
        `grace` ago while no claim is live. When the deadline is over, those that nobody has; not what can wait. A few,
        as of each of these questions."""
        ...

    def unpaged(self, now: datetime, grace: timedelta) -> Sequence[int]:
        """Open P1 emergencies, opened `grace` ago, for which no page, text or alarm was ever put into the outbox."""
        ...

    def unworkable(self, since: datetime) -> Sequence[int]:
        """Open emergencies of the last while that raise an error whenever they are woken: put off, so never asleep, and
        nobody is paged for them."""
        ...

    def stuck(self, now: datetime, grace: timedelta) -> Sequence[str]:
        """Rows of the outbox that should have left `grace` ago and that nobody works on; by kind."""
        ...


class Checks(Protocol):
    """How far each comparison with the carrier's lists got."""

    def sweep(self, name: str) -> SweepRow:
        """How the last comparison of this name ended."""
        ...

    def note_sweep(self, name: str, now: datetime, through: datetime | None, error: str | None) -> None:
        """A comparison ran; `through` stays as it was when it failed."""
        ...

    def forget(self, name: str) -> None:
        """Nothing is known of it any more."""
        ...


class Customers(Protocol):
    """The address book."""

    def known(self, number: str | None) -> CustomerRow | None:
        """The caller's entry, if there is one."""
        ...

    def remember_language(self, number: str | None, language: str, now: datetime) -> None:
        """The caller chose it; the next greeting is in it."""
        ...

    def mark_sms(self, number: str, dead_why: str | None, now: datetime) -> None:
        """This phone takes no texts (with a reason), or takes them again (None)."""
        ...

    def takes_texts(self, number: str) -> bool:
        """Unless its texts were refused."""
        ...

    def put(self, row: CustomerRow) -> None:
        """An entry, new or in place of the number's."""
        ...

    def forget(self, number: str) -> CustomerRow | None:
        """Takes a caller out, with the block and what we learnt; emergencies stay. None when there was no entry."""
        ...


class Erasing(Protocol):
    """Numbers, names and words are erased from every table, while the chain of facts stays whole."""

    def of_customer(self, number: str) -> Sequence[EmergencyRow]:
        """Every emergency that this number called for, or is called back on."""
        ...

    def closed_before(self, at: datetime, after: int, limit: int) -> list[int]:
        """Closed emergencies behind `after`, opened before `at`, that still hold private words. Numbers are given in
        the order of opening, so that only the words of older ones are looked through, not those of every emergency."""
        ...

    def with_audio_before(self, at: datetime, after: int, limit: int) -> list[int]:
        """Closed emergencies behind `after`, opened before `at`, whose audio, or what came with its texts, was
        not erased."""
        ...

    def carriers_copies(self, ids: Sequence[int], numbers: Sequence[str] = ()) -> list[str]:
        """Calls and messages, by SID, that the carrier keeps of these emergencies, or to and from these numbers."""
        ...

    def newest_report(self) -> int:
        """The highest id of all reports; 0 when none came yet."""
        ...

    def reports_naming(self, words: Sequence[str], after: int, through: int) -> list[tuple[int, str | None]]:
        """Reports with an id of that span whose form holds one of these words: (id, its SID if it is a text)."""
        ...

    def empty_reports(self, ids: Sequence[int]) -> None:
        """Erases the forms of these reports."""
        ...

    def empty(self, what: Old, before: datetime, limit: int) -> int:
        """Empties or deletes rows of a kind that ended before an instant; how many, `limit` at most."""
        ...

    def words_of(self, ids: Sequence[int], now: datetime) -> None:
        """Erases what these emergencies say of people, the reports that are known to be about them, and what others
        were told of them: what has not left is not sent any more, and a node that is at it loses its claim, so that it
        cannot write the words back."""
        ...

    def words_to(self, number: str) -> None:
        """Erases what was sent to a number, and that it called."""
        ...

    def owe(self, sids: Sequence[str], now: datetime) -> None:
        """Writes down what the carrier is to delete; again is harmless. What came with a text is named by both SIDs, as
        MM…/ME…"""
        ...

    def are_gone(self, sids: Sequence[str]) -> None:
        """The carrier has deleted these."""
        ...

    def owed(self) -> list[str]:
        """What the carrier is still to delete, longest owed first."""
        ...


class Feeds(Protocol):
    """Calendars that rotations are read from."""

    def find(self, rotation: str) -> FeedRow | None:
        """How the last try went."""
        ...

    def old_copies(self) -> dict[str, str]:
        """By rotation, what the version before kept as text and nothing was worked out of."""
        ...

    def drop_copy(self, rotation: str) -> None:
        """Forgets that text."""
        ...

    def left_out(self) -> dict[str, Any]:
        """By rotation, what is kept of the events that were not used."""
        ...

    def errors(self) -> dict[str, str]:
        """By rotation, why its calendar could not be read the last time."""
        ...

    def keep(self, row: FeedRow) -> None:
        """New or in place of the rotation's. Its `version` must be another when its shifts are."""
        ...

    def calendars(self, roster: Roster, now: datetime) -> Mapping[str, Sequence[Shift]]:
        """Shifts of the rotations that are read from calendars, as last read: 40 days back, 400 ahead at least. A
        rotation that was never read is not among them. Who has left the roster is not on call, also while the calendar
        cannot be read anew: that is a gap."""
        ...

    def unread(self, roster: Roster) -> set[str]:
        """Rotations whose calendar has not been tried yet: nothing is known of them, not even that they have a gap."""
        ...

    def replace(self, rotation: str, shifts: Sequence[Shift], since: datetime, now: datetime) -> bool:
        """Puts a calendar's shifts in place from `since` on; False if they are what they were."""
        ...


class Idempotency(Protocol):
    """What the API answered under its keys."""

    def forget(self, words: Sequence[str]) -> None:
        """Deletes the answers that hold any of these words: a repeat is answered by what is true then."""
        ...


class Notices(Protocol):
    """What supervisors were told once, and handoffs with their confirmations."""

    def is_news(self, key: str, now: datetime) -> bool:
        """Writes the key down; False if it was there. Of two at once one is told so, or gets Conflict."""
        ...

    def is_due(self, key: str, again: timedelta, now: datetime) -> bool:
        """Writes down that it is told now; False if that was less than `again` ago."""
        ...

    def last(self, key: str) -> datetime | None:
        """When it was told last, by any node."""
        ...

    def is_known(self, key: str) -> bool:
        """Whether the key was written down."""
        ...

    def write(self, keys: Iterable[str], at: datetime) -> None:
        """Writes down when these were told."""
        ...

    def forget(self, beginning: str) -> None:
        """Takes back every key that begins so."""
        ...

    def add_handoff(self, row: HandoffRow) -> bool:
        """Writes a handoff down; False if it was there. The store numbers it."""
        ...

    def is_told(self, rotation: str, person: str, since: datetime) -> bool:
        """Whether the rotation's last handoff since then was told, and went to this person."""
        ...

    def confirm(self, person: str, now: datetime) -> list[HandoffRow]:
        """The person's latest unconfirmed handoffs, confirmed now."""
        ...

    def unconfirmed(self, before: datetime, after: datetime) -> list[HandoffRow]:
        """Handoffs in a span that nobody confirmed and no supervisor was told of."""
        ...

    def escalate(self, row: HandoffRow, now: datetime) -> None:
        """A supervisor is told of it."""
        ...


class People(Protocol):
    """The roster in force, and what we learnt about its people's phones."""

    def duty(self, now: datetime) -> Duty:
        """Who can be woken, as this transaction sees it."""
        ...

    def current_roster(self) -> Roster:
        """The roster in force; the empty one before the first was loaded."""
        ...

    def roster_before(self) -> Roster:
        """The one that was in force before the present one; the empty one if there was none."""
        ...

    def sms_dead(self) -> frozenset[str]:
        """Names of the people whose texts are refused."""
        ...

    def mark_sms(self, name: str, role: str, dead_why: str | None, now: datetime) -> bool:
        """Marks the text channel dead (with a reason) or alive (None); True if that changed it."""
        ...

    def count_unreachable(self, name: str, role: str) -> int:
        """How many texts in a row did not reach this phone, this one included."""
        ...

    def forget_unreachable(self, name: str) -> None:
        """A text arrived."""
        ...

    def has_another_number(self, name: str) -> None:
        """What was learnt of the phone before does not hold for this one."""
        ...

    def verified(self, name: str, role: str, now: datetime) -> None:
        """A drill woke this person."""
        ...

    def count_passive(self, name: str, role: str) -> int:
        """How many answers in a row led to nothing, this one included."""
        ...

    def forget_passive(self, name: str) -> None:
        """They sent a command: a person is there."""
        ...


class Subscriptions(Protocol):
    """Who is told of emergencies."""

    def add(self, row: SubscriptionRow) -> None:
        """A new one, its secret sealed."""
        ...

    def find(self, subscription_id: str) -> SubscriptionRow | None: ...

    def wanting(self, event: str) -> list[SubscriptionRow]:
        """The live ones that asked for this event, the oldest first."""
        ...

    def switch(self, subscription_id: str, disabled_at: datetime | None) -> None:
        """Off from then on, or on."""
        ...


class Ledger(Protocol):
    """Facts per emergency. The pair of emergency and number is the lock: of two writers one gets Conflict."""

    def add(self, facts: Sequence[Fact]) -> None:
        """Facts of one emergency with their private parts. Raises Conflict where one of their numbers is taken."""
        ...

    def read(self, emergency_id: int) -> list[Entry]:
        """One ledger, oldest fact first."""
        ...

    def read_many(self, ids: Sequence[int]) -> dict[int, list[Entry]]:
        """Several ledgers by emergency; none of one that has no facts."""
        ...

    def facts(self, ids: Sequence[int]) -> dict[int, list[Fact]]:
        """The same as they were hashed."""
        ...

    def hash_at(self, emergency_id: int, seq: int) -> str | None:
        """The hash of one fact, if it is there."""
        ...

    def is_any_of(self, since: datetime, until: datetime, kinds: Collection[str]) -> bool:
        """Whether a fact of these kinds was recorded behind `since`, up to `until`."""
        ...

    def count(self, since: datetime, until: datetime) -> int:
        """How many facts were recorded in the same span."""
        ...

    def hashes(self, since: datetime, until: datetime) -> Iterator[str]:
        """Of the facts of the same span, by emergency and number."""
        ...

    def emergencies(self) -> Sequence[int]:
        """The ids of all emergencies, in rising order."""
        ...


class Heads(Protocol):
    """Where the chains end: one row, the chain over emergencies, and the checkpoints' lines."""

    def read(self) -> HeadRow | None: ...

    def held(self) -> HeadRow | None:
        """The row, held until the transaction ends: another that asks for it waits, or gets Conflict."""
        ...

    def write(self, head: HeadRow) -> None:
        """In place of the row that is held."""
        ...

    def add_opening(self, row: OpeningRow) -> None:
        """Raises Conflict where its number, or its emergency, is there."""
        ...

    def newest_opening(self) -> OpeningRow | None: ...

    def openings(self, through: int) -> Iterator[OpeningRow]:
        """By number, up to this one."""
        ...

    def is_chained(self, emergency_id: int) -> bool: ...

    def unchained(self, first_id: int) -> Sequence[int]:
        """Emergencies from this number on that have facts and no opening, in rising order."""
        ...

    def lone_ledger(self) -> int | None:
        """The first ledger whose emergency is not there."""
        ...

    def ends_behind(self, after: int, limit: int) -> Sequence[tuple[int, int, str]]:
        """(id, last number, its hash) of the next ledgers behind an emergency."""
        ...

    def seal(self, emergency_id: int, seq: int, seal: str | None) -> None:
        """Seals a ledger that still ends with this number."""
        ...

    def seal_first(self, emergency_id: int, seal: str) -> None:
        """Seals a ledger that has no seal."""
        ...

    def add_line(self, number: int, head: str, line: str) -> None: ...

    def lines_behind(self, head: str) -> list[str]:
        """The lines that come after the one with this head; all of them where none has it."""
        ...

    def last_line(self) -> str | None: ...

    def knows_line(self, head: str) -> bool: ...

    def drop_lines(self) -> None: ...


class Outbox(Protocol):
    """What is to be done at the carrier: recorded with the facts, claimed under a lease, settled under a fence. A row
    is due when it waits and its time has come, or when its claim has run out. See `store/outbox.py` for claims."""

    def put(self, rows: Sequence[OutboxRow]) -> None: ...

    def find(self, row_id: str) -> OutboxRow | None: ...

    def members(self, leader: OutboxRow) -> list[OutboxRow]:
        """Every row that left with `leader`, itself first."""
        ...

    def paged_of(self, person: str, ids: Sequence[int]) -> set[int | None]:
        """Of these emergencies, those that somebody was paged for."""
        ...

    def paged_about(self, person: str) -> Sequence[int]:
        """The open emergencies that nobody has and that this person was texted a page for."""
        ...

    def due(
        self, now: datetime, limit: int, kinds: Sequence[OutboxKind], first: OutboxKind | None = None
    ) -> list[OutboxRow]:
        """Due rows of these kinds, those of the kind `first` before others, then by when they were due; held until the
        transaction ends. Without those that another transaction holds."""
        ...

    def due_pages(self, now: datetime, limit: int) -> list[tuple[OutboxRow, str | None, datetime | None]]:
        """Due pages, held likewise, earliest deadline first, with the caller's number and the first page that left for
        the emergency."""
        ...

    def rewrite(self, rows: Sequence[OutboxRow]) -> None:
        """Rows that this transaction holds, as a claim or a putting off leaves them."""
        ...

    def settle(self, row_id: str, fence: int, **changes: Any) -> bool:
        """Writes an outcome if the claim is still ours; False, and nothing written, if it is not."""
        ...

    def renew(self, owner: str, until: datetime, in_hand: Collection[str]) -> Sequence[str]:
        """Keeps the claims of what a live node has `in_hand` (the rows that lead); the ids of the rows that are still
        its. What it let go of without writing an outcome runs out, and is taken up again."""
        ...

    def expire_all(self, now: datetime) -> None:
        """Every claim runs out now: for a start that knows that no other engine is alive."""
        ...

    def is_busy(self, person: str, now: datetime) -> bool:
        """Whether a page to this person is claimed."""
        ...

    def is_ringing(self, number: str | None, since: datetime) -> bool:
        """Whether a page call to this phone has left after this and its end is not known."""
        ...

    def recent_sends(self, person: str, since: datetime) -> list[tuple[datetime, int]]:
        """(when it left, how many emergencies it carried) of each text and call to this person, oldest first."""
        ...

    def is_calling(self, number: str, leader: str) -> bool:
        """Whether a first call to this number that did not leave with `leader` is being placed now."""
        ...

    def due_kinds(self, now: datetime) -> set[OutboxKind]:
        """Of which kinds a row is due: for the others nobody need ask."""
        ...

    def is_any_due(self, kinds: Sequence[OutboxKind], now: datetime) -> bool: ...

    def next_due(self) -> datetime | None:
        """When the next row becomes due, or its claim runs out."""
        ...

    def next_slot(self, kind: OutboxKind, gap: timedelta, now: datetime) -> datetime:
        """The first instant, `gap` after the last one of this kind, at which another one may leave."""
        ...

    def put_off(self, kind: OutboxKind, now: datetime, until: datetime, about: About | None = None) -> None:
        """Rows of a kind that wait and are due (all, or those about this) wait some more."""
        ...

    def cancel(self, emergency_id: int, kinds: Sequence[OutboxKind], now: datetime, person: str | None = None) -> None:
        """Rows of these kinds (to one person, or to anybody) that nobody has begun to send are no longer wanted."""
        ...

    def known_sids(self, sids: Sequence[str], leader: str) -> Sequence[str | None]:
        """Those of `sids` that rows hold which did not leave with `leader`."""
        ...

    def known(self, sids: Sequence[str]) -> set[str | None]:
        """Those of `sids` that rows hold."""
        ...

    def texts_since(self, since: datetime, besides: str, number: str | None = None) -> Sequence[int | None]:
        """The emergencies of the texts that left to customers, or to one number, after this or are leaving now."""
        ...

    def left_since(self, kind: OutboxKind, since: datetime) -> int:
        """How many of a kind left after this."""
        ...

    def callbacks_calls(self, since: datetime) -> Sequence[OutboxRow]:
        """The calls to people that left after this, about emergencies with a callback: by emergency, newest first."""
        ...

    def calls_left(self, since: datetime, until: datetime, limit: int) -> Sequence[OutboxRow]:
        """The calls that left in a span and whose row says no more, the newest first; the rows that lead."""
        ...


class Rates(Protocol):
    """Counters by key: see `store/rates.py`."""

    def find(self, key: str) -> RateRow | None: ...

    def held(self, key: str) -> RateRow | None:
        """The row, held until the transaction ends: another that asks for it waits, or gets Conflict."""
        ...

    def held_if_free(self, key: str) -> RateRow | None:
        """The same; None where another transaction has it."""
        ...

    def add(self, row: RateRow) -> None:
        """A new one. Of two that add one key, one gets Conflict."""
        ...

    def set(self, row: RateRow) -> None:
        """In place of the row that is held."""
        ...


class MagicLinks(Protocol):
    """The links in pages, by the digests of their secrets."""

    def put(self, digest: str, emergency_id: int, person: str, outbox_id: str, now: datetime) -> None:
        """A link to one emergency for one person, sent in the text of this outbox row."""
        ...

    def is_told_by(self, outbox_id: str, digests: Collection[str]) -> bool:
        """Whether this outbox row gave out one of these."""
        ...


class Nodes(Protocol):
    """Heartbeats of our processes, and the outages that they reveal."""

    def start(self, node: str, version: str, now: datetime) -> OutageRow | None:
        """Registers an engine. If none had beaten for a while before, that outage is written down."""
        ...

    def beat(self, node: str, version: str, now: datetime) -> None:
        """One heartbeat. Who is not known any more, since a database came back without its last commits, is again."""
        ...

    def stop(self, node: str, now: datetime) -> None: ...

    def last_beat(self) -> datetime | None:
        """The latest heartbeat of any engine."""
        ...

    def others_live(self, node: str, now: datetime) -> bool:
        """Whether another engine had a heartbeat lately."""
        ...

    def outages_since(self, since: datetime) -> list[OutageRow]:
        """Those that ended after this."""
        ...


class Transaction(Protocol):
    """What is read and written together, by noun."""

    @property
    def audits(self) -> Audits: ...

    @property
    def checks(self) -> Checks: ...

    @property
    def customers(self) -> Customers: ...

    @property
    def feeds(self) -> Feeds: ...

    @property
    def idempotency(self) -> Idempotency: ...

    @property
    def notices(self) -> Notices: ...

    @property
    def people(self) -> People: ...

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def carrier(self) -> Carrier: ...

    @property
    def emergencies(self) -> Emergencies: ...

    @property
    def erasing(self) -> Erasing: ...

    @property
    def heads(self) -> Heads: ...

    @property
    def magic_links(self) -> MagicLinks: ...

    @property
    def nodes(self) -> Nodes: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def rates(self) -> Rates: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def received(self) -> Received: ...

    def when_committed(self, then: Callable[[], None]) -> None:
        """Calls `then` once this transaction is committed, and never if it is not."""
        ...

    def rest(self) -> None:
        """Nothing is read for a while: the moment that a reader sees may be another afterwards."""
        ...

    def token(self, size: int) -> str:
        """A name of so many bytes that nobody can guess, in hexadecimal."""
        ...

    def below(self, n: int) -> int:
        """A whole number from 0 up to `n`, left out, that nobody can guess."""
        ...

    def alone(self, task: str) -> bool:
        """Whether this transaction is the only one at a task, until it ends."""
        ...

    def wait_alone(self, task: str) -> None:
        """Waits until no other transaction is at a task; then this one is, until it ends. Raises Conflict when that
        takes too long."""
        ...

    def notify(self) -> None:
        """Tells the other nodes, when this transaction commits, that something is due."""
        ...


class Lock(Protocol):
    """Held until it is closed."""

    def close(self) -> None: ...


class Store(Protocol):
    """Reads and writes for one process."""

    @property
    def is_sqlite(self) -> bool:
        """Whether it can have one node only: claims that a start finds are those of a dead process."""
        ...

    def write(self) -> AbstractContextManager[Transaction]:
        """One transaction, committed when the block ends; rolled back when it raises. Raises Conflict."""
        ...

    def transact(self, step: Callable[[Transaction], T]) -> T:
        """`step` in one transaction; again after a Conflict, a few times."""
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction for reading."""
        ...

    def engine_lock(self) -> Lock | None:
        """Holds a store that can have one engine only; None where several work. Raises EngineLocked when there is
        one."""
        ...

    def listen(self, heard: Callable[[], None], stopping: threading.Event) -> None:
        """Calls `heard` for every notification until `stopping` is set; returns where none come."""
        ...

    def empty_log(self) -> bool:
        """Overwrites what a log of changes keeps of erased words; False when readers kept it from that."""
        ...
