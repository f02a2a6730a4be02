"""Scenarios about the cache, each with an expectation that holds and one that fails."""

from __future__ import annotations

from .expectations import Expected
from .small_pypi import PYPI

_SYNCED = f"""{PYPI}
[project]
dependencies = ["yarl"]
[[steps]]
do = "sync"
"""
_YARL, _IDNA = "yarl-1.20.1-py3-none-any.whl", "idna-3.11-py3-none-any.whl"

CACHES = {
    "entries of the cache": Expected(
        _SYNCED,
        'cached = { wheel = { yarl = 1, "idna-*.whl" = 1 }, page = { "*" = 1 }, metadata = 2 }',
        "cached.wheel.yarl = 1",
        key="cached.wheel.idna",
        seen=f"1: {_IDNA}",
        cause=f"after step 1 the cache has {_IDNA}, which came in step 1",
    ),
    "cache after it was cleared": Expected(
        f'{_SYNCED}[[steps]]\ndo = "clear-cache"\n',
        'cached = 0\nexpect.cache-bytes = "<= 1 KiB"',
        "cached.wheel = 2",
        key="cached.wheel",
        seen="0",
        cause=f"{_YARL} came in step 1, and step 2 cleared the cache",
    ),
    "cache after one project was cleared": Expected(
        f'{_SYNCED}[[steps]]\ndo = "clear-cache"\nprojects = ["idna"]\n',
        "cached = { wheel = { yarl = 1 }, page = { yarl = 1 }, metadata = { yarl = 1 } }",
        "cached = 0",
        key="cached",
        seen=f"3: pypi.org/simple/yarl/, yarl 1.20.1, {_YARL}",
        cause="which came in step 1, although step 2 cleared the cache of idna",
    ),
    "cache that is not used": Expected(
        f"{_SYNCED}no-cache = true\n",
        "cached = 0",
        "cached.page.yarl = 1",
        key="cached.page.yarl",
        seen="0",
        cause="the page of yarl came in step 1, which was played with no-cache",
    ),
    "bytes of the cache": Expected(
        _SYNCED,
        'cache-bytes = "> 2 KiB"',
        "cache-bytes = 0",
        key="cache-bytes",
        seen="* B",
        cause="the indexes sent ",
    ),
}
"""The scenarios by title, each with an expectation that is met and one that is not."""
