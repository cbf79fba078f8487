"""What each input adds, that the same one twice adds nothing (I4), and what is refused its effect."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callbacks.emergency import events as ev
from callbacks.emergency import inputs as given
from callbacks.emergency.decide import decide
from callbacks.emergency.inputs import Meaning
from callbacks.emergency.model import Fault, Resolution, Sign, Via
from callbacks.emergency.promise import judge
from tests.clock import NIGHT
from tests.core.pure import CALL, DUTY, RECORDING, PureNight, at

AGAIN, OTHER_RECORDING = "CA" + "7" * 32, "RE" + "8" * 32
LATER = at(1)


def kinds(decision: Any) -> list[str]:
    return [type(event).__name__ for event in decision.events]


def opened(**opening: Any) -> PureNight:
    night = PureNight()
    night.opening = replace(night.opening, **opening)
    night.opens()
    return night


def page_of(night: PureNight, channel: str = "sms") -> str:
    return next(key for key, page in night.it.pages.items() if page.channel == channel)


def ringing() -> PureNight:
    """The text was not answered: after a minute the phone rings."""
    night = opened()
    night.sleeps(timedelta(minutes=1))
    return night


ONCE: dict[str, tuple[given.Input, list[str]]] = {
    "the call's end": (
        given.CallOver(at=LATER, call=CALL, opening=None, sign=Sign.ENDED, status="completed", seconds=30), ["CallEnded"]),
    "the carrier's own time of the message": (
        given.MessageEnded(at=LATER, call=CALL, opening=None, sign=Sign.RECORDING, recording_sid=RECORDING, seconds=21,
                           carrier_timed=True), ["MessageLeft"]),
    "audio that is ready": (
        given.MessageEnded(at=LATER, call=CALL, opening=None, sign=Sign.RECORDING, recording_sid=RECORDING, seconds=20,
                           ready=True), ["RecordingCompleted"]),
    "audio that was fetched": (
        given.RecordingFetched(at=LATER, recording_sid=RECORDING, sha256="0" * 64, size=9), ["RecordingStored"]),
    "audio that is gone": (given.RecordingLost(at=LATER, recording_sid=RECORDING, why="gone"), ["RecordingUnavailable"]),
    "the earlier start of the call": (
        given.CallerLearned(at=LATER, number=CALL.number, withheld=False, call_started_at=at(-1)), ["CallTimed"]),
    "a further call": (given.CalledAgain(at=LATER, call_sid=AGAIN), ["CallerCalledAgain"]),
    "a further message": (
        given.CalledAgain(at=LATER, call_sid=AGAIN, recording_sid=OTHER_RECORDING, seconds=5, ready=True),
        ["CallerCalledAgain", "MessageAdded", "RecordingCompleted"]),
    "the number to call": (
        given.NumberKeyed(at=LATER, number="+15145550177", confirmed=True), ["NumberGiven"]),
    "an outage of ours": (given.OutageFound(at=LATER, began_at=at(0.1), ended_at=at(0.2)), ["OutageRecorded"]),
}  # fmt: skip


@pytest.mark.parametrize("name", ONCE)
def test_what_is_told_twice_counts_once(name: str) -> None:
    """I4, F02: webhooks come again; the second adds nothing."""
    said, expected = ONCE[name]
    night = opened()
    night.now = LATER
    first = [kind for kind in kinds(night.takes(said)) if kind in expected]
    assert first == expected
    before = night.it
    second = night.takes(replace(said, at=LATER))
    assert [kind for kind in kinds(second) if kind in expected] == []
    assert second.after == before


def test_nothing_opens_without_a_sign_of_a_call() -> None:
    """A report about an emergency that nobody knows is no emergency."""
    nothing = decide(None, given.TimePassed(at=NIGHT), NIGHT, DUTY)
    assert (nothing.events, nothing.after, nothing.answer) == ((), None, None)
    sign = given.CallOver(at=NIGHT, call=CALL, opening=None, sign=Sign.ENDED, status="completed", seconds=1)
    assert decide(None, sign, NIGHT, DUTY).after is None


def test_a_blocked_caller_is_kept_and_wakes_nobody() -> None:
    night = opened(blocked_by="sue", blocked_why="sells things")
    assert night.kinds()[:2] == ["EmergencyOpened", "Excluded"]
    assert night.it.excluded_why == "blocked caller: sells things"
    assert not night.it.pages


def test_a_start_in_our_future_is_now() -> None:
    """The carrier's clock runs ahead of ours: the promise counts from no instant that has not come."""
    night = PureNight()
    ahead = replace(CALL, started_at=at(5))
    sign = given.MessageEnded(
        at=NIGHT, call=ahead, opening=night.opening, sign=Sign.ACTION, recording_sid=None, seconds=0
    )
    night.takes(sign)
    assert night.it.call_started_at == NIGHT


