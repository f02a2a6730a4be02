"""What a command line asks for, made into requirements, sources and indexes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.commands.required_hashes import RequiredHashes
from pytest_indexcache.reference.project.requirements_file import (
    NO_VARIABLES,
    RequirementLine,
    RequirementsFile,
    demand_no_version_control,
    is_lockfile,
    is_path,
    read_requirements,
)
from pytest_indexcache.reference.resolve.needs import Rules, group_requirements, merge_constraints
from pytest_indexcache.reference.words.packages import PYPI, IndexLocation
from pytest_indexcache.reference.words.sources import PackageSource

if TYPE_CHECKING:
    from pytest_indexcache.reference.resolve.metadata import MetadataReader

_EXTRAS: Final = re.compile(r"\[([^\[\]]*)\]$")


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What is to be installed, as a command line has it, and from where.

    ``requirements`` are names with specifiers, URLs, or paths of folders and files; ``files`` are
    requirements files, ``constraint_files`` those that narrow. ``indexes`` are asked before
    ``default_index``, and ``find_links`` (folders, or URLs of pages) before all. ``no_index`` asks
    nothing but those. Of a lockfile among the files ``extras`` and ``groups`` are selected.
    """

    requirements: Sequence[str] = ()
    editable: Sequence[str] = ()
    files: Sequence[Path] = ()
    constraints: Sequence[str] = ()
    constraint_files: Sequence[Path] = ()
    overrides: Sequence[str] = ()
    indexes: Sequence[IndexLocation] = ()
    default_index: str | None = None
    find_links: Sequence[str] = ()
    no_index: bool = False
    require_hashes: bool = False
    extras: Sequence[str] = ()
    groups: Sequence[str] = ()

    @property
    def lockfile(self) -> Path | None:
        """The lockfile that is to be installed (PEP 751), None where none is named.

        :raises UsageError: if anything else is asked for beside it
        """
        path = next(filter(is_lockfile, self.files), None)
        if path is None:
            if self.extras or self.groups:
                raise UsageError(
                    "--extra and --group select of a lockfile, and none is named",
                    hint="name it with -r, or write NAME[EXTRA] as a requirement",
                )
            return None
        files = [*self.files, *self.constraint_files]
        files.remove(path)
        texts = (self.requirements, self.editable, self.constraints, self.overrides)
        others = [*map(str, files), *(text for part in texts for text in part)]
        if others:
            raise UsageError(
                f"{path} says all that is to be installed, and {others[0]} is asked for beside it",
                hint="install the lockfile alone, and then the rest",
            )
        return path

    def with_files(self, variables: Mapping[str, str] = NO_VARIABLES) -> Gathered:
        """Read the requirements files, and put what they say beside the rest.

        ``variables`` are those of the environment that the files may name.
        """
        files = [read_requirements(path, variables) for path in self.files]
        narrowing = [
            read_requirements(path, variables, constrains=True) for path in self.constraint_files
        ]
        urls = [url for file in files for url in file.extra_index_urls]
        demand = replace(
            self,
            editable=(*self.editable, *(it for file in files for it in file.editable)),
            find_links=(*self.find_links, *(it for file in files for it in file.find_links)),
            indexes=(*self.indexes, *(IndexLocation(url, url) for url in urls)),
            default_index=self.default_index
            or next((file.index_url for file in files if file.index_url), None),
            no_index=self.no_index or any(file.no_index for file in files),
            require_hashes=self.require_hashes or any(file.require_hashes for file in files),
        )
        lines = [RequirementLine(text) for text in self.requirements]
        constraints = [RequirementLine(text) for text in self.constraints]
        return Gathered(
            demand,
            (*lines, *(it for file in files for it in file.requirements)),
            (*constraints, *(it for file in (*narrowing, *files) for it in file.constraints)),
            tuple(files),
        )


@dataclass(frozen=True)
class Gathered:
    """A demand with what its requirements files say.

    ``lines`` are all of its requirements, ``constraint_lines`` all of its constraints, and
    ``files`` the requirements files themselves.
    """

    demand: Demand
    lines: tuple[RequirementLine, ...]
    constraint_lines: tuple[RequirementLine, ...] = ()
    files: tuple[RequirementsFile, ...] = ()

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
        found: dict[str, IndexLocation] = {}
        for index in (*flat, *demand.indexes, *others, last):
            found.setdefault(index.public_url, index)  # one with two names is asked once
        return tuple(found.values())

    @property
    def is_by_name(self) -> bool:
        """Whether all requirements are by name, and none is a URL, a path or an editable folder."""
        return not (
            self.demand.editable or any(is_path(it.text) or "://" in it.text for it in self.lines)
        )

    def rules(self, markers: Mapping[str, str], *, dependencies: bool = True) -> Rules:
        """Return the rules of a resolution: constraints and overrides, for these markers."""
        return Rules(
            environment=markers,
            overrides=group_requirements(self.overrides()),
            constraints=merge_constraints(self.constraints(), markers),
            dependencies=dependencies,
        )

    def requirements(self, metadata: MetadataReader | None = None) -> list[Requirement]:
        """Return the requirements by name; what a path holds is looked up in its folder."""
        return [_parse_line(line.text, metadata) for line in self.lines]

    def editable(self, metadata: MetadataReader) -> list[tuple[Requirement, PackageSource]]:
        """Return the requirements on editable folders, with their extras, and where they are."""
        found = []
        for text in self.demand.editable:
            folder, extras = _split_path(text)
            requirement = parse_requirement(f"{metadata.read_folder(folder).name}{extras}")
            found.append((requirement, PackageSource(path=folder, editable=True)))
        return found

    def constraints(self) -> list[Requirement]:
        """Return the constraints."""
        return [parse_requirement(line.text) for line in self.constraint_lines]

    def overrides(self) -> list[Requirement]:
        """Return the overrides."""
        return [parse_requirement(text) for text in self.demand.overrides]

    def hashes(
        self, requirements: Sequence[Requirement], markers: Mapping[str, str]
    ) -> RequiredHashes:
        """Return the hashes that lines and constraints name where their markers hold.

        :raises UsageError: if hashes are required, and one of ``requirements``, which are those of
            the lines, is not pinned or has none
        """
        lines = [line.hashes for line in self.lines]
        constraints = [line.hashes for line in self.constraint_lines]
        return RequiredHashes.of(
            zip(requirements, lines, strict=True),
            zip(self.constraints(), constraints, strict=True),
            markers,
            is_required=self.demand.require_hashes,
        )


def parse_requirement(text: str) -> Requirement:
    """Read a requirement.

    :raises UsageError: if it is none (PEP 508), or names a repository
    """
    try:
        demand_no_version_control(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
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
    return IndexLocation(url, url, flat=True, is_beside=True)
