"""A project's build backend, asked through the hooks of PEP 517 and PEP 660."""

from __future__ import annotations

import os
import subprocess
import tempfile
import tomllib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal, TypeVar

from packaging.requirements import InvalidRequirement, Requirement
from pyproject_hooks import (
    BackendUnavailable,
    BuildBackendHookCaller,
    HookMissing,
    UnsupportedOperation,
)

from pytest_indexcache.errors import BuildError

Result = TypeVar("Result")

Wish = Literal["wheel", "editable"]
"""What a backend is asked to build."""

_TAIL_LINES: Final = 25
_TAIL_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class BuildSystem:
    """The ``[build-system]`` table of a project (PEP 518), or what stands for a missing one."""

    requires: tuple[Requirement, ...]
    backend: str
    backend_path: tuple[str, ...] = ()


def read_build_system(folder: Path) -> BuildSystem:
    """Read which backend a source folder has.

    :raises BuildError: if its project file cannot be read or the table is wrong
    """
    file = folder / "pyproject.toml"
    try:
        table = tomllib.loads(file.read_text("utf-8")).get("build-system")
    except FileNotFoundError:
        table = None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
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
            f"{file}: [build-system] is wrong: {error!r}", hint="see PEP 518 for what it must have"
        ) from error


class Backend:
    """Calls the hooks of a source folder's backend, each in a process of its own.

    ``python`` is the one to start, with ``flags``; ``variables`` are set for it, and its output is
    shown only when a hook fails.
    """

    def __init__(
        self,
        source: Path,
        system: BuildSystem,
        python: Path,
        *,
        flags: Sequence[str] = (),
        variables: Mapping[str, str],
    ) -> None:
        self._source = source
        self._flags = tuple(flags)
        self._output: IO[bytes]
        self._variables = variables
        try:
            self._hooks = BuildBackendHookCaller(
                str(source),
                system.backend,
                list(system.backend_path) or None,
                runner=self._run,
                python_executable=str(python),
            )
        except ValueError as error:
            raise BuildError(f"{source}: [build-system] is wrong: {error}") from error

    def requires(self, wish: Wish) -> tuple[Requirement, ...]:
        """Return what the backend requires besides ``build-system.requires``."""
        hook = (
            self._hooks.get_requires_for_build_wheel
            if wish == "wheel"
            else self._hooks.get_requires_for_build_editable
        )
        texts = self._call(hook.__name__, hook)
        try:
            return tuple(Requirement(text) for text in texts)
        except InvalidRequirement as error:
            raise BuildError(f"{self._source}: {hook.__name__} gave nonsense: {error}") from error

    def prepare_metadata(self, folder: Path) -> Path:
        """Have METADATA written into ``folder``, and return the dist-info folder that it is in."""
        name = self._call(
            "prepare_metadata_for_build_wheel",
            lambda: self._hooks.prepare_metadata_for_build_wheel(str(folder)),
        )
        return folder / name

    def build(self, wish: Wish, folder: Path, dist_info: Path | None = None) -> Path:
        """Have a wheel built into ``folder``, and return its path.

        ``dist_info`` is what :meth:`prepare_metadata` gave, where it was asked before.
        """
        hook = self._hooks.build_wheel if wish == "wheel" else self._hooks.build_editable
        prepared = str(dist_info) if dist_info is not None and wish == "wheel" else None
        name = self._call(hook.__name__, lambda: hook(str(folder), metadata_directory=prepared))
        return folder / name

    def _call(self, name: str, hook: Callable[[], Result]) -> Result:
        with tempfile.TemporaryFile() as self._output, warnings.catch_warnings():
            # Deprecations are for whoever keeps the project, not for whoever installs it.
            warnings.simplefilter("ignore", UserWarning)
            try:
                return hook()
            except (HookMissing, UnsupportedOperation) as error:
                raise BuildError(
                    f"{self._source}: its build backend has no {name}",
                    hint="another backend, or a newer one, may have it",
                ) from error
            except BackendUnavailable as error:
                raise BuildError(
                    f"{self._source}: its build backend {self._hooks.build_backend} cannot be"
                    f" imported\n{_indent(error.traceback or str(error))}",
                    hint="see to build-backend and requires in [build-system]",
                ) from error
            except (subprocess.CalledProcessError, OSError, ValueError, KeyError) as error:
                # The latter three: the process ended well and left no answer that can be read.
                status = getattr(error, "returncode", None)
                verdict = f"ended with {status}" if status is not None else "gave no answer"
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
        python, *arguments = cmd
        subprocess.run(
            [python, *self._flags, *arguments],
            cwd=cwd,
            env={**self._variables, **(extra_environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            check=True,
        )


def _tail(output: IO[bytes]) -> str:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - _TAIL_BYTES))
    lines = output.read().decode("utf-8", "replace").rstrip().splitlines()
    return "\n".join(lines[-_TAIL_LINES:]) or "(it wrote nothing)"


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())
