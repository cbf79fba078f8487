"""What people on the desk do, as plain HTTP for the page and for tests: not signed, for this machine only."""

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from sandbox.audio import NotAudio, length_of
from sandbox.calls import WrongMoment
from sandbox.faults import Knobs, merged
from sandbox.network import Network
from sandbox.rest.account import Net
from sandbox.samples import SAMPLES, load
from sandbox.twiml import E164
from sandbox.view import state

router = APIRouter(prefix="/sandbox/api")
POLL_SECONDS = 8.0
POLL_STEP = 0.05
MOST_AUDIO = 10 * 1024 * 1024


class Dialled(BaseModel):
    """Who dials, what is shown of them, and parameters that the product does not expect."""

    model_config = ConfigDict(extra="forbid")
    from_: str = Field("", alias="from")
    caller_id: str | None = None
    extra: dict[str, str] = {}


@router.get("/state")
async def current(network: Net, since: int = -1) -> dict[str, Any]:
    """Everything a screen shows; waits a while when nothing changed since version `since`."""
    waited = 0.0
    while network.version == since and waited < POLL_SECONDS:
        await asyncio.sleep(POLL_STEP)
        waited += POLL_STEP
    return state(network)


@router.post("/calls")
def dial(network: Net, wish: Dialled) -> dict[str, str]:
    """A customer dials; `caller_id` is what the network shows of them, `extra` goes with every request."""
    number = _known(network, wish.from_)
    with network.lock:
        call = network.calls.dial(number, wish.caller_id, wish.extra)
        network.changed()
    return {"call_sid": call.sid}


@router.post("/calls/{sid}/keys")
def keys(sid: str, network: Net, wish: Annotated[dict[str, str], Body()]) -> Response:
    pressed = wish.get("keys", "")
    if not pressed or set(pressed) - set("0123456789*#"):
        raise WrongMoment("keys are 0 to 9, * and #")
    with network.lock:
        network.calls.press(sid, pressed)
        network.changed()
    return Response(status_code=204)


@router.post("/calls/{sid}/voice")
async def voice(sid: str, request: Request, network: Net) -> Response:
    """Speech into a recording: a WAV as the body, or JSON that names a sample. In a menu before the tone it is kept,
    and said at the tone."""
    body = await request.body()
    if len(body) > MOST_AUDIO:
        raise WrongMoment("the audio is larger than 10 MB")
    is_json = request.headers.get("content-type", "").startswith("application/json")
    audio = _sample(_name(body)) if is_json else body
    seconds = length_of(audio)
    with network.lock:
        network.calls.speak(sid, audio, seconds)
        network.changed()
    return Response(status_code=204)


@router.post("/calls/{sid}/{action}")
def act(sid: str, action: str, network: Net) -> Response:
    """answer, reject, mailbox, silence or hang-up. Who keeps words for the tone hangs up after them; a second hang-up
    does not wait."""
    desk = network.calls
    actions = {
        "answer": desk.answer,
        "reject": desk.reject,
        "mailbox": desk.mailbox,
        "silence": desk.silence,
        "hang-up": desk.hang_up,
    }
    if action not in actions:
        raise WrongMoment(f"there is no {action!r}; use one of {', '.join(actions)}")
    with network.lock:
        actions[action](sid)
        network.changed()
    network.later(0, lambda: None)
    return Response(status_code=204)


class Sent(BaseModel):
    """What comes with a text: base64 of its content."""

    content_type: str
    content: Base64Bytes


class Texted(BaseModel):
    """`extra`: parameters of a place, or whatever else the carrier may send."""

    from_: str = Field("", alias="from")
    body: str = ""
    media: list[Sent] = Field([], max_length=10)
    extra: dict[str, str] = {}


@router.post("/messages")
def text(network: Net, wish: Texted) -> dict[str, str]:
    """Somebody texts the support number."""
    number = _known(network, wish.from_)
    with network.lock:
        media = [(m.content_type, m.content) for m in wish.media]
        message = network.texts.receive(number, wish.body, media, wish.extra)
        network.changed()
    return {"sid": message.sid}


@router.get("/knobs")
def knobs(network: Net) -> Knobs:
    return network.knobs


@router.put("/knobs")
def turn(network: Net, change: Annotated[dict[str, Any], Body()]) -> Knobs:
    """Turns some knobs; the others stay."""
    with network.lock:
        network.knobs = merged(network.knobs, change)
        network.changed()
    return network.knobs


async def wrong(request: Request, error: Exception) -> JSONResponse:
    """A wish that cannot be: 400 with what would be right."""
    return JSONResponse({"error": str(error)}, 400)


FAULTS: tuple[type[Exception], ...] = (WrongMoment, NotAudio, ValidationError, RequestValidationError)


def _name(body: bytes) -> str:
    """The sample that JSON names. Raises WrongMoment."""
    try:
        wish = json.loads(body)
    except ValueError:
        raise WrongMoment("that is not JSON") from None
    if not isinstance(wish, dict) or not isinstance(wish.get("sample"), str):
        raise WrongMoment('name a sample: {"sample": "..."}')
    return str(wish["sample"])


def _known(network: Network, number: str) -> str:
    """A number to call or to text from; one that is nobody's yet becomes a customer's. Raises WrongMoment."""
    if not E164.fullmatch(number) or number == network.number.number:
        raise WrongMoment(f"nobody can call from {number!r}; write a number like +15145550142, not the line's own")
    with network.lock:
        network.meet(number, "customer")
    return number


def _sample(name: str) -> bytes:
    if name not in {s.name for s in SAMPLES}:
        raise WrongMoment(f"there is no sample {name!r}; use one of {', '.join(s.name for s in SAMPLES)}")
    return load(name)
