"""Real installers in a poisoned home, which must have no effect on them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.version import Version

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.wire.gateway import Gateway, serve
from pytest_indexcache.installers.contract.installer import Network, Workspace
from pytest_indexcache.installers.processes.isolation import clean_environment, end_searches
from pytest_indexcache.installers.processes.process import Finished, run_command
from pytest_indexcache.installers.provisioning.provision import ProvisionedInstaller, provision
from pytest_indexcache.installers.uv.dialect import UvDialect
from pytest_indexcache.messages import Exchange
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.system.pythons.interpreter import running_interpreter

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

URL = "https://index.example/simple"
POISON = "https://poison.example/simple"

PROJECT = f"""\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["thing"]
[tool.poetry]
package-mode = false
[[tool.poetry.source]]
name = "example"
url = "{URL}"
priority = "primary"
[[tool.pdm.source]]
name = "pypi"
url = "{URL}"
[tool.pdm]
distribution = false
[[tool.uv.index]]
name = "example"
url = "{URL}"
default = true
"""

FILES = {
    ".netrc": "default login poison password poison\n",
    ".config/pip/pip.conf": f"[global]\nindex-url = {POISON}\nextra-index-url = {POISON}\n",
    ".pip/pip.conf": f"[global]\nindex-url = {POISON}\n",
    ".config/uv/uv.toml": f'no-cache = true\nextra-index-url = ["{POISON}"]\n',
    "etc/uv/uv.toml": f'no-cache = true\nextra-index-url = ["{POISON}"]\n',
    "etc/pip/pip.conf": f"[global]\nindex-url = {POISON}\n",
    "etc/pdm/config.toml": f'[pypi]\nurl = "{POISON}"\n',
    ".config/pdm/config.toml": f'[pypi.extra]\nurl = "{POISON}"\n',
    ".config/pypoetry/config.toml": "[installer]\nno-binary = true\n",
    ".config/pypoetry/auth.toml": '[http-basic.example]\nusername = "poison"\npassword = "x"\n',
    "modules/sitecustomize.py": "raise SystemExit('poisoned')\n",
}

VARIABLES = {
    "PIP_NO_BINARY": ":all:",
    "PIP_INDEX_URL": POISON,
    "PIP_EXTRA_INDEX_URL": POISON,
    "UV_INDEX": POISON,
    "UV_EXTRA_INDEX_URL": POISON,
    "UV_NO_BINARY": "1",
    "UV_OFFLINE": "1",
    "POETRY_HTTP_BASIC_EXAMPLE_USERNAME": "poison",
    "POETRY_HTTP_BASIC_EXAMPLE_PASSWORD": "poison",
    "POETRY_INSTALLER_NO_BINARY": ":all:",
    "PDM_PYPI_EXTRA_URL": POISON,
    "PDM_NO_BINARY": ":all:",
    "SSL_CERT_DIR": "/nowhere",
    "SSL_CERT_FILE": "/nowhere/ca.pem",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "*",
    "VIRTUAL_ENV": "/nowhere/venv",
    "CONDA_PREFIX": "/nowhere/conda",
}

COMMANDS: dict[str, list[tuple[str, ...]]] = {
    "uv": [
        ("uv", "lock"),
        ("uv", "pip", "install", "--target", "target", "thing"),
    ],
    "pip": [("pip", "install", "--target", "target", "--index-url", URL, "thing")],
    "poetry": [("poetry", "lock")],
    "pdm": [("pdm", "lock")],
}


@pytest.fixture
def ledger() -> list[Exchange]:
    """Return the list of recorded exchanges."""
    return []


@pytest.fixture
def gateway(ledger: list[Exchange]) -> Iterator[Gateway]:
    """Serve one project at an index, behind the gateway."""
    packages = {"thing": {"1.0": {"requires": ["other"]}}, "other": {"2.0": {}}}
    table = {"url": URL, "headers": "pypi", "packages": packages}
    indexes = FakeIndexes({"example": Index.model_validate(table)})
    with serve(indexes, record=ledger.append, clock=time.time) as running:
        yield running


@dataclass(frozen=True)
class Player:
    """Runs an installer's commands in separate workspaces, and returns its requests."""

    installer: ProvisionedInstaller
    gateway: Gateway
    ledger: list[Exchange]

    def play(self, root: Path, ambient: Mapping[str, str] | None = None) -> list[Finished]:
        """Play the installer's commands, with ``ambient`` added to the environment."""
        workspace = Workspace(root)
        folder = workspace.folder("project")
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        gateway = self.gateway
        network = Network(time.time, proxy_url=gateway.proxy_url, ca_file=gateway.ca_file)
        python = running_interpreter().executable
        environment = clean_environment(workspace, network, python) | dict(ambient or {})
        if self.installer.name == "uv":
            end_searches(workspace, UvDialect(Version(self.installer.version)).root_files())
        self.ledger.clear()
        return [
            run_command(
                [str(self.installer.executable), *arguments],
                folder=folder,
                environment=environment,
            )
            for _, *arguments in COMMANDS[self.installer.name]
        ]

    def asked(self) -> list[tuple[str, str, int | None]]:
        """Return the requests that reached the gateway, sorted by URL."""
        return sorted((one.method, one.url, one.status) for one in self.ledger)


