"""``indexcache report``: draft an issue about an installer or an index."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.lines import write_lines, write_text
from pytest_indexcache.cli.terminal.outputs import demand_new
from pytest_indexcache.cli.terminal.parsers import NAME_HELP, add_command, add_play_options
from pytest_indexcache.cli.terminal.progress import Progress
from pytest_indexcache.errors import CommandError, InstallerError, InstallerUnavailableError
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.plays.play_count import PlayCount
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.installers.contract.installer import Installer
    from pytest_indexcache.reports.trackers.anonymous import MachineWords
    from pytest_indexcache.run.investigations.results import Investigation
    from pytest_indexcache.run.matrix.cells import NamedScenario
    from pytest_indexcache.scenario.model import Scenario
    from pytest_indexcache.scenario.tables.steps import Command as CommandStep

DESCRIPTION: Final = """\
The scenario is played, and its failure is investigated: the installer's log, the
deciding header field, the releases in which the behaviour changed, other installers,
workarounds, and reports in the catalogue that may have the same cause. The result is
Markdown with the headings of that tracker. It says nothing of this machine but its
platform. Read it before you send it.

  indexcache report my-report.toml --for uv --installer uv==0.8.11
  indexcache report 15303-cpu --for index --output issue.md

exit codes:
  0    the report is written
  1    there is nothing to report: every expectation holds, or it cannot be judged
  2    the request cannot be carried out
"""
TRACKERS: Final = ("uv", "pip", "poetry", "pdm", "index")
_INSTALLERS: Final = ("uv", "pip", "poetry", "pdm")
_CONTROL: Final = "reference"
_EXPECTED_BISECT: Final = 15
"""An estimate of the number of plays in a brief bisect."""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache report``."""
    summary = "write the draft of an issue for a tracker"
    parser = add_command(commands, "report", run, summary, DESCRIPTION)
    parser.add_argument("scenario", metavar="FILE", help=f"a scenario, or {NAME_HELP}")
    parser.add_argument(
        "--for",
        dest="tracker",
        choices=TRACKERS,
        required=True,
        help="the tracker that the draft is for",
    )
    parser.add_argument(
        "--installer",
        metavar="SPEC",
        help="the installer that misbehaves (default: the newest release of the tracker's "
        "installer; of uv for an index)",
    )
    parser.add_argument(
        "--compare",
        action="append",
        metavar="SPEC",
        help="another installer to compare with; may be repeated (default: the newest releases of "
        "the others, and the reference installer; only the reference installer for a variant of "
        "it)",
    )
    parser.add_argument(
        "--no-bisect",
        action="store_false",
        dest="bisect",
        help="do not look for the releases in which it changed",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write the draft to this file, not to stdout"
    )
    add_play_options(parser, ("inprocess", "wire"))


def run(chosen: argparse.Namespace) -> int:
    """Write the draft of an issue; return 1 if there is nothing to report."""
    from pytest_indexcache.cli.plays.bisect_search import demand_store
    from pytest_indexcache.cli.plays.play_count import PlayCount
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenario
    from pytest_indexcache.run.plays.results import MISBEHAVES

    scenario = find_scenario(chosen.scenario, trust=chosen.trust)
    demand_new(chosen.output)
    text = _scenario_text(scenario.file)
    installer = _installer(chosen.installer or chosen.tracker)
    _demand_fitting(chosen.tracker, installer)
    compared = None if chosen.compare is None else [_installer(text) for text in chosen.compare]
    demand_store(chosen)
    with Progress(sys.stderr, shows_plays=chosen.progress) as progress:
        count = PlayCount(progress)
        found = _investigation(chosen, scenario, installer, compared, count)
        if found.play.verdict in MISBEHAVES and chosen.bisect:
            found = _bisected(chosen, scenario, installer, found, count)
    if found.play.verdict not in MISBEHAVES:
        return _nothing_to_report(found, scenario.scenario)
    _write(chosen.output, _issue_text(chosen, scenario, text, found))
    return 0


def _scenario_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"{file} cannot be read: {error.strerror or error}", "name the file of a scenario"
        ) from error


def _installer(text: str) -> Installer:
    """Return the installer for a spec; a name without a release means the latest release."""
    from pytest_indexcache.installers.provisioning.presence import demand_present
    from pytest_indexcache.installers.registry import create_installer, create_installers

    name = "uv" if text == "index" else text
    if name in _INSTALLERS:
        return create_installers(f"{name}>=0")[0]
    installer = create_installer(name)
    demand_present(installer)
    return installer


def _demand_fitting(tracker: str, installer: Installer) -> None:
    name = installer.spec.name
    if tracker in _INSTALLERS and name in _INSTALLERS and name != tracker:
        raise CommandError(
            f"--for {tracker} is the tracker of another installer than {installer.spec}",
            f"write --for {name}",
        )


def _investigation(
    chosen: argparse.Namespace,
    scenario: NamedScenario,
    installer: Installer,
    compared: Sequence[Installer] | None,
    count: PlayCount,
) -> Investigation:
    """Play a scenario, and investigate further if the installer misbehaves.

    ``compared`` contains the installers to compare with; None means the default ones.
    """
    from pytest_indexcache.cli.plays.bisect_search import open_records
    from pytest_indexcache.installers.containment.modes import ContainmentMode
    from pytest_indexcache.run.investigations import Investigator, SharedPlays
    from pytest_indexcache.run.plays.results import MISBEHAVES
    from pytest_indexcache.run.session import PlaySession

    contained = ContainmentMode(chosen.contained)
    later = _EXPECTED_BISECT if chosen.bisect and installer.spec.name != _CONTROL else 0
    with (
        open_records(chosen, count.progress) as records,
        SharedPlays(records, jobs=chosen.jobs, contained=contained, watcher=count) as plays,
    ):
        investigator = Investigator(scenario, chosen.transport, plays, later)
        with PlaySession(contained=contained) as session:
            first = investigator.first(installer, session)
        if first.play.verdict not in MISBEHAVES:
            return first
        others = _others(installer, count.progress) if compared is None else compared
        return investigator.further(first, installer, others, _catalogue)


