"""`callbacks simulate`: the same seed is the same answer, people can be learnt, and errors say what would be right."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app import demo
from app.cli.main import cli
from callbacks.emergency import events as ev
from callbacks.emergency.model import Via
from callbacks.lib.sentence import Language
from callbacks.oncall.roster import Role, read_roster
from callbacks.policy.model import PUBLISHED, Channel
from callbacks.simulation.campaign import at_most, median, unseen_mass, wilson
from callbacks.simulation.people import Habits
from callbacks.simulation.rehearsal import changes_to, habits_of, rehearse
from tests.clock import NIGHT

SAMPLE = str(demo.SAMPLE_ROSTER)
ROSTER = read_roster(demo.SAMPLE_ROSTER.read_text())


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs a command in an empty folder, without settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLBACKS_DATABASE_URL", f"sqlite:///{tmp_path / 'x.db'}")

    def call(*words: str) -> Result:
        return CliRunner().invoke(cli, list(words))

    return call


def test_the_same_seed_gives_the_same_bytes_and_needs_no_database(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    words = ("simulate", "--nights", "12", "--roster", SAMPLE, "--json", "--picture")
    first, second, other = run(*words, "a.svg"), run(*words, "b.svg"), run(*words, "c.svg", "--seed", "7")
    assert (first.exit_code, second.exit_code, other.exit_code) == (0, 0, 0)
    assert first.stdout == second.stdout != other.stdout
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    found = json.loads(first.stdout)
    assert found["met"] + found["missed"] == found["n"] <= found["nights"] == 12
    assert found["low"] <= found["share"] <= found["high"]
    assert found["broken"] == 0
    assert found["assumed"][1].endswith("ana, bob, cleo, sue")
    assert "voice-at-once" in {change["change"] for change in found["changes"]}
    assert not (tmp_path / "x.db").exists()
    told = run("simulate", "--nights", "12", "--roster", SAMPLE)
    assert f"{found['met']} met, {found['missed']} missed" in told.output
    assert "would help" in told.output


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--nights", "0", "--roster", SAMPLE], 2, "use 1 to"),
        (["--seed", "-1", "--roster", SAMPLE], 2, "use 0 or more"),
        (["--roster", "nowhere.toml"], 2, "name a roster file"),
        (["--policy", "nowhere.toml"], 2, "name a policy file"),
        (["--nights", "1"], 1, "callbacks roster load"),
        (["--nights", "1", "--roster", SAMPLE, "--picture", "no/such/p.svg"], 2, "a folder that exists"),
    ],
)
def test_wrong_usage_says_what_would_be_right(run, words: list[str], code: int, says: str) -> None:  # type: ignore[no-untyped-def]
    answer = run("simulate", *words)
    assert answer.exit_code == code
    assert says in answer.output


def test_a_faulty_policy_or_roster_leaves_with_1_and_a_doubtful_one_is_told(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    broken, doubtful = tmp_path / "broken.toml", tmp_path / "doubtful.toml"
    broken.write_text("[promise")
    doubtful.write_text('[promise]\ncallback_within = "12m"\n')
    assert run("simulate", "--policy", str(broken), "--roster", SAMPLE).exit_code == 1
    assert run("simulate", "--roster", str(broken)).exit_code == 1
    answer = run("simulate", "--nights", "2", "--policy", str(doubtful), "--roster", SAMPLE, "--json")
    assert json.loads(answer.stdout)["faults"]


def test_people_are_learnt_from_the_database(run) -> None:  # type: ignore[no-untyped-def]
    assert run("migrate").exit_code == 0
    assert run("roster", "load", SAMPLE).exit_code == 0
    answer = run("simulate", "--nights", "2", "--learn", "--json")
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["learnt"] == {}


def test_what_somebody_elses_quickness_hides_is_not_held_against_the_slower() -> None:
    def page(person: str) -> ev.Event:
        return ev.PageRequested(
            at=NIGHT, page=f"0.0.{person}.sms", person=person, role=Role.TECHNICIAN, channel=Channel.SMS, round=0, step=0,
            language=Language.EN,
        )  # fmt: skip

    def takes(person: str, after: int) -> ev.Event:
        return ev.Acknowledged(at=NIGHT + timedelta(seconds=after), by=person, role=Role.TECHNICIAN, via=Via.SMS)

    stories = [
        [page("ana"), page("bob"), takes("ana", 40)],
        [page("ana"), page("bob")],
        [page("bob"), takes("bob", 90)],
    ]
    assert habits_of(stories) == {"ana": Habits((40,), 2), "bob": Habits((90,), 2)}


def test_people_who_always_answer_keep_the_promise_better_than_people_who_never_do() -> None:
    quick = {p.name: Habits((20,), 1) for p in ROSTER.people}
    deaf = {p.name: Habits((), 9) for p in ROSTER.people}
    well = rehearse(PUBLISHED, ROSTER, 30, habits=quick, with_changes=False).now
    badly = rehearse(PUBLISHED, ROSTER, 30, habits=deaf, with_changes=False).now
    assert well.share > 0.8 > badly.share


def test_every_change_changes_something_and_can_keep_its_promise() -> None:
    found = list(changes_to(PUBLISHED, ROSTER))
    assert len({change.name for change in found}) == len(found) >= 6
    assert all((change.policy, change.roster) != (PUBLISHED, ROSTER) for change in found)


def test_figures_say_how_little_they_know() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert at_most(3000) == 0.001
    assert median([5, 1, 9, 3]) == 3
    assert unseen_mass(Counter({"a": 1, "b": 3})) == 0.25
