"""Projects and requirements files as pip commands, for old and new releases."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError, PlayError
from pytest_indexcache.installers.pip.dialect import PipDialect
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import InstallerStep

PYPI = {"url": "https://pypi.org/simple", "packages": {"a": {"1.0": {}}}}
OTHER = {"url": "https://other.example.com/simple", "packages": {"b": {"1.0": {}}}}
LOCK = "pip lock --requirement requirements.txt --output pylock.toml"
DUE = f"test pylock.toml -nt requirements.txt || {LOCK}"
LOCKED = "pip install --requirement pylock.toml"
REMOVAL = "pip uninstall --yes"


def scenario_with(*steps: dict[str, Any], **tables: Any) -> Scenario:
    """Return a scenario of steps on a project that requires ``a``."""
    common = {"title": "t", "indexes": {"pypi": PYPI}, "project": {"dependencies": ["a"]}}
    return Scenario.model_validate({**common, "steps": list(steps), **tables})


def shown(release: str, scenario: Scenario) -> list[str]:
    """Check that the scenario is playable, and return the commands of the last step."""
    dialect = PipDialect(Version(release))
    dialect.check(scenario)
    step = scenario.steps[-1]
    assert isinstance(step, InstallerStep)
    return [line.shown("pip") for line in dialect.command_lines(step, scenario)]


SYNC = {"do": "sync"}
TESTS = {"dependency-groups": {"test": ["b"]}}
EXTRAS = {"optional-dependencies": {"x": ["b"], "y": ["c"]}}


@pytest.mark.parametrize(
    ("step", "project", "commands"),
    [
        (SYNC, {}, [DUE, LOCKED, REMOVAL]),
        ({"do": "sync", "upgrade": True}, {}, [LOCK, LOCKED, REMOVAL]),
        ({"do": "sync", "frozen": True}, {}, [LOCKED, REMOVAL]),
        (
            {"do": "sync", "frozen": True, "reinstall": True, "refresh": ["a"]},
            {},
            [f"{LOCKED} --force-reinstall --refresh-package a", REMOVAL],
        ),
        (
            {"do": "run", "import": ["a", "b.c"]},
            {},
            [DUE, LOCKED, ".venv/bin/python -c 'import a, b.c'"],
        ),
        (
            {"do": "sync", "frozen": True, "extras": ["y", "x"]},
            EXTRAS,
            ["pip install --requirement pylock.x-y.toml", REMOVAL],
        ),
        (
            {"do": "sync", "frozen": True, "inexact": True},
            {},
            ["pip install --requirement pylock.toml"],
        ),
        (
            {"do": "lock"},
            {**EXTRAS, **TESTS},
            [
                "pip lock --requirement requirements-x.txt --requirement requirements-y.txt"
                " --group test --output pylock.x-y-group-test.toml"
            ],
        ),
        (
            {"do": "lock"},
            {**EXTRAS, "conflicts": [["x", "y"]]},
            [
                "pip lock --requirement requirements-x.txt --output pylock.x.toml",
                "pip lock --requirement requirements-y.txt --output pylock.y.toml",
            ],
        ),
        (
            {"do": "compile", "requirements": ["a"], "to": "dev.txt"},
            {},
            ["pip lock --requirement requirements.in --output pylock.dev.toml"],
        ),
    ],
)
def test_project_is_locked_and_installed_by_its_lockfile(
    step: dict[str, Any], project: dict[str, Any], commands: list[str]
) -> None:
    """A sync uninstalls packages that are not in the lockfile, because pip itself keeps them."""
    scenario = scenario_with(step, project={"dependencies": ["a"], **project})
    assert shown("26.3", scenario) == commands


def test_all_choices_of_extras_and_groups_are_locked_together() -> None:
    """Each selection of extras and groups has its own lockfile, as pip's are not universal."""
    chosen = {"do": "sync", "extras": ["x"], "groups": ["test"]}
    scenario = scenario_with(SYNC, chosen, {"do": "lock"}, project={**EXTRAS, **TESTS})
    assert [line.rpartition(" ")[2] for line in shown("26.1", scenario)] == [
        "pylock.toml",
        "pylock.x-group-test.toml",
        "pylock.y.toml",
    ]


