"""The resolution of requirements, and the explanation if they cannot be met."""

from __future__ import annotations

import re
from threading import Barrier

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import UnsatisfiableError, UsageError
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.reference.words.sources import PackageSource

from ..world import World


def test_takes_the_newest_release_and_what_it_needs(world: World) -> None:
    """The newest release is chosen, with all its direct and indirect dependencies."""
    world.client.add("app", "1.0")
    world.client.add("app", "2.0", ["library>=1"])
    world.client.add("library", "1.5", ["base"])
    world.client.add("base", "0.1")
    assert world.install("app") == {"app": "2.0", "library": "1.5", "base": "0.1"}


def test_backtracks_to_a_release_that_fits(world: World) -> None:
    """If the newest release conflicts with another requirement, an older one is chosen."""
    world.client.add("app", "2.0", ["library>=2"])
    world.client.add("app", "1.0", ["library>=1"])
    world.client.add("library", "1.0")
    world.client.add("library", "2.0")
    assert world.install("app", "library<2") == {"app": "1.0", "library": "1.0"}


def test_decides_markers_for_the_target(world: World) -> None:
    """Dependencies whose markers do not hold are ignored."""
    world.client.add("app", "1.0", ['win; sys_platform == "win32"', 'lin; sys_platform == "linux"'])
    world.client.add("lin", "1.0")
    assert world.install("app") == {"app": "1.0", "lin": "1.0"}


def test_adds_what_extras_need(world: World) -> None:
    """An extra adds its dependencies to those of the same release."""
    world.client.add("app", "1.0", ['tls; extra == "secure"', "base"], extras=["secure"])
    world.client.add("app", "2.0", ['tls>=2; extra == "secure"', "base"], extras=["secure"])
    world.client.add("tls", "1.0")
    world.client.add("base", "1.0")
    assert world.install("app[secure]") == {"app": "1.0", "tls": "1.0", "base": "1.0"}


def test_extras_may_ask_for_each_other(world: World) -> None:
    """An extra can require another extra of its project, or itself."""
    world.client.add("app", "1.0", ['app[b]; extra == "a"', 'dep; extra == "b"'], extras=["a", "b"])
    world.client.add("dep", "3.0")
    assert world.install("app[a]") == {"app": "1.0", "dep": "3.0"}


def test_allows_cycles(world: World) -> None:
    """Two projects that require each other can be resolved."""
    world.client.add("chicken", "1.0", ["egg"])
    world.client.add("egg", "1.0", ["chicken>=1"])
    assert world.install("egg") == {"chicken": "1.0", "egg": "1.0"}


def test_overrides_replace_what_anybody_requires(world: World) -> None:
    """An override replaces requirements both of the command line and of dependencies."""
    world.client.add("app", "1.0", ["torch==2.0.1"])
    world.client.add("torch", "2.0.0")
    world.client.add("torch", "2.0.1")
    found = world.install("app", "torch==2.0.1", overrides=["torch==2.0.0"])
    assert found == {"app": "1.0", "torch": "2.0.0"}


def test_overrides_keep_extras_that_were_asked_for(world: World) -> None:
    """If an override sets a version, the extras of the requirement are kept."""
    world.client.add("app", "1.0", ['tls; extra == "secure"'], extras=["secure"])
    world.client.add("app", "2.0")
    world.client.add("tls", "1.0")
    assert world.install("app[secure]", overrides=["app<2"]) == {"app": "1.0", "tls": "1.0"}


def test_an_override_whose_marker_fails_drops_the_requirement(world: World) -> None:
    """If the marker of an override is false, the overridden requirement is dropped."""
    world.client.add("app", "1.0", ["heavy"])
    found = world.install("app", overrides=['heavy; sys_platform == "never"'])
    assert found == {"app": "1.0"}


def test_constraints_narrow_and_require_nothing(world: World) -> None:
    """A constraint limits versions, but does not add a requirement."""
    world.client.add("app", "1.0", ["base"])
    world.client.add("base", "1.0")
    world.client.add("base", "2.0")
    found = world.install("app", constraints=["base<2", "other==9"])
    assert found == {"app": "1.0", "base": "1.0"}


def test_keeps_preferred_versions_where_they_fit(world: World) -> None:
    """A preferred version is chosen unless a requirement excludes it."""
    for version in ("1.0", "2.0", "3.0"):
        world.client.add("base", version)
    world.client.add("app", "1.0", ["base"])
    preferences = {"base": [Version("2.0")]}
    assert world.install("app", preferences=preferences)["base"] == "2.0"
    assert world.install("app", "base>2", preferences=preferences)["base"] == "3.0"


def test_can_leave_dependencies_out(world: World) -> None:
    """With no_deps, only direct requirements are resolved, and no metadata is requested."""
    world.client.add("app", "1.0", ["base"])
    assert world.install("app", dependencies=False) == {"app": "1.0"}
    assert world.client.requests == ["page pypi.org/simple/app/"]


