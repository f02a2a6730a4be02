"""Transactional changes to a venv, and its repair after a change was killed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from pytest_indexcache.errors import InvalidDistributionError, ReferenceInstallerError
from pytest_indexcache.reference.install.transaction import Transaction
from pytest_indexcache.system.venvs.environment import Environment
from pytest_indexcache.system.venvs.installed import InstalledDistribution

from .made_venvs import make_venv, make_wheel
from .written_wheels import FILES, record_line, write_wheel


@pytest.fixture
def venv(tmp_path: Path) -> Environment:
    """Make a folder that looks like a venv, without a working Python."""
    return make_venv(tmp_path / "venv")


def install(venv: Environment, *wheels: Path, remove: Iterable[InstalledDistribution] = ()) -> None:
    """Install wheels, removing the distributions that they replace."""
    with Transaction(venv) as change:
        for wheel in wheels:
            change.stage(wheel.name.split("-")[0], wheel, {})
        change.commit(remove)


def listing(venv: Environment) -> set[str]:
    """Return all files of a venv."""
    return {
        path.relative_to(venv.folder).as_posix()
        for path in venv.folder.rglob("*")
        if path.is_file()
    }


PACKAGE = (("sub.value", 1),)


def test_what_was_staged_is_installed_and_nothing_is_left_over(
    venv: Environment, tmp_path: Path
) -> None:
    """After a commit, the distributions are installed, and the staging folder is removed."""
    install(
        venv,
        make_wheel(tmp_path, "a", "1", attributes=PACKAGE),
        make_wheel(tmp_path, "b", "2+cpu"),
    )
    assert [f"{it.name}=={it.version}" for it in venv.installed()] == ["a==1", "b==2+cpu"]
    assert (venv.site_packages / "a" / "sub.py").is_file()
    assert not list(venv.folder.glob(".indexcache-*"))


def test_without_a_commit_the_venv_is_as_it_was(venv: Environment, tmp_path: Path) -> None:
    """If one staged wheel is broken, the venv does not change."""
    install(venv, make_wheel(tmp_path, "a", "1"))
    before = listing(venv)
    good = make_wheel(tmp_path, "b", "1")
    bad = make_wheel(tmp_path, "c", "1", damage="bad-crc")
    with pytest.raises(InvalidDistributionError):
        install(venv, good, bad, remove=venv.installed())
    assert listing(venv) == before


def test_a_file_that_two_wheels_bring_is_the_later_ones(venv: Environment, tmp_path: Path) -> None:
    """If two wheels contain the same file, the file of the later wheel is installed."""
    first = make_wheel(tmp_path, "demo", "2", attributes=PACKAGE)
    second = write_wheel(tmp_path, {**FILES, "demo/sub.py": b"value = 2\n"})
    install(venv, first, second)
    assert (venv.site_packages / "demo" / "sub.py").read_bytes() == b"value = 2\n"


def test_a_file_where_another_wheel_has_a_folder_is_refused(
    venv: Environment, tmp_path: Path
) -> None:
    """If a path is a file in one wheel and a folder in another, nothing is installed."""
    before = listing(venv)
    package = make_wheel(tmp_path, "a", "1", attributes=PACKAGE)
    for files in ({"a": b""}, {"a/sub.py/deep.py": b""}):
        other = write_wheel(tmp_path, {**FILES, **files})
        with pytest.raises(ReferenceInstallerError, match=r"demo-1\.0.*: a\b.* is a file of one"):
            install(venv, package, other)
    assert listing(venv) == before


def test_all_may_be_staged_again_after_a_wheel_failed(venv: Environment, tmp_path: Path) -> None:
    """If a wheel fails, staging can be repeated, and nothing of that wheel remains."""
    good = make_wheel(tmp_path, "a", "1", attributes=PACKAGE)
    files = {**FILES, "stray/x.py": b""}
    record = "".join(record_line(path, data) for path, data in files.items())
    damaged = write_wheel(tmp_path, {**files, "demo/y.py": b"!"}, record=record)
    with Transaction(venv) as change:
        change.stage("a", good, {})
        with pytest.raises(InvalidDistributionError):
            change.stage("demo", damaged, {})
        change.stage_again()
        change.stage("a", good, {})
        change.stage("demo", write_wheel(tmp_path, FILES), {})
        change.commit(())
    assert [it.name for it in venv.installed()] == ["a", "demo"]
    assert not (venv.site_packages / "stray").exists()
    assert (venv.site_packages / "a" / "sub.py").is_file()


def test_removal_takes_files_byte_code_and_empty_folders(venv: Environment, tmp_path: Path) -> None:
    """Removing a distribution deletes only its own files, their byte code and empty folders."""
    empty = listing(venv)
    install(venv, make_wheel(tmp_path, "a", "1", attributes=PACKAGE))
    cache = venv.site_packages / "a" / "__pycache__"
    cache.mkdir()
    (cache / "sub.cpython-311.pyc").write_bytes(b"")
    install(venv, remove=venv.installed())
    assert listing(venv) == empty
    assert not (venv.site_packages / "a").exists()
    assert venv.scripts.is_dir()


def test_files_that_nobody_recorded_stay(venv: Environment, tmp_path: Path) -> None:
    """A user's file in the folder of a removed package is kept, and so is the folder."""
    install(venv, make_wheel(tmp_path, "a", "1", attributes=PACKAGE))
    own = venv.site_packages / "a" / "own.txt"
    own.write_bytes(b"")
    install(venv, remove=venv.installed())
    assert own.is_file()
    assert venv.installed() == ()


