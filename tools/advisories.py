"""Asks for known advisories against what is locked: exit 0 none, 1 some, 3 when nobody could be asked.

No answer is no good news and has a status of its own; the last answer is kept in var/, with its date, and told then.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "var" / "advisories.json"
ASK = ["-m", "pip_audit", "--requirement", str(ROOT / "requirements.txt"), "--disable-pip", "--require-hashes",
       "--format", "json", "--progress-spinner", "off", "--timeout", "10"]  # fmt: skip


def main(ask: list[str] = ASK) -> int:
    done = subprocess.run([sys.executable, *ask], capture_output=True, text=True)
    try:
        answer = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        print("Nobody could be asked for advisories; nothing is known about today.")
        print((done.stderr.strip().splitlines() or ["no answer"])[-1][:200])
        print(_last_time())
        return 3
    found = [(d["name"], d["version"], v["id"]) for d in answer for v in d.get("vulns", [])]
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps({"at": datetime.now(UTC).isoformat(), "found": found, "packages": len(answer)}))
    for name, version, advisory in found:
        print(f"{name} {version}: {advisory}")
    print(f"{len(answer)} packages, {len(found)} advisories")
    return 1 if found else 0


def _last_time() -> str:
    if not KEPT.exists():
        return "It was never asked from here."
    kept = json.loads(KEPT.read_text())
    return f"Asked last on {kept['at'][:10]}: {kept['packages']} packages, {len(kept['found'])} advisories."


if __name__ == "__main__":
    raise SystemExit(main())
