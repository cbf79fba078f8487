"""What lies in deploy/: rules and panels name metrics that there are; units and containers say what they should."""

import configparser
import json
import re
from pathlib import Path

import pytest
import yaml

from tests.conftest import fresh_database
from tests.night import Night, seconds

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = re.compile(r"\bcallbacks_[a-z_]+")
ALERTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
PANELS = json.loads((DEPLOY / "grafana" / "callbacks.json").read_text("utf-8"))["panels"]


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("scrape")
    night = Night(fresh_database("sqlite", folder), folder)
    ana, _ = night.on_call("ana", "bob")
    night.engine.beat()
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("4")
    night.other_customer.calls().leaves_message()
    night.passes(seconds(60 * 31))
    assert night.web.post("/twilio/sms", data={"Body": "forged"}).status_code == 403
    text = night.metrics()
    night.close()
    return text


def names(text: str) -> set[str]:
    return set(NAME.findall(text))


def test_every_metric_of_a_rule_or_panel_is_there(scraped: str) -> None:
    there = {line.split("{")[0].split(" ")[0] for line in scraped.splitlines() if line and not line.startswith("#")}
    asked = names(" ".join(rule["expr"] for rule in ALERTS))
    asked |= names(" ".join(target["expr"] for panel in PANELS for target in panel["targets"]))
    assert len(asked) >= 10
    assert asked <= there, asked - there


def test_the_night_is_in_the_figures(scraped: str) -> None:
    told = dict(
        line.rsplit(" ", 1) for line in scraped.splitlines() if line.startswith("callbacks_") and "bucket" not in line
    )
    assert told["callbacks_unacknowledged_emergencies"] == "1.0"
    assert told["callbacks_at_risk_emergencies"] == "1.0"
    assert float(told['callbacks_sends_total{kind="page",result="sent"}']) >= 2
    assert float(told['callbacks_webhook_seconds_count{webhook="voice"}']) >= 4
    assert told["callbacks_up"] == "1.0"


def test_every_alarm_says_what_it_means_and_has_its_answer() -> None:
    answers = (DEPLOY.parent / "docs" / "operations.md").read_text("utf-8")
    for rule in ALERTS:
        assert rule["annotations"].keys() == {"summary"} and rule["labels"]["severity"] in ("page", "notice")
        assert f"`{rule['alert']}`" in answers, rule["alert"]


def test_the_unit_is_hardened_and_restarts() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(DEPLOY / "callbacks.service")
    service = unit["Service"]
    assert (
        service["Restart"] == "always" and service["NoNewPrivileges"] == "yes" and service["ProtectSystem"] == "strict"
    )
    assert int(service["TimeoutStopSec"]) >= 15
    assert service["ExecStart"].endswith("callbacks serve --host 127.0.0.1 --port 8000")


def test_the_containers_are_two_nodes_a_database_and_a_proxy() -> None:
    parts = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    assert {"node-a", "node-b", "database", "proxy", "migrate"} <= parts.keys()
    for node in ("node-a", "node-b"):
        assert (
            parts[node]["restart"] == "always"
            and parts[node]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        )
        assert "healthcheck" in parts[node] and "secrets" in parts[node]
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    assert "--require-hashes" in text and "USER callbacks" in text and "HEALTHCHECK" in text
    assert not re.search(r"password\s*[:=]\s*['\"]?\w+", text, re.IGNORECASE)
