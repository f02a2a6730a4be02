"""A probe of a real server, compared with the bundled server profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.cli import main

from . import real_servers
from .mirrored import contents

pytestmark = pytest.mark.usefixtures("reachable_index")


def test_probe_of_a_real_pypiserver(
    venvs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pypiserver matches its profile, and its breach of RFC 9110 §13.1.5 is reported."""
    scripts = real_servers.provisioned("pypiserver", venvs)
    with real_servers.pypiserver(scripts, tmp_path, contents()) as url:
        arguments = ["probe", url, "--rate", "100", "--against", "pypiserver"]
        code = main([*arguments, "--output", str(tmp_path / "seen.toml")])
    shown = capsys.readouterr().out
    assert "wrong  files.if-range" in shown
    # the name of the server ends with the release of Python
    differing = [line for line in shown.partition("differences from")[2].splitlines()[1:] if line]
    assert all(".server: " in line for line in differing), shown
    assert code == (1 if differing else 0)
