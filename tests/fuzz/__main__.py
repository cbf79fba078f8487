"""What cannot be guessed, thrown at everything that reads: `python -m tests.fuzz [api|words|bytes] [--share 0.1]`.

`api`: 20,000 requests made from the OpenAPI document by schemathesis. `words`: 1,000,000 examples by Hypothesis. `bytes`: atheris,
guided by coverage, for a minute a parser. `--share` takes a part of each; `--seed` (1, unless told) makes the same `api` and
`words` again, and for `bytes` the same choices, of which a faster machine makes more. Exit 1 when anything broke.
"""

import argparse
import subprocess
import sys

from tests.fuzz import api, words

PARTS = ("api", "words", "bytes")
SECONDS = 60


def guided(share: float, seed: int) -> bool:
    """Each parser in a process of its own: atheris ends its process. libFuzzer reads a seed of 0 as none."""
    good = True
    for parser in ("form", "text", "signature"):
        limit = f"-max_total_time={max(int(SECONDS * share), 5)}"
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.guided", parser, limit, f"-seed={max(seed, 1)}"],
            capture_output=True,
            text=True,
        )
        last = [line for line in done.stderr.splitlines() if line.startswith(("Done", "#"))][-1:]
        sys.stdout.write(f"bytes {parser}: exit {done.returncode}; {''.join(last)}\n")
        good = good and done.returncode == 0
    return good


def main() -> int:
    wish = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    wish.add_argument("part", nargs="?", choices=PARTS)
    wish.add_argument("--share", type=float, default=1.0)
    wish.add_argument("--seed", type=int, default=1)
    given = wish.parse_args()
    sys.stdout.write(f"seed {given.seed}\n")
    sys.stdout.flush()
    runs = {
        "api": lambda: api.run(int(20_000 * given.share), given.seed), "words": lambda: words.run(given.share, given.seed),
        "bytes": lambda: guided(given.share, given.seed),
    }  # fmt: skip
    results = [runs[part]() for part in PARTS if given.part in (None, part)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
