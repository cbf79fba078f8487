"""Verifies and parses the carrier's requests. Nothing is written before that.

- The body is bounded before it is read, the signature checked before it is understood.
- A signature that holds is never refused for what else the form carries or lacks: the carrier adds parameters without
  notice, whatever they are called. Only another account's is.
- Refused requests leave no trace but a metric, and a time where they claim our account.
"""

import re
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from prometheus_client import Counter
from starlette.concurrency import run_in_threadpool
from structlog.contextvars import bind_contextvars
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

from app.runtime import App, app_of
from callbacks.engine.context import EngineContext
from callbacks.engine.reconcile import lost_calls
from callbacks.engine.sweeps import forget_sweep, note_sweep
from callbacks.store import checks
from callbacks.telephony.reports import Report
from callbacks.telephony.twiml import document

# Is this request the carrier's? Checked over the public address as configured, never over Host.
#
# Source: the carrier's request-validation page: HMAC-SHA1 over URL and sorted parameters, with the auth token. The
# carrier signs some requests with the port and some without, so both forms are accepted.

Form = list[tuple[str, str]]
MOST_FIELDS = 500


class _Fields(dict[str, str]):
    """The validator asks for repeated names by `getlist`."""

    def __init__(self, form: Sequence[tuple[str, str]]) -> None:
        super().__init__(form)
        self._pairs = form

    def getlist(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]


def read_form(body: bytes) -> Form:
    """The pairs of a urlencoded body: blanks and repeats kept, undecodable bytes replaced. Raises
    ValueError when there are more fields than any carrier sends."""
    return parse_qsl(
        body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS
    )


def public_url(base: str, raw_path: bytes, query: bytes) -> str:
    """The address the carrier asked for: our public base and the bytes as they came."""
    url = base.rstrip("/") + raw_path.decode("ascii", "replace")
    return f"{url}?{query.decode('ascii', 'replace')}" if query else url


def signature_is_valid(signature: str | None, url: str, form: Sequence[tuple[str, str]], tokens: Sequence[str]) -> bool:
    """True if any token (two while rotating) signed this URL and form. A missing signature is False, and so is an
    address that is none."""
    if not signature or not signature.isascii():
        return False
    fields = _Fields(form)
    try:
        return any(RequestValidator(token).validate(url, fields, signature) for token in tokens if token)
    except ValueError:
        return False


# Refused requests that claim to be of our account: noted, because they may be the carrier's own.
#
# - With a token that the carrier does not sign with, or behind a proxy that changes addresses, every call and text is
#   refused. Beside calls that the sweep finds that is an alarm (`callbacks/engine/jobs/audit.py`).
# - A stranger makes us write one row at most every `NOTE_EVERY`, and read one by its key; nothing of the request is
#   kept.
# - The first request that is taken after one that was refused ends that alarm; `doctor` signs its own, and that one
#   does not. No caller waits for it.
# - Of a call that we placed, known by its row and its SID, the carrier is asked at once what became of it.

NOTE_EVERY = timedelta(seconds=10)
OWN_CHECK = "/twilio/check"
OUR_CALL = re.compile(r"/twilio/(?:page|bridge|status/call)/([0-9a-f]{32})(?:/key)?")
log = structlog.get_logger()


class Refusals:
    """One per process."""

    def __init__(self) -> None:
        self._lock, self._noted_at = threading.Lock(), datetime.min
        self._is_refusing = True  # or a process before did

    async def heard(self, context: EngineContext, path: str, report: Report) -> None:
        """Takes note of one. Raises nothing: the request is refused whatever happens here."""
        await run_in_threadpool(self._note, context, path, report)

    def taken(self, context: EngineContext, path: str) -> None:
        """One was taken: whatever made us refuse the carrier's requests is over. Raises nothing."""
        if self._is_refusing and path != OWN_CHECK:
            with self._lock:
                self._is_refusing, self._noted_at = False, datetime.min
            threading.Thread(target=self._over, args=(context,), name="refusals", daemon=True).start()

    def _over(self, context: EngineContext) -> None:
        _guarded(lambda: forget_sweep(context, checks.REFUSED))

    def _note(self, context: EngineContext, path: str, report: Report) -> None:
        if self._is_time(context.clock.now()):
            _guarded(lambda: note_sweep(context, checks.REFUSED, context.clock.now(), None, None))
        ours, sid = OUR_CALL.fullmatch(path), report.call_sid()
        if ours and sid:
            _guarded(lambda: lost_calls.request_refused(context, ours[1], sid))

    def _is_time(self, now: datetime) -> bool:
        with self._lock:
            if abs(now.replace(tzinfo=None) - self._noted_at) < NOTE_EVERY:
                return False
            self._noted_at, self._is_refusing = now.replace(tzinfo=None), True
            return True


def _guarded(step: Callable[[], None]) -> None:
    try:
        step()
    except Exception:
        log.error("webhook.refusal_not_recorded", exc_info=True)


MOST_BYTES = 64 * 1024
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
refusals = Refusals()
refused = Counter("callbacks_webhooks_refused", "Requests under /twilio/ that failed verification", ["why"])


async def carrier_report(request: Request) -> Report:
    """The signed form. Raises 413 for a body no carrier sends, 403 for anything not signed by our account."""
    app = app_of(request)
    body = await _body(request)
    try:
        form = read_form(body)
    except ValueError:
        raise _refusal(413, "too-many-fields") from None
    url = public_url(app.settings.public_url, request.scope["raw_path"], request.scope["query_string"])
    signature = request.headers.get("x-twilio-signature")
    if not signature_is_valid(signature, url, form, app.settings.webhook_tokens):
        if signature and Report(form)["AccountSid"].lower() == app.settings.account_sid.lower():
            await refusals.heard(app.context, request.url.path, Report(form))
        raise _refusal(403, "signature")
    report = Report(form)
    if _is_anothers(report, app):
        await refusals.heard(app.context, request.url.path, report)
        raise _refusal(403, "account")
    refusals.taken(app.context, request.url.path)
    if sid := report.call_sid():
        bind_contextvars(call=sid)  # every line of the log that this request leads to names its call
    return report


FromCarrier = Annotated[Report, Depends(carrier_report)]


def xml(voice: VoiceResponse) -> Response:
    return document_response(document(voice))


def document_response(text: str) -> Response:
    return Response(text, media_type="text/xml")


def nothing() -> Response:
    """An empty document: valid for calls and for texts."""
    return Response(EMPTY, media_type="text/xml")


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise _refusal(413, "too-large")
    return bytes(body)


def _is_anothers(report: Report, app: App) -> bool:
    account = report["AccountSid"]
    return bool(account) and account.lower() != app.settings.account_sid.lower()


def _refusal(status: int, why: str) -> HTTPException:
    refused.labels(why=why).inc()
    return HTTPException(status)


# A signed request that changes nothing: `callbacks doctor` sends one through the public address.

router = APIRouter(prefix="/twilio", include_in_schema=False)


@router.post("/check")
def check(report: FromCarrier) -> Response:
    """The signature was good."""
    return nothing()
