"""Captures of a user's project files and lockfiles, with indexes on the loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.drafts.captures.commands import NamedIndex
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.messages import Exchange, HostPort, Request, Response
from pytest_indexcache.run.captures.capturing import Capture
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.run.session import PlaySession
from pytest_indexcache.scenario.tables.indexes import Index
from tests.functional.transports.loopback_server import loopback_server

from .capturing_projects import captured
from .ten_projects import COMMANDS

SLOW = pytest.mark.servers
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
    "built": {
        "url": "/built/simple",
        "server": "pypi",
        "packages": {
            "acme-core": {
                "1.0": {"files": [{"kind": "sdist", "builds": {"requires": ["acme-build>=1"]}}]}
            },
            "acme-build": {"1.0": {"requires": ["acme-doc"]}},
            "acme-doc": {"1.0": {}},
        },
    },
    "falling": {
        "url": "/falling/simple",
        "server": "pypiserver",
        "unknown-redirect": "CDN",
        "packages": {"acme-core": {"1.0": {"requires": ["acme-doc"]}}},
    },
    "fallback": {
        "url": "CDN",
        "server": "pypiserver",
        "packages": {"acme-doc": {"1.0": {}}},
    },
    "linked": {
        "url": "/linked/simple",
        "server": "none",
        "metadata": False,
        "files-url": "CDN",
        "packages": {"acme-core": {"1.0": {}}},
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


CDN_LOCK = LOCK.replace("simple/", "linked/simple").replace("FILE", "LINKED")
CDN_LOCK = CDN_LOCK.replace("DIGEST", "OTHER")
CDN = UV.replace("simple/", "linked/simple")
CDN_POETRY = """\
[tool.poetry]
package-mode = false
[[tool.poetry.source]]
name = "Corp_Index"
url = "ORIGIN/linked/simple"
"""
LOCK_OF_POETRY = """\
[[package]]
name = "acme-core"
version = "1.0"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = [
    {file = "acme_core-1.0-py3-none-any.whl", hash = "sha256:DIGEST"},
]

[package.source]
type = "legacy"
url = "ORIGIN/linked/simple"
reference = "Corp_Index"

