"""The environment variables of installers, which do not depend on those of pytest."""

from __future__ import annotations

import os
import re
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.contract.installer import Network, Workspace
from pytest_indexcache.installers.processes.isolation import (
    NOWHERE,
    clean_environment,
    demand_no_workspace_above,
    end_searches,
    write_in_workspace,
)

PYTHON = Path("/opt/python/bin/python3.11")

POISON = {
    "PIP_INDEX_URL": "https://poison.invalid/simple",
    "PIP_EXTRA_INDEX_URL": "https://poison.invalid/simple",
    "PIP_CONFIG_FILE": "/poison/pip.conf",
    "PIP_NO_CACHE_DIR": "1",
    "UV_INDEX": "https://poison.invalid/simple",
    "UV_INDEX_URL": "https://poison.invalid/simple",
    "UV_DEFAULT_INDEX": "https://poison.invalid/simple",
    "UV_CACHE_DIR": "/poison/cache",
    "UV_CONFIG_FILE": "/poison/uv.toml",
    "UV_OFFLINE": "1",
    "UV_PYTHON_DOWNLOADS": "automatic",
    "POETRY_CACHE_DIR": "/poison/cache",
    "POETRY_REPOSITORIES_POISON_URL": "https://poison.invalid/simple",
    "PDM_PYPI_URL": "https://poison.invalid/simple",
    "PDM_CACHE_DIR": "/poison/cache",
    "HTTPS_PROXY": "http://poison.invalid:3128",
    "https_proxy": "http://poison.invalid:3128",
    "ALL_PROXY": "http://poison.invalid:3128",
    "NO_PROXY": "*",
    "no_proxy": "*",
    "SSL_CERT_FILE": "/poison/ca.pem",
    "SSL_CERT_DIR": "/poison/certificates",
    "REQUESTS_CA_BUNDLE": "/poison/ca.pem",
    "NETRC": "/poison/netrc",
    "HOME": "/poison",
    "XDG_CONFIG_HOME": "/poison/config",
    "XDG_CONFIG_DIRS": "/poison/config",
    "XDG_CACHE_HOME": "/poison/cache",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring",
    "PYTHONPATH": "/poison/site-packages",
    "PYTHONHOME": "/poison",
    "PYTHONSTARTUP": "/poison/startup.py",
    "VIRTUAL_ENV": "/poison/venv",
    "CONDA_PREFIX": "/poison/conda",
    "CONDA_DEFAULT_ENV": "poison",
    "PATH": "/poison/bin",
    "LD_PRELOAD": "",
    "LC_ALL": "de_DE.ISO-8859-1",
    "TMPDIR": "/poison/tmp",
    "GIT_CONFIG_GLOBAL": "/poison/gitconfig",
    "VIRTUALENV_CONFIG_FILE": "/poison/virtualenv.ini",
    "ANYTHING": "poison",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Make a workspace."""
    return Workspace(tmp_path)


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """Return the description of a network with a gateway."""
    return Network(time.time, proxy_url="http://127.0.0.1:4711", ca_file=tmp_path / "ca.pem")


def test_nothing_of_the_users_environment_comes_through(
    workspace: Workspace, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables in the user's environment that installers read are not passed on."""
    before = clean_environment(workspace, network, PYTHON)
    for name, value in POISON.items():
        monkeypatch.setenv(name, value)
    assert clean_environment(workspace, network, PYTHON) == before
    assert not [value for value in before.values() if "poison" in value]


def test_an_empty_environment_makes_no_difference(
    workspace: Workspace, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of an installer is the same even if that of pytest is empty."""
    before = clean_environment(workspace, network, PYTHON)
    for name in list(os.environ):
        monkeypatch.delenv(name)
    assert clean_environment(workspace, network, PYTHON) == before


def test_every_folder_lies_in_the_workspace_and_is_there(
    workspace: Workspace, network: Network
) -> None:
    """The home, configuration, data, state, cache and temporary folders are in the workspace."""
    environment = clean_environment(workspace, network, PYTHON)
    folders = {
        name: Path(value)
        for name, value in environment.items()
        if re.fullmatch(r"HOME|TMPDIR|XDG_\w+", name)
    }
    assert len(folders) == 8
    assert all(folder.is_relative_to(workspace.root) for folder in folders.values())
    assert all(folder.is_dir() for folder in folders.values())
    assert folders["XDG_CACHE_HOME"] == workspace.cache
    assert len(set(folders.values())) == len(folders)


def test_a_netrc_file_is_that_of_the_workspace_and_no_link(
    workspace: Workspace, network: Network, tmp_path: Path
) -> None:
    """The netrc file of the workspace is used, unless it is a symlink."""
    assert clean_environment(workspace, network, PYTHON)["NETRC"] == os.devnull
    netrc = workspace.home / ".netrc"
    netrc.write_text("")
    assert clean_environment(workspace, network, PYTHON)["NETRC"] == str(netrc)
    netrc.unlink()
    netrc.symlink_to(tmp_path / "netrc-of-the-user")
    (tmp_path / "netrc-of-the-user").touch()
    assert clean_environment(workspace, network, PYTHON)["NETRC"] == os.devnull


def test_the_network_is_the_only_way_out(workspace: Workspace, network: Network) -> None:
    """Every proxy and certificate variable that an installer reads is set for the gateway."""
    environment = clean_environment(workspace, network, PYTHON)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        assert environment[name] == environment[name.lower()] == "http://127.0.0.1:4711"
    assert environment["NO_PROXY"] == environment["no_proxy"] == ""
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT"):
        assert environment[name] == str(network.ca_file)


def test_without_a_network_every_host_is_out_of_reach(workspace: Workspace) -> None:
    """Without a network, the proxy variables name a port at which no server listens."""
    environment = clean_environment(workspace, Network(time.time), PYTHON)
    assert environment["HTTPS_PROXY"] == environment["HTTP_PROXY"] == NOWHERE
    assert "SSL_CERT_FILE" not in environment


def test_path_begins_with_the_python_and_holds_the_systems_folders_else(
    workspace: Workspace, network: Network
) -> None:
    """The folder of the play's Python is the first on PATH, before the system's folders."""
    first, *others = clean_environment(workspace, network, PYTHON)["PATH"].split(os.pathsep)
    assert Path(first) == PYTHON.parent
    assert all(Path(folder).is_absolute() for folder in others)
    assert Path.home() not in [*map(Path, others)]


def test_empty_file_keeps_uv_from_the_settings_of_the_system(
    workspace: Workspace, network: Network
) -> None:
    """An empty configuration file prevents uv from reading /etc/uv/uv.toml."""
    environment = clean_environment(workspace, network, PYTHON)
    assert (Path(environment["XDG_CONFIG_DIRS"]) / "uv" / "uv.toml").read_bytes() == b""


def test_git_looks_for_no_repository_above_the_workspace(
    workspace: Workspace, network: Network
) -> None:
    """Git does not search for a repository above the workspace, even behind a symlink."""
    environment = clean_environment(workspace, network, PYTHON)
    assert environment["GIT_CEILING_DIRECTORIES"] == str(workspace.root.resolve())


@pytest.mark.parametrize(
    ("text", "is_contained", "is_error"),
    [
        ("[tool.pdm.workspace]\nmembers = ['*']\n", False, True),
        ("[tool.pdm]\n", False, False),
        ("[tool.uv.workspace]\nmembers = ['*']\n", False, False),
        ("tool = 1", False, False),
        ("[", False, False),
        ("[tool.pdm]\n", True, True),
    ],
)
def test_workspace_above_is_an_error_where_nothing_ends_the_search(
    tmp_path: Path, text: str, is_contained: bool, is_error: bool
) -> None:
    """A project file above the workspace is an error if the installer would find it."""
    root = tmp_path / "folder" / "play"
    root.mkdir(parents=True)
    workspace = Workspace(root, is_contained=is_contained)
    demand_no_workspace_above(workspace, "pdm")
    (tmp_path / "pyproject.toml").write_text(text)
    told = pytest.raises(PlayError, match="pdm looks for a workspace in every folder above")
    with told if is_error else nullcontext():
        demand_no_workspace_above(workspace, "pdm")


@pytest.mark.parametrize("above", ["pyproject.toml", "uv.toml", "poetry.toml"])
@pytest.mark.parametrize("own", ["[project]\n", "", "x" * 2000, None])
def test_search_that_another_project_does_not_end_is_an_error(
    tmp_path: Path, own: str | None, above: str
) -> None:
    """A project above the workspace is an error if the play's project file does not hide it."""
    workspace = Workspace(tmp_path / "folder" / "play")
    guard = "[tool.uv]\nmanaged = false\n"
    files = {"pyproject.toml": guard}
    write_in_workspace(workspace, workspace.root / "pyproject.toml", guard if own is None else own)
    end_searches(workspace, files, goes_on="uv")
    (tmp_path / above).touch()
    is_error = own is not None and above != "poetry.toml"
    message = f"uv also searches the folders above .* and finds {re.escape(str(tmp_path / above))}"
    with pytest.raises(PlayError, match=message) if is_error else nullcontext():
        end_searches(workspace, files, goes_on="uv")


def test_files_that_end_searches_do_not_replace_those_of_a_scenario(workspace: Workspace) -> None:
    """A scenario's file in the workspace's root is kept, and missing files are written."""
    (workspace.root / "pyproject.toml").write_text("[tool.uv.workspace]\n", encoding="utf-8")
    end_searches(workspace, {"pyproject.toml": "", "uv.toml": "offline = true\n"})
    assert (workspace.root / "pyproject.toml").read_text("utf-8") == "[tool.uv.workspace]\n"
    assert (workspace.root / "uv.toml").read_text("utf-8") == "offline = true\n"


def test_a_link_of_an_installer_is_replaced_and_not_followed(
    workspace: Workspace, tmp_path: Path
) -> None:
    """A symlink in the place of a file is replaced and not followed."""
    outside, link = tmp_path / "outside", workspace.root / "pyproject.toml"
    workspace.root.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    end_searches(workspace, {"pyproject.toml": "[project]\n"})
    assert not outside.exists()
    assert not link.is_symlink()
    assert link.read_text() == "[project]\n"


def test_build_backends_are_told_where_to_log(workspace: Workspace, network: Network) -> None:
    """The fake build backend logs its builds to a file in the workspace."""
    environment = clean_environment(workspace, network, PYTHON)
    assert environment["INDEXCACHE_BUILD_LOG"] == str(workspace.build_log)
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"