def test_project_is_said_in_requirements_files() -> None:
    """A project is written as requirements files, and its groups as a project file."""
    project = {
        "dependencies": ["a[fast]>=1 ; python_version > '3'", "mine[x]", "far"],
        "constraints": ["c<2"],
        "optional-dependencies": {"x": ["b", "mine"]},
        "dependency-groups": {"test": ["a"]},
    }
    sources = {
        "b": {"index": "other"},
        "mine": {"path": "mine", "editable": True},
        "far": {"url": "https://pypi.org/files/far-1.0-py3-none-any.whl"},
    }
    indexes = {"other": {**OTHER, "users": {"ann": "pw"}}, "pypi": PYPI}
    scenario = scenario_with(SYNC, project=project, sources=sources, indexes=indexes)
    assert PipDialect(Version("25.1")).written_files(scenario) == {
        "requirements.txt": "--extra-index-url https://ann:pw@other.example.com/simple\n"
        "-c constraints.txt\n"
        "a[fast]>=1 ; python_version > '3'\n"
        "-e ../mine[x]\n"
        "far @ https://pypi.org/files/far-1.0-py3-none-any.whl\n",
        "requirements-x.txt": "-r requirements.txt\nb\n-e ../mine\n",
        "constraints.txt": "c<2\n",
        "pyproject.toml": '[dependency-groups]\ntest = [\n    "a",\n]\n',
    }


def test_project_file_of_pip_is_installed_editable() -> None:
    """A verbatim project file makes pip install the project in editable mode."""
    files = {"pip": "[project]\n"}
    scenario = scenario_with(
        {"do": "sync", "extras": ["x"]}, project=EXTRAS, **{"project-files": files}
    )
    assert shown("26.1", scenario)[0] == (
        "test pylock.x.toml -nt pyproject.toml || pip lock --editable '.[x]' --output pylock.x.toml"
    )


NOTE = "  # not by pylock.toml: pip 26.0 has no install of pylock.toml: it came with 26.1"
PUBLISH = {"do": "publish", "index": "pypi", "project": "a", "version": "2.0"}


@pytest.mark.parametrize(
    ("steps", "command"),
    [
        ([SYNC], "pip install --requirement requirements.txt"),
        ([SYNC, PUBLISH, {"do": "sync", "upgrade": True}], None),
        (
            [{"do": "sync", "extras": ["x"], "groups": ["test"], "expect": {"installed-count": 2}}],
            "pip install --requirement requirements-x.txt --group test",
        ),
        (
            [SYNC, {"do": "sync", "expect": {"removed": {"a": "1"}, "added": {"a": "2"}}}],
            "pip install --requirement requirements.txt",
        ),
    ],
)
def test_pip_that_installs_no_lockfile_installs_requirements(
    steps: list[dict[str, Any]], command: str | None
) -> None:
    """Before 26.1, pip installs from requirements files, and the report says why."""
    upgraded = "pip install --requirement requirements.txt --upgrade --upgrade-strategy eager"
    scenario = scenario_with(*steps, project={"dependencies": ["a"], **EXTRAS, **TESTS})
    assert shown("26.0", scenario) == [f"{command or upgraded}{NOTE}"]


@pytest.mark.parametrize(
    "steps",
    [
        [{"do": "lock"}, SYNC],
        [{"do": "sync", "frozen": True}],
        [{"do": "sync", "expect": {"locked": {"a": "1.0"}}}],
        [SYNC, PUBLISH, SYNC],
        [{"do": "sync", "extras": ["x"]}, {"do": "sync", "expect": {"removed": {"b": "1.0"}}}],
        [{"do": "install", "requirements": ["c"]}, {"do": "sync", "expect": {"absent": ["c"]}}],
    ],
)
def test_step_that_only_a_lockfile_can_bring_about_needs_one(steps: list[dict[str, Any]]) -> None:
    """Old pip releases skip steps whose result depends on installing from a lockfile."""
    scenario = scenario_with(*steps, project={"dependencies": ["a"], **EXTRAS})
    assert shown("26.1", scenario)
    with pytest.raises(CapabilityError, match=r"no install of pylock.toml: it came with 26.1"):
        shown("26.0", scenario)