[metadata]
lock-version = "2.1"
python-versions = ">=3.11"
content-hash = "HASH"
"""


def _content_hash(origin: str) -> str:
    """Return the hash that Poetry computes for the project file."""
    source = {"name": "Corp_Index", "url": f"{origin}/linked/simple"}
    project = {"requires-python": ">=3.11", "dependencies": ["acme-core"]}
    covered = {"project": project, "tool": {"poetry": {"source": [source]}}}
    return sha256(json.dumps(covered, sort_keys=True).encode()).hexdigest()


@dataclass
class _FileServer:
    """The handler of a second server, which answers as the first server does."""

    indexes: FakeIndexes | None = None

    def handle(self, request: Request, now: float) -> Response:
        """Answer a request for a file."""
        assert self.indexes is not None
        return self.indexes.handle(request, now)

    @property
    def origins(self) -> frozenset[HostPort]:
        """Return the origins of the indexes."""
        return self.indexes.origins if self.indexes is not None else frozenset()

    def is_reachable(self, host: str) -> bool:  # noqa: ARG002
        """Return True: the server is up."""
        return True


def _record(exchange: Exchange) -> None:
    """Record nothing."""


def _wheel(indexes: FakeIndexes, name: str) -> PublishedFile:
    files = indexes[name].files.values()
    return next(file for file in files if file.filename.startswith("acme_core"))


@contextmanager
def _served() -> Iterator[dict[str, str]]:
    """Serve the indexes and their files; yield the values of placeholders in project files."""
    files = _FileServer()

    def make(origin: str) -> FakeIndexes:
        tables = {}
        for name, table in INDEXES.items():
            own = {key: f"{cdn}/files" if it == "CDN" else it for key, it in table.items()}
            own["url"] = f"{origin}{own['url']}" if own["url"].startswith("/") else own["url"]
            tables[name] = Index.model_validate(own)
        files.indexes = FakeIndexes(tables)
        return files.indexes

    with (
        loopback_server(lambda _: files, _record) as cdn,
        loopback_server(make, _record) as origin,
    ):
        assert files.indexes is not None
        wheel, linked = _wheel(files.indexes, "main"), _wheel(files.indexes, "linked")
        yield {
            "ORIGIN": origin,
            "FILE": wheel.url,
            "LINKED": linked.url,
            "DIGEST": wheel.distribution.digests.sha256,
            "OTHER": linked.distribution.digests.sha256,
        }


def _captured(folder: Path, files: dict[str, str], command: str, spec: str) -> Capture:
    """Capture a command in a folder with these files, with their placeholders filled in."""
    with _served() as words, PlaySession() as session:
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
        (CDN, "uv sync --locked"),
        (UV + "[tool.uv]\ncompile-bytecode = false\n", "uv sync --locked"),
    ],
)
def test_lockfile_of_uv_is_that_of_the_user(tmp_path: Path, text: str, command: str) -> None:
    """A uv.lock is accepted with the captured project file, and may name files on any host."""
    files = {"pyproject.toml": PROJECT + text, "uv.lock": CDN_LOCK if text is CDN else LOCK}
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
    """The capture installs default groups, and takes projects from their sources."""
    capture = _captured(tmp_path, {"pyproject.toml": PROJECT + text}, command, spec)
    assert capture.real.steps[0].added == installed
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert capture.holds
    assert "acme" not in capture.text


@pytest.mark.servers
def test_lockfile_of_poetry_is_that_of_the_user(tmp_path: Path) -> None:
    """Poetry's lockfile matches the captured project, although its indexes are renamed."""
    with _served() as words, PlaySession() as session:
        text = PROJECT + CDN_POETRY.replace("ORIGIN", words["ORIGIN"])
        (tmp_path / "pyproject.toml").write_text(text)
        (tmp_path / "poetry.lock").write_text(
            LOCK_OF_POETRY.replace("DIGEST", words["OTHER"])
            .replace("ORIGIN", words["ORIGIN"])
            .replace("HASH", _content_hash(words["ORIGIN"]))
        )
        capture = captured(tmp_path, ["poetry", "install"], "poetry==2.5.1", session)
    assert capture.real.steps[0].added == {"acme-core": "1.0"}
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert capture.holds
    assert "corp" not in capture.text.lower()


@pytest.mark.parametrize("spec", ["uv==0.13.9", pytest.param("pip==26.3", marks=SLOW)])
def test_index_behind_a_redirect_is_captured(tmp_path: Path, spec: str) -> None:
    """An index to which unknown projects are redirected becomes an index of the scenario, too."""
    with _served() as words, PlaySession() as session:
        index = NamedIndex(f"{words['ORIGIN']}/falling/simple", is_default=True)
        (tmp_path / "pyproject.toml").write_text(PROJECT)
        (tmp_path / "requirements.txt").write_text("acme-core\n")
        command = COMMANDS[spec.partition("=")[0]]
        capture = captured(tmp_path, command, spec, session, indexes=[index])
    assert capture.real.steps[0].added == {"acme-core": "1.0", "acme-doc": "1.0"}
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert capture.holds
    scenario = loads_playable(capture.text).scenario
    assert scenario.indexes["index1"].unknown_redirect == "https://index2.example/files/"
    assert list(scenario.indexes["fallback1"].packages) == ["project2"]


@pytest.mark.parametrize("spec", ["uv==0.13.9", pytest.param("pip==26.3", marks=SLOW)])
def test_build_requirements_are_captured(tmp_path: Path, spec: str) -> None:
    """The requirements of a build are in the captured scenario, and are served offline as well."""
    with _served() as words, PlaySession() as session:
        index = NamedIndex(f"{words['ORIGIN']}/built/simple", is_default=True)
        (tmp_path / "pyproject.toml").write_text(PROJECT)
        (tmp_path / "requirements.txt").write_text("acme-core\n")
        command = COMMANDS[spec.partition("=")[0]]
        capture = captured(tmp_path, command, spec, session, indexes=[index])
    assert capture.real.steps[0].added == {"acme-core": "1.0"}
    asked = {it.subject.project for it in capture.real.steps[0].exchanges}
    assert asked >= {"acme-build", "acme-doc"}
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert capture.holds
