"""The pages that are generated from measurements."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from pytest_indexcache.servers import profile_names

DOCS = Path(__file__).parents[2] / "docs"
SCRIPT = runpy.run_path(str(DOCS / "measured_tables.py"))


def measured(name: str) -> dict[str, dict[str, object]]:
    """Return the measurements of each installer."""
    data: dict[str, dict[str, object]] = json.loads(SCRIPT["FILES"][name].read_text())
    return data


def test_pages_are_current() -> None:
    """The pages are up to date with the measurements."""
    for page, text in SCRIPT["pages"]().items():
        assert page.read_text("utf-8") == text, "run python docs/measured_tables.py"


def test_every_server_was_played_by_every_installer() -> None:
    """Each server has a measurement for each installer."""
    data = measured("servers")
    assert set(data) == {"uv", "pip", "poetry", "pdm", "nab"}
    for each in data.values():
        assert set(each["servers"]) == set(profile_names())  # type: ignore[call-overload]


def test_reference_never_claims_what_it_does_not_hold() -> None:
    """Under any fault the reference installs all files correctly or fails with its own error."""
    faults: dict[str, dict[str, object]] = measured("faults")["reference"]["faults"]  # type: ignore[assignment]
    words = {fault: SCRIPT["outcome"](told).split()[0] for fault, told in faults.items()}
    assert set(words.values()) == {"installed", "refused"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"exit": "success", "installed": True, "problems": [], "requests": 3}, "installed (3)"),
        ({"exit": "failure", "installed": False, "problems": [], "requests": 1}, "refused (1)"),
        ({"exit": "success", "installed": False, "problems": [], "requests": 0}, "**silent** (0)"),
        ({"exit": "success", "installed": True, "problems": ["x"], "requests": 1}, "**wrong** (1)"),
        ({"exit": "failure", "installed": True, "problems": [], "requests": 1}, "**wrong** (1)"),
        ({"exit": "crash", "installed": False, "problems": [], "requests": 1}, "**crash** (1)"),
    ],
)
def test_outcome_tells_a_wrong_venv_from_a_refusal(told: dict[str, object], expected: str) -> None:
    """A venv whose files differ from RECORD is reported as wrong, whatever the exit code is."""
    assert SCRIPT["outcome"](told) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (None, "-"),
        ({"asked": {}, "bytes": 0, "exit": "success", "installed": "1.17.0"}, "nothing"),
        (
            {"asked": {"wheel 200": 2, "page 304": 1}, "bytes": 2048, "exit": "success"}
            | {"installed": "1.16.0"},
            "page 304, wheel 200 ×2; 2 KiB → 1.16.0",
        ),
        ({"asked": {}, "bytes": 0, "exit": "failure", "installed": None}, "nothing: *refused*"),
    ],
)
def test_cell_says_what_was_asked(told: dict[str, object] | None, expected: str) -> None:
    """A table cell lists requests with statuses, the bytes, and the installed release if older."""
    assert SCRIPT["asked"](told) == expected
