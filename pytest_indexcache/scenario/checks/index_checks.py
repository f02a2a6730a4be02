"""Checks on a scenario's indexes that involve several values at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from pytest_indexcache.scenario.findings.finding import Finding, unknown
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Publish, Replace, SetHeaders, SetUsers
from pytest_indexcache.scenario.tables.fields import HeaderChoice, key_of
from pytest_indexcache.scenario.tables.filenames import filenames
from pytest_indexcache.scenario.tables.indexes import (
    SAYS,
    FileOptions,
    Index,
    MetadataApart,
    Page,
    Release,
)
from pytest_indexcache.scenario.tables.steps import AnyStep, EdgeStep, IndexStep
from pytest_indexcache.scenario.words.wording import shown
from pytest_indexcache.servers import profile_names

BESIDE_UPSTREAM: Final = frozenset({"url", "upstream", "packages", "default", "users"})
"""The keys that have an effect in an index with an ``upstream``.

The other keys have no effect, because a real server answers the requests to this index.
"""


def is_upstream_change(scenario: Scenario, step: AnyStep) -> bool:
    """Return whether a step changes an index with an ``upstream``, or its CDN edge."""
    if not isinstance(step, IndexStep | EdgeStep) or step.index not in scenario.indexes:
        return False
    return scenario.indexes[step.index].upstream is not None


def check_indexes(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for each mistake in ``[indexes]`` or in a step that changes an index."""
    yield from _same_urls(scenario.indexes)
    defaults = [name for name, index in scenario.indexes.items() if index.default]
    for name in defaults[1:]:
        text = f"index {shown(defaults[0])} is already the default index"
        yield Finding(("indexes", name, "default"), text)
    for name, index in scenario.indexes.items():
        yield from _index(("indexes", name), index, _published(scenario, name))
        yield from _upstream(("indexes", name), index)
        if index.anonymous_redirect and not _has_users(scenario, name):
            text = "no request is redirected: without `users`, all requests are allowed"
            yield Finding(("indexes", name, "anonymous-redirect"), text, "give it `users`")
    for number, step in enumerate(scenario.steps):
        yield from _change(("steps", number), step)
        if is_upstream_change(scenario, step):
            text = "the index is a running server, which no step changes"
            hint = "change the server by its own means, or leave out `upstream`"
            yield Finding(("steps", number, "index"), text, hint)


def _published(scenario: Scenario, index: str) -> set[str]:
    """Return the names of all projects that the index serves at some point in the scenario."""
    later = {
        step.project for step in scenario.steps if isinstance(step, Publish) and step.index == index
    }
    return later | scenario.indexes[index].packages.keys()


def _has_users(scenario: Scenario, index: str) -> bool:
    """Return whether the index has user accounts at some point in the scenario."""
    changes = [step for step in scenario.steps if isinstance(step, SetUsers)]
    later = any(step.index == index and step.users for step in changes)
    return later or bool(scenario.indexes[index].users)


def _same_urls(indexes: Mapping[str, Index]) -> Iterator[Finding]:
    names: dict[tuple[str, ...], str] = {}
    for name, index in indexes.items():
        first = names.setdefault(_identity(index.url), name)
        if first != name:
            text = f"index {shown(first)} already has this URL"
            yield Finding(("indexes", name, "url"), text)


