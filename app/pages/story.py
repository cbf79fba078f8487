"""One fact of a ledger as a line that a supervisor can read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbacks import events as ev
from callbacks.store.ledger import Entry
from callbacks.wording import local_clock

# What happened, with the fact's own fields; a kind without a line shows its name and fields.
LINES: dict[type[ev.Event], str] = {
    ev.EmergencyOpened: "Emergency opened: {opened_by}",
    ev.CallerIdentified: "The carrier told who called",
    ev.CallTimed: "The carrier timed the call's start",
    ev.NumberGiven: "The caller {given}",
    ev.CallerCalledAgain: "The caller called again",
    ev.MessageAdded: "A message was added, {seconds} s",
    ev.SecondTrySuggested: "A second try suggested to {person}, not before {not_before}",
    ev.CustomerTextRequested: "Text to the customer: {told}",
    ev.CoverageSet: "{by} set the coverage: {covered}",
    ev.CallEnded: "The customer's call ended ({status})",
    ev.MessageLeft: "Message left, {seconds} s ({timed})",
    ev.MessageMissing: "No message ({why})",
    ev.RecordingCompleted: "Recording complete at the carrier, {seconds} s",
    ev.RecordingStored: "Recording stored here, {size} bytes, SHA-256 {sha256}",
    ev.RecordingUnavailable: "Recording not available ({why})",
    ev.StepTaken: "Escalation round {round}, step {step}: {target}",
    ev.StepSkipped: "Escalation round {round}, step {step}: {target} skipped ({why})",
    ev.PageRequested: "Page to {person} by {channel}",
    ev.PageSent: "{page} taken by the carrier",
    ev.PageDelivered: "{page} delivered",
    ev.PageFailed: "{page} failed ({why})",
    ev.PageKeyPressed: "{page}: key {key} pressed",
    ev.Acknowledged: "{by} has it (by {via})",
    ev.HandedOver: "{by} handed it over to {to} (by {via})",
    ev.Passed: "{by} passed (by {via})",
    ev.OwnerReminded: "{person} reminded: no callback tried yet",
    ev.TakenBack: "Taken back from {person} ({why})",
    ev.SupervisorsTold: "Supervisors told: {about}",
    ev.DeadlinePassed: "The deadline passed",
    ev.CommandRefused: "{by} asked to {command} (by {via}); refused: {why}",
    ev.CallbackRequested: "{by} asked for a callback (by {via})",
    ev.TechnicianAnswered: "The technician's phone was answered",
    ev.TechnicianAccepted: "The technician pressed 1; the customer is dialled",
    ev.TechnicianMissed: "The technician's leg failed ({why}); the customer was not dialled",
    ev.CustomerRang: "The customer's phone rings",
    ev.CustomerAnswered: "The customer's phone was answered: legs joined",
    ev.CustomerJudged: "Answered by: {answered_by} (the carrier's guess)",
    ev.BridgeEnded: "Dial over ({status}): {joined}",
    ev.CustomerLegEnded: "The customer's leg ended ({status}, {seconds} s)",
    ev.CallbackReported: "The technician's key after the call: {result}",
    ev.ContactDeclared: "{by} says: I have spoken with the customer",
    ev.NoAnswerDeclared: "{by} says: no answer",
    ev.ContactConfirmed: "The customer confirms that we reached them",
    ev.ContactContested: "The customer says that we did not reach them",
    ev.Resolved: "{by}: {how}",
    ev.PriorityChanged: "{by} set the priority to {priority}",
    ev.NoteAdded: "Note by {by}",
    ev.Withdrawn: "Withdrawn by {by}",
    ev.Excluded: "Excluded by {by} ({why})",
    ev.OutageRecorded: "We were down from {began_at} to {ended_at}",
}

SIGNS = {
    "action": "the message ended", "after": "the caller said nothing", "recording": "the carrier reported a recording",
    "ended": "the call ended", "sweep": "found in the carrier's own list", "drill": "a drill",
}  # fmt: skip

TOLD = {
    "receipt": "we have your message", "calling": "who is calling now", "late": "we are late, with an apology",
    "tried": "we could not reach you", "reached": "did we reach you?", "withdrawn": "withdrawn as you asked",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chapter:
    """`at` in local time, the line, private words if there are any, and the fact's place in the chain."""

    seq: int
    at: str
    line: str
    words: str
    hash: str


def chapter(entry: Entry, event: ev.Event, zone: str) -> Chapter:
    """A fact, told. Step numbers are counted from 1, as people count."""
    facts = _facts(entry, zone)
    line = LINES[type(event)].format(**facts) if type(event) in LINES else entry.kind
    return Chapter(entry.seq, local_clock(entry.at, zone), line, _words(entry), entry.hash[:12])


def _facts(entry: Entry, zone: str) -> dict[str, Any]:
    facts = dict(entry.body)
    for name in ("round", "step"):
        if name in facts:
            facts[name] = facts[name] + 1
    for name in ("began_at", "ended_at", "not_before"):
        if isinstance(facts.get(name), str):
            facts[name] = local_clock(datetime.fromisoformat(facts[name]), zone)
    if "page" in facts:
        person, _, channel = facts["page"].split(".", 2)[2].rpartition(".")
        facts["page"] = f"{'Call' if channel == 'voice' else 'Text'} to {person}"
    facts["opened_by"] = SIGNS.get(str(facts.get("sign")), str(facts.get("sign")))
    talk = facts.get("talk_seconds")
    facts["joined"] = f"legs joined, {talk} s of talk" if facts.get("bridged") else "the legs were never joined"
    facts["told"] = TOLD.get(str(facts.get("about")), str(facts.get("about")))
    facts["given"] = "confirmed the number to call back" if facts.get("confirmed") else "gave another number"
    facts["covered"] = ", ".join(str(x) for x in (facts.get("product"), facts.get("coverage")) if x)
    facts["timed"] = "timed by the carrier" if facts.get("carrier_timed") else "as first reported"
    return facts


def _words(entry: Entry) -> str:
    private = entry.private or {}
    return next((str(private[name]) for name in ("words", "note", "reason") if private.get(name)), "")
