"""How an index answers, where that is wrong: each mistake gives a clear error."""

from __future__ import annotations

from pathlib import Path

import pytest

from .good_scenario import changed, error_of


@pytest.mark.parametrize(
    ("new", "message"),
    [
        pytest.param(
            "unknown-status = 500",
            "unknown-status: expected 401, 403, 404, 410, 'empty-page' or 'login-page', "
            "found the number 500",
            id="a status that no unknown project has",
        ),
        pytest.param(
            'unknown-status = "login"',
            "unknown-status: 'login' is none of empty-page and login-page "
            "(did you mean 'login-page'?)",
            id="a page that is not known",
        ),
    ],
)
def test_one_mistake_of_an_index(tmp_path: Path, new: str, message: str) -> None:
    """One mistake is one line: file, line, key path, what is wrong, and what to do about it."""
    said = error_of(tmp_path, changed('headers = "pytorch"', new))
    assert said == f"s.toml:5: indexes.pytorch.{message}"
