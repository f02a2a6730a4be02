"""Play the interop scenarios with every server and installer.

An interop scenario is a file in this package that does not depend on a bug report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pytest_indexcache.errors import CapabilityError, CommandError, PlayError
from pytest_indexcache.installers.contract.installer import Installer
from pytest_indexcache.run.interop.server_indexes import INDEX, ServerIndexes
from pytest_indexcache.run.interop.servers.devpi import Devpi
from pytest_indexcache.run.interop.servers.pypiserver import Pypiserver
from pytest_indexcache.run.interop.servers.server import ServerAdapter
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.session import WIRE, PlaySession
from pytest_indexcache.scenario.model import Scenario

SERVERS: Final[Mapping[str, Callable[[Path, str], ServerAdapter]]] = {
    "devpi": Devpi,
    "pypiserver": Pypiserver,
}
"""Maps the name of each server to its adapter."""


@dataclass(frozen=True, slots=True)
class InteropPlay:
    """One play of an interop scenario, with one installer and one server."""

    server: str
    installer: str
    scenario: str
    result: PlayResult

    @property
    def causes(self) -> tuple[str, ...]:
        """The reasons why the play did not pass.

        They are the causes of the failed checks, or the reason for a skip or an error.
        """
        if self.result.verdict in (Verdict.SKIPPED, Verdict.ERROR):
            return (self.result.reason,)
        failed = [check for step in self.result.steps for check in step.checks if not check.held]
        of_checks = [text for check in failed for text in check.causes]
        plain = [f"{check.key}: expected {check.expected}, seen {check.seen}" for check in failed]
        return tuple(dict.fromkeys(of_checks or plain))

    def to_json(self) -> dict[str, Any]:
        """Return the play as a JSON-compatible dict."""
        return {
            "server": self.server,
            "installer": self.installer,
            "scenario": self.scenario,
            "verdict": str(self.result.verdict),
            "causes": list(self.causes),
        }


@cache
def standing_scenarios() -> Mapping[str, Scenario]:
    """Return the interop scenarios, keyed and sorted by name."""
    folder = files(__package__) / "scenarios"
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")),
        key=lambda entry: entry.name,
    )
    return {
        entry.name.removesuffix(".toml"): loads_playable(entry.read_text("utf-8")).scenario
        for entry in entries
    }


def create_server(spec: str, home: Path) -> ServerAdapter:
    """Return the adapter for a server (``devpi``, ``devpi==6.20.3``); install the server if needed.

    :raises CommandError: if there is no adapter for the server
    :raises PlayError: if the server cannot be installed
    """
    name, _, release = spec.partition("==")
    if name not in SERVERS or any(not (part.isalnum()) for part in release.split(".") if release):
        raise CommandError(f"there is no server {spec!r}", f"the servers are: {', '.join(SERVERS)}")
    return SERVERS[name](home, release)


def play_interop(
    session: PlaySession,
    servers: Sequence[ServerAdapter],
    installers: Sequence[Installer],
    names: Sequence[str],
) -> Iterator[InteropPlay]:
    """Play the named scenarios, each with a newly started server; yield each play when it ends."""
    for server in servers:
        for name in names:
            for installer in installers:
                result = _played(session, server, installer, name)
                spec = f"{server.name}=={server.version}"
                yield InteropPlay(spec, str(installer.spec), name, result)


def _played(
    session: PlaySession, server: ServerAdapter, installer: Installer, name: str
) -> PlayResult:
    scenario = standing_scenarios()[name]
    with TemporaryDirectory(prefix="indexcache-interop-", ignore_cleanup_errors=True) as root:
        (Path(root) / "server").mkdir()
        try:
            users = scenario.indexes[INDEX].users
            with server.start(Path(root) / "server", users) as running:
                made: list[ServerIndexes] = []

                def make_indexes(edited: Scenario) -> ServerIndexes:
                    made.append(ServerIndexes(edited.indexes, running))
                    return made[-1]

                try:
                    return session.play(
                        scenario,
                        name,
                        installer,
                        WIRE,
                        Path(root) / "play",
                        is_trusted=True,
                        make_indexes=make_indexes,
                    )
                finally:
                    for indexes in made:
                        indexes.close()
        except CapabilityError as error:
            return _not_played(scenario, name, installer, Verdict.SKIPPED, str(error))
        except PlayError as error:
            return _not_played(scenario, name, installer, Verdict.ERROR, str(error))


def _not_played(
    scenario: Scenario, name: str, installer: Installer, verdict: Verdict, reason: str
) -> PlayResult:
    return PlayResult(
        scenario=name,
        title=scenario.title,
        issue=scenario.issue,
        tags=(),
        installer=str(installer.spec),
        installer_version="",
        transport=WIRE,
        verdict=verdict,
        reason=reason,
    )
