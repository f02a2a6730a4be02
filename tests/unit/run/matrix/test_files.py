"""The file of a matrix, and the merge of several files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_indexcache.errors import ReportError
from pytest_indexcache.run.matrix.files import MatrixFile, merge, read_matrix, write_matrix
from pytest_indexcache.run.matrix.results import PlayRecord
from pytest_indexcache.run.matrix.sharding import Shard
from pytest_indexcache.run.plays.results import Verdict

from .records import HERE, record


def part(*records: PlayRecord, plan: str = "p", shard: str = "1/1") -> MatrixFile:
    """Return the matrix file of one machine."""
    return MatrixFile(plan, (Shard.parse(shard),), records)


def test_a_matrix_survives_its_file(tmp_path: Path) -> None:
    """A matrix that is written and read is equal, and sorted."""
    one, other = record(), record(installer="uv==0.8.2", verdict=Verdict.FAILED)
    write_matrix(tmp_path / "a", part(one, other).text())
    write_matrix(tmp_path / "b", part(other, one).text())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert read_matrix(tmp_path / "a") == part(one, other)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """A write error names the file, and leaves no file behind."""
    with pytest.raises(ReportError, match="the matrix cannot be written"):
        write_matrix(Path("/proc/nothing/here"), part().text())


def test_shards_of_one_matrix_are_whole() -> None:
    """The merged shards of one matrix are complete and without conflicts."""
    first, second = record(), record(installer="uv==0.8.12")
    merged = merge([("a", part(first, shard="1/2")), ("b", part(second, shard="2/2"))])
    assert merged.conflicts == ()
    assert merged.matrix == MatrixFile("p", (Shard(),), (first, second))


def test_a_shard_that_is_missing_is_a_conflict() -> None:
    """A missing shard is a conflict, so that an incomplete matrix is noticed."""
    merged = merge([("a", part(shard="1/4")), ("b", part(shard="3/4"))])
    assert merged.conflicts == ("no file has the shard 2/4, 4/4",)
    assert merged.matrix.shards == (Shard(1, 4), Shard(3, 4))


def test_a_shard_of_another_matrix_is_a_conflict() -> None:
    """Shards of different matrices are a conflict, because releases could be missing."""
    merged = merge([("a", part(shard="1/2")), ("b", part(shard="2/2", plan="q"))])
    assert merged.conflicts == (
        "b is not a shard of the same matrix as a: it has other scenarios, releases or transports",
    )


def test_whole_matrices_of_several_kinds_can_be_merged() -> None:
    """Complete matrices of different installers are merged without conflicts."""
    uv, pip = record(), record(installer="pip==26.3")
    elsewhere = record(where=replace(HERE, platform="macosx-14.0-arm64"), verdict=Verdict.FAILED)
    merged = merge([("a", part(uv)), ("b", part(pip, plan="q")), ("c", part(elsewhere, plan="p"))])
    assert merged.conflicts == ()
    assert merged.matrix.records == (uv, pip, elsewhere)


def test_verdicts_that_differ_are_a_conflict() -> None:
    """If two verdicts differ, the first is kept, and the conflict names both."""
    merged = merge([("a", part(record())), ("b", part(record(verdict=Verdict.FAILED)))])
    assert merged.conflicts == (
        "scenarios/pytorch/uv-1.toml with uv==0.8.11 (wire): passed in a, failed at step 3 in b",
    )
    assert merged.matrix.records == (record(),)


def test_another_version_of_a_scenario_is_a_conflict() -> None:
    """Plays of different versions of a scenario conflict."""
    merged = merge([("a", part(record())), ("b", part(record(digest="d2")))])
    (conflict,) = merged.conflicts
    assert "a and b played different versions of the scenario" in conflict


@pytest.mark.parametrize("verdict", [Verdict.SKIPPED, Verdict.ERROR])
def test_a_verdict_stands_before_a_skip_and_an_error(verdict: Verdict) -> None:
    """A verdict replaces a skip or an error without a conflict, in either order."""
    told, silent = part(record()), part(record(verdict=verdict, reason="why"))
    for files in ([("a", told), ("b", silent)], [("b", silent), ("a", told)]):
        merged = merge(files)
        assert merged.conflicts == ()
        assert merged.matrix.records == (record(),)
