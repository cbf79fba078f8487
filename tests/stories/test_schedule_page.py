"""The schedule: calendars with their gaps, changes of turns seen before they are saved, handoffs confirmed, readiness."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from app.main import create_app
from app.server import Server, listen_on
from callbacks.engine.jobs import handoff_notices
from callbacks.oncall.roster import Override
from callbacks.store.sql import audits
from tests import http
from tests.night import PEOPLE, Night, minutes, seconds
from tests.pages.reading import words_of
from tests.stories.test_turns import WEEKLY

SHIFT = {"rotation": "primary", "technician": "cleo", "from": "2026-11-24T18:00", "to": "2026-11-25T07:30"}
NOW = {"rotation": "primary", "technician": "cleo", "from": "2026-11-23T18:00", "to": "2026-11-24T07:30"}
NIGHTS = '[[rotation.active]]\nfrom = "18:00"\nto = "07:30"\n'
GAP = '[[override]]\nrotation = "primary"\ntechnician = ""\nfrom = "{}"\nto = "{}"\n'


def page(night: Night, query: str = "", web: httpx.Client | None = None) -> str:
    answer = (web or night.web).get(f"/schedule{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def read(night: Night, query: str = "") -> str:
    """What a person reads, times included."""
    return " ".join(words_of(re.sub(r"</?(bdi|time)\b[^>]*>", "", page(night, query))))


def ask(night: Night, kind: str = "override", **form: str) -> httpx.Response:
    return night.web.post(
        f"/schedule/{kind}", data={**(SHIFT if kind == "override" else {}), "reason": "Ana is ill", **form}
    )


def seen(answer: httpx.Response) -> str:
    found = re.search(r'name="seen" value="(\w+)"', answer.text)
    assert found, " ".join(words_of(answer.text))[:600]
    return found[1]


def save(night: Night, kind: str = "override", **form: str) -> httpx.Response:
    """Looks, and saves what was seen."""
    return ask(night, kind, **form, save="1", seen=seen(ask(night, kind, **form)))


def overrides(night: Night) -> list[Override]:
    with night.database.read() as session:
        return list(session.people.current_roster().overrides)


def deeds(night: Night) -> list[tuple[str, str, str]]:
    with night.database.read() as session:
        return [(a.who, a.action, a.about) for a in audits.latest(session, action="override")]


def test_calendars_tell_who_and_where_nobody_is(night: Night) -> None:
    assert "No roster is loaded yet" in page(night)
    night.on_call("ana", "bob")
    month = page(night, "?view=month&at=2026-11&rotation=primary")
    assert month.count("<bdi>Ana Roy</bdi>") > 30
    assert "November 2026" in month and 'aria-current="date"' in month
    assert "at=2026-10&" in month and "at=2026-12&" in month
    assert "backup</bdi></a></h3>" not in month
    night.on_call("ana", extra=NIGHTS)
    week = read(night, "?view=week&at=2026-11-24")
    assert "00:00–07:30 Ana Roy 07:30–18:00 ○ desk 18:00–24:00 Ana Roy" in week, "the desk has it in support hours"
    assert "00:00–07:30 Ana Roy 07:30–18:00 ▲ nobody 18:00–24:00" in week, "not on Saturday"
    assert "Support: 07:30–18:00" in week and "Support: closed" in week
    assert "Gaps in the next 7 days" in week
    for query, status in (
        ("?view=year", 422),
        ("?at=2026-13", 422),
        ("?at=1999-12", 422),
        ("?at=9999-12-31", 422),
        ("?at=x", 422),
        ("?rotation=x", 422),
        ("?at=2000-01-01&view=week", 200),
        ("?at=2099-12", 200),
    ):
        assert night.web.get(f"/schedule{query}").status_code == status, query
    moved = night.web.get("/oncall")
    assert (moved.status_code, moved.headers["location"]) == (308, "/schedule")
    night.nobody_else_was_contacted()


def test_days_on_which_the_clocks_change_are_told_right(night: Night) -> None:
    night.on_call("ana", extra=GAP.format("2026-11-01T01:30", "2026-11-01T03:00"))
    autumn = read(night, "?view=week&at=2026-11-01")
    assert (
        "clocks go back Support: closed 00:00–01:30 EDT Ana Roy 01:30 EDT–03:00 ▲ nobody override ↺ override 03:00–24:00"
        in autumn
    )
    night.on_call("ana", extra=GAP.format("2027-03-14T02:30", "2027-03-14T04:00"))
    spring = read(night, "?view=week&at=2027-03-14")
    assert (
        "clocks go forward Support: closed 00:00–03:00 Ana Roy 03:00–04:00 ▲ nobody override ↺ override 04:00–24:00"
        in spring
    )
    refused = ask(night, **{"from": "2027-03-14T02:10", "to": "2027-03-14T02:50"})
    assert refused.status_code == 422 and "do not exist on that day" in refused.text
    night.nobody_else_was_contacted()


def test_an_override_is_seen_before_it_is_saved(night: Night) -> None:
    night.on_call("ana", "bob")
    shown = ask(night)
    assert shown.status_code == 200
    told = " ".join(words_of(re.sub(r"</?(bdi|time)\b[^>]*>", "", shown.text)))
    assert "Now Tue 2026-11-24 18:00 – Wed 2026-11-25 07:30: Ana Roy" in told
    assert "Then Tue 2026-11-24 18:00 – Wed 2026-11-25 07:30: Cleo Martin" in told
    assert "Nobody is told now" in told
    before = night.roster_text
    assert overrides(night) == []
    assert ask(night, save="1", seen="x").status_code == 422, "it was not seen"
    opened = ask(night, technician="").text
    assert opened.count("Opens a gap:") == 1, "support hours are no gap"
    assert "Nothing: the same people" in ask(night, technician="ana").text
    hostile = 'ill"\n[[technician]]\nname = "eve" # \u202e\x00'
    assert save(night, reason=hostile).headers["location"] == "/schedule?done=saved"
    assert night.roster_text.startswith(before.rstrip())
    assert deeds(night) == [("sandbox", "override.added", "primary 2026-11-24T18:00 2026-11-25T07:30")]
    assert [o.technician for o in overrides(night)] == ["cleo"]
    assert "18:00–24:00 Cleo Martin override ↺ override" in read(night, "?view=week&at=2026-11-24&rotation=primary")
    filled = page(night, "?rotation=backup&from=2026-11-26T08:00&to=2026-11-26T09:00")
    assert "<option selected>backup</option>" in filled and 'value="2026-11-26T08:00"' in filled
    night.nobody_else_was_contacted()


def test_wrong_wishes_are_told_and_what_was_typed_stays(night: Night) -> None:
    night.on_call("ana", "bob")
    for change, why in (
        ({"reason": " "}, "Give a reason"), ({"reason": "x" * 201}, "at most 200"), ({"rotation": "x"}, "Choose a rotation"),
        ({"technician": "eve"}, "Choose a technician"), ({"to": SHIFT["from"]}, "come after"), ({"to": "2027-11-24T18:00"}, "three months"),
        ({"from": "soon"}, "such as 2026-11-24T18:00"), ({"from": "2026-11-24T18:00Z"}, "such as 2026-11-24T18:00"), ({"from": "0001-01-01T00:00"}, "such as 2026-11-24T18:00"),
        ({"from": "2026-11-20 18:00", "to": "2026-11-21 07:30"}, "already over"), ({"from": "\x00" * 9000}, "such as 2026-11-24T18:00"),
    ):  # fmt: skip
        answer = ask(night, **change)
        assert answer.status_code == 422 and why in answer.text and "\x00" not in answer.text, change
    assert 'value="Ana is ill"' in ask(night, rotation="x").text
    assert "is no" not in ask(night, **{"from": "2026-11-24 18:00", "to": "2026-11-25 07:30"}).text
    assert ask(night, "swap", first="x", second="y").status_code == 422
    assert ask(night, "removal", override="x").status_code == 422
    assert night.web.post("/schedule/nothing", data={}).status_code == 404
    assert night.web.get("/schedule/override").headers["location"] == "/schedule", "a form's address, opened again"
    assert overrides(night) == [] and deeds(night) == []
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_two_who_save_at_once_lose_nothing(night: Night) -> None:
    night.on_call("ana", "bob")
    first, second = {"reason": "Ana is ill"}, {"technician": "bob", "reason": "Ana is away"}
    forms = [{**f, "save": "1", "seen": seen(ask(night, **f))} for f in (first, second)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda form: ask(night, **form), forms))
    assert sorted(a.status_code for a in answers) == [303, 422]
    assert len(overrides(night)) == 1
    again = next(a for a in answers if a.status_code == 422)
    assert "changed in the meantime" in again.text and seen(again), "the effect is shown anew"
    night.nobody_else_was_contacted()


def test_whoever_is_on_call_now_because_of_it_is_told_once(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    cleo = night.people["cleo"]
    just_now = {**NOW, "from": "2026-11-24T01:58"}
    shown = ask(night, **just_now).text
    assert "<bdi>Ana Roy</bdi> is told at once" in shown and "<bdi>Cleo Martin</bdi> is told at once" in shown
    assert save(night, **just_now).status_code == 303
    cleo.gets_sms("You are on call for primary until Tue 07:30")
    ana.gets_sms("Cleo Martin has taken over primary")
    night.passes(seconds(30))
    handoff_notices.check_handoffs(night.context)
    night.nobody_else_was_contacted()
    assert night.get("/api/v1/oncall")["on_call"] == {"backup": "bob", "primary": "cleo"}
    assert "▲ not yet" in read(night)
    cleo.replies("ready").gets_sms("Confirmed: you are on call for primary")
    assert "not yet" not in page(night)
    assert save(night, **{**NOW, "technician": ""}).status_code == 303
    cleo.gets_sms("You are off call for primary; nobody is on call for it now")
    night.passes(minutes(20))
    handoff_notices.check_handoffs(night.context)
    night.sue.gets_sms("Nobody is on call for primary")
    assert bob.last_text == "", "backup is bob's all the time"
    night.nobody_else_was_contacted()


def test_a_loaded_roster_tells_them_too_and_the_first_one_nobody(night: Night) -> None:
    always = '[[rotation]]\nname = "primary"\nmembers = ["{}"]\nevery = "1d"\nstarts = "2026-01-05T09:00"\n'
    crew = WEEKLY.split("[[rotation]]")[0]
    night.load(crew + always.format("ana"))
    night.nobody_else_was_contacted()
    night.load(crew + always.format("bob"))
    night.people["bob"].gets_sms("You are on call for primary until")
    night.people["ana"].gets_sms("Bob Chen has taken over primary")
    night.load((crew + always.format("robert")).replace('name = "bob"', 'name = "robert"'))
    night.nobody_else_was_contacted()
    night.load(crew.replace('name = "bob"', 'name = "eve"').replace("0112", "0113") + always.format("eve"))
    night.people["cleo"].gets_sms("You are on call for primary until")
    night.people["bob"].gets_sms("Bob Chen has taken over primary"), "who has left the roster hears of it too"
    night.nobody_else_was_contacted()


def test_two_people_swap_and_an_override_ahead_is_taken_out(night: Night) -> None:
    night.roster(WEEKLY)
    options = re.findall(r'<option value="(primary \w+ [^"]+)"', page(night))
    mine, other = next(o for o in options[3:] if " ana " in o), next(o for o in options[3:] if " bob " in o)
    assert ask(night, "swap", first=mine, second=mine).status_code == 422
    shown = ask(night, "swap", first=mine, second=other)
    assert "Nobody is told now" in shown.text
    assert save(night, "swap", first=mine, second=other).status_code == 303
    assert [(o.technician, (o.end - o.start).days) for o in overrides(night)] == [("bob", 1), ("ana", 1)]
    first = re.search(r'name="override" value="([^"]+)"', page(night))
    assert first and save(night, "removal", override=first[1], reason="not needed").status_code == 303
    assert [o.technician for o in overrides(night)] == ["ana"] or [o.technician for o in overrides(night)] == ["bob"]
    assert ask(night, "removal", override=first[1]).status_code == 422
    assert [action for _, action, _ in deeds(night)] == ["override.removed", "override.added", "override.added"]
    with night.database.read() as session:
        assert [(a.who, json.loads(a.details)["reason"]) for a in audits.latest(session, 1)] == [
            ("sandbox", "not needed")
        ]
    night.nobody_else_was_contacted()


def test_a_file_loaded_later_takes_nobodys_cover_away(night: Night) -> None:
    """Overrides of the page stay, and hold over the file's; those of the file before go with it."""
    christmas = (
        '[[override]]\nrotation = "primary"\ntechnician = "bob"\nfrom = "2026-12-24T18:00"\nto = "2026-12-27T08:00"\n'
    )
    night.on_call("ana", "bob")
    base = night.roster_text
    night.load(base + christmas)
    day = {"from": "2026-12-25T08:00", "to": "2026-12-25T20:00"}
    assert save(night, **day).status_code == save(night).status_code == 303
    loaded = night.load(base.replace("Cleo Martin", "Cléo Martin") + christmas)
    assert [o.technician for o in loaded.kept] == ["cleo", "cleo"] and not loaded.dropped
    assert [o.technician for o in overrides(night)] == ["bob", "cleo", "cleo"], "the page's hold"
    exported = night.roster_text
    assert night.load(exported).kept == (), "the file lists them itself"
    assert night.roster_text == exported
    assert [o.technician for o in night.load(exported.replace(christmas, "")).roster.overrides] == ["cleo", "cleo"]
    assert [o.technician for o in night.load(base).roster.overrides] == [], "they were the file's by then"
    assert save(night).status_code == 303
    gone = night.load(base.replace('name = "cleo"', 'name = "clea"'))
    assert [o.technician for o in gone.dropped] == ["cleo"] and overrides(night) == []
    assert deeds(night)[0] == ("test", "override.removed", "primary 2026-11-24T18:00 2026-11-25T07:30")
    night.nobody_else_was_contacted()


