"""How usable releases of a project are found and ordered."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pytest_indexcache.reference.words.packages import IndexLocation, Pin
from pytest_indexcache.reference.words.selection import EVERYTHING, Selection
from pytest_indexcache.system.venvs.origins import Origin

from ..world import World
from .found import APP, EXTRA, matching

EXPLICIT = IndexLocation("cpu", "https://cpu.example/whl", explicit=True)


def test_puts_the_highest_version_first(world: World) -> None:
    """Releases are ordered by version (PEP 440), not by their order on the page."""
    for version in ("1.9", "1.10", "1.10.post1", "1!0.1", "0.9"):
        world.client.add("app", version)
    assert matching(world.finder()) == ["1!0.1", "1.10.post1", "1.10", "1.9", "0.9"]


def test_a_public_version_admits_local_ones_and_takes_the_highest(world: World) -> None:
    """The specifier ``==2.0.0`` admits 2.0.0+cpu, which is preferred to 2.0.0 (PEP 440)."""
    for version in ("2.0.0", "2.0.0+cpu", "2.0.1"):
        world.client.add("app", version)
    assert matching(world.finder(), "==2.0.0") == ["2.0.0+cpu", "2.0.0"]
    assert matching(world.finder(), "==2.0.0+cpu") == ["2.0.0+cpu"]


def test_a_hash_tells_a_local_version_from_the_public_one(world: World) -> None:
    """Files without a required hash are left out, unless no file has one (as in pip)."""
    for version in ("2.0.0", "2.0.0+cpu"):
        world.client.add("app", version)
    releases = world.finder().find(APP).releases
    digests = {str(it.version): frozenset({it.file.hashes["sha256"]}) for it in releases}
    one = world.finder().with_hashes({APP: {"sha256": digests["2.0.0"]}})
    assert matching(one, "==2.0.0") == ["2.0.0"]
    none = world.finder().with_hashes({APP: {"sha256": frozenset({"00"})}})
    assert matching(none, "==2.0.0") == ["2.0.0+cpu", "2.0.0"]
    of_another_kind = world.finder().with_hashes({APP: {"sha512": digests["2.0.0"]}})
    assert matching(of_another_kind, "==2.0.0") == ["2.0.0+cpu", "2.0.0"]


def test_passes_by_pre_releases_unless_asked_for(world: World) -> None:
    """A pre-release is used if the specifier names one, or if there is no final release."""
    world.client.add("app", "2.0rc1")
    assert matching(world.finder()) == ["2.0rc1"]
    world.client.add("app", "1.0")
    assert matching(world.finder()) == ["1.0"]
    assert matching(world.finder(), ">=2.0rc1") == ["2.0rc1"]


def test_passes_by_yanked_releases_unless_pinned(world: World) -> None:
    """A yanked release fits == and ===, but neither a range nor a prefix (PEP 592)."""
    world.client.add("app", "2.0", yanked=True)
    world.client.add("app", "1.0")
    finder = world.finder()
    assert matching(finder) == ["1.0"]
    assert matching(finder, ">=2") == []
    assert matching(finder, "==2.*") == []
    assert matching(finder, "==2.0") == ["2.0"]
    assert matching(finder, "===2.0") == ["2.0"]


def test_passes_by_a_yanked_local_version_of_a_pinned_release(world: World) -> None:
    """A yanked local version is left out if another file meets the pin (PEP 592)."""
    world.client.add("app", "1.0+cpu", yanked=True)
    world.client.add("app", "1.0")
    assert matching(world.finder(), "==1.0") == ["1.0"]
    assert matching(world.finder(), "==1.0+cpu") == ["1.0+cpu"]


def test_prefers_the_best_wheel_of_a_release_and_sdists_least(world: World) -> None:
    """Files are ordered by the target's tags, then by falling build tag, with sdists last."""
    for tag in ("py3-none-any", "cp312-cp312-manylinux_2_17_x86_64", "cp313-cp313-win_amd64"):
        world.client.add("app", "1.0", tag=tag)
    world.client.add("app", "1.0", tag="1-py3-none-any")
    world.client.add("app", "1.0", tag="10-py3-none-any")
    sdist = {"filename": "app-1.0.tar.gz", "url": "app-1.0.tar.gz"}
    world.client.pages["https://pypi.org/simple/app/"].insert(0, sdist)
    (release,) = world.finder().find(APP).releases
    assert [file.filename for file in release.files] == [
        "app-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
        "app-1.0-10-py3-none-any.whl",
        "app-1.0-1-py3-none-any.whl",
        "app-1.0-py3-none-any.whl",
        "app-1.0.tar.gz",
    ]


