"""Lines of logs of Poetry and PDM."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.logs.reading import read_line

WHEEL = "https://a.example/files/six-1.17.0-py2.py3-none-any.whl"
PAGE = "https://a.example/simple/six/"


@pytest.mark.parametrize(
    ("line", "events"),
    [
        ("Poetry (version 1.8.3)", [LogEvent("installer", "poetry", "1.8.3")]),
        ("PDM, version 2.18.0", [LogEvent("installer", "pdm", "2.18.0")]),
        ("  - Installing six (1.17.0)", [LogEvent("added", "six", "1.17.0")]),
        ("  \u2022 Updating six (1.16.0 -> 1.17.0)", [LogEvent("added", "six", "1.17.0")]),
        ("  - Installing lib (0.1.0 /home/me/lib)", [LogEvent("local", "lib")]),
        ("  - Installing lib (0.1.0 abc123f)", [LogEvent("local", "lib")]),
        ("Installing the current project: my_app (0.1.0)", [LogEvent("local", "my-app")]),
        ("  \u2714 Install six 1.17.0 successful", [LogEvent("added", "six", "1.17.0")]),
        ("unearth.collector: Collecting links from " + PAGE, [LogEvent("asked", url=PAGE)]),
        ("pdm.termui: Using cached response for " + WHEEL, [LogEvent("fresh", url=WHEEL)]),
        (
            f"unearth.preparer: Downloading <Link {WHEEL} (from {PAGE})> (11 kB)",
            [
                LogEvent("download", "six", "1.17.0", WHEEL),
                LogEvent("link", "six", "1.17.0", WHEEL, PAGE),
            ],
        ),
        (
            '[urllib3.connectionpool] https://a.example:443 "GET /simple/six/ HTTP/1.1" 200 None',
            [LogEvent("answered", url=PAGE, detail="200")],
        ),
        ("$ poetry add six", [LogEvent("command", detail="poetry add six")]),
        ("pdm sync -G docs", [LogEvent("command", detail="pdm sync -G docs")]),
        ("  - Installing dependencies (slow)", []),
    ],
)
def test_line_of_poetry_or_pdm(line: str, events: list[LogEvent]) -> None:
    """Lines about installed releases, requests and the project itself are parsed to facts."""
    assert list(read_line(line)) == events
