"""Write the text of a captured scenario, with private names replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import tomli_w
from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.captures.capture_plan import CapturePlan
from pytest_indexcache.drafts.captures.indexes.core_metadata import (
    core_requirements,
    provided_extras,
)
from pytest_indexcache.drafts.captures.indexes.index_tables import index_table
from pytest_indexcache.drafts.captures.indexes.seen import (
    CapturedIndex,
    SeenFile,
    SeenIndex,
    is_pypi,
)
from pytest_indexcache.drafts.captures.lock_hashes import rehashed_files
from pytest_indexcache.drafts.captures.lockfiles import placed_lockfile
from pytest_indexcache.drafts.captures.privacy.kept_names import kept_names
from pytest_indexcache.drafts.captures.privacy.marks import unmarked
from pytest_indexcache.drafts.captures.privacy.remains import Remain, remains
from pytest_indexcache.drafts.captures.privacy.replaced_tables import replaced_tables
from pytest_indexcache.drafts.captures.privacy.replacements import (
    OWN_PROJECT,
    Replacements,
    is_public,
)
from pytest_indexcache.drafts.texts.toml_text import comment, toml_key, toml_line, toml_value

LOOSE: Final = {"exit": "any", "satisfied": False}
"""Expectations that always hold, for a step whose outcome is not known yet."""


@dataclass(frozen=True)
class CaptureTables:
    """The tables of a captured scenario, before private names are replaced."""

    title: str
    indexes: dict[str, Any]
    access: dict[str, Any]
    tables: dict[str, Any]
    files: dict[str, str]
    steps: list[dict[str, Any]]
    python: str
    remarks: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return the tables as one dictionary, in the structure of a scenario file."""
        whole = {
            "title": self.title,
            "indexes": self.indexes,
            "access": self.access,
            **self.tables,
            "files": self.files,
            "steps": self.steps,
        }
        whole |= {"python": self.python} if self.python else {}
        return {key: value for key, value in whole.items() if value}


def watched_tables(plan: CapturePlan) -> CaptureTables:
    """Return the tables for a play on the real indexes, with expectations that always hold."""
    indexes = {}
    for index in plan.indexes:
        table: dict[str, Any] = {"url": index.url}
        if index.is_default and not is_pypi(index.url):
            table["default"] = True
        indexes[index.name] = table
    steps = [
        {**keys, "expect": LOOSE} if keys.get("do") != "remove-venv" else keys
        for keys in plan.step_tables()
    ]
    return CaptureTables(
        _title(plan),
        indexes,
        _with_slash(_access(plan.indexes), plan.indexes),
        dict(plan.project.tables),
        _files(plan),
        steps,
        plan.python,
        (),
    )


def captured_tables(
    plan: CapturePlan,
    seen: Sequence[SeenIndex],
    files: Sequence[SeenFile],
    expected: Mapping[int, Mapping[str, Any]],
) -> CaptureTables:
    """Return the tables for an offline play, with releases taken from the recorded responses.

    ``expected`` maps the number of each step, counted from 1, to its expectations.
    """
    known = set(_requested_projects(seen))
    known |= {file.entry.project for file in files}
    indexes: dict[str, Any] = {}
    access: dict[str, Any] = {}
    for each in seen:
        own = [file for file in files if file.index == each.index.name]
        table = index_table(each, own, known)
        indexes[each.index.name] = table
        if "users" not in table or each.index.is_netrc:
            access |= _access([each.index])
    steps = plan.step_tables()
    for number, keys in expected.items():
        steps[number - 1]["expect"] = dict(keys)
    return CaptureTables(
        _title(plan),
        indexes,
        _with_slash(access, plan.indexes),
        _with_named(plan, seen),
        _placed_files(plan, files),
        steps,
        plan.python,
        (*plan.remarks, *plan.project.remarks, *_unknown(files, known)),
    )


def _requested_projects(seen: Iterable[SeenIndex]) -> list[str]:
    """Return the project of each response, if the response is about a project."""
    responses = (response for each in seen for response in each.responses)
    return [response.subject.project for response in responses if response.subject.project]


