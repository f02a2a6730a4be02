"""Write a draft as TOML, with comments on guesses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.facts.releases import DraftRelease
from pytest_indexcache.drafts.facts.step_plans import StepPlan
from pytest_indexcache.drafts.files.project_files import DraftIndex, ProjectWords
from pytest_indexcache.drafts.indexes.placements import (
    PlacedRelease,
    Placement,
    stores_nothing,
)
from pytest_indexcache.drafts.texts.draft_steps import StepParts, installs, step_lines
from pytest_indexcache.drafts.texts.quotes import Quotes
from pytest_indexcache.drafts.texts.redirect_keys import redirect_keys, redirected_pages
from pytest_indexcache.drafts.texts.remarks import to_be_read
from pytest_indexcache.drafts.texts.toml_text import comment, toml_key, toml_line, toml_value
from pytest_indexcache.drafts.words.index_urls import key_of, server_like

_PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
_LONGEST_TITLE: Final = 300
_MOST_SAID: Final = 8
_LONGEST_SAID: Final = 200


@dataclass(frozen=True)
class DraftParts:
    """The input for the text of a draft.

    ``loose`` contains releases that nothing in the log requires. In the draft, ``adopter`` requires
    them.
    """

    title: str
    issue: str
    remarks: Sequence[str]
    installer: tuple[str, str]
    placement: Placement
    words: ProjectWords
    is_project: bool
    direct: Sequence[Requirement]
    loose: Sequence[DraftRelease]
    adopter: DraftRelease | None
    plan: StepPlan
    said: Sequence[str]
    quotes: Quotes

    @property
    def adds(self) -> bool:
        """Whether a step of the draft is an ``add``."""
        return any(step.verb == "add" for step in self.plan.steps)


def draft_text(parts: DraftParts) -> str:
    """Return the text of the draft."""
    lines = [*_top(parts), *_indexes(parts)]
    if not installs(parts.plan, is_project=parts.is_project):
        lines += _project(parts)
    steps = step_lines(
        StepParts(
            parts.placement, parts.is_project, parts.direct, parts.words, parts.plan, parts.quotes
        )
    )
    return "\n".join([*lines, *steps]) + "\n"


def _top(parts: DraftParts) -> Iterator[str]:
    name, version = parts.installer
    yield comment("A draft from a log. What was guessed is marked: to be read.")
    left_out = [f"left out: {parts.quotes.quoted(text)}" for text in parts.words.left_out]
    yield from map(to_be_read, (*parts.remarks, *left_out))
    title = " ".join(parts.title.split())[:_LONGEST_TITLE] or "To be written: what goes wrong"
    yield toml_line("title", title)
    if parts.issue:
        yield toml_line("issue", parts.issue)
    if name:
        yield ""
        yield comment(f"The log is of {name} {version}. If a play shows that it is affected:")
        yield comment("[affected]")
        yield comment(f'{name} = "=={version}"')
    if parts.said:
        yield ""
        yield comment("What the log says of errors and warnings:")
        for text in parts.said[:_MOST_SAID]:
            yield comment(parts.quotes.quoted(text)[:_LONGEST_SAID])
    if len(parts.said) > _MOST_SAID:
        yield comment(f"… and {len(parts.said) - _MOST_SAID} more lines")


def _indexes(parts: DraftParts) -> Iterator[str]:
    for index in parts.placement.indexes:
        yield ""
        yield f"[{toml_key('indexes', index.name)}]"
        yield toml_line("url", index.url)
        if index.is_default and not index.url.startswith("https://pypi.org/"):
            yield toml_line("default", True)
        if index.is_flat:
            yield toml_line("flat", True)
        if key_of(index.url) in parts.placement.guessed:
            yield to_be_read("only the URLs of files in the log suggest the URL of this index")
        if server := server_like(index.url):
            yield to_be_read(f"the URL has the form of those of {server}")
            yield toml_line("server", server)
        if index.name in parts.placement.facts.without_ranges:
            yield toml_line("ranges", False)
        yield from redirect_keys(parts.placement, index)
        yield from _headers(parts, index)
        placed = [each for each in parts.placement.releases if each.index == index.name]
        if placed:
            yield f"[{toml_key('indexes', index.name, 'packages')}]"
        for each in sorted(placed, key=lambda each: (each.release.project, each.release.version)):
            yield from _release(parts, index, each)
        yield from redirected_pages(parts.placement, index)
    overrides = [index for index in parts.placement.indexes if index.cache_control]
    for index in overrides:
        yield ""
        yield f"[{toml_key('cache-control', index.name)}]"
        for key, value in index.cache_control.items():
            yield toml_line(key, value)


def _headers(parts: DraftParts, index: DraftIndex) -> Iterator[str]:
    """Yield an index's key ``headers``, with the header fields that the log shows."""
    known = parts.placement.facts.fields
    fields = {
        kind: known[index.name, kind] for kind in ("pages", "files") if (index.name, kind) in known
    }
    if fields:
        yield to_be_read("the fields that the log shows; other header fields are the server's")
        yield toml_line("headers", fields)


