"""After the healing: is all work done, and do our records agree with what really happened?"""

from datetime import datetime, timedelta
from itertools import pairwise

from callbacks.delivery.outbox_row import PAGES, OutboxState
from callbacks.emergency import promise
from callbacks.emergency.model import Evidence, Outcome, PageState, ref_of
from callbacks.policy.model import ClockStart, Priority
from callbacks.simulation.carrier import Inbound, Leg
from callbacks.simulation.store import Row
from callbacks.simulation.world import MINUTE, SECOND, World

# The slowest retry that a fault left behind, and then a whole minute of the limit of pages.
PAGED_WITHIN = 95 * SECOND
COVERED_WITHIN = 120 * SECOND
STUCK_AFTER = timedelta(seconds=30)
LATE = timedelta(seconds=5)
FOOLED = "fooled by a machine verdict or a wrong key"


def soon_paged(world: World) -> None:
    """Soon after the healing everybody who waits has been paged, unless a clock put back makes minutes long."""
    now = world.nodes[0].now()
    if world.nodes[0].is_slow:
        return
    for row in world.store.emergencies.values():
        waited = (now - row.it.opened_at) // timedelta(microseconds=1) > PAGED_WITHIN
        if waited and _wants_paging(row) and not (_all_failed(row, now) or _may_have_arrived(world, row)):
            world.watch.check(row.it.first_page_at, "L1", f"{row.it.ref} was not paged soon after the healing")


def second_minute(world: World) -> None:
    """Two minutes after: no call is without its emergency."""
    for call in world.carrier.inbound:
        if call.ended is not None and world.line.now - call.ended >= COVERED_WITHIN:
            _covered(world, call)


def _covered(world: World, call: Inbound) -> None:
    seen = world.store.seen.get(call.sid)
    known = call.sid in world.store.by_key or bool(seen and seen.joined)
    world.watch.check(known or _added(world, call), "I1", f"the call {call.sid[-4:]} was lost")


def _added(world: World, call: Inbound) -> bool:
    return any(call.sid in row.it.called_again for row in world.store.emergencies.values())


def at_rest(world: World) -> None:
    """Minutes after: nothing is stuck, escalation goes on, idle owners are relieved."""
    now = world.nodes[0].now()
    for box in world.store.live.values():
        due = box.lease_until if box.state == OutboxState.CLAIMED else box.due_at
        world.watch.check(due and due > now - STUCK_AFTER, "I14", f"{box.kind} {box.id} is stuck in the outbox")
    for row in world.store.emergencies.values():
        _escalates(world, row)
        _relieved(world, row)
        _warned(world, row)


