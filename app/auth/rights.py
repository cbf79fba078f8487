"""The one table of who may do what. A route names a right; nothing else decides.

- `ALL`: every object. `OWN`: a technician's own emergencies (paged for, handed to, or theirs now) and shifts.
  A role that a right does not name may not.
- A right is a noun and a verb: `emergency.act`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SUPERVISOR = "supervisor"
TECHNICIAN = "technician"
AUDITOR = "auditor"
ROLES = (SUPERVISOR, TECHNICIAN, AUDITOR)
ALL = "all"
OWN = "own"
# Tokens made before there were auditors say "reader".
ALIASES = {"reader": AUDITOR}


def _reads(technician: str | None = None) -> dict[str, str]:
    found = {SUPERVISOR: ALL, AUDITOR: ALL}
    return found | ({TECHNICIAN: technician} if technician else {})


RIGHTS: Mapping[str, Mapping[str, str]] = {
    "emergency.read": _reads(OWN),
    "emergency.act": {SUPERVISOR: ALL, TECHNICIAN: OWN},  # what a text could do: have it, pass, call, reached, note
    "emergency.change": {SUPERVISOR: ALL},  # hand over, priority, coverage, withdraw, exclude
    "emergency.export": _reads(),
    "schedule.read": _reads(ALL),
    "schedule.change": {SUPERVISOR: ALL},
    "compliance.read": _reads(),
    "customer.read": {SUPERVISOR: ALL},  # numbers and notes of everybody who ever called
    "customer.change": {SUPERVISOR: ALL},
    "people.read": _reads(),
    "people.change": {SUPERVISOR: ALL},
    "policy.read": _reads(ALL),
    "carrier.check": {SUPERVISOR: ALL},
    "webhook.read": _reads(),
    "webhook.change": {SUPERVISOR: ALL},
    "metrics.read": _reads(ALL),  # counters without names or numbers, for whoever watches the machines
    "account.own": {SUPERVISOR: ALL, TECHNICIAN: ALL, AUDITOR: ALL},  # one's own password, second factor, sessions
}


def sees_everything(role: str) -> bool:
    """Whether a role reads every emergency: then a password alone is not enough."""
    return RIGHTS["emergency.read"].get(role) == ALL


WITH_FACTOR = tuple(role for role in ROLES if sees_everything(role))


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `name` is what the ledger and the audit list call them; `person` their name on the roster, if
    they are on it; `via` is page, api or sandbox."""

    role: str
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
        return RIGHTS[right].get(self.role) == OWN
