"""The capture of an index can be played offline, with the same exchanges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.drafts.captures.privacy.replacements import (
    PUBLIC_FOLDERS,
    Replacements,
)
from pytest_indexcache.errors import CommandError
from pytest_indexcache.run.loading import loads_playable

from .capturing import captured

PROJECT = """\
[project]
name = "acme-shop"
version = "1.0"
dependencies = ["acme-core[fast]"]
"""
PACKAGES: dict[str, Any] = {
    "acme-core": {
        "1.0": {"requires": ["six"], "extras": {"fast": ["attrs"]}, "size": "40 KiB"},
        "0.9": {},
    },
    "six": {"1.17.0": {"files": [{"tag": "py2.py3-none-any"}, {"kind": "sdist"}]}, "1.16.0": {}},
    "attrs": {"25.1.0": {"requires-python": ">=3.8"}},
    "unasked": {"1.0": {}},
}


@pytest.mark.parametrize(
    ("server", "keys"),
    [
        ("pypi", {}),
        ("devpi", {}),
        ("pypiserver", {}),
        ("artifactory", {}),
        ("pytorch", {}),
        ("none", {"head": 405, "ranges": False, "metadata": False}),
        ("none", {"formats": ["json"], "gzip": False}),
        ("none", {"hrefs": "absolute", "hashes": "none"}),
        ("none", {"files-url": "https://files.example/x"}),
    ],
)
def test_captured_indexes_answer_alike(tmp_path: Path, server: str, keys: dict[str, Any]) -> None:
    """A captured index answers the same requests with the same statuses as the real server."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    if "files-url" in keys:
        keys = {**keys, "files-url": None}
    table = {"url": "/repo/simple", "server": server, "packages": PACKAGES, **keys}
    table = {key: value for key, value in table.items() if value is not None}
    capture = captured(tmp_path, {"main": table}, {"do": "sync"})
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert capture.comparison.exchanges > 4
    assert capture.holds


def test_only_what_was_asked_for_is_captured(tmp_path: Path) -> None:
    """Projects, releases and files that nobody requested are not in the captured scenario."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    table = {"url": "/simple", "server": "pypi", "packages": PACKAGES}
    capture = captured(tmp_path, {"main": table}, {"do": "sync"})
    scenario = loads_playable(capture.text).scenario
    (index,) = scenario.indexes.values()
    versions = {project: list(releases) for project, releases in index.packages.items()}
    assert versions == {"project1": ["1.0"], "project2": ["25.1.0"], "project3": ["1.17.0"]}
    assert index.packages["project1"]["1.0"].size is not None
    assert [step.do for step in scenario.steps] == ["sync", "sync"]
    assert scenario.steps[0].expect.downloads == {"project1": 1, "project2": 1, "project3": 1}
    assert scenario.steps[1].expect.downloads == {}


WORDS = (
    *("x", "cache", "index", "name", "example", "https", "project1", "folder1", "index1", "py3"),
    *("none", "any", "whl", "tar", "0", "1", "linux", "cafe", "sync", "steps", "packages", "cpu"),
    *("downloads", "python-version", "core", "core-js", "secret1", "hash", "url", "version"),
)


def test_projects_may_be_named_like_words_of_a_scenario(tmp_path: Path) -> None:
    """A private project may have the same name as a key, a tag, a number or a replacement."""
    lines = ", ".join(f"\"{name}>=1.0; python_version>'3'\"" for name in WORDS)
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nname = "shop"\nversion = "1.0"\ndependencies = [{lines}]\n'
    )
    packages: dict[str, Any] = {name: {"1.0": {}} for name in WORDS}
    packages["core-js"] = {"1.0+acme": {"files": [{}, {"kind": "sdist"}]}}
    table = {"url": "/cache/x/simple", "server": "none", "packages": packages}
    capture = captured(tmp_path, {"main": table}, {"do": "sync"})
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert capture.holds
    scenario = loads_playable(capture.text).scenario
    (index,) = scenario.indexes.values()
    assert not set(index.packages) & (set(WORDS) - PUBLIC_FOLDERS)


def test_release_with_several_files_is_captured(tmp_path: Path) -> None:
    """A release has a table for each file if both its wheel and its sdist were requested."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    files = {"files": [{"kind": "sdist"}, {"tag": "cp39-cp39-win32"}], "requires": ["six"]}
    packages = {**PACKAGES, "acme-core": {"1.0": {**files, "extras": {"fast": ["attrs"]}}}}
    table = {"url": "/simple", "server": "none", "packages": packages}
    capture = captured(tmp_path, {"main": table}, {"do": "sync"})
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert 'kind = "sdist"' in capture.text


