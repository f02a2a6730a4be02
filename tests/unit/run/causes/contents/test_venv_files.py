"""Causes of unexpected or missing files in the venv."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.plays.venvs.venv_files import VenvFile

from ..histories import INSTALL, MarkedDistribution, Told, causes, history, wheel

FOO = MarkedDistribution("foo", "1.0", identity=1)


def with_files(*files: VenvFile) -> History:
    """Return a history whose venv contains foo since step 1, and these files after step 2."""
    made = history(
        Told(INSTALL, [wheel()], after={"foo": FOO}),
        Told(INSTALL, before={"foo": FOO}, after={"foo": FOO}),
    )
    seen = replace(made.current.seen, venv_files={"lib/*": files})
    return History((*made.played[:-1], replace(made.current, seen=seen)))


@pytest.mark.parametrize(
    ("files", "wanted", "cause"),
    [
        (
            [VenvFile("lib/foo.py", "foo")],
            False,
            "lib/foo.py belongs to foo 1.0, which step 1 installed from index pypi",
        ),
        (
            [VenvFile("lib/a"), VenvFile("lib/foo.py", "foo")],
            1,
            "lib/a is not in the RECORD of any project in the venv, so no uninstall removes "
            "it; lib/foo.py belongs to foo 1.0, which step 1 installed from index pypi",
        ),
        ([], True, "after step 2 the venv has no such file; it holds foo 1.0"),
        (
            [VenvFile("lib/foo.py", "foo")],
            ">= 2",
            "after step 2 the venv has only lib/foo.py; it holds foo 1.0",
        ),
    ],
)
def test_file_of_the_venv_is_told_with_the_project_that_brought_it(
    files: list[VenvFile], wanted: Any, cause: str
) -> None:
    """The cause names the project and step of a file; for a missing file, the files that exist."""
    assert causes(with_files(*files), {"venv-files": {"lib/*": wanted}}) == [cause]
