"""The link at the end of a text about an emergency: its secret is made as the text leaves, and kept nowhere.

- The outbox holds the words without it; the database gets the digest, in a transaction that is committed before the
  carrier is asked. A node that dies in between leaves a door whose key nobody has; the next try makes another key.
- A text with a link is found again at the carrier by it: no other text of ours has the same.
- As many links as two segments hold, the most urgent first; none in a storm, where a segment is somebody's page.
- A page without its link is worth more than none: it leaves even if no door can be made.
"""

import json

import structlog
from sqlmodel import Session

from callbacks.delivery.batching import STORM
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.summary import is_storm
from callbacks.lib.gsm import MOST_SEGMENTS, segments
from callbacks.messages import wording
from callbacks.store import magic_links
from callbacks.store.outbox import Bundle
from callbacks.store.tables import EmergencyRow, OutboxRow

log = structlog.get_logger()


def linked(context: EngineContext, bundle: Bundle) -> str:
    """The words as they leave: the row's text, and a fresh link to each emergency it is about."""
    row = bundle[0]
    words, about = row.text or "", [r for r in bundle if _takes_link(r)]
    if not about or len(bundle) >= STORM:
        return words
    try:
        if _segments_are_scarce(context):
            return words
        return context.database.transact(lambda session: _with_doors(context, session, row, about, words))
    except Exception:
        log.error("link.not_made", row=row.id, exc_info=True)
        return words


def is_ours(context: EngineContext, row: OutboxRow, text: str) -> bool:
    """Whether a text at the carrier is this row's."""
    if text == row.text:
        return True
    with context.database.read() as session:
        return magic_links.is_told_by(session, row.id, text)


def _takes_link(row: OutboxRow) -> bool:
    return bool(row.person and row.emergency_id and json.loads(row.payload).get("link"))


def _segments_are_scarce(context: EngineContext) -> bool:
    """Asked outside of any writing: in a storm the one writer has enough to do."""
    with context.database.read() as session:
        return is_storm(session, context.clock.now())


def _with_doors(context: EngineContext, session: Session, leader: OutboxRow, about: Bundle, words: str) -> str:
    now = context.clock.now()
    for row in about:
        token = magic_links.new_token()
        code = _code(session, row) if len(about) > 1 else ""
        longer = wording.with_link(words, context.url(magic_links.path_to(token)), code)
        if segments(longer) > MOST_SEGMENTS:
            break
        magic_links.put(session, token, row.emergency_id or 0, row.person or "", leader.id, now)
        words = longer
    return words


def _code(session: Session, row: OutboxRow) -> str:
    emergency = session.get(EmergencyRow, row.emergency_id)
    return emergency.code if emergency else ""
