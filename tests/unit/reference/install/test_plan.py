"""Plans of changes to a venv, for the correct behaviour and for variants."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.reference.install.plan import Plan, plan
from pytest_indexcache.reference.project.fingerprint import fingerprint
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.hashes import hash_file
from pytest_indexcache.reference.words.packages import Pin, RemoteFile
from pytest_indexcache.reference.words.selection import EVERYTHING, Selection
from pytest_indexcache.reference.words.variants import VARIANTS
from pytest_indexcache.system.venvs.installed import InstalledDistribution
from pytest_indexcache.system.venvs.origins import Origin

PYPI = Origin("index", "https://pypi.org/simple")
CPU = Origin("index", "https://download.pytorch.org/whl/cpu")


def installed(
    name: str,
    version: str,
    origin: Origin | None = PYPI,
    *,
    sha256: str | None = None,
    fingerprint: str | None = None,
) -> InstalledDistribution:
    """Return an installed distribution."""
    return InstalledDistribution(
        canonicalize_name(name),
        Version(version),
        Path(f"{name}-{version}.dist-info"),
        origin,
        {"sha256": sha256} if sha256 else {},
        fingerprint,
    )


def pin(name: str, version: str | None, origin: Origin = PYPI, *, sha256: str | None = None) -> Pin:
    """Return a pin, with a file unless it is a pin of a folder."""
    file = None
    if origin.kind in ("index", "url") and version is not None:
        hashes = {"sha256": sha256} if sha256 else {}
        filename = f"{name}-{version}-py3-none-any.whl"
        url = f"https://files.example/{filename}"
        file = RemoteFile(filename, url, canonicalize_name(name), Version(version), hashes)
    return Pin(canonicalize_name(name), Version(version) if version else None, origin, file)


def names(result: Plan) -> tuple[list[str], list[str], list[str]]:
    """Return the names that a plan removes, adds and keeps."""
    removed = [f"{it.name}=={it.version}" for it in result.remove]
    added = [f"{it.name}=={it.version}" for it in result.add]
    return removed, added, [it.name for it in result.keep]


def test_what_is_there_stays_and_what_is_missing_comes() -> None:
    """Distributions that meet a pin are kept, missing ones are added, and others are removed."""
    result = plan([installed("a", "1"), installed("gone", "1")], [pin("a", "1"), pin("new", "2")])
    assert names(result) == (["gone==1"], ["new==2"], ["a"])
    assert result.reasons == {"new": "it is not installed", "gone": "nothing requires it"}


def test_nothing_to_do_is_an_empty_plan() -> None:
    """A venv that meets all pins gets an empty plan."""
    assert plan([installed("a", "1")], [pin("a", "1.0")]).is_empty


def test_inexact_plans_remove_nothing() -> None:
    """An inexact plan does not remove distributions for which there is no pin."""
    result = plan([installed("other", "1")], [pin("a", "1")], exact=False)
    assert names(result) == ([], ["a==1"], [])


def test_a_pip_that_somebody_else_installed_stays() -> None:
    """A pip from the venv's creator is kept, and a pip from this installer is removed."""
    seed = plan([installed("pip", "25", origin=None)], [])
    assert seed.is_empty
    assert names(plan([installed("pip", "25")], [])) == (["pip==25"], [], [])


@pytest.mark.parametrize(
    ("before", "after"), [("2.9.0+cpu", "2.9.0"), ("2.9.0", "2.9.0+cpu"), ("1+cpu", "1+cu128")]
)
def test_local_segments_count(before: str, after: str) -> None:
    """An installed 2.9.0 does not meet a pin of 2.9.0+cpu, and vice versa."""
    result = plan([installed("torch", before)], [pin("torch", after)])
    assert names(result) == ([f"torch=={before}"], [f"torch=={after}"], [])
    assert result.reasons["torch"] == f"torch=={before} is installed, not torch=={after}"


def test_another_index_at_the_same_version_counts() -> None:
    """A distribution is replaced if its pin has the same version, but another index."""
    result = plan([installed("torch", "2.9.0", CPU)], [pin("torch", "2.9.0")])
    assert names(result) == (["torch==2.9.0"], ["torch==2.9.0"], [])
    assert result.reasons["torch"] == (
        "it came from index https://download.pytorch.org/whl/cpu, not index https://pypi.org/simple"
    )


EDITABLE = Origin("editable", "/src/demo")
FOLDER = Origin("path", "/src/demo")


@pytest.mark.parametrize(
    ("before", "after"),
    [(EDITABLE, PYPI), (PYPI, EDITABLE), (FOLDER, PYPI), (FOLDER, EDITABLE), (None, EDITABLE)],
)
def test_switching_between_folder_and_index_counts(before: Origin | None, after: Origin) -> None:
    """A distribution is replaced if its source changes between editable, path and index."""
    result = plan([installed("demo", "1", before)], [pin("demo", "1", after)])
    assert names(result) == (["demo==1"], ["demo==1"], [])


