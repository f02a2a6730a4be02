"""Server profiles on the wire, compared with those in-process."""

from __future__ import annotations

import ssl

import httpx
import pytest

from pytest_indexcache.index.inprocess import mount
from pytest_indexcache.index.wire.gateway import serve
from pytest_indexcache.messages import Exchange
from pytest_indexcache.servers import load_profile, profile_names

from .mirrored import contents, fake_index
from .observing import Site, answers

NOON = 1_790_000_000.0


def _clock() -> float:
    """Return a fixed time, so that both transports have the same time."""
    return NOON


def _forget(exchange: Exchange) -> None:
    """Discard an exchange."""


@pytest.mark.parametrize("server", profile_names())
def test_wire_answers_as_in_process(server: str) -> None:
    """Each server answers the battery on the wire as it does in-process."""
    if "signed-urls" in load_profile(server).index:
        pytest.skip("the files are redirected")
    served, url = fake_index(server)
    files = contents()
    inside = answers(Site(mount(served, record=_forget, clock=_clock), url, files))
    with serve(served, record=_forget, clock=_clock) as gateway:
        trusted = ssl.create_default_context(cafile=str(gateway.ca_file))
        with httpx.HTTPTransport(proxy=gateway.proxy_url, verify=trusted) as transport:
            assert answers(Site(transport, url, files)) == inside
