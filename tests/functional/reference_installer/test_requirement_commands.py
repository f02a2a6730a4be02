"""Commands for a venv without a project: install, uninstall, compile, sync-requirements."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from pytest_indexcache.errors import (
    HashMismatchError,
    IndexResponseError,
    InvalidDistributionError,
    MetadataMismatchError,
    UnsatisfiableError,
    UsageError,
)
from pytest_indexcache.index.inprocess import mount
from pytest_indexcache.reference.words.selection import EVERYTHING, Selection
from pytest_indexcache.scenario.tables.changes import Publish

from .workplace import CPU, PYPI, TABLES, Workplace, make_workplace


def install(place: Workplace, *requirements: str, **more: Any) -> None:
    """Install requirements in the workplace's venv."""
    place.do("install", requirements=requirements, **more)


def test_install_leaves_alone_what_it_was_not_asked_for(place: Workplace) -> None:
    """``install`` keeps other distributions, and installed versions that meet the requirements."""
    install(place, "lib==1.0")
    install(place, "app")
    assert place.installed() == {"app": "2.0", "lib": "1.0"}


def test_a_venv_without_python_is_not_deleted(place: Workplace) -> None:
    """``install`` does not change a venv whose Python is gone; ``sync`` creates it again."""
    install(place, "lib")
    (place.venv / "mine.txt").write_text("mine")
    (place.venv / "bin" / "python").unlink()
    place.ledger.clear()
    with pytest.raises(UsageError, match="has no Python: it is damaged"):
        install(place, "app")
    assert (place.venv / "mine.txt").read_text() == "mine"
    assert place.requests() == []
    place.write_project("lib")
    place.do("sync")
    assert place.installed() == {"lib": "1.5"}


class _OtherMetadata(httpx.BaseTransport):
    """Indexes whose announced core metadata lists a requirement that the wheel does not have."""

    def __init__(self, place: Workplace) -> None:
        self._real = mount(place.indexes, record=place.ledger.append, clock=lambda: place.now)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the real indexes do, except for metadata and hashes of metadata."""
        response = self._real.handle_request(request)
        if "/lib-" in request.url.path and request.url.path.endswith(".metadata"):
            head = response.read().rstrip()
            return httpx.Response(200, content=head + b"\nRequires-Dist: torch\n\n")
        if request.url.path.endswith("/lib/"):
            kind = {"Content-Type": response.headers["Content-Type"]}
            page = json.loads(response.read())
            for file in page["files"]:
                file.update({"core-metadata": True, "data-dist-info-metadata": True})
            return httpx.Response(200, content=json.dumps(page), headers=kind)
        return response


def test_wheel_that_says_other_than_its_announced_metadata_is_not_installed(
    place: Workplace,
) -> None:
    """The installation of a wheel fails if its dependencies differ from its announced metadata."""
    with pytest.raises(InvalidDistributionError, match="its dependencies differ from those in"):
        place.do("install", requirements=["lib"], transport=_OtherMetadata(place))
    assert place.installed() == {}


def test_a_lock_that_a_wheel_contradicts_is_not_kept(place: Workplace) -> None:
    """A new lockfile is removed if a wheel's dependencies contradict it."""
    place.write_project("lib")
    for _ in range(2):
        with pytest.raises(MetadataMismatchError, match="its dependencies differ from those in"):
            place.do("sync", transport=_OtherMetadata(place))
        assert not (place.project / "pylock.toml").exists()
    assert place.installed() == {}


def test_what_is_installed_already_needs_no_index(place: Workplace) -> None:
    """If the venv meets all requirements and their dependencies, ``install`` makes no request."""
    install(place, "app")
    place.ledger.clear()
    place.lines.clear()
    install(place, "app>=1", "lib")
    assert place.requests() == []
    assert place.lines == ["Resolved 2 packages", "Audited 2 packages"]


