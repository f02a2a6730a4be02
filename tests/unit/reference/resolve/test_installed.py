"""Requirements that installed distributions meet without any request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pytest_indexcache.errors import UnsatisfiableError
from pytest_indexcache.reference.resolve.installed import InstalledCandidates
from pytest_indexcache.reference.resolve.needs import Rules
from pytest_indexcache.reference.resolve.resolver import resolve_requirements
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.reference.words.selection import NOTHING, Selection
from pytest_indexcache.system.venvs.installed import read_installed
from pytest_indexcache.system.venvs.origins import Origin, origin_files

from ..world import World

INDEX = IndexLocation("default", "https://pypi.org/simple")
MARKERS = {name: str(value) for name, value in default_environment().items()}
RULES = Rules(MARKERS)
LIB, OTHER = canonicalize_name("lib"), canonicalize_name("other")
PYPI = Origin("index", "https://pypi.org/simple")


def put(folder: Path, stem: str, *lines: str, origin: Origin | None = PYPI) -> None:
    """Make a dist-info folder."""
    dist_info = folder / f"{stem}.dist-info"
    dist_info.mkdir()
    name, _, version = stem.partition("-")
    text = "\n".join([f"Name: {name}", f"Version: {version}", *lines, "", "text"])
    (dist_info / "METADATA").write_text(text)
    for path, data in (origin_files(origin, {}, None) if origin else {}).items():
        (dist_info / path).write_bytes(data)


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """Make a venv with three related distributions, and one from another index."""
    put(
        tmp_path,
        "app-1.0",
        "Requires-Dist: lib>=2",
        "Requires-Dist: never; python_version < '3'",
        "Provides-Extra: more",
        "Requires-Dist: other; extra == 'more'",
        "Provides-Extra: lost",
        "Requires-Dist: missing; extra == 'lost'",
    )
    put(tmp_path, "lib-2.1", "Requires-Dist: app")
    put(tmp_path, "other-1.0")
    put(tmp_path, "torch-2.9.0+cpu", origin=Origin("index", "https://download.pytorch.org/whl/cpu"))
    put(tmp_path, "foreign-1.0", origin=None)
    return tmp_path


def met_by(
    venv: Path,
    *requirements: str,
    rules: Rules = RULES,
) -> set[str] | None:
    """Resolve only from installed distributions; return the projects, or None on failure."""
    world = World(venv)
    metadata = world.metadata()
    installed = InstalledCandidates(read_installed(venv), metadata, [INDEX], NOTHING)
    try:
        pins = resolve_requirements(
            map(Requirement, requirements),
            world.finder([INDEX]),
            metadata,
            replace(rules, installed=installed),
            most_requests=1,
        )
    except UnsatisfiableError:
        return None
    assert world.client.requests == []
    return {pin.name for pin in pins}


@pytest.mark.parametrize(
    ("requirements", "met"),
    [
        (["app"], {"app", "lib"}),
        (["App>=1", "lib"], {"app", "lib"}),
        (["app[more]"], {"app", "lib", "other"}),
        (["gone; python_version < '3'"], set()),
        (["app[lost]"], None),
        (["app>1"], None),
        (["missing"], None),
        (["torch==2.9.0"], None),
        (["foreign"], {"foreign"}),
    ],
)
def test_requirements_are_followed_through_the_metadata(
    requirements: list[str], met: set[str] | None, venv: Path
) -> None:
    """Installed metadata, with its extras and markers, can meet requirements."""
    assert met_by(venv, *requirements) == met


@pytest.mark.parametrize(
    ("rules", "met"),
    [
        (Rules(MARKERS, constraints={LIB: SpecifierSet("<3")}), {"app", "lib"}),
        (Rules(MARKERS, constraints={LIB: SpecifierSet("<2.1")}), None),
        (Rules(MARKERS, constraints={OTHER: SpecifierSet(">9")}), {"app", "lib"}),
        (Rules(MARKERS, overrides={LIB: (Requirement("lib>3"),)}), None),
        (Rules(MARKERS, overrides={LIB: (Requirement("other"),)}), {"app", "other"}),
        (Rules(MARKERS, overrides={LIB: ()}), {"app"}),
        (Rules(MARKERS, dependencies=False), {"app"}),
    ],
)
def test_the_rules_of_a_resolution_count(rules: Rules, met: set[str] | None, venv: Path) -> None:
    """Constraints, overrides and no_deps apply to installed distributions."""
    assert met_by(venv, "app", rules=rules) == met


@pytest.mark.parametrize(
    ("before", "met"),
    [
        (IndexLocation("other", "https://x.example/simple", explicit=True), True),
        (IndexLocation("other", "https://x.example/simple", is_beside=True), True),
        (IndexLocation("other", "https://x.example/simple"), False),
    ],
)
def test_an_index_that_goes_before_is_asked(
    before: IndexLocation, *, met: bool, venv: Path
) -> None:
    """An earlier index is asked for an installed project, unless it is explicit or find-links."""
    world = World(venv)
    candidates = InstalledCandidates(
        read_installed(venv), world.metadata(), [before, INDEX], NOTHING
    )
    found = candidates(canonicalize_name("app"))
    assert found is not None
    assert found.stays == met


def test_an_index_is_asked_for_what_is_to_be_renewed(venv: Path) -> None:
    """A project to upgrade is requested from the index even if it is installed."""
    candidates = InstalledCandidates(
        read_installed(venv), World(venv).metadata(), [INDEX], Selection.of(["app"])
    )
    found = [candidates(name) for name in (canonicalize_name("app"), LIB)]
    assert [it and it.stays for it in found] == [False, True]


def test_metadata_that_cannot_be_read_meets_nothing(venv: Path) -> None:
    """A distribution with unreadable metadata does not meet any requirement."""
    (venv / "app-1.0.dist-info" / "METADATA").write_text("Requires-Dist: ???\n")
    assert met_by(venv, "app") is None
