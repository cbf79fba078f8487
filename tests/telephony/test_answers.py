"""A carrier that answers otherwise: every answer that is not of the documented form ends as a CarrierError of the right
kind, and no part of it is used."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.telephony import answers
from callbacks.telephony.answers import BrokenAnswer
from callbacks.telephony.gateway import CarrierError
from callbacks.telephony.twilio import TwilioGateway

ACCOUNT, OWN, TECH = "AC" + "5a" * 16, "+15145550100", "+15145550111"
CALL, TEXT, RECORDING, NUMBER = "CA" + "1" * 32, "SM" + "2" * 32, "RE" + "3" * 32, "PN" + "4" * 32
SINCE = datetime(2026, 11, 24, 7, tzinfo=UTC)
DATE = "Tue, 24 Nov 2026 07:00:36 +0000"
A_CALL = {
    "sid": CALL, "from": "+15145550142", "to": OWN, "status": "completed", "direction": "inbound", "start_time": DATE,
    "end_time": DATE, "date_created": DATE, "duration": "24", "parent_call_sid": None, "answered_by": None,
}  # fmt: skip
OUR_CALL = A_CALL | {"from": OWN, "to": TECH, "direction": "outbound-api"}
A_TEXT = {"sid": TEXT, "from": OWN, "to": TECH, "status": "sent", "direction": "outbound-api", "body": "x",
          "date_created": DATE}  # fmt: skip
A_NUMBER = {"sid": NUMBER, "phone_number": OWN, "voice_url": "https://a.example", "voice_method": "POST"}
HTML = "<html><body>Sign in to the guest network</body></html>"
REFUSAL = json.dumps({"code": 21610, "message": "opted out", "more_info": "", "status": 400})


class Carrier:
    """Answers each request with the next of what it was told, and notes who asked for what."""

    def __init__(self) -> None:
        told = self.told = list[tuple[int, str, dict[str, str]]]()
        asked = self.asked = list[str]()

        class Answer(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                asked.append(f"{self.command} {self.path}")
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, body, headers = told.pop(0) if len(told) > 1 else told[0]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_POST = do_DELETE = _answer

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.gateway = TwilioGateway(ACCOUNT, ACCOUNT, "a" * 32, OWN, url, ("a" * 32, "b" * 32))

    def says(self, body: Any, status: int = 200, **headers: str) -> "Carrier":
        self.told.append((status, body if isinstance(body, str) else json.dumps(body), headers))
        return self


@pytest.fixture(scope="module")
def opened() -> Iterator[Carrier]:
    found = Carrier()
    yield found
    found.server.shutdown()


@pytest.fixture
def carrier(opened: Carrier) -> Carrier:
    opened.told.clear()
    opened.asked.clear()
    return opened


def page(name: str, *records: Any, **more: Any) -> dict[str, Any]:
    return {name: list(records), "next_page_uri": None, **more}


Ask = Callable[[TwilioGateway], Any]
ASKED: dict[str, tuple[Ask, Any]] = {
    "send_text": (lambda g: g.send_text(TECH, "x", "https://a.example", 60), A_TEXT),
    "start_call": (lambda g: g.start_call(TECH, "https://a.example", "https://a.example", 25), OUR_CALL),
    "fetch_call": (lambda g: g.fetch_call(CALL), A_CALL),
    "calls_to": (lambda g: g.calls_to(TECH, SINCE), page("calls", OUR_CALL)),
    "legs_of": (lambda g: g.legs_of(CALL), page("calls", OUR_CALL)),
    "messages_to": (lambda g: g.messages_to(TECH, SINCE), page("messages", A_TEXT)),
    "inbound_calls": (lambda g: g.inbound_calls(SINCE), page("calls", A_CALL)),
    "inbound_messages": (lambda g: g.inbound_messages(SINCE), page("messages", A_TEXT)),
    "outbound_calls": (lambda g: g.outbound_calls(SINCE), page("calls", OUR_CALL)),
    "outbound_messages": (lambda g: g.outbound_messages(SINCE), page("messages", A_TEXT)),
    "recordings_of": (lambda g: g.recordings_of(CALL), page("recordings", {"sid": RECORDING, "status": "completed"})),
    "own_number": (lambda g: g.own_number(), page("incoming_phone_numbers", A_NUMBER)),
    "account": (lambda g: g.account(), {"sid": ACCOUNT, "status": "active"}),
}  # fmt: skip
LISTS = {name: body for name, (_, body) in ASKED.items() if isinstance(body, dict) and "next_page_uri" in body}


def kind(error: CarrierError) -> str:
    return "refused" if error.refused else "ambiguous" if error.ambiguous else "later"


def refusal(carrier: Carrier, ask: Ask) -> CarrierError:
    with pytest.raises(CarrierError) as caught:
        ask(carrier.gateway)
    return caught.value


@pytest.mark.parametrize("name", ASKED)
def test_an_answer_of_the_right_form_is_taken(carrier: Carrier, name: str) -> None:
    ask, body = ASKED[name]
    assert ask(carrier.says(body, 201 if name in ("send_text", "start_call") else 200).gateway)


UNREADABLE = [
    ("", "ambiguous"), (HTML, "ambiguous"), ("[]", "ambiguous"), ("null", "ambiguous"), ('"x"', "ambiguous"), ("{}", "ambiguous"),
    ("[" * 100_000, "ambiguous"), ('{"sid": 1e400}', "ambiguous"), ("9" * 5000, "ambiguous"), ('{"sid": "None"}', "ambiguous"),
]  # fmt: skip
STATUSES = [
    (301, HTML, "ambiguous"), (302, "", "ambiguous"), (304, "", "ambiguous"), (307, HTML, "ambiguous"), (204, "", "ambiguous"),
    (400, REFUSAL, "refused"), (400, HTML, "later"), (403, HTML, "later"), (404, "", "later"), (400, "[]", "later"), (400, '{"code": "x"}', "later"),
    (401, json.dumps({"code": 20003, "message": "Authenticate", "status": 401}), "refused"), (407, HTML, "later"), (408, "", "ambiguous"),
    (400, json.dumps({"type": "x", "title": "x", "status": 400, "code": 21211}), "refused"), (429, HTML, "later"), (429, REFUSAL, "later"),
    (500, HTML, "ambiguous"), (502, "", "ambiguous"), (503, REFUSAL, "ambiguous"),
]  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize(("body", "expected"), UNREADABLE)
def test_a_yes_that_says_nothing_is_ambiguous(carrier: Carrier, name: str, body: str, expected: str) -> None:
    assert kind(refusal(carrier.says(body, 201), ASKED[name][0])) == expected


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize(("status", "body", "expected"), STATUSES)
def test_each_status_has_its_kind(carrier: Carrier, name: str, status: int, body: str, expected: str) -> None:
    error = refusal(carrier.says(body, status, Location="https://elsewhere.example/"), ASKED[name][0])
    assert kind(error) == expected
    assert all("elsewhere" not in path for path in carrier.asked)


WRONG = [None, 7, True, "", "None", "x" * 34, "SM", "CA" + "g" * 32, "AC" + "1" * 32, CALL + "1", [CALL], {"sid": CALL}]


@pytest.mark.parametrize("value", WRONG, ids=str)
@pytest.mark.parametrize("name", ["send_text", "start_call"])
def test_what_was_made_without_a_sid_of_the_right_form_is_looked_up(carrier: Carrier, name: str, value: Any) -> None:
    """The word None was stored in the outbox and in the ledger."""
    ask, body = ASKED[name]
    assert kind(refusal(carrier.says(body | {"sid": value}, 201), ask)) == "ambiguous"
    crossed = CALL if name == "send_text" else TEXT
    assert kind(refusal(carrier.says(body | {"sid": crossed}, 201), ask)) == "ambiguous"


FIELDS: list[tuple[str, Any]] = [
    ("sid", None), ("sid", TEXT), ("from", 5), ("to", ["x"]), ("status", None), ("status", "dancing"), ("status", 5),
    ("direction", None), ("start_time", "yesterday"), ("start_time", 5), ("date_created", {}), ("end_time", "Tue, 99"),
    ("duration", "long"), ("duration", -1), ("duration", True), ("duration", 1.5), ("parent_call_sid", "x"), ("parent_call_sid", 5),
    ("answered_by", 5),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), FIELDS, ids=str)
def test_a_record_that_cannot_be_read_hides_none_of_the_others(carrier: Carrier, field: str, value: Any) -> None:
    other = A_CALL | {"sid": "CA" + "9" * 32}
    error = refusal(carrier.says(page("calls", A_CALL | {field: value}, other)), ASKED["inbound_calls"][0])
    assert ([c.sid for c in error.found], kind(error)) == ([other["sid"]], "ambiguous")
    assert "1 records" in error.why and field in error.why and str(value) not in error.why.replace(field, "")


NULLS = [("start_time", None), ("end_time", None), ("duration", None), ("duration", ""), ("duration", 24), ("from", None),
         ("answered_by", None), ("start_time", "2026-11-24T07:00:36Z"), ("parent_call_sid", "")]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), NULLS, ids=str)
def test_what_may_be_null_is_no_fault(carrier: Carrier, field: str, value: Any) -> None:
    [found] = carrier.says(page("calls", A_CALL | {field: value})).gateway.inbound_calls(SINCE)
    assert found.sid == CALL and (found.started_at is None) == (field == "start_time" and value is None)


ELSEWHERE = [
    "https://evil.example/2010-04-01/Accounts/x/Calls.json?Page=1", "//evil.example/x", "http://169.254.169.254/", 5, {}, "Calls.json?Page=1",
    f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?Page=1", "https://[bad", f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json/../../x",
]  # fmt: skip


@pytest.mark.parametrize("uri", ELSEWHERE, ids=str)
def test_a_list_goes_on_nowhere_else(carrier: Carrier, uri: Any) -> None:
    error = refusal(carrier.says(page("calls", A_CALL, next_page_uri=uri)), ASKED["inbound_calls"][0])
    assert ([c.sid for c in error.found], len(carrier.asked)) == ([CALL], 1)


def test_a_list_goes_on_in_pages_and_ends(carrier: Carrier) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    carrier.says(page("calls", A_CALL, next_page_uri=f"{path}?Page=1&To=%2B1"))
    carrier.says(page("calls", A_CALL, next_page_uri=f"https://api.twilio.com{path}?Page=2")).says(page("calls"))
    assert len(carrier.gateway.inbound_calls(SINCE)) == 2
    assert carrier.asked[1:] == [f"GET {path}?Page=1&To=%2B1", f"GET {path}?Page=2"]


def test_a_list_without_an_end_is_given_up(carrier: Carrier) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    error = refusal(carrier.says(page("calls", A_CALL, next_page_uri=f"{path}?Page=1")), ASKED["inbound_calls"][0])
    assert "no end" in error.why and len(carrier.asked) == 2 and len(error.found) == 2


def test_a_later_page_that_fails_leaves_what_came_before(carrier: Carrier) -> None:
    uri = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json?Page=1"
    error = refusal(carrier.says(page("calls", A_CALL, next_page_uri=uri)).says(HTML, 503), ASKED["inbound_calls"][0])
    assert ([c.sid for c in error.found], kind(error)) == ([CALL], "ambiguous")


def test_what_a_list_was_not_asked_for_is_not_taken(carrier: Carrier) -> None:
    """A list that knows no filter: another phone's call is never taken for the page, another call's audio for the message."""
    gateway = carrier.says(page("calls", OUR_CALL | {"to": "+15145550112", "parent_call_sid": "CA" + "8" * 32})).gateway
    assert (gateway.calls_to(TECH, SINCE), gateway.legs_of(CALL), gateway.inbound_calls(SINCE)) == ([], [], [])
    carrier.told.clear()
    assert carrier.says(page("messages", A_TEXT | {"to": "+15145550112"})).gateway.messages_to(TECH, SINCE) == []
    carrier.told.clear()
    other = {"sid": RECORDING, "status": "completed", "call_sid": "CA" + "8" * 32}
    assert carrier.says(page("recordings", other)).gateway.recordings_of(CALL) == []
    carrier.told.clear()
    assert carrier.says(page("incoming_phone_numbers", A_NUMBER | {"phone_number": TECH})).gateway.own_number() is None


ACCOUNTS = [
    {"sid": ACCOUNT, "status": "ok"},
    {"sid": ACCOUNT},
    {"status": "active"},
    {"sid": "AC" + "0" * 32, "status": "active"},
]


@pytest.mark.parametrize("body", ACCOUNTS, ids=str)
def test_another_account_or_state_is_none(carrier: Carrier, body: Any) -> None:
    assert kind(refusal(carrier.says(body), ASKED["account"][0])) == "ambiguous"


@pytest.mark.parametrize("date", ["", "soon", "Tue, 24 Nov 2026 07:00:36 -0000", "Tue, 24 Nov 2026 07:00:36 +9999"])
def test_the_carriers_clock_is_a_time_or_unknown(carrier: Carrier, date: str) -> None:
    _, at = carrier.says({"sid": ACCOUNT, "status": "active"}, Date=date).gateway.account()
    assert at is None or at.tzinfo is not None


DENIED = json.dumps({"code": 20003, "message": "Authenticate", "status": 401})


def test_what_one_token_is_refused_is_asked_with_the_other(carrier: Carrier) -> None:
    """The rotation was finished at the carrier: the first token is worthless, the second is taken."""
    assert carrier.says(DENIED, 401).says(A_TEXT, 201).gateway.send_text(TECH, "x", "https://a.example", 60) == TEXT
    assert len(carrier.asked) == 2
    carrier.told.clear()
    carrier.says(DENIED, 401).says({"sid": ACCOUNT, "status": "active"})
    assert carrier.gateway.tokens_taken() == (False, True)
    carrier.told.clear()
    assert carrier.says(DENIED, 401).says({"sid": ACCOUNT, "status": "active"}).gateway.account()[0] == "active"
    carrier.told.clear()
    assert carrier.says(DENIED, 401).gateway.tokens_taken() == (False, False)
    assert kind(refusal(carrier, ASKED["account"][0])) == "refused"


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, "later"), (403, "later"), (404, "later"), (302, "later"), (410, "refused"), (500, "later")],
)
def test_audio_that_we_may_not_have_today_is_not_gone(carrier: Carrier, status: int, expected: str) -> None:
    """A token that is refused tonight would have every message of the night called lost."""
    assert kind(refusal(carrier.says("", status), lambda g: g.fetch_audio(RECORDING, 1000))) == expected


VALUES = st.sampled_from(
    [None, True, -1, 10**30, 1.5, "", "x", "\ud800", CALL, DATE, "0001-01-01T00:00:00+23:59", [], ["x"], {}, {"sid": 5}]
)
NAMES = st.sampled_from([*A_CALL, "body", "voice_url", "call_sid", "code", "calls", "next_page_uri"])


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.booleans())
def test_no_answer_raises_anything_else(change: dict[str, Any], whole: bool) -> None:
    body = (A_CALL if whole else {}) | change
    for read in (answers.call, answers.message, answers.recording, answers.number, lambda b: answers.account(b, ACCOUNT),
                 lambda b: answers.next_page(b, "/x"), lambda b: answers.items(b, "calls")):  # fmt: skip
        try:
            read(body)
        except BrokenAnswer:
            continue
    answers.error_code(json.dumps(body))
