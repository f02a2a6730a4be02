"""Names of folders and files that are reported to the user, because they are not replaced."""

from __future__ import annotations

from pytest_indexcache.drafts.captures.privacy.kept_names import kept_names


def test_unusual_folders_and_files_are_named() -> None:
    """Folders and files are reported to the user, except those with common names."""
    tables = {
        "files": {
            "project/uv.lock": "",
            "project/requirements/requirements-dev.txt": "",
            "project/teams/phoenix.txt": "",
        },
        "local-projects": {
            "project1": {"path": "project/packages/project1"},
            "project2": {"path": "project/services/billing"},
        },
    }
    assert list(kept_names(tables)) == ["file teams/phoenix.txt", "folder services/billing"]