def learn_names(
    replacements: Replacements,
    plan: CapturePlan,
    seen: Sequence[SeenIndex],
    files: Sequence[SeenFile],
) -> None:
    """Register private projects, user names, passwords and hosts in ``replacements``.

    A project is private if it comes from a private index and none of its files is on a public host.
    """
    for index in plan.indexes:
        replacements.index(index.url)
        if index.login is not None:
            if index.login[1]:
                replacements.secret(index.login[1])
            replacements.user(index.login[0])
    for each in seen:
        replacements.index(each.index.url)
    public = {
        entry.project
        for each in seen
        for entry in each.entries.values()
        if is_public(each.index.url) or is_public(entry.url)
    }
    public |= {file.entry.project for file in files if is_public(file.entry.url)}
    asked = _requested_projects(seen)
    has_private_index = not all(is_public(index.url) for index in plan.indexes)
    others = tuple(plan.required_names) if has_private_index else ()
    replacements.reserve((*public, *asked, *others))
    for name in plan.project.own_names:
        replacements.project(name, "project")
    for project in (
        *asked,
        *plan.project.local_names,
        *(file.entry.project for file in files),
        *others,
    ):
        if canonicalize_name(project) not in public:
            replacements.project(project)
    replacements.keep(public)
    for file in files:
        if file.entry.project in public:
            replacements.labels.keep(provided_extras(file.metadata))


def capture_text(tables: CaptureTables, replacements: Replacements) -> str:
    """Return the scenario as TOML text, with comments on everything that was left out."""
    plain = unmarked(replaced_tables(tables.plain(), replacements))
    if "project-files" in plain:
        files = plain["project-files"]
        plain["files"] = rehashed_files(
            plain.get("files", {}), tables.tables["project-files"], files
        )
        plain["project-files"] = {name: tomli_w.dumps(data) for name, data in files.items()}
    lines = [comment("Captured at real indexes; what identifies anybody is replaced.")]
    lines += [comment(f"left out: {replacements.named(remark)}") for remark in tables.remarks]
    if plain.get("project", {}).get("name") == OWN_PROJECT:
        del plain["project"]["name"]  # the name of every project that has no other
    lines.append(toml_line("title", plain["title"]))
    if "python" in plain:
        lines.append(toml_line("python", plain["python"]))
    for name, index in plain["indexes"].items():
        lines += ["", *_index(name, index)]
    for key in ("access", "cache-control"):
        for name, table in plain.get(key, {}).items():
            lines += ["", f"[{toml_key(key, name)}]", *_lines(table)]
    for name, table in plain.get("local-projects", {}).items():
        lines += ["", f"[{toml_key('local-projects', name)}]", *_lines(table)]
    for key in ("project", "sources"):
        if plain.get(key):
            lines += ["", f"[{key}]", *_lines(plain[key])]
    for key in ("project-files", "files"):
        if plain.get(key):
            lines += ["", f"[{key}]", *(_text_line(k, v) for k, v in plain[key].items())]
    for step in plain["steps"]:
        lines += ["", "[[steps]]", *_lines(step)]
    return "\n".join(lines) + "\n"


def written_tables(tables: CaptureTables) -> dict[str, Any]:
    """Return the tables as one dictionary, with project files as TOML text.

    Private names are not replaced yet.
    """
    plain = tables.plain()
    if "project-files" in plain:
        files = plain["project-files"]
        plain["project-files"] = {name: tomli_w.dumps(data) for name, data in files.items()}
    return plain


def kept_words(tables: CaptureTables, replacements: Replacements) -> tuple[str, ...]:
    """Return the names of the user's folders and files that the scenario still contains.

    If the user chose to keep all names, the result is empty.
    """
    if replacements.keeps_names:
        return ()
    return tuple(kept_names(unmarked(replaced_tables(tables.plain(), replacements))))


def private_words(tables: CaptureTables, replacements: Replacements) -> list[Remain]:
    """Return the private words that would remain after replacement; there should be none."""
    return remains(replaced_tables(tables.plain(), replacements), replacements)


