"""What the plugin's fixtures hand to tests in Python: fake indexes, wheels, plays."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.index.documents.wheels import BuiltDistribution, WheelSpec, build_wheel
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.inprocess import mounted
from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.installers.contract.installer import Network, Workspace
from pytest_indexcache.installers.processes.isolation import clean_environment
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.reports.terminal import failure_lines
from pytest_indexcache.run.loading import demand_playable, load_playable, loads_playable
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.session import PlaySession, transports_of
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.scenario_files import is_trusted_file

if TYPE_CHECKING:
    from pytest_indexcache.index.fake_index import FakeIndex
    from pytest_indexcache.installers.contract.installer import Installer
    from pytest_indexcache.run.plays.ledger import Ledger


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
        self._record = ledger.record
        self._indexes = FakeIndexes({})
        self._count = 0
        self._open = ExitStack()

    def __call__(self, url: str, *, name: str | None = None, **table: Any) -> FakeIndex:
        """Make an index at a URL; the rest is what ``[indexes.NAME]`` of a scenario takes.

        Keys are written with underscores: ``unknown_status=403``. Indexes that were made before
        stay as they are. Raises pydantic.ValidationError for a table that is no index,
        FakeIndexError for an index that contradicts another.
        """
        self._count += 1
        index = Index.model_validate({"url": url, **table})
        return self._indexes.add(name or f"index-{self._count}", index)

    def __enter__(self) -> Self:
        self._open.enter_context(mounted(self._indexes, record=self._record, clock=time.time))
        return self

    def __exit__(self, *details: object) -> None:
        self._open.close()


class WireIndexFactory(IndexFactory):
    """Makes fake indexes that stand at their real URLs behind a proxy, for any client.

    ``folder`` is where the environment of a subprocess has its home and its caches.
    """

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        super().__init__(ledger)
        self._workspace = Workspace(folder)
        self._gateway = Gateway(clock=time.time)

    @property
    def proxy_url(self) -> str:
        """The URL of the proxy that leads to the indexes, and refuses every other host."""
        return self._gateway.proxy_url

    @property
    def ca_file(self) -> Path:
        """The file with the certificate that a client has to trust (PEM)."""
        return self._gateway.ca_file

    @property
    def env(self) -> dict[str, str]:
        """The whole environment for a subprocess: no request of it reaches the network.

        The proxy and the certificate are those of the indexes, home and caches lie in a folder of
        the test, and ``PATH`` begins with the scripts of the running Python. Settings of the user
        have no effect on pip; that holds as well for ``os.environ | env``, where they are emptied.
        """
        network = Network(time.time, proxy_url=self.proxy_url, ca_file=self.ca_file)
        environment = clean_environment(self._workspace, network, Path(sys.executable))
        # pip takes an empty variable for none.
        emptied = {name: "" for name in os.environ if name.startswith("PIP_")}
        return emptied | environment

    def __enter__(self) -> Self:
        self._open.enter_context(self._gateway)
        self._open.enter_context(self._gateway.serving(self._indexes, self._record))
        return self


class Player:
    """Plays scenarios, each in a folder of its own, and knows the results.

    ``contained`` says which walls of the kernel are put around installers; ``trusted`` are the
    files and folders of scenarios that are played without walls, too. What stands in the test
    itself is trusted.
    """

    def __init__(
        self, folder: Path, *, contained: str = "auto", trusted: Sequence[str] = ()
    ) -> None:
        self._folder = folder
        self._results: list[PlayResult] = []
        self._session = PlaySession(contained=ContainmentMode(contained))
        self._trusted = [Path(text) for text in trusted]

    def __call__(
        self,
        scenario: Path | str | Mapping[str, Any] | Scenario,
        *,
        installer: str | Installer = "reference",
        transport: Literal["inprocess", "wire"] = "inprocess",
    ) -> PlayResult:
        """Play a scenario: a path, TOML text, a table as TOML would give it, or the value itself.

        ``installer`` is a spec, or what the fixture ``installer`` made of one. A play that is
        skipped skips the test, with the reason. Raises ScenarioError for what is no scenario,
        InstallerSpecError for what is no installer, and PlayError for a play that broke or whose
        installer is not there: the verdict ``error``.
        """
        __tracebackhide__ = True
        loaded, name = _load(scenario)
        chosen = create_installer(installer) if isinstance(installer, str) else installer
        (carrier,) = transports_of(chosen, transport)
        root = self._folder / f"play-{len(self._results) + 1}"
        file = _file_of(scenario)
        result = self._session.play(
            loaded,
            name,
            chosen,
            carrier,
            root,
            is_trusted=file is None or is_trusted_file(file, self._trusted),
        )
        self._results.append(result)
        if result.verdict is Verdict.SKIPPED:
            pytest.skip(f"{result.installer}: {result.reason}")
        if result.verdict is Verdict.ERROR:
            raise PlayError("\n".join(failure_lines(result)))
        return result

    def explain(self) -> Iterator[str]:
        """Yield, for each play that did not pass, the step, expected against seen, and causes."""
        for result in self._results:
            if result.verdict not in (Verdict.PASSED, Verdict.SKIPPED, Verdict.ERROR):
                yield "\n".join(failure_lines(result))

    def close(self) -> None:
        """End the gateway, if there is one."""
        self._session.close()


def _file_of(scenario: Path | str | Mapping[str, Any] | Scenario) -> Path | None:
    """Return the file that a scenario comes from; None if it stands in the test itself."""
    is_text = isinstance(scenario, str) and "\n" in scenario
    return None if is_text or not isinstance(scenario, (str, Path)) else Path(scenario)


def _load(scenario: Path | str | Mapping[str, Any] | Scenario) -> tuple[Scenario, str]:
    if isinstance(scenario, Scenario):
        demand_playable(scenario)
        return scenario, scenario.title
    if isinstance(scenario, Mapping):
        import tomli_w

        return loads_playable(tomli_w.dumps(scenario)).scenario, "table"
    if isinstance(scenario, str) and "\n" in scenario:
        return loads_playable(scenario).scenario, "text"
    return load_playable(Path(scenario)).scenario, str(scenario)
