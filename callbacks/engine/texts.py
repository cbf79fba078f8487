"""An inbound text: who sent it, what it means, which emergency it is about, and the answer to it.

- An unknown sender is never answered and changes nothing, unless it is a customer with an emergency; the text is
  kept as received.
- The carrier's opt-out words mark the channel dead; they are never commands.
- Whatever is no command is answered with what to send, but only 25 times in a row: another machine may be talking to
  us, and the carrier breaks a chain at 30. Then silence for such texts, until a command succeeds.
- Codes that are not the sender's may be guesses of somebody with a forged number (`code_guard.py`).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from callbacks.emergency.commands import ENDING, SENT_AS, Answer
from callbacks.emergency.inputs import AttachmentsSent, Commanded
from callbacks.emergency.model import Emergency, marks
from callbacks.engine import answers, attachments, code_guard, customer_replies, rota, text_channels
from callbacks.engine.intake import digest, take_in_row
from callbacks.engine.stories import load
from callbacks.engine.world import World
from callbacks.lib.phone import normalise
from callbacks.messages import wording
from callbacks.messages.effects import PAGES
from callbacks.messages.replies import (
    CODE_LIVES,
    OPT_OUT_TYPES,
    Candidate,
    Reply,
    Route,
    is_like_a_code,
    read_reply,
    route,
)
from callbacks.oncall.coverage import Contact, Duty
from callbacks.oncall.schedule import next_shift, on_call, shifts
from callbacks.store import doors, people, received
from callbacks.store.database import with_retries
from callbacks.store.tables import EmergencyRow, OutboxRow
from callbacks.telephony.reports import Report

MOST_PASSIVE = 25
MOST_LISTED = 8
LATELY = timedelta(hours=4)
LEADS_NOWHERE = ("unclear", "no-open")
NOT_ANSWERED = ("carrier-help", "automatic")
_KEYS = {"priority": "p2", "note": "note", **SENT_AS}


def text_received(world: World, report: Report, written: datetime | None = None) -> None:
    """Takes in one text, once per message SID. `written`: when the carrier got it, for one that was found later; it is
    about nothing that opened after that."""
    key = report.message_sid() or report.any_message_sid() or digest(report.pairs)

    def once() -> None:
        with world.database.write() as session:
            if received.is_new(session, "sms", key, report.pairs, world.clock.now()):
                about = _understand(world, session, report, key, written)
                if about:
                    received.is_about(session, "sms", key, about)

    with_retries(once)
    world.wake.set()


def _understand(world: World, session: Session, report: Report, key: str, written: datetime | None) -> int | None:
    """The emergency that the text turned out to be about."""
    number, duty = normalise(report["From"]), world.duty(session)
    person = duty.roster.person_by_phone(number or report["From"].strip())
    contact = duty.contact(person.name) if person else None
    if contact is None:
        return customer_replies.understand(world, session, number, report) if number else None
    now = world.clock.now()
    candidates = [c for c in _candidates(session, contact, now) if written is None or c.opened_at <= written]
    media, kinds = attachments.found_in(report)
    body = doors.masked(received.storable(report["Body"]))
    body = body if body.strip() or not kinds else "note"
    codes = {c.code for c in candidates}
    reply = read_reply(body, codes, codes_in_use(session, now))
    if kinds and reply.command in ("note", "done"):
        reply = replace(reply, words=f"{reply.words} {marks(kinds)}".strip())
    if by_carrier := OPT_OUT_TYPES.get(report["OptOutType"]):
        reply = Reply(by_carrier)
    where = route(reply, contact.name, candidates)
    if where.ask in ("opt-out", "opt-in"):
        known = _channel_known(world, session, contact, where.ask)
        if not known or where.ask == "opt-out" or by_carrier:
            return None
        where = Route(ask="unclear")  # Yes to a page is no answer to it
    if where.ask == "unknown-code":
        code_guard.wrong_code(world, session, contact, key, duty, now)
        where = _of_somebody_else(session, reply, where)
    if where.to is None:
        if _may_try_codes(reply, body, codes):
            code_guard.odd_word(world, session, contact, key, duty, now)
        _answer_generally(world, session, contact, reply, where, duty)
        return None
    row = session.get(EmergencyRow, where.to)
    assert row is not None
    blocked = code_guard.blocked_until(world, session, contact, now)
    taken = take_in_row(world, session, row, _command(reply, contact, now, blocked))
    answer = taken.decision.answer
    assert answer is not None
    if answer.about == "needs-code" and _may_try_codes(reply, body, codes):
        code_guard.odd_word(world, session, contact, key, duty, now)
    if media and not answer.refused:
        sent = AttachmentsSent(at=now, by=contact.name, message_sid=report["MessageSid"], found=media)
        take_in_row(world, session, row, sent)
    _say(world, session, contact, taken.emergency, answer, duty, blocked)
    people.forget_passive(session, contact.name)
    return where.to


def _may_try_codes(reply: Reply, body: str, codes: set[str]) -> bool:
    """Whether the text would have ended something, had one of its words been the code. One that is read as a code is
    counted as a wrong one."""
    is_unread = reply.code is None or (reply.command == "unclear" and reply.code not in codes)
    return is_unread and reply.command in (*ENDING, "unclear") and is_like_a_code(body)


def _of_somebody_else(session: Session, reply: Reply, where: Route) -> Route:
    """A code that is an open emergency's, only not the sender's: the core says why they may not act."""
    query = select(EmergencyRow.id).where(EmergencyRow.code == reply.code, col(EmergencyRow.is_open))
    found = session.exec(query).first()
    return Route(to=found) if found else where


def _command(reply: Reply, contact: Contact, now: datetime, blocked_until: datetime | None) -> Commanded:
    return Commanded(
        at=now, by=contact.name, role=contact.role, command=reply.command, via="sms", words=reply.words,
        priority=reply.priority, can_talk="voice" in contact.channels, takes_texts="sms" in contact.channels,
        with_code=reply.code is not None, blocked_until=blocked_until,
    )  # fmt: skip


def _candidates(session: Session, contact: Contact, now: datetime) -> list[Candidate]:
    """What the sender was contacted about lately, newest first; for a supervisor all that is open too."""
    contacted = select(OutboxRow.emergency_id).where(OutboxRow.person == contact.name)
    theirs = col(EmergencyRow.id).in_(contacted) & _is_in_use(now)
    which = or_(theirs, col(EmergencyRow.is_open)) if contact.role == "supervisor" else theirs
    rows = session.exec(select(EmergencyRow).where(which).order_by(col(EmergencyRow.id).desc())).all()
    paged = select(OutboxRow.emergency_id).where(
        OutboxRow.person == contact.name,
        col(OutboxRow.kind).in_(PAGES),
        col(OutboxRow.emergency_id).in_([r.id for r in rows]),
    )
    named = set(session.exec(paged))
    return [_candidate(r, r.id in named, now) for r in rows]


def _candidate(row: EmergencyRow, is_paged: bool, now: datetime) -> Candidate:
    lately = not row.is_open and row.resolved_at is not None and row.resolved_at > now - LATELY
    return Candidate(
        id=row.id or 0, code=row.code, owner=row.acknowledged_by, is_open=row.is_open, due_at=row.due_at,
        is_resolved=row.resolved_at is not None, is_paged=is_paged, opened_at=row.opened_at, lately=lately,
    )  # fmt: skip


def codes_in_use(session: Session, now: datetime) -> set[str]:
    """Everybody's codes: of open emergencies and of those of the last days."""
    return set(session.exec(select(EmergencyRow.code).where(_is_in_use(now))))


