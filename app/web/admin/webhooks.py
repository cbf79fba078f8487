"""Webhooks: subscriptions, and every message sent to them with its result.

Messages hold customers' numbers: only supervisors read them, and the addresses whole. Auditors see the host, the
states, the tries and the status, nothing of what was said.
"""

import secrets
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from app.api.idempotency import instant
from app.auth.guard import page as requires
from app.auth.rights import Principal
from app.runtime import App, AppDep
from app.web.base.language import language_of, say
from app.web.base.shell import own_form, show
from callbacks.engine import webhooks as hooks
from callbacks.lib.url_guard import Refused, read_url
from callbacks.messages.webhook_events import EVENTS, new_secret
from callbacks.store.rows import SubscriptionRow
from callbacks.store.sql import subscriptions
from callbacks.store.sql.transaction import Transaction
from callbacks.store.subscriptions import events_of, owner_of

router = APIRouter(include_in_schema=False)
Reader = Annotated[Principal, Depends(requires("webhook.read"))]
Supervisor = Annotated[Principal, Depends(requires("webhook.change"))]
OwnForm = Annotated[FormData, Depends(own_form())]
MOST_SHOWN = 50
MOST_SUBSCRIPTIONS = 50
SECRET_BYTES = 32
SAID = {
    "disabled": "Switched off: nothing more is sent there.",
    "enabled": "Switched on.",
    "deleted": "Deleted.",
    "test": "A test message was sent; see it below.",
    "replayed": "It is being sent again with the same id.",
}
NOT_CHOSEN = "Choose at least one event"
TOO_MANY = "There are many subscriptions already; delete one first"
CANNOT_BE_SENT = "It cannot be sent: the subscription is gone, its contents were erased, or it is being sent right now"
NAMED = {event: event.replace("_", " ") for event in EVENTS}
# What each event means, as the form says it.
MEANT = {
    "opened": "an emergency was opened",
    "acknowledged": "somebody has it",
    "at_risk": "no attempt yet and time is running out",
    "reached": "a person spoke with the customer",
    "missed": "the promise was missed",
    "resolved": "solved or worked around",
}


@router.get("/webhooks")
def webhooks(
    request: Request, app: AppDep, who: Reader, done: str = "", of: str = "", before: datetime | None = None
) -> HTMLResponse:
    """Subscriptions, and the newest deliveries; `of` one subscription, `before` an instant."""
    return _page(request, app, who, told=SAID.get(done, ""), of=of, before=before)


@router.post("/webhooks")
def add(request: Request, app: AppDep, who: Supervisor, form: OwnForm) -> HTMLResponse:
    """A new subscription; its secret is shown on the answer, and never again."""
    url, events = str(form.get("url") or "").strip(), [e for e in EVENTS if e in form.getlist("events")]
    typed = {"url": url[:500], "events": events}
    try:
        read_url(url, in_sandbox=app.settings.is_demo)
    except Refused as refused:
        return _page(request, app, who, fault=str(refused), typed=typed)
    if not events:
        return _page(request, app, who, fault=NOT_CHOSEN, typed=typed)
    secret, now = new_secret(secrets.token_bytes(SECRET_BYTES)), app.context.clock.now()
    with app.database.write() as session:
        if len(subscriptions.everyone(session)) >= MOST_SUBSCRIPTIONS:
            raise HTTPException(409, TOO_MANY)
        name = secrets.token_hex(6)
        row = SubscriptionRow(
            id=name,
            url=url,
            secret_sealed=app.context.secrets.seal(secret, owner_of(name)),
            events=",".join(events),
            created_at=now,
            created_by=who.name,
        )
        session.subscriptions.add(row)
        session.audits.put(now, who.name, who.via, "webhook.added", row.id, host=_host(url), events=events)
    return _page(request, app, who, secret=secret, added=row.id)