def test_handoffs_readiness_and_drills(night: Night) -> None:
    night.roster(WEEKLY.replace("2026-11-23T03:00", "2026-11-23T02:05"))
    night.passes(minutes(6))
    handoff_notices.check_handoffs(night.context)
    bob, ana = night.people["bob"], night.people["ana"]
    bob.gets_sms("primary")
    ana.gets_sms("primary").texts("STOP")
    assert "▲ not yet" in read(night)
    assert night.web.post("/schedule/confirmation", data={"person": "bob"}).status_code == 303
    assert "not yet" not in read(night)
    assert "▲ opted out" in read(night)
    assert night.web.post("/drill", data={"technician": "bob"}).status_code == 303
    bob.gets_sms("DRILL")
    night.passes(seconds(42))
    bob.replies("1").gets_sms("confirmed")
    assert "✓ 0:4" in read(night), "and how soon they answered"
    night.sue.gets_sms("Ana Roy has opted out of our texts")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_technicians_see_their_own_shifts_first_and_change_nothing(night: Night) -> None:
    night.roster(WEEKLY)
    listener = listen_on("127.0.0.1", 0)
    server = Server(create_app(night.settings, night.context, without_login=False), listener)
    server.start()
    cookies = {"callbacks_session": night.logged_in("technician", "bob")}
    with http.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", cookies=cookies) as web:
        shown = page(night, web=web)
        assert shown.index("Your shifts") < shown.index("Now and next")
        assert "<strong><bdi>Bob Chen</bdi></strong>" in shown and "Show the effect" not in shown
        assert shown.split('<li><a href="')[1].split("<bdi>")[1].startswith("Bob Chen"), "their own calendar first"
        for kind in ("override", "swap", "removal"):
            assert web.post(f"/schedule/{kind}", data=SHIFT).status_code == 403
        assert web.post("/schedule/confirmation", data={"person": "ana"}).status_code == 303
    server.stop()
    assert overrides(night) == []
    night.nobody_else_was_contacted()


