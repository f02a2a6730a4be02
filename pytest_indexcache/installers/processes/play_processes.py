"""The containment of a play's processes: they can use the play's workspace, programs and proxy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from pytest_indexcache.installers.containment.containment import Containment, system_containment
from pytest_indexcache.installers.containment.forks import FORK_PROGRAM, SHARED, fork_limits
from pytest_indexcache.installers.containment.kernel import kernel_support
from pytest_indexcache.installers.containment.starts import start_contained
from pytest_indexcache.installers.containment.strays import (
    EndStrays,
    child_processes,
    ending_strays,
    is_contained,
)
from pytest_indexcache.installers.contract.installer import Network, Workspace
from pytest_indexcache.installers.processes.waiting_python import ForkContainment, waiting_processes
from pytest_indexcache.system.confinement import Confinement


def workspace_containment(
    workspace: Workspace,
    *programs: Path,
    network: Network | None = None,
    is_read_only: bool = False,
) -> Containment | None:
    """Return a containment that allows only the workspace, the given programs and the proxy.

    The result is None if the workspace is not contained. A program inside the workspace does not
    extend the containment, because it may be a link that an installer made to a program outside.
    With ``is_read_only``, processes cannot write to the workspace.
    """
    if not workspace.is_contained:
        return None
    root = workspace.root.resolve()
    port = urlsplit(network.proxy_url or "").port if network else None
    ca_file = network.ca_file if network else None
    outside = [program for program in programs if not _lies_in(workspace, program)]
    return system_containment(
        *(() if is_read_only else (root,)),
        readable=(ca_file,) if ca_file else (),
        executable=(root, *(path for program in outside for path in program_paths(program))),
        tcp_ports=(port,) if port else (),
    )


def _lies_in(workspace: Workspace, path: Path) -> bool:
    """Return whether a path is in the workspace, without following links."""
    return path.is_relative_to(workspace.root) or path.is_relative_to(workspace.root.resolve())


def confinement_of(containment: Containment | None) -> Confinement:
    """Return an object that starts processes in the containment, or uncontained if it is None."""
    if containment is None:
        return Confinement()
    return Confinement(start=partial(start_contained, containment))


def fork_containment(containment: Containment | None) -> ForkContainment:
    """Return the containment for a waiting Python and for the forks that handle its requests."""
    if containment is None:
        return ForkContainment()
    return ForkContainment(
        start=partial(start_contained, SHARED),
        program=FORK_PROGRAM,
        limits=fork_limits(containment, kernel_support().landlock_abi),
    )


@dataclass(frozen=True)
class ReferenceContainment:
    """Restricts the processes that the reference installer starts during a play.

    The reference installer itself runs in this process, without containment, and trusts the files
    that it keeps in the workspace. The processes that it starts can therefore only write to the
    folders that it gives them, to the workspace's home folder and to the build log. They can read
    the rest of the workspace, including the stores and the venvs. ``pythons`` are the Pythons that
    the scenario names; no other programs outside the workspace can be run.
    """

    workspace: Workspace
    pythons: frozenset[Path]

    def __call__(
        self, program: Path, named: Sequence[Path] = (), made: Sequence[Path] = ()
    ) -> Confinement:
        """Return the confinement for a program, which may write to ``named`` and ``made`` folders.

        ``named`` folders are those that the user specified; if they are outside the workspace, they
        are ignored. ``made`` folders were created for the program.
        """
        root, real = self.workspace.root.resolve(), program.resolve()
        inside = [path for path in named if path.resolve().is_relative_to(root)]
        is_known = real in self.pythons
        containment = system_containment(
            *(path.resolve() for path in (self.workspace.home, self.workspace.build_log)),
            *(path.resolve() for path in (*inside, *made)),
            readable=(root,),
            executable=(root, python_prefix(real)) if is_known else (root,),
        )
        return confinement_of(containment)


def working_processes() -> frozenset[int]:
    """Return the ids of this process's children that are working for a play.

    They are the waiting Pythons that are handling a request, and all contained children, including
    orphaned processes that this process has adopted.
    """
    at_work = waiting_processes(at_work=True)
    if not kernel_support().can_contain:
        return at_work
    children = child_processes() - waiting_processes()
    return at_work.union(filter(is_contained, children))


@contextmanager
def guarded(workspace: Workspace) -> Iterator[EndStrays]:
    """Yield a function that ends the processes a step left behind; it is called again on exit."""
    if not workspace.is_contained:
        yield lambda: None
        return
    with ending_strays(waiting_processes) as end:
        yield end


@cache
def program_paths(program: Path) -> tuple[Path, ...]:
    """Return the paths that a program outside any workspace needs in order to run.

    These are the program's file, or its venv and the Python of that venv. For a script, the
    interpreter in its first line is added; for a pyenv shim, the folder of pyenv's versions. The
    result is cached because every step of every play needs it.
    """
    return tuple(dict.fromkeys(_paths_of(program)))


def _paths_of(program: Path) -> Iterator[Path]:
    for path in dict.fromkeys((program, program.resolve())):
        folder = path.parent.parent
        if (folder / "pyvenv.cfg").is_file():
            yield folder
            yield from _base_of(folder)
        elif path.parent.name == "shims":
            yield folder
        else:
            yield path
            yield from _interpreter_of(path)


def _interpreter_of(script: Path) -> Iterator[Path]:
    """Yield the interpreter that the first line of a file names, if the file is a script."""
    try:
        with script.open("rb") as file:
            first = file.readline(512)
    except OSError:
        return
    words = first[2:].decode("utf-8", "replace").split() if first.startswith(b"#!") else []
    if words and Path(words[0]).is_absolute():
        yield python_prefix(Path(words[0]))


def python_prefix(python: Path) -> Path:
    """Return a Python's installation folder.

    If the home folder is inside that folder, only the Python's own file is returned, because
    programs that can use the result must not be able to read the home folder.
    """
    real = python.resolve()
    prefix = real.parent.parent
    return real if Path("~").expanduser().is_relative_to(prefix) else prefix


def _base_of(venv: Path) -> Iterator[Path]:
    """Yield the folder of the Python from which a venv was created (PEP 405: ``home``)."""
    for name in ("python", "python3"):
        python = venv / "bin" / name
        if python.exists():
            yield python_prefix(python)
            return
