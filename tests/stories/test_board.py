"""The board tells what is open, who has it, what comes next, and when the house itself sleeps."""

import json
import re
import threading
from datetime import timedelta

import httpx
import pytest

from callbacks.engine.reconcile import reconcile
from callbacks.store.sql import checks, tables
from tests.night import Night, minutes, seconds


def board(night: Night) -> str:
    return night.web.get("/", headers={"Accept": "text/html"}).text


def test_what_is_open_is_told_with_what_comes_next(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    reconcile.sweep(night.context)
    assert "Send somebody a drill page" in board(night)
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    page = board(night)
    assert "Send somebody a drill page" not in page
    for part in ("E-000001", "+15145550142", "nobody has it", 'data-due="2026-11-24T07:30:0', "29 min left"):
        assert part in page, part
    assert "<time>02:04</time> page backup by text" in page
    night.minutes_pass(4)
    bob.gets_sms("E-000001").replies("1")
    bob.gets_sms("yours")
    page = board(night)
    assert "somebody has it" in page and "<bdi>Bob Chen</bdi>" in page
    assert "Bob Chen has it" not in page and "bob acknowledged (by text)" in page
    assert "remind Bob Chen" in page
    night.until(night.clock.now().replace(minute=20, second=1))
    assert "at risk" in board(night)
    night.taken_up |= {m.sid for m in night.sent()}  # reminders and the next round are other stories
    ana.proves("4")
    ana.gets_sms("E-000001")
    assert "reached" in board(night) and "declared" in board(night)
    ana.proves("6")
    ana.gets_sms("E-000001")
    page = board(night)
    assert "No open emergency" in page
    assert "Closed since 2026-11-23 18:00" in page and "<bdi>Ana Roy</bdi>" in page
    night.customer.gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_stopped_engine_is_loud(night: Night) -> None:
    assert "The roster is empty" in board(night)
    night.on_call("ana", "bob")
    night.engine.beat()
    reconcile.sweep(night.context)
    assert 'role="alert"' not in board(night)
    night.passes(seconds(121))
    page = board(night)
    assert "No engine heartbeat" in page and "Missed-call reconciliation is not running" in page
    night.roster(
        'timezone = "America/Toronto"\n[[technician]]\nname = "ana"\nphone = "+15145550111"\n'
        '[[rotation]]\nname = "primary"\nmembers = ["ana"]\nevery = "1w"\nstarts = "2027-01-05T09:00"\n'
    )
    assert "Nobody is on call for primary now." in board(night)
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_everything_is_checked_once_somebody_checked_it(night: Night) -> None:
    """The list of a beginning: a sweep alone is no check, nor is one that found a fault."""
    night.on_call("ana", "bob")
    night.sweeps()
    done, to_do = ('<li class="done">', "<li>")

    def step() -> str:
        page, found, _ = board(night).partition("webhook URLs at Twilio and check everything else")
        assert found
        return max(done, to_do, key=page.rfind)

    assert step() == to_do
    for ok, expected in ((False, to_do), (None, done)):
        with night.database.write() as session:
            kept = json.dumps({"findings": [{"ok": True}, {"ok": ok}], "addresses": []})
            checks.keep_examination(session, night.clock.now(), "sue", kept)
        assert step() == expected
    night.nobody_else_was_contacted()


def test_a_drill_begins_at_the_board_and_stands_apart(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    assert night.web.post("/drill", data={"technician": "nobody"}).status_code == 422
    assert night.web.post("/drill", data={"technician": "ana"}).status_code == 303
    ana.gets_sms("DRILL")
    assert "<h2>Drills</h2>" in board(night)
    ana.replies("1")
    ana.gets_sms("drill confirmed")
    page = board(night)
    assert "Getting started" not in page and "<h2>Drills</h2>" not in page
    night.nobody_else_was_contacted()


def test_an_open_page_is_told_of_a_change_at_once(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    heard: list[str] = []
    ready, told = threading.Event(), threading.Event()

    def listen() -> None:
        with httpx.stream("GET", f"{night.address}/live", timeout=20) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            for line in stream.iter_lines():
                heard.append(line)
                ready.set()
                if len(heard) > 2 and line.startswith("event: changed"):
                    told.set()
                    return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert ready.wait(30)
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    assert told.wait(30), heard
    thread.join(5)
    night.nobody_else_was_contacted()


def test_a_later_page_of_many(night: Night) -> None:
    assert night.web.get("/?p=2").status_code == 200
    assert night.web.get("/?p=0").status_code == 422
    with night.database.read() as session:
        assert session.get(tables.Node, night.context.node) is not None
    night.passes(minutes(1) + timedelta())
    night.nobody_else_was_contacted()


def test_the_morning_after_says_which_promise_was_not_kept_and_why(night: Night) -> None:
    """At 07:45 a supervisor asks just that; what lies on another day says so."""
    ana, bob = night.on_call("ana", "bob")
    night.it_is("2026-11-24 23:40")
    night.customer_leaves_message()
    night.other_customer.calls().leaves_message()
    first, second = ana.gets_sms("E-000001").code, ana.gets_sms("E-000002").code
    ana.texts(f"4 {first}")
    assert "<time>Wed 03:40</time> resolution deadline" in board(night), "who was reached is owed a resolution"
    ana.texts(f"6 {first}")
    night.it_is("2026-11-25 00:30")
    bob.texts(f"4 {second}")
    bob.texts(f"6 {second}")
    night.it_is("2026-11-25 07:20")
    page = board(night)
    for outcome in ("met", "missed"):
        assert re.search(rf'<span class="verdict {outcome}">.*?</span> {outcome}</span> 1', page), outcome
    assert "<time>Tue 23:40</time>" in page and "<time>00:30</time>" in page
    why = page.partition('data-label="Why">')[2].partition("</td>")[0]
    assert "Ana Roy was paged at 23:40" in why and "the customer was reached at" in why
    assert page.count('data-label="Why"') == 1
    night.taken_up |= {m.sid for m in night.sent()}  # the pages, and what supervisors are told, are other stories
    night.nobody_else_was_contacted()
