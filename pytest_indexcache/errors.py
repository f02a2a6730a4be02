"""The tree of errors: data first, the text made of it, and what to do about it.

::

    IndexcacheError
    ├── ScenarioError             a scenario file is wrong (one or many problems)
    ├── HeaderProfileError        a header profile is unknown or wrong
    ├── FakeIndexError            a fake index cannot do what a change asks of it
    ├── ToldError                 one sentence tells it
    │   ├── GatewayError          the way onto the wire broke
    │   ├── UpstreamError         a real index cannot be asked as it is named
    │   ├── PlayError             the harness broke while it played a scenario
    │   ├── CommandError          a command line names what is not there
    │   ├── FilterError           a filter of exchanges asks for what cannot be
    │   ├── ProbeError            a real index cannot be asked, or asks to be left alone
    │   └── ReferenceInstallerError   the reference installer refuses or gives up
    │       ├── UsageError            its command line or its project file is wrong
    │       ├── UnsatisfiableError    no set of releases meets the requirements
    │       ├── OfflineError          no store has what is needed, and asking is forbidden
    │       ├── IndexResponseError    an index answered with an error, or with nonsense
    │       ├── ConnectionFailedError an index could not be reached, or broke off
    │       ├── HashMismatchError     the bytes are not those that were promised
    │       ├── InvalidDistributionError  a wheel or an sdist is broken
    │       ├── LockfileError         pylock.toml is missing, wrong or out of date
    │       └── BuildError            a build backend failed
    ├── InstallerError            an installer could not be used at all
    │   ├── InstallerSpecError    an installer spec cannot be read
    │   ├── InstallerUnavailableError  it cannot be had here
    │   │   └── UnsupportedPythonError     it does not run in this Python
    │   ├── CapabilityError       it has no such verb, option or feature: skipped
    │   └── InstallerStartError   it is there, but does not start
    ├── ContainmentError          a process cannot be contained by the kernel
    ├── StoreError                the store of what was played cannot be used
    ├── BaselineError             a baseline cannot be read, or says what cannot be
    └── ReportError               a report cannot be written, or not be read back
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytest_indexcache.printable import printable


class IndexcacheError(Exception):
    """The root of every error that this package raises on purpose.

    Subclasses are dataclasses whose fields hold the data; ``message`` makes the sentence and
    ``hint`` says what to do, or is empty.
    """

    hint: str = ""

    @property
    def message(self) -> str:
        """What is wrong, in one sentence, without the hint."""
        return super().__str__()

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


@dataclass(eq=False)
class ToldError(IndexcacheError):
    """An error that one sentence tells."""

    problem: str
    hint: str = ""

    @property
    def message(self) -> str:
        """What is wrong."""
        return self.problem


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a scenario file, or only doubtful: then it is a warning.

    ``key_path`` is dotted as TOML writes it (``steps[2].expect.downloads``); positions in arrays
    and lines count from 1, as steps do.
    """

    text: str
    key_path: str = ""
    line: int | None = None
    hint: str = ""
    is_warning: bool = False

    def describe(self, file: Path | None) -> str:
        """Write the problem as ``file:line: key path: text (hint)``, fit for a terminal."""
        place = ":".join(str(part) for part in (file, self.line) if part is not None)
        where = ": ".join(part for part in (place, self.key_path) if part)
        what = f"warning: {self.text}" if self.is_warning else self.text
        text = f"{where}: {what}" if where else what
        return printable(f"{text} ({self.hint})" if self.hint else text)


@dataclass(eq=False)
class ScenarioError(IndexcacheError):
    """A scenario file is wrong; every problem that was found is listed."""

    file: Path | None
    problems: tuple[Problem, ...]

    @property
    def message(self) -> str:
        """Every problem, one a line."""
        return "\n".join(problem.describe(self.file) for problem in self.problems)


