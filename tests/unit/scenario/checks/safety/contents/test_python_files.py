"""Modules of a local project, which may contain only constants."""

from __future__ import annotations

import pytest

from pytest_indexcache.scenario.checks.safety.contents.python_files import python_misfits

MODULES = [
    ("import os", "line 1: code is not allowed: 'import os'"),
    ("x = 1\nprint()", "line 2: code is not allowed: 'print()'"),
    ("x = f'{y}'", "line 1: code is not allowed"),
    ("x = y = (1).real", "line 1: code is not allowed"),
    ("x[0] = 1", "line 1: code is not allowed"),
    ("x.y = 1", "line 1: code is not allowed"),
    ("__path__ = '/'", "line 1: code is not allowed"),
    ("x = __getattr__ = 'x'", "line 1: code is not allowed"),
    ("def f(): pass", "line 1: code is not allowed"),
    ("x: print() = 1", "line 1: code is not allowed"),
    ("@", "the text is not Python"),
    ("x = " + "(" * 300 + ")" * 300, "not Python: too many nested"),
    ("# coding: utf-7\n'+ACc-'", "line 1: Python would read another encoding"),
    ("\n# vim: set fileencoding=rot13 :\n", "line 2: Python would read another encoding"),
]


@pytest.mark.parametrize(("text", "reason"), MODULES)
def test_code_is_refused(text: str, reason: str) -> None:
    """A statement that does more than define a constant is refused with its line number."""
    assert reason in str(next(python_misfits(text)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "__version__ = '1.0'",
        '"""Text with \\\\d."""\nX = Y = 1\npass',
        "# coding: utf-8\nx = None",
    ],
)
def test_constants_are_accepted(text: str) -> None:
    """Strings and assignments of constants are accepted."""
    assert not list(python_misfits(text))
