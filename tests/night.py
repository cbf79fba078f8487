"""The language of the stories: a night on a fake phone network, over real HTTP, with a clock turned by hand.

Everything that the product sends must be taken up by somebody (`gets_sms`, `is_rung`); what nobody took up
is found by `nobody_else_was_contacted`, which ends every story.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urljoin
from zoneinfo import ZoneInfo

import httpx
from sqlmodel import col, select

from app import demo
from app.main import create_app
from app.server import Server, listen_on
from app.settings import Settings, load_settings
from app.wiring import build_context
from callbacks.engine.context import EngineContext
from callbacks.engine.jobs import roster_publication
from callbacks.engine.reconcile import reconcile
from callbacks.engine.runtime.loop import Engine
from callbacks.oncall.roster import read_roster, write_roster
from callbacks.policy.model import PUBLISHED, Policy, read_policy
from callbacks.store.sql import people, sealing, sessions, tables, tokens, users
from callbacks.telephony.transport import trusted
from sandbox.app import create_sandbox
from sandbox.audio import silence
from sandbox.config import Phone, SandboxConfig
from sandbox.records import Call, Message
from sandbox.signing import sign
from tests.clock import HandClock
from tests.lent import LentDatabase

SUPPORT = "+15145550100"
DESK = "+15145550190"
TORONTO = ZoneInfo("America/Toronto")
MOMENT = timedelta(seconds=0.6)
MOST_TURNS = 3000
ROSTER = """
timezone = "America/Toronto"
{technicians}
[[supervisor]]
name = "sue"
full_name = "Sue Tremblay"
phone = "+15145550199"
{rotations}
"""
PEOPLE = {
    "ana": ("Ana Roy", "+15145550111"),
    "bob": ("Bob Chen", "+15145550112"),
    "cleo": ("Cleo Martin", "+15145550113"),
}
RECEIPT = re.compile(
    r"(E-\d{6}): (we have your message|we saw your|votre message (est noté|nous est)|nous avons vu votre)"
)
SMS_ONLY = """
[[escalation]]
after = "0m"
page = "primary"
by = ["sms"]
[[escalation]]
after = "4m"
page = "backup"
by = ["sms"]
[[escalation]]
after = "8m"
page = "supervisors"
by = ["sms"]
"""


@dataclass(frozen=True)
class Expected:
    """A verdict to compare with: `after` from the clock's start, to the second or two that the network takes."""

    outcome: str
    evidence: str
    after: timedelta | None = None

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, dict)
        same = (other["outcome"], other["evidence"]) == (self.outcome, self.evidence)
        if not same or self.after is None:
            return bool(same) and (self.outcome == "met" or other["seconds"] is None)
        return bool(abs(other["seconds"] - self.after.total_seconds()) <= 3)


def met(by: str, after: timedelta | None = None) -> Expected:
    return Expected("met", by, after)


PENDING, MISSED = Expected("pending", "none"), Expected("missed", "none")


def void(by: str) -> Expected:
    return Expected("void", by)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def seconds(n: float) -> timedelta:
    return timedelta(seconds=n)


