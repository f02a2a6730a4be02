"""Changes to ``expect`` in the text of a scenario."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import CommandError
from pytest_indexcache.run.observations.expectation_text import Changes, with_expectations

CASES = [
    (
        '[[steps]]\ndo = "sync" # why\n\n# about two\n[[steps]]\ndo = "lock"\n',
        {1: {"downloads": {}}},
        '[[steps]]\ndo = "sync" # why\nexpect = { downloads = {} }\n\n# about two\n'
        '[[steps]]\ndo = "lock"\n',
    ),
    (
        '[[steps]]\ndo = "sync"\nexpect = { downloads = 1, check = true } # kept\n',
        {1: {"downloads": {"a": 1, "b.c": 2}, "absent": ["d"]}},
        '[[steps]]\ndo = "sync"\n'
        'expect = { downloads = { a = 1, "b.c" = 2 }, check = true, absent = ["d"] } # kept\n',
    ),
    (
        '[[steps]]\ndo = "sync"\n[steps.expect]\ncheck = true # kept\ndownloads = 1\n',
        {1: {"downloads": None, "exit": "failure"}},
        '[[steps]]\ndo = "sync"\n[steps.expect]\ncheck = true # kept\nexit = "failure"\n',
    ),
    (
        '[[steps]]\ndo = "sync"\nexpect.exit = "any" # kept\n',
        {1: {"exit": "crash"}},
        '[[steps]]\ndo = "sync"\nexpect.exit = "crash" # kept\n',
    ),
    (
        'steps = [{ do = "lock" }, # one\n { do = "sync", expect = {} }]\n',
        {2: {"downloads": {}}},
        'steps = [{ do = "lock" }, # one\n { do = "sync", expect = { downloads = {} } }]\n',
    ),
    (
        '[[steps]]\n[[steps.together]]\ndo = "lock"\n[[steps.together]]\ndo = "sync" # two\n',
        {(1, 2): {"exit": "failure"}},
        '[[steps]]\n[[steps.together]]\ndo = "lock"\n[[steps.together]]\ndo = "sync" # two\n'
        'expect = { exit = "failure" }\n',
    ),
]


@pytest.mark.parametrize(("text", "changes", "written"), CASES)
def test_expectations_are_written_and_all_else_stays(
    text: str, changes: Changes, written: str
) -> None:
    """The keys in any form of ``expect`` are changed, and comments and order are kept."""
    assert with_expectations(text, changes) == written


def test_text_that_would_say_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a change of the text would have no effect, the text is refused."""
    monkeypatch.setattr("tomlkit.dumps", lambda _: '[[steps]]\ndo = "lock"\n')
    with pytest.raises(CommandError, match="step 1 cannot be changed"):
        with_expectations('[[steps]]\ndo = "sync"\n', {1: {"downloads": {}}})
