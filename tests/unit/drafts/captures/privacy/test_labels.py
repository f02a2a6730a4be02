"""Names of extras and groups, replaced wherever scenario files and lockfiles contain them."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.drafts.captures.privacy.marks import unmarked, unmarked_text
from pytest_indexcache.drafts.captures.privacy.remains import remains
from pytest_indexcache.drafts.captures.privacy.replaced_tables import replaced_tables
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements
from pytest_indexcache.drafts.captures.privacy.texts import (
    command_text,
    lockfile_text,
    marker_text,
    requirement_text,
)


def _known() -> Replacements:
    replacements = Replacements()
    replacements.project("acme-shop", "project")
    replacements.project("acme-core")
    replacements.labels.keep(["socks"])
    replacements.label("secret-billing", "extra")
    replacements.label("phoenix", "group")
    return replacements


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (
            "uv sync --extra Secret_Billing --no-group=phoenix --group dev",
            "uv sync --extra extra1 --no-group=group1 --group dev",
        ),
        ("uv run --with acme-core --group phoenix", "uv run --with project1 --group group1"),
        ("uv pip install --group libs/x:phoenix", "uv pip install --group libs/x:group1"),
        ("uv pip install ./libs/x[secret-billing]", "uv pip install './libs/x[extra1]'"),
        ("pip install acme-core[secret-billing]==1", "pip install 'project1[extra1]==1'"),
        ("pip install requests[socks]", "pip install 'requests[socks]'"),
        (
            "poetry install --with phoenix,dev -E secret-billing",
            "poetry install --with group1,dev -E extra1",
        ),
        ("poetry install -E 'secret-billing socks'", "poetry install -E 'extra1 socks'"),
        ("pdm install -Gphoenix -G :all", "pdm install -Ggroup1 -G :all"),
        ("pdm install -dG phoenix", "pdm install -dG group1"),
    ],
)
def test_labels_of_a_command_are_replaced(command: str, expected: str) -> None:
    """A command contains the new names of extras and groups; common and public ones are kept."""
    installer = command.partition(" ")[0]
    assert unmarked_text(command_text(installer, command, _known())) == expected


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("extra == 'secret-billing'", "extra == 'extra1'"),
        ('"secret-billing" == extra', '"extra1" == extra'),
        ("'secret-billing' in extras", "'extra1' in extras"),
        ("'phoenix' not in dependency_groups", "'group1' not in dependency_groups"),
        (
            "extra == 'extra-9-acme-shop-secret-billing' or extra != 'group-9-acme-shop-phoenix'",
            "extra == 'extra-7-project-extra1' or extra != 'group-7-project-group1'",
        ),
        ("extra == 'project-9-acme-shop'", "extra == 'project-7-project'"),
        ("sys_platform == 'linux' and extra == 'socks'",) * 2,
    ],
)
def test_labels_of_a_marker_are_replaced(marker: str, expected: str) -> None:
    """A marker contains the new names, also in the form that uv writes for conflicting extras."""
    assert unmarked_text(marker_text(marker, _known())) == expected


def test_labels_of_a_requirement_are_replaced() -> None:
    """The extras of a requirement are replaced one by one."""
    text = requirement_text("acme-core[secret-billing, socks]>=1", _known())
    assert unmarked_text(text) == "project1[extra1, socks]>=1"


LOCKFILES = {
    "uv": (
        """\
conflicts = [[
    { package = "acme-shop", group = "phoenix" },
]]
resolution-markers = [
    "extra == 'extra-9-acme-shop-secret-billing'",
]

[[package]]
name = "acme-core"
dependencies = [
    { name = "requests", extra = ["socks"] },
    { name = "acme-core", extra = ["secret-billing"], marker = "extra == 'secret-billing'" },
]

[package.optional-dependencies]
secret-billing = [
    { name = "acme-core" },
]

[package.dev-dependencies]
phoenix = []

[package.metadata]
requires-dist = [{ name = "acme-core", extras = ["secret-billing"] }]
provides-extras = ["secret-billing", "all"]
""",
        """\