@dataclass(eq=False)
class HeaderProfileError(IndexcacheError):
    """A header profile is unknown, or its file is wrong."""

    profile: str
    problem: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The profile and what is wrong with it."""
        return f"header profile {self.profile!r}: {self.problem}"


@dataclass(eq=False)
class FakeIndexError(IndexcacheError):
    """A fake index cannot do what a scenario or a change asks of it.

    ``path`` leads from the index's table, or from the step, to the value that is wrong.
    """

    index: str
    problem: str
    hint: str = ""
    path: tuple[str | int, ...] = ()

    @property
    def message(self) -> str:
        """The index and what it cannot do."""
        return f"index {self.index!r}: {self.problem}"

    def below(self, *keys: str | int) -> FakeIndexError:
        """Return the same error with a path that begins further up."""
        return FakeIndexError(self.index, self.problem, self.hint, (*keys, *self.path))


class GatewayError(ToldError):
    """The way onto the wire could not be set up, or broke."""


class UpstreamError(ToldError):
    """A real index cannot be asked as it is named: its URL is not one that can be asked."""


class ReferenceInstallerError(ToldError):
    """The reference installer refuses a command or gives up on it."""


class UsageError(ReferenceInstallerError):
    """The command line or the project file is wrong."""


class UnsatisfiableError(ReferenceInstallerError):
    """No set of releases meets the requirements."""


class OfflineError(ReferenceInstallerError):
    """Something is needed that no store holds, and ``--offline`` forbids asking an index."""


class IndexResponseError(ReferenceInstallerError):
    """An index answered with an error, or with something that is no simple page."""


class ConnectionFailedError(ReferenceInstallerError):
    """An index could not be reached, or broke off in the middle of an answer."""


class HashMismatchError(ReferenceInstallerError):
    """The bytes that came are not those whose hash was promised."""


class InvalidDistributionError(ReferenceInstallerError):
    """A wheel or an sdist is broken."""


class MetadataMismatchError(InvalidDistributionError):
    """A distribution says something else of itself than its index said of it."""


class LockfileError(ReferenceInstallerError):
    """``pylock.toml`` is missing, wrong or out of date."""


class BuildError(ReferenceInstallerError):
    """A build backend failed."""


@dataclass(eq=False)
class InstallerError(IndexcacheError):
    """An installer could not be used at all, which says nothing about its caching."""

    spec: str
    problem: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The installer spec and the reason."""
        return f"{self.spec}: {self.problem}"


class InstallerSpecError(InstallerError):
    """An installer spec cannot be read."""


class InstallerUnavailableError(InstallerError):
    """An installer, or this release of it, cannot be had on this machine.

    Plays with a release that lies in a range are skipped; what was named and is not there is an
    error.
    """


class UnsupportedPythonError(InstallerUnavailableError):
    """A release of an installer does not run in the Python that it is wanted for."""


class CapabilityError(InstallerError):
    """An installer, or this release of it, lacks what a scenario needs; the play is skipped."""


class InstallerStartError(InstallerError):
    """An installer is there, but it cannot be started, or breaks before it does anything."""


@dataclass(eq=False)
class ContainmentError(IndexcacheError):
    """A process cannot be contained: this kernel cannot, or refuses to, do what is needed."""

    act: str
    reason: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The act that failed, and the reason."""
        return f"cannot {self.act}: {self.reason}"


class PlayError(ToldError):
    """The harness broke while it played a scenario; the installer is not to blame."""


@dataclass(eq=False)
class BaselineError(IndexcacheError):
    """A baseline cannot be read, or says what cannot be; ``key`` is dotted as TOML writes it."""

    file: Path
    problem: str
    key: str = ""
    hint: str = ""

    @property
    def message(self) -> str:
        """The file, the key and what is wrong with it."""
        where = ": ".join(part for part in (str(self.file), self.key) if part)
        return printable(f"{where}: {self.problem}")


@dataclass(eq=False)
class ReportError(IndexcacheError):
    """A report cannot be written there, or cannot be read back."""

    file: Path
    problem: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The file and what is wrong with it."""
        return printable(f"{self.file}: {self.problem}")


@dataclass(eq=False)
class StoreError(IndexcacheError):
    """The store of what was played cannot be read or written."""

    file: Path
    problem: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The file and what is wrong with it."""
        return printable(f"the store {self.file}: {self.problem}")


class CommandError(ToldError):
    """A command line names what is not there, or asks for what makes no sense."""


class FilterError(ToldError):
    """A filter of exchanges asks for a kind of request, or for a name, that cannot be."""


class ProbeError(ToldError):
    """A real index cannot be asked, or asks to be left alone."""
