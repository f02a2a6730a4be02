"""The facts on which the text of an issue is based."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pytest_indexcache.messages import Exchange
from pytest_indexcache.reports.page.directives import decides
from pytest_indexcache.reports.trackers.anonymous import (
    MachineWords,
    anonymous,
    nameless,
    private,
    without_urls,
)
from pytest_indexcache.run.investigations.results import Investigation
from pytest_indexcache.run.plays.results import JUDGED, Check, PlayResult, StepResult
from pytest_indexcache.run.plays.results.cause_texts import directives

MOST_DECIDING: Final = 3

_CARRIED: Final = ("cache-control", "etag", "last-modified", "expires", "vary", "age")


@dataclass(frozen=True)
class DecidingField:
    """A header field that explains a failed check, with an exchange whose response contained it."""

    step: int
    exchange: Exchange
    name: str
    value: str


@dataclass(frozen=True)
class IssueFacts:
    """The investigation of a misbehaviour, with other data for a report about it.

    ``sentences`` maps the number of each step to a sentence that describes it. ``file`` is the name
    of the scenario's file. ``command`` is the command line that repeats the play.
    """

    investigation: Investigation
    scenario_text: str
    file: str
    command: str
    sentences: Mapping[int, str] = field(default_factory=dict)
    machine: MachineWords = field(default_factory=MachineWords)

    @property
    def play(self) -> PlayResult:
        """The play in which the installer misbehaves."""
        return self.investigation.play

    @property
    def failed(self) -> StepResult:
        """The step in which the installer misbehaves."""
        return next(step for step in self.play.steps if not step.held)

    @property
    def checks(self) -> list[Check]:
        """The failed checks in the step in which the installer misbehaves."""
        return [check for check in self.failed.checks if not check.held]

    @property
    def installer(self) -> str:
        """The name of the installer."""
        return name_of(self.play)

    @property
    def has_verbose_log(self) -> bool:
        """Whether the report's log is from a second play, in which the installer logs verbosely."""
        second = self.investigation.repeated
        step = second.failed_step if second is not None else None
        return step is not None and step.number == self.failed.number

    @property
    def other_ends(self) -> list[str]:
        """The other outcomes that the same release had in repeated plays."""
        ends = [text for text in (self._end_of_second(), *self._ends_in_bisect()) if text]
        return [end for end in dict.fromkeys(ends) if end != _end(self.failed.number)]

    def _end_of_second(self) -> str:
        second = self.investigation.repeated
        if second is None or second.verdict not in JUDGED:
            return ""
        step = second.failed_step
        return _end(None if step is None else step.number)

    def _ends_in_bisect(self) -> Iterator[str]:
        found = self.investigation.bisect
        for boundary in found.boundaries if found is not None else ():
            for answer in (boundary.before, boundary.after, *boundary.again):
                if answer.release == self.play.installer_version and answer.behaves is not None:
                    yield _end(None if answer.behaves else answer.step)

    def plain(self, text: str) -> str:
        """Return the text without private details, times, ports and random names."""
        return anonymous(text, self.machine)

    def private(self, text: str) -> str:
        """Return the text without private details; times and ports are kept."""
        return private(text, self.machine)

    def nameless(self, text: str) -> str:
        """Return the text without the machine's folders, user name and host name."""
        return nameless(text, self.machine)

    def reason(self, text: str) -> str:
        """Return the first line of a string, without private details and URLs."""
        return self.plain(without_urls(next(iter(text.splitlines()), "")))

    @property
    def deciding(self) -> list[DecidingField]:
        """The first header fields that explain failed checks, limited to ``MOST_DECIDING``."""
        found: dict[tuple[str, str], DecidingField] = {}
        for step in self.play.steps:
            for exchange in step.exchanges:
                for name in self._deciding_names(exchange, step.number):
                    value = exchange.response_headers.get(name) or ""
                    one = DecidingField(step.number, exchange, name, value)
                    found.setdefault((name, value), one)
        return list(found.values())[:MOST_DECIDING]

    def _deciding_names(self, exchange: Exchange, step: int) -> Iterator[str]:
        decisive = decides(exchange, step, self.checks)
        for name in _CARRIED:
            value = exchange.response_headers.get(name)
            if value is not None and decisive & {name, *_directives(name, value)}:
                yield name


def _directives(name: str, value: str) -> frozenset[str]:
    return directives(value) if name == "cache-control" else frozenset()


def _end(step: int | None) -> str:
    return "behaves" if step is None else f"goes wrong in step {step}"


def name_of(play: PlayResult) -> str:
    """Return the name of the installer that played, without release, variant or path."""
    return play.installer.partition("=")[0].partition("@")[0].partition(":")[0]


def release_of(play: PlayResult) -> str:
    """Return the installer that played, with its release or variant, such as ``uv 0.8.11``."""
    spec = play.installer.partition("@")[0]
    name, equals, _ = spec.partition("==")
    is_variant = ":" in spec
    version = play.installer_version
    if is_variant or not version:
        return spec
    built = " (a build of its own)" if "@" in play.installer else ""
    return f"{name if equals else spec} {version}{built}"
