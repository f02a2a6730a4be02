"""Collect scenario files as pytest items, play them, and report the results."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_indexcache.collected_files import (
    arguments,
    baselines,
    naming_folder,
    scenario_exists,
    upstreams,
)
from pytest_indexcache.errors import (
    BaselineError,
    IndexcacheError,
    InstallerError,
    ReportError,
    ScenarioError,
)
from pytest_indexcache.index.upstreams.named_upstreams import with_upstreams
from pytest_indexcache.installers.containment.modes import ContainmentMode, play_containment
from pytest_indexcache.installers.provisioning.presence import demand_builds
from pytest_indexcache.installers.registry import create_distinct_installers
from pytest_indexcache.printable import printable
from pytest_indexcache.reports.files import checked_report, write_report
from pytest_indexcache.reports.terminal import baseline_lines, failure_lines, summary_lines
from pytest_indexcache.run.baselines.baseline import entry_name
from pytest_indexcache.run.baselines.gate import Gate, GateOutcome, Ruling
from pytest_indexcache.run.loading import load_playable
from pytest_indexcache.run.matrix.circumstances import circumstances
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.session import PlaySession, transports_of
from pytest_indexcache.scenario_files import is_trusted_file, looks_like_scenario, scenario_name

if TYPE_CHECKING:
    from _pytest._code import ExceptionInfo
    from _pytest._code.code import TerminalRepr

    from pytest_indexcache.installers.contract.installer import Installer
    from pytest_indexcache.scenario.model import Scenario

_UNCONTAINED = "; a file with commands or files of its own is not played without --indexcache-trust"

MARKS_OF_PYTEST = frozenset({"skip", "skipif", "xfail", "parametrize", "usefixtures"})
"""Markers that pytest itself defines. Tags with these names are not added as markers."""


class ScenarioNotPassed(Exception):  # noqa: N818 - it is a verdict, not an error
    """Raised for a play that failed or ended in an error."""

    def __init__(self, result: PlayResult) -> None:
        super().__init__(result.reason)
        self.result = result


class ScenarioPlugin:
    """A pytest plugin that plays scenarios and stores the results for the summary."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._contained = ContainmentMode(config.getoption("--indexcache-contained"))
        self.session = PlaySession(contained=self._contained)
        self.trusted = trusted_paths(config.getoption("--indexcache-trust") or ())
        self._results: dict[str, PlayResult] = {}
        self._remarks: list[str] = []
        self.installers = installers_of(
            config.getoption("--indexcache-installer"), config.getoption("--indexcache-sample")
        )
        self.upstreams = upstreams(config)
        self._transport = config.getoption("--indexcache-transport")
        self.gate = _gate(config, self.installers, self.transports)
        self._reports = _reports(config)
        config.args[:] = arguments(config)
        self._baselines = baselines(config)

    def transports(self, installer: Installer) -> tuple[str, ...]:
        """Return the transports to use for an installer's plays in this run."""
        return transports_of(installer, self._transport)

    @pytest.hookimpl
    def pytest_report_header(self) -> str:
        """Return a header line that says whether the kernel limits the processes of installers."""
        containment = play_containment(self._contained)
        remark = "" if containment.is_active or not containment.are_asked_for else _UNCONTAINED
        return f"indexcache: {containment.words}{remark}"

    @pytest.hookimpl
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
        """Collect a TOML file if it is an argument, or if it looks like a scenario."""
        if file_path.suffix != ".toml" or file_path.resolve() in self._baselines:
            return None
        if not parent.session.isinitpath(file_path) and not looks_like_scenario(file_path):
            return None
        name = scenario_name(file_path, naming_folder(self._config))
        # pytest compares node ids as paths from rootdir: a ``..`` would hide a file.
        node_id = scenario_name(file_path, self._config.rootpath)
        node_id = file_path.as_posix() if node_id.startswith("../") else node_id
        scenario_file = ScenarioFile.from_parent(parent, path=file_path, nodeid=node_id)
        scenario_file.plugin, scenario_file.scenario_name = self, name
        return scenario_file

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add a play's result to the report; xdist sends the report to the main process."""
        report = yield
        if not isinstance(item, ScenarioItem) or report.when == "teardown":
            return report
        if report.when == "setup" and report.failed and call.excinfo is not None:
            # pytest calls repr_failure of an item only in the call phase.
            report.longrepr = str(item.repr_failure(call.excinfo))
        if item.result is None and report.failed:
            item.result = self.gate.judged(item.broken(str(report.longrepr)))
        if item.result is not None and (report.when == "call" or not report.passed):
            report.indexcache = item.result.to_json()  # type: ignore[attr-defined]
        return report

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Store the result of a play for the summary."""
        data = getattr(report, "indexcache", None)
        if data is not None:
            self._results[report.nodeid] = PlayResult.from_json(data)

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table of results, and messages about the baseline and the reports."""
        results = self._sorted_results()
        if not results and not self._remarks:
            return
        terminalreporter.write_sep("=", "index caching")
        option = self._config.option
        lines: list[str] = []
        if results:
            lines += summary_lines(results, terminalreporter._tw.fullwidth)
            baseline, written = option.indexcache_baseline, option.indexcache_write_baseline
            if baseline or written:
                lines += baseline_lines(results, baseline or written, is_written=bool(written))
            lines += [""] if self._remarks else []
        for line in [*lines, *self._remarks]:
            terminalreporter.write_line(line)

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the baseline and the reports, except in xdist workers."""
        plays_here = not (hasattr(self._config, "workerinput") or self._config.option.collectonly)
        if not plays_here or exitstatus == pytest.ExitCode.USAGE_ERROR:
            return
        results = self._sorted_results()
        if nothing := _nothing_played(results, exitstatus):
            self._remarks.append(nothing)
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
        for file, write in self._writers():
            try:
                write(results)
                self._remarks.append(f"written: {file}")
            except (BaselineError, ReportError) as error:
                self._remarks.append(f"ERROR: {error}")
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _writers(self) -> Iterator[tuple[str, Callable[[Sequence[PlayResult]], None]]]:
        """Yield each requested output file, and the function that writes it."""
        option = self._config.option
        if option.indexcache_write_baseline and self._results:
            yield option.indexcache_write_baseline, self.gate.write_down
        for file in self._reports:
            yield (
                str(file),
                partial(
                    write_report,
                    file,
                    machine=circumstances(),
                    command=shlex.join(["pytest", *self._config.invocation_params.args]),
                ),
            )

    def _sorted_results(self) -> list[PlayResult]:
        """Return the results sorted by scenario, installer (as in the options) and transport."""
        places = {str(installer.spec): place for place, installer in enumerate(self.installers)}
        return sorted(
            self._results.values(),
            key=lambda result: (result.scenario, places.get(result.installer, 0), result.transport),
        )

    @pytest.hookimpl
    def pytest_unconfigure(self) -> None:
        """Stop the gateway of the wire transport."""
        self.session.close()


def _nothing_played(results: Sequence[PlayResult], exitstatus: int) -> str:
    """Return a message for a run that played nothing, or "" if something was played."""
    if not results and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        return "nothing was played: no scenario was found, or -k, -m or --deselect left none"
    skipped = all(result.verdict is Verdict.SKIPPED for result in results)
    if results and skipped and exitstatus == pytest.ExitCode.OK:
        return "nothing was played: every play was skipped"
    return ""


def installers_of(specs: Iterable[str] | None, sample: str | None) -> list[Installer]:
    """Create installers for specs, or the reference installer; ``sample`` limits version ranges."""
    try:
        return demand_builds(create_distinct_installers(specs or ("reference",), sample=sample))
    except InstallerError as error:
        raise pytest.UsageError(f"--indexcache-installer: {error}") from error


def trusted_paths(texts: Iterable[str]) -> list[Path]:
    """Return the trusted files and folders; raise UsageError if one does not exist."""
    paths = [Path(text).absolute() for text in texts]
    for path in paths:
        if not path.exists():
            raise pytest.UsageError(f"--indexcache-trust: there is no file or folder {path}")
    return paths


def _gate(
    config: pytest.Config,
    installers: Iterable[Installer],
    transports: Callable[[Installer], Iterable[str]],
) -> Gate:
    """Return the comparison with the baseline; raise UsageError if the baseline is invalid."""
    names = {
        (str(installer.spec), transport): entry_name(
            installer.spec, transport, is_embedded=installer.is_embedded
        )
        for installer in installers
        for transport in transports(installer)
    }
    compare, write = config.option.indexcache_baseline, config.option.indexcache_write_baseline
    gate = Gate(
        names,
        lambda name: scenario_exists(config, name),
        strict=config.option.indexcache_strict,
        compare=Path(compare).absolute() if compare else None,
        write=Path(write).absolute() if write else None,
    )
    try:
        return gate.opened()
    except BaselineError as error:
        option = "--indexcache-baseline" if compare else "--indexcache-write-baseline"
        raise pytest.UsageError(f"{option}: {error}") from error


def _reports(config: pytest.Config) -> list[Path]:
    """Return the paths of the requested reports; raise UsageError if a path is invalid."""
    try:
        return [checked_report(Path(file)) for file in config.option.indexcache_report or ()]
    except ReportError as error:
        raise pytest.UsageError(f"--indexcache-report: {error}") from error


class ScenarioFile(pytest.File):
    """A scenario file, with one item for each installer and transport."""

    plugin: ScenarioPlugin
    scenario_name: str

    def collect(self) -> Iterator[ScenarioItem]:
        """Yield the file's items; if the file is invalid, each item fails with the error."""
        error: ScenarioError | None = None
        scenario: Scenario | None = None
        try:
            scenario = with_upstreams(load_playable(self.path).scenario, self.plugin.upstreams)
        except ScenarioError as caught:
            error = caught
        for installer in self.plugin.installers:
            transports = self.plugin.transports(installer)
            for transport in transports:
                name = str(installer.spec)
                if len(transports) > 1:
                    name = f"{name}[{transport}]"
                item = ScenarioItem.from_parent(self, name=name)
                item.scenario, item.error = scenario, error
                item.installer, item.transport = installer, transport
                item.add_tags()
                yield item


