"""Installers on PATH, and local builds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_indexcache.errors import (
    InstallerStartError,
    InstallerUnavailableError,
)
from pytest_indexcache.installers.provisioning.provision import (
    ProvisionedInstaller,
    find_on_path,
    use_build,
)


def _script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_an_installer_on_path_tells_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installer on PATH is used without a copy, and reports its version."""
    executable = _script(tmp_path / "pdm", "echo PDM, version 2.25.9")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_on_path("pdm") == ProvisionedInstaller("pdm", "2.25.9", executable, None)
    with pytest.raises(InstallerUnavailableError, match="poetry: it is not on PATH"):
        find_on_path("poetry")


@pytest.mark.parametrize("is_known", [True, False])
def test_a_shim_of_pyenv_is_not_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    """For a pyenv shim on PATH, the program that pyenv names is used, if there is one."""
    for folder in ("shims", "bin", "version"):
        (tmp_path / folder).mkdir()
    shim = _script(tmp_path / "shims" / "pdm", "echo PDM, version 2.1")
    program = _script(tmp_path / "version" / "pdm", "echo PDM, version 2.25.9")
    _script(tmp_path / "bin" / "pyenv", f"echo {program}" if is_known else "exit 127")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"), prepend=":")
    assert find_on_path("pdm").executable == (program if is_known else shim)


def test_a_build_of_ones_own_may_be_named_by_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path to a build is made absolute, because steps run in other folders."""
    _script(tmp_path / "uv", "echo uv 0.9.0-dev1")
    monkeypatch.chdir(tmp_path)
    found = use_build("uv", Path("uv"))
    assert found == ProvisionedInstaller("uv", "0.9.0.dev1", tmp_path / "uv", None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("exit 3", "gave 3$"),
        ("echo broken; exit 3", "gave 3\n  [|] broken$"),
        ("true", "printed no version$"),
        ("echo no version here", "printed no version\n  [|] no version here$"),
        ("kill -SEGV $$", "was ended by SIGSEGV"),
    ],
)
def test_a_build_that_does_not_start_is_an_error(tmp_path: Path, text: str, problem: str) -> None:
    """The error for a build that does not start names the spec, the path and the reason."""
    executable = _script(tmp_path / "uv", text)
    with pytest.raises(InstallerStartError) as caught:
        use_build("uv", executable)
    assert re.search(problem, caught.value.problem)
    assert caught.value.spec == f"uv@{executable}"
    assert str(executable) in caught.value.problem


def test_a_build_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A missing build is an error, not a skip, because the user named it on the command line."""
    with pytest.raises(InstallerStartError, match="there is no such file"):
        use_build("uv", tmp_path / "target" / "debug" / "uv")
