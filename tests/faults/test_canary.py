"""I33: a whole night of a real process, and then a look through everything that it said to anybody but those concerned."""

import json
import re
from pathlib import Path

from app import demo
from app.settings import SANDBOX_TOKEN
from tests import http
from tests.faults.desk import Desk, code_in, eventually

WORDS = "canary-of-the-relay"


def text(desk: Desk, number: str, body: str) -> None:
    desk.carrier.post("/sandbox/api/messages", json={"from": number, "body": body}).raise_for_status()


def test_a_whole_night_leaves_no_private_word_in_logs_metrics_and_addresses(desk: Desk, tmp_path: Path) -> None:
    """I33: numbers, names, words, tokens, link secrets and passwords, in the log, the metrics, error pages and problems."""
    log = tmp_path / "log"
    token = desk.command("token", "new", "--role", "supervisor").split()[0]
    password = desk.command("user", "add", "sue@example.com", "--role", "supervisor").split()[-1]
    desk.start(log)
    said = [str(http.get(f"{desk.product_url}/nowhere/{WORDS}", headers={"Accept": "text/html"}).headers)]
    desk.knobs(rest={"error_after_accept": True})
    desk.leave_message()
    page = eventually(desk.paged)[0]
    desk.knobs(rest={"error_after_accept": False}, sms={"fate": "undelivered"})
    link = re.search(r"/t/(\S+)", page.body)
    assert link
    secret = link.group(1)
    web = http.Client(base_url=desk.product_url, headers={"Authorization": f"Bearer {token}"})
    said.append(http.get(f"{desk.product_url}/t/{secret}x").text)
    assert http.get(f"{desk.product_url}/t/{secret}").status_code == 200
    text(desk, page.to_number, f"note {WORDS}")
    text(desk, page.to_number, "9 nonsense")
    text(desk, "+15145550142", f"{WORDS} \x00")
    http.post(f"{desk.product_url}/twilio/sms", data={"From": "+15145550142", "Body": WORDS})
    http.post(f"{desk.product_url}/login", data={"email": "sue@example.com", "password": password + "x"})
    said.append(web.post("/api/v1/emergencies/E-000001/note", json={"wrong": WORDS}).text.replace(WORDS, ""))
    said.append(web.get("/api/v1/emergencies/E-999999").text)
    eventually(lambda: WORDS in desk.command("show", "E-000001"))
    text(desk, page.to_number, f"4 {code_in(page.body)}")
    text(desk, page.to_number, f"6 {code_in(page.body)} {WORDS}")
    eventually(lambda: web.get("/api/v1/emergencies/E-000001").json()["state"] == "resolved")
    said.append(web.get("/metrics").text)
    assert desk.node is not None
    desk.node.terminate()
    desk.node.wait(20)
    lines = log.read_text("utf-8", "replace")
    assert '"level"' in lines, "there was no log to look through"
    told = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    opened = [line for line in told if "EmergencyOpened" in line.get("facts", ())]
    assert [(line["ref"], line["call"][:2]) for line in opened] == [("E-000001", "CA")]
    roster = demo.SAMPLE_ROSTER.read_text("utf-8")
    names = re.findall(r'full_name = "([^"]+)"', roster)
    numbers = [n.lstrip("+") for n in re.findall(r'phone = "([^"]+)"', roster)] + [c.number[1:] for c in demo.CUSTOMERS]
    private = [WORDS, secret, token, password, SANDBOX_TOKEN, "sue@example.com", *names, *numbers]
    assert len(private) > 10
    for words in private:
        assert words not in lines, f"in the log: {words}"
        for answer in said:
            assert words not in answer, f"in an answer: {words}"
