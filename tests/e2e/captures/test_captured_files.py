"""Captures of the user's own project files and lockfiles, at indexes on the loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.captures.capturing import Capture
from pytest_indexcache.run.session import PlaySession
from pytest_indexcache.scenario.tables.indexes import Index
from tests.functional.transports.loopback_server import loopback_server

from .capturing_projects import captured

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

PROJECT = """\
[project]
name = "acme-shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["acme-core"]
"""
INDEXES: dict[str, dict[str, Any]] = {
    "main": {
        "url": "/simple/",
        "server": "pypi",
        "packages": {"acme-core": {"1.0": {}}, "acme-test": {"1.0": {}}, "acme-doc": {"1.0": {}}},
    },
    "team": {
        "url": "/team/simple",
        "server": "nexus",
        "packages": {"acme-core": {"2.0": {}}, "acme-other": {"1.0": {}}},
    },
}
UV = """\
[[tool.uv.index]]
name = "corp"
url = "ORIGIN/simple/"
default = true
"""
LOCK = """\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "acme-core"
version = "1.0"
source = { registry = "ORIGIN/simple/" }
wheels = [
    { url = "FILE", hash = "sha256:DIGEST" },
]

[[package]]
name = "acme-shop"
version = "1.0"
source = { editable = "." }
dependencies = [
    { name = "acme-core" },
]

[package.metadata]
requires-dist = [{ name = "acme-core" }]
"""
POETRY = """\
[tool.poetry]
package-mode = false
[tool.poetry.group.test.dependencies]
acme-test = "*"
[tool.poetry.group.doc]
optional = true
dependencies = { acme-doc = "*" }
[[tool.poetry.source]]
name = "corp"
url = "ORIGIN/simple/"
"""
PDM = """\
[tool.pdm]
distribution = false
dev-dependencies = { test = ["acme-test"] }
[[tool.pdm.source]]
name = "pypi"
url = "ORIGIN/simple/"
exclude_packages = ["acme-c*"]
[[tool.pdm.source]]
name = "team"
url = "ORIGIN/team/simple"
include_packages = ["acme-c*"]
"""


def _record(exchange: Exchange) -> None:
    """Record nothing."""


def _captured(folder: Path, files: dict[str, str], command: str, spec: str) -> Capture:
    """Capture a command in a folder with files, in which ``ORIGIN`` is that of the server."""

    def make(origin: str) -> FakeIndexes:
        tables = {
            name: Index.model_validate({**table, "url": f"{origin}{table['url']}"})
            for name, table in INDEXES.items()
        }
        return FakeIndexes(tables)

    with loopback_server(make, _record) as origin, PlaySession() as session:
        wheel = next(
            file
            for file in make(origin)["main"].files.values()
            if file.filename.startswith("acme_core")
        )
        words = {"ORIGIN": origin, "FILE": wheel.url, "DIGEST": wheel.distribution.digests.sha256}
        for name, text in files.items():
            written = text
            for word, value in words.items():
                written = written.replace(word, value)
            (folder / name).write_text(written)
        return captured(folder, command.split(), spec, session)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (UV, "uv sync --locked"),
        (UV, "uv sync --locked --no-editable"),
        (UV + "[tool.uv]\ncompile-bytecode = false\n", "uv sync --locked"),
    ],
)
def test_slash_of_an_index_is_that_of_the_lockfile(tmp_path: Path, text: str, command: str) -> None:
    """A lockfile with the URL of an index is up to date in both forms of the project."""
    files = {"pyproject.toml": PROJECT + text, "uv.lock": LOCK}
    capture = _captured(tmp_path, files, command, "uv==0.13.9")
    assert [str(step.exit) for step in capture.real.steps] == ["success"] * 3
    assert capture.comparison is not None, capture.reason
    assert capture.comparison.is_same
    assert capture.holds


@pytest.mark.servers
@pytest.mark.parametrize(
    ("text", "command", "spec", "installed"),
    [
        (POETRY, "poetry install", "poetry==2.5.1", {"acme-core": "1.0", "acme-test": "1.0"}),
        (PDM, "pdm install", "pdm==2.29.4", {"acme-core": "2.0", "acme-test": "1.0"}),
    ],
)
def test_groups_and_sources_are_those_of_the_user(
    tmp_path: Path, text: str, command: str, spec: str, installed: dict[str, str]
) -> None:
    """Groups are installed by default, and sources are asked, as in the user's own project."""
    capture = _captured(tmp_path, {"pyproject.toml": PROJECT + text}, command, spec)
    assert capture.real.steps[0].added == installed
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert capture.holds
    assert "acme" not in capture.text