def test_reads_compressed_tags(world: World) -> None:
    """A wheel with several tags in its name is ranked by the best tag."""
    world.client.add("app", "1.0", tag="cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64")
    world.client.add("app", "1.0", tag="py2.py3-none-any")
    (release,) = world.finder().find(APP).releases
    assert release.file.filename.endswith("manylinux2014_x86_64.whl")
    assert len(release.files) == 2


def test_keeps_to_sdists_or_to_wheels_where_told(world: World) -> None:
    """With no_binary only sdists are candidates, and with only_binary only wheels."""
    world.client.add("app", "1.0")
    sdist = {"filename": "app-1.0.tar.gz", "url": "app-1.0.tar.gz"}
    world.client.pages["https://pypi.org/simple/app/"].append(sdist)
    source = world.finder(no_binary=Selection.of(["app"])).find(APP).releases[0]
    assert [file.filename for file in source.files] == ["app-1.0.tar.gz"]
    binary = world.finder(only_binary=EVERYTHING).find(APP).releases[0]
    assert [file.filename for file in binary.files] == ["app-1.0-py3-none-any.whl"]


def test_an_earlier_index_hides_later_ones(world: World) -> None:
    """A project comes from the first index that has it, even if a later index is newer."""
    world.client.add("app", "1.0", index=EXTRA.url)
    world.client.add("app", "2.0")
    assert matching(world.finder([EXTRA, world.default])) == ["1.0"]
    assert world.client.requests == ["page extra.example/simple/app/"]


def test_an_index_without_the_project_is_passed_by(world: World) -> None:
    """If an index does not have the project, the next index is asked."""
    world.client.add("app", "2.0")
    assert matching(world.finder([EXTRA, world.default])) == ["2.0"]


def test_best_match_looks_at_every_index(world: World) -> None:
    """With unsafe-best-match, the highest version on all indexes is chosen."""
    world.client.add("app", "1.0", index=EXTRA.url)
    world.client.add("app", "2.0", index=EXTRA.url)
    world.client.add("app", "2.0")
    world.client.add("app", "3.0")
    finder = world.finder([EXTRA, world.default], strategy="unsafe-best-match")
    assert matching(finder) == ["3.0", "2.0", "1.0"]
    assert finder.find(APP).releases[1].file.index == EXTRA


def test_best_match_takes_a_release_from_the_earlier_index(world: World) -> None:
    """If two indexes have the same version, the wheel of the earlier index is used."""
    world.client.add("app", "1.0", index=EXTRA.url)
    world.client.add("app", "1.0", tag="cp312-cp312-manylinux_2_17_x86_64")
    finder = world.finder([EXTRA, world.default], strategy="unsafe-best-match")
    assert [file.index for file in finder.find(APP).releases[0].files] == [EXTRA, world.default]


def test_prefers_a_file_that_is_not_yanked(world: World) -> None:
    """A release is yanked only if all its files are yanked (PEP 592)."""
    world.client.add("app", "1.0", yanked=True, tag="cp312-cp312-manylinux_2_17_x86_64")
    world.client.add("app", "1.0")
    (release,) = world.finder().find(APP).releases
    assert [file.filename for file in release.files] == ["app-1.0-py3-none-any.whl"]
    assert not release.is_yanked


def test_all_files_of_a_yanked_release_are_offered(world: World) -> None:
    """If all files of a release are yanked, a pin can use each of them (PEP 592)."""
    world.client.add("app", "1.0", yanked=True, tag="cp312-cp312-manylinux_2_17_x86_64")
    world.client.add("app", "1.0", yanked=True)
    (release,) = world.finder().find(APP).releases
    assert release.is_yanked
    assert len(release.files) == 2