conflicts = [[
    { package = "project", group = "group1" },
]]
resolution-markers = [
    "extra == 'extra-7-project-extra1'",
]

[[package]]
name = "project1"
dependencies = [
    { name = "requests", extra = ["socks"] },
    { name = "project1", extra = ["extra1"], marker = "extra == 'extra1'" },
]

[package.optional-dependencies]
extra1 = [
    { name = "project1" },
]

[package.dev-dependencies]
group1 = []

[package.metadata]
requires-dist = [{ name = "project1", extras = ["extra1"] }]
provides-extras = ["extra1", "all"]
""",
    ),
    "poetry": (
        r"""
groups = ["main", "phoenix"]
markers = {main = "extra == \"secret-billing\"", phoenix = "platform_node == \"joes-box\""}

[package.dependencies]
acme-core = {version = "*", extras = ["secret-billing"], markers = "extra == \"secret-billing\""}

[extras]
secret-billing = ["acme-core"]
""",
        r"""
groups = ["main", "group1"]
markers = {main = "extra == \"extra1\"", group1 = "platform_node == \"host1\""}

[package.dependencies]
project1 = {version = "*", extras = ["extra1"], markers = "extra == \"extra1\""}

[extras]
extra1 = ["project1"]
""",
    ),
    "pdm": (
        'groups = ["all", "phoenix"]\ndependencies = [\n    "acme-core[secret-billing]==1",\n]\n',
        'groups = ["all", "group1"]\ndependencies = [\n    "project1[extra1]==1",\n]\n',
    ),
}


@pytest.mark.parametrize("installer", LOCKFILES)
def test_labels_of_a_lockfile_are_replaced(installer: str) -> None:
    """Each installer's lockfile contains the new names of the project file and the commands."""
    before, expected = LOCKFILES[installer]
    assert unmarked_text(lockfile_text(before, _known())) == expected


PROJECT: dict[str, Any] = {
    "project": {"optional-dependencies": {"Secret.Billing": ["acme-shop[secret-billing]"]}},
    "dependency-groups": {"phoenix": [{"include-group": "phoenix"}], "dev": []},
    "tool": {
        "uv": {
            "conflicts": [[{"extra": "secret-billing"}, {"group": "phoenix"}]],
            "default-groups": ["phoenix"],
            "sources": {"acme-core": [{"index": "a", "extra": "secret-billing"}]},
        },
        "poetry": {"group": {"phoenix": {"dependencies": {"acme-core": "*"}}}},
        "pdm": {"dev-dependencies": {"phoenix": ["acme-core"]}},
    },
}


@pytest.mark.parametrize("keeps_names", [False, True])
def test_labels_of_a_project_file_are_replaced(keeps_names: bool) -> None:
    """A project file contains the new names in all its tables, unless all names are to be kept."""
    replacements = Replacements(keeps_names=True) if keeps_names else _known()
    tables = {
        "project-files": {"uv": PROJECT},
        "project": {"conflicts": ["secret-billing", "group:phoenix"]},
    }
    replaced = replaced_tables(tables, replacements)
    text = str(unmarked(replaced)).lower()
    assert ("billing" in text, "phoenix" in text) == (keeps_names, keeps_names)
    assert remains(replaced, replacements) == []
    if not keeps_names:
        assert unmarked(replaced)["project"]["conflicts"] == ["extra1", "group:group1"]


def test_unusual_label_is_replaced_in_other_texts() -> None:
    """An unusual label is replaced wherever it occurs as a whole word."""
    assert _known().named("left out: secret-billing, phoenix") == "left out: extra1, phoenix"


def test_replacement_differs_from_labels_of_public_projects() -> None:
    """A private label does not get the name of a public project's extra."""
    replacements = Replacements()
    replacements.labels.keep(["extra1"])
    assert replacements.label("ours", "extra") == "extra2"
    assert replacements.label("extra1", "extra") == "extra1"
