"""Steps as command lines of the reference installer."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from pytest_indexcache.installers.reference.command_line import words_of
from pytest_indexcache.scenario.model import Scenario

TABLES: dict[str, Any] = {
    "title": "t",
    "indexes": {
        "pypi": {"url": "https://pypi.org/simple"},
        "cpu": {"url": "https://download.pytorch.org/whl/cpu"},
        "links": {"url": "https://links.example/", "flat": True},
    },
    "cache-control": {"cpu": {"files": "max-age=365000000, immutable"}},
}


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ({"do": "compile", "requirements": ["six"]}, "compile --output requirements.txt six"),
        (
            {"do": "compile", "requirements": ["six"], "to": "out.txt", "hashes": True},
            "compile --output out.txt --generate-hashes six",
        ),
        ({"do": "sync", "no-binary": True}, "sync --no-binary :all:"),
        ({"do": "sync", "no-build": ["six"]}, "sync --no-build six"),
        ({"do": "sync", "refresh": ["six"]}, "sync --refresh-package six"),
        (
            {"do": "sync-requirements", "file": "out.txt"},
            "sync-requirements --requirement out.txt",
        ),
        ({"do": "run", "import": ["torch"]}, "run -- -I -c 'import torch'"),
        ({"do": "sync", "venv": "other", "python": "3.12"}, "sync --venv ../other --python 3.12"),
        ({"do": "add", "requirements": ["x"], "path": "mine"}, "add --path ../mine x"),
        ({"do": "add", "requirements": ["x"], "optional": "cpu"}, "add --extra cpu x"),
        (
            {"do": "add", "requirements": ["x"], "index": "cpu"},
            "add --index cpu=https://download.pytorch.org/whl/cpu x",
        ),
        ({"do": "install", "paths": ["mine"]}, "install ../mine"),
        ({"do": "install", "editable": ["mine"]}, "install --editable ../mine"),
        (
            {"do": "install", "requirements": ["six"], "constraints": ["six<2"]},
            "install --constrain 'six<2' six",
        ),
        (
            {"do": "install", "requirements": ["six"], "find-links": ["links"], "no-index": True},
            "install --no-index --find-links https://links.example/ six",
        ),
        (
            {"do": "install", "requirements": ["torch"], "index": "cpu"},
            "install --index-url https://download.pytorch.org/whl/cpu "
            "--extra-index-url cpu=https://download.pytorch.org/whl/cpu "
            "--cache-control 'cpu.files=max-age=365000000, immutable' torch",
        ),
        (
            {"do": "install", "requirements": ["x"], "extra-indexes": ["links"]},
            "install --extra-index-url links=https://links.example/ --flat links x",
        ),
        ({"do": "clear-cache", "projects": ["six"]}, "cache clear six"),
        ({"do": "prune-cache", "ci": True}, "cache prune --ci"),
    ],
)
def test_line_of_a_step(step: dict[str, Any], line: str) -> None:
    """A command line contains an option of the reference installer for each key of its step."""
    scenario = Scenario.model_validate({**TABLES, "steps": [step]})
    assert shlex.join(words_of(scenario.steps[0], scenario)) == line


def test_variant_is_named() -> None:
    """The command line of a variant contains the variant's name."""
    scenario = Scenario.model_validate({**TABLES, "steps": [{"do": "lock"}]})
    assert words_of(scenario.steps[0], scenario, "obey-no-store") == [
        "lock",
        "--variant",
        "obey-no-store",
    ]


PRIVATE = {"url": "https://a.example/s", "users": {"me": "p:w"}}
FLAT = {"url": "https://b.example/f/", "flat": True, "default": True}


@pytest.mark.parametrize(
    ("indexes", "step", "line"),
    [
        ({"a": PRIVATE}, {}, "install --index-url https://me:p%3Aw@a.example/s six"),
        (
            {"a": PRIVATE, "pypi": TABLES["indexes"]["pypi"]},
            {"extra-indexes": ["a"]},
            "install --extra-index-url a=https://me:p%3Aw@a.example/s six",
        ),
        ({"f": FLAT}, {}, "install --no-index --find-links https://b.example/f/ six"),
        (
            {"f": FLAT, "a": PRIVATE},
            {"extra-indexes": ["a"]},
            "install --index-url https://me:p%3Aw@a.example/s "
            "--find-links https://b.example/f/ "
            "--extra-index-url a=https://me:p%3Aw@a.example/s six",
        ),
    ],
)
def test_passwords_and_flat_pages_are_given_as_to_other_installers(
    indexes: dict[str, Any], step: dict[str, Any], line: str
) -> None:
    """Index URLs contain the user's password, and a flat default index excludes PyPI."""
    steps = [{"do": "install", "requirements": ["six"], **step}]
    scenario = Scenario.model_validate({"title": "t", "indexes": indexes, "steps": steps})
    assert shlex.join(words_of(scenario.steps[0], scenario)) == line
