"""Read a project file or a requirements file for a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from packaging.requirements import Requirement

from pytest_indexcache.drafts.words.names import OWN_PROJECT, project_name, public_url
from pytest_indexcache.drafts.words.requirements import readable_requirement
from pytest_indexcache.drafts.words.toml_values import list_of, table_of

_OWNERS: Final = ("uv", "poetry", "pdm")
"""The installers whose settings show that a TOML file is a project file."""


@dataclass(frozen=True)
class DraftIndex:
    """An index in the draft.

    ``url`` contains no credentials. ``other_names`` contains the other index names that project
    files give to this URL.
    """

    name: str
    url: str
    is_explicit: bool = False
    is_default: bool = False
    is_flat: bool = False
    cache_control: Mapping[str, str] = field(default_factory=dict)
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProjectWords:
    """The content of a project file or requirements file, as keys of a scenario.

    ``keys`` are keys of ``[project]``. ``sources`` maps projects to tables of ``[sources]``.
    ``name`` is normalised. ``default_groups`` are the groups that uv installs by default.
    ``elsewhere`` contains projects that do not come from an index. ``left_out`` lists what a draft
    cannot express.
    """

    keys: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    indexes: tuple[DraftIndex, ...] = ()
    requires_python: str = ""
    left_out: tuple[str, ...] = ()
    name: str = ""
    default_groups: tuple[str, ...] = ()
    elsewhere: frozenset[str] = frozenset()

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The requirements for other projects, including those of extras and groups."""
        texts = list(self.keys.get("dependencies", ()))
        for key in ("optional-dependencies", "dependency-groups"):
            texts += [text for group in self.keys.get(key, {}).values() for text in group]
        requirements = map(Requirement, texts)
        return tuple(each for each in requirements if each.name != OWN_PROJECT)


def is_project_file(data: Mapping[str, Any]) -> bool:
    """Return whether parsed TOML is a ``pyproject.toml``."""
    tool = table_of(data.get("tool"))
    return isinstance(data.get("project"), dict) or any(name in tool for name in _OWNERS)


def read_project_file(data: Mapping[str, Any]) -> ProjectWords:
    """Return the content of a ``pyproject.toml`` with a ``[project]`` table or uv's settings."""
    project, tool = table_of(data.get("project")), table_of(table_of(data.get("tool")).get("uv"))
    left_out: list[str] = []
    keys: dict[str, Any] = {
        "dependencies": _requirements(project.get("dependencies"), left_out),
        "optional-dependencies": _groups(project.get("optional-dependencies"), left_out),
        "dependency-groups": _groups(data.get("dependency-groups"), left_out),
        "overrides": _requirements(tool.get("override-dependencies"), left_out),
        "constraints": _requirements(tool.get("constraint-dependencies"), left_out),
        "conflicts": _conflicts(tool.get("conflicts")),
    }
    dev = _requirements(tool.get("dev-dependencies"), left_out)
    if dev:
        keys["dependency-groups"] = {**keys["dependency-groups"], "dev": dev}
    indexes = _indexes(tool)
    sources = _sources(table_of(tool.get("sources")), indexes, left_out)
    python = project.get("requires-python")
    tables = table_of(tool.get("sources"))
    elsewhere = {name for key in tables if (name := project_name(key)) not in sources}
    return ProjectWords(
        {key: value for key, value in keys.items() if value or key == "dependencies"},
        sources,
        indexes,
        python if isinstance(python, str) else "",
        tuple(left_out),
        project_name(str(project.get("name", ""))),
        _default_groups(tool, keys["dependency-groups"]),
        frozenset(elsewhere),
    )


def read_requirements(text: str) -> ProjectWords:
    """Return the content of a requirements file; included files are not read."""
    dependencies, indexes, left_out = [], [], []
    for raw in text.replace("\\\n", " ").splitlines():
        line = raw.partition(" #")[0].strip()
        if not line or line.startswith("#"):
            continue
        option, _, value = line.replace("=", " ", 1).partition(" ")
        if option in ("-i", "--index-url", "--extra-index-url") and public_url(value):
            url, is_default = public_url(value), option != "--extra-index-url"
            indexes.append(DraftIndex(index_name(url), url, is_default=is_default))
        elif requirement := readable_requirement(line.partition(" --")[0].strip()):
            dependencies.append(requirement)
        else:
            left_out.append(f"the line {line!r} of the requirements")
    return ProjectWords(
        {"dependencies": dependencies}, indexes=_unique(indexes), left_out=tuple(left_out)
    )


def index_name(url: str) -> str:
    """Return a short name for an index, derived from its host and the last part of its path."""
    host, _, path = url.partition("://")[2].partition("/")
    if host.partition(":")[0] in ("pypi.org", "files.pythonhosted.org"):
        return "pypi"
    ends = [part for part in path.split("/") if part.strip("+") not in ("", "simple", "whl")]
    words = [host.partition(":")[0].removeprefix("download."), *ends[-1:]]
    name = "-".join("".join(c if c.isalnum() and c.isascii() else "-" for c in w) for w in words)
    return "-".join(filter(None, name.lower().split("-")))[:60] or "index"