def test_a_later_start_changes_nothing_and_the_first_number_stays() -> None:
    night = opened()
    learned = given.CallerLearned(at=LATER, number="+15145550178", withheld=False, call_started_at=at(3))
    assert night.takes(learned).events == ()
    assert night.it.number == CALL.number
    withheld = PureNight()
    hidden = replace(CALL, number=None, withheld=True)
    sign = given.CallOver(
        at=NIGHT, call=hidden, opening=withheld.opening, sign=Sign.ENDED, status="completed", seconds=3
    )
    withheld.takes(sign)
    assert withheld.takes(learned).events == (), "who withholds a number has none that another report may give"
    unknown = PureNight()
    nobody = replace(CALL, number=None)
    unknown.takes(replace(sign, call=nobody, opening=unknown.opening))
    assert kinds(unknown.takes(learned)) == ["CallerIdentified", "CustomerTextRequested"]


def test_a_message_that_is_missing_is_said_once_and_never_after_a_message() -> None:
    """F10: absent, failed, too short."""
    night = PureNight()
    absent = given.MessageAbsent(at=NIGHT, call=CALL, opening=night.opening, sign=Sign.RECORDING, why="absent")
    assert "MessageMissing" in kinds(night.takes(absent))
    assert night.takes(replace(absent, opening=None)).events == ()
    spoken = opened()
    assert spoken.takes(replace(absent, opening=None)).events == ()


def test_audio_that_arrived_is_not_lost_by_a_late_report_but_by_erasing_it() -> None:
    night = opened()
    night.takes(given.RecordingFetched(at=LATER, recording_sid=RECORDING, sha256="0" * 64, size=9))
    assert night.takes(given.RecordingLost(at=LATER, recording_sid=RECORDING, why="gone")).events == ()
    erased = night.takes(given.RecordingLost(at=LATER, recording_sid=RECORDING, why="erased"))
    assert kinds(erased) == ["RecordingUnavailable"]
    assert night.takes(given.RecordingLost(at=LATER, recording_sid=RECORDING, why="erased")).events == ()


def test_the_audio_of_a_further_message_is_kept_apart() -> None:
    night = opened()
    night.takes(given.CalledAgain(at=LATER, call_sid=AGAIN, recording_sid=OTHER_RECORDING, seconds=5))
    late = given.CalledAgain(at=LATER, call_sid=AGAIN, recording_sid=OTHER_RECORDING, seconds=5, ready=True)
    assert kinds(night.takes(late)) == ["RecordingCompleted"]
    stored = given.RecordingFetched(at=LATER, recording_sid=OTHER_RECORDING, sha256="1" * 64, size=3)
    assert kinds(night.takes(stored)) == ["RecordingStored"]
    assert night.takes(late).events == ()
    assert (night.it.added[OTHER_RECORDING].state, night.it.recording_state) == ("stored", None)


def test_a_confirmed_number_may_be_replaced_by_another() -> None:
    night = opened()
    keyed = given.NumberKeyed(at=LATER, number="+15145550177", confirmed=True)
    night.takes(keyed)
    assert night.it.number == "+15145550177"
    assert kinds(night.takes(replace(keyed, number="+15145550178"))) == ["NumberGiven"]
    unsure = opened()
    assert kinds(unsure.takes(given.NumberKeyed(at=LATER, number=str(CALL.number), confirmed=False))) == ["NumberGiven"]


# --- the customer's word ---


def customer_says(night: PureNight, meaning: str, words: str = "words", **more: Any) -> list[str]:
    return kinds(night.takes(given.CustomerSaid(at=night.now, meaning=given.Meaning(meaning), words=words, **more)))


