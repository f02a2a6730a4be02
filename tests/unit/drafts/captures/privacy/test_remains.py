"""Private words that remain in a capture are found, and words of the format are not reported."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.drafts.captures.privacy.marks import marked, unmarked
from pytest_indexcache.drafts.captures.privacy.remains import remains
from pytest_indexcache.drafts.captures.privacy.replaced_tables import replaced_tables
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements


def _known() -> Replacements:
    replacements = Replacements()
    for name in ("steps", "acme-core", "sync", "artifactory-pypi"):
        replacements.project(name)
    replacements.secret("dependencies")
    replacements.user("manylinux_2_17")
    return replacements


@pytest.mark.parametrize(
    "tables",
    [
        {"steps": [{"do": "sync", "extras": ["acme-core"]}]},
        {"project": {"dependencies": ["steps", "sync>=1; extra == 'sync'"]}},
        {"indexes": {"a": {"server": "artifactory-pypi", "packages": {"sync": {"1.0": {}}}}}},
        {"indexes": {"a": {"packages": {"six": {"1": {"tag": "cp311-cp311-manylinux_2_17"}}}}}},
        {"access": {"a": {"user": "manylinux_2_17", "password": "dependencies"}}},
        {"files": {"project/uv.lock": 'name = "steps"\nindex = "sync"\n'}},
        {"title": "Captured: uv sync --extra sync"},
    ],
)
def test_vocabulary_is_not_private(tables: dict[str, Any]) -> None:
    """Words of the scenario format are not reported, although projects or users have such names."""
    replacements = _known()
    assert remains(replaced_tables(tables, replacements), replacements) == []


def test_tables_are_replaced_by_their_place() -> None:
    """Tables of files and of project indexes are not mistaken for files or private words."""
    replacements = _known()
    release = {"files": [{"filename": "acme_core-1.0.zip", "kind": "sdist"}]}
    index = {"name": "index1", "url": "https://nexus.acme.corp/simple", "default": True}
    tables = {
        "indexes": {"a": {"packages": {"acme-core": {"1.0": release}}}},
        "project-files": {"uv": {"tool": {"uv": {"index": [index], "files": [True]}}}},
    }
    text = str(unmarked(replaced_tables(tables, replacements)))
    assert "acme" not in text
    assert "https://index1.example/simple" in text
    assert "'kind': 'sdist'" in text


def test_unreplaced_word_is_found_by_its_key_path() -> None:
    """A remaining private word is reported with its key path, and a secret is not printed."""
    replacements = _known()
    tables = {"steps": [{"requirements": ["acme-core"], "note": "has dependencies"}]}
    found = remains(tables, replacements)
    assert [each.text for each in found] == [
        "steps[0].requirements[0] has acme-core",
        "steps[0].note has a password, a user, a host or a folder",
    ]


def test_password_is_found_in_a_marked_part() -> None:
    """A password is reported even if it is in a part that is marked as safe."""
    replacements = Replacements()
    replacements.secret("hunter2secret")
    found = remains({"project": {"note": marked("hunter2secret")}}, replacements)
    assert [each.path for each in found] == ["project.note"]