def _default_groups(tool: Mapping[str, Any], groups: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the existing groups that uv installs by default: those in its settings, or ``dev``."""
    named = tool.get("default-groups", ["dev"])
    if named == "all":
        return tuple(groups)
    names = [project_name(str(name)) for name in named] if isinstance(named, list) else []
    return tuple(name for name in names if name in groups)


def _requirements(value: object, left_out: list[str]) -> list[str]:
    """Return the valid requirements in an array; the others are described in ``left_out``."""
    found = []
    for text in list_of(value):
        if not isinstance(text, str):
            left_out.append(f"the requirement {text!r}")
        elif requirement := readable_requirement(text):
            found.append(requirement)
        else:
            left_out.append(f"the requirement {text!r}")
    return found


def _groups(value: object, left_out: list[str]) -> dict[str, list[str]]:
    """Return the requirements of each extra or group; included groups are resolved (PEP 735)."""
    tables = {name: texts for key, texts in table_of(value).items() if (name := project_name(key))}
    return {
        name: list(dict.fromkeys(_requirements(_with_included(name, tables), left_out)))
        for name in tables
    }


def _with_included(
    name: str, groups: Mapping[str, object], within: tuple[str, ...] = ()
) -> list[object]:
    """Return the entries of a group and of all groups that it includes.

    An inclusion that is circular, or that names a missing group, is returned unchanged.
    """
    entries = groups.get(name)
    found: list[object] = []
    for entry in list_of(entries):
        included = project_name(str(table_of(entry).get("include-group", "")))
        if included in groups and included not in (*within, name):
            found += _with_included(included, groups, (*within, name))
        else:
            found.append(entry)
    return found


def _conflicts(value: object) -> list[list[str]]:
    conflicts = []
    for choices in list_of(value):
        names = (
            [
                f"group:{project_name(str(choice['group']))}"
                if "group" in choice
                else project_name(str(choice.get("extra", "")))
                for choice in choices
                if isinstance(choice, dict)
            ]
            if isinstance(choices, list)
            else []
        )
        if len(names) > 1 and all(names):
            conflicts.append(names)
    return conflicts


def _indexes(tool: Mapping[str, Any]) -> tuple[DraftIndex, ...]:
    """Return the indexes in uv's settings, in the order in which uv searches them."""
    found: list[DraftIndex] = []
    entries = tool.get("index")
    for entry in list_of(entries):
        table = table_of(entry)
        url = public_url(str(table.get("url", "")))
        if not url:
            continue
        override = {
            {"api": "pages"}.get(key, key): value
            for key, value in table_of(table.get("cache-control")).items()
            if key in ("api", "files") and isinstance(value, str)
        }
        name = project_name(str(table.get("name", ""))) or index_name(url)
        explicit, default = table.get("explicit") is True, table.get("default") is True
        found.append(DraftIndex(name, url, explicit, default, cache_control=override))
    extra = tool.get("extra-index-url")
    for text in list_of(extra):
        if isinstance(text, str) and (url := public_url(text)):
            found.append(DraftIndex(index_name(url), url))
    if url := public_url(str(tool.get("index-url", ""))):
        found.append(DraftIndex(index_name(url), url, is_default=True))
    return _unique(found)


def _unique(indexes: list[DraftIndex]) -> tuple[DraftIndex, ...]:
    """Return indexes with unique URLs and names; indexes with the same URL are merged."""
    by_url: dict[str, DraftIndex] = {}
    for index in indexes:
        url = index.url.rstrip("/")
        by_url[url] = _merged(by_url[url], index) if url in by_url else index
    names: dict[str, DraftIndex] = {}
    for index in by_url.values():
        name, number = index.name, 2
        while name in names:
            name, number = f"{index.name}-{number}", number + 1
        names[name] = replace(index, name=name)
    return tuple(names.values())


def _merged(first: DraftIndex, second: DraftIndex) -> DraftIndex:
    """Merge two indexes that have the same URL."""
    return replace(
        first,
        is_explicit=first.is_explicit and second.is_explicit,
        is_default=first.is_default or second.is_default,
        cache_control={**second.cache_control, **first.cache_control},
        other_names=(*first.other_names, second.name),
    )


def _sources(
    tables: Mapping[str, Any], indexes: tuple[DraftIndex, ...], left_out: list[str]
) -> dict[str, tuple[Mapping[str, Any], ...]]:
    named = {name: each for each in indexes for name in (*each.other_names, each.name)}
    sources: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for key, value in tables.items():
        project, kept = project_name(key), []
        for table in value if isinstance(value, list) else [value]:
            index = named.get(project_name(str(table_of(table).get("index", ""))))
            if index is None:
                left_out.append(f"a source of {key!r}, which leads to no index")
                continue
            conditions = {
                name: text
                for name in ("extra", "group", "marker")
                if isinstance(text := table.get(name), str)
            }
            explicit = {"explicit": True} if index.is_explicit else {}
            kept.append({"index": index.name, **explicit, **conditions})
        if project and kept:
            sources[project] = tuple(kept)
    return sources
