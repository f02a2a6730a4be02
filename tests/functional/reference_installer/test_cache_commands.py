"""Commands that change the cache, and runs of the installer with a damaged cache."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pytest_indexcache.reference.words.variants import VARIANTS

from .workplace import Workplace


def fresh(place: Workplace) -> Workplace:
    """Remove the venv and clear the record of requests."""
    shutil.rmtree(place.venv, ignore_errors=True)
    place.ledger.clear()
    return place


@pytest.fixture
def filled(place: Workplace) -> Workplace:
    """Sync a project once, and remove its venv."""
    place.write_project("app")
    place.do("sync")
    return fresh(place)


def test_clearing_everything_makes_everything_come_again(filled: Workplace) -> None:
    """After the cache is cleared, each page, metadata file and wheel is requested once."""
    filled.do("cache clear")
    filled.do("sync")
    assert filled.downloads() == {"app": 1, "lib": 1}
    fresh(filled).do("sync")
    assert filled.downloads() == {}


def test_clearing_one_project_leaves_the_others(filled: Workplace) -> None:
    """After one project is cleared, only its page and files are requested again."""
    assert filled.do("cache clear", only_projects=["Lib"]) == 1
    (filled.project / "pylock.toml").unlink()
    filled.do("sync")
    pages = [it.subject.project for it in filled.ledger if it.subject.kind == "page"]
    assert pages == ["lib"]
    assert filled.downloads() == {"lib": 1}


def test_pruning_leaves_a_cache_that_works(filled: Workplace) -> None:
    """Pruning removes nothing that a later sync needs."""
    filled.do("cache prune")
    filled.do("sync")
    assert filled.downloads() == {}


def test_pruning_for_ci_keeps_what_was_built(place: Workplace) -> None:
    """Pruning for CI removes downloads and keeps built wheels."""
    place.write_project("app", "from-source")
    place.do("sync")
    place.do("cache prune", ci=True)
    fresh(place).do("sync")
    assert place.builds() == ["from-source wheel 1.0"]
    assert place.downloads() == {"app": 1, "lib": 1, "from-source": 1}


def test_the_variant_that_keeps_after_clearing(filled: Workplace) -> None:
    """The keep-after-clear variant keeps all entries of the wheel store and the HTTP cache."""
    filled.do("cache clear", behaviour=VARIANTS["keep-after-clear"])
    (filled.project / "pylock.toml").unlink()
    filled.do("sync")
    assert filled.requests() == []


def test_the_variant_that_prunes_everything(filled: Workplace) -> None:
    """The prune-everything variant downloads files again that pruning should keep."""
    filled.do("cache prune", behaviour=VARIANTS["prune-everything"])
    filled.do("sync")
    assert filled.downloads() == {"app": 1, "lib": 1}


def damage(path: Path, how: str) -> None:
    """Damage a file as a ``damage`` step does."""
    if how == "truncate":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif how == "overwrite":
        path.write_bytes(b"\0" * path.stat().st_size)
    elif how == "hide":
        status = path.stat()
        path.write_bytes(b"\0" * status.st_size)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["truncate", "overwrite", "hide", "remove"])
def test_damaged_wheels_come_again(how: str, filled: Workplace) -> None:
    """A damaged wheel is downloaded again instead of being installed, and the cache then works."""
    for path in (filled.cache / "wheels" / "files").rglob("*.whl"):
        damage(path, how)
    filled.do("sync")
    assert filled.downloads() == {"app": 1, "lib": 1}
    assert filled.build_of("app") == "pypi"
    fresh(filled).do("sync")
    assert filled.downloads() == {}


@pytest.mark.parametrize("how", ["truncate", "overwrite", "remove"])
def test_any_damage_leaves_a_cache_that_works(how: str, filled: Workplace) -> None:
    """Whichever cache file is damaged, the next run succeeds."""
    files = [path for path in filled.cache.rglob("*") if path.is_file()]
    for path in files:
        if "virtualenv" not in path.parts:
            damage(path, how)
    (filled.project / "pylock.toml").unlink()
    filled.do("sync")
    assert filled.installed() == {"app": "2.0", "lib": "1.5"}
