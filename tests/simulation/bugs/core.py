"""Bugs of the core: what is decided."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from callbacks.delivery.outbox_row import OutboxKind
from callbacks.emergency import events as ev
from callbacks.emergency import inputs as given
from callbacks.emergency import promise
from callbacks.emergency.fold import fold
from callbacks.emergency.model import Callback, Emergency, Evidence, Outcome, Via
from callbacks.emergency.timers import next_wake
from callbacks.messages.effects import Effect, cancels, effects_of
from callbacks.messages.replies import Candidate, Reply, Route, open_pages, read_reply, route_reply
from callbacks.oncall.coverage import Duty
from tests.simulation.bugs.bug import Bug, instead, told, without

MINUTE = timedelta(minutes=1)
Facts = Sequence[ev.Event]


# --- acknowledging ---


def _acknowledged_by(page: str, e: Emergency, now: datetime) -> list[ev.Event]:
    found = e.pages.get(page)
    if found is None or e.owner:
        return []
    return [ev.Acknowledged(at=now, by=found.person, role=found.role, via=Via.LINK)]


def _on(*statuses: str):  # type: ignore[no-untyped-def]
    def change(e: Emergency | None, said: given.Input, new: Facts, now: datetime, duty: Duty) -> Facts:
        if e and isinstance(said, given.PageReported) and said.status in statuses:
            return [*new, *_acknowledged_by(said.page, e, now)]
        return new

    return change


def _by_preview(e: Emergency | None, said: given.Input, new: Facts, now: datetime, duty: Duty) -> Facts:
    """A link preview opens the page's link as soon as the text is shown, and GET acts."""
    if e and isinstance(said, given.PageReported) and said.status == "delivered" and said.page.endswith("sms"):
        return [*new, *_acknowledged_by(said.page, e, now)]
    return new


def _taken_over(e: Emergency | None, said: given.Input, new: Facts, now: datetime, duty: Duty) -> Facts:
    """Whoever says 1 last has it."""
    if e and e.owner and isinstance(said, given.Commanded) and said.command == "acknowledge" and said.by != e.owner:
        return [*new, ev.Acknowledged(at=now, by=said.by, role=said.role, via=said.via)]
    return new


def _by_anybody(e: Emergency | None, said: given.Input, new: Facts, now: datetime, duty: Duty) -> Facts:
    refused = any(isinstance(x, ev.CommandRefused) and x.why == "not-paged" for x in new)
    if e and refused and e.owner is None and isinstance(said, given.Commanded):
        return [ev.Acknowledged(at=now, by=said.by, role=said.role, via=said.via)]
    return new


def _any_text_is_yes(text: str, codes: set[str], in_use: set[str]) -> Reply:
    reply = read_reply(text, codes, in_use)
    return replace(reply, command="acknowledge") if reply.command in ("unclear", "opt-out") else reply


def _guessed(reply: Reply, sender: str, candidates: Sequence[Candidate]) -> Route:
    pool = open_pages(sender, candidates)
    found = route_reply(reply, sender, candidates)
    return Route(to=pool[-1].id) if found.ask == "which" and pool else found


# --- waking ---


def _terminal(e: Emergency) -> datetime | None:
    return None if e.owner else next_wake(e)


def _in_the_past(e: Emergency) -> datetime | None:
    late = e.deadline_passed_at and e.acknowledged_at and e.acknowledged_at > e.deadline_passed_at
    return e.deadline_passed_at if late else next_wake(e)


def _no_second_round(e: Emergency) -> datetime | None:
    return None if e.escalation.next_step >= len(e.terms.rungs) and not e.owner else next_wake(e)


def _late(e: Emergency) -> datetime | None:
    at = next_wake(e)
    return at + 9 * MINUTE if at else None


def _delivered_is_enough(e: Emergency) -> datetime | None:
    return None if any(p.state == "delivered" for p in e.pages.values()) else next_wake(e)