@pytest.mark.parametrize(
    "demand",
    [
        {"requirements": ["app"], "constraints": ["lib>=1"]},
        {"requirements": ["app==1.0"], "overrides": ["app>1", "lib"]},
        {"requirements": ["app; python_version > '3'", "gone; python_version < '3'"]},
        {"requirements": ["app", "app"], "index_url": PYPI},
    ],
)
def test_what_has_nothing_to_do_asks_no_index(place: Workplace, demand: dict[str, Any]) -> None:
    """No request is made if the installed versions meet constraints, overrides and markers."""
    install(place, "app")
    place.ledger.clear()
    place.do("install", **demand)
    assert place.requests() == []
    place.do("install", requirements=["app"], constraints=["lib<1.5"])
    assert place.installed() == {"app": "2.0", "lib": "1.0"}


def test_syncing_what_is_there_asks_no_index(place: Workplace) -> None:
    """``sync-requirements`` compares installed files with required hashes without a request."""
    path = compile_app(place)
    place.do("sync-requirements", files=[path], require_hashes=True)
    place.ledger.clear()
    place.do("sync-requirements", files=[path], require_hashes=True)
    assert place.requests() == []
    install(place, "torch")
    place.do("sync-requirements", files=[path], require_hashes=True)
    assert place.installed() == {"app": "2.0", "lib": "1.5"}
    path.write_text(f"lib==1.5 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(HashMismatchError):
        place.do("sync-requirements", files=[path], require_hashes=True)


def test_syncing_asks_for_no_metadata(place: Workplace) -> None:
    """``sync-requirements`` installs pinned releases without requesting core metadata."""
    place.do("sync-requirements", requirements=["app==2.0", "lib==1.5"])
    assert sorted(place.requests()) == ["GET page 200"] * 2 + ["GET wheel 200"] * 2


def test_a_netrc_file_has_the_password_of_an_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password of an index is read from the file that NETRC names."""
    table = {"url": PYPI, "packages": {"lib": {"1.0": {}}}, "users": {"me": "secret"}}
    place = make_workplace(tmp_path, {"pypi": table})
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with pytest.raises(IndexResponseError, match="status 401"):
        install(place, "lib")
    (tmp_path / "netrc").write_text("machine pypi.org login me password secret\n")
    install(place, "lib")
    assert place.installed() == {"lib": "1.0"}


def test_what_is_missing_is_asked_for_alone(place: Workplace) -> None:
    """As in pip, no page is requested for installed projects that meet the requirements."""
    install(place, "lib")
    place.ledger.clear()
    install(place, "app", "torch", upgrade=Selection.of(["torch"]))
    assert place.installed() == {"app": "2.0", "lib": "1.5", "torch": "2.9.0"}
    assert {it.subject.project for it in place.ledger} == {"app", "torch"}


@pytest.mark.parametrize(
    ("override", "version"), [(None, "2.0"), ("max-age=600", "1.5"), ("max-age=0", "2.0")]
)
def test_upgrade_asks_whether_fresh_pages_have_changed(
    place: Workplace, override: str | None, version: str
) -> None:
    """``--upgrade`` revalidates fresh pages, unless the user's override gives them a lifetime."""
    own: dict[str, Any] = {"extra_index_url": [f"own={PYPI}"]}
    own["cache_control"] = [f"own.pages={override}"] if override else []
    install(place, "lib", **own)
    publish = {"index": "pypi", "do": "publish", "project": "lib", "version": "2.0"}
    place.indexes.apply(Publish.model_validate(publish))
    install(place, "lib", upgrade=EVERYTHING, **own)
    assert place.installed() == {"lib": version}


def test_another_index_first_is_asked(place: Workplace) -> None:
    """An extra index replaces an installed release, and without that index the old one returns."""
    install(place, "torch")
    install(place, "torch", extra_index_url=[CPU])
    assert place.installed() == {"torch": "2.9.0+cpu"}
    install(place, "torch==2.9.0")
    assert place.installed() == {"torch": "2.9.0"}


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        ("lib", "2.0"),
        ("lib\n--only-binary lib", "1.0"),
        ("lib\n--prefer-binary", "1.0"),
        ("lib>1\n--prefer-binary", "2.0"),
        ("lib\n--no-binary :all:", "2.0"),
        ("lib\n--pre", "3.0b1"),
        ("lib\n--pre\n--only-binary :all:", "3.0b1"),
    ],
)
def test_options_in_a_requirements_file_choose_the_release(
    tmp_path: Path, lines: str, version: str
) -> None:
    """As in pip, options in a requirements file can select wheels, sdists or pre-releases."""
    packages = {"1.0": {}, "2.0": {"files": [{"kind": "sdist"}]}, "3.0b1": {}}
    place = make_workplace(tmp_path, {"pypi": {"url": PYPI, "packages": {"lib": packages}}})
    (tmp_path / "r.txt").write_text(lines)
    install(place, files=[tmp_path / "r.txt"])
    assert place.installed() == {"lib": version}


