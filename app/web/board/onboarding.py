"""What an empty system needs next, step by step, until the first drill has been answered."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.doctor.examination import is_fit
from app.runtime import App
from callbacks.oncall.coverage import Duty
from callbacks.policy.lint import lint
from callbacks.store import nodes
from callbacks.store.tables import EmergencyRow, PersonRow


@dataclass(frozen=True, slots=True)
class Step:
    """`name` chooses the words; `command` is what to type, "" where the page has a button."""

    name: str
    is_done: bool
    command: str


def steps(session: Session, app: App, duty: Duty) -> list[Step] | None:
    """None once a drill was answered or a real emergency came: then the board is the board."""
    drilled = session.exec(select(PersonRow.name).where(col(PersonRow.verified_at).is_not(None)).limit(1)).first()
    real = session.exec(select(EmergencyRow.id).where(col(EmergencyRow.drill).is_(False)).limit(1)).first()
    if drilled or real:
        return None
    people, names = duty.roster.people, duty.roster.rotation_names
    return [
        Step("roster", bool(people), "callbacks roster load roster.toml"),
        Step("policy", bool(people) and not lint(app.context.policy, names), "callbacks policy check"),
        Step("engine", nodes.last_beat(session) is not None, "callbacks serve"),
        Step("carrier", is_fit(session), "callbacks doctor --fix"),
        Step("drill", False, "callbacks drill"),
    ]
