"""The auth token was rotated at the carrier while the node runs on: what it cannot check any more is told at once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from app.doctor import carrier as doctor
from callbacks.engine.jobs.audit import Auditor, violations, webhooks
from callbacks.engine.reconcile import reconcile, tokens
from callbacks.telephony.gateway import CarrierError
from tests.faults.desk import eventually
from tests.night import Night, minutes, seconds

NEW = "b" * 32
VOICE = """
[[escalation]]
after = "0m"
page = "primary"
by = ["voice"]
[[escalation]]
after = "4m"
page = "backup"
by = ["sms"]
"""


class Node:
    """A night with an API key, whose auditor looks as often as a running one."""

    def __init__(self, night: Night) -> None:
        network = night.network
        network.config = replace(network.config, api_key="SK" + "1" * 32, api_secret="s" * 32)
        self.night, self.pings, self.alarms = night, list[str](), list[str]()
        context = replace(night.context, alarm=self.alarms.append, heartbeat=lambda: self.pings.append("ping"))
        self.auditor = Auditor(context)

    def rotates(self) -> None:
        self.night.knobs(token=NEW)

    def works_for(self, quarters: int) -> list[list[str]]:
        """What each look of the auditor found, 15 s apart; a sweep every 30 s."""
        found = []
        for n in range(quarters):
            self.night.passes(seconds(15))
            self.night.engine.beat()
            if n % 2 == 0:
                reconcile.sweep(self.night.context)
                self.night.settle()
            found.append([v.slug for v in self.auditor.look()])
        return found


@pytest.fixture
def make_node(make_night: Callable[..., Night], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Node]]:
    monkeypatch.setenv("TWILIO_API_KEY", "SK" + "1" * 32)
    monkeypatch.setenv("TWILIO_API_SECRET", "s" * 32)
    yield lambda **options: Node(make_night(**options))


def test_a_token_that_the_carrier_does_not_take_stops_the_heart_and_is_told(make_node: Callable[..., Node]) -> None:
    node = make_node()
    night = node.night
    night.on_call("ana", "bob")
    assert node.works_for(2)[1] == [] and node.pings
    node.rotates()
    before = len(node.pings)
    found = node.works_for(70)
    assert {tuple(slugs) for slugs in found} == {("audit-token",)}
    assert len(node.pings) == before
    assert [words for words in node.alarms if "TWILIO_AUTH_TOKEN" in words] == node.alarms and len(node.alarms) == 2
    for _ in range(2):
        night.sue.gets_sms("ALARM", "TWILIO_AUTH_TOKEN", "board")
    assert night.web.get("/readyz").json()["audit"] == "audit-token"
    night.web.cookies.set("callbacks_session", night.logged_in("supervisor", "sue"))
    page = night.web.get("/")
    assert "Twilio rejects our auth token" in page.text
    assert [f.ok for f in doctor.tokens(night.context.gateway)] == [False]
    night.knobs(token="")
    assert node.works_for(1) == [[]] and night.web.get("/readyz").json()["audit"] == "ok"
    night.network.errors.clear()  # reports that we refused
    night.nobody_else_was_contacted()


def test_calls_that_only_the_sweep_finds_beside_refused_requests_are_told_within_two_minutes(
    make_node: Callable[..., Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token that is asked for is right: a proxy changes the address, or another account's number calls us."""
    node = make_node()
    night = node.night
    night.on_call("ana", "bob")
    node.rotates()
    monkeypatch.setattr(type(night.context.gateway), "account", lambda _: ("active", None))
    night.customer.calls()
    assert night.customer.call and night.customer.call.is_over and night.emergencies() == []
    found = node.works_for(8)
    assert ["audit-refused"] in found and not node.pings[1:]
    night.people["ana"].gets_sms("E-000001").replies("1")
    assert night.emergency()["state"] == "open", "the reply was refused"
    night.sue.gets_sms("ALARM", "replies", "board")
    assert "audit-refused" in night.web.get("/readyz").json()["audit"]
    night.web.cookies.set("callbacks_session", night.logged_in("supervisor", "sue"))
    page = night.web.get("/")
    assert "replies to pages are lost" in page.text
    assert any("CALLBACKS_PUBLIC_URL" in words for words in node.alarms)
    night.network.errors.clear()  # what was refused on purpose
    night.nobody_else_was_contacted()


