"""Every verb of the scenario language, played by each real installer that supports it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import on_the_wire
from pytest_indexcache.scenario.loader import loads
from tests.e2e.verb_scenarios import (
    AS_PROJECT,
    CHECKED,
    PINNED,
    PIP_OLD,
    PIP_PROJECT,
    PIP_REQUIREMENTS,
    PROJECT,
    REQUIREMENTS,
    VENV,
)

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

PLAYED = [
    ("project", PROJECT, "uv==0.4.27"),
    ("project", PROJECT, "uv==0.13.8"),
    ("project", PROJECT, "poetry==1.8.5"),
    ("project", PROJECT, "poetry==2.5.1"),
    ("project", PROJECT, "pdm==2.12.4"),
    ("project", PROJECT, "pdm==2.29.3"),
    ("checked", CHECKED, "uv==0.4.0"),
    ("checked", CHECKED, "uv==0.13.8"),
    ("checked", CHECKED, "poetry==1.8.0"),
    ("checked", CHECKED, "poetry==2.5.1"),
    ("checked", CHECKED, "pdm==2.5.0"),
    ("checked", CHECKED, "pdm==2.29.3"),
    ("venv", VENV, "uv==0.1.45"),
    ("venv", VENV, "uv==0.13.8"),
    ("venv", VENV, "pip==22.2.2"),
    ("venv", VENV, "pip==26.3"),
    ("project", PIP_PROJECT, "pip==26.1"),
    ("project", PIP_PROJECT, "pip==26.3"),
    ("requirements", PIP_REQUIREMENTS, "pip==26.1"),
    ("requirements", PIP_REQUIREMENTS, "pip==26.3"),
    ("without lockfile", PIP_OLD, "pip==22.2.2"),
    ("without lockfile", PIP_OLD, "pip==25.3"),
    ("as a project", AS_PROJECT, "poetry==1.8.5"),
    ("as a project", AS_PROJECT, "poetry==2.5.1"),
    ("as a project", AS_PROJECT, "pdm==2.20.0"),
    ("as a project", AS_PROJECT, "pdm==2.29.3"),
    ("requirements", REQUIREMENTS, "uv==0.3.3"),
    ("requirements", REQUIREMENTS, "uv==0.13.8"),
    ("pinned", PINNED, "uv==0.3.3"),
    ("pinned", PINNED, "uv==0.13.8"),
    ("pinned", PINNED.replace(', index = "pypi"', ""), "pdm==2.0.3"),
    ("pinned", PINNED.replace(', index = "pypi"', ""), "pdm==2.29.3"),
    (
        "pinned",
        PINNED.replace(', index = "pypi"', "")
        .replace("six>=1.17", "six")
        .replace("overrides", "constraints"),
        "pip==26.3",
    ),
]

NEEDS_PYTHON_311 = {"pip==22.2.2", "pdm==2.0.3"}
"""Releases that do not work with Python 3.12, for example because they use pkgutil.ImpImporter."""


def where_it_starts(spec: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test if this Python is too new for the release."""
    is_too_new = spec in NEEDS_PYTHON_311 and sys.version_info >= (3, 12)
    return pytest.mark.skipif(is_too_new, reason=f"{spec} does not start with this Python")


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        pytest.param(text, spec, id=f"{name}-{spec}", marks=where_it_starts(spec))
        for name, text, spec in PLAYED
    ],
)
def test_verbs_do_what_they_say(
    text: str, spec: str, playing_gateway: Gateway, tmp_path: Path
) -> None:
    """The installer's command for a verb has the effect that the scenario language documents."""
    removed = "{}" if spec.startswith(("uv", "pip")) else '{ attrs = "25.3.0", idna = "3.9" }'
    scenario = loads(text.replace('"REMOVED"', removed))
    connect = on_the_wire(playing_gateway, time.time)
    result = play(Play(scenario, "verbs", create_installer(spec), connect, "wire"), tmp_path)
    failed = result.failed_step
    assert result.verdict is Verdict.PASSED, (
        result.reason,
        [(check.key, check.expected, check.seen) for check in failed.checks] if failed else [],
        failed.output if failed else "",
    )