def of_the_withdrawal(night: PureNight, meaning: str, words: str = "words", **more: Any) -> list[str]:
    """Without the relaying of notes, which is another matter."""
    return [kind for kind in customer_says(night, meaning, words, **more) if kind != "NotesRelayed"]


def test_wrong_numbers_to_withdraw_are_bounded_and_the_right_one_counts_an_hour_later() -> None:
    night = opened()
    of_the_withdrawal(night, "withdraw", drawn="731")
    night.says("ana", "acknowledge")
    wrong = [of_the_withdrawal(night, "confirm-withdrawal", digits=digits) for digits in ("1", "2", "3")]
    assert wrong[0] == wrong[1] == ["WithdrawalMistyped", "NoteAdded"]
    assert wrong[2] == ["WithdrawalMistyped", "NoteAdded", "SupervisorsTold"]
    night.sleeps(timedelta(minutes=59))
    assert of_the_withdrawal(night, "confirm-withdrawal", digits="731") == ["NoteAdded"]
    night.sleeps(timedelta(minutes=2))
    assert "Withdrawn" in of_the_withdrawal(night, "confirm-withdrawal", digits="731")


def test_asked_for_a_fourth_time_it_is_a_note() -> None:
    """And the answers take nothing from the four texts that a customer gets by themselves."""
    night = opened()
    for _n in range(3):
        assert of_the_withdrawal(night, "withdraw", drawn="731") == ["WithdrawalAsked", "CustomerTextRequested"]
    assert of_the_withdrawal(night, "withdraw", drawn="731") == ["NoteAdded"]
    night.says("ana", "reached")
    assert night.it.customer_texts == ("receipt", *["confirm-withdrawal"] * 3, "reached")


def test_a_customer_withdraws_once_and_what_they_write_later_is_a_note() -> None:
    night = opened()
    assert of_the_withdrawal(night, "confirm-withdrawal", digits="731") == ["NoteAdded"]
    assert of_the_withdrawal(night, "withdraw", drawn="731") == ["WithdrawalAsked", "CustomerTextRequested"]
    assert of_the_withdrawal(night, "withdraw", drawn="888") == ["WithdrawalAsked", "CustomerTextRequested"]
    assert of_the_withdrawal(night, "confirm-withdrawal", digits="888") == ["WithdrawalMistyped", "NoteAdded"]
    assert "Withdrawn" in of_the_withdrawal(night, "confirm-withdrawal", words="withdraw 731", digits="731")
    assert ev.Withdrawn(at=night.now, by="customer", reason="withdraw 731") in night.story
    assert of_the_withdrawal(night, "withdraw") == ["NoteAdded"]
    excluded = opened(blocked_by="sue", blocked_why="x")
    assert customer_says(excluded, "withdraw") == ["NoteAdded"]


def test_yes_and_no_are_notes_until_we_asked() -> None:
    night = opened()
    assert customer_says(night, "yes") == ["NoteAdded", "NotesRelayed"]
    assert night.it.confirmations == ()


def declared() -> PureNight:
    night = opened()
    night.says("ana", "reached")
    assert "reached" in night.it.customer_texts
    return night


def test_the_customers_answer_counts_once_and_the_other_answer_again() -> None:
    night = declared()
    assert customer_says(night, "yes") == ["ContactConfirmed"]
    assert customer_says(night, "yes") == []
    assert judge(night.it, night.now).evidence == "customer"
    assert "ContactContested" in customer_says(night, "no")
    assert judge(night.it, night.now).outcome == "pending"


def test_the_same_answer_is_one_about_a_newer_contact_too() -> None:
    night = declared()
    customer_says(night, "no")
    night.now = at(3)
    night.says("ana", "reached")
    assert customer_says(night, "no")[0] == "ContactContested"
    assert len(night.it.confirmations) == 2


