"""Checks of a lockfile."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.installers.contract.installer import LockedFile, LockedPackage
from pytest_indexcache.run.plays.checks.step_checks import check_step
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.scenario.tables.expectation import Expectation

WHEEL = "foo-1.0-py3-none-any.whl"
SDIST = "foo-1.0.tar.gz"
FILES = (
    LockedFile(WHEEL, ("sha256:aa",), f"https://me:secret@a.example/{WHEEL}?sig=1"),
    LockedFile(SDIST, ("sha256:bb",), f"https://a.example/{SDIST}"),
)


def seen_of(expected: dict[str, Any], seen: Observation) -> tuple[str, str, bool]:
    """Check one expectation; return the expected and observed values, and whether it holds."""
    [check] = check_step(Expectation.model_validate({"exit": "any", **expected}), seen)
    return check.key, check.seen, check.held


@pytest.mark.parametrize(
    ("before", "after", "shown", "unchanged", "changed"),
    [
        ("a", "a", "unchanged", True, False),
        ("a", "b", "changed", False, True),
        ("a", "a\r", "changed", False, True),
        (None, "a", "written", False, True),
        ("a", None, "removed", False, False),
        (None, None, "no lockfile", False, False),
    ],
)
def test_lockfile_is_compared_with_that_from_before_the_step(
    before: str | None, after: str | None, shown: str, unchanged: bool, changed: bool
) -> None:
    """A lockfile is unchanged if it existed and has the same bytes; a new file is a change."""
    seen = Observation(lockfile_before=before, lockfile_after=after)
    assert seen_of({"lockfile": "unchanged"}, seen) == ("lockfile", shown, unchanged)
    assert seen_of({"lockfile": "changed"}, seen) == ("lockfile", shown, changed)


@pytest.mark.parametrize(
    ("part", "expected", "shown", "held"),
    [
        ("files", [WHEEL, SDIST], f"{WHEEL}, {SDIST}", True),
        ("files", ["*.tar.gz", "*.whl"], f"{WHEEL}, {SDIST}", True),
        ("files", [WHEEL], f"{WHEEL}, {SDIST}", False),
        ("files", [WHEEL, SDIST, "foo-2*.whl"], f"{WHEEL}, {SDIST}", False),
        ("files", [], f"{WHEEL}, {SDIST}", False),
        ("urls", [f"https://a.example/{WHEEL}?sig=1", f"https://a.example/{SDIST}"], "", True),
        ("urls", ["https://a.example/*"], "", True),
        ("urls", ["https://a.example/*.whl", "https://a.example/*.tar.gz"], "", False),
        ("hashes", ["sha256"], "sha256", True),
        ("hashes", ["md5"], "sha256", False),
        ("hashes", ["sha256:aa", "sha256:bb"], "sha256:aa, sha256:bb", True),
        ("hashes", ["sha256:aa"], "sha256:aa, sha256:bb", False),
        ("hashes", "offered", "offered, sha256:bb", False),
    ],
)
def test_files_of_a_project_are_compared_by_name_url_and_hash(
    part: str, expected: Any, shown: str, held: bool
) -> None:
    """Every file in the lockfile must match an expected pattern, and each pattern a file."""
    offered = {WHEEL: frozenset(("sha256:aa", "md5:00")), SDIST: frozenset(("sha256:cc",))}
    seen = Observation(locked={"foo": (LockedPackage("1.0", None, FILES),)}, offered=offered)
    key, found, holds = seen_of({"locked": {"foo": {part: expected}}}, seen)
    assert (key, holds) == (f"locked.foo.{part}", held)
    assert "secret" not in found
    assert not shown or found == shown


@pytest.mark.parametrize(
    ("packages", "expected", "shown", "held"),
    [
        ((), {"files": [WHEEL]}, "not locked", False),
        ((), {"hashes": "offered"}, "not locked", False),
        ((LockedPackage("1.0"),), {"files": [WHEEL]}, "none", False),
        ((LockedPackage("1.0"),), {"files": []}, "none", True),
        ((LockedPackage("1.0"),), {"hashes": ["sha256"]}, "none", False),
        ((LockedPackage("1.0", None, (LockedFile(WHEEL),)),), {"urls": ["*"]}, "none", False),
        (
            (LockedPackage("1.0", None, (LockedFile(WHEEL),)),),
            {"hashes": "offered"},
            f"no hash of {WHEEL}",
            False,
        ),
        (
            (LockedPackage("1.0", None, (LockedFile(hashes=("sha256:aa",)),)),),
            {"hashes": "offered"},
            "offered",
            True,
        ),
    ],
)
def test_lockfile_without_files_or_hashes_does_not_meet_them(
    packages: tuple[LockedPackage, ...], expected: dict[str, Any], shown: str, held: bool
) -> None:
    """If a lockfile has no files or hashes, their check shows what is missing."""
    locked = {"foo": packages} if packages else {}
    seen = Observation(locked=locked, offered={WHEEL: frozenset(("sha256:aa",))})
    assert seen_of({"locked": {"foo": expected}}, seen)[1:] == (shown, held)
