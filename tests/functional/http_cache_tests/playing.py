"""Runs the whole suite through :class:`CacheTransport`, many tests at a time."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from .cache_transport import CacheTransport
from .engine import Played, play
from .suite import load_groups, serve
from .verdicts import Report, is_for_private_caches, judge

_AT_A_TIME = 100


def play_suite(
    folder: Path, scratch: Path, only: str | None = None, *, serves_stale: bool = True
) -> Report:
    """Run the tests of a folder, or one test with its dependencies.

    ``serves_stale`` is false for the cache that the installer itself uses.
    """
    groups = load_groups(folder)
    tests = [test for group in groups for test in group["tests"] if is_for_private_caches(test)]
    if only is not None:
        tests = [test for test in tests if test["id"] == only]
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    transport = CacheTransport(
        httpx.HTTPTransport(limits=limits), scratch / "cache", serves_stale=serves_stale
    )
    with (
        serve(folder, scratch) as base,
        httpx.Client(transport=transport, timeout=20, trust_env=False) as client,
        httpx.Client(limits=limits, timeout=20, trust_env=False) as control,
        ThreadPoolExecutor(_AT_A_TIME) as pool,
    ):

        def outcome(test: dict[str, Any]) -> tuple[str, Played]:
            return test["id"], play(test, base, client, control)

        played = dict(pool.map(outcome, tests))
        # some tests allow two seconds: what failed among a hundred others gets them once more
        played |= pool.map(outcome, [test for test in tests if _matters(test, tests, played)])
    return judge(groups, played)


def _matters(
    test: dict[str, Any], tests: list[dict[str, Any]], played: Mapping[str, Played]
) -> bool:
    """Return whether a failed test is required, or whether other tests depend on it."""
    if played[test["id"]].held:
        return False
    needed = any(test["id"] in other.get("depends_on", ()) for other in tests)
    return needed or test.get("kind") != "check"
