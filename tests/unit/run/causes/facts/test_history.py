"""Views of a history of steps."""

from __future__ import annotations

from ..histories import INSTALL, PUBLISH, REPLACE, Told, history, page, wheel


def test_offers_are_those_of_the_moment() -> None:
    """The releases on an index at a step are those at the beginning of the step."""
    of = history(INSTALL, PUBLISH, REPLACE, INSTALL)
    versions = [
        [file.version for file in of.files("pypi", "foo", number)] for number in (1, 2, 3, 4)
    ]
    assert versions == [["1.0"], ["1.0"], ["1.0", "2.0"], ["1.0", "2.0"]]
    builds = [file.spec.build for file in of.files("pypi", "foo")]
    assert builds == ["replaced", "pypi"]


def test_file_is_found_by_its_name() -> None:
    """A file is found by index, name and step; None is returned for a missing file."""
    of = history(INSTALL, PUBLISH, INSTALL)
    name = "foo-2.0-py3-none-any.whl"
    assert of.file("pypi", name, 2) is None
    assert of.file("pypi", name) is not None
    assert of.file("elsewhere", name) is None


def test_earlier_exchanges_come_latest_first() -> None:
    """Earlier exchanges come latest first, without exchanges of the failed step."""
    of = history(
        Told(INSTALL, [page(1), wheel(2)]), Told(INSTALL, [page(3)]), Told(INSTALL, [page(4)])
    )
    found = [(sent.step, sent.exchange.at) for sent in of.earlier(lambda exchange: exchange.at > 0)]
    assert found == [(2, 3), (1, 2), (1, 1)]


def test_last_page_came_whole() -> None:
    """The last page is never a 304, or a page that was cut off."""
    of = history(Told(INSTALL, [page(1)]), Told(INSTALL, [page(2, 304)]), INSTALL)
    last = of.last_page("pypi", "foo")
    assert last is not None
    assert (last.step, last.exchange.at) == (1, 1)


def test_lockfile_comes_from_the_last_step_that_changed_it() -> None:
    """The lockfile belongs to the last step that changed it, not to a step that kept it."""
    lock = {"do": "lock"}
    of = history(*(Told(lock, lockfile=text) for text in ("a", "b", "b", "c")))
    assert (of.lockfile_step, of.lockfile_before) == (2, "b")
    assert history(lock, lock).lockfile_step is None


def test_what_requirements_are_resolved_into_is_another_lockfile() -> None:
    """A step that compiles requirements does not change the lockfile of the project."""
    lock, compiled = {"do": "lock"}, {"do": "compile", "requirements": ["foo"]}
    steps = [Told(lock, lockfile="a"), Told(compiled, lockfile="b")]
    assert history(*steps, Told({"do": "sync"}, lockfile="a")).lockfile_step == 1
    assert history(*steps, Told(compiled, lockfile="b")).lockfile_step == 2
