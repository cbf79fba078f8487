"""Every decision: what an input means for an emergency, as facts to be recorded.

- Pure: `now` and who is on call are arguments; the answer is events, never an action.
- The same report twice adds nothing: each reaction looks first at what is known.
- After every input comes whatever is due by then, so a step never waits for a second look.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callbacks.delivery.delivery_policy import TEXT_LOST, CarrierStatus
from callbacks.emergency import commands, promise
from callbacks.emergency import events as ev
from callbacks.emergency import inputs as given
from callbacks.emergency.commands import PAGE_KEYS, Answer, apply_command
from callbacks.emergency.customer_notifications import customer_notifications, may_be_texted, suggest_second_try
from callbacks.emergency.escalation import nobody_is_left, refused_texts_by_voice, stopped_texts_by_voice, waits_for
from callbacks.emergency.fold import apply, fold
from callbacks.emergency.inputs import Meaning
from callbacks.emergency.model import (
    CUSTOMER,
    MOST_KEPT,
    Alert,
    CustomerText,
    Emergency,
    Fault,
    FileState,
    Outcome,
    PageState,
    Reported,
    Resolution,
    Via,
)
from callbacks.emergency.promise import declared_contacts, judge
from callbacks.emergency.timers import catch_up, report_unconfirmed, tell
from callbacks.lib.phone import why_not_dialled
from callbacks.oncall.coverage import Duty
from callbacks.policy.model import Channel

# What the reports of a callback add to the story: both legs, the dial, and the key afterwards.

FAILED_CALL: Mapping[str, Fault] = {
    CarrierStatus.BUSY: Fault.BUSY,
    CarrierStatus.NO_ANSWER: Fault.NO_ANSWER,
    CarrierStatus.FAILED: Fault.FAILED,
    CarrierStatus.CANCELED: Fault.CANCELLED,
    Fault.CAPPED: Fault.CAPPED,
}
ARRIVED = (CarrierStatus.DELIVERED, CarrierStatus.READ, CarrierStatus.IN_PROGRESS, "answered")
MOST_CONFIRMATIONS = 20  # yes and no in turn; what follows is a note
REPORTS = dict(zip("123", Reported, strict=True))


def dialled_by_key(e: Emergency, person: str | None, now: datetime) -> str | None:
    """This person's callback that a key on a page call asked for and that never rang: when our answer to the key was
    lost, the same key gets it again. Never one that rings them on a call of its own: there they prove themselves,
    and the customer would be dialled twice."""
    for key, c in e.callbacks.items():
        if c.by == person and c.is_live(now) and not c.rang_at and c.accepted_at == c.requested_at:
            return key
    return None


def technician_leg(e: Emergency, said: given.TechnicianLeg, now: datetime) -> list[ev.Event]:
    callback = e.callbacks.get(said.callback)
    if callback is None or callback.ended_at:
        return []
    if said.status == CarrierStatus.IN_PROGRESS:
        return [] if callback.answered_at else [ev.TechnicianAnswered(at=said.at, callback=said.callback)]
    over = said.status in (CarrierStatus.COMPLETED, *FAILED_CALL)
    if not over or callback.accepted_at:
        return []
    why = FAILED_CALL.get(said.status, Fault.NO_KEY)
    return [ev.TechnicianMissed(at=said.at, callback=said.callback, why=why)]


def technician_key(e: Emergency, said: given.TechnicianKey, now: datetime) -> list[ev.Event]:
    callback = e.callbacks.get(said.callback)
    if callback is None or callback.accepted_at or callback.ended_at:
        return []
    if said.key == "1":
        return [ev.TechnicianAccepted(at=said.at, callback=said.callback)]
    return [ev.TechnicianMissed(at=said.at, callback=said.callback, why=Fault.NO_KEY)]


def customer_leg(e: Emergency, said: given.CustomerLeg, now: datetime) -> list[ev.Event]:
    callback, key = e.callbacks.get(said.callback), said.callback
    if callback is None:
        return []
    if said.status == CarrierStatus.RINGING and callback.rang_at is None:
        return [ev.CustomerRang(at=said.at, callback=key)]
    if said.status == CarrierStatus.IN_PROGRESS and callback.joined_at is None:
        return [ev.CustomerAnswered(at=said.at, callback=key)]
    if said.status in (CarrierStatus.COMPLETED, *FAILED_CALL) and callback.leg is None:
        return [ev.CustomerLegEnded(at=said.at, callback=key, status=said.status, seconds=said.seconds)]
    return []


def customer_detected(e: Emergency, said: given.CustomerDetected, now: datetime) -> list[ev.Event]:
    callback = e.callbacks.get(said.callback)
    if callback is None or callback.answered_by:
        return []
    return [ev.CustomerJudged(at=said.at, callback=said.callback, answered_by=said.answered_by)]


def dial_over(e: Emergency, said: given.DialOver, now: datetime) -> list[ev.Event]:
    callback = e.callbacks.get(said.callback)
    if callback is None or callback.dial:
        return []
    ended = ev.BridgeEnded(
        at=said.at, callback=said.callback, status=said.status, bridged=said.bridged, talk_seconds=said.seconds
    )
    return [ended]


def after_call_key(e: Emergency, said: given.AfterCallKey, now: datetime) -> list[ev.Event]:
    callback, result = e.callbacks.get(said.callback), REPORTS.get(said.key)
    if callback is None or result is None or callback.reported == result:
        return []
    return [ev.CallbackReported(at=said.at, callback=said.callback, result=result)]


ABOUT_CALLBACKS: dict[type[given.Input], Callable[[Emergency, Any, datetime], list[ev.Event]]] = {
    given.TechnicianLeg: technician_leg,
    given.TechnicianKey: technician_key,
    given.CustomerLeg: customer_leg,
    given.CustomerDetected: customer_detected,
    given.DialOver: dial_over,
    given.AfterCallKey: after_call_key,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """New facts, the emergency after them (None only when nothing ever opened), and what to answer."""

    events: tuple[ev.Event, ...]
    after: Emergency | None
    answer: Answer | None = None


def decide(e: Emergency | None, said: given.Input, now: datetime, duty: Duty) -> Decision:
    """What `said` adds to the story at `now`, followed by all that is due."""
    story: list[ev.Event] = []
    if e is None:
        if not isinstance(said, given.CallSign) or said.opening is None:
            return Decision((), None)
        story += _open(said, said.opening, now)
        e = fold(story)
    assert e is not None
    new, answer = _react(e, said, now)
    e = _add(e, new)
    for follow in (
        _contest_told,
        _unconfirmed_told,
        report_guesses,
        report_bounds,
        _drill_done,
        _all_passed_told,
        stopped_texts_by_voice,
        _due_by_now,
        refused_texts_by_voice,
        suggest_second_try,
        customer_notifications,
    ):
        more = follow(e, [*story, *new], now, duty)
        if more:
            new, e = [*new, *more], _add(e, more)
    return Decision((*story, *new), e, answer)


def _drill_done(e: Emergency, new: Sequence[ev.Event], now: datetime, duty: Duty) -> list[ev.Event]:
    """A drill asks for nothing but the answer."""
    done = e.drill and e.resolved_at is None and any(isinstance(event, ev.Acknowledged) for event in new)
    return [ev.Resolved(at=now, by=e.owner or "", how=Resolution.RESOLVED)] if done else []


def _all_passed_told(e: Emergency, new: Sequence[ev.Event], now: datetime, duty: Duty) -> list[ev.Event]:
    """Paging goes on by the policy, but whoever passes by text may be forged: supervisors hear of it at once."""
    passed = not e.drill and any(isinstance(event, ev.Passed) for event in new)
    return tell(e, Alert.ALL_PASSED, now, duty) if passed and nobody_is_left(e, now, duty) else []


def _due_by_now(e: Emergency, new: Sequence[ev.Event], now: datetime, duty: Duty) -> list[ev.Event]:
    return catch_up(e, now, duty)


def _react(e: Emergency, said: given.Input, now: datetime) -> "Reaction":
    report = ABOUT_CALLBACKS.get(type(said))
    return (report(e, said, now), None) if report else REACTIONS[type(said)](e, said, now)


def _add(e: Emergency, new: Sequence[ev.Event]) -> Emergency:
    for event in new:
        e = apply(e, event) or e
    return e


def _open(said: given.CallSign, opening: given.Opening, now: datetime) -> list[ev.Event]:
    opened = _opened(said, opening, now)
    if opening.blocked_by is None:
        return [opened]
    by, why = opening.blocked_by, ev.Exclusion.BLOCKED.value
    return [opened, ev.Excluded(at=now, by=by, why=why, reason=opening.blocked_why)]


def _opened(said: given.CallSign, opening: given.Opening, now: datetime) -> ev.EmergencyOpened:
    call = said.call
    return ev.EmergencyOpened(
        at=now,
        ref=opening.ref,
        call_sid=call.sid,
        found_by=opening.found_by,
        sign=said.sign,
        call_started_at=min(call.started_at, now),
        priority=opening.priority,
        drill=opening.drill,
        withheld=call.withheld,
        language=call.language,
        code=opening.code,
        terms=opening.terms,
        can_wait=opening.can_wait,
        number=call.number,
        name=opening.name,
        company=opening.company,
    )


Reaction = tuple[list[ev.Event], Answer | None]


# --- the call ---


def _message_ended(e: Emergency, said: given.MessageEnded, now: datetime) -> Reaction:
    new: list[ev.Event] = []
    if e.message_ended_at is None or (said.carrier_timed and not e.message_carrier_timed):
        new.append(
            ev.MessageLeft(
                at=said.at, recording_sid=said.recording_sid, seconds=said.seconds, carrier_timed=said.carrier_timed
            )
        )
    if said.ready and said.recording_sid and e.recording_state is None:
        new.append(ev.RecordingCompleted(at=said.at, recording_sid=said.recording_sid, seconds=said.seconds))
    return new, None


def _message_absent(e: Emergency, said: given.MessageAbsent, now: datetime) -> Reaction:
    if e.message_ended_at or e.message_missing:
        return [], None
    return [ev.MessageMissing(at=said.at, why=said.why)], None


def _call_over(e: Emergency, said: given.CallOver, now: datetime) -> Reaction:
    if e.call_ended_at:
        return [], None
    return [ev.CallEnded(at=said.at, status=said.status, seconds=said.seconds)], None


def _caller_learned(e: Emergency, said: given.CallerLearned, now: datetime) -> Reaction:
    new: list[ev.Event] = []
    if e.number is None and not e.withheld:
        new.append(ev.CallerIdentified(at=now, number=said.number, withheld=said.withheld))
    if said.call_started_at and said.call_started_at < e.call_started_at:
        new.append(ev.CallTimed(at=now, call_started_at=said.call_started_at))
    return new, None


def _called_again(e: Emergency, said: given.CalledAgain, now: datetime) -> Reaction:
    new: list[ev.Event] = []
    sid = said.recording_sid
    if said.call_sid not in e.called_again:
        new += _is_theirs(e, said.number, now)
        new.append(ev.CallerCalledAgain(at=said.at, call_sid=said.call_sid))
    if sid and sid not in e.added:
        new.append(ev.MessageAdded(at=said.at, call_sid=said.call_sid, recording_sid=sid, seconds=said.seconds))
    if sid and said.ready and (sid not in e.added or e.added[sid].state == FileState.LEFT):
        new.append(ev.RecordingCompleted(at=said.at, recording_sid=sid, seconds=said.seconds))
    return new, None


def _is_theirs(e: Emergency, number: str | None, now: datetime) -> list[ev.Event]:
    """A number that was keyed in is proved to be the caller's by a call or a text from it."""
    if not (e.number_keyed and number and number == e.number):
        return []
    return [ev.NumberGiven(at=now, confirmed=True, number=number)]


