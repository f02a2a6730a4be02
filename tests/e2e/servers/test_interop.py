"""Real servers, used by the newest releases of real installers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pytest_indexcache.cli import main

pytestmark = pytest.mark.usefixtures("reachable_index")


@pytest.mark.parametrize("server", ["pypiserver", pytest.param("devpi", marks=pytest.mark.servers)])
def test_release_that_is_published_is_seen(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Real uv and pip install a newly published release; a scenario with a yank is skipped."""
    file = tmp_path / "plays.json"
    arguments = ["interop", "--server", server, "--json", str(file)]
    for name in ("uv", "pip"):
        arguments += ["--installer", f"{name}@{Path(sys.executable).with_name(name)}"]
    assert main([*arguments, "--scenario", "publish", "--scenario", "yank"]) == 0
    plays = json.loads(file.read_text("utf-8"))
    verdicts = [(play["installer"][:3], play["scenario"], play["verdict"]) for play in plays]
    assert verdicts == [
        ("uv@", "publish", "passed"),
        ("pip", "publish", "passed"),
        ("uv@", "yank", "skipped"),
        ("pip", "yank", "skipped"),
    ]
    assert "cannot yank" in capsys.readouterr().out
