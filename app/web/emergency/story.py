"""One fact of a ledger as a line that a supervisor can read, in English or French.

`LINES` holds the English; French is in `app/locale/fr`. Slugs of facts are said by `SLUGS`; names stay.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.web.base.language import say
from callbacks.emergency import events as ev
from callbacks.emergency.model import Fault, Sign
from callbacks.emergency.promise import TimedBy
from callbacks.messages.wording import local_clock, local_date
from callbacks.policy.model import SUPERVISORS, Channel
from callbacks.store.rows import Entry

# What happened, with the fact's own fields; a kind without a line shows its name and fields.
LINES: dict[type[ev.Event], str] = {
    ev.EmergencyOpened: "Emergency opened: {opened_by}",
    ev.CallerIdentified: "Twilio reported the caller's number",
    ev.CallTimed: "Twilio reported when the call started",
    ev.NumberGiven: "The caller {given}",
    ev.CallerCalledAgain: "The caller called again",
    ev.MessageAdded: "A message was added, {seconds} s",
    ev.SecondTrySuggested: "{person} was asked to try again after {not_before}",
    ev.CustomerTextRequested: "Text to the customer: {told}",
    ev.NotesRelayed: "Customer's notes passed on to {person}",
    ev.CoverageSet: "{by} set the coverage: {covered}",
    ev.CallEnded: "The customer's call ended ({status})",
    ev.MessageLeft: "Message left, {seconds} s ({timed})",
    ev.MessageMissing: "No message ({why})",
    ev.RecordingCompleted: "Recording complete at Twilio, {seconds} s",
    ev.RecordingStored: "Recording stored here, {size} bytes, SHA-256 {sha256}",
    ev.RecordingUnavailable: "Recording not available ({why})",
    ev.AttachmentAdded: "Sent with a text of {by}: {sent}",
    ev.AttachmentStored: "Stored here, {size} bytes, SHA-256 {sha256}",
    ev.AttachmentUnavailable: "The attachment is not available ({why})",
    ev.StepTaken: "Escalation cycle {round}, step {step}: {target}",
    ev.StepSkipped: "Escalation cycle {round}, step {step}: {target} skipped ({why})",
    ev.PageRequested: "Page to {person} by {channel}",
    ev.PageSent: "{page} accepted by Twilio",
    ev.PageDelivered: "{page} delivered",
    ev.PageFailed: "{page} failed ({why})",
    ev.PageKeyPressed: "{page}: key {key} pressed",
    ev.Acknowledged: "{by} acknowledged (by {via})",
    ev.HandedOver: "{by} handed it over to {to} (by {via})",
    ev.Passed: "{by} passed (by {via})",
    ev.OwnerReminded: "{person} was reminded: no attempt yet",
    ev.TakenBack: "Taken back from {person} ({why})",
    ev.SupervisorsTold: "Supervisors told: {about}",
    ev.DeadlinePassed: "Deadline passed",
    ev.CommandRefused: "{by} tried to {command} (by {via}); refused: {why}",
    ev.CallbackRequested: "{by} asked for a callback (by {via})",
    ev.TechnicianAnswered: "The technician's phone was answered",
    ev.TechnicianAccepted: "The technician pressed 1; calling the customer",
    ev.TechnicianMissed: "The call to the technician failed ({why}); the customer was not called",
    ev.CustomerRang: "The customer's phone rings",
    ev.CustomerAnswered: "The customer's phone was answered; the calls are connected",
    ev.CustomerJudged: "Answered by: {answered_by} (answering machine detection)",
    ev.BridgeEnded: "Bridge ended ({status}): {joined}",
    ev.CustomerLegEnded: "The call to the customer ended ({status}, {seconds} s)",
    ev.CallbackReported: "The technician's key after the call: {result}",
    ev.ContactDeclared: "{by} says: I have spoken with the customer",
    ev.NoAnswerDeclared: "{by} says: no answer",
    ev.ContactConfirmed: "The customer confirms that we reached them",
    ev.ContactContested: "The customer says that we did not reach them",
    ev.Resolved: "{by}: {how}",
    ev.PriorityChanged: "{by} set the priority to {priority}",
    ev.NoteAdded: "Note by {by}",
    ev.WithdrawalAsked: "The customer texted withdraw; they were asked to confirm it",
    ev.WithdrawalMistyped: "The customer texted WITHDRAW with the wrong number",
    ev.Withdrawn: "Withdrawn by {by}",
    ev.Excluded: "Excluded by {by} ({why})",
    ev.OutageRecorded: "We were down from {began_at} to {ended_at}",
    ev.UnknownEvent: "Unknown event: {kind}",
}

# What facts say in a word of their own, as people say it. What is not here is a name and stays.
SLUGS = {
    # how an emergency was found
    "action": "the message ended",
    "after": "the caller said nothing",
    "recording": "Twilio reported a recording",
    "ended": "the call ended",
    "sweep": "found by reconciliation with Twilio",
    "drill": "a drill",
    "malformed": "a report",
    # why it is in no figure
    "blocked-caller": "blocked caller",
    "decision": "a supervisor's decision",
    # by which way
    "sms": "text",
    "voice": "phone",
    "page": "page",
    "api": "program",
    "link": "link",
    "command": "command",
    # whom
    "supervisors": "supervisors",
    "everyone": "everyone",
    "customer": "the customer",
    "retention": "retention",
    # why not
    "no-answer": "no answer",
    "busy": "busy",
    "undelivered": "undelivered",
    "refused": "refused by Twilio",
    "mailbox": "a mailbox",
    "expired": "too late to send",
    "failed": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "no-key": "no key pressed",
    "hung-up": "hung up",
    "silent": "silence",
    "too-short": "too short",
    "absent": "absent",
    "nobody-on-call": "nobody on call",
    "no-channel": "no working channel",
    "all-passed": "everybody passed",
    "no-attempt": "no attempt",
    "gone": "left the roster",
    "erased": "erased",
    "needs-code": "it needs the code of the page",
    "texts-blocked": "too many wrong codes",
    "opted-out": "opted out of texts",
    "not-found": "not found",
    "not-audio": "not audio",
    "not-paged": "was not paged for it",
    "closed": "it is closed",
    "taken": "somebody else has it",
    "callback-under-way": "a callback is in progress",
    "empty-note": "the note is empty",
    "CALLBACKS_NOTIFY_URLS is not set": "CALLBACKS_NOTIFY_URLS is not set",
    "cannot-dial": "the number cannot be dialled",
    "no-voice": "that phone does not take calls",
    "too-many-calls": "call limit reached",
    "capped": "daily call limit reached",
    "too-large": "too large",
    # what came with a text
    "picture": "picture",
    "contact card": "contact card",
    "voice note": "voice note",
    "video": "video",
    "place": "location",
    "file": "file",
    # what is asked for
    "acknowledge": "acknowledge",
    "pass": "pass",
    "call": "call the customer",
    "reached": "record a conversation",
    "done": "resolve",
    "priority": "change the priority",
    "note": "add a note",
    "withdraw": "withdraw",
    "handover": "hand over",
    "exclude": "exclude",
    "cover": "set the coverage",
    # what supervisors were told
    "at-risk": "at risk",
    "missed": "missed",
    "contested": "the customer says nobody reached them",
    "unconfirmed": "conversation not confirmed",
    "withdrawal-guessed": "wrong withdrawal numbers",
    "texts-full": "too many texts",
    "too-many-texts": "too many texts",
    "waiting": "waiting",
    # ends of calls
    "completed": "completed",
    "ringing": "ringing",
    "in-progress": "in progress",
    "human": "a human",
    "machine_start": "a machine",
    "machine_end_beep": "a machine",
    "machine_end_silence": "a machine",
    "machine_end_other": "a machine",
    "fax": "a fax",
    "unknown": "unknown",
    "left-message": "left a message",
    "bridged": "connected",
    "machine": "a machine",
    "declared": "declared",
    "resolved": "resolved",
    "workaround": "worked around",
    "inside": "inside coverage",
    "outside": "outside coverage",
    "billable": "billable",
}

TOLD = {
    "receipt": "we have your message",
    "calling": "who is calling now",
    "late": "apology for being late",
    "tried": "we could not reach you",
    "reached": "did we reach you?",
    "confirm-withdrawal": "reply with the number to withdraw",
    "notes-full": "we keep no more notes by text",
    "withdrawn": "withdrawn as you asked",
}
GIVEN = {True: "confirmed the number to call back", False: "gave another number"}
SLUGGED = ("via", "why", "channel", "target", "status", "answered_by", "result", "command", "how", "about", "by")
# A sentence that names who acted for somebody, when somebody did.
FOR_SOMEBODY: dict[type[ev.Event], str] = {
    ev.Acknowledged: "{set_by} acknowledged for {by} (by {via})",
    ev.CallbackRequested: "{set_by} started a callback to {by}'s phone (by {via})",
    ev.CommandRefused: "{set_by} tried to {command} for {by} (by {via}); refused: {why}",
}
BLOCKED = "blocked caller: "
# Where a fact's word means something else than usual.
ELSEWHERE: dict[tuple[str, str], str] = {
    ("RecordingUnavailable", "gone"): "no longer at Twilio",
    ("CommandRefused", "already-excluded"): "already excluded from reports",
    ("CallbackReported", "reached"): "spoke with them",
}
# Who vouches for a fact's time: the carrier, its report's arrival, or a person. What is not here is our own record.
SOURCES: dict[type[ev.Event], TimedBy] = {
    ev.CallTimed: TimedBy.CARRIER,
    ev.CallerIdentified: TimedBy.CARRIER,
    ev.PageSent: TimedBy.CARRIER,
    ev.PageDelivered: TimedBy.CARRIER,
    ev.PageFailed: TimedBy.CARRIER,
    ev.TechnicianAnswered: TimedBy.CARRIER,
    ev.TechnicianMissed: TimedBy.CARRIER,
    ev.CustomerRang: TimedBy.CARRIER,
    ev.CustomerAnswered: TimedBy.CARRIER,
    ev.CustomerJudged: TimedBy.CARRIER,
    ev.BridgeEnded: TimedBy.CARRIER,
    ev.CustomerLegEnded: TimedBy.CARRIER,
    ev.EmergencyOpened: TimedBy.WEBHOOK,
    ev.CallEnded: TimedBy.WEBHOOK,
    ev.MessageLeft: TimedBy.WEBHOOK,
    ev.MessageMissing: TimedBy.WEBHOOK,
    ev.MessageAdded: TimedBy.WEBHOOK,
    ev.RecordingCompleted: TimedBy.WEBHOOK,
    ev.CallerCalledAgain: TimedBy.WEBHOOK,
    ev.AttachmentAdded: TimedBy.WEBHOOK,
    ev.NumberGiven: TimedBy.PERSON,
    ev.PageKeyPressed: TimedBy.PERSON,
    ev.Acknowledged: TimedBy.PERSON,
    ev.HandedOver: TimedBy.PERSON,
    ev.Passed: TimedBy.PERSON,
    ev.CallbackRequested: TimedBy.PERSON,
    ev.TechnicianAccepted: TimedBy.PERSON,
    ev.CallbackReported: TimedBy.PERSON,
    ev.ContactDeclared: TimedBy.PERSON,
    ev.NoAnswerDeclared: TimedBy.PERSON,
    ev.ContactConfirmed: TimedBy.PERSON,
    ev.ContactContested: TimedBy.PERSON,
    ev.Resolved: TimedBy.PERSON,
    ev.PriorityChanged: TimedBy.PERSON,
    ev.CoverageSet: TimedBy.PERSON,
    ev.NoteAdded: TimedBy.PERSON,
    ev.Withdrawn: TimedBy.PERSON,
    ev.Excluded: TimedBy.PERSON,
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """`day`, `at` and `recorded` in local time, the line, private words if there are any, who vouches for the time
    (carrier, webhook, person or ourselves), and the fact's place in the chain."""

    seq: int
    day: str
    at: str
    recorded: str
    line: str
    words: str
    source: str
    hash: str


