"""Install pins into a venv, after everything has been fetched, built and checked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

from packaging.utils import NormalizedName, parse_wheel_filename
from packaging.version import Version

from pytest_indexcache.errors import InvalidDistributionError
from pytest_indexcache.reference.build.backend import WheelKind
from pytest_indexcache.reference.build.building import Builder
from pytest_indexcache.reference.fetch.download import Downloads
from pytest_indexcache.reference.install.changes import Changes, Package, sort_packages
from pytest_indexcache.reference.install.plan import Plan
from pytest_indexcache.reference.install.transaction import Transaction
from pytest_indexcache.reference.project.fingerprint import fingerprint
from pytest_indexcache.reference.store.wheel_store import WheelStore
from pytest_indexcache.reference.words.behaviour import Behaviour
from pytest_indexcache.reference.words.hashes import hash_file
from pytest_indexcache.reference.words.packages import Pin
from pytest_indexcache.system.venvs.environment import Environment
from pytest_indexcache.system.venvs.installed import INSTALLER_NAME
from pytest_indexcache.system.venvs.origins import origin_files


class WheelSupply(Protocol):
    """The components that provide wheels: the store, the downloader and the builder."""

    @property
    def behaviour(self) -> Behaviour:
        """The bugs that this installer reproduces; none by default."""

    @property
    def store(self) -> WheelStore:
        """The store for sdists, downloaded wheels and locally built wheels."""

    @property
    def downloads(self) -> Downloads:
        """The component that downloads wheels and sdists into the store."""

    @property
    def builder(self) -> Builder:
        """The component that builds wheels from source folders and sdists."""


def obtain_wheels(source: WheelSupply, pins: Sequence[Pin]) -> tuple[Path, ...]:
    """Return a wheel for each pin; download files in parallel, and build wheels if necessary."""
    files = [pin.file for pin in pins if pin.file is not None]
    fetched = iter(source.downloads.fetch_all(files) if files else ())
    return tuple(
        _wheel_of(source, pin, next(fetched) if pin.file else Path(pin.origin.location))
        for pin in pins
    )


def apply_plan(
    source: WheelSupply,
    environment: Environment,
    plan: Plan,
    wheels: Sequence[Path],
    requested: Collection[NormalizedName] = (),
) -> Changes:
    """Apply a plan to a venv, which is changed only after all wheels were unpacked and checked.

    ``wheels`` are the wheels for the pins to add. ``requested`` are the projects that the user
    named; for these, the file REQUESTED is written (PEP 376).
    """
    with Transaction(environment, source.behaviour) as change:
        staged = _stage(source, change, plan.add, wheels, requested)
        change.commit(plan.remove)
    added = [
        Package(pin.name, _version_of(pin, wheel), pin.origin)
        for pin, wheel in zip(plan.add, staged, strict=True)
    ]
    return Changes(
        removed=sort_packages(map(Package.of, plan.remove)),
        added=sort_packages(added),
        kept=sort_packages(map(Package.of, plan.keep)),
    )


def _version_of(pin: Pin, wheel: Path) -> Version:
    """Return a wheel's version; if the pin is a folder, only the built wheel shows it."""
    if pin.file is not None:
        return pin.file.version
    _, version, _, _ = parse_wheel_filename(wheel.name)
    return version


def _wheel_of(source: WheelSupply, pin: Pin, path: Path) -> Path:
    if pin.file is not None and pin.file.is_wheel:
        return path
    if pin.file is None:
        kind: WheelKind = "editable" if pin.origin.kind == "editable" else "wheel"
        wheel = source.builder.build_folder(path, kind)
    else:
        wheel = source.builder.build_sdist(path, pin.name)
    name, version, _, _ = parse_wheel_filename(wheel.name)
    if name != pin.name or (pin.file is not None and version != pin.file.version):
        raise InvalidDistributionError(
            f"{pin.file.filename if pin.file else path} was built as {name} {version}, "
            f"but {pin.name}{f' {pin.file.version}' if pin.file else ''} was requested",
            hint="its publisher must publish it again; nothing was installed",
        )
    return wheel


def _stage(
    source: WheelSupply,
    change: Transaction,
    pins: Sequence[Pin],
    wheels: Sequence[Path],
    requested: Collection[NormalizedName],
) -> Sequence[Path]:
    """Stage the wheels and return their paths; a wheel damaged in the store is fetched again."""
    staged = list(wheels)
    number = 0
    while number < len(pins):
        pin, wheel = pins[number], staged[number]
        try:
            files = _extra_files(pin, wheel, is_requested=pin.name in requested)
            change.stage(pin.name, wheel, files)
        except (InvalidDistributionError, FileNotFoundError):
            if not source.store.remove_damaged(wheel):
                raise
            staged[number] = _fetch_again(source, pin, wheel)
            change.stage_again()
            number = 0
        else:
            number += 1
    return staged


def _fetch_again(source: WheelSupply, pin: Pin, wheel: Path) -> Path:
    again = source.downloads.fetch_again(pin.file) if pin.file else wheel
    return _wheel_of(source, pin, again)


def _extra_files(pin: Pin, wheel: Path, *, is_requested: bool) -> dict[str, bytes]:
    """Return the files that an installer must add to a distribution's dist-info folder."""
    hashes = dict(pin.file.hashes) if pin.file else {}
    if pin.file and not hashes and pin.file.is_wheel:
        hashes = {"sha256": hash_file(wheel)}
    files = {"INSTALLER": f"{INSTALLER_NAME}\n".encode()}
    if is_requested:
        files["REQUESTED"] = b""
    source = None if pin.file else fingerprint(pin.origin)
    return {**files, **origin_files(pin.origin, hashes, source)}
