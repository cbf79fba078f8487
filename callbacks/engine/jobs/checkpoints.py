"""Every hour and after each verdict, the ledgers as one line in a file beside the database and in the database.

A chain inside one database proves accidents only: whoever may write there may write it anew.

- The database has every line too, and says which is the last one under a MAC: a file that is gone or is another one is
  found, and every node's file gets the lines that other nodes made.
- A file that has more than the database tells of an older database: a backup was restored, or a failover lost commits.
  If the facts are there all the same, the lines are taken up; if not, no line is made until an operator accepts it.
- Version 0.1.0 kept lines in each node's file alone. The first such file is taken up; those of other nodes are set
  aside if today's facts give their lines.
"""

import hashlib
import os
import socket
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import structlog

from callbacks.engine.context import EngineContext
from callbacks.store import checkpoint, heads
from callbacks.store.interface import Transaction
from callbacks.store.rows import Fact

log = structlog.get_logger()
NAME = "anchors.jsonl"
EVERY = timedelta(hours=1)
SETTLED = timedelta(minutes=2)  # a transaction that is still open has no later time than that
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
TAIL_BYTES = 4096
DECIDING = (
    "BridgeEnded",
    "CallbackReported",
    "ContactConfirmed",
    "ContactContested",
    "ContactDeclared",
    "CustomerLegEnded",
    "DeadlinePassed",
    "Excluded",
    "NoAnswerDeclared",
    "Resolved",
    "Withdrawn",
)


class State(StrEnum):
    """How a checkpoint file stands to the database."""

    FINE = "fine"
    BEHIND = "behind"
    MISSING = "missing"
    NEW = "new"
    AHEAD = "ahead"
    DIFFERENT = "different"


PROBLEMS = {
    State.MISSING: "the checkpoint file is missing, and the database knows of one",
    State.NEW: "the checkpoint file is missing, and the database knows of one",
    State.AHEAD: "the database is older than its checkpoints: a backup was restored, or a failover lost commits",
    State.DIFFERENT: "the checkpoint file is not the one that the database knows",
}


@dataclass(frozen=True, slots=True)
class Held:
    """The lines of a file, and how they stand to the database."""

    lines: Sequence[checkpoint.Checkpoint] = ()
    state: State = State.FINE

    @property
    def problem(self) -> str | None:
        return PROBLEMS.get(self.state) if self.state is not State.AHEAD else None


@dataclass
class Seen:
    """Facts of some ledgers: how many, and their hashes by the line that covers them. `behind`: no line does."""

    facts: int = 0
    behind: int = 0
    hashes: dict[int, list[str]] = field(default_factory=dict)

    def see(self, facts: Sequence[Fact], ends: Sequence[datetime]) -> None:
        """One more ledger; `ends` are those of the lines."""
        self.facts += len(facts)
        if not ends:
            self.behind += len(facts)
            return
        for fact in facts:
            at = bisect_left(ends, fact.recorded_at)
            if at == len(ends):
                self.behind += 1
            else:
                self.hashes.setdefault(at, []).append(fact.hash)


@dataclass
class Recount:
    """Recomputes lines while all ledgers are read once, in rising order."""

    lines: Sequence[checkpoint.Checkpoint]
    facts: int = 0
    behind: int = 0
    _digests: list["hashlib._Hash"] = field(default_factory=list)
    _counts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._digests = [hashlib.sha256() for _ in self.lines]
        self._counts = [0] * len(self.lines)

    def add(self, seen: Seen) -> None:
        self.facts += seen.facts
        self.behind += seen.behind
        for at, hashes in seen.hashes.items():
            self._counts[at] += len(hashes)
            self._digests[at].update("".join(hashes).encode())

    def first_that_differs(self, seal: checkpoint.Seal | None) -> checkpoint.Checkpoint | None:
        previous = checkpoint.GENESIS
        for line, n, digest in zip(self.lines, self._counts, self._digests, strict=True):
            again = checkpoint.made(line.until, n, digest.hexdigest(), previous, seal)
            if _differ(again, line, seal):
                return line
            previous = line.head
        return None

    def problem(self, seal: checkpoint.Seal | None) -> str | None:
        line = self.first_that_differs(seal)
        return f"what was recorded up to {line.until} is not what the checkpoint says" if line else None