def _never_after_deadline(e: Emergency) -> datetime | None:
    return None if e.deadline_passed_at else next_wake(e)


# --- paging ---


def _paged_later(e: Emergency | None, said: given.Input, new: Facts, now: datetime, duty: Duty) -> Facts:
    """The first page waits for the next wake-up."""
    first = (ev.StepTaken, ev.StepSkipped, ev.PageRequested)
    return [x for x in new if e is not None or not isinstance(x, first)]


def _paged_for_recordings(e: Emergency | None, said: given.Input, new: Facts, now: datetime, duty: Duty) -> Facts:
    """Nobody is paged for a call without a message."""
    wordless = any(isinstance(x, ev.MessageMissing | ev.CallEnded) for x in new)
    return _paged_later(e, said, new, now, duty) if wordless else new


def _twice_at_once(e: Emergency | None, said: given.Input, new: Facts, now: datetime, duty: Duty) -> Facts:
    """After a stall every step that was missed is made up for at once."""
    late = e and e.escalation.last_step_at and now - e.escalation.last_step_at > 6 * MINUTE
    again = [replace(x, page=f"{x.page}.again") for x in new if isinstance(x, ev.PageRequested)]
    return [*new, *again] if late else new


def _no_calls(event: ev.Event, e: Emergency, duty: Duty) -> list[Effect]:
    return [x for x in effects_of(event, e, duty) if x.kind != "page-call"]


def _pages_go_on(event: ev.Event) -> list[tuple[tuple[OutboxKind, ...], str | None]]:
    return [] if isinstance(event, ev.Acknowledged) else cancels(event)


def _not_told_of(*about: str):  # type: ignore[no-untyped-def]
    def change(e: Emergency | None, said: given.Input, new: Facts, now: datetime, duty: Duty) -> Facts:
        return [x for x in new if not (isinstance(x, ev.SupervisorsTold) and x.about in about)]

    return change


# --- the verdict ---


def _judged(change: Callable[[Callback], Callback]) -> Callable[[Emergency, datetime], promise.Verdict]:
    """Verdicts of an emergency whose callbacks look different."""

    def wrong(e: Emergency, now: datetime) -> promise.Verdict:
        changed = {key: change(c) for key, c in e.callbacks.items()}
        return promise.judge(replace(e, callbacks=changed), now)

    return wrong


def _no_machines(c: Callback) -> Callback:
    return replace(c, answered_by=None, reported=None if c.reported == "left-message" else c.reported)


def _any_talk(e: Emergency, now: datetime) -> promise.Verdict:
    return promise.judge(replace(e, terms=replace(e.terms, contact_after=timedelta(seconds=1))), now)


def _declared_is_proof(e: Emergency, now: datetime) -> promise.Verdict:
    found = promise.judge(e, now)
    return replace(found, evidence=Evidence.CARRIER) if found.outcome == Outcome.MET else found


def _rang_is_met(e: Emergency, now: datetime) -> promise.Verdict:
    found = promise.judge(e, now)
    return replace(found, outcome=Outcome.MET, evidence=Evidence.CARRIER) if found.outcome == Outcome.VOID else found


def _acknowledged_is_met(e: Emergency, now: datetime) -> promise.Verdict:
    found = promise.judge(e, now)
    kept = e.acknowledged_at and e.acknowledged_at <= promise.due_at(e) and found.outcome == "missed"
    return replace(found, outcome=Outcome.MET, evidence=Evidence.DECLARED) if kept else found


def _late_is_met(e: Emergency, now: datetime) -> promise.Verdict:
    """The clock starts when we open, not when the customer calls."""
    late = replace(e.terms, callback_within=e.terms.callback_within + 10 * MINUTE)
    return promise.judge(replace(e, terms=late), now)


def _bridges_forgotten(e: Emergency, now: datetime) -> promise.Verdict:
    return promise.judge(replace(e, callbacks={}), now)


def _fold_without_texts(story: Facts) -> Emergency | None:
    return fold([x for x in story if not isinstance(x, ev.CustomerTextRequested)])