def _number_proved(e: Emergency, said: given.NumberProved, now: datetime) -> Reaction:
    return _is_theirs(e, said.number, now), None


def _number_keyed(e: Emergency, said: given.NumberKeyed, now: datetime) -> Reaction:
    if e.number_confirmed and e.number == said.number and (said.confirmed is False or not e.number_keyed):
        return [], None
    return [ev.NumberGiven(at=now, confirmed=said.confirmed, number=said.number)], None


# --- the customer's own word ---


def _customer_said(e: Emergency, said: given.CustomerSaid, now: datetime) -> Reaction:
    if said.meaning in (Meaning.WITHDRAW, Meaning.CONFIRM_WITHDRAWAL) and (told := withdrawal(e, said, now)):
        return told, None
    if said.is_note_elsewhere:
        return [], None
    is_asked = CustomerText.REACHED in e.customer_texts and len(e.confirmations) < MOST_CONFIRMATIONS
    if said.meaning in (Meaning.YES, Meaning.NO) and is_asked:
        return _confirmation(e, said.meaning == Meaning.YES, said.at), None
    if len(e.customer_notes) >= commands.MOST_NOTES:
        return [], None
    return [ev.NoteAdded(at=said.at, by=CUSTOMER, via=Via.SMS, words=said.words)], None


