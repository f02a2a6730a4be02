"""Exits are classified by the messages of real releases."""

from __future__ import annotations

import pytest
from packaging.version import Version

from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.pdm.dialect import PdmDialect
from pytest_indexcache.installers.pip.dialect import PipDialect
from pytest_indexcache.installers.poetry.dialect import PoetryDialect
from pytest_indexcache.installers.processes.process import Finished
from pytest_indexcache.installers.uv.dialect import UvDialect

UV_PANIC = """\
thread 'main' panicked at /home/runner/.cargo/registry/src/tokio-1.36.0/src/loom/std/mod.rs:97:17:
"TOKIO_WORKER_THREADS" cannot be set to 0
stack backtrace:
"""
UV_OVERFLOW = "\nthread '<unknown>' has overflowed its stack\nfatal runtime error: stack overflow\n"
PIP_CRASH = """\
Processing ./fl/six-1.0-py3-none-any.whl
ERROR: Exception:
Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/pip/_internal/cli/base_command.py", line 188, in _main
    status = self.run(options, args)
zipfile.BadZipFile: File is not a zip file
"""
PIP_BUILD = """\
  error: subprocess-exited-with-error
  Traceback (most recent call last):
    File "/usr/lib/python3.11/site-packages/pip/_vendor/pyproject_hooks/_in_process.py", line 389
  KeyError: 'x'
ERROR: Failed to build 'file:///p' when getting requirements to build wheel
"""
PROGRAM = """\
Traceback (most recent call last):
  File "<string>", line 1, in <module>
ModuleNotFoundError: No module named 'six'
"""
POETRY_START = """\
Traceback (most recent call last):
  File "/home/me/.venv/bin/poetry", line 5, in <module>
    from poetry.console.application import main
ImportError: cannot import name 'Locker'
"""
POETRY_HASH = """\
  RuntimeError

  Hash for six (1.17.0) from archive six-1.17.0-py3-none-any.whl not found in known hashes

  at lib/python3.11/site-packages/poetry/installation/executor.py:809 in _validate_archive_hash
"""
POETRY_DEFECT = "\n  KeyError\n\n  'files'\n\n  at poetry/packages/locker.py:353 in _get_locked\n"
PDM_DEFECT = "STATUS: Resolving packages from lockfile...\n[KeyError]: 'name'\n"
PDM_NETWORK = "[ConnectionError]: HTTPSConnectionPool(host='pypi.org', port=443): refused\n"

