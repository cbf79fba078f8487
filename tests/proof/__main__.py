"""The core's own proof: `python -m tests.proof coverage` and `python -m tests.proof mutants`.

`coverage` fails below 100 % of branches of the core's files by the core's own tests. `mutants` changes these files in some two
thousand ways, one at a time, runs the core's tests on each, and prints how many were noticed; it needs `make mutants`' tools.
"""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
FILES: list[str] = SETTINGS["only_mutate"]
WANTED = 0.95
KILLED, TIMED_OUT = 1, 36


def coverage() -> int:
    """Exit status 1 when a branch of the core was not taken."""
    data = f"--data-file={ROOT / 'var' / 'coverage'}"
    (ROOT / "var").mkdir(exist_ok=True)
    run = [
        "-m",
        "coverage",
        "run",
        "--branch",
        f"--include={','.join(FILES)}",
        data,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:xdist",
        "tests/core",
    ]
    if subprocess.run([sys.executable, *run], cwd=ROOT).returncode:
        return 1
    report = ["-m", "coverage", "report", data, "-m", "--fail-under=100"]
    return subprocess.run([sys.executable, *report], cwd=ROOT).returncode


def mutants() -> int:
    """Exit status 1 when less than 95 % of a file's mutants were noticed."""
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)  # what an earlier run met says nothing of today's tests
    run = [sys.executable, "-m", "mutmut", "run", "--max-children", "2"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.stdout.write(done.stdout[-2000:] + done.stderr[-2000:])
        return 1
    worst = 1.0
    for file in FILES:
        met = json.loads((ROOT / "mutants" / f"{file}.meta").read_text("utf-8"))["exit_code_by_key"]
        noticed = sum(code in (KILLED, TIMED_OUT) for code in met.values())
        worst = min(worst, noticed / len(met))
        sys.stdout.write(f"{file}: {noticed} of {len(met)} noticed, {noticed / len(met):.1%}\n")
        for name, code in met.items():
            if code not in (KILLED, TIMED_OUT):
                sys.stdout.write(f"    {name}\n")
    return 0 if worst >= WANTED else 1


if __name__ == "__main__":
    raise SystemExit({"coverage": coverage, "mutants": mutants}[sys.argv[1]]())