def test_failing_command_is_captured(tmp_path: Path) -> None:
    """The capture of a failing command expects the failure, and answers unknown projects by 404."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    table = {"url": "/simple", "server": "pypi", "packages": {"six": {"1.0": {}}}}
    capture = captured(tmp_path, {"main": table}, {"do": "sync"})
    assert 'exit = "failure"' in capture.text
    assert "unknown-status = 404" in capture.text
    assert capture.comparison is not None
    assert capture.comparison.is_same
    assert capture.holds


def test_requirement_that_no_index_has_is_captured(tmp_path: Path) -> None:
    """A command that fails because no index has a project fails offline in the same way."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    packages = {"acme-core": {"1.0": {"requires": ["acme-lost>=2"]}}}
    capture = captured(tmp_path, {"main": {"url": "/simple", "packages": packages}}, {"do": "sync"})
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    scenario = loads_playable(capture.text).scenario
    (index,) = scenario.indexes.values()
    assert [str(it) for it in index.packages["project1"]["1.0"].requires] == ["project2>=2"]
    assert scenario.steps[0].expect.exit == "failure"
    assert capture.holds


def test_server_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """If a file cannot be read from the server, a capture ends before anything is played."""
    (tmp_path / "pyproject.toml").write_text("[project\n")
    table = {"url": "/simple", "server": "pypi", "packages": PACKAGES}
    with pytest.raises(CommandError, match=r"pyproject\.toml is not valid TOML"):
        captured(tmp_path, {"main": table}, {"do": "sync"})


def test_names_are_kept_if_that_is_asked_for(tmp_path: Path) -> None:
    """If names are to be kept, projects keep their real names, but the local host is replaced."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    table = {"url": "/team/simple", "server": "pypi", "packages": PACKAGES}
    kept = Replacements(keeps_names=True)
    capture = captured(tmp_path, {"main": table}, {"do": "sync"}, replacements=kept)
    assert capture.comparison is not None
    assert capture.comparison.is_same
    assert "acme-core" in capture.text
    assert "/team/simple" in capture.text
    assert "127.0.0.1" not in capture.text


@pytest.mark.parametrize(
    ("login", "keys"),
    [
        ("joe:pw", {"users": {"joe": "pw"}}),
        ("", {"signed-urls": "ORIGIN/blobs/"}),
        ("", {"ranges": False}),
        ("", {}),
    ],
    ids=["login", "redirect", "no ranges", "ranges"],
)
def test_requirements_of_large_wheels_are_captured(
    tmp_path: Path, login: str, keys: dict[str, Any]
) -> None:
    """A large wheel is requested again for its requirements, with the installer's login."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    large = {"requires": ["six"], "extras": {"fast": ["attrs"]}, "padding": "2 MiB"}
    packages = {**PACKAGES, "acme-core": {"1.0": large}}
    table = {"url": "/simple", "server": "none", "metadata": False, "packages": packages, **keys}
    capture = captured(tmp_path, {"main": table}, {"do": "sync"}, login=login)
    assert 'requires = ["project3"]' in capture.text
    assert 'extras = { fast = ["project2"] }' in capture.text
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert capture.remarks == ()


def test_build_requirements_are_captured(tmp_path: Path) -> None:
    """The requirements of a build are captured, and can be requested offline in the same way."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    builds = {"requires": ["acme-build>=2; python_version > '3'"]}
    sdist = {"files": [{"kind": "sdist", "builds": builds}]}
    packages = {**PACKAGES, "acme-core": {"1.0": sdist}, "acme-build": {"2.0": {}, "1.0": {}}}
    table = {"url": "/simple", "server": "pypi", "packages": packages}
    capture = captured(tmp_path, {"main": table}, {"do": "sync"})
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert capture.holds
    (index,) = loads_playable(capture.text).scenario.indexes.values()
    built = [
        file.builds.requires
        for releases in index.packages.values()
        for release in releases.values()
        for file in release.files
    ]
    assert built == [('project2>=2; python_version > "3"',)]
