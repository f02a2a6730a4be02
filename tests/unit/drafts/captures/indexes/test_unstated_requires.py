"""Requirements that no file states, found by the requests that follow the download of an sdist."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.captures.indexes.page_entries import LinkedFile
from pytest_indexcache.drafts.captures.indexes.seen import (
    CapturedIndex,
    SeenFile,
    SeenIndex,
    SeenResponse,
)
from pytest_indexcache.drafts.captures.indexes.unstated_requires import with_unstated_requires
from pytest_indexcache.messages import Headers, Kind, Subject

NONE = Headers.of({})


def _file(name: str, index: str = "main", metadata: str = "", *builds: str) -> SeenFile:
    project = name.partition("-")[0]
    return SeenFile(
        LinkedFile(project, "1.0", name, f"/{name}", name), index, metadata, False, builds
    )


def _seen(index: str, *names: str) -> SeenIndex:
    """Return an index with a response for each filename, in order."""
    responses = []
    for name in names:
        kind = Kind.SDIST if name.endswith(".tar.gz") else Kind.WHEEL
        subject = Subject(kind, index, name.partition("-")[0], name)
        responses.append(SeenResponse("GET", f"https://a.example/{name}", NONE, 200, NONE, subject))
    return SeenIndex(CapturedIndex(index, "https://a.example"), tuple(responses))


SDIST, OTHER = "old-1.0.tar.gz", "new-1.0.tar.gz"
TOOL, TOOL_METADATA = "tool-1.0-py3-none-any.whl", "Name: tool\nRequires-Dist: part\n"
EXTRA, PART = "wheel-1.0-py3-none-any.whl", "part-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("order", "installed", "builds", "metadata"),
    [
        ((SDIST, TOOL, PART, EXTRA), set(), ("tool", "wheel"), ""),
        ((SDIST, TOOL, PART, EXTRA), {"wheel"}, ("tool",), "Requires-Dist: wheel\n"),
        ((EXTRA, SDIST, TOOL, PART), set(), ("tool",), ""),
    ],
)
def test_project_belongs_to_the_sdist_before_it(
    order: tuple[str, ...], installed: set[str], builds: tuple[str, ...], metadata: str
) -> None:
    """An unrequired project is a build requirement, or a requirement if it was installed."""
    files = [_file(SDIST, "main", "", "tool"), _file(TOOL, "main", TOOL_METADATA)]
    files += [_file(PART), _file(EXTRA)]
    found = with_unstated_requires(files, [_seen("main", *order)], ["old"], installed)
    assert found[0].build_requires == builds
    assert found[0].metadata == metadata
    assert found[1:] == tuple(files[1:])


def test_same_backend_adds_the_same_requirement() -> None:
    """Sdists with the same build requirements get the added one, and other sdists do not."""
    names = (SDIST, OTHER, "third-1.0.tar.gz")
    files = [
        _file(name, "main", "", build) for name, build in zip(names, ("a", "b", "b"), strict=True)
    ]
    order = _seen("main", *names, EXTRA)
    found = with_unstated_requires([*files, _file(EXTRA)], [order], ["old", "new", "third"], ())
    assert [file.build_requires for file in found] == [("a",), ("b", "wheel"), ("b", "wheel"), ()]


@pytest.mark.parametrize(("sdists", "is_added"), [((SDIST,), True), ((SDIST, OTHER), False)])
def test_requirement_on_another_index(sdists: tuple[str, ...], is_added: bool) -> None:
    """The order of requests at two indexes is unknown, so only a single sdist gets it."""
    files = [*(_file(name, "main", "", "tool") for name in sdists), _file(EXTRA, "pypi")]
    indexes = [_seen("main", *sdists), _seen("pypi", EXTRA)]
    found = with_unstated_requires(files, indexes, ["old", "new"], ())
    assert ("wheel" in found[0].build_requires) is is_added
