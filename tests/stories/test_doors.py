"""Who may speak to us, and what happens to what cannot be understood."""

import re
import threading

import pytest

from callbacks.engine.intake import texts
from callbacks.store.sql import tables
from callbacks.telephony.reports import Report
from tests.night import Night, seconds

ROUTES = ["voice", "voice/message", "voice/after", "voice/recording", "voice/ended", "sms", "status/message/x",
          "status/call/x", "page/x", "page/x/key", "bridge/x", "bridge/x/key", "callback/1/c1/ended"]  # fmt: skip


def rows(night: Night) -> int:
    from sqlmodel import func, select

    with night.database.read() as session:
        return sum(
            session.exec(select(func.count()).select_from(t)).one()
            for t in (tables.Emergency, tables.Ledger, tables.Received)
        )


@pytest.mark.storage
@pytest.mark.parametrize("path", ROUTES)
def test_unsigned_forged_and_foreign_requests_leave_no_trace(night: Night, path: str) -> None:
    """F87, I31."""
    form = {"CallSid": "CA" + "a" * 32, "AccountSid": night.settings.account_sid, "From": "+15145550142"}
    foreign = form | {"AccountSid": "AC" + "b" * 32}
    answers = [
        night.webhook(f"/twilio/{path}", form, ""),
        night.webhook(f"/twilio/{path}", form, "another"),
        night.webhook(f"/twilio/{path}", foreign),
    ]
    assert [a.status_code for a in answers] == [403, 403, 403]
    assert rows(night) == 0
    assert 'callbacks_webhooks_refused_total{why="signature"}' in night.metrics()
    night.nobody_else_was_contacted()


def test_a_get_is_not_a_webhook(night: Night) -> None:
    assert night.web.get("/twilio/voice").status_code == 405
    night.nobody_else_was_contacted()


def test_a_body_that_no_carrier_sends_is_refused(night: Night) -> None:
    assert night.web.post("/twilio/voice", content=b"a=" + b"x" * 70_000).status_code == 413
    night.nobody_else_was_contacted()


