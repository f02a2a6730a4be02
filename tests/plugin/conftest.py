"""Fixtures that run pytest on scenario files, in one process and with two workers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import trustme  # noqa: F401 - pytester forgets what a run imported, and cryptography minds that

Run = Callable[..., pytest.RunResult]

SCENARIO = """\
title = "A wheel comes once"
tags = ["{tag}"]
{extra}
[indexes.pypi]
url = "https://pypi.org/simple"
headers = "{headers}"
[indexes.pypi.packages]
torch."{version}" = {{}}
[project]
dependencies = ["torch"]
[[steps]]
do = "sync"
expect = {{ downloads = {{ torch = 1 }} }}
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
expect = {{ downloads = {{ torch = {again} }} }}
"""


class Write:
    """Writes files into the test's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def scenario_text(
        self, *, again: int = 0, tag: str = "small", headers: str = "pytorch", extra: str = ""
    ) -> str:
        """Return a small scenario, which the reference passes only if ``again`` is 0."""
        return SCENARIO.format(again=again, tag=tag, headers=headers, version="1.0", extra=extra)


@pytest.fixture(params=[(), ("-n", "2")], ids=["alone", "two workers"])
def run(pytester: pytest.Pytester, request: pytest.FixtureRequest) -> Run:
    """Return a function that runs pytest on scenario files, in one process or with two workers."""

    def run_pytest(*arguments: str) -> pytest.RunResult:
        own = ("--indexcache-scenarios", "-p", "no:cacheprovider")
        chosen = own[:1] if "--lf" in arguments or "--keep-cache" in arguments else own
        rest = [argument for argument in arguments if argument != "--keep-cache"]
        return pytester.runpytest(*chosen, *request.param, *rest)

    return run_pytest


@pytest.fixture
def write(pytester: pytest.Pytester) -> Write:
    """Return a writer of files in the test's folder."""
    return Write(pytester.path)
