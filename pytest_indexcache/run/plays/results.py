"""The result of a play, as plain data for all reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange
from pytest_indexcache.scenario.values.listed import ListedBug


class Verdict(StrEnum):
    """The verdict of a play."""

    PASSED = "passed"
    REPRODUCED = "reproduced"
    FAILED = "failed"
    FIXED = "fixed"
    SKIPPED = "skipped"
    ERROR = "error"


class Change(StrEnum):
    """The change of a play since its baseline."""

    SAME = "same"
    WORSE = "worse"
    BETTER = "better"
    NEW = "new"


BEHAVES: Final = (Verdict.PASSED, Verdict.FIXED)
MISBEHAVES: Final = (Verdict.FAILED, Verdict.REPRODUCED)
JUDGED: Final = BEHAVES + MISBEHAVES
"""The verdicts that show whether the expectations hold; no other verdict shows it."""


def verdict_of(*, held: bool, listed: ListedBug) -> Verdict:
    """Return the verdict of a play in which every step was played.

    If a release has the bug only in some plays, a single play without it does not prove a fix.
    """
    if held:
        return Verdict.FIXED if listed is ListedBug.AFFECTED else Verdict.PASSED
    return Verdict.FAILED if listed is ListedBug.NOT else Verdict.REPRODUCED


def verdict_in_short(verdict: Verdict, step: int | None) -> str:
    """Return a verdict with the number of the failed step: ``failed at step 3``."""
    return str(verdict) if step is None else f"{verdict} at step {step}"


class CheckKind(StrEnum):
    """The kind of a check; the first part of its key."""

    EXIT = "exit"
    SATISFIED = "satisfied"
    DOWNLOADS = "downloads"
    REVALIDATED = "revalidated"
    REQUESTS = "requests"
    REQUESTS_TO = "requests-to"
    PAST_EDGE = "past-edge"
    BYTES = "bytes"
    FIELDS = "fields"
    NOMINAL = "nominal"
    CACHED = "cached"
    CACHE_BYTES = "cache-bytes"
    INSTALLED = "installed"
    INSTALLED_COUNT = "installed-count"
    ABSENT = "absent"
    ADDED = "added"
    REMOVED = "removed"
    REINSTALLED = "reinstalled"
    VENV_FILES = "venv-files"
    ORIGIN = "origin"
    EDITABLE = "editable"
    BUILDS_OF = "builds-of"
    LOCKED = "locked"
    LOCKFILE = "lockfile"
    BUILDS = "builds"
    IMPORTS = "imports"
    CHECK = "check"
    OUTPUT = "output"


@dataclass(frozen=True)
class Check:
    """An expectation, the observed value, and the causes, each in a sentence.

    ``member`` names the concurrent step to which the check belongs, if any: ``together[1]``.
    ``subject`` depends on the kind: a project, a pattern, a kind of request, an imported name, or a
    text of the output. ``index`` is the index that the expectation names. ``field`` is the part of
    the lockfile or of the output, the header field, or the project or pattern of a cache entry.
    ``excess`` is true if a failed count is too high, false if it is too low, and None for all other
    checks.
    """

    kind: CheckKind
    expected: str
    seen: str
    held: bool
    subject: str = ""
    index: str | None = None
    field: str = ""
    excess: bool | None = None
    causes: tuple[str, ...] = ()
    member: str = ""

    @property
    def key(self) -> str:
        """The name of the check in reports: ``requests-to.pypi.page``."""
        subject = "" if self.kind is CheckKind.OUTPUT else self.subject
        parts = (self.member, self.kind, self.index, subject, self.field)
        return ".".join(str(part) for part in parts if part)

    def to_json(self) -> dict[str, Any]:
        """Return the check as JSON data, with its key."""
        return {
            "key": self.key,
            **vars(self),
            "kind": str(self.kind),
            "causes": list(self.causes),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Check:
        """Return the check that :meth:`to_json` wrote."""
        own = {name: value for name, value in data.items() if name != "key"}
        return cls(
            **{**own, "kind": CheckKind(data["kind"]), "causes": tuple(data["causes"])},
        )


@dataclass(frozen=True)
class Traffic:
    """The requests and responses of a step, as counts.

    ``sent`` is the number of body bytes that were sent, ``nominal`` the total nominal size of
    the downloaded files in bytes.
    """

    requests: int = 0
    downloads: int = 0
    revalidated: int = 0
    sent: int = 0
    nominal: int = 0

    @classmethod
    def of(cls, exchanges: Iterable[Exchange]) -> Traffic:
        """Count the exchanges."""
        seen = tuple(exchanges)
        downloads = [exchange for exchange in seen if exchange.is_download]
        return cls(
            requests=len(seen),
            downloads=len(downloads),
            revalidated=sum(exchange.is_revalidated for exchange in seen),
            sent=sum(exchange.sent for exchange in seen),
            nominal=sum(exchange.subject.nominal_bytes for exchange in downloads),
        )

    def __add__(self, other: Traffic) -> Traffic:
        names = vars(self)
        return Traffic(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True)
class StepResult:
    """The outcome of a step, and the observed facts about it.

    ``number`` counts from 1, ``seconds`` is the duration of the command, and ``waited`` the
    seconds that the scenario waits before it. ``release`` is the version of the installer that
    played the step, empty for a step without an installer. ``lock_diff`` is the change of the
    lockfile as a unified diff, empty if it did not change. ``counted`` has the traffic of a
    short result, which has no exchanges; otherwise it is None.
    """

    number: int
    verb: str
    title: str
    exit: ExitKind = ExitKind.SUCCESS
    exit_code: int = 0
    release: str = ""
    command: str = ""
    output: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    removed: Mapping[str, str] = field(default_factory=dict)
    exchanges: tuple[Exchange, ...] = ()
    checks: tuple[Check, ...] = ()
    seconds: float = 0.0
    waited: float = 0.0
    lock_diff: str = ""
    counted: Traffic | None = None

    @property
    def traffic(self) -> Traffic:
        """The counts of requests and responses, also for a short result."""
        return Traffic.of(self.exchanges) if self.counted is None else self.counted

    @property
    def succeeded(self) -> bool:
        """Whether the command succeeded."""
        return self.exit is ExitKind.SUCCESS

    @property
    def held(self) -> bool:
        """Whether every expectation of the step holds."""
        return all(check.held for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON data."""
        return {
            **{name: getattr(self, name) for name in _STEP_PLAIN},
            "exit": str(self.exit),
            "files": dict(self.files),
            "added": dict(self.added),
            "removed": dict(self.removed),
            "exchanges": [exchange.to_json() for exchange in self.exchanges],
            "checks": [check.to_json() for check in self.checks],
            "counted": None if self.counted is None else vars(self.counted),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StepResult:
        """Return the result that :meth:`to_json` wrote."""
        checks = [Check.from_json(check) for check in data["checks"]]
        exchanges = [Exchange.from_json(exchange) for exchange in data["exchanges"]]
        counted = None if data.get("counted") is None else Traffic(**data["counted"])
        made = {"exit": ExitKind(data["exit"]), "exchanges": tuple(exchanges), "counted": counted}
        return cls(**{**data, **made, "checks": tuple(checks)})


_STEP_PLAIN = (
    *("number", "verb", "title", "exit_code", "release", "command", "output", "seconds", "waited"),
    "lock_diff",
)


@dataclass(frozen=True)
class PlayResult:
    """The result of one scenario, played once by one installer.

    ``reason`` explains a skip or an error, or describes a crash or hang of the installer that no
    step expects. ``seconds`` maps kinds of work to seconds: ``commands``, ``total``. ``by_chance``
    means that the scenario lists the release in ``[sometimes]``: another play may end differently.
    ``change`` is None without a baseline; ``known`` is the baseline's entry for the play, in the
    form of :attr:`in_short`. ``containment`` describes the kernel containment of the installer, or
    the reason why there was none; it is empty if nothing was played. ``tags`` are those of the
    scenario.
    """

    scenario: str
    title: str
    installer: str
    installer_version: str
    transport: str
    verdict: Verdict
    issue: str | None = None
    reason: str = ""
    by_chance: bool = False
    steps: tuple[StepResult, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    change: Change | None = None
    known: str = ""
    containment: str = ""
    tags: tuple[str, ...] = ()

    def __repr__(self) -> str:
        step = self.failed_step
        checks = () if step is None else [check for check in step.checks if not check.held]
        seen = "".join(f"; {it.key}: expected {it.expected}, seen {it.seen}" for it in checks)
        reason = f": {self.reason}" if self.reason else ""
        who = f"{self.installer} ({self.transport})"
        return f"<PlayResult of {self.scenario!r} by {who}: {self.in_short}{seen}{reason}>"

    def __bool__(self) -> bool:
        """Return whether the play passed: ``assert play(...)`` is as strict as ``.passed``."""
        return self.passed

    @property
    def passed(self) -> bool:
        """Whether every expectation holds, and the release is not listed as affected."""
        return self.verdict is Verdict.PASSED

    @property
    def was_contained(self) -> bool:
        """Whether the kernel contained the installer."""
        return self.containment.startswith("contained")

    @property
    def in_short(self) -> str:
        """The verdict, with the number of the failed step: ``failed at step 3``."""
        step = self.failed_step
        return verdict_in_short(self.verdict, None if step is None else step.number)

    @property
    def is_unasked_exit(self) -> bool:
        """Whether ``reason`` describes a crash, hang or limit that the step does not expect."""
        return bool(self.reason) and self.verdict in JUDGED

    @property
    def failed_step(self) -> StepResult | None:
        """The first step whose expectations do not hold."""
        return next((step for step in self.steps if not step.held), None)

    @property
    def nominal_bytes(self) -> int:
        """The nominal size of the downloads of all steps, in bytes."""
        return self.traffic.nominal

    @property
    def traffic(self) -> Traffic:
        """The counts of requests and responses of all steps."""
        return sum((step.traffic for step in self.steps), Traffic())

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON data."""
        return {
            **vars(self),
            "verdict": str(self.verdict),
            "steps": [step.to_json() for step in self.steps],
            "seconds": dict(self.seconds),
            "change": None if self.change is None else str(self.change),
            "tags": list(self.tags),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlayResult:
        """Return the result that :meth:`to_json` wrote."""
        steps = tuple(StepResult.from_json(step) for step in data["steps"])
        change = None if data.get("change") is None else Change(data["change"])
        verdict = Verdict(data["verdict"])
        made = {"verdict": verdict, "steps": steps, "change": change}
        return cls(**{**data, **made, "tags": tuple(data.get("tags", ()))})