def _others(installer: Installer, progress: Progress) -> list[Installer]:
    """Return all other installers for comparison, and print a message about unavailable ones."""
    others = []
    names = [_CONTROL]
    if installer.spec.name != _CONTROL:
        names = [*(name for name in _INSTALLERS if name != installer.spec.name), _CONTROL]
    for name in names:
        try:
            others.append(_installer(name))
        except InstallerUnavailableError as error:
            progress.line(printable(f"{name} is left out of the comparison: {error.problem}"))
    return others


def _catalogue() -> Sequence[NamedScenario]:
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenarios

    return find_scenarios([]).scenarios


def _bisected(
    chosen: argparse.Namespace,
    scenario: NamedScenario,
    installer: Installer,
    found: Investigation,
    count: PlayCount,
) -> Investigation:
    """Add the result of a bisect to an investigation, or the reason why no bisect was possible."""
    from pytest_indexcache.cli.plays.bisect_search import find_changes
    from pytest_indexcache.run.bisect.candidates import find_candidates

    if installer.spec.name == _CONTROL:
        return replace(found, not_bisected="the reference installer has no releases")
    try:
        candidates = find_candidates(installer.spec.name, None)
    except (CommandError, InstallerError) as error:
        return replace(found, not_bisected=f"its releases could not be listed: {error.problem}")
    around = installer.version
    count.expect(min(_EXPECTED_BISECT, len(candidates)))
    changes = find_changes(chosen, scenario, candidates, around=around, count=count)
    return replace(found, bisect=changes)


def _nothing_to_report(found: Investigation, scenario: Scenario) -> int:
    from pytest_indexcache.reports.words.wording import many, player
    from pytest_indexcache.run.plays.results import BEHAVES

    play = found.play
    if play.verdict in BEHAVES:
        steps = many(len(play.steps), "step")
        why = f"{player(play)} behaves correctly: every expectation of {steps} holds"
        hint = "give --installer with a release that misbehaves, or add expectations to the steps"
        if scenario.affected:
            listed = ", ".join(f"{name} {releases}" for name, releases in scenario.affected.items())
            hint = f"give --installer with a release that the scenario lists as affected: {listed}"
    else:
        why = f"{player(play)} cannot be judged: {play.reason}"
        hint = "indexcache play shows the details"
    write_text(sys.stderr, f"nothing to report: {why}\n  hint: {hint}")
    return 1


def _issue_text(
    chosen: argparse.Namespace, scenario: NamedScenario, text: str, found: Investigation
) -> str:
    from pytest_indexcache.cli.scenario_text import step_sentence
    from pytest_indexcache.reports.trackers.facts import IssueFacts
    from pytest_indexcache.reports.trackers.templates import issue_text
    from pytest_indexcache.scenario.tables.steps import Command

    sentences = {
        number: _command_sentence(step) if isinstance(step, Command) else step_sentence(step)
        for number, step in enumerate(scenario.scenario.steps, 1)
    }
    command = _command(chosen, scenario.file.name, found)
    facts = IssueFacts(found, text, scenario.file.name, command, sentences, _machine())
    return issue_text(facts, chosen.tracker)


def _command_sentence(step: CommandStep) -> str:
    """Return a sentence about a ``command`` step; the report shows the command line below it."""
    return f"run a command in the folder {step.folder}" if step.folder else "run a command"


def _command(chosen: argparse.Namespace, file: str, found: Investigation) -> str:
    """Return a command line that repeats the play, without the scenario's folder."""
    spec, at, _ = found.play.installer.partition("@")
    spec = f"{spec}=={found.play.installer_version}" if at else spec
    words = ["indexcache", "play", file, "--installer", spec]
    words += ["--transport", chosen.transport] if chosen.transport != "inprocess" else []
    return shlex.join(words)


def _machine() -> MachineWords:
    """Return the folders and names of this machine that a report must not reveal."""
    import getpass
    import socket
    import tempfile
    from contextlib import suppress

    from pytest_indexcache.installers.provisioning.home import cache_home
    from pytest_indexcache.reports.trackers.anonymous import MachineWords

    folders = {
        str(cache_home()): "…",
        str(Path.home()): "…",
        sys.prefix: "…",
        sys.base_prefix: "…",
        tempfile.gettempdir(): "…",
    }
    names = {socket.gethostname(), socket.gethostname().partition(".")[0]}
    with suppress(OSError, KeyError):  # a user without a name
        names.add(getpass.getuser())
    roots = (path.name for path in Path(Path.home().anchor).iterdir())
    return MachineWords(folders, frozenset(names), frozenset(roots))


def _write(output: Path | None, text: str) -> None:
    from pytest_indexcache.system.text_files import write_text_file

    if output is None:
        sys.stdout.write(text)
        return
    write_text_file(output, text)
    write_lines(sys.stderr, [f"{output}: read it before sending it"])
