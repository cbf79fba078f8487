"""The carrier's side of an emergency: calls and messages by SID, its reports as they came, and what we asked of it.

No secret is in it: reports are kept without their signature, and links into our pages are taken out of texts. Nor is
anything about another emergency: a text of staff is judged by what it was found to be about when it came. Private
numbers of staff are masked.
"""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session, SQLModel

from app.api.emergencies import STAFFS
from app.pages.emergency_view import Story
from callbacks.lib.phone import mask
from callbacks.reporting.record import rfc3339
from callbacks.store import evidence, outbox, people
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
    since, until = story.e.call_started_at - BEFORE, story.entries[-1].recorded_at + AFTER
    theirs = f'["From", "{story.e.number}"]' if story.e.number else None
    marks = [*sorted(sids), *([theirs] if theirs else [])]
    candidates = evidence.reports(session, story.id, since, until, marks, MOST_REPORTS)
    found = [row for row in candidates if _is_about(row, story.id, sids, theirs)]
    records: Json = {
        "calls_and_messages": [_plain(row) for row in rows],
        "outbox": [_asked(row, public_url) for row in put_out],
        "reports": [_report(row, public_url) for row in found],
        "reports_from": rfc3339(since),
        "reports_until": rfc3339(until),
    }
    return _masked(records, _staff_numbers(session, story, put_out))


def _staff_numbers(session: Session, story: Story, put_out: Sequence[OutboxRow]) -> set[str]:
    """Private numbers of people of ours: where they were paged, and where the roster has them now."""
    paged = {row.number for row in put_out if row.person and row.number}
    paged |= {str(x.private["number"]) for x in story.entries if x.kind in STAFFS and x.private}
    return (paged | {p.phone for p in people.current_roster(session).people}) - {story.e.number}


def _masked(records: Json, numbers: Iterable[str]) -> Json:
    """Every number, with its plus sign and without, in any field."""
    text = json.dumps(records, ensure_ascii=False)
    for number in numbers:
        text = text.replace(number, mask(number)).replace(number.removeprefix("+"), mask(number))
    masked: Json = json.loads(text)
    return masked


def _sids(story: Story) -> set[str]:
    """SIDs that the ledger itself names."""
    names = ("call_sid", "recording_sid", "sid")
    return {str(x.body[name]) for x in story.entries for name in names if x.body.get(name)}


def _is_about(row: ReceivedRow, emergency_id: int, sids: set[str], theirs: str | None) -> bool:
    """A report on one of its calls and messages, a text that was about it, or one of its customer."""
    if row.emergency_id is not None:
        return row.emergency_id == emergency_id
    if any(sid in row.form for sid in sids):
        return True
    return row.source == "sms" and theirs is not None and theirs in row.form


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
