"""Distributions in a venv, read from its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_indexcache.run.plays.venvs.distributions import (
    inconsistencies,
    marker_environment,
    read_venv,
)


def install(
    venv: Path, name: str, version: str, *, requires: tuple[str, ...] = (), url: object = None
) -> Path:
    """Write a distribution into the folder of a venv, as an installer would."""
    site_packages = venv / "lib" / "python3.11" / "site-packages"
    folder = site_packages / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {one}" for one in requires]
    (folder / "METADATA").write_text("\n".join(lines) + "\n\n")
    if url is not None:
        (folder / "direct_url.json").write_text(json.dumps(url))
    return site_packages


def test_no_venv_holds_nothing(tmp_path: Path) -> None:
    """A missing folder is read as an empty venv."""
    assert read_venv(tmp_path / "none") == {}


def test_distributions_are_found_by_normalized_name(tmp_path: Path) -> None:
    """Names are compared as in PEP 503, and versions keep their local segment."""
    install(tmp_path, "Typing_Extensions", "4.14.1")
    install(tmp_path, "torch", "2.9.0+cpu")
    found = {name: one.version for name, one in read_venv(tmp_path).items()}
    assert found == {"typing-extensions": "4.14.1", "torch": "2.9.0+cpu"}


def test_origin_is_what_pep_610_records(tmp_path: Path) -> None:
    """``direct_url.json`` distinguishes folders, editable folders and URLs from an index."""
    install(tmp_path, "a", "1")
    install(tmp_path, "b", "1", url={"url": "file:///b", "dir_info": {"editable": True}})
    install(tmp_path, "c", "1", url={"url": "file:///c", "dir_info": {}})
    install(tmp_path, "d", "1", url={"url": "https://d/d.whl", "archive_info": {}})
    origins = {name: one.origin for name, one in read_venv(tmp_path).items()}
    assert origins == {"a": "index", "b": "editable", "c": "path", "d": "url"}


def test_build_marker_is_read_without_running_the_module(tmp_path: Path) -> None:
    """The build marker is read as a literal from the module, without running its code."""
    site_packages = install(tmp_path, "torch", "1")
    module = "__build__ = 'pypi'\nraise SystemExit('this must not run')\n"
    (site_packages / "torch.py").write_text(module)
    assert read_venv(tmp_path)["torch"].build == "pypi"


def test_build_marker_of_an_editable_project_is_in_its_folder(tmp_path: Path) -> None:
    """The build marker of an editable project is read from its own folder."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "b.py").write_text("__build__ = 'folder'\n")
    url = {"url": project.as_uri(), "dir_info": {"editable": True}}
    install(tmp_path / "venv", "b", "1", url=url)
    assert read_venv(tmp_path / "venv")["b"].build == "folder"


def test_module_without_marker_has_none(tmp_path: Path) -> None:
    """A distribution that the harness did not build has no marker."""
    install(tmp_path, "a", "1")
    assert read_venv(tmp_path)["a"].build is None


def test_a_state_that_was_read_stays_when_the_files_go(tmp_path: Path) -> None:
    """A state of the venv that was read before a step can be compared after files are gone."""
    url = {"url": "file:///b", "dir_info": {}}
    site_packages = install(tmp_path, "b", "1", url=url)
    before = read_venv(tmp_path)["b"]
    (site_packages / "b-1.dist-info" / "direct_url.json").unlink()
    assert before.fingerprint == ("1", "path", "file:///b")
    assert read_venv(tmp_path)["b"].fingerprint == ("1", "index", None)


def test_inconsistencies_are_what_pip_check_would_say(tmp_path: Path) -> None:
    """Missing and wrong versions are reported, unless their marker is false."""
    wanted = ("b>=2", "c", "d; python_version < '3'", "e; extra == 'x'", "f==1")
    install(tmp_path, "a", "1", requires=wanted)
    install(tmp_path, "b", "1")
    install(tmp_path, "f", "1+cpu")
    assert inconsistencies(read_venv(tmp_path)) == [
        "a requires b>=2, but 1 is installed",
        "a requires c, which is not installed",
    ]


def test_reinstalled_distribution_has_another_identity(tmp_path: Path) -> None:
    """A distribution that was removed and installed again has a different identity."""
    folder = install(tmp_path, "torch", "1") / "torch-1.dist-info"
    first = read_venv(tmp_path)["torch"]
    assert read_venv(tmp_path)["torch"].identity == first.identity
    (folder / "METADATA").unlink()
    folder.rmdir()
    install(tmp_path, "torch", "1")
    second = read_venv(tmp_path)["torch"]
    assert second.fingerprint == first.fingerprint
    assert second.identity != first.identity


@pytest.mark.parametrize(("version", "minor"), [("3.8.18", "3.8"), ("3.13.0", "3.13")])
def test_markers_are_those_of_the_python_of_the_venv(
    tmp_path: Path, version: str, minor: str
) -> None:
    """A requirement for another Python than the venv's is not reported as missing."""
    install(tmp_path, "a", "1.0", requires=(f"b ; python_version == '{minor}'", "c ; extra == 'x'"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_bytes(b"")
    (tmp_path / "pyvenv.cfg").write_text(f"version = {version}\n")
    environment = marker_environment(tmp_path / "lib" / "python3.11" / "site-packages")
    assert (environment["python_version"], environment["python_full_version"]) == (minor, version)
    (problem,) = inconsistencies(read_venv(tmp_path))
    assert problem.startswith("a requires b")
    (tmp_path / "pyvenv.cfg").write_text("version = 3.11.7\n")
    assert inconsistencies(read_venv(tmp_path)) == []
