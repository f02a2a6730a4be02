"""The errors of this package, as a tree of classes.

::

    IndexcacheError
    ├── ScenarioError             a scenario file is invalid (one or many problems)
    ├── HeaderProfileError        a header profile is unknown or invalid
    ├── FakeIndexError            a fake index cannot make a requested change
    ├── SimpleError               its message is one sentence
    │   ├── GatewayError          the gateway of the wire transport failed
    │   ├── UpstreamError         the URL of a real index cannot be requested
    │   ├── PlayError             the harness failed while playing a scenario
    │   ├── CommandError          a command line cannot be executed
    │   ├── FilterError           a filter of exchanges is invalid
    │   ├── ProbeError            a real index cannot be reached, or forbids probes
    │   └── ReferenceInstallerError   the reference installer refuses or gives up
    │       ├── UsageError            its command line or its project file is invalid
    │       ├── UnsatisfiableError    no set of releases meets the requirements
    │       ├── OfflineError          a response is not stored, and requests are forbidden
    │       ├── IndexResponseError    an index responded with an error or invalid data
    │       ├── ConnectionFailedError an index could not be reached, or closed the connection
    │       ├── HashMismatchError     a file's hash differs from the announced hash
    │       ├── InvalidDistributionError  a wheel or an sdist is broken
    │       │   └── MetadataMismatchError  its metadata differs from the index's
    │       ├── LockfileError         pylock.toml is missing, invalid or out of date
    │       └── BuildError            a build backend failed
    ├── InstallerError            an installer could not be used at all
    │   ├── InstallerSpecError    an installer spec is invalid, or names an unknown installer
    │   ├── InstallerUnavailableError  it is not available on this machine
    │   │   └── UnsupportedPythonError     it does not run in this Python
    │   ├── CapabilityError       it lacks a verb, option or feature; the play is skipped
    │   └── InstallerStartError   it is available, but does not start
    ├── ContainmentError          the kernel cannot limit a process
    ├── StoreError                the store of played results cannot be used
    ├── BaselineError             a baseline cannot be read, or is contradictory
    └── ReportError               a report cannot be written or read
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytest_indexcache.printable import printable


class IndexcacheError(Exception):
    """The base class of all errors that this package raises intentionally.

    ``message`` is built from the error's fields. ``hint`` says what to do, or is empty.
    """

    hint: str = ""

    @property
    def message(self) -> str:
        """The problem in one sentence, without the hint."""
        return super().__str__()

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


@dataclass(eq=False)
class SimpleError(IndexcacheError):
    """An error whose ``problem`` is the whole message."""

    problem: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The problem in one sentence, without the hint."""
        return self.problem


@dataclass(frozen=True)
class Problem:
    """An error or a warning about a scenario file.

    ``key_path`` is a path such as ``steps[2].expect.downloads``. Positions in the key path and line
    numbers count from 1.
    """

    text: str
    key_path: str = ""
    line: int | None = None
    hint: str = ""
    is_warning: bool = False

    def describe(self, file: Path | None) -> str:
        """Return ``file:line: key path: text (hint)``, made printable."""
        place = ":".join(str(part) for part in (file, self.line) if part is not None)
        where = ": ".join(part for part in (place, self.key_path) if part)
        what = f"warning: {self.text}" if self.is_warning else self.text
        text = f"{where}: {what}" if where else what
        return printable(f"{text} ({self.hint})" if self.hint else text)


@dataclass(eq=False)
class ScenarioError(IndexcacheError):
    """A scenario file is invalid; ``problems`` contains all problems that were found."""

    file: Path | None
    problems: tuple[Problem, ...]

    @property
    def message(self) -> str:
        """All problems, one per line."""
        return "\n".join(problem.describe(self.file) for problem in self.problems)


