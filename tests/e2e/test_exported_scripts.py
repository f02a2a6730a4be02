"""Exported scripts with real installers, compared with plays of the same scenarios."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from pytest_indexcache.cli import main
from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.registry import create_installer

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

UV, PIP = "uv==0.9.4", "pip==26.0.1"

PIP_SYNC = """\
title = "uv pip sync keeps the wheel of its cache"
[indexes.pypi]
url = "https://pypi.org/simple"
packages.six."1.17.0" = {}
[files]
"project/requirements.txt" = "six==1.17.0"
[[steps]]
command = { uv = "uv pip sync requirements.txt" }
expect = { downloads = { six = 1 }, installed = { six = "1.17.0" } }
[[steps]]
do = "remove-venv"
[[steps]]
command = { uv = "uv pip sync requirements.txt" }
expect = { downloads = {}, installed = { six = "1.17.0" } }
"""

_REQUEST = re.compile(r"  (GET|HEAD) (\S+) \S+ (\S+)")


@pytest.mark.parametrize(
    ("scenario", "spec"),
    [
        ("uv-15303-cpu-wheel", "uv==0.8.13"),
        ("uv-1860-files-without-password", UV),
        ("uv-3010-new-password", PIP),
        ("pip-14079-cut-download", UV),
        ("pip-14079-cut-download", PIP),
        ("wrong-bytes-are-refused", PIP),
        ("uv-15899-index-is-down", UV),
        ("uv-14534-downloaded-for-each-index", UV),
        ("uv-16368-path-to-index", UV),
        ("poetry-9068-whole-file", UV),
        ("uv-16934-download-is-not-resumed", UV),
        ("uv-7506-built-wheel-goes-before-the-index", UV),
        ("uv-11995-override-asks-again", UV),
        ("uv-15425-rocm-with-lockfile", "uv==0.8.13"),
        ("uv-16368-sync-switches-extras", "uv==0.8.13"),
        ("uv-12751-one-venv", UV),
        ("uv-12176-changed-data-file-is-not-built", "uv==0.6.0"),
        ("uv-18396-run-with-folder", "uv==0.10.9"),
        (PIP_SYNC, UV),
    ],
)
def test_script_asks_and_judges_as_the_play_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], scenario: str, spec: str
) -> None:
    """An exported script gives the verdict of the play, after the same requests in each step."""
    if "\n" in scenario:
        (tmp_path / "s.toml").write_text(scenario, encoding="utf-8")
        scenario = str(tmp_path / "s.toml")
    script = tmp_path / "s.py"
    assert main(["export", scenario, "--installer", spec, "--output", str(script)]) == 0
    executable = _executable(spec)
    ended = subprocess.run(
        [sys.executable, "-I", script, "--installer", executable],
        capture_output=True,
        text=True,
        check=False,
    )
    capsys.readouterr()
    code = main(["play", scenario, "--installer", spec, "--json"])
    played = json.loads(capsys.readouterr().out)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert _asked(ended.stdout) == [
        Counter((it["method"], str(it["status"] or "-"), it["url"]) for it in step["exchanges"])
        for step in played["steps"]
    ]


def _executable(spec: str) -> Path:
    installer = create_installer(spec)
    assert isinstance(installer, CommandAdapter)
    return installer.supply().executable


def _asked(text: str) -> list[Counter[tuple[str, str, str]]]:
    """Return the requests that a script printed for each step."""
    steps = re.split(r"(?m)^step \d+: ", text)[1:]
    requests = ([_REQUEST.match(line) for line in step.splitlines()] for step in steps)
    return [Counter((it[1], it[2], it[3]) for it in found if it) for found in requests]
