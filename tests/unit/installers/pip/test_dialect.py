"""Steps as command lines of pip, for old and new releases."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller
from pytest_indexcache.installers.pip.dialect import PipDialect
from pytest_indexcache.scenario.model import Scenario

INDEXES = {
    "nv": {"url": "https://pypi.nvidia.com", "users": {"ann": "pw"}},
    "links": {"url": "https://a.example.com/links.html", "flat": True},
    "pypi": {"url": "https://pypi.org/simple"},
}


def translated(release: str, keys: dict[str, Any], **more: Any) -> CommandLine:
    """Check that the scenario is playable, and return the only command of its step."""
    tables = {"title": "t", "steps": [keys], "indexes": INDEXES, **more}
    scenario = Scenario.model_validate(tables)
    dialect = PipDialect(Version(release))
    dialect.check(scenario)
    (line,) = dialect.command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    return line


@pytest.mark.parametrize(
    ("release", "step", "command"),
    [
        (
            "20.0",
            {"do": "install", "requirements": ["a"], "extra-indexes": ["nv", "links"]},
            "install a --extra-index-url https://ann:pw@pypi.nvidia.com "
            "--find-links https://a.example.com/links.html",
        ),
        (
            "26.3",
            {
                "do": "install",
                "requirements": ["a"],
                "index": "nv",
                "no-deps": True,
                "no-sources": True,
            },
            "install a --index-url https://ann:pw@pypi.nvidia.com --no-deps",
        ),
        (
            "26.3",
            {"do": "install", "requirements": ["a"], "offline": True, "find-links": ["wheels"]},
            "install a --find-links ../wheels --no-index",
        ),
        (
            "26.3",
            {"do": "install", "editable": ["e"], "paths": ["p"], "reinstall": True},
            "install --editable ../e ../p --force-reinstall",
        ),
        (
            "26.3",
            {"do": "install", "requirements": ["A-b"], "upgrade": ["a.b"], "refresh": ["a"]},
            "install A-b --upgrade --refresh-package a",
        ),
        (
            "26.3",
            {"do": "install", "requirements": ["a"], "upgrade": True, "refresh": True},
            "install a --upgrade --upgrade-strategy eager --refresh-package :all:",
        ),
        (
            "26.3",
            {"do": "install", "requirements": ["a"], "no-binary": ["a", "b"], "no-build": True},
            "install a --no-binary a,b --only-binary :all:",
        ),
        (
            "26.0",
            {"do": "install", "requirements": ["a"], "exclude-newer": "2026-08-01T12:00:00Z"},
            "install a --uploaded-prior-to 2026-08-01T12:00:00Z",
        ),
        (
            "26.3",
            {"do": "lock", "exclude-newer": "2 weeks ago"},
            "lock --requirement requirements.txt --output pylock.toml --uploaded-prior-to P14D",
        ),
        (
            "20.0.1",
            {"do": "install", "requirements": ["a"], "prereleases": True},
            "install a --pre",
        ),
        ("26.3", {"do": "uninstall", "projects": ["a", "b"]}, "uninstall --yes a b"),
        ("26.3", {"do": "clear-cache"}, "cache purge"),
        ("26.3", {"command": {"pip": ["pip", "install", "a >=1"]}}, "install 'a >=1'"),
        (
            "25.1",
            {"do": "lock", "no-cache": True},
            "lock --requirement requirements.txt --output pylock.toml --no-cache-dir",
        ),
    ],
)
def test_step_is_this_command(release: str, step: dict[str, Any], command: str) -> None:
    """A step becomes the pip command line that a user would type."""
    assert shlex.join(translated(release, step).arguments) == command


def test_releases_that_call_an_empty_cache_an_error_may_do_so() -> None:
    """Before pip 21.3, the command that clears the cache may fail, because the cache is empty."""
    assert translated("21.2.4", {"do": "clear-cache"}).may_fail
    assert not translated("21.3", {"do": "clear-cache"}).may_fail


@pytest.mark.parametrize(
    ("release", "step", "reason"),
    [
        (
            "26.3",
            {"do": "add", "requirements": ["a"]},
            "pip has no command that adds to a project file",
        ),
        (
            "22.1",
            {"do": "compile", "requirements": ["a"]},
            "pip 22.1 has no install --dry-run --report: it came with 22.2",
        ),
        ("25.0", {"do": "lock"}, "pip 25.0 has no lock: it came with 25.1"),
        (
            "25.3",
            {"do": "lock", "exclude-newer": "2026-08-01T12:00:00Z"},
            "pip 25.3 has no --uploaded-prior-to: it came with 26.0",
        ),
        (
            "26.0.1",
            {"do": "lock", "exclude-newer": "7 days ago"},
            "pip 26.0.1 has no --uploaded-prior-to by an age: it came with 26.1",
        ),
        (
            "26.3",
            {"do": "lock", "exclude-newer": "36 hours ago"},
            "pip has no --uploaded-prior-to by an age that is not a number of days",
        ),
        (
            "26.3",
            {"do": "lock", "resolution": "lowest-direct"},
            "pip has no resolution to the lowest releases",
        ),
        ("26.3", {"do": "prune-cache"}, "pip has no prune of its cache"),
        ("20.0", {"do": "clear-cache"}, "pip 20.0 has no cache purge: it came with 20.1"),
        (
            "26.3",
            {"do": "clear-cache", "projects": ["a"]},
            "pip has no way to clear what it downloaded of one project",
        ),
        (
            "26.3",
            {"do": "install", "requirements": ["a"], "offline": True},
            "pip has no offline mode: --no-index leaves it only find-links",
        ),
        (
            "26.3",
            {"do": "install", "requirements": ["a"], "overrides": ["b==1"]},
            "pip has no overrides",
        ),
        (
            "26.3",
            {"do": "install", "requirements": ["a"], "reinstall": ["a"]},
            "pip has no reinstall of one project without what it requires",
        ),
        (
            "26.3",
            {"do": "install", "requirements": ["a"], "upgrade": ["b"]},
            "pip has no upgrade of projects other than those asked for",
        ),
        (
            "26.3",
            {"do": "install", "requirements": ["a"], "index-strategy": "first-index"},
            "pip has no index strategy first-index: all its indexes are equal",
        ),
        (
            "26.1.2",
            {"do": "install", "requirements": ["a"], "refresh": True},
            "pip 26.1.2 has no --refresh-package: it came with 26.2",
        ),
        (
            "21.2",
            {"do": "install", "editable": ["e"]},
            "pip 21.2 has no editable installs by build backends (PEP 660): it came with 21.3",
        ),
        (
            "26.3",
            {"do": "lock", "expect": {"locked": {"a": {"index": "nv"}}}},
            "pip has no indexes in its lockfile",
        ),
        (
            "26.3",
            {"do": "lock", "expect": {"locked": {"a": {"hashes": False}}}},
            "pip has no files without a hash in its lockfile",
        ),
        (
            "26.3",
            {"do": "lock", "expect": {"locked": {"a": {"files": ["*.whl", "*.tar.gz"]}}}},
            "pip has no second file of a release in its lockfile",
        ),
        (
            "26.3",
            {"do": "lock", "expect": {"locked": {"a": {"version": ["1.0", "2.0"]}}}},
            "pip has no packages for other platforms or Pythons in its lockfile",
        ),
    ],
)
def test_what_a_release_lacks_is_said(release: str, step: dict[str, Any], reason: str) -> None:
    """The reason to skip a pip release names the missing capability and its first release."""
    with pytest.raises(CapabilityError) as caught:
        translated(release, step)
    assert caught.value.problem == reason


def test_pip_changes_a_venv_that_it_is_not_in(tmp_path: Path) -> None:
    """From 22.3 on, pip gets the venv by ``--python``; older releases run in the venv's Python."""
    modules = tmp_path / "lib/python3.11/site-packages/pip"
    modules.mkdir(parents=True)
    supplied = ProvisionedInstaller("pip", "1", tmp_path / "bin/pip", None)
    python, arguments = Path("/w/.venv/bin/python"), ("install", "a")
    new = PipDialect(Version("22.3")).invocation(supplied, python, arguments)
    old = PipDialect(Version("22.2")).invocation(supplied, python, arguments)
    assert new == [str(supplied.executable), "--python", str(python), "install", "a"]
    assert old == [str(python), str(modules), "install", "a"]


