"""A folder with a project, a cache and fake indexes, in which tests run the installer."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from pytest_indexcache.index.documents.sdists import write_local_project
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.inprocess import mount
from pytest_indexcache.messages import Exchange
from pytest_indexcache.reference.commands.dispatch import do_command
from pytest_indexcache.reference.commands.options import Options
from pytest_indexcache.reference.commands.session import Settings
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.scenario.tables.project import LocalProject
from pytest_indexcache.system.venvs.environment import Environment

PYPI = "https://pypi.org/simple"
CPU = "https://download.pytorch.org/whl/cpu"

TABLES: Mapping[str, dict[str, Any]] = {
    "pypi": {
        "url": PYPI,
        "files-url": "https://files.pythonhosted.org/packages/",
        "packages": {
            "app": {"1.0": {"requires": ["lib>=1"]}, "2.0": {"requires": ["lib>=1"]}},
            "lib": {"1.0": {}, "1.5": {}},
            "torch": {"2.9.0": {}},
            "broken-crc": {"1.0": {"damage": "bad-crc"}},
            "broken-record": {"1.0": {"damage": "short-record"}},
            "from-source": {"1.0": {"files": [{"kind": "sdist"}]}},
        },
    },
    "cpu": {"url": CPU, "headers": "pytorch", "packages": {"torch": {"2.9.0+cpu": {}}}},
}


@dataclass
class Workplace:
    """A project folder, a cache folder, and indexes that are reached within this process.

    ``lines`` and ``journal`` hold the installer's output, ``ledger`` the requests to the indexes.
    """

    root: Path
    indexes: FakeIndexes
    lines: list[str] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)
    ledger: list[Exchange] = field(default_factory=list)
    now: float = 1.8e9

    @property
    def project(self) -> Path:
        """Return the project's folder."""
        return self.root / "project"

    @property
    def venv(self) -> Path:
        """Return the project's venv."""
        return self.project / ".venv"

    @property
    def cache(self) -> Path:
        """Return the cache folder."""
        return self.root / "cache"

    def do(
        self,
        command: str,
        *,
        behaviour: Behaviour = CORRECT,
        transport: httpx.BaseTransport | None = None,
        **options: Any,
    ) -> Any:
        """Run a command with options, as a new process would, and return its result."""
        settings = Settings(
            cache_dir=self.cache,
            clock=lambda: self.now,
            transport=transport
            or mount(self.indexes, record=self.ledger.append, clock=lambda: self.now),
            behaviour=behaviour,
            echo=self.lines.append,
            captures=True,
            journal=self.journal.append,
            environment={**os.environ, "INDEXCACHE_BUILD_LOG": str(self.root / "builds")},
        )
        places = {"project": self.project, "venv": self.venv}
        return do_command(Options(command=command, **{**places, **options}), settings)

    def write_project(self, *dependencies: str, rest: str = "") -> None:
        """Write the project file."""
        self.project.mkdir(exist_ok=True)
        text = f'[project]\nname = "p"\nversion = "1"\ndependencies = {json.dumps(dependencies)}\n'
        (self.project / "pyproject.toml").write_text(text + rest)

    def write_local(self, name: str, version: str = "1.0", **options: Any) -> Path:
        """Write a local project with an in-tree build backend, and return its folder."""
        folder = self.root / name
        write_local_project(folder, name, LocalProject(path=name, version=version, **options))
        return folder

    def downloads(self) -> Counter[str]:
        """Count the complete downloads since the last call, by project."""
        found = Counter(str(it.subject.project) for it in self.ledger if it.is_download)
        self.ledger.clear()
        return found

    def requests(self) -> list[str]:
        """List the requests since the last call, with the status of each response."""
        found = [f"{it.method} {it.subject.kind} {it.status}" for it in self.ledger]
        self.ledger.clear()
        return found

    def installed(self) -> dict[str, str]:
        """Return the versions in the venv by name."""
        environment = Environment.open(self.venv)
        return {it.name: str(it.version) for it in environment.installed()} if environment else {}

    def origin(self, name: str) -> str:
        """Return the kind of origin that is recorded for a distribution."""
        environment = Environment.open(self.venv)
        assert environment is not None
        (found,) = (it for it in environment.installed() if it.name == name)
        return found.origin.kind if found.origin else "unknown"

    def build_of(self, module: str) -> str:
        """Import a module with the venv's Python, and return the marker that its build wrote."""
        python = self.venv / "bin" / "python"
        program = f"import {module}; print({module}.__build__)"
        done = subprocess.run([python, "-I", "-B", "-c", program], capture_output=True, check=True)
        return done.stdout.decode().strip()

    def builds(self) -> list[str]:
        """List the builds of all build backends, in order."""
        log = self.root / "builds"
        return log.read_text().splitlines() if log.is_file() else []


def make_workplace(root: Path, tables: Mapping[str, dict[str, Any]] = TABLES) -> Workplace:
    """Make a workplace with the indexes of these tables; its project has no requirements."""
    indexes = {name: Index.model_validate(table) for name, table in tables.items()}
    place = Workplace(root, FakeIndexes(indexes))
    place.write_project()
    return place
