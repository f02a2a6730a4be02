"""What the plugin's fixtures hand to tests in Python: fake indexes, wheels, plays."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pytest_indexcache.index.documents.wheels import BuiltDistribution, WheelSpec, build_wheel
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.inprocess import mounted
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.messages import Request, Response
from pytest_indexcache.run.plays.loading import load_playable, loads_playable
from pytest_indexcache.run.session import PlaySession, transports_of
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.indexes import Index

if TYPE_CHECKING:
    from pytest_indexcache.index.fake_index import FakeIndex
    from pytest_indexcache.run.plays.ledger import Ledger
    from pytest_indexcache.run.plays.results import PlayResult


@dataclass(frozen=True)
class Wheel:
    """A wheel that was made; the same arguments give the same bytes."""

    distribution: BuiltDistribution

    @property
    def filename(self) -> str:
        """The file's name."""
        return self.distribution.filename

    @property
    def sha256(self) -> str:
        """The digest of the file, in hex."""
        return self.distribution.digests.sha256

    def write(self, folder: Path) -> Path:
        """Write the wheel into a folder and return its path."""
        content, path = self.distribution.content, folder / self.filename
        with path.open("wb") as file:
            for chunk in content.chunks(0, content.length):
                file.write(chunk)
        return path


class WheelFactory:
    """Makes wheels."""

    def __call__(
        self,
        name: str,
        version: str,
        *,
        requires: Sequence[str] = (),
        tag: str = "py3-none-any",
        build: str = "",
        requires_python: str | None = None,
    ) -> Wheel:
        """Make a wheel; ``build`` is the marker that it holds as ``__build__``.

        Raises ValueError for a name that is none.
        """
        spec = WheelSpec(
            name,
            version,
            requires=tuple(requires),
            requires_python=requires_python,
            build=build,
            tag=tag,
        )
        return Wheel(build_wheel(spec))


class IndexFactory:
    """Makes fake indexes that stand at their real URLs for every httpx client of the process."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._tables: dict[str, Index] = {}
        self._indexes = FakeIndexes({})
        self._mounted = ExitStack()

    def __call__(self, url: str, *, name: str | None = None, **table: Any) -> FakeIndex:
        """Make an index at a URL; the rest is what ``[indexes.NAME]`` of a scenario takes.

        Keys are written with underscores: ``unknown_status=403``. Make all indexes of a test before
        anything changes on one of them: each call makes them all anew. Raises
        pydantic.ValidationError for what is no index, FakeIndexError for one that contradicts
        another.
        """
        name = name or f"index-{len(self._tables) + 1}"
        self._tables[name] = Index.model_validate({"url": url, **table})
        self._indexes = FakeIndexes(self._tables)
        return self._indexes[name]

    @property
    def hosts(self) -> frozenset[str]:
        """Every hostname that is served."""
        return self._indexes.hosts

    def is_reachable(self, host: str) -> bool:
        """Whether a connection to a host comes about."""
        return self._indexes.is_reachable(host)

    def handle(self, request: Request, now: float) -> Response:
        """Answer a request."""
        return self._indexes.handle(request, now)

    def __enter__(self) -> Self:
        self._mounted.enter_context(mounted(self, record=self._ledger.record, clock=time.time))
        return self

    def __exit__(self, *details: object) -> None:
        self._mounted.close()


class Player:
    """Plays scenarios, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._plays = 0
        self._session = PlaySession()

    def __call__(
        self,
        scenario: Path | str | Mapping[str, Any] | Scenario,
        *,
        installer: str = "reference",
        transport: Literal["inprocess", "wire"] = "inprocess",
    ) -> PlayResult:
        """Play a scenario: a path, TOML text, a table as TOML would give it, or the value itself.

        Raises ScenarioError for what is no scenario, InstallerSpecError for what is no installer.
        """
        loaded, name = _load(scenario)
        self._plays += 1
        chosen = create_installer(installer)
        (carrier,) = transports_of(chosen, transport)
        root = self._folder / f"play-{self._plays}"
        return self._session.play(loaded, name, chosen, carrier, root)

    def close(self) -> None:
        """End the gateway, if there is one."""
        self._session.close()


def _load(scenario: Path | str | Mapping[str, Any] | Scenario) -> tuple[Scenario, str]:
    if isinstance(scenario, Scenario):
        return scenario, scenario.title
    if isinstance(scenario, Mapping):
        import tomli_w

        return loads_playable(tomli_w.dumps(scenario)).scenario, "table"
    if isinstance(scenario, str) and "\n" in scenario:
        return loads_playable(scenario).scenario, "text"
    return load_playable(Path(scenario)).scenario, str(scenario)
