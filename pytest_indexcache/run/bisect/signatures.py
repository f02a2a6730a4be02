"""Signatures of misbehaviour: releases with equal signatures misbehave in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote

from pytest_indexcache.errors import CommandError
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.run.plays.results import MISBEHAVES, PlayResult

HINT = "copy it from the output of indexcache bisect, such as 3:success:downloads.torch"

_SAFE = "*?[]@+/"
"""Characters that are not escaped in keys, in addition to letters, digits and ``-._~``."""


@dataclass(frozen=True)
class Signature:
    """A summary of misbehaviour: the step, the kind of exit, and the keys of the failed checks.

    The step is counted from 1; ``keys`` are sorted.
    """

    step: int
    exit: ExitKind
    keys: tuple[str, ...]

    @classmethod
    def of(cls, result: PlayResult) -> Self | None:
        """Return the signature of a play; None if the play does not misbehave."""
        failed = result.failed_step
        if failed is None or result.verdict not in MISBEHAVES:
            return None
        keys = sorted({check.key for check in failed.checks if not check.held})
        return cls(failed.number, failed.exit, tuple(keys))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a signature from the text that :meth:`__str__` returns.

        :raises CommandError: if the text is not a signature
        """
        try:
            step, kind, keys = text.split(":")
            read = tuple(unquote(key) for key in keys.split(","))
            signature = cls(int(step), ExitKind(kind), read)
        except ValueError:
            raise CommandError(f"{text!r} is not a signature", HINT) from None
        if signature.step < 1 or not all(read):
            raise CommandError(f"{text!r} is not a signature", HINT)
        return signature

    def __str__(self) -> str:
        keys = ",".join(quote(key, safe=_SAFE) for key in self.keys)
        return f"{self.step}:{self.exit}:{keys}"

    @property
    def is_bare(self) -> bool:
        """Whether the check on the exit failed, and the command did not succeed."""
        return "exit" in self.keys and self.exit is not ExitKind.SUCCESS