def _confirmation(e: Emergency, reached: bool, at: datetime) -> list[ev.Event]:
    since = max(declared_contacts(e), default=None)
    if e.confirmations and e.confirmations[-1][1] == reached and (since is None or e.confirmations[-1][0] >= since):
        return []
    return [ev.ContactConfirmed(at=at) if reached else ev.ContactContested(at=at)]


def _contest_told(e: Emergency, new: Sequence[ev.Event], now: datetime, duty: Duty) -> list[ev.Event]:
    """Supervisors hear that a declared contact was denied, and that the promise is missed if it is by now."""
    if not any(isinstance(event, ev.ContactContested) for event in new):
        return []
    told = tell(e, Alert.CONTESTED, now, duty)
    missed = e.deadline_passed_at is not None and judge(e, now).outcome == Outcome.MISSED
    return [*told, *(tell(e, Alert.MISSED, now, duty) if missed else ())]


def _unconfirmed_told(e: Emergency, new: Sequence[ev.Event], now: datetime, duty: Duty) -> list[ev.Event]:
    """The key after a short call can make it a declared contact when the deadline has passed already."""
    reported = any(isinstance(event, ev.CallbackReported) for event in new)
    return report_unconfirmed(e, now, duty) if reported and e.deadline_passed_at else []


def _recording_fetched(e: Emergency, said: given.RecordingFetched, now: datetime) -> Reaction:
    if _audio_state(e, said.recording_sid) in (FileState.STORED, FileState.ERASED):
        return [], None
    return [ev.RecordingStored(at=now, recording_sid=said.recording_sid, sha256=said.sha256, size=said.size)], None


