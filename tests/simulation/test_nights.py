"""Nights of the real rules: no invariant breaks; the same seed is the same night everywhere.

`CALLBACKS_SIMULATED_NIGHTS` chooses how many; a seed that breaks something is replayed by
`python -m callbacks.simulation --seed N --nights 1`.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from callbacks.simulation.campaign import PHASES, document, nights, text
from callbacks.simulation.faults import KINDS

MANY = int(os.environ.get("CALLBACKS_SIMULATED_NIGHTS", "600"))
ROOT = Path(__file__).parents[2]
TRACE = """
from callbacks.simulation.night import draw, run
print([run(draw(seed)).trace for seed in range(40, 60)])
"""


def ran(python: str, script: str, hash_seed: str, zone: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
    return subprocess.run([python, "-c", script], env=environment, capture_output=True, text=True)


def trace(hash_seed: str, zone: str, python: str = sys.executable) -> str:
    done = ran(python, TRACE, hash_seed, zone)
    assert done.returncode == 0, done.stderr
    return done.stdout


def other_pythons() -> list[str]:
    """Those of other versions on the PATH that have what a night needs; mostly none."""
    versions = (minor for minor in range(11, 16) if minor != sys.version_info.minor)
    found = [path for minor in versions if (path := shutil.which(f"python3.{minor}"))]
    return [path for path in found if ran(path, "import callbacks.simulation.night", "0", "UTC").returncode == 0]


def test_no_invariant_breaks() -> None:
    """F01, F18, F24, F61, F79, I1, I3, I5, I7, I8, I9, I10, I12, I13, I14, I15, I16, I17, I19, I20, I26, I27."""
    tally = nights(0, MANY)
    assert not tally.violations, tally.first
    found = document(tally, 0)
    assert found["nights"] == MANY
    assert set(found["hits"]) == set(KINDS)
    assert all(set(row) == set(PHASES) for row in found["hits"].values())
    assert "no invariant broken" in text(found)


def test_the_command_keeps_its_figures_where_there_is_no_folder_yet(tmp_path: Path) -> None:
    report = tmp_path / "var" / "simulation.json"
    words = [sys.executable, "-m", "callbacks.simulation", "--nights", "3", "--report", str(report)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(report.read_text("utf-8"))["nights"] == 3
    assert "no invariant broken" in done.stdout


def test_the_same_seed_is_the_same_night_whatever_the_hash_seed_and_the_zone() -> None:
    """I24."""
    first = trace("1", "UTC")
    assert len(set(first.split("'"))) > 20
    assert first == trace("4242", "Asia/Kolkata")
    for python in other_pythons():
        assert first == trace("7", "Africa/Nairobi", python), python
