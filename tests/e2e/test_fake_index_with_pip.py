"""Real pip with the fake indexes: it finds, checks and installs their files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import virtualenv

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.wire.gateway import Gateway, serve
from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.scenario.tables.indexes import Index

CPU = "https://download.pytorch.org/whl/cpu"

TORCH: dict[str, Any] = {
    "requires": ["filelock>=3", 'nothing ; sys_platform == "never"'],
    "extras": {"opt-einsum": ["opt-einsum"]},
    "requires-python": ">=3.8",
    "attributes": {"version.cuda": "12.8", "version.debug": False},
    "size": "175.4 MiB",
}
TABLES: dict[str, dict[str, Any]] = {
    "pypi": {
        "url": "https://pypi.org/simple",
        "packages": {
            "filelock": {"3.20.0": {"extras": {}}, "4.0": {"yanked": "broken"}},
            "opt-einsum": {"3.4": {"requires": ["jinja2"]}},
            "jinja2": {"3.1.6": {"files": [{"kind": "sdist"}]}},
            "padded": {"1.0": {"padding": "3 MiB"}},
            "wrong": {"1.0": {"hashes": "wrong"}},
            "crc": {"1.0": {"damage": "bad-crc"}},
            "junk": {"1.0": {"damage": "not-a-zip"}},
            "future": {"1.0": {}, "2.0": {"requires-python": ">=4"}},
        },
        "pages": {"jinja2": {"title": "Jinja2"}},
    },
    "cpu": {
        "url": CPU,
        "headers": "pytorch",
        "formats": ["html"],
        "packages": {"torch": {"2.8.0+cpu": TORCH}},
    },
    "links": {
        "url": "https://links.example/wheels/",
        "flat": True,
        "packages": {"linked": {"1.0+local.1": {"files": [{}, {"kind": "sdist"}]}}},
    },
}

Pip = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def served() -> FakeIndexes:
    """Return an index like PyPI, one like PyTorch's, and a page of links."""
    return FakeIndexes({name: Index.model_validate(table) for name, table in TABLES.items()})


@pytest.fixture
def ledger() -> list[Exchange]:
    """Return the list of recorded exchanges."""
    return []


@pytest.fixture
def gateway(served: FakeIndexes, ledger: list[Exchange]) -> Iterator[Gateway]:
    """Return a gateway to the indexes."""
    with serve(served, record=ledger.append, clock=time.time) as gateway:
        yield gateway


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """Return an empty venv."""
    folder = tmp_path / "venv"
    options = ["--no-seed", "--no-periodic-update", "--quiet", "--app-data", str(tmp_path / "app")]
    virtualenv.cli_run([*options, str(folder)], setup_logging=False)
    return folder


@pytest.fixture
def pip(gateway: Gateway, venv: Path, tmp_path: Path) -> Pip:
    """Return a function that runs pip for the venv, without the machine's settings."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "HTTPS_PROXY": gateway.proxy_url,
        "PIP_CERT": str(gateway.ca_file),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_CACHE_DIR": str(tmp_path / "cache"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_RETRIES": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "INDEXCACHE_BUILD_LOG": str(tmp_path / "builds"),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-m", "pip", "--python", str(venv), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
        )

    return run


def values(venv: Path, expression: str) -> Any:
    """Return the value of an expression in the venv's Python."""
    program = (
        f"import json, importlib; m = importlib.import_module; print(json.dumps({expression}))"
    )
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = subprocess.run([python, "-I", "-c", program], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_pip_installs_what_the_indexes_have(
    pip: Pip, venv: Path, ledger: list[Exchange], tmp_path: Path
) -> None:
    """Pip installs wheels of two indexes and builds an sdist, and ``pip check`` succeeds."""
    done = pip("install", "--extra-index-url", CPU, "torch[opt-einsum]", "padded", "future")
    assert done.returncode == 0, done.stderr
    checked = pip("check")
    assert (checked.returncode, checked.stdout.strip()) == (0, "No broken requirements found.")
    listed = json.loads(pip("list", "--format=json").stdout)
    assert {entry["name"]: entry["version"] for entry in listed} == {
        "torch": "2.8.0+cpu",
        "filelock": "3.20.0",
        "opt-einsum": "3.4",
        "Jinja2": "3.1.6",
        "padded": "1.0",
        "future": "1.0",
    }
    seen = values(venv, "[m('torch').version.cuda, m('torch').__build__, m('jinja2').__version__]")
    assert seen == ["12.8", "cpu", "3.1.6"]
    assert (tmp_path / "builds").read_text() == "jinja2 wheel 3.1.6\n"
    downloads = [exchange.subject.project for exchange in ledger if exchange.is_download]
    assert sorted(filter(None, downloads)) == sorted(entry["name"].lower() for entry in listed)
    unknown = {exchange.status for exchange in ledger if exchange.is_failed}
    assert unknown == {403, 404}


def test_pip_reads_core_metadata_apart(pip: Pip, ledger: list[Exchange]) -> None:
    """A resolution without installing downloads metadata, but no wheel (PEP 658)."""
    done = pip(
        "install", "--dry-run", "--report", "-", "--quiet", "--index-url", CPU, "--no-deps", "torch"
    )
    assert done.returncode == 0, done.stderr
    [item] = json.loads(done.stdout)["install"]
    assert item["download_info"]["url"] == f"{CPU}/torch-2.8.0%2Bcpu-py3-none-any.whl"
    assert item["metadata"]["version"] == "2.8.0+cpu"
    assert [e.subject.kind for e in ledger] == [Kind.PAGE, Kind.METADATA]


def test_pip_finds_files_on_a_flat_page(pip: Pip, venv: Path) -> None:
    """Pip finds wheels and sdists with local versions on a flat page."""
    links = ["--no-index", "--find-links", "https://links.example/wheels/"]
    assert pip("install", *links, "linked").returncode == 0
    assert values(venv, "m('linked').__version__") == "1.0+local.1"
    done = pip("install", *links, "--no-binary", "linked", "--force-reinstall", "linked")
    assert done.returncode == 0, done.stderr
    assert values(venv, "m('linked').__build__") == "links"


@pytest.mark.parametrize(
    ("project", "problem"),
    [
        ("wrong", "DO NOT MATCH THE HASHES"),
        ("crc", "Bad CRC-32"),
        ("junk", "is invalid"),
        ("nowhere", "No matching distribution found"),
    ],
)
def test_pip_rejects_what_is_broken(pip: Pip, project: str, problem: str) -> None:
    """Pip refuses wrong hashes and checksums, invalid zip files, and files that are missing."""
    done = pip("install", project)
    assert done.returncode != 0
    assert problem.lower() in (done.stdout + done.stderr).lower()


def test_pip_reuses_what_the_headers_permit(pip: Pip, ledger: list[Exchange], venv: Path) -> None:
    """Pip downloads a storable wheel once, and a wheel with no-store twice."""
    for _ in range(2):
        done = pip("install", "--force-reinstall", "--extra-index-url", CPU, "torch")
        assert done.returncode == 0, done.stderr
    downloads = [exchange.subject.project for exchange in ledger if exchange.is_download]
    assert {name: downloads.count(name) for name in downloads} == {"torch": 2, "filelock": 1}
    assert values(venv, "m('torch').version.debug") is False
