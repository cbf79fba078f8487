"""What the carrier keeps for the time that we are down."""

from callbacks.engine.context import World
from callbacks.messages import wording
from callbacks.telephony import twiml


def fallback(world: World) -> str:
    """A document for the carrier to keep: it greets and records while we are down; the sweep finds the call."""
    policy, url = world.policy, world.url
    within = policy.promise.callback_within
    said = [
        (language, wording.text(slug, language, promise=wording.promise_length(within, language)))
        for language in policy.intake.languages
        for slug in ("greeting-closed", "greeting-ask")
    ]
    return twiml.document(
        twiml.message(
            [said],
            action=url("/twilio/voice/message"),
            status_url=url("/twilio/voice/recording"),
            after=url("/twilio/voice/after"),
            longest=int(policy.intake.max_message.total_seconds()),
        )
    )
