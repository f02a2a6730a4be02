"""Read JSON files that this package wrote and that a user names on a command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.errors import CommandError, ReportError

_Contents = TypeVar("_Contents")


@dataclass(frozen=True)
class ReportFormat:
    """A format of JSON files: its ``kind`` and version, and the words for messages about them.

    ``name`` describes such a file, ``source`` the file that the user should give, and ``remedy``
    the way to write the file again.
    """

    kind: str
    version: int
    name: str
    source: str
    remedy: str

    @property
    def head(self) -> dict[str, Any]:
        """The first keys of a file in this format."""
        return {"kind": self.kind, "format": self.version}

    def read(self, file: Path, parse: Callable[[dict[str, Any]], _Contents]) -> _Contents:
        """Read a file in this format, and return its contents as ``parse`` returns them.

        :raises ReportError: if the file cannot be read, has a different format, or is damaged
        """
        data = read_report(file, self.source)
        if not isinstance(data, dict) or data.get("kind") != self.kind:
            raise ReportError(file, f"it is not {self.name}", self.source)
        if data.get("format") != self.version:
            problem = f"another version of this package wrote it: format {data.get('format')!r}"
            remedy = f"{self.remedy}; this version reads format {self.version}"
            raise ReportError(file, problem, remedy)
        try:
            return parse(data)
        except (KeyError, TypeError, ValueError, AttributeError, CommandError) as error:
            raise ReportError(file, f"it is damaged: {error!r}", self.remedy) from error


def read_report(file: Path, hint: str = "") -> Any:
    """Return the value in a JSON file.

    :raises ReportError: if the file cannot be read or is not JSON; ``hint`` is its remedy
    """
    try:
        return loads_json(file.read_bytes())
    except OSError as error:
        raise ReportError(file, f"it cannot be read: {error.strerror or error}", hint) from error
    except ValueError as error:
        raise ReportError(file, f"it cannot be read as JSON: {error}", hint) from error
