"""What a ledger adds up to: `fold`, and the one function that moves an emergency, `apply`.

- Facts only: nothing here chooses, asks the clock or knows who is on call.
- A terminal state never goes back: a late or repeated report changes nothing.
- A fact that an unknown or erased event carried is simply absent.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from callbacks import events as ev
from callbacks.emergency import NUDGE_GAP, AddedMessage, Attachment, CustomerNote, Emergency, Ladder, moved
from callbacks.fold_pages import PAGES_AND_CALLBACKS, Fold

NO_PAUSE = timedelta()


def fold(story: Iterable[ev.Event]) -> Emergency | None:
    """The emergency a whole ledger describes; None of an empty one."""
    emergency: Emergency | None = None
    for event in story:
        emergency = apply(emergency, event)
    return emergency


def apply(emergency: Emergency | None, event: ev.Event) -> Emergency | None:
    """The emergency after one more fact."""
    if emergency is None:
        return _opened(event) if isinstance(event, ev.EmergencyOpened) else None
    step = FOLDS.get(type(event))
    after = step(emergency, event) if step else emergency
    return after if event.at <= after.last_at else moved(after, last_at=event.at)


def _opened(e: ev.EmergencyOpened) -> Emergency:
    return Emergency(
        ref=e.ref, opened_at=e.at, call_sid=e.call_sid, found_by=e.found_by, call_started_at=e.call_started_at,
        priority=e.priority, first_priority=e.priority, can_wait=e.can_wait, name=e.name, company=e.company,
        drill=e.drill, withheld=e.withheld, number=e.number, language=e.language,
        call_carrier_timed=e.found_by == "sweep", code=e.code, terms=e.terms, ladder=Ladder(anchor=e.at), last_at=e.at,
    )  # fmt: skip


# --- the call ---


def _identified(s: Emergency, e: ev.CallerIdentified) -> Emergency:
    return moved(s, number=e.number, withheld=e.withheld)


def _number_given(s: Emergency, e: ev.NumberGiven) -> Emergency:
    return moved(
        s, number=e.number or s.number, number_confirmed=True, number_keyed=not e.confirmed,
        numbers_given=s.numbers_given + 1,
    )  # fmt: skip


def _attachment_added(s: Emergency, e: ev.AttachmentAdded) -> Emergency:
    found = Attachment(e.at, e.by, e.message_sid, e.kind)
    return moved(s, attachments={**s.attachments, e.media_sid: found})


def _attachment_stored(s: Emergency, e: ev.AttachmentStored) -> Emergency:
    return _attachment_is(s, e.media_sid, state="stored", content_type=e.content_type)


def _attachment_unavailable(s: Emergency, e: ev.AttachmentUnavailable) -> Emergency:
    return _attachment_is(s, e.media_sid, state="erased" if e.why == "erased" else "unavailable")


def _attachment_is(s: Emergency, sid: str, **changes: Any) -> Emergency:
    known = s.attachments.get(sid)
    if known is None:
        return s
    return moved(s, attachments={**s.attachments, sid: replace(known, **changes)})


def _called_again(s: Emergency, e: ev.CallerCalledAgain) -> Emergency:
    """Pages again if nobody has it, but a caller who calls ten times does not use the ladder up at once."""
    last = s.ladder.last_step_at
    nudge = max(e.at, last + NUDGE_GAP) if last else e.at
    ladder = s.ladder if s.owner else moved(s.ladder, nudged_at=nudge)
    pause = s.terms.relayed_notes_every or NO_PAUSE
    calls = (*s.called_again, e.call_sid)
    s = moved(s, called_again=calls, ladder=ladder)
    is_told = s.owner and (s.told_of_call_at is None or e.at >= s.told_of_call_at + pause)
    return moved(s, told_of_call=len(calls), told_of_call_at=e.at) if is_told else s


def _message_added(s: Emergency, e: ev.MessageAdded) -> Emergency:
    return moved(s, added={**s.added, e.recording_sid: AddedMessage(e.at, e.call_sid, e.seconds)})


def _timed(s: Emergency, e: ev.CallTimed) -> Emergency:
    started = min(s.call_started_at, e.call_started_at)
    return moved(s, call_started_at=started, call_carrier_timed=True)


def _call_ended(s: Emergency, e: ev.CallEnded) -> Emergency:
    return moved(s, call_ended_at=s.call_ended_at or e.at)


def _message_left(s: Emergency, e: ev.MessageLeft) -> Emergency:
    if s.message_ended_at and (s.message_carrier_timed or not e.carrier_timed):
        return moved(s, recording_sid=s.recording_sid or e.recording_sid)
    return moved(
        s, message_ended_at=e.at, message_carrier_timed=e.carrier_timed, message_seconds=e.seconds,
        recording_sid=s.recording_sid or e.recording_sid, message_missing=None,
    )  # fmt: skip


def _message_missing(s: Emergency, e: ev.MessageMissing) -> Emergency:
    return s if s.message_ended_at else moved(s, message_missing=e.why)


def _recording_completed(s: Emergency, e: ev.RecordingCompleted) -> Emergency:
    if e.recording_sid in s.added:
        return _added(s, e.recording_sid, "completed")
    state = s.recording_state or "completed"
    return moved(s, recording_sid=e.recording_sid, recording_state=state, message_seconds=e.seconds)


def _added(s: Emergency, sid: str, state: str) -> Emergency:
    known = s.added[sid]
    if known.state == "stored" and state != "erased":
        return s
    return moved(s, added={**s.added, sid: replace(known, state=state)})


def _recording_stored(s: Emergency, e: ev.RecordingStored) -> Emergency:
    if e.recording_sid in s.added:
        return _added(s, e.recording_sid, "stored")
    return moved(s, recording_sid=e.recording_sid, recording_state="stored")


def _recording_unavailable(s: Emergency, e: ev.RecordingUnavailable) -> Emergency:
    state = "erased" if e.why == "erased" else "unavailable"
    if e.recording_sid in s.added:
        return _added(s, e.recording_sid, state)
    if s.recording_state == "stored" and state != "erased":
        return s
    return moved(s, recording_state=state)


# --- the end ---


def _resolved(s: Emergency, e: ev.Resolved) -> Emergency:
    """A workaround stops the clock; resolving it for good later keeps the time at which it stopped."""
    return moved(s, resolved_at=s.resolved_at or e.at, resolved_how=e.how)


def _coverage(s: Emergency, e: ev.CoverageSet) -> Emergency:
    return moved(s, product=e.product, coverage=e.coverage)


def _priority(s: Emergency, e: ev.PriorityChanged) -> Emergency:
    return moved(s, priority=e.priority, reclassified=(*s.reclassified, (e.at, e.priority)))


def _note(s: Emergency, e: ev.NoteAdded) -> Emergency:
    if e.by != "customer":
        return s
    return moved(s, customer_notes=(*s.customer_notes, CustomerNote(e.at, e.words)))


def _withdrawn(s: Emergency, e: ev.Withdrawn) -> Emergency:
    if s.withdrawn_at:
        return s
    return moved(s, withdrawn_at=e.at, withdrawn_from=s)


def _withdrawal_asked(s: Emergency, e: ev.WithdrawalAsked) -> Emergency:
    return moved(s, withdrawal_digits=s.withdrawal_digits or e.digits)


def _withdrawal_mistyped(s: Emergency, e: ev.WithdrawalMistyped) -> Emergency:
    return moved(s, withdrawal_mistyped=(*s.withdrawal_mistyped, e.at))


def _excluded(s: Emergency, e: ev.Excluded) -> Emergency:
    return moved(s, excluded_at=s.excluded_at or e.at, excluded_why=s.excluded_why or ev.reason_told(e.why, e.reason))


def _outage(s: Emergency, e: ev.OutageRecorded) -> Emergency:
    return moved(s, outages=(*s.outages, (e.began_at, e.ended_at)))


def _no_change(s: Emergency, e: ev.Event) -> Emergency:
    return s


FOLDS: dict[type[ev.Event], Fold] = {
    **PAGES_AND_CALLBACKS,
    ev.EmergencyOpened: _no_change,
    ev.CallerIdentified: _identified,
    ev.CallTimed: _timed,
    ev.NumberGiven: _number_given,
    ev.AttachmentAdded: _attachment_added,
    ev.AttachmentStored: _attachment_stored,
    ev.AttachmentUnavailable: _attachment_unavailable,
    ev.CallerCalledAgain: _called_again,
    ev.MessageAdded: _message_added,
    ev.CallEnded: _call_ended,
    ev.MessageLeft: _message_left,
    ev.MessageMissing: _message_missing,
    ev.RecordingCompleted: _recording_completed,
    ev.RecordingStored: _recording_stored,
    ev.RecordingUnavailable: _recording_unavailable,
    ev.CommandRefused: _no_change,
    ev.Resolved: _resolved,
    ev.CoverageSet: _coverage,
    ev.PriorityChanged: _priority,
    ev.NoteAdded: _note,
    ev.WithdrawalAsked: _withdrawal_asked,
    ev.WithdrawalMistyped: _withdrawal_mistyped,
    ev.Withdrawn: _withdrawn,
    ev.Excluded: _excluded,
    ev.OutageRecorded: _outage,
    ev.UnknownEvent: _no_change,
}
