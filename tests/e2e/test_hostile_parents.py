"""Plays below folders with unrelated projects, settings and venvs, which must have no effect."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.installers.uv.dialect import UvDialect
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import on_the_wire
from pytest_indexcache.scenario.model import Scenario

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

POISON: Final = "https://poison.example/simple"
PROJECT: Final = f"""\
[build-system]
requires = ["poison-backend"]
build-backend = "poison"
[project]
name = "poison"
version = "9"
requires-python = "==3.1.*"
dependencies = ["poison-dependency"]
[tool.uv]
index-url = "{POISON}"
offline = true
override-dependencies = ["six==0.1"]
[tool.uv.workspace]
members = ["*", "*/*", "*/*/*"]
[tool.uv.sources]
six = {{ path = "/nowhere" }}
[[tool.poetry.source]]
name = "poison"
url = "{POISON}"
[[tool.pdm.source]]
name = "pypi"
url = "{POISON}"
"""
FILES: Final = {
    "pyproject.toml": PROJECT,
    "uv.toml": f'index-url = "{POISON}"\noffline = true\n',
    "uv.lock": "version = 99\n",
    ".python-version": "3.1\n",
    ".python-versions": "3.1\n",
    ".venv/pyvenv.cfg": "home = /nowhere\nversion = 3.1\n",
    ".venv/bin/python": "#!/nowhere\n",
    "pyvenv.cfg": "home = /nowhere\n",
    "poetry.toml": "[virtualenvs]\ncreate = false\n[installer]\nno-binary = true\n",
    "poetry.lock": "poison",
    "pdm.toml": f'[pypi]\nurl = "{POISON}"\n',
    ".pdm.toml": f'[pypi]\nurl = "{POISON}"\n',
    ".pdm-python": "/nowhere/python\n",
    "pdm.lock": "poison",
    "pip.conf": f"[global]\nindex-url = {POISON}\n",
    "pylock.toml": "poison",
    "setup.cfg": "[install]\nprefix = /nowhere\n",
    "setup.py": "raise SystemExit('poison')\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    ".git/config": "[core]\nrepositoryformatversion = 0\n",
    ".git/objects/.keep": "",
    ".git/refs/.keep": "",
    ".gitignore": "*\n",
    ".env": f"UV_INDEX_URL={POISON}\nPIP_INDEX_URL={POISON}\n",
    ".netrc": "default login poison password poison\n",
}

PYPI: Final = {
    "url": "https://pypi.org/simple",
    "packages": {"six": {"1.17.0": {}}, "foo": {"1.0": {}}},
}
LOCAL: Final = {"local": {"path": "local"}}
OF_A_PROJECT: Final = {
    "project": {"dependencies": ["six"]},
    "steps": [
        {"do": "lock"},
        {"do": "sync"},
        {"do": "sync", "folder": "other"},
        {"do": "add", "requirements": ["foo"]},
    ],
}
OF_A_VENV: Final = {
    "local-projects": LOCAL,
    "steps": [
        {"do": "install", "requirements": ["six"]},
        {"do": "install", "paths": ["local"], "folder": "other"},
    ],
}
OF_ANOTHER_FOLDER: Final = {
    "files": {"other/README": "x", "other/r.in": "six\n"},
    "steps": [
        {"command": {"uv": f"uv --directory ../other {command}"}}
        for command in ("pip compile r.in", "pip install six", "pip list", "python find")
    ],
}
WITHOUT_A_PROJECT: Final = {
    "steps": [{"command": {"uv": "uv run --with six python -c 'import six'"}}],
}
WITH_A_ROOT: Final = {
    "project": {"dependencies": ["six"]},
    "files": {"pyproject.toml": ""},
    "steps": [{"do": "sync"}],
}
PLAYS: Final = [
    *((release, OF_A_PROJECT) for release in ("uv==0.4.30", "uv==0.8.11", "uv==0.13.8")),
    *((release, OF_A_PROJECT) for release in ("poetry==2.5.1", "pdm==2.29.3")),
    *((release, OF_A_VENV) for release in ("uv==0.1.39", "uv==0.2.23", "uv==0.13.8", "pip==26.3")),
    *((release, WITHOUT_A_PROJECT) for release in ("uv==0.8.11", "uv==0.13.8")),
    *((release, OF_ANOTHER_FOLDER) for release in ("uv==0.4.30", "uv==0.8.11", "uv==0.13.8")),
    ("poetry==2.5.1", WITH_A_ROOT),
    ("pdm==2.29.3", WITH_A_ROOT),
    ("pip==26.3", WITH_A_ROOT),
]


def _played(
    gateway: Gateway, installer: str, tables: dict[str, Any], root: Path
) -> tuple[str, list[Any]]:
    """Play a scenario; return its verdict, and the exit, requests and changes of each step."""
    scenario = Scenario.model_validate(
        {"title": "t", "indexes": {"pypi": PYPI}, **tables}, by_alias=True
    )
    root.mkdir(parents=True)
    connect = on_the_wire(gateway, time.time)
    result = play(Play(scenario, "s", create_installer(installer), connect, "wire"), root)
    return str(result.verdict), list(map(_seen, result.steps))


def _seen(step: Any) -> tuple[object, ...]:
    asked = sorted({f"{exchange.method} {exchange.url}" for exchange in step.exchanges})
    return step.exit, asked, step.added, step.removed


def _poisoned(folder: Path) -> Path:
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(("installer", "tables"), PLAYS)
def test_play_below_hostile_folders_is_that_below_empty_ones(
    playing_gateway: Gateway, installer: str, tables: dict[str, Any], tmp_path: Path
) -> None:
    """The two hostile folders above a workspace change no result and no request of a play."""
    clean = _played(playing_gateway, installer, tables, tmp_path / "clean" / "workspace")
    parent = _poisoned(_poisoned(tmp_path / "hostile") / "folder")
    assert _played(playing_gateway, installer, tables, parent / "workspace") == clean
    assert clean[0] == "passed" or tables is WITHOUT_A_PROJECT
    assert {exit_kind for exit_kind, *_ in clean[1]} == {"success"}


@pytest.mark.parametrize("release", ["uv==0.4.30", "uv==0.13.8"])
@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"pyproject.toml": ""}},
        {"files": {"pyproject.toml": "[project]\nname = 'a'\nversion = '1'\n"}},
        {"local-projects": {"local": {"path": "."}}},
        {
            "steps": [
                {"do": "sync"},
                {"do": "edit", "replace-text": {"pyproject.toml": {"old": "0", "new": "1"}}},
                {"do": "sync"},
            ]
        },
    ],
)
def test_uv_is_not_played_below_a_project_with_another_root(
    playing_gateway: Gateway, release: str, changes: dict[str, Any], tmp_path: Path
) -> None:
    """Uv is not played if it would search for projects above the workspace's root."""
    tables = {"project": {"dependencies": ["six"]}, "steps": [{"do": "sync"}], **changes}
    verdict, _ = _played(playing_gateway, release, tables, tmp_path / "clean" / "root")
    assert verdict == "passed"
    parent = _poisoned(tmp_path / "hostile")
    before = sorted(parent.rglob("*"))
    verdict, steps = _played(playing_gateway, release, tables, parent / "root")
    assert verdict == "error"
    assert len(steps) == len(tables["steps"]) - 1
    assert [it for it in sorted(parent.rglob("*")) if "root" not in it.parts] == before


def test_hostile_folders_do_harm_where_nothing_ends_the_search(
    playing_gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hostile folders break a play if the files that end the search are removed."""
    monkeypatch.setattr(UvDialect, "root_files", lambda _: {})
    monkeypatch.setattr(UvDialect, "ends_at_any_project", True)
    parent = _poisoned(tmp_path / "hostile")
    verdict, _ = _played(playing_gateway, "uv==0.13.8", OF_A_PROJECT, parent / "workspace")
    assert verdict != "passed"


def test_pdm_is_not_played_below_a_workspace(playing_gateway: Gateway, tmp_path: Path) -> None:
    """PDM 2.28, which searches all folders above, is not played below a PDM workspace."""
    members = '[tool.pdm.workspace]\nmembers = ["*/*", "*/*/*"]\n'
    (tmp_path / "pyproject.toml").write_text(members)
    for release, is_error in (("pdm==2.28.0", True), ("pdm==2.27.0", False)):
        verdict, _ = _played(playing_gateway, release, OF_A_PROJECT, tmp_path / release / "root")
        assert (verdict == "error") is is_error