def test_passes_by_releases_for_another_python(world: World) -> None:
    """Releases whose page or metadata requires another Python are skipped."""
    world.client.add("app", "3.0", requires_python=">=3.13")
    world.client.add("app", "2.0", requires_python=">=3.13")
    world.client.add("app", "1.0", requires_python=">=3.8")
    del world.client.pages["https://pypi.org/simple/app/"][1]["requires-python"]
    assert world.install("app") == {"app": "1.0"}


@pytest.mark.parametrize("scheme", ["file", "FILE"])
def test_passes_by_releases_that_require_a_file_of_this_machine(scheme: str, world: World) -> None:
    """A release that requires a local file is skipped, unless an override permits it."""
    wheel = world.folder / "helper-1.0-py3-none-any.whl"
    world.client.add("helper", "1.0")
    wheel.write_bytes(world.client.files[f"https://pypi.org/simple/files/{wheel.name}"])
    url = f"{scheme}{wheel.as_uri().removeprefix('file')}"
    world.client.add("app", "2.0", [f"helper @ {url}"])
    world.client.add("app", "1.0")
    assert world.install("app") == {"app": "1.0"}
    with pytest.raises(UnsatisfiableError, match=f"it requires helper @ {url}, a file"):
        world.install("app==2.0")
    found = world.install("app==2.0", overrides=[f"helper @ {wheel.as_uri()}"])
    assert found == {"app": "2.0", "helper": "1.0"}


@pytest.mark.parametrize("url", ["git+https://x.example/helper", "https://x.example/helper.tgz"])
def test_passes_by_releases_that_require_what_cannot_be_installed(url: str, world: World) -> None:
    """A release that requires a git repository is skipped in favour of an older release."""
    world.client.add("helper", "1.0")
    world.client.add("app", "2.0", [f"helper @ {url}"])
    world.client.add("app", "1.0")
    assert world.install("app") == {"app": "1.0"}
    with pytest.raises(UnsatisfiableError, match=f"it requires helper @ {re.escape(url)}, and"):
        world.install("app==2.0")
    assert world.install("app==2.0", overrides=["helper"]) == {"app": "2.0", "helper": "1.0"}


def test_passes_by_releases_whose_metadata_is_broken(world: World) -> None:
    """A release with another project's metadata is skipped in favour of an older release."""
    world.client.add("app", "2.0", metadata_name="impostor")
    world.client.add("app", "1.0")
    assert world.install("app") == {"app": "1.0"}


def test_says_who_requires_what_and_what_there_is(world: World) -> None:
    """If a resolution fails, the error lists the requirements and the available versions."""
    world.client.add("app", "1.0", ["base>=2"])
    world.client.add("base", "1.0")
    world.client.add("base", "1.1")
    with pytest.raises(UnsatisfiableError) as caught:
        world.install("app")
    assert str(caught.value).splitlines() == [
        "no set of releases meets the requirements on base:",
        "  - app 1.0 requires base>=2",
        "  - base at https://pypi.org/simple: 1.1, 1.0",
        "  hint: loosen one of these requirements, or replace it with an override",
    ]


def test_says_through_whom_a_project_is_needed(world: World) -> None:
    """The error for conflicting dependencies traces them back to direct requirements."""
    world.client.add("app", "1.0", ["middle"])
    world.client.add("middle", "1.0", ["base<1"])
    world.client.add("base", "1.0")
    with pytest.raises(UnsatisfiableError) as caught:
        world.install("app")
    assert "middle 1.0 (needed by app 1.0) requires base<1" in str(caught.value)


def test_says_what_a_path_has_instead(world: World) -> None:
    """If the version in a source folder does not fit, the error names folder and version."""
    (world.folder / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1.0"\n')
    app = canonicalize_name("app")
    with pytest.raises(UnsatisfiableError) as caught:
        world.install("app>=2", sources={app: PackageSource(path=world.folder)})
    assert "the command line requires app>=2" in str(caught.value)
    assert f"{world.folder} has app 1.0" in str(caught.value)
    assert world.client.requests == []


def test_says_that_two_urls_exclude_each_other(world: World) -> None:
    """Two URLs for one project are a conflict."""
    world.client.add("app", "1.0")
    url = "https://pypi.org/simple/files/app-1.0-py3-none-any.whl"
    other = "https://x.example/app-1.0-py3-none-any.whl"
    with pytest.raises(UnsatisfiableError) as caught:
        world.install(f"app @ {url}", f"app @ {other}")
    assert f"the command line requires app @ {other}" in str(caught.value)


def test_takes_a_url_in_place_of_the_index(world: World) -> None:
    """If a requirement has a URL, the indexes are not used for its project."""
    world.client.add("app", "1.0", announced=False)
    world.client.add("app", "2.0")
    world.client.add("other", "1.0", ["app"])
    url = "https://pypi.org/simple/files/app-1.0-py3-none-any.whl"
    assert world.install("other", f"app @ {url}") == {"app": "1.0", "other": "1.0"}


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://x.example/other-1.0-py3-none-any.whl", "is not a wheel or sdist of it"),
        ("https://x.example/main.zip", "'main.zip' is not a wheel or sdist of it"),
        ("git+https://x.example/app.git", "cannot be installed from"),
        ("file:///nowhere/app-1.0.zip", "there is no /nowhere/app-1.0.zip"),
    ],
)
def test_refuses_urls_of_something_else(world: World, url: str, problem: str) -> None:
    """The error for a URL that leads to neither a wheel nor an sdist gives a remedy."""
    with pytest.raises(UsageError, match=problem):
        world.install(f"app @ {url}")


