"""The requests that installers were observed to send to indexes with a server profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_indexcache.probes.profiles.measured_servers import measured_data
from pytest_indexcache.scenario.tables.fields import human_size

SITUATIONS: Final = ("fresh", "again", "stale", "offline", "republished", "yanked")


@dataclass(frozen=True)
class AskedCell:
    """The requests that an installer sent, the number of bytes it received, and the outcome.

    ``asked`` maps kinds of requests, such as ``page 200``, to their number.
    """

    asked: Mapping[str, int]
    sent: int
    exit: str
    installed: str

    @property
    def text(self) -> str:
        """The requests and the number of bytes, such as ``page 200, wheel 200; 65.5 KiB``."""
        parts = [kind + (f" ×{many}" if many > 1 else "") for kind, many in self.asked.items()]
        parts.sort(key=lambda part: ("page" not in part, part))
        return f"{', '.join(parts)}; {human_size(self.sent)}" if parts else "nothing"

    @property
    def outcome(self) -> str:
        """The outcome as a phrase, or "" if the newest release was installed."""
        if self.exit != "success":
            return "refused" if self.exit == "failure" else self.exit
        return f"installs {self.installed}" if self.installed == "1.16.0" else ""


@dataclass(frozen=True)
class MeasuredServers:
    """All measurements, keyed by server, installer and situation.

    The situation is one of ``SITUATIONS``. ``specs`` maps each installer to its spec and the day on
    which it was measured.
    """

    specs: Mapping[str, tuple[str, str]]
    cells: Mapping[str, Mapping[str, Mapping[str, AskedCell]]]

    def rows(self, server: str) -> Iterator[tuple[str, list[AskedCell | None]]]:
        """Yield each installer's spec and measurements for a server."""
        for installer, cells in self.cells.get(server, {}).items():
            yield self.specs[installer][0], [cells.get(situation) for situation in SITUATIONS]


def measured_servers() -> MeasuredServers:
    """Return the measurements that are stored in the package."""
    return _measured(measured_data())


def _measured(data: Mapping[str, Any]) -> MeasuredServers:
    specs = {name: (str(each["spec"]), str(each["day"])) for name, each in data.items()}
    cells: dict[str, dict[str, dict[str, AskedCell]]] = {}
    for name, each in data.items():
        for server, situations in each["servers"].items():
            cells.setdefault(server, {})[name] = {
                name: _cell(situation) for name, situation in situations.items()
            }
    return MeasuredServers(specs, cells)


def _cell(situation: Mapping[str, Any]) -> AskedCell:
    asked = {str(kind): int(many) for kind, many in situation["asked"].items()}
    return AskedCell(
        asked, int(situation["bytes"]), str(situation["exit"]), str(situation["installed"])
    )