def _release(parts: DraftParts, index: DraftIndex, placed: PlacedRelease) -> Iterator[str]:
    release = placed.release
    value: dict[str, Any] = {}
    requires = [text for text in release.requires if _is_offered(parts, text)]
    if release is parts.adopter:
        loose = [each for each in parts.loose if each is not release]
        requires += [f"{each.project}=={each.version}" for each in loose]
        yield to_be_read("the log does not say what requires the projects that are required here")
    if requires:
        value["requires"] = requires
    if release.size:
        value["size"] = release.size
    if placed.folder:
        value["url"] = placed.folder
    if stores_nothing(index) and release.was_cached and not release.was_downloaded:
        yield to_be_read("the log has it from the cache, although the server says no-store")
        value["headers"] = {"files": {"cache-control": False}}
    if _is_sdist(release):
        value["files"] = [{"kind": "sdist"}]
    if release.is_guessed:
        yield to_be_read("nothing names this version")
    yield f"{toml_key(release.project, release.version)} = {toml_value(value)}"


def _is_sdist(release: DraftRelease) -> bool:
    names = [*release.filenames, *(url.rpartition("/")[2] for url in release.file_urls)]
    return bool(names) and not any(name.endswith(".whl") for name in names)


def _is_offered(parts: DraftParts, text: str) -> bool:
    """Return whether an index in the draft serves the project that a requirement names."""
    project = canonicalize_name(Requirement(text).name)
    return any(each.release.project == project for each in parts.placement.releases)


def _project(parts: DraftParts) -> Iterator[str]:
    yield ""
    yield "[project]"
    python = parts.words.requires_python
    if python and not _all_pythons(python):
        yield to_be_read(f"the project asks for Python {python}; the files here suit any")
        python = ""
    yield toml_line("requires-python", python or f">={_PYTHONS[0]}")
    keys = dict(parts.words.keys)
    direct = [] if parts.words.requirements or parts.adds else parts.direct
    keys["dependencies"] = keys.get("dependencies") or [str(requirement) for requirement in direct]
    yield from _undefined_names(parts, keys)
    if parts.placement.targets:
        named = [index.name for index in parts.placement.indexes]
        keys["indexes"] = [name for name in named if name not in parts.placement.targets]
    for key, value in keys.items():
        yield toml_line(key, value)
    projects = {each.release.project for each in parts.placement.releases}
    sources = {name: each for name, each in parts.words.sources.items() if name in projects}
    if sources:
        yield ""
        yield "[sources]"
    for name, tables in sources.items():
        yield toml_line(
            name, dict(tables[0]) if len(tables) == 1 else [dict(each) for each in tables]
        )


def _undefined_names(parts: DraftParts, keys: dict[str, Any]) -> Iterator[str]:
    """Complete the tables of extras and groups in ``keys``, and yield comments on the additions.

    Extras and groups that only steps or conflicts name are added, without requirements.
    """
    for key, table in (("extras", "optional-dependencies"), ("groups", "dependency-groups")):
        chosen = [name for step in parts.plan.steps for name in step.keys.get(key, ())]
        chosen += _conflicting(keys.get("conflicts", ()), key)
        missing = [name for name in dict.fromkeys(chosen) if name not in keys.get(table, {})]
        if missing:
            keys[table] = {**keys.get(table, {}), **{name: [] for name in missing}}
            if not parts.adds:
                yield to_be_read(f"nothing says what these {key} require: {', '.join(missing)}")


def _conflicting(conflicts: Sequence[Sequence[str]], key: str) -> list[str]:
    """Return the extras or groups in ``conflicts``; ``key`` says which of the two."""
    is_groups = key == "groups"
    names = [name for names in conflicts for name in names]
    return [name.removeprefix("group:") for name in names if name.startswith("group:") is is_groups]


def _all_pythons(specifier: str) -> bool:
    try:
        return all(SpecifierSet(specifier).contains(f"{each}.0") for each in _PYTHONS)
    except InvalidSpecifier:
        return False