def test_refuses_a_folder_of_another_project(world: World) -> None:
    """A path source with the project file of another project is an error."""
    (world.folder / "pyproject.toml").write_text('[project]\nname = "other"\nversion = "1"\n')
    with pytest.raises(UsageError, match="holds other, not app"):
        world.install("app", sources={canonicalize_name("app"): PackageSource(path=world.folder)})


def test_refuses_constraints_that_are_urls(world: World) -> None:
    """A constraint with a URL is an error."""
    with pytest.raises(UsageError, match="a constraint cannot be a URL"):
        world.install("app", constraints=["app @ https://x.example/app.zip"])


def test_says_that_a_project_is_unknown(world: World) -> None:
    """The error for an unknown project lists the indexes that were asked."""
    with pytest.raises(UnsatisfiableError) as caught:
        world.install("nothing")
    assert "the command line requires nothing" in str(caught.value)
    assert "nothing has nothing to install at https://pypi.org/simple" in str(caught.value)


def test_says_why_releases_were_passed_by(world: World) -> None:
    """The error gives the reasons why releases were skipped, such as the platform or a yank."""
    world.client.add("app", "1.0", tag="cp39-cp39-win_amd64")
    world.client.add("app", "2.0", requires_python="<3")
    world.client.add("app", "3.0", yanked="broken")
    with pytest.raises(UnsatisfiableError) as caught:
        world.install("app")
    message = str(caught.value)
    assert "app 1.0: has no wheel for this platform and no sdist" in message
    assert "app 2.0: needs another Python" in message
    assert "yanked, so taken only if asked for with ==: 3.0" in message


def test_offline_uses_what_was_recorded(world: World) -> None:
    """Offline, a resolution is repeated from recorded pages and metadata, without a request."""
    world.client.add("app", "1.0", ["base"])
    world.client.add("base", "1.0")
    online = world.install("app")
    world.client.offline = True
    assert world.install("app") == online


def test_offline_remembers_that_an_index_lacks_a_project(world: World) -> None:
    """Offline, the next index is used if the first is recorded as not having the project."""
    extra = IndexLocation("extra", "https://extra.example/simple")
    world.client.add("app", "1.0")
    indexes = [extra, world.default]
    online = world.install("app", indexes=indexes)
    world.client.offline = True
    assert world.install("app", indexes=indexes) == online


def test_offline_without_records_says_that_the_network_is_disabled(world: World) -> None:
    """Offline, a project without a record is reported as not cached, with a remedy."""
    world.client.add("app", "1.0")
    world.client.offline = True
    with pytest.raises(UnsatisfiableError) as caught:
        world.install("app")
    assert "app was not found in the cache for https://pypi.org/simple" in str(caught.value)
    assert "the network is disabled; run once without --offline" in caught.value.hint


def test_offline_falls_back_to_a_release_whose_metadata_is_known(world: World) -> None:
    """Offline, a listed release without known metadata is skipped."""
    world.client.add("app", "1.0")
    world.client.add("app", "2.0")
    world.install("app==1.0")
    world.client.offline = True
    assert world.install("app") == {"app": "1.0"}


def test_fetches_no_wheel_ahead(world: World) -> None:
    """A wheel is downloaded for its metadata only when its release is considered."""
    world.client.add("library", "2.0", announced=False)
    world.client.add("library", "1.0", announced=False)
    world.client.add("app", "1.0", ["library<2"])
    assert world.install("app==1.0", "library") == {"library": "1.0", "app": "1.0"}
    assert "wheel library-1.0-py3-none-any.whl" in world.client.requests
    assert "wheel library-2.0-py3-none-any.whl" not in world.client.requests


@pytest.mark.parametrize("deeper", [False, True])
def test_asks_for_several_pages_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch, deeper: bool
) -> None:
    """Pages of direct requirements, and of a release's dependencies, are requested in parallel."""
    together = Barrier(3)
    get_page = world.client.get_page

    def meet(url: str, index: IndexLocation | None, **options: bool) -> object:
        if not url.endswith("/app/"):
            # The barrier waits for all three requests: one by one, this would never end.
            together.wait(timeout=30)
        return get_page(url, index, **options)

    for name in ("a", "b", "c"):
        world.client.add(name, "1.0")
    world.client.add("app", "1.0", ["a", "b", "c"])
    monkeypatch.setattr(world.client, "get_page", meet)
    assert len(world.install(*(["app"] if deeper else ["a", "b", "c"]))) == (4 if deeper else 3)


def test_the_same_resolution_makes_the_same_requests(world: World) -> None:
    """A repeated resolution makes the same requests, each of them once."""
    for name in ("a", "b", "c", "d"):
        world.client.add(name, "1.0", ["shared"])
    world.client.add("shared", "1.0")
    world.install("a", "b", "c", "d")
    first = sorted(world.client.requests)
    assert len(first) == len(set(first)) == 10