def test_the_api_gives_shifts_of_a_span(night: Night) -> None:
    night.on_call("ana", "bob", extra=GAP.format("2026-11-24T18:00", "2026-11-24T19:00"))
    got = night.get("/api/v1/oncall?from=2026-11-24T07:00:00Z&to=2026-11-25T07:00:00Z")["shifts"]
    assert [s["technician"] for s in got] == ["ana", None, "ana", "bob"]
    assert got[1] == {
        "rotation": "primary",
        "technician": None,
        "from": "2026-11-24T23:00:00Z",
        "to": "2026-11-25T00:00:00Z",
        "override": True,
    }
    for query in ("from=2026-11-24T07:00:00Z", "from=2026-11-24T07:00:00Z&to=2026-11-24T07:00:00Z", "from=2026-01-01T00:00:00Z&to=2027-06-01T00:00:00Z",
                  "at=2026-11-24T07:00:00Z&from=2026-11-24T07:00:00Z&to=2026-11-25T07:00:00Z", "from=2026-11-24T07:00:00&to=2026-11-25T07:00:00Z"):  # fmt: skip
        answer = night.web.get(f"/api/v1/oncall?{query}", headers={"Authorization": f"Bearer {night.token('reader')}"})
        assert answer.status_code == 400, query
    assert set(PEOPLE) == {"ana", "bob", "cleo"}
    night.nobody_else_was_contacted()
