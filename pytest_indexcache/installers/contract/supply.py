"""Provisioned installers, and supplies that provision an installer when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class ProvisionedInstaller:
    """An installer that is ready to use; it was started once to check that it works.

    ``executable`` is the console script or binary. ``python`` is the Python of the venv in which
    the installer is installed, or None if the installer was found on PATH or is the user's build.
    """

    name: str
    version: str
    executable: Path
    python: Path | None


class Supply:
    """Provisions an installer when it is first needed, and returns the same one on later calls.

    An adapter receives a supply. Calling it returns the :class:`ProvisionedInstaller`, or raises
    :class:`~pytest_indexcache.errors.InstallerUnavailableError` or another
    :class:`~pytest_indexcache.errors.InstallerError`. After a failure, the next call tries again.

    ``provide_for`` provisions the installer for a Python other than the running one. If it is not
    given, the same installer is used for every Python.
    """

    def __init__(
        self,
        provide: Callable[[], ProvisionedInstaller],
        version: str | None = None,
        provide_for: Callable[[Path], ProvisionedInstaller] | None = None,
    ) -> None:
        self._provide = provide
        self._version = version
        self._provide_for = provide_for
        self._of_pythons: dict[Path, ProvisionedInstaller] = {}

    def __call__(self) -> ProvisionedInstaller:
        """Return the installer; the first call provisions it."""
        return self._provided

    def for_python(self, python: Path) -> ProvisionedInstaller:
        """Return the installer for a Python; ``python`` is an executable outside any venv.

        Raises the same errors as :meth:`__call__`, and
        :class:`~pytest_indexcache.errors.UnsupportedPythonError` if the release does not support
        this Python.
        """
        if self._provide_for is None:
            return self()
        if python not in self._of_pythons:
            self._of_pythons[python] = self._provide_for(python)
        return self._of_pythons[python]

    @cached_property
    def _provided(self) -> ProvisionedInstaller:
        return self._provide()

    @property
    def version(self) -> str:
        """The installer's version; if the spec names no release, the installer is run to get it.

        Raises the same errors as :meth:`__call__`.
        """
        return self._version or self().version
