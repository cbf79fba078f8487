"""An inbound text: who sent it, what it means, which emergency it is about, and the answer to it.

- An unknown sender is never answered and changes nothing, unless it is a customer with an emergency; the text is
  kept as received.
- The carrier's opt-out words mark the channel dead; they are never commands.
- Whatever is no command is answered with what to send, but only 25 times in a row: another machine may be talking to
  us, and the carrier breaks a chain at 30. Then silence for such texts, until a command succeeds.
- Codes that are not the sender's may be guesses of somebody with a forged number (`delivery/code_guessing.py`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from callbacks.delivery import code_guessing as rule
from callbacks.delivery.code_guessing import Mark
from callbacks.delivery.delivery_policy import NO_TEXTS, Source
from callbacks.delivery.outbox_row import TEXTS_TO_PEOPLE, OutboxKind
from callbacks.emergency.commands import Answer
from callbacks.emergency.inputs import (
    AttachmentsSent,
    Command,
    Commanded,
    CustomerSaid,
    Meaning,
    NumberProved,
    TextsRefused,
)
from callbacks.emergency.model import CUSTOMER, Emergency, Via, id_of, marks
from callbacks.engine.context import EngineContext
from callbacks.engine.intake import recordings
from callbacks.engine.intake.handle import digest, handle_input_for_row, put_effects
from callbacks.engine.intake.summary import load
from callbacks.engine.jobs import handoff_notices
from callbacks.engine.notify import notify, raise_once
from callbacks.lib import magic_links
from callbacks.lib.phone import normalise
from callbacks.messages import wording
from callbacks.messages.effects import text_effect
from callbacks.messages.replies import (
    CODE_LIVES,
    OPT_OUT_TYPES,
    Candidate,
    Reply,
    Route,
    is_like_a_code,
    read_customer,
    read_reply,
    route_reply,
)
from callbacks.oncall.coverage import Contact, Duty
from callbacks.oncall.roster import Role
from callbacks.oncall.schedule import next_shift, on_call, shifts
from callbacks.store import rates
from callbacks.store.interface import Transaction
from callbacks.store.received_form import storable
from callbacks.store.rows import EmergencyRow, OutboxRow
from callbacks.telephony.reports import Report

# Answers to technicians' and supervisors' texts: so many per number, so many in all, then a last one and silence.
#
# A sender can be forged, and each answer takes a second of the number that pages need. Pages do not look at this.
# Commands act all the same, but where our answer would not reach the real phone, `1` and `2` need the page's code.
# The windows are the database's, so all nodes count together.

MOST = 20
MOST_IN_ALL = 60
WITHIN = timedelta(minutes=10)


def put_answer(
    session: Transaction,
    contact: Contact,
    emergency_id: int | None,
    words: str,
    duty: Duty,
    now: datetime,
    linked: bool = False,
) -> None:
    """Answers, unless this number or all together have had too many answers lately."""
    given, left, until = rates.take_rate(session, _rate_of(contact), 1, MOST + 1, WITHIN, now)
    if given and not left:
        clock = wording.local_time(until, duty.roster.timezone)
        words = wording.general("answers-paused", contact.language, until=clock)
        key, who = f"answers {contact.name} {now:%Y-%m-%dT%H}", duty.roster.display_name(contact.name)
        raise_once(session, duty, key, "audit-answers", now, what=MOST, person=who)
    if given:
        given, left, _ = rates.take_rate(session, "answers", 1, MOST_IN_ALL, WITHIN, now)
        if not given:
            raise_once(session, duty, f"answers {now:%Y-%m-%dT%H}", "audit-all-answers", now, what=MOST_IN_ALL)
    if given:
        put_effects(session, emergency_id, [text_effect(contact, words, linked)], now)


def _rate_of(contact: Contact) -> str:
    return f"answers {contact.name}"[:80]


def reaches(session: Transaction, contact: Contact, now: datetime) -> bool:
    """Whether our answer to a text would reach the real phone: it takes texts, and is not at the end of its answers."""
    theirs = rates.taken(session, _rate_of(contact), WITHIN, now)
    return contact.takes_texts and theirs < MOST and rates.taken(session, "answers", WITHIN, now) < MOST_IN_ALL


# Texts of technicians with wrong codes: counted where they are kept, blocked when too many, told to supervisors.
#
# The count stands on the received texts themselves, so all nodes count together. One text at a time is looked at:
# tries sent at the same instant do not slip past the count. Paging does not look at it.

log = structlog.get_logger()
TOLD = "codes.guessed"
EVERYBODY = "everybody"
SINCE = rule.WITHIN + rule.BLOCKED_FOR


def count_wrong_code(
    context: EngineContext, session: Transaction, contact: Contact, key: str, duty: Duty, now: datetime
) -> None:
    """The text `key` of this person had a code that is not theirs."""
    if blocked_until_of(context, session, contact, now):
        return  # it proves nothing either way; one number alone does not block everybody's
    session.received.mark(key, Mark.WRONG_CODE, contact.name)
    wrong = session.received.marked_since(Mark.WRONG_CODE, now - rule.WITHIN, contact.name)
    if rule.is_to_be_told(wrong, rule.MOST_WRONG, session.audits.last_about(TOLD, contact.name), now):
        _tell_of_wrong_codes(session, duty, contact.name, "audit-codes", len(wrong), now)
    in_all = session.received.marked_since(Mark.WRONG_CODE, now - rule.WITHIN)
    if rule.is_to_be_told(in_all, rule.MOST_WRONG_IN_ALL, session.audits.last_about(TOLD, EVERYBODY), now):
        _tell_of_wrong_codes(session, duty, EVERYBODY, "audit-codes-in-all", len(in_all), now)


def _tell_of_wrong_codes(session: Transaction, duty: Duty, whom: str, slug: str, n: int, now: datetime) -> None:
    key = f"codes {whom} {now:%Y-%m-%dT%H}"
    if raise_once(session, duty, key, slug, now, what=n, person=duty.roster.display_name(whom)):
        log.warning("texts.codes_guessed", n=n, whom=whom)
        session.audits.put(now, "callbacks", "sms", TOLD, whom, texts=n)


def odd_word(
    context: EngineContext, session: Transaction, contact: Contact, key: str, duty: Duty, now: datetime
) -> None:
    """The text `key` had no code, and a word that looks like one and is nobody's, where a code would have counted."""
    if blocked_until_of(context, session, contact, now):
        return
    session.received.mark(key, Mark.ODD_WORD, contact.name)
    odd = session.received.marked_since(Mark.ODD_WORD, now - rule.WITHIN, contact.name)
    if rule.is_to_be_told(odd, rule.MOST_ODD_WORDS, session.audits.last_about(TOLD, contact.name), now):
        _tell_of_wrong_codes(session, duty, contact.name, "audit-codes", len(odd), now)


