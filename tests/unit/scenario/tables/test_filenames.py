"""The names of the files of a release."""

from __future__ import annotations

import pytest

from pytest_indexcache.scenario.tables.filenames import filenames
from pytest_indexcache.scenario.tables.indexes import Release


@pytest.mark.parametrize(
    ("project", "table", "names"),
    [
        ("six", {}, ("six-1.0-py3-none-any.whl",)),
        ("Typing.Extensions", {}, ("typing_extensions-1.0-py3-none-any.whl",)),
        ("six", {"tag": "cp311-cp311-win_amd64"}, ("six-1.0-cp311-cp311-win_amd64.whl",)),
        ("six", {"files": [{"kind": "sdist"}]}, ("six-1.0.tar.gz",)),
        (
            "six",
            {"files": [{"build-tag": "1"}, {"kind": "sdist"}]},
            ("six-1.0-1-py3-none-any.whl", "six-1.0.tar.gz"),
        ),
        (
            "six",
            {"tag": "py2-none-any", "files": [{}, {"tag": "py3-none-any"}]},
            ("six-1.0-py2-none-any.whl", "six-1.0-py3-none-any.whl"),
        ),
    ],
)
def test_files_are_named_by_the_binary_distribution_format(
    project: str, table: dict[str, object], names: tuple[str, ...]
) -> None:
    """A release without ``files`` has one pure wheel; a file can have a ``tag`` of its own."""
    assert filenames(project, "1.0", Release.model_validate(table)) == names
