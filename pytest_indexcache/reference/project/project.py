"""The project file: ``pyproject.toml`` with the reference installer's own table.

::

    [tool.indexcache]
    overrides   = ["torch==2.0.0"]                # replaces every requirement on torch
    constraints = ["numpy<3"]
    conflicts   = [["cpu", "cu128", "group:dev"]] # extras and groups that exclude each other
    exclude-newer = "7 days ago"                  # or 2026-08-01T12:00:00Z, in quotation marks
    prereleases = true                            # whether to use pre-releases like other releases
    resolution = "lowest-direct"                  # or "lowest", or "highest"
    package     = false                           # whether the project itself is installed

    [[tool.indexcache.indexes]]
    name = "pytorch-cpu"
    url  = "https://download.pytorch.org/whl/cpu"
    explicit = true                               # used only for projects whose source names it
    cache-control = { pages = "max-age=600", files = "max-age=365000000, immutable" }

    [tool.indexcache.sources]
    torch = [{ index = "pytorch-cpu", extra = "cpu" }]
    local = { path = "../local", editable = true }
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from packaging.dependency_groups import DependencyGroupResolver
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pytest_indexcache.reference.project.toml_table import TomlTable, read_toml
from pytest_indexcache.reference.words.packages import PYPI, IndexLocation, is_index_url
from pytest_indexcache.reference.words.selection import read_resolution
from pytest_indexcache.reference.words.sources import PackageSource

_OWN_KEYS: Final = (
    "indexes",
    "sources",
    "overrides",
    "constraints",
    "conflicts",
    "package",
    "exclude-newer",
    "prereleases",
    "resolution",
)

GROUP_PREFIX: Final = "group:"
"""The prefix that distinguishes dependency groups from extras in ``conflicts``."""


@dataclass(frozen=True, slots=True)
class ProjectDefinition:
    """The contents of a project file.

    ``version`` is None if the build backend determines it. ``indexes`` are in search order; the
    default index is always present and comes last. The names in each set in ``conflicts`` exclude
    each other; they are extras, or groups written ``group:NAME``. With ``package``, the project in
    ``folder`` is installed together with its dependencies. Files uploaded at ``exclude_newer`` or
    later are not used. With ``prereleases``, pre-releases are used like other releases.
    ``resolution`` determines which suitable release is chosen.
    """

    folder: Path
    name: NormalizedName
    version: Version | None = None
    requires_python: SpecifierSet = field(default_factory=SpecifierSet)
    dependencies: tuple[Requirement, ...] = ()
    optional_dependencies: Mapping[NormalizedName, tuple[Requirement, ...]] = field(
        default_factory=dict
    )
    dependency_groups: Mapping[NormalizedName, tuple[Requirement, ...]] = field(
        default_factory=dict
    )
    indexes: tuple[IndexLocation, ...] = ()
    sources: Mapping[NormalizedName, tuple[PackageSource, ...]] = field(default_factory=dict)
    overrides: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    conflicts: tuple[frozenset[str], ...] = ()
    package: bool = False
    exclude_newer: str | None = None
    prereleases: bool = False
    resolution: str | None = None

    @property
    def file(self) -> Path:
        """The path of the project file."""
        return self.folder / "pyproject.toml"


def load_project(
    folder: Path, *, default_index: str = PYPI, extra_indexes: Sequence[IndexLocation] = ()
) -> ProjectDefinition:
    """Read the project file in a folder.

    ``default_index`` is the URL of the default index, which comes last; it is not used if the file
    names a default index. ``extra_indexes`` are searched before the indexes in the file.

    :raises UsageError: if a key is missing or invalid; the error names the file and the key
    """
    folder = folder.resolve()
    file = folder / "pyproject.toml"
    root = TomlTable(file, "", read_toml(file))
    project = root.table("project")
    if not project.data:
        raise root.error("project", "is missing")
    if "dependencies" in project.strings("dynamic"):
        raise project.error("dynamic", "lists 'dependencies', which only a build backend knows")
    own = root.table("tool").table("indexcache")
    own.allow_only(*_OWN_KEYS)
    extras = project.table("optional-dependencies")
    definition = ProjectDefinition(
        folder=folder,
        name=canonicalize_name(project.required_string("name")),
        version=project.parsed("version", Version),
        requires_python=project.parsed("requires-python", SpecifierSet) or SpecifierSet(),
        dependencies=project.requirements("dependencies"),
        optional_dependencies={
            canonicalize_name(name): extras.requirements(name) for name in extras.data
        },
        dependency_groups=_read_groups(root),
        indexes=_order_indexes(extra_indexes, _read_indexes(own, folder), default_index),
        sources=_read_sources(own.table("sources"), folder),
        overrides=own.requirements("overrides"),
        constraints=own.requirements("constraints"),
        conflicts=_read_conflicts(own),
        package=own.boolean("package", default="build-system" in root.data),
        exclude_newer=own.string("exclude-newer"),
        prereleases=own.boolean("prereleases", default=False),
        resolution=own.parsed("resolution", read_resolution),
    )
    _check_names(own, definition)
    return definition


def _read_groups(root: TomlTable) -> dict[NormalizedName, tuple[Requirement, ...]]:
    groups = root.table("dependency-groups")
    if not groups.data:
        return {}
    try:
        resolver = DependencyGroupResolver(groups.data)
        return {canonicalize_name(name): resolver.resolve(name) for name in groups.data}
    except ExceptionGroup as error:
        raise root.error("dependency-groups", "; ".join(map(str, error.exceptions))) from error


def _read_indexes(own: TomlTable, folder: Path) -> tuple[IndexLocation, ...]:
    indexes = []
    for entry in own.tables("indexes"):
        entry.allow_only("name", "url", "default", "explicit", "flat", "cache-control")
        override = entry.table("cache-control")
        override.allow_only("pages", "files")
        url = _absolute_url(entry.required_string("url"), folder)
        if not is_index_url(url):
            raise entry.error("url", f"{url!r} is not the URL of an index")
        indexes.append(
            IndexLocation(
                name=entry.string("name") or url,
                url=url,
                explicit=entry.boolean("explicit"),
                default=entry.boolean("default"),
                flat=entry.boolean("flat"),
                pages_override=override.string("pages"),
                files_override=override.string("files"),
            )
        )
    names = [index.name for index in indexes]
    for name in names:
        if names.count(name) > 1:
            raise own.error("indexes", f"has the name {name!r} twice")
    if sum(index.default for index in indexes) > 1:
        raise own.error("indexes", "has more than one default index")
    return tuple(indexes)


def _absolute_url(url: str, folder: Path) -> str:
    """Return a URL unchanged; convert a path in the project's folder to a file URL."""
    return url if "://" in url else (folder / url).resolve().as_uri()


