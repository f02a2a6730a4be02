"""Requirements in exported scripts, judged by a table instead of a parser of specifiers."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker

from pytest_indexcache.standalone.known_releases import KnownReleases
from pytest_indexcache.standalone.program.judging import READERS
from pytest_indexcache.standalone.program.locks import read_lock
from pytest_indexcache.standalone.program.requirements import requirement_problems

METADATA = b"""\
Metadata-Version: 2.3
Name: Foo.Bar
Version: 1.5
Requires-Dist: six>=1.10,<2
Requires-Dist: idna; python_version < "3"
Requires-Dist: extra-only; extra == "x"

A description.
Requires-Dist: not-this
"""


def known(*texts: str) -> dict[str, dict[str, Any]]:
    """Return the table of requirements of a scenario with six 1.9 and 1.17.0."""
    found = KnownReleases()
    sixes = (f"Metadata-Version: 2.1\nName: six\nVersion: {v}\n" for v in ("1.9", "1.17.0"))
    bodies = [METADATA, *(text.encode() for text in sixes)]
    found.add(base64.b64encode(body).decode() for body in bodies)
    return found.table(texts)


def test_table_says_which_known_versions_meet_a_requirement() -> None:
    """Each requirement has its project, its marker, and the known versions by whether they meet."""
    table = known("foo_bar", "not a requirement !")
    assert table["six>=1.10,<2"] == {
        "name": "six",
        "marker": "",
        "versions": ["1.17.0"],
        "others": ["1.9"],
    }
    assert table["foo_bar"] == {"name": "foo-bar", "marker": "", "versions": None, "others": []}
    assert table['idna; python_version < "3"']["marker"] == 'python_version < "3"'
    assert "not a requirement !" not in table


def judged(
    tmp_path: Path, venv: dict[str, str], step: dict[str, Any], **after: Any
) -> tuple[list[str], list[str]]:
    """Return the problems of a step, and what is not judged."""
    metadata = tmp_path / "METADATA"
    metadata.write_bytes(METADATA)
    empty = tmp_path / "EMPTY"
    empty.write_bytes(b"Metadata-Version: 2.1\n\n")
    state: dict[str, Any] = {
        "venv": {
            name: {"version": it, "metadata": metadata if name == "foo-bar" else empty}
            for name, it in venv.items()
        },
        "requirements": known(*step.get("wanted", ())),
        "exit": "success",
        "python": "3.12.1",
        "locks": [],
        "not_judged": [],
        **after,
    }
    usual = {"expect": {}, "wanted_if_locked": False, "wants_venv": True}
    return list(requirement_problems({**usual, **step}, {}, state)), state["not_judged"]


@pytest.mark.parametrize(
    ("venv", "wanted", "said", "unclear"),
    [
        ({"six": "1.17.0"}, ["six>=1.10,<2"], [], []),
        ({"six": "1.9"}, ["six"], [], []),
        (
            {"six": "1.9"},
            ["six>=1.10,<2"],
            ["satisfied: six 1.9 is installed, six>=1.10,<2 is asked for"],
            [],
        ),
        ({}, ["six"], ["satisfied: six is not installed"], []),
        ({}, ["six; sys_platform == 'no-such'"], [], []),
        ({"six": "3"}, ["six>=1.10,<2"], [], ["satisfied: six 3 is unknown"]),
        (
            {},
            ["six; platform_release > '5'"],
            [],
            ["satisfied: the marker of six; platform_release > '5'"],
        ),
    ],
)
def test_requirements_of_a_step_must_be_in_the_venv(
    tmp_path: Path, venv: dict[str, str], wanted: list[str], said: list[str], unclear: list[str]
) -> None:
    """The requirements of a successful step must be met; those that are not judged are named."""
    assert judged(tmp_path, venv, {"wanted": wanted}) == (said, unclear)


def test_failed_step_need_not_install_anything(tmp_path: Path) -> None:
    """The requirements of a step count only if the step succeeded."""
    assert judged(tmp_path, {}, {"wanted": ["six"]}, exit="failure") == ([], [])
    assert judged(tmp_path, {}, {"wanted": []}, python="") == (
        ["satisfied: there is no venv"],
        [],
    )


def test_frozen_step_wants_only_what_is_locked(tmp_path: Path) -> None:
    """A step that follows the lockfile as it is need not install what is not in there."""
    lock = tmp_path / "requirements.txt"
    lock.write_text("six==1.17.0\n", encoding="utf-8")
    assert READERS["lock"] is read_lock
    step = {"wanted": ["six", "other"], "wanted_if_locked": True}
    assert judged(tmp_path, {}, step, locks=[lock])[0] == ["satisfied: six is not installed"]


@pytest.mark.parametrize(
    ("venv", "wanted", "said"),
    [
        ({"foo-bar": "1.5", "six": "1.17.0"}, True, []),
        (
            {"foo-bar": "1.5", "six": "1.9"},
            True,
            [
                "check: foo-bar requires six>=1.10,<2: six 1.9 is installed, six>=1.10,<2 is asked "
                "for"
            ],
        ),
        ({"foo-bar": "1.5"}, False, []),
        ({"six": "1.9"}, False, ["check: the venv is consistent"]),
        ({"foo-bar": "1.5", "six": "7"}, True, []),
        ({"foo-bar": "1.5", "six": "7"}, False, []),
    ],
)
def test_venv_is_consistent_if_all_requirements_are_met(
    tmp_path: Path, venv: dict[str, str], wanted: object, said: list[str]
) -> None:
    """``check`` reads the metadata in the venv, and says nothing of versions that are unknown."""
    found, unclear = judged(tmp_path, venv, {"expect": {"check": wanted}})
    assert found == said
    assert unclear == (["check: six 7 is unknown"] if venv.get("six") == "7" else [])


@pytest.mark.parametrize(
    "marker",
    [
        'python_version < "3.10"',
        'python_version >= "3.10" and (sys_platform == "linux" or os_name == "nt")',
        'sys_platform in "linux darwin win32"',
        'platform_system not in "Windows"',
        '"3.12.1" == python_full_version',
        'extra == "x" or platform_python_implementation != "CPython"',
        'implementation_name == "cpython" and platform_machine != "no-such"',
    ],
)
def test_marker_holds_as_packaging_says(tmp_path: Path, marker: str) -> None:
    """Markers have the same value as in a play, without a parser of markers."""
    environment = {"python_version": "3.12", "python_full_version": "3.12.1", "extra": ""}
    found, unclear = judged(tmp_path, {}, {"wanted": [f"six; {marker}"], "wants_venv": False})
    assert unclear == []
    assert bool(found) is Marker(marker).evaluate(environment)
