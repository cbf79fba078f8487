"""What a page says after a command: done, or why not and what can be done instead. Slugs are those of `commands.py`."""

from datetime import datetime

from app.web.base.language import say
from callbacks.emergency.commands import Answer
from callbacks.messages import wording

DONE = {
    "acknowledged": "Acknowledged; paging stops. The promise still runs until the customer is reached.",
    "drill-done": "Drill answered.",
    "already-yours": "They already had it; nothing changed.",
    "already-reached": "The customer had already been reached; nothing changed.",
    "passed": "Passed; the next person is being paged.",
    "handed-over": "Handed over; they get a text.",
    "calling": "The phone is ringing: press 1 and the customer is called.",
    "reached": "Recorded: the customer was reached.",
    "reached-resolved": "Recorded: the customer was reached. It is already resolved.",
    "no-answer": "Recorded: no answer.",
    "done": "Marked as resolved.",
    "worked-around": "Marked as worked around.",
    "done-but-owed": "Marked as resolved; the customer is still waiting for a call.",
    "done-too-late": "Marked as resolved. Nobody called the customer in time.",
    "done-not-reached": "Marked as resolved, but the customer has not been reached: try once more before the deadline.",
    "priority": "Priority changed; the promise and its clock stay the same.",
    "priority-same": "It had that priority already; nothing changed.",
    "priority-reached": "Priority changed.",
    "noted": "Note added.",
    "withdrawn": "Withdrawn: no callback is needed.",
    "covered": "Coverage set.",
    "excluded": "Excluded from reports.",
}
REFUSED = {
    "not-paged": "%(by)s was not paged for this emergency. Only people who were paged for it and supervisors can act "
    "on it; ask a supervisor to hand it over.",
    "closed": "This emergency is closed; nothing was changed. You can still add a note.",
    "taken": "%(owner)s has had it since %(since)s; nothing was changed. A supervisor can hand it over.",
    "callback-under-way": "A callback is in progress; nobody else was called. Wait until it ends, or record how it "
    "ended.",
    "cannot-dial": "The customer's number cannot be dialled (%(why)s); nobody was called. Listen to the message for "
    "another number, call it yourself, then record whether you reached the customer.",
    "no-voice": "%(by)s's phone does not take calls; nobody was called. Choose somebody else, or have them call on "
    "their own and record it.",
    "too-many-calls": "Call limit reached for this emergency; nobody was called. Call the customer yourself and "
    "record it.",
    "too-many-texts": "Too many texts came about it; nothing was changed.",
    "empty-note": "The note is empty; nothing was changed.",
    "already-excluded": "Already excluded from reports.",
}


def refused(answer: Answer, by: str, language: str, zone: str) -> str:
    """Why it could not be, in plain words."""
    facts: dict[str, str] = {"by": by, "owner": "", "since": "", "why": ""}
    for name, value in answer.facts.items():
        facts[name] = wording.local_time(value, zone) if isinstance(value, datetime) else str(value)
    if "why" in answer.facts:
        facts["why"] = wording.text(f"why-{answer.facts['why']}", language)
    return say(language, REFUSED[answer.about], **facts)