def _recording_lost(e: Emergency, said: given.RecordingLost, now: datetime) -> Reaction:
    if _is_settled(_audio_state(e, said.recording_sid), said.why):
        return [], None
    return [ev.RecordingUnavailable(at=now, recording_sid=said.recording_sid, why=said.why)], None


def _is_settled(state: FileState | None, why: str) -> bool:
    """What is stored or unavailable may still be erased, and nothing else."""
    if why == FileState.ERASED:
        return state == FileState.ERASED
    return state in (FileState.STORED, FileState.UNAVAILABLE, FileState.ERASED)


def _audio_state(e: Emergency, recording_sid: str) -> FileState | None:
    added = e.added.get(recording_sid)
    return added.state if added else e.recording_state


def _attachments_sent(e: Emergency, said: given.AttachmentsSent, now: datetime) -> Reaction:
    """Beyond a bound they are told in words, and not kept."""
    fresh = [(sid, kind) for sid, kind in dict(said.found).items() if sid not in e.attachments]
    kept = fresh[: max(0, MOST_KEPT - len(e.attachments))]
    return [
        ev.AttachmentAdded(at=said.at, by=said.by, message_sid=said.message_sid, media_sid=sid, kind=kind)
        for sid, kind in kept
    ], None


def _attachment_fetched(e: Emergency, said: given.AttachmentFetched, now: datetime) -> Reaction:
    if _attachment_state(e, said.media_sid) in (None, FileState.STORED, FileState.ERASED):
        return [], None
    stored = ev.AttachmentStored(
        at=now, media_sid=said.media_sid, content_type=said.content_type, sha256=said.sha256, size=said.size
    )
    return [stored], None


