"""Verdict stories: a sentence, a short ledger, an instant, and what the contract says of it, to the second.

Times are minutes and seconds after the call ("30:00" is the deadline of the published promise). Worked out from the
contract, sections 8 and 11. A story under "what the code gets wrong" fails today; its reason quotes the sentence it breaks.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.emergency import events as ev
from callbacks.emergency import promise
from callbacks.emergency.fold import fold
from callbacks.emergency.model import (
    Alert,
    AnsweredBy,
    Emergency,
    Fault,
    FoundBy,
    GivenBack,
    Reported,
    Resolution,
    Sign,
    Via,
    terms_of,
)
from callbacks.lib.sentence import Language
from callbacks.oncall.roster import Role
from callbacks.policy.model import PUBLISHED, Priority
from tests.clock import NIGHT

Ledger = list[ev.Event]


def t(text: str) -> datetime:
    """An instant, as minutes and seconds after the call: "29:59", "-5:00", "300"."""
    minutes, _, seconds = text.lstrip("-").partition(":")
    length = timedelta(minutes=int(minutes), seconds=int(seconds or 0))
    return NIGHT - length if text.startswith("-") else NIGHT + length


def opened(
    at: datetime = t("1"), call: datetime = NIGHT, priority: Priority = Priority.P1, drill: bool = False, **terms: Any
) -> ev.Event:
    return ev.EmergencyOpened(
        at=at, ref="E-000001", call_sid=None, found_by=FoundBy.WEBHOOK, sign=Sign.ACTION, call_started_at=call,
        priority=priority, drill=drill, withheld=False, language=Language.EN, code="K7", number="+15145550142",
        terms=replace(terms_of(PUBLISHED), **terms),
    )  # fmt: skip


def verdict_at(story: Ledger, now: datetime) -> promise.Verdict:
    """The verdict at `now` over the facts; a story that brings its own opening is taken as it is."""
    first = [] if story and isinstance(story[0], ev.EmergencyOpened) else [opened()]
    return promise.judge(folded([*first, *story]), now)


def folded(story: Ledger) -> Emergency:
    found = fold(story)
    assert found is not None
    return found


# --- the ledger's words, short ---


def bridge(
    joined: str, talk: int, key: str | None = None, machine: str | None = "human", by: str = "ana", rang: str = "",
    name: str = "c1", accepted: str = "", status: str = "completed",
) -> Ledger:  # fmt: skip
    """A callback whose legs were joined at `joined` and talked for `talk` seconds; `key`: the technician's after it."""
    start, end = t(accepted or rang or joined), t(joined) + timedelta(seconds=talk)
    return [
        *dialled(start, by, name), ev.CustomerRang(at=t(rang or joined), callback=name),
        ev.CustomerAnswered(at=t(joined), callback=name),
        *([ev.CustomerJudged(at=t(joined), callback=name, answered_by=AnsweredBy(machine))] if machine else []),
        ev.BridgeEnded(at=end, callback=name, status=status, bridged=True, talk_seconds=talk),
        *([ev.CallbackReported(at=end, callback=name, result=Reported(KEYS[key]))] if key else []),
    ]  # fmt: skip


KEYS = {"1": "reached", "2": "no-answer", "3": "left-message"}


def dialled(start: datetime, by: str = "ana", name: str = "c1") -> Ledger:
    return [
        ev.CallbackRequested(at=start, callback=name, by=by, via=Via.SMS),
        ev.TechnicianAccepted(at=start, callback=name),
    ]


def unjoined(start: str, status: str, rang: str = "", by: str = "ana", name: str = "c1") -> Ledger:
    """A callback the customer never answered."""
    rings: Ledger = [ev.CustomerRang(at=t(rang), callback=name)] if rang else []
    end = max(t(start), t(rang or start)) + timedelta(seconds=20)
    ended = ev.BridgeEnded(at=end, callback=name, status=status, bridged=False, talk_seconds=0)
    return [*dialled(t(start), by, name), *rings, ended]


def reached(at: str, by: str = "ana") -> ev.Event:
    return ev.ContactDeclared(at=t(at), by=by, via=Via.SMS)


def no_answer(at: str, by: str = "ana") -> ev.Event:
    return ev.NoAnswerDeclared(at=t(at), by=by, via=Via.SMS)


def yes(at: str) -> ev.Event:
    """The customer's 1: you reached me."""
    return ev.ContactConfirmed(at=t(at))


def no(at: str) -> ev.Event:
    """The customer's 2: you did not."""
    return ev.ContactContested(at=t(at))


def withdrawn(at: str, by: str = "customer") -> ev.Event:
    return ev.Withdrawn(at=t(at), by=by)


