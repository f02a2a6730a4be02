"""Write, read and merge the JSON files of a matrix or its shards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.errors import ReportError
from pytest_indexcache.run.matrix.results import PlayRecord
from pytest_indexcache.run.matrix.sharding import Shard
from pytest_indexcache.system.atomic_files import write_named_file
from pytest_indexcache.system.report_files import ReportFormat

_FORMAT: Final = ReportFormat(
    kind="pytest-indexcache matrix",
    version=1,
    name="the file of a matrix",
    source="give files that indexcache matrix --json or indexcache merge wrote",
    remedy="write it again",
)


@dataclass(frozen=True)
class MatrixFile:
    """The contents of a matrix file: plays, and the shards of the matrix that they belong to.

    ``plan`` is the digest of the whole matrix, and ``shards`` lists the shards in the file.
    """

    plan: str
    shards: tuple[Shard, ...]
    records: tuple[PlayRecord, ...]

    def text(self) -> str:
        """Return the contents as JSON, with one play per line; equal plays give equal text."""
        head = {
            **_FORMAT.head,
            "plan": self.plan,
            "shards": [str(shard) for shard in self.shards],
        }
        lines = [json.dumps(record.to_json()) for record in sorted(self.records, key=_identity)]
        plays = ",\n".join(lines)
        return f'{json.dumps(head)[:-1]}, "plays": [\n{plays}\n]}}\n'


def write_matrix(file: Path, text: str) -> None:
    """Write the text of a matrix file atomically.

    :raises ReportError: if the file cannot be written
    """
    try:
        write_named_file(file, text.encode())
    except OSError as error:
        raise ReportError(
            file,
            f"the matrix cannot be written: {error.strerror or error}",
            "free disk space, or name a file in a writable folder",
        ) from error


def read_matrix(file: Path) -> MatrixFile:
    """Read a matrix file; raise ReportError if it cannot be read or is not a matrix file."""
    return _FORMAT.read(file, _matrix_of)


def _matrix_of(data: dict[str, Any]) -> MatrixFile:
    return MatrixFile(
        plan=str(data["plan"]),
        shards=tuple(Shard.parse(text) for text in data["shards"]),
        records=tuple(PlayRecord.from_json(entry) for entry in data["plays"]),
    )


@dataclass(frozen=True)
class Merged:
    """The result of merging files; ``conflicts`` contains a sentence for each contradiction."""

    matrix: MatrixFile
    conflicts: tuple[str, ...]


def merge(files: Sequence[tuple[str, MatrixFile]]) -> Merged:
    """Merge files; conflicts are described with the name given for each file.

    If several files contain the same play, a verdict takes precedence over a skip or an error. If
    verdicts differ, the first file takes precedence, and the difference is reported as a conflict.
    Missing shards and shards of a different matrix are also conflicts.
    """
    conflicts = list(_shard_conflicts(files))
    kept: dict[tuple[str, ...], tuple[str, PlayRecord]] = {}
    for name, matrix in files:
        for record in matrix.records:
            earlier = kept.setdefault(_identity(record), (name, record))
            if earlier[1] is record:
                continue
            if not earlier[1].is_judged and record.is_judged:
                kept[_identity(record)] = (name, record)
            else:
                conflicts += _differences(earlier, (name, record))
    records = tuple(record for _, record in kept.values())
    shards = dict.fromkeys(shard for _, matrix in files for shard in matrix.shards)
    plan = "+".join(dict.fromkeys(matrix.plan for _, matrix in files))
    return Merged(MatrixFile(plan, _whole(shards), records), tuple(conflicts))


def _identity(record: PlayRecord) -> tuple[str, ...]:
    result, where = record.result, record.circumstances
    return (
        result.scenario,
        result.installer,
        result.installer_version,
        result.transport,
        where.platform,
        where.python,
    )


def _differences(earlier: tuple[str, PlayRecord], later: tuple[str, PlayRecord]) -> Iterable[str]:
    """Describe the contradictions between two records of the same play."""
    (first, one), (second, other) = earlier, later
    what = f"{one.result.scenario} with {one.result.installer} ({one.result.transport})"
    if one.digest != other.digest:
        yield f"{what}: {first} and {second} played different versions of the scenario"
    elif one.is_judged and other.is_judged and one.result.in_short != other.result.in_short:
        yield f"{what}: {one.result.in_short} in {first}, {other.result.in_short} in {second}"


def _shard_conflicts(files: Sequence[tuple[str, MatrixFile]]) -> Iterable[str]:
    """Describe missing shards, and shards of different matrices."""
    parts = [(name, file) for name, file in files if any(shard.count > 1 for shard in file.shards)]
    for name, matrix in parts[1:]:
        if matrix.plan != parts[0][1].plan:
            yield (
                f"{name} is not a shard of the same matrix as {parts[0][0]}: it has other "
                "scenarios, releases or transports"
            )
    there = {shard for _, matrix in parts for shard in matrix.shards}
    for count in sorted({shard.count for shard in there}):
        wanted = (Shard(number, count) for number in range(1, count + 1))
        missing = [str(shard) for shard in wanted if shard not in there]
        if missing:
            yield f"no file has the shard {', '.join(missing)}"


def _whole(shards: Iterable[Shard]) -> tuple[Shard, ...]:
    """Return the single shard 1/1 if the shards cover the whole matrix, otherwise the shards."""
    found = tuple(shards)
    complete = all(
        Shard(number, shard.count) in found
        for shard in found
        for number in range(1, shard.count + 1)
    )
    return (Shard(),) if complete else found