def chapter(entry: Entry, event: ev.Event, zone: str, language: str = "en") -> Chapter:
    """A fact, told. Step numbers are counted from 1, as people count."""
    day, at, recorded = (
        local_date(entry.at, zone)[:10],
        local_clock(entry.at, zone),
        local_clock(entry.recorded_at, zone),
    )
    source = say(language, source_of(event))
    told = line(entry, event, zone, language)
    return Chapter(entry.seq, day, at, recorded, told, _words(entry), source, entry.hash)


def source_of(event: ev.Event) -> str:
    """Who vouches for the time of a fact."""
    if isinstance(event, ev.EmergencyOpened) and event.sign in (Sign.SWEEP, Sign.DRILL):
        return TimedBy.CARRIER if event.sign == Sign.SWEEP else TimedBy.PERSON
    if isinstance(event, ev.MessageLeft) and event.carrier_timed:
        return TimedBy.CARRIER
    ours = isinstance(event, ev.PageFailed) and event.why in (Fault.EXPIRED, Fault.CANCELLED)
    ours |= isinstance(event, ev.Excluded) and ev.exclusion_of(event.why) is ev.Exclusion.BLOCKED
    return TimedBy.OURSELVES if ours else SOURCES.get(type(event), TimedBy.OURSELVES)


