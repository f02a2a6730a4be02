"""Find installers by name, and select the releases that an installer spec names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Final

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pytest_indexcache.errors import (
    InstallerError,
    InstallerSpecError,
    InstallerStartError,
    InstallerUnavailableError,
)
from pytest_indexcache.installers.contract.installer import Installer, InstallerSpec
from pytest_indexcache.scenario.values.listed import ListedBug, listed_as

if TYPE_CHECKING:
    from pytest_indexcache.installers.contract.supply import Supply
    from pytest_indexcache.scenario.model import Scenario

GROUP: Final = "pytest_indexcache.installers"
"""The entry point group through which other packages add installers.

The name of an entry point is the installer's name, both in specs and on the index. Its value is
called with an :class:`InstallerSpec` and a :class:`Supply`, and returns an :class:`Installer`. If
the value has an attribute ``extras``, releases are installed with these extras.
"""

InstallerFactory = Callable[[InstallerSpec, "Supply"], Installer]

SAMPLES: Final = ("minor",)

_REFERENCE: Final = "reference"
_ADAPTERS: Final = {
    "uv": "pytest_indexcache.installers.uv.dialect:UvAdapter",
    "pip": "pytest_indexcache.installers.pip.dialect:PipAdapter",
    "poetry": "pytest_indexcache.installers.poetry.dialect:PoetryAdapter",
    "pdm": "pytest_indexcache.installers.pdm.dialect:PdmAdapter",
}


def create_installers(asked: str | InstallerSpec, *, sample: str | None = None) -> list[Installer]:
    """Create the installers for a spec; if it is a range of releases, the newest comes first.

    A release is only installed on this machine when a step is first played with it. If ``sample``
    is ``minor``, only the latest patch release of each minor release in a range is used.

    :raises InstallerSpecError: for an invalid spec, an unknown installer, variant or release, or a
        range without releases
    :raises InstallerUnavailableError: for a range, if the index's list of releases is not available
    :raises InstallerError: if an adapter cannot be loaded or the cache folder cannot be used
    """
    spec = asked if isinstance(asked, InstallerSpec) else InstallerSpec.parse(asked)
    text = str(spec)
    if sample is not None and sample not in SAMPLES:
        raise InstallerSpecError(text, f"there is no sample {sample!r}", "the only sample is minor")
    if spec.name == _REFERENCE:
        return [_reference(spec)]
    factory = _factory(spec)
    if spec.variant is not None:
        raise InstallerSpecError(
            text,
            f"{spec.name} has no variants",
            "only the reference installer has variants: reference:NAME",
        )
    extras: tuple[str, ...] = getattr(factory, "extras", ())
    return [factory(single, _supply(single, extras)) for single in _single_specs(spec, sample)]


def create_distinct_installers(
    specs: Iterable[str], *, sample: str | None = None
) -> list[Installer]:
    """Create the installers for several specs, without duplicates, in the order of the specs.

    A release that is in the range of one spec and named individually by another counts as named
    individually. Raises the same errors as :func:`create_installers`.
    """
    distinct: dict[str, Installer] = {}
    for text in specs:
        for installer in create_installers(text, sample=sample):
            known = distinct.setdefault(str(installer.spec), installer)
            if known.spec.is_from_range:
                distinct[str(installer.spec)] = installer
    return list(distinct.values())


def create_installer(asked: str | InstallerSpec) -> Installer:
    """Create the installer for a spec that selects exactly one.

    Raises the same errors as :func:`create_installers`, and :class:`InstallerSpecError` for a range
    that matches several releases.
    """
    installers = create_installers(asked)
    if len(installers) > 1:
        raise InstallerSpecError(
            str(asked),
            f"{len(installers)} releases are in this range",
            f"name one, such as {installers[0].spec}",
        )
    return installers[0]


def with_releases(spec: InstallerSpec) -> InstallerSpec:
    """Return the spec, or a spec for all final releases if it is only an installer's name."""
    if spec.name == _REFERENCE:
        return spec
    _demand_known(spec)
    is_name = (spec.releases, spec.path, spec.variant) == (None, None, None)
    return replace(spec, releases=">=0") if is_name else spec


def listed_in(scenario: Scenario, installer: Installer) -> ListedBug:
    """Return whether a scenario lists the installer's release as affected by the bug.

    The result distinguishes releases that are affected in every play from those that are affected
    in some plays. A variant counts as not listed, because its failures are intended. An unavailable
    installer also counts as not listed, because its version is unknown.
    """
    if installer.spec.variant:
        return ListedBug.NOT
    try:
        name, version = installer.spec.name, installer.version
        return listed_as(scenario.affected.get(name), scenario.sometimes.get(name), version)
    except InstallerError:
        return ListedBug.NOT