@router.post("/webhooks/{subscription}/state")
def state(subscription: str, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """Switched on or off."""
    wanted = str(form.get("state") or "")
    if wanted not in ("enabled", "disabled"):
        raise HTTPException(422, "state must be enabled or disabled")
    with app.database.write() as session:
        row, now = _found(session, subscription), app.context.clock.now()
        session.subscriptions.switch(row.id, now if wanted == "disabled" else None)
        session.audits.put(now, who.name, who.via, f"webhook.{wanted}", row.id)
    return _back(wanted)


@router.post("/webhooks/{subscription}/deletion")
def deletion(subscription: str, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """Gone for good; what still waits to be sent is cancelled when its time comes."""
    with app.database.write() as session:
        row = _found(session, subscription)
        subscriptions.remove(session, row.id)
        session.audits.put(app.context.clock.now(), who.name, who.via, "webhook.deleted", row.id, host=_host(row.url))
    return _back("deleted")


@router.post("/webhooks/{subscription}/test")
def test(subscription: str, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """A message of no emergency."""
    with app.database.write() as session:
        row, now = _found(session, subscription), app.context.clock.now()
        hooks.send_test(session, row, now)
        session.audits.put(now, who.name, who.via, "webhook.tested", row.id)
        session.notify()
    app.context.wake.set()
    return _back("test")


@router.get("/webhooks/deliveries/{delivery}")
def delivery(delivery: str, request: Request, app: AppDep, who: Supervisor) -> HTMLResponse:
    """One message, word for word, and the last answer."""
    with app.database.read() as session:
        found = subscriptions.find_delivery(session, delivery)
        if found is None:
            raise HTTPException(404, "There is no such message")
        row = session.subscriptions.find(found.subscription)
    return show(request, app, who, "delivery.html", {"d": found, "to": row.url if row else ""})


@router.post("/webhooks/deliveries/{delivery}/replay")
def replay(delivery: str, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """The same message once more, under the same id."""
    with app.database.write() as session:
        found, now = subscriptions.find_delivery(session, delivery), app.context.clock.now()
        if found is None:
            raise HTTPException(404, "There is no such message")
        row = session.subscriptions.find(found.subscription)
        if row is None or row.disabled_at or not subscriptions.replay(session, delivery, now):
            raise HTTPException(409, CANNOT_BE_SENT)
        session.audits.put(now, who.name, who.via, "webhook.replayed", found.event_id, to=row.id)
        session.notify()
    app.context.wake.set()
    return _back("replayed")


def _found(session: Transaction, subscription: str) -> SubscriptionRow:
    row = session.subscriptions.find(subscription)
    if row is None:
        raise HTTPException(404, "There is no such subscription")
    return row


def _back(done: str) -> RedirectResponse:
    return RedirectResponse(f"/webhooks?done={done}", 303)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _page(
    request: Request,
    app: App,
    who: Principal,
    *,
    told: str = "",
    fault: str = "",
    typed: object = None,
    secret: str = "",
    added: str = "",
    of: str = "",
    before: datetime | None = None,
) -> HTMLResponse:
    """The page. A secret is shown once and never cached; a fault answers 422 and keeps what was typed."""
    with app.database.read() as session:
        rows = subscriptions.everyone(session)
        before = instant("before", before)
        found = subscriptions.deliveries(session, MOST_SHOWN + 1, of or None, before)
    language = language_of(request, who.language)
    context = {
        "rows": rows,
        "hosts": {row.id: _host(row.url) for row in rows},
        "deliveries": found[:MOST_SHOWN],
        "older": found[MOST_SHOWN - 1].created_at.isoformat() if len(found) > MOST_SHOWN else "",
        "of": of,
        "told": say(language, told),
        "fault": say(language, fault),
        "secret": secret,
        "added": added,
        "typed": typed or {"url": "", "events": list(EVENTS)},
        "events": EVENTS,
        "meant": MEANT,
        "named": NAMED,
        "events_of": events_of,
        "may_change": who.may("webhook.change"),
    }
    page = show(request, app, who, "webhooks.html", context, 422 if fault else 200)
    if secret:
        page.headers["Cache-Control"] = "no-store"
    return page