def line(entry: Entry, event: ev.Event, zone: str, language: str) -> str:
    """What happened, in a sentence without private words."""
    facts = _facts(entry, zone, language)
    lines = FOR_SOMEBODY if facts.get("set_by") and type(event) in FOR_SOMEBODY else LINES
    return say(language, lines.get(type(event), LINES[ev.UnknownEvent])).format(**{"kind": entry.kind, **facts})


def slug(language: str, word: str) -> str:
    """A fact's own word as people say it; a name stays."""
    return say(language, SLUGS[word]) if word in SLUGS else word


def _facts(entry: Entry, zone: str, language: str) -> dict[str, Any]:
    facts = dict(entry.body)
    for name in ("round", "step"):
        if name in facts:
            facts[name] = facts[name] + 1
    for name in ("began_at", "ended_at", "not_before"):
        if isinstance(facts.get(name), str):
            facts[name] = local_clock(datetime.fromisoformat(facts[name]), zone)
    slugs = {name: _slug_of(entry.kind, str(facts[name]), language) for name in SLUGGED if facts.get(name)}
    if entry.kind == "Excluded" and facts["why"] not in tuple(ev.Exclusion):
        slugs["why"] = facts["why"]  # somebody's own words, of an older version
    return facts | slugs | _said(facts, language)


