"""Fake servers answer like the real ones, except for the differences listed in the profile.

``INDEXCACHE_SERVER_VENVS`` is a folder in which the venvs of the servers are kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from pytest_indexcache.index.inprocess import mount
from pytest_indexcache.index.wire.gateway import serve
from pytest_indexcache.messages import Exchange
from pytest_indexcache.servers import load_profile

from . import real_servers
from .mirrored import contents, fake_index
from .observing import Shape, Site, answers

Start = Callable[[Path, Path, Mapping[str, bytes]], AbstractContextManager[str]]

pytestmark = pytest.mark.usefixtures("reachable_index")


def _forget(exchange: Exchange) -> None:
    """Discard an exchange."""


@contextmanager
def _proxpi(scripts: Path, folder: Path, contents: Mapping[str, bytes]) -> Iterator[str]:
    """Run proxpi in front of a fake PyPI."""
    served, _ = fake_index("pypi", url="https://pypi.org/simple")
    with serve(served, record=_forget, clock=time.time) as gateway:
        variables = {"HTTPS_PROXY": gateway.proxy_url, "NO_PROXY": ""}
        variables["REQUESTS_CA_BUNDLE"] = str(gateway.ca_file)
        index = "https://pypi.org/simple/"
        with real_servers.proxpi(scripts, folder, index, **variables) as url:
            yield url


STARTS: Final[Mapping[str, Start]] = {
    "pypiserver": real_servers.pypiserver,
    "simple-repository-server": real_servers.simple_repository_server,
    "devpi": real_servers.devpi,
    "proxpi": _proxpi,
    "bandersnatch": real_servers.bandersnatch,
}
QUICK: Final = ("pypiserver", "simple-repository-server")
"""The servers that every run of the tests starts; `nox -s servers` starts all."""


@pytest.mark.parametrize(
    "server",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.servers) for name in STARTS],
)
def test_fake_server_answers_as_the_real_one(server: str, venvs: Path, tmp_path: Path) -> None:
    """Status, relevant fields and body shape are equal, except for the listed differences."""
    if server == "bandersnatch" and real_servers.nginx_program() is None:
        pytest.skip("nginx is not installed")
    files = contents()
    scripts = real_servers.provisioned(server, venvs)
    starting = STARTS[server](scripts, tmp_path, files)
    with starting as url, httpx.HTTPTransport() as transport:
        real = answers(Site(transport, url, files))
    served, url = fake_index(server)
    fake = answers(Site(mount(served, record=_forget, clock=time.time), url, files))
    assert len(real) >= 40
    listed = {
        question: set(difference.differs)
        for difference in load_profile(server).differences
        for question in difference.questions
    }
    assert _differing(fake, real) == listed


def _differing(fake: Mapping[str, Shape], real: Mapping[str, Shape]) -> dict[str, set[str]]:
    """Return the parts of the answers that differ, by question."""
    found = {}
    for question in {**fake, **real}:
        one, other = fake.get(question, {}), real.get(question, {})
        parts = {part for part in one.keys() | other.keys() if one.get(part) != other.get(part)}
        if parts:
            found[question] = parts
    return found
