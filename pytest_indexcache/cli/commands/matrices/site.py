"""``indexcache site``: build a static web site from the scenarios and their plays."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pytest_indexcache.cli.terminal.lines import write_lines, write_text
from pytest_indexcache.cli.terminal.parsers import NAME_HELP, add_command
from pytest_indexcache.errors import CommandError, ReportError

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.reports.page.site import EarlierSite, SiteScenario
    from pytest_indexcache.run.matrix.cells import NamedScenario
    from pytest_indexcache.run.matrix.results import PlayRecord

DESCRIPTION: Final = """\
Nothing is played. The pages show [affected] and [measured] of each scenario, and the
plays of --store and --matrix. A page keeps its URL as long as its scenario, installer,
release or server keeps its name. The same input gives the same bytes.

  indexcache site public
  indexcache site public --matrix matrix.json --url https://example.org/caching/

A later build in the same folder adds the changes since then to the feed.
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache site``."""
    summary = "write the matrix as a static site"
    parser = add_command(commands, "site", run, summary, DESCRIPTION)
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="the folder to write the site to"
    )
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        help=f"a file, a folder, or {NAME_HELP}; the whole catalogue if none is given",
    )
    parser.add_argument("--store", type=Path, metavar="FILE", help="show the plays in this store")
    parser.add_argument(
        "--matrix",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="show the plays that matrix --json or merge --json wrote; may be repeated",
    )
    parser.add_argument(
        "--earlier",
        type=Path,
        metavar="FILE",
        help="the index.json of an earlier site (default: that of FOLDER, if it is there)",
    )
    parser.add_argument(
        "--url",
        default="",
        metavar="URL",
        help="the URL at which the site will be published, for links in the feed",
    )


def run(chosen: argparse.Namespace) -> int:
    """Build the site; return 1 if a scenario has errors or a play was left out.

    If every scenario has errors, no files are written.
    """
    from pytest_indexcache import __version__
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenarios
    from pytest_indexcache.reports.page.site import SiteContent, site_files
    from pytest_indexcache.run.matrix.store import stored_records

    folder, url = chosen.folder, _checked_url(chosen.url)
    earlier = _earlier(folder, chosen.earlier)
    found = find_scenarios(chosen.scenarios)
    problems = [str(error) for error in found.errors]
    records = _matrix_records(chosen.matrix, problems)
    _check_shown(found.scenarios, records, problems)
    if chosen.store is not None:
        records += stored_records(chosen.store)
    scenarios = tuple(_site_scenarios(found.scenarios, records))
    for problem in problems:
        write_text(sys.stderr, problem)
    if scenarios or not problems:
        content = SiteContent(scenarios, __version__, earlier=earlier, url=url)
        write_lines(sys.stdout, [f"{_write(folder, site_files(content))} files in {folder}"])
    return 1 if problems else 0


def _checked_url(url: str) -> str:
    """Return the URL of the site with a trailing slash; "" stays "".

    :raises CommandError: if it is not a plain http or https URL
    """
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    is_plain = url.isprintable() and not any(sign in url for sign in " <>\"'?#")
    if parts.scheme not in ("http", "https") or not parts.hostname or not is_plain:
        raise CommandError(
            f"--url {url!r} is not the URL of a folder", "write it as https://example.org/caching/"
        )
    return url if url.endswith("/") else f"{url}/"


def _earlier(folder: Path, given: Path | None) -> EarlierSite:
    """Return the cells of the earlier build in ``given``, or else in ``folder``.

    If there is no earlier build, the result contains no cells.

    :raises ReportError: if the earlier build cannot be read, or ``folder`` contains other files
    """
    from pytest_indexcache.reports.page.site import EarlierSite, read_earlier
    from pytest_indexcache.reports.page.site.earlier import INDEX

    own = folder / INDEX
    if folder.exists() and not folder.is_dir():
        raise ReportError(folder, "this is a file", "name a folder")
    if folder.is_dir() and not own.is_file() and any(folder.iterdir()):
        raise ReportError(
            folder,
            "the folder has files that are not from an earlier site",
            "name an empty or a new folder",
        )
    before = read_earlier(own) if own.is_file() else EarlierSite()
    return before if given is None else read_earlier(given)


def _matrix_records(matrices: Sequence[Path], problems: list[str]) -> list[PlayRecord]:
    """Return the plays in matrix files; add contradictions between the files to ``problems``."""
    from pytest_indexcache.run.matrix.files import merge, read_matrix

    merged = merge([(str(file), read_matrix(file)) for file in matrices])
    problems += [f"conflict: {conflict}" for conflict in merged.conflicts]
    return list(merged.matrix.records)


def _check_shown(
    scenarios: Iterable[NamedScenario], records: Iterable[PlayRecord], problems: list[str]
) -> None:
    """Add a message to ``problems`` if a play does not belong to any of the scenarios.

    A play does not belong to a scenario that changed after the play. Only plays from ``--matrix``
    are checked, because a store may contain plays of all versions of a scenario.
    """
    shown = {scenario.digest for scenario in scenarios}
    left_out = sum(record.digest not in shown for record in records)
    if left_out:
        problems.append(
            f"{left_out} plays of --matrix were left out: their scenarios are not named here, or "
            "have changed since; name them, or play them again"
        )


def _site_scenarios(
    scenarios: Iterable[NamedScenario], records: Sequence[PlayRecord]
) -> Iterable[SiteScenario]:
    """Yield each scenario with the plays of its current version."""
    from pytest_indexcache.reports.page.site import SiteScenario

    played: dict[str, list[PlayRecord]] = {}
    for record in records:
        played.setdefault(record.digest, []).append(record)
    for scenario in sorted(scenarios, key=lambda named: named.name):
        own = _newest_plays(played.get(scenario.digest, ()))
        text = scenario.file.read_text(encoding="utf-8-sig", errors="replace")
        measurements = (
            record.described_as(
                scenario.name,
                scenario.scenario.title,
                scenario.scenario.issue,
                scenario.scenario.tags,
            )
            for record in own
        )
        yield SiteScenario(scenario.name, scenario.scenario, text, tuple(measurements))


def _newest_plays(records: Iterable[PlayRecord]) -> list[PlayRecord]:
    """Return the latest play for each combination of release, transport, platform and Python."""
    newest: dict[tuple[str, ...], PlayRecord] = {}
    for record in sorted(records, key=lambda play: play.played_at):
        where = record.circumstances
        key = (record.result.installer, record.release, record.result.transport)
        newest[*key, where.platform, where.python] = record
    return [newest[key] for key in sorted(newest)]


def _write(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write the files and return their number.

    ``index.json`` is written last, so that it exists only if the site is complete.
    """
    from pytest_indexcache.reports.page.site.earlier import INDEX
    from pytest_indexcache.system.atomic_files import write_atomically

    made: Mapping[str, bytes] = dict(files)
    try:
        for place in sorted(made, key=lambda name: (name == INDEX, name)):
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, made[place])
    except OSError as error:
        hint = "free disk space, or name another folder"
        raise ReportError(folder, f"the site cannot be written: {error}", hint) from error
    return len(made)
