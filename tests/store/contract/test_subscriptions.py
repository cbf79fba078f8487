"""Who is told of emergencies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callbacks.store.errors import Conflict
from callbacks.store.interface import Store
from callbacks.store.rows import SubscriptionRow
from tests.clock import NIGHT

ROW = SubscriptionRow(
    id="b", url="https://example.com", secret_sealed="x", events="opened,missed", created_at=NIGHT, created_by="sue"
)


def test_who_wants_what(store: Store) -> None:
    older = replace(ROW, id="c", events="opened", created_at=NIGHT - timedelta(hours=1))
    with store.write() as session:
        session.subscriptions.add(ROW)
        session.subscriptions.add(older)
        session.idempotency.forget(["E-1_%", "x"])
    with store.write() as session:
        assert (session.subscriptions.find("b"), session.subscriptions.find("none")) == (ROW, None)
        assert session.subscriptions.wanting("opened") == [older, ROW]
        assert [session.subscriptions.wanting(event) for event in ("missed", "open")] == [[ROW], []]
        session.subscriptions.switch("b", NIGHT)
        assert session.subscriptions.wanting("opened") == [older]
        assert session.subscriptions.find("b") == replace(ROW, disabled_at=NIGHT)
        session.subscriptions.switch("b", None)
        assert session.subscriptions.wanting("missed") == [ROW]


def test_an_id_is_given_once(store: Store) -> None:
    store.transact(lambda session: session.subscriptions.add(ROW))
    with pytest.raises(Conflict), store.write() as session:
        session.subscriptions.add(replace(ROW, url="https://example.org"))
