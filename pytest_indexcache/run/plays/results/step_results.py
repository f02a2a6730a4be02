"""The result of one step, and the counts of its requests and responses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.plays.results.checks import Check


@dataclass(frozen=True)
class Traffic:
    """Counts of requests and responses.

    ``sent`` is the number of body bytes that were sent. ``nominal`` is the total size, in bytes, of
    the real files that the downloaded files stand for.
    """

    requests: int = 0
    downloads: int = 0
    revalidated: int = 0
    sent: int = 0
    nominal: int = 0

    @classmethod
    def of(cls, exchanges: Iterable[Exchange]) -> Traffic:
        """Return the counts for these exchanges."""
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
    """The outcome of a step, and the facts that were observed about it.

    ``number`` counts from 1. ``seconds`` is the duration of the command. ``waited`` is the number
    of seconds that the scenario waits before the step. ``release`` is the version of the installer
    that ran the step; it is empty for a step without an installer. ``lock_diff`` shows the change
    to the lockfile as a unified diff; it is empty if there was no change. A short result contains
    no exchanges, only their counts in ``counted``, which is None in other results.
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
        """The counts of requests and responses, which even a short result contains."""
        return Traffic.of(self.exchanges) if self.counted is None else self.counted

    @property
    def succeeded(self) -> bool:
        """Whether the command succeeded."""
        return self.exit is ExitKind.SUCCESS

    @property
    def held(self) -> bool:
        """Whether all expectations of the step were met."""
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
        """Create a result from the JSON data that :meth:`to_json` returns."""
        checks = [Check.from_json(check) for check in data["checks"]]
        exchanges = [Exchange.from_json(exchange) for exchange in data["exchanges"]]
        counted = None if data.get("counted") is None else Traffic(**data["counted"])
        made = {"exit": ExitKind(data["exit"]), "exchanges": tuple(exchanges), "counted": counted}
        return cls(**{**data, **made, "checks": tuple(checks)})


_STEP_PLAIN = (
    *("number", "verb", "title", "exit_code", "release", "command", "output", "seconds", "waited"),
    "lock_diff",
)