def blocked_until_of(context: EngineContext, session: Transaction, contact: Contact, now: datetime) -> datetime | None:
    """Until when codes in this person's texts prove nothing, if they do not now."""
    session.wait_alone("codes")
    counts = (
        (session.received.marked_since(Mark.WRONG_CODE, now - SINCE, contact.name), rule.MOST_WRONG),
        (session.received.marked_since(Mark.WRONG_CODE, now - SINCE), rule.MOST_WRONG_IN_ALL),
        (session.received.marked_since(Mark.ODD_WORD, now - SINCE, contact.name), rule.MOST_ODD_WORDS),
    )
    found = [rule.blocked_until(wrong, most, now) for wrong, most in counts]
    return max((until for until in found if until), default=None)


# A text from somebody who is not on the roster: a customer with an emergency, or nobody we know.
#
# - It becomes a note that whoever has the emergency gets; 1 and 2 answer "did we reach you?"; withdraw is answered
#   with a number, and closes with it.
# - It is answered only by the texts that the emergency itself calls for, so that two machines never talk on.
# - The carrier's opt-out words end our texts to this number. A stranger's text changes nothing.

ANSWERS_WITHIN = timedelta(hours=24)
MOST_LOOKED_AT = 20


def understand_customer(context: EngineContext, session: Transaction, number: str, report: Report) -> int | None:
    """Takes in one text of a customer, inside the caller's transaction; the emergency that it was about."""
    now = context.clock.now()
    said = read_customer(report["Body"])
    said = replace(said, meaning=OPT_OUT_TYPES.get(report["OptOutType"], said.meaning))
    media, kinds = recordings.found_in(report)
    row = latest(session, number, now, said.meaning, said.digits)
    if said.meaning in (Meaning.OPT_OUT, Meaning.OPT_IN):
        if row or session.customers.known(number):
            session.customers.mark_sms(number, "opted-out" if said.meaning == Meaning.OPT_OUT else None, now)
        return None
    if row is None or said.meaning == Meaning.CARRIER_HELP:
        return None
    row = handle_input_for_row(context, session, row, NumberProved(at=now, number=number)).row
    words = " ".join(part for part in (marks(kinds), recordings.place_of(report), said.words) if part)
    drawn = str(100 + session.below(900))
    told = CustomerSaid(at=now, meaning=said.meaning, words=words, digits=said.digits, drawn=drawn, number=number)
    row = handle_input_for_row(context, session, row, told).row
    if said.meaning == Meaning.CONFIRM_WITHDRAWAL and _digits(session, row) != said.digits:
        _mistyped_elsewhere(context, session, row, told)
    if kinds and said.meaning != Meaning.NOTE:  # an answer alone would tell nobody what came with it
        note = CustomerSaid(at=now, meaning=Meaning.NOTE, words=words)
        row = handle_input_for_row(context, session, row, note).row
    if media:
        sent = AttachmentsSent(at=now, by=CUSTOMER, message_sid=report["MessageSid"], found=media)
        handle_input_for_row(context, session, row, sent)
    return row.id


