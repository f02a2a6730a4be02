"""Find the requirements of built sdists that no file states.

A build backend may add build requirements itself (``get_requires_for_build_wheel`` of PEP 517), as
older releases of setuptools add ``wheel``. An old sdist may state its requirements only in its
``setup.py``. A capture runs no backend and no ``setup.py``. It therefore looks for projects that
the installer requested although no file requires them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from email.parser import HeaderParser

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.captures.indexes.seen import SeenFile, SeenIndex


def with_unstated_requires(
    files: Sequence[SeenFile],
    seen: Sequence[SeenIndex],
    required: Iterable[str],
    installed: Collection[str],
) -> tuple[SeenFile, ...]:
    """Return the files, with requirements added to the sdists that the installer built.

    ``required`` contains the names of the projects that the user's project, its files and the
    commands require. ``installed`` contains the names of the projects that were installed. A
    project that nothing requires is assigned to the sdist that was downloaded last before it. If
    the project was not installed, it counts as a build requirement. It is then also added to all
    other sdists with the same build requirements, because they have the same backend.
    """
    known: set[str] = {canonicalize_name(name) for name in required}
    for file in files:
        texts = (*_stated(file), *file.build_requires)
        known |= {name for text in texts if (name := _name(text))}
    for_builds: dict[tuple[str, ...], list[str]] = {}
    for_runs: dict[str, list[str]] = {}
    for project in dict.fromkeys(file.entry.project for file in files):
        sdist = None if project in known else _sdist_before(project, files, seen)
        if sdist is None or sdist.entry.project == project:
            continue
        if project not in installed:
            for_builds.setdefault(sdist.build_requires, []).append(project)
        elif not _stated(sdist):
            for_runs.setdefault(sdist.entry.filename, []).append(project)
    return tuple(
        replace(
            file,
            build_requires=(*file.build_requires, *for_builds.get(file.build_requires, ())),
            metadata=_with_requires(file.metadata, for_runs.get(file.entry.filename, ())),
        )
        for file in files
    )


def _stated(file: SeenFile) -> list[str]:
    """Return the requirements in a file's core metadata."""
    return [
        str(text) for text in HeaderParser().parsestr(file.metadata).get_all("Requires-Dist", ())
    ]


def _with_requires(metadata: str, projects: Iterable[str]) -> str:
    return "".join([*(f"Requires-Dist: {project}\n" for project in projects), metadata])


def _sdist_before(
    project: str, files: Sequence[SeenFile], seen: Sequence[SeenIndex]
) -> SeenFile | None:
    """Return the sdist that was downloaded last before a project was first requested.

    The order of requests is known only within an index. If the project's index provided no sdist at
    all, an sdist from another index is returned, if there is exactly one. Otherwise, the result is
    None.
    """
    sdists = {file.entry.filename: file for file in files if file.build_requires}
    for each in seen:
        subjects = [response.subject for response in each.responses]
        first = next((n for n, subject in enumerate(subjects) if subject.project == project), None)
        if first is None:
            continue
        names = [name for subject in subjects[:first] if (name := subject.filename) in sdists]
        if names:
            return sdists[str(names[-1])]
        is_elsewhere = all(file.index != each.index.name for file in sdists.values())
        return next(iter(sdists.values())) if is_elsewhere and len(sdists) == 1 else None
    return None


def _name(text: str) -> str:
    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement:
        return ""