def message(at: str, **more: Any) -> ev.Event:
    return ev.MessageLeft(at=t(at), recording_sid=None, seconds=20, **more)


def priority(at: str, to: str) -> ev.Event:
    return ev.PriorityChanged(at=t(at), by="ana", priority=Priority(to))


MESSAGE: dict[str, Any] = {"clock_starts": "message"}
PENDING, MISSED, WITHDRAWN, EXCLUDED = (
    (word, "none", None) for word in ("pending", "missed", "withdrawn", "excluded")
)  # fmt: skip
VOID, VOID_SAID = ("void", "carrier", None), ("void", "declared", None)


def met(by: str, seconds: int) -> tuple[str, str, int]:
    return "met", by, seconds


Story = tuple[str, Ledger, str, tuple[str, str, int | None]]

STORIES: list[Story] = [
    # the deadline
    ("nobody did anything, and the promise is at its last instant", [], "30", PENDING),
    ("nobody did anything, and the promise is one second over", [], "30:01", MISSED),
    ("nobody did anything, asked a day later", [], "1470", MISSED),
    ("somebody has it and calls nobody", [ev.Acknowledged(at=t("2"), by="ana", role=Role.TECHNICIAN, via=Via.SMS)], "31", MISSED),
    ("resolved without a word to the customer", [ev.Resolved(at=t("9"), by="ana", how=Resolution.RESOLVED)], "31", MISSED),
    ("resolved without a word, still in time", [ev.Resolved(at=t("9"), by="ana", how=Resolution.RESOLVED)], "30", PENDING),
    # a bridged call at the deadline
    ("joined a second before the deadline", bridge("29:59", 60), "31", met("carrier", 1799)),
    ("joined exactly at the deadline", bridge("30", 60), "31", met("carrier", 1800)),
    ("joined a second after the deadline, dialled after it too", bridge("30:01", 60), "31:02", MISSED),
    ("rang before the deadline, joined a second after it", bridge("30:01", 60, rang="29:50"), "31:02", VOID),
    ("rang at the deadline, joined a second after it", bridge("30:01", 60, rang="30"), "31:02", VOID),
    ("rang a second late, though dialled in time", bridge("30:05", 60, rang="30:01", accepted="29:55"), "32", MISSED),
    ("the technician agreed early, the customer answered later: the joining counts",
     bridge("5", 60, rang="4:50", accepted="4:40"), "30", met("carrier", 300)),
    ("a talk that began at the deadline and ran for an hour", bridge("30", 3600), "91", met("carrier", 1800)),
    ("a talk that began in time is pending while it runs on", bridge("29:59", 600)[:-1], "31", PENDING),
    ("a talk that began exactly at the deadline is pending while it runs on", bridge("30", 600)[:-1], "31", PENDING),
    ("a talk that ran past the deadline and was too short is a try", bridge("29:59", 29), "31", VOID),
    ("a talk that ran past the deadline was with a mailbox", bridge("29:59", 600, machine="machine_start"), "41", VOID),
    ("the answer was never reported: counted back from the end, in time",
     [*dialled(t("29")), ev.BridgeEnded(at=t("31:10"), callback="c1", status="completed", bridged=True, talk_seconds=70)],
     "32", met("carrier", 1800)),
    ("only the customer's leg told its end",
     [*dialled(t("9")), ev.CustomerRang(at=t("9:50"), callback="c1"), ev.CustomerAnswered(at=t("10"), callback="c1"),
      ev.CustomerLegEnded(at=t("11"), callback="c1", status="completed", seconds=60)], "30", met("carrier", 600)),
    # how long is a conversation
    ("a talk of exactly contact_after", bridge("5", 30), "30", met("carrier", 300)),
    ("a talk one second short of contact_after is a try", bridge("5", 29), "31", VOID),
    ("a talk one second over contact_after", bridge("5", 31), "30", met("carrier", 300)),
    ("a talk one second short is not yet void at the deadline", bridge("5", 29), "30", PENDING),
    ("a bridge of no length is a try", bridge("5", 0), "31", VOID),
    ("contact_after of 90 seconds, talk of 89",
     [opened(contact_after=timedelta(seconds=90)), *bridge("5", 89)], "31", VOID),
    ("contact_after of 90 seconds, talk of 90",
     [opened(contact_after=timedelta(seconds=90)), *bridge("5", 90)], "31", met("carrier", 300)),
    # the technician's key after a short bridge
    ("a short bridge, key 1: the technician's word, at the time of the bridge", bridge("5", 10, "1"), "30", met("declared", 300)),
    ("a short bridge, key 2, is a try", bridge("5", 10, "2"), "31", VOID),
    ("a short bridge, key 3, is a try", bridge("5", 10, "3"), "31", VOID),
    ("a bridge a second short, key 1, is still only a word", bridge("5", 29, "1"), "30", met("declared", 300)),
    ("a short bridge at the deadline, key 1 after it", bridge("30", 10, "1"), "31", met("declared", 1800)),
    ("a short bridge, key 1, and the customer says 1", [*bridge("5", 10, "1"), yes("9")], "30", met("customer", 300)),
    ("a short bridge, key 1, and the customer says 2: no try either", [*bridge("5", 10, "1"), no("9")], "31", MISSED),
    # the technician's key after a long bridge
    ("a long bridge, key 1", bridge("5", 60, "1"), "30", met("carrier", 300)),
    ("a long bridge, key 2: no answer makes it a try", bridge("5", 60, "2"), "31", VOID),
    ("a long bridge, key 3: left a message makes it a try", bridge("5", 60, "3"), "31", VOID),
    ("the technician's no beats the machine's human", bridge("5", 300, "2", machine="human"), "31", VOID),
    ("the technician corrects the key: no answer, then reached",
     [*bridge("5", 60, "2"), ev.CallbackReported(at=t("7"), callback="c1", result=Reported.REACHED)], "30", met("carrier", 300)),
    # mailboxes
    ("a mailbox, no key", bridge("5", 60, machine="machine_start"), "31", VOID),
    ("a mailbox that has beeped, no key", bridge("5", 60, machine="machine_end_beep"), "31", VOID),
    ("a fax, no key", bridge("5", 60, machine="fax"), "31", VOID),
    ("a mailbox by its verdict, the technician says they spoke", bridge("5", 60, "1", machine="machine_start"), "30", met("carrier", 300)),
    ("a short mailbox, the technician says they spoke", bridge("5", 10, "1", machine="machine_start"), "30", met("declared", 300)),
    ("a mailbox, the technician left a message", bridge("5", 60, "3", machine="machine_end_beep"), "31", VOID),
    ("a mailbox, the technician says no answer", bridge("5", 60, "2", machine="machine_end_beep"), "31", VOID),
    ("the machine could not tell: a long talk counts", bridge("5", 60, machine="unknown"), "30", met("carrier", 300)),
    ("the machine never spoke: a long talk counts", bridge("5", 60, machine=None), "30", met("carrier", 300)),
    ("the machine's verdict came after the talk",
     [*bridge("5", 60, machine=None), ev.CustomerJudged(at=t("6:01"), callback="c1", answered_by=AnsweredBy.MACHINE_START)], "31", VOID),
    ("the dial's word on the talk comes before the leg's: long enough",
     [*bridge("5", 30)[:-1], ev.CustomerLegEnded(at=t("5:29"), callback="c1", status="completed", seconds=29), bridge("5", 30)[-1]],
     "31", met("carrier", 300)),
    ("the dial's word on the talk comes before the leg's: too short",
     [*bridge("5", 29)[:-1], ev.CustomerLegEnded(at=t("5:31"), callback="c1", status="completed", seconds=31), bridge("5", 29)[-1]],
     "31", VOID),
    ("key 3 on the voice page: dialled at once, joined and counted",
     [ev.CallbackRequested(at=t("5"), callback="c1", by="ana", via=Via.VOICE, proven=True), *bridge("5:10", 60)[2:]],
     "30", met("carrier", 310)),
    # calls that were never joined
    ("the customer answered after the technician had hung up",
     [*dialled(t("5")), ev.CustomerRang(at=t("5:05"), callback="c1"), ev.CustomerAnswered(at=t("5:10"), callback="c1"),
      ev.BridgeEnded(at=t("5:10"), callback="c1", status="completed", bridged=False, talk_seconds=0)], "31", VOID),
    ("failed before it rang is no try", unjoined("5", "failed"), "31", MISSED),
    ("cancelled before it rang is no try", unjoined("5", "canceled"), "31", MISSED),
    ("failed before it rang, then the technician says 5", [*unjoined("5", "failed"), no_answer("9")], "31", VOID_SAID),
    ("failed after it rang is a try", unjoined("5", "failed", rang="5:05"), "31", VOID),
    ("busy is a try", unjoined("5", "busy"), "31", VOID),
    ("no answer is a try", unjoined("5", "no-answer", rang="5:05"), "31", VOID),
    ("busy at the deadline", unjoined("30", "busy"), "31", VOID),
    ("busy a second late", unjoined("30:01", "busy"), "31", MISSED),
    ("no answer, rung at the deadline", unjoined("29:50", "no-answer", rang="30"), "31", VOID),
    ("a try is still pending at the deadline", unjoined("5", "busy"), "30", PENDING),
    ("the technician's own leg fails: no attempt",
     [ev.CallbackRequested(at=t("5"), callback="c1", by="ana", via=Via.SMS),
      ev.TechnicianMissed(at=t("5:30"), callback="c1", why=Fault.NO_ANSWER)], "31", MISSED),
    ("the technician hung up without the key: no attempt",
     [ev.CallbackRequested(at=t("5"), callback="c1", by="ana", via=Via.SMS), ev.TechnicianAnswered(at=t("5:05"), callback="c1"),
      ev.TechnicianMissed(at=t("5:30"), callback="c1", why=Fault.NO_KEY)], "31", MISSED),
    # a technician's word
    ("declared in time", [reached("12:34")], "30", met("declared", 754)),
    ("declared a second before the deadline", [reached("29:59")], "31", met("declared", 1799)),
    ("declared at the deadline", [reached("30")], "31", met("declared", 1800)),
    ("declared a second late", [reached("30:01")], "31", MISSED),
    ("no answer declared in time", [no_answer("9")], "31", VOID_SAID),
    ("no answer declared at the deadline", [no_answer("30")], "31", VOID_SAID),
    ("no answer declared a second late", [no_answer("30:01")], "31", MISSED),
    ("no answer declared in time is pending at the deadline", [no_answer("9")], "30", PENDING),
    ("declared twice: the first counts", [reached("9"), reached("12", "bob")], "30", met("declared", 540)),
    # the customer's answer
    ("declared, and the customer says 1", [reached("2"), yes("3")], "30", met("customer", 120)),
    ("declared, and the customer says 1 only after the deadline", [reached("2"), yes("40")], "41", met("customer", 120)),
    ("declared, and the customer says 2", [reached("2"), no("3")], "31", MISSED),
    ("declared, and the customer says 2: time is left", [reached("2"), no("3")], "30", PENDING),
    ("declared, and the customer says 2 only after the deadline", [reached("2"), no("40")], "41", MISSED),
    ("declared, the customer says 1, then 2: the last holds", [reached("2"), yes("3"), no("4")], "31", MISSED),
    ("declared, the customer says 2, then 1: the last holds", [reached("2"), no("3"), yes("4")], "31", met("customer", 120)),
    ("declared late, and the customer says 1: still late", [reached("31"), yes("32")], "33", MISSED),
    ("a customer's 2 never takes back a carrier's", [*bridge("5", 60), no("9")], "31", met("carrier", 300)),
    ("a customer's 2 takes back neither key nor carrier", [*bridge("5", 60, "1"), no("9")], "31", met("carrier", 300)),
    ("a customer's 2 takes the word and leaves the call", [reached("2"), *bridge("5", 60), no("9")], "31", met("carrier", 300)),
    ("a customer's 2 takes the word and leaves an earlier try", [*unjoined("1", "busy"), reached("2"), no("3")], "31", VOID),
    ("a customer's 2 takes the word and leaves an earlier 5", [no_answer("1"), reached("2"), no("3")], "31", VOID_SAID),
    ("taken back, then declared anew", [reached("2"), no("3"), reached("9")], "30", met("declared", 540)),
    ("taken back, then called", [reached("2"), no("3"), *bridge("9", 60)], "30", met("carrier", 540)),
    ("a short bridge, key 1, taken back: an earlier try stays", [*unjoined("1", "busy"), *bridge("5", 10, "1", name="c2"), no("9")], "31", VOID),
    ("a word taken back and given again after the deadline", [reached("2"), no("3"), yes("40")], "41", met("customer", 120)),
    # the strongest kind, its first contact
    ("the carrier's word before the technician's, though later", [reached("2"), *bridge("5", 60)], "30", met("carrier", 300)),
    ("the carrier's word before the customer's, though later", [reached("2"), yes("3"), *bridge("5", 60)], "30", met("carrier", 300)),
    ("a bridge that came too late does not outrank a word in time", [reached("20"), *bridge("31", 60)], "33", met("declared", 1200)),
    # several tries, several people
    ("ana tries, bob reaches",
     [*unjoined("5", "busy", by="ana"), *bridge("12", 60, by="bob", name="c2")], "30", met("carrier", 720)),
    ("ana says 5, bob says 4", [no_answer("5", "ana"), reached("12", "bob")], "30", met("declared", 720)),
    ("ana tries in time, bob reaches late",
     [*unjoined("29", "no-answer", rang="29:05", by="ana"), *bridge("31", 60, by="bob", name="c2")], "33", VOID),
    ("ana says 5 in time, bob reaches late by a bridge",
     [no_answer("29", "ana"), *bridge("31", 60, by="bob")], "33", VOID_SAID),
    ("tried in time, declared late", [no_answer("9"), reached("40")], "41", VOID_SAID),
    ("two bridges: the first counts", [*bridge("5", 60), *bridge("9", 90, name="c2")], "30", met("carrier", 300)),
    ("two bridges: the first was short", [*bridge("5", 10), *bridge("9", 90, name="c2")], "30", met("carrier", 540)),
    ("two bridges: the first was short and is called a conversation, the second is the carrier's",
     [*bridge("5", 10, "1"), *bridge("9", 90, name="c2")], "30", met("carrier", 540)),
    ("two bridges: a mailbox in time, a talk too late",
     [*bridge("5", 60, machine="machine_start"), *bridge("30:01", 90, name="c2")], "33", VOID),
    ("two bridges: the first failed before it rang, the second was joined at the deadline",
     [*unjoined("5", "failed"), *bridge("30", 90, name="c2")], "33", met("carrier", 1800)),
    # withdrawn
    ("withdrawn before the deadline", [withdrawn("9")], "60", WITHDRAWN),
    ("withdrawn at the deadline, which is still pending", [withdrawn("30")], "60", WITHDRAWN),
    ("withdrawn a second after the deadline", [withdrawn("30:01")], "60", MISSED),
    ("withdrawn by a supervisor", [withdrawn("9", "sue")], "60", WITHDRAWN),
    ("withdrawn after a try", [no_answer("5"), withdrawn("9")], "60", WITHDRAWN),
    ("withdrawn late after a try", [no_answer("5"), withdrawn("31")], "60", VOID_SAID),
    ("withdrawn after it was met", [reached("5"), withdrawn("9")], "60", met("declared", 300)),
    ("withdrawn after a bridge met it", [*bridge("5", 60), withdrawn("9")], "60", met("carrier", 300)),
    ("withdrawn, then declared", [withdrawn("9"), reached("12")], "60", WITHDRAWN),
    ("withdrawn, then bridged", [withdrawn("9"), *bridge("12", 60)], "60", WITHDRAWN),
    ("taken back by the customer, then withdrawn in time", [reached("2"), no("3"), withdrawn("9")], "60", WITHDRAWN),
    ("withdrawn, and our outage later is no matter",
     [withdrawn("9"), ev.OutageRecorded(at=t("40"), began_at=t("5"), ended_at=t("20"))], "60", WITHDRAWN),
    # outside the figures
    ("excluded: a blocked caller", [ev.Excluded(at=t("2"), by="sue", why="blocked")], "60", EXCLUDED),
    ("excluded at once, not only at the deadline", [ev.Excluded(at=t("2"), by="sue", why="blocked")], "3", EXCLUDED),
    ("a drill that nobody heard", [opened(drill=True)], "60", EXCLUDED),
    ("a drill that was withdrawn", [opened(drill=True), withdrawn("5")], "60", EXCLUDED),
    ("a drill that was answered", [opened(drill=True), reached("5")], "60", EXCLUDED),
    # the clock
    ("a message does not move the clock that starts with the call", [message("4"), reached("30:01")], "31", MISSED),
    ("the clock starts with the message: at its deadline", [opened(**MESSAGE), message("4"), reached("34")], "40", met("declared", 1800)),
    ("the clock starts with the message: a second late", [opened(**MESSAGE), message("4"), reached("34:01")], "40", MISSED),
    ("the clock starts with the message: pending at its deadline", [opened(**MESSAGE), message("4")], "34", PENDING),
    ("the clock starts with the message: seconds count from its end", [opened(**MESSAGE), message("4"), reached("10")], "30", met("declared", 360)),
    ("the clock starts with the message, and the caller hung up",
     [opened(**MESSAGE), ev.MessageMissing(at=t("4"), why="hung-up"), reached("30:01")], "31", MISSED),
    ("the clock starts with the message, and the caller was silent: met from the call",
     [opened(**MESSAGE), ev.MessageMissing(at=t("4"), why="silent"), reached("30")], "31", met("declared", 1800)),
    ("the clock starts with the message, and nothing at all is known of one", [opened(**MESSAGE)], "30:01", MISSED),
    ("the carrier's own end of the message replaces ours",
     [opened(**MESSAGE), message("4:02"), message("4", carrier_timed=True), reached("34:01")], "40", MISSED),
    ("the carrier dates the call earlier than we saw: the harsher clock, at its deadline",
     [ev.CallTimed(at=t("2"), call_started_at=t("-0:20")), reached("29:40")], "31", met("declared", 1800)),
    ("the carrier dates the call earlier than we saw: a second late",
     [ev.CallTimed(at=t("2"), call_started_at=t("-0:20")), reached("29:41")], "31", MISSED),
    ("found by the sweep a minute before the deadline: the call still starts the clock",
     [opened(at=t("29")), *bridge("29:30", 60)], "31", met("carrier", 1770)),
    ("found by the sweep after the deadline", [opened(at=t("31"))], "31", MISSED),
    ("a promise of a quarter of an hour", [opened(callback_within=timedelta(minutes=15)), reached("15:01")], "16", MISSED),
    # reclassified
    ("called P3 by the technician: the callback is still owed at the same instant", [priority("5", "P3")], "30:01", MISSED),
    ("called P3, reached at the deadline", [priority("5", "P3"), reached("30")], "31", met("declared", 1800)),
    ("called P2, reached a second late", [priority("5", "P2"), reached("30:01")], "31", MISSED),
    ("called P3 and P1 again", [priority("5", "P3"), priority("6", "P1"), *bridge("30", 60)], "31:01", met("carrier", 1800)),
]  # fmt: skip


