"""Write the text of a draft: the tables of a scenario, with comments at guesses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.command_steps import CommandStep
from pytest_indexcache.drafts.files.project_files import DraftIndex, ProjectWords
from pytest_indexcache.drafts.placements import PlacedRelease, Placement, stores_nothing
from pytest_indexcache.drafts.releases import DraftRelease
from pytest_indexcache.drafts.toml_text import comment, toml_key, toml_line, toml_value
from pytest_indexcache.drafts.words.names import public_command

_PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
_LONGEST_TITLE: Final = 300


@dataclass(frozen=True)
class DraftParts:
    """The contents of a draft, independent of their layout.

    ``loose`` are releases that no known release requires; ``adopter`` is the release that requires
    them in the draft.
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
    step: CommandStep | None


def draft_text(parts: DraftParts) -> str:
    """Return the text of a scenario file."""
    lines = [*_top(parts), *_indexes(parts)]
    if not _installs(parts):
        lines += _project(parts)
    return "\n".join([*lines, *_steps(parts)]) + "\n"


def _to_be_read(text: str) -> str:
    return comment(f"to be read: {text}")


def _installs(parts: DraftParts) -> bool:
    """Return whether the steps install requirements, and there is no project to sync."""
    return not parts.is_project and (parts.step is None or parts.step.verb == "install")


def _top(parts: DraftParts) -> Iterator[str]:
    name, version = parts.installer
    yield comment("A draft from a log. What was guessed is marked: to be read.")
    for remark in (*parts.remarks, *(f"left out: {text}" for text in parts.words.left_out)):
        yield _to_be_read(remark)
    title = " ".join(parts.title.split())[:_LONGEST_TITLE] or "To be written: what goes wrong"
    yield toml_line("title", title)
    if parts.issue:
        yield toml_line("issue", parts.issue)
    if name:
        yield ""
        yield comment(f"The log is of {name} {version}. If a play shows that it is affected:")
        yield comment("[affected]")
        yield comment(f'{name} = "=={version}"')


def _indexes(parts: DraftParts) -> Iterator[str]:
    for index in parts.placement.indexes:
        yield ""
        yield f"[{toml_key('indexes', index.name)}]"
        yield toml_line("url", index.url)
        if index.is_default and not index.url.startswith("https://pypi.org/"):
            yield toml_line("default", True)
        yield from _headers(parts, index)
        placed = [each for each in parts.placement.releases if each.index == index.name]
        if placed:
            yield f"[{toml_key('indexes', index.name, 'packages')}]"
        for each in sorted(placed, key=lambda each: (each.release.project, each.release.version)):
            yield from _release(parts, index, each)
    overrides = [index for index in parts.placement.indexes if index.cache_control]
    for index in overrides:
        yield ""
        yield f"[{toml_key('cache-control', index.name)}]"
        for key, value in index.cache_control.items():
            yield toml_line(key, value)


def _headers(parts: DraftParts, index: DraftIndex) -> Iterator[str]:
    """Yield the lines of header fields that the log shows."""
    fields: dict[str, dict[str, str]] = {}
    for kind in ("pages", "files"):
        seconds = parts.placement.lifetimes.get((index.name, kind))
        if (index.name, kind) in parts.placement.unstorable:
            fields[kind] = {"cache-control": "no-store"}
        elif seconds is not None and int(seconds) > 0:
            fields[kind] = {"cache-control": f"max-age={int(seconds)}"}
    if fields:
        yield _to_be_read("the lifetimes that the log names; other header fields are the server's")
        yield toml_line("headers", fields)