def _attachment_lost(e: Emergency, said: given.AttachmentLost, now: datetime) -> Reaction:
    state = _attachment_state(e, said.media_sid)
    if state is None or _is_settled(state, said.why):
        return [], None
    return [ev.AttachmentUnavailable(at=now, media_sid=said.media_sid, why=said.why)], None


def _attachment_state(e: Emergency, media_sid: str) -> FileState | None:
    found = e.attachments.get(media_sid)
    return found.state if found else None


# --- pages ---


def _page_accepted(e: Emergency, said: given.PageAccepted, now: datetime) -> Reaction:
    page = e.pages.get(said.page)
    if page is None or page.sid:
        return [], None
    return [ev.PageSent(at=said.at, page=said.page, sid=said.sid)], None


def _page_refused(e: Emergency, said: given.PageRefused, now: datetime) -> Reaction:
    return _fail(e, said.page, said.why, said.code, said.at), None


def _texts_refused(e: Emergency, said: given.TextsRefused, now: datetime) -> Reaction:
    if not waits_for(e, said.person):
        return [], None
    texted = [key for key, page in e.pages.items() if (page.person, page.channel) == (said.person, Channel.SMS)]
    return [fact for key in texted for fact in _fail(e, key, Fault.OPTED_OUT, said.code, now)], None


def _page_reported(e: Emergency, said: given.PageReported, now: datetime) -> Reaction:
    page = e.pages.get(said.page)
    if page is None:
        return [], None
    if said.status in ARRIVED:
        known = page.state in (PageState.DELIVERED, PageState.FAILED)
        return ([] if known else [ev.PageDelivered(at=said.at, page=said.page)]), None
    if page.channel == Channel.SMS:
        failed = said.status in (*TEXT_LOST, CarrierStatus.CANCELED)
        return (_fail(e, said.page, Fault(said.status), said.code, said.at) if failed else []), None
    if said.status == CarrierStatus.COMPLETED and page.key not in PAGE_KEYS:
        return _fail(e, said.page, Fault.MAILBOX, None, said.at), None
    why = FAILED_CALL.get(said.status)
    return (_fail(e, said.page, why, said.code, said.at) if why else []), None


def _fail(e: Emergency, key: str, why: Fault, code: int | None, at: datetime) -> list[ev.Event]:
    page = e.pages.get(key)
    if page is None or page.state == PageState.FAILED:
        return []
    return [ev.PageFailed(at=at, page=key, why=why, code=code)]


def _page_key(e: Emergency, said: given.PageKey, now: datetime) -> Reaction:
    page = e.pages.get(said.page)
    command = PAGE_KEYS.get(said.key)
    if page is None or command is None:
        return [], None
    pressed = ev.PageKeyPressed(at=said.at, page=said.page, key=said.key)
    wanted = given.Commanded(at=said.at, by=page.person, role=page.role, command=command, via=Via.VOICE, proven=True)
    new, answer = apply_command(e, wanted, now)
    return [pressed, *new], answer


def _commanded(e: Emergency, said: given.Commanded, now: datetime) -> Reaction:
    return apply_command(e, said, now)


# --- ourselves ---


def _outage_found(e: Emergency, said: given.OutageFound, now: datetime) -> Reaction:
    if (said.began_at, said.ended_at) in e.outages:
        return [], None
    return [ev.OutageRecorded(at=now, began_at=said.began_at, ended_at=said.ended_at)], None


def _time_passed(e: Emergency, said: given.TimePassed, now: datetime) -> Reaction:
    return [], None


REACTIONS: dict[type[given.Input], Callable[[Emergency, Any, datetime], Reaction]] = {
    given.MessageEnded: _message_ended,
    given.MessageAbsent: _message_absent,
    given.CallOver: _call_over,
    given.CallerLearned: _caller_learned,
    given.CalledAgain: _called_again,
    given.NumberKeyed: _number_keyed,
    given.NumberProved: _number_proved,
    given.CustomerSaid: _customer_said,
    given.RecordingFetched: _recording_fetched,
    given.RecordingLost: _recording_lost,
    given.AttachmentsSent: _attachments_sent,
    given.AttachmentFetched: _attachment_fetched,
    given.AttachmentLost: _attachment_lost,
    given.PageAccepted: _page_accepted,
    given.PageRefused: _page_refused,
    given.PageReported: _page_reported,
    given.TextsRefused: _texts_refused,
    given.PageKey: _page_key,
    given.Commanded: _commanded,
    given.OutageFound: _outage_found,
    given.TimePassed: _time_passed,
    given.DrillBegun: _time_passed,
}