def test_an_unrecorded_index_is_taken_to_fit() -> None:
    """A distribution without a recorded index, such as one from pip, is not replaced."""
    assert plan([installed("a", "1", None)], [pin("a", "1")]).is_empty


def test_another_file_of_the_same_release_counts() -> None:
    """A distribution is replaced if the hash of its file differs from the hash in its pin."""
    replaced = plan([installed("a", "1", sha256="aa")], [pin("a", "1", sha256="bb")])
    assert names(replaced) == (["a==1"], ["a==1"], [])
    assert plan([installed("a", "1", sha256="aa")], [pin("a", "1")]).is_empty
    assert plan([installed("a", "1")], [pin("a", "1", sha256="bb")]).is_empty


def test_a_folder_that_changed_is_built_again(tmp_path: Path) -> None:
    """A folder is built again if its fingerprint has changed."""
    folder = Origin("path", str(tmp_path))
    before = [installed("demo", "1", folder, fingerprint=fingerprint(folder))]
    wanted = [pin("demo", None, folder)]
    assert plan(before, wanted).is_empty
    (tmp_path / "demo.py").write_text("x = 1\n")
    assert plan(before, wanted).reasons["demo"] == f"{tmp_path} has changed since it was installed"


def test_a_folder_of_unknown_version_fits_any() -> None:
    """The pin of a folder with a dynamic version is compared by path, not by version."""
    assert plan([installed("demo", "7", FOLDER)], [pin("demo", None, FOLDER)]).is_empty


def test_reinstall_replaces_what_would_stay() -> None:
    """A reinstall replaces all or some distributions, even if they meet their pins."""
    before, wanted = [installed("a", "1"), installed("b", "1")], [pin("a", "1"), pin("b", "1")]
    assert names(plan(before, wanted, reinstall=Selection.of(["A"])))[0] == ["a==1"]
    assert names(plan(before, wanted, reinstall=EVERYTHING))[0] == ["a==1", "b==1"]


def test_a_project_that_is_there_twice_is_put_right() -> None:
    """If a project is installed twice, both distributions are removed and one is installed."""
    result = plan([installed("a", "1"), installed("a", "2")], [pin("a", "2")])
    assert names(result) == (["a==1", "a==2"], ["a==2"], [])


LOCAL = VARIANTS["ignore-local-version"]
ORIGIN = VARIANTS["ignore-origin"]


def test_a_wheel_on_this_disk_is_installed_again_once_it_has_other_bytes(tmp_path: Path) -> None:
    """A local wheel is hashed, and installed again if its bytes have changed."""
    wheel = tmp_path / "a-1-py3-none-any.whl"
    wheel.write_bytes(b"first")
    origin = Origin("url", wheel.as_uri())
    file = RemoteFile(wheel.name, wheel.as_uri(), canonicalize_name("a"), Version("1"), {})
    wanted = Pin(canonicalize_name("a"), Version("1"), origin, file)
    present = installed("a", "1", origin, sha256=hash_file(wheel))
    assert plan([present], [wanted]).is_empty
    wheel.write_bytes(b"second")
    assert names(plan([present], [wanted])) == (["a==1"], ["a==1"], [])


@pytest.mark.parametrize(
    ("behaviour", "before", "after", "is_kept"),
    [
        (LOCAL, ("2.9.0+cpu", CPU), ("2.9.0", PYPI), True),
        (LOCAL, ("2.9.0", PYPI), ("2.9.0+cpu", CPU), False),
        (LOCAL, ("2.9.0+cpu", CPU), ("2.9.0+cu128", CPU), False),
        (LOCAL, ("2.8.0+cpu", CPU), ("2.9.0", PYPI), False),
        (LOCAL, ("2.9.0", CPU), ("2.9.0", PYPI), False),
        (LOCAL, ("2.9.0a1+cpu", CPU), ("2.9.0a1", PYPI), True),
        (ORIGIN, ("2.9.0", CPU), ("2.9.0", PYPI), True),
        (ORIGIN, ("2.9.0", EDITABLE), ("2.9.0", PYPI), True),
        (ORIGIN, ("2.9.0", PYPI), ("2.9.0", EDITABLE), True),
        (ORIGIN, ("2.9.0+cpu", CPU), ("2.9.0", PYPI), False),
        (CORRECT, ("2.9.0+cpu", CPU), ("2.9.0", PYPI), False),
    ],
)
def test_variants_keep_what_the_reported_installers_kept(
    behaviour: Behaviour, before: tuple[str, Origin], after: tuple[str, Origin], is_kept: bool
) -> None:
    """Each variant ignores exactly the differences that its report describes."""
    result = plan([installed("torch", *before)], [pin("torch", *after)], behaviour)
    assert result.is_empty is is_kept
