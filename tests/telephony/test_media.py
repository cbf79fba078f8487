"""What came with a text, fetched: the one hop to the carrier's own store, without our credentials, and no other."""

import httpx
import pytest

from callbacks.telephony.gateway import TOO_LARGE, CarrierError
from callbacks.telephony.twilio import TwilioGateway
from tests import http

ACCOUNT, MESSAGE, MEDIA = "AC" + "1" * 32, "MM" + "2" * 32, "ME" + "3" * 32
AT_CARRIER = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{MESSAGE}/Media/{MEDIA}"
STORE = "mms.twiliocdn.com"
PICTURE = b"\xff\xd8\xff picture"


class Wire:
    """The way out: the API sends on to `location`; every other host answers with `there`."""

    def __init__(self, location: str, there: httpx.Response | None = None) -> None:
        self.asked: list[httpx.Request] = []
        self.location, self.there = location, there or httpx.Response(200, content=PICTURE)
        self.gateway = TwilioGateway(ACCOUNT, ACCOUNT, "a" * 32, "+14385550100")
        self.gateway._http._client = http.Client(
            transport=httpx.MockTransport(self._answer), follow_redirects=False
        )  # fmt: skip

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.host == "api.twilio.com":
            return httpx.Response(307, headers={"Location": self.location})
        return self.there

    def fetched(self) -> bytes:
        return self.gateway.fetch_media(MESSAGE, MEDIA, 1000)

    @property
    def urls(self) -> list[str]:
        return [str(request.url) for request in self.asked]


def test_the_hop_to_the_carriers_store_is_made_without_credentials() -> None:
    wire = Wire(f"https://{STORE}/AC/picture?Signature=abc")
    assert wire.fetched() == PICTURE
    assert wire.urls == [f"https://api.twilio.com{AT_CARRIER}", f"https://{STORE}/AC/picture?Signature=abc"]
    first, second = wire.asked
    assert "authorization" in first.headers and "authorization" not in second.headers


@pytest.mark.parametrize(
    "location",
    [f"http://{STORE}/p", f"https://{STORE}:22/p", f"https://user:word@{STORE}/p", f"//{STORE}/p", f"HTTPS://{STORE.upper()}/p",
     f"https://evil.example\\@{STORE}/p"],
)  # fmt: skip
def test_the_store_is_asked_by_https_on_its_usual_port(location: str) -> None:
    wire = Wire(location)
    assert wire.fetched() == PICTURE
    assert wire.urls[1:] == [f"https://{STORE}/p"]
    assert "authorization" not in wire.asked[1].headers


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/latest/meta-data", "http://127.0.0.1:8000/", "https://evil.example/p", "file:///etc/passwd",
     f"https://{STORE}.evil.example/p", f"https://{STORE}@evil.example/p", "/p", "", "https://[::1]/p"],
)  # fmt: skip
def test_no_other_address_is_followed(location: str) -> None:
    wire = Wire(location)
    with pytest.raises(CarrierError) as failed:
        wire.fetched()
    assert not failed.value.refused, "it is asked for again later"
    assert {request.url.host for request in wire.asked} == {"api.twilio.com"}


def test_the_store_leads_no_further_and_bounds_hold_there_too() -> None:
    wire = Wire(f"https://{STORE}/p", httpx.Response(302, headers={"Location": f"https://{STORE}/again"}))
    with pytest.raises(CarrierError, match="302"):
        wire.fetched()
    assert len(wire.asked) == 2
    with pytest.raises(CarrierError) as failed:
        Wire(f"https://{STORE}/p", httpx.Response(200, content=b"x" * 1001)).fetched()
    assert failed.value.code == TOO_LARGE
    with pytest.raises(CarrierError) as failed:
        Wire(f"https://{STORE}/p", httpx.Response(410)).fetched()
    assert failed.value.refused, "it is gone"
