"""Divide a matrix among machines, so that each cell is played on exactly one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from pytest_indexcache.errors import CommandError
from pytest_indexcache.run.matrix.cells import Cell


@dataclass(frozen=True)
class Shard:
    """One part of a matrix; ``number`` counts from 1."""

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a shard such as ``2/8``.

        :raises CommandError: if the text is not a shard
        """
        match = re.fullmatch(r"\s*(\d{1,6})\s*/\s*(\d{1,6})\s*", text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise CommandError(
                f"{text!r} is not a shard", "write NUMBER/COUNT, from 1/8 to 8/8 for eight machines"
            )
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, cells: Sequence[Cell]) -> list[Cell]:
        """Return the cells of this shard.

        If there are at least as many installers as shards, all cells of an installer are in the
        same shard, so that a release is provisioned on only one machine. The oldest release, which
        is last in the list, is assigned first, so that the shards of older releases stay the same
        when a new release appears.
        """
        specs = list(dict.fromkeys(cell.spec for cell in reversed(cells)))
        if len(specs) >= self.count:
            mine = set(specs[self.number - 1 :: self.count])
            return [cell for cell in cells if cell.spec in mine]
        return list(cells[self.number - 1 :: self.count])


def plan_digest(cells: Sequence[Cell]) -> str:
    """Return a digest of a whole matrix; shards belong together if it is the same for all."""
    digest = sha256()
    for cell in cells:
        line = (cell.scenario.name, cell.scenario.digest, cell.spec, cell.transport)
        digest.update("\0".join(line).encode() + b"\n")
    return digest.hexdigest()