@dataclass(eq=False)
class HeaderProfileError(IndexcacheError):
    """A header profile is unknown, or its file is invalid."""

    profile: str
    problem: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The name of the profile and the problem."""
        return f"header profile {self.profile!r}: {self.problem}"


@dataclass(eq=False)
class FakeIndexError(IndexcacheError):
    """A fake index cannot be created, or cannot apply a change.

    ``path`` is the key path of the invalid value in the table of the index or step.
    """

    index: str
    problem: str
    hint: str = ""
    path: tuple[str | int, ...] = ()

    @property
    def message(self) -> str:
        """The name of the index and the problem."""
        return f"index {self.index!r}: {self.problem}"

    def below(self, *keys: str | int) -> FakeIndexError:
        """Return a copy of the error with ``keys`` prepended to its ``path``."""
        return FakeIndexError(self.index, self.problem, self.hint, (*keys, *self.path))


class GatewayError(SimpleError):
    """The gateway of the wire transport could not be started, or failed."""


class UpstreamError(SimpleError):
    """The URL of a real index cannot be requested."""


class ReferenceInstallerError(SimpleError):
    """The reference installer rejects a command, or cannot complete it."""


class UsageError(ReferenceInstallerError):
    """The command line or the project file is invalid."""


class UnsatisfiableError(ReferenceInstallerError):
    """No set of releases meets the requirements."""


class OfflineError(ReferenceInstallerError):
    """A required response or file is not stored, and ``--offline`` forbids requests."""


class IndexResponseError(ReferenceInstallerError):
    """An index responded with an error, or with data that is not a valid simple page."""


class ConnectionFailedError(ReferenceInstallerError):
    """An index could not be reached, or closed the connection during a response."""


class HashMismatchError(ReferenceInstallerError):
    """A file's hash differs from the announced hash."""


class InvalidDistributionError(ReferenceInstallerError):
    """A wheel or an sdist is broken."""


class MetadataMismatchError(InvalidDistributionError):
    """A distribution's metadata differs from the metadata that its index provided separately."""


class LockfileError(ReferenceInstallerError):
    """``pylock.toml`` is missing, invalid or out of date."""


class BuildError(ReferenceInstallerError):
    """A build backend failed."""


@dataclass(eq=False)
class InstallerError(IndexcacheError):
    """An installer could not be used. Such an error says nothing about how the installer caches."""

    spec: str
    problem: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The installer spec and the reason."""
        spec = self.spec if self.spec.strip() else repr(self.spec)
        return f"{spec}: {self.problem}"


class InstallerSpecError(InstallerError):
    """An installer spec is invalid, or names an installer that does not exist."""


class InstallerUnavailableError(InstallerError):
    """A release of an installer is not available on this machine.

    If the release is from a version range, the play is skipped. If the user named the release, the
    play ends in an error.
    """


class UnsupportedPythonError(InstallerUnavailableError):
    """A release of an installer does not run in the chosen Python."""


class CapabilityError(InstallerError):
    """A release lacks a feature that the scenario needs. The play is skipped."""


class InstallerStartError(InstallerError):
    """An installer is available, but does not start, or exits before it does anything."""


@dataclass(eq=False)
class ContainmentError(IndexcacheError):
    """The kernel cannot limit what a process may do: a system call is unsupported or refused."""

    act: str
    reason: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The action that failed and the reason."""
        return f"cannot {self.act}: {self.reason}"


class PlayError(SimpleError):
    """A play could not be completed, and the installer is not the reason."""


@dataclass(eq=False)
class BaselineError(IndexcacheError):
    """A baseline file cannot be read, or contradicts itself; ``key`` is the dotted TOML key."""

    file: Path
    problem: str
    key: str = ""
    hint: str = ""

    @property
    def message(self) -> str:
        """The file, the key and the problem."""
        where = ": ".join(part for part in (str(self.file), self.key) if part)
        return printable(f"{where}: {self.problem}")


@dataclass(eq=False)
class ReportError(IndexcacheError):
    """A report file cannot be read or written."""

    file: Path
    problem: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The file and the problem."""
        return printable(f"{self.file}: {self.problem}")


@dataclass(eq=False)
class StoreError(IndexcacheError):
    """The store of plays cannot be read or written."""

    file: Path
    problem: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The file and the problem."""
        return printable(f"the store {self.file}: {self.problem}")


class CommandError(SimpleError):
    """A command line cannot be executed, for example because it names a missing file."""


class FilterError(SimpleError):
    """A filter for exchanges contains an unknown kind or name."""


class ProbeError(SimpleError):
    """A real index cannot be reached, or forbids probes."""
