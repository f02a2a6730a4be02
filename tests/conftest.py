"""The condition of tests with real installers: an index to get them from."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import InstallerUnavailableError
from pytest_indexcache.installers.provisioning.releases import list_releases


@pytest.fixture(scope="session")
def releases_can_be_had() -> None:
    """Skip where neither PyPI nor a list of what it has can be reached."""
    try:
        list_releases("uv")
    except InstallerUnavailableError as error:
        pytest.skip(str(error))
