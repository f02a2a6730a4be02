"""The folders of a workspace that are checked before a step."""

from __future__ import annotations

from pathlib import Path

from pytest_indexcache.run.plays.workspace.walked_folders import WalkedFolder, walked_folders


def test_folders_are_walked_but_for_the_cache_and_what_is_installed(tmp_path: Path) -> None:
    """Hidden folders are searched, but not links, the cache or site-packages."""
    kept = ["project/.hidden", ".home/tools", "venv/lib/python3.11", "project/.cache"]
    left = [".cache/uv", "venv/lib/python3.11/site-packages/six", "v/lib/dist-packages"]
    for folder in (*kept, *left):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / ".cache", target_is_directory=True)
    walked = {it.path.relative_to(tmp_path).as_posix(): it.files for it in _walk(tmp_path)}
    assert {folder for folder, files in walked.items() if "file" in files} == {*kept}
    assert walked["."] == ("link",)


def _walk(root: Path) -> list[WalkedFolder]:
    return [*walked_folders(root, root / ".cache")]
