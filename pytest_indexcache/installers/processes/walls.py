"""The walls around what a play starts: its workspace, its programs and its gateway."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from pytest_indexcache.installers.containment.containment import Containment, system_containment
from pytest_indexcache.installers.containment.forks import FORK_CODE, SHARED, fork_limits
from pytest_indexcache.installers.containment.kernel import kernel_walls
from pytest_indexcache.installers.containment.starts import start_contained
from pytest_indexcache.installers.containment.strays import EndStrays, ending_strays
from pytest_indexcache.installers.contract.installer import Network, Workspace
from pytest_indexcache.reference.confinement import Confine, Confinement, unconfined
from pytest_indexcache.reference.installing.waiting_python import waiting_processes


def workspace_walls(
    workspace: Workspace, *programs: Path, network: Network | None = None
) -> Containment | None:
    """Return walls that leave the workspace and these programs usable, and the network's proxy.

    None where the workspace is not contained.
    """
    if not workspace.is_contained:
        return None
    port = urlsplit(network.proxy_url or "").port if network else None
    ca_file = network.ca_file if network else None
    return system_containment(
        workspace.root.resolve(),
        readable=(ca_file,) if ca_file else (),
        executable=tuple(path for program in programs for path in program_paths(program)),
        tcp_ports=(port,) if port else (),
    )


def confinement_of(containment: Containment | None) -> Confinement:
    """Return the walls for a process, or for a fork of a Python that waits."""
    if containment is None:
        return Confinement()
    return Confinement(
        start=partial(start_contained, containment),
        start_waiting=partial(start_contained, SHARED),
        fork_code=FORK_CODE,
        limits=fork_limits(containment, kernel_walls().landlock_abi),
    )


def reference_walls(workspace: Workspace) -> Confine:
    """Return what makes the walls around processes that the reference installer starts.

    It runs in this process and goes on with what it finds afterwards. So they write in the folders
    that it gives them, in the home folder and in the log of builds; the rest of the workspace,
    with the stores and the venvs, can be read.
    """
    if not workspace.is_contained:
        return unconfined

    def confine(program: Path, folders: Sequence[Path] = ()) -> Confinement:
        root = workspace.root.resolve()
        own = (workspace.home, workspace.build_log, *folders)
        walls = system_containment(
            *(path.resolve() for path in own),
            readable=(root,),
            executable=(root, *program_paths(program), python_prefix(program)),
        )
        return confinement_of(walls)

    return confine


@contextmanager
def guarded(workspace: Workspace) -> Iterator[EndStrays]:
    """Give what ends processes that a step left running; the end of the play does, too."""
    if not workspace.is_contained:
        yield lambda: None
        return
    with ending_strays(waiting_processes) as end:
        yield end


def program_paths(program: Path) -> Iterator[Path]:
    """Yield the paths that a program needs: the file, or its venv with the Python of that."""
    for path in dict.fromkeys((program, program.resolve())):
        folder = path.parent.parent
        if (folder / "pyvenv.cfg").is_file():
            yield folder
            yield from _base_of(folder)
        else:
            yield path


def python_prefix(python: Path) -> Path:
    """Return the folder that a Python outside any venv is installed in; its file in a home."""
    real = python.resolve()
    prefix = real.parent.parent
    return real if Path("~").expanduser().is_relative_to(prefix) else prefix


def _base_of(venv: Path) -> Iterator[Path]:
    """Yield the folder of the Python that a venv was made from (PEP 405: ``home``)."""
    for name in ("python", "python3"):
        python = venv / "bin" / name
        if python.exists():
            yield python_prefix(python)
            return
