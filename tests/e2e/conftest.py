"""What tests with real installers need: an index to get them from, and a gateway to play at."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from pytest_indexcache.errors import InstallerUnavailableError
from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.provisioning.releases import list_releases


@pytest.fixture(scope="session")
def releases_can_be_had() -> None:
    """Skip where neither PyPI nor a list of what it has can be reached."""
    try:
        list_releases("uv")
    except InstallerUnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def playing_gateway() -> Iterator[Gateway]:
    """Open one gateway for all plays."""
    with Gateway(clock=time.time) as opened:
        yield opened
