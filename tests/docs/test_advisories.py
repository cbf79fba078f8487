"""Asking for advisories where nobody can be asked says so, with a status of its own."""

import json
from pathlib import Path

import pytest

from tools import advisories


def test_no_answer_is_told_and_is_no_good_news(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisories, "KEPT", tmp_path / "kept.json")
    broken = ["-c", "import sys; sys.exit('no route to host')"]
    assert advisories.main(broken) == 3
    told = capsys.readouterr().out
    assert "Nobody could be asked" in told and "no route to host" in told and "never asked" in told
    answer = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": [{"id": "X-1"}]},
            {"name": "b", "version": "2", "vulns": []},
        ]
    }
    assert advisories.main(["-c", f"print({json.dumps(json.dumps(answer))})"]) == 1
    assert "a 1: X-1" in capsys.readouterr().out
    assert advisories.main(broken) == 3
    assert "2 packages, 1 advisories" in capsys.readouterr().out