def latest(
    session: Transaction, number: str, now: datetime, meaning: Meaning | None = None, digits: str = ""
) -> EmergencyRow | None:
    """The one whose question a yes, a no or a withdrawal's digits answer; else the open emergency of this number, or
    its last one of the last day."""
    rows = session.emergencies.of_number(number, MOST_LOOKED_AT)
    if meaning in (Meaning.YES, Meaning.NO):
        asked = [(at, r) for r in rows if (at := _asked_at(session, r)) and at > now - ANSWERS_WITHIN]
        if asked:
            return max(asked, key=lambda x: x[0])[1]
    live = [r for r in rows if r.is_open and digits and _digits(session, r) == digits]
    live = live or [r for r in rows if r.is_open] or [r for r in rows if r.opened_at > now - ANSWERS_WITHIN]
    return live[0] if live else None


def _mistyped_elsewhere(context: EngineContext, session: Transaction, row: EmergencyRow, told: CustomerSaid) -> None:
    """A wrong number is a try at each open emergency of this phone that waits for one: it counts in all, and is a note
    in the newest alone."""
    for other in session.emergencies.open_of_number(told.number or "", row.id, MOST_LOOKED_AT):
        if _digits(session, other) is not None:
            handle_input_for_row(context, session, other, replace(told, is_note_elsewhere=True))


def _digits(session: Transaction, row: EmergencyRow) -> str | None:
    e = load(session, row.id)
    return e.withdrawal_digits if e else None


def _asked_at(session: Transaction, row: EmergencyRow) -> datetime | None:
    e = load(session, row.id)
    return e.reached_asked_at if e else None


MOST_PASSIVE = 25
MOST_LISTED = 8
LATELY = timedelta(hours=4)
LEADS_NOWHERE = ("unclear", "no-open")
NOT_ANSWERED = ("carrier-help", "automatic")


def text_received(context: EngineContext, report: Report, written: datetime | None = None) -> None:
    """Takes in one text, once per message SID. `written`: when the carrier got it, for one that was found later; it is
    about nothing that opened after that."""
    key = report.message_sid() or report.any_message_sid() or digest(report.pairs)

    def once(session: Transaction) -> None:
        if session.received.is_new(Source.SMS, key, report.pairs, context.clock.now()):
            about = _understand(context, session, report, key, written)
            if about:
                session.received.is_about(Source.SMS, key, about)

    context.commit(once)


