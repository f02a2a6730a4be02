"""Steps as command lines of uv, for old and new releases."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.uv.dialect import UvDialect
from pytest_indexcache.scenario.model import Scenario

INDEXES = {
    "nv": {"url": "https://pypi.nvidia.com"},
    "links": {"url": "https://a.example.com/links.html", "flat": True},
    "pypi": {"url": "https://pypi.org/simple", "packages": {"torch": {"1.0": {}}}},
}


def translated(release: str, keys: dict[str, Any], **more: Any) -> CommandLine:
    """Return the only command of a step."""
    scenario = Scenario.model_validate({"title": "t", "steps": [keys], "indexes": INDEXES, **more})
    (line,) = UvDialect(Version(release)).command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    return line


@pytest.mark.parametrize(
    ("release", "step", "command"),
    [
        ("0.13.8", {"do": "lock"}, "lock"),
        ("0.13.8", {"do": "lock", "locked": True}, "lock --locked"),
        ("0.13.8", {"do": "sync", "inexact": True}, "sync --inexact"),
        ("0.13.8", {"do": "run", "inexact": True}, "run python -c pass"),
        ("0.13.8", {"do": "lock", "upgrade": True, "offline": True}, "lock --offline --upgrade"),
        (
            "0.13.8",
            {"do": "sync", "extras": ["a", "b"], "groups": ["dev"], "frozen": True},
            "sync --extra a --extra b --group dev --frozen",
        ),
        (
            "0.13.8",
            {"do": "sync", "reinstall": ["six"], "refresh": ["six", "idna"], "locked": True},
            "sync --locked --refresh-package six --refresh-package idna --reinstall-package six",
        ),
        (
            "0.13.8",
            {"do": "sync", "no-binary": ["six"], "no-build": True, "no-cache": True},
            "sync --no-cache --no-binary-package six --no-build",
        ),
        (
            "0.13.8",
            {"do": "sync", "python-platform": "linux", "index-strategy": "unsafe-best-match"},
            "sync --index-strategy unsafe-best-match --python-platform linux",
        ),
        (
            "0.13.8",
            {"do": "lock", "exclude-newer": "2026-08-01T14:00:00+02:00"},
            "lock --exclude-newer 2026-08-01T12:00:00Z",
        ),
        (
            "0.9.17",
            {"do": "install", "requirements": ["a"], "exclude-newer": "7 days ago"},
            "pip install a --exclude-newer '7 days'",
        ),
        ("0.3.3", {"do": "lock", "prereleases": True}, "lock --prerelease allow"),
        ("0.3.3", {"do": "lock", "resolution": "lowest"}, "lock --resolution lowest"),
        ("0.3.3", {"do": "sync"}, "sync --no-install-project"),
        (
            "0.13.8",
            {"do": "run", "extras": ["cpu"], "import": ["torch", "torch.cuda"]},
            "run --extra cpu python -c 'import torch, torch.cuda'",
        ),
        ("0.13.8", {"do": "run"}, "run python -c pass"),
        (
            "0.13.8",
            {"do": "add", "requirements": ["tensorrt"], "index": "nv", "optional": "cu12"},
            "add tensorrt --index nv=https://pypi.nvidia.com --optional cu12",
        ),
        (
            "0.13.8",
            {"do": "add", "requirements": ["mine"], "editable": "mine", "group": "dev"},
            "add ../mine --group dev --editable",
        ),
        (
            "0.13.8",
            {"do": "remove", "projects": ["six"], "optional": "a", "no-sources": True},
            "remove six --optional a --no-sources",
        ),
        (
            "0.1.3",
            {"do": "install", "requirements": ["torch==2.0.1"], "extra-indexes": ["nv", "links"]},
            "pip install torch==2.0.1 --extra-index-url https://pypi.nvidia.com "
            "--find-links https://a.example.com/links.html",
        ),
        (
            "0.13.8",
            {
                "do": "install",
                "requirements": ["a"],
                "editable": ["e"],
                "paths": ["p"],
                "index": "nv",
                "find-links": ["wheels", "links"],
                "no-index": True,
                "require-hashes": True,
            },
            "pip install a --editable ../e ../p --index-url https://pypi.nvidia.com --find-links "
            "../wheels --find-links https://a.example.com/links.html --no-index --require-hashes",
        ),
        (
            "0.13.8",
            {"do": "install", "requirements": ["a"], "no-binary": True, "no-build": ["b"]},
            "pip install a --no-binary :all: --only-binary b",
        ),
        (
            "0.13.8",
            {"do": "install", "requirements": ["a"], "reinstall": True, "upgrade": ["a"]},
            "pip install a --upgrade-package a --reinstall",
        ),
        (
            "0.13.8",
            {
                "do": "install",
                "requirements-files": ["a.txt", "in/b.in"],
                "constraints-files": ["c.txt"],
                "config-settings": {"a": "1", "b": "x"},
            },
            "pip install --requirement a.txt --requirement in/b.in --constraint c.txt "
            "--config-setting a=1 --config-setting b=x",
        ),
        (
            "0.1.38",
            {"do": "install", "requirements": ["a"], "index-strategy": "unsafe-first-match"},
            "pip install a --index-strategy unsafe-any-match",
        ),
        (
            "0.1.39",
            {"do": "install", "requirements": ["a"], "index-strategy": "unsafe-first-match"},
            "pip install a --index-strategy unsafe-first-match",
        ),
        ("0.13.8", {"do": "uninstall", "projects": ["a", "b"]}, "pip uninstall a b"),
        (
            "0.13.8",
            {"do": "compile", "requirements": ["a"], "hashes": True, "to": "r.txt"},
            "pip compile requirements.in --output-file r.txt --generate-hashes",
        ),
        (
            "0.13.8",
            {"do": "sync-requirements", "extra-indexes": ["nv"], "offline": True},
            "pip sync requirements.txt --extra-index-url https://pypi.nvidia.com --offline",
        ),
        ("0.1.5", {"do": "clear-cache"}, "clean"),
        ("0.13.8", {"do": "clear-cache", "projects": ["torch"]}, "cache clean torch"),
        ("0.13.8", {"do": "prune-cache", "ci": True}, "cache prune --ci"),
        ("0.13.8", {"command": {"uv": "uv sync --extra 'a b'"}}, "sync --extra 'a b'"),
        (
            "0.9.4",
            {"command": {"uv": "uv run python -c 'import torch; print(torch.cuda.is_on())'"}},
            "run python -c 'import torch; print(torch.cuda.is_on())'",
        ),
    ],
)
def test_step_is_this_command(release: str, step: dict[str, Any], command: str) -> None:
    """A step becomes the uv command line that a user would type."""
    assert shlex.join(translated(release, step).arguments) == command


def test_overrides_and_constraints_are_files() -> None:
    """Overrides and constraints of a step are passed in files beside the project file."""
    step = {"do": "install", "requirements": ["a"], "overrides": ["b==1"], "constraints": ["c<2"]}
    line = translated("0.13.8", step)
    assert line.arguments[-4:] == ("--override", "overrides.txt", "--constraint", "constraints.txt")
    assert line.files == {"overrides.txt": "b==1\n", "constraints.txt": "c<2\n"}


def test_what_is_compiled_is_a_file() -> None:
    """The requirements of a ``compile`` step are passed in the file requirements.in."""
    line = translated("0.13.8", {"do": "compile", "requirements": ["a", "b"]})
    assert line.files == {"requirements.in": "a\nb\n"}


def test_index_with_an_override_is_left_to_the_project_file() -> None:
    """An index with an override is not passed as an option, which would lose the override."""
    step = {"do": "install", "requirements": ["a"], "extra-indexes": ["nv"]}
    line = translated("0.13.8", step, **{"cache-control": {"nv": {"files": "immutable"}}})
    assert line.arguments == ("pip", "install", "a")


@pytest.mark.parametrize(
    ("release", "step", "reason"),
    [
        ("0.2.37", {"do": "lock"}, "uv 0.2.37 has no lock: it came with 0.3.0"),
        ("0.2.37", {"command": {"uv": "uv sync"}}, "uv 0.2.37 has no sync: it came with 0.3.0"),
        ("0.13.8", {"command": {"pip": "pip list"}}, "uv has no verbatim commands of pip"),
        (
            "0.1.23",
            {"do": "install", "paths": ["mine"]},
            "uv 0.1.23 has no pip install PATH: it came with 0.1.24",
        ),
        (
            "0.1.38",
            {"do": "sync-requirements", "index-strategy": "unsafe-best-match"},
            "uv 0.1.38 has no --index-strategy unsafe-best-match: it came with 0.1.39",
        ),
        (
            "0.1.28",
            {"do": "install", "requirements": ["a"], "index-strategy": "first-index"},
            "uv 0.1.28 has no pip install --index-strategy: it came with 0.1.29",
        ),
        (
            "0.3.2",
            {"do": "sync"},
            "uv 0.3.2 has no sync --no-install-project: it came with 0.3.3",
        ),
        (
            "0.3.5",
            {"command": {"uv": "uv init -p 3.12"}},
            "uv 0.3.5 has no init of projects that are not built: it came with 0.4.0",
        ),
        (
            "0.9.16",
            {"do": "lock", "exclude-newer": "7 days ago"},
            "uv 0.9.16 has no exclude-newer by an age: it came with 0.9.17",
        ),
        (
            "0.1.45",
            {"do": "sync-requirements", "exclude-newer": "2026-08-01T12:00:00Z"},
            "uv 0.1.45 has no pip sync --exclude-newer: it came with 0.2.0",
        ),
        ("0.13.8", {"do": "lock", "reinstall": True}, "uv has no lock --reinstall"),
        (
            "0.13.8",
            {"do": "sync-requirements", "prereleases": True},
            "uv has no pip sync --prerelease",
        ),
        ("0.13.8", {"do": "sync", "no-deps": True}, "uv has no sync --no-deps"),
        (
            "0.7.20",
            {"do": "sync", "python-platform": "linux"},
            "uv 0.7.20 has no sync --python-platform: it came with 0.7.21",
        ),
        (
            "0.4.22",
            {"do": "add", "requirements": ["a"], "index": "nv"},
            "uv 0.4.22 has no add --index: it came with 0.4.23",
        ),
        (
            "0.2.11",
            {"do": "compile", "requirements": ["a"], "no-binary": True},
            "uv 0.2.11 has no pip compile --no-binary: it came with 0.2.12",
        ),
        (
            "0.1.23",
            {"do": "prune-cache"},
            "uv 0.1.23 has no cache prune: it came with 0.1.24",
        ),
        (
            "0.4.3",
            {"do": "sync", "venv": "other"},
            "uv 0.4.3 has no UV_PROJECT_ENVIRONMENT: it came with 0.4.4",
        ),
        (
            "0.13.8",
            {"command": {"uv": "uv pip install --system a"}},
            "a command is not allowed: --system is not allowed: it leads out of the workspace",
        ),
    ],
)
def test_what_a_release_lacks_is_said(release: str, step: dict[str, Any], reason: str) -> None:
    """The reason to skip a uv release names the missing option and its first release."""
    with pytest.raises(CapabilityError) as caught:
        translated(release, step)
    assert caught.value.problem == reason


@pytest.mark.parametrize(("release", "since"), [("0.1.2", "0.1.3"), ("0.1.18", "0.1.19")])
def test_releases_that_trust_nobody_else_play_nothing(release: str, since: str) -> None:
    """Releases of uv that ignore SSL_CERT_FILE are skipped, because they reject the gateway."""
    scenario = Scenario.model_validate({"title": "t", "steps": [{"do": "clear-cache"}]})
    with pytest.raises(CapabilityError, match=f"SSL_CERT_FILE: it came with {since}"):
        UvDialect(Version(release)).check(scenario)


def environment(keys: dict[str, Any]) -> dict[str, str]:
    """Return the environment variables of a step."""
    scenario = Scenario.model_validate({"title": "t", "steps": [keys]})
    step: Any = scenario.steps[0]
    paths = (Path("/w/venv"), Path("/usr/bin/python3"), Path("/w/.cache"))
    return dict(UvDialect(Version("0.13.8")).environment(step, *paths))


def test_uv_pip_is_never_told_of_a_python() -> None:
    """For ``uv pip``, no variable names a Python, because uv would install into that Python."""
    assert environment({"do": "uninstall", "projects": ["a"]}) == {"UV_CACHE_DIR": "/w/.cache/uv"}
    assert "UV_PYTHON" not in environment({"command": {"uv": "uv pip list"}})
    other = {"do": "uninstall", "projects": ["a"], "venv": "venv"}
    assert environment(other)["VIRTUAL_ENV"] == "/w/venv"


def test_project_verbs_are_told_of_the_python_and_another_venv() -> None:
    """Verbs of a project get the step's Python in a variable, because they create a venv."""
    assert environment({"do": "sync", "venv": "venv"}) == {
        "UV_CACHE_DIR": "/w/.cache/uv",
        "UV_PYTHON": "/usr/bin/python3",
        "UV_PYTHON_PREFERENCE": "only-system",
        "UV_PROJECT_ENVIRONMENT": "/w/venv",
    }