@pytest.mark.parametrize("words", ["cache purge", "-v cache purge", "--no-color cache list six"])
def test_pip_clears_its_cache_without_a_venv(tmp_path: Path, words: str) -> None:
    """The subcommand ``pip cache`` is run without a venv, even after global options."""
    supplied = ProvisionedInstaller("pip", "1", tmp_path / "pip", None)
    arguments = tuple(words.split())
    command = PipDialect(Version("26.3")).invocation(supplied, Path("none"), arguments)
    assert command == [str(supplied.executable), *arguments]


@pytest.mark.parametrize("words", ["-v install six", "install cache", "--timeout 5 list"])
def test_pip_is_told_of_the_venv_wherever_the_subcommand_stands(tmp_path: Path, words: str) -> None:
    """After global options, a subcommand gets the venv, too, even for a project named ``cache``."""
    supplied = ProvisionedInstaller("pip", "1", tmp_path / "pip", None)
    command = PipDialect(Version("26.3")).invocation(supplied, Path("py"), tuple(words.split()))
    assert command[1:3] == ["--python", "py"]


def test_old_pip_whose_modules_are_not_found_cannot_be_used(tmp_path: Path) -> None:
    """An old pip whose modules are not found is refused, as it would change its own venv."""
    supplied = ProvisionedInstaller("pip", "1", tmp_path / "bin/pip", None)
    with pytest.raises(CapabilityError, match=r"it came with 22\.3"):
        PipDialect(Version("20.1")).invocation(supplied, Path("python"), ("install", "a"))


@pytest.mark.parametrize(
    ("output", "unknown"),
    [
        ("\nno such option: --zork\n", "no such option: --zork"),
        ('ERROR: unknown command "zork"', 'unknown command "zork"'),
        ("ERROR: No matching distribution found for a", None),
    ],
)
def test_usage_errors_are_told_from_failures(output: str, unknown: str | None) -> None:
    """Pip's output about an unknown option or command is a usage error; other errors are not."""
    assert PipDialect(Version("26.3")).misunderstanding(output) == unknown


@pytest.mark.parametrize(
    ("release", "index", "options"),
    [
        (
            "26.3",
            {"url": "http://a.test:81/s"},
            "http://a.test:81/s --trusted-host a.test",
        ),
        ("20.2.3", {"url": "http://a.test/s"}, "http://a.test/s --trusted-host a.test"),
        ("9.0.3", {"url": "https://pypi.org/simple"}, "https://pypi.org/simple"),
    ],
)
def test_pip_is_told_what_its_user_would_tell_it(
    release: str, index: dict[str, Any], options: str
) -> None:
    """A host without TLS is a trusted host, and pip before 10 gets the URL of pypi.org."""
    line = translated(release, {"do": "install", "requirements": ["a"]}, indexes={"one": index})
    assert shlex.join(line.arguments) == f"install a --index-url {options}"
