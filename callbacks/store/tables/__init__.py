"""Every table. Storage only: values are frozen dataclasses elsewhere, and these classes validate nothing.

Plain `datetime` columns hold aware UTC on SQLite and PostgreSQL alike.
"""

import callbacks.store.tables.naming  # noqa: F401, I001  (first: the tables take their names from it)
from callbacks.store.tables.access import TokenRow, UserRow, SessionRow, StrikeRow, AnswerRow, AuditRow, SubscriptionRow
from callbacks.store.tables.emergency import (
    CheckpointRow,
    CallerChoice,
    EmergencyRow,
    HeadRow,
    LedgerRow,
    OpeningRow,
    PrivateRow,
    OutboxRow,
    CarrierRow,
    ReceivedRow,
    Source,
)
from callbacks.store.tables.operations import (
    NodeRow,
    OutageRow,
    SweepRow,
    NoticeRow,
    PolicyRow,
    ExaminationRow,
    RateRow,
    KeptRow,
)
from callbacks.store.tables.people import (
    PersonRow,
    CustomerRow,
    HandoffRow,
    FeedRow,
    FeedShiftRow,
    OverrideRow,
    RosterRow,
    MagicLinkRow,
)

__all__ = [
    "AnswerRow",
    "AuditRow",
    "CallerChoice",
    "CarrierRow",
    "CheckpointRow",
    "CustomerRow",
    "EmergencyRow",
    "ExaminationRow",
    "FeedRow",
    "FeedShiftRow",
    "HandoffRow",
    "HeadRow",
    "KeptRow",
    "LedgerRow",
    "MagicLinkRow",
    "NodeRow",
    "NoticeRow",
    "OpeningRow",
    "OutageRow",
    "OutboxRow",
    "OverrideRow",
    "PersonRow",
    "PolicyRow",
    "PrivateRow",
    "RateRow",
    "ReceivedRow",
    "RosterRow",
    "SessionRow",
    "Source",
    "StrikeRow",
    "SubscriptionRow",
    "SweepRow",
    "TokenRow",
    "UserRow",
]
