"""Set up installers' environment variables, independently of the user's own environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.contract.installer import Network, Workspace
from pytest_indexcache.system.atomic_files import write_atomically

NOWHERE: Final = "http://127.0.0.1:9"
"""A proxy address at which nothing answers (port 9, RFC 863), for steps without a network."""

_LARGEST_GUARD: Final = 1000
"""The maximum size, in bytes, of the ``pyproject.toml`` that stops an installer's search."""

_ON_WINDOWS: Final = os.name == "nt"

_NEEDED_BY_WINDOWS: Final = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT")
"""The variables to inherit on Windows, where no program can start or open a socket otherwise."""

_SYSTEM_FOLDERS: Final = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")

_PLACE: Final = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
"""Variables that set the locale and time zone, which otherwise differ between machines."""

FIXED_VARIABLES: Final = {
    **_PLACE,
    "TERM": "dumb",
    "NO_COLOR": "1",
    "COLUMNS": "160",
    "NETRC": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    # If a build backend is edited twice within a second, a stale .pyc would falsify results.
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUTF8": "1",
    # Without this variable, uv and keyring find the user's D-Bus, and so the user's passwords.
    "DBUS_SESSION_BUS_ADDRESS": "disabled:",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    "VIRTUALENV_CONFIG_FILE": os.devnull,
    "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
    # With os.devnull, pip does not read any configuration, not even next to its Python.
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_KEYRING_PROVIDER": "disabled",
    "PIP_NO_INPUT": "1",
    "PIP_PROGRESS_BAR": "off",
    # UV_NO_CONFIG is not set: uv would then ignore [tool.uv] in the project, too.
    "UV_KEYRING_PROVIDER": "disabled",
    "UV_NO_PROGRESS": "1",
    "UV_NO_SYSTEM_CONFIG": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    # One variable under two names: uv 0.13 has the second.
    "UV_TEST_NO_HTTP_RETRY_DELAY": "1",
    "UV_INTERNAL__TEST_NO_HTTP_RETRY_DELAY": "1",
    "POETRY_KEYRING_ENABLED": "false",
    "POETRY_NO_INTERACTION": "1",
    "PDM_CHECK_UPDATE": "0",
    "PDM_NON_INTERACTIVE": "1",
}


def clean_environment(workspace: Workspace, network: Network, python: Path) -> dict[str, str]:
    """Return the complete environment for a command, and create the folders that it names.

    Only the variables that Windows needs are inherited. HOME, the folders of the XDG base directory
    specification and the temporary folder are in the workspace. The proxy and the certificates come
    from ``network``; without a proxy, no host can be reached. A netrc file in ``workspace.home`` is
    used, unless it is a link. ``PATH`` begins with the folder of ``python``, followed by the
    system's folders.
    """
    environment = bare_environment() | FIXED_VARIABLES
    environment["PATH"] = os.pathsep.join((str(python.parent), *_system_folders()))
    # poetry and build backends ask git which files of a project are ignored.
    environment["GIT_CEILING_DIRECTORIES"] = str(workspace.root.resolve())
    environment["INDEXCACHE_BUILD_LOG"] = str(workspace.build_log)
    netrc = workspace.home / ".netrc"
    if netrc.is_file() and not netrc.is_symlink():
        environment["NETRC"] = str(netrc)
    folders = _folders(workspace)
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    # Without this file uv reads /etc/uv/uv.toml.
    _write_unless_there(workspace, folders["XDG_CONFIG_DIRS"] / "uv" / "uv.toml", "")
    environment |= {name: str(folder) for name, folder in folders.items()}
    return environment | network_variables(network)


def bare_environment() -> dict[str, str]:
    """Return the complete environment for a process that imports packages that a step installed.

    Apart from the variables that Windows needs, none are inherited: the variables of the test run
    may contain passwords, and a package could print them.
    """
    inherited = _NEEDED_BY_WINDOWS if _ON_WINDOWS else ()
    return {name: os.environ[name] for name in inherited if name in os.environ} | _PLACE


def _system_folders() -> tuple[str, ...]:
    if not _ON_WINDOWS:
        return _SYSTEM_FOLDERS
    root = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"))
    return str(root / "System32"), str(root)


