"""Call a project's build backend through the hooks that PEP 517 and PEP 660 define."""

from __future__ import annotations

import os
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar

from packaging.requirements import InvalidRequirement, Requirement
from pyproject_hooks import (
    BackendUnavailable,
    BuildBackendHookCaller,
    HookMissing,
    UnsupportedOperation,
)

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import BuildError
from pytest_indexcache.plain_files import LINK, unplain_entries
from pytest_indexcache.reference.build.hook_processes import run_hook
from pytest_indexcache.system.confinement import Confine, unconfined

Result = TypeVar("Result")

WheelKind = Literal["wheel", "editable"]
"""The kinds of wheels that a build backend can build; PEP 660 defines editable wheels."""

_TAIL_LINES: Final = 25
_TAIL_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class BuildSystem:
    """A project's ``[build-system]`` table (PEP 518), or default values if there is no table."""

    requires: tuple[Requirement, ...]
    backend: str
    backend_path: tuple[str, ...] = ()


def read_build_system(folder: Path) -> BuildSystem:
    """Read the ``[build-system]`` table from the project file in a source folder.

    :raises BuildError: if the project file cannot be read or the table is invalid
    """
    file = folder / "pyproject.toml"
    try:
        table = loads_toml(file.read_text("utf-8")).get("build-system")
    except FileNotFoundError:
        table = None
    except (OSError, ValueError) as error:
        raise BuildError(f"{file} cannot be read: {error}") from error
    # PEP 517: "If the pyproject.toml file is absent, or the build-backend key is missing, the
    # source tree is not using this specification, and tools should revert to the legacy behaviour".
    if table is None:
        table = {"requires": ["setuptools>=40.8.0"]}
    try:
        return BuildSystem(
            tuple(Requirement(text) for text in table["requires"]),
            str(table.get("build-backend", "setuptools.build_meta:__legacy__")),
            tuple(table.get("backend-path", ())),
        )
    except (KeyError, TypeError, AttributeError, InvalidRequirement) as error:
        raise BuildError(
            f"{file}: [build-system] is invalid: {error!r}",
            hint="see PEP 518 for what it must have",
        ) from error


class Backend:
    """Calls the hooks of a source folder's build backend, each in its own process.

    ``python`` is the path of a Python, followed by options. ``confine`` restricts each of the
    processes, and ``variables`` are their environment variables. A hook's output is shown only if
    the hook fails.
    """

    def __init__(
        self,
        source: Path,
        system: BuildSystem,
        python: Sequence[str],
        variables: Mapping[str, str],
        confine: Confine = unconfined,
    ) -> None:
        self._source = source
        self._python = python
        self._confine = confine
        self._output: Path
        self._into: Path | None = None
        self._variables = variables
        try:
            self._hooks = BuildBackendHookCaller(
                str(source),
                system.backend,
                list(system.backend_path) or None,
                runner=self._run,
            )
        except ValueError as error:
            raise BuildError(f"{source}: [build-system] is invalid: {error}") from error

    def requires(self, kind: WheelKind) -> tuple[Requirement, ...]:
        """Return the build requirements that the backend adds to ``build-system.requires``."""
        hook = (
            self._hooks.get_requires_for_build_wheel
            if kind == "wheel"
            else self._hooks.get_requires_for_build_editable
        )
        texts = self._call(hook.__name__, hook)
        try:
            return tuple(Requirement(text) for text in texts)
        except InvalidRequirement as error:
            raise BuildError(
                f"{self._source}: {hook.__name__} returned requirements that cannot be read:"
                f" {error}"
            ) from error

    def prepare_metadata(self, folder: Path) -> Path:
        """Have the backend write METADATA to a dist-info folder in ``folder``; return its path."""
        name = self._call(
            "prepare_metadata_for_build_wheel",
            lambda: self._hooks.prepare_metadata_for_build_wheel(str(folder)),
            folder,
        )
        return folder / self._basename(name)

    def build(self, kind: WheelKind, folder: Path, dist_info: Path | None = None) -> Path:
        """Have the backend build a wheel in ``folder``, and return the wheel's path.

        ``dist_info`` is the folder that :meth:`prepare_metadata` returned, if it was called before.
        """
        hook = self._hooks.build_wheel if kind == "wheel" else self._hooks.build_editable
        prepared = str(dist_info) if dist_info is not None and kind == "wheel" else None
        name = self._call(
            hook.__name__, lambda: hook(str(folder), metadata_directory=prepared), folder
        )
        return folder / self._basename(name)

    def _basename(self, name: object) -> str:
        # PEP 517: a hook "must return the basename (not the full path)" of what it made.
        if not isinstance(name, str) or Path(name).name != name or name == "..":
            raise BuildError(
                f"{self._source}: its build backend returned {name!r}, which is not a file name",
                hint="see PEP 517 for what a hook returns",
            )
        return name

    def _call(self, name: str, hook: Callable[[], Result], into: Path | None = None) -> Result:
        """Call a hook and return its result; ``into`` is the folder to which the hook writes."""
        self._into = into
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            self._output = Path(folder, "output")
            self._output.touch()
            # Deprecation warnings are for the project's maintainers, not for users who install it.
            warnings.simplefilter("ignore", UserWarning)
            try:
                return hook()
            except (HookMissing, UnsupportedOperation) as error:
                raise BuildError(
                    f"{self._source}: its build backend has no {name}",
                    hint="use another backend, or a newer release of it",
                ) from error
            except BackendUnavailable as error:
                raise BuildError(
                    f"{self._source}: its build backend {self._hooks.build_backend} cannot be"
                    f" imported\n{_indent(error.traceback or str(error))}",
                    hint="check build-backend and requires in [build-system]",
                ) from error
            except (subprocess.CalledProcessError, OSError, ValueError, KeyError) as error:
                # With the last three, the hook exited with 0, but left no readable answer.
                status = getattr(error, "returncode", None)
                verdict = f"ended with {status}" if status is not None else "returned no answer"
                raise BuildError(
                    f"{self._source}: {name} of its build backend {verdict}\n"
                    f"{_indent(_tail(self._output))}",
                ) from error

    def _run(
        self,
        cmd: Sequence[str],
        cwd: str | None = None,
        extra_environ: Mapping[str, str] | None = None,
    ) -> None:
        # The first argument is another Python, and the last is the folder for the hook's answer.
        made = (self._output.parent, Path(cmd[-1]), *filter(None, (self._into,)))
        variables = {**self._variables, **(extra_environ or {})}
        places = [os.path.realpath(folder) for folder in made]
        try:
            run_hook(
                self._python,
                cmd[1:],
                cwd,
                variables,
                self._output,
                confine=self._confine,
                named=(self._source,),
                made=made,
            )
        finally:  # the error shows the output of a hook that fails
            for folder, place in zip(made, places, strict=True):
                self._demand_plain(folder, place)

    def _demand_plain(self, folder: Path, place: str) -> None:
        """Raise BuildError if ``folder`` is a link, or contains anything but files and folders.

        ``place`` is what ``folder`` resolved to before the hook ran.
        """
        moved = [(folder, LINK)] if os.path.realpath(folder) != place else []
        for path, kind in moved or unplain_entries(folder):
            raise BuildError(
                f"{self._source}: its build backend left {path.name}, which is {kind}",
                hint="a build backend must write only regular files and folders",
            )


def _tail(output: Path) -> str:
    with output.open("rb") as file:
        file.seek(max(0, output.stat().st_size - _TAIL_BYTES))
        lines = file.read().decode("utf-8", "replace").rstrip().splitlines()
    return "\n".join(lines[-_TAIL_LINES:]) or "(it wrote nothing)"


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())
