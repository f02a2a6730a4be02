"""Installed releases that meet all requirements are kept if their index no longer has them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.errors import UnsatisfiableError
from pytest_indexcache.reference.words.selection import EVERYTHING, Selection
from pytest_indexcache.scenario.tables.changes import Delete, Publish, Yank

from .workplace import PYPI, TABLES, Workplace, make_workplace

LIB = Selection.of(["lib"])


def install(place: Workplace, *requirements: str, **more: Any) -> None:
    """Install requirements an hour later, when pages are stale."""
    place.now += 3600
    place.do("install", requirements=requirements, **more)


def delete(place: Workplace, project: str, version: str) -> None:
    """Delete a release from the index."""
    change = {"index": "pypi", "do": "delete", "project": project, "version": version}
    place.indexes.apply(Delete.model_validate(change))


@pytest.mark.parametrize(
    ("requirements", "more"),
    [
        (["lib"], {}),
        (["lib", "torch"], {}),
        (["app"], {}),
        (["lib>=1", "torch"], {"refresh": EVERYTHING}),
        (["lib"], {"upgrade": EVERYTHING}),
        (["app"], {"upgrade": EVERYTHING}),
        (["app"], {"upgrade": Selection.of(["app"])}),
        (["lib==1.5", "torch"], {}),
    ],
)
def test_what_its_index_has_removed_stays(
    place: Workplace, requirements: list[str], more: dict[str, Any]
) -> None:
    """An installed release that was deleted from its index is kept, as in pip and uv."""
    install(place, "lib")
    delete(place, "lib", "1.5")
    place.requests()
    install(place, *requirements, **more)
    assert place.installed()["lib"] == "1.5"
    assert place.downloads()["lib"] == 0


@pytest.mark.parametrize(
    ("requirements", "more"),
    [
        (["lib<1.5"], {}),
        (["lib"], {"reinstall": EVERYTHING}),
        (["app", "lib<1.5"], {"upgrade": LIB}),
    ],
)
def test_what_its_index_has_removed_goes_if_it_will_not_do(
    place: Workplace, requirements: list[str], more: dict[str, Any]
) -> None:
    """A deleted release is replaced if a requirement excludes it or --reinstall is given."""
    install(place, "lib")
    delete(place, "lib", "1.5")
    install(place, *requirements, **more)
    assert place.installed()["lib"] == "1.0"


@pytest.mark.parametrize(("upgrade", "version"), [(Selection(), "1.0"), (LIB, "2.0")])
def test_a_newer_release_comes_with_an_upgrade_alone(
    place: Workplace, upgrade: Selection, version: str
) -> None:
    """An installed release that its index has deleted is upgraded only with --upgrade."""
    install(place, "lib==1.0")
    delete(place, "lib", "1.0")
    publish = {"index": "pypi", "do": "publish", "project": "lib", "version": "2.0"}
    place.indexes.apply(Publish.model_validate(publish))
    install(place, "app", upgrade=upgrade)
    assert place.installed()["lib"] == version


@pytest.mark.parametrize("upgrade", [Selection(), EVERYTHING])
@pytest.mark.parametrize(
    ("installed", "requirement", "version"),
    [
        ("lib==2.0", "lib", "2.0"),
        ("lib==2.0", "lib>=1", "2.0"),
        ("lib==2.0", "lib<2", "1.5"),
        ("lib==1.2", "lib", "1.5"),
        ("lib==1.5+own", "lib", "1.5"),
    ],
)
def test_another_index_does_not_go_back_to_an_older_release(
    tmp_path: Path, installed: str, requirement: str, version: str, upgrade: Selection
) -> None:
    """An installed release is not replaced by an older release from another index."""
    own: dict[str, Any] = {"lib": {"1.2": {}, "1.5+own": {}, "2.0": {}}}
    place = make_workplace(
        tmp_path, {**TABLES, "own": {"url": "https://own.example/simple", "packages": own}}
    )
    install(place, installed, index_url="https://own.example/simple")
    install(place, requirement, index_url=PYPI, upgrade=upgrade)
    assert place.installed() == {"lib": version}


def test_an_upgrade_does_not_go_back_from_what_was_yanked(place: Workplace) -> None:
    """An installed release that was yanked is not replaced by an older release in an upgrade."""
    install(place, "lib")
    change = {"index": "pypi", "do": "yank", "project": "lib", "version": "1.5"}
    place.indexes.apply(Yank.model_validate(change))
    install(place, "lib", upgrade=EVERYTHING)
    assert place.installed() == {"lib": "1.5"}


@pytest.mark.parametrize("upgrade", [Selection(), EVERYTHING])
@pytest.mark.parametrize("key", ["requirements", "editable"])
def test_a_newer_folder_meets_what_others_require(
    place: Workplace, key: str, upgrade: Selection
) -> None:
    """An installed path project with a newer version is kept if another project requires it."""
    folder = place.write_local("lib", version="1.7")
    asked: dict[str, Any] = {key: [str(folder)]}
    place.do("install", **asked)
    install(place, "app", upgrade=upgrade)
    assert place.installed() == {"app": "2.0", "lib": "1.7"}
    assert place.origin("lib") == ("path" if key == "requirements" else "editable")


def test_hashes_hold_for_what_stays(place: Workplace) -> None:
    """A deleted release is kept only if its recorded hash is one of the required hashes."""
    install(place, "lib")
    output = place.root / "compiled.txt"
    place.do("compile", requirements=["lib", "torch"], output=output, hashes=True)
    delete(place, "lib", "1.5")
    place.now += 3600
    place.do("install", files=[output])
    assert place.installed() == {"lib": "1.5", "torch": "2.9.0"}
    output.write_text(re.sub(r"sha256:\w+", f"sha256:{'0' * 64}", output.read_text(), count=1))
    with pytest.raises(UnsatisfiableError, match="lib"):
        place.do("install", files=[output])


def test_sync_requirements_keeps_what_its_index_has_removed(place: Workplace) -> None:
    """``sync-requirements`` keeps an installed pinned release that its index has deleted."""
    install(place, "lib", "torch")
    delete(place, "lib", "1.5")
    place.now += 3600
    place.do("sync-requirements", requirements=["lib==1.5", "app==2.0"])
    assert place.installed() == {"app": "2.0", "lib": "1.5"}
