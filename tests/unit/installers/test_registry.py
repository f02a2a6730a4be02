"""The registry of installers, and the releases that a spec selects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from packaging.version import Version

from pytest_indexcache.errors import (
    InstallerError,
    InstallerSpecError,
    InstallerStartError,
    InstallerUnavailableError,
)
from pytest_indexcache.installers import registry
from pytest_indexcache.installers.contract.installer import Installer, InstallerSpec
from pytest_indexcache.installers.contract.supply import Supply
from pytest_indexcache.installers.provisioning import provision, releases
from pytest_indexcache.installers.provisioning.releases import ListedRelease
from pytest_indexcache.installers.registry import (
    create_distinct_installers,
    create_installer,
    create_installers,
    listed_in,
)
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.values.listed import ListedBug

RELEASES = ("0.7.22", "0.8.0", "0.8.2", "0.8.11", "0.9.0", "0.9.10", "0.10.3", "1.0.0")


class FakeAdapter:
    """A fake of uv's adapter."""

    is_embedded = False

    def __init__(self, spec: InstallerSpec, supply: Supply) -> None:
        self.spec = spec
        self.supply = supply

    @property
    def version(self) -> str:
        """The version of the supplied installer."""
        return self.supply.version


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> list[ListedRelease]:
    """Replace the list of releases by a few releases, and forbid provisioning."""
    known = [ListedRelease(Version(text)) for text in RELEASES]

    def find_release(name: str, version: Version) -> ListedRelease | None:
        return next((one for one in known if one.version == version), None)

    def provision_nothing(*_: object, **__: object) -> None:
        raise AssertionError("an installer is provisioned before it is played with")

    monkeypatch.setattr(releases, "list_releases", lambda _: tuple(known))
    monkeypatch.setattr(releases, "find_release", find_release)
    monkeypatch.setattr(provision, "provision", provision_nothing)
    monkeypatch.setattr(registry, "_factory", lambda _: FakeAdapter)
    return known


def _names(text: str, sample: str | None = None) -> list[str]:
    return [str(installer.spec) for installer in create_installers(text, sample=sample)]


def test_a_range_is_every_release_in_it_newest_first() -> None:
    """A range of versions becomes a spec for each of its releases, newest first."""
    assert _names("uv>=0.8,<0.10") == [
        *("uv==0.9.10", "uv==0.9.0", "uv==0.8.11", "uv==0.8.2", "uv==0.8.0")
    ]
    assert [one.version for one in create_installers("uv==0.8.*")] == ["0.8.11", "0.8.2", "0.8.0"]
    assert _names("uv!=1.0") == [f"uv=={text}" for text in reversed(RELEASES[:-1])]


def test_the_sample_of_a_range_is_the_last_patch_of_each_minor_release() -> None:
    """A sampled range contains the last patch release of each minor release."""
    assert _names("uv>=0.8", "minor") == ["uv==1.0.0", "uv==0.10.3", "uv==0.9.10", "uv==0.8.11"]
    assert _names("uv==0.8.2", "minor") == ["uv==0.8.2"]
    with pytest.raises(InstallerSpecError, match="no sample 'major'"):
        create_installers("uv>=0.8", sample="major")


def test_an_exact_release_is_written_in_its_normal_form() -> None:
    """An exact release is normalised, because ``0.9`` and ``0.9.0`` are equal (PEP 440)."""
    assert _names("uv == 0.9") == ["uv==0.9.0"]
    assert create_installer("uv==0.8.11").version == "0.8.11"


def test_a_release_that_does_not_exist_is_refused_with_those_near_it() -> None:
    """A release that does not exist is refused with a hint that lists the nearest releases."""
    with pytest.raises(InstallerSpecError) as caught:
        create_installers("uv==0.8.99")
    assert caught.value.problem == "there is no release 0.8.99 of uv"
    assert caught.value.hint == "releases near it are 0.8.2, 0.8.11, 0.9.0, 0.9.10"


def test_a_range_without_releases_is_refused_with_the_newest() -> None:
    """A range without any release is refused with a hint that names the newest release."""
    with pytest.raises(InstallerSpecError, match=r"no final release of uv is in this range") as e:
        create_installers("uv>=2")
    assert e.value.hint == "the newest is 1.0.0"


