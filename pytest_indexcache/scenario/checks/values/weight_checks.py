"""Limits on the total size of the files that a play creates and stores."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import prod

from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Publish, Replace
from pytest_indexcache.scenario.tables.fields import size_in_bytes
from pytest_indexcache.scenario.tables.indexes import FileOptions, Release
from pytest_indexcache.scenario.tables.verbs import InstallerStep
from pytest_indexcache.scenario.words import limits


def check_weight(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for the release at which the total file size exceeds the limit."""
    yield from _installers(scenario)
    total = 0
    for path, release, files in releases_of(scenario):
        total += _weight(release, files)
        if total > limits.PADDING:
            text = "with this release, padding and contents of all files are more than 1 GiB"
            hint = "give files a size, which costs nothing, where padding only stands for it"
            yield Finding(path, text, hint)
            return


def _installers(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for the step that brings the number of installer releases above the limit."""
    named: set[tuple[str, str]] = set()
    for path, step in scenario.every_step:
        if isinstance(step, InstallerStep) and step.release is not None:
            releases = step.release if isinstance(step.release, dict) else {"": step.release}
            named.update(releases.items())
            if len(named) > limits.INSTALLERS:
                text = f"the steps name more than {limits.INSTALLERS} releases of the installer"
                yield Finding((*path, "release"), text, "use fewer of them")
                return


def releases_of(scenario: Scenario) -> Iterator[tuple[Path, Release, int]]:
    """Yield each release with its key path, and the number of its files if it lists none."""
    for name, index in scenario.indexes.items():
        for project, releases in index.packages.items():
            for version, release in releases.items():
                yield ("indexes", name, "packages", project, version), release, 1
    for number, step in enumerate(scenario.steps):
        if isinstance(step, Publish | Replace):
            files = 1
            if isinstance(step, Replace) and step.index in scenario.indexes:
                packages = scenario.indexes[step.index].packages
                replaced = packages.get(step.project, {}).get(step.version, Release())
                files = len(replaced.files) or 1
            yield ("steps", number, "contents"), step.contents, files


def _weight(release: Release, files: int) -> int:
    """Return the approximate total size of a release's files in bytes, including their metadata."""
    texts = chain(release.requires, *release.extras.values(), map(str, release.attributes.values()))
    metadata = sum(len(text.encode("utf-8", "replace")) for text in texts)
    listed = release.files or (release,) * files
    return sum(metadata + _padding(file, release) + _tags(file, release) for file in listed)


def _tags(file: FileOptions, release: Release) -> int:
    """Return the approximate size in bytes of all ``Tag`` lines but the first in a WHEEL file."""
    tag = file.tag if "tag" in file.model_fields_set else release.tag
    return len(tag) * (prod(part.count(".") + 1 for part in tag.split("-")) - 1)


def _padding(file: FileOptions, release: Release) -> int:
    padding = file.padding if "padding" in file.model_fields_set else release.padding
    return size_in_bytes(padding) if padding else 0