def _reference(spec: InstallerSpec) -> Installer:
    from pytest_indexcache.installers.reference.adapter import ReferenceAdapter

    if spec.releases is not None or spec.path is not None:
        raise InstallerSpecError(
            str(spec),
            "the reference installer has no releases and no builds: it comes with this package",
            "write reference or reference:VARIANT",
        )
    return ReferenceAdapter(spec)


def _factory(spec: InstallerSpec) -> InstallerFactory:
    found = _demand_known(spec)
    try:
        factory: InstallerFactory = found.load()
    except Exception as error:  # another package may raise any exception on import
        raise InstallerStartError(
            str(spec),
            f"its adapter {found.value} cannot be loaded: {type(error).__name__}: {error}",
            "update or remove the package that has this entry point",
        ) from error
    return factory


def _demand_known(spec: InstallerSpec) -> EntryPoint:
    """Return the entry point of a spec's installer, or raise InstallerSpecError."""
    found = _entry_point(spec.name)
    if found is None:
        others = sorted(entry_points(group=GROUP).names)
        names = [_REFERENCE, *_ADAPTERS, *others]
        near = get_close_matches(spec.name, names, n=1)
        hint = f"the installers are: {', '.join(names)}"
        hint = f"did you mean {near[0]!r}? {hint}" if near else hint
        raise InstallerSpecError(str(spec), f"there is no installer {spec.name!r}", hint)
    return found


def _entry_point(name: str) -> EntryPoint | None:
    if name in _ADAPTERS:
        return EntryPoint(name, _ADAPTERS[name], GROUP)
    return next(iter(entry_points(group=GROUP, name=name)), None)


def _supply(spec: InstallerSpec, extras: tuple[str, ...]) -> Supply:
    """Return a supply for a spec that names one release or no release at all."""
    from pytest_indexcache.installers.provisioning import provision

    if spec.path is not None:
        return provision.Supply(partial(provision.use_build, spec.name, spec.path))
    if spec.releases is not None:
        return provision.supply_release(spec.name, str(_exact_version(spec.releases)), extras)
    return provision.Supply(partial(provision.find_on_path, spec.name))


def _single_specs(spec: InstallerSpec, sample: str | None) -> Sequence[InstallerSpec]:
    """Return one spec for each release that a spec selects, newest first."""
    if spec.releases is None:
        return [spec]
    version = _exact_version(spec.releases)
    if version is None:
        versions = _versions_in_range(spec, sample)
        named = partial(replace, spec, is_from_range=True)
        return [named(releases=f"=={version}") for version in versions]
    return [replace(spec, releases=f"=={_listed_version(spec, version)}")]


def _exact_version(releases: str) -> Version | None:
    """Return the version if the specifiers pin one with ``==``; None for a range."""
    first, *others = SpecifierSet(releases)
    exact = first.operator == "==" and not first.version.endswith(".*") and not others
    return Version(first.version) if exact else None


def _listed_version(spec: InstallerSpec, version: Version) -> Version:
    """Return a version as the index spells it; unchanged if the index cannot be reached."""
    from pytest_indexcache.installers.provisioning.releases import (
        find_release,
        list_releases,
        near_releases,
    )

    try:
        found = find_release(spec.name, version)
        if found is not None:
            return found.version
        listed = list_releases(spec.name)
    except InstallerUnavailableError:
        return version
    raise InstallerSpecError(
        str(spec), f"there is no release {version} of {spec.name}", near_releases(version, listed)
    )


def _versions_in_range(spec: InstallerSpec, sample: str | None) -> list[Version]:
    from pytest_indexcache.installers.provisioning.releases import list_releases

    listed = list_releases(spec.name)
    inside = SpecifierSet(spec.releases or "")
    versions = [release.version for release in reversed(listed) if inside.contains(release.version)]
    if not versions:
        newest = f"the newest is {listed[-1].version}" if listed else "the index lists none at all"
        raise InstallerSpecError(
            str(spec), f"no final release of {spec.name} is in this range", newest
        )
    if sample == "minor":
        last = {}
        for version in reversed(versions):
            last[version.major, version.minor] = version
        versions = sorted(last.values(), reverse=True)
    return versions