@pytest.mark.parametrize("story,now,expected", [row[1:] for row in STORIES], ids=[row[0] for row in STORIES])
def test_story(story: Ledger, now: str, expected: tuple[str, str, int | None]) -> None:
    verdict = verdict_at(story, t(now))
    assert (verdict.outcome, verdict.evidence, verdict.seconds) == expected
    assert not (verdict.our_outage and verdict.outcome != "missed")


def test_no_sentence_is_told_twice() -> None:
    assert len({row[0] for row in STORIES}) == len(STORIES) >= 60


# --- withdrawals, and the customer's answers: by the sentence of the rules that each is about ---

STAYS = "section 8: a withdrawal changes the verdict only while it is pending; withdrawn stays withdrawn"
ASKED = "sections 7 and 8: 1/2 answers 'did we reach you?' after a declared callback; a 2 takes back a declared contact"
ANSWERS: list[tuple[str, str, Ledger, str, tuple[str, str, int | None]]] = [
    (STAYS, "taken back by the customer, withdrawn while pending, then confirmed after all",
     [reached("2"), no("3"), withdrawn("4"), yes("5")], "60", WITHDRAWN),
    (STAYS, "withdrawn while a short bridge awaited its key, which then says reached",
     [*bridge("5", 10), withdrawn("6"), ev.CallbackReported(at=t("7"), callback="c1", result=Reported.REACHED)], "60", WITHDRAWN),
    (STAYS, "withdrawn during a talk that then grew long enough",
     [*bridge("5", 60)[:-1], withdrawn("5:10"), bridge("5", 60)[-1]], "60", WITHDRAWN),
    (STAYS, "withdrawn after it was met, and taken back by the customer later: the withdrawal changed nothing",
     [reached("2"), withdrawn("3"), no("4")], "60", MISSED),
    (STAYS, "withdrawn after it was met, taken back by the customer later, and tried: void",
     [no_answer("1"), reached("2"), withdrawn("3"), no("4")], "60", VOID_SAID),
    (ASKED, "taken back, declared anew after the deadline, and that one confirmed: reached late",
     [reached("2"), no("3"), reached("31"), yes("32")], "60", MISSED),
    (ASKED, "taken back, declared anew in time, and that one confirmed: the second time counts",
     [reached("2"), no("3"), reached("9"), yes("10")], "60", met("customer", 540)),
    (ASKED, "confirmed, then a short bridge after the deadline is called a conversation and contested: the first stands",
     [reached("2"), yes("3"), *bridge("40", 10, "1"), no("41")], "60", met("customer", 120)),
]  # fmt: skip


