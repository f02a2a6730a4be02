"""Captures with real installers, of real and of fake servers on the loopback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_indexcache.drafts.captures.commands import NamedIndex
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.run.captures.capturing import Capture
from pytest_indexcache.run.session import PlaySession
from pytest_indexcache.scenario.tables.indexes import Index
from tests.e2e.servers import real_servers

from .capturing_projects import captured
from .ten_projects import COMMANDS, PROJECTS, RealProject, served

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

SPECS: Final = ("uv==0.13.9", "pip==26.3", "poetry==2.5.1", "pdm==2.29.4")
PACKAGES: Final[Mapping[str, Any]] = {
    "acme-core": {"1.0": {"requires": ["acme-http"]}, "0.9": {}},
    "acme-http": {"2.0": {"files": [{}, {"kind": "sdist"}]}},
}
SERVERS: Final = {"pypiserver": real_servers.pypiserver, "devpi": real_servers.devpi}
QUICK: Final = {("plain", "uv"), ("large-wheels", "poetry"), ("two-indexes", "pdm")}
"""The captures made in every run of the tests; all others are marked as slow."""


def _contents() -> dict[str, bytes]:
    """Return the files of the packages by filename."""
    table = {"url": "https://index.example/simple", "packages": PACKAGES}
    index = FakeIndexes({"main": Index.model_validate(table)})["main"]
    return {
        file.filename: b"".join(
            file.distribution.content.chunks(0, file.distribution.content.length)
        )
        for file in index.files.values()
    }


def _differences(capture: Capture) -> Sequence[str]:
    """Return the differences of a capture, or the reason why nothing could be compared."""
    if capture.comparison is None:
        return [capture.reason]
    return [difference.text for difference in capture.comparison.differences]


@pytest.mark.parametrize("spec", SPECS[:2])
@pytest.mark.parametrize("server", ["pypiserver", pytest.param("devpi", marks=pytest.mark.servers)])
@pytest.mark.usefixtures("reachable_index")
def test_real_server_is_captured(server: str, spec: str, venvs: Path, tmp_path: Path) -> None:
    """The captured index answers each request of the installer as the real server does."""
    project = tmp_path / "acme-shop"
    project.mkdir()
    (project / "requirements.txt").write_text("acme-core  # tok-in-comment\n")
    (project / "pyproject.toml").write_text(
        '[project]\nname = "acme-shop"\nversion = "1"\nrequires-python = ">=3.11"\n'
        'dependencies = ["acme-core"]\n'
    )
    scripts = real_servers.provisioned(server, venvs)
    folder = tmp_path / "server"
    folder.mkdir()
    command = COMMANDS[InstallerSpec.parse(spec).name]
    with SERVERS[server](scripts, folder, _contents()) as url, PlaySession() as session:
        named = [NamedIndex(url, is_default=True)]
        capture = captured(project, command, spec, session, indexes=named)
    assert _differences(capture) == []
    assert capture.holds
    for private in ("acme", "tok-in", "127.0.0.1", "root/dev"):
        assert private not in capture.text


def _each() -> list[Any]:
    return [
        pytest.param(
            project,
            spec,
            id=f"{project.name}-{spec}",
            marks=() if (project.name, spec.partition("=")[0]) in QUICK else pytest.mark.servers,
        )
        for project in PROJECTS
        for spec in SPECS
    ]


@pytest.mark.parametrize(("project", "spec"), _each())
def test_project_is_captured(project: RealProject, spec: str, tmp_path: Path) -> None:
    """At most 1% of the requests are answered differently by the captured index."""
    name = InstallerSpec.parse(spec).name
    with served(project) as origin, PlaySession() as session:
        project.write(tmp_path, origin)
        named = [
            NamedIndex(f"{origin}{table['url']}", number == 0, key)
            for number, (key, table) in enumerate(project.indexes.items())
        ]
        capture = captured(
            tmp_path, COMMANDS[name], spec, session, indexes=named if name == "pip" else []
        )
    assert capture.comparison is not None, capture.reason
    differing = len(capture.comparison.differences)
    assert differing * 100 <= capture.comparison.exchanges, _differences(capture)


@pytest.mark.parametrize("command", ["uv sync --locked", "uv sync --frozen"])
def test_lockfile_of_uv_is_captured(command: str, tmp_path: Path) -> None:
    """A captured lockfile can be installed offline, and lists the hashes and URLs of fake files."""
    table = {"url": "/team/simple", "server": "pypi", "packages": PACKAGES}
    project = RealProject("acme-shop", ["acme-core"], {"corp": table})
    with served(project) as origin, PlaySession() as session:
        project.write(tmp_path, origin)
        (tmp_path / "uv.lock").write_text(_locked(origin))
        capture = captured(tmp_path, command.split(), SPECS[0], session)
    assert capture.real.steps[0].traffic.downloads == 2
    assert _differences(capture) == []
    assert capture.holds
    assert "acme" not in capture.text
    assert "${sha256:project" in capture.text


def _locked(origin: str) -> str:
    """Return the lockfile that uv writes for the project."""
    registry = f'source = {{ registry = "{origin}/team/simple" }}'
    lines = ['version = 1\nrevision = 3\nrequires-python = ">=3.11"\n']
    table = {"url": f"{origin}/team/simple", "server": "pypi", "packages": PACKAGES}
    index = FakeIndexes({"corp": Index.model_validate(table)})["corp"]
    for name, version in (("acme-core", "1.0"), ("acme-http", "2.0")):
        needs = 'dependencies = [\n    { name = "acme-http" },\n]\n' if name == "acme-core" else ""
        lines.append(f'[[package]]\nname = "{name}"\nversion = "{version}"\n{registry}\n{needs}')
        for file in index.files.values():
            if file.project != name or file.version != version:
                continue
            digest = f'hash = "sha256:{file.distribution.digests.sha256}"'
            said = f'{{ url = "{file.url}", {digest}, size = {file.distribution.content.length} }}'
            is_wheel = file.filename.endswith(".whl")
            lines.append(f"wheels = [\n    {said},\n]" if is_wheel else f"sdist = {said}")
    lines.append(
        '[[package]]\nname = "acme-shop"\nversion = "1.0"\nsource = { editable = "." }\n'
        'dependencies = [\n    { name = "acme-core" },\n]\n\n[package.metadata]\n'
        'requires-dist = [{ name = "acme-core" }]\n'
    )
    return "\n".join(lines)
