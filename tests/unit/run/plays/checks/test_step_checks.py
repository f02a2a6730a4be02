"""Checks that compare expectations with the observation of a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import LockedFile, LockedPackage
from pytest_indexcache.messages import Exchange, Headers, Kind, Subject
from pytest_indexcache.run.plays.checks.step_checks import check_step
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.run.plays.results import Check
from pytest_indexcache.run.plays.venvs.distributions import Distribution
from pytest_indexcache.scenario.tables.expectation import Expectation

HASHED = (LockedFile("torch-1-py3-none-any.whl", ("sha256:00",)),)
WHEEL = Exchange(
    at=0.0,
    method="GET",
    url="https://pypi.org/torch.whl",
    request_headers=Headers(),
    status=200,
    sent=10,
    length=10,
    subject=Subject(Kind.WHEEL, "pypi", "torch", "torch-1-py3-none-any.whl", nominal_bytes=1 << 20),
)
PAGE = replace(
    WHEEL, url="https://pypi.org/simple/torch/", subject=Subject(Kind.PAGE, "pypi", "torch")
)


def wheel_of(project: str) -> Exchange:
    """Return the exchange of a wheel of a project."""
    subject = replace(WHEEL.subject, project=project, filename=f"{project}-1-py3-none-any.whl")
    return replace(WHEEL, subject=subject, url=f"https://pypi.org/{project}.whl")


def failed(expectation: Mapping[str, object], seen: Observation) -> dict[str, Check]:
    """Return the checks that do not hold, by key."""
    checks = check_step(Expectation.model_validate(expectation), seen)
    return {check.key: check for check in checks if not check.held}


def venv(tmp_path: Path, **versions: str) -> dict[str, Distribution]:
    """Return the contents of a venv with these versions."""
    return {name: Distribution(name, v, tmp_path / f"{name}-{v}") for name, v in versions.items()}


def test_a_command_that_fails_where_success_is_expected_does_not_hold() -> None:
    """A failed step without downloads does not count as a step that used the cache."""
    assert set(failed({"downloads": {}}, Observation(exit=ExitKind.FAILURE))) == {"exit"}


@pytest.mark.parametrize(
    ("expected", "kind", "code", "held"),
    [
        ("failure", ExitKind.FAILURE, 1, True),
        ("failure", ExitKind.CRASH, 101, False),
        ("failure", ExitKind.HANG, 124, False),
        ("failure", ExitKind.USAGE, 2, False),
        ("crash", ExitKind.CRASH, 101, True),
        ("hang", ExitKind.HANG, 124, True),
        ("usage", ExitKind.USAGE, 2, True),
        ("any", ExitKind.CRASH, 101, True),
        (2, ExitKind.FAILURE, 2, True),
        (2, ExitKind.FAILURE, 1, False),
        (101, ExitKind.CRASH, 101, True),
    ],
)
def test_exit_is_expected_by_its_kind_or_its_code(
    expected: str | int, kind: ExitKind, code: int, held: bool
) -> None:
    """An expected failure is met only by a normal failure, not by a crash or a hang."""
    seen = Observation(kind, exit_code=code)
    assert ("exit" not in failed({"exit": expected}, seen)) is held


def test_what_is_missing_fails_a_check_of_its_own() -> None:
    """If requirements are missing, the check ``satisfied`` fails, unless that check is off."""
    seen = Observation(missing=("six is not installed",))
    assert failed({}, seen)["satisfied"].seen == "six is not installed"
    assert not failed({"satisfied": False}, seen)
    assert set(failed({"exit": "failure"}, seen)) == {"exit"}
    assert not failed({}, Observation(missing=()))


def test_a_failure_that_is_expected_must_happen() -> None:
    """``exit = "failure"`` does not hold if the command succeeds."""
    assert failed({"exit": "failure"}, Observation(exit=ExitKind.SUCCESS))["exit"].seen == "success"
    assert not failed({"exit": "failure"}, Observation(exit=ExitKind.FAILURE))
    assert not failed({"exit": "any"}, Observation(exit=ExitKind.FAILURE))


def test_no_downloads_means_none_of_any_project() -> None:
    """If ``downloads = {}`` fails, the check names each downloaded project."""
    checks = failed({"downloads": {}}, Observation(exchanges=[WHEEL, PAGE]))
    assert [(c.key, c.expected, c.seen) for c in checks.values()] == [("downloads.torch", "0", "1")]


def test_downloads_are_counted_by_project_and_by_file_name() -> None:
    """Downloads are counted by project name or by filename."""
    seen = Observation(exchanges=[WHEEL, wheel_of("numpy")])
    assert not failed({"downloads": {"torch": 1, "numpy-1-py3-none-any.whl": 1}}, seen)
    assert set(failed({"downloads": {"torch": 2, "numpy": 1}}, seen)) == {"downloads.torch"}
    assert set(failed({"downloads": {"torch": 1}}, seen)) == {"downloads.numpy"}
    assert not failed({"downloads": 2}, seen)
    assert set(failed({"downloads": "< 2"}, seen)) == {"downloads"}


def test_a_pattern_holds_for_each_project_that_it_matches() -> None:
    """``"nvidia-*" = 1`` expects each matching project once; specific keys take precedence."""
    twice = [wheel_of("nvidia-a"), wheel_of("nvidia-a"), wheel_of("nvidia-b")]
    seen = Observation(exchanges=twice)
    assert failed({"downloads": {"nvidia-*": 1}}, seen)["downloads.nvidia-*"].seen == "nvidia-a 2"
    assert not failed({"downloads": {"nvidia-a": 2, "nvidia-*": 1}}, seen)
    assert not failed({"downloads": {"*": "any"}}, seen)
    assert set(failed({"downloads": {"triton*": 1, "*": "any"}}, seen)) == {"downloads.triton*"}


@pytest.mark.parametrize(
    "exchange",
    [
        replace(WHEEL, sent=4),
        replace(WHEEL, status=206),
        replace(WHEEL, method="HEAD", sent=0),
        replace(WHEEL, status=304, sent=0, length=0),
        replace(WHEEL, status=503),
        PAGE,
    ],
    ids=["cut", "range", "head", "not-modified", "failed", "page"],
)
def test_only_the_complete_body_of_a_file_is_a_download(exchange: Exchange) -> None:
    """A part, a HEAD, a 304, an error or a page does not count as a download."""
    assert not failed({"downloads": {}}, Observation(exchanges=[exchange]))


def test_requests_are_counted_by_kind_and_by_index() -> None:
    """Requests are counted by kind, in total and for one index."""
    conditional = replace(PAGE, status=304, request_headers=Headers.of({"If-None-Match": '"a"'}))
    ranged = replace(WHEEL, status=206, request_headers=Headers.of({"Range": "bytes=0-1"}))
    stranger = replace(PAGE, status=None, subject=Subject(refused="no such host"))
    seen = Observation(exchanges=[PAGE, conditional, ranged, WHEEL, stranger])
    wanted = {"page": 2, "wheel": 2, "conditional": 1, "revalidated": 1, "range": 1, "refused": 1}
    assert not failed({"requests": {**wanted, "total": 5, "head": 0, "failed": 1}}, seen)
    assert not failed({"requests": 5}, seen)
    assert set(failed({"requests": {"page": 0}}, seen)) == {"requests.page"}
    assert not failed({"requests-to": {"pypi": {"total": 4}}}, seen)
    keys = set(failed({"requests-to": {"pypi": {"wheel": 0}}}, seen))
    assert keys == {"requests-to.pypi.wheel"}


def test_revalidated_counts_responses_304() -> None:
    """A 304 for a wheel counts as a revalidation of its project."""
    seen = Observation(exchanges=[replace(WHEEL, status=304, sent=0, length=0)])
    assert not failed({"revalidated": {"torch": 1}}, seen)
    assert set(failed({"revalidated": {}}, seen)) == {"revalidated.torch"}


@pytest.mark.parametrize(
    ("amount", "held"), [("1 MiB", True), ("<= 1 MiB", True), ("< 1 MiB", False), (1 << 20, True)]
)
def test_nominal_bytes_are_compared(amount: str | int, held: bool) -> None:
    """The nominal size of downloads is compared with the expected size."""
    assert (not failed({"nominal": amount}, Observation(exchanges=[WHEEL]))) is held


def test_the_local_segment_of_a_version_counts(tmp_path: Path) -> None:
    """Versions that differ only in the local segment, such as 2.9.0+cpu, are not equal."""
    seen = Observation(after=venv(tmp_path, torch="2.9.0+cpu"))
    check = failed({"installed": {"torch": "2.9.0"}}, seen)["installed.torch"]
    assert (check.expected, check.seen) == ("2.9.0", "2.9.0+cpu")


def test_what_the_venv_lacks_and_how_much_it_holds(tmp_path: Path) -> None:
    """``absent`` accepts patterns, and ``installed-count`` counts distributions."""
    seen = Observation(after=venv(tmp_path, torch="1", triton="2"))
    assert not failed({"absent": ["numpy", "nvidia-*"], "installed-count": 2}, seen)
    keys = set(failed({"absent": ["tri*"], "installed-count": 1}, seen))
    assert keys == {"absent.tri*", "installed-count"}


def test_changes_of_the_venv_are_exact(tmp_path: Path) -> None:
    """``added`` and ``removed`` must name, or count, every change to the venv."""
    before = venv(tmp_path, torch="2.9.0+cpu", filelock="3")
    after = venv(tmp_path, torch="2.9.0", triton="3.5.0", filelock="3")
    seen = Observation(before=before, after=after)
    wanted = {"added": {"torch": "2.9.0", "triton": "3.5.0"}, "removed": {"torch": "2.9.0+cpu"}}
    assert not failed({**wanted}, seen)
    assert not failed({"added": 2, "removed": 1}, seen)
    assert set(failed({"added": {"torch": "2.9.0"}, "removed": {}}, seen)) == {
        "added.triton",
        "removed.torch",
    }
    assert not failed({"added": {}, "removed": {}}, Observation(before=after, after=after))


def test_what_is_installed_again_is_told_by_when_its_folder_was_written(tmp_path: Path) -> None:
    """A release counts as reinstalled if its dist-info folder was written again."""
    six, torch = (Distribution(name, "1.0", tmp_path / name, (1, 1)) for name in ("six", "torch"))
    before = {"six": six, "torch": torch}
    seen = Observation(before=before, after={**before, "six": replace(six, identity=(2, 1))})
    assert not failed({"reinstalled": {"six": "1.0"}, "added": {}, "removed": {}}, seen)
    assert not failed({"reinstalled": 1}, seen)
    wrong = failed({"reinstalled": {"torch": "1.0"}}, seen)
    assert {key: (check.expected, check.seen) for key, check in wrong.items()} == {
        "reinstalled.six": ("nothing", "1.0"),
        "reinstalled.torch": ("1.0", "nothing"),
    }
    assert failed({"reinstalled": {}}, seen)["reinstalled.six"].seen == "1.0"
    assert not failed({"reinstalled": {}}, Observation(before=before, after=before))


def test_the_lockfile_is_compared_by_version_hashes_and_index() -> None:
    """Every entry of a project in the lockfile is compared, so that no fork is overlooked."""
    packages = (
        LockedPackage("2.9.0", "https://pypi.org/simple/", HASHED),
        LockedPackage("2.9.0+cpu", "https://pypi.org/simple", HASHED),
    )
    seen = Observation(locked={"torch": packages}, index_urls={"pypi": "https://pypi.org/simple"})
    locked = {"version": ["2.9.0", "2.9.0+cpu"], "hashes": True, "index": "pypi"}
    assert not failed({"locked": {"torch": locked}}, seen)
    assert set(failed({"locked": {"torch": "2.9.0"}}, seen)) == {"locked.torch.version"}
    assert failed({"locked": {"numpy": "1"}}, seen)["locked.numpy.version"].seen == "not locked"


def test_builds_that_nobody_expected_are_named() -> None:
    """If ``builds = {}`` fails, the check names each built project."""
    seen = Observation(builds={"foo": 2})
    assert failed({"builds": {}}, seen)["builds.foo"].seen == "2"
    assert not failed({"builds": {"foo": ">= 1"}}, seen)


def test_imported_values_are_compared_with_their_type() -> None:
    """Imported values are compared with their types (True is not 1); a missing value fails."""
    seen = Observation(imports={"a.b": True})
    assert not failed({"imports": {"a.b": True}}, seen)
    assert set(failed({"imports": {"a.b": 1, "a.c": "x"}}, seen)) == {"imports.a.b", "imports.a.c"}


def test_output_is_searched_for_texts() -> None:
    """``output`` checks that strings are, or are not, in the output."""
    seen = Observation(output="Resolved 3 packages")
    assert not failed({"output": {"contains": ["Resolved"], "lacks": ["error"]}}, seen)
    checks = check_step(
        Expectation.model_validate({"output": {"contains": ["x!"], "lacks": ["Resolved"]}}), seen
    )
    assert [check.held for check in checks] == [True, False, False]
