"""A drill: a real page, marked as such, to one person, timed to the key or the reply that acknowledges it.

It is an emergency of its own outside every figure: no caller, no texts to anybody else, resolved by the
acknowledgement, and withdrawn when nobody answers.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from callbacks.emergency.inputs import Call, Command, Commanded, DrillBegun, Opening
from callbacks.emergency.model import EscalationStep, Sign, Terms, Via, ref_of, terms_of
from callbacks.engine.context import EngineContext
from callbacks.engine.intake import summary
from callbacks.engine.intake.handle import handle_input, handle_input_for_row, new_code_for
from callbacks.engine.intake.summary import load
from callbacks.oncall.coverage import PERSON
from callbacks.oncall.roster import Role
from callbacks.policy.model import Channel
from callbacks.store import heads
from callbacks.store.interface import Transaction

CALL_AFTER = timedelta(minutes=1)
AGAIN = timedelta(minutes=4)


def begin(context: EngineContext, name: str) -> int:
    """Pages `name` by text and a minute later by call; the drill's emergency."""

    return context.commit(lambda session: open_drill(context, session, name))


def answered(context: EngineContext, emergency_id: int) -> tuple[str, datetime] | None:
    """Who acknowledged the drill, and when; None while nobody has."""
    with context.database.read() as session:
        e = load(session, emergency_id)
    return (e.owner, e.acknowledged_at) if e and e.owner and e.acknowledged_at else None


def end(context: EngineContext, emergency_id: int) -> None:
    """Nobody answered: no more pages."""
    now = context.clock.now()
    handle_input(
        context,
        emergency_id,
        Commanded(at=now, by="drill", role=Role.SUPERVISOR, command=Command.WITHDRAW, via=Via.COMMAND),
    )


def open_drill(context: EngineContext, session: Transaction, name: str) -> int:
    """The same inside a transaction that the caller commits."""
    now = context.clock.now()
    row = summary.blank(heads.give_number(session, context.seal), f"drill-{session.token(8)}", now)
    session.emergencies.add(row)
    opening = Opening(ref_of(row.id), new_code_for(session, now), _terms(context, name), drill=True)
    call = Call(None, None, False, now, context.policy.intake.languages[0])
    handle_input_for_row(context, session, row, DrillBegun(at=now, call=call, opening=opening, sign=Sign.DRILL))
    return row.id


def _terms(context: EngineContext, name: str) -> Terms:
    """Only this person, again and again until they answer."""
    target = PERSON + name
    rungs = (EscalationStep(timedelta(), target, (Channel.SMS,)), EscalationStep(CALL_AFTER, target, (Channel.VOICE,)))
    return replace(terms_of(context.policy), rungs=rungs, repeat_every=AGAIN)
