"""``indexcache play``: play one scenario once with one installer."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.lines import text_width, write_lines, write_text
from pytest_indexcache.cli.terminal.parsers import (
    NAME_HELP,
    SPEC_HELP,
    add_command,
    add_containment,
    add_transport,
    add_trust,
    add_upstream,
)
from pytest_indexcache.errors import (
    CommandError,
    IndexcacheError,
    InstallerSpecError,
    ScenarioError,
    UpstreamError,
)
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.run.bisect.signatures import Signature
    from pytest_indexcache.run.plays.results import PlayResult

DESCRIPTION: Final = """\
Failed expectations are reported as pytest reports them. [affected] does not count
here: a release behaves correctly if every expectation holds.

  indexcache play my-report.toml --installer uv==0.8.11
  indexcache play my-report.toml --installer uv@target/debug/uv

exit codes, which git bisect run understands:
  0    the release behaves: every expectation holds
  1    it misbehaves; with --signature, in that way
  125  it cannot be judged: it lacks a feature that the scenario needs, does not
       start, or the play broke; with --signature, also if it misbehaves in
       another way
  129  the request cannot be carried out: a missing or invalid scenario, a missing
       installer, a wrong option; git bisect run stops
  130  ended by Ctrl-C

With --swap, 0 and 1 are exchanged, so that git bisect run finds a fix.
"""

BEHAVES_CODE: Final = 0
MISBEHAVES_CODE: Final = 1
UNJUDGED_CODE: Final = 125
USAGE_CODE: Final = 129
"""The exit code for an invalid option. ``git bisect run`` stops at codes above 127."""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache play``."""
    parser = add_command(
        commands, "play", run, "play one scenario with one installer", DESCRIPTION, USAGE_CODE
    )
    parser.add_argument("scenario", metavar="SCENARIO", help=f"a file, or {NAME_HELP}")
    parser.add_argument(
        "--installer",
        metavar="SPEC",
        default="reference",
        help=SPEC_HELP,
    )
    add_transport(parser, ("inprocess", "wire"))
    add_upstream(parser)
    add_containment(parser)
    add_trust(parser)
    parser.add_argument(
        "--signature",
        metavar="STEP:EXIT:KEYS",
        help="the expected misbehaviour, as indexcache bisect prints it: any other gives exit code "
        "125",
    )
    parser.add_argument("--swap", action="store_true", help="exchange exit codes 0 and 1")
    parser.add_argument(
        "--keep", action="store_true", help="keep the workspace, and print its path"
    )
    parser.add_argument("--json", action="store_true", help="write the result as JSON")


def run(chosen: argparse.Namespace) -> int:
    """Play a scenario, and return the exit code for its verdict."""
    from pytest_indexcache.run.bisect.signatures import Signature

    try:
        signature = Signature.parse(chosen.signature) if chosen.signature else None
        result, root = _play(chosen)
    except (CommandError, InstallerSpecError, ScenarioError, UpstreamError) as error:
        write_text(sys.stderr, f"indexcache: {error}")
        return USAGE_CODE
    except IndexcacheError as error:
        write_text(sys.stderr, f"indexcache: {error}")
        return UNJUDGED_CODE
    code, remark = _judged(result, signature, swap=chosen.swap)
    if chosen.json:
        sys.stdout.write(json.dumps(result.to_json(), indent=1) + "\n")
    else:
        write_lines(sys.stdout, [*_lines(result), *(remark.splitlines() if remark else [])])
    if chosen.keep:
        write_text(sys.stderr, f"workspace kept in {printable(str(root))}")
    return code


def _play(chosen: argparse.Namespace) -> tuple[PlayResult, Path]:
    """Play in a temporary folder, and return the result and the folder.

    The folder is removed unless ``--keep`` is given.
    """
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenario, with_servers
    from pytest_indexcache.installers.containment.modes import ContainmentMode
    from pytest_indexcache.installers.provisioning.presence import demand_present
    from pytest_indexcache.installers.registry import create_installer
    from pytest_indexcache.run.session import PlaySession, transports_of

    found = find_scenario(chosen.scenario, trust=chosen.trust)
    (scenario,) = with_servers([found], chosen.upstream)
    installer = create_installer(chosen.installer)
    demand_present(installer)
    (transport,) = transports_of(installer, chosen.transport)
    root = Path(mkdtemp(prefix="indexcache-play-"))
    try:
        with PlaySession(contained=ContainmentMode(chosen.contained)) as session:
            result = session.play(
                scenario.scenario,
                scenario.name,
                installer,
                transport,
                root,
                is_trusted=scenario.is_trusted,
            )
    finally:
        if not chosen.keep:
            shutil.rmtree(root, ignore_errors=True)
    return result, root


def _judged(
    result: PlayResult, signature: Signature | None, *, swap: bool
) -> tuple[int, str | None]:
    """Return the exit code for a play, and a remark or None.

    The remark says that the misbehaviour does not match ``signature``. If ``swap`` is true, the
    exit codes for correct behaviour and for misbehaviour are exchanged.
    """
    from pytest_indexcache.run.bisect.signatures import Signature
    from pytest_indexcache.run.plays.results import BEHAVES

    seen = Signature.of(result)
    if result.verdict in BEHAVES:
        return (MISBEHAVES_CODE if swap else BEHAVES_CODE), None
    if seen is None:
        return UNJUDGED_CODE, None
    if signature is not None and seen != signature:
        return UNJUDGED_CODE, f"\nit misbehaves as {seen}, and not as {signature}"
    return (BEHAVES_CODE if swap else MISBEHAVES_CODE), None


def _lines(result: PlayResult) -> Iterator[str]:
    from pytest_indexcache.reports.terminal import failure_lines
    from pytest_indexcache.reports.words.wording import many, player
    from pytest_indexcache.run.plays.results import BEHAVES

    if result.verdict not in BEHAVES:
        yield from failure_lines(result, text_width(sys.stdout))
        if result.was_contained:
            yield printable(result.containment)
        return
    yield printable(result.title)
    yield f"{player(result)} behaves: every expectation of {many(len(result.steps), 'step')} holds"
    if result.containment:
        yield printable(result.containment)