def _release(parts: DraftParts, index: DraftIndex, placed: PlacedRelease) -> Iterator[str]:
    release = placed.release
    value: dict[str, Any] = {}
    requires = [text for text in release.requires if _is_offered(parts, text)]
    if release is parts.adopter:
        loose = [each for each in parts.loose if each is not release]
        requires += [f"{each.project}=={each.version}" for each in loose]
        yield _to_be_read("the log does not say what requires the projects that are required here")
    if requires:
        value["requires"] = requires
    if release.size:
        value["size"] = release.size
    if placed.folder:
        value["url"] = placed.folder
    if stores_nothing(index) and release.was_cached and not release.was_downloaded:
        yield _to_be_read("the log has it from the cache, although the server says no-store")
        value["headers"] = {"files": {"cache-control": False}}
    if _is_sdist(release):
        value["files"] = [{"kind": "sdist"}]
    if release.is_guessed:
        yield _to_be_read("nothing names this version")
    yield f"{toml_key(release.project, release.version)} = {toml_value(value)}"


def _is_sdist(release: DraftRelease) -> bool:
    names = [*release.filenames, *(url.rpartition("/")[2] for url in release.file_urls)]
    return bool(names) and not any(name.endswith(".whl") for name in names)


def _is_offered(parts: DraftParts, text: str) -> bool:
    """Return whether an index of the draft has a release that meets a requirement."""
    project = canonicalize_name(Requirement(text).name)
    return any(each.release.project == project for each in parts.placement.releases)


def _project(parts: DraftParts) -> Iterator[str]:
    yield ""
    yield "[project]"
    python = parts.words.requires_python
    if python and not _all_pythons(python):
        yield _to_be_read(f"the project asks for Python {python}; the files here suit any")
        python = ""
    yield toml_line("requires-python", python or f">={_PYTHONS[0]}")
    keys = dict(parts.words.keys)
    keys["dependencies"] = keys.get("dependencies") or (
        [] if parts.words.requirements else [str(requirement) for requirement in parts.direct]
    )
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


def _all_pythons(specifier: str) -> bool:
    try:
        return all(SpecifierSet(specifier).contains(f"{each}.0") for each in _PYTHONS)
    except InvalidSpecifier:
        return False


def _steps(parts: DraftParts) -> Iterator[str]:
    """Yield the step in the log, the removal of the venv, and a step that must not download."""
    yield ""
    if parts.step is None:
        yield _to_be_read("the log names no command; this is what such a log is of, mostly")
    else:
        yield comment(f"the command of the log: {public_command(parts.step.text)}")
    if parts.step is not None and parts.step.unread:
        yield _to_be_read(f"not in the steps: {public_command(' '.join(parts.step.unread))}")
    keys = dict(parts.step.keys) if parts.step else {}
    first = {
        key: value for key, value in keys.items() if key not in ("offline", "frozen", "locked")
    }
    yield from _step(parts, "the cache is empty", first, {"*": 1})
    yield ""
    yield "[[steps]]"
    yield toml_line("do", "remove-venv")
    yield ""
    yield _to_be_read("what is wanted: the second time nothing is downloaded")
    yield from _step(parts, "the venv is made anew", keys, {})


def _step(
    parts: DraftParts, name: str, keys: dict[str, Any], downloads: dict[str, int]
) -> Iterator[str]:
    yield "[[steps]]"
    yield toml_line("name", name)
    yield toml_line("do", "install" if _installs(parts) else "sync")
    if _installs(parts):
        yield toml_line("requirements", [str(requirement) for requirement in parts.direct])
    for key, value in keys.items():
        yield toml_line(key, value)
    yield "[steps.expect]"
    yield toml_line("downloads", downloads)
    if installed := _installed(parts):
        yield toml_line("installed", installed)


def _installed(parts: DraftParts) -> dict[str, str]:
    """Return the version of each unconditional requirement for which the draft has exactly one."""
    texts = parts.words.keys.get("dependencies")
    direct = [Requirement(text) for text in texts] if texts else list(parts.direct)
    versions: dict[str, list[str]] = {}
    for each in parts.placement.releases:
        versions.setdefault(each.release.project, []).append(each.release.version)
    names = [canonicalize_name(each.name) for each in direct if each.marker is None]
    return {name: versions[name][0] for name in names if len(versions.get(name, ())) == 1}
