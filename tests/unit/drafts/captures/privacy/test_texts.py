"""Private words in texts of a known form, replaced according to the rules for that form."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.captures.privacy.marks import unmarked_text
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements
from pytest_indexcache.drafts.captures.privacy.texts import (
    command_text,
    line_text,
    lockfile_text,
    marker_text,
    requirement_text,
)


def _known() -> Replacements:
    """Return replacements for private projects that have the names of other things."""
    replacements = Replacements()
    replacements.keep(["core-js", "torch"])
    for name in ("core", "acme", "acme-core", "python-version", "hash", "1", "py3", "linux"):
        replacements.project(name)
    replacements.secret("core-js!42")
    replacements.index("https://nexus.acme.corp:8443/simple")
    return replacements


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("core>=1", "project1>=1"),
        ("core-js>=1", "core-js>=1"),
        ("Acme.Core [core] >=1.0,<2", "project3 [project1] >=1.0,<2"),
        ("acme==1", "project2==1"),
        ("acme==1.0+acme.7,!=1.0+acme-7", "project2==1.0+local1,!=1.0+local1"),
        ("torch==2.8.0+cpu", "torch==2.8.0+cpu"),
        ("core; python_version<'3' and sys_platform=='linux'",) * 2,
        ("hash (>=1)", "project5 (>=1)"),
        ("1", "project6"),
        (
            "acme @ https://nexus.acme.corp:8443/x/acme-1.0.zip",
            "project2 @ https://index1.example/folder1/project2-1.0.zip",
        ),
        ("./acme-core/lib", "./project3/lib"),
        ("acme-core-reqs.txt", "project3-reqs.txt"),
    ],
)
def test_requirement_names_one_project(text: str, expected: str) -> None:
    """The name in a requirement is replaced as a whole; versions and markers are not names."""
    expected = expected.replace("core; p", "project1; p")
    assert unmarked_text(requirement_text(text, _known())) == expected


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("platform_node == 'joes-box'", "platform_node == 'host1'"),
        ("'joes-box' != platform_node", "'host1' != platform_node"),
        ("platform_node=='' or sys_platform == 'linux'",) * 2,
        ("sys_platform == 'linux' and platform_machine == 'x'",) * 2,
    ],
)
def test_name_of_a_machine_in_a_marker_is_replaced(marker: str, expected: str) -> None:
    """A marker that compares the name of a machine keeps no real name."""
    expected = expected.replace("node==''", "node=='host1'")
    assert unmarked_text(marker_text(marker, _known())) == expected


def test_password_and_user_in_a_marker_are_replaced() -> None:
    """A password or user name that is the value of a marker's comparison is replaced."""
    replacements = _known()
    replacements.secret("hunter2secret")
    replacements.user("quentin-w")
    marker = "platform_machine != 'hunter2secret' and platform_version != 'quentin-w'"
    assert "hunter2secret" not in marker_text(marker, replacements)
    assert "quentin-w" not in marker_text(marker, replacements)


def test_extra_of_a_marker_is_replaced() -> None:
    """A marker keeps its variables, and an extra named like a private project is replaced."""
    marker = "python_version < '3' and extra == 'acme-core'"
    replaced = unmarked_text(marker_text(marker, _known()))
    assert replaced == "python_version < '3' and extra == 'project3'"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("acme==1.0 --hash=sha256:ab12", "project2==1.0 --hash=sha256:ab12"),
        ("--trusted-host nexus.acme.corp:8443", "--trusted-host index1.example"),
        ("--hash core", "--hash project1"),
        ("-e ./acme-core", "-e ./project3"),
        ("-racme.txt", "-rproject2.txt"),
        ("core ; python_version < '3' \\", "project1 ; python_version < '3' \\"),
        ("core-js!42 of core-js", "secret1 of core-js"),
    ],
)
def test_line_of_requirements_keeps_its_options(line: str, expected: str) -> None:
    """Options in a requirements file are not replaced, even if a project has such a name."""
    assert unmarked_text(line_text(line, _known())) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("uv sync --extra core --no-cache", "uv sync --extra project1 --no-cache"),
        ("uv lock --upgrade-package=acme-core==1.0", "uv lock --upgrade-package=project3==1.0"),
        ("uv add 'acme[core] >=1'", "uv add 'project2[project1] >=1'"),
        ("pip install hash", "pip install project5"),
    ],
)
def test_command_keeps_its_own_words(words: str, expected: str) -> None:
    """Subcommands and options of a command stay, and names in values of options are replaced."""
    assert unmarked_text(command_text(words.partition(" ")[0], words, _known())) == expected


def test_lockfile_keeps_its_vocabulary() -> None:
    """Keys of a lockfile stay, and keys of its dependency tables are names of projects."""
    replacements = Replacements()
    for name in ("name", "version", "acme-core", "file"):
        replacements.project(name)
    text = "\n".join(
        [
            'name = "version"',
            'version = "1.0+acme-core"',
            '    { name = "version", specifier = ">=1.0+acme.core,<2" },',
            "    \"platform_node == 'joes-box'\",",
            "marker = \"extra == 'file'\"",
            '    {file = "name-1.0-py3-none-any.whl", hash = "sha256:${sha256:name-1.0.tar.gz}"},',
            "[package.dependencies]",
            'name = ">=1"',
            '"acme.core" = {version = "*", optional = true}',
            "[package.extras]",
            'fast = ["acme-core (>=1)", "name"]',
        ]
    )
    expected = "\n".join(
        [
            'name = "project2"',
            'version = "1.0+local1"',
            '    { name = "project2", specifier = ">=1.0+local1,<2" },',
            "    \"platform_node == 'host1'\",",
            "marker = \"extra == 'project4'\"",
            '    {file = "project1-1.0-py3-none-any.whl",'
            ' hash = "sha256:${sha256:project1-1.0.tar.gz}"},',
            "[package.dependencies]",
            'project1 = ">=1"',
            '"project3" = {version = "*", optional = true}',
            "[package.extras]",
            'fast = ["project3 (>=1)", "project1"]',
        ]
    )
    assert unmarked_text(lockfile_text(text, replacements)) == f"{expected}\n"
