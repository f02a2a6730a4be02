"""The plays on a page, taken from the results of a pytest run or the records of a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pytest_indexcache.run.matrix.results import Circumstances, PlayRecord
from pytest_indexcache.run.plays.results import PlayResult


@dataclass(frozen=True)
class PagePlay:
    """A play as shown on a page.

    ``machine`` is None if unknown. ``day`` is the date in UTC (ISO 8601), or "" if there was no
    request. ``family`` is the installer without its release. It includes the transport, platform
    and Python if they are not the same for all plays on the page.
    """

    result: PlayResult
    family: str
    machine: Circumstances | None = None
    day: str = ""

    @property
    def release(self) -> str:
        """The installer's release, or its spec if the release is unknown."""
        return self.result.installer_version or self.result.installer


def plays_of_results(
    results: Sequence[PlayResult], machine: Circumstances | None = None
) -> list[PagePlay]:
    """Return the plays of a pytest run, in the order of the results."""
    return _named((result, machine, _day(result)) for result in results)


def plays_of_records(records: Sequence[PlayRecord]) -> list[PagePlay]:
    """Return the plays of a matrix, in the order of its records."""
    return _named(
        (record.result, record.circumstances, record.played_at.partition("T")[0])
        for record in records
    )


def _named(parts: Iterable[tuple[PlayResult, Circumstances | None, str]]) -> list[PagePlay]:
    given = list(parts)
    transports: dict[str, set[str]] = {}
    for result, _, _ in given:
        transports.setdefault(_installer(result), set()).add(result.transport)
    places = {_place(machine) for _, machine, _ in given}
    plays = []
    for result, machine, day in given:
        name = _installer(result)
        remarks = [result.transport] if len(transports[name]) > 1 else []
        remarks += [
            part
            for number, part in enumerate(_place(machine))
            if len({place[number] for place in places}) > 1
        ]
        family = f"{name} ({', '.join(remarks)})" if remarks else name
        plays.append(PagePlay(result, family, machine, day))
    return plays


def _place(machine: Circumstances | None) -> tuple[str, str]:
    return ("", "") if machine is None else (machine.platform, machine.python)


def _installer(result: PlayResult) -> str:
    """Return the installer's spec without its release.

    Examples are ``uv`` and ``reference:ignore-age``.
    """
    return result.installer.partition("==")[0]


def _day(result: PlayResult) -> str:
    times = [exchange.at for step in result.steps for exchange in step.exchanges]
    return datetime.fromtimestamp(min(times), UTC).date().isoformat() if times else ""
