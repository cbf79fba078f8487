"""The documents we answer calls with, through the SDK's builder: nothing is pasted into XML.

- Every Record and Gather has its own action, and a real verb behind it for callers who stay silent.
- URLs are absolute, made from the public address; overrides in the fragment ask for quick retries.
- What XML cannot hold (control characters, lone surrogates) is dropped: the builder would write it, and a document
  that the carrier cannot read ends the call.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from twilio.twiml import TwiML
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

VOICES = {"en": ("en-US", "Polly.Joanna"), "fr": ("fr-CA", "Polly.Chantal")}
# Two quick retries on anything inside the carrier's 15 s ceiling; the fragment is not part of the signature.
OVERRIDES = "#ct=2000&rt=4000&rc=2&rp=all"
SILENCE_SECONDS = 8
KEY_SECONDS = 6
MENU_SECONDS = 2

UNSPEAKABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Said = tuple[str, str]  # language, sentence


def document(voice: VoiceResponse) -> str:
    """Well-formed XML, whatever the words are."""
    _clean(voice)
    return str(voice)


def _clean(verb: TwiML) -> None:
    """The verb and all inside it, without what XML cannot hold."""
    verb.value = UNSPEAKABLE.sub("", verb.value) if isinstance(verb.value, str) else verb.value
    verb.attrs = {k: UNSPEAKABLE.sub("", v) if isinstance(v, str) else v for k, v in verb.attrs.items()}
    for inner in verb.verbs:
        _clean(inner)


@dataclass(frozen=True, slots=True)
class Menu:
    """Words during which one key may be pressed; without a key the document goes on."""

    said: Sequence[Said]
    action: str


def message(
    parts: Sequence[Menu | Sequence[Said]], action: str, status_url: str, after: str, longest: int
) -> VoiceResponse:
    """Words and menus, then the message; whatever falls through goes to `after`."""
    voice = VoiceResponse()
    for part in parts:
        if isinstance(part, Menu):
            gather = Gather(
                input="dtmf", num_digits=1, timeout=MENU_SECONDS, action=part.action + OVERRIDES, method="POST"
            )
            say(gather, part.said)
            voice.append(gather)
        else:
            say(voice, part)
    voice.record(
        action=action + OVERRIDES,
        method="POST",
        max_length=longest,
        timeout=SILENCE_SECONDS,
        finish_on_key="#",
        play_beep=True,
        trim="do-not-trim",
        recording_status_callback=status_url + OVERRIDES,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
    )
    voice.redirect(after + OVERRIDES, method="POST")
    return voice


def ask_number(said: Sequence[Said], action: str, otherwise: Sequence[Said]) -> VoiceResponse:
    """A number keyed in and ended with pound; `otherwise` is said to whoever keys nothing."""
    voice = VoiceResponse()
    gather = Gather(input="dtmf", timeout=KEY_SECONDS, finish_on_key="#", action=action + OVERRIDES, method="POST")
    say(gather, said)
    voice.append(gather)
    say(voice, otherwise)
    voice.hangup()
    return voice


def forward(number: str, action: str, leg_url: str, ring: int) -> VoiceResponse:
    """The caller, passed on to the desk with their own number shown."""
    voice = VoiceResponse()
    dial = Dial(action=action + OVERRIDES, method="POST", timeout=ring)
    dial.number(
        number,
        status_callback=leg_url + OVERRIDES,
        status_callback_method="POST",
        status_callback_event="answered completed",
    )
    voice.append(dial)
    return voice


def goodbye(said: Sequence[Said]) -> VoiceResponse:
    """Words, then the end of the call."""
    voice = VoiceResponse()
    say(voice, said)
    voice.hangup()
    return voice


def nothing() -> VoiceResponse:
    """An empty document: for reports that want no answer."""
    return VoiceResponse()


def ask(said: Sequence[Said], action: str, audio: str | None = None, times: int = 2) -> VoiceResponse:
    """A question answered by one key; asked `times` times, then the action is told that no key came."""
    voice = VoiceResponse()
    for _ in range(times):
        gather = Gather(
            input="dtmf", num_digits=1, timeout=KEY_SECONDS, finish_on_key="", action=action + OVERRIDES, method="POST"
        )
        say(gather, said)
        if audio:
            gather.play(audio)
        voice.append(gather)
    voice.redirect(f"{action}?silent=1{OVERRIDES}", method="POST")
    return voice


def connect(
    said: Sequence[Said], number: str, caller_id: str, action: str, leg_url: str, machine_url: str, limit: int
) -> VoiceResponse:
    """Dials the customer and joins the legs; both the dial's end and the leg's progress are reported."""
    voice = VoiceResponse()
    say(voice, said)
    dial = Dial(caller_id=caller_id, action=action + OVERRIDES, method="POST", timeout=30, time_limit=limit)
    dial.number(
        number,
        status_callback=leg_url + OVERRIDES,
        status_callback_method="POST",
        status_callback_event="initiated ringing answered completed",
        machine_detection="Enable",
        amd_status_callback=machine_url + OVERRIDES,
        amd_status_callback_method="POST",
    )
    voice.append(dial)
    return voice


def say(verb: VoiceResponse | Gather, said: Sequence[Said]) -> None:
    for language, sentence in said:
        locale, name = VOICES[language]
        verb.say(sentence, language=locale, voice=name)