def test_an_explicit_index_is_asked_by_name_alone(world: World) -> None:
    """An explicit index is asked only for projects whose source names it."""
    world.client.add("app", "1.0+cpu", index=EXPLICIT.url)
    world.client.add("app", "1.0")
    finder = world.finder([EXPLICIT, world.default])
    assert matching(finder) == ["1.0"]
    assert matching(finder, index="cpu") == ["1.0+cpu"]


@pytest.mark.parametrize(
    ("first", "versions"),
    [
        (None, ["9.0"]),
        ([], []),
        ([{"filename": "login.html", "url": "login.html"}], []),
        ([{"filename": "app-1.0-cp27-cp27m-win32.whl", "url": "a.whl"}], []),
    ],
)
def test_an_index_that_knows_a_project_ends_the_search(
    world: World, first: list[dict[str, str]] | None, versions: list[str]
) -> None:
    """If an index has a page without usable files, later indexes are not asked."""
    index = IndexLocation("first", "https://first.example/simple")
    if first is not None:
        world.client.pages[f"{index.url}/app/"] = first
    world.client.add("app", "9.0")
    assert matching(world.finder([index, world.default])) == versions
    best = world.finder([index, world.default], strategy="unsafe-best-match")
    assert matching(best) == ["9.0"]


def test_a_requires_python_that_cannot_be_read_admits_all(world: World) -> None:
    """An invalid Requires-Python, such as ``>=3.6.*``, admits every Python."""
    world.client.add("app", "1.0", requires_python="whenever")
    assert matching(world.finder()) == ["1.0"]


def test_preferred_versions_come_first(world: World) -> None:
    """A preferred version that fits is the first candidate, even if it is yanked."""
    world.client.add("app", "3.0")
    world.client.add("app", "2.0", yanked=True)
    world.client.add("app", "1.0")
    found = world.finder().find(APP)
    preferred = [Version("1.0"), Version("2.0"), Version("9.0")]
    releases = found.matching(SpecifierSet(">=1.0"), preferred)
    assert [str(it.version) for it in releases] == ["2.0", "1.0", "3.0"]


def test_files_of_a_pin_are_those_of_its_release(world: World) -> None:
    """A pin has the files of its listed release, or only its own file, or none for a folder."""
    world.client.add("app", "1.0")
    world.client.add("app", "2.0")
    finder = world.finder()
    releases = finder.find(APP).releases
    origin = Origin("index", "https://pypi.org/simple")
    for release in releases:
        pin = Pin(APP, release.version, origin, release.file)
        assert finder.files_of(pin) == release.files
    gone = Pin(APP, Version("3.0"), origin, releases[0].file)
    assert finder.files_of(gone) == (releases[0].file,)
    assert finder.files_of(Pin(APP, None, Origin("path", "/app"))) == ()


def test_what_was_uploaded_too_late_is_passed_by(world: World) -> None:
    """Files without an upload time, or uploaded at the time limit or later, are left out."""
    world.client.add("app", "1.0", uploaded="2026-08-01T11:59:59.5Z")
    world.client.add("app", "2.0", uploaded="2026-08-01T12:00:00Z")
    world.client.add("app", "3.0")
    finder = world.finder(uploaded_before=1_785_585_600)
    assert matching(finder) == ["1.0"]
    assert finder.find(APP).rejected == {
        "was uploaded too late for exclude-newer": (Version("2.0"),),
        "has no upload time on the page of its index, which exclude-newer needs": (Version("3.0"),),
    }


def test_what_lies_on_this_machine_has_no_upload_time(world: World, tmp_path: Path) -> None:
    """A wheel in a find-links folder needs no upload time."""
    (tmp_path / "app-1.0-py3-none-any.whl").touch()
    links = IndexLocation("links", tmp_path.as_uri(), flat=True, is_beside=True)
    assert matching(world.finder([links], uploaded_before=0)) == ["1.0"]