def _identity(url: str) -> tuple[str, ...]:
    """Return a value that is the same for all equivalent spellings of a URL (RFC 3986 §6.2)."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return parts.scheme, parts.hostname or "", str(port), parts.path.rstrip("/")


def _index(path: Path, index: Index, projects: set[str]) -> Iterator[Finding]:
    if index.server is not None and index.server not in profile_names():
        yield unknown((*path, "server"), "server", index.server, profile_names())
    yield from _profile((*path, "headers"), index.headers)
    if index.hrefs == "relative" and index.files_url:
        yield from _far_files((*path, "files-url"), index.url, index.files_url)
    for name, page in index.pages.items():
        yield from _page((*path, "pages", name), name, page, projects)
    for project, releases in index.packages.items():
        for version, release in releases.items():
            place = (*path, "packages", project, version)
            yield from _release(place, project, version, release)


def _upstream(path: Path, index: Index) -> Iterator[Finding]:
    """Yield a finding for each key that has no effect because the index has an ``upstream``."""
    if index.upstream is None:
        return
    plain = Index.model_validate({"url": index.url})
    for name in Index.model_fields.keys() - BESIDE_UPSTREAM:
        if getattr(index, name) != getattr(plain, name):
            text = "a running server answers in its own way: this key has no effect"
            yield Finding((*path, key_of(name)), text, "leave it out, or leave out `upstream`")


def _far_files(path: Path, url: str, files_url: str) -> Iterator[Finding]:
    if urlsplit(url).netloc != urlsplit(files_url).netloc:
        text = "a relative href cannot lead to another host"
        yield Finding(path, text, 'leave out hrefs = "relative"')


def _page(path: Path, name: str, page: Page, projects: set[str]) -> Iterator[Finding]:
    yield from _profile((*path, "headers"), page.headers)
    if page.serves is not None and page.serves not in projects:
        yield unknown((*path, "serves"), "project", page.serves, projects)
    if page.serves is not None and page.redirect is not None:
        yield Finding((*path, "redirect"), "a page that redirects cannot serve a project")
    if page.title is not None and canonicalize_name(page.title) != name:
        text = f"{shown(page.title)} is another project's name than {shown(name)} (PEP 503)"
        yield Finding((*path, "title"), text)


def _change(path: Path, step: AnyStep) -> Iterator[Finding]:
    if isinstance(step, Publish | Replace):
        yield from _release((*path, "contents"), step.project, step.version, step.contents)
    if isinstance(step, SetHeaders):
        yield from _profile((*path, "headers"), step.headers)


def _profile(path: Path, headers: HeaderChoice) -> Iterator[Finding]:
    if headers.profile is not None and headers.profile not in profile_names():
        yield unknown((*path, "profile"), "server", headers.profile, profile_names())


def _release(path: Path, project: str, version: str, release: Release) -> Iterator[Finding]:
    yield from _profile((*path, "headers"), release.headers)
    names: dict[str, int] = {}
    for number, name in enumerate(filenames(project, version, release)):
        if names.setdefault(name, number) != number:
            text = f"file {names[name] + 1} of the release is already called {shown(name)}"
            yield Finding((*path, "files", number), text)
    for number, file in enumerate(release.files):
        yield from _profile((*path, "files", number, "headers"), file.headers)
    if release.url and not release.url.endswith("/") and len(release.files) > 1:
        text = "several files cannot have one URL"
        yield Finding((*path, "url"), text, "end the URL with a slash to make it their folder")
    yield from check_attributes((*path, "attributes"), release.attributes)
    yield from _junk((*path, "metadata"), release)
    for number, file in enumerate(release.files):
        yield from _junk((*path, "files", number, "metadata"), file)


def _junk(path: Path, options: FileOptions) -> Iterator[Finding]:
    """Yield a finding if metadata is declared as junk although keys such as ``name`` are set."""
    said = options.metadata
    if isinstance(said, MetadataApart) and said.is_junk and said.model_fields_set & SAYS:
        yield Finding((*path, "junk"), "metadata that is junk cannot have other keys")


def check_attributes(path: Path, attributes: Mapping[str, object]) -> Iterator[Finding]:
    """Yield a finding for each attribute name in a module that is declared as two different things.

    A name cannot be both a value and a function, or both a value and a submodule with values.
    """
    bare = [name.removesuffix("()") for name in attributes]
    for name in attributes:
        if name not in bare and name.removesuffix("()") in attributes:
            text = (
                f"{shown(name.removesuffix('()'))} is already a value, so it cannot be a function"
            )
            yield Finding((*path, name), text)
        parts = name.split(".")
        for length in range(1, len(parts)):
            parent = ".".join(parts[:length])
            if parent in bare or parent in ("__version__", "__build__"):
                text = f"{shown(parent)} is a value, so nothing can be inside it"
                yield Finding((*path, name), text)