@pytest.mark.parametrize(
    "story,now,expected",
    [pytest.param(*row[2:], id=row[1]) for row in ANSWERS],
)
def test_withdrawal_or_answer(story: Ledger, now: str, expected: tuple[str, str, int | None]) -> None:
    verdict = verdict_at(story, t(now))
    assert (verdict.outcome, verdict.evidence, verdict.seconds) == expected


def test_a_withdrawal_during_a_talk_reads_withdrawn_at_first() -> None:
    """And it goes on reading so: see the story of the talk that then grew long enough."""
    assert verdict_at([*bridge("5", 60)[:-1], withdrawn("5:10")], t("5:10")).outcome == "withdrawn"


# --- our outage ---

OUTAGES = [
    ("down over the whole promise", [], "-5", "45", True),
    ("down in the middle", [], "10", "20", True),
    ("down for a second after the call", [], "-5", "0:01", True),
    ("up again at the very call", [], "-5", "0", False),
    ("down only before the call", [], "-9", "-5", False),
    ("down for the last second", [], "29:59", "50", True),
    ("down from the deadline on", [], "30", "50", False),
    ("down only after the deadline", [], "31", "50", False),
    ("down, and the only word was taken back", [reached("2"), no("3")], "10", "20", True),
    ("down, and the only call failed before it rang", unjoined("5", "failed"), "10", "20", True),
    ("down, and the customer was reached", [reached("25")], "10", "20", False),
    ("down, and somebody tried", [no_answer("25")], "10", "20", False),
    ("down, and it was withdrawn", [withdrawn("25")], "10", "20", False),
]


