"""Write the steps of a draft: the logged command, removing the venv, and the command again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.facts.command_steps import CommandStep
from pytest_indexcache.drafts.indexes.answer_facts import SeenStatus
from pytest_indexcache.drafts.indexes.placements import Placement
from pytest_indexcache.drafts.texts.remarks import to_be_read
from pytest_indexcache.drafts.texts.toml_text import comment, toml_key, toml_line
from pytest_indexcache.drafts.words.names import public_command

_LATER_ONLY: Final = ("offline", "frozen", "locked")
"""Options with which the first step could not fill the cache or write the lockfile."""

_NO_DOWNLOADS: Final = ("lock", "compile")
_LONGEST_LINE: Final = 100


@dataclass(frozen=True)
class StepParts:
    """The contents of the steps; ``dependencies`` are the texts of the project's requirements."""

    placement: Placement
    is_project: bool
    direct: Sequence[Requirement]
    dependencies: Sequence[str]
    step: CommandStep | None

    @property
    def verb(self) -> str:
        """The verb of the steps."""
        if self.step is None:
            return "sync" if self.is_project else "install"
        is_verb_of_project = self.step.verb in ("sync", "lock", "add")
        return "sync" if self.is_project and not is_verb_of_project else self.step.verb

    @property
    def takes_requirements(self) -> bool:
        """Whether the steps name requirements, because there is no project."""
        return self.verb in ("install", "compile")


def installs(step: CommandStep | None, *, is_project: bool) -> bool:
    """Return whether the steps install requirements because there is no project to sync."""
    return not is_project and (step is None or step.verb in ("install", "compile"))


def step_lines(parts: StepParts) -> Iterator[str]:
    """Yield the step in the log, the removal of the venv, and a step that must not download."""
    yield ""
    step = parts.step
    if step is None:
        yield to_be_read("the log names no command; this is the most likely one")
    else:
        yield comment(f"the command of the log: {public_command(step.text)}")
    if step is not None and step.unread:
        yield to_be_read(f"not in the steps: {public_command(' '.join(step.unread))}")
    keys = dict(step.keys) if step else {}
    first = {key: value for key, value in keys.items() if key not in _LATER_ONLY}
    if parts.verb == "add" and step is not None and step.requirements:
        first["requirements"] = list(step.requirements)
    adds = "requirements" in first
    yield from _step(parts, "the cache is empty", "add" if adds else _again(parts), first)
    yield ""
    if parts.verb not in _NO_DOWNLOADS:
        yield from ("[[steps]]", toml_line("do", "remove-venv"), "")
    yield from _statuses(parts)
    downloads: Mapping[str, int] | None = {}
    if keys.get("no-cache"):
        yield to_be_read("without a cache each file is downloaded again")
        downloads = {"*": 1}
    else:
        yield to_be_read("the expected behaviour: nothing is downloaded the second time")
    name = "once more" if parts.verb in _NO_DOWNLOADS else "the venv is recreated"
    later = {key: value for key, value in keys.items() if key != "reinstall" or not adds}
    yield from _step(parts, name, _again(parts), later, downloads)


def _again(parts: StepParts) -> str:
    return "sync" if parts.verb == "add" else parts.verb


def _step(
    parts: StepParts,
    name: str,
    verb: str,
    keys: Mapping[str, Any],
    downloads: Mapping[str, int] | None = None,
) -> Iterator[str]:
    yield "[[steps]]"
    yield toml_line("name", name)
    yield toml_line("do", verb)
    if parts.takes_requirements:
        yield toml_line("requirements", [str(requirement) for requirement in parts.direct])
        yield from _index_keys(parts)
    for key, value in keys.items():
        yield toml_line(key, value)
    # Without ranges an installer may read a wheel twice: for its metadata, and to install it.
    reads_twice = bool(parts.placement.facts.without_ranges)
    if downloads is None and parts.verb not in _NO_DOWNLOADS and not reads_twice:
        downloads = {"*": 1}
    installed = _installed(parts) if parts.verb not in _NO_DOWNLOADS else {}
    if downloads is not None or installed:
        yield "[steps.expect]"
    if downloads is not None:
        yield toml_line("downloads", downloads)
    line = toml_line("installed", installed)
    if installed and len(line) <= _LONGEST_LINE:
        yield line
    elif installed:
        yield f"[{toml_key('steps', 'expect', 'installed')}]"
        yield from (toml_line(project, version) for project, version in installed.items())


def _index_keys(parts: StepParts) -> Iterator[str]:
    """Yield the keys that name the indexes of an install other than the default index."""
    indexes = parts.placement.indexes
    flat = [index.name for index in indexes if index.is_flat]
    default = next((index for index in indexes if index.is_default), None)
    default = default or next((each for each in indexes if each.name == "pypi"), None)
    plain = [index for index in indexes if not index.is_flat]
    default = default or next(iter(plain), None)
    extra = [index.name for index in plain if index is not default]
    if extra:
        yield toml_line("extra-indexes", extra)
    if flat and parts.verb == "install":
        yield toml_line("find-links", flat)


def _statuses(parts: StepParts) -> Iterator[str]:
    """Yield comments on failing requests in the log, with steps that make them fail again."""
    homes = {each.release.project: each.index for each in parts.placement.releases}
    for seen in parts.placement.facts.statuses:
        is_absent = seen.status == 404 and seen.kind == "page"
        if is_absent and homes.get(seen.project, seen.index) != seen.index:
            continue  # the index of the draft does not have the project, either
        times = "" if seen.count == 1 else f", {seen.count} times"
        yield to_be_read(f"the log has status {seen.status}{times}: {seen.url}")
        if seen.target:
            yield to_be_read(f"that response leads to {seen.target}")
        if seen.index and seen.status >= 400 and not is_absent:
            yield from map(comment, _fail_lines(seen, homes))


def _fail_lines(seen: SeenStatus, homes: Mapping[str, str]) -> Iterator[str]:
    yield "The index answers so after this step:"
    yield "[[steps]]"
    yield toml_line("do", "fail")
    yield toml_line("index", homes.get(seen.project, seen.index))
    yield toml_line("how", "status")
    yield toml_line("status", seen.status)
    yield toml_line("times", "all")
    if seen.kind:
        yield toml_line("kind", seen.kind)
    if seen.project in homes:
        yield toml_line("project", seen.project)


def _installed(parts: StepParts) -> dict[str, str]:
    """Return versions of the unconditional requirements for which the draft has one release."""
    direct = [Requirement(text) for text in parts.dependencies] or list(parts.direct)
    versions: dict[str, list[str]] = {}
    for each in parts.placement.releases:
        versions.setdefault(each.release.project, []).append(each.release.version)
    names = [canonicalize_name(each.name) for each in direct if each.marker is None]
    return {name: versions[name][0] for name in names if len(versions.get(name, ())) == 1}
