"""The command line that is printed for a step has the same effect as the step."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest

from pytest_indexcache.index.documents.sdists import write_local_project
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.inprocess import mounted
from pytest_indexcache.installers.contract.installer import InstallerSpec, Workspace
from pytest_indexcache.installers.reference.adapter import ReferenceAdapter
from pytest_indexcache.installers.reference.command_line import words_of
from pytest_indexcache.messages import Exchange
from pytest_indexcache.reference.__main__ import main
from pytest_indexcache.run.plays.transports import in_process
from pytest_indexcache.run.plays.venvs.distributions import read_venv
from pytest_indexcache.scenario import Scenario
from pytest_indexcache.scenario.tables.steps import Command, InstallerVerb, RemoveVenv

TABLES: dict[str, Any] = {
    "title": "t",
    "indexes": {
        "main": {
            "url": "https://main.example/simple",
            "default": True,
            "packages": {
                "app": {"1.0": {"requires": ["lib"]}, "2.0": {"requires": ["lib"]}},
                "lib": {"1.0": {}, "1.5": {"files": [{"kind": "sdist"}, {"kind": "wheel"}]}},
            },
        },
        "other": {
            "url": "https://other.example/simple",
            "packages": {"app": {"3.0": {}}, "lib": {"0.5": {}, "9.0": {}}},
        },
        "links": {"url": "https://links.example/", "flat": True, "packages": {"lib": {"7.0": {}}}},
    },
    "cache-control": {"main": {"pages": "max-age=60"}, "other": {"files": "max-age=9, immutable"}},
    "project": {
        "dependencies": ["app<2"],
        "optional-dependencies": {"cpu": ["lib<1.5"]},
        "dependency-groups": {"dev": ["lib"]},
    },
    "sources": {"lib": {"index": "other"}},
    "local-projects": {"mine": {"path": "folders/mine"}},
    "files": {"project/pinned.txt": "app==1.0\n", "project/requirements.txt": "app==2.0\nlib\n"},
}
VERBS: dict[str, dict[str, Any]] = {
    "lock": {},
    "sync": {},
    "run": {},
    "install": {"requirements": ["app"]},
    "uninstall": {"projects": ["app"]},
    "add": {"requirements": ["lib"]},
    "remove": {"projects": ["app"]},
    "compile": {"requirements": ["app"]},
    "sync-requirements": {},
    "clear-cache": {},
    "prune-cache": {},
}
"""Each verb, with the keys without which it does nothing."""

VALUES: dict[str, list[Any]] = {
    "folder": ["elsewhere"],
    "venv": ["another"],
    "python": ["3.0"],
    "offline": [True],
    "refresh": [True, ["app"]],
    "upgrade": [True, ["app", "lib"]],
    "reinstall": [True, ["lib"]],
    "no-cache": [True],
    "no-binary": [True, ["lib"]],
    "no-build": [True, ["lib"]],
    "no-sources": [True],
    "no-deps": [True],
    "index-strategy": ["first-index", "unsafe-best-match"],
    "prereleases": [True],
    "resolution": ["highest", "lowest", "lowest-direct"],
    "exclude-newer": ["7 days ago", "2026-08-01T14:00:00+02:00"],
    "extras": [["cpu"]],
    "groups": [["dev"]],
    "frozen": [True],
    "locked": [True],
    "inexact": [True],
    "requirements-files": [["project/pinned.txt"]],
    "constraints-files": [["project/pinned.txt"]],
    "import": [["app", "lib"]],
    "requirements": [["app>=1.0,<2", "lib!=1.5"]],
    "editable": [["folders/mine"], "folders/mine"],
    "paths": [["folders/mine"]],
    "path": ["folders/mine"],
    "overrides": [["lib<1.5"]],
    "constraints": [["lib<1.5"]],
    "index": ["other"],
    "extra-indexes": [["other"], ["links"]],
    "find-links": [["links"], ["folders"]],
    "no-index": [True],
    "require-hashes": [True],
    "projects": [["lib", "nowhere"]],
    "optional": ["cpu"],
    "group": ["dev"],
    "to": ["out.txt"],
    "hashes": [True],
    "file": ["pinned.txt"],
    "ci": [True],
}
"""Values for each key that a step can have; every new key needs an entry."""

NOT_PLAYED = {
    *("name", "env", "expect", "release", "python-platform", "do", "wait", "times"),
    "config-settings",
}
"""Keys that the reference installer ignores or cannot play."""

UNSAID = {verb: {"no-sources"} for verb in ("install", "compile", "sync-requirements")}
"""Keys for which a verb has no option: they exclude sources, which such verbs never use."""


def keys_of(verb: str) -> list[str]:
    """Return the keys that a step with this verb can have."""
    for table in get_args(InstallerVerb):
        if get_args(table.model_fields["do"].annotation)[0] == verb:
            aliases = {name: field.alias for name, field in table.model_fields.items()}
            keys = [alias or name.replace("_", "-") for name, alias in aliases.items()]
            return [key for key in keys if key not in NOT_PLAYED]
    raise AssertionError(f"there is no verb {verb}")


def cases() -> Iterator[Any]:
    """Yield each verb without keys, and with each value of each of its keys."""
    for verb, needed in VERBS.items():
        yield pytest.param({"do": verb, **needed}, id=verb)
        for key in keys_of(verb):
            for number, value in enumerate(_fitting(verb, VALUES[key])):
                step = {"do": verb, **needed, key: value}
                if key in ("editable", "path", "paths") and verb in ("install", "add"):
                    step["requirements"] = ["mine"] if verb == "add" else []
                yield pytest.param(step, id=f"{verb}-{key}-{number}")


def _fitting(verb: str, values: list[Any]) -> list[Any]:
    """Return valid values for a verb: ``add`` takes one folder, ``install`` several."""
    if values == VALUES["editable"]:
        return [value for value in values if isinstance(value, str) == (verb == "add")]
    return values


def test_every_verb_and_every_key_is_tried() -> None:
    """Every verb, and every key of a verb, has a row in the tables above."""
    verbs = {get_args(it.model_fields["do"].annotation)[0] for it in get_args(InstallerVerb)}
    others = {get_args(it.model_fields["do"].annotation)[0] for it in (Command, RemoveVenv)}
    assert verbs - others == VERBS.keys()
    assert {key for verb in VERBS for key in keys_of(verb)} == VALUES.keys()


@pytest.mark.parametrize("data", list(cases()))
def test_every_key_is_on_the_line(data: dict[str, Any]) -> None:
    """Every key of a verb has a corresponding option of the reference installer."""
    verb = data["do"]
    bare = {"do": verb, **VERBS[verb]}
    changed = {key for key in data if data[key] != bare.get(key)}
    scenario = Scenario.model_validate({**TABLES, "steps": [data, bare]})
    line, plain = (words_of(step, scenario) for step in scenario.steps)
    assert (line != plain) is bool(changed - {"folder"} - UNSAID.get(verb, set()))


@dataclass
class Side:
    """A workspace in which a step is played, and the state that it leaves."""

    root: Path
    ledger: list[Exchange]

    def seen(self, folder: str, venv: str | None) -> dict[str, Any]:
        """Return the files of the project, the content of its venv, and the requests."""
        workspace = Workspace(self.root)
        project = workspace.folder(folder)
        texts = sorted(project.glob("*.t*"))
        return {
            "files": {path.name: path.read_text("utf-8") for path in texts},
            "venv": {
                name: (it.version, it.origin, it.build)
                for name, it in read_venv(workspace.venv(folder, venv)).items()
            },
            # Typed by hand it asks several things at once.
            "requests": sorted((it.method, it.url, it.status) for it in self.ledger),
        }


@pytest.mark.parametrize("data", list(cases()))
def test_printed_line_does_what_the_step_does(
    data: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The printed command line has the same exit code, output and effects as the step."""
    step: Any = Scenario.model_validate({**TABLES, "steps": [data]}).steps[0]
    outcome, played = _played(step, tmp_path / "same" / "w")
    program = shlex.split(outcome.command)
    assert program[:3] == ["python", "-m", "pytest_indexcache.reference"]
    (tmp_path / "same").rename(tmp_path / "played")
    side, scenario = _prepared(step, tmp_path / "same" / "w")
    workspace = Workspace(side.root)
    monkeypatch.chdir(workspace.folder(step.folder))
    monkeypatch.setenv("INDEXCACHE_CACHE_DIR", str(workspace.cache))
    capfd.readouterr()
    with mounted(FakeIndexes(scenario.indexes), record=side.ledger.append, clock=time.time):
        try:
            code = main(program[3:])
        except SystemExit as error:
            code = int(error.code or 0)
    said = capfd.readouterr()
    typed = side.seen(step.folder, step.venv)
    assert code == outcome.exit_code
    # Some messages write a path as it is typed, others from the root.
    here = f"{workspace.folder(step.folder)}/"
    texts = (text.replace(here, "") for text in (said.out + said.err, outcome.output))
    typed_words, played_words = (sorted(text.split()) for text in texts)
    assert typed_words == played_words
    assert typed == played


