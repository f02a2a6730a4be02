"""Names that reporters hid in logs, which are filled in."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.logs.hidden_names import with_names
from pytest_indexcache.drafts.logs.reading import read_line


@pytest.mark.parametrize(
    ("line", "text", "hidden"),
    [
        ("at https://<our-index>/simple/six/", "at https://our-index.example/simple/six/", 1),
        ("at https://{HOST_NAME}:8080/six/", "at https://host-name.example:8080/six/", 1),
        ("at https://[redacted]/simple/", "at https://redacted.example/simple/", 1),
        ("at https://****.jfrog.io/<team>/", "at https://hidden.jfrog.io/team/", 2),
        ("at https://<user>:<pass>@a.example/<repo>/x", "at https://a.example/repo/x", 1),
        ("at https://me:****@a.example/simple/", "at https://a.example/simple/", 0),
        ("Adding direct dependency: <OUR_PROJECT>*", "Adding direct dependency: our-project*", 1),
        ("at https://[::1]/simple/", "at https://[::1]/simple/", 0),
        ("six{sys_platform == 'linux'}>=1, <2.0", "six{sys_platform == 'linux'}>=1, <2.0", 0),
        ("kind: Registry { version: 1 }, x: OnceLock(<uninit>)", None, 1),
        ("plain", "plain", 0),
    ],
)
def test_hidden_name_is_filled_in(line: str, text: str | None, hidden: int) -> None:
    """Placeholders in URLs and names are replaced by plain words, and credentials are removed."""
    named, parts = with_names(line)
    assert text is None or named == text
    assert len(parts) == hidden


def test_hidden_name_of_a_fact_is_reported() -> None:
    """A name that was filled in is reported beside the fact of its line."""
    events = read_line("DEBUG Found stale response for: https://<index>/simple/six/")
    assert [(event.kind, event.url or event.detail) for event in events] == [
        ("stale", "https://index.example/simple/six/"),
        ("hidden", "<index>"),
    ]


@pytest.mark.parametrize("part", ["<a", "https://<", "{A", "*", "[a"])
def test_hostile_placeholders_take_linear_time(part: str) -> None:
    """A line full of unclosed placeholders is read in linear time."""
    assert with_names(f"https://x/{part * 2000}")[0]