class ScenarioItem(pytest.Item):
    """A pytest item that plays a scenario with one installer and transport."""

    installer: Installer
    transport: str
    scenario: Scenario | None
    error: ScenarioError | None
    result: PlayResult | None = None
    ruling: Ruling | None = None
    root: Path | None = None

    def add_tags(self) -> None:
        """Add the scenario's tags as pytest markers, so that ``-m TAG`` selects the item."""
        known = set(self.config.getini("markers"))
        for tag in self.scenario.tags if self.scenario else ():
            line = f"{tag}: a tag of scenarios"
            if line not in known and tag not in MARKS_OF_PYTEST:
                self.config.addinivalue_line("markers", line)
            if tag not in MARKS_OF_PYTEST:
                self.add_marker(tag)

    def setup(self) -> None:
        """Play the scenario; skip the item if the play was skipped; raise if it ended in error."""
        self.result = self.plugin.gate.judged(self._played())
        self.ruling = self.plugin.gate.ruling(self.result)
        self._leave(self.ruling.outcome)
        if self.ruling.outcome is GateOutcome.SKIPPED:
            pytest.skip(self.ruling.reason)
        if self.ruling.outcome is GateOutcome.ERROR:
            raise self.error or ScenarioNotPassed(self.result)

    @property
    def plugin(self) -> ScenarioPlugin:
        """The plugin that collected the scenario."""
        return self._file.plugin

    @property
    def _file(self) -> ScenarioFile:
        return self.getparent(ScenarioFile)  # type: ignore[return-value]

    def _played(self) -> PlayResult:
        if self.scenario is None:
            return self.broken(str(self.error))
        factory: pytest.TempPathFactory = self.config._tmp_path_factory  # type: ignore[attr-defined]
        self.root = factory.mktemp("play", numbered=True)
        return self.plugin.session.play(
            self.scenario,
            self._file.scenario_name,
            self.installer,
            self.transport,
            self.root,
            is_trusted=is_trusted_file(self.path, self.plugin.trusted),
        )

    def broken(self, reason: str) -> PlayResult:
        """Return a play result with the verdict ``error`` and the given reason."""
        return PlayResult(
            scenario=self._file.scenario_name,
            title=self.scenario.title if self.scenario else self.path.stem,
            installer=str(self.installer.spec),
            installer_version="",
            transport=self.transport,
            verdict=Verdict.ERROR,
            reason=reason,
        )

    def _leave(self, outcome: GateOutcome) -> None:
        if self.root is None:
            return
        if outcome in (GateOutcome.FAILED, GateOutcome.ERROR):
            self.add_report_section("setup", "workspace", f"kept in {self.root}\n")
        elif not self.config.getoption("--indexcache-keep"):
            self.plugin.session.sweep(self.root)

    def runtest(self) -> None:
        """Pass, fail or xfail according to the verdict of the play."""
        result, ruling = self.result, self.ruling
        if result is None or ruling is None:
            raise AssertionError("an item is judged before it was played")
        for name, value in (
            ("verdict", str(result.verdict)),
            ("installer_version", result.installer_version),
            ("transport", result.transport),
        ):
            self.user_properties.append((name, value))
        if ruling.warning:
            self._warn(ruling.warning)
        if ruling.outcome is GateOutcome.XFAILED:
            pytest.xfail(ruling.reason)
        if ruling.outcome is GateOutcome.FAILED:
            raise ScenarioNotPassed(result)

    def _warn(self, text: str) -> None:
        """Issue a warning that ``-W error`` does not turn into an exception."""
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn_explicit(pytest.PytestWarning(text), None, str(self.path), 0)

    def repr_failure(
        self, excinfo: ExceptionInfo[BaseException], style: Any = None
    ) -> str | TerminalRepr:
        """Return the text of a failure: the failed step, its checks, causes and exchanges."""
        if isinstance(excinfo.value, ScenarioNotPassed):
            return "\n".join(failure_lines(excinfo.value.result))
        if isinstance(excinfo.value, IndexcacheError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the path, no line number, and a title for the headings in pytest's output."""
        return self.path, None, f"{printable(self.path.stem)}, played by {self.name}"
