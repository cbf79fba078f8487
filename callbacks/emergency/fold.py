"""What a ledger adds up to: `fold`, and the one function that moves an emergency, `apply`.

- Facts only: nothing here chooses, asks the clock or knows who is on call.
- A terminal state never goes back: a late or repeated report changes nothing.
- A fact that an unknown or erased event carried is simply absent.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from callbacks.emergency import events as ev
from callbacks.emergency.model import (
    CUSTOMER,
    NUDGE_GAP,
    AddedMessage,
    Attachment,
    Callback,
    CustomerNote,
    CustomerText,
    Declaration,
    Emergency,
    Ending,
    EscalationProgress,
    FileState,
    FoundBy,
    Heard,
    Page,
    PageState,
    Skipped,
    Via,
    moved,
)

# How facts about pages and callbacks move an emergency. A terminal state never goes back.

Fold = Callable[[Emergency, Any], Emergency]


# --- paging ---


def _step_taken(s: Emergency, e: ev.StepTaken) -> Emergency:
    return moved(s, escalation=_stepped(s.escalation, e, e.people, None))


def _step_skipped(s: Emergency, e: ev.StepSkipped) -> Emergency:
    """The next step is due now; after the last one the round waits, unless everybody who could be asked has passed:
    then they are asked again at once, for nobody has it."""
    waits = e.step + 1 >= len(s.terms.rungs) and e.why != Skipped.ALL_PASSED
    return moved(s, escalation=_stepped(s.escalation, e, (), None if waits else e.at))


def _stepped(
    escalation: EscalationProgress,
    e: ev.StepTaken | ev.StepSkipped,
    people: tuple[str, ...],
    resume_at: datetime | None,
) -> EscalationProgress:
    passed = escalation.passed if e.round == escalation.round else frozenset()
    return EscalationProgress(
        round_started_at=e.anchor,
        round=e.round,
        next_step=e.step + 1,
        last_step_at=e.at,
        last_people=people,
        passed=passed,
        resume_at=resume_at,
    )


def _page_requested(s: Emergency, e: ev.PageRequested) -> Emergency:
    page = Page(e.person, e.role, e.channel, e.round, e.step, e.at)
    return moved(s, pages={**s.pages, e.page: page})


def _page_sent(s: Emergency, e: ev.PageSent) -> Emergency:
    first = min(s.first_page_at, e.at) if s.first_page_at else e.at
    page = s.pages.get(e.page)
    state = PageState.SENT if page is None or page.state == PageState.REQUESTED else page.state
    return moved(_paged(s, e.page, state=state, sid=e.sid, sent_at=e.at), first_page_at=first)


def _page_delivered(s: Emergency, e: ev.PageDelivered) -> Emergency:
    over = (PageState.DELIVERED, PageState.FAILED)
    return _paged(s, e.page, over, state=PageState.DELIVERED, delivered_at=e.at)


def _page_failed(s: Emergency, e: ev.PageFailed) -> Emergency:
    return _paged(s, e.page, (PageState.FAILED,), state=PageState.FAILED, failed_at=e.at, why=e.why)


def _page_key(s: Emergency, e: ev.PageKeyPressed) -> Emergency:
    return _paged(s, e.page, key=e.key)


def _paged(s: Emergency, name: str, over: tuple[PageState, ...] = (), /, **changes: Any) -> Emergency:
    """Unless the page is `over`."""
    page = s.pages.get(name)
    if page is None or page.state in over:
        return s
    return moved(s, pages={**s.pages, name: moved(page, **changes)})


def _acknowledged(s: Emergency, e: ev.Acknowledged) -> Emergency:
    return moved(s, owner=e.by, owned_since=e.at, acknowledged_at=s.acknowledged_at or e.at, reminded_at=None)


def _handed_over(s: Emergency, e: ev.HandedOver) -> Emergency:
    return moved(s, owner=e.to, owned_since=e.at, acknowledged_at=s.acknowledged_at or e.at, reminded_at=None)


def _passed(s: Emergency, e: ev.Passed) -> Emergency:
    escalation = moved(s.escalation, passed=s.escalation.passed | {e.by})
    if s.owner != e.by:
        return moved(s, escalation=escalation)
    return _given_back(moved(s, escalation=escalation), e.at)


def _reminded(s: Emergency, e: ev.OwnerReminded) -> Emergency:
    return moved(s, reminded_at=e.at)


def _taken_back(s: Emergency, e: ev.TakenBack) -> Emergency:
    return _given_back(s, e.at)


def _given_back(s: Emergency, at: datetime) -> Emergency:
    escalation = moved(s.escalation, resume_at=at)
    return moved(s, owner=None, owned_since=None, resolved_at=None, resolved_how=None, escalation=escalation)


def _told(s: Emergency, e: ev.SupervisorsTold) -> Emergency:
    return moved(s, told={e.about: e.at, **s.told})


def _deadline_passed(s: Emergency, e: ev.DeadlinePassed) -> Emergency:
    return moved(s, deadline_passed_at=s.deadline_passed_at or e.at)


# --- the callback ---


def _callback_requested(s: Emergency, e: ev.CallbackRequested) -> Emergency:
    accepted = e.at if e.proven else None
    return moved(s, callbacks={**s.callbacks, e.callback: Callback(e.by, e.at, accepted_at=accepted)})


def _during(name: str) -> Callable[[Emergency, Any], Emergency]:
    """A fact about one callback: the first report of it stands."""

    def note(s: Emergency, e: Any) -> Emergency:
        callback = s.callbacks.get(e.callback)
        if callback is None or getattr(callback, name) is not None:
            return s
        return moved(s, callbacks={**s.callbacks, e.callback: moved(callback, **{name: e.at})})

    return note


def _changed(s: Emergency, key: str, **changes: Any) -> Emergency:
    callback = s.callbacks.get(key)
    return moved(s, callbacks={**s.callbacks, key: moved(callback, **changes)}) if callback else s


def _technician_missed(s: Emergency, e: ev.TechnicianMissed) -> Emergency:
    callback = s.callbacks.get(e.callback)
    return _changed(s, e.callback, ended_at=e.at, failed=e.why) if callback and not callback.ended_at else s


def _customer_judged(s: Emergency, e: ev.CustomerJudged) -> Emergency:
    return _changed(s, e.callback, answered_by=e.answered_by)


def _bridge_ended(s: Emergency, e: ev.BridgeEnded) -> Emergency:
    callback = s.callbacks.get(e.callback)
    if callback is None or callback.dial:
        return s
    ending = Ending(e.status, e.bridged, e.talk_seconds)
    return _changed(s, e.callback, ended_at=callback.ended_at or e.at, dial=ending)


def _leg_ended(s: Emergency, e: ev.CustomerLegEnded) -> Emergency:
    callback = s.callbacks.get(e.callback)
    if callback is None or callback.leg:
        return s
    ending = Ending(e.status, e.status == "completed" and e.seconds > 0, e.seconds)
    return _changed(s, e.callback, ended_at=callback.ended_at or e.at, leg=ending)


def _reported(s: Emergency, e: ev.CallbackReported) -> Emergency:
    return _changed(s, e.callback, reported=e.result)


def _declared(s: Emergency, e: ev.ContactDeclared | ev.NoAnswerDeclared) -> Emergency:
    said = Declaration(e.at, e.by, isinstance(e, ev.ContactDeclared))
    return moved(s, declarations=(*s.declarations, said))


def _confirmed(s: Emergency, e: ev.ContactConfirmed | ev.ContactContested) -> Emergency:
    return moved(s, confirmations=(*s.confirmations, (e.at, isinstance(e, ev.ContactConfirmed))))


def _customer_text(s: Emergency, e: ev.CustomerTextRequested) -> Emergency:
    asked = e.at if e.about == CustomerText.REACHED else s.reached_asked_at
    return moved(s, customer_texts=(*s.customer_texts, e.about), reached_asked_at=asked)


def _notes_relayed(s: Emergency, e: ev.NotesRelayed) -> Emergency:
    heard = {**s.notes_heard, e.person: Heard(e.at, e.through)}
    return moved(s, notes_heard=heard, notes_told=max(s.notes_told, e.through))


def _second_try(s: Emergency, e: ev.SecondTrySuggested) -> Emergency:
    return moved(s, second_try_at=e.not_before)


PAGES_AND_CALLBACKS: dict[type[ev.Event], Fold] = {
    ev.StepTaken: _step_taken,
    ev.StepSkipped: _step_skipped,
    ev.PageRequested: _page_requested,
    ev.PageSent: _page_sent,
    ev.PageDelivered: _page_delivered,
    ev.PageFailed: _page_failed,
    ev.PageKeyPressed: _page_key,
    ev.Acknowledged: _acknowledged,
    ev.HandedOver: _handed_over,
    ev.Passed: _passed,
    ev.OwnerReminded: _reminded,
    ev.TakenBack: _taken_back,
    ev.SupervisorsTold: _told,
    ev.DeadlinePassed: _deadline_passed,
    ev.CallbackRequested: _callback_requested,
    ev.TechnicianAnswered: _during("answered_at"),
    ev.TechnicianAccepted: _during("accepted_at"),
    ev.TechnicianMissed: _technician_missed,
    ev.CustomerRang: _during("rang_at"),
    ev.CustomerAnswered: _during("joined_at"),
    ev.CustomerJudged: _customer_judged,
    ev.BridgeEnded: _bridge_ended,
    ev.CustomerLegEnded: _leg_ended,
    ev.CallbackReported: _reported,
    ev.ContactDeclared: _declared,
    ev.NoAnswerDeclared: _declared,
    ev.ContactConfirmed: _confirmed,
    ev.ContactContested: _confirmed,
    ev.CustomerTextRequested: _customer_text,
    ev.NotesRelayed: _notes_relayed,
    ev.SecondTrySuggested: _second_try,
}


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
        ref=e.ref,
        opened_at=e.at,
        call_sid=e.call_sid,
        found_by=e.found_by,
        call_started_at=e.call_started_at,
        priority=e.priority,
        first_priority=e.priority,
        can_wait=e.can_wait,
        name=e.name,
        company=e.company,
        drill=e.drill,
        withheld=e.withheld,
        number=e.number,
        language=e.language,
        call_carrier_timed=e.found_by == FoundBy.SWEEP,
        code=e.code,
        terms=e.terms,
        escalation=EscalationProgress(round_started_at=e.at),
        last_at=e.at,
    )


# --- the call ---


def _identified(s: Emergency, e: ev.CallerIdentified) -> Emergency:
    return moved(s, number=e.number, withheld=e.withheld)


def _number_given(s: Emergency, e: ev.NumberGiven) -> Emergency:
    return moved(
        s,
        number=e.number or s.number,
        number_confirmed=True,
        number_keyed=not e.confirmed,
        numbers_given=s.numbers_given + 1,
    )


def _attachment_added(s: Emergency, e: ev.AttachmentAdded) -> Emergency:
    found = Attachment(e.at, e.by, e.message_sid, e.kind)
    return moved(s, attachments={**s.attachments, e.media_sid: found})


def _attachment_stored(s: Emergency, e: ev.AttachmentStored) -> Emergency:
    return _attachment_is(s, e.media_sid, state=FileState.STORED, content_type=e.content_type)


def _attachment_unavailable(s: Emergency, e: ev.AttachmentUnavailable) -> Emergency:
    return _attachment_is(s, e.media_sid, state=_lost(e.why))


def _lost(why: str) -> FileState:
    return FileState.ERASED if why == FileState.ERASED else FileState.UNAVAILABLE


def _attachment_is(s: Emergency, sid: str, **changes: Any) -> Emergency:
    known = s.attachments.get(sid)
    if known is None:
        return s
    return moved(s, attachments={**s.attachments, sid: replace(known, **changes)})


def _called_again(s: Emergency, e: ev.CallerCalledAgain) -> Emergency:
    """Pages again if nobody has it, but a caller who calls ten times does not use up the escalation policy at once."""
    last = s.escalation.last_step_at
    nudge = max(e.at, last + NUDGE_GAP) if last else e.at
    escalation = s.escalation if s.owner else moved(s.escalation, nudged_at=nudge)
    pause = s.terms.relayed_notes_every or NO_PAUSE
    calls = (*s.called_again, e.call_sid)
    s = moved(s, called_again=calls, escalation=escalation)
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
        s,
        message_ended_at=e.at,
        message_carrier_timed=e.carrier_timed,
        message_seconds=e.seconds,
        recording_sid=s.recording_sid or e.recording_sid,
        message_missing=None,
    )


def _message_missing(s: Emergency, e: ev.MessageMissing) -> Emergency:
    return s if s.message_ended_at else moved(s, message_missing=e.why)


def _recording_completed(s: Emergency, e: ev.RecordingCompleted) -> Emergency:
    if e.recording_sid in s.added:
        return _added(s, e.recording_sid, FileState.COMPLETED)
    state = s.recording_state or FileState.COMPLETED
    return moved(s, recording_sid=e.recording_sid, recording_state=state, message_seconds=e.seconds)


def _added(s: Emergency, sid: str, state: FileState) -> Emergency:
    known = s.added[sid]
    if known.state == FileState.STORED and state != FileState.ERASED:
        return s
    return moved(s, added={**s.added, sid: replace(known, state=state)})


def _recording_stored(s: Emergency, e: ev.RecordingStored) -> Emergency:
    if e.recording_sid in s.added:
        return _added(s, e.recording_sid, FileState.STORED)
    return moved(s, recording_sid=e.recording_sid, recording_state=FileState.STORED)


def _recording_unavailable(s: Emergency, e: ev.RecordingUnavailable) -> Emergency:
    state = _lost(e.why)
    if e.recording_sid in s.added:
        return _added(s, e.recording_sid, state)
    if s.recording_state == FileState.STORED and state != FileState.ERASED:
        return s
    return moved(s, recording_state=state)


# --- the end ---


def _resolved(s: Emergency, e: ev.Resolved) -> Emergency:
    """A workaround stops the clock; resolving it for good later keeps the time at which it stopped."""
    return moved(s, resolved_at=s.resolved_at or e.at, resolved_how=e.how)


def _coverage(s: Emergency, e: ev.CoverageSet) -> Emergency:
    return moved(s, product=e.product, coverage=e.coverage)


def _refused(s: Emergency, e: ev.CommandRefused) -> Emergency:
    return moved(s, refused_by_text=s.refused_by_text + (e.via == Via.SMS))


def _priority(s: Emergency, e: ev.PriorityChanged) -> Emergency:
    return moved(s, priority=e.priority, reclassified=(*s.reclassified, (e.at, e.priority)))


def _note(s: Emergency, e: ev.NoteAdded) -> Emergency:
    if e.by != CUSTOMER:
        return moved(s, notes_by_text=s.notes_by_text + (e.via == Via.SMS))
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
    ev.CommandRefused: _refused,
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