def _with_named(plan: CapturePlan, seen: Sequence[SeenIndex]) -> dict[str, Any]:
    """Return the project's tables.

    If the scenario has an index that was reached only through redirects, the project lists its own
    indexes. Without this list, it would use all indexes in the scenario.
    """
    tables = dict(plan.project.tables)
    if any(each.index.is_fallback for each in seen) and "project" in tables:
        names = [index.name for index in plan.indexes if not index.is_explicit]
        tables["project"] = {**tables["project"], "indexes": names}
    return tables


def _unknown(files: Sequence[SeenFile], known: Collection[str]) -> Iterator[str]:
    """Yield remarks about requirements that releases in the scenario lack.

    A requirement is missing if the scenario cannot express it, or if core metadata cannot be read.
    """
    releases: dict[tuple[str, str], str] = {}
    for file in files:
        release = file.entry.project, file.entry.version
        releases[release] = releases.get(release) or file.metadata
    for (project, version), metadata in releases.items():
        if not metadata:
            yield f"the requirements of {project} {version}: its core metadata cannot be read"
        for line in core_requirements(metadata, known).left_out:
            yield f"the requirement {line!r} of {project} {version}"


def _access(indexes: Iterable[CapturedIndex]) -> dict[str, Any]:
    """Return the ``access`` table, with the logins for all indexes that have one."""
    access: dict[str, Any] = {}
    for index in indexes:
        if index.login is not None:
            user, password = index.login
            access[index.name] = {"user": user or "user", "password": password or "password"}
            if index.is_netrc:
                access[index.name]["netrc"] = True
    return access


def _with_slash(access: Mapping[str, Any], indexes: Iterable[CapturedIndex]) -> dict[str, Any]:
    """Return an ``access`` table that keeps a trailing slash in PyPI's URL.

    Without an entry for PyPI, the project file would not contain PyPI's URL, and installers would
    use the URL without the slash.
    """
    slashes = {
        index.name: {"slash": True}
        for index in indexes
        if is_pypi(index.url) and index.url.endswith("/")
    }
    return {**access, **{name: {**access.get(name, {}), **ends} for name, ends in slashes.items()}}


def _index(name: str, index: Mapping[str, Any]) -> Iterator[str]:
    packages, pages = index.get("packages", {}), index.get("pages", {})
    yield f"[{toml_key('indexes', name)}]"
    yield from _lines({k: v for k, v in index.items() if k not in ("packages", "pages", "headers")})
    if index.get("headers"):
        yield f"[{toml_key('indexes', name, 'headers')}]"
        yield from _lines(index["headers"])
    if pages:
        yield f"[{toml_key('indexes', name, 'pages')}]"
        yield from _lines(pages)
    if packages:
        yield f"[{toml_key('indexes', name, 'packages')}]"
    for project, releases in packages.items():
        if not releases:
            yield f"{toml_key(project)} = {{}}"
        for version, release in releases.items():
            yield f"{toml_key(project, version)} = {toml_value(release)}"


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    yield from (toml_line(key, value) for key, value in table.items())


def _text_line(key: str, text: str) -> str:
    """Return a key with a string value as TOML, as a multi-line string if possible."""
    is_plain = "'''" not in text and all(c.isprintable() or c == "\n" for c in text)
    return f"{toml_key(key)} = '''\n{text}'''" if is_plain else toml_line(key, text)


def _title(plan: CapturePlan) -> str:
    return f"Captured: {' && '.join(' '.join(step.words) for step in plan.commands[:1])}"


def _files(plan: CapturePlan) -> dict[str, str]:
    return {f"project/{path}": text for path, text in plan.files.items()}


def _placed_files(plan: CapturePlan, files: Sequence[SeenFile]) -> dict[str, str]:
    """Return the project's files, with placeholders for the hashes of captured files.

    In lockfiles, placeholders also replace the sizes.
    """
    asked = {file.entry.filename for file in files}
    digests = {
        digest: file.entry.filename for file in files for digest in file.entry.hashes.values()
    }
    placed = {}
    for path, text in _files(plan).items():
        filled = placed_lockfile(text, asked) if path.endswith(".lock") else text
        for digest, filename in digests.items():
            filled = filled.replace(f"sha256:{digest}", f"sha256:${{sha256:{filename}}}")
        placed[path] = filled
    return placed
