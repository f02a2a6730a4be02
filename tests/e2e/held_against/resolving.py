"""Requirements resolved by pip and by the reference installer from the same fake index."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import pytest

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.installers.provisioning.provision import provision
from pytest_indexcache.scenario.tables.indexes import Index

from .installing import RELEASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_indexcache.index.wire.gateway import Gateway
    from pytest_indexcache.messages import Exchange

URL: Final = "https://pypi.org/simple"


@dataclass(frozen=True)
class Question:
    """Requirements to resolve from an index that has ``packages``.

    ``options`` are arguments that both pip and the reference installer accept. ``constraints`` are
    the lines of a constraints file, ``lines`` the lines of a requirements file. ``index`` has
    further keys of the index.
    """

    asked: tuple[str, ...]
    packages: Mapping[str, Any]
    constraints: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    index: Mapping[str, Any] = field(default_factory=dict)

    def words(self, folder: Path) -> list[str]:
        """Return the arguments for the question, and write the files that they name to a folder."""
        words = [*self.options, *self.asked]
        for option, lines in (("-c", self.constraints), ("-r", self.lines)):
            if lines:
                file = folder / f"lines{option}.txt"
                file.write_text("".join(f"{line}\n" for line in lines))
                words += [option, str(file)]
        return words

    def __str__(self) -> str:
        given = {"asked": self.asked, "constraints": self.constraints}
        lines = [f"{key}: {value}" for key, value in given.items() if value]
        for project, releases in self.packages.items():
            lines += [f"{project} {version}: {table}" for version, table in releases.items()]
        return "\n".join(lines)


@dataclass(frozen=True)
class Answer:
    """The chosen versions and filenames of an installer; None if it refused."""

    versions: Mapping[str, str] | None
    files: tuple[str, ...] = ()
    output: str = field(default="", compare=False)


@dataclass(frozen=True)
class Bench:
    """A gateway for both installers, and a folder for their files."""

    gateway: Gateway
    folder: Path

    def pip(self, question: Question) -> Answer:
        """Have pip resolve requirements, without installing anything.

        Skips the test if pip's resolvelib 1.2.1 recurses endlessly.
        """
        report = self.folder / "report.json"
        pip = str(provision("pip", RELEASES["pip"]).executable)
        options = ["--dry-run", "--ignore-installed", "--quiet", "--report", str(report)]
        with self._serving(question):
            done = self._run(pip, "install", *options, *question.words(self.folder))
        if "RecursionError" in done.stderr:
            pytest.skip(
                "pip crashes: projects that need each other, and that a release given up needed"
            )
        if done.returncode:
            return _refusal(done)
        items = json.loads(report.read_text())["install"]
        urls = [item["download_info"]["url"] for item in items]
        return Answer(
            {item["metadata"]["name"].lower(): item["metadata"]["version"] for item in items},
            tuple(sorted(unquote(url.rpartition("/")[2]) for url in urls)),
        )

    def reference(self, question: Question) -> Answer:
        """Have the reference installer install requirements in a new venv."""
        venv = self.folder / "venv"
        reference = [sys.executable, "-m", "pytest_indexcache.reference", "install"]
        with self._serving(question) as ledger:
            done = self._run(*reference, "--venv", str(venv), *question.words(self.folder))
        if done.returncode:
            return _refusal(done)
        site = next(path for path in venv.rglob("site-packages") if path.is_dir())
        installed = list(distributions(path=[str(site)]))
        versions = {it.metadata["Name"].lower(): it.version for it in installed}
        chosen = {f"{name.replace('-', '_')}-{version}" for name, version in versions.items()}
        files = {str(it.subject.filename) for it in ledger if it.is_download}
        # A wheel that was fetched only for its metadata belongs to a release that was not chosen.
        kept = [name for name in files if _stem(name) in chosen]
        return Answer(versions, tuple(sorted(kept)))

    @contextmanager
    def _serving(self, question: Question) -> Iterator[list[Exchange]]:
        table = {"url": URL, "packages": question.packages, **question.index}
        ledger: list[Exchange] = []
        fakes = FakeIndexes({"pypi": Index.model_validate(table)})
        with self.gateway.serving(fakes, ledger.append):
            yield ledger

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "HTTPS_PROXY": self.gateway.proxy_url,
            "PIP_CERT": str(self.gateway.ca_file),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_CACHE_DIR": str(self.folder / "pip"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_RETRIES": "0",
            "SSL_CERT_FILE": str(self.gateway.ca_file),
            "INDEXCACHE_CACHE_DIR": str(self.folder / "reference"),
        }
        return subprocess.run(
            words,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


def _stem(filename: str) -> str:
    return "-".join(filename.removesuffix(".tar.gz").split("-")[:2])


def _refusal(done: subprocess.CompletedProcess[str]) -> Answer:
    """Return the answer of a failed command, after a check that it failed without a traceback."""
    output = done.stdout + done.stderr
    assert done.returncode == 1, output
    assert "Traceback" not in output, output
    return Answer(None, output=output)