@pytest.mark.parametrize("story,began,ended,flagged", [row[1:] for row in OUTAGES], ids=[row[0] for row in OUTAGES])
def test_our_outage(story: Ledger, began: str, ended: str, flagged: bool) -> None:
    down = ev.OutageRecorded(at=t("55"), began_at=t(began), ended_at=t(ended))
    assert verdict_at([*story, down], t("60")).our_outage is flagged


def test_one_of_two_outages_is_enough() -> None:
    before = ev.OutageRecorded(at=t("55"), began_at=t("-9"), ended_at=t("-5"))
    during = ev.OutageRecorded(at=t("55"), began_at=t("29:59"), ended_at=t("30:01"))
    assert not verdict_at([before], t("60")).our_outage
    assert verdict_at([before, during], t("60")).our_outage


def test_an_outage_between_the_call_and_the_message_counts_though_the_clock_starts_later() -> None:
    during = ev.OutageRecorded(at=t("55"), began_at=t("1"), ended_at=t("2"))
    assert verdict_at([opened(**MESSAGE), message("4"), during], t("60")).our_outage


# --- the nights on which the clocks change: half an hour is half an hour ---

NIGHTS = [
    ("spring in Toronto: 01:45 to 03:15", "2026-03-08T01:45-05:00", "2026-03-08T03:15-04:00"),
    ("spring in Toronto: 01:59:59 to 03:29:59", "2026-03-08T01:59:59-05:00", "2026-03-08T03:29:59-04:00"),
    ("autumn in Toronto: 01:45 to 01:15", "2026-11-01T01:45-04:00", "2026-11-01T01:15-05:00"),
    ("autumn in Toronto: 01:30 to 01:00, an hour shown again", "2026-11-01T01:30-04:00", "2026-11-01T01:00-05:00"),
    ("autumn in Toronto, the second 01:45", "2026-11-01T01:45-05:00", "2026-11-01T02:15-05:00"),
    ("spring in Lord Howe: 01:45 to 02:45", "2026-10-04T01:45+10:30", "2026-10-04T02:45+11:00"),
    ("autumn in Lord Howe: 01:45 to 01:45", "2026-04-05T01:45+11:00", "2026-04-05T01:45+10:30"),
    ("the end of a leap day", "2028-02-29T23:45-05:00", "2028-03-01T00:15-05:00"),
    ("the end of a year", "2026-12-31T23:45-05:00", "2027-01-01T00:15-05:00"),
]


