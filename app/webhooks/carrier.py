"""Is it the carrier, and what does it say? Before this has answered, nothing is written anywhere.

- The body is bounded before it is read, the signature checked before it is understood.
- A signature that holds is never refused for what else the form carries or lacks: the carrier adds parameters without
  notice, whatever they are called. Only another account's is.
- Refused requests leave no trace but a metric, and a time where they claim our account (`refused.py`).
"""

from typing import Annotated

from fastapi import Depends, HTTPException, Request, Response
from prometheus_client import Counter
from structlog.contextvars import bind_contextvars
from twilio.twiml.voice_response import VoiceResponse

from app.deps import Runtime, runtime
from app.signature import public_url, read_form, signature_is_valid
from app.webhooks.refused import Refusals
from callbacks.telephony.reports import Report
from callbacks.telephony.twiml import document

MOST_BYTES = 64 * 1024
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
refusals = Refusals()
refused = Counter("callbacks_webhooks_refused", "Requests under /twilio/ that were not the carrier's", ["why"])


async def carrier_report(request: Request) -> Report:
    """The signed form. Raises 413 for a body no carrier sends, 403 for anything not signed by our account."""
    here = runtime(request)
    body = await _body(request)
    try:
        form = read_form(body)
    except ValueError:
        raise _refusal(413, "too-many-fields") from None
    url = public_url(here.settings.public_url, request.scope["raw_path"], request.scope["query_string"])
    signature = request.headers.get("x-twilio-signature")
    if not signature_is_valid(signature, url, form, here.settings.webhook_tokens):
        if signature and Report(form)["AccountSid"].lower() == here.settings.account_sid.lower():
            await refusals.heard(here.world, request.url.path, Report(form))
        raise _refusal(403, "signature")
    report = Report(form)
    if _is_anothers(report, here):
        await refusals.heard(here.world, request.url.path, report)
        raise _refusal(403, "account")
    refusals.taken(here.world, request.url.path)
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


def _is_anothers(report: Report, here: Runtime) -> bool:
    account = report["AccountSid"]
    return bool(account) and account.lower() != here.settings.account_sid.lower()


def _refusal(status: int, why: str) -> HTTPException:
    refused.labels(why=why).inc()
    return HTTPException(status)
