"""What a command line asks for, made into requirements, sources and indexes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from pytest_indexcache.errors import HashMismatchError, UsageError
from pytest_indexcache.reference.commanding.requirements_file import (
    RequirementLine,
    is_path,
    read_requirements,
)
from pytest_indexcache.reference.packages import PYPI, IndexLocation, Pin
from pytest_indexcache.reference.sources import PackageSource

if TYPE_CHECKING:
    from pytest_indexcache.reference.resolving.metadata import MetadataReader

_EXTRAS: Final = re.compile(r"\[([^\[\]]*)\]$")


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What is to be installed, as a command line has it, and from where.

    ``requirements`` are names with specifiers, URLs, or paths of folders and files; ``files`` are
    requirements files. ``indexes`` are asked before ``default_index``, and ``find_links`` (folders,
    or URLs of pages) before all. ``no_index`` asks nothing but those.
    """

    requirements: Sequence[str] = ()
    editable: Sequence[str] = ()
    files: Sequence[Path] = ()
    constraints: Sequence[str] = ()
    overrides: Sequence[str] = ()
    indexes: Sequence[IndexLocation] = ()
    default_index: str | None = None
    find_links: Sequence[str] = ()
    no_index: bool = False
    require_hashes: bool = False

    def with_files(self) -> Gathered:
        """Read the requirements files, and put what they say beside the rest."""
        files = [read_requirements(path) for path in self.files]
        lines = [RequirementLine(text) for text in self.requirements]
        urls = [url for file in files for url in file.extra_index_urls]
        demand = replace(
            self,
            editable=(*self.editable, *(it for file in files for it in file.editable)),
            constraints=(*self.constraints, *(it for file in files for it in file.constraints)),
            find_links=(*self.find_links, *(it for file in files for it in file.find_links)),
            indexes=(*self.indexes, *(IndexLocation(url, url) for url in urls)),
            default_index=self.default_index
            or next((file.index_url for file in files if file.index_url), None),
            no_index=self.no_index or any(file.no_index for file in files),
            require_hashes=self.require_hashes or any(file.require_hashes for file in files),
        )
        return Gathered(demand, (*lines, *(it for file in files for it in file.requirements)))


@dataclass(frozen=True)
class Gathered:
    """A demand with what its requirements files say: ``lines`` are all of its requirements."""

    demand: Demand
    lines: tuple[RequirementLine, ...]
    named: dict[NormalizedName, RequirementLine] = field(default_factory=dict)

    def indexes(
        self, others: Sequence[IndexLocation] = (), default: str = PYPI
    ) -> tuple[IndexLocation, ...]:
        """Return the indexes in the order in which they are asked."""
        demand = self.demand
        flat = [_flat_index(text) for text in demand.find_links]
        if demand.no_index:
            return tuple(flat)
        url = demand.default_index or default
        last = IndexLocation("default", url, default=True)
        return (*flat, *demand.indexes, *others, last)

    @property
    def is_plain(self) -> bool:
        """Whether all of it are requirements by name, which nothing overrides or narrows."""
        demand = self.demand
        return not (
            demand.editable
            or demand.constraints
            or demand.overrides
            or demand.require_hashes
            or any(it.hashes or is_path(it.text) or "://" in it.text for it in self.lines)
        )

    def requirements(self, metadata: MetadataReader | None = None) -> list[Requirement]:
        """Return the requirements by name; what a path holds is looked up in its folder."""
        found = []
        for line in self.lines:
            requirement = _parse_line(line.text, metadata)
            self.named[canonicalize_name(requirement.name)] = line
            found.append(requirement)
        return found

    def sources(self, metadata: MetadataReader) -> dict[NormalizedName, PackageSource]:
        """Return where editable folders are, by the names of the projects in them."""
        found = {}
        for text in self.demand.editable:
            folder, _ = _split_path(text)
            found[metadata.read_folder(folder).name] = PackageSource(path=folder, editable=True)
        return found

    def constraints(self) -> list[Requirement]:
        """Return the constraints."""
        return [parse_requirement(text) for text in self.demand.constraints]

    def overrides(self) -> list[Requirement]:
        """Return the overrides."""
        return [parse_requirement(text) for text in self.demand.overrides]

    def check_hashes(self, pins: Iterable[Pin], metadata: MetadataReader) -> tuple[Pin, ...]:
        """Compare the files that were chosen with the hashes that were written down for them.

        A file whose index names no such hash is fetched and hashed.

        :raises UsageError: if there is no hash where hashes are required
        :raises HashMismatchError: if a file has another one
        """
        if not self.demand.require_hashes and not any(line.hashes for line in self.lines):
            return tuple(pins)
        return tuple(self._check_hash(pin, metadata) for pin in pins)

    def _check_hash(self, pin: Pin, metadata: MetadataReader) -> Pin:
        line = self.named.get(pin.name)
        if line is None or not line.hashes or pin.file is None:
            raise UsageError(
                f"{pin.name} is to be installed, and no hash of it is required",
                hint="with --require-hashes every requirement needs ==VERSION and --hash",
            )
        allowed, file = line.hashes, pin.file
        if not allowed.keys() & file.hashes:
            file = metadata.with_hash(replace(file, hashes={}))
        if any(file.hashes[it].lower() in allowed[it] for it in allowed.keys() & file.hashes):
            return replace(pin, file=file)
        expected = ", ".join(f"{name}:{it}" for name in allowed for it in sorted(allowed[name]))
        got = ", ".join(f"{name}:{it}" for name, it in file.hashes.items())
        raise HashMismatchError(
            f"{file.filename} has none of the required hashes: expected {expected}, got {got}",
            hint="compile the requirements again, or ask why the file has changed",
        )


def parse_requirement(text: str) -> Requirement:
    """Read a requirement.

    :raises UsageError: if it is none (PEP 508)
    """
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        first = str(error).partition("\n")[0]
        raise UsageError(f"{text!r} is no requirement: {first}", hint="see PEP 508") from error


def _parse_line(text: str, metadata: MetadataReader | None) -> Requirement:
    if is_path(text) and "@" not in text.partition("/")[0]:
        path, extras = _split_path(text.removeprefix("file://"))
        if not path.exists():
            raise UsageError(f"there is no {path}", hint="check the path")
        if path.is_dir() and metadata is not None:
            name: str = metadata.read_folder(path).name
        else:
            name = _name_of_file(path.name)
        return parse_requirement(f"{name}{extras} @ {path.as_uri()}")
    if re.match(r"https?://", text):
        filename = unquote(urlsplit(text).path.rpartition("/")[2])
        return parse_requirement(f"{_name_of_file(filename)} @ {text}")
    return parse_requirement(text)


def _split_path(text: str) -> tuple[Path, str]:
    """Split a path from the extras behind it."""
    extras = _EXTRAS.search(text)
    bare = text[: extras.start()] if extras else text
    return Path(bare).expanduser().absolute(), extras[0] if extras else ""


def _name_of_file(filename: str) -> str:
    if filename.endswith(".whl"):
        return filename.partition("-")[0]
    return filename.rpartition("-")[0] or filename


def _flat_index(text: str) -> IndexLocation:
    url = text if "://" in text else Path(text).expanduser().absolute().as_uri()
    return IndexLocation(url, url, flat=True)
