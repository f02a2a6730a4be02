"""Files with paths for Python, whose lines must not leave the workspace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.path_files import (
    cuts_root,
    demand_paths_inside,
    names_paths,
)

SITE_PACKAGES = "project/.venv/lib/python3.12/site-packages"
OF_SETUPTOOLS = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == "
    "'local'; enabled and __import__('_distutils_hack').add_shim(); "
)


@pytest.mark.parametrize("place", [SITE_PACKAGES, ".cache/uv/archive-v0/x", ".home/tools/x"])
@pytest.mark.parametrize(
    ("text", "is_inside"),
    [
        ("", True),
        ("{root}/mine\n", True),
        ("{root}\n\n# a comment\n{root}/not-there  \n", True),
        ("beside\n", True),
        ("import _virtualenv", True),
        ("import __editable___mine_1_0_finder; __editable___mine_1_0_finder.install()", True),
        (OF_SETUPTOOLS, True),
        ('import site; site.addsitedir("{root}/.venv/lib/python3.12/site-packages")', True),
        ("/", False),
        ("{root}/..", False),
        ("{root}x", False),
        ("{root}/mine\n/usr\n", False),
        ("../../../../../../../..", False),
        ("{root}/link/modules", False),
        ('import site; site.addsitedir("/usr")', False),
        ('import site; site.addsitedir("{root}"); x', False),
        ("import os", False),
        ("import\t_virtualenv", False),
        ("import _virtualenv; _other.install()", False),
        ("{root}/mine\x0c/usr", False),
        ("{root}/mine\x85/usr", False),
        ("{root}/mine\r/usr", False),
    ],
)
def test_lines_lead_into_the_workspace(
    text: str, place: str, *, is_inside: bool, tmp_path: Path
) -> None:
    """A line must be a path in the workspace, or code that installers write."""
    root = tmp_path / "root"
    (root / place).mkdir(parents=True)
    (root / "link").symlink_to(tmp_path)
    (root / place / "a.pth").write_bytes(text.replace("{root}", str(root)).encode())
    if is_inside:
        demand_paths_inside(root)
        return
    with pytest.raises(PlayError, match=r"a\.pth has .*would import modules of the machine"):
        demand_paths_inside(root)


def test_lines_behind_a_link_or_in_a_pipe_are_not_read(tmp_path: Path) -> None:
    """A link out of the workspace is refused, but a link within the workspace is followed."""
    root = tmp_path / "root"
    (root / SITE_PACKAGES).mkdir(parents=True)
    (root / "stored.pth").write_text(str(root))
    path = root / SITE_PACKAGES / "a.pth"
    path.symlink_to(root / "stored.pth")
    demand_paths_inside(root)
    (tmp_path / "outside.pth").write_text(str(root))
    path.unlink()
    path.symlink_to(tmp_path / "outside.pth")
    with pytest.raises(PlayError, match="link out of the workspace, or not a regular file"):
        demand_paths_inside(root)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(PlayError, match="link out of the workspace, or not a regular file"):
        demand_paths_inside(root)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("mine.pth", True),
        ("easy-install.pth", True),
        ("mine.egg-link", True),
        ("six-1.0.dist-info/RECORD", True),
        ("six-1.0.dist-info/direct_url.json", True),
        ("six-1.0.dist-info/METADATA", False),
        ("six.py", False),
    ],
)
def test_files_by_which_folders_are_found_are_known_by_name(name: str, *, is_one: bool) -> None:
    """Only files through which Pythons and installers find folders are protected from damage."""
    assert names_paths(Path("cache", name)) is is_one


@pytest.mark.parametrize(
    ("before", "quoted"),
    [("", False), ("Requires-Dist: b @ file://", False), ("Requires-Dist: b @ file://", True)],
)
def test_a_cut_within_the_path_of_the_workspace_is_seen(
    before: str, *, quoted: bool, tmp_path: Path
) -> None:
    """A cut within the path of the workspace is refused, but a cut after the path is allowed."""
    root = tmp_path / "a b"
    root.mkdir()
    path = root.as_uri().removeprefix("file://") if quoted else str(root)
    file = tmp_path / "METADATA"
    file.write_text(f"{'x' * 5000}\n{before}{path}/long/mine\n{'y' * 5000}\n")
    end = 5001 + len(before) + len(path)
    begin = 5001 + len(before) - (len("file://") if before else 0)
    seen = {length for length in range(file.stat().st_size) if cuts_root(root, file, length)}
    assert seen == {*range(begin + 1, end)}
