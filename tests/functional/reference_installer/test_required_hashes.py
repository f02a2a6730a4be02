"""Hashes in requirements and constraints files, and the files that they allow."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx
import pytest

from pytest_indexcache.errors import HashMismatchError, UsageError
from pytest_indexcache.index.inprocess import mount

from .workplace import PYPI, Workplace, make_workplace

WRONG = "0" * 64
INDEX = {
    "url": PYPI,
    "packages": {
        "lib": {
            "1.0": {"files": [{"kind": "wheel"}, {"kind": "sdist"}]},
            "2.0": {"files": [{"kind": "wheel"}, {"kind": "sdist"}]},
        }
    },
}


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """Return a workplace whose index has two releases of lib, each a wheel and an sdist."""
    return make_workplace(tmp_path, {"pypi": INDEX})


@pytest.fixture
def digests(place: Workplace) -> dict[str, str]:
    """Return the digests of the files of lib, keyed like ``1.0 whl sha512``."""
    found = {}
    transport = mount(place.indexes, record=lambda _: None, clock=lambda: place.now)
    with httpx.Client(transport=transport) as client:
        accept = "application/vnd.pypi.simple.v1+json"
        page = client.get(f"{PYPI}/lib/", headers={"Accept": accept})
        for file in page.json()["files"]:
            data = client.get(str(page.url.join(file["url"]))).content
            version, kind = file["filename"][4:7], file["filename"].rpartition(".")[2]
            for name in ("sha256", "sha512", "md5"):
                digest = f"{name}:{hashlib.new(name, data).hexdigest()}"
                found[f"{version} {kind} {name}"] = digest
    return found


def install(place: Workplace, lines: str, constraints: str | None = None) -> dict[str, str]:
    """Install a requirements file, and return the content of the venv."""
    file, narrowing = place.root / "r.txt", place.root / "c.txt"
    file.write_text(lines)
    narrowing.write_text(constraints or "")
    place.do("install", files=[file], constraint_files=[narrowing] if constraints else [])
    return place.installed()


@pytest.mark.parametrize(
    ("lines", "constraints", "version"),
    [
        ("lib==1.0 --hash={1.0 whl sha256}", None, "1.0"),
        ("lib==1.0 --hash={1.0 whl sha512}", None, "1.0"),
        ("lib==1.0 --hash={1.0 gz sha256}", None, "1.0"),
        ("lib==1.0 --hash={1.0 gz sha512}", None, "1.0"),
        ("lib==1.0 --hash=sha256:{wrong} --hash={1.0 gz sha256}", None, "1.0"),
        ("lib", "lib==1.0 --hash={1.0 whl sha256}", "1.0"),
        (
            "lib==1.0 ; python_version < '3' --hash={1.0 whl sha256}\n"
            "lib==2.0 ; python_version >= '3' --hash={2.0 whl sha256}",
            None,
            "2.0",
        ),
        (
            "lib==2.0 ; python_version >= '3' --hash={2.0 whl sha256}\n"
            "lib==1.0 ; python_version < '3' --hash={1.0 whl sha256}",
            None,
            "2.0",
        ),
        ("lib==1.0 --hash={1.0 whl sha256} --hash={1.0 gz sha256}\nlib", None, "1.0"),
    ],
)
def test_a_file_with_one_of_the_hashes_is_installed(
    place: Workplace,
    digests: dict[str, str],
    lines: str,
    constraints: str | None,
    version: str,
) -> None:
    """A file is allowed if an applicable line has its hash, computed with any algorithm."""
    fill = {**digests, "wrong": WRONG}
    told = constraints and _filled(constraints, fill)
    assert install(place, _filled(lines, fill), told) == {"lib": version}
    assert place.installed() == {"lib": version}


def test_the_sdist_is_built_where_its_hash_alone_is_named(
    place: Workplace, digests: dict[str, str]
) -> None:
    """If only the hash of the sdist is listed, the sdist is built and the wheel not requested."""
    install(place, f"lib==1.0 --hash={digests['1.0 gz sha256']}")
    assert place.requests() == ["GET page 200", "GET sdist 200"]


def test_a_hash_that_can_be_forged_is_refused_before_any_request(
    place: Workplace, digests: dict[str, str]
) -> None:
    """An MD5 hash is refused before any request, as in pip."""
    with pytest.raises(UsageError, match="lib has only hashes that can be forged: md5"):
        install(place, _filled("lib==1.0 --hash={1.0 whl md5}", digests))
    assert place.requests() == []


@pytest.mark.parametrize(
    ("lines", "constraints"),
    [
        ("lib==1.0 --hash=sha256:{wrong}", None),
        ("lib==1.0 --hash=sha512:{wrong}", None),
        ("lib==1.0 --hash={1.0 whl sha256}", "lib --hash=sha256:{wrong}"),
        ("lib==1.0", "lib==1.0 --hash=sha256:{wrong}"),
        ("lib==1.0 --hash={1.0 whl sha256}\nlib==1.0 --hash={2.0 whl sha256}", None),
        ("lib==1.0 --hash={2.0 whl sha512}", None),
    ],
)
def test_a_file_with_none_of_the_hashes_is_refused(
    place: Workplace, digests: dict[str, str], lines: str, constraints: str | None
) -> None:
    """A file must match the hashes both of its requirement and of its constraint."""
    fill = {**digests, "wrong": WRONG}
    with pytest.raises(HashMismatchError, match="has none of the required hashes"):
        install(place, _filled(lines, fill), constraints and _filled(constraints, fill))
    assert place.installed() == {}


@pytest.mark.parametrize(
    ("lines", "constraints", "problem"),
    [
        ("lib==1.0 --hash={1.0 whl sha256}\nother==1.0", None, "other .*no hash of it is required"),
        ("--require-hashes\nlib==1.0", None, "lib .*no hash of it is required"),
        ("lib", "other --hash={1.0 whl sha256}", "lib .*no hash of it is required"),
        ("lib --hash={1.0 whl sha256}", None, "lib .*no version of it is pinned"),
        ("lib==1.* --hash={1.0 whl sha256}", None, "lib .*no version of it is pinned"),
    ],
)
def test_a_line_without_hash_or_version_is_refused_before_any_request(
    place: Workplace,
    digests: dict[str, str],
    lines: str,
    constraints: str | None,
    problem: str,
) -> None:
    """If a line has no hash or no exact version, the file is refused before any request."""
    with pytest.raises(UsageError, match=problem):
        install(place, _filled(lines, digests), constraints and _filled(constraints, digests))
    assert place.requests() == []


@pytest.mark.parametrize(
    ("lines", "override", "version"),
    [
        ("lib", "lib==1.0 --hash={1.0 whl sha256}", "1.0"),
        ("lib==2.0 --hash={2.0 whl sha256}", "lib==1.0 --hash={1.0 gz sha512}", "1.0"),
        ("lib==2.0 --hash={2.0 whl sha256}", "other==1.0", "2.0"),
        ("lib", "lib==1.0 --hash=sha256:{wrong}", None),
        ("lib==1.0 --hash={1.0 whl sha256}", "lib==1.0 --hash=sha256:{wrong}", None),
        ("lib==1.0 --hash={1.0 whl sha256}", "lib==2.0", None),
    ],
)
def test_hashes_of_an_override_take_the_place_of_others(
    place: Workplace, digests: dict[str, str], lines: str, override: str, version: str | None
) -> None:
    """The hashes in an override replace those of the requirement."""
    fill = {**digests, "wrong": WRONG}
    file, replacing = place.root / "r.txt", place.root / "o.txt"
    file.write_text(_filled(lines, fill))
    replacing.write_text(_filled(override, fill))
    if version is None:
        with pytest.raises((HashMismatchError, UsageError), match="lib"):
            place.do("install", files=[file], override_files=[replacing])
    else:
        place.do("install", files=[file], override_files=[replacing])
    assert place.installed() == ({"lib": version} if version else {})


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
