"""Lockfiles in exported scripts, judged as in a play."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.installers.commands.locks.lockfiles import (
    read_compiled,
    read_pdm_lock,
    read_poetry_lock,
    read_pylock,
    read_uv_lock,
)
from pytest_indexcache.standalone.program import locks

PYPI = "https://pypi.org/simple"
HASH = "sha256:" + "ab" * 32

UV_LOCK = f"""\
[[package]]
name = "six"
version = "1.17.0"
source = {{ registry = "https://ada:pw@own.example/simple" }}
sdist = {{ url = "https://own.example/six-1.17.0.tar.gz", hash = "{HASH}" }}
wheels = [{{ url = "https://ada:pw@own.example/six-1.17.0%2Bcpu-py3-none-any.whl" }}]
[[package]]
name = "ours"
version = "1.0"
source = {{ virtual = "." }}
"""
POETRY_LOCK = f"""\
[[package]]
name = "Six"
version = "1.17.0"
files = [{{ file = "six-1.17.0.tar.gz", hash = "{HASH}" }}]
[package.extras]
dev = ["idna"]
[[package]]
name = "foo"
version = "1"
source = {{ type = "legacy", url = "https://own.example/simple" }}
[[package]]
name = "bar"
version = "2"
source = {{ type = "directory", url = "../bar" }}
"""
PDM_LOCK = f"""\
[[package]]
name = "six"
version = "1.17.0"
[[package]]
name = "six"
version = "1.17.0"
extras = ["dev"]
[metadata.files]
"six 1.17.0" = [{{ url = "https://own.example/six-1.17.0.tar.gz", hash = "{HASH}" }}]
"""
PYLOCK = f"""\
[[packages]]
name = "six"
version = "1.17.0"
index = "https://own.example/simple"
[[packages.wheels]]
name = "six-1.17.0-py3-none-any.whl"
path = "wheels/six-1.17.0-py3-none-any.whl"
hashes = {{ sha256 = "{"ab" * 32}" }}
[[packages]]
name = "tree"
archive = {{ path = "tree.zip", hashes = {{}} }}
"""
COMPILED = f"""\
# made by a compiler
--index-url https://pypi.org/simple
six==1.17.0 ; python_version >= "3" \\
    --hash={HASH} \\
    # via ours
Foo-Bar[extra]==2
loose
"""


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        ("uv.lock", UV_LOCK, read_uv_lock),
        ("poetry.lock", POETRY_LOCK, lambda file: read_poetry_lock(file, PYPI)),
        ("pdm.lock", PDM_LOCK, read_pdm_lock),
        ("pylock.toml", PYLOCK, read_pylock),
        ("requirements.txt", COMPILED, read_compiled),
    ],
)
def test_lockfile_is_read_as_in_a_play(tmp_path: Path, name: str, text: str, read: Any) -> None:
    """The script reads each lockfile with the same packages and files as the package."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    default = PYPI if name == "poetry.lock" else ""
    found = [
        (
            it["name"],
            it["version"],
            it["index"] or None,
            [(file["name"], file["hashes"]) for file in it["files"]],
        )
        for it in locks.read_lock(file, default)
    ]
    expected = [
        (
            project,
            it.version,
            it.index_url,
            [(file.name, list(file.hashes)) for file in it.files],
        )
        for project, packages in read(file).items()
        for it in packages
    ]
    assert sorted(found) == sorted(expected)


def problems(tmp_path: Path, wanted: dict[str, Any]) -> list[str]:
    """Return the problems of one project's entry in a lockfile of uv."""
    file = tmp_path / "uv.lock"
    file.write_text(UV_LOCK, encoding="utf-8")
    offered = {"six-1.17.0.tar.gz": [HASH]}
    step = {"expect": {"locked": {"Six": wanted}}, "offered": offered}
    return list(locks.lock_problems(step, {}, {"locks": [file], "not_judged": []}))


SDIST, WHEEL = "six-1.17.0.tar.gz", "six-1.17.0+cpu-py3-none-any.whl"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"version": "1.17.0"}, []),
        ({"version": ["1.17.0"], "index": "https://own.example/simple"}, []),
        ({"version": "1.1?.0"}, ["locked.Six.version: expected 1.1[?].0, seen 1.17.0"]),
        ({"version": ["1.17.0", "2"]}, ["locked.Six.version: expected 1.17.0, 2, seen 1.17.0"]),
        ({"files": [SDIST, "*.whl"], "urls": ["https://own.example/*"]}, []),
        ({"files": [SDIST]}, [f"locked.Six.files: expected {SDIST}, seen {WHEEL}, {SDIST}"]),
        ({"files": []}, [f"locked.Six.files: expected none, seen {WHEEL}, {SDIST}"]),
        ({"hashes": False}, []),
        ({"hashes": True}, ["locked.Six.hashes: expected yes, seen no"]),
        (
            {"hashes": "offered"},
            [f"locked.Six.hashes: expected offered, seen no hash of {WHEEL}, offered"],
        ),
        (
            {"hashes": ["sha256"]},
            [f"locked.Six.hashes: expected sha256, seen no hash of {WHEEL}, sha256"],
        ),
    ],
)
def test_entries_are_judged_by_version_files_hashes_and_index(
    tmp_path: Path, wanted: dict[str, Any], said: list[str]
) -> None:
    """Every expected value must be in the lockfile, and no other one."""
    assert problems(tmp_path, wanted) == said


def test_project_that_is_not_locked_is_a_problem(tmp_path: Path) -> None:
    """An expected project that the lockfile does not have is named."""
    step = {"expect": {"locked": {"six": {"version": "1"}}}}
    found = list(locks.lock_problems(step, {}, {"locks": [], "not_judged": []}))
    assert found == ["locked.six.version: expected 1, seen not locked"]


def test_python_without_toml_does_not_judge_lockfiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.8 to 3.10 say that they do not judge a lockfile in TOML, and judge other files."""
    monkeypatch.setattr(locks, "TOML", None)
    file = tmp_path / "uv.lock"
    file.write_text(UV_LOCK, encoding="utf-8")
    after: dict[str, Any] = {"locks": [file], "not_judged": []}
    step = {"expect": {"locked": {"six": {"version": "2"}}}}
    assert list(locks.lock_problems(step, {}, after)) == []
    assert after["not_judged"] == [f"locked: {locks.NO_TOML}"]
    with pytest.raises(OSError, match="cannot read TOML"):
        list(locks.read_lock(file))
    text = tmp_path / "requirements.txt"
    text.write_text("six==1\n", encoding="utf-8")
    after["locks"] = [text]
    found = list(locks.lock_problems(step, {}, after))
    assert found == ["locked.six.version: expected 2, seen 1"]
