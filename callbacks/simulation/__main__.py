"""`python -m callbacks.simulation --nights N --seed S --processes P --report F`: exit 1 when an invariant broke."""

import argparse
import json
import sys
from pathlib import Path

from callbacks.simulation.campaign import campaign, document, text


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m callbacks.simulation", description="Simulate nights under faults.")
    parser.add_argument("--nights", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; one seed is one night")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--report", type=Path, help="also write the figures there, as JSON")
    wish = parser.parse_args()
    if wish.report:
        wish.report.parent.mkdir(parents=True, exist_ok=True)  # before a quarter of an hour, not behind it
    found = document(campaign(wish.seed, wish.nights, wish.processes), wish.seed)
    sys.stdout.write(text(found) + "\n")
    if wish.report:
        wish.report.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    return 1 if found["violations"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