def look(context: EngineContext) -> checkpoint.Checkpoint | None:
    """The next line, when it is due; a line that is cut off by a crash is written anew."""
    file = context.data_dir / NAME
    with context.database.read() as session:
        state = state_of(session, file)
    if state is State.AHEAD:
        state = _taken_up(context, file)
    if state is State.DIFFERENT and _is_of_before(context, file):
        aside = _free_name(file)
        os.replace(file, aside)
        log.warning("checkpoints.set_aside", file=aside.name)
        state = State.NEW
    if state in (State.MISSING, State.AHEAD, State.DIFFERENT):
        log.error("checkpoints.wrong", state=state.value)
        return None
    if state in (State.NEW, State.BEHIND):
        _catch_up(context, file, is_new=state is State.NEW)
    return _next(context, file)


def state_of(session: Transaction, file: Path) -> State:
    """How the file stands to the database; a look at its last line alone."""
    try:
        last = _last_head(file)
    except (OSError, ValueError):  # it cannot be read, or holds something else
        log.warning("checkpoints.unreadable", exc_info=True)
        return State.DIFFERENT
    head = session.heads.read()
    known = head.anchor_head if head else checkpoint.GENESIS
    if last == known:
        return State.FINE
    if last == checkpoint.GENESIS:
        return State.MISSING if session.notices.is_known(_place(file)) else State.NEW
    if session.heads.knows_line(last):
        return State.BEHIND
    if known == checkpoint.GENESIS or any(line.head == known for line in read_lines(file)):
        return State.AHEAD
    return State.DIFFERENT


def wrong(session: Transaction, file: Path, seal: checkpoint.Seal | None) -> str | None:
    """A word for what is wrong with the file or with the seal of the heads; None when nothing is."""
    head = session.heads.read()
    if head is None or not heads.holds(head, seal):
        return "seal"
    state = state_of(session, file)
    return state.value if state in (State.MISSING, State.AHEAD, State.DIFFERENT) else None


def lags(session: Transaction, file: Path) -> bool:
    """Whether the file lacks lines that the database has; the next look adds them, unless it cannot be written to."""
    return state_of(session, file) in (State.BEHIND, State.NEW)


def held(session: Transaction, file: Path) -> Held:
    """What a file holds. Raises OSError, and ValueError for what is no checkpoint file."""
    state = state_of(session, file)
    text = file.read_text("utf-8") if _is_there(file) else ""
    return Held(checkpoint.read(text[: text.rfind("\n") + 1] or text), state)


def accept(context: EngineContext, by: str) -> Path | None:
    """What the ledgers hold now is taken as the truth from here on: seals and checkpoints begin anew. Where the
    older checkpoint file lies now, if there was one."""
    file, aside = context.data_dir / NAME, None
    with context.database.write() as session:
        heads.accept(session, context.seal)
        heads.chain_the_rest(session, context.seal)
        session.notices.forget(PLACE)
        session.audits.put(context.clock.now(), by, "command", "checkpoints.accepted")
    after: int | None = 0
    while after is not None:
        with context.database.write() as session:
            after = heads.seal_anew(session, after, context.seal)
    if file.exists():
        aside = _free_name(file)
        os.replace(file, aside)
    look(context)
    return aside


def first_that_differs(
    session: Transaction, lines: Sequence[checkpoint.Checkpoint], seal: checkpoint.Seal | None
) -> checkpoint.Checkpoint | None:
    """The first line that the ledgers of today do not give; `seal` None leaves the keyed part out. With one, a line
    that lacks its MAC does not hold."""
    previous, since = checkpoint.GENESIS, FIRST
    for line in lines:
        again = checkpoint.make(line.ends, session.ledger.hashes(since, line.ends), previous, seal)
        if _differ(again, line, seal):
            return line
        previous, since = line.head, line.ends
    return None


def _differ(again: checkpoint.Checkpoint, line: checkpoint.Checkpoint, seal: checkpoint.Seal | None) -> bool:
    return again.head != line.head or (seal is not None and again.mac != line.mac)


def _next(context: EngineContext, file: Path) -> checkpoint.Checkpoint | None:
    """Makes the next line if it is due. The database has it before the file: a crash in between is caught up."""
    until = context.clock.now() - SETTLED
    with context.database.read() as session:
        head = session.heads.read()
        last = session.heads.last_line()
        since = checkpoint.read(last)[0].ends if last else FIRST
        if until <= since or (until - since < EVERY and not session.ledger.is_any_of(since, until, DECIDING)):
            return None
        made = checkpoint.make(
            until, session.ledger.hashes(since, until), head.anchor_head if head else checkpoint.GENESIS, context.seal
        )
    if not context.database.transact(lambda session: _put_down(context, session, made)):
        return None
    with context.database.read() as session:
        _append(file, session.heads.lines_behind(_last_head(file)))
        _remember(context, file)
    _tell(context, made, since)
    return made


