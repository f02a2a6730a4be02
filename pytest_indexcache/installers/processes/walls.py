"""The walls around the commands of a play: its workspace, its programs and its gateway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pytest_indexcache.installers.containment.containment import Containment, system_containment
from pytest_indexcache.installers.contract.installer import Network, Workspace


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
