"""`python -m benchmarks [GROUP …] [--full] [--publish]`: measures, prints, and keeps the figures under var/bench.

A full run takes half an hour; `--publish` writes the table and the picture of docs/performance.md.
"""

import argparse
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from app.http.logs import set_up
from benchmarks import chain, core_speed, growth, hostile, latency, nodes, report, resting, storm, webhooks
from benchmarks.figure import Figure

GROUPS: dict[str, Callable[[bool], Iterable[Figure]]] = {
    "From the webhook to the page": latency.measure,
    "Webhooks": webhooks.measure,
    "A storm": storm.measure,
    "Hostile texts": hostile.measure,
    "With the years": growth.measure,
    "The proof": chain.measure,
    "At rest": resting.measure,
    "Many nodes": nodes.measure,
    "The core": core_speed.measure,
}
SHORT = dict(
    zip(["latency", "webhooks", "storm", "hostile", "growth", "chain", "resting", "nodes", "core"], GROUPS, strict=True)
)
KEPT = Path("var/bench")


def main() -> None:
    set_up(logging.WARNING)  # as a node logs, less: on standard error
    asked = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    asked.add_argument("groups", nargs="*", metavar="GROUP", choices=[*SHORT, []], help=", ".join(SHORT))
    asked.add_argument("--full", action="store_true", help="the sizes that docs/performance.md names")
    asked.add_argument("--publish", action="store_true", help="write docs/performance.md from what was kept")
    given = asked.parse_args()
    for short in given.groups or ([] if given.publish else SHORT):
        group = SHORT[short]
        print(f"\n{group}", flush=True)
        found: list[Figure] = []
        for figure in GROUPS[group](given.full):
            print(f"  {figure}", flush=True)
            found.append(figure)
            report.save({group: found}, KEPT)  # at once: a figure may have taken a quarter of an hour
    if given.publish:
        kept = report.load(KEPT)
        report.publish({group: kept[group] for group in GROUPS if group in kept})


if __name__ == "__main__":
    main()
