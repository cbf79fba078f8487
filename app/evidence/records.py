"""The carrier's side of an emergency: calls and messages by SID, its reports as they came, and what we asked of it.

No secret is in it: reports are kept without their signature, and links into our pages are taken out of texts.
"""

import json
import re
from datetime import timedelta
from typing import Any

from sqlmodel import Session, SQLModel

from app.pages.emergency_view import Story
from callbacks.record import rfc3339
from callbacks.store import evidence, outbox
from callbacks.store.tables import CarrierRow, OutboxRow, ReceivedRow

OURS_ALONE = {"owner", "fence", "lease_until", "payload"}
BEFORE, AFTER = timedelta(minutes=10), timedelta(hours=1)
MOST_REPORTS = 5000
Json = dict[str, Any]


def carriers_records(session: Session, story: Story, public_url: str) -> Json:
    """Everything that the carrier told us or took from us for this emergency."""
    put_out = outbox.about(session, story.id)
    sids = _sids(story) | {row.sid for row in put_out if row.sid}
    rows = evidence.carrier_rows(session, story.id, sids)
    sids |= {row.sid for row in rows}
    numbers = {row.number for row in put_out if row.number} | ({story.e.number} if story.e.number else set())
    since, until = story.e.call_started_at - BEFORE, story.entries[-1].recorded_at + AFTER
    marks = sorted(sids) + sorted(f'"{number}"' for number in numbers)
    found = [r for r in evidence.reports(session, since, until, marks, MOST_REPORTS) if _is_about(r, sids, numbers)]
    return {
        "calls_and_messages": [_plain(row) for row in rows],
        "outbox": [_asked(row, public_url) for row in put_out],
        "reports": [_report(row, public_url) for row in found],
        "reports_from": rfc3339(since),
        "reports_until": rfc3339(until),
    }


def _sids(story: Story) -> set[str]:
    """SIDs that the ledger itself names."""
    names = ("call_sid", "recording_sid", "sid")
    return {str(x.body[name]) for x in story.entries for name in names if x.body.get(name)}


def _is_about(row: ReceivedRow, sids: set[str], numbers: set[str]) -> bool:
    """A report on one of its calls and messages, or a text of somebody who was told of it."""
    if any(sid in row.form for sid in sids):
        return True
    return row.source == "sms" and any(f'["From", "{number}"]' in row.form for number in numbers)


def _plain(row: CarrierRow) -> Json:
    return {k: v for k, v in _dumped(row).items() if k != "emergency_id"}


def _asked(row: OutboxRow, public_url: str) -> Json:
    shown = {k: v for k, v in _dumped(row).items() if k not in OURS_ALONE}
    return shown | {"text": without_links(row.text, public_url), "about": json.loads(row.payload)}


def _report(row: ReceivedRow, public_url: str) -> Json:
    """The form's pairs in their order; a form that was cut off stands as its text."""
    text = without_links(row.form, public_url) or ""
    try:
        form: Any = json.loads(text)
    except ValueError:
        form = text
    return {"at": rfc3339(row.at), "source": row.source, "external_id": row.external_id, "form": form, "note": row.note}


def _dumped(row: SQLModel) -> Json:
    return {k: rfc3339(v) if hasattr(v, "isoformat") else v for k, v in sorted(row.model_dump().items())}


def without_links(text: str | None, public_url: str) -> str | None:
    """The text without addresses into our own pages: whoever has a technician's link may act."""
    if text is None:
        return None
    host = re.escape(public_url.rstrip("/").partition("://")[2])
    return re.sub(rf'(?:https?://)?{host}/[^\s"\\]+', "[link]", text)
