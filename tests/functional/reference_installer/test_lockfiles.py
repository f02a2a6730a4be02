"""Installation from a lockfile of any tool: ``install -r pylock.toml`` (PEP 751)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import tomli_w

from pytest_indexcache.errors import (
    HashMismatchError,
    IndexResponseError,
    LockfileError,
    UsageError,
)
from pytest_indexcache.index.inprocess import mount
from pytest_indexcache.reference.words.selection import EVERYTHING

from .workplace import PYPI, Workplace, make_workplace


def release(place: Workplace, name: str, version: str, **more: object) -> dict[str, Any]:
    """Return the entry of a release with all of its files, as uv and pip write it."""
    transport = mount(place.indexes, record=lambda _: None, clock=lambda: place.now)
    kind = {"Accept": "application/vnd.pypi.simple.v1+json"}
    with httpx.Client(transport=transport, headers=kind) as client:
        page = json.loads(client.get(f"{PYPI}/{name}/").read())
    files = [it for it in page["files"] if f"-{version}" in it["filename"]]
    entry: dict[str, Any] = {"name": name, "version": version, **more}
    for file in files:
        facts = {"url": file["url"], "size": file["size"], "hashes": file["hashes"]}
        if file["filename"].endswith(".whl"):
            entry["wheels"] = [*entry.get("wheels", ()), facts]
        else:
            entry["sdist"] = facts
    return entry


def write(place: Workplace, *packages: dict[str, Any], **head: Any) -> Path:
    """Write a lockfile, and return its path."""
    table = {"lock-version": "1.0", "created-by": "another", **head, "packages": packages}
    path = place.root / "pylock.web.toml"
    path.write_text(tomli_w.dumps(table))
    return path


def install(place: Workplace, lockfile: Path, **options: Any) -> None:
    """Install from a lockfile."""
    place.do("install", files=[lockfile], **options)


def test_installs_what_the_lockfile_says_and_asks_for_files_alone(place: Workplace) -> None:
    """Only locked files are requested, newer releases are ignored, and nothing is removed."""
    place.do("install", requirements=["torch"])
    place.requests()
    lockfile = write(
        place,
        release(place, "app", "1.0", index=f"{PYPI}/"),
        release(place, "lib", "1.0"),
        release(place, "from-source", "1.0", marker="sys_platform == 'win32'"),
        **{"requires-python": ">=3.11", "environments": ["python_version >= '3.11'"]},
    )
    install(place, lockfile)
    assert place.requests() == ["GET wheel 200", "GET wheel 200"]
    assert place.installed() == {"app": "1.0", "lib": "1.0", "torch": "2.9.0"}
    install(place, lockfile)
    place.do("install", requirements=["app", "lib"])
    assert place.requests() == []
    place.do("sync-requirements", files=[lockfile])
    assert place.installed() == {"app": "1.0", "lib": "1.0"}


def test_extras_and_groups_are_selected(place: Workplace) -> None:
    """Default groups of a lockfile are always installed, others and extras only on request."""
    lockfile = write(
        place,
        release(place, "app", "2.0", marker="'main' in dependency_groups"),
        release(place, "lib", "1.5", marker="'fast' in extras"),
        release(place, "torch", "2.9.0", marker="'dev' in dependency_groups"),
        extras=["fast"],
        **{"dependency-groups": ["dev"], "default-groups": ["main"]},
    )
    install(place, lockfile)
    assert place.installed() == {"app": "2.0"}
    install(place, lockfile, extras=["Fast"])
    assert place.installed() == {"app": "2.0", "lib": "1.5"}
    install(place, lockfile, groups=["dev"])
    assert place.installed() == {"app": "2.0", "lib": "1.5", "torch": "2.9.0"}
    with pytest.raises(UsageError, match=r"pylock\.web\.toml has no group 'docs'"):
        install(place, lockfile, groups=["docs"])


def test_paths_are_relative_to_the_lockfile_and_go_before_urls(place: Workplace) -> None:
    """Paths in a lockfile are relative to it, and a file at a path is used instead of its URL."""
    place.write_local("inner")
    entry = release(place, "lib", "1.5")
    transport = mount(place.indexes, record=lambda _: None, clock=lambda: place.now)
    with httpx.Client(transport=transport) as client:
        (place.root / "lib-1.5-py3-none-any.whl").write_bytes(
            client.get(entry["wheels"][0]["url"]).read()
        )
    entry["wheels"][0]["path"] = "lib-1.5-py3-none-any.whl"
    folder = {"name": "inner", "directory": {"path": ".", "subdirectory": "inner"}}
    install(place, write(place, entry, folder))
    assert place.installed() == {"inner": "1.0", "lib": "1.5"}
    assert place.origin("inner") == "path"
    assert place.requests() == []


def test_options_about_formats_choose_among_the_locked_files(tmp_path: Path) -> None:
    """``--no-binary`` selects the locked sdist, and fails if it excludes all locked files."""
    files = [{"kind": "wheel"}, {"kind": "sdist"}]
    packages: dict[str, Any] = {"lib": {"1.0": {}}, "both": {"1.0": {"files": files}}}
    packages["source"] = {"1.0": {"files": files[1:]}}
    place = make_workplace(tmp_path, {"pypi": {"url": PYPI, "packages": packages}})
    every = {name: release(place, name, "1.0") for name in packages}
    no_wheels: dict[str, Any] = {"no_binary": EVERYTHING}
    no_sdists: dict[str, Any] = {"no_build": EVERYTHING}
    for name, options in (("lib", no_wheels), ("source", no_sdists)):
        with pytest.raises(LockfileError, match=rf"only {name}-1\.0.* of {name} .* forbids it"):
            install(place, write(place, every["both"], every[name]), **options)
    place.requests()
    install(place, write(place, every["both"], every["source"]), **no_wheels)
    assert place.requests() == ["GET sdist 200", "GET sdist 200"]
    assert place.installed() == {"both": "1.0", "source": "1.0"}


def _with(entry: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": entry["name"], **more}


@pytest.mark.parametrize(
    ("change", "error", "problem"),
    [
        (
            lambda it: _with(
                it, vcs={"type": "git", "url": "https://x.example/", "commit-id": "1"}
            ),
            LockfileError,
            "lib is locked to a git repository, which is not supported",
        ),
        (
            lambda it: _with(it, archive={**it["wheels"][0], "subdirectory": "src"}),
            LockfileError,
            "lib is locked to the folder 'src' of an archive, which is not supported",
        ),
        (
            lambda it: _with(it, archive={**it["wheels"][0], "url": "https://x.example/main.whl"}),
            LockfileError,
            "lib: 'main.whl' does not say which version it is",
        ),
        (
            lambda it: {**it, "requires-python": "<3"},
            LockfileError,
            "does not satisfy the Python version requirement '<3' for package 'lib'",
        ),
        (
            lambda it: {**it, "wheels": [{**it["wheels"][0], "hashes": {}}]},
            LockfileError,
            "At least one hash must be provided",
        ),
        (
            lambda it: {**it, "wheels": [{**it["wheels"][0], "hashes": {"sha256": "0" * 64}}]},
            HashMismatchError,
            "has the wrong hash",
        ),
        (
            lambda it: {**it, "wheels": [{**it["wheels"][0], "hashes": {"blake3": "00"}}]},
            HashMismatchError,
            "expected blake3 00",
        ),
        (
            lambda it: {**it, "wheels": [{**it["wheels"][0], "size": 7}]},
            HashMismatchError,
            r"lib-1\.5-py3-none-any\.whl has \d+ bytes, and 7 in the lockfile",
        ),
    ],
)
def test_refuses_what_it_cannot_install(
    place: Workplace,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    error: type[Exception],
    problem: str,
) -> None:
    """The error for an unusable lockfile entry names its package, and nothing is installed."""
    with pytest.raises(error, match=problem):
        install(place, write(place, change(release(place, "lib", "1.5"))))
    assert place.installed() == {}


@pytest.mark.parametrize("version", [{"version": "1.0"}, {}])
def test_the_version_of_an_archive_may_stand_beside_it_or_inside(
    place: Workplace, version: dict[str, str]
) -> None:
    """An archive whose filename has no version is built, with or without a locked version."""
    folder, archive = place.write_local("local"), place.root / "main.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in folder.rglob("*"):
            target.write(path, f"local-main/{path.relative_to(folder)}")
    facts = {"path": "main.zip", "hashes": {"sha256": sha256(archive.read_bytes()).hexdigest()}}
    lockfile = write(place, {"name": "local", **version, "archive": facts})
    with pytest.raises(LockfileError, match="--no-build forbids it"):
        install(place, lockfile, no_build=EVERYTHING)
    assert place.builds() == []
    for _ in range(2):
        install(place, lockfile)
        assert place.installed() == {"local": "1.0"}
    assert place.builds() == ["local wheel 1.0"]


def test_two_packages_of_one_name_are_refused(place: Workplace) -> None:
    """Two lockfile entries for one project are an error if both apply."""
    one, other = release(place, "lib", "1.0"), release(place, "lib", "1.5")
    with pytest.raises(LockfileError, match="Multiple packages with the name 'lib'"):
        install(place, write(place, one, other))


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"requirements": ["app"]}, "combined with app"),
        ({"constraints": ["app<2"]}, "combined with app<2"),
        ({"editable": ["./x"]}, "combined with ./x"),
        ({"files": [Path("pylock.toml"), Path("r.txt")]}, "combined with r.txt"),
        ({"files": [Path("pylock.toml"), Path("pylock.toml")]}, "combined with pylock.toml"),
        ({"files": [], "extras": ["web"]}, "--extra and --group apply to a lockfile"),
        ({"files": [Path("missing/pylock.toml")]}, "there is no missing/pylock.toml"),
    ],
)
def test_a_lockfile_is_installed_alone(
    place: Workplace, more: dict[str, Any], problem: str
) -> None:
    """A lockfile together with requirements is an error before the lockfile is read."""
    options = {"files": [Path("pylock.toml")], **more}
    with pytest.raises((UsageError, LockfileError), match=problem):
        place.do("install", **options)


@pytest.mark.parametrize("key", ["files", "constraint_files"])
def test_a_lockfile_is_no_requirements_file(place: Workplace, key: str) -> None:
    """``compile``, ``-c``, and ``-r`` in a file recognize a lockfile by its name and refuse it."""
    (place.root / "r.txt").write_text("-r pylock.toml\n")
    for path in (place.root / "pylock.dev.toml", place.root / "r.txt"):
        named: dict[str, Any] = {key: [path], "output": place.root / "out.txt"}
        with pytest.raises(UsageError, match=r"pylock(\.dev)?\.toml is a lockfile"):
            place.do("compile", requirements=["app"], **named)


def test_a_file_whose_url_has_expired_is_found_by_its_index(place: Workplace) -> None:
    """A locked file with an expired URL is found on the page of its index."""
    entry = release(place, "torch", "2.9.0", index=PYPI)
    (wheel,) = entry["wheels"]
    wheel["url"] = f"{PYPI}/torch/expired/torch-2.9.0-py3-none-any.whl"
    install(place, write(place, entry))
    assert place.installed()["torch"] == "2.9.0"
    wheel["hashes"] = {"sha256": "0" * 64}
    with pytest.raises(HashMismatchError):
        install(place, write(place, entry), reinstall=EVERYTHING)
    with pytest.raises(IndexResponseError):
        install(place, write(place, {**entry, "index": f"{PYPI}/other"}), reinstall=EVERYTHING)
