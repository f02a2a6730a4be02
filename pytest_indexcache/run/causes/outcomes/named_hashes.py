"""Find hashes in requirements and lockfiles, for comparison with the hashes of files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.scenario.tables.steps import Compile

_HASH: Final = re.compile(r"(?:--hash[= ]|#)(md5|sha1|sha224|sha256|sha384|sha512)[:=]([0-9a-f]+)")
_PROJECT: Final = "pyproject.toml"
_CONTINUED: Final = re.compile(r"\\\n\s*")


@dataclass(frozen=True)
class NamedHash:
    """A hash found in a requirement or lockfile; ``source`` names the file or command."""

    source: str
    algorithm: str
    value: str

    def is_of(self, file: PublishedFile) -> bool:
        """Return whether a file matches this hash."""
        return bool(getattr(file.distribution.digests, self.algorithm, None) == self.value)


def named_hashes(history: History, project: str) -> list[NamedHash]:
    """Return the hashes that the failed step's requirements list for a project."""
    return [
        NamedHash(source, algorithm, value)
        for source, text in texts_of(history).items()
        for line in _CONTINUED.sub(" ", text).splitlines()
        if _is_about(line, project)
        for algorithm, value in _HASH.findall(line)
    ]


def locked_hashes(history: History, file: PublishedFile) -> list[NamedHash]:
    """Return the hashes that the lockfile lists for a file."""
    pattern = rf"{re.escape(file.filename)}[^\n]*?(?<![0-9a-f])([0-9a-f]{{64}})(?![0-9a-f])"
    found = re.findall(pattern, history.lockfile_before or "")
    source = f"the lockfile of step {history.lockfile_step}"
    return [NamedHash(source, "sha256", value) for value in found]


def texts_of(history: History) -> Mapping[str, str]:
    """Return the texts that may contain the step's requirements, keyed by file or command."""
    scenario, current = history.scenario, history.current
    found = {**scenario.files, **current.outcome.files}
    for name, text in _compiled(history):
        found.setdefault(name, text)
    used = current.outcome.command
    found[f"the command of step {history.number}"] = used
    # A file that the command does not name counts if it is the project's own.
    return {
        name: text
        for name, text in found.items()
        if name.rsplit("/", 1)[-1] in used or name.startswith("the ") or name.endswith(_PROJECT)
    }


def _compiled(history: History) -> Iterator[tuple[str, str]]:
    """Yield the path and text of each requirements file that an earlier step compiled."""
    for played in reversed(history.played[:-1]):
        if isinstance(played.step, Compile):
            yield f"{played.step.folder}/{played.step.to}", played.outcome.output


def _is_about(line: str, project: str) -> bool:
    """Return whether a line mentions a project before any hash or URL."""
    words = re.split(r"--hash|://", line, maxsplit=1)[0]
    return project in {canonicalize_name(name) for name in re.findall(r"[A-Za-z0-9][\w.-]*", words)}