def _escalates(world: World, row: Row) -> None:
    if not _wants_paging(row):
        return
    e = row.it
    afters = [step.after for step in e.terms.rungs]
    longest = max([e.terms.repeat_every, *(b - a for a, b in pairwise(afters))])
    last, at = e.escalation.last_step_at or e.opened_at, e.escalation.next_step
    planned = e.escalation.round_started_at + afters[at] if at < len(afters) else last
    late = world.nodes[0].now() - max(last + longest, planned) - LATE
    world.watch.tight("I8", -late // timedelta(microseconds=1))
    world.watch.check(late <= timedelta(), "I8", f"nobody was paged for {e.ref} since {last:%H:%M:%S}")


def _relieved(world: World, row: Row) -> None:
    """An owner who tries nothing is reminded, then relieved."""
    e = row.it
    if not e.owner or not row.is_open or e.owned_since is None or promise.first_contact(e):
        return
    since = e.owned_since
    busy = any(not c.ended_at for c in e.callbacks.values())
    tried = any((c.accepted_at or c.requested_at) >= since for c in e.callbacks.values()) or any(
        d.at >= since for d in e.declarations
    )
    patience = e.terms.nag_before - e.terms.reopen_before
    relief = max(_due(row) - e.terms.reopen_before, since + patience) + LATE
    late = world.nodes[0].now() > relief
    world.watch.check(busy or tried or not late, "I20", f"{e.owner} has {e.ref} and does nothing")
    nag = _due(row) - e.terms.nag_before
    nag = max(nag if nag > since else since + patience / 2, since) + LATE
    silent = not (busy or tried or e.reminded_at) and world.nodes[0].now() > nag
    world.watch.check(not silent, "I20", f"{e.owner} has {e.ref} and was never reminded")


def _warned(world: World, row: Row) -> None:
    e, now = row.it, world.nodes[0].now()
    quiet = promise.no_message_recorded(e) or e.withdrawn_at or e.excluded_at or e.callbacks or e.declarations
    if quiet or row.id == world.poisoned or promise.first_contact(e):
        return
    risky = now > _due(row) - e.terms.at_risk_before + LATE
    over = now > _due(row) + LATE
    told = "at-risk" in e.told or (over and e.deadline_passed_at)
    world.watch.check(not risky or told, "I10", f"supervisors were not told that {e.ref} is at risk")
    world.watch.check(not over or "missed" in e.told, "I10", f"supervisors were not told that {e.ref} is missed")


def _due(row: Row) -> datetime:
    """The deadline, by a formula of our own where the promise is plain."""
    e = row.it
    if e.first_priority != Priority.P1:
        return promise.due_at(e)
    start = (
        e.message_ended_at if e.terms.clock_starts == ClockStart.MESSAGE and e.message_ended_at else e.call_started_at
    )
    return start + e.terms.callback_within


def the_end(world: World) -> None:
    """The verdicts against the truth, the ledgers against their rows."""
    for sid in world.watch.promised if not world.store.undone else ():
        kept = ("sms", sid[4:]) in world.store.received if sid.startswith("sms ") else _is_known(world, sid)
        world.watch.check(kept, "I3", f"{sid[:3]}… was acknowledged to the carrier and is gone")
    for row in world.store.emergencies.values():
        world.watch.check(world.rules.fold(row.story) == row.e, "I24", f"{row.it.ref} folds to something else")
        if not world.store.undone and row.id != world.poisoned:
            _check_outcome(world, row)
    if not world.store.undone:
        _outbox(world)
        _joined(world)
    for id, failures in world.watch.poisoned.items():
        told = any(b.payload.get("about") == "failing" for b in world.store.boxes.values())
        world.watch.check(failures < 3 or told, "I29", f"{ref_of(id)} cannot be worked on, and nobody was told")
    _limits(world)


def _outbox(world: World) -> None:
    """Rows, facts and the carrier's books tell the same."""
    owners: dict[str, str] = {}
    for sent in world.carrier.sent:
        box = world.store.boxes.get(sent.box.id)
        world.watch.check(box, "I13", f"{sent.sid[:2]}… left without an outbox row")
        denied = box is not None and box.state == OutboxState.FAILED and not world.watch.is_excused()
        world.watch.check(not denied, "O6", f"{sent.box.kind} {sent.box.id} left, and is told as failed")
    for box in world.store.boxes.values():
        lead = box.bundle or box.id
        if box.sid:
            known = owners.setdefault(box.sid, lead)
            both = known != lead and box.absent_from and world.store.boxes[known].absent_from
            if both:  # a limit that docs/simulation.md names
                world.watch.sometimes("two ambiguous calls taken for one")
            taken = known != lead and not both
            world.watch.check(not taken, "I12", f"{box.kind} {box.id} was taken for another one: it never left")
        row = world.store.emergencies.get(box.emergency_id or 0)
        page = row.it.pages.get(box.payload.get("page", "")) if row else None
        if box.state == OutboxState.FAILED and page and row and row.id != world.poisoned:
            world.watch.check(
                page.state == PageState.FAILED, "I8", f"a page of {row.it.ref} was given up, and the core not told"
            )
    for person in world.watch.people.them.values():
        for row in world.store.emergencies.values():
            asked = sum(c.by == person.name and c.accepted_at != c.requested_at for c in row.it.callbacks.values())
            said = person.said["call", row.id] + person.stray + person.bare * 9
            world.watch.check(asked <= said, "I4", f"{person.name} asked once for {row.it.ref} and is rung again")


def _joined(world: World) -> None:
    """A later call belongs to its own caller's emergency, and no clock was ever set later than the call itself."""
    by_sid = {call.sid: call for call in world.carrier.inbound}
    slip = timedelta(seconds=2) + _skew(world)
    for row in world.store.emergencies.values():
        e = row.it
        for sid in e.called_again:
            number = by_sid[sid].number if sid in by_sid else e.number
            world.watch.check(number == e.number, "I4", f"somebody else's call was added to {e.ref}")
        call = by_sid.get(e.call_sid or "")
        if call and call.ended is not None and row.id != world.poisoned:
            late = e.call_started_at - world.line.instant(call.began)
            world.watch.check(late <= slip, "O5", f"the clock of {e.ref} starts {late} late")


def _is_known(world: World, sid: str) -> bool:
    seen = world.store.seen.get(sid)
    rows = world.store.emergencies.values()
    return sid in world.store.by_key or bool(seen and seen.joined) or any(sid in r.it.called_again for r in rows)


def _check_outcome(world: World, row: Row) -> None:
    e, watch = row.it, world.watch
    now = world.nodes[0].now()
    verdict = world.rules.judge(e, now)
    legs = [leg for leg in world.carrier.legs if leg.emergency_id == row.id]
    slip = timedelta(seconds=2) + _skew(world)
    if verdict.outcome == Outcome.MET and verdict.evidence == Evidence.CARRIER:
        true = [leg for leg in legs if leg.is_human and leg.seconds >= e.terms.contact_after.total_seconds() - 1]
        fooled = [
            leg
            for leg in legs
            if leg.joined is not None and not leg.is_human and (leg.called == "human" or leg.key == "1")
        ]
        if fooled and not true:
            return watch.sometimes(FOOLED)
        watch.check(true, "O1", f"{e.ref} counts as met by the carrier, and nobody spoke with the customer")
    contact = verdict.deciding.contact_at if verdict.deciding else None
    if verdict.outcome == Outcome.MET and contact:
        watch.check(contact <= _due(row) + slip, "O5", f"{e.ref} counts as met after its deadline")
    if verdict.outcome in (Outcome.MET, Outcome.VOID) and verdict.evidence in (Evidence.DECLARED, Evidence.NONE):
        words = {what for p in watch.people.them.values() for what, id in p.meant if id == row.id}
        said = (
            "reached" in words or any(leg.key == "1" for leg in legs)
            if verdict.outcome == Outcome.MET
            else legs or words
        )
        watch.check(said, "O2", f"{e.ref} counts as {verdict.outcome}, and nobody said so")
    if verdict.outcome in (Outcome.MISSED, Outcome.VOID) and any(_kept(leg, row, slip, world) for leg in legs):
        watch.check(False, "O3", f"{e.ref} counts as {verdict.outcome}, and they spoke in time")
    if verdict.outcome == Outcome.MISSED:
        tried = [leg for leg in legs if leg.rang and world.line.instant(leg.began) < _due(row) - slip]
        denied = bool(e.confirmations)
        watch.check(not tried or denied, "O4", f"{e.ref} counts as missed, and the customer's phone rang in time")
    return None


def _skew(world: World) -> timedelta:
    """How far our own clock is, or was, from the carrier's."""
    node = world.nodes[0]
    return max(abs(node.offset), abs(node.now() - world.line.instant()), node.farthest)


def _kept(leg: Leg, row: Row, slip: timedelta, world: World) -> bool:
    """A true conversation in time, that nobody and nothing denied."""
    long_enough = leg.is_human and leg.ended is not None and leg.seconds >= row.it.terms.contact_after.total_seconds()
    in_time = leg.joined is not None and world.line.instant(leg.joined) < _due(row) - slip
    return long_enough and in_time and leg.called == "human" and leg.key in ("", "1")


def _limits(world: World) -> None:
    """No phone got more pages within a minute than the policy allows."""
    if world.store.undone or world.plan.swarm.is_on("clock steps"):
        return
    left: dict[str, list[int]] = {}
    for sent in world.carrier.sent:
        box = world.store.boxes.get(sent.box.id)
        if box and box.kind in PAGES and not box.absent_from:
            left.setdefault(box.person or "", []).append(sent.accepted_at)
    limit = world.policy.limits.pages_per_technician_per_minute
    for person, times in left.items():
        order = sorted(times)
        for first, last in zip(order, order[limit:], strict=False):
            world.watch.tight("I15", last - first - MINUTE)
            world.watch.check(
                last - first >= MINUTE - SECOND, "I15", f"{person} got more than {limit} pages in a minute"
            )


def _wants_paging(row: Row) -> bool:
    e = row.it
    quiet = promise.no_message_recorded(e) or (e.can_wait and e.priority == e.first_priority) or not e.terms.rungs
    taken = e.owner or e.resolved_at or e.withdrawn_at or e.excluded_at or promise.first_contact(e)
    return row.is_open and not quiet and not taken


def _all_failed(row: Row, now: datetime) -> bool:
    """Whoever was paged before the healing has failed or passed: the round waited for its repeat."""
    before = now - timedelta(microseconds=PAGED_WITHIN)
    return all(page.state == PageState.FAILED for page in row.it.pages.values() if page.requested_at <= before)


def _may_have_arrived(world: World, row: Row) -> bool:
    """A page of it left once; whether it arrived is being asked, and what is certain goes first."""
    return any(box.emergency_id == row.id and box.absent_from for box in world.store.live.values())
