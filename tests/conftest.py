"""Skips tests with real installers on machines that cannot reach a package index."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import InstallerUnavailableError
from pytest_indexcache.installers.provisioning.releases import list_releases


@pytest.fixture(scope="session")
def releases_can_be_had() -> None:
    """Skip the test if no package index can be reached and no list of releases is stored."""
    try:
        list_releases("uv")
    except InstallerUnavailableError as error:
        pytest.skip(str(error))
