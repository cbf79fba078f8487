"""TwiML as strictly as the carrier reads it: verbs, attributes, nesting and values, each fault with its code.

12100: not XML, or not rooted in Response. 12200: a verb, attribute, value or nesting that is not known.
11100: an address that cannot be. 13223: a number that cannot be dialled.
"""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from urllib.parse import urlsplit

E164 = re.compile(r"\+[1-9]\d{6,14}")
WHOLE = re.compile(r"\d+")
BOOLEAN = ("true", "false")
METHODS = ("GET", "POST")
CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
RECORDING_EVENTS = frozenset({"in-progress", "completed", "absent"})
LONGEST_SAY = 4096

# verb -> attribute -> kind of value
ATTRIBUTES: dict[str, dict[str, str]] = {
    "Say": {"voice": "voice", "language": "language", "loop": "whole"},
    "Play": {"loop": "whole", "digits": "keys"},
    "Pause": {"length": "positive"},
    "Hangup": {},
    "Redirect": {"method": "method"},
    "Reject": {"reason": "reason"},
    "Gather": {
        "input": "input",
        "action": "url",
        "method": "method",
        "timeout": "whole",
        "numDigits": "positive",
        "finishOnKey": "key",
        "actionOnEmptyResult": "boolean",
        "language": "language",
        "hints": "text",
        "bargeIn": "boolean",
    },
    "Record": {
        "action": "url",
        "method": "method",
        "timeout": "whole",
        "finishOnKey": "keys",
        "maxLength": "positive",
        "playBeep": "boolean",
        "trim": "trim",
        "recordingStatusCallback": "url",
        "recordingStatusCallbackMethod": "method",
        "recordingStatusCallbackEvent": "recording-events",
    },
    "Dial": {
        "action": "url",
        "method": "method",
        "timeout": "ring",
        "timeLimit": "positive",
        "callerId": "e164",
        "answerOnBridge": "boolean",
        "hangupOnStar": "boolean",
        "record": "record",
        "ringTone": "text",
        "recordingStatusCallback": "url",
        "recordingStatusCallbackMethod": "method",
        "recordingStatusCallbackEvent": "recording-events",
    },
    "Number": {
        "url": "url",
        "method": "method",
        "sendDigits": "text",
        "statusCallback": "url",
        "statusCallbackMethod": "method",
        "statusCallbackEvent": "call-events",
        "machineDetection": "detection",
        "machineDetectionTimeout": "positive",
        "amdStatusCallback": "url",
        "amdStatusCallbackMethod": "method",
    },
    "Message": {"to": "e164", "from": "e164", "action": "url", "method": "method", "statusCallback": "url"},
    "Body": {},
}
CHILDREN = {
    "Response": ("Say", "Play", "Pause", "Hangup", "Redirect", "Reject", "Gather", "Record", "Dial"),
    "MessagingResponse": ("Message", "Redirect"),
    "Gather": ("Say", "Play", "Pause"),
    "Dial": ("Number",),
    "Message": ("Body",),
}
CHOICES = {
    "method": METHODS,
    "boolean": BOOLEAN,
    "reason": ("rejected", "busy"),
    "input": ("dtmf", "speech", "dtmf speech"),
    "trim": ("trim-silence", "do-not-trim"),
    "record": ("do-not-record", "record-from-answer", "record-from-ringing", "record-from-answer-dual"),
    "detection": ("Enable", "DetectMessageEnd"),
}
VOICES = {"en-US": ("Polly.Joanna", "Polly.Matthew"), "fr-CA": ("Polly.Chantal", "Polly.Gabrielle-Neural")}
NUMBERS = ("Redirect", "Play")


@dataclass(frozen=True, slots=True)
class Verb:
    name: str
    attributes: dict[str, str]
    text: str
    children: tuple["Verb", ...]

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    @property
    def method(self) -> str:
        """How its address is requested."""
        return self.get("method", "POST")

    def number(self, name: str, default: float) -> float:
        return float(self.attributes.get(name, default))


@dataclass(slots=True)
class Reading:
    """A document as read: its verbs, and every fault as (code, message). 12100 leaves no verbs."""

    verbs: list[Verb] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)

    def fault(self, code: int, message: str) -> None:
        self.faults.append((code, message))


