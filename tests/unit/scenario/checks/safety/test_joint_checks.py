"""Options, variables and settings that are safe alone, but unsafe in combination."""

from __future__ import annotations

import pytest

from pytest_indexcache.scenario.checks.safety.joint_checks import check_joint_words
from pytest_indexcache.scenario.model import Scenario

UV = "project/uv.toml"
COMPILE = "uv pip compile r.in"


def found(
    command: str, variables: dict[str, str], files: dict[str, str], project: str
) -> list[str]:
    """Return the findings, with key paths, for a scenario with this command."""
    step = {"command": {"uv": command}, "env": variables}
    document = {"title": "t", "steps": [step], "files": files}
    document |= {"project-files": {"uv": project}} if project else {}
    findings = check_joint_words(Scenario.model_validate(document))
    return [f"{'.'.join(map(str, it.path))}: {it.text.partition(' (')[0]}" for it in findings]


@pytest.mark.parametrize(
    ("command", "variables", "files", "project", "expected"),
    [
        (f"{COMPILE} --python-version 3.8", {}, {}, "", None),
        (f"{COMPILE} --no-build-isolation", {}, {}, "", None),
        (
            *(f"{COMPILE} --python-version 3.8 --no-build-isolation", {}, {}, ""),
            "steps.0.command.uv: --no-build-isolation is not allowed beside --python-version",
        ),
        (
            *(f"{COMPILE} --python-version 3.8", {"UV_NO_BUILD_ISOLATION": "1"}, {}, ""),
            "steps.0.env.UV_NO_BUILD_ISOLATION: UV_NO_BUILD_ISOLATION is not allowed beside "
            "--python-version",
        ),
        (f"{COMPILE} --python-version 3.8", {"UV_NO_BUILD_ISOLATION": "0"}, {}, "", None),
        (
            *(COMPILE, {"UV_NO_BUILD_ISOLATION": "1"}, {UV: "pip.python-version = '3.8'"}, ""),
            "steps.0.env.UV_NO_BUILD_ISOLATION: UV_NO_BUILD_ISOLATION is not allowed beside "
            "python-version",
        ),
        (
            *(f"{COMPILE} --python-version=3.8", {}, {UV: "no-build-isolation = true"}, ""),
            "files.project/uv.toml: no-build-isolation is not allowed beside --python-version",
        ),
        (COMPILE, {}, {UV: "no-build-isolation = true"}, "", None),
        (
            *(f"{COMPILE} --python-version=3.8", {}, {UV: "no-build-isolation = false"}, ""),
            None,
        ),
        (
            *(f"{COMPILE} --python-version 3.8", {}, {}),
            "[tool.uv]\nno-build-isolation-package = ['six']",
            "project-files.uv: no-build-isolation-package is not allowed beside --python-version",
        ),
        (f"{COMPILE} --python-version 3.8", {}, {}, "[tool.x]\nno-build-isolation = true", None),
        ("uv auth token https://a.example", {}, {}, "", None),
        ("uv --preview sync", {}, {}, "", None),
        (
            *("uv --preview auth token https://a.example", {}, {}, ""),
            "steps.0.command.uv: auth token is not allowed beside --preview",
        ),
        (
            *("uv auth logout https://a.example", {"UV_PREVIEW": "true"}, {}, ""),
            "steps.0.command.uv: auth logout is not allowed beside UV_PREVIEW",
        ),
        (
            *("uv auth login https://a.example", {}, {"x/UV.toml": "preview = true"}, ""),
            "steps.0.command.uv: auth login is not allowed beside preview",
        ),
        ("uv auth login https://a.example", {}, {"x/uv.toml": "preview = false"}, "", None),
        ("uv auth login https://a.example", {}, {"x/uv.toml": "preview ="}, "", None),
    ],
)
def test_words_that_lead_out_together_are_found(
    command: str,
    variables: dict[str, str],
    files: dict[str, str],
    project: str,
    expected: str | None,
) -> None:
    """Unsafe pairs of options, variables and settings are refused, and each alone is accepted."""
    assert found(command, variables, files, project) == ([expected] if expected else [])
