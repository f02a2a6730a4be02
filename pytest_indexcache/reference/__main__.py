"""``python -m pytest_indexcache.reference``: run the reference installer on the command line."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_cache_path

from pytest_indexcache.errors import ReferenceInstallerError, UsageError
from pytest_indexcache.reference.commands.command_line import parse_words
from pytest_indexcache.reference.commands.dispatch import run_command
from pytest_indexcache.reference.commands.options import Options
from pytest_indexcache.reference.commands.session import Settings
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.packages import PYPI
from pytest_indexcache.reference.words.variants import VARIANTS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments specify, and return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parse_words(given)
    try:
        code = run_command(options, _settings(options))
        if sys.stdout is not None:  # it is None if the stream is closed
            sys.stdout.flush()
    except UsageError as error:
        return _complain(str(error), 2)
    except ReferenceInstallerError as error:
        return _complain(str(error), 1)
    except BrokenPipeError:  # the program that reads the output has closed it
        return 1
    except OSError as error:
        return _complain(f"{error}\n  hint: {_hint(error)}", 1)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    return code


def _flush_or_discard() -> None:
    """Flush standard output; if that fails, discard the rest without another error message."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        # Python flushes again when it exits, and would replace the exit code by 120.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _hint(error: OSError) -> str:
    if error.errno == errno.ENAMETOOLONG:
        return "use a shorter name; most file systems allow 255 bytes for each part of a path"
    return "check free space and write permission"


def _complain(text: str, code: int) -> int:
    print(f"error: {text}", file=sys.stderr)
    return code


def _settings(options: Options) -> Settings:
    environment = os.environ
    return Settings(
        cache_dir=_cache_folder(options.cache_dir),
        clock=time.time,
        default_index=environment.get("INDEXCACHE_INDEX_URL")
        or environment.get("PIP_INDEX_URL")
        or PYPI,
        behaviour=_behaviour(options.variant),
        echo=_echo if not options.quiet else _ignore,
        journal=_explain if options.verbose else _ignore,
    )


def _echo(line: str) -> None:
    print(line, flush=True)


def _explain(sentence: str) -> None:
    print(f"# {sentence}", file=sys.stderr, flush=True)


def _ignore(text: str) -> None:
    pass


def _cache_folder(named: Path | None) -> Path:
    folder = named or os.environ.get("INDEXCACHE_CACHE_DIR")
    if folder:
        return Path(folder).absolute()
    return user_cache_path("pytest-indexcache", appauthor=False) / "reference"


def _behaviour(variant: str | None) -> Behaviour:
    if variant is None:
        return CORRECT
    if variant not in VARIANTS:
        raise UsageError(
            f"there is no variant {variant!r}", hint=f"choose one of {', '.join(VARIANTS)}"
        )
    return VARIANTS[variant]


if __name__ == "__main__":
    exit_code = main()
    _flush_or_discard()
    sys.exit(exit_code)
