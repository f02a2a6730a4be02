"""What is read of the lockfiles of uv, poetry, pdm and pip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.commands.lockfiles import (
    read_pdm_lock,
    read_poetry_lock,
    read_pylock,
    read_uv_lock,
)
from pytest_indexcache.installers.contract.installer import LockedPackage

PYPI = "https://pypi.org/simple"
CPU = "https://download.pytorch.org/whl/cpu"
Read = Callable[[Path], Mapping[str, tuple[LockedPackage, ...]]]

UV = """
version = 1
revision = 3

[[package]]
name = "moo"
version = "0.1.0"
source = { virtual = "." }

[[package]]
name = "mine"
version = "1.0"
source = { editable = "../mine" }

[[package]]
name = "torch"
version = "2.9.0+cpu"
source = { registry = "https://download.pytorch.org/whl/cpu" }
wheels = [{ url = "https://download.pytorch.org/whl/cpu/torch.whl" }]

[[package]]
name = "torch"
version = "2.9.0"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.pythonhosted.org/torch.tar.gz", hash = "sha256:00" }
wheels = [{ url = "https://files.pythonhosted.org/torch.whl", hash = "sha256:11" }]
"""

POETRY = """
[[package]]
name = "six"
version = "1.17.0"
files = [{ file = "six.whl", hash = "sha256:00" }]

[[package]]
name = "Torch"
version = "2.9.0+cpu"
files = []

[package.source]
type = "legacy"
url = "https://download.pytorch.org/whl/cpu"
reference = "cpu"

[[package]]
name = "mine"
version = "1.0"
files = []

[package.source]
type = "directory"
url = "../mine"
"""

PDM = """
[metadata]
groups = ["default"]

[[package]]
name = "fsspec"
version = "2025.3.0"
files = [{ file = "fsspec.whl", hash = "sha256:00" }]

[[package]]
name = "fsspec"
version = "2025.3.0"
extras = ["http"]
files = [{ file = "fsspec.whl", hash = "sha256:00" }]
"""

EARLY_PDM = """
[[package]]
name = "six"
version = "1.16.0"

[metadata]
lock_version = "4.0"

[metadata.files]
"six 1.16.0" = [{ url = "https://files.pythonhosted.org/six.whl", hash = "sha256:00" }]
"""

EARLY_POETRY = """
[[package]]
name = "six"
version = "1.16.0"

[[package]]
name = "idna"
version = "3.9"

[metadata.files]
six = [{ file = "six.whl", hash = "sha256:00" }]
idna = []
"""

PYLOCK = """
lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "six"
version = "1.17.0"

[[packages.wheels]]
name = "six.whl"
url = "https://files.pythonhosted.org/six.whl"
[packages.wheels.hashes]
sha256 = "00"

[[packages]]
name = "built"
version = "1.0"
index = "https://pypi.org/simple"
[packages.sdist]
name = "built.tar.gz"
url = "https://files.pythonhosted.org/built.tar.gz"
"""

READERS: dict[str, tuple[Read, str]] = {
    "uv": (read_uv_lock, UV),
    "poetry": (partial(read_poetry_lock, default_index=PYPI), POETRY),
    "pdm": (read_pdm_lock, PDM),
    "early poetry": (partial(read_poetry_lock, default_index=PYPI), EARLY_POETRY),
    "early pdm": (read_pdm_lock, EARLY_PDM),
    "pylock": (read_pylock, PYLOCK),
}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "uv",
            {
                "moo": (LockedPackage("0.1.0", False, None),),
                "mine": (LockedPackage("1.0", False, None),),
                "torch": (
                    LockedPackage("2.9.0+cpu", False, CPU),
                    LockedPackage("2.9.0", True, PYPI),
                ),
            },
        ),
        (
            "poetry",
            {
                "six": (LockedPackage("1.17.0", True, PYPI),),
                "torch": (LockedPackage("2.9.0+cpu", False, CPU),),
                "mine": (LockedPackage("1.0", False, None),),
            },
        ),
        ("pdm", {"fsspec": (LockedPackage("2025.3.0", True, None),)}),
        (
            "early poetry",
            {
                "six": (LockedPackage("1.16.0", True, PYPI),),
                "idna": (LockedPackage("3.9", False, PYPI),),
            },
        ),
        ("early pdm", {"six": (LockedPackage("1.16.0", True, None),)}),
        (
            "pylock",
            {
                "six": (LockedPackage("1.17.0", True, None),),
                "built": (LockedPackage("1.0", False, PYPI),),
            },
        ),
    ],
)
def test_lockfile_says_versions_hashes_and_indexes(
    kind: str, expected: dict[str, tuple[LockedPackage, ...]], tmp_path: Path
) -> None:
    """Every package is there once for each of its versions; names are normalised."""
    read, text = READERS[kind]
    file = tmp_path / "lock"
    file.write_text(text)
    assert read(file) == expected


@pytest.mark.parametrize("kind", READERS)
def test_without_a_lockfile_nothing_is_locked(kind: str, tmp_path: Path) -> None:
    """A missing file is an empty lock."""
    assert READERS[kind][0](tmp_path / "lock") == {}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[package", "cannot be read as TOML"),
        ("\xff", "cannot be read as TOML"),
        ("[[package]]\nversion = '1'\n[[packages]]\nversion = '1'", "not laid out as is known"),
        ("package = 5\npackages = 5", "not laid out as is known"),
        ("package = ['a']\npackages = ['a']", "not laid out as is known"),
    ],
)
def test_lockfile_that_cannot_be_read_is_an_error(
    kind: str, text: str, problem: str, tmp_path: Path
) -> None:
    """It is not taken for an empty one."""
    file = tmp_path / "some.lock"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(PlayError, match=problem) as caught:
        READERS[kind][0](file)
    assert "some.lock" in str(caught.value)
