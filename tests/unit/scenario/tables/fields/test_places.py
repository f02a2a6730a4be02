"""URLs and paths, each checked by itself."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from pytest_indexcache.scenario.tables.fields import InnerPath

PATH = TypeAdapter[str](InnerPath)


@pytest.mark.parametrize("text", ["$HOME", "a/${HOME}/b", "%2e%2e/x", "../x", "/x", "~/x", "a:b"])
def test_a_path_that_could_lead_out_is_refused(text: str) -> None:
    """A path has no variable and no escape that an installer could expand, and stays inside."""
    with pytest.raises(ValidationError, match=r"is not a path|leaves the workspace"):
        PATH.validate_python(text)
