"""What a node looks at twice a minute beside its work, and is short: nobody's page, and not the sweep, waits for it."""

from collections.abc import Callable

from callbacks.engine import anchors, monthly, rota, weekly
from callbacks.engine.upkeep import Upkeep
from callbacks.engine.world import World


def chores(world: World) -> dict[str, Callable[[], object]]:
    """Each look by its name, in their order."""
    return {
        "rota": lambda: rota.look(world),
        "drills": lambda: weekly.look(world),
        "anchors": lambda: anchors.look(world),
        "monthly": lambda: monthly.look(world),
        "upkeep": Upkeep(world).look,
    }
