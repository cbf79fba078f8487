"""The one table of who may do what. A route names a right; nothing else decides.

- `ALL`: every object. `OWN`: a technician's own emergencies (paged for, handed to, or theirs now) and shifts.
  A role that a right does not name may not.
- A right is a noun and a verb: `emergency.act`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from callbacks.oncall.roster import Role

ROLES = (Role.SUPERVISOR, Role.TECHNICIAN, Role.AUDITOR)


class Reach(StrEnum):
    """Of which objects a right holds."""

    ALL = "all"
    OWN = "own"


def _reads(technician: Reach | None = None) -> dict[Role, Reach]:
    found = {Role.SUPERVISOR: Reach.ALL, Role.AUDITOR: Reach.ALL}
    return found | ({Role.TECHNICIAN: technician} if technician else {})


SUPERVISORS = {Role.SUPERVISOR: Reach.ALL}
RIGHTS: Mapping[str, Mapping[Role, Reach]] = {
    "emergency.read": _reads(Reach.OWN),
    # What a text could do: acknowledge, pass, call, reached, note.
    "emergency.act": SUPERVISORS | {Role.TECHNICIAN: Reach.OWN},
    "emergency.change": SUPERVISORS,  # hand over, priority, coverage, withdraw, exclude
    "emergency.export": _reads(),
    "schedule.read": _reads(Reach.ALL),
    "schedule.change": SUPERVISORS,
    "compliance.read": _reads(),
    "customer.read": SUPERVISORS,  # numbers and notes of everybody who ever called
    "customer.change": SUPERVISORS,
    "people.read": _reads(),
    "people.change": SUPERVISORS,
    "policy.read": _reads(Reach.ALL),
    "carrier.check": SUPERVISORS,
    "webhook.read": _reads(),
    "webhook.change": SUPERVISORS,
    "metrics.read": _reads(Reach.ALL),  # counters only, for whoever watches the machines
    "account.own": _reads(Reach.ALL),  # one's own password, second factor, sessions
}


def sees_everything(role: Role) -> bool:
    """Whether a role reads every emergency: then a password alone is not enough."""
    return RIGHTS["emergency.read"].get(role) == Reach.ALL


WITH_FACTOR = tuple(role for role in ROLES if sees_everything(role))


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `name` is what the ledger and the audit list call them; `person` their name on the roster, if
    they are on it; `via` is page, api or sandbox."""

    role: Role
    name: str
    via: str
    person: str | None = None
    user_id: int | None = None
    language: str | None = None

    def may(self, right: str) -> bool:
        """Whether the role has the right at all, for all objects or for its own."""
        return self.role in RIGHTS[right]

    def only_own(self, right: str) -> bool:
        """Whether the right ends at their own emergencies."""
        return RIGHTS[right].get(self.role) == Reach.OWN