def test_folders_elsewhere_are_installed_without_a_lockfile() -> None:
    """A project outside the lockfile's folder is installed from a requirements file."""
    sources = {"a": {"path": "a"}}
    [line] = shown("26.3", scenario_with(SYNC, sources=sources))
    assert line == (
        "pip install --requirement requirements.txt"
        "  # not by pylock.toml: pip has no lockfile of folders outside of its own"
    )
    with pytest.raises(CapabilityError, match="no lockfile of folders outside of its own"):
        shown("26.3", scenario_with({"do": "lock"}, sources=sources))
    assert shown("26.3", scenario_with({"do": "lock"}, sources={"a": {"path": "project/a"}})) == [
        LOCK
    ]


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (
            {"sources": {"b": {"index": "other", "explicit": True}}},
            "index that serves only some projects (explicit)",
        ),
        (
            {"sources": {"a": {"index": "other"}}},
            "index for one project that other indexes have, too",
        ),
        (
            {"project": TESTS, "sources": {"b": {"path": "b"}}},
            "path or URL for a project of a dependency group",
        ),
        ({"project": {"overrides": ["a==1"]}}, "overrides"),
        ({"cache-control": {"other": {"files": "a"}}}, "override of an index's cache-control"),
        ({"steps": [{"do": "lock", "locked": True}]}, "check that its lockfile is up to date"),
        ({"steps": [{"do": "sync", "locked": True}]}, "check that its lockfile is up to date"),
        ({"steps": [{"do": "sync", "upgrade": ["a"]}]}, "lock that upgrades less than all"),
        ({"steps": [{"do": "sync", "offline": True}]}, "offline mode"),
    ],
)
def test_what_cannot_be_said_to_pip_is_a_reason(keys: dict[str, Any], reason: str) -> None:
    """A step that has no equivalent in pip is skipped with a reason."""
    scenario = scenario_with(SYNC, **{"indexes": {"other": OTHER, "pypi": PYPI}, **keys})
    with pytest.raises(CapabilityError) as caught:
        PipDialect(Version("26.3")).check(scenario)
    assert caught.value.problem == f"pip has no {reason}"


COMPILE = {"do": "compile", "requirements": ["a"]}


@pytest.mark.parametrize(
    ("release", "steps", "files", "commands"),
    [
        (
            "25.0",
            [COMPILE],
            {},
            [
                "pip install --dry-run --ignore-installed --report report.json"
                " --requirement requirements.in"
            ],
        ),
        (
            "26.1",
            [COMPILE, {"do": "sync-requirements", "require-hashes": True}],
            {},
            ["pip install --requirement pylock.requirements.toml --require-hashes", REMOVAL],
        ),
        (
            "20.1",
            [{"do": "sync-requirements", "file": "dev.txt"}],
            {"project/dev.txt": "# all of it\na==1 --hash=sha256:0 # one\n"},
            ["pip install --no-deps --requirement dev.txt", REMOVAL],
        ),
    ],
)
def test_requirements_files_are_compiled_and_synced(
    release: str, steps: list[dict[str, Any]], files: dict[str, str], commands: list[str]
) -> None:
    """``compile`` writes a lockfile, and ``sync-requirements`` removes other packages."""
    assert shown(release, scenario_with(*steps, files=files)) == commands


def test_requirements_file_whose_projects_have_no_names_cannot_be_synced() -> None:
    """A requirements file with an entry without a project name cannot be synced."""
    files = {"project/requirements.txt": "-e ../mine\n"}
    with pytest.raises(CapabilityError, match="sync of a requirements file with options, paths"):
        shown("26.3", scenario_with({"do": "sync-requirements"}, files=files))


def test_lockfile_that_a_build_replaced_is_not_read(tmp_path: Path) -> None:
    """A lockfile that a build backend replaced by a pipe or a link is not read."""
    scenario = scenario_with(SYNC)
    [*_, removal] = PipDialect(Version("26.3")).command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    lockfile = tmp_path / "pylock.toml"
    lockfile.write_text('[[packages]]\nname = "A"\nversion = "1"\n')
    assert removal.without_kept(tmp_path, ["a"]) is None
    lockfile.unlink()
    os.mkfifo(lockfile)
    with pytest.raises(PlayError, match=r"pylock\.toml is not a plain file"):
        removal.without_kept(tmp_path, ["a"])
    lockfile.unlink()
    lockfile.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PlayError, match=r"pylock\.toml is not a plain file"):
        removal.without_kept(tmp_path, ["a"])


FILES: dict[str, Any] = {
    "do": "install",
    "requirements-files": ["a.txt", "in/b.in"],
    "constraints-files": ["c.txt"],
    "config-settings": {"a": "1"},
}


def test_files_and_settings_of_an_install_are_options() -> None:
    """The requirements files and build settings of an install become options of pip."""
    assert shown("22.1", scenario_with(FILES)) == [
        "pip install --requirement a.txt --requirement in/b.in --constraint c.txt"
        " --config-settings a=1"
    ]


@pytest.mark.parametrize(
    ("release", "step", "reason"),
    [
        ("22.0.4", FILES, "install --config-settings: it came with 22.1"),
        (
            "26.0.1",
            {"do": "install", "requirements-files": ["pylock.toml"]},
            "install of pylock.toml: it came with 26.1",
        ),
    ],
)
def test_older_releases_lack_them(release: str, step: dict[str, Any], reason: str) -> None:
    """The reason to skip an older pip names the missing option and its first release."""
    with pytest.raises(CapabilityError, match=f"has no {reason}$"):
        shown(release, scenario_with(step))