def _understand(
    context: EngineContext, session: Transaction, report: Report, key: str, written: datetime | None
) -> int | None:
    """The emergency that the text turned out to be about."""
    number, duty = normalise(report["From"]), context.duty(session)
    person = duty.roster.person_by_phone(number or report["From"].strip())
    contact = duty.contact(person.name) if person else None
    if contact is None:
        return understand_customer(context, session, number, report) if number else None
    now = context.clock.now()
    candidates = [c for c in _candidates(session, contact, now) if written is None or c.opened_at <= written]
    media, kinds = recordings.found_in(report)
    body = magic_links.masked(storable(report["Body"]))
    body = body if body.strip() or not kinds else "note"
    codes = {c.code for c in candidates}
    reply = read_reply(body, codes, session.emergencies.codes_in_use(now - CODE_LIVES))
    if kinds and reply.rule and reply.rule.takes_words:
        reply = replace(reply, words=f"{reply.words} {marks(kinds)}".strip())
    if by_carrier := OPT_OUT_TYPES.get(report["OptOutType"]):
        reply = Reply(by_carrier)
    where = route_reply(reply, contact.name, candidates)
    if where.ask in ("opt-out", "opt-in"):
        known = _channel_known(context, session, contact, where.ask)
        if not known or where.ask == "opt-out" or by_carrier:
            return None
        where = Route(ask="unclear")  # Yes to a page is no answer to it
    if where.ask == "unknown-code":
        count_wrong_code(context, session, contact, key, duty, now)
        where = _of_somebody_else(session, reply, where)
    if where.to is None:
        if _may_try_codes(reply, body, codes):
            odd_word(context, session, contact, key, duty, now)
        _answer_generally(context, session, contact, reply, where, duty)
        return None
    row = session.emergencies.find(where.to)
    assert row is not None
    blocked = blocked_until_of(context, session, contact, now)
    answered = reaches(session, contact, now)
    taken = handle_input_for_row(context, session, row, _command(reply, contact, now, blocked, answered))
    answer = taken.decision.answer
    assert answer is not None
    if answer.about == "needs-code" and _may_try_codes(reply, body, codes):
        odd_word(context, session, contact, key, duty, now)
    if media and not answer.refused:
        sent = AttachmentsSent(at=now, by=contact.name, message_sid=report["MessageSid"], found=media)
        handle_input_for_row(context, session, taken.row, sent)
    _say(context, session, contact, taken.emergency, answer, duty, blocked)
    session.people.forget_passive(contact.name)
    return where.to


def _may_try_codes(reply: Reply, body: str, codes: set[str]) -> bool:
    """Whether the text would have ended something, had one of its words been the code. One that is read as a code is
    counted as a wrong one."""
    is_unread = reply.code is None or (reply.command == "unclear" and reply.code not in codes)
    ends = reply.rule.needs_code if reply.rule else reply.command == "unclear"
    return is_unread and ends and is_like_a_code(body)


def _of_somebody_else(session: Transaction, reply: Reply, where: Route) -> Route:
    """A code that is an open emergency's, only not the sender's: the core says why they may not act."""
    found = session.emergencies.open_with_code(reply.code)
    return Route(to=found) if found else where


def _command(
    reply: Reply, contact: Contact, now: datetime, blocked_until: datetime | None, answered: bool
) -> Commanded:
    return Commanded(
        at=now,
        by=contact.name,
        role=contact.role,
        command=Command(reply.command),
        via=Via.SMS,
        words=reply.words,
        priority=reply.priority,
        can_talk=contact.takes_calls,
        takes_texts=answered,
        with_code=reply.code is not None,
        blocked_until=blocked_until,
    )


def _candidates(session: Transaction, contact: Contact, now: datetime) -> list[Candidate]:
    """What the sender was contacted about lately, newest first; for a supervisor all that is open too."""
    is_supervisor = contact.role == Role.SUPERVISOR
    rows = session.emergencies.told_to(contact.name, now - CODE_LIVES, and_open=is_supervisor)
    named = session.outbox.paged_of(contact.name, [r.id for r in rows])
    return [_candidate(r, r.id in named, now) for r in rows]