def _slug_of(kind: str, word: str, language: str) -> str:
    special = ELSEWHERE.get((kind, word))
    return say(language, special) if special else slug(language, word)


def _said(facts: dict[str, Any], language: str) -> dict[str, str]:
    """Phrases made of several fields."""
    found = {
        "opened_by": slug(language, str(facts.get("sign"))),
        "sent": slug(language, str(facts.get("kind"))),
        "told": say(language, TOLD.get(str(facts.get("about")), "")) if facts.get("about") in TOLD else "",
        "given": say(language, GIVEN[bool(facts.get("confirmed"))]),
        "covered": ", ".join(slug(language, str(x)) for x in (facts.get("product"), facts.get("coverage")) if x),
        "timed": say(language, "timed by Twilio" if facts.get("carrier_timed") else "as first reported"),
        "joined": say(language, "never connected"),
    }
    if facts.get("bridged"):
        found["joined"] = say(language, "connected, %(n)s s of talk", n=facts.get("talk_seconds"))
    if str(facts.get("why")).startswith(BLOCKED):
        found["why"] = say(language, "blocked caller: %(why)s", why=facts["why"].removeprefix(BLOCKED))
    if facts.get("person") == SUPERVISORS:
        found["person"] = slug(language, SUPERVISORS)
    if "page" in facts:
        person, _, channel = facts["page"].split(".", 2)[2].rpartition(".")
        made = "Call to %(person)s" if channel == Channel.VOICE else "Text to %(person)s"
        found["page"] = say(language, made, person=person)
    return found


def _words(entry: Entry) -> str:
    private = entry.private or {}
    return next((str(private[name]) for name in ("words", "note", "reason") if private.get(name)), "")
