"""How facts about pages and callbacks move an emergency. A terminal state never goes back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from callbacks import events as ev
from callbacks.callback import Callback, Declaration, Ending
from callbacks.emergency import Emergency, Heard, Ladder, Page, moved

Fold = Callable[[Emergency, Any], Emergency]


# --- paging ---


def _step_taken(s: Emergency, e: ev.StepTaken) -> Emergency:
    return moved(s, ladder=_climbed(s.ladder, e, e.people, None))


def _step_skipped(s: Emergency, e: ev.StepSkipped) -> Emergency:
    """The next step is due now; after the last one the round waits, unless everybody who could be asked has passed:
    then they are asked again at once, for nobody has it."""
    waits = e.step + 1 >= len(s.terms.rungs) and e.why != "all-passed"
    return moved(s, ladder=_climbed(s.ladder, e, (), None if waits else e.at))


def _climbed(
    ladder: Ladder, e: ev.StepTaken | ev.StepSkipped, people: tuple[str, ...], resume_at: datetime | None
) -> Ladder:
    passed = ladder.passed if e.round == ladder.round else frozenset()
    return Ladder(
        anchor=e.anchor, round=e.round, next_step=e.step + 1, last_step_at=e.at, last_people=people,
        passed=passed, resume_at=resume_at,
    )  # fmt: skip


def _page_requested(s: Emergency, e: ev.PageRequested) -> Emergency:
    page = Page(e.person, e.role, e.channel, e.round, e.step, e.at)
    return moved(s, pages={**s.pages, e.page: page})


def _page_sent(s: Emergency, e: ev.PageSent) -> Emergency:
    first = min(s.first_page_at, e.at) if s.first_page_at else e.at
    page = s.pages.get(e.page)
    state = "sent" if page is None or page.state == "requested" else page.state
    known = ("requested", "sent", "delivered", "failed")
    return moved(_paged(s, e.page, known, state=state, sid=e.sid, sent_at=e.at), first_page_at=first)


def _page_delivered(s: Emergency, e: ev.PageDelivered) -> Emergency:
    return _paged(s, e.page, ("requested", "sent"), state="delivered", delivered_at=e.at)


def _page_failed(s: Emergency, e: ev.PageFailed) -> Emergency:
    return _paged(s, e.page, ("requested", "sent", "delivered"), state="failed", failed_at=e.at, why=e.why)


def _page_key(s: Emergency, e: ev.PageKeyPressed) -> Emergency:
    return _paged(s, e.page, ("requested", "sent", "delivered", "failed"), key=e.key)


def _paged(s: Emergency, name: str, before: tuple[str, ...], /, **changes: Any) -> Emergency:
    page = s.pages.get(name)
    if page is None or page.state not in before:
        return s
    return moved(s, pages={**s.pages, name: moved(page, **changes)})


def _acknowledged(s: Emergency, e: ev.Acknowledged) -> Emergency:
    return moved(
        s, owner=e.by, owned_since=e.at, acknowledged_at=s.acknowledged_at or e.at,
        reminded_at=None,
    )  # fmt: skip


def _handed_over(s: Emergency, e: ev.HandedOver) -> Emergency:
    return moved(
        s, owner=e.to, owned_since=e.at, acknowledged_at=s.acknowledged_at or e.at, reminded_at=None,
    )  # fmt: skip


def _passed(s: Emergency, e: ev.Passed) -> Emergency:
    ladder = moved(s.ladder, passed=s.ladder.passed | {e.by})
    if s.owner != e.by:
        return moved(s, ladder=ladder)
    return _given_back(moved(s, ladder=ladder), e.at)


def _reminded(s: Emergency, e: ev.OwnerReminded) -> Emergency:
    return moved(s, reminded_at=e.at)


def _taken_back(s: Emergency, e: ev.TakenBack) -> Emergency:
    return _given_back(s, e.at)


def _given_back(s: Emergency, at: datetime) -> Emergency:
    ladder = moved(s.ladder, resume_at=at)
    return moved(s, owner=None, owned_since=None, resolved_at=None, resolved_how=None, ladder=ladder)


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
    asked = e.at if e.about == "reached" else s.reached_asked_at
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
