"""The month's figures once more, from the ledgers' JSON alone: written apart from the product, sharing no code with it.

Its own reading of the published rules, its own percentiles, its own daylight saving, its own interval.
"""

import json
import math
import sqlite3
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

Facts = list[dict[str, Any]]
MACHINES = ("machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax", "machine")


def instant(text: str) -> datetime:
    return datetime.strptime(text.replace("Z", "+0000"), "%Y-%m-%dT%H:%M:%S.%f%z")


def loose(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def toronto(at: datetime) -> datetime:
    """Eastern time by the rule in the law: from the second Sunday of March to the first of November, at 02:00."""

    def sunday(month: int, nth: int, hour: int) -> datetime:
        day = datetime(at.year, month, 1, tzinfo=UTC)
        day += timedelta(days=(6 - day.weekday()) % 7 + 7 * (nth - 1))
        return day + timedelta(hours=hour)

    summer = sunday(3, 2, 7) <= at < sunday(11, 1, 6)
    return (at - timedelta(hours=4 if summer else 5)).replace(tzinfo=None)


def read_ledgers(path: str) -> dict[int, Facts]:
    """Facts per emergency, private fields put in."""
    found: dict[int, Facts] = defaultdict(list)
    with sqlite3.connect(path) as db:
        hidden = {(e, s): json.loads(d) for e, s, d in db.execute("SELECT emergency_id, seq, data FROM private")}
        for e, s, body in db.execute("SELECT emergency_id, seq, body FROM ledger ORDER BY emergency_id, seq"):
            fact = json.loads(body)
            found[e].append({"kind": fact["kind"], "t": instant(fact["at"]), **fact["body"], **hidden.get((e, s), {})})
    return found


class Case:
    """One emergency, read straight from its facts."""

    def __init__(self, number: int, facts: Facts, now: datetime) -> None:
        self.number, self.facts, self.now = number, facts, now
        first = facts[0]
        self.terms, self.drill, self.priority = first["terms"], first["drill"], first["priority"]
        self.called = min(
            [loose(first["call_started_at"]), *(loose(f["call_started_at"]) for f in self.of("CallTimed"))]
        )
        self.customer = first["name"] or first["number"]
        ends = self.of("MessageLeft")
        self.message = ends[0]["t"] if ends else None
        self.start = self.message if self.message and self.terms["clock_starts"] == "message" else self.called
        self.within = {"P1": timedelta(minutes=30)}.get(self.priority)
        self.due = self.start + self.within if self.within else business(self.start, timedelta(hours=4))
        self.excluded = self.drill or bool(self.of("Excluded"))
        self.excluded |= self.terms["no_message"] == "record" and not ends and not self.of("MessageAdded")

    def of(self, *kinds: str) -> Facts:
        return [f for f in self.facts if f["kind"] in kinds]

    def denied(self, since: datetime, facts: Facts) -> bool | None:
        """The customer's last word about the contact declared at `since`."""
        declared = sorted(self.declared(facts))
        later = [t for t in declared if t > since]
        words = [f for f in facts if f["kind"] in ("ContactConfirmed", "ContactContested") and f["t"] >= since]
        words = [f for f in words if not later or f["t"] < later[0]]
        return words[-1]["kind"] == "ContactContested" if words else None

    def declared(self, facts: Facts) -> list[datetime]:
        said = {f["callback"]: f["result"] for f in facts if f["kind"] == "CallbackReported"}
        keyed = [f["t"] for f in facts if f["kind"] == "TechnicianAccepted" and said.get(f["callback"]) == "reached"]
        return keyed + [f["t"] for f in facts if f["kind"] == "ContactDeclared"]

    def tries(self, facts: Facts) -> list[tuple[datetime, str, str, datetime | None, datetime | None]]:
        """(at, by, evidence, tried, contact) of everything that may count, oldest first."""
        found = []
        for asked in (f for f in facts if f["kind"] == "CallbackRequested"):
            one = self._bridge(asked, [f for f in facts if f.get("callback") == asked["callback"]], facts)
            if one:
                found.append(one)
        for f in facts:
            if f["kind"] == "NoAnswerDeclared":
                found.append((f["t"], f["by"], "declared", f["t"], None))
            if f["kind"] == "ContactDeclared":
                no = self.denied(f["t"], facts)
                if no is not True:
                    found.append((f["t"], f["by"], "customer" if no is False else "declared", f["t"], f["t"]))
        return sorted(found, key=lambda x: x[0])

    def _bridge(self, asked: dict[str, Any], its: Facts, facts: Facts) -> Any:
        def first(kind: str) -> dict[str, Any] | None:
            return next((f for f in its if f["kind"] == kind), None)

        accepted, rang, joined = first("TechnicianAccepted"), first("CustomerRang"), first("CustomerAnswered")
        dial, leg = first("BridgeEnded"), first("CustomerLegEnded")
        if first("TechnicianMissed") or not accepted or not (rang or joined or dial or leg):
            return None
        end = dial or leg
        talk = (dial["talk_seconds"] if dial else leg["seconds"]) if end else 0  # type: ignore[index]
        bridged = bool(dial["bridged"] if dial else leg and leg["status"] == "completed" and leg["seconds"])
        key = ([f["result"] for f in its if f["kind"] == "CallbackReported"] or [None])[-1]
        machine = any(f["answered_by"] in MACHINES for f in its if f["kind"] == "CustomerJudged")
        spoke, evidence = False, "carrier"
        if bridged and key == "reached":
            spoke, evidence = True, "carrier" if talk >= 30 else "declared"
        elif bridged and key is None and not machine:
            spoke = talk >= 30
        if evidence == "declared":
            no = self.denied(accepted["t"], facts)
            if no is True:
                return None
            evidence = "customer" if no is False else "declared"
        never_rang = (
            not rang and not joined and end is not None and not bridged and end["status"] not in ("busy", "no-answer")
        )
        tried = (rang or joined or {}).get("t") or (None if never_rang else accepted["t"])
        contact = joined["t"] if joined else (end["t"] - timedelta(seconds=talk) if end else None)
        return accepted["t"], asked["by"], evidence, tried, contact if spoke else None

    def judge(self, facts: Facts, now: datetime) -> tuple[str, str, int | None]:
        """(outcome, evidence, seconds)."""
        if self.excluded:
            return "excluded", "none", None
        gone = next((n for n, f in enumerate(facts) if f["kind"] == "Withdrawn"), None)
        if gone is not None and self.judge(facts[:gone], facts[gone]["t"])[0] == "pending":
            return "withdrawn", "none", None
        tries = self.tries(facts)
        for evidence in ("carrier", "customer", "declared"):
            spoken = [c for _, _, e, _, c in tries if c and c <= self.due and e == evidence]
            if spoken:
                return "met", evidence, math.floor((min(spoken) - self.start).total_seconds())
        if now <= self.due or self.talking(facts, now):
            return "pending", "none", None
        for evidence in ("carrier", "customer", "declared"):
            if any(e == evidence and t and t <= self.due for _, _, e, t, _ in tries):
                return "void", evidence, None
        return "missed", "none", None

    def talking(self, facts: Facts, now: datetime) -> bool:
        over = {f["callback"] for f in facts if f["kind"] in ("BridgeEnded", "CustomerLegEnded", "TechnicianMissed")}
        joined = [f for f in facts if f["kind"] == "CustomerAnswered" and f["callback"] not in over]
        return any(f["t"] <= self.due and now < f["t"] + timedelta(hours=4) for f in joined)

    def since(self, at: datetime | None) -> int | None:
        return None if at is None else math.trunc((at - self.start).total_seconds())

    def line(self) -> dict[str, Any]:
        """Everything that figures are counted from."""
        outcome, evidence, seconds = self.judge(self.facts, self.now)
        tries = self.tries(self.facts)
        contacts = [c for *_, c in tries if c]
        down = any(
            loose(f["began_at"]) < self.due and loose(f["ended_at"]) > self.called for f in self.of("OutageRecorded")
        )
        paged, took = self.of("PageSent"), self.of("Acknowledged", "HandedOver")
        done, owner = self.ownership()
        spoke = next((by for _, by, _, _, c in tries if c), None)
        covered = [f["coverage"] for f in self.of("CoverageSet")]
        return {
            "id": self.number, "outcome": outcome, "evidence": evidence, "seconds": seconds,
            "outage": outcome == "missed" and down, "priority": self.priority, "start": self.start,
            "resolution": self.resolution(outcome, done), "coverage": covered[-1] if covered else "not said",
            "page": self.since(min((f["t"] for f in paged), default=None)),
            "ack": self.since(took[0]["t"] if took else None),
            "human": seconds if seconds is not None else self.since(min(contacts, default=None)),
            "done": self.since(done), "technician": spoke or owner, "customer": self.customer,
        }  # fmt: skip

    def ownership(self) -> tuple[datetime | None, str | None]:
        """(resolved at, who has it) after all facts: giving it back undoes both."""
        done, owner = None, None
        for f in self.facts:
            if f["kind"] == "Acknowledged":
                owner = f["by"]
            elif f["kind"] == "HandedOver":
                owner = f["to"]
            elif f["kind"] == "TakenBack" or (f["kind"] == "Passed" and f["by"] == owner):
                done, owner = None, None
            elif f["kind"] == "Resolved":
                done = done or f["t"]
        return done, owner

    def resolution(self, outcome: str, done: datetime | None) -> str:
        hours = {"P1": 4, "P2": 24, "P3": 72}
        due = self.start + timedelta(hours=hours[self.priority])
        for f in self.of("PriorityChanged"):
            if f["t"] <= due:
                due = self.start + timedelta(hours=hours[f["priority"]])
            else:
                break
        gone = self.of("Withdrawn")
        if outcome in ("withdrawn", "excluded", "void"):
            return outcome
        if done and done <= due:
            return "met"
        if gone and gone[0]["t"] <= due:
            return "withdrawn"
        return "missed" if done or self.now > due else "pending"


def business(start: datetime, length: timedelta) -> datetime:
    """Four hours of 7:30 to 18:00 on business days, minute by minute: slow, and plainly right."""
    holidays = {(1, 1), (4, 3), (5, 18), (6, 24), (7, 1), (9, 7), (10, 12), (12, 25)}
    at, left = start, length
    while True:
        local = toronto(at)
        step = timedelta(minutes=1) - timedelta(seconds=local.second, microseconds=local.microsecond)
        minute = local.hour * 60 + local.minute
        is_day = local.weekday() < 5 and ((local.month, local.day) not in holidays or local.year != 2026)
        is_day &= (local.month, local.day) != (1, 1)
        if is_day and 450 <= minute < 1080:
            if left <= step:
                return at + left
            left -= step
        at += step


def rank(values: list[int | None], percent: int) -> int | None:
    """The smallest value that so many per cent of all do not exceed."""
    known = sorted(v for v in values if v is not None)
    return next((v for v in known if 100 * sum(w <= v for w in known) >= percent * len(known)), None)


def spread(values: list[int | None]) -> dict[str, Any]:
    known = [v for v in values if v is not None]
    return {"n": len(known), "p50_seconds": rank(values, 50), "p90_seconds": rank(values, 90),
            "slowest_seconds": max(known, default=None)}  # fmt: skip


def interval(part: int, whole: int) -> list[float] | None:
    """The shares at which `part` of `whole` lies exactly 1.96 standard errors away: Wilson's, by bisection."""
    if not whole:
        return None

    def edge(low: float, high: float, is_low: bool) -> float:
        for _ in range(80):
            p = (low + high) / 2
            far = abs(part / whole - p) > 1.959963984540054 * math.sqrt(p * (1 - p) / whole)
            low, high = (p, high) if far == is_low else (low, p)
        return round((low + high) / 2, 4)

    return [edge(0.0, part / whole, True), edge(part / whole, 1.0, False)]


def rate(lines: list[dict[str, Any]], *against: str) -> dict[str, Any]:
    part = sum(x["outcome"] == "met" for x in lines)
    whole = part + sum(x["outcome"] in against for x in lines)
    return {"share": round(part / whole, 4) if whole else None, "n": whole, "interval": interval(part, whole)}


def count(words: list[str]) -> dict[str, int]:
    return {word: words.count(word) for word in sorted(set(words))}


OUTCOMES = ("met", "missed", "void", "withdrawn", "excluded", "pending")


def figures(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The report of these, by the names of the JSON."""
    real = [x for x in lines if x["outcome"] != "excluded"]
    human = [x["human"] for x in real if x["outcome"] != "withdrawn"]
    met = [x for x in lines if x["outcome"] == "met"]
    published, strict = rate(lines, "missed"), rate(lines, "missed", "void")
    done = [x["resolution"] for x in lines]
    resolved = [{"outcome": r} for r in done if r in ("met", "missed")]
    return {
        "n": len(lines), **{o: sum(x["outcome"] == o for x in lines) for o in OUTCOMES},
        "compliance": published["share"], "compliance_n": published["n"], "compliance_interval": published["interval"],
        "compliance_void_against": strict["share"], "compliance_void_against_n": strict["n"],
        "compliance_void_against_interval": strict["interval"],
        "met_by_evidence": {e: sum(x["evidence"] == e for x in met) for e in ("carrier", "customer", "declared")},
        "our_outage": sum(x["outage"] for x in lines), "median_seconds": rank([x["seconds"] for x in met], 50),
        "slowest_seconds": max((x["seconds"] for x in met), default=None), "resolution": count(done),
        "resolution_rate": rate(resolved, "missed"), "by_priority": count([x["priority"] for x in lines]),
        "by_coverage": count([x["coverage"] for x in lines]),
        "times": {"first_page": spread([x["page"] for x in real]), "acknowledgement": spread([x["ack"] for x in real]),
                  "human": spread(human), "resolution": spread([x["done"] for x in real])},
        "groups": {name: groups(real, key) for name, key in (
            ("priority", "priority"), ("technician", "technician"), ("customer", "customer"), ("hour", "hour"))},
        "misses": [f"E-{x['id']:06d}" for x in sorted(lines, key=lambda x: (x["start"], x["id"])) if x["outcome"] == "missed"],
    }  # fmt: skip


def groups(real: list[dict[str, Any]], key: str) -> dict[str | None, Any]:
    parts: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for x in real:
        parts[f"{toronto(x['start']):%H}" if key == "hour" else x[key]].append(x)
    return {
        name: {
            "n": len(part), **{o: sum(x["outcome"] == o for x in part) for o in OUTCOMES},
            "compliance": rate(part, "missed"), "compliance_void_against": rate(part, "missed", "void"),
            "human": spread([x["human"] for x in part if x["outcome"] != "withdrawn"]),
        }
        for name, part in parts.items()
    }  # fmt: skip


def months(path: str, now: datetime) -> dict[int, dict[str, Any]]:
    """The figures of each month of 2026, by the local day of the call."""
    by_month: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for number, facts in read_ledgers(path).items():
        case = Case(number, facts, now)
        local = toronto(case.called)
        if local.year == 2026:
            by_month[local.month].append(case.line())
    return {month: figures(by_month[month]) for month in range(1, 13)}
