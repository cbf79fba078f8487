"""The rows that the store gives and takes."""

from callbacks.store.sql.tables import Carrier as CarrierRow
from callbacks.store.sql.tables import Customer as CustomerRow
from callbacks.store.sql.tables import Emergency as EmergencyRow
from callbacks.store.sql.tables import Feed as FeedRow
from callbacks.store.sql.tables import Handoff as HandoffRow
from callbacks.store.sql.tables import Outage as OutageRow
from callbacks.store.sql.tables import Outbox as OutboxRow
from callbacks.store.sql.tables import Policy as PolicyRow
from callbacks.store.sql.tables import Received as ReceivedRow
from callbacks.store.sql.tables import Session as SessionRow
from callbacks.store.sql.tables import Subscription as SubscriptionRow
from callbacks.store.sql.tables import Token as TokenRow
from callbacks.store.sql.tables import User as UserRow

__all__ = [
    "CarrierRow",
    "CustomerRow",
    "EmergencyRow",
    "FeedRow",
    "HandoffRow",
    "OutageRow",
    "OutboxRow",
    "PolicyRow",
    "ReceivedRow",
    "SessionRow",
    "SubscriptionRow",
    "TokenRow",
    "UserRow",
]
