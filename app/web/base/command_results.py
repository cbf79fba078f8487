"""What a page says after a command: done, or why not and what can be done instead. Slugs are those of `commands.py`."""

from datetime import datetime

from app.web.base.language import say
from callbacks.emergency.commands import Answer
from callbacks.messages import wording

DONE = {
    "acknowledged": "Noted: it is theirs, and nobody else is paged. The promise stands until the customer is reached.",
    "drill-done": "The drill is answered.",
    "already-yours": "It was theirs already; nothing changed.",
    "already-reached": "The customer was reached already; nothing changed.",
    "passed": "Noted: the next person is paged.",
    "handed-over": "Handed over; they get a text.",
    "calling": "The phone rings now: press 1 there, and the customer is dialled.",
    "reached": "Noted: the customer was reached.",
    "reached-resolved": "Noted: the customer was reached. It is resolved already.",
    "no-answer": "Noted: tried, and no answer.",
    "done": "Noted as resolved.",
    "worked-around": "Noted: there is a workaround.",
    "done-but-owed": "Noted as resolved; the customer is still owed a call.",
    "done-too-late": "Noted as resolved. Nobody called the customer in time.",
    "done-not-reached": "Noted as resolved; the customer was not reached yet, so try once more before the deadline.",
    "priority": "The priority is changed; the promise and its clock stay as they were.",
    "priority-same": "It had that priority already; nothing changed.",
    "priority-reached": "The priority is changed.",
    "noted": "The note is in the story.",
    "withdrawn": "Withdrawn: nothing more is owed.",
    "covered": "The coverage is noted.",
    "excluded": "Excluded: it is in no figure any more.",
}
REFUSED = {
    "not-paged": "It was not paged to %(by)s, and only those who were paged for it, or supervisors, may act. Ask a "
    "supervisor to hand it over.",
    "closed": "It is closed; nothing was changed. A note may still be added.",
    "taken": "%(owner)s has it since %(since)s; nothing was changed. A supervisor may hand it over.",
    "callback-under-way": "A callback is under way; nobody else was rung. Wait until it ends, or note what came of it.",
    "cannot-dial": "The customer's number may not be dialled (%(why)s); nobody was rung. Listen to the message for "
    "another number, call by hand, then note whether the customer was reached.",
    "no-voice": "The phone of %(by)s takes no calls; nobody was rung. Choose somebody else, or have them call by hand "
    "and note it.",
    "too-many-calls": "Too many calls were placed for it; nobody was rung. Have the customer called by hand "
    "and note it.",
    "too-many-texts": "Too many texts came about it; nothing was changed.",
    "empty-note": "The note is empty; nothing was changed. Write some words.",
    "already-excluded": "It is in no figure already; nothing was changed.",
}


def refused(answer: Answer, by: str, language: str, zone: str) -> str:
    """Why it could not be, in plain words."""
    facts: dict[str, str] = {"by": by, "owner": "", "since": "", "why": ""}
    for name, value in answer.facts.items():
        facts[name] = wording.local_time(value, zone) if isinstance(value, datetime) else str(value)
    if "why" in answer.facts:
        facts["why"] = wording.text(f"why-{answer.facts['why']}", language)
    return say(language, REFUSED[answer.about], **facts)
