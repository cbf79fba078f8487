"""Rosters of simulated nights: complete, with a gap, with phones that take only texts or only calls."""

from dataclasses import replace
from datetime import datetime
from functools import cache

from callbacks.oncall.roster import Every, Roster, Rotation, Supervisor, Technician
from callbacks.simulation.chance import Chance

ZONE = "America/Toronto"
PEOPLE: tuple[Technician, ...] = (
    Technician("ana", "Ana Roy", "+15145550111", language="fr"),
    Technician("bob", "Bob Chen", "+15145550112"),
    Technician("cleo", "Cleo Martin", "+15145550113"),
)
SUPERVISORS: tuple[Supervisor, ...] = (
    Supervisor("sue", "Sue Tremblay", "+15145550199"),
    Supervisor("tom", "Tom Lee", "+15145550198", language="fr"),
)


def drawn(chance: Chance) -> Roster:
    """One of a few, mostly the whole one."""
    return made(
        chance.weighted(
            ((14, "whole"), (2, "gap"), (1, "texts only"), (1, "calls only"), (1, "one supervisor"), (1, "nobody"))
        )
    )


@cache
def made(kind: str) -> Roster:
    people, supervisors = PEOPLE, SUPERVISORS
    if kind == "texts only":
        people = tuple(replace(p, voice=False) for p in people)
    if kind == "calls only":
        people = tuple(replace(p, sms=False) for p in people)
    if kind == "one supervisor":
        supervisors = supervisors[:1]
    if kind == "nobody":
        return Roster(ZONE, people, supervisors, ())
    starts = datetime(2040, 1, 1) if kind == "gap" else datetime(2026, 1, 5, 9)
    turns = (
        Rotation("primary", ("ana", "bob", "cleo"), Every(1, "w"), "calendar", starts, ZONE),
        Rotation("backup", ("bob", "cleo", "ana"), Every(1, "w"), "calendar", datetime(2026, 1, 5, 9), ZONE),
    )
    return Roster(ZONE, people, supervisors, turns)
