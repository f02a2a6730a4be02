"""The text of a new scenario, from a few values or from another scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.drafts.texts.toml_text import toml_key, toml_value
from pytest_indexcache.errors import CommandError
from pytest_indexcache.scenario.record_tables import RECORD_TABLES

PYPI: Final = "https://pypi.org/simple"

_TEMPLATE: Final = """\
# What goes wrong, in a sentence.
title = {title}
{issue}
# An index is served at its real URL. `indexcache list servers` has the servers that it can imitate.
[indexes.{index}]
url = {url}
{server}
# Project, version, and what the release has: requires = ["numpy>=2"], size = "175.4 MiB" (what the
# real file weighs; what is sent stays tiny), files = [{{ tag = "cp312-cp312-linux_x86_64" }}].
[indexes.{index}.packages]
{packages}

[project]
dependencies = [{dependencies}]

# Steps are played in order: `indexcache list verbs` has all verbs. What a step expects is checked;
# `indexcache observe FILE --installer uv --write` writes what an installer does in its place.
[[steps]]
do = "sync"
expect = {{ downloads = {{ {downloads} }} }}

[[steps]]
do = "remove-venv"

# Everything is in the cache: nothing is downloaded again.
[[steps]]
do = "sync"
expect = {{ downloads = {{}} }}
"""


@dataclass(frozen=True)
class NewScenario:
    """The values from which a new scenario is written."""

    title: str
    issue: str = ""
    url: str = PYPI
    server: str = ""
    requirements: Sequence[str] = ("six",)

    @property
    def text(self) -> str:
        """The TOML text of the scenario, with comments.

        :raises CommandError: if the URL or a requirement is invalid, or if no version for a
            requirement can
            be guessed
        """
        _demand_index_url(self.url)
        releases = {}
        for text in self.requirements:
            requirement = _requirement(text)
            releases[canonicalize_name(requirement.name)] = (requirement, _version(requirement))
        packages = [
            f"{toml_key(name)}.{toml_value(version)} = {_contents(requirement)}"
            for name, (requirement, version) in releases.items()
        ]
        return _TEMPLATE.format(
            title=toml_value(self.title),
            issue=f"issue = {toml_value(self.issue)}\n" if self.issue else "",
            index=toml_key(_index_name(self.url)),
            url=toml_value(self.url),
            server=f"server = {toml_value(self.server)}\n" if self.server else "",
            packages="\n".join(packages),
            dependencies=", ".join(map(toml_value, self.requirements)),
            downloads=", ".join(f"{toml_key(name)} = 1" for name in releases),
        )


def derived_text(text: str, *, title: str, issue: str) -> str:
    """Return the text of a scenario with a new title and issue, and without recorded results.

    Comments are kept. If ``title`` or ``issue`` is empty, the scenario's value stays.
    """
    document = tomlkit.parse(text)
    for table in RECORD_TABLES:
        document.pop(table, None)
    if title:
        document["title"] = title
    if issue:
        document["issue"] = issue
    return tomlkit.dumps(document)


def _demand_index_url(url: str) -> None:
    try:
        has_user = "@" in urlsplit(url).netloc
    except ValueError as error:
        raise CommandError(f"{url!r} is not a URL: {error}", "write https://HOST/PATH") from error
    if has_user:
        hint = "remove it; set a made-up user with `users` of the index and [access.INDEX]"
        raise CommandError("the URL of the index contains a user name", hint)


def _requirement(text: str) -> Requirement:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        raise CommandError(f"{text!r} is not a requirement: {reason}", "write six==1.0") from error
    if requirement.url:
        raise CommandError(
            f"{text!r} names a URL, not a release of an index", "write six==1.0, and edit the file"
        )
    return requirement


def _version(requirement: Requirement) -> str:
    """Guess a version that meets a requirement.

    :raises CommandError: if neither a version in the requirement nor the next higher one meets it
    """
    named = [Version(it.version.removesuffix(".*")) for it in requirement.specifier]
    later = [Version(f"{version.public}.1") for version in named if not version.is_prerelease]
    for version in (*named, *later, Version("1.0")):
        if requirement.specifier.contains(version, prereleases=True):
            return str(version)
    raise CommandError(
        f"{str(requirement)!r}: no version that meets it could be guessed", "write six==1.0"
    )


def _contents(requirement: Requirement) -> str:
    extras = ", ".join(f"{toml_key(extra)} = []" for extra in sorted(requirement.extras))
    return f"{{ extras = {{ {extras} }} }}" if extras else "{}"


def _index_name(url: str) -> str:
    host = urlsplit(url).hostname or ""
    if host == "pypi.org":
        return "pypi"
    labels = [label for label in host.split(".")[:-1] if label not in ("www", "download", "pypi")]
    return "-".join(labels) or "index"
