"""Write the text of a new scenario, from a few values or from another scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import tomlkit

from pytest_indexcache.cli.scenario_files.new_releases import NewRelease, new_releases
from pytest_indexcache.cli.scenario_files.symptoms import DEFAULT_SYMPTOM, SYMPTOMS
from pytest_indexcache.drafts.texts.toml_text import toml_key, toml_value
from pytest_indexcache.errors import CommandError
from pytest_indexcache.printable import printable
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
# `indexcache observe FILE --installer {installer} --write` replaces it by what the installer does.
[[steps]]
do = "sync"
expect = {{ downloads = {{ {downloads} }} }}

{steps}"""


@dataclass(frozen=True)
class NewScenario:
    """The values from which a new scenario is written.

    ``installer`` is the installer spec shown in comments. ``symptom`` is a name in
    :data:`SYMPTOMS`.
    """

    title: str
    issue: str = ""
    url: str = PYPI
    server: str = ""
    requirements: Sequence[str] = ("six",)
    installer: str = ""
    symptom: str = DEFAULT_SYMPTOM

    @property
    def text(self) -> str:
        """The TOML text of the scenario, with comments.

        :raises CommandError: if the URL or a requirement is invalid, or no release is found that
            meets the requirements
        """
        _demand_index_url(self.url)
        releases, index = new_releases(self.requirements), _index_name(self.url)
        packages = [
            f"{toml_key(release.project)}.{toml_value(release.version)} = {_contents(release)}"
            for release in releases
        ]
        return _TEMPLATE.format(
            title=toml_value(self.title),
            issue=f"issue = {toml_value(self.issue)}\n" if self.issue else "",
            index=toml_key(index),
            url=toml_value(self.url),
            server=f"server = {toml_value(self.server)}\n" if self.server else "",
            packages="\n".join(packages),
            dependencies=", ".join(map(toml_value, self.requirements)),
            downloads=", ".join(
                f"{toml_key(release.project)} = 1" for release in releases if release.is_installed
            ),
            installer=printable(self.installer or "uv"),
            steps=_symptom_steps(self.symptom, index, releases),
        )

    @property
    def notes(self) -> Iterator[str]:
        """Lines about guessed versions, and about projects that are not installed here.

        :raises CommandError: if a requirement is invalid
        """
        releases = new_releases(self.requirements)
        guessed = [
            f"{release.project} {release.version}" for release in releases if not release.is_named
        ]
        if guessed:
            yield (
                f"guessed versions: {', '.join(guessed)}; --require NAME==VERSION names another, "
                "or edit `packages` in the file"
            )
        left = [release.project for release in releases if not release.is_installed]
        if left:
            yield f"not installed on this machine, because of a marker: {', '.join(left)}"


def derived_text(text: str, *, title: str, issue: str) -> str:
    """Return the text of a scenario with a new title and issue, and without recorded results.

    Comments are kept. If ``title`` or ``issue`` is empty, the scenario's own value is kept.
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


def _contents(release: NewRelease) -> str:
    extras = ", ".join(f"{toml_key(extra)} = []" for extra in release.extras)
    return f"{{ extras = {{ {extras} }} }}" if extras else "{}"


def _symptom_steps(symptom: str, index: str, releases: Sequence[NewRelease]) -> str:
    chosen = SYMPTOMS[symptom]
    if not chosen.needs_later:
        return chosen.steps
    for release in releases:
        if release.is_installed and release.later_version is not None:
            values = {"index": index, "project": release.project, "version": release.later_version}
            written = {name: toml_value(value) for name, value in values.items()}
            return chosen.steps % {**written, "key": toml_key(release.project)}
    shown = ", ".join(f"{release.project}{release.specifier}" for release in releases)
    raise CommandError(
        f"{shown}: no later release is allowed, so none can be published and installed",
        "write a requirement without an upper bound, such as six>=1.0",
    )


def _index_name(url: str) -> str:
    host = urlsplit(url).hostname or ""
    if host == "pypi.org":
        return "pypi"
    labels = [label for label in host.split(".")[:-1] if label not in ("www", "download", "pypi")]
    return "-".join(labels) or "index"