def _candidate(row: EmergencyRow, is_paged: bool, now: datetime) -> Candidate:
    lately = not row.is_open and row.resolved_at is not None and row.resolved_at > now - LATELY
    return Candidate(
        id=row.id,
        code=row.code,
        owner=row.acknowledged_by,
        is_open=row.is_open,
        due_at=row.due_at,
        is_resolved=row.resolved_at is not None,
        is_paged=is_paged,
        opened_at=row.opened_at,
        lately=lately,
    )


def _answer_generally(
    context: EngineContext, session: Transaction, contact: Contact, reply: Reply, where: Route, duty: Duty
) -> None:
    """A text about no single emergency."""
    if where.ask in NOT_ANSWERED:
        return
    if where.ask in LEADS_NOWHERE and session.people.count_passive(contact.name, contact.role) > MOST_PASSIVE:
        return
    words = _general_words(session, contact, reply, where, duty, context.clock.now())
    put_answer(session, contact, None, words, duty, context.clock.now())


def _general_words(
    session: Transaction, contact: Contact, reply: Reply, where: Route, duty: Duty, now: datetime
) -> str:
    language = contact.language
    if answer := GENERAL.get(where.ask or ""):
        return answer(session, contact, reply, where, duty, now)
    if where.ask in ("unclear", "no-open"):
        return wording.general(where.ask, language)
    items = _items(session, contact, where, duty)
    if where.ask == "unknown-code":
        none = wording.general("status-none", language).rstrip(".")
        return wording.general("unknown-code", language, code=reply.code, list=items or none)
    assert reply.rule is not None
    first = next(e for i in where.listed if (e := load(session, i)))
    return wording.general(where.ask or "which", language, list=items, example=f"{reply.rule.send} {first.code}")


def _items(session: Transaction, contact: Contact, where: Route, duty: Duty) -> str:
    listed = [e for i in where.listed[:MOST_LISTED] if (e := load(session, i))]
    return wording.items(listed, contact.language, duty.roster.timezone, duty.roster.display_name)


def _status(session: Transaction, contact: Contact, reply: Reply, where: Route, duty: Duty, now: datetime) -> str:
    items = _items(session, contact, where, duty)
    return wording.general("status" if items else "status-none", contact.language, list=items)


def _who_is_on_call(
    session: Transaction, contact: Contact, reply: Reply, where: Route, duty: Duty, now: datetime
) -> str:
    return wording.general("who", contact.language, list=who(duty, now, contact.language))


def _ready(session: Transaction, contact: Contact, reply: Reply, where: Route, duty: Duty, now: datetime) -> str:
    return handoff_notices.confirm(session, duty, contact.name, contact.language, now)


# The commands that are about no single emergency.
GENERAL: Mapping[str, Callable[[Transaction, Contact, Reply, Route, Duty, datetime], str]] = {
    Command.STATUS: _status,
    Command.WHO: _who_is_on_call,
    Command.READY: _ready,
}


def _say(
    context: EngineContext,
    session: Transaction,
    contact: Contact,
    e: Emergency,
    answer: Answer,
    duty: Duty,
    blocked_until: datetime | None,
) -> None:
    now, zone = context.clock.now(), duty.roster.timezone
    owner = duty.roster.display_name(e.owner)
    words = wording.answer(answer, e, contact.language, zone, now, owner, blocked_until)
    # Who was refused was not contacted about it: the next text must not find it among theirs.
    row_id = None if answer.about == "not-paged" else id_of(e.ref)
    if contact.takes_texts:
        linked = answer.about in wording.LINKED
        put_answer(session, contact, row_id, words, duty, now, linked)


def _channel_known(context: EngineContext, session: Transaction, contact: Contact, ask: str) -> bool:
    """The carrier now refuses, or takes again, our texts to this phone; whether that was so already."""
    if ask == "opt-out":
        return not stopped(context, session, contact, "opted-out")
    return not starts_again(context, session, contact)


def who(duty: Duty, now: datetime, language: str) -> str:
    """Each rotation: who has it now, until when, and who is next."""
    found = [_who(duty, name, now, language) for name in duty.roster.rotation_names]
    return "; ".join(found) or wording.text("who-none", language)


