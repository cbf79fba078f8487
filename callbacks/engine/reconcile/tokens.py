"""Does the carrier take the account with a token that signs its webhooks? With none of ours every call, key and reply
is refused, whatever else works."""

import structlog

from callbacks.engine.context import EngineContext
from callbacks.engine.sweeps import note_sweep
from callbacks.store import checks
from callbacks.telephony.gateway import CarrierError

log = structlog.get_logger()
REFUSED = "401"


def is_refusal(error: CarrierError) -> bool:
    """Whether an account that was asked for with every token says that it takes none."""
    return error.refused and error.why == REFUSED


def note(context: EngineContext, refused: bool) -> None:
    """Where the board, the readiness check and every node's auditor read it."""
    note_sweep(context, checks.TOKEN, context.clock.now(), None, REFUSED if refused else None)


def look_at_start(context: EngineContext) -> str | None:
    """What is wrong with the tokens, for whoever starts the service. The service starts all the same: pages still leave
    with an API key, the sweep finds calls, and a carrier that is away says nothing of a token."""
    try:
        context.gateway.account()
    except CarrierError as error:
        if not is_refusal(error):
            log.warning("carrier.token_not_checked", why=error.why, code=error.code)
            return None
        log.critical("carrier.token_refused", why=error.why, code=error.code)
        _noted(context, refused=True)
        return (
            "TWILIO_AUTH_TOKEN: the carrier refuses it for TWILIO_ACCOUNT_SID; every call and reply will be refused. "
            "Use the account's present auth token, then restart"
        )
    _noted(context, refused=False)  # what a process before found, with the token that was wrong
    return None


def _noted(context: EngineContext, refused: bool) -> None:
    try:
        note(context, refused)
    except Exception:  # the auditor looks again in a quarter of a minute
        log.error("carrier.token_check_not_recorded", exc_info=True)
