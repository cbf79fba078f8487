"""`python -m tests.simulation.bugs NIGHTS`: in which night each planted bug is found without a hint, and the median."""

import sys

from callbacks.simulation.campaign import median
from tests.simulation.bugs.bank import BANK, found_at


def main(most: int) -> int:
    nights = []
    for bug in BANK:
        found = found_at(bug, most)
        nights.append(found[0] if found else most + 1)
        sys.stdout.write(f"{bug.name:28} {found[0] if found else 'not found':>9}  {found[1] if found else ''}\n")
        sys.stdout.flush()
    unfound = sum(n > most for n in nights)
    sys.stdout.write(
        f"{len(BANK)} bugs, {unfound} not found in {most} nights; median night {median(nights)}, last {max(nights)}\n"
    )
    return 1 if unfound else 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
