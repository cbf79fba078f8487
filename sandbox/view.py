"""The network as a screen shows it: each phone with its calls and texts, the knobs and the log."""

from typing import Any

from sandbox.config import Phone
from sandbox.network import Network
from sandbox.records import Call, Gathering, Message
from sandbox.samples import SAMPLES

LEGS_SHOWN = 4
TEXTS_SHOWN = 60
LOG_SHOWN = 60
MET_SHOWN = 8


def state(network: Network) -> dict[str, Any]:
    with network.lock:
        return {
            "version": network.version,
            "support_number": network.number.number,
            "board_url": network.config.board_url,
            "timezone": network.config.timezone,
            "phones": [_phone(network, p) for p in _shown(network)],
            "samples": [
                {"name": s.name, "title": s.title, "language": s.language, "seconds": s.seconds} for s in SAMPLES
            ],
            "knobs": network.knobs.model_dump(),
            "log": list(network.sender.log)[-LOG_SHOWN:],
            "errors": network.errors[-LOG_SHOWN:],
        }


def _shown(network: Network) -> list[Phone]:
    """Everybody's phones, and the latest of the numbers that were nobody's."""
    own = {p.number for p in network.config.phones}
    met = [p for p in network.phones.values() if p.number not in own]
    return [p for p in network.phones.values() if p.number in own] + met[-MET_SHOWN:]


def _phone(network: Network, phone: Phone) -> dict[str, Any]:
    legs = [c for c in network.calls.all.values() if c.person == phone.number]
    texts = [
        m
        for m in network.texts.all.values()
        if m.from_number == phone.number or (m.to_number == phone.number and m.shown)
    ]
    return {
        "number": phone.number,
        "name": phone.name,
        "role": phone.role,
        "language": phone.language,
        "legs": [_leg(phone, c) for c in legs[-LEGS_SHOWN:]],
        "messages": [_text(m) for m in texts[-TEXTS_SHOWN:]],
    }


def _leg(phone: Phone, call: Call) -> dict[str, Any]:
    outgoing = call.direction == "inbound"
    return {
        "sid": call.sid,
        "other": call.to_number if outgoing else call.from_number,
        "outgoing": outgoing,
        "state": call.status,
        "waits": call.waits,
        "answered_by": call.answered_by,
        "heard": call.heard[-12:],
        "since": call.created_at.isoformat(),
        "heard_tone": call.heard_tone,
        "said": call.said,
        "menu": _menu(call.gather) if call.gather else None,
    }


def _menu(gathering: Gathering) -> dict[str, Any]:
    return {"keys": gathering.keys, "most": gathering.most, "finish": gathering.finish}


def _text(message: Message) -> dict[str, Any]:
    return {
        "sid": message.sid,
        "direction": "in" if message.direction == "inbound" else "out",
        "body": message.body,
        "from": message.from_number,
        "to": message.to_number,
        "state": message.status,
        "at": message.created_at.isoformat(),
        "media": [m.content_type for m in message.media],
    }
