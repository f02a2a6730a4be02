"""Fixtures: a server with a fresh page, and a factory for clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .clients import FRESH, Maker
from .scripted_server import Answer, ScriptedServer, serving


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Run a server that answers every request with a fresh page."""
    page = {**FRESH, "Content-Type": "text/html"}
    with serving(lambda _: Answer(fields=page, body=b"<a>page</a>")) as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    """Collect the seconds that clients would have waited."""
    return []


@pytest.fixture
def make(tmp_path: Path, waits: list[float]) -> Iterator[Maker]:
    """Return a factory for clients."""
    maker = Maker(tmp_path / "cache", waits)
    yield maker
    for origin in maker.origins:
        origin.close()
