"""The supply of installers: each one is provisioned once, and its version is looked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import InstallerUnavailableError
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller, Supply

UV = ProvisionedInstaller("uv", "0.8.11", Path("/opt/uv"), None)


class Provider:
    """Provides an installer, and counts how often it is called."""

    def __init__(self, *answers: ProvisionedInstaller | InstallerUnavailableError) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self) -> ProvisionedInstaller:
        """Return the next installer, or raise the next error."""
        self.asked += 1
        answer = self._answers.pop(0)
        if isinstance(answer, InstallerUnavailableError):
            raise answer
        return answer


def test_a_named_release_is_not_provisioned_for_its_version() -> None:
    """The version of an exact release is known without provisioning it."""
    provider = Provider(UV)
    supply = Supply(provider, "0.8.11")
    assert (supply.version, provider.asked) == ("0.8.11", 0)


def test_an_installer_is_provisioned_once() -> None:
    """An installer is provisioned once, and ``--version`` runs only if the spec has no release."""
    provider = Provider(UV)
    supply = Supply(provider)
    assert (supply.version, supply(), supply()) == ("0.8.11", UV, UV)
    assert provider.asked == 1


def test_a_failure_is_not_remembered() -> None:
    """A failure to provision an installer is not remembered, and the next play tries again."""
    supply = Supply(Provider(InstallerUnavailableError("uv", "no network"), UV))
    with pytest.raises(InstallerUnavailableError):
        supply()
    assert supply() == UV


def test_an_installer_is_provisioned_once_for_each_python() -> None:
    """An installer is provisioned once for each Python, unless it serves all Pythons."""
    asked: list[Path] = []

    def provide_for(python: Path) -> ProvisionedInstaller:
        asked.append(python)
        return ProvisionedInstaller("pip", "19.0", python / "pip", python)

    pythons = [Path("/opt/3.8"), Path("/opt/3.9"), Path("/opt/3.8")]
    supply = Supply(Provider(), "19.0", provide_for)
    assert [supply.for_python(python).python for python in pythons] == pythons
    assert asked == pythons[:2]
    assert Supply(Provider(UV)).for_python(pythons[0]) == UV
