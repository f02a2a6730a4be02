"""Read JSON files that commands of this package wrote."""

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
    """A format of JSON files, with wording for error messages about such files.

    ``name`` describes a file, such as ``a matrix``. ``source`` is the hint if a file has another
    format, and ``remedy`` the hint if a file is damaged.
    """

    kind: str
    version: int
    name: str
    source: str
    remedy: str

    @property
    def head(self) -> dict[str, Any]:
        """The keys with which every file of this format begins: ``kind`` and ``format``."""
        return {"kind": self.kind, "format": self.version}

    def read(self, file: Path, parse: Callable[[dict[str, Any]], _Contents]) -> _Contents:
        """Read a file of this format, and return its content as converted by ``parse``.

        :raises ReportError: if the file cannot be read, has another format, or is damaged
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
    """Return the content of a JSON file.

    :raises ReportError: with ``hint``, if the file cannot be read or is not JSON
    """
    try:
        return loads_json(file.read_bytes())
    except OSError as error:
        raise ReportError(file, f"it cannot be read: {error.strerror or error}", hint) from error
    except ValueError as error:
        raise ReportError(file, f"it cannot be read as JSON: {error}", hint) from error
