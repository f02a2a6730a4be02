"""Causes for projects whose release was, or was not, installed again."""

from __future__ import annotations

from typing import Any

import pytest

from ..histories import INSTALL, MarkedDistribution, Told, causes, history, page, wheel

FIRST = MarkedDistribution("foo", "1.0", identity=1)
AGAIN = MarkedDistribution("foo", "1.0", identity=2)
MADE = Told(INSTALL, [page(), wheel()], after={"foo": FIRST})
REINSTALL = {**INSTALL, "reinstall": True}
EDIT = {"do": "edit", "files": {"foo/foo.py": ""}}


@pytest.mark.parametrize(
    ("steps", "expected", "cause"),
    [
        (
            [MADE, Told(REINSTALL, [wheel(9)], before={"foo": FIRST}, after={"foo": AGAIN})],
            {},
            "the venv held foo 1.0 from index pypi since step 1, and step 2, with reinstall, "
            "installed it again, and downloaded foo-1.0-py3-none-any.whl for it; no step in "
            "between changed foo",
        ),
        (
            [MADE, Told(INSTALL, before={"foo": FIRST}, after={"foo": AGAIN}, builds={"foo": 1})],
            0,
            "step 2 reinstalled foo 1.0",
        ),
        (
            [
                MADE,
                Told(EDIT),
                Told(INSTALL, before={"foo": FIRST}, after={"foo": AGAIN}, builds={"foo": 1}),
            ],
            {},
            "the venv held foo 1.0 from index pypi since step 1, and step 3 installed it again, "
            "which it built again; step 2 edited foo/foo.py",
        ),
        (
            [MADE, Told(REINSTALL, before={"foo": FIRST}, after={"foo": FIRST})],
            {"foo": "1.0"},
            "the venv held foo 1.0 from index pypi since step 1, and step 2 kept it, without "
            "asking an index or building it",
        ),
        (
            [MADE],
            {"foo": "1.0"},
            "the venv did not have foo before step 1, which installed foo for the first time",
        ),
        (
            [Told(INSTALL)],
            {"foo": "1.0"},
            "the venv did not have foo before step 1, which did not install foo",
        ),
        ([Told(INSTALL)], 1, "step 1 reinstalled nothing"),
    ],
)
def test_reinstall_is_told_with_what_changed_before(
    steps: list[Any], expected: Any, cause: str
) -> None:
    """The cause of a reinstallation names the file's source, and the changes before the step."""
    local = {"foo": {"path": "foo"}}
    assert causes(history(*steps, **{"local-projects": local}), {"reinstalled": expected}) == [
        cause
    ]
