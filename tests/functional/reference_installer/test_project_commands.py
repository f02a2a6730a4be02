"""Commands for a project: lock, sync, run, add and remove."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_indexcache.errors import (
    InvalidDistributionError,
    LockfileError,
    OfflineError,
    UnsatisfiableError,
    UsageError,
)
from pytest_indexcache.reference.words.selection import EVERYTHING, Selection
from pytest_indexcache.reference.words.variants import VARIANTS

from .cpu_sources import SOURCES
from .workplace import Workplace, make_workplace


def test_sync_installs_what_the_project_needs(place: Workplace) -> None:
    """A sync creates the venv, installs the newest releases, and reports both."""
    place.write_project("app")
    changes = place.do("sync")
    assert place.installed() == {"app": "2.0", "lib": "1.5"}
    assert [str(it) for it in changes.added] == ["app==2.0", "lib==1.5"]
    assert place.lines[0] == "Resolved 2 packages"
    assert place.lines[2:] == ["Installed 2 packages", " + app==2.0", " + lib==1.5"]
    assert place.build_of("app") == "pypi"


def test_a_second_sync_changes_nothing_and_asks_nobody(place: Workplace) -> None:
    """If the lockfile and the venv are up to date, a sync makes no request."""
    place.write_project("app")
    place.do("sync")
    place.ledger.clear()
    place.lines.clear()
    changes = place.do("sync")
    assert (changes.added, changes.removed) == ((), ())
    assert place.lines == ["Audited 2 packages"]
    assert place.requests() == []


def test_a_venv_that_is_made_again_downloads_nothing(place: Workplace) -> None:
    """A new venv gets its wheels from the wheel store, even if the index says no-store."""
    place.write_project("torch", rest=SOURCES)
    place.do("sync")
    assert place.downloads() == {"torch": 1}
    shutil.rmtree(place.venv)
    place.do("sync")
    assert place.requests() == []
    assert place.installed() == {"torch": "2.9.0+cpu"}


def test_offline_works_after_one_success_even_without_a_lockfile(place: Workplace) -> None:
    """After one sync, an offline sync works without a lockfile, even if the index says no-store."""
    place.write_project("torch", "app", rest=SOURCES)
    place.do("sync")
    shutil.rmtree(place.venv)
    (place.project / "pylock.toml").unlink()
    place.requests()
    place.do("sync", offline=True)
    assert place.installed() == {"app": "2.0", "lib": "1.5", "torch": "2.9.0+cpu"}
    assert place.requests() == []


def test_offline_after_clearing_fails_and_leaves_the_venv(place: Workplace) -> None:
    """Offline and with an empty cache, a sync names the missing part, and keeps the venv."""
    place.write_project("app")
    place.do("sync")
    place.do("cache clear")
    (place.project / "pylock.toml").unlink()
    with pytest.raises(UnsatisfiableError, match="not found in the cache"):
        place.do("sync", offline=True)
    assert place.installed() == {"app": "2.0", "lib": "1.5"}
    place.write_project("app")
    place.do("lock")
    with pytest.raises(OfflineError, match="not stored, and the network is disabled"):
        place.do("sync", offline=True, reinstall=EVERYTHING)
    assert place.installed() == {"app": "2.0", "lib": "1.5"}


def test_switching_between_local_versions_replaces(place: Workplace) -> None:
    """An installed 2.9.0+cpu from one index is replaced by 2.9.0 from another, and vice versa."""
    place.write_project("torch", rest=SOURCES)
    place.do("sync")
    place.write_project("torch")
    place.lines.clear()
    place.do("sync")
    assert place.installed() == {"torch": "2.9.0"}
    assert place.lines[-2:] == [" - torch==2.9.0+cpu", " + torch==2.9.0"]


@pytest.mark.parametrize("project", ["broken-crc", "broken-record"])
def test_a_broken_wheel_leaves_the_venv_as_it_was(project: str, place: Workplace) -> None:
    """A broken wheel is detected before any distribution is removed or installed."""
    place.write_project("app==1.0")
    place.do("sync")
    place.write_project("app==2.0", project)
    with pytest.raises(InvalidDistributionError, match="is broken"):
        place.do("sync")
    assert place.installed() == {"app": "1.0", "lib": "1.5"}
    assert not list(place.venv.glob(".indexcache-*"))


def test_a_broken_wheel_leaves_no_venv_where_there_was_none(place: Workplace) -> None:
    """A new venv is removed again if its first installation fails."""
    place.write_project("broken-crc")
    with pytest.raises(InvalidDistributionError):
        place.do("sync")
    assert not place.venv.exists()


def test_lock_keeps_versions_until_they_are_upgraded(place: Workplace) -> None:
    """``lock`` keeps the locked versions, and ``lock --upgrade`` looks for newer ones."""
    place.write_project("app", "lib<1.5")
    place.do("sync")
    place.write_project("app", "lib")
    place.do("sync")
    assert place.installed()["lib"] == "1.0"
    place.do("sync", upgrade=Selection.of(["lib"]))
    assert place.installed()["lib"] == "1.5"


def test_a_lockfile_of_another_tool_is_not_overwritten(place: Workplace) -> None:
    """A lockfile of another tool can be used with --frozen, and is never overwritten."""
    place.write_project("lib")
    path = place.project / "pylock.toml"
    place.do("lock")
    path.write_text(path.read_text().replace("pytest-indexcache", "other-tool", 1))
    place.write_project("lib", "app")
    before = path.read_bytes()
    for command in ("lock", "sync"):
        with pytest.raises(LockfileError, match="was written by other-tool"):
            place.do(command)
    assert path.read_bytes() == before
    place.do("sync", frozen=True)
    assert place.installed() == {"lib": "1.5"}


def test_a_release_that_was_yanked_is_named(tmp_path: Path) -> None:
    """A pinned yanked release is installed, with one warning that gives the index's reason."""
    releases = {"1.0": {"yanked": "broken  on Mondays"}}
    table = {"url": "https://pypi.org/simple", "packages": {"lib": releases}}
    place = make_workplace(tmp_path, {"pypi": table})
    place.write_project("lib==1.0")
    place.do("sync")
    assert place.lines.count("Warning: lib 1.0 was yanked: broken on Mondays") == 1
    place.lines.clear()
    place.do("install", requirements=["lib==1.0"], venv=tmp_path / "other")
    assert "Warning: lib 1.0 was yanked: broken on Mondays" in place.lines


