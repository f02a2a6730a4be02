"""``indexcache import``: write a draft of a scenario from an installer's log."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_indexcache.cli.terminal.lines import write_text
from pytest_indexcache.cli.terminal.outputs import demand_writable
from pytest_indexcache.cli.terminal.parsers import add_command

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.drafts.threads.pasted import PastedText

MOST_BYTES = 50 * 1024 * 1024

DESCRIPTION: Final = """\
The log is the output of uv with -v or RUST_LOG=trace, of pip with -vv, or of Poetry or PDM
with -v; or it is a list of commands. It may have the prefixes of a CI or of docker, or be
part of a whole issue thread, with the project file. Nothing in it is run. A comment that
begins with "to be read" marks each guess in the draft.

  indexcache import log.txt --output report.toml
  uv sync -v 2>&1 | indexcache import - --lock uv.lock
  gh issue view 15425 --repo astral-sh/uv --comments | indexcache import -
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache import``."""
    parser = add_command(
        commands,
        "import",
        run,
        "write a first draft of a scenario from a verbose log",
        DESCRIPTION,
    )
    parser.add_argument("log", metavar="LOG", help="the file with the log; - for stdin")
    parser.add_argument("--pyproject", type=Path, metavar="FILE", help="the project file")
    parser.add_argument(
        "--lock",
        type=Path,
        metavar="FILE",
        help="the lockfile: of uv, poetry or PDM, or pylock.toml",
    )
    parser.add_argument("--requirements", type=Path, metavar="FILE", help="the requirements file")
    parser.add_argument(
        "--issue", metavar="URL", help="the URL of the issue (default: the one that the text names)"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write the draft to this file, not to stdout"
    )
    parser.add_argument("--force", action="store_true", help="replace an existing file")


def run(chosen: argparse.Namespace) -> int:
    """Write the draft; return 1 if it must be edited before it can be played."""
    from pytest_indexcache.errors import CommandError, ScenarioError
    from pytest_indexcache.run.loading import loads_playable
    from pytest_indexcache.system.text_files import write_text_file

    output: Path | None = chosen.output
    if output is not None and output.exists() and not chosen.force:
        raise CommandError(f"{output} already exists", "give another --output, or --force")
    demand_writable(output)
    text = _draft(chosen)
    if output is None:
        sys.stdout.write(text)
    else:
        write_text_file(output, text)
    try:
        loads_playable(text, output)
    except ScenarioError as error:
        write_text(sys.stderr, str(error))
        return 1
    guesses = text.count("# to be read: ")
    where = "" if output is None else f"{output}: "
    write_text(sys.stderr, f"{where}the draft can be played; comments to be read: {guesses}")
    return 0


def _draft(chosen: argparse.Namespace) -> str:
    from pytest_indexcache.drafts.drafting import LogMaterial, draft_scenario
    from pytest_indexcache.drafts.files.foreign_tables import with_standard_tables
    from pytest_indexcache.drafts.files.lockfiles import is_lockfile, read_lockfile
    from pytest_indexcache.drafts.files.project_files import read_project_file, read_requirements
    from pytest_indexcache.drafts.threads.pasted import read_pasted
    from pytest_indexcache.errors import CommandError

    pasted = read_pasted(_read(chosen.log))
    if not pasted.can_be_drafted:
        raise CommandError(
            f"{chosen.log} has no line of a verbose log, and no list of commands",
            "give the output of uv with -v, or of pip with -vv",
        )
    project = _toml(chosen.pyproject) if chosen.pyproject else pasted.project_file
    lock = _toml(chosen.lock) if chosen.lock else pasted.lockfile
    if chosen.lock and not is_lockfile(lock or {}):
        raise CommandError(f"{chosen.lock} has no packages", "name a lockfile")
    words = None if project is None else read_project_file(with_standard_tables(project))
    if chosen.requirements:
        words = read_requirements(_read(str(chosen.requirements)))
    return draft_scenario(
        LogMaterial(
            pasted.events,
            words,
            project is not None and not chosen.requirements,
            read_lockfile(lock) if lock is not None else (),
            pasted.title,
            _issue(chosen.issue) if chosen.issue else pasted.issue,
            tuple(_remarks(pasted, is_issue_known=bool(chosen.issue or pasted.issue))),
            pasted.release,
            pasted.files,
            pasted.users,
            pasted.has_commands,
        )
    )


def _remarks(pasted: PastedText, *, is_issue_known: bool) -> Iterator[str]:
    """Yield remarks that say which parts of an issue thread were used and which were ignored."""
    if pasted.linked and not is_issue_known:
        yield _linked(pasted.linked)
    if pasted.first_line:
        yield f"used the log in the block at line {pasted.first_line}"
    if not pasted.is_openers:
        yield "this log is not by the author of the thread"
    if pasted.others_files:
        yield (
            f"ignored project files by other authors: {pasted.others_files}; name one with "
            "--pyproject if it is the right one"
        )
    if pasted.other_logs:
        yield f"ignored logs in other blocks: {pasted.other_logs}"


def _linked(urls: Sequence[str]) -> str:
    return f"the text links to {', '.join(urls)}; if one is the issue of this log, name it in issue"


def _issue(text: str) -> str:
    """Return the value of ``--issue``; raise CommandError unless it is an http or https URL."""
    from pytest_indexcache.drafts.words.names import public_url
    from pytest_indexcache.errors import CommandError

    if not (url := public_url(text)):
        raise CommandError(f"--issue {text!r} is not the URL of an issue", "begin it with https://")
    return url


def _read(name: str) -> str:
    """Read a file as text, or stdin for ``-``; the text may be in UTF-8 or UTF-16.

    :raises CommandError: if the file cannot be read, or is larger than ``MOST_BYTES``
    """
    from pytest_indexcache.errors import CommandError
    from pytest_indexcache.system.text_files import decoded_text

    if name == "-":
        return decoded_text(sys.stdin.buffer.read(MOST_BYTES))
    try:
        with Path(name).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(
            f"{name} cannot be read: {error.strerror or error}", "name a file, or - for stdin"
        ) from None
    if len(data) > MOST_BYTES:
        raise CommandError(
            f"{name} has more than 50 MiB", "shorten it to the output of one command"
        )
    return decoded_text(data)


def _toml(path: Path) -> dict[str, Any]:
    from pytest_indexcache.data_formats import loads_toml
    from pytest_indexcache.errors import CommandError

    try:
        return loads_toml(_read(str(path)))
    except ValueError as error:
        raise CommandError(f"{path} is not valid TOML: {error}", "name another file") from None
