"""Real installers provisioned from the machine's package index."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest
from packaging.version import Version

from pytest_indexcache.errors import InstallerUnavailableError
from pytest_indexcache.installers.provisioning.home import cache_home
from pytest_indexcache.installers.provisioning.provision import (
    ProvisionedInstaller,
    provision,
    use_build,
)
from pytest_indexcache.installers.provisioning.releases import find_release, list_releases
from pytest_indexcache.installers.registry import create_installers

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

NEWEST = "newest"

# pip 20.0.2 needs distutils, which Python 3.12 has no more
OLD_PIP = "20.0.2" if sys.version_info < (3, 12) else "23.1.2"

RELEASES = [
    *(("uv", version) for version in ("0.2.23", "0.8.2", "0.8.11", "0.9.4", "0.9.10", NEWEST)),
    *(("pip", version) for version in (OLD_PIP, "22.3", NEWEST)),
    *(("poetry", version) for version in ("1.8.3", NEWEST)),
    *(("pdm", version) for version in ("2.10.0", NEWEST)),
]


def _provision(name: str, version: str) -> ProvisionedInstaller:
    if version != NEWEST:
        return provision(name, version)
    *earlier, newest = list_releases(name)
    try:
        return provision(name, str(newest.version))
    except InstallerUnavailableError:
        # An index that lags behind PyPI may have a release and not yet what it depends on.
        return provision(name, str(earlier[-1].version))


@pytest.mark.parametrize(("name", "version"), RELEASES)
def test_a_release_is_provisioned_and_is_the_one_asked_for(name: str, version: str) -> None:
    """A provisioned installer prints the requested version, and is not installed a second time."""
    installer = _provision(name, version)
    assert installer.executable.is_relative_to(cache_home())
    assert use_build(name, installer.executable).version == installer.version
    assert _provision(name, version) == installer


def test_old_installers_have_the_dependencies_of_their_time() -> None:
    """An old pdm gets dependencies from its own time, because it crashes with those of today."""
    installer = _provision("pdm", "2.10.0")
    code = "from importlib.metadata import version; print(version('tomlkit'), version('rich'))"
    done = subprocess.run(
        [str(installer.python), "-c", code], capture_output=True, text=True, check=True
    )
    tomlkit, rich = map(Version, done.stdout.split())
    # For Python 3.13 there were no wheels of all of them yet: it gets those of a year later.
    assert tomlkit < Version("0.13" if sys.version_info < (3, 13) else "0.13.3")
    assert rich < Version("14")


def test_releases_are_listed_with_their_dates() -> None:
    """Releases are listed in the order of versions, with the upload date of their first file."""
    releases = list_releases("uv")
    versions = [release.version for release in releases]
    assert versions == sorted(versions)
    assert len(versions) > 300
    assert not any(version.is_prerelease for version in versions)
    reported = find_release("uv", Version("0.8.11"))
    assert reported is not None
    assert reported.uploaded is None or reported.uploaded.date() == date(2025, 8, 14)


def test_a_range_makes_an_installer_of_each_release() -> None:
    """``uv>=0.8,<0.9`` gives every patch release of 0.8, newest first."""
    installers = create_installers("uv>=0.8,<0.9")
    versions = [Version(installer.version) for installer in installers]
    assert versions == sorted(versions, reverse=True)
    assert {Version("0.8.2"), Version("0.8.11")} < set(versions)
    sampled = create_installers("uv>=0.4,<0.9", sample="minor")
    assert [one.version.rpartition(".")[0] for one in sampled] == [
        "0.8",
        "0.7",
        "0.6",
        "0.5",
        "0.4",
    ]
