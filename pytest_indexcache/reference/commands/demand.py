"""Convert command-line options to requirements, sources and indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.commands.command_line import PROGRAM
from pytest_indexcache.reference.commands.options import Options
from pytest_indexcache.reference.install.required_hashes import HashedRequirement, RequiredHashes
from pytest_indexcache.reference.project.requirement_texts import (
    NameOfFolder,
    locate_requirement,
    parse_requirement,
    split_path,
)
from pytest_indexcache.reference.project.requirements_file import (
    NO_VARIABLES,
    RequirementLine,
    RequirementsFile,
    is_lockfile,
    read_requirements,
)
from pytest_indexcache.reference.resolve.needs import Rules, group_requirements, merge_constraints
from pytest_indexcache.reference.words.packages import PYPI, IndexLocation
from pytest_indexcache.reference.words.selection import Selection
from pytest_indexcache.reference.words.sources import PackageSource


@dataclass(frozen=True)
class Demand:
    """A command's options, merged with the contents of its requirements files.

    ``lines`` are all requirements, ``constraint_lines`` all constraints, and ``override_lines`` all
    overrides, both from the command line and from files.
    """

    options: Options
    lines: tuple[RequirementLine, ...] = ()
    constraint_lines: tuple[RequirementLine, ...] = ()
    override_lines: tuple[RequirementLine, ...] = ()

    @classmethod
    def of(cls, options: Options, variables: Mapping[str, str] = NO_VARIABLES) -> Self:
        """Read the requirements files that the options name, and merge them with the options.

        ``variables`` are the environment variables that the files may use.

        :raises UsageError: if the command does not name any requirement
        """
        if not (options.requirements or options.files or options.editable):
            raise UsageError(
                "no requirement is given",
                hint=f"name requirements, -r FILE or -e DIR; see {PROGRAM} -h",
            )
        files = [read_requirements(path, variables) for path in options.files]
        narrowing = [
            read_requirements(path, variables, constrains=True) for path in options.constraint_files
        ]
        replacing = [read_requirements(path, variables) for path in options.override_files]
        lines = [RequirementLine(text) for text in options.requirements]
        constraints = [RequirementLine(text) for text in options.constraints]
        overrides = [line for file in replacing for line in file.requirements]
        overrides += [RequirementLine(text) for text in options.overrides]
        return cls(
            replace(_with_files(options, files), overrides=tuple(line.text for line in overrides)),
            (*lines, *(line for file in files for line in file.requirements)),
            (*constraints, *(line for file in (*narrowing, *files) for line in file.constraints)),
            tuple(overrides),
        )

    def indexes(self, default: str = PYPI, *, twice: bool = False) -> tuple[IndexLocation, ...]:
        """Return the indexes in search order, with the default index last.

        If an index is named twice, it is returned only once, unless ``twice`` is true.
        """
        options = self.options
        flat = [_flat_index(text) for text in options.find_links]
        others = extra_indexes(options)
        if options.no_index:
            return tuple(flat)
        url = default if options.index_url is None else options.index_url
        last = IndexLocation("default", url, default=True)
        named = (*flat, *others, last)
        if twice:
            return named
        found: dict[str, IndexLocation] = {}
        for index in named:
            found.setdefault(index.place, index)
        return tuple(found.values())

    def read(self, name_of: NameOfFolder, markers: Mapping[str, str]) -> Asked:
        """Parse all requirements.

        ``name_of`` returns the name of the project in a folder; it is called for each requirement
        that is a path to a folder.

        :raises UsageError: if a requirement is not valid, or if hashes are required and a
            requirement is not pinned or does not have a hash
        """
        requirements = [locate_requirement(line.text, name_of) for line in self.lines]
        constraints = [parse_requirement(line.text) for line in self.constraint_lines]
        overrides = [parse_requirement(line.text) for line in self.override_lines]
        editable, sources = [], {}
        for text in self.options.editable:
            folder, extras = split_path(text)
            editable.append(parse_requirement(f"{name_of(folder)}{extras}"))
            name = canonicalize_name(editable[-1].name)
            sources[name] = PackageSource(path=folder, editable=True)
        rules = Rules(
            environment=markers,
            sources=sources,
            overrides=group_requirements(overrides),
            constraints=merge_constraints(constraints, markers),
            dependencies=not self.options.no_deps,
        )
        hashes = RequiredHashes.of(
            _hashed(requirements, self.lines),
            _hashed(constraints, self.constraint_lines),
            _hashed(overrides, self.override_lines),
            markers,
            is_required=self.options.require_hashes,
        )
        return Asked((*requirements, *editable), rules, hashes)


def _hashed(
    requirements: Sequence[Requirement], lines: Sequence[RequirementLine]
) -> list[HashedRequirement]:
    return list(zip(requirements, (line.hashes for line in lines), strict=True))


@dataclass(frozen=True)
class Asked:
    """The parsed requirements, the rules for resolving them, and the allowed hashes of files."""

    requirements: tuple[Requirement, ...]
    rules: Rules
    hashes: RequiredHashes

    @property
    def names(self) -> frozenset[NormalizedName]:
        """The names of the required projects."""
        return frozenset(canonicalize_name(requirement.name) for requirement in self.requirements)


def lockfile_of(options: Options) -> Path | None:
    """Return the lockfile to install from (PEP 751), or None if the command does not name one.

    :raises UsageError: if the command names both a lockfile and requirements
    """
    path = next(filter(is_lockfile, options.files), None)
    if path is None:
        if options.extras or options.groups:
            raise UsageError(
                "--extra and --group apply to a lockfile, and none is named",
                hint="name it with -r, or write NAME[EXTRA] as a requirement",
            )
        return None
    files = [*options.files, *options.constraint_files, *options.override_files]
    files.remove(path)
    texts = (options.requirements, options.editable, options.constraints, options.overrides)
    others = [*map(str, files), *(text for part in texts for text in part)]
    if others:
        raise UsageError(
            f"{path} is a complete lockfile, and cannot be combined with {others[0]}",
            hint="install the lockfile first, and the rest with a second command",
        )
    return path


def _with_files(options: Options, files: Sequence[RequirementsFile]) -> Options:
    """Return the options, merged with the options in the requirements files."""

    def values(name: str) -> list[str]:
        return [value for file in files for value in file.values[name]]

    flags = frozenset[str]().union(*(file.flags for file in files))
    urls = [file.values["--index-url"][-1] for file in files if file.values["--index-url"]]
    return replace(
        options,
        editable=(*options.editable, *values("--editable")),
        find_links=(*options.find_links, *values("--find-links")),
        index_url=next(iter(urls), None) if options.index_url is None else options.index_url,
        extra_index_url=(*values("--extra-index-url"), *options.extra_index_url),
        no_binary=options.no_binary | Selection.of_formats(values("--no-binary")),
        no_build=options.no_build | Selection.of_formats(values("--only-binary")),
        no_index=options.no_index or "--no-index" in flags,
        require_hashes=options.require_hashes or "--require-hashes" in flags,
        prereleases=options.prereleases or "--pre" in flags,
        prefer_binary=options.prefer_binary or "--prefer-binary" in flags,
    )


def _flat_index(text: str) -> IndexLocation:
    url = text if "://" in text else Path(text).expanduser().absolute().as_uri()
    return IndexLocation(url, url, flat=True, is_beside=True)


def named_index(text: str) -> IndexLocation:
    """Parse the location of an index, written as ``NAME=URL`` or as a URL.

    :raises UsageError: if the text is not valid
    """
    name, found, url = text.partition("=")
    return IndexLocation(name, url) if found and "://" not in name else IndexLocation(text, text)


def extra_indexes(options: Options) -> tuple[IndexLocation, ...]:
    """Return the extra indexes, with the ``--flat`` and ``--cache-control`` options applied.

    :raises UsageError: if one of these options refers to an unknown index
    """
    indexes = {index.name: index for index in map(named_index, options.extra_index_url)}
    for name in options.flat:
        indexes[name] = replace(_named(indexes, name, "--flat"), flat=True)
    for text in options.cache_control:
        place, found, value = text.partition("=")
        name, _, kind = place.rpartition(".")
        if not found or kind not in ("pages", "files"):
            raise UsageError(
                f"--cache-control {text!r} names neither pages nor files",
                hint="write NAME.pages=VALUE or NAME.files=VALUE",
            )
        override: dict[str, Any] = {f"{kind}_override": value}
        indexes[name] = replace(_named(indexes, name, "--cache-control"), **override)
    return tuple(indexes.values())


def _named(indexes: Mapping[str, IndexLocation], name: str, option: str) -> IndexLocation:
    if name not in indexes:
        raise UsageError(
            f"{option}: no index is called {name!r}", hint="name it: --extra-index-url NAME=URL"
        )
    return indexes[name]