@pytest.mark.parametrize("call,due", [row[1:] for row in NIGHTS], ids=[row[0] for row in NIGHTS])
def test_on_the_night_of_a_change(call: str, due: str) -> None:
    began, deadline = (datetime.fromisoformat(text).astimezone(UTC) for text in (call, due))
    late = deadline + timedelta(seconds=1)
    opening = opened(at=began, call=began)
    assert promise.due_at(folded([opening])) == deadline
    assert verdict_at([opening], deadline).outcome == "pending"
    assert verdict_at([opening], late).outcome == "missed"
    said = ev.ContactDeclared(at=deadline, by="ana", via=Via.SMS)
    assert verdict_at([opening, said], late).seconds == 1800
    assert verdict_at([opening, replace(said, at=late)], late).outcome == "missed"


# --- properties ---


def clock(second: int) -> str:
    return f"{second // 60}:{second % 60:02}"


DUE = 1800
AFTER_ALL = NIGHT + timedelta(days=2)
in_time, too_late = st.integers(61, DUE), st.integers(DUE + 1, 6 * 3600)


def calls(when: st.SearchStrategy[int]) -> st.SearchStrategy[Ledger]:
    joined = st.builds(
        lambda at, talk, key, machine: bridge(clock(at), talk, key, machine),
        when, st.integers(0, 90), st.sampled_from([None, "1", "2", "3"]),
        st.sampled_from([None, "human", "machine_start", "unknown"]),
    )  # fmt: skip
    failed = st.builds(
        lambda at, status: unjoined(clock(at), status), when, st.sampled_from(["busy", "no-answer", "failed"])
    )
    return st.one_of(joined, failed)