@pytest.fixture(params=["uv==0.8.11", "uv==0.13.8", "pip==26.3", "poetry==2.5.1", "pdm==2.25.9"])
def player(
    request: pytest.FixtureRequest, gateway: Gateway, ledger: list[Exchange], tmp_path: Path
) -> Player:
    """Provision an installer in the test's own cache folder, so that its venv can be poisoned."""
    name, _, version = request.param.partition("==")
    home = tmp_path / "home" if name == "pip" else None
    return Player(provision(name, version, home=home), gateway, ledger)


@pytest.fixture
def poisoned_home(tmp_path: Path) -> Path:
    """Make a home folder full of configuration that no installer may read."""
    home = tmp_path / "poisoned"
    for path, text in FILES.items():
        file = home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (home / ".netrc").chmod(0o600)
    return home


def _variables(home: Path) -> dict[str, str]:
    return {
        **VARIABLES,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CONFIG_DIRS": str(home / "etc"),
        "NETRC": str(home / ".netrc"),
        "PYTHONPATH": str(home / "modules"),
        "PIP_CONFIG_FILE": str(home / ".config" / "pip" / "pip.conf"),
    }


def _poison_the_places_around(player: Player, root: Path) -> None:
    """Write configuration beside the installer's Python, and above the workspace."""
    (root / "uv.toml").write_text(f'extra-index-url = ["{POISON}"]\n', encoding="utf-8")
    if player.installer.name == "pip":
        prefix = player.installer.executable.parent.parent
        (prefix / "pip.conf").write_text(f"[global]\nextra-index-url = {POISON}\n", "utf-8")


def test_nothing_of_the_user_has_any_influence(
    player: Player, poisoned_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poisoned environment changes no request, host or credentials of an installer."""
    finished = player.play(tmp_path / "clean")
    asked = player.asked()
    assert [one.exit_code for one in finished] == [0] * len(finished), finished
    assert asked
    for name, value in _variables(poisoned_home).items():
        monkeypatch.setenv(name, value)
    root = tmp_path / "around"
    root.mkdir()
    _poison_the_places_around(player, root)
    poisoned = player.play(root / "workspace")
    assert [one.exit_code for one in poisoned] == [0] * len(finished), poisoned
    assert player.asked() == asked
    assert {url.startswith("https://index.example/") for _, url, _ in asked} == {True}
    assert not any("Authorization" in one.request_headers for one in player.ledger)


def test_the_poison_works_where_it_is_let_in(
    player: Player, poisoned_home: Path, tmp_path: Path
) -> None:
    """If a poisoned variable is passed through, each installer fails or changes its requests."""
    player.play(tmp_path / "clean")
    asked = player.asked()
    let_in = {
        name: value
        for name, value in _variables(poisoned_home).items()
        if name.startswith((player.installer.name.upper(), "HOME", "XDG", "PYTHONPATH"))
    }
    for name, value in let_in.items():
        finished = player.play(tmp_path / name, {name: value})
        failed = any(not one.succeeded for one in finished)
        if failed or player.asked() != asked or any("Auth" in str(e) for e in player.ledger):
            return
    pytest.fail(f"{player.installer.name} minds none of {', '.join(let_in)}")


def test_no_installer_leaves_anything_outside_its_workspace(
    player: Player, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installer's cache, settings and temporary files are all in the workspace."""
    home = tmp_path / "users-home"
    home.mkdir()
    temporary = tmp_path / "users-tmp"
    temporary.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(temporary))
    player.play(tmp_path / "workspace")
    assert list(home.iterdir()) == list(temporary.iterdir()) == []
    workspace = Workspace(tmp_path / "workspace")
    assert any(workspace.cache.iterdir())
    assert list((workspace.home / "tmp").iterdir()) == []


def test_what_passes_the_proxy_by_is_refused(
    gateway: Gateway, ledger: list[Exchange], tmp_path: Path
) -> None:
    """Requests of pdm 2.13.3 that bypass the proxy are refused."""
    player = Player(provision("pdm", "2.13.3"), gateway, ledger)
    (finished,) = player.play(tmp_path)
    assert not finished.succeeded
    assert "indexcache: index.example was asked for past the proxy" in finished.output
    assert player.asked() == []
