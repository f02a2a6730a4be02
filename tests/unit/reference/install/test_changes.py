"""The lines that report the changes of a command."""

from __future__ import annotations

from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.reference.install.changes import Changes, Package, count_packages
from pytest_indexcache.system.venvs.origins import Origin


def package(name: str, version: str, origin: Origin | None = None) -> Package:
    """Make a package."""
    return Package(canonicalize_name(name), Version(version), origin)


def test_nothing_done_is_an_audit() -> None:
    """If nothing changes, the report states the number of checked packages."""
    assert Changes(kept=(package("a", "1"),)).lines() == ["Audited 1 package"]
    assert Changes().lines() == ["Audited 0 packages"]


def test_changes_are_counted_and_sorted_by_name() -> None:
    """Changes are sorted by name, removals first, and local packages show their folder."""
    changes = Changes(
        removed=(package("torch", "2.9.0"), package("triton", "3.5.0")),
        added=(
            package("local", "1", Origin("editable", "/src/local")),
            package("torch", "2.9.0+cpu"),
        ),
        kept=(package("numpy", "2"),),
    )
    assert changes.lines() == [
        "Uninstalled 2 packages",
        "Installed 2 packages",
        " + local==1 (from file:///src/local)",
        " - torch==2.9.0",
        " + torch==2.9.0+cpu",
        " - triton==3.5.0",
    ]


def test_one_is_not_several() -> None:
    """A count of one package is reported in the singular."""
    assert [count_packages(number) for number in (0, 1, 27)] == [
        "0 packages",
        "1 package",
        "27 packages",
    ]