def test_supervisors_hear_of_a_denied_contact_and_of_a_promise_that_it_breaks() -> None:
    night = declared()
    told = [e for e in night.takes(given.CustomerSaid(at=night.now, meaning=Meaning.NO, words="no")).events
            if type(e).__name__ == "SupervisorsTold"]  # fmt: skip
    assert [(e.about, e.people) for e in told] == [("contested", ("sue",))]  # type: ignore[attr-defined]
    late = declared()
    late.sleeps(timedelta(minutes=31))
    assert late.it.deadline_passed_at is not None
    said = late.takes(given.CustomerSaid(at=late.now, meaning=Meaning.NO, words="no")).events
    assert {e.about for e in said if type(e).__name__ == "SupervisorsTold"} == {"contested", "missed"}  # type: ignore[attr-defined]


# --- pages ---


def test_a_page_is_accepted_once_and_an_unknown_one_never() -> None:
    night = opened()
    accepted = given.PageAccepted(at=LATER, page=page_of(night), sid="SM" + "3" * 32)
    assert kinds(night.takes(accepted)) == ["PageSent"]
    assert night.takes(replace(accepted, sid="SM" + "4" * 32)).events == ()
    assert night.takes(replace(accepted, page="9.9.zed.sms")).events == ()
    assert night.takes(given.PageRefused(at=LATER, page="9.9.zed.sms", why=Fault.REFUSED, code=None)).events == ()
    assert night.takes(given.PageReported(at=LATER, page="9.9.zed.sms", status="delivered")).events == ()


@pytest.mark.parametrize("status", ["delivered", "read"])
def test_a_text_is_delivered_once_and_never_after_it_failed(status: str) -> None:
    """F28: reports come out of order."""
    night = opened()
    report = given.PageReported(at=LATER, page=page_of(night), status=status)
    assert kinds(night.takes(report)) == ["PageDelivered"]
    assert night.takes(report).events == ()
    other = opened()
    failed = given.PageReported(at=LATER, page=page_of(other), status="undelivered", code=30003)
    assert kinds(other.takes(failed))[0] == "PageFailed"
    assert other.takes(replace(report, page=page_of(other))).events == ()
    assert other.takes(failed).events == ()


@pytest.mark.parametrize("status", ["undelivered", "failed", "canceled"])
def test_a_text_that_did_not_arrive_takes_the_next_step_now(status: str) -> None:
    """F30: nobody waits for the step's own time."""
    night = opened()
    after = night.takes(given.PageReported(at=night.now, page=page_of(night), status=status, code=30003))
    assert kinds(after)[:2] == ["PageFailed", "StepTaken"]
    assert after.events[0].code == 30003  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", ["queued", "sent", "accepted", "sending", "initiated"])
def test_a_text_on_its_way_is_nothing_new(status: str) -> None:
    night = opened()
    assert night.takes(given.PageReported(at=LATER, page=page_of(night), status=status)).events == ()


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("completed", "mailbox"),
        ("busy", "busy"),
        ("no-answer", "no-answer"),
        ("failed", "failed"),
        ("canceled", "cancelled"),
    ],
)
def test_a_call_without_a_key_did_not_reach_anybody(status: str, why: str) -> None:
    """F40: F36, I21: an answered phone is no acknowledgement."""
    night = ringing()
    page = page_of(night, "voice")
    assert kinds(night.takes(given.PageReported(at=night.now, page=page, status="answered"))) == ["PageDelivered"]
    over = night.takes(given.PageReported(at=night.now, page=page, status=status))
    assert over.events[0].why == why  # type: ignore[attr-defined]
    assert night.it.owner is None
    assert night.takes(given.PageReported(at=night.now, page=page, status="ringing")).events == ()


@pytest.mark.parametrize(("key", "command"), [("1", "Acknowledged"), ("2", "Passed"), ("3", "CallbackRequested")])
def test_a_key_acts_and_the_calls_end_is_no_failure_then(key: str, command: str) -> None:
    night = ringing()
    page = page_of(night, "voice")
    pressed = night.takes(given.PageKey(at=night.now, page=page, key=key))
    assert kinds(pressed)[0] == "PageKeyPressed" and command in kinds(pressed)
    assert pressed.answer is not None and not pressed.answer.refused
    ended = night.takes(given.PageReported(at=night.now, page=page, status="completed"))
    assert "PageFailed" not in kinds(ended)


