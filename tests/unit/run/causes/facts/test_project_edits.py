"""Edits of a project, as causes describe them."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.run.causes.facts.project_edits import edits_text

from ..histories import PYPI, Told, history

SYNC = {"do": "sync"}
USED = {"pypi": {**PYPI, "users": {"me": "old"}}}


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (
            {"access": {"pypi": {"slash": True}}},
            "step 2 changed the slash at the end of the URL of index pypi",
        ),
        (
            {"access": {"pypi": {"user": "me", "password": "new"}}},
            "step 2 changed the user's name or password for index pypi",
        ),
        ({"access": {"pypi": {"user": "me", "password": "old"}}}, ""),
        (
            {"project": {"exclude-newer": "7 days ago", "indexes": ["pypi"]}},
            "step 2 changed exclude-newer of the project, indexes of the project",
        ),
    ],
)
def test_an_edit_is_told_by_what_it_changed(edit: dict[str, Any], told: str) -> None:
    """The description of an edit contains only the keys and lines that changed."""
    of = history(Told(SYNC), Told({"do": "edit", **edit}), Told(SYNC), indexes=USED)
    assert edits_text(of, 1) == told
