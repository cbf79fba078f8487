"""What every store makes of its rows of audits, and the auditor's bounds."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from callbacks.delivery.outbox_row import PAGES, OutboxKind
from callbacks.store.rows import AuditRow

PAGING = (*PAGES, OutboxKind.TEXT, OutboxKind.ALARM)
MOST_NAMED = 5


def audited(now: datetime, who: str, via: str, action: str, about: str, details: Mapping[str, Any]) -> AuditRow:
    """One action as a row."""
    text = json.dumps(details, ensure_ascii=False, sort_keys=True)
    return AuditRow(at=now, who=who[:120], via=via, action=action, about=about[:200], details=text)
