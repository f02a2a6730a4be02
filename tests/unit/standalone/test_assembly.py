"""The text of the program of exported scripts."""

from __future__ import annotations

import pytest

from pytest_indexcache.standalone.assembly import OPTIONAL, program_text


@pytest.mark.parametrize("optional", sorted(OPTIONAL))
def test_program_has_only_the_parts_that_a_scenario_needs(optional: str) -> None:
    """A script has the code for lockfiles, requirements and imports only if it is needed."""
    marks = {
        "locks": "def lock_problems(",
        "requirements": "def requirement_problems(",
        "imports": "def import_problems(",
    }
    assert marks[optional] in program_text()
    assert marks[optional] not in program_text(OPTIONAL - {optional})
    compile(program_text(OPTIONAL - {optional}), "script", "exec")