class Night:
    """One product, one network, one clock."""

    def __init__(self, database_url: str, folder: Path, policy: str = SMS_ONLY, pace: float = 0) -> None:
        self.clock = HandClock()
        self.listener = listen_on("127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.settings: Settings = load_settings(
            mode="demo", database_url=database_url, public_url=self.address, api_url=self.address, data_dir=folder,
            _env_file=None, segments_per_second=pace,
        )  # fmt: skip
        self.database = LentDatabase(database_url)
        phones = (*demo.CUSTOMERS, *(Phone(n, k, "technician") for k, (_, n) in PEOPLE.items()),
                  Phone("+15145550199", "sue", "supervisor"))  # fmt: skip
        config = SandboxConfig(
            self.settings.account_sid, self.settings.webhook_tokens[0], SUPPORT, phones, self.address
        )
        self.sandbox = create_sandbox(config, self.clock)
        self.network = self.sandbox.state.network
        self.policy: Policy = read_policy(policy) if policy else PUBLISHED
        self.context: EngineContext = _with_policy(build_context(self.settings, self.database, self.clock), self.policy)
        self.engine = Engine(self.context)
        self.engine.register()
        self.server = Server(demo.OnePort(create_app(self.settings, self.context), self.sandbox), self.listener)
        self.server.start()
        self.web = httpx.Client(base_url=self.address, timeout=20, verify=trusted())
        self.taken_up: set[str] = set()
        self.people = {name: Person(self, name, number) for name, (_, number) in PEOPLE.items()}
        self.sue = Person(self, "sue", "+15145550199")
        self.customer = Customer(self, "customer", demo.CUSTOMERS[0].number)
        self.desk = Person(self, "desk", DESK)
        self.other_customer = Customer(self, "other customer", demo.CUSTOMERS[1].number)
        self._tokens: dict[str, str] = {}

    def close(self) -> None:
        self.web.close()
        self.server.stop()
        self.network.close()
        self.database.give_back()

    # --- before the call ---

    def on_call(self, *names: str, languages: str = "en", extra: str = "") -> "list[Person]":
        """The first is primary, the second backup, all night."""
        technicians = "".join(
            f'[[technician]]\nname = "{name}"\nfull_name = "{full}"\nphone = "{number}"\nlanguage = "{languages}"\n'
            for name, (full, number) in PEOPLE.items()
        )
        rotations = "".join(
            f'[[rotation]]\nname = "{r}"\nmembers = ["{n}"]\nevery = "1w"\nstarts = "2026-01-05T09:00"\n'
            for r, n in zip(("primary", "backup"), names, strict=False)
        )
        self.roster(ROSTER.format(technicians=technicians, rotations=rotations) + extra)
        return [self.people[n] for n in names]

    def roster(self, text: str) -> None:
        with self.database.write() as session:
            people.load_roster(session, read_roster(text), "test", self.clock.now())

    def load(self, text: str) -> people.Loaded:
        """As `callbacks roster load` does: whoever's turn it changes is told."""
        roster, now = read_roster(text), self.clock.now()
        with self.database.write() as session:
            put = partial(people.load_roster, session, roster, "test", now)
            return roster_publication.put_in_force(session, now, put)

    @property
    def roster_text(self) -> str:
        with self.database.read() as session:
            return write_roster(session.people.current_roster())

    def customer_leaves_message(self, long: timedelta = seconds(20)) -> "Customer":
        return self.customer.calls().leaves_message(long)

    # --- time ---

    def settle(self) -> None:
        """Lets everything that follows at once happen: what is due within a moment."""
        for _ in range(MOST_TURNS):
            if not self._goes_on(self.clock.now() + MOMENT):
                return
        raise AssertionError("the night does not come to rest")

    def it_is(self, text: str) -> "Night":
        """Toronto's wall clock, such as 2026-11-24 10:00."""
        self.until(datetime.fromisoformat(text).replace(tzinfo=TORONTO).astimezone(UTC))
        return self

    def minutes_pass(self, n: float) -> None:
        self.passes(minutes(n))

    def passes(self, length: timedelta) -> None:
        """Time goes by, and everything due in it happens at its own instant."""
        end = self.clock.now() + length
        for _ in range(MOST_TURNS):
            if not self._goes_on(end):
                self.clock.turn_to(max(end, self.clock.now()))
                return
        raise AssertionError("too much happens in that time")

    def until(self, at: datetime) -> None:
        self.passes(at - self.clock.now())

    def sweeps(self) -> int:
        """One comparison with the carrier's records."""
        found = reconcile.sweep(self.context)
        self.settle()
        return found

    def _goes_on(self, until: datetime) -> bool:
        """What is due on the network; else turns the clock to what is due next, if that is by `until`, and does it."""
        if self.network.run_due():
            return True
        with self.database.read() as session:
            due = [self.network.next_due(), session.emergencies.next_wake(), session.outbox.next_due()]
        soonest = min((d for d in due if d), default=None)
        if soonest is None or soonest > until:
            return False
        self.clock.turn_to(max(soonest, self.clock.now()))
        self.engine.run_once()
        return True

    # --- what can be seen afterwards ---

    def emergencies(self) -> list[dict[str, Any]]:
        answer = self.get("/api/v1/emergencies")
        items: list[dict[str, Any]] = answer["items"]
        return items

    def emergency(self) -> dict[str, Any]:
        """The only one."""
        found = self.emergencies()
        assert len(found) == 1, [e["ref"] for e in found]
        return found[0]

    def verdict(self) -> dict[str, Any]:
        found: dict[str, Any] = self.emergency()["verdict"]
        return found

    def ledger(self) -> list[dict[str, Any]]:
        """The only emergency's."""
        items: list[dict[str, Any]] = self.get(f"/api/v1/emergencies/{self.emergency()['ref']}/ledger")["items"]
        return items

    def facts(self) -> list[str]:
        """The kinds of the only emergency's facts."""
        return [item["kind"] for item in self.ledger()]

    def facts_of(self, kind: str) -> list[dict[str, Any]]:
        """What the only emergency's facts of this kind say."""
        return [item["facts"] for item in self.ledger() if item["kind"] == kind]

    def logged_in(self, role: str, person: str | None = None) -> str:
        """The secret of a page session of somebody with this role; the cookie is `callbacks_session`."""
        with self.database.write() as session:
            row = users.by_email(session, f"{role}.{person or 'x'}@example.com")
            if row is None:
                row = users.add(
                    session, f"{role}.{person or 'x'}@example.com", role, person, "", "test", self.clock.now()
                )
                row.must_change = False
            return sessions.begin(session, row.id, self.clock.now(), True, "test", "127.0.0.1")

    def get(self, path: str) -> Any:
        answer = self.web.get(path, headers={"Authorization": f"Bearer {self.token('reader')}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def api(self, path: str, role: str = "supervisor", key: str | None = None, **body: Any) -> httpx.Response:
        """A command of a program about an emergency."""
        headers = {"Authorization": f"Bearer {self.token(role)}"} | ({"Idempotency-Key": key} if key else {})
        return self.web.post(f"/api/v1/emergencies/{path}", json=body, headers=headers)

    def webhook(self, url: str, form: Mapping[str, str], token: str | None = None, **headers: str) -> httpx.Response:
        """A webhook as the carrier would sign it; `token` "" leaves the signature out."""
        url = urljoin(self.address, url.partition("#")[0])
        token = self.settings.webhook_tokens[0] if token is None else token
        signature = {"X-Twilio-Signature": sign(token, url, form)} if token else {}
        content = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        return self.web.post(url, content=urlencode(form).encode(), headers={**content, **signature, **headers})

    def second_factor(self, email: str) -> str:
        """The secret of a user's second factor; "" before there is one."""
        with self.database.read() as session:
            row = users.by_email(session, email)
            assert row is not None
            return sealing.read(sealing.SecondFactor(row), self.context.secrets) or ""

    def metrics(self) -> str:
        """What Prometheus is told."""
        answer = self.web.get("/metrics", headers={"Authorization": f"Bearer {self.token('reader')}"})
        assert answer.status_code == 200
        return answer.text

    def token(self, role: str) -> str:
        """A token of that role: the same each time."""
        if role not in self._tokens:
            with self.database.write() as session:
                self._tokens[role] = tokens.new_token(session, role, self.clock.now())
        return self._tokens[role]

    def knobs(self, **change: Any) -> None:
        assert self.web.put("/sandbox/api/knobs", json=change).status_code == 200

    def nobody_else_was_contacted(self) -> None:
        """Every text and call that left was expected by the story, and nothing we sent was malformed. The one receipt of
        an emergency needs no words: who leaves a message is told that we have it."""
        self.settle()
        taken = self.taken_up | self._receipts()
        left = [f"text to {m.to_number}: {m.body}" for m in self.sent() if m.sid not in taken]
        left += [f"call to {c.to_number}" for c in self.placed() if c.sid not in self.taken_up]
        assert not left, left
        assert self.network.errors == []

    def _receipts(self) -> set[str]:
        """The first receipt of each emergency, to whom it concerns."""
        firsts: dict[str, str] = {}
        customers = self.customers
        for message in self.sent():
            if (found := RECEIPT.match(message.body)) and message.to_number in customers:
                firsts.setdefault(found[1], message.sid)
        return set(firsts.values())

    @property
    def customers(self) -> set[str]:
        """Everybody who called the line, and every number that a caller keyed in."""
        called = {c.from_number for c in self.network.calls.all.values() if c.direction == "inbound"}
        return called | {e["customer"]["number"] for e in self.emergencies()}

    def sent(self) -> list[Message]:
        return [m for m in self.network.texts.all.values() if m.direction == "outbound-api"]

    def placed(self) -> list[Call]:
        return [c for c in self.network.calls.all.values() if c.direction != "inbound"]


class Person:
    """Somebody with a phone on the network."""

    def __init__(self, night: Night, name: str, number: str) -> None:
        self.night, self.name, self.number = night, name, number
        self.call: Call | None = None
        self.last_text = self._code = ""

    # --- texts ---

    def gets_sms(self, *parts: str) -> Self:
        """The oldest text not yet taken up holds all of `parts`."""
        self.night.settle()
        assert self.waiting, f"{self.name} got no text; expected {parts}"
        message = self.waiting[0]
        for part in parts:
            assert part in message.body, f"{part!r} is not in {message.body!r}"
        self.night.taken_up.add(message.sid)
        self.last_text = message.body
        self._code = self._code_in(message.body) or self._code
        return self

    def gets_all(self, *kinds: str) -> Self:
        """Each text not yet taken up, one at least, is of one of these kinds: holds the words."""
        self.gets_sms()
        assert any(kind in self.last_text for kind in kinds), self.last_text
        return self.gets_all(*kinds) if self.waiting else self

    @property
    def waiting(self) -> list[Message]:
        """The texts not yet taken up."""
        return [m for m in self.night.sent() if m.to_number == self.number and m.sid not in self.night.taken_up]

    def replies(self, body: str, *media: tuple[str, bytes], **extra: str) -> Self:
        """Texts the support line; `media`: (content type, content) of what comes with it."""
        self.night.network.texts.receive(self.number, body, media, extra)
        self.night.settle()
        return self

    texts = replies

    def proves(self, body: str) -> Self:
        """Replies with the code behind the command, as an act that ends something needs it."""
        command, _, words = body.partition(" ")
        return self.replies(f"{command} {self.code} {words}".strip())

    @property
    def code(self) -> str:
        """The code in the last text that had one; else the newest emergency's, as a supervisor sees it."""
        if not self._code:
            with self.night.database.read() as session:
                return (
                    session.exec(select(tables.Emergency.code).order_by(col(tables.Emergency.id).desc())).first() or ""
                )
        return self._code

    @staticmethod
    def _code_in(body: str) -> str:
        words = body.partition("#")[2].partition(":")[0].split()
        return words[0].strip(".,") if words else ""

    # --- calls ---

    def is_rung(self) -> Self:
        self.night.settle()
        ringing = [c for c in self.night.placed() if c.to_number == self.number and c.sid not in self.night.taken_up]
        assert ringing, f"{self.name}'s phone did not ring"
        self.call = ringing[0]
        self.night.taken_up.add(self.call.sid)
        return self

    def is_called_back_by(self, command: str) -> Self:
        """Texts the command; the phone rings and is answered."""
        self.replies(command)
        self.is_rung()
        return self.answers()

    def answers(self) -> Self:
        return self._do(lambda desk, sid: desk.answer(sid))

    def rejects(self) -> Self:
        return self._do(lambda desk, sid: desk.reject(sid))

    def mailbox_answers(self) -> Self:
        return self._do(lambda desk, sid: desk.mailbox(sid))

    def presses(self, keys: str) -> Self:
        return self._do(lambda desk, sid: desk.press(sid, keys))

    def hangs_up(self) -> Self:
        return self._do(lambda desk, sid: desk.hang_up(sid))

    def hears(self, *parts: str) -> Self:
        """The words of the call so far."""
        assert self.call is not None
        words = " ".join(item.get("text", item.get("play", "")) for item in self.call.heard)
        for part in parts:
            assert part in words, f"{part!r} is not in {words!r}"
        return self

    def _do(self, deed: Callable[[Any, str], None]) -> Self:
        assert self.call is not None, f"{self.name} has no call"
        with self.night.network.lock:
            deed(self.night.network.calls, self.call.sid)
        self.night.settle()
        return self


class Customer(Person):
    def calls(self, caller_id: str | None = None) -> "Customer":
        """Dials the support line and hears the greeting."""
        with self.night.network.lock:
            self.call = self.night.network.calls.dial(self.number, caller_id)
        self.night.settle()
        return self

    def leaves_message(self, long: timedelta = seconds(20)) -> "Customer":
        """Speaks for a while and hangs up."""
        self.speaks(long)
        self.hangs_up()
        return self

    def skips_menus(self) -> "Customer":
        """Pound ends each menu without a choice, up to the tone."""
        assert self.call is not None
        while self.call.waits == "gather":
            self.presses("#")
        return self

    def speaks(self, long: timedelta) -> "Customer":
        assert self.call is not None
        self.skips_menus()
        sid, length = self.call.sid, long.total_seconds()
        self.night.clock.turn(seconds=length)
        with self.night.network.lock:
            self.night.network.calls.speak(sid, silence(length), length)
        self.night.settle()
        return self

    def answers(self, and_talks_for: timedelta | None = None) -> "Customer":
        """Takes the callback; talks, then hangs up."""
        if self.call is None or self.call.is_over:
            self.is_rung()
        super().answers()
        if and_talks_for is not None:
            self.night.passes(and_talks_for)
            self.hangs_up()
        return self


def _with_policy(context: EngineContext, policy: Policy) -> EngineContext:
    return replace(context, policy=policy)