def test_a_call_asked_for_by_key_is_one_of_somebody_who_proved_to_be_there() -> None:
    night = ringing()
    pressed = night.takes(given.PageKey(at=night.now, page=page_of(night, "voice"), key="3"))
    asked = next(e for e in pressed.events if type(e).__name__ == "CallbackRequested")
    assert asked.proven is True and asked.via == "voice" and asked.by == "ana"  # type: ignore[attr-defined]


def test_other_keys_and_unknown_pages_do_nothing() -> None:
    night = ringing()
    assert night.takes(given.PageKey(at=night.now, page=page_of(night, "voice"), key="7")).events == ()
    assert night.takes(given.PageKey(at=night.now, page="9.9.zed.voice", key="1")).events == ()


def test_a_drill_ends_with_its_answer() -> None:
    night = opened(drill=True)
    answered = night.says("ana", "acknowledge")
    assert kinds(answered)[:2] == ["Acknowledged", "Resolved"]
    assert night.says("ana", "note", words="woke up well").events[0].__class__.__name__ == "NoteAdded"
    assert sum(kind == "Resolved" for kind in night.kinds()) == 1
    real = opened()
    assert "Resolved" not in kinds(real.says("ana", "acknowledge"))


# --- every field of what is written down ---

SID = "SM" + "3" * 32
EXACT: dict[str, tuple[given.Input, ev.Event]] = {
    "the call's end": (ONCE["the call's end"][0], ev.CallEnded(at=LATER, status="completed", seconds=30)),
    "the carrier's own time": (
        ONCE["the carrier's own time of the message"][0],
        ev.MessageLeft(at=LATER, recording_sid=RECORDING, seconds=21, carrier_timed=True)),
    "audio that is ready": (
        ONCE["audio that is ready"][0], ev.RecordingCompleted(at=LATER, recording_sid=RECORDING, seconds=20)),
    "audio that was fetched": (
        ONCE["audio that was fetched"][0], ev.RecordingStored(at=at(2), recording_sid=RECORDING, sha256="0" * 64, size=9)),
    "audio that is gone": (
        ONCE["audio that is gone"][0], ev.RecordingUnavailable(at=at(2), recording_sid=RECORDING, why="gone")),
    "the earlier start": (
        ONCE["the earlier start of the call"][0], ev.CallTimed(at=at(2), call_started_at=at(-1))),
    "a further message": (
        ONCE["a further message"][0],
        ev.MessageAdded(at=LATER, call_sid=AGAIN, recording_sid=OTHER_RECORDING, seconds=5)),
    "its audio": (
        ONCE["a further message"][0], ev.RecordingCompleted(at=LATER, recording_sid=OTHER_RECORDING, seconds=5)),
    "the number to call": (
        ONCE["the number to call"][0], ev.NumberGiven(at=at(2), confirmed=True, number="+15145550177")),
    "an outage": (
        ONCE["an outage of ours"][0], ev.OutageRecorded(at=at(2), began_at=at(0.1), ended_at=at(0.2))),
    "a withdrawal": (
        given.CustomerSaid(at=LATER, meaning=Meaning.WITHDRAW, words="withdraw", drawn="731"),
        ev.WithdrawalAsked(at=at(2), digits="731")),
    "a note": (
        given.CustomerSaid(at=LATER, meaning=Meaning.NOTE, words="it's the DNS"),
        ev.NoteAdded(at=LATER, by="customer", via=Via.SMS, words="it's the DNS")),
    "an accepted page": (
        given.PageAccepted(at=LATER, page="0.0.ana.sms", sid=SID), ev.PageSent(at=LATER, page="0.0.ana.sms", sid=SID)),
    "a refused page": (
        given.PageRefused(at=LATER, page="0.0.ana.sms", why=Fault.OPTED_OUT, code=21610),
        ev.PageFailed(at=LATER, page="0.0.ana.sms", why=Fault.OPTED_OUT, code=21610)),
    "a page that did not arrive": (
        given.PageReported(at=LATER, page="0.0.ana.sms", status="undelivered", code=30005),
        ev.PageFailed(at=LATER, page="0.0.ana.sms", why=Fault.UNDELIVERED, code=30005)),
    "a page that arrived": (
        given.PageReported(at=LATER, page="0.0.ana.sms", status="delivered"), ev.PageDelivered(at=LATER, page="0.0.ana.sms")),
}  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_the_fact_holds_all_that_was_told(name: str) -> None:
    """F19."""
    said, expected = EXACT[name]
    night = opened()
    night.now = at(2)
    assert expected in night.takes(said).events