def words(when: st.SearchStrategy[int]) -> st.SearchStrategy[Ledger]:
    return st.builds(lambda at, say: [say(clock(at))], when, st.sampled_from([reached, no_answer]))


def answers(when: st.SearchStrategy[int]) -> st.SearchStrategy[Ledger]:
    return st.builds(lambda at, say: [say(clock(at))], when, st.sampled_from([yes, no]))


def other_facts(at: int) -> list[ev.Event]:
    now = t(clock(at))
    return [
        withdrawn(clock(at)), priority(clock(at), "P3"), message(clock(at)), ev.Resolved(at=now, by="ana", how=Resolution.RESOLVED),
        ev.NoteAdded(at=now, by="ana", via=Via.SMS), ev.DeadlinePassed(at=now, due_at=t("30")),
        ev.SupervisorsTold(at=now, about=Alert.MISSED, people=("sue",)), ev.Passed(at=now, by="ana", via=Via.SMS),
        ev.Acknowledged(at=now, by="bob", role=Role.TECHNICIAN, via=Via.SMS), ev.TakenBack(at=now, person="ana", why=GivenBack.NO_ATTEMPT),
        ev.CommandRefused(at=now, by="ana", command="call", why="taken", via=Via.SMS),
    ]  # fmt: skip


others = too_late.flatmap(lambda at: st.sampled_from([[fact] for fact in other_facts(at)]))
withdrawals = st.builds(lambda at: [withdrawn(clock(at))], in_time)