def _is_in_use(now: datetime) -> ColumnElement[bool]:
    return or_(col(EmergencyRow.is_open), col(EmergencyRow.opened_at) > now - CODE_LIVES)


def _answer_generally(world: World, session: Session, contact: Contact, reply: Reply, where: Route, duty: Duty) -> None:
    """A text about no single emergency."""
    if where.ask in NOT_ANSWERED:
        return
    if where.ask in LEADS_NOWHERE and people.count_passive(session, contact.name, contact.role) > MOST_PASSIVE:
        return
    words = _general_words(session, contact, reply, where, duty, world.clock.now())
    answers.put(session, contact, None, words, duty, world.clock.now())


def _general_words(session: Session, contact: Contact, reply: Reply, where: Route, duty: Duty, now: datetime) -> str:
    language, zone = contact.language, duty.roster.timezone
    if where.ask == "who":
        return wording.general("who", language, list=who(duty, now, language))
    if where.ask == "ready":
        return rota.confirm(session, duty, contact.name, language, now)
    if where.ask in ("unclear", "no-open"):
        return wording.general(where.ask, language)
    listed = [e for i in where.listed[:MOST_LISTED] if (e := load(session, i))]
    names = {p.name: p.full_name or p.name for p in duty.roster.people}
    items = wording.items(listed, language, zone, names)
    if where.ask == "status":
        return wording.general("status", language, list=items) if listed else wording.general("status-none", language)
    if where.ask == "unknown-code":
        none = wording.general("status-none", language).rstrip(".")
        return wording.general("unknown-code", language, code=reply.code, list=items or none)
    return wording.general(
        where.ask or "which", language, list=items, example=f"{_KEYS[reply.command]} {listed[0].code}"
    )


def _say(
    world: World, session: Session, contact: Contact, e: Emergency, answer: Answer, duty: Duty,
    blocked_until: datetime | None,
) -> None:  # fmt: skip
    now, zone = world.clock.now(), duty.roster.timezone
    owner = duty.roster.person(e.owner) if e.owner else None
    name = (owner.full_name or owner.name) if owner else e.owner
    words = wording.answer(answer, e, contact.language, zone, now, name, blocked_until)
    # Who was refused was not contacted about it: the next text must not find it among theirs.
    row_id = None if answer.about == "not-paged" else int(e.ref.removeprefix("E-"))
    if "sms" in contact.channels:
        linked = answer.about in wording.LINKED
        answers.put(session, contact, row_id, words, duty, now, linked)


def _channel_known(world: World, session: Session, contact: Contact, ask: str) -> bool:
    """The carrier now refuses, or takes again, our texts to this phone; whether that was so already."""
    if ask == "opt-out":
        return not text_channels.stopped(world, session, contact, "opted-out")
    return not text_channels.starts_again(world, session, contact)


def who(duty: Duty, now: datetime, language: str) -> str:
    """Each rotation: who has it now, until when, and who is next."""
    found = [_who(duty, name, now, language) for name in duty.roster.rotation_names]
    return "; ".join(found) or wording.text("who-none", language)


def _who(duty: Duty, rotation: str, now: datetime, language: str) -> str:
    roster = duty.roster
    nobody = wording.text("who-nobody", language)

    def named(name: str | None) -> str:
        person = roster.person(name) if name else None
        return (person.full_name or person.name) if person else nobody

    person = named(on_call(roster, now, duty.calendars).get(rotation))
    current = shifts(roster, now, now + timedelta(days=8), rotation, duty.calendars)
    later = next_shift(roster, rotation, now, duty.calendars)
    if len(current) < 2 or later is None:
        return wording.text("who-always", language, rotation=rotation, person=person)
    until = wording.local_day(current[0].end, roster.timezone, language)
    return wording.text(
        "who-now", language, rotation=rotation, person=person, until=until, next=named(later.technician)
    )