def read(text: str, kind: str = "Response") -> Reading:
    """Reads a voice document (`Response`) or a text's (`MessagingResponse`)."""
    found = Reading()
    if not text.startswith("<"):
        found.fault(12100, "the document does not begin with <")
        return found
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        found.fault(12100, f"not XML: {error}")
        return found
    if root.tag != "Response":
        found.fault(12100, f"the root is {root.tag}, not Response")
        return found
    found.verbs = [v for child in root if (v := _verb(child, kind, found))]
    _check_flow(found)
    return found


def _verb(element: ElementTree.Element, parent: str, found: Reading) -> Verb | None:
    name = element.tag
    if name not in CHILDREN.get(parent, ()):
        found.fault(12200, f"{name} is not known inside {parent}")
        return None
    known = ATTRIBUTES[name]
    for attribute, value in element.attrib.items():
        if attribute not in known:
            found.fault(12200, f"{name} has no attribute {attribute}")
        elif problem := _problem(known[attribute], value):
            found.fault(11100 if known[attribute] == "url" else 12200, f"{name} {attribute}={value!r}: {problem}")
    children = tuple(v for child in element if (v := _verb(child, name, found)))
    verb = Verb(name, dict(element.attrib), (element.text or "").strip(), children)
    _check_text(verb, found)
    return verb


def _problem(kind: str, value: str) -> str | None:
    """What is wrong with a value of this kind; None if nothing is."""
    if kind in CHOICES:
        return None if value in CHOICES[kind] else f"not one of {', '.join(CHOICES[kind])}"
    if kind == "whole":
        return None if WHOLE.fullmatch(value) else "not a whole number"
    if kind == "positive":
        return None if WHOLE.fullmatch(value) and int(value) > 0 else "not a number above 0"
    if kind == "ring":
        return None if WHOLE.fullmatch(value) and 5 <= int(value) <= 600 else "not 5 to 600 seconds"
    if kind == "key":
        return None if value in tuple("0123456789*#") or not value else "not one key"
    if kind == "keys":
        return None if set(value) <= set("0123456789*#w") else "not keys"
    if kind == "e164":
        return None if E164.fullmatch(value) else "not E.164"
    if kind == "url":
        return None if is_address(value) else "not an absolute http address"
    if kind == "call-events":
        return None if set(value.split()) <= CALL_EVENTS else "not call events"
    if kind == "recording-events":
        return None if set(value.split()) <= RECORDING_EVENTS else "not recording events"
    if kind == "language":
        return None if value in VOICES else "not a language on this desk"
    if kind == "voice":
        return None if any(value in names for names in VOICES.values()) else "not a voice on this desk"
    return None


def is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in (parts.hostname or "")


def _check_text(verb: Verb, found: Reading) -> None:
    if verb.name == "Say":
        if not verb.text or len(verb.text) > LONGEST_SAY:
            found.fault(12200, "Say needs 1 to 4096 characters")
        language, voice = verb.get("language"), verb.get("voice")
        if language in VOICES and voice and voice not in VOICES[language]:
            found.fault(13520, f"the voice {voice} does not speak {language}")
    elif verb.name in NUMBERS and not is_address(verb.text):
        found.fault(11100, f"{verb.name}: {verb.text!r} is not an absolute address")
    elif verb.name == "Number" and not E164.fullmatch(verb.text):
        found.fault(13223, f"Number: {verb.text!r} is not E.164")
    elif verb.name in ("Hangup", "Pause", "Reject", "Record") and (verb.text or verb.children):
        found.fault(12200, f"{verb.name} has no content")
    elif verb.name == "Dial" and not verb.children:
        found.fault(12200, "Dial dials nobody")


def _check_flow(found: Reading) -> None:
    """What runs otherwise than its author meant: no action, or verbs that can never be reached."""
    for position, verb in enumerate(found.verbs):
        if verb.name in ("Record", "Gather") and not verb.get("action"):
            found.fault(12200, f"{verb.name} without action asks the same document again")
        ends = verb.name in ("Redirect", "Hangup", "Reject") or (verb.name == "Dial" and verb.get("action"))
        if ends and position + 1 < len(found.verbs):
            found.fault(12200, f"what follows {verb.name} is never reached")
