"""Parsers for the lockfiles of uv, Poetry, PDM and pip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.commands.locks.lockfiles import (
    read_compiled,
    read_pdm_lock,
    read_poetry_lock,
    read_pylock,
    read_uv_lock,
)
from pytest_indexcache.installers.contract.installer import LockedFile, LockedPackage

PYPI = "https://pypi.org/simple"
CPU = "https://download.pytorch.org/whl/cpu"
FILES = "https://files.pythonhosted.org"
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
                "moo": (LockedPackage("0.1.0"),),
                "mine": (LockedPackage("1.0"),),
                "torch": (
                    LockedPackage(
                        "2.9.0+cpu", CPU, (LockedFile("torch.whl", (), f"{CPU}/torch.whl"),)
                    ),
                    LockedPackage(
                        "2.9.0",
                        PYPI,
                        (
                            LockedFile("torch.whl", ("sha256:11",), f"{FILES}/torch.whl"),
                            LockedFile("torch.tar.gz", ("sha256:00",), f"{FILES}/torch.tar.gz"),
                        ),
                    ),
                ),
            },
        ),
        (
            "poetry",
            {
                "six": (LockedPackage("1.17.0", PYPI, (LockedFile("six.whl", ("sha256:00",)),)),),
                "torch": (LockedPackage("2.9.0+cpu", CPU),),
                "mine": (LockedPackage("1.0"),),
            },
        ),
        (
            "pdm",
            {
                "fsspec": (
                    LockedPackage("2025.3.0", None, (LockedFile("fsspec.whl", ("sha256:00",)),)),
                )
            },
        ),
        (
            "early poetry",
            {
                "six": (LockedPackage("1.16.0", PYPI, (LockedFile("six.whl", ("sha256:00",)),)),),
                "idna": (LockedPackage("3.9", PYPI),),
            },
        ),
        (
            "early pdm",
            {
                "six": (
                    LockedPackage(
                        "1.16.0",
                        None,
                        (LockedFile("six.whl", ("sha256:00",), f"{FILES}/six.whl"),),
                    ),
                )
            },
        ),
        (
            "pylock",
            {
                "six": (
                    LockedPackage(
                        "1.17.0",
                        None,
                        (LockedFile("six.whl", ("sha256:00",), f"{FILES}/six.whl"),),
                    ),
                ),
                "built": (
                    LockedPackage(
                        "1.0", PYPI, (LockedFile("built.tar.gz", (), f"{FILES}/built.tar.gz"),)
                    ),
                ),
            },
        ),
    ],
)
def test_lockfile_says_versions_indexes_and_files(
    kind: str, expected: dict[str, tuple[LockedPackage, ...]], tmp_path: Path
) -> None:
    """A lockfile is parsed to one entry for each locked version, with normalised names."""
    read, text = READERS[kind]
    file = tmp_path / "lock"
    file.write_text(text)
    assert read(file) == expected


@pytest.mark.parametrize("kind", READERS)
def test_without_a_lockfile_nothing_is_locked(kind: str, tmp_path: Path) -> None:
    """A missing lockfile is read as an empty lock."""
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
    """An invalid lockfile raises an error, and is not read as an empty lock."""
    file = tmp_path / "some.lock"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(PlayError, match=problem) as caught:
        READERS[kind][0](file)
    assert "some.lock" in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ('{ url = "https://a.example/a%2Bb/foo-1.0%2Bcpu.whl?signature=x#y" }', "foo-1.0+cpu.whl"),
        ('{ path = "wheels/foo-1.0.whl" }', "foo-1.0.whl"),
        ('{ filename = "foo-1.0.whl" }', "foo-1.0.whl"),
    ],
)
def test_name_of_a_file_is_found_wherever_the_lockfile_has_it(
    entry: str, name: str, tmp_path: Path
) -> None:
    """The filename of a locked package is found in a URL, a path or an archive entry."""
    file = tmp_path / "uv.lock"
    file.write_text(
        '[[package]]\nname = "foo"\nversion = "1.0"\nsource = { registry = "https://a.example" }\n'
        f"wheels = [{entry}]\n"
    )
    [package] = read_uv_lock(file)["foo"]
    assert [listed.name for listed in package.files] == [name]


def test_requirements_file_says_versions_and_hashes(tmp_path: Path) -> None:
    """A compiled requirements file is parsed as a lockfile with versions and hashes."""
    file = tmp_path / "requirements.txt"
    file.write_text(
        "--index-url https://pypi.org/simple\n"
        "Foo[bar]==1.0 ; python_version > '3' \\\n"
        "    --hash=sha256:00 \\\n"
        "    --hash=sha256:11\n"
        "    # via project\n"
        "six==1.17.0  # via foo\n"
        "-e ../mine\n"
    )
    hashes = (LockedFile(hashes=("sha256:00",)), LockedFile(hashes=("sha256:11",)))
    assert read_compiled(file) == {
        "foo": (LockedPackage("1.0", None, hashes),),
        "six": (LockedPackage("1.17.0"),),
    }
    assert read_compiled(tmp_path / "other.txt") == {}