def test_replacing_leaves_no_file_of_the_old_release(venv: Environment, tmp_path: Path) -> None:
    """Replacing a release removes modules that the new release does not have."""
    install(venv, make_wheel(tmp_path, "a", "1", attributes=(("old.value", 1),)))
    newer = make_wheel(tmp_path, "a", "2", attributes=(("new.value", 1),))
    install(venv, newer, remove=venv.installed())
    assert (venv.site_packages / "a" / "new.py").is_file()
    assert not (venv.site_packages / "a" / "old.py").exists()
    assert [str(it.version) for it in venv.installed()] == ["2"]


def test_two_distributions_may_share_a_folder(venv: Environment, tmp_path: Path) -> None:
    """Of two distributions in one namespace folder, one can be removed without the other."""
    first, second = (
        make_wheel(tmp_path, name, "1", attributes=PACKAGE) for name in ("ns_a", "ns_b")
    )
    install(venv, first, second)
    shared = venv.site_packages / "shared"
    shared.mkdir()
    for name in ("ns_a", "ns_b"):
        (shared / f"{name}.py").write_bytes(b"")
        record = venv.site_packages / f"{name}-1.dist-info" / "RECORD"
        record.write_text(record.read_text() + f"shared/{name}.py,,\n")
    install(venv, remove=[it for it in venv.installed() if it.name == "ns-a"])
    assert [path.name for path in shared.iterdir()] == ["ns_b.py"]


def test_no_path_in_a_record_leads_out_of_the_venv(venv: Environment, tmp_path: Path) -> None:
    """Files that RECORD lists outside the venv, by .. or through a link, are not removed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_bytes(b"")
    (venv.site_packages / "link").symlink_to(outside)
    install(venv, make_wheel(tmp_path, "a", "1"))
    record = venv.site_packages / "a-1.dist-info" / "RECORD"
    escapes = ("../../../../outside/precious.txt", str(outside / "precious.txt"))
    lines = "".join(f"{path},,\n" for path in (*escapes, "link/precious.txt"))
    record.write_text(record.read_text() + lines)
    install(venv, remove=venv.installed())
    assert (outside / "precious.txt").is_file()
    assert venv.installed() == ()


def test_without_a_record_nothing_is_removed(venv: Environment, tmp_path: Path) -> None:
    """Replacing a distribution without RECORD is an error before any change."""
    wheels = [make_wheel(tmp_path, name, "1") for name in ("a", "b")]
    install(venv, *wheels)
    (venv.site_packages / "b-1.dist-info" / "RECORD").unlink()
    before = listing(venv)
    with pytest.raises(InvalidDistributionError, match=r"b-1\.dist-info cannot be uninstalled"):
        install(venv, remove=venv.installed())
    assert listing(venv) == before


def test_a_removal_that_was_killed_is_finished_by_the_next_change(
    venv: Environment, tmp_path: Path
) -> None:
    """The next change finishes a killed removal, but keeps files of distributions that are back."""
    empty = listing(venv)
    install(venv, make_wheel(tmp_path, "a", "1", attributes=PACKAGE))
    install(venv, make_wheel(tmp_path, "b", "1", attributes=PACKAGE))
    trash = venv.folder / ".indexcache-999" / "removed"
    trash.mkdir(parents=True)
    for name in ("a", "b"):
        (venv.site_packages / f"{name}-1.dist-info").rename(trash / f"{name}-1.dist-info")
    install(venv, make_wheel(tmp_path, "b", "1", attributes=PACKAGE))
    assert not (venv.site_packages / "a").exists()
    assert (venv.site_packages / "b" / "sub.py").is_file()
    assert [it.name for it in venv.installed()] == ["b"]
    install(venv, remove=venv.installed())
    assert listing(venv) == empty


def test_files_of_a_killed_installation_are_overwritten(venv: Environment, tmp_path: Path) -> None:
    """Files that a killed installation left are overwritten."""
    wheel = make_wheel(tmp_path, "a", "1", attributes=PACKAGE)
    install(venv, wheel)
    dist_info = venv.site_packages / "a-1.dist-info"
    for path in dist_info.iterdir():
        path.unlink()
    (venv.site_packages / "a" / "sub.py").write_bytes(b"damaged")
    assert venv.installed() == ()
    install(venv, wheel)
    assert (venv.site_packages / "a" / "sub.py").read_bytes() == b"value = 1\n"


def test_what_stands_in_the_way_is_told_before_a_change(venv: Environment, tmp_path: Path) -> None:
    """If a file is where a wheel has a folder, nothing is removed or installed."""
    install(venv, make_wheel(tmp_path, "a", "1"))
    (venv.site_packages / "b").write_bytes(b"in the way")
    wheel = make_wheel(tmp_path, "b", "1", attributes=PACKAGE)
    with pytest.raises(ReferenceInstallerError, match="is a file where a wheel has a folder") as it:
        install(venv, wheel, remove=venv.installed())
    assert "nothing was changed" in it.value.hint
    assert [it.name for it in venv.installed()] == ["a"]