def _order_indexes(
    extra: Sequence[IndexLocation], own: Sequence[IndexLocation], default_url: str
) -> tuple[IndexLocation, ...]:
    """Return the indexes in search order, with the default index last.

    If the file does not name a default index, an index with ``default_url`` is added.
    """
    default = [index for index in own if index.default]
    if not default:
        default = [IndexLocation(name="default", url=default_url, default=True)]
    return (*extra, *(index for index in own if not index.default), *default)


def _read_sources(
    sources: TomlTable, folder: Path
) -> dict[NormalizedName, tuple[PackageSource, ...]]:
    return {
        canonicalize_name(project): tuple(
            _read_source(entry, folder) for entry in sources.table_or_tables(project)
        )
        for project in sources.data
    }


def _read_source(entry: TomlTable, folder: Path) -> PackageSource:
    entry.allow_only("index", "path", "url", "editable", "extra", "group", "marker")
    index, path, url = (entry.string(key) for key in ("index", "path", "url"))
    if sum(place is not None for place in (index, path, url)) != 1:
        raise entry.error("", "must have exactly one of index, path and url")
    extra, group = entry.string("extra"), entry.string("group")
    return PackageSource(
        index=index,
        path=None if path is None else (folder / path).resolve(),
        url=url,
        editable=entry.boolean("editable"),
        extra=None if extra is None else canonicalize_name(extra),
        group=None if group is None else canonicalize_name(group),
        marker=entry.parsed("marker", Marker),
    )


def _read_conflicts(own: TomlTable) -> tuple[frozenset[str], ...]:
    sets = []
    for number, names in enumerate(own.array("conflicts")):
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise own.error(f"conflicts[{number}]", "must be an array of strings")
        sets.append(frozenset(map(_normalize_choice, names)))
        if len(sets[-1]) < 2:
            raise own.error(f"conflicts[{number}]", "needs at least two names")
    return tuple(sets)


def _normalize_choice(name: str) -> str:
    prefix = GROUP_PREFIX if name.startswith(GROUP_PREFIX) else ""
    return prefix + canonicalize_name(name.removeprefix(GROUP_PREFIX))


def _check_names(own: TomlTable, definition: ProjectDefinition) -> None:
    """Raise UsageError if a source or conflict names an unknown index, extra or group."""
    indexes = {index.name for index in definition.indexes}
    extras, groups = definition.optional_dependencies, definition.dependency_groups
    for project, entries in definition.sources.items():
        for entry in entries:
            if entry.index is not None and entry.index not in indexes:
                raise own.error(f"sources.{project}", f"names no known index: {entry.index!r}")
            if entry.extra is not None and entry.extra not in extras:
                raise own.error(f"sources.{project}", f"names no known extra: {entry.extra!r}")
            if entry.group is not None and entry.group not in groups:
                raise own.error(f"sources.{project}", f"names no known group: {entry.group!r}")
    known = {*extras, *(GROUP_PREFIX + group for group in groups)}
    for name in sorted(frozenset().union(*definition.conflicts) - known):
        raise own.error("conflicts", f"names no known extra or group: {name!r}")