def test_an_extra_that_a_release_does_not_have_is_named(tmp_path: Path) -> None:
    """As in pip and uv, an unknown extra gives a warning, not an error."""
    releases = {"1.0": {"requires": [], "extras": {"fast": ["lib"]}}}
    table = {"url": "https://pypi.org/simple", "packages": {"lib": releases}}
    place = make_workplace(tmp_path, {"pypi": table})
    place.write_project("lib[fast,fats]")
    place.do("sync")
    place.do("install", requirements=["lib[fats]"], venv=tmp_path / "other")
    assert place.lines.count("Warning: lib 1.0 has no extra 'fats'") == 2
    assert "'fast'" not in "".join(place.lines)


def test_run_syncs_and_starts_the_python_of_the_venv(place: Workplace) -> None:
    """``run`` syncs and returns the exit code and output of the venv's Python."""
    place.write_project("app")
    program = "import app, sys; print(sys.prefix); sys.exit(3)"
    done = place.do("run", arguments=["-c", program])
    assert (done.exit_code, done.output.strip()) == (3, str(place.venv))
    assert len(done.changes.added) == 2


def test_a_venv_whose_python_is_gone_is_made_again(place: Workplace) -> None:
    """A venv with a broken link to its Python is created again."""
    place.write_project("app")
    place.do("sync")
    (place.venv / "bin" / "python").unlink()
    (place.venv / "bin" / "python").symlink_to(place.root / "nowhere")
    place.do("sync")
    assert place.build_of("app") == "pypi"


def test_a_folder_that_is_no_venv_is_left_alone(place: Workplace) -> None:
    """A folder in place of the venv is not removed if the installer did not make it."""
    place.venv.mkdir()
    (place.venv / "precious.txt").write_text("mine")
    place.write_project("app")
    with pytest.raises(UsageError, match="something that is not a venv"):
        place.do("sync")
    assert (place.venv / "precious.txt").read_text() == "mine"


def test_a_venv_is_kept_where_its_successor_fails(place: Workplace) -> None:
    """An old venv and the user's files in it are kept if the installation into a new venv fails."""
    place.write_project("broken-crc")
    (place.venv).mkdir()
    (place.venv / "pyvenv.cfg").write_text("home = /nowhere\n")
    (place.venv / "notes.txt").write_text("mine")
    with pytest.raises(InvalidDistributionError):
        place.do("sync")
    assert sorted(it.name for it in place.venv.iterdir()) == ["notes.txt", "pyvenv.cfg"]
    assert not list(place.venv.parent.glob("..venv-*"))


def test_the_variant_that_uninstalls_first_loses_the_venv(place: Workplace) -> None:
    """The variant that uninstalls first leaves an empty venv after a failed resolution."""
    place.write_project("app")
    place.do("sync")
    place.write_project("lib>99")
    with pytest.raises(UnsatisfiableError):
        place.do("sync", behaviour=VARIANTS["uninstall-first"])
    assert place.installed() == {}


def test_the_project_itself_is_installed_editable(place: Workplace) -> None:
    """A project with a build backend is installed together with its requirements."""
    folder = place.write_local("package", requires=["app"])
    place.do("sync", project=folder)
    assert place.installed() == {"app": "2.0", "lib": "1.5", "package": "1.0"}
    assert place.origin("package") == "editable"
    assert place.build_of("package") == "package"


def test_every_decision_is_in_the_journal(place: Workplace) -> None:
    """The journal gives a reason for each decision to store, reuse or change a file."""
    place.write_project("torch", rest=SOURCES)
    place.do("sync")
    filename = "torch-2.9.0+cpu-py3-none-any.whl"
    said = "\n".join(place.journal)
    assert f"{filename}: the wheel store does not have its sha256" in said
    assert f"{filename}: stored in the wheel store" in said
    assert "torch will be changed: it is not installed" in said
    place.journal.clear()
    shutil.rmtree(place.venv)
    place.do("sync")
    said = "\n".join(place.journal)
    assert "the lockfile is up to date" in said
    assert f"{filename}: reused, the wheel store has its sha256" in said


def test_other_folders_than_the_project_stay_as_they_are(place: Workplace, tmp_path: Path) -> None:
    """A run writes files only into the project, the venv and the cache."""
    place.write_project("app", "from-source")
    before = set(tmp_path.iterdir())
    place.do("sync")
    assert set(tmp_path.iterdir()) - before == {place.cache, tmp_path / "builds"}
    assert {it.name for it in place.project.iterdir()} == {
        "pyproject.toml",
        "pylock.toml",
        ".venv",
    }