def _folders(workspace: Workspace) -> dict[str, Path]:
    home = workspace.home
    temporary = home / "tmp"
    folders = {
        "HOME": home,
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_STATE_HOME": home / ".local" / "state",
        "XDG_CACHE_HOME": workspace.cache,
        "XDG_CONFIG_DIRS": home / "system" / "config",
        "XDG_DATA_DIRS": home / "system" / "data",
        "TMPDIR": temporary,
    }
    if _ON_WINDOWS:
        folders |= {
            "USERPROFILE": home,
            "APPDATA": home / "AppData" / "Roaming",
            "LOCALAPPDATA": home / "AppData" / "Local",
            "PROGRAMDATA": home / "system" / "data",
            "TEMP": temporary,
            "TMP": temporary,
        }
    return folders


def end_searches(workspace: Workspace, files: Mapping[str, str], *, goes_on: str = "") -> None:
    """Write files that end an installer's search for projects and settings in parent folders.

    Installers search every parent folder for a project, a uv or PDM workspace, and settings.
    Without these files in the root of the play's workspace, an installer could find unrelated files
    above it. Files that are already there, such as the scenario's, are kept. ``goes_on`` names an
    installer that only stops at the ``pyproject.toml`` in ``files``. If the scenario puts its own
    ``pyproject.toml`` into the root, that installer also searches the folders above the root.

    :raises PlayError: if the installer would find a project or settings in those folders
    """
    for name, text in files.items():
        _write_unless_there(workspace, workspace.root / name, text)
    if goes_on:
        _demand_guard(workspace, goes_on, files["pyproject.toml"])


def _demand_guard(workspace: Workspace, installer: str, text: str) -> None:
    """Raise PlayError if a search continues above the root and would find a project or settings.

    It continues unless the root's ``pyproject.toml`` consists of ``text``.
    """
    guard = workspace.root / "pyproject.toml"
    is_plain = guard.is_file() and not guard.is_symlink()
    if is_plain and guard.stat().st_size < _LARGEST_GUARD and guard.read_text("utf-8") == text:
        return
    names = ("pyproject.toml", f"{installer}.toml")
    files = (folder / name for folder in workspace.root.resolve().parents for name in names)
    file = next((file for file in files if file.is_file()), None)
    if file is not None:
        raise PlayError(
            f"the scenario puts a pyproject.toml into the workspace's root, so "
            f"{installer} also searches the folders above it, and finds {file}",
            "play in a folder outside any project: set TMPDIR, or --basetemp of pytest",
        )


def demand_no_workspace_above(workspace: Workspace, installer: str) -> None:
    """Raise PlayError if the installer would find a workspace in a folder above the play's.

    This is for an installer that searches all parent folders and opens every project file there. If
    the play is contained, opening such a file is forbidden, so any project file above the workspace
    is an error.

    :raises PlayError: naming the project file
    """
    for folder in workspace.root.resolve().parents:
        file = folder / "pyproject.toml"
        if file.is_file() and (workspace.is_contained or _has_workspace(file, installer)):
            raise PlayError(
                f"{installer} looks for a workspace in every folder above the play's, and finds "
                f"{file}",
                "play in a folder outside any project: set TMPDIR, or --basetemp of pytest",
            )


def _has_workspace(file: Path, installer: str) -> bool:
    try:
        tool = loads_toml(file.read_text("utf-8")).get("tool")
    except (OSError, ValueError):
        return False
    table = tool.get(installer) if isinstance(tool, Mapping) else None
    return isinstance(table, Mapping) and "workspace" in table


def _write_unless_there(workspace: Workspace, file: Path, text: str) -> None:
    if not file.exists():
        write_in_workspace(workspace, file, text)


def write_in_workspace(workspace: Workspace, file: Path, text: str) -> None:
    """Write a file in a workspace, without following a symlink that is in its place.

    A process of the installer may have put a link there, which could point to any file.

    :raises PlayError: if the file's folder has become a link to somewhere outside the workspace
    """
    if not file.parent.resolve().is_relative_to(workspace.root.resolve()):
        raise PlayError(
            f"nothing is written to {file.relative_to(workspace.root)}: it leads out of the "
            "workspace by a symlink",
            "check the files of the scenario, and the commands that the step ran",
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.is_symlink():
        file.unlink()
    # A command of another step may be reading it at the same time.
    write_atomically(file, text.encode())


def network_variables(network: Network) -> dict[str, str]:
    """Return the variables that make programs use a network's proxy and trust its certificates."""
    proxy = network.proxy_url or NOWHERE
    variables = {}
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        variables[name] = variables[name.lower()] = proxy
    variables["NO_PROXY"] = variables["no_proxy"] = ""
    if network.ca_file is not None:
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT"):
            variables[name] = str(network.ca_file)
    return variables