def _prepared(step: Any, root: Path) -> tuple[Side, Scenario]:
    """Return a workspace with the project, and with a distribution that a verb can remove."""
    first = {"do": "install", "requirements": ["app"], "folder": step.folder, "venv": step.venv}
    scenario = Scenario.model_validate({**TABLES, "steps": [first if step.venv else _own(first)]})
    workspace, adapter = Workspace(root), ReferenceAdapter(InstallerSpec.parse("reference"))
    for path, text in scenario.files.items():
        file = root / path.replace("project/", f"{step.folder}/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for name, project in scenario.local_projects.items():
        write_local_project(root / project.path, name, project)
    adapter.write_project(scenario, step.folder, workspace)
    side = Side(root, [])
    if step.do in ("uninstall", "clear-cache", "prune-cache"):
        with in_process(time.time)(FakeIndexes(scenario.indexes), _ignored) as network:
            first_step: Any = scenario.steps[0]
            adapter.play(first_step, scenario, workspace, network)
    return side, scenario


def _own(step: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in step.items() if key != "venv"}


def _ignored(exchange: Exchange) -> None:
    """Discard an exchange."""


def _played(step: Any, root: Path) -> tuple[Any, dict[str, Any]]:
    """Play a step as scenarios do; return its outcome and the state that it leaves."""
    side, scenario = _prepared(step, root)
    adapter = ReferenceAdapter(InstallerSpec.parse("reference"))
    with in_process(time.time)(FakeIndexes(scenario.indexes), side.ledger.append) as network:
        outcome = adapter.play(step, scenario, Workspace(root), network)
    return outcome, side.seen(step.folder, step.venv)