def in_order(parts: list[Ledger]) -> Ledger:
    """Each part keeps its own order and names its own callback; the ledger is by time."""
    told = [_named(event, f"c{number}") for number, part in enumerate(parts) for event in part]
    return sorted(told, key=lambda event: event.at)


def _named(event: Any, callback: str) -> ev.Event:
    found: ev.Event = replace(event, callback=callback) if hasattr(event, "callback") else event
    return found


before = st.lists(st.one_of(calls(in_time), words(in_time), answers(in_time), withdrawals), max_size=4)
after = st.lists(st.one_of(calls(too_late), words(too_late), others), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(before, after)
def test_facts_later_than_the_deadline_never_change_the_verdict(early: list[Ledger], late: list[Ledger]) -> None:
    assert verdict_at(in_order([*early, *late]), AFTER_ALL) == verdict_at(in_order(early), AFTER_ALL)


@settings(max_examples=200, deadline=None)
@given(before, st.lists(answers(too_late), min_size=1, max_size=3))
def test_the_customers_late_answer_never_touches_a_carriers_word(early: list[Ledger], late: list[Ledger]) -> None:
    """The one exception to the above turns a technician's word into the customer's, or takes it back: no more."""
    first, last = verdict_at(in_order(early), AFTER_ALL), verdict_at(in_order([*early, *late]), AFTER_ALL)
    if (first.outcome, first.evidence) == ("met", "carrier"):
        assert last == first
    if last.outcome == "met" and first.outcome == "met" and last.evidence == first.evidence:
        assert last.seconds == first.seconds


@settings(max_examples=300, deadline=None)
@given(before, st.lists(st.one_of(calls(in_time), words(in_time)), max_size=3), in_time)
def test_withdrawn_while_nothing_had_happened_stays_withdrawn(
    early: list[Ledger], later: list[Ledger], when: int
) -> None:
    """Whatever is said or dialled after it."""
    untouched = [part for part in [*early, *later] if part[0].at > t(clock(when))]
    assert verdict_at(in_order([[withdrawn(clock(when))], *untouched]), AFTER_ALL).outcome == "withdrawn"


@settings(max_examples=300, deadline=None)
@given(before, st.integers(61, DUE))
def test_until_the_deadline_it_is_pending_met_or_withdrawn(early: list[Ledger], now: int) -> None:
    told = [event for event in in_order(early) if event.at <= t(clock(now))]
    assert verdict_at(told, t(clock(now))).outcome in ("pending", "met", "withdrawn")


@settings(max_examples=300, deadline=None)
@given(before, after)
def test_seconds_and_evidence_belong_together(early: list[Ledger], late: list[Ledger]) -> None:
    verdict = verdict_at(in_order([*early, *late]), AFTER_ALL)
    assert (verdict.seconds is not None) == (verdict.outcome == "met")
    assert verdict.seconds is None or 0 <= verdict.seconds <= DUE
    assert (verdict.evidence == "none") == (verdict.outcome in ("missed", "withdrawn", "excluded", "pending"))