@pytest.mark.parametrize(
    ("output", "unknown"),
    [
        ("error: unrecognized subcommand 'synk'\n", "unrecognized subcommand 'synk'"),
        ("error: unexpected argument '--x' found", "unexpected argument '--x' found"),
        (
            "TOML parse error at line 2\n  |\nunknown field `index`",
            "unknown field `index`",
        ),
        (
            "error: Failed to parse: `uv.toml`\n  Caused by: TOML parse error at line 1, column 1",
            "Failed to parse: `uv.toml`",
        ),
        ("error: No solution found when resolving dependencies", None),
    ],
)
def test_usage_errors_are_told_from_failures(output: str, unknown: str | None) -> None:
    """Output of uv about an unknown option or command is a usage error; other errors are not."""
    assert UvDialect(Version("0.13.8")).misunderstanding(output) == unknown


IGNORED = """\
warning: Failed to parse `pyproject.toml` during settings discovery:
  TOML parse error at line 6, column 11
    |
  6 | [[tool.uv.index]]
    |           ^^^^^
  unknown field `index`, expected one of `native-tls`, `offline`

Using CPython 3.11.7
"""
"""The output of uv 0.4.22, which ignores a setting that it does not know."""


@pytest.mark.parametrize(
    ("output", "ignored"),
    [
        (
            IGNORED,
            "Failed to parse `pyproject.toml` during settings discovery: unknown field `index`",
        ),
        (
            "warning: Failed to parse `pyproject.toml` during settings discovery; skipping...\n"
            "warning: Requirements file r.in does not contain any dependencies\n",
            "Failed to parse `pyproject.toml` during settings discovery",
        ),
        ("error: Failed to parse: `pyproject.toml`\n  Caused by: unknown field `index`", None),
        ("Resolved 1 package in 15ms", None),
    ],
)
def test_settings_that_are_ignored_are_named(output: str, ignored: str | None) -> None:
    """A setting that the release ignores is named in the last line of uv's warning."""
    assert UvDialect(Version("0.4.22")).ignored_settings(output) == ignored
