"""What a simulated node runs: the product's own rules, by name, so that a planted bug can stand in for one of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callbacks.delivery import batching, delivery_policy, sweeping
from callbacks.emergency import promise
from callbacks.emergency.decide import decide, next_wake
from callbacks.emergency.fold import fold
from callbacks.messages import effects, replies

Rule = Callable[..., Any]


@dataclass(frozen=True)
class Rules:
    """The real rules. `parts`: steps of the engine around them, by name, that a planted bug does its own way."""

    decide: Rule = decide
    next_wake: Rule = next_wake
    fold: Rule = fold
    judge: Rule = promise.judge
    effects_of: Rule = effects.effects_of
    cancels: Rule = effects.cancels
    read_reply: Rule = replies.read_reply
    read_customer: Rule = replies.read_customer
    new_code: Rule = replies.new_code
    route: Rule = replies.route
    one_per_caller_first: Rule = batching.one_per_caller_first
    put_together: Rule = batching.put_together
    leaving: Rule = batching.leaving
    after_failure: Rule = delivery_policy.after_failure
    after_surprise: Rule = delivery_policy.after_surprise
    absent_from: Rule = delivery_policy.absent_from
    pause: Rule = delivery_policy.pause
    found_again: Rule = delivery_policy.found_again
    after_look_up: Rule = delivery_policy.after_look_up
    moves_on: Rule = delivery_policy.moves_on
    look_from: Rule = sweeping.look_from
    is_settled: Rule = sweeping.is_settled
    settled_through: Rule = sweeping.settled_through
    alarms_at: Rule = delivery_policy.alarms_at
    parts: Mapping[str, Any] = field(default_factory=dict)

    def part(self, name: str, real: Any) -> Any:
        return self.parts.get(name, real)


REAL = Rules()