def test_overrides_and_constraints_count(place: Workplace) -> None:
    """An override replaces every requirement of a project, and a constraint restricts it."""
    install(place, "app==1.0", overrides=["app==2.0"], constraints=["lib<1.5"])
    assert place.installed() == {"app": "2.0", "lib": "1.0"}


def test_upgrade_and_no_deps(place: Workplace) -> None:
    """Installed releases are kept with no_deps, and all of them are upgraded with ``upgrade``."""
    install(place, "app==1.0", "lib==1.0")
    install(place, "app", no_deps=True)
    assert place.installed() == {"app": "1.0", "lib": "1.0"}
    install(place, "app", upgrade=EVERYTHING)
    assert place.installed() == {"app": "2.0", "lib": "1.5"}


def test_find_links_and_no_index(place: Workplace) -> None:
    """A find-links folder is used in addition to the indexes, and alone with no_index."""
    place.do("install", requirements=["lib"])
    (wheel,) = (place.cache / "wheels" / "files").rglob("lib-1.5*.whl")
    folder = place.root / "links"
    folder.mkdir()
    (folder / wheel.name).write_bytes(wheel.read_bytes())
    place.do("uninstall", projects=["lib"])
    place.ledger.clear()
    install(place, "lib", find_links=[str(folder)], no_index=True)
    assert place.installed() == {"lib": "1.5"}
    assert place.requests() == []
    with pytest.raises(UnsatisfiableError):
        install(place, "app", find_links=[str(folder)], no_index=True)


def test_uninstall_removes_and_passes_by_what_is_not_there(place: Workplace) -> None:
    """``uninstall`` lists the removed projects; a name that is not installed is not an error."""
    install(place, "app")
    place.lines.clear()
    changes = place.do("uninstall", projects=["App", "nothing"])
    assert [str(it) for it in changes.removed] == ["app==2.0"]
    assert place.lines == [
        "Skipped nothing, which is not installed",
        "Uninstalled 1 package",
        " - app==2.0",
    ]
    assert place.installed() == {"lib": "1.5"}
    with pytest.raises(UsageError, match="there is no venv"):
        place.do("uninstall", projects=["app"], venv=place.root / "none")


def compile_app(place: Workplace, *, hashes: bool = True) -> Path:
    """Compile a requirements file for app."""
    path = place.root / "requirements.txt"
    place.do("compile", requirements=["app"], output=path, hashes=hashes)
    return path


def test_a_pattern_of_versions_in_a_compiled_file_pins_nothing(place: Workplace) -> None:
    """A version pattern in a compiled file that was edited by hand is not a pin."""
    path = place.root / "requirements.txt"
    path.write_text("app==1.*\n")
    place.do("compile", requirements=["app"], output=path)
    assert "app==2.0" in path.read_text()


def test_no_requirements_file_is_called_as_a_lockfile(place: Workplace) -> None:
    """``compile`` refuses to write a requirements file with the name of a lockfile."""
    path = place.root / "pylock.toml"
    with pytest.raises(UsageError, match="is a lockfile's name"):
        place.do("compile", requirements=["app"], output=path)
    assert not path.exists()