# How a customer withdraws by text: `withdraw` is answered with a number, and the same word with it closes.
#
# The sender of a text can be forged; our answer reaches the customer's own phone. So a forger would have to guess,
# and whoever says "Withdraw? No thanks" is not taken at the first word. Until it is closed, paging goes on.

MOST_ANSWERS = 3
MOST_MISTYPED = 3
MISTYPED_WITHIN = timedelta(hours=1)


def withdrawal(e: Emergency, said: given.CustomerSaid, now: datetime) -> list[ev.Event]:
    """What a text that begins with `withdraw` comes to; nothing when it is only a note."""
    if e.withdrawn_at or e.excluded_at:
        return []
    if said.meaning == given.Meaning.WITHDRAW:
        return _ask_withdrawal(e, said, now)
    if e.withdrawal_digits is None or _too_many_mistyped(e, now):
        return []
    if said.digits == e.withdrawal_digits:
        return [ev.Withdrawn(at=now, by=CUSTOMER, reason=said.words)]
    note = ev.NoteAdded(at=said.at, by=CUSTOMER, via=Via.SMS, words=said.words)
    return [ev.WithdrawalMistyped(at=now), *(() if said.is_note_elsewhere else (note,))]


def _ask_withdrawal(e: Emergency, said: given.CustomerSaid, now: datetime) -> list[ev.Event]:
    """The answer goes to the phone that the text seems to come from; where it may not be texted, it is a note."""
    number = said.number or e.number
    is_known = may_be_texted(e) if said.number is None else not (e.drill or promise.no_message_recorded(e))
    is_welcome = is_known and why_not_dialled(number, e.terms.bridge_prefixes) is None
    if not is_welcome or e.customer_texts.count(CustomerText.CONFIRM_WITHDRAWAL) >= MOST_ANSWERS:
        return []
    asked = ev.WithdrawalAsked(at=now, digits=e.withdrawal_digits or said.drawn)
    return [asked, ev.CustomerTextRequested(at=now, about=CustomerText.CONFIRM_WITHDRAWAL, number=number)]


def _too_many_mistyped(e: Emergency, now: datetime) -> bool:
    """Three wrong numbers within an hour: a right one could be a guess too."""
    return len([at for at in e.withdrawal_mistyped if at > now - MISTYPED_WITHIN]) >= MOST_MISTYPED


def report_guesses(e: Emergency, new: Sequence[ev.Event], now: datetime, duty: Duty) -> list[ev.Event]:
    """Supervisors hear of it, once."""
    mistyped = any(isinstance(event, ev.WithdrawalMistyped) for event in new)
    return tell(e, Alert.WITHDRAWAL_GUESSED, now, duty) if mistyped and _too_many_mistyped(e, now) else []


def report_bounds(e: Emergency, new: Sequence[ev.Event], now: datetime, duty: Duty) -> list[ev.Event]:
    """Supervisors hear of it once when no more is put down from texts, and the customer with the last note that is."""
    notes = [event for event in new if isinstance(event, ev.NoteAdded) and event.via == Via.SMS]
    customers = len(e.customer_notes) == commands.MOST_NOTES and any(note.by == CUSTOMER for note in notes)
    staffs = e.notes_by_text == commands.MOST_NOTES and any(note.by != CUSTOMER for note in notes)
    is_new = any(isinstance(event, ev.PriorityChanged) for event in new)
    changed = is_new and len(e.reclassified) == commands.MOST_PRIORITIES
    told = tell(e, Alert.TEXTS_FULL, now, duty) if customers or staffs or changed else []
    if not customers or not may_be_texted(e):
        return told
    return [*told, ev.CustomerTextRequested(at=now, about=CustomerText.NOTES_FULL, number=e.number)]