def _who(duty: Duty, rotation: str, now: datetime, language: str) -> str:
    roster = duty.roster
    nobody = wording.text("who-nobody", language)

    def named(name: str | None) -> str:
        return roster.display_name(name) or nobody

    person = named(on_call(roster, now, duty.calendars).get(rotation))
    current = shifts(roster, now, now + timedelta(days=8), rotation, duty.calendars)
    later = next_shift(roster, rotation, now, duty.calendars)
    if len(current) < 2 or later is None:
        return wording.text("who-always", language, rotation=rotation, person=person)
    until = wording.local_day(current[0].end, roster.timezone, language)
    return wording.text(
        "who-now", language, rotation=rotation, person=person, until=until, next=named(later.technician)
    )


# Whose phone takes no texts: learnt from every sign of it, told to supervisors; unanswered pages go on by voice.
#
# - Signs: the word STOP or the carrier's own `OptOutType`, a refusal for good of any text of ours, two failures in a
#   row that say unreachable.
# - START from that phone brings texts back, and so does another number in the roster.
# - Both words can be forged: however often they alternate, supervisors are told of a person once an hour. What they
#   were told last, that the texts have stopped, is also what holds until START has been let stand.


UNREACHABLE = (30004, 30005)
IN_A_ROW = 2
AGAIN = timedelta(hours=1)


def stopped(
    context: EngineContext,
    session: Transaction,
    contact: Contact,
    why: str,
    code: int | None = None,
    besides: Collection[int | None] = (),
) -> bool:
    """This phone takes no texts any more; False if that was known. `besides`: emergencies whose page is being refused
    itself, which becomes a fact of its own."""
    now = context.clock.now()
    if not session.people.mark_sms(contact.name, contact.role, why, now):
        return False
    log.warning("texts.refused", person=contact.name, why=why, code=code)
    duty = context.duty(session)
    if session.notices.is_due(f"texts stopped {contact.name}", AGAIN, now):
        _tell(session, duty, contact, code, now)
    for emergency_id in session.outbox.paged_about(contact.name):
        row = session.emergencies.find(emergency_id) if emergency_id not in besides else None
        if row:
            handle_input_for_row(context, session, row, TextsRefused(at=now, person=contact.name, code=code))
    return True


def _tell(session: Transaction, duty: Duty, contact: Contact, code: int | None, now: datetime) -> None:
    slug = ("opted-out" if code is None else "texts-refused") + ("" if contact.takes_calls else "-no-voice")
    others = [s for s in duty.supervisors if s.name != contact.name]
    notify(session, others, slug, now, person=duty.roster.display_name(contact.name), code=code)


def starts_again(context: EngineContext, session: Transaction, contact: Contact) -> bool:
    """This phone takes texts again; False if it did all along."""
    return session.people.mark_sms(contact.name, contact.role, None, context.clock.now())


def failed(context: EngineContext, session: Transaction, bundle: Sequence[OutboxRow], code: int | None) -> None:
    """A text to one of ours was refused, or did not arrive, for the reason that the carrier's code says. `bundle`: what
    it carried, its leader first."""
    row = bundle[0]
    contact = context.duty(session).contact(row.person) if row.kind in TEXTS_TO_PEOPLE and row.person else None
    if contact is None or code is None or row.number not in (None, contact.number):
        return
    why = NO_TEXTS.get(code)
    if code in UNREACHABLE and session.people.count_unreachable(contact.name, contact.role) >= IN_A_ROW:
        why = "unreachable"
    if why:
        pages = {part.emergency_id for part in bundle if part.kind == OutboxKind.PAGE}
        stopped(context, session, contact, why, code, pages)


def arrived(session: Transaction, row: OutboxRow) -> None:
    """A text to one of ours was delivered."""
    if row.kind in TEXTS_TO_PEOPLE and row.person:
        session.people.forget_unreachable(row.person)


def refused(context: EngineContext, bundle: Sequence[OutboxRow], code: int | None) -> None:
    """The same as `failed`, in a transaction of its own: before the refusal becomes a fact and the next step starts."""
    if bundle[0].kind not in TEXTS_TO_PEOPLE or code is None:
        return

    context.database.transact(lambda session: failed(context, session, bundle, code))