def test_what_is_compiled_can_be_synced(place: Workplace) -> None:
    """Syncing a compiled file installs exactly its releases, checked by its hashes."""
    path = compile_app(place)
    install(place, "torch")
    place.do("sync-requirements", files=[path], require_hashes=True)
    assert place.installed() == {"app": "2.0", "lib": "1.5"}


def test_compiling_again_keeps_versions_until_they_are_upgraded(place: Workplace) -> None:
    """``compile`` keeps versions in the existing output file if they meet the requirements."""
    path = compile_app(place, hashes=False)
    path.write_text(path.read_text().replace("lib==1.5", "lib==1.0"))
    compile_app(place, hashes=False)
    assert "lib==1.0" in path.read_text()
    place.do("compile", requirements=["app"], output=path, upgrade=EVERYTHING)
    assert "lib==1.5" in path.read_text()


def test_a_file_with_another_hash_is_refused(place: Workplace) -> None:
    """A file whose hash differs from that in the compiled file is not installed."""
    path = place.root / "requirements.txt"
    path.write_text(f"lib==1.5 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(HashMismatchError, match="expected sha256:0000"):
        install(place, files=[path])
    assert place.downloads() == {}
    assert place.installed() == {}


def test_hashes_are_all_or_nothing(place: Workplace) -> None:
    """As in pip, if one requirement has a hash, each requirement without a hash is refused."""
    text = compile_app(place).read_text()
    path = place.root / "partial.txt"
    path.write_text(text.partition("lib==")[0])
    with pytest.raises(UsageError, match="lib is to be installed, and no hash"):
        install(place, files=[path])


def test_the_file_without_a_hash_on_its_page_is_hashed(tmp_path: Path) -> None:
    """A file whose page states no hash is hashed and compared with the required hash."""
    table = {"url": PYPI, "hashes": "none", "packages": TABLES["pypi"]["packages"]}
    place = make_workplace(tmp_path, {"pypi": table})
    path = place.root / "requirements.txt"
    place.do("compile", requirements=["lib"], output=path, hashes=True)
    assert "--hash=sha256:" in path.read_text()
    install(place, files=[path])
    assert place.installed() == {"lib": "1.5"}
    path.write_text(f"lib==1.0 --hash=sha256:{'0' * 64}\n")
    place.do("uninstall", projects=["lib"])
    with pytest.raises(HashMismatchError):
        install(place, files=[path])


@pytest.mark.parametrize(
    ("requirement", "message"),
    [
        ("not a requirement", "is not a requirement"),
        ("./nowhere", "there is no"),
        ("lib>99", "no set of releases"),
        ("no-such-project", "no set of releases"),
    ],
)
def test_what_cannot_be_had_is_an_error(requirement: str, message: str, place: Workplace) -> None:
    """The error for an impossible requirement explains the reason, and no venv is created."""
    with pytest.raises((UsageError, UnsatisfiableError), match=message):
        install(place, requirement)
    assert not place.venv.exists()


def test_a_python_that_the_venv_has_not_is_an_error(place: Workplace) -> None:
    """Requesting another Python than the venv's raises an error, and the venv is kept."""
    install(place, "lib")
    config = place.venv / "pyvenv.cfg"
    config.write_text(config.read_text().replace("version = 3.", "version = 2."))
    with pytest.raises(UsageError, match=r"has Python 2\.\d+\.\d+, not 3"):
        install(place, "app", python=str(place.venv / "bin" / "python"))


def test_a_link_to_a_venv_of_another_python_gives_way(place: Workplace) -> None:
    """A symlink to a venv of another Python is replaced by a new venv; its target is unchanged."""
    install(place, "lib")
    other = place.venv.rename(place.root / "other")
    config = other / "pyvenv.cfg"
    config.write_text(config.read_text().replace("version = 3.", "version = 2."))
    place.venv.symlink_to(other)
    place.write_project("app")
    place.do("sync", python=sys.executable)
    assert place.installed() == {"app": "2.0", "lib": "1.5"}
    assert not place.venv.is_symlink()
    assert config.is_file()
    assert not list(place.project.glob(".*-*"))
