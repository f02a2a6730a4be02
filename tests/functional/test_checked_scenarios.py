"""Scenarios that pass the check can be played without an error."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import tomli_w
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import in_process

PROJECTS = st.sampled_from(["six", "lib", "mine"])
VERSIONS = st.sampled_from(["1.0", "2.0", "1.0.post1"])
INDEXES = st.sampled_from(["pypi", "other", "links"])
FOLDERS = st.sampled_from(["project", "second"])
PATHS = st.sampled_from(["mine", "mine", "mine/", "a/../mine", "a.whl"])
URLS = st.sampled_from(
    [
        "https://other.example/simple/six/six-1.0-py3-none-any.whl",
        "https://other.example/files/six.whl",
    ]
)
REQUIREMENTS = st.one_of(
    PROJECTS,
    st.builds("{}=={}".format, PROJECTS, VERSIONS),
    st.builds("{} @ {}".format, PROJECTS, URLS),
    st.builds("{}[x]>0 ; python_version >= '3'".format, PROJECTS),
)
TEXTS = st.lists(REQUIREMENTS, max_size=2)
SOME = st.booleans() | st.lists(PROJECTS, max_size=2)


def table(required: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[Any]:
    """Make a strategy for tables; underscores of keys become hyphens."""
    return st.fixed_dictionaries(
        {key.replace("_", "-"): value for key, value in (required or {}).items()},
        optional={key.rstrip("_").replace("_", "-"): value for key, value in optional.items()},
    )


FILES = table(
    kind=st.sampled_from(["wheel", "sdist"]),
    damage=st.sampled_from(["bad-crc", "short-record", "not-a-zip"]),
)
RELEASES = table(
    requires=TEXTS,
    requires_python=st.sampled_from([">=3", "<3", ">=3.8"]),
    yanked=st.booleans() | st.just("why"),
    files=st.lists(FILES, max_size=2, unique_by=lambda file: file.get("kind", "wheel")),
    build=st.sampled_from(["pypi", "a", "replaced", ""]),
    url=st.just("https://other.example/files/"),
    hashes=st.sampled_from(["sha256", "md5", "none", "wrong"]),
    padding=st.just("1 kB"),
    size=st.just("1 MB"),
    attributes=st.dictionaries(
        st.sampled_from(["a()", "__version__", "b.c"]), st.integers(0, 2), max_size=2
    ),
    metadata=st.booleans(),
)
PACKAGES = table(
    {"six": table({"1.0": RELEASES | st.just({})}, **{"2.0": RELEASES})},
    lib=table({"1.0": RELEASES}, **{"2.0": RELEASES | st.just({})}),
    mine=table({"1.0": RELEASES}),
)
INDEX_OPTIONS: dict[str, Any] = {
    "hashes": st.sampled_from(["sha256", "none", "wrong"]),
    "formats": st.lists(st.sampled_from(["html", "json"]), min_size=1, max_size=2),
    "metadata": st.booleans(),
    "hrefs": st.just("absolute"),
    "files_url": st.sampled_from(["https://other.example/files", "https://cdn.example/"]),
    "flat": st.booleans(),
    "ranges": st.booleans(),
    "head": st.booleans() | st.just(400),
    "gzip": st.booleans(),
    "signed_urls": st.just("https://cdn.example/signed"),
    "unknown_status": st.sampled_from([401, 410, "empty-page", "login-page"]),
    "unknown_redirect": st.just("https://pypi.org/simple"),
    "pages": st.dictionaries(
        st.sampled_from(["six", "lib"]),
        table(serves=PROJECTS)
        | table(redirect=st.sampled_from(["/simple/lib/", "https://pypi.org/simple/lib/"])),
        max_size=1,
    ),
}


def index(url: str) -> st.SearchStrategy[Any]:
    """Make a strategy for an index at a URL."""
    return table({"url": st.just(url), "packages": PACKAGES}, **INDEX_OPTIONS)


LOCALS = table(
    {"mine": table({"path": st.just("mine")}, version=VERSIONS, requires=TEXTS)},
)
PROJECT = table(
    {
        "optional-dependencies": table({"x": TEXTS}),
        "dependency-groups": table({"dev": TEXTS}),
    },
    dependencies=TEXTS,
    overrides=TEXTS,
    constraints=TEXTS,
    requires_python=st.just(">=3"),
    version=VERSIONS,
    conflicts=st.just([["x", "group:dev"]]),
)
WHEN: dict[str, Any] = {"extra": st.just("x"), "group": st.just("dev")}
SOURCE = st.one_of(
    table({"index": INDEXES}, explicit=st.booleans(), **WHEN),
    table({"path": PATHS}, editable=st.booleans(), **WHEN),
    table({"url": URLS}, **WHEN),
)
SOURCES = st.dictionaries(PROJECTS, SOURCE, max_size=2)
TEXT_FILES = st.dictionaries(
    st.sampled_from(["project/requirements.txt", "mine/x.txt", "a/b/c.md", "x.txt"]),
    st.sampled_from(["six\n", "-r other.txt\n", "six==1.0 --hash=sha256:00\n", "nonsense ===\n"]),
    max_size=2,
)
EXPECTED = st.just({"exit": "any"}) | st.one_of(
    table(
        exit=st.sampled_from(["success", "failure", "any"]),
        downloads=st.just({"*": "any"}),
        installed=st.dictionaries(PROJECTS, VERSIONS, max_size=1),
        locked=st.dictionaries(PROJECTS, VERSIONS, max_size=1),
        check=st.booleans(),
        added=st.integers(0, 2),
        imports=st.just({"six.__version__": "1.0"}),
    ),
    st.just({"exit": "any"}),
)
COMMON: dict[str, Any] = {
    "folder": FOLDERS,
    "venv": st.sampled_from(["venv", "other"]),
    "expect": EXPECTED,
}
NETWORK: dict[str, Any] = {
    **COMMON,
    **dict.fromkeys(("refresh", "upgrade", "reinstall", "no_binary", "no_build"), SOME),
    **dict.fromkeys(("offline", "no_cache", "no_sources", "no_deps"), st.booleans()),
    "index_strategy": st.sampled_from(["first-index", "unsafe-best-match"]),
}
CHOICE: dict[str, Any] = {
    "extras": st.just(["x"]),
    "groups": st.just(["dev"]),
    "frozen": st.booleans(),
    "locked": st.booleans(),
}


def step(verb: str, required: dict[str, Any] | None = None, **options: Any) -> Any:
    """Make a strategy for steps with a verb."""
    return table({"do": st.just(verb), **(required or {})}, **options)


ON_RELEASE = {"index": INDEXES, "project": PROJECTS, "version": VERSIONS}
FEW = st.lists(PROJECTS, min_size=1, max_size=2)
STEPS = st.one_of(
    step("lock", **NETWORK),
    step("sync", **NETWORK, **CHOICE),
    step("run", **NETWORK, **CHOICE, import_=st.just(["six"])),
    step(
        "install", requirements=TEXTS, editable=st.lists(PATHS, max_size=1), index=INDEXES,
        paths=st.lists(PATHS, max_size=1), overrides=TEXTS, constraints=TEXTS,
        extra_indexes=st.lists(INDEXES, max_size=2),
        find_links=st.lists(INDEXES | PATHS, max_size=1),
        no_index=st.booleans(), require_hashes=st.booleans(), **NETWORK,
    ),
    step("uninstall", {"projects": FEW}, **COMMON),
    step(
        "add", {"requirements": st.lists(REQUIREMENTS, min_size=1, max_size=2)}, index=INDEXES,
        optional=st.just("x"), group=st.just("dev"), editable=PATHS, path=PATHS, **NETWORK,
    ),
    step("remove", {"projects": FEW}, optional=st.just("x"), group=st.just("dev"), **NETWORK),
    step(
        "compile", {"requirements": st.lists(REQUIREMENTS, min_size=1, max_size=2)},
        to=PATHS | st.just("out.txt"), hashes=st.booleans(), **NETWORK,
    ),
    step("sync-requirements", file=PATHS, require_hashes=st.booleans(), **NETWORK),
    step("remove-venv", **COMMON),
    step("clear-cache", projects=st.lists(PROJECTS, max_size=1), **COMMON),
    step("prune-cache", ci=st.booleans(), **COMMON),
    step(
        "edit", folder=FOLDERS, project=PROJECT, sources=SOURCES, local_projects=LOCALS,
        files=TEXT_FILES,
    ),
    step(
        "damage",
        {
            "entries": st.sampled_from(["**/*", "*.whl", "**x", ".", "a/../**/*"]),
            "how": st.sampled_from(["truncate", "overwrite", "remove"]),
        },
    ),
    step("publish", ON_RELEASE, contents=RELEASES),
    step("replace", ON_RELEASE, contents=RELEASES),
    step("yank", ON_RELEASE),
    step("delete", {"index": INDEXES, "project": PROJECTS}, version=VERSIONS),
    step(
        "set-headers",
        {"index": INDEXES, "headers": st.sampled_from(["nvidia", "pytorch", "none"])},
        project=PROJECTS, version=VERSIONS,
    ),
    step("set-users", {"index": INDEXES, "users": st.just({"a": "b"}) | st.just({})}),
    step("go-down", {"index": INDEXES}),
    step("come-back", {"index": INDEXES}),
    step(
        "fail",
        {"index": INDEXES, "how": st.sampled_from(["status", "reset", "cut", "wrong-hash"])},
        kind=st.sampled_from(["page", "metadata", "wheel", "any"]), times=st.integers(1, 2),
    ),
)  # fmt: skip
SCENARIOS = table(
    {
        "title": st.just("any"),
        "indexes": table(
            {
                "pypi": index("https://pypi.org/simple"),
                "other": index("https://other.example/simple"),
                "links": index("https://links.example/all.html"),
            },
        ),
        "project": PROJECT,
        "local-projects": LOCALS,
        "steps": st.lists(STEPS, min_size=1, max_size=4).map(
            lambda steps: [
                *steps,
                {"do": "install", "requirements": ["six"], "expect": {"exit": "any"}},
            ]
        ),
    },
    sources=SOURCES,
    files=TEXT_FILES,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(SCENARIOS)
def test_checked_scenario_does_not_break_its_play(data: dict[str, Any]) -> None:
    """A scenario that passes the check is played and judged without an error."""
    try:
        scenario = loads_playable(tomli_w.dumps(data)).scenario
    except ScenarioError:
        assume(False)
        return
    folder = Path(tempfile.mkdtemp())
    try:
        what = Play(
            scenario, "any", create_installer("reference"), in_process(time.time), "inprocess"
        )
        result = play(what, folder)
    finally:
        shutil.rmtree(folder)
    # Whether a glob matches anything in a cache is not known before the play.
    assume("no file in the installer's cache matches" not in (result.reason or ""))
    # Nor is it known that the play ends because the installer does nothing in the first step.
    assume("the installer did nothing" not in (result.reason or ""))
    assert result.verdict is not Verdict.ERROR, result.reason
