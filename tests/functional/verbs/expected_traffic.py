"""Scenarios about requests, each with an expectation that holds and one that fails."""

from __future__ import annotations

from .expectations import Expected
from .small_pypi import PYPI

_BY_PYPI = PYPI.replace('/simple"\n', '/simple"\nheaders = "pypi"\n')
# Without a hash, the rest could be of another file, so the whole file is requested again.
_LARGE = PYPI.replace('six."1.17.0" = {}', 'six."1.17.0" = { padding = "64 KiB", hashes = "none" }')
_CUT = f"""{_LARGE}
[[steps]]
do = "install"
requirements = ["idna"]
[[steps]]
do = "fail"
index = "pypi"
how = "cut"
after = "48 KiB"
kind = "wheel"
[[steps]]
do = "install"
requirements = ["six"]
"""

_ASKED_AGAIN = f"""{_BY_PYPI}
[[steps]]
do = "compile"
requirements = ["six"]
[[steps]]
do = "compile"
requirements = ["six"]
refresh = true
"""

_EDGED = f"""{_BY_PYPI.replace('"pypi"', '"pypi"' + chr(10) + "edge = {}", 1)}
[[steps]]
do = "warm"
index = "pypi"
project = "six"
kind = "page"
[[steps]]
do = "install"
requirements = ["six"]
"""

TRAFFIC = {
    "requests past an edge": Expected(
        _EDGED,
        "past-edge = { page = 0, wheel = 1 }",
        "past-edge = { page = 1 }",
        key="past-edge.page",
        seen="0",
        cause="in step 2 the edge of index pypi answered the request for the page of six from its",
    ),
    "field that is sent": Expected(
        _ASKED_AGAIN,
        "fields.page = { if-none-match = true, accept = '*json*', user-agent = true }",
        "fields.page = { if-none-match = false }",
        key="fields.page.if-none-match",
        seen="sent (1 of 1 requests)",
        cause="step 2 asked for the page of six, which came in step 1, with if-none-match: ",
    ),
    "field that is not sent": Expected(
        _ASKED_AGAIN,
        "fields = { page = { range = false }, wheel = { range = false } }",
        "fields.page.if-modified-since = true",
        key="fields.page.if-modified-since",
        seen="not sent (1 of 1 requests)",
        cause="the page of six came in step 1 without Last-Modified",
    ),
    "value of a field": Expected(
        _ASKED_AGAIN,
        'fields.page.accept = "*application/vnd.pypi.simple.v1+json*"',
        'fields.page.accept = "text/html"',
        key="fields.page.accept",
        seen="*json*(1 of 1 requests)",
        cause="step 2 asked for the page of six by GET with accept: application/",
    ),
    "field of no request": Expected(
        _ASKED_AGAIN,
        "fields.sdist.accept = false",
        "fields.wheel.accept = true",
        key="fields.wheel.accept",
        seen="no request",
        cause="step 2 made 2 requests, and none of kind wheel",
    ),
    "bytes": Expected(
        _CUT,
        'bytes = { six = "<= 120 KiB" }',
        'bytes = { six = "<= 68 KiB" }',
        key="bytes.six",
        seen="11???? B",
        cause="; the part received before the cut was requested again, without a Range for the "
        "rest",
    ),
    "bytes in all": Expected(
        _CUT,
        'bytes = ">= 64 KiB"',
        "bytes = {}",
        key="bytes.six",
        seen="11???? B",
        cause="six-1.17.0-py3-none-any.whl was sent in 2 responses",
    ),
}
