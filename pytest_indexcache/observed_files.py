"""Play scenarios in a pytest run, and write the observed results into them as expectations."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_indexcache.collected_files import arguments, naming_folder
from pytest_indexcache.collection import installers_of, trusted_paths
from pytest_indexcache.errors import CommandError, IndexcacheError
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.printable import printable
from pytest_indexcache.run.observations import Observed, difference, observe
from pytest_indexcache.run.session import PlaySession, transports_of
from pytest_indexcache.scenario_files import (
    OBSERVED_SUFFIX,
    is_trusted_file,
    looks_like_scenario,
    scenario_name,
)
from pytest_indexcache.system.text_files import write_text_file

if TYPE_CHECKING:
    from _pytest._code import ExceptionInfo
    from _pytest._code.code import TerminalRepr

    from pytest_indexcache.installers.contract.installer import Installer
    from pytest_indexcache.run.plays.results import PlayResult
    from pytest_indexcache.scenario.model import Scenario

_ONE_INSTALLER = (
    "--indexcache-observe={} takes only one installer, not {}: name one, or use "
    "--indexcache-observe=show"
)


class ObservationPlugin:
    """A pytest plugin that observes scenarios, without judging the plays."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        option = config.option
        self.way: str = option.indexcache_observe
        self.session = PlaySession(contained=ContainmentMode(option.indexcache_contained))
        self.trusted = trusted_paths(option.indexcache_trust or ())
        installers = installers_of(option.indexcache_installer, option.indexcache_sample)
        self.players = [
            (installer, transport)
            for installer in installers
            for transport in transports_of(installer, option.indexcache_transport)
        ]
        if self.way != "show" and len(self.players) > 1:
            raise pytest.UsageError(_ONE_INSTALLER.format(self.way, len(self.players)))
        config.args[:] = arguments(config)
        self._shown: dict[str, list[str]] = {}

    @pytest.hookimpl
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ObservedFile | None:
        """Collect a TOML file if it is an argument, or if it looks like a scenario."""
        if file_path.suffix != ".toml":
            return None
        if not parent.session.isinitpath(file_path) and not looks_like_scenario(file_path):
            return None
        observed: ObservedFile = ObservedFile.from_parent(parent, path=file_path)
        observed.plugin = self
        return observed

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add an item's lines to the report; xdist sends the report to the main process."""
        report = yield
        if isinstance(item, ObservedItem) and call.when == "call":
            report.indexcache_observed = item.lines  # type: ignore[attr-defined]
        return report

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Store an item's lines for the summary."""
        lines = getattr(report, "indexcache_observed", None)
        if lines is not None:
            self._shown[report.nodeid] = lines

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the changes as diffs, and the names of the files that were written."""
        if not self._shown:
            return
        terminalreporter.write_sep("=", "what was seen")
        for _, lines in sorted(self._shown.items()):
            for line in lines:
                terminalreporter.write_line(line, **_colour(line))

    @pytest.hookimpl
    def pytest_unconfigure(self) -> None:
        """Stop the gateway of the wire transport."""
        self.session.close()


def _colour(line: str) -> dict[str, bool]:
    if line.startswith(("+++", "---")):
        return {"bold": True}
    colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
    return {colour: True} if colour else {}


class ObservedFile(pytest.File):
    """A scenario file, with one item for each installer and transport."""

    plugin: ObservationPlugin

    def collect(self) -> Iterator[ObservedItem]:
        """Yield an item for each installer and transport."""
        for installer, transport in self.plugin.players:
            name = f"{installer.spec} ({transport})"
            item: ObservedItem = ObservedItem.from_parent(self, name=name)
            item.plugin, item.installer, item.transport = self.plugin, installer, transport
            yield item


class ObservedItem(pytest.Item):
    """A pytest item that observes a scenario with one installer and transport."""

    plugin: ObservationPlugin
    installer: Installer
    transport: str
    lines: list[str]

    def runtest(self) -> None:
        """Observe the scenario, and show or write the changed expectations."""
        self.lines = []
        before = self._text()
        observed = observe(before, self.path, self._played)
        name = scenario_name(self.path, naming_folder(self.config))
        self.lines += difference(name, observed.installer, before, observed.text)
        self.lines += map(printable, observed.withdrawn)
        self.lines.append(printable(self._written(name, before, observed)))

    def _text(self) -> str:
        """Return the text of the file with its original line endings."""
        try:
            return self.path.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise CommandError(f"{self.path} cannot be read: {reason}", "look at it") from error

    def _played(self, scenario: Scenario) -> PlayResult:
        factory: pytest.TempPathFactory = self.config._tmp_path_factory  # type: ignore[attr-defined]
        root = factory.mktemp("observation", numbered=True)
        result = self.plugin.session.play(
            scenario,
            self.path.name,
            self.installer,
            self.transport,
            root,
            is_trusted=is_trusted_file(self.path, self.plugin.trusted),
        )
        self.plugin.session.sweep(root)
        return result

    def _written(self, name: str, before: str, observed: Observed) -> str:
        """Write the changed text if an option requests it; return a message about the change."""
        if observed.text == before:
            return f"{name}: every step expects what {observed.installer} does"
        if self.plugin.way == "show":
            return f"{name}: nothing is written"
        is_beside = self.plugin.way == "beside"
        file = self.path.with_suffix(OBSERVED_SUFFIX) if is_beside else self.path
        if not is_beside and self._text() != before:
            raise CommandError(f"{self.path} changed in the meantime", "run the command again")
        write_text_file(file, observed.text)
        return f"written: {scenario_name(file, naming_folder(self.config))}"

    def repr_failure(
        self, excinfo: ExceptionInfo[BaseException], style: Any = None
    ) -> str | TerminalRepr:
        """Return the message of an error from this package, or the traceback of any other error."""
        if isinstance(excinfo.value, IndexcacheError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the path, no line number, and a title for the headings in pytest's output."""
        return self.path, None, f"{printable(self.path.stem)}, observed with {self.name}"