def _clock_restarted(e: Emergency | None, said: given.Input, new: Facts, now: datetime, duty: Duty) -> Facts:
    """The promise counts from when we heard of it."""
    return [replace(x, call_started_at=x.at) if isinstance(x, ev.EmergencyOpened) else x
            for x in new if not isinstance(x, ev.CallTimed)]  # fmt: skip


def _deadline_twice(e: Emergency | None, said: given.Input, new: Facts, now: datetime, duty: Duty) -> Facts:
    again = e is not None and e.deadline_passed_at and any(isinstance(x, ev.Acknowledged) for x in new)
    return [*new, ev.DeadlinePassed(at=now, due_at=now)] if again else new


BUGS: tuple[Bug, ...] = (
    instead("acknowledged is over", "an acknowledgement ends all waking", next_wake=_terminal),
    instead(
        "wake in the past", "an acknowledgement after the deadline leaves the wake-up there", next_wake=_in_the_past
    ),
    instead("one round", "the escalation does not repeat", next_wake=_no_second_round),
    instead("oversleeps", "every wake-up comes nine minutes late", next_wake=_late),
    instead("delivered is enough", "nobody else is paged once a page is delivered", next_wake=_delivered_is_enough),
    instead("missed is over", "after the deadline nothing is woken any more", next_wake=_never_after_deadline),
    told("delivered acknowledges", "a delivered text counts as an acknowledgement", _on("delivered")),
    told("answered acknowledges", "whatever answers a page call acknowledges", _on("in-progress")),
    told("mailbox acknowledges", "a page call that ends acknowledges, key or not", _on("completed")),
    told("GET acknowledges", "a link preview opens the page's link, and that acts", _by_preview),
    told("two owners", "a second acknowledgement takes it from the first", _taken_over),
    told("anybody may take it", "somebody who was never paged acknowledges", _by_anybody),
    instead("any text is yes", "STOP and nonsense acknowledge", read_reply=_any_text_is_yes),
    instead("guesses", "with several open, a bare reply means the last one", route=_guessed),
    told("first page later", "opening does not page", _paged_later),
    told("no message, no page", "nobody is paged for a hung-up or silent call", _paged_for_recordings),
    told("catches up", "after a stall the missed pages leave all at once", _twice_at_once),
    instead("calls forgotten", "a page by voice has no outbox row", effects_of=_no_calls),
    instead("pages go on", "pages that wait still leave after an acknowledgement", cancels=_pages_go_on),
    without("failures unheard", "a page that is known to have failed is not written down", ev.PageFailed),
    without("owner never reminded", "an idle owner is not reminded", ev.OwnerReminded),
    told("risk untold", "supervisors do not hear that nothing was tried", _not_told_of("at-risk")),
    told("miss untold", "supervisors do not hear of a missed promise", _not_told_of("missed")),
    told("gap untold", "nobody is on call, and nobody hears of it", _not_told_of("nobody-on-call")),
    instead("mailbox is a talk", "a mailbox that speaks long enough is a conversation", judge=_judged(_no_machines)),
    instead("any talk counts", "a second of talk is a conversation", judge=_any_talk),
    instead("word is proof", "a technician's word counts as the carrier's evidence", judge=_declared_is_proof),
    instead("ringing is met", "a try counts as a conversation", judge=_rang_is_met),
    instead("acknowledged is met", "the promise's clock stops with the acknowledgement", judge=_acknowledged_is_met),
    instead("late is met", "the deadline is ten minutes later than promised", judge=_late_is_met),
    instead("talks forgotten", "a bridged talk does not count", judge=_bridges_forgotten),
    instead("fold differs", "the row is not what its ledger folds to", fold=_fold_without_texts),
    told("clock from our first sight", "the promise counts from the opening", _clock_restarted),
    told("deadline twice", "the deadline passes once more when somebody acknowledges late", _deadline_twice),
)