def test_a_malformed_but_signed_report_of_a_call_is_paged(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    answer = night.webhook(
        "/twilio/voice/message", {"CallSid": "nonsense", "RecordingDuration": "x\x00y", "Weird": "é\ud7ff"}
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    ana.gets_sms("number withheld" if night.emergency()["customer"]["withheld"] else "number not known yet")
    night.nobody_else_was_contacted()


def test_an_empty_report_is_answered_with_valid_twiml(night: Night) -> None:
    for path in ("sms", "status/message/x", "status/call/x", "page/x", "bridge/x"):
        answer = night.webhook(f"/twilio/{path}", {})
        assert (answer.status_code, answer.headers["content-type"][:8]) == (200, "text/xml")
        assert answer.text.startswith("<")
    night.nobody_else_was_contacted()


def test_both_port_forms_of_a_signature_are_good(night: Night) -> None:
    night.on_call("ana", "bob")
    night.knobs(sign_port=True)
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_text_delivered_twice_acts_once(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    last = list(night.network.texts.all.values())
    sms = next(m for m in reversed(last) if m.direction == "inbound")
    form = {
        "MessageSid": sms.sid,
        "From": ana.number,
        "To": sms.to_number,
        "Body": "1",
        "AccountSid": night.settings.account_sid,
    }
    assert night.webhook("/twilio/sms", form).status_code == 200
    assert night.facts().count("Acknowledged") == 1
    night.nobody_else_was_contacted()


def test_of_two_acknowledgements_racing_one_wins_and_the_other_is_told(night: Night) -> None:
    """F42, I19."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.minutes_pass(4)
    bob.gets_sms("E-000001")
    start = threading.Barrier(2)

    def acknowledge(number: str, sid: str) -> None:
        form = [("MessageSid", "SM" + sid * 32), ("From", number), ("Body", "1")]
        start.wait()
        texts.text_received(night.context, Report(form))

    threads = [threading.Thread(target=acknowledge, args=(p.number, s)) for p, s in ((ana, "a"), (bob, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    night.settle()
    winner, loser = (ana, bob) if night.emergency()["acknowledged_by"] == "ana" else (bob, ana)
    winner.gets_sms("is yours")
    loser.gets_sms("None of yours is waiting", "Ana Roy" if winner is ana else "Bob Chen")
    assert night.facts().count("Acknowledged") == 1
    night.nobody_else_was_contacted()


def test_the_order_of_a_calls_last_three_reports_does_not_matter(night: Night) -> None:
    """F03."""
    ana, _ = night.on_call("ana", "bob")
    call, recording = "CA" + "c" * 32, "RE" + "d" * 32
    base = {"CallSid": call, "AccountSid": night.settings.account_sid, "From": "+15145550142", "To": "+15145550100"}
    reports = {
        "voice/recording": {
            "CallSid": call,
            "RecordingSid": recording,
            "RecordingStatus": "completed",
            "RecordingDuration": "9",
        },
        "voice/ended": base | {"CallStatus": "completed", "CallDuration": "30", "Direction": "inbound"},
        "voice/message": base
        | {"RecordingSid": recording, "RecordingDuration": "9", "CallStatus": "completed", "Digits": "hangup"},
    }
    for path, form in reports.items():
        assert night.webhook(f"/twilio/{path}", form).status_code == 200
        assert night.webhook(f"/twilio/{path}", form).status_code == 200
    night.settle()
    ana.gets_sms("E-000001")
    night.taken_up.update(m.sid for m in night.sent() if m.to_number == ana.number and "E-000001" in m.body)
    assert len(night.emergencies()) == 1
    assert night.facts().count("PageRequested") == 1
    night.nobody_else_was_contacted()


def test_hostile_words_are_shown_as_words(night: Night) -> None:
    """F90."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("note <script>alert(1)</script> \u202e \x00").gets_sms("note added")
    page = night.web.get("/emergencies/E-000001")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_the_api_needs_a_token_and_pages_by_cursor(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    for customer in (night.customer, night.other_customer, night.customer):
        customer.calls(caller_id="anonymous").leaves_message(seconds(5))
        night.minutes_pass(1)
        ana.gets_sms("withheld")
    night.taken_up.update(m.sid for m in night.sent())
    assert night.web.get("/api/v1/emergencies").status_code == 401
    refused = night.web.get("/api/v1/emergencies", headers={"Authorization": "Bearer cb_wrong"})
    assert refused.headers["content-type"] == "application/problem+json"
    assert "callbacks token new" in refused.json()["detail"]
    first = night.get("/api/v1/emergencies?limit=2")
    second = night.get(f"/api/v1/emergencies?limit=2&cursor={first['next_cursor']}")
    assert [e["ref"] for e in first["items"] + second["items"]] == ["E-000001", "E-000002", "E-000003"]
    assert second["next_cursor"] is None
    assert night.get("/api/v1/emergencies?open=false")["items"] == []
    assert night.get("/api/v1/emergencies?from=2026-11-25T00:00:00Z")["items"] == []
    night.nobody_else_was_contacted()


@pytest.mark.parametrize(
    "path,status",
    [
        ("?cursor=zzz", 400),
        ("?from=yesterday", 422),
        ("?from=2026-11-24T02:00:00", 400),
        ("?limit=0", 422),
        ("/E-99", 404),
        ("/x/ledger", 404),
    ],
)
def test_a_bad_question_gets_a_problem_document(night: Night, path: str, status: int) -> None:
    answer = night.web.get(f"/api/v1/emergencies{path}", headers={"Authorization": f"Bearer {night.token('reader')}"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    night.nobody_else_was_contacted()


def test_alive_and_ready(night: Night) -> None:
    assert night.web.get("/healthz").json() == {"status": "ok"}
    assert night.web.get("/readyz").status_code == 200
    night.clock.turn(seconds=30)
    late = night.web.get("/readyz")
    assert late.status_code == 503
    assert "no engine" in late.json()["engine"]
    night.nobody_else_was_contacted()


def test_a_signed_link_to_audio_runs_out_and_cannot_be_made_up(night: Night) -> None:
    assert night.web.get("/media/forged").status_code == 404
    night.nobody_else_was_contacted()


def test_the_board_shows_what_is_open(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    assert "No open emergency" in night.web.get("/").text
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    board = night.web.get("/").text
    assert "E-000001" in board
    assert "nobody yet" in board
    assert "02:30" in board
    night.nobody_else_was_contacted()


def test_the_report_counts_each_outcome_with_its_n(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("reached")
    night.minutes_pass(2)
    night.other_customer.calls().leaves_message()
    ana.gets_sms("E-000002").replies(f"5 {ana.code}").gets_sms("no answer")
    night.minutes_pass(31)
    night.sue.gets_sms("UNCONFIRMED E-000001")
    figures = night.get("/api/v1/report?from=2026-11-24&to=2026-11-24")
    assert (figures["n"], figures["met"], figures["void"], figures["missed"]) == (2, 1, 1, 0)
    assert (figures["compliance"], figures["compliance_n"]) == (1.0, 1)
    assert (figures["compliance_void_against"], figures["compliance_void_against_n"]) == (0.5, 2)
    assert night.get("/api/v1/report?from=2026-11-23&to=2026-11-23")["n"] == 0
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.other_customer.gets_sms("we have your message").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_a_browser_gets_a_page_and_a_program_a_problem(night: Night) -> None:
    asked_by_eyes = night.web.get("/emergencies/E-000099", headers={"Accept": "text/html"})
    assert (asked_by_eyes.status_code, asked_by_eyes.headers["content-type"].split(";")[0]) == (404, "text/html")
    assert "E-000042" in asked_by_eyes.text
    asked_by_program = night.web.get("/emergencies/E-000099")
    assert asked_by_program.headers["content-type"] == "application/problem+json"
    night.nobody_else_was_contacted()


def test_the_manual_names_every_route_and_needs_no_network(night: Night) -> None:
    page = night.web.get("/api/docs").text
    assert "GET /api/v1/emergencies/{ref}" in page
    assert "GET /api/v1/report" in page
    assert "/twilio/" not in page
    assert re.findall(r'<script[^>]*src="([^"]*)"', page) == ["/static/live.js"]
    night.nobody_else_was_contacted()