def test_an_opening_holds_who_calls_and_why_nobody_is_woken() -> None:
    night = opened(name="Priya", company="Acme", can_wait=True, priority="P3", found_by="sweep")
    first = night.story[0]
    assert isinstance(first, ev.EmergencyOpened)
    assert (first.name, first.company, first.can_wait, first.priority) == ("Priya", "Acme", True, "P3")
    assert (first.number, first.language, first.found_by, first.sign) == (CALL.number, "en", "sweep", "action")
    blocked = opened(blocked_by="sue", blocked_why="sells things").story[1]
    assert blocked == ev.Excluded(at=NIGHT, by="sue", why="blocked-caller", reason="sells things")


def test_a_caller_who_turns_out_to_withhold_is_written_down_so() -> None:
    night = PureNight()
    nobody = replace(CALL, number=None)
    night.takes(
        given.CallOver(at=NIGHT, call=nobody, opening=night.opening, sign=Sign.ENDED, status="completed", seconds=3)
    )
    learned = given.CallerLearned(at=LATER, number=None, withheld=True, call_started_at=None)
    assert ev.CallerIdentified(at=NIGHT, number=None, withheld=True) in night.takes(learned).events


def test_a_drills_end_names_who_woke() -> None:
    night = opened(drill=True)
    assert ev.Resolved(at=night.now, by="ana", how=Resolution.RESOLVED) in night.says("ana", "acknowledge").events


def test_a_key_is_the_words_of_its_owner_with_their_role() -> None:
    night = ringing()
    page = page_of(night, "voice")
    moment = night.now + timedelta(seconds=5)
    took = night.takes(given.PageKey(at=moment, page=page, key="1"))
    assert took.events[0] == ev.PageKeyPressed(at=moment, page=page, key="1")
    acknowledged = next(e for e in took.events if isinstance(e, ev.Acknowledged))
    assert (acknowledged.by, acknowledged.role, acknowledged.via) == ("ana", "technician", "voice")


def test_a_call_in_progress_was_delivered() -> None:
    night = ringing()
    report = given.PageReported(at=night.now, page=page_of(night, "voice"), status="in-progress")
    assert kinds(night.takes(report)) == ["PageDelivered"]
    other = ringing()
    failed = given.PageReported(at=other.now, page=page_of(other, "voice"), status="failed", code=13224)
    assert other.takes(failed).events[0].code == 13224  # type: ignore[attr-defined]


def test_a_denied_contact_before_the_deadline_breaks_nothing_yet() -> None:
    night = declared()
    said = night.takes(given.CustomerSaid(at=night.now, meaning=Meaning.NO, words="no")).events
    assert [e.about for e in said if isinstance(e, ev.SupervisorsTold)] == ["contested"]


def test_a_recording_that_is_unknown_settles_nothing_else() -> None:
    """Each recording has a state of its own."""
    night = opened()
    night.takes(given.CalledAgain(at=LATER, call_sid=AGAIN, recording_sid=OTHER_RECORDING, seconds=5))
    night.takes(given.RecordingFetched(at=LATER, recording_sid=RECORDING, sha256="0" * 64, size=9))
    other = night.takes(given.RecordingFetched(at=LATER, recording_sid=OTHER_RECORDING, sha256="1" * 64, size=8))
    assert [e.recording_sid for e in other.events if isinstance(e, ev.RecordingStored)] == [OTHER_RECORDING]
    assert (
        night.takes(given.RecordingFetched(at=LATER, recording_sid=OTHER_RECORDING, sha256="1" * 64, size=8)).events
        == ()
    )
    assert night.takes(given.RecordingLost(at=LATER, recording_sid=OTHER_RECORDING, why="gone")).events == ()
    erased = night.takes(given.RecordingLost(at=LATER, recording_sid=OTHER_RECORDING, why="erased")).events
    assert [e.recording_sid for e in erased if isinstance(e, ev.RecordingUnavailable)] == [OTHER_RECORDING]