def _put_down(context: EngineContext, session: Transaction, made: checkpoint.Checkpoint) -> bool:
    heads.chain_the_rest(session, context.seal)
    return heads.add_checkpoint(session, made, context.seal)


def _tell(context: EngineContext, made: checkpoint.Checkpoint, since: datetime) -> None:
    """Once a day, to a place off this machine, if facts were added."""
    if context.alarm is None or made.ends.date() == since.date():
        return
    day = max(made.ends - timedelta(days=1), FIRST) if since != FIRST else FIRST
    with context.database.read() as session:
        n = session.ledger.count(day, made.ends)
    if n:
        context.alarm(f"Ledger up to {made.until[:16]}Z: {n} facts, head {made.head}")


def _taken_up(context: EngineContext, file: Path) -> State:
    """The lines that the database lacks, put down there if today's facts still give them."""
    lines = read_lines(file)
    with context.database.read() as session:
        if first_that_differs(session, lines, None):
            return State.AHEAD

    def once(session: Transaction) -> None:
        for line in lines:
            if not session.heads.knows_line(line.head):
                heads.add_checkpoint(session, line, context.seal)

    context.database.transact(once)
    with context.database.read() as session:
        return state_of(session, file)


def _is_of_before(context: EngineContext, file: Path) -> bool:
    """Whether a version that gave no lines to the database wrote this file: each of its nodes had lines of its own.
    Today's facts must give them, under our key."""
    try:
        lines = read_lines(file)
    except (OSError, ValueError):
        return False
    with context.database.read() as session:
        return not session.notices.is_known(_place(file)) and not first_that_differs(session, lines, context.seal)


def _catch_up(context: EngineContext, file: Path, *, is_new: bool) -> None:
    """Lines that the file lacks: another node made them, or a crash came before they were written."""
    with context.database.read() as session:
        missing = session.heads.lines_behind(_last_head(file))
    _append(file, missing)
    if is_new and missing:
        log.warning("checkpoints.new_place", lines=len(missing))
        if context.alarm:
            context.alarm(f"A new checkpoint file was begun on {socket.gethostname()} ({len(missing)} lines)")
    _remember(context, file)


PLACE = "anchors at "


def _place(file: Path) -> str:
    return f"{PLACE}{socket.gethostname()}:{file.absolute()}"


def _remember(context: EngineContext, file: Path) -> None:
    """Writes down that there is a file here."""
    with context.database.write() as session:
        session.notices.is_news(_place(file), context.clock.now())


def _append(file: Path, lines: Sequence[str]) -> None:
    """Adds whole lines behind the last whole one. A torn end is left out by a new file: whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = file.read_text("utf-8") if _is_there(file) else ""
    if text and not text.endswith("\n"):
        text = "".join(f"{line.line()}\n" for line in read_lines(file))
        fresh = file.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, file)
    with file.open("a", encoding="utf-8") as out:
        out.write("".join(f"{line}\n" for line in lines))
        out.flush()
        os.fsync(out.fileno())


def _last_head(file: Path) -> str:
    """The head of the last whole line; GENESIS when there is none."""
    if not _is_there(file):
        return checkpoint.GENESIS
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - TAIL_BYTES))
        lines = [line for line in opened.read().decode("utf-8", "replace").splitlines() if line.endswith("}")]
    return checkpoint.read(lines[-1])[0].head if lines else checkpoint.GENESIS


def read_lines(file: Path) -> list[checkpoint.Checkpoint]:
    """The whole lines there are; what a crash cut off is made again."""
    if not _is_there(file):
        return []
    whole = [line for line in file.read_text("utf-8").splitlines() if line.endswith("}")]
    return checkpoint.read("\n".join(whole))


def _is_there(file: Path) -> bool:
    """Raises ValueError for a directory, and for a device or pipe, which might never end."""
    if file.exists() and not file.is_file():
        raise ValueError("this is no plain file")
    return file.exists()


def _free_name(file: Path) -> Path:
    n = 1
    while file.with_name(f"{file.name}.before-{n}").exists():
        n += 1
    return file.with_name(f"{file.name}.before-{n}")