def test_the_alarm_of_refused_requests_ends_with_the_first_that_is_taken(
    make_node: Callable[..., Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It went on for ten minutes after the token was right again; what doctor signs itself ends nothing."""
    node = make_node()
    night = node.night
    night.on_call("ana", "bob")
    node.rotates()
    monkeypatch.setattr(type(night.context.gateway), "account", lambda _: ("active", None))
    night.customer.calls()
    assert ["audit-refused"] in node.works_for(8)
    form = {"AccountSid": night.settings.account_sid}
    signature = RequestValidator(night.settings.webhook_tokens[0]).compute_signature(
        f"{night.address}/twilio/check", form
    )
    own = night.web.post("/twilio/check", data=form, headers={"X-Twilio-Signature": signature})
    assert (own.status_code, ["audit-refused"] in node.works_for(1)) == (200, True)
    night.knobs(token="")
    night.people["ana"].gets_sms("E-000001").replies("1").gets_sms("is yours")
    eventually(lambda: not violations_now(night))
    assert node.works_for(1) == [[]] and night.web.get("/readyz").json()["audit"] == "ok"
    node.rotates()
    night.other_customer.calls()
    assert ["audit-refused"] in node.works_for(8), "refused again, it is told again"
    night.sue.gets_sms("ALARM: we are refusing Twilio's requests")
    night.people["ana"].gets_sms("P1 E-000002")
    night.network.errors.clear()  # what was refused on purpose
    night.nobody_else_was_contacted()


def violations_now(night: Night) -> set[str]:
    with night.database.read() as session:
        return {v.slug for v in webhooks(session, night.clock.now())}


@pytest.mark.storage
def test_strangers_alone_raise_no_alarm(make_node: Callable[..., Node]) -> None:
    """Refused requests without a call that the sweep finds are a scanner's; a swept call without them is a lost webhook."""
    node = make_node()
    night = node.night
    night.on_call("ana", "bob")
    form = {"AccountSid": night.settings.account_sid, "CallSid": "CA" + "1" * 32}
    for _ in range(10):
        assert night.web.post("/twilio/voice", data=form, headers={"X-Twilio-Signature": "x"}).status_code == 403
    assert node.works_for(4)[1:] == [[], [], []]
    night.passes(minutes(11))
    night.knobs(webhooks_down=True)
    night.customer.calls()
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    assert [slugs for slugs in node.works_for(6)[1:] if slugs] == []
    night.people["ana"].gets_sms("E-000001")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_call_whose_document_we_refuse_fails_and_the_next_step_starts_now(make_node: Callable[..., Node]) -> None:
    """Nobody heard anything on it: the technician answered and got the carrier's error."""
    node = make_node(policy=VOICE)
    night = node.night
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    node.rotates()
    ana.is_rung().answers()
    bob.gets_sms("E-000001")
    failed = [e for e in ledger(night) if e["kind"] == "PageFailed"]
    assert [(e["facts"]["why"], e["facts"]["code"]) for e in failed] == [("failed", 11200)]
    night.network.errors.clear()
    night.nobody_else_was_contacted()


def test_a_call_whose_end_was_never_told_is_learnt_from_the_carrier(make_night: Callable[..., Night]) -> None:
    """Its document was given and its reports were lost: that it was not answered is known at the next sweep."""
    night = make_night(policy=VOICE)
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.is_rung()
    night.knobs(webhooks_down=True)
    ana.rejects()
    night.passes(seconds(61))
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    reconcile.sweep(night.context)
    bob.gets_sms("E-000001")
    assert [e["facts"]["why"] for e in ledger(night) if e["kind"] == "PageFailed"] == ["busy"]
    night.nobody_else_was_contacted()


def ledger(night: Night) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = night.get(f"/api/v1/emergencies/{night.emergency()['ref']}/ledger")["items"]
    return found


def test_the_start_says_which_setting_is_wrong_and_starts(make_node: Callable[..., Node]) -> None:
    node = make_node()
    assert tokens.look_at_start(node.night.context) is None
    node.rotates()
    assert "TWILIO_AUTH_TOKEN: the carrier refuses it" in (tokens.look_at_start(node.night.context) or "")
    node.night.knobs(token="", rest={"refuse": {"status": 503, "code": 20503}})
    assert tokens.look_at_start(node.night.context) is None, "a carrier that is away says nothing of a token"
    node.night.nobody_else_was_contacted()


def test_a_start_with_a_right_token_ends_the_alarm_of_the_process_before(make_node: Callable[..., Node]) -> None:
    """Else the remedy itself, set it right and restart, is answered with the same alarm for two more minutes."""
    node = make_node()
    node.rotates()
    assert "audit-token" in {v.slug for v in Auditor(node.night.context).look()}
    node.night.knobs(token="")
    assert tokens.look_at_start(node.night.context) is None
    with node.night.database.read() as session:
        assert "audit-token" not in {v.slug for v in violations(session, node.night.clock.now())}
    node.night.nobody_else_was_contacted()


@pytest.mark.parametrize(
    ("taken", "ok", "words"),
    [((True,), True, "accepted"), ((False,), False, "does not accept"), ((True, False), None, "until it is promoted"),
     ((False, True), None, "rotation is complete"), ((False, False), False, "does not accept"), ((True, True), True, "accepted")],
)  # fmt: skip
def test_doctor_tells_a_rotation_from_a_wrong_token(taken: tuple[bool, ...], ok: bool | None, words: str) -> None:
    class Gateway:
        def tokens_taken(self) -> tuple[bool, ...]:
            return taken

    [found] = doctor.tokens(Gateway())  # type: ignore[arg-type]
    assert found.ok is ok and words in found.what + found.why


def test_doctor_says_that_a_token_could_not_be_checked() -> None:
    class Gateway:
        def tokens_taken(self) -> tuple[bool, ...]:
            raise CarrierError("503", ambiguous=True)

    [found] = doctor.tokens(Gateway())  # type: ignore[arg-type]
    assert found.ok is None and "503" in found.what