def test_without_the_list_an_exact_release_is_left_to_the_play(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If releases cannot be listed, an exact release is accepted and a range is an error."""

    def unavailable(*_: object) -> None:
        raise InstallerUnavailableError("uv", "its releases cannot be listed")

    monkeypatch.setattr(releases, "list_releases", unavailable)
    monkeypatch.setattr(releases, "find_release", unavailable)
    assert _names("uv==0.8.11") == ["uv==0.8.11"]
    with pytest.raises(InstallerUnavailableError):
        create_installers("uv>=0.8")


def test_one_installer_is_not_made_of_a_range() -> None:
    """A range with several releases is refused if a single installer is needed."""
    with pytest.raises(InstallerSpecError, match="3 releases are in this range") as caught:
        create_installer("uv>=0.8,<0.9")
    assert "uv==0.8.11" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("uv:fast", "uv has no variants", "reference:NAME"),
        ("reference==1.0", "has no releases", "reference:VARIANT"),
        ("reference@./x", "no builds", "reference:VARIANT"),
        ("reference:nope", "'nope'", "obey-no-store"),
        ("uv=0.8", "not a version specifier", "write"),
        ("uv>=banana", "not a version specifier", "write"),
        ("uv===banana", "no final release of uv is in this range", "the newest is"),
        ("", "not an installer spec", "write"),
    ],
)
def test_a_spec_that_is_none_is_refused(text: str, problem: str, hint: str) -> None:
    """The error for an invalid spec gives the problem and the valid forms."""
    with pytest.raises(InstallerSpecError) as caught:
        create_installers(text)
    assert problem in caught.value.problem
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [("uvv", "did you mean 'uv'?"), ("referense", "did you mean 'reference'?"), ("conda", "pdm")],
)
def test_an_unknown_installer_gets_a_guess_or_the_names(
    monkeypatch: pytest.MonkeyPatch, text: str, hint: str
) -> None:
    """The error for an unknown installer suggests the nearest name, or else lists all names."""
    monkeypatch.undo()
    with pytest.raises(InstallerSpecError, match="there is no installer") as caught:
        create_installers(text)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("specs", "named"),
    [
        (["uv>=0.8"], set()),
        (["uv>=0.8", "uv==0.8.2"], {"uv==0.8.2"}),
        (["uv==0.8.2", "uv>=0.8"], {"uv==0.8.2"}),
        (["uv==0.8.2", "uv == 0.8.2"], {"uv==0.8.2"}),
    ],
)
def test_a_release_is_named_if_one_spec_names_it(specs: list[str], named: set[str]) -> None:
    """A release that both a range and an exact spec select is played once."""
    installers = create_distinct_installers(specs)
    texts = [str(installer.spec) for installer in installers]
    assert len(texts) == len(set(texts))
    found = {str(it.spec) for it in installers if not it.spec.is_from_range}
    assert found == named


@pytest.mark.parametrize("name", ["uv", "pip", "poetry", "pdm"])
def test_the_adapters_are_there(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The adapter of each supported installer can be created without that installer."""
    monkeypatch.undo()
    for text in (name, f"{name}@/nowhere/{name}"):
        installer = create_installer(text)
        assert str(installer.spec) == text
        assert not installer.is_embedded


def test_an_installer_that_is_not_on_path_is_told_when_it_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An installer that is not on PATH is reported only when it is used."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InstallerUnavailableError, match="uv: it is not on PATH") as caught:
        _ = create_installer("uv").version
    assert "uv==VERSION" in caught.value.hint


def _add_entry_point(folder: Path, value: str, code: str = "") -> None:
    information = folder / "somebodys-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Name: somebodys\nVersion: 1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text(
        f"[pytest_indexcache.installers]\nhatch = {value}\n", encoding="utf-8"
    )
    (folder / "somebodys_adapter.py").write_text(code, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder from which packages are imported."""
    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_others_add_installers_by_an_entry_point(site: Path) -> None:
    """Another package can add an installer by an entry point."""
    code = "def make(spec, supply):\n    return 'made', str(spec), supply.version\n"
    _add_entry_point(site, "somebodys_adapter:make", code)
    releases_of_hatch = [ListedRelease(Version("1.2.3"))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(releases, "find_release", lambda *_: releases_of_hatch[0])
        made = cast("Any", create_installers("hatch==1.2.3"))
    assert made == [("made", "hatch==1.2.3", "1.2.3")]
    with pytest.raises(InstallerSpecError, match="there is no installer") as caught:
        create_installers("hatsch")
    assert caught.value.hint.startswith("did you mean 'hatch'? the installers are: reference, ")


def test_an_entry_point_that_cannot_be_loaded_is_named(site: Path) -> None:
    """The error for an entry point that cannot be loaded names its package."""
    _add_entry_point(site, "somebodys_adapter:gone")
    with pytest.raises(InstallerStartError, match="somebodys_adapter:gone cannot be loaded"):
        create_installers("hatch")


def _scenario(**affected: str) -> Scenario:
    return cast("Scenario", SimpleNamespace(affected=affected, sometimes={}))


def test_the_release_of_an_installer_is_looked_up() -> None:
    """An installer is affected if its version is in the scenario's range for its name."""
    installer = cast("Installer", SimpleNamespace(spec=InstallerSpec("uv"), version="0.8.11"))
    assert listed_in(_scenario(uv="<= 0.8.11"), installer) is ListedBug.AFFECTED
    assert listed_in(_scenario(pip=">= 0"), installer) is ListedBug.NOT


def test_variants_are_never_listed() -> None:
    """A variant of the reference installer never counts as affected."""
    variant = InstallerSpec("reference", variant="obey-no-store")
    installer = cast("Installer", SimpleNamespace(spec=variant, version="1.0"))
    assert listed_in(_scenario(reference=">= 0"), installer) is ListedBug.NOT


def test_an_installer_that_cannot_be_had_is_not_listed(
    make_unavailable: Callable[[], Installer],
) -> None:
    """An unavailable installer does not count as affected, because its version is unknown."""
    assert listed_in(_scenario(uv=">= 0"), make_unavailable()) is ListedBug.NOT


@pytest.fixture
def make_unavailable() -> Callable[[], Installer]:
    """Return a function that makes an installer that is not available."""

    def unavailable() -> None:
        raise InstallerError("uv", "it is not there")

    def make() -> Installer:
        supply = Supply(cast("Any", unavailable))
        return cast("Installer", FakeAdapter(InstallerSpec("uv"), supply))

    return make