CASES: list[tuple[type[Dialect], str, int, str, ExitKind, str]] = [
    (UvDialect, "0.1.0", 101, UV_PANIC, ExitKind.CRASH, "cannot be set to 0"),
    (UvDialect, "0.4.30", 134, UV_OVERFLOW, ExitKind.CRASH, "has overflowed its stack"),
    (UvDialect, "0.13.9", 101, "", ExitKind.CRASH, "exit code 101"),
    (
        UvDialect,
        "0.13.9",
        2,
        "thread 'main2' (4711) panicked at crates/uv/src/lib.rs:1:2:\noh\n",
        ExitKind.CRASH,
        "oh",
    ),
    (UvDialect, "0.8.23", 1, PROGRAM, ExitKind.FAILURE, ""),
    (
        UvDialect,
        "0.1.0",
        2,
        "error: unexpected argument '--bogus' found\n",
        ExitKind.USAGE,
        "unexpected argument '--bogus' found",
    ),
    (
        UvDialect,
        "0.13.9",
        2,
        "error: a value is required for '--index <INDEX>' but none was supplied\n",
        ExitKind.USAGE,
        "a value is required for",
    ),
    (
        UvDialect,
        "0.2.35",
        2,
        "error: the following required arguments were not provided:\n  <PACKAGE>\n",
        ExitKind.USAGE,
        "were not provided: <PACKAGE>",
    ),
    (
        UvDialect,
        "0.13.9",
        1,
        "error: No solution found when resolving dependencies\n",
        ExitKind.FAILURE,
        "",
    ),
    (
        UvDialect,
        "0.4.22",
        2,
        "error: Failed to deserialize cache entry\n"
        "  Caused by: data did not match any variant of untagged enum CacheInfoWire\n",
        ExitKind.FAILURE,
        "",
    ),
    (PipDialect, "20.2.3", 2, PIP_CRASH, ExitKind.CRASH, "zipfile.BadZipFile: File is not a zip"),
    (PipDialect, "26.3", 1, PIP_BUILD, ExitKind.FAILURE, ""),
    (PipDialect, "26.3", 2, "\nno such option: --bogus\n", ExitKind.USAGE, "no such option"),
    (PipDialect, "19.2.3", 1, 'ERROR: unknown command "lock"\n', ExitKind.USAGE, "unknown command"),
    (
        PipDialect,
        "22.3",
        2,
        "\noption --timeout: invalid floating-point value: 'x'\n",
        ExitKind.USAGE,
        "invalid floating-point value",
    ),
    (
        PipDialect,
        "26.1.2",
        2,
        "\n--timeout option requires 1 argument\n",
        ExitKind.USAGE,
        "requires",
    ),
    (PoetryDialect, "2.5.1", 1, POETRY_START, ExitKind.CRASH, "cannot import name 'Locker'"),
    (PoetryDialect, "1.8.0", 1, POETRY_DEFECT, ExitKind.CRASH, "KeyError"),
    (PoetryDialect, "1.8.0", 1, POETRY_HASH, ExitKind.FAILURE, ""),
    (PoetryDialect, "2.5.1", 1, PROGRAM, ExitKind.FAILURE, ""),
    (
        PoetryDialect,
        "2.5.1",
        1,
        '\nThe option "--bogus" does not exist\n',
        ExitKind.USAGE,
        "--bogus",
    ),
    (
        PoetryDialect,
        "2.1.3",
        1,
        '\nNo arguments expected for "sync" command, got "extra-arg"\n',
        ExitKind.USAGE,
        "extra-arg",
    ),
    *(
        (PoetryDialect, release, 1, output, ExitKind.USAGE, note)
        for release, output, note in (
            ("2.5.1", "\nThe requested command does not exist in the self namespace.\n", "self"),
            ("1.8.0", '\nThe command "self" does not exist.\n', '"self"'),
            (
                "2.5.1",
                '\nToo many arguments to "show" command, expected arguments "package"\n',
                "show",
            ),
            (
                "2.5.1",
                "\nThe Poetry configuration is invalid:\n"
                "  - tool.poetry.source[0] must contain ['name'] properties\n",
                "tool.poetry.source[0] must contain",
            ),
        )
    ),
    (
        PipDialect,
        "20.0.1",
        1,
        'ERROR: You must give at least one requirement to install (see "pip help install")\n',
        ExitKind.USAGE,
        "at least one requirement",
    ),
    (
        PdmDialect,
        "2.29.3",
        1,
        "[PdmUsageError]: Invalid strategy flag: foo, supported: inherit_metadata\n",
        ExitKind.USAGE,
        "strategy flag: foo",
    ),
    (PdmDialect, "2.29.4", 1, PDM_DEFECT, ExitKind.CRASH, "[KeyError]: 'name'"),
    (PdmDialect, "2.12.4", 1, PDM_NETWORK, ExitKind.FAILURE, ""),
    (
        PdmDialect,
        "2.0.0",
        2,
        "Usage: pdm install [-h]\npdm install: error: argument -G/--group: expected one argument\n",
        ExitKind.USAGE,
        "argument -G/--group: expected one argument",
    ),
    (
        PdmDialect,
        "2.0.0",
        1,
        "[PdmUsageError]: Must specify at least one package or editable package.\n",
        ExitKind.USAGE,
        "Must specify",
    ),
]


@pytest.mark.parametrize(("dialect", "release", "code", "output", "kind", "note"), CASES)
def test_exit_is_told_by_the_words_of_the_installer(
    dialect: type[Dialect], release: str, code: int, output: str, kind: ExitKind, note: str
) -> None:
    """Crashes and usage errors are distinguished from failures by the installer's messages."""
    finished = Finished(code, output, timed_out=False, seconds=0.1, truncated=False)
    found = dialect(Version(release)).exit_of(finished, 120)
    assert found.kind is kind
    assert note in found.note
    assert bool(found.note) is bool(note)


@pytest.mark.parametrize(
    ("code", "timed_out", "kind", "note"),
    [
        (0, False, ExitKind.SUCCESS, ""),
        (None, True, ExitKind.HANG, "it did not end within 120 s"),
        (-6, False, ExitKind.CRASH, "it ended with SIGABRT"),
        (-11, False, ExitKind.CRASH, "it ended with SIGSEGV"),
        (-9, False, ExitKind.KILLED, "SIGKILL ended it in the middle of a step"),
    ],
)
def test_exit_without_words_is_told_by_its_code(
    code: int | None, timed_out: bool, kind: ExitKind, note: str
) -> None:
    """A time limit or a signal is recognised without any output."""
    finished = Finished(code, "", timed_out=timed_out, seconds=0.1, truncated=False)
    found = UvDialect(Version("0.13.9")).exit_of(finished, 120)
    assert (found.kind, found.note) == (kind, note)
